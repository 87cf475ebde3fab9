// Package rundiff compares two runs: what is new, worse, better, resolved or gone. It is blind to what moves by
// itself, the times and the counters that only grow. It does no I/O; the command line uses it.
package rundiff

import (
	"fmt"
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// Side is one of the two runs.
type Side struct {
	Tool    diag.Tool
	Run     diag.Run
	Source  string // where it was read, for people
	Devices []diag.DeviceResult
	// Undated says that the times of Run are not those of the devices' answers: text that was collected by other
	// means and judged later.
	Undated bool
}

// Options are what the user expects of the change.
type Options struct {
	Allow  Allow
	Subset bool // the second run asked for some of the devices only: the others have not vanished
	// Outlasts reports whether a failing verdict of the check counts although a waived one explains it; nil: none does.
	Outlasts func(check string) bool
	// Routine says that nothing was changed on purpose between the runs: it is no news that nothing is known of devices
	// that did not answer.
	Routine bool
}

// Class says in which direction something changed.
type Class string

// The classes, the most urgent first. A device has the first class that its changes amount to: to lose a part is
// worse, to win one is new.
const (
	Vanished  Class = "vanished" // was there, is not there
	Worse     Class = "worse"    // was bad or fine, and is less so; or can no longer be seen
	New       Class = "new"      // a fault or warning that was not there; another value
	Appeared  Class = "appeared" // is there, was not there
	Better    Class = "better"   // less bad than it was; or can be seen now
	Resolved  Class = "resolved" // a fault or warning that is gone
	Unchanged Class = "unchanged"
)

// Classes in order.
var Classes = []Class{Vanished, Worse, New, Appeared, Better, Resolved, Unchanged}

// Change is one difference. Before and After are in the words of the run, "" when that side has nothing.
type Change struct {
	Class       Class         `json:"class"`
	Kind        string        `json:"kind"`       // check, state, device, name, or one of Kinds
	Check       string        `json:"check"`      // the check's id when Kind is check
	Severity    diag.Severity `json:"severity"`   // of the check's later verdict; "" for other kinds
	Before      string        `json:"before"`     //
	After       string        `json:"after"`      //
	Summary     string        `json:"summary"`    // one sentence
	CausedBy    *string       `json:"caused_by"`  // the check at the root, "topology" where nobody knows whether the check applies, or "state" where the device was not examined to the end
	Follows     bool          `json:"follows"`    // what caused it is itself a change of this device in the same direction
	Regression  bool          `json:"regression"` // sets exit status 1 unless allowed
	AllowedWith *string       `json:"allowed"`    // the --allow that expects it
}

// Improves reports whether the change is for the better.
func (c Change) Improves() bool { return c.Class == Better || c.Class == Resolved }

// Urgency orders changes of a class: devices first, then what they are and have, then checks by severity.
func (c Change) Urgency() int { return Urgency(c.Kind, c.Severity) }

// Urgency is that of a kind of change; the severity is that of a check.
func Urgency(kind string, of diag.Severity) int {
	switch kind {
	case "device", "state":
		return 0
	case "check":
		return 2 + of.Rank()
	}
	return 1
}

// Gates reports whether the change sets the exit status.
func (c Change) Gates() bool { return c.Regression && c.AllowedWith == nil }

// Device is a device with changes.
type Device struct {
	Name      string   `json:"name"`      // in the later run; in the earlier one when it vanished
	Was       *string  `json:"was"`       // its name in the earlier run, when that was another
	UDI       string   `json:"udi"`       // "" when neither run knows it
	Class     Class    `json:"class"`     //
	Unchanged int      `json:"unchanged"` // checks with the same verdict
	Changes   []Change `json:"changes"`
}

// Head names one side in the document.
type Head struct {
	Source  string     `json:"source"`
	ID      string     `json:"id"`
	Mode    string     `json:"mode"`
	Version string     `json:"version"` // of the program that judged it
	Started *time.Time `json:"started"` // nil when it is not known when the devices were asked
	Devices int        `json:"devices"`
}

// Summary counts.
type Summary struct {
	Regressions  int           `json:"regressions"`  // roots that are not allowed: exit status 1
	Consequences int           `json:"consequences"` // regressions that follow another one
	Allowed      int           `json:"allowed"`      // changes that --allow expects
	Compared     int           `json:"compared"`     // devices that both runs have
	Examined     int           `json:"examined"`     // of these, devices that answered in both runs
	Devices      map[Class]int `json:"devices"`
	Changes      map[Class]int `json:"changes"` // checks that are unchanged count, other facts do not
}

// Document is the JSON document of a comparison, kind "diff", schema 1. Devices without a change are only counted.
type Document struct {
	Schema  int       `json:"schema"`
	Kind    string    `json:"kind"`
	Tool    diag.Tool `json:"tool"`
	Before  Head      `json:"before"`
	After   Head      `json:"after"`
	Summary Summary   `json:"summary"`
	Notes   []string  `json:"notes"` // what limits the comparison or is odd about it
	Devices []Device  `json:"devices"`
}

// Regressed reports whether anything is worse that was not expected.
func (d *Document) Regressed() bool { return d.Summary.Regressions+d.Summary.Consequences > 0 }

// comparison is a Document in the making.
type comparison struct {
	Document
	Options
	before, after Side
	uncollected   int             // checks that were decided before and are not collected now
	missing       map[string]bool // checks that one side does not have at all
	untold        int             // devices whose facts the earlier side did not record
	neither       int             // devices that did not answer in either run
	unseen        int             // devices that answered in the later run only
	back, jumped  []jump          // clocks that did not move with the runner's
}

// Compare compares two runs. Devices are in the order of the later run, those that vanished at the end.
func Compare(tool diag.Tool, before, after Side, o Options) *Document {
	c := &comparison{Options: o, before: before, after: after, missing: map[string]bool{}, Document: Document{
		Schema: diag.SchemaVersion, Kind: "diff", Tool: tool, Before: head(before), After: head(after), Notes: []string{},
		Summary: Summary{Devices: map[Class]int{}, Changes: map[Class]int{}}, Devices: []Device{}}}
	for _, class := range Classes {
		c.Summary.Devices[class], c.Summary.Changes[class] = 0, 0
	}
	c.sides()
	gone := 0
	for _, p := range c.pairs() {
		if p.after == nil && o.Subset {
			gone++
			continue
		}
		c.add(p)
	}
	if gone > 0 {
		c.note("%s not asked for in the later one: not compared.", count(gone, "device of the earlier run was", "devices of the earlier run were"))
	}
	c.limits()
	for _, a := range o.Allow.unused() {
		c.note("--allow %s matched no change.", a)
	}
	return &c.Document
}

func head(s Side) Head {
	h := Head{Source: s.Source, ID: s.Run.ID, Mode: s.Run.Mode, Version: s.Tool.Version, Devices: len(s.Devices)}
	if !s.Undated {
		h.Started = &s.Run.Started
	}
	return h
}

func (c *comparison) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// sides says what is odd about the runs as a whole.
func (c *comparison) sides() {
	before, after := c.before.Run, c.after.Run
	back := !c.before.Undated && !c.after.Undated && after.Started.Before(before.Started)
	if c.Routine {
		if back {
			c.note("The clock of this machine went back: the run before this one was started at %s, this one at %s.", stamp(before), stamp(after))
		}
		if was, is := c.before.Tool.Version, c.after.Tool.Version; was != is {
			c.note("The run before this one was judged by version %s, this one by %s: a change may come from that.", was, is)
		}
		return
	}
	if before.ID != "" && before.ID == after.ID {
		c.note("Both sides are one run, %s: nothing is known of what the change did.", before.ID)
	}
	if back {
		c.note("The earlier run (%s) was started after the later one (%s): were the two swapped?", stamp(before), stamp(after))
	}
	for _, s := range []struct {
		Side
		which string
	}{{c.before, "earlier"}, {c.after, "later"}} {
		if s.Run.Interrupted {
			c.note("The %s run was interrupted: what it did not reach is not known.", s.which)
		}
	}
	if c.before.Tool.Version != c.after.Tool.Version {
		c.note("The two sides were judged by different versions (%s, %s). Compare the bundles of run --save to have both judged by this one.",
			c.before.Tool.Version, c.after.Tool.Version)
	}
}

// limits says what could not be compared, or not well.
func (c *comparison) limits() {
	if !c.Routine && c.Summary.Examined == 0 {
		c.note("No device was examined in both runs: nothing is known of what the change did.")
	} else if !c.Routine {
		c.gap(c.neither, "in neither run")
		c.gap(c.unseen, "in the later run only")
	}
	c.told("went back", c.back)
	c.told("jumped", c.jumped)
	if c.uncollected > 0 {
		c.note("%s decided in the earlier run and not collected in the later one (--checks, --passive, files that were not given): shown, no regression.",
			count(c.uncollected, "verdict was", "verdicts were"))
	}
	if len(c.missing) > 0 {
		c.note("%s in one of the runs only (--checks, --skip, another version): not compared unless they fail.", count(len(c.missing), "check is", "checks are"))
	}
	if c.untold > 0 {
		c.note("Of %s the earlier run knows no units, trust codes and licences: these are not compared.", count(c.untold, "device", "devices"))
	}
}

// gap tells of devices for which there was nothing to compare.
func (c *comparison) gap(n int, where string) {
	if n > 0 {
		c.note("%s examined %s: nothing is known of what the change did there.", count(n, "device was", "devices were"), where)
	}
}

func stamp(r diag.Run) string { return r.Started.UTC().Format("2006-01-02 15:04 UTC") }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// add compares a pair and counts it.
func (c *comparison) add(p pair) {
	d := c.compare(p)
	c.Allow.mark(&d)
	d.Class = Unchanged
	for _, ch := range d.Changes {
		if class := forDevice(ch); slices.Index(Classes, class) < slices.Index(Classes, d.Class) {
			d.Class = class
		}
		c.Summary.Changes[ch.Class]++
		switch {
		case ch.AllowedWith != nil:
			c.Summary.Allowed++
		case ch.Regression && ch.Follows:
			c.Summary.Consequences++
		case ch.Regression:
			c.Summary.Regressions++
		}
	}
	c.Summary.Changes[Unchanged] += d.Unchanged
	c.Summary.Devices[d.Class]++
	if p.before != nil && p.after != nil {
		c.Summary.Compared++
		switch was, is := p.before.State.Answered(), p.after.State.Answered(); {
		case was && is:
			c.Summary.Examined++
		case is:
			c.unseen++
		case !was:
			c.neither++
		}
	}
	if len(d.Changes) > 0 {
		c.Devices = append(c.Devices, d)
	}
}

// forDevice is what a change means for its device, which has not vanished because a part of it has.
func forDevice(ch Change) Class {
	switch {
	case ch.Kind != "device" && ch.Class == Vanished:
		return Worse
	case ch.Kind != "device" && ch.Class == Appeared:
		return New
	}
	return ch.Class
}

// compare lists the changes of one device.
func (c *comparison) compare(p pair) Device {
	switch {
	case p.before == nil:
		return Device{Name: p.after.Name, UDI: p.after.Platform.UDI(), Changes: appeared(p.after)}
	case p.after == nil:
		return Device{Name: p.before.Name, UDI: p.before.Platform.UDI(), Changes: []Change{{Class: Vanished, Kind: "device", Before: string(p.before.State),
			Summary: "The later run does not have this device.", Regression: p.before.State.Answered()}}}
	}
	b, a := p.before, p.after
	d := Device{Name: a.Name, UDI: a.Platform.UDI(), Changes: []Change{}}
	if d.UDI == "" {
		d.UDI = b.Platform.UDI()
	}
	if b.Name != a.Name {
		d.Was = &b.Name
		d.Changes = append(d.Changes, Change{Class: New, Kind: "name", Before: b.Name, After: a.Name, Summary: "The same unit has another name."})
	}
	d.Changes = append(d.Changes, c.state(b, a)...)
	if b.State.Answered() && a.State.Answered() {
		c.clocks(b, a)
		d.Changes = append(d.Changes, c.facts(b, a)...)
	}
	if a.State.Answered() {
		changes, same := c.checks(b, a)
		d.Changes, d.Unchanged = append(d.Changes, changes...), same
	}
	c.follow(d.Changes, b, a)
	return d
}

// appeared is a device that only the later run has.
func appeared(a *diag.DeviceResult) []Change {
	text := "The earlier run does not have this device"
	if n := fails(a.Results); n > 0 {
		text += "; " + count(n, "check fails", "checks fail") + " on it"
	}
	return []Change{{Class: Appeared, Kind: "device", After: string(a.State), Summary: text + "."}}
}

func fails(results []diag.Result) int {
	n := 0
	for _, r := range results {
		if r.Status == diag.Fail {
			n++
		}
	}
	return n
}

// follow marks the changes whose cause is itself a change of the device in the same direction. A regression follows a
// regression only; of a device that was not examined before nothing is one. What fails and outlasts its cause follows
// nothing.
func (c *comparison) follow(changes []Change, b, a *diag.DeviceResult) {
	type way struct {
		subject string
		up      bool
	}
	roots := map[way]bool{}
	for _, ch := range changes {
		if up := ch.Improves(); up || ch.Regression || !b.State.Answered() {
			roots[way{subject(ch), up}] = true
		}
	}
	for i, ch := range changes {
		lasting := func(r diag.Result) bool { return r.Check == ch.Check && r.Status == diag.Fail && c.outlasts(r.Check) }
		changes[i].Follows = ch.CausedBy != nil && !slices.ContainsFunc(a.Results, lasting) && *ch.CausedBy != subject(ch) && roots[way{*ch.CausedBy, ch.Improves()}]
	}
}

// outlasts reports whether a check counts whatever explains it.
func (c *comparison) outlasts(check string) bool { return c.Outlasts != nil && c.Outlasts(check) }

// subject is the name by which a cause is called.
func subject(ch Change) string {
	if ch.Kind == "check" {
		return ch.Check
	}
	return ch.Kind
}
