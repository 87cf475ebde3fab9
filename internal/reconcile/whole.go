package reconcile

import (
	"fmt"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// judgeWhole gives the results of the rules that are about no single licence.
func (l *ledger) judgeWhole() []diag.Result {
	return []diag.Result{l.result(&inputTimes, l.judgeTimes(), nil), l.result(&vmanageLog, l.judgeLog(), nil),
		l.result(&staleContact, l.judgeContact(), nil), l.result(&singleInstance, l.judgeSingle(), nil)}
}

func (l *ledger) judgeTimes() ruling {
	known, unknownTimes := l.times(compared...)
	switch {
	case l.swapped != "":
		return fail("swapped", "%s", l.swapped)
	case len(known)+len(unknownTimes) < 2:
		return exempt("nothing-to-compare", "one input needs no comparison of times")
	case len(unknownTimes) > 0:
		return unknown(diag.Absent, "not-known", "when %s was made is not known: failures count as warnings", unknownTimes[0].Path)
	}
	first, last := span(known)
	if d := last.Sub(first); d > Wait {
		return warn("apart", "the inputs are %s apart: failures count as warnings", apart(d))
	} else if d > 2*time.Hour {
		return pass("near", "the inputs are %s apart", apart(d))
	}
	return pass("near", "the inputs are of one moment")
}

func (l *ledger) judgeLog() ruling {
	if l.Reports == nil {
		return unknown(diag.NotCollected, "not-given", "no vmanage-server.log was given")
	}
	now := l.moment(compared...)
	if len(l.Reports.Failures) == 0 {
		return l.judgeQuiet(now)
	}
	var parts []string
	invalid, old := 0, true
	var at []Place
	var words []string
	for _, f := range l.Reports.Failures {
		s := fmt.Sprintf("tenant %s: %d failed", f.Tenant, f.Count)
		if f.Invalid > 0 {
			s += fmt.Sprintf(" (%d of them: the identity of the instance is not valid)", f.Invalid)
		}
		if f.Last != nil {
			s += ", the last on " + f.Last.Format("2006-01-02 15:04")
		}
		invalid += f.Invalid
		old = old && f.Last != nil && now.Sub(*f.Last) > contactDays
		at, words = append(at, f.Place), append(words, f.Text)
		parts = append(parts, s)
	}
	r := fail("failed", "reports to CSSM fail; %s", strings.Join(parts, "; "))
	if invalid > 0 {
		r.what = "invalid"
	}
	if old {
		r = warn("failed-long-ago", "reports to CSSM failed more than 30 days ago; %s", strings.Join(parts, "; "))
		r.severity = diag.Medium
	}
	r.at, r.words = at, words
	return r
}

// judgeQuiet judges a log without a failed report, as the check of the same name does in a run: it shows that reports
// arrive when it covers a day and was still written lately.
func (l *ledger) judgeQuiet(now time.Time) ruling {
	r := l.Reports
	const stamp = "2006-01-02 15:04"
	switch {
	case r.Partial:
		return unknown(diag.Cut, "cut", "no failed report in the %d lines that could be read; the rest of the log could not", r.Lines)
	case r.Lines == 0 && r.Last == nil:
		return unknown(diag.Absent, "empty", "the log has no lines")
	case r.Foreign:
		return unknown(diag.Absent, "foreign", "no line of %d is about smart licensing: it is another log, or that of a vManage of the cluster that does not report", r.Lines)
	case r.First == nil || r.Last == nil:
		return unknown(diag.Unparsed, "undated", "no failed report in %d lines, but when they were written is not known", r.Lines)
	case now.Sub(*r.Last) > 2*Wait: // the zone of the log is not known, so a day is not enough
		return unknown(diag.Cut, "stale", "no failed report, but the log ends on %s: it is not known whether reports fail since", r.Last.Format(stamp))
	case r.Last.Sub(*r.First) < Wait:
		return unknown(diag.Cut, "short", "no failed report, but the log begins on %s, less than a day before its end", r.First.Format(stamp))
	}
	return pass("quiet", "no failed report in %d lines, from %s to %s", r.Lines, r.First.Format(stamp), r.Last.Format(stamp))
}

// managersSeen are the product instances of SD-WAN Manager, each once.
func (l *ledger) managersSeen() []Instance {
	var out []Instance
	seen := map[string]bool{}
	for _, i := range l.Instances {
		if isManager(i) && !seen[i.identity()] {
			seen[i.identity()] = true
			out = append(out, i)
		}
	}
	return out
}

func (l *ledger) judgeContact() ruling {
	all := l.managersSeen()
	if len(all) == 0 {
		return unknown(diag.NotCollected, "not-given", "no product instance of SD-WAN Manager was given")
	}
	at := l.moment(Instances)
	newest := map[account]*Instance{} // an account whose manager has gone silent is not excused by another one
	for n, i := range all {
		acct := accountOf(i.Smart, i.Virtual)
		if old := newest[acct]; i.LastContact != nil && (old == nil || i.LastContact.After(*old.LastContact)) {
			newest[acct] = &all[n]
		}
	}
	var last *Instance // the one that has been silent longest
	for n, i := range all {
		if newest[accountOf(i.Smart, i.Virtual)] == &all[n] && (last == nil || i.LastContact.Before(*last.LastContact)) {
			last = &all[n]
		}
	}
	if last == nil {
		return unknown(diag.Absent, "no-contact", "the last contact of SD-WAN Manager is not there")
	}
	days := int(at.Sub(*last.LastContact).Hours() / 24)
	r := pass("recent", "SD-WAN Manager's last contact was %d days before the export", days)
	if at.Sub(*last.LastContact) > contactDays {
		r = warn("old", "%s had its last contact on %s, %d days before the export", last.label(), last.LastContact.Format("2006-01-02"), days)
	}
	r.at = []Place{last.Place}
	return r
}

func (l *ledger) judgeSingle() ruling {
	all := l.managersSeen()
	if len(all) == 0 {
		return unknown(diag.NotCollected, "not-given", "no product instance of SD-WAN Manager was given")
	}
	for n, a := range all {
		for _, b := range all[n+1:] {
			at := []Place{a.Place, b.Place}
			switch {
			case a.Input != b.Input && sameManager(a, b) && accountOf(a.Smart, a.Virtual).fits(accountOf(b.Smart, b.Virtual)) &&
				(a.UUID == "" || b.UUID == "" || strings.EqualFold(a.UUID, b.UUID)): // two inputs that list one
			case sameManager(a, b) || handedOver(a, b) || handedOver(b, a):
				r := fail("twice", "SD-WAN Manager is registered twice: %s and %s", a.label(), b.label())
				r.at = at
				return r
			case accountOf(a.Smart, a.Virtual) == accountOf(b.Smart, b.Virtual):
				r := warn("two", "%s and %s are in one account: two SD-WAN Managers, or one that was registered again", a.label(), b.label())
				r.at = at
				return r
			}
		}
	}
	return pass("one", "one product instance per SD-WAN Manager")
}
