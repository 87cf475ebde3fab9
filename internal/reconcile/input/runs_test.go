package input_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
	"slpdoctor/internal/report"
)

const captures = "../../../testdata/captures"

func fleet(mode string, at time.Time) *diag.Report {
	full := diag.DeviceResult{Name: "edge-1", State: diag.Examined, Topology: &diag.Topology{ID: "direct-smart"},
		Traits: map[string]string{"smart account": "Example Corp", "virtual account": "SDWAN"},
		Facts: &diag.Holdings{UDIs: []string{"PID:C9300-24UX,SN:FCW2303D16Y", "PID:C9300-24UX,SN:FCW2303D16Z"},
			Licenses: []string{"dna-advantage (C9300-24 DNA Advantage)", "hseck9", "network-advantage (C9300-24 Network Advantage)"},
			Counts:   map[string]int{"network-advantage (C9300-24 Network Advantage)": 2, "hseck9": 0}}}
	silent := diag.DeviceResult{Name: "edge-2", State: diag.Unreachable}
	old := diag.DeviceResult{Name: "edge-3", State: diag.Examined, Platform: &diag.Platform{PID: "C8300-1N1S", Serial: "FDO2511A0Q8"}, Traits: map[string]string{"smart account": "none"}}
	return &diag.Report{Run: diag.Run{Mode: mode, Started: at}, Devices: report.Slice([]diag.DeviceResult{full, silent, old})}
}

func document(t *testing.T, r *diag.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ndjson(t *testing.T, r *diag.Report) string {
	t.Helper()
	var b bytes.Buffer
	s := report.Stream{W: &b}
	if err := s.Begin(r.Tool, r.Run); err != nil {
		t.Fatal(err)
	}
	for d := range r.Devices {
		if err := s.Device(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.End(r.Run, r.Summary); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRunsOfThisProgram(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	r := fleet("run", at)
	want := []reconcile.Device{
		{Place: reconcile.Place{Row: 1}, Name: "edge-1", UDIs: []string{"PID:C9300-24UX,SN:FCW2303D16Y", "PID:C9300-24UX,SN:FCW2303D16Z"}, Topology: "direct-smart", Smart: "Example Corp",
			Virtual: "SDWAN", At: &at, Uses: []reconcile.Use{{License: "dna-advantage", Tag: "C9300-24 DNA Advantage", Units: 1}, {License: "hseck9"},
				{License: "network-advantage", Tag: "C9300-24 Network Advantage", Units: 2}}},
		{Place: reconcile.Place{Row: 2}, Name: "edge-2", At: &at},
		{Place: reconcile.Place{Row: 3}, Name: "edge-3", UDIs: []string{"PID:C8300-1N1S,SN:FDO2511A0Q8"}, At: &at},
	}
	for name, text := range map[string]string{"json": document(t, r), "ndjson": ndjson(t, r), "utf-16": utf16le(document(t, r), true)} {
		t.Run(name, func(t *testing.T) {
			d := reads(t, reconcile.Runs, "run.json", text)
			if diff := cmp.Diff(want, d.Devices); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(reconcile.Input{Kind: reconcile.Runs, Path: d.Inputs[0].Path, Time: &at, Notes: []string{"2 devices do not say which licences are in use"}}, d.Inputs[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
	d := reads(t, reconcile.Runs, "check.json", document(t, fleet("check", at)))
	if d.Devices[0].At != nil || d.Inputs[0].Time != nil {
		t.Error("when check judged is not when the devices were asked")
	}
}

// Of a device in two runs the later answer counts; one of the same name with other units is another device.
func TestDevicesInSeveralRuns(t *testing.T) {
	day := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	later := fleet("run", day.AddDate(0, 0, 1))
	changed := fleet("run", day.AddDate(0, 0, -1))
	for d := range changed.Devices {
		d.Facts.UDIs[1] = "PID:C9300-24UX,SN:FCW0000AAAA"
		break
	}
	var sources []input.Source
	for _, r := range []*diag.Report{later, fleet("run", day), changed} {
		sources = append(sources, input.Source{Kind: reconcile.Runs, Path: write(t, "run.json", document(t, r))})
	}
	d, err := read(t, sources...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range d.Devices {
		got = append(got, v.Name+" "+v.At.Format(time.DateOnly))
	}
	if diff := cmp.Diff([]string{"edge-1 2026-03-02", "edge-2 2026-03-02", "edge-3 2026-03-02", "edge-1 2026-02-28"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"3 devices are in an earlier input or twice in this one: what was said last is taken"}, d.Inputs[1].Notes); diff != "" {
		t.Error(diff)
	}
}

// What check reads is read by its parsers.
func TestCapturesAndBundles(t *testing.T) {
	d, err := read(t, input.Source{Kind: reconcile.Runs, Path: captures})
	if err != nil {
		t.Fatal(err)
	}
	devices := map[string]reconcile.Device{}
	for _, v := range d.Devices {
		devices[v.Name] = v
	}
	smart := devices["direct-smart"]
	if len(smart.UDIs) == 0 || smart.Topology != "direct-smart" || len(smart.Uses) == 0 || smart.Uses[0].Units == 0 || smart.At != nil {
		t.Errorf("got %+v", smart)
	}
	if devices["nxos"].Uses != nil {
		t.Error("a device of another system says nothing about licences")
	}

	dir, at := t.TempDir()+"/bundle", time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	src, err := bundle.Open(captures, nil, iosxe.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	var evidence []bundle.Evidence
	m := bundle.Manifest{Run: diag.Run{ID: "x", Mode: "run", Started: at}}
	for e, err := range src.Devices() {
		if err != nil {
			t.Fatal(err)
		}
		e.State = diag.Examined
		evidence = append(evidence, e)
		m.Devices = append(m.Devices, e.Device)
	}
	w, err := bundle.Create(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range evidence {
		if err := w.Save(e); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := read(t, input.Source{Kind: reconcile.Runs, Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d.Devices, kept.Devices, cmpopts.IgnoreFields(reconcile.Device{}, "At")); diff != "" {
		t.Error(diff)
	}
	if kept.Devices[0].At == nil || !kept.Devices[0].At.Equal(at) || !kept.Inputs[0].Time.Equal(at) {
		t.Errorf("asked %v", kept.Devices[0].At)
	}
	for _, part := range []string{"/devices", "/devices/", "/devices/direct-smart"} {
		_, err := read(t, input.Source{Kind: reconcile.Runs, Path: dir + part})
		if e, ok := errors.AsType[*input.Error](err); !ok || !strings.Contains(e.Error(), "this is a part of a bundle") || e.Hint != "give the whole bundle: --runs "+dir {
			t.Errorf("%s: got %v", part, err)
		}
	}
}

// What nothing is read from is said.
func TestFilesThatAreNoAnswers(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir+"/r1", os.DirFS(captures+"/direct-smart")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ add, want string }{
		{"sh lic all output.md", "not used: " + dir + "/r1/sh lic all output.md: its name is no command this tool reads"},
		{"a.json", "not used: 2 files, the first of them " + dir + "/r1/a.json: its name is no command this tool reads"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "r1", c.add), []byte("x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := read(t, input.Source{Kind: reconcile.Runs, Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Inputs[0].Notes; len(d.Devices) != 1 || !slices.Contains(got, c.want) {
			t.Errorf("%d devices, %q", len(d.Devices), got)
		}
	}
}

func TestRunsThatAreRefused(t *testing.T) {
	const takes = "--runs takes bundles, the JSON of runs and what slpdoctor check reads"
	whole := document(t, fleet("run", time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)))
	for name, c := range map[string]struct{ text, problem, hint string }{
		"a cut document":   {whole[:len(whole)-40], "r: the JSON of a run ends or breaks: unexpected EOF", takes},
		"another document": {`{"schema": 1, "kind": "diff"}`, `r: the document is of kind "diff" with schema 1, and not a run`, takes},
		"a later schema":   {strings.Replace(whole, `"schema": 1`, `"schema": 9`, 1), `r: the document is of kind "run" with schema 9, and not a run`, takes},
		"no device":        {`{"schema": 1, "kind": "run", "devices": []}`, "r: there is no device in it", takes},
		"half of ndjson":   {`{"schema": 1, "kind": "device", "name": "x"}`, "r: the beginning of the run is missing", takes},
		"an export":        {overview, "r: this is a License & Devices overview of vManage, and --runs takes another file", "it belongs to --vmanage"},
		"an archive":       {gz("x"), "r: this is a packed file, and --runs takes another file", "it belongs to --log"},
		"no JSON":          {"{nothing", "r: the JSON of a run ends or breaks: invalid character 'n'", takes},
		"another text":     {"hello\n", "r: there is no answer of a device in it", takes},
	} {
		t.Run(name, func(t *testing.T) {
			problem, hint := refuses(t, reconcile.Runs, "r", c.text)
			if problem != c.problem || hint != c.hint {
				t.Errorf("got  %s\nwant %s\nhint %q, want %q", problem, c.problem, hint, c.hint)
			}
		})
	}
}
