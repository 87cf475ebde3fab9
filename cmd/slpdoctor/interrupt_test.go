//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a run may take to end after a signal; nothing waits for it when all is well.
const patience = 20 * time.Second

// started runs the program against a fleet that takes its time, and returns when n devices are done.
func started(t *testing.T, dir string, n int, args ...string) (cmd *exec.Cmd, wait func() error, lines *bufio.Scanner, errs *bytes.Buffer) {
	t.Helper()
	stop, err := startSim(dir, "--think", "5ms")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	cmd = program(dir, append([]string{"run", "-i", "fleet/inventory.yaml", "--known-hosts", "fleet/known_hosts",
		"--exclude", "lab-acc-*", "-c", "1", "-o", "ndjson"}, args...)...)
	errs = &bytes.Buffer{}
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
	lines = bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for done := 0; done < n; {
		if !lines.Scan() {
			t.Fatalf("the run ended early: %v\n%s", lines.Err(), errs)
		}
		if strings.Contains(lines.Text(), `"kind":"device"`) {
			done++
		}
	}
	return cmd, cmd.Wait, lines, errs
}

type device struct {
	Name, State string
	Error       *struct{ Class string }
}

func TestInterruptedRunReportsWhatItHas(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd, wait, lines, errs := started(t, dir, 2, "-o", "json=run.json", "-o", "table=t.txt", "--save", "kept")
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			last := ""
			for lines.Scan() {
				last = lines.Text()
			}
			if status, err := exitStatus(wait()); status != 130 || err != nil {
				t.Fatalf("exit status %d, %v\n%s", status, err, errs)
			}
			if !strings.Contains(last, `"kind":"summary"`) || !strings.Contains(last, `"interrupted":true`) {
				t.Errorf("the stream ends with %.200s", last)
			}
			counts := check(t, dir, "report", "run.json", "-o", "json")
			if counts["examined"] < 2 || counts["not-run interrupted"] < 20 || counts["total"] != counts["examined"]+counts["not-run interrupted"] {
				t.Errorf("%v", counts)
			}
			table, err := exec.Command("grep", "-c", "Interrupted: what was collected", filepath.Join(dir, "t.txt")).Output()
			if err != nil {
				t.Errorf("the table does not say it was interrupted: %s %v", table, err)
			}
			if kept := check(t, dir, "check", "kept", "-o", "json"); kept["examined"] != counts["examined"] || kept["total"] != counts["total"] {
				t.Errorf("the bundle has %v, the report %v", kept, counts)
			}
		})
	}
}

// TestKilledRunLeavesACompleteBundle ends a run without any warning.
func TestKilledRunLeavesACompleteBundle(t *testing.T) {
	dir := t.TempDir()
	cmd, wait, _, _ := started(t, dir, 3, "--save", "kept")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wait()
	counts := check(t, dir, "check", "kept", "-o", "json")
	if counts["examined"] < 2 || counts["not-run interrupted"] < 20 || counts["total"] != counts["examined"]+counts["not-run interrupted"] {
		t.Errorf("%v", counts)
	}
	if counts["cut"] != 0 {
		t.Errorf("%d answers of saved devices are cut", counts["cut"])
	}
}

// check counts the devices of a document by state and class. A run with gaps that also has findings is exit
// status 1.
func check(t *testing.T, dir string, args ...string) map[string]int {
	t.Helper()
	cmd := program(dir, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if status, err := exitStatus(err); status != 1 || err != nil {
		t.Fatalf("%q: exit status %d, %v\n%s", args, status, err, errs.String())
	}
	var doc struct {
		Summary struct {
			Coverage struct{ Commands struct{ Cut int } }
		}
		Devices []device
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{"total": len(doc.Devices), "cut": doc.Summary.Coverage.Commands.Cut}
	for _, d := range doc.Devices {
		if d.Error != nil {
			d.State += " " + d.Error.Class
		}
		counts[d.State]++
	}
	return counts
}
