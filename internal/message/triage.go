package message

import (
	"maps"
	"slices"
	"strings"
)

// Status is how a group of messages stands at the end of a log.
type Status string

// The statuses.
const (
	Open      Status = "open"      // trouble without a message that ends it behind it
	Recovered Status = "recovered" // trouble whose end stands behind it
	Good      Status = "recovery"  // a message that something works
	Told      Status = "notice"    // for information
)

// Mark is a place in a log.
type Mark struct {
	Stamp string `json:"stamp"` // the time as the log shows it, "" when the line has none
	File  string `json:"file"`
	Line  int    `json:"line"` // 1-based
}

// Group is what a log says about one message of one device: only its edges are kept, however often it is
// there.
type Group struct {
	ID       string
	Message  *Message // nil when it is not catalogued
	Subject  string   // the UDI or licence it is about, "" for messages without
	Severity int      // as printed last
	Status   Status
	Count    int
	First    Mark
	Last     Mark
	Stamp    Stamp         // of the last one
	Since    Mark          // where the trouble that is open, or was last, began
	Ended    Mark          // where it ended; zero unless recovered
	EndedBy  string        // id of the message that ended it
	Text     string        // of the last one
	Vars     Vars          // of the last one
	Failure  Failure       // what the last one says went wrong; zero for messages without a detail
	Classes  map[Class]int // how often which kind of fault was named
	Checks   []string      // ids of the checks that look at the matter
}

// Vars are the variables of a message by the names of the catalogue.
type Vars = map[string]string

// Log is what was read of one device.
type Log struct {
	Device string
	Groups []*Group // in the order of their first message

	index map[groupKey]*Group
}

type groupKey struct{ id, subject string }

// Triage follows the messages of many devices, each in the order of its log. The zero Triage is empty. It
// keeps one Group per device, message and subject, and drops what goes over its bounds, so that no log makes
// it large.
type Triage struct {
	Dropped int // messages that found no room

	logs   map[string]*Log
	groups int
}

// Bounds of a Triage.
const (
	maxGroups    = 100_000 // together
	maxPerDevice = 300
	maxKept      = 300 // bytes of a text
)

// subjects are the variables that tell apart whom a message is about, on one device.
var subjects = []string{"udi", "license"}

// subject of an event, and whether its message has one at all.
func subject(e Event, m *Message) (string, bool) {
	if m == nil {
		return "", false
	}
	for _, name := range subjects {
		if _, ok := m.Variables[name]; ok {
			return keep(e.Vars[name]), true
		}
	}
	return "", false
}

// keep is a copy of a text that does not hold on to the line it was cut from.
func keep(s string) string {
	if len(s) > maxKept {
		s = s[:maxKept]
	}
	return strings.ToValidUTF8(strings.Clone(s), "\uFFFD")
}

// Wanted reports whether a message may be about licensing: what to ask Some for.
func Wanted(facility, mnemonic string) bool {
	switch facility {
	case "SMART_LIC", "CALL_HOME", "PKI":
		return true
	}
	_, known := byID()[facility+"-"+mnemonic]
	return known
}

// Add takes in the next message of a device. What is not about licensing is passed over.
func (t *Triage) Add(device, file string, e Event) {
	var m *Message
	if entry := byID()[e.ID()]; entry != nil {
		m = entry.Message
	}
	if m == nil && e.Facility != "SMART_LIC" && e.Facility != "CALL_HOME" && !e.IsCRL() {
		return
	}
	at := Mark{Stamp: keep(e.Stamp.Text), File: file, Line: e.Line}
	log := t.log(device)
	g := t.group(log, e, m, at)
	if g != nil {
		g.take(e, at)
	} else {
		t.Dropped++
	}
	if m != nil { // what is not kept ends trouble all the same
		log.end(e, m, at)
	}
}

func (t *Triage) log(device string) *Log {
	if l := t.logs[device]; l != nil {
		return l
	}
	l := &Log{Device: strings.Clone(device), index: map[groupKey]*Group{}}
	if t.groups < maxGroups {
		if t.logs == nil {
			t.logs = map[string]*Log{}
		}
		t.logs[l.Device] = l
	}
	return l
}

// group is the group of a message, nil when there is no room for a new one.
func (t *Triage) group(l *Log, e Event, m *Message, at Mark) *Group {
	about, _ := subject(e, m)
	k := groupKey{e.ID(), about}
	if g := l.index[k]; g != nil {
		return g
	}
	if t.groups >= maxGroups || len(l.Groups) >= maxPerDevice {
		return nil
	}
	t.groups++
	k.id = keep(k.id)
	g := &Group{ID: k.id, Message: m, Subject: about, First: at}
	switch {
	case m != nil:
		g.Checks = m.Checks
	case e.IsCRL():
		g.Checks = []string{"trustpoint-crl-errors"}
	}
	l.index[k] = g
	l.Groups = append(l.Groups, g)
	return g
}

// take counts one more message.
func (g *Group) take(e Event, at Mark) {
	g.Count++
	if text := keep(e.Text); text != g.Text || g.Count == 1 {
		g.Text, g.Failure = text, e.Failure()
	}
	g.Last, g.Severity = at, e.Severity
	g.Stamp = e.Stamp
	g.Stamp.Text, g.Stamp.Mark, g.Stamp.Zone = at.Stamp, keep(e.Stamp.Mark), keep(e.Stamp.Zone)
	g.Vars = nil
	for name, value := range e.Vars {
		if g.Vars == nil {
			g.Vars = Vars{}
		}
		g.Vars[name] = keep(value)
	}
	if g.Failure.Class != "" {
		if g.Classes == nil {
			g.Classes = map[Class]int{}
		}
		g.Classes[g.Failure.Class]++
	}
	before := g.Status
	g.Status = g.statusNow()
	if g.Status == Open && before != Open {
		g.Since, g.Ended, g.EndedBy = at, Mark{}, ""
	}
}

// statusNow is what one more message means. A licensing error that is not catalogued counts as open: nobody
// knows what would end it.
func (g *Group) statusNow() Status {
	switch {
	case g.Message == nil && strings.HasPrefix(g.ID, "SMART_LIC-") && g.Severity <= 3:
		return Open
	case g.Message == nil || g.Message.Kind == Notice:
		return Told
	case g.Message.Kind == Recovery:
		return Good
	}
	return Open
}

// end closes the open troubles that a message ends. Where both are about a UDI or licence, it must be the
// same one.
func (l *Log) end(e Event, m *Message, at Mark) {
	if m.Kind == Trouble {
		return
	}
	about, has := subject(e, m)
	for _, g := range l.Groups {
		if g.Status != Open || g.Message == nil || !slices.Contains(g.Message.Endings(), m.ID()) {
			continue
		}
		if _, both := g.Message.Variables["udi"]; both && has && g.Subject != about {
			continue
		}
		g.Status, g.Ended, g.EndedBy = Recovered, at, m.ID()
	}
}

// Logs are the devices with messages about licensing, by name.
func (t *Triage) Logs() []*Log {
	var out []*Log
	for _, name := range slices.Sorted(maps.Keys(t.logs)) {
		l := t.logs[name]
		if slices.ContainsFunc(l.Groups, func(g *Group) bool { return g.ID != "SYS-RESTART" }) {
			out = append(out, l)
		}
	}
	return out
}
