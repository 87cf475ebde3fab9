package bundle

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// TestCorpus reads every real output twice: named like its command in the folder of a device, and as a
// pasted log of which only the content says what it is.
func TestCorpus(t *testing.T) {
	root := os.Getenv("SLPDOCTOR_CORPUS")
	if root == "" {
		t.Skip("SLPDOCTOR_CORPUS does not name the folder of real outputs")
	}
	// shared by several commands, or fragments: their names tell, their content can not
	nameless := []string{"show-running-config", "show-crypto-pki-trustpoints", "show-crypto-pki-certificates", "show-license", "show-license-rum", "show-ip-http-server-status", "show-call-home-statistics"}
	files, err := filepath.Glob(filepath.Join(root, "outputs", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("the corpus is empty", err)
	}
	l := newLexicon(iosxe.Catalogue())
	for _, file := range files {
		family := filepath.Base(filepath.Dir(file))
		want := l.file(family)
		if want == nil {
			t.Logf("%s: not in the catalogue", family)
			continue
		}
		text := read(t, file)
		folder := t.TempDir()
		write(t, filepath.Join(folder, "r1", family+".txt"), text)
		has(t, family+" by name", folder, want[0].command)
		if !slices.Contains(nameless, family) {
			has(t, filepath.Join(family, filepath.Base(file))+" by content", file, want[0].command)
		}
	}
}

// has checks that path holds one device with an answer to command.
func has(t *testing.T, name, path string, command *diag.Command) {
	t.Helper()
	s, err := Open(path, nil, iosxe.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	devices := 0
	for e, err := range s.Devices() {
		devices++
		if err != nil || !slices.ContainsFunc(e.Captures, func(c diag.Capture) bool { return c.Command == command }) {
			t.Errorf("%s: no answer to %q, but %s", name, command, describe(e)[:min(300, len(describe(e)))])
		}
	}
	if devices != 1 {
		t.Errorf("%s: %d devices", name, devices)
	}
}
