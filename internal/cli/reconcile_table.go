package cli

import (
	"fmt"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/report"
)

// mostRows is how many licences that agree the table lists.
const mostRows = 12

// reconcileTable is the document for people: the numbers, what they mean, and the verdict last, where the eye is.
func reconcileTable(l *lines, d *reconcile.Document) {
	reconcileHead(l, d)
	reconcileNumbers(l, d)
	for _, x := range d.Licenses {
		if !unremarkable(x) {
			reconcileLicence(l, x)
		}
	}
	results(l, "\nTHE WHOLE", d.Results)
	reconcileVerdict(l, d.Verdict, len(d.Licenses) > 1)
}

func reconcileHead(l *lines, d *reconcile.Document) {
	l.plain("INPUTS")
	for _, in := range d.Inputs {
		at := "time not known"
		if in.Time != nil {
			at = in.Time.UTC().Format("2006-01-02 15:04 UTC")
		}
		l.para(fmt.Sprintf("  %-14s  ", in.Kind), report.Clean(in.Path)+", "+at)
		for _, n := range in.Notes {
			l.para(strings.Repeat(" ", 18)+"- ", report.Clean(n))
		}
	}
}

// number of a licence, for people; "-" when no input has it.
func number(n *int64) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

// signed is a difference, for people.
func signed(n *int64) string {
	if n == nil {
		return "?"
	}
	if *n == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", *n)
}

// numbers of a licence, in the order of reconcileColumns.
func numbers(x reconcile.Licence) []string {
	return []string{number(x.V), number(x.Vp), number(x.T), number(x.A), number(x.S), number(x.U), number(x.B), number(x.V), signed(x.Delta)}
}

var reconcileColumns = []string{"V", "Vp", "T", "A", "S", "U", "B", "expected U", "delta"}

func reconcileNumbers(l *lines, d *reconcile.Document) {
	l.plain("\nNUMBERS")
	head := []string{"V", "Vp", "T", "A", "S", "U", "B", "exp.U", "delta"}
	widths := make([]int, len(head))
	shown, agree, apart := []reconcile.Licence{}, 0, 0
	for i, c := range head {
		widths[i] = len(c)
	}
	for _, x := range d.Licenses {
		switch {
		case x.Case == reconcile.NotCompared && unremarkable(x):
			apart++
			continue
		case x.Case == reconcile.Consistent:
			if agree++; agree > mostRows {
				continue
			}
		}
		shown = append(shown, x)
		for i, n := range numbers(x) {
			widths[i] = max(widths[i], len(n))
		}
	}
	cells := func(texts []string) string {
		var b strings.Builder
		for i, t := range texts {
			if i == 3 || i == 7 {
				b.WriteString(" |")
			}
			fmt.Fprintf(&b, " %*s", widths[i], t)
		}
		return b.String()
	}
	if len(shown) > 0 {
		l.plain("  %s", cells(head))
	}
	for _, x := range shown {
		l.para("  ", report.Clean(x.Name+place(x)))
		l.para("  "+cells(numbers(x))+"  ", string(x.Case)+because(x))
	}
	if agree > mostRows {
		l.plain("  and %s that agree", howMany(agree-mostRows, "more licence"))
	}
	if apart > 0 {
		l.para("  ", howMany(apart, "licence")+" not compared: only one side has it, as with devices that vManage does not manage")
	}
	if len(d.Licenses) == 0 {
		l.plain("  No licence was read.")
	}
	l.plain("")
	l.para("  ", "V licensed in vManage, Vp in the report before, T total; A available, S fulfilled by upper tiers, U in use, B balance in CSSM; expected U = V, delta = U - V")
}

// unremarkable reports a licence that the table does not dwell on: it agrees, or only one side has it and nothing is
// wrong with it there.
func unremarkable(x reconcile.Licence) bool {
	rule, _ := leading(x)
	return x.Case == reconcile.Consistent || x.Case == reconcile.NotCompared && rule == ""
}

func place(x reconcile.Licence) string {
	switch {
	case x.Virtual == "":
		return ""
	case x.Smart == "":
		return " (" + x.Virtual + ")"
	}
	return " (" + x.Smart + " / " + x.Virtual + ")"
}

// because names the rule that tells most about a licence, with its confidence.
func because(x reconcile.Licence) string {
	rule, failing := leading(x)
	if rule == "" {
		return ""
	}
	for _, a := range x.Attribution {
		return fmt.Sprintf(": %s, %s", rule, a.Confidence)
	}
	if failing {
		return ": " + rule
	}
	return ""
}

// leading is the rule to look at first: one that fails by itself, else one that warns.
func leading(x reconcile.Licence) (id string, failing bool) {
	for _, want := range []diag.Status{diag.Fail, diag.Warn} {
		for _, r := range x.Results {
			if r.Status == want && r.CausedBy == nil {
				return r.Check, true
			}
		}
	}
	return "", false
}

// reconcileLicence is what the difference of one licence is made of.
func reconcileLicence(l *lines, x reconcile.Licence) {
	l.plain("")
	l.para(strings.ToUpper(string(x.Case))+"  ", report.Clean(x.Name+place(x)))
	if differs(x) {
		width := len(signed(x.Delta))
		for _, a := range x.Attribution {
			l.para(fmt.Sprintf("  %*s  ", width, signed(&a.Units)), fmt.Sprintf("%s (%s): %s", a.Class, a.Confidence, report.Clean(a.Why)))
			if len(a.Instances) > 0 {
				l.para(strings.Repeat(" ", width+4), report.Clean(names(a.Instances)))
			}
		}
		l.para(fmt.Sprintf("  %*s  ", width, signed(x.Unexplained)), "unexplained")
	}
	for _, n := range x.Notes {
		l.para("  Note: ", report.Clean(n))
	}
	results(l, "", x.Results)
}

// differs reports a licence with a difference to tell of: also one whose parts cancel each other.
func differs(x reconcile.Licence) bool {
	return x.Delta != nil && (*x.Delta != 0 || len(x.Attribution) > 0 && x.Case != reconcile.Consistent)
}

// results are the rules that fail or warn, or could not be judged for a reason that is worth knowing: first those that
// stand by themselves, then what follows from them.
func results(l *lines, head string, all []diag.Result) {
	for _, follows := range []bool{false, true} {
		for _, r := range all {
			if follows != (r.CausedBy != nil) || !worthTelling(r) {
				continue
			}
			if head != "" {
				l.plain("%s", head)
				head = ""
			}
			text := r.Summary
			if follows {
				text += " (follows from " + *r.CausedBy + ")"
			}
			l.para(fmt.Sprintf("  %-7s ", strings.ToUpper(string(r.Status))), r.Check+": "+report.Clean(text))
			for _, w := range words(r) {
				l.para(strings.Repeat(" ", 10), report.Clean(w))
			}
		}
	}
}

// words are what the evidence of a result says in its own words, and where.
func words(r diag.Result) []string {
	var out []string
	for _, e := range r.Evidence {
		if e.Text != r.Summary && e.Source != nil {
			out = append(out, fmt.Sprintf("%s:%d: %s", e.Source.Path, e.Source.Line, e.Text))
		}
	}
	return out
}

func worthTelling(r diag.Result) bool {
	switch r.Status {
	case diag.Fail, diag.Warn:
		return true
	case diag.Unknown:
		return r.Reason != nil && slices.Contains([]diag.Reason{diag.Cut, diag.Unparsed, diag.Absent}, *r.Reason)
	}
	return slices.Contains([]string{"recon-tier-coverage.covers", "recon-not-rightouse.by-usage"}, r.Message.ID)
}

// reconcileVerdict says what to do; which licences a step is for is told where there is more than one.
func reconcileVerdict(l *lines, v reconcile.Verdict, several bool) {
	l.plain("\nVERDICT  %s (confidence: %s)", v.Case, v.Confidence)
	l.para("  ", report.Clean(v.Summary))
	for i, s := range v.Steps {
		l.plain("")
		head := fmt.Sprintf("%3d. ", i+1)
		id := ""
		if s.ID != "" {
			id = " (" + s.ID + ")"
		}
		l.para(head, report.Clean(s.Where+": "+s.Do+id))
		for _, part := range []struct{ label, text string }{
			{"Path: ", s.Path}, {"Rights: ", s.Rights}, {"Risk: ", s.Risk}, {"For: ", names(s.Licenses)}, {"Instances: ", names(s.Instances)},
		} {
			if part.text != "" && (several || part.label != "For: ") {
				l.para("     "+part.label, report.Clean(part.text))
			}
		}
	}
}
