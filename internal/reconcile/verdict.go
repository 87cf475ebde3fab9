package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// Reconcile compares what was read. It does not change the data, and gives the same document for the same input.
func Reconcile(d *Data, o Options) *Document {
	l := newLedger(d, o)
	for _, e := range l.entries {
		if at, ok := l.waiting(e); ok && e.U != nil && (e.V == nil || *e.U != *e.V) {
			e.waits = afterCleanup(at)
		}
	}
	l.attribute()
	for _, e := range l.entries {
		if at, ok := l.waiting(e); ok && e.cancels() {
			e.waits = afterCleanup(at)
		}
	}
	doc := &Document{Schema: diag.SchemaVersion, Kind: "reconcile", Inputs: slices.Clone(d.Inputs), Licenses: []Licence{}}
	if doc.Inputs == nil {
		doc.Inputs = []Input{}
	}
	doc.Results = l.judgeWhole()
	for _, e := range l.entries {
		e.Results = l.judge(e)
		e.Case = l.caseOf(e)
	}
	slices.SortStableFunc(l.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(weight(a.Case), weight(b.Case)), cmp.Compare(a.key, b.key), cmp.Compare(a.acct.smart+a.acct.virtual, b.acct.smart+b.acct.virtual))
	})
	doc.Verdict = l.verdict(doc.Results)
	for _, e := range l.entries {
		doc.Licenses = append(doc.Licenses, e.Licence)
	}
	return doc
}

func afterCleanup(at time.Time) string {
	return "a clean-up was recommended on " + at.UTC().Format("2006-01-02 15:04 UTC")
}

func weight(c Case) int {
	return slices.IndexFunc(Cases, func(k struct {
		Case  Case
		Means string
	}) bool {
		return k.Case == c
	})
}

// works reports that something shows that reports arrive.
func works(results []diag.Result) bool {
	return slices.ContainsFunc(results, func(r diag.Result) bool {
		return (r.Check == vmanageLog.ID || r.Check == staleContact.ID) && r.Status == diag.Pass
	})
}

// broken reports that reporting itself does not work.
func broken(results []diag.Result) bool {
	return slices.ContainsFunc(results, func(r diag.Result) bool {
		return r.Check == vmanageLog.ID && r.Status == diag.Fail || r.Check == staleContact.ID && r.Status == diag.Warn
	})
}

// caseOf is the case of one licence, reporting left aside.
func (l *ledger) caseOf(e *entry) Case {
	switch {
	case e.waits != "":
		return Waiting
	case e.Delta == nil && l.alone(e):
		return Shortage
	case e.Delta == nil && l.beyond(e):
		return NotCompared
	case e.Delta == nil:
		return Undecided
	case !l.certain(e): // rows that were added up, and numbers of different moments, may agree by chance
		return Undecided
	case (*e.Delta == 0 && !e.cancels() || e.close() && len(e.Attribution) == 0) && value(e.B) < 0:
		if *e.Delta > 0 && *e.B+*e.Delta >= 0 { // the units that differ may be those that are missing
			return Undecided
		}
		return Shortage
	case *e.Delta == 0 && !e.cancels():
		return Consistent
	case *e.Delta == 0 && *e.Unexplained != 0:
		return Undecided
	case slices.ContainsFunc(e.Attribution, Attribution.remedied):
		return FCount
	case len(e.Attribution) == 0 && e.close():
		return Consistent
	case e.harmless() || e.close():
		return Explained
	}
	return Undecided
}

// alone reports a licence of CSSM that runs short and that vManage has nothing to do with: where vManage has licences
// that CSSM does not know, it may be one of them under another name.
func (l *ledger) alone(e *entry) bool {
	return l.lacks(e) && e.V == nil && e.broken == "" && e.foreign == "" && e.B != nil && *e.B < 0 &&
		!slices.ContainsFunc(l.entries, func(o *entry) bool { return value(o.V) > 0 && o.U == nil })
}

// waiting is when a clean-up was recommended, if that was less than a day ago; a clock that was put back makes it seem to
// come.
func (l *ledger) waiting(e *entry) (at time.Time, ok bool) {
	for _, c := range l.Cleanups {
		if c.License == e.key && accountOf(c.Smart, c.Virtual).fits(e.acct) && l.Now.Sub(c.At).Abs() < Wait && c.At.After(at) {
			at, ok = c.At, true
		}
	}
	return at, ok
}

// Cleanups is what is to be remembered after this document: what it recommends, and what was recommended before
// unless the counts agree again.
func (d *Document) Cleanups(o Options) []Cleanup {
	out := []Cleanup{}
	settled := func(c Cleanup) bool {
		return slices.ContainsFunc(d.Licenses, func(x Licence) bool {
			return o.Names.key(x.Name) == c.License && accountOf(x.Smart, x.Virtual).fits(accountOf(c.Smart, c.Virtual)) &&
				(x.Case == Consistent || x.Case == Shortage || x.cleans() && d.Verdict.Case != FSync)
		})
	}
	for _, c := range o.Cleanups {
		if !settled(c) {
			out = append(out, c)
		}
	}
	for _, x := range d.Licenses {
		if x.cleans() && d.Verdict.Case != FSync {
			out = append(out, Cleanup{o.Names.key(x.Name), x.Smart, x.Virtual, o.Now.UTC().Truncate(time.Second)})
		}
	}
	return out
}

// cleans reports a licence for which something is to be removed in CSSM.
func (x *Licence) cleans() bool {
	return x.Case == FCount && x.due(cleanable...)
}

// due reports units of some classes that are sure enough to act on.
func (x *Licence) due(classes ...Class) bool {
	return slices.ContainsFunc(x.Attribution, func(a Attribution) bool { return a.remedied() && slices.Contains(classes, a.Class) })
}

// verdict is the conclusion over all licences: the gravest case that is known, with the steps of every case.
func (l *ledger) verdict(whole []diag.Result) Verdict {
	v := Verdict{Case: Consistent, Confidence: High, Steps: []Step{}}
	if len(l.entries) == 0 {
		v.Case = Undecided
	}
	for _, e := range l.entries {
		if weight(e.Case) < weight(v.Case) {
			v.Case = e.Case
		}
	}
	twice := slices.ContainsFunc(whole, func(r diag.Result) bool { return r.Check == singleInstance.ID && r.Status == diag.Fail })
	if twice && weight(v.Case) > weight(Undecided) { // what is registered twice is not in order, whatever the counts
		v.Case = Undecided
	}
	if broken(whole) {
		v.Case = FSync
	}
	if v.Case == Consistent && !slices.ContainsFunc(l.entries, func(e *entry) bool { return e.Case == Consistent }) {
		v.Case = Undecided
	}
	v.Summary = Cases[weight(v.Case)].Means
	v.Confidence = l.confidence(v.Case)
	l.steps(&v, works(whole), twice)
	return v
}

// beyond reports a licence that the comparison is not about: the list of the other side is there, and has not got it.
func (l *ledger) beyond(e *entry) bool {
	if e.broken != "" || e.foreign != "" {
		return false
	}
	return l.lacks(e) && e.V == nil && e.U != nil || len(l.Balances) > 0 && len(e.balances) == 0 && e.U == nil && e.V != nil && *e.V == 0
}

// lacks reports that vManage's licences were given, and that this one is not among them.
func (l *ledger) lacks(e *entry) bool {
	return len(l.VManage)+len(l.Assigned) > 0 && len(e.counts)+len(e.assigned) == 0
}

// blank is the number that is compared and that the input which lists the licence has not got; "" when there is none.
func (e *entry) blank() string {
	switch {
	case e.broken != "":
		return ""
	case e.V == nil && len(e.counts) > 0:
		return "vManage's licensed devices"
	case e.U == nil && len(e.balances) > 0:
		return "CSSM's units in use"
	}
	return ""
}

// confidence of a verdict is that of the least certain of the licences that make it.
func (l *ledger) confidence(c Case) Confidence {
	out := High
	if c == FSync && (l.Reports == nil || !slices.ContainsFunc(l.Reports.Failures, func(f ReportFailure) bool { return f.Invalid > 0 })) {
		out = Medium
	}
	if c == Undecided {
		return Low
	}
	if len(l.doubts) > 0 && c != FSync {
		out = Medium
	}
	for _, e := range l.entries {
		if e.Case != c {
			continue
		}
		if c == FCount && *e.Unexplained != 0 {
			out = Low
		}
		for _, a := range e.Attribution {
			if a.Confidence == Low || a.Confidence == Medium && out == High {
				out = a.Confidence
			}
		}
	}
	return out
}

// of are the licences of a case that match, by name with their account.
func (l *ledger) of(match func(*entry) bool) []string {
	out := []string{}
	for _, e := range l.entries {
		if match(e) {
			out = append(out, l.title(e))
		}
	}
	return out
}

// title is a licence with its account where that is needed to tell it from another one.
func (l *ledger) title(e *entry) string {
	if e.Virtual == "" {
		return e.Name
	}
	return fmt.Sprintf("%s in %s", e.Name, accountName(e.Smart, e.Virtual))
}
