package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/report"
	"slpdoctor/internal/sim"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(playVariable); dir != "" {
		os.Exit(playDevice(dir))
	}
	goleak.VerifyTestMain(m)
}

// world is a user in an empty folder, which is also the home, with an environment of its own.
type world struct {
	t   *testing.T
	dir string
	in  io.Reader
	out io.Writer       // nil: kept for the outcome
	tty *os.File        // the terminal on stderr, nil for none
	ctx context.Context // ends when the user interrupts; nil for never
}

// outcome is what a command leaves behind.
type outcome struct {
	status   int
	out, err string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	t.Chdir(w.dir)
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "SLPDOCTOR_") {
			t.Setenv(name, "")
		}
	}
	for _, name := range []string{"SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "STATE_DIRECTORY", "NO_COLOR"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", w.dir)
	t.Setenv("USER", "tester")
	return w
}

// slpdoctor runs the program in this process.
func (w *world) slpdoctor(args ...string) outcome {
	w.t.Helper()
	ctx := w.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	var out, errs bytes.Buffer
	e := Env{In: w.in, Out: &out, Err: &errs, Getenv: os.Getenv, Now: time.Now, Context: ctx}
	if e.In == nil {
		e.In = strings.NewReader("")
	}
	if w.out != nil {
		e.Out = w.out
	}
	if w.tty != nil {
		e.Err, e.ErrTTY = w.tty, true
	}
	return outcome{Main(args, e), out.String(), errs.String()}
}

// want runs the program and fails the test when it ends with another status.
func (w *world) want(status int, args ...string) outcome {
	w.t.Helper()
	o := w.slpdoctor(args...)
	if o.status != status {
		w.t.Fatalf("slpdoctor %q: exit status %d, want %d\nstderr:\n%s\nstdout:\n%.3000s", args, o.status, status, o.err, o.out)
	}
	return o
}

func (w *world) write(name, text string) string {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return name
}

func (w *world) read(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// devices are members of the demo fleet, as they are now.
func devices(t *testing.T, names ...string) []*sim.Device {
	t.Helper()
	all := sim.DemoFleetAt(time.Now().UTC().Truncate(time.Second))
	if len(names) == 0 {
		return all
	}
	var out []*sim.Device
	for _, name := range names {
		i := slices.IndexFunc(all, func(d *sim.Device) bool { return d.Name == name })
		if i < 0 {
			t.Fatalf("the demo fleet has no %s", name)
		}
		out = append(out, all[i])
	}
	return out
}

// serve starts simulated devices; inventory.yaml and known_hosts in the working folder lead to them.
func (w *world) serve(o sim.Options) *sim.Server {
	w.t.Helper()
	o.Username = simUser
	if o.Password == "" {
		o.Password = simPassword
	}
	s, err := sim.Serve(context.Background(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(s.Close)
	w.write("inventory.yaml", string(s.Inventory()))
	w.write("known_hosts", string(s.KnownHosts()))
	w.t.Setenv(simPasswordEnv, simPassword)
	return s
}

// live are the flags of a run against what serve started.
func live(command string, more ...string) []string {
	return append([]string{command, "-i", "inventory.yaml", "--known-hosts", "known_hosts", "--runner-clock", "unsynced"}, more...)
}

func (w *world) document(text string) report.Document {
	w.t.Helper()
	var d report.Document
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		w.t.Fatalf("reading a run: %v\n%.500s", err, text)
	}
	return d
}

// device is the result of one device, by name.
func device(t *testing.T, d report.Document, name string) diag.DeviceResult {
	t.Helper()
	i := slices.IndexFunc(d.Devices, func(r diag.DeviceResult) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no device %s in the report", name)
	}
	return d.Devices[i]
}

// verdict is the part of a result that every way of reading a device must agree on.
type verdict struct {
	Status diag.Status
	Reason string
	Cause  string
}

func verdicts(d diag.DeviceResult) map[string]verdict {
	out := map[string]verdict{}
	for _, r := range d.Results {
		v := verdict{Status: r.Status}
		if r.Reason != nil {
			v.Reason = string(*r.Reason)
		}
		if r.CausedBy != nil {
			v.Cause = *r.CausedBy
		}
		out[r.Check] = v
	}
	return out
}

// fails lists the failing checks that nothing explains.
func fails(d diag.DeviceResult) []string {
	var out []string
	for _, r := range d.Results {
		if r.Status == diag.Fail && r.CausedBy == nil {
			out = append(out, r.Check)
		}
	}
	return out
}

// same compares devices of two reports in everything but the time they took.
func same(t *testing.T, want, got report.Document) {
	t.Helper()
	if diff := cmp.Diff(want.Devices, got.Devices, cmpopts.IgnoreFields(diag.DeviceResult{}, "ElapsedMS")); diff != "" {
		t.Errorf("the devices differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Summary, got.Summary); diff != "" {
		t.Errorf("the summaries differ (-want +got):\n%s", diff)
	}
}
