package iosxe

import (
	"iter"
	"strings"
)

// open yields the rows that no rule has consumed yet, in order.
func (t *text) open() iter.Seq[*row] {
	return func(yield func(*row) bool) {
		for i := range t.rows {
			if r := &t.rows[i]; r.state == unread && !yield(r) {
				return
			}
		}
	}
}

// drop consumes the rows that are known and not used: those that begin with one of the given words. It
// stands at the end of a parser, behind the rules that read.
func (t *text) drop(beginnings ...string) {
	for r := range t.open() {
		for _, b := range beginnings {
			if strings.HasPrefix(r.text, b) {
				t.use(r)
				break
			}
		}
	}
}

// between is the part of s behind the first open and before the next shut; false when either is missing.
func between(s, open, shut string) (string, bool) {
	_, s, ok := strings.Cut(s, open)
	if !ok {
		return "", false
	}
	s, _, ok = strings.Cut(s, shut)
	return s, ok
}
