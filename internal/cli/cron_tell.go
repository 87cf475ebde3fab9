package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/history"
	"slpdoctor/internal/report"
	"slpdoctor/internal/rundiff"
	"slpdoctor/internal/transition"
)

// What a job remembers beside its runs (history.Store.Note): when something was last so.
const (
	noteTold    = "told"    // start of the last run that came to the end of telling
	noteSuccess = "success" // end of the last run that was completed and examined something
)

// past is what a scheduled run knows of those before it.
type past struct {
	store   *history.Store
	job     string
	before  *rundiff.Side // nil for the first run of the job
	untold  bool          // the run before did not come to the end of telling
	success time.Time     // zero when there was none
}

func remember(ctx context.Context, store *history.Store, job string) (*past, error) {
	p := &past{store: store, job: job}
	last, err := store.Known(ctx, job)
	if err != nil {
		return nil, err
	}
	if p.success, _, err = store.Noted(ctx, job, noteSuccess); err != nil || last == nil {
		return p, err
	}
	p.before = &rundiff.Side{Tool: last.Tool, Run: last.Run, Devices: last.Devices}
	told, _, err := store.Noted(ctx, job, noteTold)
	p.untold = told.UnixMilli() != last.Run.Started.UnixMilli()
	return p, err
}

// tell records a run and says what has changed. The order is such that nothing is ever told twice: first the run is
// recorded, so that the next one is compared with it, then it is told, then it is noted that it was. A process that
// dies in between leaves a run of which the next one says that it may not have been told.
func (k *cron) tell(a *app, o *runCommand, p *past, r *diag.Report) error {
	ctx := context.WithoutCancel(a.Context) // what was found before an interruption is kept
	var series []transition.Series
	failed := p.record(ctx, time.Duration(k.every), r)
	recorded := failed == nil
	if recorded {
		series, failed = p.series(ctx, r)
	}
	devices, err := devicesOf(r)
	if err != nil {
		return &exit{engine.ExitInternal, err, ""}
	}
	out := transition.Tell(transition.Input{Tool: r.Tool, Job: p.job, Next: new(o.schedule.Next), Before: p.before,
		After: rundiff.Side{Tool: r.Tool, Run: r.Run, Devices: devices},
		Zone:  a.Now().Location(), Untold: p.untold, FailOn: diag.Severity(o.failOn), WarnFails: o.warnFails, Outlasts: outlasts,
		Waive:  func(d *diag.DeviceResult) { o.waivers.apply(d, r.Run.Started) },
		Series: series, Opened: p.opened(ctx), Missing: p.lost(ctx), Damped: p.damped(ctx)})
	if recorded {
		failed = errors.Join(failed, p.note(ctx, out, r.Run.Started))
	}
	err = a.emit(slices.DeleteFunc(slices.Clone(k.forms), func(f form) bool { return f.format == "table" && out.Silent() }),
		func(w io.Writer, format string) error {
			if format == "json" {
				return encode(w, out.Document, "  ")
			}
			return a.cronTable(w, &out.Document)
		})
	if recorded {
		o.notifying.deliver(a, &out.Document, k.folder)
		failed = errors.Join(failed, p.succeeded(ctx, r))
		if err == nil {
			failed = errors.Join(failed, p.told(ctx, r))
		}
	}
	switch {
	case failed != nil:
		return &exit{engine.ExitInternal, errors.Join(failed, err), strings.TrimPrefix(hintOf(failed)+"; what is not recorded is told again by the next run", "; ")}
	case err != nil:
		return err
	case a.Context.Err() != nil:
		return status(engine.ExitInterrupt)
	case o.exitZero:
		return nil
	case out.Worse > 0:
		return status(engine.ExitFindings)
	case out.Lost > 0, out.Cut > 0:
		return status(engine.ExitIncomplete)
	}
	return nil
}

// record keeps a run, with what was known before of the devices that it did not reach.
func (p *past) record(ctx context.Context, every time.Duration, r *diag.Report) error {
	devices, err := devicesOf(r)
	if err != nil {
		return err
	}
	known := *r
	known.Devices = report.Slice(transition.Known(p.before, devices))
	return p.store.Record(ctx, history.Recording{Job: p.job, Every: every, Report: &known})
}

// devicesOf are the devices of a report without what is not compared.
func devicesOf(r *diag.Report) ([]diag.DeviceResult, error) {
	var out []diag.DeviceResult
	for d, err := range r.Devices {
		if err != nil {
			return nil, err
		}
		d.Commands = nil
		out = append(out, d)
	}
	return out, nil
}

// series are the states and verdicts that changed in the last runs up to this one.
func (p *past) series(ctx context.Context, r *diag.Report) ([]transition.Series, error) {
	all, err := p.store.Changes(ctx, p.job, transition.FlapMemory)
	if err != nil {
		return nil, err
	}
	var out []transition.Series
	for _, s := range all {
		if s.Part != "state" && !strings.HasPrefix(s.Part, "check:") {
			continue
		}
		t := transition.Series{Device: s.Device, UDI: s.UDI, Part: s.Part}
		for _, v := range s.Points {
			t.Points = append(t.Points, transition.Point{At: v.At, Value: v.Value, Now: v.At.UnixMilli() == r.Run.Started.UnixMilli()})
		}
		out = append(out, t)
	}
	return out, nil
}

// note remembers what flaps, and what does not any more.
func (p *past) note(ctx context.Context, out transition.Outcome, at time.Time) error {
	var errs []error
	for _, key := range out.Damp {
		errs = append(errs, p.store.Note(ctx, p.job, key, at))
	}
	for _, key := range out.Clear {
		errs = append(errs, p.store.Note(ctx, p.job, key, time.Unix(0, 0)))
	}
	return errors.Join(errs...)
}

// told remembers that a run has come to the end of telling.
func (p *past) told(ctx context.Context, r *diag.Report) error {
	return p.store.Note(ctx, p.job, noteTold, r.Run.Started)
}

// succeeded remembers a run that was a success.
func (p *past) succeeded(ctx context.Context, r *diag.Report) error {
	if !r.Run.Succeeded(r.Summary.Devices) {
		return nil
	}
	return p.store.Note(ctx, p.job, noteSuccess, r.Run.Finished)
}

// damped asks whether it has been told that a part flaps. What cannot be read has not been told.
func (p *past) damped(ctx context.Context) func(string) bool {
	all := sync.OnceValue(func() map[string]time.Time {
		notes, _ := p.store.Notes(ctx, p.job)
		return notes
	})
	return func(key string) bool {
		at, ok := all()[key]
		return ok && at.UnixMilli() != 0
	}
}

func (p *past) opened(ctx context.Context) func(device, part string) *time.Time {
	return func(device, part string) *time.Time {
		if at, ok, err := p.store.Opened(ctx, p.job, device, part); err == nil && ok {
			return &at
		}
		return nil
	}
}

// lost asks which verdicts were known once. What cannot be read is not reminded of.
func (p *past) lost(ctx context.Context) func(device, part string) *time.Time {
	all := sync.OnceValue(func() map[history.Sight]time.Time {
		lost, _ := p.store.Lost(ctx, p.job)
		return lost
	})
	return func(device, part string) *time.Time {
		if at, ok := all()[history.Sight{Device: device, Part: part}]; ok {
			return &at
		}
		return nil
	}
}
