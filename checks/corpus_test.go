package checks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/topology"
)

// TestCorpus judges every real output, alone, in every topology: no check may panic, and what a check
// says must stand in the output.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("SLPDOCTOR_CORPUS")
	if dir == "" {
		t.Skip("SLPDOCTOR_CORPUS does not name a folder with real outputs")
	}
	files, err := filepath.Glob(filepath.Join(dir, "outputs", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no outputs in %s: %v", dir, err)
	}
	all := checks.Catalogue()
	judged := 0
	for _, path := range files {
		slug := filepath.Base(filepath.Dir(path))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range asks(slug) {
			line := c.Template.String()
			if !c.Template.Fixed() {
				line = strings.ReplaceAll(slug, "-", " ")
			}
			dev := &device{answers: map[string]string{line: strings.ReplaceAll(string(text), "\r\n", "\n")}}
			f := diag.NewFacts(diag.Device{Name: filepath.Base(path)}, diag.Capture{Command: c, Line: line, Text: dev.answers[line], Outcome: diag.OK})
			for _, id := range append(diag.TopologyIDs(), "inferred") {
				if f.Topology = (diag.Topology{ID: id, Declared: true}); id == "inferred" {
					f.Topology, f.NoTopology = topology.Infer(f)
				}
				for i, r := range all.Judge(f) {
					proves(t, dev, all.Checks[i], r)
				}
			}
			judged++
		}
	}
	if judged < 40 {
		t.Errorf("only %d outputs belong to a command that a check reads", judged)
	}
}
