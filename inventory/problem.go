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

// didYouMean is a hint naming the known word nearest to word, or "".
func didYouMean(word string, known []string) string {
	best, bestDistance := "", max(1, len([]rune(word))/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// orList is didYouMean, or else the list of what is known if that is short.
func orList(word string, known []string) string {
	if hint := didYouMean(word, known); hint != "" {
		return hint
	}
	if len(known) == 0 || len(known) > 20 {
		return ""
	}
	return "known: " + strings.Join(known, ", ")
}

// distance counts the insertions, deletions, replacements and swaps of neighbours between a and b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > 8 || len(t)-len(s) > 8 {
		return max(len(s), len(t))
	}
	before, last := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row := make([]int, len(t)+1)
		row[0] = i + 1
		for j := range t {
			replace := last[j]
			if s[i] != t[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(t)]
}
