package notify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocs loads the configuration of the manual, and holds its examples against what the program prints.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	_, rest, _ := strings.Cut(page, "   ```yaml\n")
	config, _, ok := strings.Cut(rest, "   ```\n")
	if !ok {
		t.Fatal("the page has no configuration")
	}
	path := filepath.Join(t.TempDir(), "notify.yaml")
	write(t, path, strings.ReplaceAll("\n"+config, "\n   ", "\n"))
	c, _, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Receivers {
		if line := "   " + r.Name + ": " + r.Describe() + "\n"; !strings.Contains(page, line) {
			t.Errorf("the page does not have %q", line)
		}
	}
	if line := "   tickets: delivered to " + c.Receivers[3].channel.where() + "\n"; !strings.Contains(page, line) {
		t.Errorf("the page does not have %q", line)
	}
	var printed strings.Builder
	for _, name := range []string{"mail.eml", "syslog.txt"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		printed.Write(b)
	}
	sent := strings.ReplaceAll(printed.String(), "=3D", "=")
	_, rest, _ = strings.Cut(page, "**Mail**")
	mail, rest, _ := strings.Cut(strings.SplitN(rest, "```\n", 2)[1], "```")
	_, rest, _ = strings.Cut(rest, "```\n")
	record, _, _ := strings.Cut(rest, "```")
	for line := range strings.Lines(mail + record) {
		if !strings.Contains(sent, line) {
			t.Errorf("the page shows %q, which is not what is sent", line)
		}
	}
}
