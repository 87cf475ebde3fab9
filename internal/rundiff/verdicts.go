package rundiff

import (
	"fmt"
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// state compares how far the two runs came.
func (c *comparison) state(b, a *diag.DeviceResult) []Change {
	ch := Change{Kind: "state", Before: b.State.Words(b.Error), After: a.State.Words(a.Error)}
	switch {
	case a.State.Depth() > b.State.Depth():
		ch.Class, ch.Regression = Worse, true
		ch.Summary = "The device could be examined before"
		if a.Error != nil {
			ch.Summary += ", and now: " + a.Error.Message
		}
	case a.State.Depth() < b.State.Depth():
		ch.Class, ch.Summary = Better, "More of the device could be examined than before"
		if n := fails(a.Results); n > 0 && !b.State.Answered() {
			ch.Summary += "; " + count(n, "check fails", "checks fail") + " on it, perhaps since before"
		}
	case ch.Before != ch.After:
		ch.Class, ch.Summary = New, "The device still cannot be examined to the end, for another reason"
	default:
		return nil
	}
	return []Change{ch}
}

// lost are the reasons that mean: the device did not answer as it did before.
var lost = []diag.Reason{diag.Refused, diag.TimedOut, diag.Cut, diag.Unparsed, diag.Blocked, diag.Internal}

// checks compares the verdicts, and counts those that are the same.
func (c *comparison) checks(b, a *diag.DeviceResult) (changes []Change, same int) {
	old := map[string]diag.Result{}
	for _, r := range b.Results {
		old[r.Check] = r
	}
	for _, r := range a.Results {
		was, judged := old[r.Check]
		delete(old, r.Check)
		ch, changed := verdict(was, r, judged && b.State.Answered())
		if changed {
			ch.Kind, ch.Check, ch.Severity = "check", r.Check, r.Severity
			c.weigh(&ch, b, a, was, r, judged)
		} else {
			ch, changed = c.otherRoot(b, a, was, r)
		}
		switch {
		case changed:
			changes = append(changes, ch)
		case judged:
			same++
		case b.State.Answered():
			c.missing[r.Check] = true
		}
	}
	for id := range old {
		c.missing[id] = true
	}
	return changes, same
}

// weigh decides whether a changed verdict is a regression, and says what it comes from.
func (c *comparison) weigh(ch *Change, b, a *diag.DeviceResult, was, is diag.Result, judged bool) {
	ch.Before, ch.After, ch.Summary = say(was, judged), say(is, true), is.Summary
	if w := is.Waiver; w != nil && w.Expired {
		ch.Summary += fmt.Sprintf(" The waiver by %s expired on %s.", w.Owner, w.Expires)
	}
	down := !ch.Improves()
	switch {
	case !b.State.Answered(): // nothing can be said of before
	case !judged:
		c.missing[is.Check] = true
		ch.Class = Appeared
	case is.Status == diag.Unknown && is.Reason != nil && *is.Reason == diag.NotCollected:
		c.uncollected++
	case is.Status == diag.Unknown:
		reason := is.Reason != nil && slices.Contains(lost, *is.Reason)
		ch.Regression = reason && (was.Status != diag.Fail || *is.Reason != diag.Blocked)
	case was.Status == diag.Unknown && (is.Status == diag.Warn || was.Reason != nil && *was.Reason == diag.Blocked):
		// nothing says that it was better before; a fault that blocked it has given way to this one
	default:
		ch.Regression = down && is.Severity != diag.Info && is.Waived == nil
	}
	if c.accepted(a, is) {
		ch.Regression = false
	}
	results, of := a.Results, is
	if !down && judged {
		results, of = b.Results, was
	}
	switch root := engine.Root(results, of); {
	case root.Check != is.Check:
		ch.CausedBy = &root.Check
	case down && is.TopologyUnknown(), !down && was.TopologyUnknown():
		ch.CausedBy = new("topology")
	case down && is.Status == diag.Unknown && a.State == diag.Partial,
		!down && was.Status == diag.Unknown && b.State == diag.Partial:
		ch.CausedBy = new("state")
	}
}

// accepted reports a consequence of a waived root. What outlasts its cause is none, and no waiver makes up for an
// answer that is missing.
func (c *comparison) accepted(d *diag.DeviceResult, r diag.Result) bool {
	missing := r.Status == diag.Unknown && (r.Reason == nil || *r.Reason != diag.Blocked)
	return !missing && !c.outlasts(r.Check) && r.CausedBy != nil && engine.Root(d.Results, r).Waived != nil
}

// say is a verdict in a few words, "" for none.
func say(r diag.Result, judged bool) string {
	if !judged {
		return ""
	}
	return r.Words()
}

// rank orders verdicts by how bad they are; unknown is on no such scale.
func rank(s diag.Status) int {
	switch s {
	case diag.Warn:
		return 1
	case diag.Fail:
		return 2
	}
	return 0
}

// verdict classifies two verdicts of one check; false when they are the same. Without judged there is none before.
func verdict(was, is diag.Result, judged bool) (Change, bool) {
	bad := func(r diag.Result) bool { return r.Status == diag.Fail || r.Status == diag.Warn }
	class := Unchanged
	switch {
	case !judged || was.Status == diag.Unknown:
		if bad(is) {
			class = New
		} else if judged && is.Status != diag.Unknown {
			class = Better
		}
	case is.Status == diag.Unknown:
		class = Worse
	case rank(is.Status) > rank(was.Status) && !bad(was):
		class = New
	case rank(is.Status) > rank(was.Status):
		class = Worse
	case rank(is.Status) < rank(was.Status) && !bad(is):
		class = Resolved
	case rank(is.Status) < rank(was.Status):
		class = Better
	case bad(is) && is.Severity.Rank() < was.Severity.Rank():
		class = Worse
	case bad(is) && is.Severity.Rank() > was.Severity.Rank():
		class = Better
	case (is.Waived == nil) != (was.Waived == nil) && bad(is):
		class = New
		if is.Waived != nil {
			class = Better
		}
	}
	return Change{Class: class}, class != Unchanged
}

// otherRoot compares what two equally bad verdicts come from. It is a regression only where the new root was fine
// before: another object at fault, or an old fault that has come to light, is not.
func (c *comparison) otherRoot(b, a *diag.DeviceResult, was, is diag.Result) (Change, bool) {
	if rank(is.Status) == 0 || !b.State.Answered() || was.Check != is.Check {
		return Change{}, false
	}
	before, after := engine.Root(b.Results, was), engine.Root(a.Results, is)
	if before.Check == after.Check && before.Key == after.Key {
		return Change{}, false
	}
	ch := Change{Class: New, Kind: "check", Check: is.Check, Severity: is.Severity, Before: say(was, true), After: say(is, true),
		Summary: fmt.Sprintf("As bad as before, but it now comes from %s, before from %s.", root(after), root(before))}
	if after.Check != is.Check {
		ch.CausedBy = &after.Check
		i := slices.IndexFunc(b.Results, func(r diag.Result) bool { return r.Check == after.Check })
		ch.Regression = i >= 0 && rank(b.Results[i].Status) < rank(after.Status) && is.Waived == nil && !c.accepted(a, is)
	}
	return ch, true
}

func root(r diag.Result) string {
	if r.Key == "" {
		return r.Check
	}
	return r.Check + " (" + r.Key + ")"
}
