package engine

import (
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// Examine reads the facts of a device: what it is, how it reports, when its next acknowledgement is due,
// how its commands ended and what every check says. The state is Examined unless the answers say
// otherwise; a caller that knows of a broken session sets it.
func (c Catalogue) Examine(f *diag.Facts, order []*diag.Command) diag.DeviceResult {
	if f.Device.Platform == diag.PlatformVManage {
		return c.examineManager(f, order)
	}
	f.Topology, f.NoTopology = topology.Infer(f)
	d := Unexamined(f.Device)
	d.State = diag.Examined
	d.Platform, d.Deadline, d.Traits, d.Commands = platform(f), deadline(f), traits(f), commands(f, order)
	d.Facts = holdings(f)
	if id := f.Topology.ID; id != "" && id != diag.UnsupportedOS {
		t := f.Topology
		d.Topology = &t
	}
	d.Results = c.Judge(f)
	if e := Foreign(f); e != nil {
		d.State, d.Error = diag.Failed, e
	}
	return d
}

// Foreign is the error of a device that is known to be of another platform than the inventory says; nil for what it
// says, and as long as nothing is known.
func Foreign(f *diag.Facts) *diag.Fault {
	if f.Device.Platform == diag.PlatformVManage {
		return foreignManager(f)
	}
	v, _ := iosxe.ShowVersion.Partial(f)
	if v == nil {
		return nil
	}
	os, ok := v.OS.Peek()
	switch {
	case !ok || os == "IOS XE":
		return nil
	case os == iosxe.Viptela:
		return foreign("the device has the command line of vManage, not of IOS XE", hintPlatform)
	}
	return foreign("the device runs "+os+", not IOS XE", "slpdoctor judges IOS XE only; take the device out of the inventory or give it another platform")
}

const hintPlatform = "correct platform: of this device in the inventory: vmanage for the SD-WAN Manager, none for IOS XE; " +
	"other devices of SD-WAN are not judged"

func foreign(message, hint string) *diag.Fault {
	return &diag.Fault{Class: "unsupported_platform", Stage: "examine", Message: message, Hint: hint}
}

// Unexamined is the result of a device of which nothing is known but what was declared.
func Unexamined(dev diag.Device) diag.DeviceResult {
	d := diag.DeviceResult{Name: dev.Name, Address: dev.Address, Tags: dev.Tags, Groups: dev.Groups,
		Notices: []diag.Fault{}, Traits: map[string]string{}, Commands: []diag.CommandResult{}, Results: []diag.Result{}}
	if d.Tags == nil {
		d.Tags = map[string]string{}
	}
	if d.Groups == nil {
		d.Groups = []string{}
	}
	return d
}

// platform is what show version says, completed by the licence view; nil when neither says anything.
func platform(f *diag.Facts) *diag.Platform {
	v, _ := iosxe.ShowVersion.Partial(f)
	if v == nil {
		v = &iosxe.Version{}
	}
	l := iosxe.LicenseView.Of(f)
	text := func(v diag.Value[string]) string { s, _ := v.Peek(); return s }
	p := diag.Platform{OS: text(v.OS), Release: text(v.Version), Hostname: text(v.Hostname),
		PID: text(l.Device.PID.Or(v.PID)), Serial: text(l.Device.SN.Or(v.Serial))}
	if r, ok := v.Release.Peek(); ok {
		p.Release = r.String()
	}
	if p == (diag.Platform{}) {
		return nil
	}
	return &p
}

// deadline is the next required acknowledgement by the device's own clock; nil when no licence answer was
// read at all.
func deadline(f *diag.Facts) *diag.Deadline {
	l := iosxe.LicenseView.Of(f)
	next := l.Usage.NextAckDeadline
	if !next.Known() {
		if !l.SLP.Known() {
			return nil
		}
		return &diag.Deadline{State: "unknown"}
	}
	due, ok := next.Peek()
	ack, known := l.Policy.AckRequired.Peek()
	if !ok || known && !ack {
		return &diag.Deadline{State: "not-required"}
	}
	d := &diag.Deadline{State: "unknown", NextACK: &due.Text}
	now, ok := iosxe.Now(f).Peek()
	if !ok {
		return d
	}
	left := diag.Days(due.Sub(now))
	d.AsOf, d.DaysLeft, d.State = &now.Text, &left, "due"
	if left < 0 {
		d.State = "passed"
	}
	return d
}

// commands is how every command of the plan ended, in the order of the plan.
func commands(f *diag.Facts, order []*diag.Command) []diag.CommandResult {
	out := []diag.CommandResult{}
	for _, cmd := range order {
		c, ok := f.Capture(cmd)
		if !ok {
			continue
		}
		r := diag.CommandResult{Line: c.Line, Outcome: c.Outcome, ElapsedMS: c.Elapsed().Milliseconds(),
			Lines: strings.Count(c.Text, "\n"), Why: c.NotSent.Detail}
		if c.Text != "" && !strings.HasSuffix(c.Text, "\n") {
			r.Lines++
		}
		if r.Line == "" {
			r.Line = cmd.String()
		}
		if p, ok := f.Parsed(cmd); ok && c.Outcome == diag.OK {
			r.UnparsedLines = len(p.Unparsed)
		}
		out = append(out, r)
	}
	return out
}
