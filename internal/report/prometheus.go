package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"slpdoctor/internal/diag"
)

// Schedule is what the metrics say beside one run. Zero times are not known.
type Schedule struct {
	Success time.Time // the last run before this one that was completed and examined something
	Next    time.Time // when the following run is expected
	// Standing sums up the run with what was known before of the devices that it could not examine; nil when nothing was.
	Standing func() (diag.Summary, error)
}

// MetricDevices is how many devices, the nearest deadlines first, have a metric of their own.
const MetricDevices = 1000

// metrics is a registry that is filled and written once.
type metrics struct{ *prometheus.Registry }

func (m metrics) gauge(name, help string, value float64) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	g.Set(value)
	m.MustRegister(g)
}

// by adds a metric with one label. Set gives the value of each.
func (m metrics) by(name, help, label string) (set func(value string, n float64)) {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{label})
	m.MustRegister(g)
	return func(value string, n float64) { g.WithLabelValues(strings.ToValidUTF8(value, "�")).Set(n) }
}

// moment adds a time, unless it is not known.
func (m metrics) moment(name, help string, at time.Time) {
	if !at.IsZero() {
		m.gauge(name, help, float64(at.UnixMilli())/1000)
	}
}

// writePrometheus writes the run in the text format that the textfile collector of node_exporter reads.
func writePrometheus(w io.Writer, r *diag.Report, o Options) error {
	m := metrics{prometheus.NewRegistry()}
	m.by("slpdoctor_build_info", "The program that made the run.", "version")(r.Tool.Version, 1)
	m.times(r, o.Schedule)
	m.counts(r.Summary)
	standing := r.Summary
	if sum := o.Schedule.Standing; sum != nil {
		var err error
		if standing, err = sum(); err != nil {
			return err
		}
	}
	m.open(standing)
	if err := m.deadlines(r); err != nil {
		return err
	}
	families, err := m.Gather()
	if err != nil {
		return fmt.Errorf("gathering metrics: %w", err)
	}
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}

func (m metrics) times(r *diag.Report, s Schedule) {
	success, interrupted := s.Success, 0.0
	if r.Run.Succeeded(r.Summary.Devices) {
		success = r.Run.Finished
	}
	if r.Run.Interrupted {
		interrupted = 1
	}
	m.moment("slpdoctor_last_run_timestamp_seconds", "When the last run ended, whatever came of it.", r.Run.Finished)
	m.moment("slpdoctor_last_success_timestamp_seconds", "When a run was last completed that examined at least one device.", success)
	m.moment("slpdoctor_next_run_timestamp_seconds", "When the next run is expected to start.", s.Next)
	m.gauge("slpdoctor_run_duration_seconds", "How long the last run took.", r.Run.Finished.Sub(r.Run.Started).Seconds())
	m.gauge("slpdoctor_run_interrupted", "1 if the last run was interrupted.", interrupted)
}

func (m metrics) counts(s diag.Summary) {
	state := m.by("slpdoctor_devices", "Devices of the last run by how far their examination came.", "state")
	for name, n := range map[diag.State]int{diag.Examined: s.Devices.Examined, diag.Partial: s.Devices.Partial, diag.Unreachable: s.Devices.Unreachable,
		diag.AuthRejected: s.Devices.AuthRejected, diag.HostKey: s.Devices.HostKey, diag.Failed: s.Devices.Error, diag.NotReached: s.Devices.NotRun} {
		state(string(name), float64(n))
	}
	c := s.Coverage
	outcome := m.by("slpdoctor_commands", "Commands of the last run by how they ended.", "outcome")
	for name, n := range map[string]int{"ok": c.Commands.OK, "refused": c.Commands.Refused, "timed-out": c.Commands.TimedOut, "cut": c.Commands.Cut, "not-run": c.Commands.NotRun} {
		outcome(name, float64(n))
	}
	verdict := m.by("slpdoctor_verdicts", "Verdicts of checks by whether they could be made.", "status")
	verdict("decided", float64(c.Checks.Decided))
	verdict("unknown", float64(c.Checks.Unknown))
	m.gauge("slpdoctor_unparsed_lines", "Lines of answers that no rule understood.", float64(c.UnparsedLines))
}

// open counts what is open. Where nothing could be decided there is no count: 0 would be an all-clear.
func (m metrics) open(s diag.Summary) {
	if s.Coverage.Checks.Decided == 0 {
		return
	}
	severity := m.by("slpdoctor_findings", "Open findings by severity; in a recorded run also those last known of devices that did not answer. Consequences and waived findings do not count.", "severity")
	for _, name := range []diag.Severity{diag.Critical, diag.High, diag.Medium, diag.Low} {
		severity(string(name), float64(s.Findings[name]))
	}
	m.gauge("slpdoctor_warnings", "Open warnings, counted like the findings.", float64(s.Warnings))
	m.gauge("slpdoctor_waived", "Findings and warnings that a waiver covers, counted like the findings.", float64(s.Waived))
}

// deadlines tells how long each device has until its next acknowledgement, in whole days by its own clock.
func (m metrics) deadlines(r *diag.Report) error {
	type left struct {
		device string
		days   int
	}
	var all []left
	states := map[string]int{"due": 0, "passed": 0, "not-required": 0, "unknown": 0}
	for d, err := range r.Devices {
		switch {
		case err != nil:
			return err
		case d.Deadline == nil:
			states["unknown"]++
			continue
		}
		states[d.Deadline.State]++
		if d.Deadline.DaysLeft != nil {
			all = append(all, left{d.Name, *d.Deadline.DaysLeft})
		}
	}
	state := m.by("slpdoctor_deadlines", "Devices by the state of their next required acknowledgement.", "state")
	for name, n := range states {
		state(name, float64(n))
	}
	slices.SortStableFunc(all, func(a, b left) int { return a.days - b.days })
	const day = 24 * 60 * 60
	each := m.by("slpdoctor_deadline_left_seconds",
		fmt.Sprintf("Whole days until the next required acknowledgement, in seconds, by the device's own clock; negative when it has passed. The %d nearest only.", MetricDevices), "device")
	for _, l := range all[:min(len(all), MetricDevices)] {
		each(l.device, float64(l.days)*day)
	}
	if len(all) > 0 {
		m.gauge("slpdoctor_nearest_deadline_seconds", "The least of slpdoctor_deadline_left_seconds.", float64(all[0].days)*day)
	}
	return nil
}
