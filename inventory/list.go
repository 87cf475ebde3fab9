package inventory

import "strings"

// parseList reads one HOST a line; # begins a comment at the start of a line or after a space.
func (l *loader) parseList(doc document, s *source) {
	line := 0
	for text := range strings.Lines(string(doc.data)) {
		line++
		pos := Position{doc.name, line}
		if i := strings.IndexByte(text, '#'); i == 0 || i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
			text = text[:i]
		}
		fields := strings.Fields(text)
		switch {
		case len(fields) == 0:
		case len(fields) > 1:
			l.fail(pos, "for names with addresses use CSV (name,address) or YAML", "a plain list holds one HOST a line, found %d words", len(fields))
		case strings.HasPrefix(fields[0], "[") && !strings.Contains(fields[0], ":"):
			l.fail(pos, "for groups use the YAML format", "%s looks like a section of an INI file; a plain list has none", fields[0])
		default:
			l.addHost(s, fields[0], pos)
		}
	}
}

// addHost adds a device that is given as HOST alone.
func (l *loader) addHost(s *source, text string, pos Position) {
	h, err := ParseHost(text)
	if err != nil {
		l.fail(pos, "", "%v", err)
		return
	}
	d := deviceEntry{name: h.name(), pos: pos}
	d.settings.address = given[string]{h.Address, pos, true}
	if h.Username != "" {
		d.settings.username = given[string]{h.Username, pos, true}
	}
	if h.Port != 0 {
		d.settings.port = given[int]{h.Port, pos, true}
	}
	s.devices = append(s.devices, d)
}
