package cli

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/message"
)

// TestMessagesPageIsCurrent holds the generated page against the catalogue; -update rewrites it.
func TestMessagesPageIsCurrent(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "messages.md")
	page := messagesPage()
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
		t.Errorf("messages.md is not what the code says; go test ./internal/cli -run TestMessagesPageIsCurrent -update (-want +got):\n%s", d)
	}
}

func messagesPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Messages and manual steps\n\nGenerated from the catalogue. `slpdoctor explain MNEMONIC` and `slpdoctor explain '<log line>'` tell the same in\n"+
		"the terminal, the latter with the values of the line.\n\nA message is matched by facility and mnemonic, whatever severity a release gives it. %d messages, %d manual steps.\n\n",
		len(message.All()), len(message.Steps()))
	fmt.Fprintf(&b, "| message | kind | ended by | checks |\n|---|---|---|---|\n")
	for _, m := range message.All() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", m.ID(), strings.ToLower(m.ID()), m.Kind, quoted(m.Endings()), quoted(m.Checks))
	}
	for _, m := range message.All() {
		messageSection(&b, m)
	}
	fmt.Fprintf(&b, "\n## What failure texts point at\n\nThe detail of a message, and `Failure Reason:` of `show license tech support`, is one of:\n\n"+
		"| kind | meaning | checks to look at first |\n|---|---|---|\n")
	for _, f := range message.Failures() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Class, cell(f.Meaning), quoted(f.Checks))
	}
	fmt.Fprintf(&b, "\n## Manual steps\n\nWhat a person has to look at or do where this program does not reach.\n\n| step | where | what | source |\n|---|---|---|---|\n")
	for _, s := range message.Steps() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.ID, s.Where, cell(s.Do), s.Source)
	}
	return b.String()
}

func quoted(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, "`"+id+"`")
	}
	return strings.Join(out, ", ")
}

func messageSection(b *strings.Builder, m message.Message) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", m.ID(), m.Meaning)
	if len(m.Templates) > 0 {
		fmt.Fprintf(b, "\n```\n")
		for _, t := range m.Templates {
			fmt.Fprintf(b, "%%%s-%d-%s: %s\n", m.Facility, m.Severity, m.Mnemonic, t)
		}
		fmt.Fprintf(b, "```\n")
	}
	for i, name := range slices.Sorted(maps.Keys(m.Variables)) {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "- `{%s}`: %s\n", name, m.Variables[name])
	}
	if m.Cadence != "" {
		fmt.Fprintf(b, "\nPrinted %s.\n", m.Cadence)
	}
	for i, c := range m.Causes {
		if i == 0 {
			fmt.Fprintf(b, "\nCauses, the most likely first:\n\n")
		}
		fmt.Fprintf(b, "%d. %s\n", i+1, c.Text)
	}
	for i, a := range m.Actions {
		if i == 0 {
			fmt.Fprintf(b, "\n| topology | when | what to do |\n|---|---|---|\n")
		}
		where := "all"
		if a.Applies != 0 {
			where = topologyNames(a.Applies)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", where, cell(a.When), cell(strings.Join(a.Steps, "<br>")))
	}
	fmt.Fprintf(b, "\nSource: %s\n", m.Source)
}
