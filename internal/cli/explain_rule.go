package cli

import (
	"fmt"

	"slpdoctor/internal/reconcile"
)

// explainRule tells what a rule of reconcile is.
func explainRule(l *lines, r reconcile.Rule) {
	l.para(r.ID+": ", r.Title)
	l.plain("")
	l.para("Means       ", r.Means)
	l.para("Formula     ", r.Formula)
	l.para("Example     ", r.Example)
	l.para("Severity    ", string(r.Severity))
	for i, do := range r.Do {
		l.para(label("What to do", i), do)
	}
	if r.ID == "recon-count-mismatch" {
		l.plain("\nWhat a unit of difference can be")
		for _, c := range reconcile.Classes {
			l.para(fmt.Sprintf("  %-21s ", c.Class), c.Means)
		}
		l.plain("")
	}
	l.para("Source      ", r.Source)
}
