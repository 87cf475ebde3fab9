package bundle

import (
	"regexp"
	"strings"
)

// block is a piece of a log: what was typed and what came back.
type block struct {
	device string // the name in the prompt
	typed  string // "" when nothing was, or nobody knows what
	text   string // the answer
	line   int    // of the log, where text begins
	loose  bool   // before the first prompt
}

// top is the line of the echo, or of the text where there is none.
func (b block) top() int {
	if b.typed == "" {
		return b.line
	}
	return b.line - 1
}

// split cuts a log at its prompts.
func split(text string) []block {
	names := promptNames(text)
	var out []block
	b, start, at, n := block{line: 1, loose: true}, 0, 0, 0
	for line := range strings.Lines(text) {
		n++
		if p, ok := parsePrompt(line); ok && names[p.name] {
			b.text = text[start:at]
			out = append(out, b)
			b, start = block{device: p.name, typed: p.command(), line: n + 1}, at+len(line)
		}
		at += len(line)
	}
	b.text = text[start:]
	return append(out, b)
}

// prompt is a line that begins with one.
type prompt struct {
	name string // of the device
	mode string // "(config-if)", "" in EXEC mode
	rest string // what was typed
}

// command is what was typed, if it can have an answer: in configuration mode only behind "do".
func (p prompt) command() string {
	if p.mode == "" {
		return p.rest
	}
	if word, rest, _ := strings.Cut(p.rest, " "); word == "do" {
		return strings.TrimSpace(rest)
	}
	return ""
}

// maxPrompt is the longest prompt: a host name of 63 characters and a mode.
const maxPrompt = 100

func parsePrompt(line string) (prompt, bool) {
	line = strings.TrimLeft(line, " ")
	i := strings.IndexAny(line[:min(len(line), maxPrompt)], "#>")
	if i <= 0 {
		return prompt{}, false
	}
	p := prompt{name: line[:i], rest: strings.TrimSpace(line[i+1:])}
	if open := strings.IndexByte(p.name, '('); open > 0 && strings.HasSuffix(p.name, ")") && line[i] == '#' {
		p.name, p.mode = p.name[:open], p.name[open:]
	}
	return p, hostName(p.name)
}

func hostName(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	for _, c := range []byte(s) {
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && strings.IndexByte("-_./:@", c) < 0 {
			return false
		}
	}
	return s[0] != '-' && s[0] != '/' && s[0] != ':'
}

// promptNames are the names behind which somebody typed something that an EXEC or a configuration mode takes:
// a "#" or ">" in the middle of an answer proves nothing. Without any, a bare prompt at the very end counts.
func promptNames(text string) map[string]bool {
	names := map[string]bool{}
	last := ""
	for line := range strings.Lines(text) {
		if p, ok := parsePrompt(line); ok && (p.mode != "" || verb(p.rest)) {
			names[p.name] = true
		}
		if len(line) > maxPrompt || strings.TrimSpace(line) != "" {
			last = line
		}
	}
	if p, ok := parsePrompt(last); ok && p.rest == "" && len(names) == 0 {
		names[p.name] = true
	}
	return names
}

var verbs = strings.Fields("show ping terminal enable disable configure exit end logout quit dir more copy write license clear debug undebug no traceroute telnet ssh test monitor reload who verify request set do")

// verb reports whether a typed line begins with an EXEC command or an abbreviation of at least two
// letters, or was scrolled.
func verb(typed string) bool {
	word, _, _ := strings.Cut(typed, " ")
	if strings.HasPrefix(word, "$") {
		return len(typed) > 1
	}
	word = strings.ToLower(word)
	for _, v := range verbs {
		if len(word) >= 2 && strings.HasPrefix(v, word) {
			return true
		}
	}
	return false
}

// section is a heading of "show tech-support".
var section = regexp.MustCompile(`^-{6,} (\S.*\S) -{6,}\s*$`)

// heading is the command that a line announces: as a section of "show tech-support", or, where known knows
// it, alone on its line: an echo without a prompt, or a title that somebody made.
func heading(line string, known func(string) bool) (string, bool) {
	if !strings.Contains(line, "show ") && !strings.Contains(line, "ping ") || len(line) > 3*slugMax {
		return "", false
	}
	if m := section.FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	typed := strings.Trim(line, "-=#*!<>: \t\n")
	return typed, known != nil && (strings.HasPrefix(typed, "show ") || strings.HasPrefix(typed, "ping ")) && known(typed)
}

// sections cuts a block at its headings; what stands before the first keeps what was typed. In a file that is
// named like a command, only the first line may be the echo of it: a banner can hold anything.
func (b block) sections(known func(string) bool, named bool) []block {
	if b.typed != "" {
		known = nil
	}
	var out []block
	part, start, at, n := b, 0, 0, b.line-1
	for line := range strings.Lines(b.text) {
		n++
		if typed, ok := heading(line, known); ok {
			part.text = b.text[start:at]
			out = append(out, part)
			part, start = block{device: b.device, typed: typed, line: n + 1}, at+len(line)
		}
		if named && strings.TrimSpace(line) != "" {
			known = nil
		}
		at += len(line)
	}
	part.text = b.text[start:]
	return append(out, part)
}

// divisible reports whether a block may hold several answers: what stands before the first prompt, and a
// "show tech-support".
func (b block) divisible() bool {
	words := strings.Fields(b.typed)
	return b.loose || len(words) >= 2 && abbreviates(words, []string{"show", "tech-support"})
}
