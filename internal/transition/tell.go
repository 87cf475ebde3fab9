package transition

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/rundiff"
)

// Input is a run, and what is known of those before it.
type Input struct {
	Tool   diag.Tool
	Job    string
	Next   *time.Time     // when the following run is expected; nil when that is not known
	Before *rundiff.Side  // every device of the job as it was known last; nil for the first run
	After  rundiff.Side   // with the fixes of its results
	Zone   *time.Location // of the runner's days
	Untold bool           // nobody knows whether the run before came to the end of telling

	FailOn    diag.Severity // lowest severity of what sets the exit status
	WarnFails bool          // warnings count like faults
	// Outlasts reports whether a failing check is a finding although another explains it.
	Outlasts func(check string) bool
	Waive    func(*diag.DeviceResult) // of Standing
	// Opened is since when the fault of a part is open: "state", "check:ID"; nil when that is not known.
	Opened func(device, part string) *time.Time
	// Missing is since when a verdict that was known once is not; nil when it is known, or never was.
	Missing func(device, part string) *time.Time

	Series []Series // the parts that changed in the last FlapMemory runs, this one included
	// Damped reports whether it has been told of a part, by its Series.Key, that it flaps.
	Damped func(key string) bool
}

// Outcome is what there is to tell and to remember.
type Outcome struct {
	Document
	Damp  []string // keys that flap from now on: Damped says so in the next run
	Clear []string // keys that are still again
}

// The classes of errors (collect.MaxTime, collect.Interrupted) that mean: the run ended before the device was done.
const (
	maxTime     = "max_time"
	interrupted = "interrupted"
)

// Reached reports whether a run came to the end of a device. Of one that it did not reach nothing has changed.
func Reached(d *diag.DeviceResult) bool {
	return d.Error == nil || d.Error.Class != maxTime && d.Error.Class != interrupted
}

// teller is an Outcome in the making.
type teller struct {
	Input
	Outcome
	fold   engine.Fold
	known  []diag.DeviceResult // the devices of this run as they are known now
	place  map[string]int      // of a device in known
	cut    map[string]bool     // devices that the run did not reach
	dark   bool                // no device answered
	series map[part]Series
}

// Tell decides what a run has to say.
func Tell(in Input) Outcome {
	t := &teller{Input: in, fold: engine.Fold{Outlasts: in.Outlasts}, place: map[string]int{}, cut: map[string]bool{}, series: map[part]Series{}}
	t.Document = Document{Schema: diag.SchemaVersion, Kind: "transitions", Tool: in.Tool, Job: in.Job, Run: in.After.Run, Next: in.Next,
		Devices: len(in.After.Devices), Notes: []string{}, Events: []Event{}}
	t.dark = !slices.ContainsFunc(in.After.Devices, func(d diag.DeviceResult) bool { return d.State.Answered() })
	for i := range in.After.Devices {
		d := &in.After.Devices[i]
		if d.State == diag.Examined {
			t.Examined++
		}
		if !Reached(d) {
			t.Cut++
			t.cut[d.Name] = true
		}
	}
	if in.Before == nil {
		t.first()
	} else {
		t.Since = &in.Before.Run
		if in.Untold {
			t.Missed = &in.Before.Run.Started
		}
		for _, s := range in.Series {
			t.series[part{s.Device, s.Part}] = s
		}
		t.compare()
		t.settled()
		t.remind()
	}
	t.count()
	t.order()
	return t.Outcome
}

// Known are the devices of a run as they are known after it: as it found them, or as they were known before where it
// did not come to their end.
func Known(before *rundiff.Side, after []diag.DeviceResult) []diag.DeviceResult {
	known := slices.Clone(after)
	if before == nil {
		return known
	}
	was := byName(before.Devices)
	for i := range known {
		if b := was[known[i].Name]; b != nil && !Reached(&known[i]) {
			known[i] = *b
			if b.Facts != nil { // what its clock said then is not what it says now
				facts := *b.Facts
				facts.Clock = nil
				known[i].Facts = &facts
			}
		}
	}
	return known
}

func byName(devices []diag.DeviceResult) map[string]*diag.DeviceResult {
	out := make(map[string]*diag.DeviceResult, len(devices))
	for i := range devices {
		out[devices[i].Name] = &devices[i]
	}
	return out
}

// Standing are the devices of a run with everything that is known of them: as Known, and what was found wrong with a
// device is so until it answers again. Waive marks of that what is waived today; nil leaves the marks as they were.
func Standing(before *rundiff.Side, after []diag.DeviceResult, waive func(*diag.DeviceResult)) []diag.DeviceResult {
	known := Known(before, after)
	if before == nil {
		return known
	}
	was := byName(before.Devices)
	for i := range known {
		d := &known[i]
		if b := was[d.Name]; b != nil && d.State.Depth() == 2 && !slices.ContainsFunc(d.Results, decided) {
			d.Results = slices.Clone(b.Results)
			if waive != nil {
				waive(d)
			}
		}
	}
	return known
}

// decided reports whether a check came to a verdict.
func decided(r diag.Result) bool { return r.Status != diag.Unknown && r.Status != diag.NotApplicable }

// settle makes known what there is after the run.
func (t *teller) settle() {
	t.known = Standing(t.Before, t.After.Devices, t.Waive)
	for i := range t.known {
		t.place[t.known[i].Name] = i
	}
	if t.Cut > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("The run was ended before it came to the end of %s: what was known of them stands.", count(t.Cut, "device")))
	}
	if t.Missed != nil {
		t.Notes = append(t.Notes, "The run before this one was recorded, but ended before it had told what it found: see slpdoctor history show.")
	}
}

// first tells of the first run of a job as if everything was new.
func (t *teller) first() {
	t.settle()
	gaps, warnings := 0, 0
	for i := range t.known {
		d := &t.known[i]
		if d.State != diag.Examined {
			t.tell(t.stateEvent(d, nil), false, true)
		}
		t.faults(d)
		for _, r := range d.Results {
			if t.gap(r) {
				gaps++
			}
			if t.fold.IsWarning(d.Results, r) && !t.WarnFails {
				warnings++
			}
		}
	}
	if gaps > 0 {
		t.Lost++
		t.Notes = append(t.Notes, fmt.Sprintf("%s unknown, because answers were refused, late, cut or not understood: slpdoctor history show tells on which devices.", are(gaps, "check")))
	}
	if warnings > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%s not listed here.", are(warnings, "warning")))
	}
}

// faults tells of every finding of a device as new.
func (t *teller) faults(d *diag.DeviceResult) {
	for _, r := range d.Results {
		if t.finding(d, r) {
			e := t.checkEvent(New, d, r)
			e.After = r.Words()
			e.Consequences = consequences(d, r.Check)
			t.unlessDamped(e, t.weighs(d, r), false)
		}
	}
}

func consequences(d *diag.DeviceResult, check string) int {
	n := 0
	for _, r := range d.Results {
		if r.Check != check && r.CausedBy != nil && engine.Root(d.Results, r).Check == check {
			n++
		}
	}
	return n
}

// finding reports whether a result counts: faults, and warnings where they count like faults.
func (t *teller) finding(d *diag.DeviceResult, r diag.Result) bool {
	return t.fold.IsFinding(r) || t.WarnFails && t.fold.IsWarning(d.Results, r)
}

// weighs reports whether a result sets the exit status.
func (t *teller) weighs(d *diag.DeviceResult, r diag.Result) bool {
	return t.finding(d, r) && r.Severity.Rank() <= t.FailOn.Rank()
}

// tell takes in an event, and what it means for the exit status.
func (t *teller) tell(e Event, worse, lost bool) {
	if e.Fixes == nil {
		e.Fixes = []diag.Fix{}
	}
	if worse {
		t.Worse++
	}
	if lost {
		t.Lost++
	}
	t.Events = append(t.Events, e)
}

func (t *teller) checkEvent(kind Kind, d *diag.DeviceResult, r diag.Result) Event {
	e := Event{Kind: kind, Device: d.Name, UDI: d.Platform.UDI(), Subject: "check", Check: r.Check, Key: r.Key, Severity: r.Severity, Summary: r.Summary}
	if root := engine.Root(d.Results, r); root.Check != r.Check {
		e.CausedBy = &root.Check
	}
	if kind == New || kind == Worse || kind == Reminder {
		e.Fixes = r.Fixes
	}
	return e
}

// stateEvent is how far the examination of a device came, compared with before.
func (t *teller) stateEvent(d, was *diag.DeviceResult) Event {
	e := Event{Kind: Worse, Device: d.Name, UDI: d.Platform.UDI(), Subject: "state", After: d.State.Words(d.Error), Summary: "The device is examined."}
	if d.Error != nil {
		e.Summary = d.Error.Message
		if d.Error.Hint != "" {
			e.Fixes = []diag.Fix{{Summary: d.Error.Hint, Config: []string{}, Exec: []string{}, Verify: []string{}, Manual: []string{}}}
		}
	}
	if was != nil {
		e.Before = was.State.Words(was.Error)
		e.UDI = cmp.Or(e.UDI, was.Platform.UDI())
	}
	return e
}

// count counts what is open and what is waived, told or not.
func (t *teller) count() {
	for i := range t.known {
		for _, r := range t.known[i].Results {
			switch {
			case t.fold.IsFinding(r):
				t.Open++
			case t.fold.IsWaived(r):
				t.Waived++
			}
		}
	}
}

// order puts the most urgent first, and else keeps the order of the inventory.
func (t *teller) order() {
	slices.SortStableFunc(t.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)),
			cmp.Compare(urgency(a), urgency(b)), cmp.Compare(t.position(a.Device), t.position(b.Device)))
	})
}

func (t *teller) position(device string) int {
	if i, ok := t.place[device]; ok {
		return i
	}
	return len(t.known)
}

// urgency orders the events of a kind.
func urgency(e Event) int { return rundiff.Urgency(e.Subject, e.Severity) }

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func are(n int, one string) string {
	if n == 1 {
		return "1 " + one + " is"
	}
	return fmt.Sprintf("%d %ss are", n, one)
}
