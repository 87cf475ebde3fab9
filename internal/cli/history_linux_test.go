package cli

import (
	"os"
	"strings"
	"testing"

	"slpdoctor/internal/sim"
)

// TestHistoryFullDisk: a run is not begun when the disk of the state folder is full. One that fills it is reported in
// full, its status says that it is not recorded, and the runs before it are.
func TestHistoryFullDisk(t *testing.T) {
	w := newWorld(t)
	w.smallDisk("state", "3m")
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1", "sel-core-1", "sel-edge-1")})
	record := append(live("run"), "--state-dir", "state", "--history", "sqlite", "-o", "table")
	w.want(1, append(record, "-l", "tyo-acc-1")...)
	if err := os.WriteFile("state/ballast", make([]byte, 3<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	o := w.want(2, record...)
	if !strings.Contains(o.err, "opening the history") || !strings.Contains(o.err, "is it full") {
		t.Errorf("stderr: %s", o.err)
	}
	ballast, err := os.Stat("state/ballast")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate("state/ballast", ballast.Size()-80<<10); err != nil { // enough to open it
		t.Fatal(err)
	}
	o = w.want(4, record...)
	if !strings.HasPrefix(o.out, "FIX FIRST") || !strings.Contains(o.err, "recording a run in the history") || !strings.Contains(o.err, "the run goes on") ||
		!strings.Contains(o.err, "hint: make room") {
		t.Errorf("stdout: %.100s\nstderr: %s", o.out, o.err)
	}
	o = w.want(4, append(record, "--cron")...)
	if !strings.HasPrefix(o.out, "First run of this job") || !strings.Contains(o.err, "hint: make room where the history is kept; what is not recorded is told again") {
		t.Errorf("stdout: %.100s\nstderr: %s", o.out, o.err)
	}
	if err := os.Remove("state/ballast"); err != nil {
		t.Fatal(err)
	}
	o = w.want(0, "history", "list", "--state-dir", "state")
	if strings.Count(o.out, "JOB ") != 1 || !strings.Contains(o.out, "-l tyo-acc-1") {
		t.Error(o.out)
	}
}
