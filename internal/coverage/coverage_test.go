// Package coverage holds the traceability of the seed documents: each of their statements with the checks,
// messages and manual steps that answer for it, and the cases that prove those. It is a data file and a test
// that generates docs/coverage.md from it and from the catalogues; nobody imports it.
package coverage

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"slpdoctor/checks"
	"slpdoctor/internal/message"
	"slpdoctor/internal/reconcile"
)

var update = flag.Bool("update", false, "rewrite docs/coverage.md")

//go:embed seeds.txt
var seeds string

const root = "../.."

// seed is one document and its statements.
type seed struct {
	name string
	rows []row
}

// row is one statement: where it stands, what it says, and what answers for it.
type row struct {
	lines, says string
	by          []string
}

func read(t *testing.T) []seed {
	t.Helper()
	var out []seed
	for n, l := range strings.Split(seeds, "\n") {
		cells := strings.Split(l, " | ")
		switch {
		case l == "" || l[0] == '#':
		case l[0] == '[':
			out = append(out, seed{name: l})
		case len(cells) != 3 || len(out) == 0:
			t.Fatalf("seeds.txt:%d: want lines | statement | references", n+1)
		default:
			s := &out[len(out)-1]
			s.rows = append(s.rows, row{cells[0], cells[1], strings.Fields(cells[2])})
		}
	}
	return out
}

var (
	mnemonic = regexp.MustCompile(`^[A-Z][A-Z_]+$`)
	stepID   = regexp.MustCompile(`^M\d\d[ab]?$`)
)

// proof is what shows that a reference holds; "" and a reason when it dangles.
func proof(t *testing.T, ref string) string {
	t.Helper()
	kind, name, _ := strings.Cut(ref, ":")
	switch {
	case ref == "context":
		return ""
	case kind == "test":
		return proofOfTest(t, name)
	case stepID.MatchString(ref):
		if len(message.FindSteps(ref)) == 0 {
			t.Errorf("%s is no manual step", ref)
		}
		return proofOfStep(t, ref)
	case strings.HasPrefix(ref, "recon-"):
		return proofOfRule(t, ref)
	case mnemonic.MatchString(ref):
		if !slices.ContainsFunc(message.All(), func(m message.Message) bool { return m.Mnemonic == ref }) {
			t.Errorf("%s is no message", ref)
		}
		return proofOfTest(t, "internal/message.TestTemplates")
	}
	return proofOfCheck(t, ref)
}

// proofOfStep names a message whose actions lead to a manual step; explain prints the others.
func proofOfStep(t *testing.T, id string) string {
	t.Helper()
	for _, m := range message.All() {
		for _, a := range m.Actions {
			if slices.Contains(message.StepIDs(strings.Join(a.Steps, " ")), id) {
				return id + ": an action of " + m.Mnemonic
			}
		}
	}
	return id + ": " + proofOfTest(t, "internal/cli.TestExplainKnowsEverything")
}

// proofOfRule names the cases of a rule of reconcile.
func proofOfRule(t *testing.T, id string) string {
	t.Helper()
	if _, ok := reconcile.FindRule(id); !ok {
		t.Errorf("%s is no rule", id)
	}
	cases, err := os.ReadFile(filepath.Join(root, "internal/reconcile/rules_test.go"))
	if err != nil || !strings.Contains(string(cases), strconv.Quote(id)) {
		t.Errorf("internal/reconcile/rules_test.go has no case of %s: %v", id, err)
	}
	return "`internal/reconcile` TestRules"
}

// proofOfTest finds a test function of a package, or a script of a command.
func proofOfTest(t *testing.T, name string) string {
	t.Helper()
	if dir, script, ok := strings.Cut(name, ".script/"); ok {
		if _, err := os.Stat(filepath.Join(root, dir, "testdata/script", script+".txtar")); err != nil {
			t.Error(err)
		}
		return "script `" + script + "`"
	}
	dir, function, _ := strings.Cut(name, ".")
	files, _ := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+function+"(t *testing.T)") {
			return "`" + dir + "` " + function
		}
	}
	t.Errorf("there is no test %s in %s", function, dir)
	return ""
}

// proofOfCheck finds the case of a check that shows the verdict, or its gravest case.
func proofOfCheck(t *testing.T, ref string) string {
	t.Helper()
	id, what, exact := strings.Cut(ref, ".")
	if checks.Catalogue().Find(id) == nil {
		t.Errorf("%s is no check", id)
		return ""
	}
	archive, err := txtar.ParseFile(filepath.Join(root, "testdata/cases", id+".txtar"))
	if err != nil {
		t.Error(err)
		return ""
	}
	best, weight := "", 0
	for _, f := range archive.Files {
		status, verdict := wanted(string(f.Data))
		w := 1 + slices.Index([]string{"not-applicable", "unknown", "pass", "warn", "fail"}, status)
		if status == "" || strings.HasSuffix(f.Name, ".txt") || exact && verdict != what || w <= weight {
			continue
		}
		best, weight = f.Name, w
	}
	if best == "" {
		t.Errorf("no case of %s shows %s", id, ref)
	}
	return fmt.Sprintf("%s: *%s*", id, best)
}

func wanted(text string) (status, verdict string) {
	for l := range strings.Lines(text) {
		if words := strings.Fields(l); len(words) > 2 && words[0] == "want" {
			return words[1], words[2]
		}
	}
	return "", ""
}

// TestCoverage holds docs/coverage.md against the seeds' statements and what they refer to.
func TestCoverage(t *testing.T) {
	named := map[string]bool{}
	for _, s := range read(t) {
		last := 0
		for _, r := range s.rows {
			from, to := span(t, r.lines)
			if from < last || to < from {
				t.Errorf("%s %s is out of order", s.name, r.lines)
			}
			last = from
			if r.says == "" || len(r.by) == 0 {
				t.Errorf("%s %s says nothing or has nothing that answers for it", s.name, r.lines)
			}
			for _, ref := range r.by {
				id, _, _ := strings.Cut(ref, ".")
				named[id] = true
			}
		}
	}
	for _, m := range message.All() {
		if strings.HasPrefix(m.Source, "S1:") && !named[m.Mnemonic] {
			t.Errorf("no statement of the seeds leads to %s", m.Mnemonic)
		}
	}
	for _, s := range message.Steps() {
		if !named[s.ID] {
			t.Errorf("no statement of the seeds leads to the manual step %s", s.ID)
		}
	}
	page := page(t, named)
	path := filepath.Join(root, "docs/coverage.md")
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page, string(have)); diff != "" {
		t.Errorf("docs/coverage.md is not what the code says; go test ./internal/coverage -update (-want +got):\n%s", diff)
	}
}

func span(t *testing.T, lines string) (from, to int) {
	t.Helper()
	a, b, two := strings.Cut(lines, "-")
	from, err := strconv.Atoi(a)
	to = from
	if two && err == nil {
		to, err = strconv.Atoi(b)
	}
	if err != nil {
		t.Fatalf("lines %q: %v", lines, err)
	}
	return from, to
}

// page renders docs/coverage.md.
func page(t *testing.T, named map[string]bool) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Coverage\n\nGenerated from `internal/coverage/seeds.txt` and held against the catalogues by its test. Every statement of the\n" +
		"two documents this program was made after, in our own words, with the checks (and the verdict), messages and manual\n" +
		"steps that answer for it, and the case in `testdata/cases` or the test that proves it. Lines without a statement\n" +
		"(headings) are left out.\n\nThat `explain` knows every message and manual step is proven by `internal/cli` TestExplainKnowsEverything; that what\n" +
		"is recommended helps, by `internal/closure` TestClosure.\n")
	total := 0
	for _, s := range read(t) {
		fmt.Fprintf(&b, "\n## %s\n\n| lines | statement | answered by | proven by |\n|---|---|---|---|\n", strings.NewReplacer("[", "Document ", "]", ":").Replace(s.name))
		for _, r := range s.rows {
			total++
			var by, proofs []string
			for _, ref := range r.by {
				if p := proof(t, ref); p != "" && !slices.Contains(proofs, p) {
					proofs = append(proofs, p)
				}
				switch kind, _, _ := strings.Cut(ref, ":"); kind {
				case "test":
				case "context":
					by = append(by, "nothing to implement")
				default:
					by = append(by, "`"+ref+"`")
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.lines, r.says, strings.Join(by, ", "), strings.ReplaceAll(strings.Join(proofs, "; "), "|", `\|`))
		}
	}
	var beyond []string
	for _, k := range checks.All() {
		if !named[k.ID] {
			beyond = append(beyond, "`"+k.ID+"`")
		}
	}
	fmt.Fprintf(&b, "\n%d statements. %d checks go beyond the two documents, by other sources of\nknowledge: %s.\n",
		total, len(beyond), strings.Join(beyond, ", "))
	return b.String()
}
