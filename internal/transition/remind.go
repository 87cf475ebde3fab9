package transition

import (
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/rundiff"
)

// remind tells again, in the first run of a day, of the critical findings that are open and of the devices that are
// not examined, unless this run tells of them anyway. Days are those of the runner's clock, whichever way it jumps.
func (t *teller) remind() {
	if day(t.Before.Run.Started, t.Zone) == day(t.After.Run.Started, t.Zone) {
		return
	}
	told := map[part]bool{}
	for _, e := range t.Events {
		told[e.part()] = true
	}
	for i := range t.known {
		d := &t.known[i]
		if depth(d.State) > 0 && !told[part{d.Name, "state"}] {
			e := t.stateEvent(d, nil)
			e.Kind, e.Since = Reminder, t.Opened(d.Name, "state")
			t.tell(e, false, false)
		}
		for _, r := range d.Results {
			if r.Severity != diag.Critical || !t.fold.IsFinding(r) || told[part{d.Name, "check:" + r.Check}] {
				continue
			}
			e := t.checkEvent(Reminder, d, r)
			e.After, e.Since = rundiff.Words(r), t.Opened(d.Name, "check:"+r.Check)
			t.tell(e, false, false)
		}
	}
}

func day(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }
