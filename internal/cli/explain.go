package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
)

func newExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CHECK-ID]",
		Short: "Say what a check looks at, why it matters and how to fix what it finds; without an id, list all",
		Args:  cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, k := range checks.Catalogue().Checks {
				ids = append(ids, k.ID+"\t"+k.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cat := checks.Catalogue()
			if len(args) == 0 {
				return a.write("", func(w io.Writer) error { return listChecks(w, cat.Checks) })
			}
			k := cat.Find(args[0])
			if k == nil {
				_, err := cat.Select(args, nil)
				if err == nil {
					err = fmt.Errorf("%q names several checks: explain takes one id", args[0])
				}
				return usage(err, "slpdoctor explain lists every check")
			}
			return a.write("", func(w io.Writer) error { return explain(w, k, cat.Checks) })
		},
	}
}

func listChecks(w io.Writer, all []*diag.Check) error {
	width := 0
	for _, k := range all {
		width = max(width, len(k.ID))
	}
	for _, k := range all {
		if _, err := fmt.Fprintf(w, "%-*s  %-8s  %s\n", width, k.ID, k.Severity, k.Title); err != nil {
			return err
		}
	}
	return nil
}

func explain(w io.Writer, k *diag.Check, all []*diag.Check) error {
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
	fmt.Fprintf(&b, "Topologies  %s\n", strings.Join(topologies, ", "))
	list(&b, "Reads", k.Reads, (*diag.Command).String)
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
