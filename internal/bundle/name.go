package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

const (
	slugMax  = 100 // longest slug, and longest device name that is its own folder's name
	slugHead = 80  // what stays of a longer one, before the sum
)

// Slug is the name of the file, without extension, that holds the answer to a command (product contract,
// section 9). It is "" for a line without letters and digits.
func Slug(line string) string {
	var b strings.Builder
	for _, c := range []byte(strings.ToLower(line)) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b.WriteByte(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.TrimSuffix(b.String(), "-")
	if len(slug) <= slugMax {
		return slug
	}
	return slug[:slugHead] + "-" + sum8(slug)
}

func sum8(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}

var plainFolder = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// folderName is the name of a device's folder: the name of the device if that is harmless, else percent-encoded,
// and cut to what file systems take.
func folderName(device string) string {
	if plainFolder.MatchString(device) {
		return device
	}
	var b strings.Builder
	for i, c := range []byte(device) {
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if alnum || i > 0 && strings.IndexByte("._-", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() <= 2*slugMax {
		return b.String()
	}
	return b.String()[:slugHead] + "-" + sum8(device)
}

// FolderNames are harmless names for folders and files of devices, in their order; names that would meet on a file system without
// letter case get a number.
func FolderNames(devices []string) []string {
	out := make([]string, len(devices))
	taken := map[string]int{}
	for i, d := range devices {
		out[i] = folderName(d)
		key := strings.ToLower(out[i])
		if taken[key]++; taken[key] > 1 {
			out[i] = fmt.Sprintf("%s~%d", out[i], taken[key])
		}
	}
	return out
}
