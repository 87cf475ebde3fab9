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

// nearest is didYouMean, or else the list of what is known.
func nearest(word string, known []string) string {
	return cmp.Or(didYouMean(word, known), "known: "+strings.Join(known, ", "))
}

// didYouMean names the known word nearest to word; "" when none is near.
func didYouMean(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance counts the bytes to insert, delete or replace between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
