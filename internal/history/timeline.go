package history

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Timeline is the life of a device in the runs of one job.
type Timeline struct {
	Job     string    `json:"job"`
	Device  string    `json:"device"`  // its name in the last run that had it
	UDI     string    `json:"udi"`     // of the unit that answered last; "" when it is not known
	First   time.Time `json:"first"`   // the first run that had it, of those that are kept
	Last    time.Time `json:"last"`    // the last one
	Present bool      `json:"present"` // that is the last run of the job
	State   string    `json:"state"`   // in that run
	Names   []Spell   `json:"names"`   // that it had, the oldest first
	Units   []Spell   `json:"units"`   // UDIs; more than one: it was replaced
	Open    []Fault   `json:"open"`    // what is at fault now, the oldest first
	Events  []Event   `json:"events"`  // the oldest first
}

// Spell is a value and when it was so.
type Spell struct {
	Value string     `json:"value"`
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until"` // nil: it is still so
}

// Fault is a part that is at fault.
type Fault struct {
	Part     string    `json:"part"` // "state" or "check:ID"
	Value    string    `json:"value"`
	Summary  string    `json:"summary"` // in the words of when it began
	CausedBy *string   `json:"caused_by"`
	Since    time.Time `json:"since"`
	OpenS    int64     `json:"open_s"` // for how long, up to the last run
	Opened   int       `json:"opened"` // how often it opened; more than once is flapping
}

// Event is a change of a part.
type Event struct {
	Run     int64     `json:"run"`
	At      time.Time `json:"at"`
	Part    string    `json:"part"`
	Before  string    `json:"before"`   // "" when there was nothing
	After   string    `json:"after"`    // "" when there is nothing
	Lasted  *int64    `json:"lasted_s"` // for how long it was as before; nil when there was nothing, or the clock went back
	Summary string    `json:"summary"`  // of a check
}

// Device are the timelines of a device by its present or an earlier name, its UDI or its serial number: one for each
// job that knows it. ErrNone when none does.
func (s *Store) Device(ctx context.Context, name string) ([]Timeline, error) {
	var out []Timeline
	err := s.eachJob(ctx, func(l *lens, j jobRow) error {
		devices, err := l.called(j.id, name)
		if err != nil {
			return err
		}
		for _, id := range devices {
			one, err := l.timeline(j, id)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = ErrNone
	}
	return out, err
}

// called are the devices of a job that have or had a name, a UDI or a serial number.
func (l *lens) called(job int64, name string) ([]int64, error) {
	spans, err := l.spans("part in ("+list([]int64{l.ids["name"], l.ids["udi"]})+") and device in (select id from device where job = $1)", job)
	if err != nil {
		return nil, err
	}
	if err := l.known.load(spans, false); err != nil {
		return nil, err
	}
	var out []int64
	for _, s := range spans {
		value := words(l.parts[s.part], l.known.body[s.value])
		_, serial, _ := strings.Cut(value, ",SN:")
		if (strings.EqualFold(value, name) || s.part == l.ids["udi"] && strings.EqualFold(serial, name)) && value != "" && !slices.Contains(out, s.device) {
			out = append(out, s.device)
		}
	}
	return out, nil
}

func (l *lens) timeline(j jobRow, device int64) (Timeline, error) {
	d := Timeline{Job: j.name, Names: []Spell{}, Units: []Spell{}, Open: []Fault{}, Events: []Event{}}
	var last int64
	if _, err := l.one("select name, udi, last from device where id = $1", []any{device}, &d.Device, &d.UDI, &last); err != nil {
		return d, err
	}
	d.Last, d.Present = l.times[last], last == j.last
	spans, err := l.spans("device = $1", device)
	if err != nil {
		return d, err
	}
	if err := l.known.load(spans, true); err != nil {
		return d, err
	}
	born := spans[0].first
	for _, s := range spans {
		born = min(born, s.first)
	}
	d.First = l.times[born]
	for some := range bySpan(spans) {
		part := l.parts[some[0].part]
		switch part {
		case "name":
			d.Names = l.spells(part, some)
		case "udi":
			d.Units = l.spells(part, some)
		case "state":
			d.State = words(part, l.known.body[some[len(some)-1].value])
		}
		if err := l.fault(&d, part, some, j.last); err != nil {
			return d, err
		}
		if err := l.events(&d, part, some, born); err != nil {
			return d, err
		}
	}
	slices.SortStableFunc(d.Events, func(a, b Event) int { return int(a.Run - b.Run) })
	slices.SortStableFunc(d.Open, func(a, b Fault) int { return a.Since.Compare(b.Since) })
	return d, nil
}

// spells are the values of a part; what is not known, and the time in which the inventory did not have it, is left out.
func (l *lens) spells(part string, spans []span) []Spell {
	out := []Spell{}
	for _, s := range spans {
		value := words(part, l.known.body[s.value])
		if value == "" {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Value != value {
			out = append(out, Spell{Value: value, From: l.times[s.first]})
		}
		one := &out[len(out)-1]
		one.Until = nil
		if s.until != 0 {
			one.Until = new(l.times[s.until])
		}
	}
	return out
}

// fault adds a part that is at fault now.
func (l *lens) fault(d *Timeline, part string, spans []span, last int64) error {
	if part != "state" && !strings.HasPrefix(part, checkPart) {
		return nil
	}
	all, err := episodes(part, slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.rank == fine }), l.known)
	if err != nil || len(all) == 0 || all[len(all)-1].until != 0 {
		return err
	}
	opened := 1
	for _, e := range all {
		if e.reopened {
			opened++
		}
	}
	e := all[len(all)-1]
	f := Fault{Part: part, Value: words(part, l.known.body[e.last.value]), Since: l.times[e.first],
		OpenS: int64(l.lasted(e, last) / time.Second), Opened: opened}
	if part != "state" {
		v, err := l.known.verdict(e.last.value)
		if err != nil {
			return err
		}
		w, err := l.known.wording(e.last.summary)
		if err != nil {
			return err
		}
		f.Summary, f.CausedBy = w.Summary, v.CausedBy
	}
	d.Open = append(d.Open, f)
	return nil
}

// events adds what changed of a part. The values that a device was first seen with are no events, and what leaves
// with the device is told once, by its state.
func (l *lens) events(d *Timeline, part string, spans []span, born int64) error {
	add := func(run int64, before *span, after *span) error {
		e := Event{Run: run, At: l.times[run], Part: part}
		var was, is []byte
		if before != nil {
			was = l.known.body[before.value]
			if lasted := l.times[run].Sub(l.times[before.first]); lasted >= 0 {
				e.Lasted = new(int64(lasted / time.Second))
			}
		}
		if after != nil {
			is = l.known.body[after.value]
			if strings.HasPrefix(part, checkPart) {
				w, err := l.known.wording(after.summary)
				if err != nil {
					return err
				}
				e.Summary = w.Summary
			}
		}
		e.Before, e.After = differ(part, was, is)
		d.Events = append(d.Events, e)
		return nil
	}
	var before *span
	for i := range spans {
		s := &spans[i]
		if before != nil && before.until != s.first {
			before = nil
		}
		if s.first != born && (before != nil || part == "state") {
			if err := add(s.first, before, s); err != nil {
				return err
			}
		}
		before = s
		if s.until != 0 && part == "state" && (i+1 == len(spans) || spans[i+1].first != s.until) {
			if err := add(s.until, s, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// differ words two values: of lists and of what has several fields only what is not in the other one. Of verdicts
// that are the same in short it says what they come from.
func differ(part string, was, is []byte) (before, after string) {
	before, after = worded(part, was), worded(part, is)
	check := strings.HasPrefix(part, checkPart)
	if check && before != after || part == "state" || part == "udi" || was == nil || is == nil {
		return before, after
	}
	var a, b any
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		return before, after
	}
	old, now := leaves("", a), leaves("", b)
	without := func(all, these []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(these, s) }), ", ")
	}
	gone, come := without(old, now), without(now, old)
	if !check {
		return gone, come
	}
	join := func(verdict, more string) string { return strings.TrimSuffix(verdict+", "+more, ", ") }
	return join(before, gone), join(after, come)
}

// worded is a value in words, "" when there is none.
func worded(part string, body []byte) string {
	if body == nil {
		return ""
	}
	return words(part, body)
}
