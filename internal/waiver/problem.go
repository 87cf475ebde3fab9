package waiver

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rule names what is wrong with a waiver.
type Rule string

// The rules of reading. Those of Lint come on top.
const (
	Unreadable   Rule = "unreadable"    // not a waiver file at all
	Malformed    Rule = "malformed"     // not written as a waiver must be
	UnknownCheck Rule = "unknown-check" // no check of this program has the id
	Everything   Rule = "everything"    // every check on every device
)

// Problem is one thing that is wrong in a waiver file.
type Problem struct {
	Rule Rule   `json:"rule"`
	File string `json:"file"`
	Line int    `json:"line"` // from 1; 0 is the file as a whole
	Text string `json:"text"` // what is wrong
	Hint string `json:"hint"` // what to do about it; "" when nothing is known
}

// Error is "file:line: what is wrong; what to do".
func (p Problem) Error() string {
	text := p.File
	if p.Line > 0 {
		text += ":" + strconv.Itoa(p.Line)
	}
	text += ": " + p.Text
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// Problems is everything that is wrong, file by file and line by line.
type Problems []Problem

// Sort orders problems by file, in the order given, and line.
func (ps Problems) Sort(files []string) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)), cmp.Compare(a.Line, b.Line))
	})
}

const maxPrinted = 100

// Error is one problem a line, the first hundred.
func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps[:min(len(ps), maxPrinted)] {
		lines = append(lines, p.Error())
	}
	if n := len(ps) - maxPrinted; n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "\n")
}
