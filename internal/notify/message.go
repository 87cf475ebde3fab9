package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
	"slpdoctor/internal/transition"
)

// Message is what one receiver is told of one run. As JSON it is what the shape json and an exec receiver get: kind
// "notification", schema 1.
type Message struct {
	Schema   int                 `json:"schema"`
	Kind     string              `json:"kind"`
	ID       string              `json:"id"`       // the same however often it is sent, to tell a repetition
	Receiver string              `json:"receiver"` // its name in the configuration
	Test     bool                `json:"test"`     // sent by hand to try the receiver; nothing has happened
	Subject  string              `json:"subject"`  // one line: what happened, counted
	Omitted  int                 `json:"omitted"`  // events that are left out because the message would be too long
	Told     transition.Document `json:"transitions"`
}

// message is what the receiver is told of a run; nil when none of it is for this receiver.
func (r *Receiver) message(doc *transition.Document) *Message {
	d := *doc
	d.Events = nil
	for _, e := range doc.Events {
		if r.wants(e) {
			d.Events = append(d.Events, e)
		}
	}
	if len(d.Events) == 0 {
		return nil
	}
	return newMessage(r.Name, &d)
}

// wants applies the receiver's filters. An event without a severity is about a device, a name or a value: no
// threshold hides it.
func (r *Receiver) wants(e transition.Event) bool {
	if r.Events != nil && !slices.Contains(r.Events, e.Kind) {
		return false
	}
	return r.Severity == "" || e.Severity == "" || e.Severity.Rank() <= r.Severity.Rank()
}

// newMessage cleans a document. Its id follows from the run and the receiver.
func newMessage(receiver string, doc *transition.Document) *Message {
	sum := sha256.Sum256([]byte(doc.Run.ID + "\x00" + doc.Job + "\x00" + receiver))
	d := cleaned(doc)
	return &Message{Schema: diag.SchemaVersion, Kind: "notification", ID: hex.EncodeToString(sum[:16]), Receiver: receiver,
		Subject: subject(d), Told: *d}
}

// subject is made of our own words and numbers only: what happened, and how severe the worst of what is bad is.
func subject(d *transition.Document) string {
	counts := map[transition.Kind]int{}
	worst := diag.Severity("")
	for _, e := range d.Events {
		counts[e.Kind]++
		if level(e) < 5 && e.Severity != "" && (worst == "" || e.Severity.Rank() < worst.Rank()) {
			worst = e.Severity
		}
	}
	var parts []string
	for _, k := range transition.Kinds {
		if counts[k] > 0 {
			parts = append(parts, k.Count(counts[k]))
		}
	}
	s := "slpdoctor: " + strings.Join(parts, ", ")
	if worst != "" {
		s += " (" + string(worst) + ")"
	}
	return s
}

// mended reports whether an event says that something is well again.
func mended(e transition.Event) bool {
	well := []string{string(diag.Pass), string(diag.NotApplicable), string(diag.Examined)}
	return e.Kind == transition.Better || e.Kind == transition.Resolved || e.Kind == transition.Settled && slices.Contains(well, e.After)
}

// cleaned is a copy in which no text of a device, a name or a flag holds a control character.
func cleaned(doc *transition.Document) *transition.Document {
	d := *doc
	lines := func(in []string) []string {
		out := make([]string, 0, len(in))
		for _, s := range in {
			out = append(out, report.Clean(s))
		}
		return out
	}
	d.Job, d.Notes = report.Clean(d.Job), lines(d.Notes)
	d.Events = slices.Clone(d.Events)
	for i := range d.Events {
		e := &d.Events[i]
		if e.Was != nil {
			was := report.Clean(*e.Was)
			e.Was = &was
		}
		for _, s := range []*string{&e.Device, &e.UDI, &e.Key, &e.Before, &e.After, &e.Summary} {
			*s = report.Clean(*s)
		}
		fixes := make([]diag.Fix, 0, len(e.Fixes))
		for _, f := range e.Fixes {
			f.Summary, f.Affects = report.Clean(f.Summary), report.Clean(f.Affects)
			f.Config, f.Exec, f.Verify, f.Manual = lines(f.Config), lines(f.Exec), lines(f.Verify), lines(f.Manual)
			fixes = append(fixes, f)
		}
		e.Fixes = fixes
	}
	return &d
}

// maxJSON bounds the generic form; the other limits are those of the services.
const maxJSON, maxJSONEvents = 1 << 20, 5000

// json is the generic form, with every event.
func (m *Message) json() []byte {
	return fit(len(m.Told.Events), maxJSONEvents, maxJSON, func(n int) []byte { return encode(m.first(n)) })
}

// first is the message with its first n events; the others are counted.
func (m *Message) first(n int) *Message {
	c := *m
	c.Omitted += len(m.Told.Events) - n
	c.Told.Events = m.Told.Events[:n:n]
	return &c
}

// fit renders as many of n parts, from the most urgent on, as stay within the limits.
func fit(n, most, maxBytes int, render func(n int) []byte) []byte {
	n = min(n, most)
	drop := sort.Search(n, func(drop int) bool { return len(render(n-drop)) <= maxBytes })
	return render(n - drop)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only texts, numbers and times
	}
	return b
}

// item is what people read as one thing: one event, or one that devices share.
type item struct{ transition.Group }

// items are the events as they are read.
func (m *Message) items() (out []item) {
	for _, g := range transition.Groups(m.Told.Events) {
		out = append(out, item{g})
	}
	return out
}

// devices names them, the first few of many.
func (i item) devices() string {
	const shown = 5
	if len(i.Devices) == 1 && i.Was != nil {
		return clip(i.Device, 100) + " (was " + clip(*i.Was, 100) + ")"
	}
	var names []string
	for _, d := range i.Devices[:min(len(i.Devices), shown)] {
		names = append(names, clip(d, 100))
	}
	s := strings.Join(names, ", ")
	if more := len(i.Devices) - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// part is what it is about: a check, or a kind of fact.
func part(e transition.Event) string { return clip(cmp.Or(e.Check, e.Subject), 100) }

// facts are the sentences about an event, bounded.
func facts(e transition.Event) []string {
	var out []string
	if e.Summary != "" {
		out = append(out, clip(e.Summary, 500))
	}
	switch before, after := clip(e.Before, 200), clip(e.After, 200); {
	case before != "" && after != "":
		out = append(out, before+" -> "+after)
	case before != "":
		out = append(out, "was "+before)
	case after != "":
		out = append(out, after)
	}
	if e.Changes > 0 {
		out = append(out, fmt.Sprintf("It changed %d times.", e.Changes))
	}
	if e.Since != nil {
		out = append(out, "Since "+e.Since.UTC().Format("2006-01-02 15:04 UTC")+".")
	}
	if e.CausedBy != nil {
		out = append(out, "It follows from "+clip(*e.CausedBy, 100)+".")
	}
	if e.Consequences > 0 {
		out = append(out, "With "+count(e.Consequences, "consequence")+".")
	}
	return out
}

// context is the run in a few sentences.
func (m *Message) context() []string {
	d := m.Told
	open := count(d.Open, "finding") + " open"
	if d.Waived > 0 {
		open += fmt.Sprintf(", %d waived", d.Waived)
	}
	out := []string{fmt.Sprintf("%d of %s examined; %s.", d.Examined, count(d.Devices, "device"), open)}
	if d.Since == nil && !m.Test {
		out = append(out, "The first run of this job: all that is open is told as new.")
	}
	if d.Quieted > 0 {
		out = append(out, count(d.Quieted, "change")+" not told because of flapping.")
	}
	for i, n := range d.Notes {
		if i == 5 {
			out = append(out, fmt.Sprintf("And %d more notes.", len(d.Notes)-i))
			break
		}
		out = append(out, clip(n, 300))
	}
	return out
}

// more counts the events that are left out: of these items, and before; "" when there are none.
func (m *Message) more(left []item) string {
	n := m.Omitted
	for _, i := range left {
		n += len(i.Devices)
	}
	if n == 0 {
		return ""
	}
	return "and " + count(n, "more event")
}

// clip bounds a text to n characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
