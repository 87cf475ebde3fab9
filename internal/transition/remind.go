package transition

import (
	"fmt"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// remind tells again, in the first run of a day, of the critical findings that are open and of what can no longer be
// seen: devices that are not examined and verdicts that are lost, unless this run tells of them anyway. Days are those of
// the runner's clock, whichever way it jumps. A run to which no device answers is no all-clear then.
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
		if d.State.Depth() > 0 && !told[part{d.Name, "state"}] {
			e := t.stateEvent(d, nil)
			e.Kind, e.Since = Reminder, t.Opened(d.Name, "state")
			t.tell(e, false, t.dark)
		}
		for _, r := range d.Results {
			if r.Severity != diag.Critical || !t.fold.IsFinding(r) || told[part{d.Name, "check:" + r.Check}] {
				continue
			}
			e := t.checkEvent(Reminder, d, r)
			e.After, e.Since = r.Words(), t.Opened(d.Name, "check:"+r.Check)
			t.tell(e, false, false)
		}
		t.coverage(d, told)
	}
}

// coverage reminds of the checks of an examined device that were decided once and no longer are.
func (t *teller) coverage(d *diag.DeviceResult, told map[part]bool) {
	if d.State.Depth() > 0 {
		return
	}
	e := Event{Kind: Reminder, Device: d.Name, UDI: d.Platform.UDI(), Subject: "coverage"}
	var lost []string
	for _, r := range d.Results {
		p := part{d.Name, "check:" + r.Check}
		if !t.gap(r) || told[p] {
			continue
		}
		since := t.Missing(p.device, p.name)
		if since == nil {
			continue
		}
		if e.Since == nil || since.Before(*e.Since) {
			e.Since = since
		}
		lost = append(lost, fmt.Sprintf("%s (%s)", r.Check, *r.Reason))
	}
	if len(lost) > 0 {
		e.After, e.Summary = are(len(lost), "check")+" unknown", "Known before: "+strings.Join(lost, ", ")+"."
		t.tell(e, false, false)
	}
}

// blind tells what cannot be decided about a device that is seen for the first time: nobody was told of it before.
func (t *teller) blind(d *diag.DeviceResult) {
	var gaps []string
	for _, r := range d.Results {
		if t.gap(r) {
			gaps = append(gaps, fmt.Sprintf("%s (%s)", r.Check, *r.Reason))
		}
	}
	if len(gaps) > 0 {
		t.tell(Event{Kind: New, Device: d.Name, UDI: d.Platform.UDI(), Subject: "coverage", After: are(len(gaps), "check") + " unknown",
			Summary: "Never known: " + strings.Join(gaps, ", ") + "."}, false, true)
	}
}

// gap reports whether a check could not be decided because of what the device answered, and is of weight.
func (t *teller) gap(r diag.Result) bool {
	return engine.IsGap(r) && r.Severity.Rank() <= t.FailOn.Rank()
}

func day(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }
