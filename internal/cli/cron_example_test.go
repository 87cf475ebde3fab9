package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// peer is the path of a program of the system, without which the test is skipped or, where peers are required, fails.
func peer(t *testing.T, name, where string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") != "" {
			t.Fatalf("%s is not installed (%s)", name, where)
		}
		t.Skipf("%s is not installed (%s)", name, where)
	}
	return path
}

// TestCronUnitsPeer has systemd judge the units: nothing in them that it does not know, and little left that they may do.
func TestCronUnitsPeer(t *testing.T) {
	analyze := peer(t, "systemd-analyze", "Debian: systemd")
	dir := t.TempDir()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	units := []string{}
	for _, kind := range []string{"service", "timer"} {
		unit := filepath.Join(dir, filepath.Base(cronExamples[kind].path))
		text := strings.ReplaceAll(cronExamples[kind].text, "/usr/local/bin/slpdoctor", binary)
		if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	if out, err := exec.Command(analyze, append([]string{"verify", "--recursive-errors=no"}, units...)...).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// docs/cron.md states the threshold; systemd counts tenths.
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", units[0]).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// TestCronFilesAgree: the crontab and the service run the same job, with flags that there are.
func TestCronFilesAgree(t *testing.T) {
	flags := func(text, marker string) (out []string) {
		_, line, ok := strings.Cut(text, marker)
		if !ok {
			t.Fatalf("no %q in\n%s", marker, text)
		}
		line, _, _ = strings.Cut(line, "\n")
		return strings.Fields(line)
	}
	cron, service := flags(cronCrontab, "/usr/local/bin/slpdoctor "), flags(cronService, "ExecStart=/usr/local/bin/slpdoctor ")
	run := newRoot(&app{Env: Env{Getenv: func(string) string { return "" }}})
	for _, args := range [][]string{cron, service} {
		c, rest, err := run.Find(args)
		if err != nil || c.Name() != "run" {
			t.Fatal(c.Name(), err)
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Error(err)
		}
	}
	// systemd brings its own folder and its own delay.
	same := strings.NewReplacer(" --jitter 30m", "", " --state-dir /var/lib/slpdoctor", "").Replace(strings.Join(cron, " "))
	if d := cmp.Diff(same, strings.Join(service, " ")); d != "" {
		t.Error(d)
	}
}
