package report

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

func prometheusText(t *testing.T, r *diag.Report, s Schedule) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writePrometheus(&b, r, Options{Schedule: s}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPrometheus(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	golden(t, "prometheus.txt", prometheusText(t, fleet(), Schedule{Success: at.Add(-24 * time.Hour), Next: at.Add(24 * time.Hour)}))
}

// TestTheLastSuccessOutlivesAFailingRun: what is told of a run that examined nothing is the success before it.
func TestTheLastSuccessOutlivesAFailingRun(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	r := fleet()
	r.Summary = diag.Summary{}
	failed := string(prometheusText(t, r, Schedule{Success: at}))
	if want := fmt.Sprintf("\nslpdoctor_last_success_timestamp_seconds %v\n", float64(at.Unix())); !strings.Contains(failed, want) {
		t.Errorf("no %q in\n%s", want, failed)
	}
	if never := string(prometheusText(t, r, Schedule{})); strings.Contains(never, "last_success") || strings.Contains(never, "next_run") {
		t.Errorf("a time that is not known is told:\n%s", never)
	}
	cut := fleet()
	cut.Run.Interrupted = true
	if text := string(prometheusText(t, cut, Schedule{})); strings.Contains(text, "last_success") {
		t.Errorf("an interrupted run counts as a success:\n%s", text)
	}
}

// TestWhatNobodyHasSeenIsNotCounted: no findings are counted where nothing is decided, and what was known stands.
func TestWhatNobodyHasSeenIsNotCounted(t *testing.T) {
	r := fleet()
	known := r.Summary
	r.Summary = diag.Summary{}
	r.Summary.Coverage.Checks.Unknown = 7
	if text := string(prometheusText(t, r, Schedule{})); strings.Contains(text, "slpdoctor_findings") || strings.Contains(text, "slpdoctor_warnings") {
		t.Errorf("nothing is known, and it says:\n%s", text)
	}
	if text := string(prometheusText(t, r, Schedule{Standing: func() (diag.Summary, error) { return known, nil }})); !strings.Contains(text, fmt.Sprintf("\nslpdoctor_findings{severity=\"high\"} %d\n", known.Findings[diag.High])) {
		t.Errorf("what was known is not told:\n%s", text)
	}
}

func TestTheNearestDeadlinesHaveAMetricEach(t *testing.T) {
	var devices []diag.DeviceResult
	fold := engine.Fold{}
	for i := range MetricDevices + 5 {
		d := diag.DeviceResult{Name: fmt.Sprintf("r%d\xff\"", i), State: diag.Examined, Deadline: &diag.Deadline{State: "due", DaysLeft: new(5000 - i)}}
		devices = append(devices, d)
		fold.Add(d)
	}
	text := string(prometheusText(t, &diag.Report{Summary: fold.Summary(), Devices: Slice(devices)}, Schedule{}))
	if n := strings.Count(text, "\nslpdoctor_deadline_left_seconds{"); n != MetricDevices {
		t.Errorf("%d devices, want %d", n, MetricDevices)
	}
	if strings.Contains(text, `device="r4`+"�"+`\""`) || !strings.Contains(text, `device="r5`+"�"+`\""`) {
		t.Error("it is not the nearest that are told")
	}
	if !strings.Contains(text, fmt.Sprintf("\nslpdoctor_deadlines{state=\"due\"} %d\n", MetricDevices+5)) {
		t.Error("the others are not counted")
	}
}

// TestPrometheusPeer has Prometheus's own tool read the metrics.
func TestPrometheusPeer(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") != "" {
			t.Fatal("promtool is not installed")
		}
		t.Skip("promtool is not installed (Debian: prometheus)")
	}
	c := exec.Command(promtool, "check", "metrics")
	c.Stdin = bytes.NewReader(prometheusText(t, fleet(), Schedule{Success: time.Unix(1e9, 0), Next: time.Unix(2e9, 0)}))
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	if !slices.Contains(Formats(), "prometheus") {
		t.Error("the format is not offered")
	}
}
