package collect

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests and fails if any of them leaves a goroutine behind.
func TestMain(m *testing.M) {
	if play := os.Getenv("SLPDOCTOR_TEST_PLAY"); play != "" {
		os.Exit(playDevice(play))
	}
	goleak.VerifyTestMain(m)
}
