package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/report"
)

// output is where reports go and what makes the exit status.
type output struct {
	specs     []string
	failOn    string
	warnFails bool
	exitZero  bool

	targets []report.Target
}

func (o *output) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&o.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: table, json, ndjson, yaml (default table)")
	f.StringVar(&o.failOn, "fail-on", "medium", "lowest `SEVERITY` of a finding that makes exit status 1: critical, high, medium, low or info")
	f.BoolVar(&o.warnFails, "warn-fails", false, "warnings count like findings")
	f.BoolVar(&o.exitZero, "exit-zero", false, "findings and incompleteness do not set the exit status")
}

func (o *output) check() error {
	var err error
	if o.targets, err = report.ParseTargets(o.specs); err != nil {
		return usage(err, "")
	}
	if !slices.Contains(diag.Severities, diag.Severity(o.failOn)) {
		return usage(fmt.Errorf("--fail-on is %q: want critical, high, medium, low or info", o.failOn), "")
	}
	return nil
}

var outlasting = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for _, k := range checks.All() {
		ids[k.ID] = k.Outlasts
	}
	return ids
})

// outlasts reports whether a failing check counts although another explains it.
func outlasts(id string) bool { return outlasting()[id] }

// deliver writes the report to every target and returns the exit status as an error.
func (a *app) deliver(o *output, r *diag.Report) error {
	for _, t := range o.targets {
		if err := a.write(t.Path, func(w io.Writer) error { return t.Write(w, r, a.reportOptions(t.Path)) }); err != nil {
			return &exit{engine.ExitInternal, fmt.Errorf("writing the %s report: %w", t.Format, err), ""}
		}
	}
	return o.gate(r)
}

// gate is the exit status of a report.
func (o *output) gate(r *diag.Report) error {
	fold := engine.Fold{Outlasts: outlasts}
	g := engine.Gate{FailOn: diag.Severity(o.failOn), WarnFails: o.warnFails, ExitZero: o.exitZero}
	for d, err := range r.Devices {
		if err != nil {
			return &exit{engine.ExitInternal, err, ""}
		}
		g.Add(d, fold.IsFinding)
	}
	if r.Run.Interrupted {
		return status(engine.ExitInterrupt)
	}
	if n := g.Status(); n != engine.ExitOK {
		return status(n)
	}
	return nil
}

func (a *app) reportOptions(path string) report.Options {
	o := report.Options{Width: a.Width, Outlasts: outlasts}
	switch {
	case a.color == "always":
		o.Color = true
	case a.color == "auto":
		o.Color = path == "" && a.OutTTY && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb"
	}
	if path != "" {
		o.Width = 0
	}
	return o
}

// write sends a document to stdout, or to a file that appears whole or not at all.
func (a *app) write(path string, doc func(io.Writer) error) (err error) {
	if path == "" {
		b := bufio.NewWriter(a.Out)
		if err := doc(b); err != nil {
			return err
		}
		return b.Flush()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriter(f)
	if err := doc(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// hint says something on stderr that is not part of the document.
func (a *app) hint(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.Err, "slpdoctor: "+format+"\n", args...)
	}
}
