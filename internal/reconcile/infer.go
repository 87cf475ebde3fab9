package reconcile

import (
	"fmt"
	"slices"
)

// byRuns explains units by what our own runs saw, where CSSM's product instances were not given. It holds when the
// devices make up just what is left, alone or beside a doubled report; when they make up less, and nothing else
// explains what is left, they are worth a look.
func (l *ledger) byRuns(e *entry, exactly bool) {
	rest := e.rest()
	if len(e.instances) > 0 || len(l.Devices) == 0 || rest <= 0 {
		return
	}
	parts := l.runParts(e)
	var sum int64
	for _, p := range parts {
		sum += p.units
	}
	c := Low
	if exactly {
		c = Medium
		if sum != rest && (e.Vp == nil || sum != rest-*e.Vp) {
			return
		}
	}
	if sum > rest {
		return
	}
	for _, p := range parts {
		e.take(p.class, p.units, l.sureOf(p.device, c), p.why, p.device.Name)
	}
}

// runPart is what one device of our runs may add to the use of a licence.
type runPart struct {
	class  Class
	units  int64
	why    string
	device *Device
}

func (l *ledger) runParts(e *entry) []runPart {
	var parts []runPart
	for i := range l.Devices {
		d := &l.Devices[i]
		used, uses := d.uses(l, e)
		if !uses {
			continue
		}
		p := runPart{device: d}
		m := l.fleet.managedAs(d)
		switch {
		case d.reportsItself():
			p.class, p.units, p.why = SelfReporting, used, "it reports by itself, as our run saw"
		case m == nil || !l.fleet.listed:
			continue
		case !m.has(l, e.key, e.acct):
			p.class, p.units, p.why = Unassigned, used, "in use on the device, as our run saw; vManage has assigned no such licence to it"
		case used > m.units(l, e) && len(d.UDIs) > 1:
			p.class, p.units, p.why = HAMembers, used-m.units(l, e), "its members need a licence each, vManage counts one device"
		}
		if p.units > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// managedAs is the device of vManage that one of our runs saw, by any member.
func (f *fleet) managedAs(d *Device) *managed {
	for _, u := range d.UDIs {
		if m := f.managed[udiOf(u).serial]; m != nil {
			return m
		}
	}
	return nil
}

// uses is how many units of a licence a device uses.
func (d *Device) uses(l *ledger, e *entry) (n int64, ok bool) {
	if !accountOf(d.Smart, d.Virtual).fits(e.acct) {
		return 0, false
	}
	for _, u := range d.Uses {
		if l.Names.key(u.License) == e.key {
			n, ok = n+u.Units, true
		}
	}
	return n, ok
}

// byEquation finds equations that leave little else: the report before added to the one now, or as many units as
// devices have left vManage since, by its earlier export or by the product instances that are left of them.
func (l *ledger) byEquation(e *entry) {
	rest := e.rest()
	if rest <= 0 {
		return
	}
	var left []*Instance
	for _, i := range l.fleet.gone {
		if accountOf(i.Smart, i.Virtual).fits(e.acct) && (i.License == "" || l.Names.key(i.License) == e.key) {
			left = append(left, i)
		}
	}
	asMany := int64(len(left)) == rest && *e.Delta > 0 && !e.short
	var gone []string
	for _, i := range left {
		if asMany {
			gone = append(gone, i.label())
		}
	}
	switch {
	case e.Vp != nil && rest == *e.Vp && *e.V > 0 && e.added(rest):
		c := High
		if *e.Vp < fewUnits || rest != *e.Delta && len(e.instances) == 0 {
			c = Medium
		}
		why := fmt.Sprintf("the report before (%d) was added to the one now (%d)", *e.Vp, *e.V)
		e.take(DoubleReported, rest, c, why, managers(e)...)
		e.rules[duplicateExact.ID] = why
	case e.Vp != nil && rest == *e.Vp-*e.V && (!l.fleet.listed || e.short || e.onManager(rest)): // else it is on devices that vManage knows
		why := fmt.Sprintf("as many as left vManage since the export before (%d - %d)", *e.Vp, *e.V)
		e.take(DeletedUnreleased, rest, Medium, why, gone...)
		e.rules[deletedNotReleased.ID] = why
	case asMany:
		c := Medium
		if rest < fewUnits {
			c = Low
		}
		why := "vManage does not know as many product instances, without contact for over 30 days; how many units they use is not said"
		e.take(DeletedUnreleased, rest, c, why, gone...)
		e.rules[deletedNotReleased.ID] = why
	}
}

// managers are the product instances of SD-WAN Manager that nothing is attributed to yet.
func managers(e *entry) []string {
	var out []string
	for _, i := range e.instances {
		taken := slices.ContainsFunc(e.Attribution, func(a Attribution) bool { return slices.Contains(a.Instances, i.label()) })
		if isManager(i) && value(i.Used) > 0 && !taken {
			out = append(out, i.label())
		}
	}
	return out
}

// several reports a licence that more than one SD-WAN Manager has reported: what is too much for one of them is likely
// to be the other's, whatever the numbers look like.
func (e *entry) several() bool { return len(managers(e)) > 1 }

// relation is how two licences may exchange units: one has too much what the other lacks.
type relation struct {
	class Class
	group func(*entry) any
	fits  func(a, b *entry) bool
}

func family(e *entry) any { f, _, _ := tier(e.key); return [2]any{e.acct, f} }

var relations = []relation{
	{WrongAccount, func(e *entry) any { return [2]string{e.key, e.acct.smart} }, func(a, b *entry) bool { return !a.acct.fits(b.acct) }},
	{TierSubstitution, family, func(a, b *entry) bool { return sameFamily(a.key, b.key) }},
}

// acrossLicences pairs what one licence or account has too much with what another one lacks.
func (l *ledger) acrossLicences() {
	l.pair()
	upper := l.byRest(family)
	for _, lower := range l.entries {
		for _, e := range upper[restKey{family(lower), value(lower.S)}] {
			_, high, _ := tier(e.key)
			_, low, _ := tier(lower.key)
			if sameFamily(e.key, lower.key) && high > low && value(lower.S) > 0 && e.rest() == *lower.S {
				e.take(TierSubstitution, *lower.S, Medium, fmt.Sprintf("CSSM fulfils %d of %s with it", *lower.S, lower.Name))
			}
		}
	}
}

// restKey finds entries that belong together by what is left of them.
type restKey struct {
	group any
	rest  int64
}

func (l *ledger) byRest(group func(*entry) any) map[restKey][]*entry {
	out := map[restKey][]*entry{}
	for _, e := range l.entries {
		if e.Delta != nil && e.rest() != 0 {
			k := restKey{group(e), e.rest()}
			out[k] = append(out[k], e)
		}
	}
	return out
}

// pair attributes to both sides what one entry has too much and just one other lacks, whatever their relation.
func (l *ledger) pair() {
	index := make([]map[restKey][]*entry, len(relations))
	for i, r := range relations {
		index[i] = l.byRest(r.group)
	}
	partner := func(e *entry) (other *entry, class Class) {
		for i, r := range relations {
			for _, o := range index[i][restKey{r.group(e), -e.rest()}] {
				switch {
				case !r.fits(e, o):
				case other != nil:
					return nil, ""
				default:
					other, class = o, r.class
				}
			}
		}
		return other, class
	}
	for _, a := range l.entries {
		if a.Delta == nil || a.rest() <= 0 {
			continue
		}
		b, class := partner(a)
		if b == nil {
			continue
		}
		if back, _ := partner(b); back != a {
			continue
		}
		units, c := a.rest(), Medium
		if class == TierSubstitution && units < fewUnits { // by chance it would be a false all-clear
			c = Low
		}
		a.take(class, units, c, "the same number is missing in "+l.title(b))
		b.take(class, -units, c, "the same number is too much in "+l.title(a))
	}
}

// theOnly is the one entry that fits; nil when there is none or more than one.
func theOnly(all []*entry, fits func(*entry) bool) *entry {
	var found *entry
	for _, e := range all {
		switch {
		case !fits(e):
		case found != nil:
			return nil
		default:
			found = e
		}
	}
	return found
}

// added reports that so many units can be a report that was added to the one now.
func (e *entry) added(units int64) bool { return !e.several() && e.onManager(units) }

// onManager reports that SD-WAN Manager may have so many units booked beside what it reports now: that is so unless the
// product instances are all there and show them elsewhere.
func (e *entry) onManager(units int64) bool {
	return len(e.instances) == 0 || e.booked() != *e.U || managerUses(e.instances) >= *e.V+units
}

// inferred explains what is left by the size of the numbers alone.
func (l *ledger) inferred(e *entry) {
	x, v := e.rest(), *e.V
	if x <= 0 || v <= 0 {
		return
	}
	near := max(5, v/10)
	switch {
	case e.Vp != nil && *e.Vp > 0 && x > *e.Vp && x <= *e.Vp+near && e.added(*e.Vp):
		why := fmt.Sprintf("the report before (%d) was added to the one now (%d), and %s beside it", *e.Vp, v, units(x-*e.Vp))
		c := Medium
		if *e.Vp < fewUnits {
			c = Low
		}
		e.take(DoubleReported, *e.Vp, c, why, managers(e)...)
		e.rules[duplicateInferred.ID] = why
		return
	case e.Vp == nil && e.T != nil && x >= v && x <= *e.T && (x == *e.T || x <= v+near) && e.added(x):
		c, why := Medium, fmt.Sprintf("a report before of %d was added to the one now (%d); there are %d licences", x, v, *e.T)
		if x < fewUnits {
			c = Low
		}
		e.take(DoubleReported, x, c, why, managers(e)...)
		e.rules[duplicateInferred.ID] = why
		return
	}
	for k := int64(3); k <= 4; k++ {
		if off := x + v - k*v; max(off, -off) <= min(near, v/4) && e.added(min((k-1)*v, x)) {
			why := fmt.Sprintf("about %d times what vManage says: %d reports were added up", k, k)
			e.take(DoubleReported, min((k-1)*v, x), Low, why, managers(e)...)
			e.rules[duplicateMultiple.ID] = why
			return
		}
	}
}
