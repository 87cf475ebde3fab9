package cli

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/rundiff"
	"slpdoctor/internal/sim"
)

func (w *world) comparison(text string) rundiff.Document {
	w.t.Helper()
	valid(w.t, w.schema("diff"), text)
	var d rundiff.Document
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		w.t.Fatalf("reading a comparison: %v\n%.500s", err, text)
	}
	return d
}

// gating lists, per device, the changes that set the exit status and follow nothing.
func gating(d rundiff.Document) map[string][]string {
	out := map[string][]string{}
	for _, dev := range d.Devices {
		for _, ch := range dev.Changes {
			if ch.Gates() && !ch.Follows {
				what := ch.Kind
				if ch.Check != "" {
					what = ch.Check
				}
				out[dev.Name] = append(out[dev.Name], string(ch.Class)+" "+what)
			}
		}
	}
	return out
}

// TestChangeWindow is the story of a change: before, an upgrade that breaks two of four devices, the gate, the fix,
// the gate.
func TestChangeWindow(t *testing.T) {
	w := newWorld(t)
	dev := devices(t, "tyo-core-1", "tyo-edge-1", "sel-edge-2", "lab-acc-3")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.serve(sim.Options{Devices: dev})
	w.want(1, live("run", "--save", "before", "-o", "json=before.json")...)

	for _, d := range dev {
		must(d.Upgrade("17.15.3"))
	}
	must(dev[0].Configure("no ip name-server"))
	must(dev[1].Configure("license smart url smart https://smartreceiver.example.net/licservice/license"))
	w.want(1, live("run", "--save", "after", "-o", "json=after.json")...)

	broken := map[string][]string{
		"tyo-core-1": {"new name-servers", "new dns-server"},
		"tyo-edge-1": {"new topology", "new url", "new transport-smart-url"}}
	for name, sides := range map[string][]string{"bundles": {"before", "after"}, "runs": {"before.json", "after.json"}, "one of each": {"before", "after.json"}} {
		d := w.comparison(w.want(1, "diff", sides[0], sides[1], "--allow", "release", "-o", "json").out)
		if diff := cmp.Diff(broken, gating(d)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if d.Summary.Allowed != len(dev) || d.Summary.Consequences == 0 || d.Summary.Compared != len(dev) {
			t.Errorf("%s: %+v", name, d.Summary)
		}
	}
	unexpected := gating(w.comparison(w.want(1, "diff", "before", "after", "-o", "json").out))
	for _, d := range dev {
		if !slices.Contains(unexpected[d.Name], "new release") {
			t.Errorf("%s: the new release is not told", d.Name)
		}
	}
	w.want(0, "diff", "before", "after", "--allow", "release,device:tyo-*")

	must(dev[0].Configure("ip name-server 192.0.2.53"))
	must(dev[1].Configure("license smart url smart https://smartreceiver.cisco.com/licservice/license"))
	fixed := w.want(0, live("run", "--baseline", "before", "--allow", "release", "--save", "fixed", "-o", "json=fixed.json", "-o", "markdown")...).out
	if !strings.Contains(fixed, "**No regressions beside what was expected.**") || !strings.Contains(fixed, "| `release` | new |") {
		t.Error(fixed)
	}
	if n := len(w.document(w.read("fixed.json")).Devices); n != len(dev) {
		t.Errorf("the run's own report has %d devices", n)
	}
	w.want(0, "diff", "before", "fixed", "--allow", "release")
	if back := w.want(0, "diff", "after", "fixed", "--allow", "url,topology,name-servers", "-o", "json").out; w.comparison(back).Summary.Changes[rundiff.Resolved] == 0 {
		t.Errorf("the fix resolves nothing: %s", back)
	}
}

// TestFacts holds what a run records for later comparisons against what the simulated devices are.
func TestFacts(t *testing.T) {
	w := newWorld(t)
	doc := w.document(w.want(0, "demo", "-l", "tyo-core-1", "-l", "sel-edge-1", "-l", "lab-acc-1", "-o", "json").out)
	one, two := "PID:C9500-32QC,SN:SIM2501A001", "PID:C9500-32QC,SN:SIM2501A002"
	for name, want := range map[string]*diag.Holdings{
		"tyo-core-1": {UDIs: []string{one, two}, Trust: []string{one, two}, Licenses: []string{"dna-advantage", "network-advantage"},
			Counts:  map[string]int{"dna-advantage": 2, "network-advantage": 2},
			LastACK: new("Feb 25 13:14:16 2025 JST"), Clock: new("Mar 12 15:00:00 2025 JST")},
		"sel-edge-1": {UDIs: []string{"PID:C8300-1N1S-6T,SN:SIM2502A001"}, Trust: []string{}, Licenses: []string{"dna-advantage_T2", "network-advantage_T2"},
			Counts:  map[string]int{"dna-advantage_T2": 1, "network-advantage_T2": 1},
			LastACK: new(""), Clock: new("Mar 12 15:00:00 2025 KST")},
		"lab-acc-1": nil,
	} {
		if diff := cmp.Diff(want, device(t, doc, name).Facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBaseline(t *testing.T) {
	w := newWorld(t)
	dev := devices(t, "tyo-core-1", "lab-acc-3")
	srv := w.serve(sim.Options{Devices: dev})
	w.slpdoctor(live("run", "--save", "before", "-o", "json=before.json")...)

	o := w.want(0, live("run", "--baseline", "before.json", "-l", "lab-*")...)
	if !strings.Contains(o.out, "Nothing has changed.") || !strings.Contains(o.out, "1 device of the earlier run was not asked for") || strings.Contains(o.out, "FIX FIRST") {
		t.Error(o.out)
	}
	for _, bad := range [][]string{
		{"--baseline", "nothing-there"}, {"--allow", "release"}, {"--baseline", "before", "--allow", "relase"},
		{"--baseline", "before", "-o", "yaml"}, {"--baseline", "inventory.yaml"},
	} {
		n := srv.Counts("tyo-core-1")
		w.want(2, live("run", bad...)...)
		if srv.Counts("tyo-core-1") != n {
			t.Errorf("%q: the device was contacted", bad)
		}
	}
	srv.Close()
	d := w.comparison(w.want(1, live("run", "--baseline", "before", "-o", "json")...).out)
	if diff := cmp.Diff(map[string][]string{"tyo-core-1": {"worse state"}, "lab-acc-3": {"worse state"}}, gating(d)); diff != "" {
		t.Error(diff)
	}
	w.want(0, live("run", "--baseline", "before", "--exit-zero")...)
}

// TestNothingToCompare: a gate that has compared nothing is no all-clear.
func TestNothingToCompare(t *testing.T) {
	w := newWorld(t)
	srv := w.serve(sim.Options{Devices: devices(t, "tyo-core-1")})
	srv.Close()
	w.want(3, live("run", "--save", "before")...)
	for _, args := range [][]string{live("run", "--baseline", "before", "--save", "after"), {"diff", "before", "after"}} {
		if o := w.want(3, args...); !strings.Contains(o.out, "Nothing could be compared.") {
			t.Error(o.out)
		}
	}
	w.want(0, live("run", "--baseline", "before", "--exit-zero")...)
}

func TestDiffReadsNoRubbish(t *testing.T) {
	w := newWorld(t)
	w.want(0, "demo", "-l", "tyo-core-1", "--save", "kept", "-o", "json=run.json", "-o", "ndjson=run.ndjson")
	run := w.read("run.json")
	w.write("half.json", run[:len(run)/2])
	w.write("empty.json", `{"schema":1,"kind":"run","devices":[]}`)
	w.write("other.json", `{"schema":1,"kind":"diff"}`)
	w.write("newer.json", `{"schema":2,"kind":"run"}`)
	w.write("collected.json", strings.Replace(run, `"mode": "demo"`, `"mode": "collect"`, 1))
	w.write("words.txt", "nothing that a device would say\n")
	if err := os.Mkdir("void", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"half.json", "empty.json", "other.json", "newer.json", "collected.json", "words.txt", "void", "missing", "run.ndjson"} {
		for _, args := range [][]string{{"diff", "kept", bad}, {"diff", bad, "kept"}} {
			if o := w.want(2, args...); o.out != "" || !strings.Contains(o.err, "error: ") {
				t.Errorf("%q: %s%s", args, o.out, o.err)
			}
		}
	}
	for _, args := range [][]string{{"diff", "kept"}, {"diff", "-", "-"}, {"diff", "kept", "kept", "-o", "html"}, {"diff", "kept", "kept", "--allow", "x"}} {
		w.want(2, args...)
	}
	w.in = strings.NewReader(run)
	if o := w.want(0, "diff", "kept", "-"); !strings.Contains(o.out, "Nothing has changed.") {
		t.Error(o.out)
	}
}

// TestHostileWordsInADiff lets names, values and summaries hold what a terminal or a Markdown reader would obey.
func TestHostileWordsInADiff(t *testing.T) {
	const evil = "\x1b[31m`</code>` | <script>x</script> [a](http://x) ![i](http://x) @all *b* \u202e# h\r\n# top"
	w := newWorld(t)
	w.want(0, "demo", "-l", "tyo-*", "-o", "json=before.json")
	var doc map[string]any
	if err := json.Unmarshal([]byte(w.read("before.json")), &doc); err != nil {
		t.Fatal(err)
	}
	for _, d := range doc["devices"].([]any) {
		d := d.(map[string]any)
		d["platform"].(map[string]any)["release"] = "17" + evil
		d["traits"].(map[string]any)["url"] = "https://x" + evil
		d["traits"].(map[string]any)[evil] = evil
		d["facts"].(map[string]any)["licenses"] = []string{evil}
		d["name"] = d["name"].(string) + evil
		for _, r := range d["results"].([]any) {
			r := r.(map[string]any)
			r["status"], r["summary"], r["caused_by"] = "fail", evil, nil
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	w.write("after"+".json", string(text))
	table := w.want(1, "diff", "before.json", "after.json").out
	ticket := w.want(1, "diff", "before.json", "after.json", "-o", "markdown").out
	if strings.ContainsAny(table+ticket, "\x1b\r\u202e") {
		t.Error("control characters reach the reader")
	}
	for line := range strings.Lines(ticket) {
		plain := ""
		for i, piece := range strings.Split(strings.TrimSuffix(line, "\n"), "`") {
			if i%2 == 0 {
				plain += piece
			}
		}
		if strings.Count(line, "`")%2 != 0 || strings.ContainsAny(plain, "<>[@") || strings.Contains(plain, "http") || strings.HasPrefix(line, "# ") {
			t.Fatalf("a device's words are Markdown: %q", line)
		}
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 7 {
			t.Errorf("a device's words make cells: %q", line)
		}
	}
}

// TestDiffFits holds what people read to 80 columns, but for words that may have to be pasted.
func TestDiffFits(t *testing.T) {
	w := newWorld(t)
	t.Setenv("COLUMNS", "80")
	w.want(0, "demo", "--save", "before", "-l", "*-1")
	w.want(0, "demo", "--save", "after", "-l", "*-2", "-l", "*-1", "--exclude", "tyo-*")
	o := w.want(1, "diff", "before", "after")
	for line := range strings.Lines(o.out) {
		if n := len([]rune(line)) - 1; n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"\nREGRESSIONS\n  device: vanished, was examined\n    on ", "\nOTHER CHANGES\n  device: appeared, examined\n"} {
		if !strings.Contains(o.out, want) {
			t.Errorf("no %q in\n%s", want, o.out)
		}
	}
}

// TestPartsNameTheRightCause: devices on which the same check fails because of different things are not one group.
func TestPartsNameTheRightCause(t *testing.T) {
	failed := func(device, cause string) rundiff.Device {
		return rundiff.Device{Name: device, Changes: []rundiff.Change{{Class: rundiff.New, Kind: "check", Check: "report-usage", After: "fail (high)", CausedBy: &cause}}}
	}
	d := &rundiff.Document{Devices: []rundiff.Device{failed("r1", "dns-server"), failed("r2", "reach-route"), failed("r3", "dns-server")}}
	got := map[string][]string{}
	for _, g := range parts(d)[0].groups {
		got[*g.CausedBy] = g.devices
	}
	if diff := cmp.Diff(map[string][]string{"dns-server": {"r1", "r3"}, "reach-route": {"r2"}}, got); diff != "" {
		t.Error(diff)
	}
}

// TestPartsJoinWhatBecameUnknown: checks that are not known any more, on the same devices for the same reason, are one entry.
func TestPartsJoinWhatBecameUnknown(t *testing.T) {
	lost := func(device string, checks ...string) rundiff.Device {
		d := rundiff.Device{Name: device}
		for _, c := range checks {
			d.Changes = append(d.Changes, rundiff.Change{Class: rundiff.Worse, Kind: "check", Check: c, Severity: diag.High,
				Before: "pass", After: "unknown (refused)", Summary: "the device refused a command this needs", Regression: true})
		}
		return d
	}
	d := &rundiff.Document{Devices: []rundiff.Device{lost("r1", "a", "b", "c"), lost("r2", "a", "b")}}
	d.Devices[1].Changes = append(d.Devices[1].Changes, rundiff.Change{Class: rundiff.New, Kind: "check", Check: "d", Severity: diag.High, Before: "pass", After: "fail (high)", Regression: true})
	got := map[string][]string{}
	for _, g := range parts(d)[0].groups {
		got[g.subject()] = g.devices
	}
	if diff := cmp.Diff(map[string][]string{"a, b": {"r1", "r2"}, "c": {"r1"}, "d": {"r2"}}, got); diff != "" {
		t.Error(diff)
	}
}
