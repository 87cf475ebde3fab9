package cli

const playVariable = "SLPDOCTOR_TEST_PLAY"

func playDevice(string) int { return 1 }
