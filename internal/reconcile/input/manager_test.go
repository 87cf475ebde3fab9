package input_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
	"slpdoctor/internal/report"
	"slpdoctor/internal/viptela"
)

const managerFailed = "10-Mar-2026 02:00:11,301 UTC ERROR [vmanage-0] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant default :\n" +
	`{"product_instance_identifier":["The identity for the instance 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f is not valid.Please re-register the instance."]}]}` + "\n"

func managerEvidence() bundle.Evidence {
	ev := bundle.Evidence{Device: diag.Device{Name: "vmanage-1", Platform: diag.PlatformVManage}, State: diag.Examined}
	for cmd, text := range map[*diag.Command]string{
		&viptela.ShowVersion.Command:      "20.12.3\n",
		&viptela.ShowSystemStatus.Command: "Version: 20.12.3\nCurrent time:            Tue Mar 10 12:00:00 UTC 2026\nPersonality:             vmanage\n",
		&viptela.ReportLines.Command:      managerFailed,
	} {
		ev.Captures = append(ev.Captures, diag.Capture{Command: cmd, Line: cmd.String(), Text: text, Outcome: diag.OK})
	}
	return ev
}

// TestManagerNotRead: the quiet log of one vManage does not speak for another one, but a log file may.
func TestManagerNotRead(t *testing.T) {
	last := time.Date(2026, time.March, 10, 2, 0, 11, 0, time.UTC)
	quiet := &diag.ReportLog{Lines: 9, First: &last, Last: &last, Failures: []diag.ReportFailure{}}
	run := input.Source{Kind: reconcile.Runs, Path: write(t, "run.json", document(t, &diag.Report{Run: diag.Run{Mode: "run"}, Devices: report.Slice([]diag.DeviceResult{
		{Name: "vmanage-1", State: diag.Examined, Platform: &diag.Platform{OS: "vManage"}, Reports: quiet},
		{Name: "vmanage-2", State: diag.Examined, Platform: &diag.Platform{OS: "vManage"}}})}))}
	log := input.Source{Kind: reconcile.Log, Path: write(t, "vmanage-server.log", "10-Mar-2026 02:00:11,301 UTC INFO [vmanage-2] up\n")}
	for name, c := range map[string]struct {
		sources []input.Source
		partial bool
	}{"the run alone": {[]input.Source{run}, true}, "and the other one's log": {[]input.Source{run, log}, false}} {
		if data, err := read(t, c.sources...); err != nil || data.Reports.Partial != c.partial {
			t.Errorf("%s: %v, %+v", name, err, data.Reports)
		}
	}
}

// TestManagerOfRuns: what a run read of vManage's log counts as --log does, once, from the JSON and from a bundle.
func TestManagerOfRuns(t *testing.T) {
	last := time.Date(2026, time.March, 10, 2, 0, 11, 0, time.UTC)
	of := func(log *diag.ReportLog) diag.DeviceResult {
		return diag.DeviceResult{Name: "vmanage-1", State: diag.Examined, Platform: &diag.Platform{OS: "vManage"}, Reports: log}
	}
	run := func(devices ...diag.DeviceResult) string {
		return write(t, "run.json", document(t, &diag.Report{Run: diag.Run{Mode: "run"}, Devices: report.Slice(devices)}))
	}
	failed := &diag.ReportLog{Lines: 2, First: &last, Last: &last, Failures: []diag.ReportFailure{{Tenant: "default", Count: 1, Invalid: 1,
		Instance: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", First: &last, Last: &last, PerDay: map[string]int{"2026-03-10": 1}, Text: "..."}}}
	kept := t.TempDir()
	w, err := bundle.Create(kept, bundle.Manifest{Devices: []diag.Device{managerEvidence().Device}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Save(managerEvidence()); err != nil {
		t.Fatal(err)
	}
	log := write(t, "vmanage-server.log", managerFailed)
	for name, test := range map[string]struct {
		sources  []input.Source
		failures int // -1: no log was read
	}{
		"json":                {[]input.Source{{Kind: reconcile.Runs, Path: run(of(failed))}}, 1},
		"bundle":              {[]input.Source{{Kind: reconcile.Runs, Path: kept}}, 1},
		"both, and the file":  {[]input.Source{{Kind: reconcile.Runs, Path: run(of(failed))}, {Kind: reconcile.Runs, Path: kept}, {Kind: reconcile.Log, Path: log}}, 1},
		"healthy":             {[]input.Source{{Kind: reconcile.Runs, Path: run(of(&diag.ReportLog{Lines: 9, First: &last, Last: &last, Failures: []diag.ReportFailure{}}))}}, 0},
		"its log is not read": {[]input.Source{{Kind: reconcile.Runs, Path: run(of(nil))}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := read(t, test.sources...)
			if err != nil {
				t.Fatal(err)
			}
			if len(data.Devices) != 0 {
				t.Errorf("vManage is taken for a device: %+v", data.Devices)
			}
			switch {
			case test.failures < 0:
				if data.Reports != nil {
					t.Errorf("a log that was not read: %+v", data.Reports)
				}
			case data.Reports == nil || len(data.Reports.Failures) != test.failures:
				t.Fatalf("reports: %+v", data.Reports)
			case test.failures == 1:
				f := data.Reports.Failures[0]
				if f.Tenant != "default" || f.Count != 1 || f.Invalid != 1 || f.Instance != failed.Failures[0].Instance || f.Last == nil || !cmp.Equal(f.PerDay, failed.Failures[0].PerDay) {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// TestManagersSpeakForThemselves: many old failures of one vManage hide no new one of another, and a log that is written
// does not make up for one that is not.
func TestManagersSpeakForThemselves(t *testing.T) {
	at := func(day int) *time.Time { return new(time.Date(2026, time.March, day, 2, 0, 11, 0, time.UTC)) }
	failed := func(n, last int) []diag.ReportFailure {
		return []diag.ReportFailure{{Tenant: "default", Count: n, First: at(1), Last: at(last), PerDay: map[string]int{}, Text: "..."}}
	}
	of := func(name string, last int, failures []diag.ReportFailure) diag.DeviceResult {
		return diag.DeviceResult{Name: name, State: diag.Examined, Platform: &diag.Platform{OS: "vManage"},
			Reports: &diag.ReportLog{Lines: 9, First: at(1), Last: at(last), Failures: failures}}
	}
	log := input.Source{Kind: reconcile.Log, Path: write(t, "vmanage-server.log", managerFailed)} // one failure, on the 10th
	for name, c := range map[string]struct {
		devices []diag.DeviceResult
		logs    []input.Source
		last    []int // days of the last failures
		partial bool
	}{
		"two that fail":               {devices: []diag.DeviceResult{of("vmanage-1", 10, failed(9, 2)), of("vmanage-2", 10, failed(1, 9))}, last: []int{2, 9}},
		"one, and a file with more":   {devices: []diag.DeviceResult{of("vmanage-1", 10, failed(1, 2))}, logs: []input.Source{log}, last: []int{10}},
		"one with less, that goes on": {devices: []diag.DeviceResult{of("vmanage-1", 12, failed(1, 12))}, logs: []input.Source{log}, last: []int{12}},
		"one with more, not so long":  {devices: []diag.DeviceResult{of("vmanage-1", 9, failed(9, 2))}, logs: []input.Source{log}, last: []int{10, 2}},
		"both are written":            {devices: []diag.DeviceResult{of("vmanage-1", 10, nil), of("vmanage-2", 9, nil)}},
		"one is not written any more": {devices: []diag.DeviceResult{of("vmanage-1", 10, nil), of("vmanage-2", 7, nil)}, partial: true},
		"it alone is not":             {devices: []diag.DeviceResult{of("vmanage-2", 7, nil)}},
	} {
		t.Run(name, func(t *testing.T) {
			run := input.Source{Kind: reconcile.Runs, Path: write(t, "run.json", document(t, &diag.Report{Run: diag.Run{Mode: "run"}, Devices: report.Slice(c.devices)}))}
			data, err := read(t, append(c.logs, run)...)
			if err != nil {
				t.Fatal(err)
			}
			var last []int
			for _, f := range data.Reports.Failures {
				last = append(last, f.Last.Day())
			}
			if diff := cmp.Diff(c.last, last); diff != "" || data.Reports.Partial != c.partial {
				t.Errorf("partial %v, want %v; the last failures are of other days: %s", data.Reports.Partial, c.partial, diff)
			}
		})
	}
}
