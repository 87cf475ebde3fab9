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

// mostly guards a parser against the output of something else: an answer of which it leaves more rows
// than it reads is none, so that what is not in it can not be taken for a fact.
func mostly[T any](parse func(*text, *T)) func(*text, *T) {
	return func(t *text, v *T) {
		parse(t, v)
		known, unknown := 0, 0
		for i := range t.rows {
			switch r := &t.rows[i]; {
			case r.state == read:
				known++
			case r.state == unread && !strings.Contains(r.text, ": %"): // log lines come between
				unknown++
			}
		}
		if unknown > known {
			t.strange()
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
