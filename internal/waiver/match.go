package waiver

import (
	"path"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// device reports whether all that is given holds for a device. A release that is not known matches nothing.
func (m *Match) device(d *diag.DeviceResult) bool {
	release := ""
	if d.Platform != nil {
		release = d.Platform.Release
	}
	return m.declared(d.Name, d.Tags, d.Groups) && (m.Release == "" || release != "" && glob(m.Release, release))
}

// declared reports whether all that an inventory can tell holds.
func (m *Match) declared(name string, tags map[string]string, groups []string) bool {
	return (m.Name == "" || glob(m.Name, name)) && (m.Tag == "" || m.tag(tags)) && (m.Group == "" || slices.Contains(groups, m.Group))
}

func (m *Match) tag(tags map[string]string) bool {
	key, value, _ := strings.Cut(m.Tag, "=")
	for k, v := range tags {
		if strings.EqualFold(k, key) && glob(value, v) {
			return true
		}
	}
	return false
}

// everyDevice reports whether nothing that is given leaves a device out.
func (m *Match) everyDevice() bool {
	return m.Tag == "" && m.Group == "" && (m.Name == "" || anything(m.Name)) && (m.Release == "" || anything(m.Release))
}

// String is the match as it is written on one line.
func (m Match) String() string {
	var parts []string
	for _, p := range [][2]string{{"name", m.Name}, {"tag", m.Tag}, {"release", m.Release}, {"group", m.Group}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

// notSlash keeps path.Match from treating a slash as the end of what * and ? match.
const notSlash = "\x00"

// glob understands * ? [a-z] and \ as path.Match does, but * and ? also match a slash: tag values hold some.
// A pattern that is not one matches nothing; reading refuses it.
func glob(pattern, s string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", notSlash), strings.ReplaceAll(s, "/", notSlash))
	return ok && err == nil
}

func isGlob(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// anything reports whether a pattern leaves nothing out.
func anything(pattern string) bool {
	return strings.Contains(pattern, "*") && strings.Trim(pattern, "*?") == ""
}

// within reports whether pattern b matches nothing that a does not match. It may miss some; it never claims
// what is not so.
func within(b, a string) bool {
	switch {
	case a == "" || a == b:
		return true
	case b == "":
		return false
	case anything(a):
		return true
	case !isGlob(b):
		return glob(a, b)
	}
	// Where both have only stars, what one of b stands for must fall to one of a.
	hard := strings.ContainsAny(a+b, `?[\`)
	return !hard && glob(a, strings.ReplaceAll(b, "*", "\x01"))
}
