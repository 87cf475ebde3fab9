package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/mask"
)

// parseDocument is the JSON document of one parsed answer, kind "parse".
type parseDocument struct {
	Schema   int         `json:"schema"`
	Kind     string      `json:"kind"`
	Command  string      `json:"command"`
	Facts    any         `json:"facts"`
	Tree     []treeNode  `json:"tree"`
	Unparsed []diag.Line `json:"unparsed"`
}

// treeNode is diag.Node for the schema, which can not describe a type that holds itself.
type treeNode struct {
	Line     int    `json:"line"`
	Key      string `json:"key"`
	Value    string `json:"value"`
	Children []any  `json:"children"`
}

// parseLimit is the largest answer that parse reads.
const parseLimit = 64 << 20

func newParse(a *app) *cobra.Command {
	var line string
	c := &cobra.Command{
		Use:   "parse --command 'show ...' [FILE]",
		Short: "Turn one device output into JSON facts (FILE, or - for stdin)",
		Example: "  slpdoctor parse --command 'show license status' status.txt\n" +
			"  ssh r1 'show license tech support' | slpdoctor parse --command 'sh lic tech'",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if line == "" {
				return usage(errors.New("parse needs --command 'show ...'"), "slpdoctor commands lists what it reads")
			}
			cmd, ok := iosxe.Find(line)
			if !ok {
				return usage(fmt.Errorf("--command %q is not a command this program knows, or is ambiguous", line),
					"slpdoctor commands lists what it reads")
			}
			text, err := a.readInput(args)
			if err != nil {
				return usage(err, "")
			}
			return a.parse(cmd, line, text)
		},
	}
	c.Flags().StringVar(&line, "command", "", "the `LINE` whose output this is; unique abbreviations will do")
	return c
}

func (a *app) parse(cmd *diag.Command, line, text string) error {
	if cmd.Template.Fixed() {
		line = cmd.String()
	}
	p := cmd.Parse(diag.Capture{Command: cmd, Line: line, Text: mask.Text(text), Outcome: diag.OK})
	d := struct {
		Schema   int         `json:"schema"`
		Kind     string      `json:"kind"`
		Command  string      `json:"command"`
		Facts    any         `json:"facts"`
		Tree     []diag.Node `json:"tree"`
		Unparsed []diag.Line `json:"unparsed"`
	}{diag.SchemaVersion, "parse", line, p.Facts, p.Tree(), p.Unparsed}
	if d.Facts == nil {
		d.Facts = struct{}{}
	}
	if d.Tree == nil {
		d.Tree = []diag.Node{}
	}
	if d.Unparsed == nil {
		d.Unparsed = []diag.Line{}
	}
	switch p.Problem {
	case diag.Cut:
		a.hint("the output is cut: facts that are missing may be behind the cut")
	case diag.Unparsed:
		a.hint("this does not look like the output of %q", line)
	}
	return a.write("", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(d)
	})
}

// readInput is the text of the only argument, or of stdin.
func (a *app) readInput(args []string) (string, error) {
	var r io.Reader = a.In
	name := "standard input"
	if len(args) == 1 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return "", err
		}
		defer f.Close()
		r, name = f, args[0]
	}
	b, err := io.ReadAll(io.LimitReader(r, parseLimit+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("reading %s: %w", name, err)
	case len(b) > parseLimit:
		return "", fmt.Errorf("reading %s: larger than %d MiB", name, parseLimit>>20)
	case bytes.IndexByte(b[:min(len(b), 4096)], 0) >= 0:
		return "", fmt.Errorf("reading %s: this is not text", name)
	}
	return string(b), nil
}
