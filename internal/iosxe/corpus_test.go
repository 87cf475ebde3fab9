package iosxe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

// A sample is one real output of the corpus.
type sample struct {
	name    string // path below the corpus
	line    string // the command of the manifest
	command *diag.Command
	text    string
}

// notOurs are the corpus's commands that the catalogue has no entry for.
var notOurs = map[string]string{
	"show call-home statistics":               "not read",
	"show running-config | include transport": "a filter of its own: the parser of the configuration reads it",
	"ping <x>": "the manifest does not have the line",
}

// corpus reads the samples of the folder that SLPDOCTOR_CORPUS names.
func corpus(t *testing.T) []sample {
	t.Helper()
	dir := os.Getenv("SLPDOCTOR_CORPUS")
	if dir == "" {
		t.Skip("SLPDOCTOR_CORPUS is not set: the real outputs are not read")
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for _, l := range strings.Split(string(manifest), "\n")[1:] {
		cells := strings.Split(l, "\t")
		if len(cells) < 2 {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, cells[0]))
		if err != nil {
			t.Fatal(err)
		}
		s := sample{name: cells[0], line: cells[1], text: string(text)}
		switch cmd, ok := Find(s.line); {
		case ok:
			s.command = cmd
		case strings.HasPrefix(s.line, "ping"):
			s.command = &Ping.Command
		case strings.HasPrefix(s.line, "show running-config"):
			s.command = &RunningServices.Command
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatalf("no samples in %s", dir)
	}
	return out
}

func TestCorpusUnparsed(t *testing.T) {
	type tally struct{ lines, unparsed int }
	per := map[string]*tally{}
	for _, s := range corpus(t) {
		if s.command == nil {
			t.Logf("%s: no command for %q", s.name, s.line)
			continue
		}
		p := s.command.Parse(diag.Capture{Command: s.command, Line: s.line, Text: s.text, Outcome: diag.OK})
		n := per[s.line]
		if n == nil {
			n = &tally{}
			per[s.line] = n
		}
		n.lines += strings.Count(s.text, "\n")
		n.unparsed += len(p.Unparsed)
		if p.Problem != "" {
			t.Logf("%s: %s", s.name, p.Problem)
		}
		for _, l := range p.Unparsed {
			t.Logf("%s:%d: %s", s.name, l.Number, l.Text)
		}
	}
	for k, v := range per {
		t.Logf("%5d lines %4d unparsed %s", v.lines, v.unparsed, k)
	}
}
