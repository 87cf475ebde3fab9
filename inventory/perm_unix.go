//go:build unix

package inventory

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// writableByOthers says who else may write the file, or "". OpenSSH asks the same of its own files:
// owned by the user or root, and not writable by group or world.
func writableByOthers(info fs.FileInfo) string {
	if !info.Mode().IsRegular() {
		return "an inventory that is not a regular file"
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Sprintf("a file others may write (mode %04o)", mode)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Sprintf("an inventory that belongs to another user (uid %d)", stat.Uid)
	}
	return ""
}

// readableByOthers reports whether group or world may read the file.
func readableByOthers(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0
}
