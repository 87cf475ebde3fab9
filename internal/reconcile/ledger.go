package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ledger is everything that was read, by licence and account.
type ledger struct {
	*Data
	Options
	entries []*entry
	byKey   map[string][]*entry
	fleet   fleet
	doubts  []string        // why no failure may be certain, whatever the licence
	split   map[string]bool // licences that vManage has in several accounts
	newer   string          // by what vManage's earlier export is the newer one; "" when it is not
	swapped string          // why the earlier export of vManage is not used
}

// entry is one licence of one virtual account.
type entry struct {
	Licence
	key  string
	acct account

	counts, before []Count
	balances       []Balance
	instances      []Instance
	assigned       []Assignment

	broken   string            // why nothing may be said about the numbers
	unnamed  bool              // two exports of CSSM that name no virtual account contradict each other, which is why it is broken
	identity bool              // the balance does not add up, which is why it is broken
	foreign  string            // why the two sides are not of one account
	doubts   []string          // rows because of which a failure of this licence is not certain
	waits    string            // the clean-up after which its numbers are not settled yet; "" for none
	short    bool              // vManage's list of devices has fewer with this licence than its overview counts
	found    []Confidence      // of each attribution, before certainty was taken away
	rules    map[string]string // what each rule that explains units found, by rule id
}

// path is the input of a row.
func (l *ledger) path(p Place) string {
	if p.Input < 0 || p.Input >= len(l.Inputs) {
		return ""
	}
	return l.Inputs[p.Input].Path
}

// newLedger joins the inputs. CSSM's side comes first: it names accounts, which exports of vManage often do not.
func newLedger(d *Data, o Options) *ledger {
	l := &ledger{Data: d, Options: o, byKey: map[string][]*entry{}, split: accountsOf(d, o.Names)}
	for _, b := range d.Balances {
		e := l.exactly(b.License, b.Smart, b.Virtual)
		e.balances = append(e.balances, b)
	}
	for _, i := range d.Instances {
		if i.License != "" {
			e := l.place(i.License, i.Smart, i.Virtual)
			e.instances = append(e.instances, i)
		}
	}
	for _, a := range d.Assigned {
		if a.License != "" {
			e := l.place(a.License, a.Smart, a.Virtual)
			e.assigned = append(e.assigned, a)
		}
	}
	for _, c := range d.VManage {
		e := l.placeCount(c)
		e.counts = append(e.counts, c)
	}
	if l.swapped = l.beforeIsNewer(); l.swapped == "" {
		for _, c := range d.Before {
			e := l.placeCount(c)
			e.before = append(e.before, c)
		}
	}
	l.fleet = newFleet(l)
	for _, e := range l.entries {
		e.sum(l)
	}
	for _, e := range l.entries {
		l.compareAccounts(e)
	}
	l.weighTimes()
	return l
}

// accountsOf are the licences that vManage names in more than one virtual account.
func accountsOf(d *Data, names Names) map[string]bool {
	first, split := map[string]account{}, map[string]bool{}
	see := func(license, smart, virtual string) {
		key, acct := names.key(license), accountOf(smart, virtual)
		if acct.virtual == "" {
			return
		}
		if other, seen := first[key]; !seen {
			first[key] = acct
		} else if !other.fits(acct) {
			split[key] = true
		}
	}
	for _, a := range d.Assigned {
		see(a.License, a.Smart, a.Virtual)
	}
	for _, c := range d.VManage {
		see(c.License, c.Smart, c.Virtual)
	}
	return split
}

// exactly is the entry of this very account.
func (l *ledger) exactly(license, smart, virtual string) *entry {
	key, acct := l.Names.key(license), accountOf(smart, virtual)
	for _, e := range l.byKey[key] {
		if e.acct == acct {
			return e
		}
	}
	return l.add(license, smart, virtual)
}

// place is the one entry whose account fits, else one of its own.
func (l *ledger) place(license, smart, virtual string) *entry {
	if e := l.only(license, smart, virtual); e != nil {
		return e
	}
	return l.exactly(license, smart, virtual)
}

// only is the one entry whose account fits; nil when there is none or more than one. An account without a name is not
// taken for one of several.
func (l *ledger) only(license, smart, virtual string) *entry {
	key, acct := l.Names.key(license), accountOf(smart, virtual)
	var found *entry
	for _, e := range l.byKey[key] {
		switch {
		case e.acct == acct:
			return e
		case l.split[key] && e.acct.virtual == "" && acct.virtual != "":
		case !e.acct.fits(acct):
		case found != nil:
			return nil
		default:
			found = e
		}
	}
	if found != nil { // the more exact of two descriptions of one account stays
		found.Smart, found.Virtual = cmp.Or(found.Smart, smart), cmp.Or(found.Virtual, virtual)
		found.acct = accountOf(found.Smart, found.Virtual)
	}
	return found
}

func (l *ledger) add(license, smart, virtual string) *entry {
	e := &entry{key: l.Names.key(license), acct: accountOf(smart, virtual), rules: map[string]string{},
		Licence: Licence{Name: strings.Join(strings.Fields(license), " "), Smart: smart, Virtual: virtual, Notes: []string{}, Attribution: []Attribution{}}}
	l.entries = append(l.entries, e)
	l.byKey[e.key] = append(l.byKey[e.key], e)
	return e
}

// placeCount finds the account of a row of vManage. Where it names none and CSSM has several, the account is meant in
// which SD-WAN Manager itself is a product instance with this licence, or from which it is assigned to devices.
func (l *ledger) placeCount(c Count) *entry {
	if e := l.only(c.License, c.Smart, c.Virtual); e != nil {
		return e
	}
	acct := accountOf(c.Smart, c.Virtual)
	for _, shows := range []func(*entry) bool{
		func(e *entry) bool { return slices.ContainsFunc(e.instances, isManager) },
		func(e *entry) bool { return len(e.assigned) > 0 },
	} {
		if e := theOnly(l.byKey[l.Names.key(c.License)], func(e *entry) bool { return e.acct.fits(acct) && shows(e) }); e != nil {
			return e
		}
	}
	return l.exactly(c.License, c.Smart, c.Virtual)
}

// sum makes the numbers of an entry out of its rows.
func (e *entry) sum(l *ledger) {
	e.sumCounts(l)
	e.sumBalances(l)
	e.shared(l, len(e.assigned), func(i int) (Place, string) {
		return e.assigned[i].Place, cmp.Or(e.assigned[i].UUID, e.assigned[i].Host)
	})
	e.shared(l, len(e.instances), func(i int) (Place, string) { return e.instances[i].Place, e.instances[i].label() })
	var listed int64
	for _, a := range e.assigned {
		listed += a.Units
	}
	if e.short = len(e.counts) > 0 && l.Assigned != nil && max(listed, int64(len(e.assigned))) < value(e.V); e.short {
		e.note(fmt.Sprintf("vManage's list of devices has the licence %d times, its overview counts %d: the list is not complete or of another moment, and what is not in it may be there", listed, *e.V))
	}
	if e.V == nil && len(e.assigned) > 0 {
		e.V = &listed
		e.note("V is the sum of the licences that vManage assigned to devices")
	}
	if e.U == nil && e.broken == "" && len(e.instances) > 0 {
		var n int64
		for _, i := range e.instances {
			if i.Used == nil {
				return
			}
			n += *i.Used
		}
		e.U = &n
		e.note("U is the sum over the product instances")
	}
	if e.V == nil && e.U != nil && l.lacks(e) && (managerUses(e.instances) > 0 || e.Vp != nil) && len(l.byKey[e.key]) == 1 {
		e.V = new(int64)
		e.note("vManage does not list this licence: V is 0")
	}
}

func (e *entry) note(s string) { e.Notes = append(e.Notes, s) }

func (e *entry) sumCounts(l *ledger) {
	now := e.repeated(l, "vManage", len(e.counts), func(i int) (Place, string) { return e.counts[i].Place, e.counts[i].numbers() })
	for _, i := range now {
		add(&e.V, e.counts[i].Licensed)
		add(&e.T, e.counts[i].Total)
	}
	before := e.repeated(l, "the earlier export of vManage", len(e.before), func(i int) (Place, string) { return e.before[i].Place, e.before[i].numbers() })
	for _, i := range before {
		add(&e.Vp, e.before[i].Licensed)
	}
	e.refuseNegative("V", e.V)
	e.refuseNegative("T", e.T)
	e.refuseNegative("the earlier V", e.Vp)
}

func (c Count) numbers() string { return show(c.Licensed) + " " + show(c.Total) + " " + c.LastAssigned }

func (e *entry) sumBalances(l *ledger) {
	rows := e.balances
	if prepaid := slices.DeleteFunc(slices.Clone(rows), Balance.byUsage); len(prepaid) > 0 && len(prepaid) < len(rows) {
		e.note("the row that is billed by usage is left out")
		rows = prepaid
	}
	was := e.broken
	keep := e.repeated(l, "CSSM", len(rows), func(i int) (Place, string) { return rows[i].Place, rows[i].numbers() })
	if e.broken != was { // sums over exports that contradict each other are of nothing
		e.unnamed = !slices.ContainsFunc(rows, func(b Balance) bool { return b.Virtual != "" })
		return
	}
	for _, i := range keep {
		add(&e.A, rows[i].Available)
		add(&e.U, rows[i].InUse)
		add(&e.S, rows[i].Substituted)
		add(&e.B, rows[i].Balance)
	}
	e.refuseNegative("A", e.A)
	e.refuseNegative("U", e.U)
	if e.broken == "" && !e.byUsage() && e.A != nil && e.U != nil && e.B != nil && *e.B != *e.A+value(e.S)-*e.U {
		e.broken, e.identity = "the balance does not add up", true
	}
}

func (b Balance) byUsage() bool { return strings.Contains(Fold(b.Billing), "usage") }

func (b Balance) numbers() string {
	return show(b.Available) + " " + show(b.InUse) + " " + show(b.Substituted) + " " + show(b.Balance)
}

// repeated are the rows to add up. Rows of one licence and account that say the same are one row; those that say
// something else are subscriptions of one export, or exports of different moments that must not be added up.
func (e *entry) repeated(l *ledger, side string, n int, row func(int) (Place, string)) []int {
	var keep []int
	for i := range n {
		at, numbers := row(i)
		same := -1
		for _, k := range keep {
			first, told := row(k)
			switch {
			case told == numbers:
				same = k
				if first.Input == at.Input {
					e.doubts = append(e.doubts, fmt.Sprintf("%s lists the licence twice with the same numbers (rows %d and %d); it was counted once", side, first.Row, at.Row))
				}
			case first.Input != at.Input && side == "CSSM":
				e.broken = fmt.Sprintf("%s and %s give other numbers for the same licence and account", l.path(first), l.path(at))
			default:
				e.doubts = append(e.doubts, fmt.Sprintf("%s lists the licence twice with other numbers (%s); they were added up", side, l.both(first, at)))
			}
		}
		if same < 0 {
			keep = append(keep, i)
		}
	}
	return keep
}

// both are two rows, by their files where these are two.
func (l *ledger) both(a, b Place) string {
	if a.Input == b.Input {
		return fmt.Sprintf("rows %d and %d", a.Row, b.Row)
	}
	return fmt.Sprintf("%s:%d and %s:%d", l.path(a), a.Row, l.path(b), b.Row)
}

// shared finds a device or product instance that two inputs list: what is summed over them counts it twice.
func (e *entry) shared(l *ledger, n int, row func(int) (Place, string)) {
	if n == 0 {
		return
	}
	one, _ := row(0)
	last, _ := row(n - 1) // rows come input by input
	if one.Input == last.Input {
		return
	}
	listed := map[string]int{}
	for i := range n {
		at, what := row(i)
		if in, known := listed[what]; known && in != at.Input {
			e.doubts = append(e.doubts, fmt.Sprintf("%s is in %s and in %s", what, l.path(Place{Input: in}), l.path(at)))
			return
		}
		listed[what] = at.Input
	}
}

func (e *entry) refuseNegative(name string, n *int64) {
	if n != nil && *n < 0 {
		e.broken = fmt.Sprintf("%s is %d: it can not be below zero", name, *n)
	}
}

// compareAccounts finds entries whose other side is of another account.
func (l *ledger) compareAccounts(e *entry) {
	if e.V != nil && e.U != nil || e.V == nil && e.U == nil || e.broken != "" {
		return
	}
	var others []string
	for _, o := range l.byKey[e.key] {
		if o != e && o.broken == "" && (o.V == nil) != (e.V == nil) && (o.U == nil) != (e.U == nil) {
			others = append(others, accountName(o.Smart, o.Virtual))
		}
	}
	if len(others) == 0 {
		return
	}
	here, there := "vManage", "CSSM"
	if e.V == nil {
		here, there = there, here
	}
	e.foreign = fmt.Sprintf("%s is of %s, %s of %s", here, accountName(e.Smart, e.Virtual), there, strings.Join(others, " and of "))
}

// certain reports that a failure of the entry may be called one.
func (l *ledger) certain(e *entry) bool { return len(l.doubts)+len(e.doubts) == 0 && e.waits == "" }

// add adds a number that may be missing.
func add(sum **int64, n *int64) {
	if n == nil {
		return
	}
	if *sum == nil {
		*sum = new(int64)
	}
	**sum += *n
}

// value is a number that may be missing, as 0.
func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// show is a number that may be missing, for people.
func show(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}
