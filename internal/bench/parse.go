package main

import (
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sirikothe/gotextfsm"

	"slpdoctor/checks"
	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
)

// capturesDir holds whole devices, a folder each; the benchmark runs at the top of the source tree.
const capturesDir = "testdata/captures"

// A way of reading is one pass over all texts; it returns how long it took, or what it could not read.
type way struct {
	name string
	pass func() (time.Duration, error)
}

// parsing prints how fast licence answers are read and a device is judged: by this program, by a scanner
// that only cuts lines at ": ", and by gotextfsm, which compiles the rules of a template anew for every line.
func parsing(out io.Writer, rounds int) error {
	from := capturesDir
	if dir := os.Getenv("SLPDOCTOR_CORPUS"); dir != "" {
		from = "the corpus"
	}
	fmt.Fprintf(out, "licence answers of %s, medians of %d rounds in which all take turns\n\n", from, rounds)
	fmt.Fprintf(out, "%-26s %-18s %9s %8s %9s %12s\n", "command", "read by", "answers", "KB", "MB/s", "us/answer")
	for _, q := range []*diag.Command{&iosxe.ShowLicenseAll.Command, &iosxe.ShowLicenseTechSupport.Command} {
		if err := parsingOf(out, q, rounds); err != nil {
			return err
		}
	}
	return evaluation(out, rounds)
}

func parsingOf(out io.Writer, cmd *diag.Command, rounds int) error {
	texts, err := answersTo(cmd)
	if err != nil {
		return err
	}
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	fsm, err := compile(cmd)
	if err != nil {
		return err
	}
	ways := []way{
		{"slpdoctor", each(texts, func(s string) error { return parse(cmd, s, false) })},
		{"slpdoctor, tree too", each(texts, func(s string) error { return parse(cmd, s, true) })},
		{"line scanner", each(texts, naive)},
		{"gotextfsm", each(texts, func(s string) error { return textfsm(s, fsm) })},
	}
	took, err := turns(ways, rounds)
	if err != nil {
		return fmt.Errorf("reading %s: %w", cmd, err)
	}
	for i, w := range ways {
		fmt.Fprintf(out, "%-26s %-18s %9d %8.0f %9.1f %12.1f\n", cmd, w.name, len(texts), float64(size)/1e3,
			float64(size)/1e6/took[i].Seconds(), took[i].Seconds()*1e6/float64(len(texts)))
	}
	fmt.Fprintf(out, "%-26s slpdoctor takes %.2f of the time of the line scanner, %.3f of that of gotextfsm\n\n", cmd,
		took[0].Seconds()/took[2].Seconds(), took[0].Seconds()/took[3].Seconds())
	return nil
}

// answersTo are the answers to a command in the corpus, or in the captures when there is none.
func answersTo(cmd *diag.Command) ([]string, error) {
	var paths []string
	if dir := os.Getenv("SLPDOCTOR_CORPUS"); dir != "" {
		manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
		if err != nil {
			return nil, err
		}
		for row := range strings.Lines(string(manifest)) {
			if cells := strings.Split(row, "\t"); len(cells) > 1 && cells[1] == cmd.String() {
				paths = append(paths, filepath.Join(dir, cells[0]))
			}
		}
	} else {
		var err error
		if paths, err = filepath.Glob(filepath.Join(capturesDir, "*", bundle.Slug(cmd.String())+".txt")); err != nil {
			return nil, err
		}
	}
	var texts []string
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		texts = append(texts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("no answers to %q: run at the top of the source tree, or set SLPDOCTOR_CORPUS", cmd)
	}
	return texts, nil
}

// each is a pass of read over the texts.
func each(texts []string, read func(string) error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		start := time.Now()
		for _, s := range texts {
			if err := read(s); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

// round is how long a way is repeated before it is the next one's turn.
const round = 200 * time.Millisecond

// turns is the median time of a pass of each way.
func turns(ways []way, rounds int) ([]time.Duration, error) {
	all := make([][]time.Duration, len(ways))
	for range rounds {
		for i, w := range ways {
			var sum time.Duration
			n := 0
			for start := time.Now(); n == 0 || time.Since(start) < round; n++ {
				took, err := w.pass()
				if err != nil {
					return nil, fmt.Errorf("by %s: %w", w.name, err)
				}
				sum += took
			}
			all[i] = append(all[i], sum/time.Duration(n))
		}
	}
	out := make([]time.Duration, len(ways))
	for i, times := range all {
		slices.Sort(times)
		out[i] = times[len(times)/2]
	}
	return out, nil
}

func parse(cmd *diag.Command, text string, tree bool) error {
	p := cmd.Parse(diag.Capture{Command: cmd, Line: cmd.String(), Text: text, Outcome: diag.OK})
	if p.Facts == nil {
		return fmt.Errorf("nothing was recognised: %s", p.Problem)
	}
	if tree && len(p.Tree()) == 0 {
		return fmt.Errorf("the tree is empty")
	}
	return nil
}

// naive keeps the last value of every label: the least that a reader of such answers can do.
func naive(text string) error {
	fields := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if label, value, ok := strings.Cut(line, ": "); ok {
			fields[strings.TrimSpace(label)] = strings.TrimSpace(value)
		}
	}
	if len(fields) == 0 {
		return fmt.Errorf("no fields")
	}
	return nil
}

//go:embed textfsm
var templates embed.FS

// compile is the template of a command, written as those of ntc-templates are.
func compile(cmd *diag.Command) (fsm gotextfsm.TextFSM, err error) {
	template, err := templates.ReadFile("textfsm/" + strings.ReplaceAll(cmd.String(), " ", "_") + ".textfsm")
	if err != nil {
		return fsm, err
	}
	if err := fsm.ParseString(string(template)); err != nil {
		return fsm, fmt.Errorf("compiling the template of %s: %w", cmd, err)
	}
	return fsm, nil
}

// textfsm reads by a template.
func textfsm(text string, fsm gotextfsm.TextFSM) error {
	var p gotextfsm.ParserOutput
	if err := p.ParseTextString(text, fsm, true); err != nil {
		return err
	}
	if len(p.Dict) == 0 {
		return fmt.Errorf("no record")
	}
	return nil
}

// evaluation prints how long every check takes on the whole devices of the captures.
func evaluation(out io.Writer, rounds int) error {
	cat := checks.Catalogue()
	plan := engine.Plan(cat)
	src, err := bundle.Open(capturesDir, nil, iosxe.Catalogue())
	if err != nil {
		return err
	}
	var devices []bundle.Evidence
	for d, err := range src.Devices() {
		if err != nil {
			return err
		}
		devices = append(devices, d)
	}
	judge := func(read bool) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			var took time.Duration
			for _, d := range devices {
				f := diag.NewFacts(d.Device, d.Captures...)
				if read {
					for _, c := range d.Captures {
						f.Parsed(c.Command)
					}
				}
				start := time.Now()
				r := cat.Examine(f, plan)
				took += time.Since(start)
				if len(r.Results) != len(cat.Checks) {
					return 0, fmt.Errorf("%d results", len(r.Results))
				}
			}
			return took, nil
		}
	}
	took, err := turns([]way{{"all checks, answers read before", judge(true)}, {"all checks, answers read too", judge(false)}}, rounds)
	if err != nil {
		return fmt.Errorf("evaluating: %w", err)
	}
	us := func(d time.Duration) float64 { return d.Seconds() * 1e6 / float64(len(devices)) }
	fmt.Fprintf(out, "evaluation of one of %d devices, %d checks: %.0f us, with reading its answers %.0f us\n", len(devices), len(cat.Checks),
		us(took[0]), us(took[1]))
	return nil
}
