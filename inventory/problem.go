package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a source. Line counts from 1; 0 is the source as a whole.
type Position struct {
	File string
	Line int
}

// String is "file:line", or the file alone.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Problem is one thing that is wrong in an inventory, or worth a warning.
type Problem struct {
	Pos  Position
	Text string // what is wrong
	Hint string // what to do about it; "" when nothing is known
}

// Error is "file:line: what is wrong; what to do".
func (p Problem) Error() string {
	text := p.Pos.String() + ": " + p.Text
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// Problems is everything that is wrong with the given sources, in the order in which it is written.
type Problems []Problem

const maxPrinted = 100

// Error is one problem a line, the first hundred.
func (ps Problems) Error() string {
	var lines []string
	for i, p := range ps {
		if i == maxPrinted {
			lines = append(lines, fmt.Sprintf("and %d more", len(ps)-maxPrinted))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// notes collects what is wrong and what is worth a warning while sources are read.
type notes struct{ problems, warnings Problems }

func (n *notes) fail(pos Position, hint, format string, args ...any) {
	n.problems = append(n.problems, Problem{pos, fmt.Sprintf(format, args...), hint})
}

func (n *notes) warn(pos Position, hint, format string, args ...any) {
	n.warnings = append(n.warnings, Problem{pos, fmt.Sprintf(format, args...), hint})
}

// err is nil or the Problems, source by source in the order given, and by line within a source.
func (n *notes) err(sources []string) error {
	if len(n.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(n.problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(sources, a.Pos.File), slices.Index(sources, b.Pos.File)),
			cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return n.problems
}
