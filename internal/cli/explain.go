package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/spelling"
)

func newExplain(a *app) *cobra.Command {
	var topology string
	c := &cobra.Command{
		Use:   "explain [CHECK-ID | MNEMONIC | 'LOG LINE' | STEP-ID | RULE-ID]",
		Short: "Say what a check, a log message, a manual step or a rule of reconcile means and what to do; without an argument, list all",
		Long: "Explain a check (dns-lookup), a system message (COMM_FAILED, in any form and case), a whole log line, or a\n" +
			"manual step (M05), or a rule of reconcile (recon-duplicate-exact): what it means, its causes in order, what to do in each topology, and what proves it.",
		Example: "  slpdoctor explain dns-lookup\n  slpdoctor explain COMM_FAILED --topology onprem-push\n" +
			"  slpdoctor explain '*Mar  1 08:00:00.001: %SMART_LIC-3-COMM_FAILED: Communications failure with ...'",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, e := range explainable() {
				ids = append(ids, e.id+"\t"+e.title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := knownTopology(topology); err != nil {
				return err
			}
			return a.explain(strings.Join(args, " "), diag.TopologyID(topology))
		},
	}
	c.Flags().StringVar(&topology, "topology", "", "for a device of the topology `ID`")
	return c
}

// explain finds out what is asked for.
func (a *app) explain(what string, at diag.TopologyID) error {
	l := a.lines()
	cat := checks.Catalogue()
	if what == "" {
		listAll(l)
		return a.write("", l.flush)
	}
	rule, ruled := reconcile.FindRule(strings.ToLower(what))
	if ruled {
		explainRule(l, rule)
	}
	if k := cat.Find(strings.ToLower(what)); k != nil {
		return a.write("", func(w io.Writer) error {
			if err := explain(w, k, cat.Checks, at); err != nil || !ruled {
				return err
			}
			fmt.Fprintf(w, "\nAs a rule of reconcile:\n\n")
			return l.flush(w)
		})
	}
	if ruled {
		return a.write("", l.flush)
	}
	if steps := message.FindSteps(what); steps != nil {
		explainSteps(l, steps)
		return a.write("", l.flush)
	}
	if m, ok := findMessage(what); ok {
		explainMessage(l, m, nil, at)
		return a.write("", l.flush)
	}
	events := message.Read(what)
	if len(events) == 0 {
		return notFound(what)
	}
	for i, e := range events {
		m, ok := message.Lookup(e.Facility, e.Mnemonic)
		if k := cat.Find("trustpoint-crl-errors"); !ok && e.IsCRL() && k != nil {
			return a.write("", func(w io.Writer) error { return explain(w, k, cat.Checks, at) })
		}
		if !ok {
			return notFound(e.ID())
		}
		if i > 0 {
			l.plain("")
		}
		explainMessage(l, m, &e, at)
	}
	return a.write("", l.flush)
}

// findMessage reads COMM_FAILED, SMART_LIC-COMM_FAILED, %SMART_LIC-3-COMM_FAILED and the like, in any case.
func findMessage(s string) (message.Message, bool) {
	s = strings.ToUpper(strings.TrimRight(strings.TrimLeft(strings.TrimSpace(s), "%"), ": "))
	s = strings.TrimPrefix(s, "LICENSE-")
	for _, m := range message.All() {
		if s == m.Mnemonic || s == m.ID() {
			return m, true
		}
		if rest, ok := strings.CutPrefix(s, m.Facility+"-"); ok && len(rest) > 2 && rest[1] == '-' && rest[0] >= '0' && rest[0] <= '7' &&
			rest[2:] == m.Mnemonic {
			return m, true
		}
	}
	return message.Message{}, false
}

// entry is one thing that explain knows.
type entry struct{ kind, id, note, title string }

// explainable is everything that explain knows, in the order of its list.
func explainable() []entry {
	var out []entry
	for _, k := range checks.Catalogue().Everything() {
		out = append(out, entry{"check", k.ID, string(k.Severity), k.Title})
	}
	for _, m := range message.All() {
		out = append(out, entry{"message", m.Mnemonic, string(m.Kind), m.Meaning})
	}
	for _, s := range message.Steps() {
		out = append(out, entry{"step", s.ID, "manual", s.Where + ": " + s.Do})
	}
	for _, r := range reconcile.Rules() {
		out = append(out, entry{"rule", r.ID, string(r.Severity), r.Title})
	}
	return out
}

func listAll(l *lines) {
	all := explainable()
	heads := map[string]string{"check": "Checks", "message": "Messages", "step": "Manual steps", "rule": "Rules of reconcile"}
	width := 0
	for _, e := range all {
		width = max(width, len(e.id))
	}
	kind := ""
	for _, e := range all {
		if e.kind != kind {
			if kind != "" {
				l.plain("")
			}
			kind = e.kind
			l.plain("%s", heads[kind])
		}
		l.para(fmt.Sprintf("%-*s  %-8s  ", width, e.id, e.note), e.title)
	}
}

// notFound names what is alike.
func notFound(what string) error {
	if len(what) > 200 {
		return usage(errors.New("this is no check, message or step, and no log line with one"), "slpdoctor explain lists what there is")
	}
	hint := "slpdoctor explain lists what there is"
	if like := alike(what); len(like) > 0 {
		hint = "alike: " + strings.Join(like, ", ")
	}
	return usage(fmt.Errorf("%q is no check, message, manual step or rule", what), hint)
}

// alike are the ids that a mistyped one may have meant, the nearest first.
func alike(what string) []string {
	what = strings.ToUpper(what)
	if i := strings.LastIndexAny(what, "%: "); i >= 0 && i+1 < len(what) {
		what = what[i+1:]
	}
	if m, ok := strings.CutPrefix(what, "SMART_LIC-"); ok {
		what = m
	}
	type candidate struct {
		id   string
		away int
	}
	var out []candidate
	for _, e := range explainable() {
		id := strings.ToUpper(e.id)
		away := spelling.Distance(what, id)
		if strings.Contains(id, what) && len(what) > 2 {
			away = min(away, 1)
		}
		group, _, _ := strings.Cut(id, "-")
		if e.kind == "check" && strings.HasPrefix(what, group+"-") {
			away = min(away, max(2, len(what)/3))
		}
		if away <= max(2, len(what)/3) {
			out = append(out, candidate{e.id, away})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(a.away, b.away) })
	var ids []string
	for _, c := range out[:min(len(out), 12)] {
		ids = append(ids, c.id)
	}
	return ids
}

// explain tells what a check is.
func explain(w io.Writer, k *diag.Check, all []*diag.Check, at diag.TopologyID) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", k.ID, k.Title)
	fmt.Fprintf(&b, "Why         %s\n", k.Why)
	fmt.Fprintf(&b, "Severity    %s\n", k.Severity)
	var topologies []string
	for _, id := range diag.TopologyIDs() {
		if id.Family()&k.Applies != 0 {
			topologies = append(topologies, string(id))
		}
	}
	if slices.Contains(checks.Manager(), k) {
		fmt.Fprintf(&b, "Platform    vManage (platform: %s in the inventory)\n", diag.PlatformVManage)
	} else {
		fmt.Fprintf(&b, "Topologies  %s\n", strings.Join(topologies, ", "))
	}
	if at != "" && at.Family()&k.Applies == 0 {
		fmt.Fprintf(&b, "            not for %s\n", at)
	}
	list(&b, "Reads", k.Reads, shown)
	var causes []*diag.Check
	for _, e := range k.Causes {
		causes = append(causes, e.Check)
	}
	id := func(k *diag.Check) string { return k.ID }
	list(&b, "Caused by", causes, id)
	var effects []*diag.Check
	for _, other := range all {
		for _, e := range other.Causes {
			if e.Check == k && (len(effects) == 0 || effects[len(effects)-1] != other) {
				effects = append(effects, other)
			}
		}
	}
	list(&b, "Explains", effects, id)
	list(&b, "Messages", messagesOf(k.ID), message.Message.ID)
	for i, f := range k.Remedies {
		if i == 0 {
			b.WriteString("\nFix\n")
		}
		remedy(&b, f)
	}
	fmt.Fprintf(&b, "\nSource      %s\n", k.Seed)
	_, err := io.WriteString(w, b.String())
	return err
}

// messagesOf are the messages that a check looks into.
func messagesOf(check string) []message.Message {
	var out []message.Message
	for _, m := range message.All() {
		if slices.Contains(m.Checks, check) {
			out = append(out, m)
		}
	}
	return out
}

func list[T any](b *strings.Builder, label string, items []T, name func(T) string) {
	for i, it := range items {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "%-11s %s\n", label, name(it))
	}
}

func remedy(b *strings.Builder, f diag.Fix) {
	fmt.Fprintf(b, "  %s\n", f.Summary)
	if len(f.Config) > 0 {
		fmt.Fprintf(b, "    configure terminal\n     %s\n    end\n", strings.Join(f.Config, "\n     "))
	}
	for _, l := range f.Exec {
		fmt.Fprintf(b, "    %s\n", l)
	}
	for i, l := range f.Manual {
		fmt.Fprintf(b, "    %d) %s\n", i+1, l)
	}
	if len(f.Verify) > 0 {
		fmt.Fprintf(b, "    verify: %s\n", strings.Join(f.Verify, " ; "))
	}
	if f.Affects != "" {
		fmt.Fprintf(b, "    affects: %s\n", f.Affects)
	}
}
