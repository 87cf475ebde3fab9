package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/history"
	"slpdoctor/internal/sim"
	"slpdoctor/internal/transition"
)

// cronWorld is a fleet that is run on schedule, with a state folder in the working folder.
func cronWorld(t *testing.T, names ...string) (*world, *sim.Server) {
	w := newWorld(t)
	t.Setenv("STATE_DIRECTORY", "state:elsewhere")
	return w, w.serve(sim.Options{Devices: devices(t, names...)})
}

func scheduled(more ...string) []string { return live("run", append([]string{"--cron"}, more...)...) }

func (w *world) transitions(status int, more ...string) transition.Document {
	w.t.Helper()
	var d transition.Document
	if err := json.Unmarshal([]byte(w.want(status, scheduled(append(more, "-o", "json")...)...).out), &d); err != nil {
		w.t.Fatal(err)
	}
	return d
}

// TestAnInterruptedNight: what an interrupted run has not reached is neither resolved nor gone, and the next run
// compares with what was known.
func TestAnInterruptedNight(t *testing.T) {
	w, _ := cronWorld(t, "tyo-acc-1", "tyo-core-1")
	first := w.transitions(1)
	if first.Since != nil || first.Open == 0 {
		t.Fatalf("%+v", first)
	}
	ctx, interrupt := context.WithCancelCause(t.Context())
	w.ctx = ctx
	defer interrupt(nil)
	slow := w.serve(sim.Options{Devices: devices(t, "tyo-acc-1", "tyo-core-1"), Think: time.Hour})
	go func() {
		for len(slow.Typed("tyo-acc-1")) == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		interrupt(errInterrupted)
	}()
	cut := w.transitions(130, "-c", "1")
	if cut.Cut != 2 || len(cut.Events) != 0 || cut.Open != first.Open || !cut.Run.Interrupted {
		t.Errorf("%+v", cut)
	}
	w.ctx = nil
	w.serve(sim.Options{Devices: devices(t, "tyo-acc-1", "tyo-core-1")})
	if next := w.transitions(0); !next.Silent() || next.Open != first.Open || next.Since.ID != cut.Run.ID {
		t.Errorf("%+v", next)
	}
	if o := w.want(0, scheduled()...); o.out+o.err != "" {
		t.Errorf("%q %q", o.out, o.err)
	}
}

// TestInterruptedBeforeTheStart: the wait before the start can be ended, and nothing is contacted then.
func TestInterruptedBeforeTheStart(t *testing.T) {
	w, srv := cronWorld(t, "tyo-core-1")
	ctx, interrupt := context.WithCancel(t.Context())
	w.ctx = ctx
	time.AfterFunc(50*time.Millisecond, interrupt)
	o := w.want(130, scheduled("--jitter", "1000000h")...)
	if !strings.Contains(o.err, "before anything was contacted") || len(srv.Typed("tyo-core-1")) > 0 {
		t.Error(o.err)
	}
}

func TestJitter(t *testing.T) {
	const limit = 10 * time.Minute
	seen := map[time.Duration]bool{}
	for _, host := range []string{"a", "b", "c", "d"} {
		for _, job := range []string{"-i x", "-i y"} {
			d := delay(limit, host, job)
			if d < 0 || d >= limit || d != delay(limit, host, job) {
				t.Errorf("%s %s: %v", host, job, d)
			}
			seen[d] = true
		}
	}
	if len(seen) != 8 || delay(0, "a", "b") != 0 {
		t.Errorf("eight jobs have %d delays", len(seen))
	}
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := wait(t.Context(), limit); err != nil || time.Since(begin) != limit {
			t.Errorf("waited %v, %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := wait(ctx, limit); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != limit+time.Minute {
			t.Errorf("waited %v, %v", time.Since(begin), err)
		}
	})
}

// TestARunThatDiedBeforeItHadTold is known to the next one, which does not tell its changes again.
func TestARunThatDiedBeforeItHadTold(t *testing.T) {
	w, _ := cronWorld(t, "tyo-core-1")
	w.want(0, scheduled()...)
	store, err := history.Open(t.Context(), history.Where{SQLite: "state/history.db"})
	if err != nil {
		t.Fatal(err)
	}
	last, err := store.Last(t.Context(), "-i "+filepath.Join(w.dir, "inventory.yaml"))
	if err != nil || last == nil {
		t.Fatal(last, err)
	}
	if err := store.Note(t.Context(), last.Job, noteTold, last.Run.Started.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	store.Close()
	if o := w.want(0, scheduled()...); !strings.Contains(o.out, "ended before it had told") {
		t.Error(o.out)
	}
	if o := w.want(0, scheduled()...); o.out != "" {
		t.Error(o.out)
	}
}

// TestWhatCannotBeToldIsNotSilent: a full disk behind stdout, or a report that cannot be written, is exit status 4. What
// was not told is pointed to by the next run.
func TestWhatCannotBeToldIsNotSilent(t *testing.T) {
	w, _ := cronWorld(t, "tyo-acc-1")
	w.out = brokenPipe{}
	w.want(4, scheduled()...)
	w.out = nil
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("this system has no " + full)
	}
	o := w.want(4, scheduled("-o", "json="+full)...)
	if !strings.Contains(o.err, full) || !strings.Contains(o.out, "ended before it had told") {
		t.Error(o.out, o.err)
	}
	o = w.want(0, scheduled()...)
	if o.out != "" {
		t.Error(o.out)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestARunByHandIsNoMissedNight: its report told what it found.
func TestARunByHandIsNoMissedNight(t *testing.T) {
	w, _ := cronWorld(t, "tyo-acc-1")
	w.want(1, scheduled()...)
	w.want(1, live("run", "--history", "sqlite")...)
	if o := w.want(0, scheduled()...); o.out != "" {
		t.Error(o.out)
	}
}

// TestFailOnIsForTheStatusOnly: what is not severe enough is told all the same.
func TestFailOnIsForTheStatusOnly(t *testing.T) {
	w, _ := cronWorld(t, "tyo-acc-1")
	if d := w.transitions(0, "--fail-on", "critical"); d.Open == 0 || len(d.Events) == 0 {
		t.Errorf("%+v", d)
	}
	t.Setenv("STATE_DIRECTORY", "another")
	w.transitions(0, "--exit-zero")
}

// TestTheLockIsGivenBack, also after an error.
func TestTheLockIsGivenBack(t *testing.T) {
	w, _ := cronWorld(t, "tyo-core-1")
	w.want(2, scheduled("--history", "off")...)
	w.want(0, scheduled()...)
	if text, err := os.ReadFile("state/run.lock"); err != nil || len(bytes.TrimSpace(text)) > 0 {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat("state"); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestCutClasses: the classes by which internal/transition knows what a run did not reach are those of the sessions.
func TestCutClasses(t *testing.T) {
	for _, class := range []collect.Class{collect.MaxTime, collect.Interrupted} {
		if d := (diag.DeviceResult{State: diag.NotReached, Error: &diag.Fault{Class: string(class)}}); transition.Reached(&d) {
			t.Errorf("%s was reached", class)
		}
	}
	if d := (diag.DeviceResult{State: diag.NotReached, Error: &diag.Fault{Class: string(collect.Breaker)}}); !transition.Reached(&d) {
		t.Error("a credential that is rejected is a cut run")
	}
}

// TestAWrongPassword is told once, though chance decides every night which devices it is tried on.
func TestAWrongPassword(t *testing.T) {
	w, _ := cronWorld(t, "tyo-core-1", "sel-core-1", "fra-core-1", "fra-acc-2", "chi-br-1", "chi-acc-1", "syd-vault-1", "tyo-edge-1")
	w.want(1, scheduled()...)
	t.Setenv(simPasswordEnv, "wrong")
	o := w.want(3, scheduled()...)
	if !strings.Contains(o.out, "0 of 8 devices examined, 1 finding open") || strings.Contains(o.out, "RESOLVED") {
		t.Error(o.out)
	}
	for range 3 {
		if o := w.want(0, scheduled()...); o.out != "" {
			t.Fatal(o.out)
		}
	}
}

// TestMetricsOfASchedule: the success before outlives a night in which nothing could be examined, and so does what is open.
func TestMetricsOfASchedule(t *testing.T) {
	w, srv := cronWorld(t, "tyo-acc-1")
	value := func(name string) string {
		for line := range strings.Lines(w.read("m.prom")) {
			if v, ok := strings.CutPrefix(line, name+" "); ok {
				return strings.TrimSpace(v)
			}
		}
		return ""
	}
	w.want(3, scheduled("--max-time", "1ns", "-o", "prometheus=m.prom")...)
	if text := w.read("m.prom"); strings.Contains(text, "last_success") || strings.Contains(text, "slpdoctor_findings") {
		t.Errorf("nothing was ever seen, and it says:\n%s", text)
	}
	w.want(1, scheduled("--every", "1h", "-o", "prometheus=m.prom")...)
	success, open := value("slpdoctor_last_success_timestamp_seconds"), value(`slpdoctor_findings{severity="high"}`)
	if success == "" || open != "1" || value("slpdoctor_next_run_timestamp_seconds") == "" {
		t.Fatal(w.read("m.prom"))
	}
	if info, err := os.Stat("m.prom"); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the collector is another user: %v, %v", info.Mode(), err)
	}
	srv.Close()
	w.want(3, scheduled("--connect-timeout", "1s", "-o", "prometheus=m.prom")...)
	if value("slpdoctor_last_success_timestamp_seconds") != success || value("slpdoctor_last_run_timestamp_seconds") <= success {
		t.Error(w.read("m.prom"))
	}
	if got := value(`slpdoctor_findings{severity="high"}`); got != open {
		t.Errorf("%q findings are open where %s was known and nothing has been seen", got, open)
	}
}

// TestTransitionsKeepTheirSchema, the first ones and those of a night in which something has changed.
func TestTransitionsKeepTheirSchema(t *testing.T) {
	w, srv := cronWorld(t, "tyo-acc-1", "syd-acc-1")
	s := w.schema("transitions")
	valid(t, s, w.want(1, scheduled("-o", "json")...).out)
	srv.Close()
	valid(t, s, w.want(3, scheduled("-o", "json", "--connect-timeout", "1s")...).out)
}

// TestNotificationsOfANight: receivers are told of a night once, and of a quiet one nothing.
func TestNotificationsOfANight(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell to write a receiver in")
	}
	w, srv := cronWorld(t, "tyo-core-1")
	w.write("receiver", "#!/bin/sh\ncat >>told.json\n")
	if err := os.Chmod("receiver", 0o700); err != nil {
		t.Fatal(err)
	}
	w.write("notify.yaml", "version: 1\nreceivers:\n  - name: tickets\n    exec: {command: ["+w.dir+"/receiver]}\n")
	args := scheduled("--notify", "notify.yaml", "--connect-timeout", "1s")
	w.want(0, args...)
	if _, err := os.Stat("told.json"); err == nil {
		t.Error("a baseline without findings is told")
	}
	srv.Close()
	w.want(3, args...)
	told := w.read("told.json")
	if n := strings.Count(told, `"kind":"notification"`) + strings.Count(told, `"kind": "notification"`); n != 1 || !strings.Contains(told, "unreachable") {
		t.Errorf("%d messages: %.2000s", n, told)
	}
	w.want(0, args...)
	if again := w.read("told.json"); again != told {
		t.Errorf("a quiet night is told: %s", again[len(told):])
	}
}

// TestAWrongPlatform: a device that the inventory takes for another one for a night is not well for that: what was known
// of it stands, and is no news afterwards.
func TestAWrongPlatform(t *testing.T) {
	w, _ := cronWorld(t, "tyo-acc-1")
	first := w.transitions(1)
	right := w.read("inventory.yaml")
	w.write("inventory.yaml", strings.Replace(right, "name: tyo-acc-1,", "name: tyo-acc-1, platform: vmanage,", 1))
	for night, want := range []int{1, 0} {
		status := 3 * want
		if d := w.transitions(status, "-o", "prometheus=x.prom"); len(d.Events) != want || d.Open != first.Open {
			t.Errorf("night %d: %d open, want %d; %+v", night, d.Open, first.Open, d.Events)
		}
		if m := w.read("x.prom"); !strings.Contains(m, `slpdoctor_findings{severity="high"} 1`) {
			t.Errorf("night %d: %s", night, m)
		}
	}
	w.write("inventory.yaml", right)
	if d := w.transitions(0); len(d.Events) != 1 || d.Events[0].Kind != transition.Better || d.Open != first.Open || len(d.Notes) != 0 {
		t.Errorf("%d open, want %d; %+v %q", d.Open, first.Open, d.Events, d.Notes)
	}
}
