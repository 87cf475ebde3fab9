package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fixplan"
	"slpdoctor/internal/report"
	"slpdoctor/internal/rundiff"
	"slpdoctor/internal/transition"
)

// output is where reports go and what makes the exit status.
type output struct {
	specs     []string
	failOn    string
	warnFails bool
	exitZero  bool
	fixPlan   string
	silent    bool // no report but those of specs: standard output belongs to something else
	waivers   waivers
	schedule  report.Schedule // of the job, for metrics
	before    *rundiff.Side   // what is known of the runs before this one, for metrics; nil without a history

	targets []report.Target
	tickets []fixplan.Device // of a run whose captures are at hand; nil when they are not
}

func (o *output) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&o.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: "+strings.Join(report.Formats(), ", ")+" (default table)")
	f.StringVar(&o.failOn, "fail-on", "medium", "lowest `SEVERITY` of a finding that makes exit status 1: critical, high, medium, low or info")
	f.BoolVar(&o.warnFails, "warn-fails", false, "warnings count like findings")
	f.BoolVar(&o.exitZero, "exit-zero", false, "findings and incompleteness do not set the exit status")
	f.StringVar(&o.fixPlan, "fix-plan", "", "write a change ticket per root cause and device, with its lines and their rollback, into a new `DIR`")
	o.waivers.flags(c)
}

// giveWay leaves standard output to another document: the -o without a path are of its formats, those with one are of
// the run, as before.
func (o *output) giveWay(formats []string) ([]form, error) {
	var theirs, ours []string
	for _, spec := range o.specs {
		if strings.Contains(spec, "=") {
			ours = append(ours, spec)
		} else {
			theirs = append(theirs, spec)
		}
	}
	o.specs, o.silent = ours, len(ours) == 0
	return parseForms(theirs, formats...)
}

func (o *output) check() error {
	var err error
	if o.targets, err = report.ParseTargets(o.specs); err != nil {
		return usage(err, "")
	}
	if o.silent {
		o.targets = nil
	}
	if !slices.Contains(diag.Severities, diag.Severity(o.failOn)) {
		return usage(fmt.Errorf("--fail-on is %q: want critical, high, medium, low or info", o.failOn), "")
	}
	if err := o.waivers.load(); err != nil {
		return err
	}
	if o.fixPlan != "" {
		return usage(fixplan.Claim(o.fixPlan), "give --fix-plan a folder that does not exist or is empty")
	}
	return nil
}

// reachable tries the places of the reports before the work that they are of is done. The folders that the bundle will
// make are not there yet.
func (o *output) reachable(bundle string) error {
	for _, t := range o.targets {
		if t.Path == "" {
			continue
		}
		err := tryFile(t.Path)
		if down, outside := filepath.Rel(filepath.Dir(t.Path), bundle); bundle != "" && outside == nil && filepath.IsLocal(down) && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return usage(fmt.Errorf("-o %s=%s cannot be written: %w", t.Format, t.Path, err), "give -o a file in a folder that exists and that this user can write to")
		}
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

// deliver writes the report to every target, also after one that fails, and returns the exit status as an
// error.
func (a *app) deliver(o *output, r *diag.Report) error {
	var failed []error
	for _, t := range o.targets {
		options := a.reportOptions(t.Path)
		options.Schedule = o.scheduled(r)
		if err := a.writeFile(t.Path, t.Mode, func(w io.Writer) error { return t.Write(w, r, options) }); err != nil {
			failed = append(failed, fmt.Errorf("writing the %s report: %w", t.Format, err))
		}
	}
	if o.fixPlan != "" {
		if err := o.writePlan(r); err != nil {
			failed = append(failed, fmt.Errorf("writing the fix plan: %w", err))
		}
	}
	if len(failed) > 0 {
		hint := ""
		if len(failed) < len(o.targets) {
			hint = "the other reports are complete"
		}
		return &exit{engine.ExitInternal, errors.Join(failed...), hint}
	}
	return a.gate(o, r)
}

// scheduled is what the metrics say beside a run: what it did not see stands as it was known before.
func (o *output) scheduled(r *diag.Report) report.Schedule {
	s := o.schedule
	if o.before != nil {
		s.Standing = func() (diag.Summary, error) {
			devices, err := devicesOf(r)
			if err != nil {
				return diag.Summary{}, err
			}
			standing := transition.Standing(o.before, devices, func(d *diag.DeviceResult) { o.waivers.apply(d, r.Run.Started) })
			return summarise(r.Tool, r.Run, standing).Summary, nil
		}
	}
	return s
}

// ticket takes in a device for the fix plan, if one is asked for.
func (o *output) ticket(i int, d diag.DeviceResult, captures []diag.Capture) {
	if o.fixPlan == "" {
		return
	}
	for len(o.tickets) <= i {
		o.tickets = append(o.tickets, fixplan.Device{})
	}
	o.tickets[i] = fixplan.Of(d, captures, o.warnFails)
}

func (o *output) writePlan(r *diag.Report) error {
	if o.tickets == nil {
		i := 0
		for d, err := range r.Devices {
			if err != nil {
				return err
			}
			o.ticket(i, d, nil)
			i++
		}
	}
	p := fixplan.Plan{Devices: o.tickets, Why: func(id string) string {
		if k := checks.Catalogue().Find(id); k != nil {
			return k.Why
		}
		return ""
	}}
	return fixplan.Write(o.fixPlan, p.Files(r))
}

// gate is the exit status of a report.
func (a *app) gate(o *output, r *diag.Report) error {
	fold := engine.Fold{Outlasts: outlasts}
	g := engine.Gate{FailOn: diag.Severity(o.failOn), WarnFails: o.warnFails, ExitZero: o.exitZero}
	for d, err := range r.Devices {
		if err != nil {
			return &exit{engine.ExitInternal, err, ""}
		}
		g.Add(d, &fold)
	}
	if a.Context.Err() != nil {
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

// write sends a document to stdout, or to a file that only its owner can read.
func (a *app) write(path string, doc func(io.Writer) error) error {
	return a.writeFile(path, 0o600, doc)
}

// writeFile sends a document to stdout, or to a file that appears whole or not at all. What is there and is no
// plain file, like /dev/stderr or a named pipe, is written to, not replaced.
func (a *app) writeFile(path string, mode fs.FileMode, doc func(io.Writer) error) (err error) {
	if path == "" {
		return buffered(a.Out, doc)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(buffered(f, doc), f.Close())
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
	if err := buffered(f, doc); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
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

// tryFile reports why writeFile could not write to path. What is no plain file is not touched: a pipe may have no reader
// yet.
func tryFile(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return errors.New("it is a folder")
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func buffered(w io.Writer, doc func(io.Writer) error) error {
	b := bufio.NewWriter(w)
	if err := doc(b); err != nil {
		return err
	}
	return b.Flush()
}

// hint says something on stderr that is not part of the document.
func (a *app) hint(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.Err, "slpdoctor: %s\n", cleanLines(fmt.Sprintf(format, args...)))
	}
}
