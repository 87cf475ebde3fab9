package fixplan

import (
	"fmt"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
)

// escape makes text of devices and inventories safe in Markdown prose and tables: it is shown as it is, it
// formats nothing, links nowhere and is no HTML.
func escape(s string) string {
	s = strings.TrimSpace(report.Clean(s))
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~@", r),
			r == ':' && strings.HasPrefix(s[i:], "://"), // a URL would become a link
			r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www"),
			strings.ContainsRune("#+-=", r) && i == 0, // a heading, a list, a rule
			strings.ContainsRune(".)", r) && strings.Trim(s[:i], "0123456789") == "":
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// block is a code block that its own text can not end.
func block(b *strings.Builder, lines ...string) {
	fence := "```"
	for _, l := range lines {
		for strings.Contains(l, fence) {
			fence += "`"
		}
	}
	fmt.Fprintf(b, "\n%stext\n", fence)
	for _, l := range lines {
		b.WriteString(report.Clean(l) + "\n")
	}
	b.WriteString(fence + "\n\n")
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// link is a link to a file of the plan, whose name may hold what Markdown or a URL gives a meaning.
func link(text, file string) string {
	return fmt.Sprintf("[%s](<%s>)", escape(text), strings.ReplaceAll(file, "%", "%25"))
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// due is the next required acknowledgement in words, by the device's own clock.
func due(d *diag.Deadline) string {
	if d == nil || d.State == "unknown" {
		return "not known"
	}
	if d.State == "not-required" {
		return "none required"
	}
	var at string
	if d.NextACK != nil {
		at = escape(*d.NextACK)
	}
	switch {
	case d.DaysLeft == nil:
		return at
	case *d.DaysLeft < 0:
		return fmt.Sprintf("%s (%s late)", at, count(-*d.DaysLeft, "day"))
	}
	return fmt.Sprintf("%s (%s left)", at, count(*d.DaysLeft, "day"))
}

// index is the page that the plan begins with.
func (p *Plan) index(r *diag.Report, causes []cause) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Fix plan\n\nFrom run %s of %s (%s), %s. One folder per root cause, the most severe first.\n"+
		"Nothing in here has been sent to a device: the lines are for people to check, complete and enter.\n\n",
		escape(r.Run.ID), r.Run.Started.UTC().Format("2006-01-02 15:04 UTC"), escape(r.Run.Mode), count(r.Summary.Devices.Total, "device"))
	if len(causes) == 0 {
		b.WriteString("There is no root cause to mend.\n\n")
	} else {
		row(&b, "folder", "severity", "root cause", "devices", "nearest ACK deadline")
		row(&b, "---", "---", "---", "---", "---")
		for _, c := range causes {
			row(&b, link(c.folder, c.folder+"/README.md"), string(c.Severity), escape(c.Summary), fmt.Sprint(len(c.tickets)), due(c.tickets[0].Deadline))
		}
		b.WriteByte('\n')
	}
	var holes []string
	for _, c := range causes {
		for _, h := range c.placeholders() {
			holes = append(holes, fmt.Sprintf("- `%s` in %s", h, link(c.folder, c.folder+"/README.md")))
		}
	}
	if len(holes) > 0 {
		fmt.Fprintf(&b, "## To fill in\n\nThe lines keep these places open, because no device and no inventory told the value, or because what a\n"+
			"device told is not safe to paste:\n\n%s\n\n", strings.Join(holes, "\n"))
	}
	p.unexamined(&b)
	if n := r.Summary.Warnings; n > 0 && !slices.ContainsFunc(causes, func(c cause) bool { return c.Status == diag.Warn }) {
		fmt.Fprintf(&b, "\n%s without tickets; `--warn-fails` makes tickets of warnings too.\n", count(n, "warning"))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// unexamined lists the devices whose tickets may be incomplete.
func (p *Plan) unexamined(b *strings.Builder) {
	head := "## Devices that were not examined completely\n\nWhat is wrong with them may be missing in this plan.\n\n"
	for _, d := range p.Devices {
		if d.State == diag.Examined {
			continue
		}
		why := ""
		if d.Error != nil {
			why = ": " + escape(d.Error.Message)
		}
		fmt.Fprintf(b, "%s- %s, %s%s\n", head, escape(d.Name), escape(string(d.State)), why)
		head = ""
	}
}

// placeholders of all changes of a cause, each once.
func (c cause) placeholders() []string {
	var out []string
	for _, t := range c.tickets {
		for _, ch := range t.changes {
			for _, h := range ch.placeholders() {
				if !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	return out
}

// causePage is the ticket of a root cause for all its devices.
func (p *Plan) causePage(c cause) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", escape(c.Check), escape(c.Summary))
	if c.Key != "" {
		fmt.Fprintf(&b, "It is about: %s\n\n", escape(c.Key))
	}
	if p.Why != nil {
		fmt.Fprintf(&b, "Why it matters: %s\n\n", escape(p.Why(c.Check)))
	}
	if c.Consequences > 0 {
		fmt.Fprintf(&b, "It explains %s.\n\n", count(c.Consequences, "other result"))
	}
	b.WriteString("## Devices\n\nThose with the nearest deadline first.\n\n")
	row(&b, "device", "topology", "next ACK deadline", "lines", "rollback")
	row(&b, "---", "---", "---", "---", "---")
	for _, t := range c.tickets {
		var lines, back []string
		for i, ch := range t.changes {
			if len(ch.Config) > 0 {
				lines = append(lines, link(changeFile(i), t.folder+changeFile(i)))
				back = append(back, link(rollbackFile(i), t.folder+rollbackFile(i)))
			}
		}
		if lines == nil {
			lines, back = []string{"no configuration line"}, []string{""}
		}
		row(&b, link(t.Name, t.folder+ticketFile), topologyOf(t.Device), due(t.Deadline), strings.Join(lines, ", "), strings.Join(back, ", "))
	}
	if holes := c.placeholders(); len(holes) > 0 {
		fmt.Fprintf(&b, "\nFill in before use: `%s`\n", strings.Join(holes, "`, `"))
	}
	return b.String()
}

func topologyOf(d *Device) string {
	if d.Topology == nil {
		return "not known"
	}
	return escape(string(d.Topology.ID))
}

// devicePage is the ticket of a root cause on one device.
func (p *Plan) devicePage(t deviceTicket) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s on %s\n\n%s\n\n", escape(t.Check), escape(t.Name), escape(t.Summary))
	row(&b, "", "")
	row(&b, "---", "---")
	row(&b, "root cause", link(t.Check, "../../README.md"))
	row(&b, "severity", escape(string(t.Severity)))
	row(&b, "device", escape(strings.TrimSuffix(t.Name+", "+t.Address, ", ")))
	if f := t.Platform; f != nil {
		row(&b, "platform", escape(strings.Trim(f.PID+" "+f.Serial+", "+f.OS+" "+f.Release, ", ")))
	}
	row(&b, "topology", topologyOf(t.Device))
	row(&b, "next ACK deadline", due(t.Deadline))
	if len(t.explains) > 0 {
		row(&b, "explains", escape(strings.Join(t.explains, ", ")))
	}
	b.WriteString("\n## Evidence\n\n")
	if len(t.Evidence) == 0 {
		b.WriteString("None was kept.\n\n")
	}
	for _, e := range t.Evidence {
		at := escape(e.Command)
		if e.Line > 0 {
			at += fmt.Sprintf(", line %d", e.Line)
		}
		fmt.Fprintf(&b, "%s\n", at)
		if e.Text != "" {
			block(&b, e.Text)
		}
	}
	for i, ch := range t.changes {
		b.WriteString("\n")
		ch.page(&b, i)
	}
	if len(t.changes) == 0 {
		b.WriteString("\n## Change\n\nThis check recommends none of its own; see what it explains.\n")
	}
	return b.String()
}

// page is one change: manual steps, lines, verification and rollback.
func (c change) page(b *strings.Builder, i int) {
	if i == 0 {
		fmt.Fprintf(b, "## Change: %s\n\n", escape(c.Summary))
	} else {
		fmt.Fprintf(b, "## Or, when that does not fit: %s\n\n", escape(c.Summary))
	}
	if c.Affects != "" {
		fmt.Fprintf(b, "Affects: %s\n\n", escape(c.Affects))
	}
	if h := c.placeholders(); len(h) > 0 {
		fmt.Fprintf(b, "Fill in before use: `%s`\n\n", strings.Join(h, "`, `"))
	}
	if c.left > 0 {
		fmt.Fprintf(b, "%s left out: with characters that must not be pasted.\n\n", count(c.left, "line"))
	}
	if len(c.Manual) > 0 {
		b.WriteString("Manual steps, in order:\n\n")
		for n, m := range c.Manual {
			fmt.Fprintf(b, "%d. %s\n", n+1, escape(m))
		}
		b.WriteByte('\n')
	}
	if len(c.Config) > 0 {
		fmt.Fprintf(b, "In configuration mode (%s):\n", link(changeFile(i), changeFile(i)))
		block(b, c.Config...)
	}
	if len(c.Exec) > 0 {
		b.WriteString("In privileged EXEC mode:\n")
		block(b, c.Exec...)
	}
	if len(c.Verify) > 0 {
		b.WriteString("Verify:\n")
		block(b, c.Verify...)
	}
	switch {
	case len(c.Config) == 0:
		b.WriteString("Rollback: no line of the configuration changes.\n")
		return
	case len(c.Lines) > 0:
		fmt.Fprintf(b, "Rollback, in configuration mode (%s):\n", link(rollbackFile(i), rollbackFile(i)))
		block(b, c.Lines...)
	default:
		b.WriteString("Rollback: no line to type.\n\n")
	}
	for _, g := range c.Gaps {
		fmt.Fprintf(b, "- %s\n", escape(g))
	}
}
