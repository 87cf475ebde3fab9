package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	contactDays = 30 * 24 * time.Hour // without contact, a product instance is stale
	freshDays   = 7 * 24 * time.Hour  // with contact so recent, a product instance is alive
	fewUnits    = 10                  // below this, equal numbers may be chance
)

// attribute says of every unit of difference what it is: first by serial number, then by what the numbers alone
// allow.
func (l *ledger) attribute() {
	for _, e := range l.entries {
		if e.V == nil || e.U == nil || e.broken != "" || e.foreign != "" {
			continue
		}
		delta := *e.U - *e.V
		e.Delta = &delta
	}
	for _, e := range l.entries {
		if e.Delta != nil {
			l.bySerial(e)
			l.byRuns(e, true)
			l.byEquation(e)
		}
	}
	l.acrossLicences()
	for _, e := range l.entries {
		if e.Delta == nil {
			continue
		}
		l.inferred(e)
		l.byRuns(e, false)
		rest := e.rest()
		e.Unexplained = &rest
		if rest > 0 && e.several() {
			e.note("more than one SD-WAN Manager has reported it: " + strings.Join(managers(e), " and ") + "; what vManage says here is of one of them")
		}
		e.settle(l)
	}
}

// rest is what no attribution explains yet.
func (e *entry) rest() int64 {
	n := *e.Delta
	for _, a := range e.Attribution {
		n -= a.Units
	}
	return n
}

// take attributes units; those of one class and reason become one attribution.
func (e *entry) take(class Class, units int64, c Confidence, why string, instances ...string) {
	if units == 0 || class == "" {
		return
	}
	i := slices.IndexFunc(e.Attribution, func(a Attribution) bool {
		return a.Class == class && a.Confidence == c && a.Why == why && (a.Units > 0) == (units > 0)
	})
	if i < 0 {
		i = len(e.Attribution)
		e.Attribution = append(e.Attribution, Attribution{Class: class, Confidence: c, Why: why, Instances: []string{}})
	}
	e.Attribution[i].Units += units
	e.Attribution[i].Instances = append(e.Attribution[i].Instances, instances...)
}

// actionable reports units of a class that were sure enough to act on, before certainty was taken away.
func (e *entry) actionable(c Class) bool {
	for i, a := range e.Attribution {
		if a.Class == c && e.found[i] != Low {
			return true
		}
	}
	return false
}

// settle sorts the attributions and takes certainty away where the inputs are not certain.
func (e *entry) settle(l *ledger) {
	order := func(c Class) int {
		for i, k := range Classes {
			if k.Class == c {
				return i
			}
		}
		return len(Classes)
	}
	slices.SortStableFunc(e.Attribution, func(a, b Attribution) int { return order(a.Class) - order(b.Class) })
	for i := range e.Attribution {
		a := &e.Attribution[i]
		e.found = append(e.found, a.Confidence)
		if !l.certain(e) {
			a.Confidence = a.Confidence.lower()
		}
		slices.Sort(a.Instances)
		a.Instances = slices.Compact(a.Instances)
	}
}

// bySerial looks at every product instance. What SD-WAN Manager reports is one of them; the others stand beside it.
func (l *ledger) bySerial(e *entry) {
	var own []Instance
	told := slices.ContainsFunc(e.instances, func(i Instance) bool { return i.Used != nil })
	for _, i := range e.instances {
		if !isManager(i) && value(i.Used) > 0 {
			own = append(own, i)
		}
	}
	listed := e.booked()
	whole := listed == *e.U
	if len(e.instances) > 0 && !told {
		e.note("the product instances do not say how many units they use")
	} else if len(e.instances) > 0 && !whole {
		e.note(fmt.Sprintf("the product instances add up to %d of %d in use: the lists are of different moments or not complete", listed, *e.U))
	}
	l.staleManagers(e, whole)
	if managerUses(e.instances) == 0 {
		l.withoutManager(e, own, whole)
		return
	}
	for _, i := range own {
		class, c, why := l.beside(e, i)
		e.takeListed(class, value(i.Used), c, why, whole, i.label())
	}
}

// booked is how many units the product instances add up to.
func (e *entry) booked() (n int64) {
	for _, i := range e.instances {
		n += value(i.Used)
	}
	return n
}

// takeListed attributes units of a product instance; where the list does not add up to what is in use, no more than
// what is left, and not with certainty.
func (e *entry) takeListed(class Class, units int64, c Confidence, why string, whole bool, instance string) {
	if !whole {
		c = c.lower()
		if rest := e.rest(); units > 0 && units > rest {
			units = max(rest, 0)
		}
	}
	e.take(class, units, c, why, instance)
}

// staleManagers are product instances of SD-WAN Manager that a later registration has replaced.
func (l *ledger) staleManagers(e *entry, whole bool) {
	all := slices.DeleteFunc(slices.Clone(e.instances), func(i Instance) bool { return !isManager(i) || value(i.Used) == 0 })
	for n, i := range all {
		for m, other := range all {
			if n != m && i.identity() != other.identity() && handedOver(i, other) {
				e.takeListed(StaleInstance, value(i.Used), sure(sameManager(i, other)), "SD-WAN Manager has registered again since and reports as "+other.label(), whole, i.label())
				break
			}
		}
	}
}

// handedOver reports that one product instance had its last contact before another one took over.
func handedOver(old, now Instance) bool {
	if old.LastContact == nil || now.LastContact == nil || !old.LastContact.Before(*now.LastContact) {
		return false
	}
	return sameManager(old, now) || now.Registered != nil && !old.LastContact.After(now.Registered.Add(Wait))
}

// sameManager reports two registrations of one SD-WAN Manager: the same serial number or host name.
func sameManager(a, b Instance) bool {
	return a.Serial != "" && strings.EqualFold(a.Serial, b.Serial) || hostName(a) != "" && hostName(a) == hostName(b)
}

func sure(yes bool) Confidence {
	if yes {
		return High
	}
	return Medium
}

// beside says what a product instance is that is booked beside the report of SD-WAN Manager.
func (l *ledger) beside(e *entry, i Instance) (Class, Confidence, string) {
	class, c, why := l.tell(e, i)
	if l.fleet.called(i) != nil { // a name is no serial number
		c = c.lower()
	}
	return class, l.sureOf(l.fleet.examined(i), c), why
}

// sureOf is a confidence that rests on what a run saw: less when that was more than a day from the other inputs.
func (l *ledger) sureOf(d *Device, c Confidence) Confidence {
	if d != nil && d.At != nil && l.moment(compared...).Sub(*d.At).Abs() > Wait {
		return c.lower()
	}
	return c
}

func (l *ledger) tell(e *entry, i Instance) (Class, Confidence, string) {
	if why, c, ok := l.fleet.replaced(i); ok {
		return StaleInstance, c, why
	}
	m, d := l.fleet.of(i), l.fleet.examined(i)
	itself := d != nil && d.reportsItself()
	switch {
	case m == nil && l.fleet.memberOf(l, e, i, d):
		return HAMembers, High, "another member of " + d.Name + " has the licence in vManage"
	case m == nil && itself && l.fleet.listed && !e.short:
		return SelfReporting, High, onItsOwn
	case m == nil && itself:
		return SelfReporting, High, "it reports by itself, as our run saw"
	case m == nil:
		return l.departed(e, i, d)
	case m.has(l, e.key, e.acct):
		return SelfReporting, High, "vManage reports its licence, and so does the device itself"
	case m.any(func(a Assignment) bool { return l.Names.key(a.License) == e.key }):
		return WrongAccount, High, "vManage assigned its licence from another virtual account"
	case m.any(func(a Assignment) bool { return sameFamily(l.Names.key(a.License), e.key) }):
		return TierSubstitution, High, "vManage assigned another tier to it"
	case itself:
		return SelfReporting, High, "it reports by itself, as our run saw; vManage has assigned nothing to it"
	}
	return Unassigned, sure(d != nil), "vManage knows the device and has assigned no such licence to it"
}

// onItsOwn is a device that is no matter of vManage: it is counted once, and rightly.
const onItsOwn = "it reports by itself, as our run saw, and vManage does not know it"

// remedied reports units that are sure enough to act on, and about which there is something to do.
func (a Attribution) remedied() bool {
	return a.Confidence != Low && remedies[a.Class].Do != "" && a.Why != onItsOwn
}

// memberOf reports a product instance that is a member of a device of which vManage knows another member.
func (f *fleet) memberOf(l *ledger, e *entry, i Instance, d *Device) bool {
	if d == nil {
		return false
	}
	return slices.ContainsFunc(d.UDIs, func(s string) bool {
		m := f.managed[udiOf(s).serial]
		return m != nil && m.has(l, e.key, e.acct)
	})
}

func (m *managed) has(l *ledger, key string, at account) bool {
	return m.any(func(a Assignment) bool {
		return l.Names.key(a.License) == key && accountOf(a.Smart, a.Virtual).fits(at)
	})
}

func (m *managed) any(fits func(Assignment) bool) bool {
	return slices.ContainsFunc(m.licences, fits)
}

// departed is a product instance that vManage does not know, or whose devices are not known: deleted there, or never
// managed by it. No class when nothing tells.
func (l *ledger) departed(e *entry, i Instance, d *Device) (Class, Confidence, string) {
	if e.short || l.fleet.shared(i) { // a device that is not in a list which is not complete may be there
		return "", Low, ""
	}
	if d != nil && l.fleet.listed && l.sureOf(d, High) == High { // of another vManage, or deleted and still switched on
		return DeletedUnreleased, Low, "vManage does not know it, but our run reached it"
	}
	silent, known := i.silent(l.moment(Instances))
	stale, fresh := known && silent > contactDays, known && silent <= freshDays
	switch {
	case stale && l.fleet.listed && hostName(i) != "":
		return DeletedUnreleased, High, "vManage does not know it, and it has had no contact for over 30 days"
	case fresh && l.fleet.listed:
		return SelfReporting, Medium, "vManage does not know it, but it has had contact within 7 days"
	case known && !stale && l.fleet.listed:
		return DeletedUnreleased, Low, "vManage does not know it, but it has had contact within 30 days"
	case l.fleet.listed:
		return DeletedUnreleased, Medium, "vManage does not know it"
	case d != nil && len(d.UDIs) > 1 && !strings.EqualFold(udiOf(d.UDIs[0]).serial, i.Serial):
		return HAMembers, Medium, "it is a further member of " + d.Name
	case stale:
		return DeletedUnreleased, Low, "it is booked beside SD-WAN Manager's report and has had no contact for over 30 days"
	case fresh && d == nil:
		return SelfReporting, Low, "it is booked beside SD-WAN Manager's report and has had contact within 7 days"
	}
	return "", Low, "" // without vManage's list nothing tells it
}

// withoutManager compares product instances with assignments where SD-WAN Manager has not reported this licence: the
// devices report themselves, and only those that do not match are a difference.
func (l *ledger) withoutManager(e *entry, own []Instance, whole bool) {
	if !l.fleet.listed || len(own) == 0 {
		return
	}
	booked := map[*managed]bool{}
	for _, i := range own {
		m := l.fleet.of(i)
		if _, _, stale := l.fleet.replaced(i); m == nil || stale || !m.has(l, e.key, e.acct) {
			class, c, why := l.beside(e, i)
			e.takeListed(class, value(i.Used), c, why, whole, i.label())
			continue
		}
		if booked[m] {
			continue // booked twice without a reason that is known
		}
		booked[m] = true
		d, units := l.fleet.examined(i), m.units(l, e)
		if extra := value(i.Used) - units; d != nil && len(d.UDIs) > 1 && extra == int64(len(d.UDIs)-1)*units {
			e.takeListed(HAMembers, extra, l.sureOf(d, High), "its members need a licence each, vManage counts one device", whole, i.label())
		}
	}
	for _, a := range e.assigned {
		m := l.fleet.managed[chassis(a.UUID).serial]
		if m == nil || booked[m] {
			continue
		}
		booked[m] = true
		for _, i := range l.fleet.seen[m.serial] {
			key := l.Names.key(i.License)
			switch {
			case value(i.Used) == 0:
				continue
			case key == e.key && !accountOf(i.Smart, i.Virtual).fits(e.acct):
				e.takeListed(WrongAccount, -a.Units, High, "the device is booked in another virtual account", whole, i.label())
			case sameFamily(key, e.key) && accountOf(i.Smart, i.Virtual).fits(e.acct) && !m.has(l, key, e.acct):
				e.takeListed(TierSubstitution, -a.Units, High, "the device uses another tier", whole, i.label())
			default:
				continue
			}
			break
		}
	}
}

// units of a licence that vManage assigned to a device.
func (m *managed) units(l *ledger, e *entry) int64 {
	var n int64
	for _, a := range m.licences {
		if l.Names.key(a.License) == e.key && accountOf(a.Smart, a.Virtual).fits(e.acct) {
			n += a.Units
		}
	}
	return n
}
