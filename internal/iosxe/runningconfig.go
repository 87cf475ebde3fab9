package iosxe

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// Config is configuration text: the answer to one of the filtered forms of `show running-config`, or the
// whole of it. A Config without lines is an answer too: nothing matched the filter. `username` lines are
// reduced to the name and the privilege.
type Config struct {
	Top []ConfigLine `json:"lines,omitempty"` // the lines of the top level, in order
}

// ConfigLine is one line of configuration and the lines below it.
type ConfigLine struct {
	At       diag.Source  `json:"-"`
	Number   int          `json:"line"`
	Text     string       `json:"text"` // without indentation
	Children []ConfigLine `json:"children,omitempty"`
}

// Lines lists the top-level lines that begin with the words of prefix: "ntp server" finds
// "ntp server vrf M 192.0.2.1" but not "ntp server-group". Negated lines are found by "no ntp server".
func (c *Config) Lines(prefix string) []ConfigLine { return matching(c.Top, prefix) }

// First is the first top-level line that begins with the words of prefix.
func (c *Config) First(prefix string) (ConfigLine, bool) { return first(c.Top, prefix) }

// Has reports whether a top-level line begins with the words of prefix.
func (c *Config) Has(prefix string) bool { _, ok := c.First(prefix); return ok }

// Lines lists the lines directly below that begin with the words of prefix.
func (l ConfigLine) Lines(prefix string) []ConfigLine { return matching(l.Children, prefix) }

// First is the first line directly below that begins with the words of prefix.
func (l ConfigLine) First(prefix string) (ConfigLine, bool) { return first(l.Children, prefix) }

// Has reports whether a line directly below begins with the words of prefix.
func (l ConfigLine) Has(prefix string) bool { _, ok := l.First(prefix); return ok }

// After is the rest of the line behind the words of prefix, "" when it does not begin with them or ends
// there.
func (l ConfigLine) After(prefix string) string {
	if !begins(l.Text, prefix) {
		return ""
	}
	return strings.TrimSpace(l.Text[len(prefix):])
}

// Words are the words of the line; a quoted word keeps its quotes.
func (l ConfigLine) Words() []string { return strings.Fields(l.Text) }

func begins(text, prefix string) bool {
	return strings.HasPrefix(text, prefix) && (len(text) == len(prefix) || text[len(prefix)] == ' ')
}

func matching(lines []ConfigLine, prefix string) []ConfigLine {
	var out []ConfigLine
	for _, l := range lines {
		if begins(l.Text, prefix) {
			out = append(out, l)
		}
	}
	return out
}

func first(lines []ConfigLine, prefix string) (ConfigLine, bool) {
	for _, l := range lines {
		if begins(l.Text, prefix) {
			return l, true
		}
	}
	return ConfigLine{}, false
}

// RunningServices asks for the configuration of licensing, HTTP, users and routes.
var RunningServices = query("show running-config | include ^license|^no license|^ip http|^no ip http|^netconf|^restconf|^aaa|^username|^hostname|^ip route|^ip default|^no ip routing", "licensing, HTTP, users and routes in the configuration", mostly(parseConfig), mayBeEmpty)

// RunningNames asks for the configuration of DNS, NTP, clock and logging.
var RunningNames = query("show running-config | include ^ip name-server|^ip domain|^no ip domain|^ip host|^ntp|^sntp|^clock|^no clock|^logging host|^service timestamps", "DNS, NTP, clock and logging in the configuration", mostly(parseConfig), mayBeEmpty)

// RunningCallHome asks whether call home is on and which trustpoints are configured.
var RunningCallHome = query("show running-config | include ^service call-home|^no service call-home|^call-home|^crypto pki trustpoint", "call home and trustpoints in the configuration", mostly(parseConfig), mayBeEmpty)

// RunningCallHomeSection asks for the call-home section.
var RunningCallHomeSection = query("show running-config | section ^call-home", "call-home section of the configuration", mostly(parseConfig), mayBeEmpty)

// RunningSLATrustpoint asks for the configuration of the licensing trustpoint.
var RunningSLATrustpoint = query("show running-config | section ^crypto pki trustpoint SLA-TrustPoint", "licensing trustpoint in the configuration", mostly(parseConfig), mayBeEmpty)

// RunningDefaults asks for the licensing and HTTP client configuration with its defaults.
var RunningDefaults = query("show running-config all | include ^license smart|^ip http client", "licensing and HTTP client with defaults", mostly(parseConfig), mayBeEmpty)

func parseConfig(t *text, c *Config) {
	p := configReader{t: t, wanted: filterOf(t.line)}
	p.findEnd()
	c.Top = p.branch(-1)
	if p.whole && !p.ended {
		t.cut()
	}
}

// configReader builds the tree of configuration lines.
type configReader struct {
	t            *text
	i            int
	whole, ended bool              // the text is all of the configuration; it has its "end"
	wanted       func(string) bool // whether a filter lets a line of the top level through
	banner       string            // the delimiter of the banner that is open, else ""
}

// findEnd tells the whole configuration from a filtered one, and whether it has its end.
func (p *configReader) findEnd() {
	for i := range p.t.rows {
		r := &p.t.rows[i]
		if r.state == noise {
			continue
		}
		p.ended = r.text == "end"
		p.whole = p.whole || p.ended || strings.HasPrefix(r.text, "Current configuration :") ||
			r.indent == 0 && strings.HasPrefix(r.text, "version ")
	}
}

// branch collects the lines from here on that are indented deeper than floor.
func (p *configReader) branch(floor int) []ConfigLine {
	var lines []ConfigLine
	for p.i < len(p.t.rows) && p.t.rows[p.i].indent > floor {
		r := &p.t.rows[p.i]
		p.i++
		if p.frame(r) {
			continue
		}
		if floor < 0 && !p.whole && !p.wanted(r.text) {
			p.skipUnder(r)
			continue
		}
		l := ConfigLine{At: p.t.use(r), Number: r.num, Text: reduceUser(r.text)}
		l.At.Text = l.Text
		l.Children = p.branch(min(r.indent, deepest))
		if begins(l.Text, "username") || begins(l.Text, "crypto pki certificate chain") {
			l.Children = nil // secrets, and pages of hexadecimal
		}
		lines = append(lines, l)
	}
	return lines
}

// frame consumes what stands between configuration lines: comments, headings, the text of banners.
func (p *configReader) frame(r *row) bool {
	if r.state == noise {
		return true
	}
	if p.banner != "" {
		if strings.Contains(r.text, p.banner) {
			p.banner = ""
		}
		p.t.use(r)
		return true
	}
	p.banner = bannerDelimiter(r.text)
	switch {
	case r.text[0] == '!', r.text == "end", strings.HasPrefix(r.text, "Building configuration"),
		strings.HasPrefix(r.text, "Current configuration :"):
		p.t.use(r)
		return true
	}
	return false
}

// skipUnder leaves a row that the filter does not let through, and what stands under it, unread.
func (p *configReader) skipUnder(r *row) {
	for p.i < len(p.t.rows) && p.t.rows[p.i].indent > r.indent {
		p.i++
	}
}

// bannerDelimiter is the character that ends the banner which begins on this line, "" when none does or
// when it ends on the same line.
func bannerDelimiter(s string) string {
	if !begins(s, "banner") {
		return ""
	}
	_, rest := firstWord(s)
	_, rest = firstWord(rest)
	if rest == "" {
		return ""
	}
	delimiter := rest[:1]
	if strings.HasPrefix(rest, "^C") {
		delimiter = "^C"
	}
	if strings.Contains(rest[len(delimiter):], delimiter) {
		return ""
	}
	return delimiter
}

// filterOf is the rule of `| include ^a|^b` and `| section ^a` in a command line, for lines of the top
// level; without a filter everything passes.
func filterOf(line string) func(string) bool {
	_, filter, ok := strings.Cut(line, " | ")
	if !ok {
		return func(string) bool { return true }
	}
	_, expression, _ := strings.Cut(filter, " ")
	parts := strings.Split(expression, "|")
	return func(s string) bool {
		return slices.ContainsFunc(parts, func(p string) bool {
			if begin, ok := strings.CutPrefix(p, "^"); ok {
				return strings.HasPrefix(s, begin)
			}
			return strings.Contains(s, p)
		})
	}
}

// reduceUser leaves of a `username` line the name and the privilege.
func reduceUser(s string) string {
	if !begins(s, "username") {
		return s
	}
	cells := strings.Fields(s)
	out := cells[:min(2, len(cells)):2]
	for i, c := range cells {
		if c == "privilege" && i+1 < len(cells) && i >= 2 {
			out = append(out, c, cells[i+1])
			break
		}
	}
	return strings.Join(out, " ")
}
