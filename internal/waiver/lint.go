package waiver

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// The rules of Lint, beside those of Read.
const (
	OverBroad   Rule = "over-broad"   // for more than one can have meant
	Expired     Rule = "expired"      // it holds no longer
	ExpiresSoon Rule = "expires-soon" // within SoonDays
	Shadowed    Rule = "shadowed"     // another one covers all of it
	NoDevice    Rule = "no-device"    // the inventory has no device for it
	Unused      Rule = "unused"       // nothing in the runs fails or warns that it could cover
)

// SoonDays is how many days before its last day a waiver is told to expire soon.
const SoonDays = 14

// World is what the waivers are held against. The zero World is the files alone.
type World struct {
	Now       time.Time
	Checks    []*diag.Check
	Inventory []diag.Device              // nil: none was given
	Seen      iter.Seq2[Sighting, error] // failures and warnings of runs; nil: none was given
	Runs      string                     // what Seen comes from, in words: "in the last 10 runs"
}

// Sighting is a verdict that failed or warned on a device.
type Sighting struct {
	Device *diag.DeviceResult
	Check  string
}

// Lint says what is doubtful about a set, entry by entry. The error is that of World.Seen.
func (s Set) Lint(w World) (Problems, error) {
	used, err := s.used(w)
	if err != nil {
		return nil, err
	}
	var out Problems
	for i := range s {
		e := &s[i]
		say := func(rule Rule, hint, format string, args ...any) {
			out = append(out, Problem{rule, e.File, e.Line, fmt.Sprintf(format, args...), hint})
		}
		left := e.DaysLeft(w.Now)
		if left < 0 {
			say(Expired, "repair what it covered, or have its owner renew it; else delete it", "it expired on %s: what it covered counts again", e.LastDay())
			continue
		}
		e.broad(w, say)
		if left <= SoonDays {
			say(ExpiresSoon, "ask "+e.Owner+" whether it is still needed", "it expires %s, on %s", inDays(left), e.LastDay())
		}
		if other := s.above(i); other != nil {
			say(Shadowed, "delete one of them", "it adds nothing: %s covers the same checks and devices, and lasts as long", other.Source())
		}
		if used != nil && !used[i] {
			say(Unused, "delete it if its devices were examined, or correct what it is for", "nothing failed or warned %s that it could cover", w.Runs)
		}
	}
	return out, nil
}

func inDays(n int) string {
	switch n {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return fmt.Sprintf("in %d days", n)
}

// broad tells of a waiver that is for more than one can have meant, or for no device at all.
func (e *Waiver) broad(w World, say func(rule Rule, hint, format string, args ...any)) {
	groups := map[string]bool{}
	for id := range e.checks {
		group, _, _ := strings.Cut(id, "-")
		groups[group] = true
	}
	if len(groups) > 1 {
		say(OverBroad, "name one check, or the pattern of one group", "%q waives %d of %d checks, of %d groups", e.Check, len(e.checks), len(w.Checks), len(groups))
	}
	n, all := e.Match.in(w.Inventory), len(w.Inventory)
	switch {
	case e.Match.everyDevice():
		say(OverBroad, "match fewer devices; --skip leaves a check out for all", "it is for every device")
	case all > 0 && n == 0:
		say(NoDevice, "delete it, or correct its match", "no device of the inventory has %s", e.Match)
	case e.Match.Release == "" && n > 1 && 2*n > all:
		say(OverBroad, "match fewer devices", "it is for %d of the %d devices of the inventory", n, all)
	}
}

// in counts the devices of an inventory, which does not know their releases.
func (m *Match) in(inventory []diag.Device) int {
	n := 0
	for _, d := range inventory {
		if m.declared(d.Name, d.Tags, d.Groups) {
			n++
		}
	}
	return n
}

// above is another waiver that covers all that entry i covers, for at least as long. Of two that are equal the
// first stands above the second.
func (s Set) above(i int) *Waiver {
	e := &s[i]
	for j := range s {
		o := &s[j]
		if j == i || !e.under(o) || j > i && o.under(e) {
			continue
		}
		return o
	}
	return nil
}

// under reports whether all that e covers is covered by o, for as long.
func (e *Waiver) under(o *Waiver) bool {
	for id := range e.checks {
		if !o.checks[id] {
			return false
		}
	}
	name := o.Match.Name
	if anything(name) {
		name = ""
	}
	key, value, _ := strings.Cut(e.Match.Tag, "=")
	otherKey, otherValue, _ := strings.Cut(o.Match.Tag, "=")
	return !o.Expires.Before(e.Expires) &&
		within(e.Match.Name, name) && within(e.Match.Release, o.Match.Release) &&
		(o.Match.Tag == "" || strings.EqualFold(key, otherKey) && within(value, otherValue)) &&
		(o.Match.Group == "" || o.Match.Group == e.Match.Group)
}

// used says of each entry whether it could cover anything that was seen; nil when nothing was looked at.
func (s Set) used(w World) ([]bool, error) {
	if w.Seen == nil {
		return nil, nil
	}
	used := make([]bool, len(s))
	for seen, err := range w.Seen {
		if err != nil {
			return nil, err
		}
		for i := range s {
			used[i] = used[i] || s[i].Covers(seen.Device, seen.Check)
		}
		if !slices.Contains(used, false) {
			break
		}
	}
	return used, nil
}
