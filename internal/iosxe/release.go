package iosxe

import (
	"cmp"
	"fmt"
	"strings"
)

// Release is an IOS XE release number: 17.9.4a is {17, 9, 4, "a"}. The zero Release is no release.
type Release struct {
	Train, Minor, Patch int
	Letters             string // lower case; a rebuild sorts after the release without letters
}

// ParseRelease reads "17.9.4a", "17.03.01", "16.12.5b" and "03.16.05.S". It reports false for anything that
// does not begin with at least two numbers.
func ParseRelease(s string) (Release, bool) {
	var r Release
	parts := [3]*int{&r.Train, &r.Minor, &r.Patch}
	n := 0
	for ; n < len(parts); n++ {
		digits := 0
		for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			digits++
		}
		if digits == 0 || digits > 8 {
			break
		}
		for _, c := range s[:digits] {
			*parts[n] = *parts[n]*10 + int(c-'0')
		}
		s = s[digits:]
		if s == "" || s[0] != '.' {
			n++
			break
		}
		s = s[1:]
	}
	if n < 2 {
		return Release{}, false
	}
	letters := 0
	for letters < len(s) && (s[letters]|0x20 >= 'a' && s[letters]|0x20 <= 'z') {
		letters++
	}
	r.Letters = strings.ToLower(s[:letters])
	return r, true
}

// Compare orders releases: negative when r is older than o. Letters count after the numbers, so
// 17.3.2a < 17.3.3 and 17.3.1 < 17.3.1a.
func (r Release) Compare(o Release) int {
	return cmp.Or(cmp.Compare(r.Train, o.Train), cmp.Compare(r.Minor, o.Minor), cmp.Compare(r.Patch, o.Patch),
		strings.Compare(r.Letters, o.Letters))
}

// Before reports whether r is older than the release written in s; false for an s that is no release.
func (r Release) Before(s string) bool {
	o, ok := ParseRelease(s)
	return ok && r.Compare(o) < 0
}

// String is the release as Cisco writes it: no leading zeros.
func (r Release) String() string {
	return fmt.Sprintf("%d.%d.%d%s", r.Train, r.Minor, r.Patch, r.Letters)
}

// MarshalText is String.
func (r Release) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
