package iosxe

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
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

func (s sample) parse() diag.Parsed {
	return s.command.Parse(diag.Capture{Command: s.command, Line: s.line, Text: s.text, Outcome: diag.OK})
}

// linesOf gives the manifest's commands that are no lines a line that Find knows.
var linesOf = map[string]string{
	"show license rum id <id> detail":         "show license rum id 1634211151 detail",
	"show license all (ASA, NOT IOS XE)":      "show license all",
	"show running-config | include transport": "show running-config",
	"ping <x>":                          "ping 192.0.2.1",
	"show running-config | include ...": "show running-config",
}

// notRead are commands of the corpus without an entry in the catalogue.
var notRead = []string{"show call-home statistics"}

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
		if len(cells) < 2 || slices.Contains(notRead, cells[1]) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, cells[0]))
		if err != nil {
			t.Fatal(err)
		}
		s := sample{name: cells[0], line: cells[1], text: string(text)}
		if l, ok := linesOf[s.line]; ok {
			s.line = l
		}
		var ok bool
		if s.command, ok = Find(s.line); !ok {
			t.Errorf("%s: the catalogue has no command for %q", s.name, s.line)
			continue
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatalf("no samples in %s", dir)
	}
	return out
}

// TestCorpusRead holds that every real output is read as what it is, and how much of it is not understood.
func TestCorpusRead(t *testing.T) {
	type tally struct{ lines, unparsed int }
	per := map[string]tally{}
	for _, s := range corpus(t) {
		p := s.parse()
		if p.Facts == nil || p.Problem != "" {
			t.Errorf("%s: read as %q", s.name, p.Problem)
		}
		n := per[s.command.String()]
		for l := range strings.Lines(s.text) {
			if strings.TrimSpace(l) != "" {
				n.lines++
			}
		}
		n.unparsed += len(p.Unparsed)
		per[s.command.String()] = n
		for _, l := range p.Unparsed {
			t.Logf("%s:%d: %s", s.name, l.Number, l.Text)
		}
	}
	for _, command := range slices.Sorted(maps.Keys(per)) {
		n := per[command]
		t.Logf("%5d lines, %3d unparsed: %s", n.lines, n.unparsed, command)
		if strings.HasPrefix(command, "show license") && n.unparsed*50 >= n.lines {
			t.Errorf("%s: %d of %d lines are unparsed, 2 %% or more", command, n.unparsed, n.lines)
		}
	}
}

// TestCorpusLossless holds that every non-blank line stands in the tree on its number with its own words.
func TestCorpusLossless(t *testing.T) {
	for _, s := range corpus(t) {
		lossless(t, s.name, s.text, s.parse().Tree())
	}
}

// lossless checks a tree against its text.
func lossless(t *testing.T, name, text string, tree []diag.Node) {
	t.Helper()
	nodes := map[int]diag.Node{}
	var walk func([]diag.Node, int)
	walk = func(all []diag.Node, parent int) {
		for _, n := range all {
			if n.Line != parent { // a cell has the line of its row
				if _, twice := nodes[n.Line]; twice {
					t.Errorf("%s:%d: stands in the tree twice", name, n.Line)
				}
				nodes[n.Line] = n
			}
			walk(n.Children, n.Line)
		}
	}
	walk(tree, 0)
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.Trim(line, " \t\r")
		n, ok := nodes[number]
		delete(nodes, number)
		switch rest, begins := strings.CutPrefix(line, n.Key); {
		case ok != (line != ""):
			t.Errorf("%s:%d: in the tree %v: %q", name, number, ok, line)
		case !begins, strings.TrimLeft(strings.TrimSuffix(rest, n.Value), " \t:") != "":
			t.Errorf("%s:%d: %q is in the tree as %q and %q", name, number, line, n.Key, n.Value)
		}
	}
	for number := range nodes {
		t.Errorf("%s:%d: is in the tree and not in the text", name, number)
	}
}

// TestCorpusCut cuts every real output after each of some lines, gives every output to every other command,
// and expects no crash, and no licensing state out of what is no licence answer.
func TestCorpusCut(t *testing.T) {
	for _, s := range corpus(t) {
		for i := 0; i < len(s.text); i += 1 + len(s.text)/40 {
			part := s
			part.text = s.text[:i]
			part.parse().Tree()
		}
		for _, c := range catalogue {
			other := sample{name: s.name, line: c.String(), command: c, text: s.text}
			p := other.parse()
			if _, licence := p.Facts.(*License); licence && !strings.Contains(s.name, "show-license") {
				t.Errorf("%s: taken for an answer to %s", s.name, c)
			}
		}
	}
}
