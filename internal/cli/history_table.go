package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/history"
	"slpdoctor/internal/report"
)

// historyTable writes an answer of the history for people.
func (a *app) historyTable(w io.Writer, d *historyDocument) error {
	l := a.lines()
	switch d.View {
	case "list":
		for i, j := range d.Jobs {
			if i > 0 {
				l.plain("")
			}
			l.job(j)
		}
	case "show":
		l.found(d.Run)
	case "device":
		for i, t := range d.Devices {
			if i > 0 {
				l.plain("")
			}
			l.timeline(t)
		}
	case "check":
		l.troubles(d.Check)
	}
	return l.flush(w)
}

// columns prints rows under a heading, aligned.
func (l *lines) columns(heading string, rows [][]string) {
	_ = columns(&l.b, heading, rows) // into memory
}

// ofJob names a job, in one line: it is made of flags.
func (l *lines) ofJob(name string) { l.plain("JOB %s", report.Clean(cmp.Or(name, "(no flags)"))) }

func (l *lines) job(j history.Job) {
	l.ofJob(j.Name)
	last := "no success yet"
	if j.Success != nil {
		last = "last success " + moment(*j.Success)
	}
	if j.Next != nil {
		last += ", next expected " + moment(*j.Next)
	}
	if j.Overdue >= 60 { // jobs do not start to the second
		last += ": OVERDUE by " + span(j.Overdue)
	}
	if j.Ahead > 60 {
		last += "; the last run is " + span(j.Ahead) + " ahead of this machine's clock"
	}
	l.para("", last)
	var rows [][]string
	for _, r := range j.Recorded {
		rows = append(rows, []string{fmt.Sprint(r.Number), moment(r.Started), fmt.Sprint(r.Devices.Total), fmt.Sprint(r.Devices.Examined + r.Devices.Partial),
			findings(r.Findings), fmt.Sprint(r.Warnings), odd(r)})
	}
	l.columns("RUN\tSTARTED\tDEVICES\tEXAMINED\tFINDINGS\tWARNINGS\tNOTE", rows)
	if n := j.Runs - len(j.Recorded); n > 0 {
		l.plain("%s before these: -n 0 shows all.", plural(n, "run"))
	}
}

// findings counts by severity.
func findings(counts map[diag.Severity]int) string {
	var out []string
	for _, s := range diag.Severities {
		if n := counts[s]; n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(out, ", ")
}

// odd is what is worth knowing of a run.
func odd(r history.Run) string {
	var out []string
	if r.Waived > 0 {
		out = append(out, fmt.Sprintf("%d waived", r.Waived))
	}
	if r.Interrupted {
		out = append(out, "interrupted")
	}
	if r.Back {
		out = append(out, "the clock went back before it")
	}
	return strings.Join(out, "; ")
}

func (l *lines) found(f *history.Found) {
	r := f.Run
	l.ofJob(r.Job)
	l.plain("Run %d of %s: %d of %s examined.", r.Number, moment(r.Started), r.Devices.Examined+r.Devices.Partial, plural(r.Devices.Total, "device"))
	if note := odd(r); note != "" {
		l.para("Note: ", note+".")
	}
	for _, one := range f.Findings {
		grade := "fail (" + string(one.Severity) + ")"
		if one.Status == diag.Warn {
			grade = "warn"
		}
		if one.Waived {
			grade += ", waived"
		}
		l.plain("")
		l.para("", fmt.Sprintf("%s: %s", grade, one.Check))
		l.para("  ", report.Clean(one.Summary))
		l.devices(one.Devices)
	}
	if f.Follows > 0 {
		l.plain("\nWhat follows from these is not listed: %d more.", f.Follows)
	}
	if len(f.Unexamined) > 0 {
		l.plain("\nNOT EXAMINED")
		var rows [][]string
		for _, d := range f.Unexamined {
			rows = append(rows, []string{d.Device, d.State, moment(d.Since)})
		}
		l.columns("DEVICE\tSTATE\tSINCE", rows)
	}
	if len(f.Undecided) > 0 {
		l.plain("")
		l.para("", "UNKNOWN, because answers were refused, late, cut or not understood")
		var rows [][]string
		for _, d := range f.Undecided {
			rows = append(rows, []string{d.Device, fmt.Sprint(d.Checks)})
		}
		l.columns("DEVICE\tCHECKS", rows)
	}
	for _, text := range missing(f) {
		l.plain("")
		l.para("", text)
	}
	if len(f.Findings)+len(f.Unexamined)+len(f.Undecided)+len(missing(f))+f.Follows == 0 {
		l.plain("Nothing is at fault.")
	}
}

// missing says what a run found that is not there: it was ended before its end, or the history has forgotten it.
func missing(f *history.Found) (out []string) {
	if n := f.Run.Devices.Total - f.Run.Devices.Examined - len(f.Unexamined); n > 0 {
		out = append(out, plural(n, "more device")+" not examined: what was known of them stands, or the history has forgotten why.")
	}
	counted, kept := f.Run.Warnings, f.Follows
	for _, n := range f.Run.Findings {
		counted += n
	}
	for _, one := range f.Findings {
		kept += len(one.Devices)
	}
	if counted > kept {
		out = append(out, fmt.Sprintf("The run counted %d findings and warnings: the history no longer has all of them.", counted))
	}
	return out
}

// devices lists those with one finding, together where they have it since the same run.
func (l *lines) devices(all []history.Since) {
	var heads []string
	names := map[string][]string{}
	for _, d := range all {
		head := "since " + moment(d.Since)
		if !d.Seen {
			head += ", not seen by this run"
		}
		if names[head] == nil {
			heads = append(heads, head)
		}
		names[head] = append(names[head], report.Clean(d.Device))
	}
	slices.Sort(heads)
	for _, head := range heads {
		l.para("    ", head+": "+strings.Join(names[head], ", "))
	}
}

func (l *lines) timeline(t history.Timeline) {
	l.ofJob(t.Job)
	l.plain("%s, %s. In the runs from %s to %s.", report.Clean(t.Device), report.Clean(cmp.Or(t.UDI, "UDI not known")), moment(t.First), moment(t.Last))
	if !t.Present {
		l.plain("It is no longer in the inventory.")
	} else if t.State != string(diag.Examined) {
		l.plain("The last run did not examine it (%s): what stands here is what was known before.", report.Clean(t.State))
	}
	for _, s := range []struct {
		what   string
		spells []history.Spell
	}{{"NAMES", t.Names}, {"UNITS", t.Units}} {
		if len(s.spells) < 2 {
			continue
		}
		var rows [][]string
		for _, one := range s.spells {
			until := ""
			if one.Until != nil {
				until = moment(*one.Until)
			}
			rows = append(rows, []string{one.Value, moment(one.From), until})
		}
		l.plain("")
		l.columns(s.what+"\tFROM\tUNTIL", rows)
	}
	if len(t.Open) > 0 {
		var rows [][]string
		for _, f := range t.Open {
			cause := ""
			if f.CausedBy != nil {
				cause = *f.CausedBy
			}
			rows = append(rows, []string{partName(f.Part), f.Value, moment(f.Since), span(f.OpenS), fmt.Sprint(f.Opened), cause})
		}
		l.plain("")
		l.columns("OPEN NOW\tVALUE\tSINCE\tFOR\tTIMES\tCAUSED BY", rows)
	}
	if len(t.Events) == 0 {
		l.plain("\nNothing has changed since the first run.")
		return
	}
	var rows [][]string
	for _, e := range t.Events {
		lasted := ""
		if e.Lasted != nil {
			lasted = span(*e.Lasted)
		}
		rows = append(rows, []string{fmt.Sprint(e.Run), moment(e.At), lasted, partName(e.Part), arrow(cmp.Or(e.Before, "none"), cmp.Or(e.After, "none"), report.Clean)})
	}
	l.plain("")
	l.columns("RUN\tWHEN\tLASTED\tWHAT\tCHANGE", rows)
}

// partName is a part without the word check: ids of checks tell themselves.
func partName(part string) string { return strings.TrimPrefix(part, "check:") }

func (l *lines) troubles(all []history.Trouble) {
	if len(all) == 0 {
		l.plain("Where it was decided, it never failed and never warned.")
		return
	}
	job := ""
	var rows [][]string
	flush := func() {
		if len(rows) > 0 {
			l.columns("DEVICE\tNOW\tOPEN SINCE\tTIMES\tOPEN IN ALL\tFIRST", rows)
			rows = nil
		}
	}
	for i, t := range all {
		if i == 0 || t.Job != job {
			flush()
			if i > 0 {
				l.plain("")
			}
			job = t.Job
			l.ofJob(job)
		}
		since, now := "", t.Now
		if t.Since != nil {
			since = moment(*t.Since)
		}
		if !t.Present {
			now = "gone"
		}
		rows = append(rows, []string{t.Device, now, since, fmt.Sprint(t.Opened), span(t.OpenS), moment(t.First)})
	}
	flush()
}

// span is a length of time in the two largest units that matter.
func span(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case days > 0:
		return fmt.Sprintf("%dd", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%dh", hours)
	}
	return fmt.Sprintf("%dm", minutes)
}
