package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
	"slpdoctor/internal/rundiff"
)

// part is one of the sections in which people read a comparison.
type part struct {
	title  string
	groups []*group
}

// group is one change that devices share.
type group struct {
	rundiff.Change
	devices      []string
	various      bool // the devices say it in different words
	consequences int
	also         []string // other checks that are not known any more on the same devices, for the same reason
}

func (g *group) subject() string {
	return strings.Join(append([]string{cmp.Or(g.Check, g.Kind)}, g.also...), ", ")
}

// joins reports whether o says of another check what g says of one: both are unknown now, and nothing else is to be said.
func (g *group) joins(o *group) bool {
	return g.Kind == "check" && o.Kind == "check" && strings.HasPrefix(g.After, string(diag.Unknown)) &&
		g.Before == o.Before && g.After == o.After && g.Class == o.Class && g.Summary == o.Summary && slices.Equal(g.devices, o.devices) &&
		!g.various && !o.various && g.consequences+o.consequences == 0 && slices.Equal(g.remarks(report.Clean), o.remarks(report.Clean))
}

// joined lists checks together that became unknown together.
func joined(groups []*group) []*group {
	var out []*group
	for _, g := range groups {
		if i := slices.IndexFunc(out, g.joins); i >= 0 {
			out[i].also = append(out[i].also, g.Check)
		} else {
			out = append(out, g)
		}
	}
	return out
}

// remarks are what there is to say beside the summary.
func (g *group) remarks(show func(string) string) []string {
	var out []string
	if g.consequences > 0 {
		out = append(out, "with "+plural(g.consequences, "consequence"))
	}
	switch {
	case g.CausedBy != nil && g.Improves():
		out = append(out, "it came from "+show(*g.CausedBy))
	case g.CausedBy != nil:
		out = append(out, "because of "+show(*g.CausedBy))
	}
	switch {
	case g.AllowedWith != nil:
		out = append(out, "allowed with "+show("--allow "+*g.AllowedWith))
	case g.Regression && rundiff.IsKind(g.Kind):
		out = append(out, "if it was meant: "+show("--allow "+g.Kind))
	}
	return out
}

// parts groups the changes; what follows another change is counted under it.
func parts(d *rundiff.Document) []part {
	out := []part{{title: "Regressions"}, {title: "Expected"}, {title: "Other changes"}, {title: "Better"}}
	type key struct {
		part                                       int
		class                                      rundiff.Class
		kind, check, before, after, cause, allowed string
	}
	groups := map[key]*group{}
	for _, dev := range d.Devices {
		mine := map[string]*group{}
		for _, ch := range dev.Changes {
			if ch.Follows {
				continue
			}
			k := key{part: partOf(ch), class: ch.Class, kind: ch.Kind, check: ch.Check, before: ch.Before, after: ch.After}
			if ch.CausedBy != nil {
				k.cause = *ch.CausedBy
			}
			if ch.AllowedWith != nil {
				k.allowed = *ch.AllowedWith
			}
			g := groups[k]
			if g == nil {
				g = &group{Change: ch}
				groups[k] = g
				out[k.part].groups = append(out[k.part].groups, g)
			}
			g.devices = append(g.devices, dev.Name)
			g.various = g.various || g.Summary != ch.Summary
			mine[g.subject()+direction(ch)] = g
		}
		for _, ch := range dev.Changes {
			if ch.Follows {
				mine[*ch.CausedBy+direction(ch)].consequences++
			}
		}
	}
	for i, p := range out {
		slices.SortStableFunc(p.groups, func(a, b *group) int {
			return cmp.Or(cmp.Compare(a.Urgency(), b.Urgency()), cmp.Compare(len(b.devices), len(a.devices)), cmp.Compare(a.subject(), b.subject()))
		})
		out[i].groups = joined(p.groups)
	}
	return slices.DeleteFunc(out, func(p part) bool { return len(p.groups) == 0 })
}

func direction(ch rundiff.Change) string {
	if ch.Improves() {
		return " better"
	}
	return ""
}

func partOf(ch rundiff.Change) int {
	switch {
	case ch.AllowedWith != nil:
		return 1
	case ch.Regression:
		return 0
	case ch.Improves():
		return 3
	}
	return 2
}

// listed names devices, at most n of them.
func listed(devices []string, n int, show func(string) string) string {
	var out []string
	for _, d := range devices[:min(n, len(devices))] {
		out = append(out, show(d))
	}
	s := strings.Join(out, ", ")
	if rest := len(devices) - n; rest > 0 {
		s += fmt.Sprintf(" and %d more", rest)
	}
	return s
}

// verdictOf is the outcome of a comparison in one line.
func verdictOf(d *rundiff.Document) string {
	s := d.Summary
	switch {
	case d.Regressed():
		text := plural(s.Regressions, "regression")
		if s.Consequences > 0 {
			text += " with " + plural(s.Consequences, "consequence")
		}
		return text + "."
	case s.Examined == 0:
		return "Nothing could be compared."
	case len(d.Devices) == 0:
		return "Nothing has changed."
	case s.Allowed > 0:
		return "No regressions beside what was expected."
	}
	return "No regressions."
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// tally counts the devices by class.
func tally(d *rundiff.Document) string {
	var text strings.Builder
	text.WriteString(plural(d.Summary.Compared, "device") + " compared")
	for _, c := range rundiff.Classes {
		if n := d.Summary.Devices[c]; n > 0 {
			text.WriteString(fmt.Sprintf(", %d %s", n, c))
		}
	}
	return text.String() + fmt.Sprintf("; %s as before.", plural(d.Summary.Changes[rundiff.Unchanged], "verdict"))
}

// sideOf names one side.
func sideOf(h rundiff.Head) string {
	text := h.Source + ", " + plural(h.Devices, "device")
	if h.Started != nil {
		text += ", " + h.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return text
}

// arrow is what became of what.
func arrow(before, after string, show func(string) string) string {
	switch {
	case before == "":
		return show(after)
	case after == "":
		return "was " + show(before)
	}
	return show(before) + " -> " + show(after)
}

func (a *app) diffTable(w io.Writer, d *rundiff.Document) error {
	l := a.lines()
	l.para("", report.Clean(verdictOf(d)))
	for _, p := range parts(d) {
		l.plain("\n%s", strings.ToUpper(p.title))
		for _, g := range p.groups {
			l.para("  ", report.Clean(fmt.Sprintf("%s: %s, %s", g.subject(), g.Class, arrow(g.Before, g.After, report.Clean))))
			l.para("    on ", listed(g.devices, 20, report.Clean))
			text := report.Clean(g.Summary)
			if g.various {
				text = report.Clean(g.devices[0]) + ": " + text
			}
			l.para("    ", text)
			for _, r := range g.remarks(report.Clean) {
				l.para("    ", strings.ToUpper(r[:1])+r[1:])
			}
		}
	}
	l.plain("\nCOMPARED")
	l.para("  before  ", report.Clean(sideOf(d.Before)))
	l.para("  after   ", report.Clean(sideOf(d.After)))
	l.para("  ", tally(d))
	if len(d.Notes) > 0 {
		l.plain("\nNOTES")
		for _, n := range d.Notes {
			l.para("  - ", report.Clean(n))
		}
	}
	return l.flush(w)
}

// code is text as Markdown shows it and never reads it: whatever a device or a path says stands in a code span.
func code(s string) string {
	s = strings.TrimSpace(strings.NewReplacer("`", "'", "|", "¦").Replace(report.Clean(s)))
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}

// diffMarkdown writes one block for a change ticket.
func diffMarkdown(w io.Writer, d *rundiff.Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Smart Licensing before and after the change\n\n**%s** %s\n\n- before: %s\n- after: %s\n", verdictOf(d), tally(d), code(sideOf(d.Before)), code(sideOf(d.After)))
	for _, p := range parts(d) {
		fmt.Fprintf(&b, "\n#### %s\n\n| what | class | before | after | devices | detail |\n|---|---|---|---|---|---|\n", p.title)
		for _, g := range p.groups {
			detail := code(g.Summary)
			if g.various {
				detail = code(g.devices[0] + ": " + g.Summary)
			}
			for _, r := range g.remarks(code) {
				detail += ", " + r
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", code(g.subject()), g.Class, code(g.Before), code(g.After), listed(g.devices, 50, code), detail)
		}
	}
	if len(d.Notes) > 0 {
		fmt.Fprintf(&b, "\n#### Notes\n\n")
		for _, n := range d.Notes {
			fmt.Fprintf(&b, "- %s\n", code(n))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
