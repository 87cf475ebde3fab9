package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slpdoctor/internal/message"
	"slpdoctor/internal/report"
)

// mostNames is how many devices a line of the table names.
const mostNames = 8

// table renders the document for people: what to look at first, then every device.
func (d *logsDocument) table(l *lines) {
	lineCount, messages := 0, 0
	for _, f := range d.Files {
		lineCount += f.Lines
		messages += f.Messages
	}
	s := d.Summary
	l.plain("%d lines, %d messages, %d devices with messages about licensing", lineCount, messages, s.Devices)
	over := ""
	if s.Over > 0 {
		over = fmt.Sprintf(" (%d of them over by now)", s.Over)
	}
	l.plain("%d open%s, %d recovered, %d notices", s.Open, over, s.Recovered, s.Notices)
	for _, f := range d.Files {
		switch {
		case f.Problem != nil:
			l.para("Not complete: ", report.Clean(f.Path+": "+*f.Problem))
		case f.CutLines > 0:
			l.para("Note: ", report.Clean(fmt.Sprintf("%s: of %d very long lines only the beginning was looked at", f.Path, f.CutLines)))
		}
	}
	if s.Dropped > 0 {
		l.para("Not complete: ", fmt.Sprintf("%d messages found no room: too many different ones", s.Dropped))
	}
	if len(s.First) > 0 {
		l.plain("\nLook at first")
	}
	for i, f := range s.First {
		f.table(l, i+1)
	}
	d.reminders(l)
	for _, dev := range d.Devices {
		l.plain("\n%s", report.Clean(dev.Name))
		var others []string
		for _, m := range dev.Messages {
			if m.Status == message.Open || m.Status == message.Recovered || len(m.Actions) > 0 {
				m.table(l)
				continue
			}
			_, mnemonic, _ := strings.Cut(m.ID, "-")
			if !slices.Contains(others, mnemonic) {
				others = append(others, mnemonic)
			}
		}
		if len(others) > 0 {
			l.para("  also       ", report.Clean(strings.Join(others, ", ")))
		}
	}
}

// reminders names the notices that ask for something.
func (d *logsDocument) reminders(l *lines) {
	devices := map[string][]string{}
	for _, dev := range d.Devices {
		for _, m := range dev.Messages {
			asks := m.Status == message.Told && len(m.Actions) > 0
			if all := devices[m.ID]; asks && (len(all) == 0 || all[len(all)-1] != dev.Name) {
				devices[m.ID] = append(all, dev.Name)
			}
		}
	}
	for i, id := range slices.Sorted(maps.Keys(devices)) {
		if i == 0 {
			l.plain("\nNotices that ask for something")
		}
		_, mnemonic, _ := strings.Cut(id, "-")
		l.para("   - ", report.Clean(fmt.Sprintf("%s: %s: %s", mnemonic, howMany(len(devices[id]), "device"), names(devices[id]))))
		l.para("     More: ", "slpdoctor explain "+mnemonic)
	}
}

func (f *logFirst) table(l *lines, n int) {
	kind := ""
	if f.Class != "" {
		kind = ", " + f.Class
	}
	l.para(fmt.Sprintf("%3d) ", n), report.Clean(fmt.Sprintf("%s%s: %s, %s: %s", f.ID, kind, times(f.Count), howMany(len(f.Devices), "device"), names(f.Devices))))
	l.para("     ", f.Meaning)
	for _, step := range f.Do {
		l.para("     - ", step)
	}
	if len(f.Checks) > 0 {
		l.para("     Checks: ", strings.Join(f.Checks, ", "))
	}
	_, mnemonic, _ := strings.Cut(f.ID, "-")
	l.para("     More: ", report.Clean("slpdoctor explain "+mnemonic))
}

func (m *logMessage) table(l *lines) {
	_, mnemonic, _ := strings.Cut(m.ID, "-")
	facility := strings.TrimSuffix(m.ID, "-"+mnemonic)
	about := ""
	if m.Subject != "" {
		about = " " + m.Subject
	}
	l.para(fmt.Sprintf("  %-10s ", m.Status), report.Clean(fmt.Sprintf("%s-%d-%s%s: %s, %s", facility, m.Severity, mnemonic, about, times(m.Count), m.when())))
	const indent = "             "
	if m.Status == message.Told {
		l.para(indent, report.Clean("“"+m.Text+"”"))
		return
	}
	if m.Failure != nil {
		kinds := ""
		if len(m.Failure.Classes) > 1 {
			var all []string
			for _, c := range slices.Sorted(maps.Keys(m.Failure.Classes)) {
				all = append(all, fmt.Sprintf("%s %d", c, m.Failure.Classes[c]))
			}
			kinds = " (all: " + strings.Join(all, ", ") + ")"
		}
		l.para(indent, report.Clean(fmt.Sprintf("%s: %s%s", m.Failure.Class, m.Failure.Meaning, kinds)))
	}
	l.para(indent, report.Clean("“"+m.Text+"”"))
	if n := m.Now; n != nil {
		what := map[string]string{"still": "still true", "maybe": "perhaps", "over": "over", "unknown": "not known"}[n.Verdict]
		by := ""
		if n.Check != "" {
			by = n.Check + ": "
		}
		root := ""
		if n.Root != "" {
			root = " (" + n.Root + ")"
		}
		l.para(indent+"Now: ", report.Clean(what+": "+by+n.Summary+root))
	}
	if m.Status == message.Open && m.narrowed && (m.Now == nil || m.Now.Root == "") {
		m.todo(l, indent)
	}
}

// todo prints what is to be done in the topology of this device; what is to be done in all stands at the top.
func (m *logMessage) todo(l *lines, indent string) {
	for _, a := range m.Actions {
		if a.Topologies == nil {
			continue
		}
		for _, line := range a.lines() {
			l.para(indent+"- ", line)
		}
	}
}

// when says from when to when, in the words of the log.
func (m *logMessage) when() string {
	s := mark(m.First)
	if m.Count > 1 {
		s += " to " + mark(m.Last)
	}
	if m.Since != nil && *m.Since != m.First {
		s += ", open since " + mark(*m.Since)
	}
	if m.Ended != nil {
		_, by, _ := strings.Cut(m.EndedBy, "-")
		s += ", ended " + mark(*m.Ended) + " by " + by
	}
	return s
}

// mark is the time of a message, or its line when it has none.
func mark(m message.Mark) string {
	if m.Stamp != "" {
		return m.Stamp
	}
	return fmt.Sprintf("%s:%d", m.File, m.Line)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func howMany(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func names(all []string) string {
	if len(all) <= mostNames {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:mostNames], ", "), len(all)-mostNames)
}
