package collect

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCleaner feeds every input in pieces of several sizes: the text is the same. A new string of the input
// begins where the device waits for an answer to its pager.
func TestCleaner(t *testing.T) {
	for _, test := range []struct {
		name string
		in   []string
		want string
	}{
		{"line ends", []string{"one\r\ntwo\r\r\nthree\n"}, "one\ntwo\nthree\n"},
		{"nul and bell", []string{"a\x00b\x07c\n"}, "abc\n"},
		{"colours", []string{"\x1b[1;32mgreen\x1b[0m text\x1b[K\n"}, "green text\n"},
		{"title", []string{"\x1b]0;R1\x07R1#"}, "R1#"},
		{"title with string terminator", []string{"\x1b]0;R1\x1b\\R1#"}, "R1#"},
		{"character set", []string{"\x1b(Bplain\x1b=\x1b>\n"}, "plain\n"},
		{"backspaces", []string{"shwo\b\b\bow \bversion\n"}, "sowversion\n"},
		{"backspace stops at the line", []string{"one\n\b\btwo\n"}, "one\ntwo\n"},
		{"UTF-8 and tabs", []string{"M\xc3\xbcnchen\tDE\n"}, "München\tDE\n"},
		{"pager wiped by backspaces",
			[]string{"a\r\n --More-- ", "\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b  b\r\n"}, "a\n  b\n"},
		{"pager wiped by returns", []string{"a\r\n--More-- ", "\r        \r  b\r\n"}, "a\n  b\n"},
		{"pager wiped by an escape", []string{"a\r\n--More--", "\r\x1b[Kb\r\n"}, "a\nb\n"},
		{"a line that begins like a pager", []string{"a\r\n--More--b\r\n"}, "a\n--More--b\n"},
		{"a line like a pager", []string{"a\r\n --More-- \r\nb\r\n"}, "a\n --More-- \nb\n"},
		{"pager of the firewall's kind", []string{"a\r\n<--- More --->", "\r              \rb\r\n"}, "a\nb\n"},
		{"two pagers", []string{"a\r\n --More-- ", "\b\b\b   \b\b\bb\r\n --More-- ", "\b\b\b   \b\b\bc\r\n"}, "a\nb\nc\n"},
		{"pager in a text", []string{"press space at --More-- to go on\n"}, "press space at --More-- to go on\n"},
		{"blank line after the pager", []string{"a\r\n --More-- ", "\b\b\b   \b\b\b\r\nb\r\n"}, "a\n\nb\n"},
	} {
		for _, size := range []int{1, 2, 3, 7, 1000} {
			t.Run(fmt.Sprintf("%s/%d", test.name, size), func(t *testing.T) {
				var c cleaner
				var text []byte
				for _, in := range test.in {
					for len(in) > 0 {
						n := min(size, len(in))
						text = c.feed(text, []byte(in[:n]))
						c.pager(text)
						in = in[n:]
					}
				}
				if diff := cmp.Diff(test.want, string(text)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}
