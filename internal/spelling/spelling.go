// Package spelling finds the word that a mistyped one may stand for, for the hints of errors. Every package may import it.
package spelling

import (
	"fmt"
	"strings"
)

// DidYouMean is a hint naming the known word nearest to word, or "".
func DidYouMean(word string, known []string) string {
	best, bestDistance := "", max(1, len([]rune(word))/3)+1
	for _, k := range known {
		if d := Distance(strings.ToLower(word), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// OrList is DidYouMean, or else the list of what is known if that is short.
func OrList(word string, known []string) string {
	if hint := DidYouMean(word, known); hint != "" {
		return hint
	}
	if len(known) == 0 || len(known) > 20 {
		return ""
	}
	return "known: " + strings.Join(known, ", ")
}

// Distance counts the insertions, deletions, replacements and swaps of neighbours between a and b.
func Distance(a, b string) int {
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
