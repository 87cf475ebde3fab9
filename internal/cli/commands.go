package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/viptela"
)

// catalogueForms are the forms in which the closed catalogue is printed.
var catalogueForms = map[string]func(io.Writer, []*diag.Command){
	"text":     catalogueText,
	"ios-view": catalogueView,
	"tacacs":   catalogueTACACS,
}

func newCommands(a *app) *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "commands",
		Short: "Print every line this program may send, for AAA command authorization",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			form, ok := catalogueForms[as]
			if !ok {
				return usage(fmt.Errorf("--as %q: want text, ios-view or tacacs", as), "")
			}
			return a.write("", func(w io.Writer) error { form(w, iosxe.Catalogue()); return nil })
		},
	}
	c.Flags().StringVar(&as, "as", "text", "text, ios-view (a parser view) or tacacs (tac_plus)")
	return c
}

// catalogueText prints every platform; all, the lines of IOS XE, is the first.
func catalogueText(w io.Writer, _ []*diag.Command) {
	for i, p := range platforms {
		if i > 0 {
			fmt.Fprintf(w, "\n# %s (platform: %s); what is typed in %s is marked with $\n", p.name, p.id, viptela.Shell)
		}
		for _, l := range p.session {
			fmt.Fprintf(w, "%s\n", l)
		}
		for _, c := range p.lines() {
			if c.Inside != "" {
				fmt.Fprint(w, "$ ")
			}
			fmt.Fprintf(w, "%s\n", shown(c))
		}
	}
}

// firstWords are the distinct commands without pipes and parameters, for authorization that knows neither.
func firstWords(all []*diag.Command) []string {
	var out []string
	for _, c := range all {
		line, _, _ := strings.Cut(c.String(), " |")
		if i := strings.IndexAny(line, "{["); i >= 0 {
			line = line[:i]
		}
		if line = strings.TrimSpace(line); !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

func catalogueView(w io.Writer, all []*diag.Command) {
	fmt.Fprintf(w, "! a parser view for a read-only user; needs aaa new-model and an enable secret to create\n")
	fmt.Fprintf(w, "parser view SLPDOCTOR\n secret <view-secret>\n")
	for _, l := range append(sessionLines(), firstWords(all)...) {
		if l == "enable" {
			continue
		}
		fmt.Fprintf(w, " commands exec include %s\n", l)
	}
	fmt.Fprintf(w, "username <user> view SLPDOCTOR secret <user-secret>\n")
}

func catalogueTACACS(w io.Writer, all []*diag.Command) {
	args := map[string][]string{}
	var verbs []string
	for _, l := range append(sessionLines(), firstWords(all)...) {
		verb, rest, _ := strings.Cut(l, " ")
		if !slices.Contains(verbs, verb) {
			verbs = append(verbs, verb)
		}
		if rest != "" {
			args[verb] = append(args[verb], rest)
		}
	}
	fmt.Fprintf(w, "# tac_plus: everything else is denied by default\ngroup = slpdoctor {\n    default service = deny\n    service = exec { priv-lvl = 15 }\n")
	for _, v := range verbs {
		fmt.Fprintf(w, "    cmd = %s {\n", v)
		for _, p := range args[v] {
			fmt.Fprintf(w, "        permit \"^%s\"\n", strings.ReplaceAll(p, ".", "\\."))
		}
		if len(args[v]) == 0 {
			fmt.Fprintf(w, "        permit .*\n")
		}
		fmt.Fprintf(w, "    }\n")
	}
	fmt.Fprintf(w, "}\n")
}
