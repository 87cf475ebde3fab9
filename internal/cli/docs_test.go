package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
)

var update = flag.Bool("update", false, "rewrite generated docs and golden files")

// TestDocsAreCurrent holds the generated pages against the code; -update rewrites them.
func TestDocsAreCurrent(t *testing.T) {
	for name, page := range map[string]string{
		"checks.md":        checksPage(),
		"commands.md":      commandsPage(),
		"exit-statuses.md": exitPage(),
	} {
		path := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(page, string(have)); d != "" {
			t.Errorf("%s is not what the code says; go test ./internal/cli -run TestDocsAreCurrent -update (-want +got):\n%s", name, d)
		}
	}
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func checksPage() string {
	var b strings.Builder
	cat := checks.Catalogue()
	fmt.Fprintf(&b, "# Checks\n\nGenerated from the catalogue. `slpdoctor explain CHECK-ID` tells more about each: what it reads, what\n"+
		"explains it, and its fixes.\n\n%d checks of IOS XE, and %d of vManage (`recon-` and `vmanage-`). A check's severity is that of its failure unless the verdict says otherwise.\n", len(cat.Checks), len(cat.Manager))
	group := ""
	for _, k := range cat.Everything() {
		if g, _, _ := strings.Cut(k.ID, "-"); g != group {
			group = g
			fmt.Fprintf(&b, "\n## %s\n\n| check | holds when it passes | why it matters | severity | explained by |\n|---|---|---|---|---|\n", group)
		}
		var by []string
		for _, e := range k.Causes {
			id := "`" + e.Check.ID + "`"
			if len(by) == 0 || by[len(by)-1] != id {
				by = append(by, id)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.ID, cell(k.Title), cell(k.Why), k.Severity, strings.Join(by, ", "))
	}
	return b.String()
}

func commandsPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What may be sent to a device\n\nGenerated from the catalogue, which is also what the guard lets through: nothing else ever leaves.\n"+
		"Parameters stand in braces, optional parts in brackets. `slpdoctor commands --as ios-view` and `--as tacacs`\n"+
		"print the lines of IOS XE for command authorization. A device gets the lines of its platform and no others.\n")
	for _, p := range platforms {
		fmt.Fprintf(&b, "\n## %s\n\n| line | what for |\n|---|---|\n", p.name)
		for _, l := range p.session {
			fmt.Fprintf(&b, "| `%s` | the session itself |\n", l)
		}
		for _, c := range p.lines() {
			where := ""
			if c.Inside != "" {
				where = " (typed in " + c.Inside + ")"
			}
			fmt.Fprintf(&b, "| `%s` | %s%s |\n", cell(shown(c)), cell(c.Purpose), where)
		}
	}
	return b.String()
}

func exitPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Exit statuses\n\n| status | when |\n|---|---|\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(&b, "| %d | %s |\n", s.code, s.when)
	}
	fmt.Fprintf(&b, "\nFindings win over incompleteness; the JSON carries both. A finding is a check that fails, is not explained by\n"+
		"another failing check and is not waived. Warnings count only with `--warn-fails`. `--exit-zero` turns 1 and 3\n"+
		"into 0. `--fail-on` takes one of: ")
	var words []string
	for _, s := range diag.Severities {
		words = append(words, "`"+string(s)+"`")
	}
	fmt.Fprintf(&b, "%s.\n\n`slpdoctor demo` exits 0 when it ran, because findings are its purpose.\n", strings.Join(words, ", "))
	return b.String()
}

// TestREADMETranscript holds the README's transcript against what demo prints: every line occurs, in order,
// and nothing is left out where the transcript does not say so.
func TestREADMETranscript(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "<!-- transcript: ")
	_, rest, ok2 := strings.Cut(rest, "```\n")
	want, _, ok3 := strings.Cut(rest, "```\n")
	if !ok || !ok2 || !ok3 {
		t.Fatal("the README has no transcript")
	}
	var out, errs bytes.Buffer
	env := Env{In: strings.NewReader(""), Out: &out, Err: &errs, Width: 80, Getenv: func(string) string { return "" }, Now: time.Now, Context: t.Context()}
	if code := Main([]string{"demo"}, env); code != 0 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	have := strings.Split(out.String(), "\n")
	at, skipped := 0, true
	for line := range strings.Lines(want) {
		line = strings.TrimSuffix(line, "\n")
		if line == "[...]" {
			skipped = true
			continue
		}
		i := slices.Index(have[at:], line)
		if i < 0 || i > 0 && !skipped {
			t.Fatalf("the transcript's line %q is not what demo prints next; it prints %q", line, have[at])
		}
		at, skipped = at+i+1, false
	}
}
