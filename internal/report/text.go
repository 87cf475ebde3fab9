package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/fatih/color"
	"golang.org/x/text/width"
)

// Clean makes device text safe for a terminal: control characters, escape sequences and bidirectional
// overrides become visible dots, tabs one space, line breaks a space.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r == '\r':
			return -1
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return '·'
		}
		return r
	}, s)
}

// columns is the number of terminal cells of s.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// fit cuts s to n cells, ending in an ellipsis when something was cut.
func fit(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	var b strings.Builder
	used := 0
	for _, r := range s {
		if used+cells(r) > n-1 {
			break
		}
		b.WriteRune(r)
		used += cells(r)
	}
	return b.String() + "…"
}

// wrap breaks s at blanks into lines, the first of at most first cells, the others of n; a longer word gets
// a line of its own, whole, because it may have to be pasted.
func wrap(s string, first, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		room := n
		if len(lines) == 0 {
			room = first
		}
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= room:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// pen prints lines for people, wrapped to the width.
type pen struct {
	b     strings.Builder
	width int
	color bool
}

func (p *pen) paint(s string, attributes ...color.Attribute) string {
	c := color.New(attributes...)
	if p.color {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

// heading prints a section's name.
func (p *pen) heading(s string) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.b.WriteString(p.paint(s, color.Bold) + "\n")
}

// para prints text after label, later lines under indent. A label may be painted.
func (p *pen) para(label, indent, text string) {
	lines := wrap(Clean(text), p.width-columns(bare(label)), p.width-columns(indent))
	fmt.Fprintf(&p.b, "%s%s\n", label, lines[0])
	for _, l := range lines[1:] {
		fmt.Fprintf(&p.b, "%s%s\n", indent, l)
	}
}

var paintCode = regexp.MustCompile("\x1b\\[[0-9;]*m")

// bare is a painted text without its paint.
func bare(s string) string { return paintCode.ReplaceAllString(s, "") }

// raw prints a line as it is: one to paste is never wrapped.
func (p *pen) raw(indent, line string) { fmt.Fprintf(&p.b, "%s%s\n", indent, Clean(line)) }

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
