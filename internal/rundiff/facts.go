package rundiff

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// Kinds are the kinds of facts, by which --allow names them, and what a change of each means.
var Kinds = []struct{ Name, Means string }{
	{"release", "the software release"},
	{"topology", "how reports travel, with the transport type"},
	{"url", "the transport URL"},
	{"vrf", "the VRF of the transport"},
	{"proxy", "the HTTP proxy"},
	{"smart-account", "the Smart Account the device was told"},
	{"virtual-account", "the Virtual Account the device was told"},
	{"policy", "where the policy comes from"},
	{"push-interval", "days between reports"},
	{"name-servers", "the configured name servers"},
	{"ntp-servers", "the configured NTP servers"},
	{"udi", "the units of the device"},
	{"trust", "the units with a trust code"},
	{"license", "the licences in use, and how many units of each"},
	{"ack", "the last acknowledgement"},
	{"deadline", "the next acknowledgement that is required"},
}

// facts compares what the device is and has.
func (c *comparison) facts(b, a *diag.DeviceResult) []Change {
	var out []Change
	value := func(kind, before, after string) {
		ch := Change{Class: New, Kind: kind, Before: before, After: after, Regression: true}
		switch {
		case before == after:
			return
		case after == "":
			ch.Class, ch.Summary = Worse, "No longer known."
		case before == "":
			ch.Class, ch.Regression, ch.Summary = Better, false, "Known now."
		default:
			ch.Summary = "Another value than before."
		}
		out = append(out, ch)
	}
	value("release", release(b), release(a))
	value("topology", topology(b), topology(a))
	traits := map[string]bool{}
	for _, m := range []map[string]string{b.Traits, a.Traits} {
		for name := range m {
			traits[name] = name != "topology"
		}
	}
	if b.Traits["topology"] != a.Traits["topology"] {
		delete(traits, "transport") // told with the topology
	}
	for _, name := range slices.Sorted(maps.Keys(traits)) {
		if traits[name] {
			value(kindOf(name), b.Traits[name], a.Traits[name])
		}
	}
	out = append(out, deadline(b, a)...)
	if b.Facts == nil {
		if a.Facts != nil {
			c.untold++
		}
		return append(out, members("udi", platformUnit(b), platformUnit(a))...)
	}
	held := cmp.Or(a.Facts, &diag.Holdings{}) // nothing of it is known any more when no licence answer was read
	out = append(out, members("udi", b.Facts.UDIs, held.UDIs)...)
	out = append(out, members("trust", b.Facts.Trust, held.Trust)...)
	out = append(out, members("license", b.Facts.Licenses, held.Licenses)...)
	if !c.Routine { // access points and calls come and go every day, and with them the number of their licences
		out = append(out, counts(b.Facts, held)...)
	}
	return append(out, ack(b.Facts, held)...)
}

// kindOf is the --allow word of a trait.
func kindOf(trait string) string {
	if trait == "transport" {
		return "topology"
	}
	return strings.ReplaceAll(trait, " ", "-")
}

func release(d *diag.DeviceResult) string {
	if d.Platform == nil {
		return ""
	}
	return d.Platform.Release
}

func topology(d *diag.DeviceResult) string {
	if d.Topology == nil {
		return ""
	}
	return string(d.Topology.ID)
}

// platformUnit is the one unit that a run without facts tells of.
func platformUnit(d *diag.DeviceResult) []string {
	if id := d.Platform.UDI(); id != "" {
		return []string{id}
	}
	return nil
}

// sets says what the loss and the coming of a member mean.
var sets = map[string]struct{ gone, came string }{
	"udi":     {"The unit is gone.", "The unit was not there before."},
	"trust":   {"The trust code of this unit is gone.", "This unit has a trust code now."},
	"license": {"The licence is no longer in use.", "The licence was not in use before."},
}

// members compares two sets, of which nil is not known.
func members(kind string, before, after []string) []Change {
	switch {
	case before == nil:
		return nil
	case after == nil:
		return []Change{{Class: Worse, Kind: kind, Before: cmp.Or(strings.Join(before, ", "), "none"), Summary: "No longer known.", Regression: true}}
	}
	in := func(list []string, m string) bool {
		return slices.ContainsFunc(list, func(o string) bool { return o == m || kind == "license" && sameLicence(o, m) })
	}
	var out []Change
	for _, m := range before {
		if !in(after, m) {
			out = append(out, Change{Class: Vanished, Kind: kind, Before: m, Summary: sets[kind].gone, Regression: true})
		}
	}
	for _, m := range after {
		if !in(before, m) {
			out = append(out, Change{Class: Appeared, Kind: kind, After: m, Summary: sets[kind].came})
		}
	}
	return out
}

// sameLicence reports whether two lists mean one licence by "name (tag)": tech support has no tag, and summary cuts it
// short, so that a command that is not answered now takes no licence away.
func sameLicence(a, b string) bool {
	name, tag, tagged := strings.Cut(a, " (")
	other, otherTag, otherTagged := strings.Cut(b, " (")
	short := func(tag, whole string) bool {
		start, cut := strings.CutSuffix(tag, "...)")
		return cut && strings.HasPrefix(whole, start)
	}
	return name == other && (!tagged || !otherTagged || short(tag, otherTag) || short(otherTag, tag))
}

// counts compares how many units of each licence are in use, where both runs know it. It is no regression: a unit that
// is gone is told as one, and the number of access points or calls moves by itself.
func counts(b, a *diag.Holdings) []Change {
	var out []Change
	for _, l := range b.Licenses {
		was, counted := b.Counts[l]
		if is, known := a.Counts[l]; counted && known && was != is {
			out = append(out, Change{Class: New, Kind: "license", Before: fmt.Sprintf("%s: %d", l, was), After: fmt.Sprintf("%s: %d", l, is),
				Summary: "Another number of units is in use than before."})
		}
	}
	return out
}

// ack compares the last acknowledgements: a later one is what time brings.
func ack(b, a *diag.Holdings) []Change {
	ch := Change{Class: Worse, Kind: "ack", Regression: true}
	switch {
	case b.LastACK == nil, a.LastACK != nil && *b.LastACK == *a.LastACK:
		return nil
	case a.LastACK == nil:
		ch.Before, ch.Summary = cmp.Or(*b.LastACK, "none"), "No longer known."
	case *b.LastACK == "":
		ch = Change{Class: Better, Kind: "ack", After: *a.LastACK, Summary: "The device has its first acknowledgement."}
	case *a.LastACK == "":
		ch.Before, ch.Summary = *b.LastACK, "The device has forgotten its last acknowledgement."
	default:
		moved, doubt, ok := between(*b.LastACK, *a.LastACK)
		if ok && moved >= -doubt {
			return nil
		}
		ch.Before, ch.After, ch.Summary = *b.LastACK, *a.LastACK, "The last acknowledgement is older than before."
	}
	return []Change{ch}
}

// deadline compares the next required acknowledgements: a later one is what an acknowledgement brings.
func deadline(b, a *diag.DeviceResult) []Change {
	known := func(d *diag.DeviceResult) string {
		if d.Deadline == nil || d.Deadline.State == "unknown" {
			return ""
		}
		return d.Deadline.State
	}
	before, after := known(b), known(a)
	ch := Change{Kind: "deadline", Before: before, After: after}
	switch {
	case before == after:
		if before != "due" || b.Deadline.NextACK == nil || a.Deadline.NextACK == nil {
			return nil
		}
		moved, doubt, ok := between(*b.Deadline.NextACK, *a.Deadline.NextACK)
		if !ok || moved > -max(24*time.Hour, doubt) {
			return nil
		}
		ch.Class, ch.Regression, ch.Before, ch.After = Worse, true, *b.Deadline.NextACK, *a.Deadline.NextACK
		ch.Summary = fmt.Sprintf("The deadline is %s earlier than before.", count(int(-moved/(24*time.Hour)), "day", "days"))
	case after == "":
		ch.Class, ch.Regression, ch.Summary = Worse, true, "No longer known."
	case before == "":
		ch.Class, ch.Summary = Better, "Known now."
	case after == "passed":
		ch.Class, ch.Regression, ch.Summary = Worse, true, "The deadline for the next acknowledgement has passed."
	case before == "passed":
		ch.Class, ch.Summary = Resolved, "The deadline has no longer passed."
	case after == "not-required":
		ch.Class, ch.Summary = Better, "No acknowledgement is required any more."
	default:
		ch.Class, ch.Regression, ch.Summary = New, true, "An acknowledgement is required now."
	}
	return []Change{ch}
}

// between is how far two times in a device's words are apart, and by how much that may be wrong; false when one of them
// is none.
func between(before, after string) (moved, doubt time.Duration, ok bool) {
	b, ok := diag.ParseDeviceTime(before)
	a, ok2 := diag.ParseDeviceTime(after)
	if !ok || !ok2 {
		return 0, 0, false
	}
	if doubt = patience; b.Zone != a.Zone {
		doubt = zones
	}
	return a.Sub(b), doubt, true
}

const (
	patience = 2 * time.Hour  // how far times may be off with nothing wrong: more than daylight saving
	zones    = 26 * time.Hour // how far the local times of two zones may be apart
)

// clocks says when a device's clock did not move with the runner's: its deadlines and acknowledgements are told by it.
func (c *comparison) clocks(b, a *diag.DeviceResult) {
	if b.Facts == nil || a.Facts == nil || b.Facts.Clock == nil || a.Facts.Clock == nil {
		return
	}
	before, ok := diag.ParseDeviceTime(*b.Facts.Clock)
	after, ok2 := diag.ParseDeviceTime(*a.Facts.Clock)
	if !ok || !ok2 || before.Zone != after.Zone {
		return
	}
	moved := after.Sub(before)
	least, most := time.Duration(0), time.Duration(math.MaxInt64)
	if was, is := c.before.Run, c.after.Run; !c.before.Undated && !c.after.Undated && !was.Finished.IsZero() && !is.Finished.IsZero() {
		least, most = is.Started.Sub(was.Finished), is.Finished.Sub(was.Started)+patience
	}
	j := jump{a.Name, before.Text, after.Text}
	switch {
	case moved < least-patience && moved < 0:
		c.back = append(c.back, j)
	case moved < least-patience || moved > most:
		c.jumped = append(c.jumped, j)
	}
}

// jump is a clock that did not move as it should.
type jump struct{ device, before, after string }

// told says whose clocks did not move as they should, with the times of the first.
func (c *comparison) told(what string, jumps []jump) {
	if len(jumps) == 0 {
		return
	}
	first, more := jumps[0], ""
	if n := len(jumps) - 1; n > 0 {
		var names []string
		for _, j := range jumps[1:min(len(jumps), 11)] {
			names = append(names, j.device)
		}
		more = fmt.Sprintf(" So did %s: %s", count(n, "other", "others"), strings.Join(names, ", "))
		if n > 10 {
			more += " and so on"
		}
		more += "."
	}
	c.note("The clock of %s %s: %s before, %s after.%s Deadlines and acknowledgements are told by that clock.", first.device, what, first.before, first.after, more)
}
