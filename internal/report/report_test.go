package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fleet is a small run with every kind of device: failing with a shared cause, warning, healthy, not
// examined, with wide, combining and hostile names.
func fleet() *diag.Report {
	root := diag.Result{Check: "dns-server", Status: diag.Fail, Severity: diag.High, Key: "",
		Summary:  "no name server is configured, so smartreceiver.cisco.com can not be resolved",
		Evidence: []diag.Evidence{{Command: "show hosts", Line: 2, Text: "Name servers are 255.255.255.255"}},
		Fixes: []diag.Fix{{Summary: "configure a name server", Config: []string{"ip name-server <dns-ip>"},
			Exec: []string{"copy running-config startup-config"}, Verify: []string{"show hosts", "ping smartreceiver.cisco.com"}, Manual: []string{}}}}
	follow := diag.Result{Check: "reach-ping", Status: diag.Unknown, Reason: new(diag.Blocked), Severity: diag.Medium, CausedBy: new("dns-server")}
	warn := diag.Result{Check: "transport-type", Status: diag.Warn, Severity: diag.Low, Summary: "transport is \x1b[31mcallhome\x1b[0m"}
	pass := diag.Result{Check: "clock-ntp-sync", Status: diag.Pass, Severity: diag.High}
	dev := func(name, topology string, days int, results ...diag.Result) diag.DeviceResult {
		return diag.DeviceResult{Name: name, Address: "192.0.2.1", State: diag.Examined, Results: results,
			Platform: &diag.Platform{OS: "IOS XE", Release: "17.9.4a"},
			Topology: &diag.Topology{ID: diag.TopologyID(topology), Confidence: "certain"},
			Deadline: &diag.Deadline{State: "due", DaysLeft: new(days)},
			Commands: []diag.CommandResult{{Line: "show version", Outcome: diag.OK, Lines: 60}, {Line: "show hosts", Outcome: diag.WasRefused}}}
	}
	devices := []diag.DeviceResult{
		dev("seoul-edge-1", "direct-smart", 40, pass),
		dev("tokyo-edge-1", "direct-smart", 12, root, follow),
		dev("tokyo-edge-2.branch.example.net", "direct-smart", -3, root, follow),
		dev("東京-コア-01", "direct-callhome", 60, warn),
		{Name: "lab-9", State: diag.AuthRejected, Error: &diag.Fault{Class: "auth_rejected", Stage: "auth",
			Message: "the device rejected the login of user netops", Hint: "check the credential; slpdoctor never tries a rejected password twice"}},
	}
	fold := engine.Fold{}
	for _, d := range devices {
		fold.Add(d)
	}
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	return &diag.Report{Tool: diag.Tool{Name: "slpdoctor", Version: "test"},
		Run:     diag.Run{ID: "r", Started: at, Finished: at.Add(time.Minute), Mode: "run", HostKey: "strict"},
		Summary: fold.Summary(), Devices: Slice(devices)}
}

func TestTable(t *testing.T) {
	for name, width := range map[string]int{"table-80.txt": 80, "table-120.txt": 120, "table-40.txt": 40} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := writeTable(&b, fleet(), Options{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("%d columns in %q", n, line)
				}
			}
			golden(t, name, b.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestNothingUnsafeReachesTheTerminal(t *testing.T) {
	var b bytes.Buffer
	if err := writeTable(&b, fleet(), Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\r") {
		t.Errorf("control bytes in %q", b.String())
	}
}

func TestJSONReadsBack(t *testing.T) {
	var first, second bytes.Buffer
	if err := writeJSON(&first, fleet(), Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := Read(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(&second, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.String(), second.String()); d != "" {
		t.Error(d)
	}
}

// ReadLean reads what Read does, but for what Lean drops.
func TestReadLean(t *testing.T) {
	var b, want, got bytes.Buffer
	if err := writeJSON(&b, fleet(), Options{}); err != nil {
		t.Fatal(err)
	}
	whole, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := ReadLean(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	devices := whole.Devices
	whole.Devices = func(yield func(diag.DeviceResult, error) bool) {
		for d, err := range devices {
			if Lean(&d); !yield(d, err) {
				return
			}
		}
	}
	if err := writeJSON(&want, whole, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(&got, kept, Options{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), got.String()); d != "" || want.Len() >= b.Len() {
		t.Error(d)
	}
}

func TestReadRefusesOtherDocuments(t *testing.T) {
	for _, in := range []string{"", "[]", `{"kind":"diff","schema":1}`, `{"kind":"run","schema":2}`} {
		if _, err := Read(strings.NewReader(in)); err == nil {
			t.Errorf("%q was read as a run", in)
		}
		if _, err := ReadLean([]byte(in)); err == nil {
			t.Errorf("%q was read as a run for a comparison", in)
		}
	}
}

func TestYAMLSaysTheSameAsJSON(t *testing.T) {
	var j, y bytes.Buffer
	if err := writeJSON(&j, fleet(), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := writeYAML(&y, fleet(), Options{}); err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal(j.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(y.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(a)
	if d := cmp.Diff(string(want), string(back)); d != "" {
		t.Error(d)
	}
}

func TestNDJSONIsOneObjectPerLine(t *testing.T) {
	var b bytes.Buffer
	if err := writeNDJSON(&b, fleet(), Options{}); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for line := range strings.Lines(b.String()) {
		var d struct{ Kind string }
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, d.Kind)
	}
	want := []string{"run", "device", "device", "device", "device", "device", "summary"}
	if d := cmp.Diff(want, kinds); d != "" {
		t.Error(d)
	}
}

func TestParseTargets(t *testing.T) {
	for _, c := range []struct {
		specs []string
		err   string
	}{
		{nil, ""},
		{[]string{"json", "table=x.txt"}, ""},
		{[]string{"jsno"}, `no format "jsno"`},
		{[]string{"json", "yaml"}, "standard output already takes"},
		{[]string{"json=a", "yaml=a"}, "a already takes"},
		{[]string{"json="}, "empty"},
	} {
		_, err := ParseTargets(c.specs)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("ParseTargets(%q) = %v, want %q", c.specs, err, c.err)
		}
	}
}
