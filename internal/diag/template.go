package diag

import (
	"fmt"
	"regexp"
	"strings"
)

// MaxLine is the longest line that may be sent to a device, in bytes.
const MaxLine = 200

// Class is a fixed character class for a value that goes into a line (product contract, section 10).
type Class string

// The classes. A value of any other shape is neither sent nor printed in a fix line.
const (
	ClassIP   Class = "ip"        // IPv4 or IPv6 address
	ClassHost Class = "host"      // host name or address
	ClassVRF  Class = "vrf"       // VRF name
	ClassIf   Class = "interface" // interface name
	ClassNum  Class = "number"    // decimal number
)

var classes = map[Class]*regexp.Regexp{
	ClassIP:   regexp.MustCompile(`^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]{0,45}:[0-9A-Fa-f:.]{0,45})$`),
	ClassHost: regexp.MustCompile(`^[A-Za-z0-9.:_-]{1,253}$`),
	ClassVRF:  regexp.MustCompile(`^[A-Za-z0-9._/:-]{1,64}$`),
	ClassIf:   regexp.MustCompile(`^[A-Za-z0-9._/:-]{1,64}$`),
	ClassNum:  regexp.MustCompile(`^[0-9]{1,10}$`),
}

// Holds reports whether s belongs to the class. An unknown class holds nothing.
func (c Class) Holds(s string) bool {
	re := classes[c]
	return re != nil && re.MatchString(s)
}

// Template is a catalogue line with parameters in braces, named after their class, and optional parts
// in brackets: "ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]".
type Template struct {
	text string
	re   *regexp.Regexp
}

var templatePart = regexp.MustCompile(`\{[a-z]+\}|\[|\]|[^{}\[\]]+`)

// NewTemplate compiles a catalogue line. It panics on a malformed one: templates are program text.
func NewTemplate(text string) Template {
	var b strings.Builder
	for _, p := range templatePart.FindAllString(text, -1) {
		switch {
		case p == "[":
			b.WriteString("(?:")
		case p == "]":
			b.WriteString(")?")
		case p[0] == '{':
			re := classes[Class(p[1:len(p)-1])]
			if re == nil {
				panic("diag: unknown class in template " + text)
			}
			b.WriteString("(?:" + strings.Trim(re.String(), "^$") + ")")
		default:
			b.WriteString(regexp.QuoteMeta(p))
		}
	}
	return Template{text: text, re: regexp.MustCompile(`\A(?:` + b.String() + `)\z`)}
}

// String is the template as written in the catalogue.
func (t Template) String() string { return t.text }

// Fixed reports whether the template has no parameters, so that it is its own only line.
func (t Template) Fixed() bool { return !strings.ContainsAny(t.text, "{[") }

// Match reports whether line is one this template allows: nothing but its own text and values of its
// classes, at most MaxLine bytes.
func (t Template) Match(line string) bool {
	return t.re != nil && len(line) <= MaxLine && t.re.MatchString(line)
}

// Fill makes a line: every parameter is replaced by its value, an optional part stands only if all its
// parameters have one. It returns an error, and no line, when a value is missing or not of its class.
func (t Template) Fill(values map[Class]string) (string, error) {
	var out, part strings.Builder
	optional, drop := false, false
	for _, p := range templatePart.FindAllString(t.text, -1) {
		b := &out
		if optional {
			b = &part
		}
		switch {
		case p == "[":
			optional, drop = true, false
			part.Reset()
		case p == "]":
			optional = false
			if !drop {
				out.WriteString(part.String())
			}
		case p[0] == '{':
			class := Class(p[1 : len(p)-1])
			v := values[class]
			switch {
			case v == "" && optional:
				drop = true
			case v == "":
				return "", fmt.Errorf("filling %q: no value for %s", t.text, class)
			case !class.Holds(v):
				return "", fmt.Errorf("filling %q: the value for %s has characters that are never sent", t.text, class)
			}
			b.WriteString(v)
		default:
			b.WriteString(p)
		}
	}
	if line := out.String(); len(line) <= MaxLine {
		return line, nil
	}
	return "", fmt.Errorf("filling %q: the line is longer than %d characters", t.text, MaxLine)
}
