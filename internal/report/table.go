package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// topCauses is how many causes Fix first spells out.
const topCauses = 5

// overview is what the table shows of one device, kept instead of the whole result.
type overview struct {
	diag.DeviceResult // Commands and Results dropped
	fails, warns      int
	waived            int          // fail or warn, and are waived
	gaps              int          // unknown because an answer was refused, late, cut or not understood
	decided, missing  int          // decided, and unknown because nothing was collected for it
	worst             *diag.Result // the root finding to name, then the worst warning, then what is waived
}

func writeTable(w io.Writer, r *diag.Report, o Options) error {
	if o.Width == 0 {
		o.Width = 100
	}
	fold := engine.Fold{Outlasts: o.Outlasts}
	var all []overview
	unknown := map[diag.Reason]int{}
	for d, err := range r.Devices {
		if err != nil {
			return err
		}
		all = append(all, survey(d, &fold, unknown))
	}
	p := &pen{width: o.Width, color: o.Color}
	p.fixFirst(r, all)
	p.waived(r.Summary.Waivers)
	p.devices(all)
	p.notices(all)
	p.notExamined(all)
	p.outliers(r.Summary.Outliers)
	p.coverage(r, unknown)
	p.radar(r.Summary.Radar)
	_, err := io.WriteString(w, p.b.String())
	return err
}

func survey(d diag.DeviceResult, fold *engine.Fold, unknown map[diag.Reason]int) overview {
	v := overview{DeviceResult: d}
	for i, r := range d.Results {
		switch {
		case fold.IsFinding(r):
			v.fails++
		case fold.IsWarning(d.Results, r):
			v.warns++
		case r.Waived != nil:
			v.waived++
		case r.Status == diag.Unknown && r.Reason != nil:
			unknown[*r.Reason]++
			if engine.IsGap(r) {
				v.gaps++
			}
			if *r.Reason == diag.NotCollected {
				v.missing++
			}
			continue
		default:
			if r.Status == diag.Pass {
				v.decided++
			}
			continue
		}
		v.decided++
		if v.worst == nil || worse(r, *v.worst) {
			v.worst = &d.Results[i]
		}
	}
	v.Commands, v.Results = nil, nil
	return v
}

// healthy reports whether nothing is wrong with a device, as far as one can say from at least half of what
// there is to know.
func (v overview) healthy() bool {
	return v.State == diag.Examined && v.fails+v.warns+v.waived+v.gaps == 0 && v.missing <= v.decided
}

// worse orders results for the one line of a device: what is not waived, fail before warn, then roots, then
// severity.
func worse(a, b diag.Result) bool {
	key := func(r diag.Result) int {
		n := r.Severity.Rank()
		if r.Waived != nil {
			n += 1000
		}
		if r.Status != diag.Fail {
			n += 100
		}
		if r.CausedBy != nil {
			n += 10
		}
		return n
	}
	return key(a) < key(b)
}

func (p *pen) fixFirst(r *diag.Report, all []overview) {
	var causes []diag.Cause
	for _, c := range r.Summary.Causes {
		if c.Status == diag.Fail {
			causes = append(causes, c)
		}
	}
	p.heading("FIX FIRST")
	if len(causes) == 0 {
		switch {
		case len(all) == 0:
			p.para("  ", "  ", "No device was examined.")
		case r.Summary.Devices.Examined+r.Summary.Devices.Partial == 0:
			p.para("  ", "  ", "No device could be examined. See below why.")
		case r.Summary.Devices.Examined < r.Summary.Devices.Total:
			p.para("  ", "  ", "Nothing fails on the devices that could be examined. See below for those that could not.")
		case r.Summary.Coverage.Checks.Unknown > r.Summary.Coverage.Checks.Decided:
			p.para("  ", "  ", "Nothing fails in the little that is known. See COVERAGE below.")
		case r.Summary.Waived > 0:
			p.para("  ", "  ", "Nothing fails but what is waived.")
		default:
			p.para("  ", "  ", "Nothing fails.")
		}
		return
	}
	for i, c := range causes[:min(len(causes), topCauses)] {
		if i > 0 {
			p.b.WriteByte('\n')
		}
		p.cause(i+1, c, r.Summary.Waivers, all)
	}
	if rest := causes[min(len(causes), topCauses):]; len(rest) > 0 {
		p.b.WriteByte('\n')
		p.para("  ", "  ", fmt.Sprintf("And %s, in the order of weight:", count(len(rest), "more cause")))
		for _, c := range rest {
			where := some(c.Devices)
			if len(c.Devices) > 1 {
				where = count(len(c.Devices), "device")
			}
			p.para("  - ", "    ", fmt.Sprintf("%s %s (%s): %s", strings.ToUpper(string(c.Severity)), c.Check, where, c.Summary))
		}
	}
}

func (p *pen) cause(n int, c diag.Cause, waivers []diag.WaivedCause, all []overview) {
	head := fmt.Sprintf("%2d. ", n)
	p.para(head+p.severity(c.Severity)+" ", "    ", c.Check+": "+c.Summary)
	p.para("    ", "    ", count(len(c.Devices), "device")+": "+some(c.Devices))
	if c.Consequences > 0 {
		p.para("    ", "    ", "It explains "+count(c.Consequences, "other result")+".")
	}
	if d := nearest(c.Devices, all); d != nil {
		p.para("    ", "    ", "Nearest ACK deadline: "+deadline(d.Deadline)+" ("+d.Name+")")
	}
	p.expired(c, waivers)
	for i, f := range c.Fixes {
		p.fix("    ", f, i > 0)
	}
}

// fix prints the lines to type, ready to paste.
func (p *pen) fix(indent string, f diag.Fix, alternative bool) {
	word := "Fix: "
	if alternative {
		word = "Or:  "
	}
	p.para(indent+word, indent+"     ", f.Summary)
	if len(f.Config) > 0 {
		p.raw(indent+"  ", "configure terminal")
		for _, l := range f.Config {
			p.raw(indent+"   ", l)
		}
		p.raw(indent+"  ", "end")
	}
	for _, l := range f.Exec {
		p.raw(indent+"  ", l)
	}
	for i, m := range f.Manual {
		p.para(fmt.Sprintf("%s  %d) ", indent, i+1), indent+"     ", m)
	}
	if len(f.Verify) > 0 {
		p.para(indent+"Verify: ", indent+"        ", strings.Join(f.Verify, " ; "))
	}
	if f.Affects != "" {
		p.para(indent+"Affects: ", indent+"         ", f.Affects)
	}
}

// some names the first few.
func some(names []string) string {
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + fmt.Sprintf(" and %d more", len(names)-8)
	}
	return strings.Join(names, ", ")
}

func nearest(names []string, all []overview) *overview {
	var best *overview
	for i := range all {
		d := &all[i]
		if d.Deadline == nil || d.Deadline.DaysLeft == nil || !slices.Contains(names, d.Name) {
			continue
		}
		if best == nil || *d.Deadline.DaysLeft < *best.Deadline.DaysLeft {
			best = d
		}
	}
	return best
}

// deadline in a few words, by the device's own clock.
func deadline(d *diag.Deadline) string {
	switch {
	case d == nil || d.State == "unknown":
		return "?"
	case d.State == "not-required":
		return "none"
	case d.DaysLeft == nil:
		return d.State
	case *d.DaysLeft < 0:
		return fmt.Sprintf("%dd late", -*d.DaysLeft)
	}
	return fmt.Sprintf("in %dd", *d.DaysLeft)
}

func (p *pen) devices(all []overview) {
	var shown []overview
	var healthy []string
	for _, v := range all {
		switch {
		case v.State != diag.Examined && v.State != diag.Partial && v.worst == nil:
		case v.healthy():
			healthy = append(healthy, v.Name)
		default:
			shown = append(shown, v)
		}
	}
	slices.SortStableFunc(shown, func(a, b overview) int {
		weigh := func(v overview) int {
			switch {
			case v.worst == nil:
				return 200
			case v.fails > 0:
				return v.worst.Severity.Rank()
			case v.warns == 0:
				return 150
			}
			return 100 + v.worst.Severity.Rank()
		}
		return cmp.Or(cmp.Compare(weigh(a), weigh(b)), cmp.Compare(b.fails, a.fails))
	})
	p.heading("DEVICES (F/W: fails/warnings)")
	if len(shown) > 0 {
		rows := make([][]string, len(shown))
		for i, v := range shown {
			rows[i] = v.row()
		}
		p.table([]string{"DEVICE", "TOPOLOGY", "RELEASE", "NEXT ACK", "F/W", "ROOT CAUSE"}, rows,
			[]int{14, 12, 8, 8, 4, 20})
	}
	if len(healthy) > 0 {
		names := strings.Join(healthy, ", ")
		if len(healthy) > 12 {
			names = strings.Join(healthy[:12], ", ") + fmt.Sprintf(" and %d more", len(healthy)-12)
		}
		p.para("  ", "  ", fmt.Sprintf("%s healthy: %s", count(len(healthy), "device"), names))
	} else if len(shown) == 0 {
		p.para("  ", "  ", "None.")
	}
}

// notices tells what went wrong without keeping a device from being examined.
func (p *pen) notices(all []overview) {
	first := true
	for _, v := range all {
		for _, n := range v.Notices {
			if first {
				p.heading("NOTICES")
				first = false
			}
			p.para("  "+Clean(v.Name)+": ", "    ", n.Message+". "+n.Hint)
		}
	}
}

func (v overview) row() []string {
	topology, release, why := "?", "", ""
	if v.Topology != nil {
		topology = string(v.Topology.ID)
	}
	if v.Platform != nil {
		release = v.Platform.Release
	}
	switch {
	case v.worst != nil:
		why = v.worst.Check + ": " + v.worst.Summary
		if v.worst.Waived != nil {
			why = "(waived) " + why
		}
	case v.missing > v.decided && v.missing > v.gaps:
		why = count(v.missing, "check") + " unknown: their commands were not collected"
	case v.gaps > 0:
		why = count(v.gaps, "check") + " unknown: answers were refused, late, cut or not understood"
	}
	if v.State != diag.Examined {
		why = "(partly examined) " + why
	}
	return []string{v.Name, topology, release, deadline(v.Deadline), fmt.Sprintf("%d/%d", v.fails, v.warns), why}
}

// notExamined lists the devices by what went wrong; those with the same words share a paragraph.
func (p *pen) notExamined(all []overview) {
	type story struct{ what, class, message string }
	var order []story
	names := map[story][]string{}
	for _, v := range all {
		if v.Error == nil || v.State == diag.Examined {
			continue
		}
		k := story{v.State.Words(v.Error), v.Error.Class, v.Error.Message}
		if names[k] == nil {
			order = append(order, k)
		}
		names[k] = append(names[k], v.Name)
	}
	if len(order) == 0 {
		return
	}
	slices.SortStableFunc(order, func(a, b story) int {
		return cmp.Compare(a.what, b.what)
	})
	p.heading("NOT EXAMINED")
	for i, k := range order {
		last := i+1 == len(order) || order[i+1].what != k.what
		if i == 0 || order[i-1].what != k.what {
			p.para("  ", "    ", k.what)
		}
		p.para("    ", "      ", strings.Join(names[k], ", ")+": "+k.message)
		if hint := hintOf(all, k.class); last && hint != "" {
			p.para("    Try: ", "         ", hint)
		}
	}
}

// hintOf is the advice for a class of errors.
func hintOf(all []overview, class string) string {
	for _, v := range all {
		if v.Error != nil && v.Error.Class == class && v.Error.Hint != "" {
			return v.Error.Hint
		}
	}
	return ""
}

// The most the table shows of the odd ones and of the deadlines; the JSON has all.
const (
	topOutliers  = 8
	topDeadlines = 10
)

// outliers names the few that differ from nearly all others of their kind.
func (p *pen) outliers(all []diag.Outlier) {
	if len(all) == 0 {
		return
	}
	p.heading("ODD ONES OUT")
	for _, o := range all[:min(len(all), topOutliers)] {
		var odd []string
		for _, d := range o.Odd {
			odd = append(odd, d.Device+" has "+d.Value)
		}
		p.para("  ", "    ", fmt.Sprintf("%s: %d of %d have %s %s; %s", o.Scope, o.Agree, o.Total, o.Trait, o.Majority, strings.Join(odd, ", ")))
	}
	if n := len(all) - topOutliers; n > 0 {
		p.para("  ", "    ", fmt.Sprintf("and %d more", n))
	}
}

// radar lists who must be acknowledged next, and what stands in the way.
func (p *pen) radar(all []diag.DeadlineAhead) {
	if len(all) == 0 {
		return
	}
	p.heading("ACK DEADLINES (by each device's own clock)")
	rows := [][]string{}
	for _, a := range all[:min(len(all), topDeadlines)] {
		blocked := "nothing that fails"
		if a.BlockedBy != nil {
			blocked = *a.BlockedBy
		}
		left := a.DaysLeft
		rows = append(rows, []string{deadline(&diag.Deadline{DaysLeft: &left}), a.Device, a.NextACK, blocked})
	}
	p.table([]string{"DUE", "DEVICE", "NEXT ACK DEADLINE", "IN THE WAY"}, rows, []int{7, 14, 20, 16})
	if n := len(all) - topDeadlines; n > 0 {
		p.para("  ", "    ", fmt.Sprintf("and %d later", n))
	}
}

func (p *pen) coverage(r *diag.Report, unknown map[diag.Reason]int) {
	p.heading("COVERAGE")
	d, c := r.Summary.Devices, r.Summary.Coverage
	p.para("  ", "    ", fmt.Sprintf("Devices:  %d of %d examined%s", d.Examined, d.Total,
		tally([]string{"partial", "unreachable", "login rejected", "host key", "error", "not run"},
			[]int{d.Partial, d.Unreachable, d.AuthRejected, d.HostKey, d.Error, d.NotRun})))
	p.para("  ", "    ", fmt.Sprintf("Commands: %d of %d answered%s", c.Commands.OK, c.Commands.Planned,
		tally([]string{"refused", "timed out", "cut", "not run"},
			[]int{c.Commands.Refused, c.Commands.TimedOut, c.Commands.Cut, c.Commands.NotRun})))
	var names []string
	var counts []int
	for _, k := range []diag.Reason{diag.Refused, diag.TimedOut, diag.Cut, diag.Unparsed, diag.NotCollected, diag.Absent, diag.Manual, diag.Blocked, diag.Internal} {
		names, counts = append(names, string(k)), append(counts, unknown[k])
	}
	p.para("  ", "    ", fmt.Sprintf("Checks:   %d decided, %d unknown%s", c.Checks.Decided, c.Checks.Unknown, tally(names, counts)))
	if c.UnparsedLines > 0 {
		p.para("  ", "    ", fmt.Sprintf("Lines that no rule understood: %d", c.UnparsedLines))
	}
	if r.Run.Interrupted {
		p.para("  ", "    ", p.paint("Interrupted: what was collected until then is shown.", color.Bold))
	}
	if r.Run.HostKey == "off" {
		p.para("  ", "    ", "Host keys were not checked (--host-key off).")
	}
}

// tally names what is not zero: " (2 refused, 1 cut)".
func tally(names []string, counts []int) string {
	var parts []string
	for i, n := range counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, names[i]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (p *pen) severity(s diag.Severity) string {
	attribute := map[diag.Severity]color.Attribute{diag.Critical: color.FgHiRed, diag.High: color.FgRed,
		diag.Medium: color.FgYellow, diag.Low: color.FgCyan}[s]
	return p.paint(strings.ToUpper(string(s)), attribute, color.Bold)
}

// table prints rows within the width: the last column takes what the others leave, none gets less than
// its minimum, and below that every row becomes a small list.
func (p *pen) table(head []string, rows [][]string, least []int) {
	widths := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i := range row {
			row[i] = Clean(row[i])
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	room := p.width - 2 - 2*(len(head)-1)
	if !squeeze(widths, least, room) {
		p.list(head, rows)
		return
	}
	for _, row := range rows {
		for i := range row {
			row[i] = fit(row[i], widths[i])
		}
	}
	cells := tw.NewMapper[int, int]()
	for i, n := range widths {
		cells[i] = n + 2 // with the padding on its right
	}
	var b strings.Builder
	t := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off, ShowHeader: tw.Off},
				Lines: tw.Lines{ShowHeaderLine: tw.Off, ShowTop: tw.Off, ShowBottom: tw.Off}},
		})),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapTruncate),
		tablewriter.WithRowAutoWrap(tw.WrapTruncate),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithPadding(tw.Padding{Left: "", Right: "  ", Overwrite: true}),
		tablewriter.WithColumnWidths(cells),
	)
	t.Header(head)
	if err := t.Bulk(rows); err != nil {
		p.list(head, rows)
		return
	}
	if err := t.Render(); err != nil {
		p.list(head, rows)
		return
	}
	for line := range strings.Lines(b.String()) {
		p.b.WriteString("  " + strings.TrimRight(line, " \n") + "\n")
	}
}

// squeeze narrows widths, the widest above its minimum first and the last column before all others, until
// they fit; false when they can not.
func squeeze(widths, least []int, room int) bool {
	over := -room
	for _, n := range widths {
		over += n
	}
	last := len(widths) - 1
	for over > 0 {
		best := -1
		if widths[last] > least[last]+20 {
			best = last
		}
		for i := range widths {
			if best != last && widths[i] > least[i] && (best < 0 || widths[i]-least[i] > widths[best]-least[best]) {
				best = i
			}
		}
		if best < 0 {
			return false
		}
		widths[best]--
		over--
	}
	return true
}

func (p *pen) list(head []string, rows [][]string) {
	for _, row := range rows {
		p.para("  ", "    ", p.paint(row[0], color.Bold))
		for i := 1; i < len(row); i++ {
			if row[i] != "" {
				p.para("    "+strings.ToLower(head[i])+": ", "      ", row[i])
			}
		}
	}
}
