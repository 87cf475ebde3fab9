package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/mask"
	"slpdoctor/internal/message"
	"slpdoctor/internal/report"
)

// explainMessage tells what a message means; e is the line that is asked about, nil when there is none.
func explainMessage(l *lines, m message.Message, e *message.Event, at diag.TopologyID) {
	l.plain("%%%s-%d-%s", m.Facility, m.Severity, m.Mnemonic)
	for _, t := range m.Templates {
		l.para("  ", t)
	}
	l.plain("")
	l.para("Meaning     ", m.Meaning)
	failure := message.Failure{}
	if e != nil {
		failure = e.Failure()
		explainLine(l, m, *e)
	} else {
		for i, name := range slices.Sorted(maps.Keys(m.Variables)) {
			l.para(label("Variables", i), "{"+name+"} "+m.Variables[name])
		}
	}
	if m.Cadence != "" {
		l.para("Printed     ", m.Cadence)
	}
	for i, id := range m.Endings() {
		l.para(label("Ended by", i), id)
	}
	explainCauses(l, m, failure)
	family := at.Family()
	if at == "" {
		family = families(e)
	}
	explainActions(l, m, family, at)
	explainChecks(l, m, failure)
	l.plain("\nSource      %s", m.Source)
}

// label stands before the first of several paragraphs, blanks before the others.
func label(s string, i int) string {
	if i > 0 {
		s = ""
	}
	return fmt.Sprintf("%-12s", s)
}

// explainLine tells what a log line says beyond its message.
func explainLine(l *lines, m message.Message, e message.Event) {
	said := func(s string) string { return report.Clean(mask.Text(s)) }
	if e.Host != "" {
		l.para("Device      ", said(e.Host))
	}
	if !e.Stamp.IsZero() {
		note := map[string]string{"*": " (* the device's clock was not set by NTP)", ".": " (. the device had lost its NTP server)"}[e.Stamp.Mark]
		l.para("Time        ", said(e.Stamp.Text)+note)
	}
	if e.Severity != m.Severity {
		l.para("Severity    ", fmt.Sprintf("%d in this line, %d in the guide: releases differ", e.Severity, m.Severity))
	}
	if e.Cut {
		l.para("Text        ", "“"+said(e.Text)+"” is worded differently, or cut: its variables can not be told apart")
	}
	for i, name := range slices.Sorted(maps.Keys(e.Vars)) {
		l.para(label("Says", i), fmt.Sprintf("%s = %s (%s)", name, said(e.Vars[name]), m.Variables[name]))
	}
	if f := e.Failure(); f.Class != "" {
		l.para("Points at   ", fmt.Sprintf("%s: %s", f.Class, f.Meaning))
	}
}

func explainCauses(l *lines, m message.Message, f message.Failure) {
	causes, pointed := m.CausesFor(f)
	if len(causes) == 0 {
		return
	}
	l.plain("\nCauses, the most likely first")
	for i, c := range causes {
		note := ""
		if i < pointed {
			note = " (the text points here)"
		}
		l.para(fmt.Sprintf("  %d) ", i+1), c.Text+note)
	}
}

// families are the topologies that a line leaves, 0 for all: the peer follows the transport.
func families(e *message.Event) diag.Family {
	if e == nil {
		return 0
	}
	switch message.PeerOf(e.Vars["peer"]) {
	case message.CSSM:
		return diag.Direct
	case message.CSLU:
		return diag.CP | diag.OP | diag.PL | diag.DU
	}
	return 0
}

func explainActions(l *lines, m message.Message, family diag.Family, at diag.TopologyID) {
	actions := m.For(family)
	if len(actions) == 0 {
		return
	}
	head := "What to do"
	switch {
	case at != "":
		head += " (" + string(at) + ")"
	case family != 0:
		head += " (topologies that use the peer of this line; --topology ID narrows it)"
	}
	l.plain("\n%s", head)
	for _, a := range actions {
		var when []string
		if a.Applies != 0 && at == "" {
			when = append(when, topologyNames(a.Applies))
		}
		if a.When != "" {
			when = append(when, a.When)
		}
		indent := "  "
		if len(when) > 0 {
			l.para("  ", strings.Join(when, "; ")+":")
			indent = "    "
		}
		for _, s := range a.Steps {
			l.para(indent+"- ", s)
		}
	}
}

// shortNames are the families as people call them.
var shortNames = []struct {
	family diag.Family
	name   string
}{
	{diag.DS, "direct-smart"}, {diag.DC, "direct-callhome"}, {diag.CP, "CSLU, pushed"}, {diag.OP, "SSM On-Prem, pushed"},
	{diag.PL, "pull"}, {diag.OF, "offline"}, {diag.CT, "controller"},
}

func topologyNames(f diag.Family) string {
	var out []string
	for _, s := range shortNames {
		if f&s.family != 0 {
			out = append(out, s.name)
		}
	}
	return strings.Join(out, " / ")
}

// explainChecks lists the checks that look into it, those first that the failure text points at.
func explainChecks(l *lines, m message.Message, f message.Failure) {
	l.plain("\nChecks")
	cat := checks.Catalogue()
	told := map[string]bool{}
	for i, ids := range [][]string{f.Checks, m.Checks, m.Proof()} {
		for _, id := range ids {
			if told[id] {
				continue
			}
			told[id] = true
			title := "not in this version"
			if k := cat.Find(id); k != nil {
				title = k.Title
			}
			if i == 0 {
				title += " (look here first)"
			}
			if slices.Contains(m.Proof(), id) {
				title += " (says whether it is still true)"
			}
			l.para(fmt.Sprintf("  %-28s ", id), title)
		}
	}
}

// explainSteps tells what a manual step is, and which messages and checks lead to it.
func explainSteps(l *lines, steps []message.Step) {
	for i, s := range steps {
		if i > 0 {
			l.plain("")
		}
		l.para(s.ID+": ", s.Where)
		l.plain("")
		l.para("Step        ", s.Do)
		for i, how := range s.How {
			l.para(fmt.Sprintf("  %d) ", i+1), how)
		}
		n := 0
		for _, m := range message.All() {
			if slices.ContainsFunc(m.Actions, func(a message.Action) bool {
				return slices.ContainsFunc(a.Steps, func(t string) bool { return slices.Contains(message.StepIDs(t), s.ID) })
			}) {
				l.para(label("Messages", n), m.ID())
				n++
			}
		}
		l.para("Source      ", s.Source)
	}
}
