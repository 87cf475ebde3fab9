package bundle

import (
	"fmt"
	"strings"

	"slpdoctor/internal/diag"
)

// reading gathers what files say of one device.
type reading struct {
	lexicon  *lexicon
	name     string
	hostname string
	answers  map[*diag.Command]diag.Capture
	unused   []Note
	trouble  []string // files that could not be read
}

func (l *lexicon) newReading(name string) *reading {
	return &reading{lexicon: l, name: name, answers: map[*diag.Command]diag.Capture{}}
}

func (r *reading) note(path string, line int, text string) {
	r.unused = append(r.unused, Note{Path: path, Line: line, Text: text})
}

// take adds the text at line of path as the answer to targets.
func (r *reading) take(targets []target, text, path string, line int) {
	for _, t := range targets {
		c := diag.Capture{Command: t.command, Line: t.line, Text: text, Outcome: diag.OK, Path: path, FirstLine: line}
		switch {
		case refused(text):
			c.Outcome = diag.WasRefused
		case t.filter != nil:
			if strings.HasPrefix(t.line, "show running-config") && !ended(text) {
				c.Outcome = diag.WasCut
			}
			c.Text = t.filter.apply(text)
		}
		if old, twice := r.answers[t.command]; !twice || rank(c) >= rank(old) {
			r.answers[t.command] = c
		}
	}
}

// ended reports whether a configuration is whole: it has its last line, which a log message may follow.
func ended(text string) bool {
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, " \n") == "end" {
			return true
		}
	}
	return false
}

// rank orders answers to one command: complete, in part, refused. Of two with the same rank the later
// counts.
func rank(c diag.Capture) int {
	switch {
	case c.Outcome == diag.WasRefused:
		return 0
	case c.Outcome != diag.OK || c.Command.Parse != nil && c.Command.Parse(c).Problem != "":
		return 1
	}
	return 2
}

// evidence is what was gathered, in the order of the catalogue.
func (r *reading) evidence() Evidence {
	e := Evidence{Device: diag.Device{Name: r.name}, State: diag.Examined, Hostname: r.hostname, Unused: r.unused}
	for _, c := range r.lexicon.catalogue {
		if capture, ok := r.answers[c]; ok {
			e.Captures = append(e.Captures, capture)
		}
	}
	switch {
	case len(r.trouble) > 0:
		e.State, e.Fault = diag.Partial, &diag.Fault{Class: "unreadable", Stage: "read", Message: strings.Join(r.trouble, "; ")}
	case len(e.Captures) == 0:
		e.Fault = &diag.Fault{Class: "no_evidence", Stage: "read", Message: "nothing here is the answer to a command this tool reads",
			Hint: `"slpdoctor commands" lists what it reads`}
	}
	if len(e.Captures) == 0 {
		e.State = diag.Failed
	}
	return e
}

// log reads a decoded log. What stands before the first prompt answers preamble, or what it looks like when
// preamble is empty; reader finds the device of a prompt's name, "" for a text that names none.
func (l *lexicon) log(text, path string, preamble []target, reader func(name string) *reading) {
	known := func(typed string) bool { targets, _ := l.resolve(typed); return targets != nil }
	blocks := split(text)
	first := nameIn(text)
	if len(blocks) > 1 {
		first = blocks[1].device
	}
	for _, b := range blocks {
		if b.device == "" {
			b.device = first
			b.loose = true
		}
		r := reader(b.device)
		if r.hostname == "" {
			r.hostname = b.device
		}
		parts := []block{b}
		if b.divisible() {
			parts = b.sections(known, preamble != nil)
		}
		unknown := 0
		for i, p := range parts {
			why := r.part(p, path, preamble)
			switch {
			case why == "":
			case i > 0:
				unknown++
			default:
				r.note(path, p.top(), why)
			}
		}
		if unknown > 0 {
			r.note(path, b.line, fmt.Sprintf("%d of %d sections are of no command this tool reads", unknown, len(parts)-1))
		}
	}
}

// part takes in one answer, or says why it is of no use.
func (r *reading) part(p block, path string, preamble []target) string {
	targets, why := r.lexicon.meant(p, preamble)
	if blank(p.text) && !strings.Contains(p.typed, "|") {
		return "" // nothing typed yet, or completed with the tabulator
	}
	r.take(targets, p.text, path, p.line)
	return why
}

// meant is what a block answers, or why nobody knows.
func (l *lexicon) meant(p block, preamble []target) ([]target, string) {
	tail, scrolled := strings.CutPrefix(p.typed, "$")
	switch {
	case p.typed == "" && !p.loose || strings.HasSuffix(p.typed, "?"):
		return nil, ""
	case p.typed == "" && preamble != nil:
		return preamble, ""
	case p.typed == "":
		if targets := l.identify(p.text); targets != nil {
			return targets, ""
		}
		return nil, "text without a prompt that looks like no command this tool reads"
	case scrolled:
		if targets := l.scrolled(tail); targets != nil {
			return targets, ""
		}
		if targets := l.identify(p.text); targets != nil {
			return targets, ""
		}
	}
	return l.resolve(p.typed)
}

// blank reports whether a text holds nothing but what surrounds every answer.
func blank(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "Load for ") && !strings.Contains(line, "ime source") {
			return false
		}
	}
	return true
}
