// Package fixplan renders what to do about a run as change tickets: per root cause and per device a Markdown
// page, the configuration lines as a file, and the file that takes them back. Rendering is pure; Write is
// the one function that touches files. Nothing here talks to a device. The command line uses it.
package fixplan

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
)

// Plan is what a run recommends. The zero Plan is empty.
type Plan struct {
	Devices []Device // in inventory order
	// Why says why a check matters, one sentence; nil says nothing.
	Why func(check string) string
}

// Device is one device and its tickets.
type Device struct {
	diag.DeviceResult // without commands and results
	tickets           []ticket
}

// ticket is one root cause on one device.
type ticket struct {
	diag.Result
	explains []string // the checks that fail because of it
	changes  []change
}

// change is one fix with its rollback.
type change struct {
	diag.Fix
	rollback
	left int // lines that are not printed because they could do harm when pasted
}

// File is one file of the plan. Path is relative to its folder, with slashes.
type File struct {
	Path string
	Text string
}

// Of makes the tickets of a device: of its failing root causes, with warnings also of its warnings. Captures
// are what was collected from it: rollbacks name the lines that were there before. Without them a rollback
// says what it can not know.
func Of(d diag.DeviceResult, captures []diag.Capture, warnings bool) Device {
	dev := Device{DeviceResult: d}
	dev.Commands, dev.Results = nil, nil
	var was before
	for _, r := range d.Results {
		if r.CausedBy != nil || r.Waived != nil || r.Status != diag.Fail && !(warnings && r.Status == diag.Warn) {
			continue
		}
		if dev.tickets == nil {
			was = beforeOf(captures)
		}
		t := ticket{Result: r, explains: explained(d.Results, r)}
		for _, f := range r.Fixes {
			t.changes = append(t.changes, changeOf(f, was))
		}
		dev.tickets = append(dev.tickets, t)
	}
	return dev
}

// explained lists the failing checks whose causes end at a result.
func explained(results []diag.Result, root diag.Result) []string {
	by := map[string]string{}
	for _, r := range results {
		if r.CausedBy != nil {
			by[r.Check] = *r.CausedBy
		}
	}
	var out []string
	for _, r := range results {
		at := r.Check
		for range results {
			if by[at] == "" {
				break
			}
			at = by[at]
		}
		if r.Status == diag.Fail && r.Check != root.Check && at == root.Check {
			out = append(out, r.Check)
		}
	}
	return out
}

func changeOf(f diag.Fix, was before) change {
	c := change{Fix: f}
	for _, lines := range []*[]string{&c.Config, &c.Exec, &c.Verify} {
		kept := slices.DeleteFunc(slices.Clone(*lines), func(l string) bool { return !printable(l) })
		c.left += len(*lines) - len(kept)
		*lines = kept
	}
	c.rollback = undo(c.Config, was)
	return c
}

// harmless is printable ASCII without the question mark, which a device answers with help in the middle of
// a line.
var harmless = regexp.MustCompile(`^[ -~]*$`)

// printable reports whether a line may be pasted. Fixes of this program are; those of a saved run that
// somebody has changed may not be.
func printable(line string) bool {
	return harmless.MatchString(line) && !strings.Contains(line, "?") && len(line) <= diag.MaxLine
}

var placeholder = regexp.MustCompile(`<[a-z][a-z0-9:-]*>`)

// placeholders are what a person has to fill in, each once.
func (c change) placeholders() []string {
	var out []string
	for _, l := range slices.Concat(c.Config, c.Exec, c.Lines) {
		for _, p := range placeholder.FindAllString(l, -1) {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// cause is one root cause with the tickets of its devices.
type cause struct {
	diag.Cause
	folder  string
	tickets []deviceTicket // those with the nearest deadline first
}

type deviceTicket struct {
	*Device
	ticket
	folder string // under the folder of the cause
}

// causes groups the tickets as the summary of the run groups its causes, in the same order.
func (p *Plan) causes(s diag.Summary) []cause {
	names := make([]string, len(p.Devices))
	for i, d := range p.Devices {
		names[i] = d.Name
	}
	folders := bundle.FolderNames(names)
	var out []cause
	for _, c := range s.Causes {
		k := cause{Cause: c}
		for i := range p.Devices {
			for _, t := range p.Devices[i].tickets {
				if t.Check == c.Check && t.Key == c.Key && t.Status == c.Status {
					k.tickets = append(k.tickets, deviceTicket{&p.Devices[i], t, "devices/" + folders[i] + "/"})
				}
			}
		}
		if len(k.tickets) == 0 {
			continue
		}
		slices.SortStableFunc(k.tickets, func(a, b deviceTicket) int { return cmp.Compare(daysLeft(a.Device), daysLeft(b.Device)) })
		k.folder = fmt.Sprintf("%02d-%s", len(out)+1, bundle.Slug(c.Check))
		out = append(out, k)
	}
	return out
}

// daysLeft orders devices by deadline; those without one come last.
func daysLeft(d *Device) int {
	if d.Deadline == nil || d.Deadline.DaysLeft == nil {
		return 1 << 30
	}
	return *d.Deadline.DaysLeft
}

// Files renders the plan of a run: an index, and a folder per root cause.
func (p *Plan) Files(r *diag.Report) []File {
	causes := p.causes(r.Summary)
	var out []File
	for _, c := range causes {
		out = append(out, File{c.folder + "/README.md", p.causePage(c)})
		for _, t := range c.tickets {
			out = append(out, File{c.folder + "/" + t.folder + ticketFile, p.devicePage(t)})
			for i, ch := range t.changes {
				if len(ch.Config) > 0 {
					out = append(out, File{c.folder + "/" + t.folder + changeFile(i), snippet(t, ch, false)},
						File{c.folder + "/" + t.folder + rollbackFile(i), snippet(t, ch, true)})
				}
			}
		}
	}
	return append(out, File{"README.md", p.index(r, causes)})
}

const ticketFile = "ticket.md"

// changeFile and rollbackFile name the files of a change; the second and later changes are alternatives.
func changeFile(i int) string   { return numbered("change", i) }
func rollbackFile(i int) string { return numbered("rollback", i) }

func numbered(name string, i int) string {
	if i > 0 {
		name += fmt.Sprintf("-%d", i+1)
	}
	return name + ".cfg"
}

// remark makes text safe for a comment line of a configuration.
func remark(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '?' {
			return '.'
		}
		return r
	}, report.Clean(s))
}

// snippet is the configuration file of a change, or of its rollback.
func snippet(t deviceTicket, c change, back bool) string {
	var b strings.Builder
	lines, what := c.Config, c.Summary
	if back {
		lines, what = c.Lines, "rollback of: "+c.Summary
	}
	fmt.Fprintf(&b, "! %s on %s\n! %s\n", remark(t.Check), remark(t.Name), remark(what))
	for _, h := range c.placeholders() {
		if strings.Contains(strings.Join(lines, "\n"), h) {
			fmt.Fprintf(&b, "! fill in before use: %s\n", h)
		}
	}
	if back {
		for _, g := range c.Gaps {
			fmt.Fprintf(&b, "! %s\n", remark(g))
		}
		if len(lines) == 0 {
			return b.String() + "! there is no line to type\n"
		}
	}
	for _, l := range lines {
		if begins(l, authenticate) {
			b.WriteString("! the next line asks for input: enter it alone\n")
		}
		b.WriteString(l + "\n")
	}
	b.WriteString("end\n")
	if !back {
		for _, l := range c.Exec {
			fmt.Fprintf(&b, "! then, in privileged EXEC mode: %s\n", l)
		}
	}
	return b.String()
}
