package transition

import (
	"cmp"
	"slices"
)

// Group is one event that devices share: what one cause does to four hundred of them is one thing to read.
type Group struct {
	Event            // of the first device; Consequences and Changes of all, Since the earliest, Before "" if it differs
	Devices []string // in the order of the events
	Various bool     // the devices say it in different words
}

// Fact reports whether the event is about what a device is or has: its release, its units, its name.
func (e Event) Fact() bool { return urgency(e) == 1 }

// Groups puts together what devices share, in the order of the events, those with most devices first among equals.
func Groups(events []Event) []Group {
	type shared struct {
		kind                                         Kind
		subject, check, key, before, after, causedBy string
	}
	var order []shared
	groups := map[shared]*Group{}
	for _, e := range events {
		k := shared{kind: e.Kind, subject: e.Subject, check: e.Check, key: e.Key, before: e.Before, after: e.After}
		if e.CausedBy != nil {
			k.causedBy = *e.CausedBy
		}
		switch {
		case e.Subject == "check" && (e.Kind == Better || e.Kind == Resolved):
			k.after, k.key = "", ""
		case e.Subject == "check":
			k.before = ""
		}
		g := groups[k]
		if g == nil {
			g = &Group{Event: e}
			groups[k] = g
			order = append(order, k)
		} else {
			g.join(e)
		}
		g.Devices = append(g.Devices, e.Device)
	}
	out := make([]Group, 0, len(order))
	for _, k := range order {
		out = append(out, *groups[k])
	}
	slices.SortStableFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(urgency(a.Event), urgency(b.Event)),
			cmp.Compare(len(b.Devices), len(a.Devices)))
	})
	return out
}

// join takes in the event of another device.
func (g *Group) join(e Event) {
	g.Various = g.Various || g.Summary != e.Summary
	g.Consequences += e.Consequences
	g.Changes += e.Changes
	if g.Before != e.Before {
		g.Before = ""
	}
	if e.Since != nil && (g.Since == nil || e.Since.Before(*g.Since)) {
		g.Since = e.Since
	}
}
