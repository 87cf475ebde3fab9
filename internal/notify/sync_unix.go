//go:build unix

package notify

import "os"

// syncFolder makes a new name in a folder outlast a loss of power.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
