package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
	"slpdoctor/internal/transition"
)

// cronTable writes what a scheduled run tells, fit for a mail.
func (a *app) cronTable(w io.Writer, d *transition.Document) error {
	l := a.lines()
	l.para("", headline(d))
	kind := transition.Kind("")
	for _, g := range transition.Groups(d.Events) {
		if g.Kind != kind {
			kind = g.Kind
			l.plain("\n%s", title(d, kind))
		}
		l.group(g)
	}
	if len(d.Notes) > 0 {
		l.plain("\nNOTES")
		for _, n := range d.Notes {
			l.para("  - ", report.Clean(n))
		}
	}
	l.plain("")
	l.para("", compared(d))
	return l.flush(w)
}

// headline is the whole in one line.
func headline(d *transition.Document) string {
	counts := map[transition.Kind]int{}
	for _, e := range d.Events {
		counts[e.Kind]++
	}
	var parts []string
	for _, k := range transition.Kinds {
		if n := counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, k))
		}
	}
	text := cmp.Or(strings.Join(parts, ", "), "Nothing has changed")
	if d.Since == nil {
		text = "First run of this job, the baseline for those to come"
	}
	return fmt.Sprintf("%s. %d of %s examined, %s open.", text, d.Examined, plural(d.Devices, "device"), plural(d.Open, "finding"))
}

func title(d *transition.Document, k transition.Kind) string {
	switch {
	case k == transition.Reminder:
		return "REMINDER (once a day)"
	case d.Since == nil && k == transition.New:
		return "OPEN"
	case d.Since == nil && k == transition.Worse:
		return "NOT EXAMINED"
	}
	return strings.ToUpper(string(k))
}

// compared says which runs are compared, and for which job.
func compared(d *transition.Document) string {
	text := "Run of " + moment(d.Run.Started)
	if d.Since != nil {
		text += ", compared with that of " + moment(d.Since.Started)
	}
	if d.Quieted > 0 {
		text += "; not told, because it flaps: " + plural(d.Quieted, "change")
	}
	return text + ". Job: " + report.Clean(d.Job)
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// group prints what devices share.
func (l *lines) group(g transition.Group) {
	what := cmp.Or(g.Check, g.Subject)
	if g.Severity != "" && !strings.Contains(g.After, string(g.Severity)) {
		what += ", " + string(g.Severity)
	}
	if a := arrow(g.Before, g.After, report.Clean); a != "" {
		what += ": " + a
	}
	switch {
	case g.Kind == transition.Flapping:
		what += fmt.Sprintf("; %s since %s", plural(g.Changes, "change"), moment(*g.Since))
	case g.Kind == transition.Settled:
		what += fmt.Sprintf("; after %s since %s", plural(g.Changes, "change"), moment(*g.Since))
	case g.Since != nil:
		what += "; since " + moment(*g.Since)
	}
	l.para("  ", report.Clean(what))
	devices := listed(g.Devices, 20, report.Clean)
	if n := len(g.Devices); n > 20 {
		devices = fmt.Sprintf("%d devices: %s", n, devices)
	}
	if g.Was != nil && g.Subject != "name" {
		devices += ", before " + report.Clean(*g.Was)
	}
	l.para("    on ", devices)
	if g.Summary != "" {
		text := report.Clean(g.Summary)
		if g.Various {
			text = report.Clean(g.Devices[0]) + ": " + text
		}
		l.para("    ", text)
	}
	if g.CausedBy != nil {
		l.para("    ", "Because of "+report.Clean(*g.CausedBy))
	}
	if g.Consequences > 0 {
		l.para("    ", "With "+plural(g.Consequences, "consequence"))
	}
	for i, f := range g.Fixes {
		word := "Fix: "
		switch {
		case i > 0:
			word = "Or:  "
		case g.Subject == "state":
			word = "Try: "
		}
		l.fix("    ", word, f)
	}
}

// fix prints a fix as the report of a run does.
func (l *lines) fix(indent, word string, f diag.Fix) {
	l.para(indent+word, report.Clean(f.Summary))
	if len(f.Config) > 0 {
		l.plain("%s  configure terminal", indent)
		for _, line := range f.Config {
			l.plain("%s   %s", indent, report.Clean(line))
		}
		l.plain("%s  end", indent)
	}
	for _, line := range f.Exec {
		l.plain("%s  %s", indent, report.Clean(line))
	}
	for i, step := range f.Manual {
		l.para(fmt.Sprintf("%s  %d) ", indent, i+1), report.Clean(step))
	}
	if len(f.Verify) > 0 {
		l.para(indent+"Verify: ", report.Clean(strings.Join(f.Verify, " ; ")))
	}
	if f.Affects != "" {
		l.para(indent+"Affects: ", report.Clean(f.Affects))
	}
}
