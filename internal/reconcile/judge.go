package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// ruling is what a rule says, before it becomes a result.
type ruling struct {
	status   diag.Status
	reason   diag.Reason   // of unknown and not-applicable
	severity diag.Severity // "" is the rule's own
	what     string        // names the message within the rule
	text     string
	cause    *Rule    // a rule of the same licence that explains it
	at       []Place  // rows it rests on
	words    []string // what these rows say, where the text does not repeat it
	certain  bool     // stands although the inputs are not of one moment
}

func pass(what, text string, args ...any) ruling {
	return ruling{status: diag.Pass, what: what, text: fmt.Sprintf(text, args...)}
}

func warn(what, text string, args ...any) ruling {
	return ruling{status: diag.Warn, what: what, text: fmt.Sprintf(text, args...)}
}

func fail(what, text string, args ...any) ruling {
	return ruling{status: diag.Fail, what: what, text: fmt.Sprintf(text, args...)}
}

func unknown(why diag.Reason, what, text string, args ...any) ruling {
	return ruling{status: diag.Unknown, reason: why, what: what, text: fmt.Sprintf(text, args...)}
}

func exempt(what, text string, args ...any) ruling {
	return ruling{status: diag.NotApplicable, reason: diag.Reason(what), what: what, text: fmt.Sprintf(text, args...)}
}

func (r ruling) by(cause *Rule) ruling { r.cause = cause; return r }

// result makes the result of a rule. What fails on inputs of different moments is a warning.
func (l *ledger) result(rule *Rule, r ruling, doubts []string) diag.Result {
	if r.status == diag.Fail && !r.certain && len(doubts) > 0 {
		r.status = diag.Warn
		r.text += "; not certain: " + strings.Join(doubts, "; ")
	}
	out := diag.Result{Check: rule.ID, Status: r.status, Severity: rule.Severity, Summary: r.text,
		Message: diag.Message{ID: rule.ID + "." + r.what, Args: diag.Args{}}, Evidence: []diag.Evidence{}, Fixes: []diag.Fix{}}
	if r.severity != "" {
		out.Severity = r.severity
	}
	if r.reason != "" {
		out.Reason = &r.reason
	}
	if r.cause != nil && (r.status == diag.Fail || r.status == diag.Warn || r.status == diag.Unknown) {
		out.CausedBy = &r.cause.ID
	}
	if r.status == diag.Fail || r.status == diag.Warn {
		out.Fixes = append(out.Fixes, diag.Fix{Summary: rule.Do[0], Config: []string{}, Exec: []string{}, Verify: []string{}, Manual: rule.Do})
	}
	for i, p := range r.at {
		if path := l.path(p); path != "" {
			text := r.text
			if i < len(r.words) && r.words[i] != "" {
				text = r.words[i]
			}
			out.Evidence = append(out.Evidence, diag.Evidence{Command: string(l.Inputs[p.Input].Kind), Line: p.Row, Text: text,
				Source: &diag.Place{Path: path, Line: p.Row}})
		}
	}
	return out
}

// judge gives the results of one licence, every rule once.
func (l *ledger) judge(e *entry) []diag.Result {
	table := []struct {
		rule *Rule
		of   func(*entry) ruling
	}{
		{&inputRows, l.judgeRows}, {&sameAccount, l.judgeAccount}, {&balanceIdentity, l.judgeIdentity}, {&notRightToUse, judgeBilling},
		{&tierCoverage, judgeTier}, {&countMismatch, judgeCounts}, {&duplicateExact, l.judgeExact}, {&duplicateInferred, l.judgeInferred},
		{&duplicateMultiple, judgeMultiple}, {&deletedNotReleased, judgeDeleted}, {&insufficient, l.judgeBalance}, {&authorizedRequired, judgeAuthorized},
	}
	doubts := slices.Concat(l.doubts, e.doubts)
	if e.waits != "" {
		doubts = append(doubts, e.waits)
	}
	at := e.places()
	var out []diag.Result
	for i, k := range table {
		var r ruling
		switch {
		case i > 2 && e.broken != "":
			r = unknown(diag.Blocked, "blocked", "not judged: %s", e.broken).by(&inputRows)
			if e.identity {
				r = r.by(&balanceIdentity)
			}
		default:
			r = k.of(e)
		}
		if r.at == nil && r.status != diag.NotApplicable {
			r.at = at
		}
		out = append(out, l.result(k.rule, r, doubts))
	}
	return out
}

// places are the rows of an entry, a few of each input.
func (e *entry) places() []Place {
	var out []Place
	for _, c := range e.counts {
		out = append(out, c.Place)
	}
	for _, c := range e.before {
		out = append(out, c.Place)
	}
	for _, b := range e.balances {
		out = append(out, b.Place)
	}
	return out[:min(len(out), 6)]
}

func (l *ledger) judgeRows(e *entry) ruling {
	switch {
	case e.broken != "" && !e.identity:
		r := fail("impossible", "%s", e.broken)
		r.certain = true
		return r
	case len(e.doubts) > 0:
		return warn("repeated", "%s", strings.Join(e.doubts, "; "))
	}
	return pass("plain", "every row counts once")
}

func (l *ledger) judgeAccount(e *entry) ruling {
	switch {
	case e.foreign != "":
		r := fail("differs", "%s: not compared", e.foreign)
		r.certain = true
		return r
	case e.broken != "" && !e.identity:
		return unknown(diag.Blocked, "blocked", "not judged: %s", e.broken).by(&inputRows)
	case e.V == nil || e.U == nil:
		return exempt("one-sided", "only one side has this licence")
	}
	return pass("same", "both sides are of %s", accountName(e.Smart, e.Virtual))
}

func (l *ledger) judgeIdentity(e *entry) ruling {
	switch {
	case e.broken != "" && !e.identity:
		return unknown(diag.Blocked, "blocked", "not judged: %s", e.broken).by(&inputRows)
	case e.byUsage():
		return exempt("by-usage", "billed by usage: CSSM keeps no balance")
	case e.A == nil || e.U == nil || e.B == nil:
		return unknown(diag.NotCollected, "incomplete", "available, in use and balance of CSSM are not all there")
	case e.identity:
		r := fail("off", "%s; off by %d: the numbers are mistyped or of different moments, and nothing more is said about this licence",
			e.equation(), *e.B-(*e.A+value(e.S)-*e.U))
		r.certain = true
		return r
	}
	return pass("adds-up", "%s", e.equation())
}

// equation is the balance with its numbers.
func (e *entry) equation() string {
	sum := *e.A + value(e.S) - *e.U
	sign := "="
	if sum != *e.B {
		sign = fmt.Sprintf("= %d, not", sum)
	}
	return fmt.Sprintf("%d + %d - %d %s %d", *e.A, value(e.S), *e.U, sign, *e.B)
}

func (e *entry) byUsage() bool {
	return len(e.balances) > 0 && !slices.ContainsFunc(e.balances, func(b Balance) bool { return !b.byUsage() })
}

func judgeBilling(e *entry) ruling {
	if e.byUsage() {
		r := pass("by-usage", "billed by usage: in use is compared, Purchased and Balance are not")
		r.severity = diag.Info
		return r
	}
	if len(e.balances) == 0 {
		return unknown(diag.NotCollected, "no-inventory", "the licence inventory of CSSM is not there")
	}
	return pass("prepaid", "not billed by usage")
}

func judgeTier(e *entry) ruling {
	if e.S == nil || *e.S == 0 {
		return pass("none", "no upper tier covers it")
	}
	if *e.S < 0 {
		return pass("gives", "%d of it cover a lower tier", -*e.S)
	}
	return pass("covers", "upper tiers cover %d of %s", *e.S, show(e.U))
}

func judgeCounts(e *entry) ruling {
	switch {
	case e.foreign != "":
		return unknown(diag.Blocked, "account", "not compared: %s", e.foreign).by(&sameAccount)
	case e.blank() != "":
		return unknown(diag.Absent, "blank", "the licence is listed without the number of %s", e.blank())
	case e.V == nil:
		return unknown(diag.NotCollected, "no-vmanage", "vManage's number is not there")
	case e.U == nil:
		return unknown(diag.NotCollected, "no-cssm", "CSSM's number is not there; if CSSM has the licence under another name, a --names file brings them together")
	case *e.Delta == 0 && !e.cancels():
		return pass("equal", "%d in vManage and in CSSM", *e.V)
	case *e.Delta == 0:
		r := fail("cancels", "%d in vManage and in CSSM, but only because what is too much and what is missing cancel each other", *e.V)
		if e.failing(&deletedNotReleased) {
			r = r.by(&deletedNotReleased)
		}
		return r
	}
	d := *e.Delta
	text := fmt.Sprintf("CSSM has %d in use, vManage %d licensed: %+d", *e.U, *e.V, d)
	if rest := value(e.Unexplained); rest != 0 {
		text += fmt.Sprintf(", of which %+d unexplained", rest)
	}
	if e.close() {
		return warn("close", "%s, within 1 %%", text)
	}
	if e.harmless() {
		return warn("known", "%s, for a known reason that needs no clean-up", text)
	}
	r := fail("differs", "%s", text)
	for _, rule := range []*Rule{&duplicateExact, &duplicateInferred, &deletedNotReleased} {
		if value(e.Unexplained) == 0 && e.failing(rule) {
			return r.by(rule)
		}
	}
	return r
}

// harmless reports a difference whose every unit is known and needs no remedy.
func (e *entry) harmless() bool {
	return *e.Unexplained == 0 && len(e.Attribution) > 0 && !slices.ContainsFunc(e.Attribution, func(a Attribution) bool {
		return a.Confidence == Low || a.remedied()
	})
}

// cancels reports counts that agree although product instances show units on either side that need a remedy.
func (e *entry) cancels() bool {
	return e.Delta != nil && *e.Delta == 0 && slices.ContainsFunc(e.Attribution, Attribution.remedied)
}

// close reports a difference that is no more than what two reports may differ by.
func (e *entry) close() bool {
	d := *e.Delta
	return max(d, -d)*100 <= *e.V
}

// failing reports that a rule which explains units will fail.
func (e *entry) failing(rule *Rule) bool {
	if rule == &deletedNotReleased {
		return e.deleted() > 0 && (*e.Delta > 0 || e.due(DeletedUnreleased))
	}
	return e.rules[rule.ID] != ""
}

// deleted is how many units are of devices that left vManage.
func (e *entry) deleted() int64 { return e.units(DeletedUnreleased) }

func (e *entry) units(classes ...Class) int64 {
	var n int64
	for _, a := range e.Attribution {
		if slices.Contains(classes, a.Class) {
			n += a.Units
		}
	}
	return n
}

// comparable is what the rules about the difference need first; ok is false with what to say without it.
func (e *entry) comparable() (ruling, bool) {
	switch {
	case e.Delta == nil:
		return unknown(diag.Blocked, "blocked", "the two sides were not compared").by(&countMismatch), false
	case *e.Delta <= 0:
		return pass("no-surplus", "CSSM has no more in use than vManage"), false
	}
	return ruling{}, true
}

func (l *ledger) judgeExact(e *entry) ruling {
	if r, ok := e.comparable(); !ok {
		return r
	}
	if why := e.rules[duplicateExact.ID]; why != "" {
		return fail("added-up", "%s: %d + %d = %d", why, *e.Vp, *e.V, *e.Vp+*e.V)
	}
	if e.Vp == nil {
		return unknown(diag.NotCollected, "no-earlier", "there is no earlier export of vManage")
	}
	return pass("no", "%d + %d is not %d", *e.Vp, *e.V, *e.U)
}

func (l *ledger) judgeInferred(e *entry) ruling {
	if r, ok := e.comparable(); !ok {
		return r
	}
	if why := e.rules[duplicateInferred.ID]; why != "" {
		return fail("looks-added", "%s", why)
	}
	if e.Vp != nil {
		return exempt("earlier-known", "the earlier number is known")
	}
	return pass("no", "%d too many do not look like a whole report", *e.Delta)
}

func judgeMultiple(e *entry) ruling {
	if r, ok := e.comparable(); !ok {
		return r
	}
	if why := e.rules[duplicateMultiple.ID]; why != "" {
		return warn("several", "%s", why)
	}
	return pass("no", "%d is not about three or four times %d", *e.U, *e.V)
}

func judgeDeleted(e *entry) ruling {
	if e.failing(&deletedNotReleased) {
		return fail("not-released", "%s of devices that left vManage still booked in CSSM", units(e.deleted()))
	}
	if r, ok := e.comparable(); !ok {
		return r
	}
	return pass("no", "no sign of devices that left vManage and were not released")
}

// units is a number of units for people.
func units(n int64) string {
	if n == 1 || n == -1 {
		return fmt.Sprintf("%d unit", n)
	}
	return fmt.Sprintf("%d units", n)
}

// falseUnits are those that go away with a clean-up.
func (e *entry) falseUnits() int64 { return e.units(cleanable...) }

// cleanable are the classes that are removed in CSSM.
var cleanable = []Class{DoubleReported, DeletedUnreleased, StaleInstance}

func (l *ledger) judgeBalance(e *entry) ruling {
	switch {
	case e.B == nil:
		return unknown(diag.NotCollected, "no-balance", "CSSM's balance is not there")
	case *e.B >= 0:
		return pass("enough", "the balance is %d", *e.B)
	}
	wrong := e.falseUnits()
	missing := -*e.B - wrong
	open := max(value(e.Unexplained), 0)
	switch {
	case wrong > 0 && missing <= 0:
		r := fail("false", "balance %d: a false shortage, %s in use are counted wrongly", *e.B, units(wrong))
		for _, rule := range []*Rule{&duplicateExact, &duplicateInferred, &deletedNotReleased} {
			if e.failing(rule) {
				return r.by(rule)
			}
		}
		return r
	case e.V == nil && e.U != nil && e.foreign == "" && l.lacks(e):
		return warn("alone", "balance %d: %s are missing by CSSM's own count; vManage does not list the licence", *e.B, units(missing))
	case e.Delta == nil || missing <= open:
		return warn("alert", "balance %d: Insufficient Licenses, real or not can not be said before the counts agree", *e.B)
	case wrong > 0:
		return warn("partly", "balance %d: %d counted wrongly, %s are missing even without them", *e.B, wrong, units(missing-open))
	}
	return warn("real", "balance %d: %s are missing", *e.B, units(missing-open))
}

func judgeAuthorized(e *entry) ruling {
	known := false
	for _, i := range e.instances {
		if i.Used == nil || i.Authorized == nil {
			continue
		}
		known = true
		if *i.Used > *i.Authorized {
			r := warn("short", "%s requires %d and is authorized for %d", i.label(), *i.Used, *i.Authorized)
			r.at = []Place{i.Place}
			return r
		}
	}
	if !known {
		return unknown(diag.NotCollected, "not-given", "no product instance tells what it is authorized for")
	}
	return pass("covered", "no product instance requires more than it is authorized for")
}
