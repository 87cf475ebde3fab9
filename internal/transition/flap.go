package transition

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// When a part of a device flaps.
const (
	// FlapChanges are so many changes that a part flaps,
	FlapChanges = 3
	// FlapWindow in so many runs in a row that saw it;
	FlapWindow = 7
	// FlapStill are so many runs in a row without a change that it is still again.
	FlapStill = 3
	// FlapMemory is how many runs are looked at to know all this.
	FlapMemory = 30
)

// Series is a part of a device that changed, run by run.
type Series struct {
	Device string  // its name in the last run
	UDI    string  // "" when it is not known
	Part   string  // "state", "check:ID", or a kind of fact
	Points []Point // oldest first; runs that did not see the part are left out
}

// Point is the value of a part in one run.
type Point struct {
	At    time.Time // when the run was started
	Value string    // in the words of a comparison; "" when it was gone
	Now   bool      // of the run that is told about
}

// Key identifies the part for Damped, across renames where the unit is known.
func (s Series) Key() string { return "flap " + cmp.Or(s.UDI, s.Device) + " " + s.Part }

// part is what an event is about, named as in Series. A device that is gone has no state.
func (e Event) part() part {
	switch e.Subject {
	case "check":
		return part{e.Device, "check:" + e.Check}
	case "device":
		return part{e.Device, "state"}
	}
	return part{e.Device, e.Subject}
}

// untried is the state of a device whose credential was rejected on others before its turn came: which of them are
// tried is chance (collect.Breaker).
const untried = string(diag.NotReached) + " (breaker)"

// tone is what of a value counts as a change: not the severity of a fault, not why it is not known.
func tone(part, value string) string {
	if part == "state" && value == untried {
		return string(diag.AuthRejected)
	}
	if part == "state" || strings.HasPrefix(part, "check:") {
		value, _, _ = strings.Cut(value, " (")
		if value == "not-applicable" {
			value = "pass"
		}
	}
	return value
}

// flap is how a part behaves as of the last of its points.
type flap struct {
	flapping bool
	settled  bool      // it flapped before, and is still again
	since    time.Time // of the first of the changes
	changes  int       // since then
}

// replay follows a part from run to run. When it is still again, counting begins anew.
func (s Series) replay() flap {
	var f flap
	var at []int // the changes that count, by point
	for i := 1; i < len(s.Points); i++ {
		if tone(s.Part, s.Points[i].Value) != tone(s.Part, s.Points[i-1].Value) {
			at = append(at, i)
			f.changes++
		}
		at = slices.DeleteFunc(at, func(c int) bool { return !f.flapping && c <= i-FlapWindow })
		switch {
		case !f.flapping && len(at) >= FlapChanges:
			f = flap{flapping: true, since: s.Points[at[0]].At, changes: len(at)}
		case f.flapping && i-at[len(at)-1] >= FlapStill:
			f.flapping, f.settled, at = false, true, nil
		}
	}
	return f
}

// part is one part of one device.
type part struct{ device, name string }

// unlessDamped tells of a change, unless the part flaps: then it tells that, once.
func (t *teller) unlessDamped(e Event, worse, lost bool) {
	s := t.series[e.part()]
	k, f := s.Key(), s.replay()
	switch {
	case !f.flapping:
		if len(s.Points) > 0 && t.Damped(k) { // a flap of which the end was not seen within FlapMemory
			t.Clear = append(t.Clear, k)
		}
		t.tell(e, worse, lost)
	case e.Subject == "state" && t.Examined == 0: // a night that saw nothing is never quiet
		t.tell(e, worse, lost)
	case t.Damped(k):
		t.Quieted += 1 + e.Consequences
	default:
		e.Kind, e.Since, e.Changes = Flapping, &f.since, f.changes
		t.Damp = append(t.Damp, k)
		t.tell(e, false, false)
	}
}

// settled tells of the parts that flapped and are still again.
func (t *teller) settled() {
	for _, s := range t.Series {
		k := s.Key()
		if len(s.Points) == 0 || !s.Points[len(s.Points)-1].Now || t.cut[s.Device] {
			continue
		}
		f := s.replay()
		if !f.settled || f.flapping || !t.Damped(k) {
			continue
		}
		t.Clear = append(t.Clear, k)
		e := Event{Kind: Settled, Device: s.Device, UDI: s.UDI, Subject: s.Part, After: s.Points[len(s.Points)-1].Value, Since: &f.since, Changes: f.changes}
		if id, ok := strings.CutPrefix(s.Part, "check:"); ok {
			e.Subject, e.Check = "check", id
			if i, here := t.place[s.Device]; here {
				r, _ := find(&t.known[i], id)
				e.Key, e.Severity, e.Summary = r.Key, r.Severity, r.Summary
			}
		}
		t.tell(e, false, false)
	}
}
