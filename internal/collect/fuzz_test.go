package collect

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzGuard: whatever is asked, only lines made of what the catalogue is made of pass.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"show version\r", "ping 192.0.2.1 repeat 5 timeout 2\r", "enable\r", "s3cret\r", "\x03", " ", "terminal length 0\rexit\r"} {
		f.Add([]byte(seed), "R1>", false)
		f.Add([]byte(seed), "Password: ", true)
	}
	f.Fuzz(func(t *testing.T, b []byte, line string, paging bool) {
		g := guard{catalogue: newCatalogue(testCatalogue), enable: hidden("s3cret"), asked: true}
		if g.admit(b, screen{line: []byte(line), paging: paging}) != nil {
			return
		}
		switch text := string(b); {
		case text == "\x03", text == "\x1e", text == "\r", text == "exit\r", paging && text == " ":
		case text == "s3cret\r" && !paging && strings.Contains(strings.ToLower(line), "pass"):
		case strings.HasPrefix(text, "terminal "):
			for l := range strings.SplitSeq(strings.TrimSuffix(text, "\r"), "\r") {
				if !strings.Contains("|terminal length 0|terminal width 511|terminal no monitor|", "|"+l+"|") {
					t.Errorf("%q passed", text)
				}
			}
		case strings.HasPrefix(text, "show ") || strings.HasPrefix(text, "ping "):
			if strings.Count(text, "\r") != 1 || strings.ContainsAny(text, "|;?<>\n\t") || len(text) > 201 {
				t.Errorf("%q passed", text)
			}
		default:
			t.Errorf("%q passed", text)
		}
	})
}

// FuzzText feeds what a hostile device might send to everything that reads it.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"show version\r\nCisco IOS XE\r\nR1#", " --More-- \b\b\b   \r\n", "\x1b[1mR1#\x1b]0;x\a\r\n" + syslog, "R1#\n" + syslog + "R1#"} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		var c cleaner
		var text []byte
		e := echo{line: "show version", prompt: "R1#"}
		for rest := in; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			text = c.feed(text, rest[:n])
			c.pager(text)
			rest = rest[n:]
			if e.find(text); e.seen > len(text) {
				t.Fatalf("the echo is found behind the end: %d of %d", e.seen, len(text))
			}
		}
		if len(text) > len(in) || bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
			t.Errorf("%q became %q", in, text)
		}
		answer := text[e.seen:]
		for _, part := range [][]byte{withoutPrompt(answer, e.prompt), withoutPrompts(answer, e.prompt)} {
			if !bytes.HasPrefix(answer, part) {
				t.Errorf("%q is not the beginning of %q", part, answer)
			}
		}
		standing(text)
		interrupted(answer, e.prompt)
		provenPrompt(text, sessionLines)
		refused(string(text))
		looksLikePrompt(lastLine(text))
	})
}
