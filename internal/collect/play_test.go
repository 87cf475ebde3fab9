package collect

// playDevice is what the test binary does when it is started as a device.
func playDevice(string) int { return 1 }
