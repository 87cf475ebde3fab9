package history

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// world is a history and the nights that are recorded into it.
type world struct {
	*testing.T
	where Where
	store *Store
	runs  int
}

// engines runs a test on every engine that is there.
func engines(t *testing.T, test func(w *world)) {
	t.Helper()
	test(newWorld(t, Where{SQLite: filepath.Join(t.TempDir(), "history.db")}))
}

func newWorld(t *testing.T, where Where) *world {
	w := &world{T: t, where: where}
	w.open()
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) open() {
	w.Helper()
	s, err := Open(w.Context(), w.where)
	if err != nil {
		w.Fatal(err)
	}
	w.store = s
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// start of the first night.
var start = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// record records a night of the job nightly.
func (w *world) record(devices ...diag.DeviceResult) *diag.Report {
	w.Helper()
	r := night(w.runs, devices...)
	w.runs++
	w.ok(w.store.Record(w.Context(), Recording{Job: "nightly", Every: 24 * time.Hour, Report: r}))
	return r
}

// night is a run some days after the first.
func night(n int, devices ...diag.DeviceResult) *diag.Report {
	var fold engine.Fold
	for _, d := range devices {
		fold.Add(d)
	}
	at := start.AddDate(0, 0, n)
	return &diag.Report{Tool: diag.Tool{Name: "slpdoctor", Version: "v1"}, Summary: fold.Summary(),
		Run: diag.Run{ID: fmt.Sprintf("run-%d", n), Started: at, Finished: at.Add(time.Minute), Mode: "run", HostKey: "strict"},
		Devices: func(yield func(diag.DeviceResult, error) bool) {
			for _, d := range devices {
				if !yield(d, nil) {
					return
				}
			}
		}}
}

// device is one that was examined, with a serial number of its name.
func device(name string, results ...diag.Result) diag.DeviceResult {
	return diag.DeviceResult{Name: name, Address: "192.0.2.1", Tags: map[string]string{"site": "tokyo"}, Groups: []string{"campus"},
		State: diag.Examined, Notices: []diag.Fault{}, Traits: map[string]string{"url": "https://example.net"},
		Platform: &diag.Platform{OS: "IOS XE", Release: "17.12.4", PID: "C9300-24UX", Serial: "SIM" + name, Hostname: name},
		Results:  results}
}

func unreachable(name string) diag.DeviceResult {
	d := device(name)
	d.State, d.Platform, d.Traits, d.Results = diag.Unreachable, nil, map[string]string{}, []diag.Result{}
	d.Error = &diag.Fault{Class: "connect_timeout", Stage: "connect", Message: "no answer within 10s", Hint: "is it up?"}
	return d
}

func result(check string, status diag.Status, severity diag.Severity) diag.Result {
	r := diag.Result{Check: check, Status: status, Severity: severity, Summary: check + " says " + string(status),
		Message: diag.Message{ID: check + "." + string(status), Args: diag.Args{}}}
	if status == diag.Unknown {
		r.Reason = new(diag.TimedOut)
	}
	return r
}

func pass(check string) diag.Result { return result(check, diag.Pass, diag.High) }
func fail(check string) diag.Result { return result(check, diag.Fail, diag.High) }
