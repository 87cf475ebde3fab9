//go:build !unix

package inventory

import "io/fs"

// Mode bits say nothing on these systems.
func writableByOthers(fs.FileInfo) string { return "" }
func readableByOthers(fs.FileInfo) bool   { return false }
