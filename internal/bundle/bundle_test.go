package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slpdoctor/internal/diag"
)

var (
	sent    = time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	samples = []Evidence{
		{
			Device: diag.Device{Name: "r1.Example.net", Address: "192.0.2.1", Tags: map[string]string{"site": "tokyo"}, Groups: []string{"campus"},
				Topology: diag.CSLUPush, Expect: diag.Expect{URL: "http://192.0.2.10:8182/cslu/v1/pi", NTPServers: []string{"192.0.2.5"}, PushIntervalDays: 30}},
			State: diag.Examined, Elapsed: 1234 * time.Millisecond,
			Captures: []diag.Capture{
				{Command: command("show clock"), Line: "show clock", Text: "*01:02:03.456 UTC Thu Jan 1 2026\n", Outcome: diag.OK, Sent: sent, Received: sent.Add(time.Second), ClockSynced: true},
				{Command: command("show running-config | include ^ntp|^clock"), Line: "show running-config | include ^ntp|^clock", Text: "", Outcome: diag.OK, Sent: sent, Received: sent},
				{Command: command("show version"), Line: "show version", Text: "half \xff\x00", Outcome: diag.WasTimedOut, Sent: sent, Received: sent},
				{Command: command("show license all"), Line: "show license all", Text: "% Invalid input detected\n", Outcome: diag.WasRefused, Sent: sent, Received: sent},
				{Command: command("ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]"), Outcome: diag.NotRun, NotSent: diag.NotSent{Reason: diag.NotCollected, Detail: "passive"}},
				{Command: command("show ip route[ vrf {vrf}] {ip}"), Line: "show ip route vrf M 192.0.2.10", Text: "x", Outcome: diag.WasCut, Sent: sent, Received: sent},
			},
		},
		{Device: diag.Device{Name: "R1.example.net", Address: "192.0.2.2"}, State: diag.AuthRejected,
			Fault: &diag.Fault{Class: "auth_rejected", Stage: "login", Message: "m", Hint: "h"}},
		{Device: diag.Device{Name: "../evil"}, State: diag.NotReached, Fault: &diag.Fault{Class: "breaker", Stage: "login"}},
	}
)

func manifest() Manifest {
	m := Manifest{Tool: diag.Tool{Name: "slpdoctor", Version: "1"}, Run: diag.Run{ID: "id", Started: sent, Mode: "run", HostKey: "strict", Passive: true},
		Options: Options{Checks: []string{"clock-*"}, RunnerClock: "synced"}}
	for _, e := range samples {
		m.Devices = append(m.Devices, e.Device)
	}
	return m
}

// save makes a finished bundle of the samples and returns its folder.
func save(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "bundle")
	w, err := Create(dir, manifest())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range samples {
		if err := w.Save(e); err != nil {
			t.Fatal(err)
		}
	}
	end := manifest().Run
	end.Finished = sent.Add(time.Hour)
	if err := w.Finish(end, func(out io.Writer) error { _, err := io.WriteString(out, "{}\n"); return err }); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t *testing.T, path string) (*Source, []Evidence) {
	t.Helper()
	s, err := Open(path, nil, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var out []Evidence
	for e, err := range s.Devices() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return s, out
}

var same = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *diag.Command) bool { return a == b })}

func TestRoundTrip(t *testing.T) {
	dir := save(t)
	s, got := open(t, dir)
	if diff := cmp.Diff(samples, got, same); diff != "" {
		t.Errorf("evidence (-saved +read):\n%s", diff)
	}
	want := manifest()
	want.Run.Finished = sent.Add(time.Hour)
	if diff := cmp.Diff(&want, s.Manifest, same); diff != "" {
		t.Errorf("manifest (-saved +read):\n%s", diff)
	}
	if len(s.Unused) > 0 {
		t.Errorf("a fresh bundle holds strays: %v", s.Unused)
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		if want := map[bool]fs.FileMode{true: fs.ModeDir | 0o700, false: 0o600}[d.IsDir()]; info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
		rel, _ := filepath.Rel(dir, path)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".", "devices", "devices/%2E.%2Fevil", "devices/%2E.%2Fevil/device.json", "devices/R1.example.net~2", "devices/R1.example.net~2/device.json",
		"devices/r1.Example.net", "devices/r1.Example.net/device.json", "devices/r1.Example.net/show-clock.txt", "devices/r1.Example.net/show-ip-route-vrf-m-192-0-2-10.txt",
		"devices/r1.Example.net/show-license-all.txt", "devices/r1.Example.net/show-running-config-include-ntp-clock.txt", "devices/r1.Example.net/show-version.txt",
		"manifest.json", "run.json"}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := save(t)
	if _, err := Create(dir, manifest()); !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), dir) {
		t.Errorf("saving into a used folder: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(file, manifest()); err == nil {
		t.Error("a file was taken for a folder")
	}
	twice := Manifest{Devices: []diag.Device{{Name: "a"}, {Name: "a"}}}
	if _, err := Create(filepath.Join(t.TempDir(), "x"), twice); err == nil {
		t.Error("a device was planned twice")
	}
	var wins int
	racy := t.TempDir()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := Create(racy, manifest()); err == nil {
				mu.Lock()
				wins++
				mu.Unlock()
			} else if !errors.Is(err, ErrNotEmpty) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins != 1 {
		t.Errorf("%d of 8 runs got the same folder", wins)
	}
}

func TestSaveConcurrently(t *testing.T) {
	var m Manifest
	for i := range 40 {
		m.Devices = append(m.Devices, diag.Device{Name: fmt.Sprint("r", i)})
	}
	dir := t.TempDir()
	w, err := Create(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, d := range m.Devices {
		wg.Go(func() {
			if err := w.Save(Evidence{Device: d, State: diag.Examined, Captures: samples[0].Captures}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, got := open(t, dir)
	for i, e := range got {
		if e.Device.Name != m.Devices[i].Name || e.State != diag.Examined || len(e.Captures) != len(samples[0].Captures) {
			t.Errorf("device %d is %q, %s, with %d captures", i, e.Device.Name, e.State, len(e.Captures))
		}
	}
}

// full is a file on a disk that takes a few bytes only.
type full struct {
	syncer
	path string
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, &fs.PathError{Op: "write", Path: f.path, Err: syscall.ENOSPC}
	}
	f.room -= len(p)
	return f.syncer.Write(p)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, manifest())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Save(samples[1]); err != nil {
		t.Fatal(err)
	}
	before := read(t, filepath.Join(dir, manifestFile))
	w.create = func(path string) (syncer, error) {
		f, err := createFile(path)
		return &full{f, path, 20}, err
	}
	err = w.Save(samples[0])
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "show-clock.txt") || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("saving on a full disk: %v", err)
	}
	err = w.Finish(manifest().Run, func(out io.Writer) error { _, err := out.Write(bytes.Repeat([]byte("x"), 1<<20)); return err })
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), runFile) {
		t.Errorf("finishing on a full disk: %v", err)
	}
	if after := read(t, filepath.Join(dir, manifestFile)); after != before {
		t.Errorf("the manifest changed: %s", after)
	}
	s, got := open(t, dir)
	if got[0].State != diag.NotReached || got[0].Fault.Class != "interrupted" {
		t.Errorf("the device that found no room is %s, %v", got[0].State, got[0].Fault)
	}
	if diff := cmp.Diff(samples[1], got[1], same); diff != "" {
		t.Errorf("the device saved before (-saved +read):\n%s", diff)
	}
	if len(s.Unused) > 0 {
		t.Errorf("left behind: %v", s.Unused)
	}
	if err := w.Save(Evidence{Device: diag.Device{Name: "stranger"}}); err == nil {
		t.Error("a device that was not planned was saved")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestCrash reads what a run leaves that was killed while it saved its first device.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, manifest())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Save(samples[1]); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, devicesDir, temporary+"r1.Example.net", "show-clock.txt"), "*01:02")
	write(t, filepath.Join(dir, temporary+runFile), "{")
	s, got := open(t, dir)
	for _, i := range []int{0, 2} {
		if got[i].State != diag.NotReached || got[i].Device.Name != samples[i].Device.Name || got[i].Fault.Class != "interrupted" || len(got[i].Captures) > 0 {
			t.Errorf("the device that was not saved is %+v", got[i])
		}
	}
	if got[1].State != diag.AuthRejected {
		t.Errorf("the device that was saved is %+v", got[1])
	}
	if len(s.Unused) != 2 || !strings.Contains(s.Unused[0].Text, "left behind") || !strings.Contains(s.Unused[1].Text, "left behind") {
		t.Errorf("half-written files are not reported: %v", s.Unused)
	}
	if !s.Manifest.Run.Finished.IsZero() {
		t.Error("a killed run has an end")
	}
}

func TestTampered(t *testing.T) {
	clock := filepath.Join(devicesDir, "r1.Example.net", "show-clock.txt")
	record := filepath.Join(devicesDir, "r1.Example.net", deviceFile)
	edit := func(change func(map[string]any)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			var v map[string]any
			if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, record))), &v); err != nil {
				t.Fatal(err)
			}
			change(v)
			data, _ := json.Marshal(v)
			write(t, filepath.Join(dir, record), string(data))
		}
	}
	first := func(v map[string]any) map[string]any { return v["commands"].([]any)[0].(map[string]any) }
	tests := []struct {
		name   string
		do     func(t *testing.T, dir string)
		state  diag.State
		clock  diag.Outcome // of show clock, "" when it is gone
		unused string
	}{
		{"nothing", func(*testing.T, string) {}, diag.Examined, diag.OK, ""},
		{"changed text", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, clock), "01:02:03.456 UTC Thu Jan 1 2026\n")
		}, diag.Examined, diag.WasCut, "sum"},
		{"longer text", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, clock), read(t, filepath.Join(dir, clock))+"enable secret hush\n")
		}, diag.Examined, diag.WasCut, "sum"},
		{"missing text", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, clock)) }, diag.Examined, diag.WasCut, "no such file"},
		{"link for a text", func(t *testing.T, dir string) {
			link(t, filepath.Join(dir, clock), read(t, filepath.Join(dir, clock)))
		}, diag.Examined, diag.WasCut, "links are not followed"},
		{"folder for a text", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, clock))
			write(t, filepath.Join(dir, clock, "x"), "")
		}, diag.Examined, diag.WasCut, "not a plain file"},
		{"name that climbs out", edit(func(v map[string]any) { first(v)["file"] = "../../manifest.json" }), diag.Examined, diag.WasCut, "not the name of a file"},
		{"foreign outcome", edit(func(v map[string]any) { first(v)["outcome"] = "splendid" }), diag.Examined, diag.WasCut, "not an outcome"},
		{"foreign command", edit(func(v map[string]any) { first(v)["command"] = "reload" }), diag.Examined, "", "not in the catalogue"},
		{"foreign line", edit(func(v map[string]any) { first(v)["line"] = "reload" }), diag.Examined, "", "not in the catalogue"},
		{"foreign name", edit(func(v map[string]any) { v["name"] = "r9" }), diag.Failed, "", ""},
		{"foreign schema", edit(func(v map[string]any) { v["schema"] = 2 }), diag.Failed, "", ""},
		{"broken record", func(t *testing.T, dir string) { write(t, filepath.Join(dir, record), "{") }, diag.Failed, "", ""},
		{"link for a record", func(t *testing.T, dir string) {
			link(t, filepath.Join(dir, record), read(t, filepath.Join(dir, record)))
		}, diag.Failed, "", ""},
		{"missing folder", func(t *testing.T, dir string) { remove(t, filepath.Dir(filepath.Join(dir, clock))) }, diag.Failed, "", ""},
		{"link for a folder", func(t *testing.T, dir string) {
			from := filepath.Dir(filepath.Join(dir, clock))
			to := filepath.Join(t.TempDir(), "elsewhere")
			if err := os.Rename(from, to); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(to, from); err != nil {
				t.Fatal(err)
			}
		}, diag.Failed, "", ""},
		{"stray file", func(t *testing.T, dir string) {
			write(t, filepath.Join(filepath.Dir(filepath.Join(dir, clock)), "x.txt"), "")
		}, diag.Examined, diag.OK, "does not belong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := save(t)
			tt.do(t, dir)
			_, all := open(t, dir)
			if len(all) != len(samples) {
				t.Fatalf("%d devices of %d", len(all), len(samples))
			}
			got := all[0]
			if got.State != tt.state {
				t.Errorf("state %s, want %s", got.State, tt.state)
			}
			var clock diag.Outcome
			for _, c := range got.Captures {
				if c.Command == command("show clock") {
					clock = c.Outcome
				}
				if strings.Contains(c.Text, "hush") {
					t.Errorf("a secret put into the bundle came out: %q", c.Text)
				}
			}
			if clock != tt.clock {
				t.Errorf("show clock is %q, want %q", clock, tt.clock)
			}
			if notes := fmt.Sprint(got.Unused); tt.unused == "" && len(got.Unused) > 0 || !strings.Contains(notes, tt.unused) {
				t.Errorf("notes %s, want %q", notes, tt.unused)
			}
			if tt.state == diag.Failed && (got.Fault == nil || got.Fault.Class != "bundle_damaged" || !strings.Contains(got.Fault.Message, dir)) {
				t.Errorf("fault %+v", got.Fault)
			}
			if diff := cmp.Diff(samples[1:], all[1:], same); diff != "" {
				t.Errorf("the other devices (-saved +read):\n%s", diff)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// link replaces path by a link to the same text elsewhere.
func link(t *testing.T, path, text string) {
	t.Helper()
	target := filepath.Join(t.TempDir(), "target")
	write(t, target, text)
	remove(t, path)
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestBadManifest(t *testing.T) {
	for name, text := range map[string]string{
		"broken": "{", "empty": "", "another kind": `{"schema":1,"kind":"run"}`, "a later schema": `{"schema":2,"kind":"bundle"}`,
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, manifestFile), text)
		if _, err := Open(dir, nil, catalogue); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s manifest: %v", name, err)
		}
	}
	dir := t.TempDir()
	link(t, filepath.Join(dir, manifestFile), `{"schema":1,"kind":"bundle"}`)
	if _, err := Open(dir, nil, catalogue); err == nil || !strings.Contains(err.Error(), "links are not followed") {
		t.Errorf("linked manifest: %v", err)
	}
}
