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
	// The library loses a goroutine when a connection ends at the moment a channel is opened on it.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("golang.org/x/crypto/ssh.(*mux).openChannel"))
}
