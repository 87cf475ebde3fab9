package cli

import (
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/sim"
)

const labWaivers = `version: 1
waivers:
  - {check: dns-server, match: {name: tyo-acc-1}, reason: until the move, owner: netops, expires: LASTDAY}
`

// TestARunWithWaivers: the stream, the saved run, the report and the gate of one run agree, and so do check and report.
func TestARunWithWaivers(t *testing.T) {
	w := newWorld(t)
	s := w.schema("run")
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1")})
	last := time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	w.write("w.yaml", strings.ReplaceAll(labWaivers, "LASTDAY", last))
	w.write("none.yaml", "version: 1\nwaivers: []\n")
	o := w.want(0, live("run", "--waivers", "w.yaml", "--save", "kept", "-o", "ndjson", "-o", "json=run.json")...)
	run := w.document(w.read("run.json"))
	bare := w.document(w.want(1, "check", "kept", "-o", "json").out)
	valid(t, s, w.read("run.json"))
	if got := run.Summary; got.Waived != 1 || len(got.Waivers) != 1 || got.Waivers[0].Consequences == 0 || got.Findings["high"] != bare.Summary.Findings["high"]-1 {
		t.Fatalf("%+v", got)
	}
	if w.read("run.json") != w.read("kept/run.json") {
		t.Error("the bundle keeps another run than the report")
	}
	if text := `"waived":"waived by netops until ` + last; strings.Count(o.out, text) != 1 {
		t.Errorf("the stream says %q %d times", text, strings.Count(o.out, text))
	}
	same(t, run, w.document(w.want(0, "check", "kept", "--waivers", "w.yaml", "-o", "json").out))
	same(t, bare, w.document(w.want(1, "report", "run.json", "--waivers", "none.yaml", "-o", "json").out))

	// A change is held against what is accepted on both sides, and against what was accepted when there is no file.
	w.want(0, live("run", "--waivers", "w.yaml", "--baseline", "kept")...)
	w.want(0, live("run", "--waivers", "none.yaml", "--baseline", "kept/run.json")...)
	w.want(0, live("run", "--baseline", "kept")...)
	if o := w.want(1, live("run", "--baseline", "kept/run.json")...); !strings.Contains(o.out, "fail (high, waived) -> fail (high)") {
		t.Error(o.out)
	}
}

// TestWaiversStopARun: nothing is asked of a device, and of the user, before the file is in order.
func TestWaiversStopARun(t *testing.T) {
	w := newWorld(t)
	w.write("w.yaml", strings.ReplaceAll(labWaivers, "LASTDAY", "never"))
	srv := w.serve(sim.Options{Devices: devices(t, "tyo-core-1")})
	o := w.want(2, live("run", "--waivers", "w.yaml", "--save", "kept")...)
	if !strings.Contains(o.err, `w.yaml:3: expires is "never"`) || o.out != "" {
		t.Errorf("%q, %q", o.out, o.err)
	}
	if n := srv.Counts("tyo-core-1"); n != (sim.Counts{}) {
		t.Errorf("it was contacted: %+v", n)
	}
}

func TestWaiverDocumentsKeepTheirSchema(t *testing.T) {
	w := newWorld(t)
	w.write("w.yaml", strings.ReplaceAll(labWaivers, "LASTDAY", "2025-01-31"))
	w.write("inv.csv", "name,address\ntyo-acc-1,192.0.2.1\n")
	w.want(0, "demo", "tyo-acc-1", "-o", "json=run.json")
	valid(t, w.schema("waivers"), w.want(0, "waivers", "list", "w.yaml", "-o", "json").out)
	for _, args := range [][]string{{}, {"-i", "inv.csv", "--in", "run.json"}} {
		valid(t, w.schema("waivers-lint"), w.want(1, append([]string{"waivers", "lint", "w.yaml", "-o", "json"}, args...)...).out)
	}
}
