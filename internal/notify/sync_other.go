//go:build !unix

package notify

// syncFolder is for systems whose folders can not be opened: there a rename is enough.
func syncFolder(string) error { return nil }
