package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
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

// postgres starts a server of its own for a test, reached through a socket in a folder.
func postgres(t *testing.T) (dsn func(database string) string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") == "1" {
			t.Fatal("PostgreSQL is not installed, and SLPDOCTOR_REQUIRE_PEERS is set")
		}
		t.Skip("PostgreSQL is not installed")
	}
	bin := slices.Max(found)
	dir, err := os.MkdirTemp("", "pg") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := notRoot(t, dir)
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir, c.SysProcAttr = dir, as
		return c
	}
	data := filepath.Join(dir, "data")
	if out, err := run("initdb", "-D", data, "-U", "slpdoctor", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
	})
	dsn = func(database string) string { return "host=" + dir + " user=slpdoctor dbname=" + database }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := ping(ctx, dsn("postgres"))
		if err == nil {
			return dsn
		}
		if ctx.Err() != nil {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the server does not answer: %v\n%s", err, text)
		}
	}
}

func ping(ctx context.Context, dsn string) error {
	s, err := connectPostgres(dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.db.PingContext(ctx)
}

// notRoot is how a program is run that refuses root, and gives it the folder.
func notRoot(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
