package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/report"
	"slpdoctor/internal/rundiff"
)

func diffSchema() (*jsonschema.Schema, error) { return jsonschema.For[rundiff.Document](nil) }

// diffFormats are the formats of a comparison, the default first.
var diffFormats = []string{"table", "json", "markdown"}

const allowHelp = "a change that was meant, `WHAT`: release, topology, url or another kind of fact, check:GLOB, device:GLOB; repeatable, or with commas"

func newDiff(a *app) *cobra.Command {
	var specs, allow []string
	var w waivers
	c := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Compare two runs or bundles: what is worse than before, times and growing counters ignored",
		Long: "Compare two runs, for example from before and after a change. BEFORE and AFTER are bundles of run --save or\n" +
			"collect, or anything else that check reads: these are judged anew, both by this version. Or they are the\n" +
			"JSON of a run (-o json), taken as it is. Devices are paired by UDI, then by name. Nothing is contacted.\n\n" +
			allowed() + "\nExit status:\n    0  no regression, or only such as --allow names\n    1  something is worse than before, or can no longer be seen\n" +
			"    2  usage error, or a side cannot be read\n    3  nothing could be compared: no device was examined in both runs\n",
		Example: "  slpdoctor run -i inventory.yaml --save before/\n  slpdoctor run -i inventory.yaml --save after/\n" +
			"  slpdoctor diff before/ after/ --allow release\n  slpdoctor diff before/ after/ -o markdown > ticket.md",
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			forms, err := parseForms(specs, diffFormats...)
			if err != nil {
				return err
			}
			expected, err := rundiff.ParseAllow(allow)
			if err != nil {
				return usage(err, "")
			}
			if args[0] == "-" && args[1] == "-" {
				return usage(errors.New("standard input can be read once"), "name a file instead of one of the -")
			}
			if err := w.load(); err != nil {
				return err
			}
			before, err := a.side(args[0])
			if err != nil {
				return err
			}
			after, err := a.side(args[1])
			if err != nil {
				return err
			}
			now := a.Now()
			w.side(&before, now)
			w.side(&after, now)
			return a.compare(forms, before, after, rundiff.Options{Allow: expected, Outlasts: outlasts})
		},
	}
	f := c.Flags()
	f.StringArrayVarP(&specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: "+strings.Join(diffFormats, ", ")+" (default table)")
	f.StringSliceVar(&allow, "allow", nil, allowHelp)
	w.flags(c)
	return c
}

// allowed lists what --allow takes, for the help.
func allowed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "What --allow takes:\n")
	for _, k := range rundiff.Kinds {
		fmt.Fprintf(&b, "  %-16s %s\n", k.Name, k.Means)
	}
	fmt.Fprintf(&b, "  %-16s %s\n  %-16s %s\n", "check:GLOB", "verdicts of these checks", "device:GLOB", "everything about these devices, by name")
	return b.String()
}

// compare writes the comparison and returns the exit status as an error.
func (a *app) compare(forms []form, before, after rundiff.Side, o rundiff.Options) error {
	d := rundiff.Compare(diag.Tool{Name: "slpdoctor", Version: version()}, before, after, o)
	err := a.emit(forms, func(w io.Writer, format string) error {
		switch format {
		case "json":
			return encode(w, d, "  ")
		case "markdown":
			return diffMarkdown(w, d)
		}
		return a.diffTable(w, d)
	})
	switch {
	case err != nil:
		return err
	case a.Context.Err() != nil:
		return status(engine.ExitInterrupt)
	case d.Regressed():
		return status(engine.ExitFindings)
	case d.Summary.Examined == 0:
		return status(engine.ExitIncomplete)
	}
	return nil
}

// side reads one side of a comparison: the JSON of a run as it is, and what check reads, judged anew.
func (a *app) side(path string) (rundiff.Side, error) {
	var text []byte
	if info, err := os.Stat(path); path == "-" || err == nil && info.Mode().IsRegular() {
		if text, err = readAll(a.In, path); err != nil {
			return rundiff.Side{}, usage(err, "")
		}
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			return recorded(path, text)
		}
	}
	return a.judged(path, text)
}

// recorded is the JSON of a run.
func recorded(path string, text []byte) (rundiff.Side, error) {
	var s rundiff.Side
	if !json.Valid(text) {
		return s, usage(fmt.Errorf("%s: it is not one JSON document", path), "give what -o json wrote, not ndjson and not a part of it")
	}
	r, err := report.ReadLean(text)
	if err != nil {
		return s, usage(fmt.Errorf("%s: %w", path, err), "diff takes bundles and what run or check -o json wrote")
	}
	if r.Run.Mode == "collect" {
		return s, usage(fmt.Errorf("%s: collect made no verdicts", path), "give the folder of the bundle: it is judged then")
	}
	if s, err = reported(path, r); err != nil {
		return s, err
	}
	if len(s.Devices) == 0 {
		return s, usage(fmt.Errorf("%s: there is no device in it", path), "")
	}
	return s, nil
}

// reported is a report as one side.
func reported(source string, r *diag.Report) (rundiff.Side, error) {
	s := rundiff.Side{Source: source, Tool: r.Tool, Run: r.Run, Undated: r.Run.Mode == "check"}
	for d, err := range r.Devices {
		if err != nil {
			return rundiff.Side{}, err
		}
		s.Devices = append(s.Devices, d)
	}
	return slim(s), nil
}

// judged is what check reads. Text is that of a file, which is not read again.
func (a *app) judged(path string, text []byte) (rundiff.Side, error) {
	s := rundiff.Side{Source: path, Undated: true, Tool: diag.Tool{Name: "slpdoctor", Version: version()}, Run: diag.Run{Mode: "check"}}
	world := *a
	if path == "-" {
		world.In = bytes.NewReader(text)
	} else if src, err := bundle.Open(path, a.In, iosxe.Catalogue()); err == nil && src.Manifest != nil {
		s.Run, s.Undated = src.Manifest.Run, false
	}
	var offline checkCommand
	cat, err := offline.choice.catalogue()
	if err != nil {
		return s, err
	}
	head := s.Run
	if s.Devices, err = offline.judge(&world, &head, []string{path}, cat, nil); err != nil {
		return s, err
	}
	if a.Context.Err() != nil {
		return s, status(engine.ExitInterrupt)
	}
	answered := func(d diag.DeviceResult) bool { return len(d.Commands) > 0 }
	if s.Undated && !slices.ContainsFunc(s.Devices, answered) {
		return s, usage(fmt.Errorf("%s: there is no answer of a device in it", path), "see slpdoctor check --help for what can be read")
	}
	return slim(s), nil
}

// slim drops what no comparison looks at: two runs of a large fleet are in memory at once.
func slim(s rundiff.Side) rundiff.Side {
	for i := range s.Devices {
		report.Lean(&s.Devices[i])
	}
	return s
}
