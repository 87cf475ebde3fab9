package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/mask"
	"slpdoctor/internal/message"
)

// logsDocument is the JSON document of logs, kind "logs".
type logsDocument struct {
	Schema  int         `json:"schema"`
	Kind    string      `json:"kind"`
	Tool    diag.Tool   `json:"tool"`
	Files   []logFile   `json:"files"`
	Summary logSummary  `json:"summary"`
	Devices []logDevice `json:"devices"`
}

type logSummary struct {
	Devices    int        `json:"devices"`    // with messages about licensing
	Open       int        `json:"open"`       // troubles that the log leaves open
	Over       int        `json:"over"`       // of these, over by what the device says now
	Recovered  int        `json:"recovered"`  // troubles whose end is in the log
	Notices    int        `json:"notices"`    // messages for information, and recoveries
	Incomplete bool       `json:"incomplete"` // something could not be read or kept
	Dropped    int        `json:"dropped"`    // messages that found no room
	First      []logFirst `json:"first"`      // what to look at first
}

// logFirst is one open trouble over all devices.
type logFirst struct {
	ID      string   `json:"id"`
	Class   string   `json:"class"` // kind of failure, "" when the message tells none
	Meaning string   `json:"meaning"`
	Count   int      `json:"count"`
	Devices []string `json:"devices"`
	Checks  []string `json:"checks"` // to look at first
	Do      []string `json:"do"`

	severity int
}

type logDevice struct {
	Name     string       `json:"name"`
	Messages []logMessage `json:"messages"` // open ones first
}

type logMessage struct {
	ID        string            `json:"id"` // facility and mnemonic
	Kind      string            `json:"kind"`
	Status    message.Status    `json:"status"`
	Severity  int               `json:"severity"` // as printed last
	Subject   string            `json:"subject"`  // UDI or licence, "" for messages without
	Count     int               `json:"count"`
	First     message.Mark      `json:"first"`
	Last      message.Mark      `json:"last"`
	Since     *message.Mark     `json:"since"` // of an open one
	Ended     *message.Mark     `json:"ended"` // of a recovered one
	EndedBy   string            `json:"ended_by"`
	Text      string            `json:"text"`      // of the last one
	Variables map[string]string `json:"variables"` // of the last one
	Meaning   string            `json:"meaning"`   // "" when it is not catalogued
	Failure   *logFailure       `json:"failure"`
	Causes    []string          `json:"causes"`  // those the text points at first
	Actions   []logAction       `json:"actions"` // none for what only says that something works
	Checks    []string          `json:"checks"`
	Now       *logNow           `json:"now"` // of an open one, when there are devices to compare with

	narrowed bool // the actions are those of a known topology
}

type logFailure struct {
	Class   message.Class         `json:"class"`
	Meaning string                `json:"meaning"`
	Checks  []string              `json:"checks"`
	Classes map[message.Class]int `json:"classes"` // how often which kind was named
}

type logAction struct {
	Topologies []diag.TopologyID `json:"topologies"` // null: every one
	When       string            `json:"when"`
	Steps      []string          `json:"steps"`
}

// lines are the steps with their condition.
func (a logAction) lines() []string {
	if a.When == "" {
		return a.Steps
	}
	return []string{"if " + a.When + ": " + strings.Join(a.Steps, "; ")}
}

// logNow is whether a trouble that the log leaves open is still there.
type logNow struct {
	Verdict string `json:"verdict"` // still, maybe, over or unknown
	Check   string `json:"check"`   // that says so, "" when none does
	Summary string `json:"summary"`
	Root    string `json:"root"` // the check that explains it, "" when it is the root itself
}

// document says what the logs hold, compared with the devices as they are now if there are any.
func (s *logSet) document(now []seen, live bool, family diag.Family) *logsDocument {
	d := &logsDocument{Schema: diag.SchemaVersion, Kind: "logs", Tool: diag.Tool{Name: "slpdoctor", Version: version()},
		Files: s.files, Devices: []logDevice{}}
	d.Summary.Dropped = s.triage.Dropped
	d.Summary.Incomplete = s.triage.Dropped > 0 ||
		slices.ContainsFunc(s.files, func(f logFile) bool { return f.Problem != nil })
	find := byAnyName(now)
	for _, l := range s.triage.Logs() {
		device := logDevice{Name: l.Device}
		facts, family := find(l.Device), family
		if facts != nil && facts.Topology != nil {
			family = facts.Topology.ID.Family()
		}
		for _, g := range l.Groups {
			m := describe(g, family)
			if g.Status == message.Open && len(now) > 0 {
				m.Now = stillTrue(g, facts, live)
			}
			device.Messages = append(device.Messages, m)
			d.Summary.count(device.Name, m)
		}
		slices.SortStableFunc(device.Messages, func(a, b logMessage) int { return cmp.Compare(rank(a), rank(b)) })
		d.Devices = append(d.Devices, device)
	}
	d.Summary.Devices = len(d.Devices)
	d.Summary.order()
	return d
}

// rank puts what is open first.
func rank(m logMessage) int {
	return slices.Index([]message.Status{message.Open, message.Recovered, message.Told, message.Good}, m.Status)
}

func describe(g *message.Group, family diag.Family) logMessage {
	m := logMessage{ID: g.ID, Kind: "not catalogued", Status: g.Status, Severity: g.Severity, Subject: g.Subject, Count: g.Count,
		First: g.First, Last: g.Last, EndedBy: g.EndedBy, Text: mask.Text(g.Text), Variables: map[string]string{},
		Causes: []string{}, Actions: []logAction{}, Checks: g.Checks}
	for name, value := range g.Vars {
		m.Variables[name] = mask.Text(value)
	}
	if m.Checks == nil {
		m.Checks = []string{}
	}
	switch g.Status {
	case message.Open:
		m.Since = &g.Since
	case message.Recovered:
		m.Ended = &g.Ended
	}
	if f := g.Failure; f.Class != "" {
		m.Failure = &logFailure{f.Class, f.Meaning, f.Checks, g.Classes}
		if f.Checks == nil {
			m.Failure.Checks = []string{}
		}
	}
	if g.Message == nil {
		return m
	}
	m.Kind, m.Meaning = string(g.Message.Kind), g.Message.Meaning
	if g.Message.Kind == message.Recovery {
		return m
	}
	causes, _ := g.Message.CausesFor(g.Failure)
	for _, c := range causes {
		m.Causes = append(m.Causes, c.Text)
	}
	for _, a := range g.Message.For(family) {
		m.Actions = append(m.Actions, logAction{topologiesOf(a.Applies), a.When, a.Steps})
	}
	m.narrowed = family != 0
	return m
}

// topologiesOf are the topologies of a family, nil for every one.
func topologiesOf(f diag.Family) []diag.TopologyID {
	if f == 0 {
		return nil
	}
	var out []diag.TopologyID
	for _, id := range diag.TopologyIDs() {
		if id.Family()&f != 0 {
			out = append(out, id)
		}
	}
	return out
}

// count takes a message into the summary.
func (s *logSummary) count(device string, m logMessage) {
	switch m.Status {
	case message.Recovered:
		s.Recovered++
		return
	case message.Told, message.Good:
		s.Notices++
		return
	}
	s.Open++
	if m.Now != nil && m.Now.Verdict == "over" {
		s.Over++
		return
	}
	class, meaning, look := "", m.Meaning, m.Checks
	if m.Failure != nil {
		class, meaning = string(m.Failure.Class), m.Meaning+" Its words: "+m.Failure.Meaning+"."
		if len(m.Failure.Checks) > 0 {
			look = m.Failure.Checks
		}
	}
	if m.Kind == "not catalogued" {
		meaning = "This program does not know the message: search it in the System Message Guide of the release."
	}
	i := slices.IndexFunc(s.First, func(f logFirst) bool { return f.ID == m.ID && f.Class == class })
	if i < 0 {
		i = len(s.First)
		s.First = append(s.First, logFirst{ID: m.ID, Class: class, Meaning: strings.TrimSpace(meaning), Checks: look,
			Devices: []string{}, Do: []string{}, severity: m.Severity})
		for _, a := range m.Actions {
			if a.Topologies == nil {
				s.First[i].Do = append(s.First[i].Do, a.lines()...)
			}
		}
	}
	f := &s.First[i]
	f.Count += m.Count
	if n := len(f.Devices); n == 0 || f.Devices[n-1] != device { // devices come one after the other
		f.Devices = append(f.Devices, device)
	}
}

// order puts the worst first: by severity, then by how many devices have it.
func (s *logSummary) order() {
	if s.First == nil {
		s.First = []logFirst{}
	}
	slices.SortStableFunc(s.First, func(a, b logFirst) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(len(b.Devices), len(a.Devices)), cmp.Compare(a.ID, b.ID))
	})
}

// byAnyName finds a device by any of the names under which a log may know it.
func byAnyName(all []seen) func(string) *seen {
	index := map[string]*seen{}
	put := func(name string, d *seen) {
		name = strings.ToLower(name)
		if _, taken := index[name]; !taken && name != "" {
			index[name] = d
		}
	}
	for i := range all {
		put(all[i].Name, &all[i])
	}
	for i := range all {
		d := &all[i]
		put(d.Address, d)
		put(d.hostname, d)
		if d.Platform != nil {
			put(d.Platform.Hostname, d)
		}
	}
	return func(name string) *seen {
		name = strings.ToLower(name)
		if d := index[name]; d != nil {
			return d
		}
		short, _, _ := strings.Cut(name, ".")
		if strings.Trim(short, "0123456789") == "" { // an address
			return nil
		}
		return index[short]
	}
}

// notProof are passes that say only that nothing was tried or logged.
var notProof = []string{"agent-comm-channels.untried", "log-comm-failed.none"}

// stillTrue asks the checks that decide whether an open trouble is still there. What the device said before
// the message was printed does not end it; live, it was asked after.
func stillTrue(g *message.Group, d *seen, live bool) *logNow {
	switch {
	case g.Message == nil:
		return &logNow{Verdict: "unknown", Summary: "no check knows this message"}
	case d == nil:
		return &logNow{Verdict: "unknown", Summary: "nothing else is known of this device"}
	case len(d.Results) == 0:
		return &logNow{Verdict: "unknown", Summary: "the device was not examined"}
	}
	maybe, over := (*logNow)(nil), (*logNow)(nil)
	open := &logNow{Verdict: "unknown", Summary: "the checks that could tell do not apply or do not know"}
	for _, id := range g.Message.Proof() {
		i := slices.IndexFunc(d.Results, func(r diag.Result) bool { return r.Check == id })
		if i < 0 {
			continue
		}
		r := d.Results[i]
		n := &logNow{Check: id, Summary: r.Summary}
		switch {
		case r.Status == diag.Fail:
			n.Verdict = "still"
			if root := engine.Root(d.Results, r); root.Check != r.Check {
				n.Root, n.Summary = root.Check, fmt.Sprintf("%s Cause: %s", r.Summary, root.Summary)
			}
			return n
		case r.Status == diag.Warn:
			n.Verdict = "maybe"
			maybe = cmp.Or(maybe, n)
		case r.Status == diag.Pass && !slices.Contains(notProof, r.Message.ID):
			n.Verdict = "over"
			over = cmp.Or(over, n)
		case r.Status == diag.Unknown && open.Check == "":
			open.Check, open.Summary = id, r.Summary
		}
	}
	if over != nil && !live {
		if why := notAfter(g.Stamp, d.facts); why != "" {
			return &logNow{Verdict: "unknown", Check: over.Check, Summary: why}
		}
	}
	// a warning about what is past does not outweigh the proof that it works now
	return cmp.Or(over, maybe, open)
}

// notAfter says why what a device said can not be taken for later than a message, "" when it was later.
func notAfter(s message.Stamp, f *diag.Facts) string {
	now, _ := iosxe.Now(f).Peek()
	at, ok := s.At(now)
	switch {
	case !ok || now.IsZero():
		return "no time tells whether the device was collected before or after the message"
	case now.Sub(at) < 0:
		return "the device was collected before the message was printed"
	case !s.HasYear() && now.Sub(at) > 335*24*time.Hour:
		return "the device was collected shortly before the message was printed, or most of a year after it"
	}
	return ""
}

// write renders the document.
func (d *logsDocument) write(w io.Writer, format string, l *lines) error {
	switch format {
	case "json":
		return encode(w, d, "  ")
	case "ndjson":
		return d.stream(w)
	}
	d.table(l)
	return l.flush(w)
}

// stream writes one object per line: the head, the devices, the summary.
func (d *logsDocument) stream(w io.Writer) error {
	type line struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
	}
	head := struct {
		line
		Tool  diag.Tool `json:"tool"`
		Files []logFile `json:"files"`
	}{line{d.Schema, d.Kind}, d.Tool, d.Files}
	if err := encode(w, head, ""); err != nil {
		return err
	}
	for _, device := range d.Devices {
		if err := encode(w, struct {
			line
			logDevice
		}{line{d.Schema, "device"}, device}, ""); err != nil {
			return err
		}
	}
	return encode(w, struct {
		line
		Summary logSummary `json:"summary"`
	}{line{d.Schema, "summary"}, d.Summary}, "")
}
