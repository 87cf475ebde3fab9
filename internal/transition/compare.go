package transition

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/rundiff"
)

// compare tells what is not as it was before.
func (t *teller) compare() {
	t.settle()
	before := byName(t.Before.Devices)
	diff := rundiff.Compare(t.Tool, remembered(*t.Before), rundiff.Side{Tool: t.After.Tool, Run: t.After.Run, Devices: t.known}, rundiff.Options{Routine: true, Outlasts: t.Outlasts})
	t.Notes = append(t.Notes, diff.Notes...)
	changed := map[string]*rundiff.Device{}
	for i := range diff.Devices {
		dev := &diff.Devices[i]
		if len(dev.Changes) == 1 && dev.Changes[0].Class == rundiff.Vanished && dev.Changes[0].Kind == "device" {
			t.vanished(dev, before[dev.Name])
			continue
		}
		changed[dev.Name] = dev
	}
	for i := range t.known {
		d := &t.known[i]
		dev := changed[d.Name]
		if dev == nil {
			dev = &rundiff.Device{Name: d.Name, UDI: d.Platform.UDI()}
		}
		if slices.ContainsFunc(dev.Changes, func(ch rundiff.Change) bool { return ch.Kind == "device" }) {
			t.appeared(d, dev.Changes[0].Summary)
			continue
		}
		was := before[d.Name]
		if dev.Was != nil {
			was = before[*dev.Was]
		}
		t.device(dev, was, d)
	}
}

// remembered is a side whose devices count as examined where verdicts of them are known, however long ago they were
// made: when a device is back, its verdicts are compared with those.
func remembered(s rundiff.Side) rundiff.Side {
	s.Devices = slices.Clone(s.Devices)
	for i := range s.Devices {
		if d := &s.Devices[i]; len(d.Results) > 0 && d.State.Depth() > 0 {
			d.State, d.Error = diag.Examined, nil
		}
	}
	return s
}

func (t *teller) vanished(dev *rundiff.Device, was *diag.DeviceResult) {
	open := 0
	for _, r := range was.Results {
		if t.finding(was, r) {
			open++
		}
	}
	text := "The device is no longer in the inventory"
	if open > 0 {
		text += ", with " + count(open, "finding") + " open"
	}
	t.unlessDamped(Event{Kind: Vanished, Device: dev.Name, UDI: dev.UDI, Subject: "device", Before: was.State.Words(was.Error), Summary: text + "."}, false, false)
}

func (t *teller) appeared(d *diag.DeviceResult, summary string) {
	t.unlessDamped(Event{Kind: Appeared, Device: d.Name, UDI: d.Platform.UDI(), Subject: "device", After: d.State.Words(d.Error), Summary: summary},
		false, d.State != diag.Examined)
	t.faults(d)
	t.blind(d)
}

// device tells of the changes of a device that both runs have. What follows a change is counted with it, and not
// told when that one is not.
func (t *teller) device(dev *rundiff.Device, was, is *diag.DeviceResult) {
	follows := map[string]int{}
	for i := range dev.Changes {
		ch := &dev.Changes[i]
		if ch.Follows = ch.Follows && !t.surfaced(*ch, was, is); ch.Follows {
			follows[*ch.CausedBy+heading(*ch)]++
		}
	}
	t.state(dev, was, is, follows)
	if was.State.Depth() == 2 && len(was.Results) == 0 { // it was never seen before
		t.faults(is)
		t.blind(is)
		return
	}
	for _, ch := range dev.Changes {
		if ch.Follows || ch.Kind == "state" {
			continue
		}
		e, worse, lost, ok := t.event(ch, was, is)
		if !ok {
			continue
		}
		e.Device, e.Was = dev.Name, dev.Was
		if e.UDI == "" {
			e.UDI = dev.UDI
		}
		e.Consequences = follows[subject(ch)+heading(ch)]
		t.unlessDamped(e, worse, lost)
	}
	t.unblocked(was, is)
	t.unjudged(was, is)
}

// unjudged tells of the findings that nobody looks after any more, because this program does not have their check.
func (t *teller) unjudged(was, is *diag.DeviceResult) {
	if !is.State.Answered() {
		return
	}
	for _, old := range was.Results {
		if !t.finding(was, old) {
			continue
		}
		if _, judged := find(is, old.Check); !judged {
			t.unlessDamped(Event{Kind: Changed, Device: is.Name, UDI: is.Platform.UDI(), Subject: "check", Check: old.Check, Key: old.Key, Severity: old.Severity,
				Before: old.Words(), Summary: "This version does not have the check: whether it still fails is not known."}, false, false)
		}
	}
}

// unblocked tells of the verdicts that are still unknown, but now because of what the device answers: while something
// else was in front of them they were not missed. Of what was never known nobody is told again.
func (t *teller) unblocked(was, is *diag.DeviceResult) {
	if is.State != diag.Examined {
		return
	}
	for _, r := range is.Results {
		if !t.gap(r) {
			continue
		}
		old, judged := find(was, r.Check)
		if !judged || old.Status != diag.Unknown || noAnswer(old) || t.Missing(is.Name, "check:"+r.Check) == nil {
			continue
		}
		e := t.checkEvent(Worse, is, r)
		e.Before, e.After = old.Words(), r.Words()
		t.unlessDamped(e, false, true)
	}
}

// surfaced reports whether what followed from something else is a finding now, if a lesser one than before.
func (t *teller) surfaced(ch rundiff.Change, was, is *diag.DeviceResult) bool {
	r, now := find(is, ch.Check)
	old, _ := find(was, ch.Check)
	return now && ch.Class == rundiff.Better && t.finding(is, r) && !t.finding(was, old)
}

func subject(ch rundiff.Change) string {
	if ch.Kind == "check" {
		return ch.Check
	}
	return ch.Kind
}

func heading(ch rundiff.Change) string {
	if ch.Improves() {
		return " better"
	}
	return ""
}

// state compares how far the two runs came. Another reason for the same state is not told: networks fail in many ways.
func (t *teller) state(dev *rundiff.Device, was, is *diag.DeviceResult, follows map[string]int) {
	if tone("state", was.State.Words(was.Error)) == tone("state", is.State.Words(is.Error)) {
		return
	}
	e := t.stateEvent(is, was)
	e.Was = dev.Was
	switch {
	case is.State.Depth() > was.State.Depth():
		e.Consequences = follows["state"]
		t.unlessDamped(e, false, true)
	case is.State.Depth() < was.State.Depth():
		e.Kind, e.Fixes, e.Consequences = Better, nil, follows["state better"]
		t.unlessDamped(e, false, false)
	default:
		e.Kind = Changed
		t.unlessDamped(e, false, t.dark)
	}
}

// event is a change as it is told, and what it means for the exit status; false when it is not told.
func (t *teller) event(ch rundiff.Change, was, is *diag.DeviceResult) (e Event, worse, lost, ok bool) {
	if ch.Kind == "check" {
		return t.verdict(ch, was, is)
	}
	e = Event{Kind: Kind(ch.Class), Subject: ch.Kind, Before: ch.Before, After: ch.After, Summary: ch.Summary, CausedBy: ch.CausedBy}
	switch {
	case ch.Class == rundiff.New, ch.Class == rundiff.Appeared: // another value, another part
		e.Kind = Changed
	case ch.Class == rundiff.Vanished: // a part of the device
		e.Kind, worse = Worse, ch.Regression
	case ch.Class == rundiff.Worse:
		worse, lost = ch.Regression && ch.After != "", ch.Regression && ch.After == ""
	}
	return e, worse, lost, true
}

// verdict is a changed verdict of a check.
func (t *teller) verdict(ch rundiff.Change, was, is *diag.DeviceResult) (e Event, worse, lost, ok bool) {
	r, now := find(is, ch.Check)
	old, _ := find(was, ch.Check)
	if !now {
		return e, false, false, false
	}
	kind := Kind(ch.Class)
	switch ch.Class {
	case rundiff.Appeared: // a check that the run before did not have
		kind = New
	case rundiff.New:
		if old.Status == r.Status && old.Severity == r.Severity && (t.finding(was, old) || !t.finding(is, r)) && (old.Waived == nil) == (r.Waived == nil) {
			kind = Changed // as bad as before, but because of something else
		}
	case rundiff.Better:
		if t.surfaced(ch, was, is) {
			kind = New
		}
	}
	e = t.checkEvent(kind, is, r)
	e.Before, e.After, e.Summary = ch.Before, ch.After, ch.Summary
	if ch.Improves() {
		e.CausedBy = ch.CausedBy
	}
	switch {
	case r.Status == diag.Unknown:
		return e, false, t.gap(r), t.finding(was, old) || noAnswer(r)
	case kind == Better && old.Status == diag.Unknown:
		return e, false, false, noAnswer(old)
	case kind == New && r.Waived != nil && old.Status != diag.Unknown && !bad(old):
		return e, false, false, false // accepted before it began
	case kind == Changed && !t.finding(is, r), t.follows(is, r) && (t.follows(was, old) || !bad(old)), t.follows(was, old) && !bad(r):
		return e, false, false, false // of a cause that is known
	}
	return e, (kind == New || kind == Worse) && t.weighs(is, r), false, true
}

func bad(r diag.Result) bool { return r.Status == diag.Fail || r.Status == diag.Warn }

// follows reports whether a result is told with the one that explains it, and not by itself.
func (t *teller) follows(d *diag.DeviceResult, r diag.Result) bool {
	return r.CausedBy != nil && !t.fold.IsFinding(r) && !t.fold.IsWarning(d.Results, r)
}

// noAnswer reports whether a check is unknown because of the device, and not because of a flag, of the release, of what
// fails in front of it, or because nobody can see it from here.
func noAnswer(r diag.Result) bool {
	return engine.IsGap(r) || r.Reason != nil && *r.Reason == diag.Internal
}

func find(d *diag.DeviceResult, check string) (diag.Result, bool) {
	if i := slices.IndexFunc(d.Results, func(r diag.Result) bool { return r.Check == check }); i >= 0 {
		return d.Results[i], true
	}
	return diag.Result{}, false
}
