package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/report"
)

// excelCell is the most that Excel takes in one cell.
const excelCell = 32_000

// inert is text that no spreadsheet takes for a formula.
func inert(s string) string {
	s = report.Clean(s)
	if t := strings.TrimLeft(s, " "); t != "" && strings.ContainsRune("=+-@", rune(t[0])) {
		s = "'" + s
	}
	return s
}

// reconcileCSV writes one row per licence; units of each class have a column.
func reconcileCSV(w io.Writer, d *reconcile.Document) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // without it Excel takes UTF-8 for the code page of the system
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := []string{"license", "smart_account", "virtual_account", "v", "vp", "t", "a", "s", "u", "b", "expected_u", "delta"}
	for _, c := range reconcile.Classes {
		head = append(head, string(c.Class))
	}
	head = append(head, "unexplained", "confidence", "case", "rules", "instances", "verdict")
	if err := out.Write(head); err != nil {
		return err
	}
	for _, x := range d.Licenses {
		if err := out.Write(append(reconcileRow(x), string(d.Verdict.Case))); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func reconcileRow(x reconcile.Licence) []string {
	plain := func(n *int64) string {
		if n == nil {
			return ""
		}
		return fmt.Sprint(*n)
	}
	row := []string{inert(x.Name), inert(x.Smart), inert(x.Virtual)}
	for _, n := range []*int64{x.V, x.Vp, x.T, x.A, x.S, x.U, x.B, x.V, x.Delta} {
		row = append(row, plain(n))
	}
	var instances []string
	confidence := ""
	for _, c := range reconcile.Classes {
		var n int64
		for _, a := range x.Attribution {
			if a.Class == c.Class {
				n += a.Units
				instances = append(instances, a.Instances...)
				confidence = leastSure(confidence, a.Confidence)
			}
		}
		row = append(row, fmt.Sprint(n))
	}
	var rules []string
	for _, r := range x.Results {
		if r.Status == diag.Fail || r.Status == diag.Warn {
			rules = append(rules, r.Check+" "+string(r.Status))
		}
	}
	return append(row, plain(x.Unexplained), confidence, string(x.Case), inert(strings.Join(rules, "; ")), inert(filled(instances)))
}

// leastSure is the lower of two confidences.
func leastSure(so string, c reconcile.Confidence) string {
	for _, k := range []reconcile.Confidence{reconcile.Low, reconcile.Medium} {
		if so == string(k) || c == k {
			return string(k)
		}
	}
	return string(c)
}

// filled lists as many names as fit into a cell.
func filled(all []string) string {
	n := 0
	for i, s := range all {
		if n += len(s) + 2; n > excelCell {
			return fmt.Sprintf("%s; and %d more", strings.Join(all[:i], "; "), len(all)-i)
		}
	}
	return strings.Join(all, "; ")
}

// reconcileMarkdown writes the document for a ticket.
func reconcileMarkdown(w io.Writer, d *reconcile.Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Licences in vManage and CSSM\n\n**%s** (confidence: %s). %s\n\n", d.Verdict.Case, d.Verdict.Confidence, prose(d.Verdict.Summary))
	fmt.Fprintf(&b, "| licence | account | %s | case |\n|---|---|%s---|\n", strings.Join(reconcileColumns, " | "), strings.Repeat("--:|", len(reconcileColumns)))
	for _, x := range d.Licenses {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code(x.Name), code(strings.Trim(place(x), " ()")), strings.Join(numbers(x), " | "), x.Case)
	}
	for _, x := range d.Licenses {
		if unremarkable(x) {
			continue
		}
		fmt.Fprintf(&b, "\n#### %s\n\n", code(x.Name+place(x)))
		for _, a := range x.Attribution {
			fmt.Fprintf(&b, "- %+d **%s** (%s): %s", a.Units, a.Class, a.Confidence, prose(a.Why))
			if len(a.Instances) > 0 {
				fmt.Fprintf(&b, ": %s", listed(a.Instances, 50, code))
			}
			b.WriteString("\n")
		}
		if differs(x) {
			fmt.Fprintf(&b, "- %s unexplained\n", signed(x.Unexplained))
		}
		markdownResults(&b, x.Results)
	}
	if slices.ContainsFunc(d.Results, worthTelling) {
		b.WriteString("\n#### The whole\n\n")
		markdownResults(&b, d.Results)
	}
	fmt.Fprintf(&b, "\n#### What to do\n\n")
	for i, s := range d.Verdict.Steps {
		fmt.Fprintf(&b, "%d. **%s**: %s", i+1, s.Where, prose(s.Do))
		if s.ID != "" {
			fmt.Fprintf(&b, " (%s)", s.ID)
		}
		b.WriteString("\n")
		for _, part := range []struct{ label, text string }{{"Path", s.Path}, {"Rights", s.Rights}, {"Risk", s.Risk}} {
			if part.text != "" {
				fmt.Fprintf(&b, "   - %s: %s\n", part.label, prose(part.text))
			}
		}
		if len(s.Licenses) > 0 {
			fmt.Fprintf(&b, "   - For: %s\n", listed(s.Licenses, 50, code))
		}
		if len(s.Instances) > 0 {
			fmt.Fprintf(&b, "   - Instances: %s\n", listed(s.Instances, 50, code))
		}
	}
	if len(d.Verdict.Steps) == 0 {
		b.WriteString("Nothing.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownResults lists what fails, warns or is worth knowing.
func markdownResults(b *strings.Builder, all []diag.Result) {
	for _, r := range all {
		if !worthTelling(r) {
			continue
		}
		fmt.Fprintf(b, "- %s `%s`: %s\n", r.Status, r.Check, prose(r.Summary))
		for _, w := range words(r) {
			fmt.Fprintf(b, "  - %s\n", code(w))
		}
	}
}

// prose is a sentence of this program that may hold words of an input.
func prose(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "'", "[", `\[`, "]", `\]`).Replace(report.Clean(s))
}
