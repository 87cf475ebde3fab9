package message

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"slpdoctor/internal/diag"
)

// Message is one entry of the catalogue: what a system message means and what to do about it. It is
// identified by facility and mnemonic; the severity differs between releases (knowledge C.0).
type Message struct {
	Facility string
	Mnemonic string
	Severity int    // as documented
	Kind     Kind   // whether it reports trouble
	EndedBy  string // mnemonic of the message of the same facility that reports the end of the trouble, or ""
	// AlsoEndedBy are the ids (facility and mnemonic) of further messages that end the trouble.
	AlsoEndedBy []string
	Meaning     string
	// Templates are the texts of different releases, with {variable} for what varies. None: the text is not
	// known well enough to match.
	Templates []string
	Variables map[string]string // what each variable holds
	Causes    []Cause           // the most likely first, as the guide orders them
	Cadence   string            // when and how often it is printed; "" when once for each occurrence
	Actions   []Action          // in order
	Checks    []string          // ids of the checks that look at the matter, most important first
	// Proofs are the ids of the checks whose failure shows that the trouble is still there and whose pass
	// shows that it is over; nil means the first of Checks.
	Proofs []string
	Source string // where this is from: seed lines, knowledge section
}

// Kind is what a message says about the state of licensing.
type Kind string

// The kinds.
const (
	Trouble  Kind = "trouble"  // something failed or is missing
	Recovery Kind = "recovery" // something works again or was installed
	Notice   Kind = "notice"   // for information
)

// Action is what to do, under a condition.
type Action struct {
	Applies diag.Family // the topologies it is for; 0 means every one
	When    string      // the condition in words, "" when there is none
	Steps   []string    // in order; commands stand in backquotes
}

// Cause is one reason why a message is printed.
type Cause struct {
	Text    string
	Classes []Class // of the failure texts that point at it
}

func because(text string, classes ...Class) Cause { return Cause{text, classes} }

// CausesFor are the causes with those first that a failure text points at, and how many those are.
func (m Message) CausesFor(f Failure) (causes []Cause, pointed int) {
	for _, c := range m.Causes {
		if slices.Contains(c.Classes, f.Class) {
			causes = append(causes, c)
		}
	}
	pointed = len(causes)
	for _, c := range m.Causes {
		if !slices.Contains(c.Classes, f.Class) {
			causes = append(causes, c)
		}
	}
	return causes, pointed
}

// For are the actions for a family of topologies, in order; 0 means all of them.
func (m Message) For(f diag.Family) []Action {
	var out []Action
	for _, a := range m.Actions {
		if a.Applies == 0 || f == 0 || a.Applies&f != 0 {
			out = append(out, a)
		}
	}
	return out
}

// Proof are the ids of the checks that decide whether the trouble is still there.
func (m Message) Proof() []string {
	if m.Proofs == nil {
		return m.Checks[:1]
	}
	return m.Proofs
}

// Endings are the ids of the messages that report the end of the trouble.
func (m Message) Endings() []string {
	if m.EndedBy == "" {
		return m.AlsoEndedBy
	}
	return append([]string{m.Facility + "-" + m.EndedBy}, m.AlsoEndedBy...)
}

// Failure is what the detail of an event says, the zero Failure when the message carries none.
func (e Event) Failure() Failure {
	for _, name := range []string{"detail", "error"} {
		if text := e.Vars[name]; text != "" {
			return Classify(text)
		}
	}
	if m := byID()[e.ID()]; m != nil && e.Cut && m.Variables["detail"] != "" {
		return Classify(e.Text)
	}
	return Failure{}
}

// ID is facility and mnemonic.
func (m Message) ID() string { return m.Facility + "-" + m.Mnemonic }

// All is the catalogue: the messages of the guide in its order, then those seen in public material.
func All() []Message { return catalogue }

var catalogue = slices.Concat(guide, seen)

var byID = sync.OnceValue(func() map[string]*entry {
	index := make(map[string]*entry, len(catalogue))
	for i := range catalogue {
		index[catalogue[i].ID()] = newEntry(&catalogue[i])
	}
	return index
})

// Lookup is the entry of a message; false when it is not catalogued.
func Lookup(facility, mnemonic string) (Message, bool) {
	e, ok := byID()[facility+"-"+mnemonic]
	if !ok {
		return Message{}, false
	}
	return *e.Message, true
}

// entry is a message with its templates compiled.
type entry struct {
	*Message
	patterns []pattern
}

type pattern struct {
	re    *regexp.Regexp
	names []string
	tail  string // the words of its own that the template ends in, without the full stop
}

var variable = regexp.MustCompile(`\{(\w+)\}`)

func newEntry(m *Message) *entry {
	e := &entry{Message: m}
	for _, t := range m.Templates {
		var p pattern
		var b strings.Builder
		from := 0
		for _, v := range variable.FindAllStringSubmatchIndex(t, -1) {
			p.names = append(p.names, t[v[2]:v[3]])
			b.WriteString(literal(t[from:v[0]]) + `(.*?)`)
			from = v[1]
		}
		p.tail = strings.TrimRight(t[from:], ". ")
		b.WriteString(literal(strings.TrimRight(t[from:], ". ")) + `\s*\.?\s*`)
		p.re = regexp.MustCompile(`(?is)\A` + b.String() + `\z`)
		e.patterns = append(e.patterns, p)
	}
	return e
}

// literal matches the words of a template, with blanks where they are or missing before punctuation.
func literal(s string) string {
	s = regexp.QuoteMeta(s)
	return strings.ReplaceAll(strings.ReplaceAll(s, " :", `\s*:`), " ", `\s+`)
}

// match reads the variables out of a text whose blanks are folded.
func (e *entry) match(text string) (map[string]string, bool) {
	for _, p := range e.patterns {
		m := p.re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		var vars map[string]string
		for i, name := range p.names {
			if vars == nil {
				vars = map[string]string{}
			}
			vars[name] = strings.TrimSpace(m[i+1])
		}
		return vars, true
	}
	return nil, false
}

// ends reports whether the text has the words of its own that a template ends in.
func (e *entry) ends(text string) bool {
	for _, p := range e.patterns {
		if p.tail != "" && p.re.MatchString(text) {
			return true
		}
	}
	return false
}
