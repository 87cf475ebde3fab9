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

// kindOrder is the kinds as messages count and sort them, the most urgent first.
var kindOrder = []transition.Kind{transition.Vanished, transition.Worse, transition.New, transition.Appeared, transition.Reminder,
	transition.Flapping, transition.Settled, transition.Better, transition.Resolved}

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
	return r.Severity == "" || rank(e.Severity) <= rank(r.Severity)
}

// rank orders severities, the most severe first; none at all comes with the first.
func rank(s diag.Severity) int { return max(0, slices.Index(diag.Severities, s)) }

// newMessage cleans a document and orders its events. Its id follows from the run and the receiver.
func newMessage(receiver string, doc *transition.Document) *Message {
	sum := sha256.Sum256([]byte(doc.Run.ID + "\x00" + doc.Job + "\x00" + receiver))
	d := cleaned(doc)
	slices.SortStableFunc(d.Events, func(a, b transition.Event) int {
		return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)), cmp.Compare(rank(a.Severity), rank(b.Severity)))
	})
	return &Message{Schema: diag.SchemaVersion, Kind: "notification", ID: hex.EncodeToString(sum[:16]), Receiver: receiver,
		Subject: subject(d), Told: *d}
}

// subject is made of our own words and numbers only.
func subject(d *transition.Document) string {
	counts := map[transition.Kind]int{}
	worst := len(diag.Severities)
	for _, e := range d.Events {
		counts[e.Kind]++
		if e.Severity != "" && slices.Index(kindOrder, e.Kind) <= slices.Index(kindOrder, transition.Reminder) {
			worst = min(worst, rank(e.Severity))
		}
	}
	var parts []string
	for _, k := range kindOrder {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[k], k))
		}
	}
	s := "slpdoctor: " + strings.Join(parts, ", ")
	if worst < len(diag.Severities) {
		s += " (" + string(diag.Severities[worst]) + ")"
	}
	return s
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
		for _, s := range []*string{&e.Device, &e.UDI, &e.Before, &e.After, &e.Summary} {
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

// first is the message with its first n events; the others are counted.
func (m *Message) first(n int) *Message {
	c := *m
	c.Omitted += len(m.Told.Events) - n
	c.Told.Events = m.Told.Events[:n:n]
	return &c
}

// fit renders as many events, from the most urgent on, as stay within the limits.
func (m *Message) fit(maxEvents, maxBytes int, render func(*Message) []byte) []byte {
	most := min(len(m.Told.Events), maxEvents)
	drop := sort.Search(most, func(drop int) bool { return len(render(m.first(most-drop))) <= maxBytes })
	return render(m.first(most - drop))
}

// maxJSON bounds the generic form; other limits are those of the services.
const maxJSON, maxJSONEvents = 1 << 20, 5000

// json is the generic form.
func (m *Message) json() []byte {
	return m.fit(maxJSONEvents, maxJSON, func(m *Message) []byte { return encode(m) })
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only texts, numbers and times
	}
	return b
}

// what names the subject of an event: a check, or the kind of fact.
func what(e transition.Event) string { return cmp.Or(e.Check, e.Subject) }

// head is what happened, as a list of words: the kind, the severity, the device, the subject.
func head(e transition.Event) (kind, severity, device, subject string) {
	device = clip(e.Device, 100)
	if e.Was != nil {
		device += " (was " + clip(*e.Was, 100) + ")"
	}
	return string(e.Kind), string(e.Severity), device, clip(what(e), 100)
}

// facts are the sentences below the head, bounded.
func facts(e transition.Event) []string {
	var out []string
	if e.Summary != "" {
		out = append(out, clip(e.Summary, 500))
	}
	if e.Before != "" || e.After != "" {
		out = append(out, fmt.Sprintf("%s -> %s", cmp.Or(clip(e.Before, 200), "nothing"), cmp.Or(clip(e.After, 200), "nothing")))
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
	out := []string{fmt.Sprintf("%d of %s examined; %s open.", d.Examined, count(d.Devices, "device"), count(d.Open, "finding"))}
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

// more says how many events are left out, or "".
func (m *Message) more() string {
	if m.Omitted == 0 {
		return ""
	}
	return "and " + strings.TrimSuffix(count(m.Omitted, "more event"), ".")
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
