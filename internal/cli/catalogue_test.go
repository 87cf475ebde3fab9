package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"slpdoctor/checks"
	"slpdoctor/internal/sim"
)

// TestCommandsPrintsWhatIsSent holds the three forms of the catalogue against what devices were really sent.
func TestCommandsPrintsWhatIsSent(t *testing.T) {
	w := newWorld(t)
	var sent []string
	fleet := devices(t)
	srv := w.serve(sim.Options{Devices: fleet})
	w.want(0, live("collect", "--save", "kept", "--exclude", "lab-acc-*")...)
	for _, d := range fleet {
		for _, l := range srv.Typed(d.Name) {
			if !slices.Contains(sent, l) {
				sent = append(sent, l)
			}
		}
	}
	if len(sent) < 40 {
		t.Fatalf("only %d lines were sent: %q", len(sent), sent)
	}
	text := strings.Split(strings.TrimSpace(w.want(0, "commands").out), "\n")
	view := included(w.want(0, "commands", "--as", "ios-view").out)
	verbs := permitted(t, w.want(0, "commands", "--as", "tacacs").out)
	for _, l := range sent {
		if !slices.Contains(text, l) && !slices.ContainsFunc(text, func(c string) bool { return template(c).MatchString(l) }) {
			t.Errorf("text does not print %q", l)
		}
		plain, _, _ := strings.Cut(l, " |")
		if !slices.ContainsFunc(view, func(p string) bool { return plain == p || strings.HasPrefix(plain, p+" ") }) {
			t.Errorf("the parser view does not include %q", l)
		}
		verb, rest, _ := strings.Cut(plain, " ")
		if !slices.ContainsFunc(verbs[verb], func(r *regexp.Regexp) bool { return r.MatchString(rest) }) {
			t.Errorf("TACACS+ does not permit %q", l)
		}
	}
	for _, l := range []string{"configure terminal", "reload", "license smart sync all", "write memory", "debug all", "copy run start"} {
		verb, _, _ := strings.Cut(l, " ")
		if verbs[verb] != nil || slices.Contains(text, l) || slices.Contains(view, verb) {
			t.Errorf("%q is permitted", l)
		}
	}
}

var parameter = regexp.MustCompile(`\\\{[^}]*\\\}`)

// template is a printed line with its parameters, as a pattern: an optional part takes the blank before it
// along.
func template(line string) *regexp.Regexp {
	p := parameter.ReplaceAllString(regexp.QuoteMeta(line), `\S+`)
	p = strings.NewReplacer(` \[`, `(?: `, `\]`, `)?`).Replace(p)
	return regexp.MustCompile("^" + p + "$")
}

// included are the commands a parser view grants.
func included(view string) []string {
	var out []string
	for l := range strings.Lines(view) {
		if _, c, ok := strings.Cut(strings.TrimSpace(l), "commands exec include "); ok {
			out = append(out, c)
		}
	}
	return out
}

// permitted reads the configuration of tac_plus: the arguments each command may have.
func permitted(t *testing.T, config string) map[string][]*regexp.Regexp {
	t.Helper()
	out := map[string][]*regexp.Regexp{}
	verb := ""
	for l := range strings.Lines(config) {
		l = strings.TrimSpace(l)
		if c, ok := strings.CutPrefix(l, "cmd = "); ok {
			verb = strings.TrimSuffix(c, " {")
		}
		if p, ok := strings.CutPrefix(l, "permit "); ok {
			r, err := regexp.Compile(strings.Trim(p, `"`))
			if err != nil {
				t.Fatal(err)
			}
			out[verb] = append(out[verb], r)
		}
	}
	return out
}

func TestExplainEveryCheck(t *testing.T) {
	w := newWorld(t)
	list := w.want(0, "explain").out
	for _, k := range checks.All() {
		if !strings.Contains(list, "\n"+k.ID+" ") && !strings.HasPrefix(list, k.ID+" ") {
			t.Errorf("the list lacks %s", k.ID)
		}
		page := w.want(0, "explain", k.ID).out
		for _, part := range []string{k.ID + ": " + k.Title, k.Why, "Severity    " + string(k.Severity), "Topologies"} {
			if !strings.Contains(page, part) {
				t.Errorf("explain %s lacks %q", k.ID, part)
			}
		}
		for _, c := range k.Reads {
			if !strings.Contains(page, shown(c)) {
				t.Errorf("explain %s does not name %q", k.ID, c)
			}
		}
		for _, e := range k.Causes {
			if !strings.Contains(page, e.Check.ID) {
				t.Errorf("explain %s does not name its cause %s", k.ID, e.Check.ID)
			}
		}
		if o := w.slpdoctor("explain", k.ID+"x"); o.status != 2 || o.out != "" {
			t.Errorf("explain %sx: %d", k.ID, o.status)
		}
	}
}

func TestManualPageOfEveryCommand(t *testing.T) {
	w := newWorld(t)
	for _, c := range newRoot(&app{Env: Env{}}).Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if page := w.want(0, "man", c.Name()).out; !strings.Contains(page, `.TH`) || !strings.Contains(page, c.Name()) {
			t.Errorf("man %s prints no page", c.Name())
		}
		if help := w.want(0, c.Name(), "--help").out; !strings.Contains(help, "Usage:") {
			t.Errorf("%s --help: %s", c.Name(), help)
		}
	}
}
