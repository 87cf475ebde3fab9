package collect

import (
	"bytes"
	"regexp"
	"strings"
)

const maxPrompt = 100

// looksLikePrompt reports whether an unfinished line may be a prompt: a short line that ends in # or >. It
// is only a reason to ask; what the prompt is, the echo of a line of ours proves.
func looksLikePrompt(line []byte) bool {
	line = bytes.TrimRight(line, " ")
	n := len(line)
	return n > 1 && n <= maxPrompt && (line[n-1] == '#' || line[n-1] == '>') && len(bytes.Trim(line, "#>*=-! ")) > 0
}

// looksLikeShell reports whether an unfinished line may be the prompt of a shell that is not root's: it ends in $.
func looksLikeShell(line []byte) bool {
	line = bytes.TrimRight(line, " ")
	return len(line) > 1 && len(line) <= maxPrompt && line[len(line)-1] == '$'
}

// endsInPrompt reports whether text ends with the prompt on a line of its own, nothing behind it.
func endsInPrompt(text []byte, prompt string) bool {
	n := len(text) - len(prompt)
	return n >= 0 && prompt != "" && string(text[n:]) == prompt && (n == 0 || text[n-1] == '\n')
}

// lastLine is the unfinished line at the end of text. Of a very long one it is the end, so that a device
// that sends no line ends costs no more than one that does.
func lastLine(text []byte) []byte {
	end := text[max(0, len(text)-1024):]
	return end[bytes.LastIndexByte(end, '\n')+1:]
}

// notice matches a message that the device prints at any time: a system message with its facility, severity
// and mnemonic, the lines that follow some of them, or a broadcast to all terminals.
var notice = regexp.MustCompile(`%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+:|^\s*\*\*\*|^-(?:Traceback|Process)=`)

// echo follows the echo of one line through what the device sends. The zero value with line set is ready.
type echo struct {
	line   string
	prompt string // learned; "" while learning
	rest   string // what is still to come of an echo that a notice split; "" otherwise

	seen   int  // bytes of the text that are dealt with
	found  bool // then the answer begins at seen
	before string
	stray  bool // something that is not a notice came before the echo
}

// find looks at the lines that are complete since the last call.
func (e *echo) find(text []byte) bool {
	for !e.found {
		end := bytes.IndexByte(text[e.seen:], '\n')
		if end < 0 {
			return false
		}
		e.consider(text[e.seen : e.seen+end])
		e.seen += end + 1
	}
	return true
}

// pass deals with what came before the line was written: whatever it is, it is not the echo.
func (e *echo) pass(text []byte) {
	for e.find(text) {
		e.found, e.stray = false, true
	}
	e.rest = ""
}

func (e *echo) consider(raw []byte) {
	line := strings.TrimSpace(string(raw))
	own := e.line
	switch {
	case line == own, e.rest != "" && line == e.rest:
		e.found = true
		return
	case e.prompt == "" && strings.HasSuffix(line, own):
		e.before = strings.TrimSuffix(strings.TrimRight(string(raw), " "), own)
		e.found = true
		return
	case e.prompt != "":
		for strings.HasPrefix(line, strings.TrimSpace(e.prompt)) {
			line = strings.TrimSpace(strings.TrimPrefix(line, strings.TrimSpace(e.prompt)))
		}
	}
	switch {
	case line == "":
	case line == own, scrolled(line, own):
		e.found = true
	case notice.MatchString(line):
		if n := commonPrefix(line, own); n > 0 {
			e.rest = own[n:]
		}
	case strings.HasPrefix(own, line):
		e.rest = own[len(line):]
	default:
		e.stray = true
	}
}

// scrolled reports whether line is the end of own as a narrow terminal shows it: "$" and the last columns.
func scrolled(line, own string) bool {
	end, ok := strings.CutPrefix(line, "$")
	return ok && len(end) >= 16 && strings.HasSuffix(own, end)
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// promptAt finds the prompt that ends text: at its very end, or above nothing but notices, which is how a
// device looks that was interrupted while it waited for a line. Where both fit, the upper one ends the
// answer, unless the answer has notices of its own (a log): then too much is better than too little.
func promptAt(text []byte, prompt string) (at int, ok bool) {
	prompt = strings.TrimRight(prompt, " ")
	if end := bytes.LastIndexByte(text, '\n') + 1; string(bytes.TrimRight(text[end:], " ")) == prompt && bytes.Index(text, []byte(prompt)) == end {
		return end, true // it stands nowhere else: most answers
	}
	last, upper, noticed := -1, -1, false
	for end := len(text); end >= 0; {
		start := bytes.LastIndexByte(text[:end], '\n') + 1
		switch line := bytes.TrimRight(text[start:end], " "); {
		case string(line) == prompt && (end == len(text) || noticed):
			upper, noticed = start, false
			if last < 0 {
				last = start
			}
		case notice.Match(line):
			noticed = true
		case len(line) > 0:
			end = 0
		}
		end = min(end, start) - 1
	}
	if upper < last && notice.Match(text[:upper]) {
		upper = last
	}
	return max(upper, 0), upper >= 0
}

// withoutPrompt is the answer: text up to the prompt that ends it.
func withoutPrompt(text []byte, prompt string) []byte {
	if at, ok := promptAt(text, prompt); ok {
		return text[:at]
	}
	return text
}

// withoutPrompts is what came of a command that was aborted: every key that aborts brings a prompt, the
// first one perhaps in the middle of a line.
func withoutPrompts(text []byte, prompt string) []byte {
	for {
		at, ok := promptAt(text, prompt)
		if !ok {
			return bytes.TrimSuffix(text, []byte(prompt))
		}
		text = text[:at]
		if end := bytes.TrimRight(text, "\n"); bytes.HasSuffix(end, []byte(prompt)) {
			text = end
		}
	}
}

// interrupted reports whether text ends in a prompt followed by notices: the answer is complete, but the
// device will not show its prompt again until it is asked.
func interrupted(text []byte, prompt string) bool {
	_, ok := promptAt(text, prompt)
	return ok && !endsInPrompt(text, prompt)
}

// standing is the line that a device shows last, when notices that came after it are left out.
func standing(text []byte) []byte {
	for {
		start := bytes.LastIndexByte(text, '\n') + 1
		line := text[start:]
		if blank := len(bytes.TrimSpace(line)) == 0; start == 0 || !blank && !notice.Match(line) {
			return line
		}
		text = text[:start-1]
	}
}

// refusals are the first words of a device that does not carry out a line: not known on this release, or
// not allowed to this user.
var refusals = []string{
	"% Invalid input", "% Incomplete command", "% Ambiguous command", "% Unknown command",
	"% Authorization failed", "Command authorization failed", "% Command authorization failed",
	"syntax error: ", "Aborted: permission denied", "Error: access denied", // vManage
	"bash: ", "-bash: ", "sh: ", "-sh: ", // its shell, of a program that it does not have
}

// refused looks for them in the first lines of an answer only: a log may quote them further down.
func refused(text string) bool {
	looked := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		for _, r := range refusals {
			if strings.HasPrefix(line, r) {
				return true
			}
		}
		if looked++; looked == 3 {
			break
		}
	}
	return false
}
