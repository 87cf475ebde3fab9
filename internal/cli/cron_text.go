package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
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
	groups := transition.Groups(d.Events)
	for i, g := range groups {
		if g.Kind != kind {
			kind = g.Kind
			l.plain("\n%s", title(d, kind))
		}
		same := func(o transition.Group) bool {
			return brief(g) && brief(o) && o.Kind == g.Kind && slices.Equal(o.Devices, g.Devices)
		}
		switch {
		case slices.ContainsFunc(groups[:i], same): // told with the first of them
		case slices.ContainsFunc(groups[i+1:], same):
			l.facts(slices.DeleteFunc(slices.Clone(groups[i:]), func(o transition.Group) bool { return !same(o) }))
		default:
			l.group(g)
		}
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
			parts = append(parts, k.Count(n))
		}
	}
	text := cmp.Or(strings.Join(parts, ", "), "Nothing has changed")
	switch {
	case d.Since == nil:
		text = "First run of this job, the baseline for those to come"
	case d.Cut > 0 && len(parts) == 0:
		text = "The run was cut short"
	}
	text = fmt.Sprintf("%s. %d of %s examined, %s open", text, d.Examined, plural(d.Devices, "device"), plural(d.Open, "finding"))
	if d.Waived > 0 {
		text += fmt.Sprintf(", %d waived", d.Waived)
	}
	return text + "."
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

// brief reports whether a line says all: what a device is or has, and what it does not tell any more or tells again.
func brief(g transition.Group) bool {
	return g.Fact() || strings.HasPrefix(g.After, "unknown (") || g.Kind == transition.Better && strings.HasPrefix(g.Before, "unknown (")
}

// facts prints several changes of the same devices.
func (l *lines) facts(groups []transition.Group) {
	l.para("  ", "on "+on(groups[0].Devices))
	for _, g := range groups {
		text := cmp.Or(g.Check, g.Subject) + ": " + became(g)
		if g.Consequences > 0 {
			text += ", with " + plural(g.Consequences, "consequence")
		}
		l.para("    ", report.Clean(text))
	}
}

// became is what became of what.
func became(g transition.Group) string {
	if g.Fact() && g.Before == "" && g.Subject != "coverage" {
		return "now " + g.After
	}
	return arrow(g.Before, g.After, report.Clean)
}

// on names devices, and counts them when they are many.
func on(devices []string) string {
	names := listed(devices, 20, report.Clean)
	if n := len(devices); n > 20 {
		return fmt.Sprintf("%d devices: %s", n, names)
	}
	return names
}

// fine reports whether a verdict has no weight to tell.
func fine(verdict string) bool {
	return verdict == string(diag.Pass) || verdict == string(diag.NotApplicable)
}

// group prints what devices share.
func (l *lines) group(g transition.Group) {
	what := cmp.Or(g.Check, g.Subject)
	if g.Severity != "" && !fine(g.After) && !strings.Contains(g.Before+g.After, string(g.Severity)) {
		what += ", " + string(g.Severity)
	}
	if text := became(g); text != "" {
		what += ": " + text
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
	devices := on(g.Devices)
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
