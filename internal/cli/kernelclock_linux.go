package cli

import "golang.org/x/sys/unix"

// From adjtimex(2); the library has the call but not these.
const (
	timeError = 5    // the clock is not synchronised
	staUnsync = 0x40 // status bit of the same
)

// kernelSynced is the kernel's synchronised flag.
func kernelSynced() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != timeError && t.Status&staUnsync == 0
}
