//go:build !linux

package cli

// kernelSynced is false where no kernel flag tells.
func kernelSynced() bool { return false }
