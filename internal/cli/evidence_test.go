package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/sim"
)

// TestBundleGivesTheResultsOfItsRun holds check and report against the run they repeat, on every device of
// the demo fleet.
func TestBundleGivesTheResultsOfItsRun(t *testing.T) {
	w := newWorld(t)
	w.serve(sim.Options{Devices: devices(t)})
	table := w.want(1, live("run", "--save", "kept", "-o", "json=run.json", "-o", "table")...).out
	run := w.document(w.read("run.json"))
	if n := run.Summary.Devices; n.Total < 16 || n.Examined < n.Total-4 {
		t.Fatalf("%+v", n)
	}
	checked := w.want(1, "check", "kept", "-o", "json=check.json", "-o", "table")
	same(t, run, w.document(w.read("check.json")))
	if diff := cmp.Diff(table, checked.out); diff != "" {
		t.Errorf("check prints another table (-run +check):\n%s", diff)
	}
	if checked.err != "" {
		t.Errorf("check says on stderr: %s", checked.err)
	}
	for _, name := range []string{"run.json", filepath.Join("kept", "run.json")} {
		if diff := cmp.Diff(table, w.want(1, "report", name, "-o", "table").out); diff != "" {
			t.Errorf("report %s prints another table (-run +report):\n%s", name, diff)
		}
	}
	if again := w.want(1, "report", "run.json", "-o", "json").out; again != w.read("run.json") {
		t.Error("report -o json changes the document")
	}
	if o := w.want(2, live("run", "--save", "kept")...); !strings.Contains(o.err, "not empty") {
		t.Errorf("saving over a bundle: %s", o.err)
	}
}

func TestCollectedEvidenceIsJudgedLikeARun(t *testing.T) {
	w := newWorld(t)
	w.serve(sim.Options{Devices: devices(t, "tyo-acc-1", "fra-acc-3", "syd-vault-1")})
	run := w.document(w.want(1, live("run", "-o", "json")...).out)
	o := w.want(0, live("collect", "--save", "kept")...)
	if !strings.Contains(o.out, "3 of 3 devices collected into kept") {
		t.Errorf("collect says %q", o.out)
	}
	check := w.document(w.want(1, "check", "kept", "-o", "json").out)
	for i, d := range run.Devices {
		if diff := cmp.Diff(verdicts(d), verdicts(check.Devices[i])); diff != "" {
			t.Errorf("%s (-run +check):\n%s", d.Name, diff)
		}
	}
	if d := check.Devices[0]; len(d.Commands) <= len(run.Devices[0].Commands) {
		t.Errorf("collect kept %d commands, the run %d: it is to keep the full plan", len(d.Commands), len(run.Devices[0].Commands))
	}
}

// answers are what the commands of the catalogue without parameters print on a device, in its order.
func answers(d *sim.Device) (lines []string, text map[string]string) {
	text = map[string]string{}
	for _, c := range iosxe.Catalogue() {
		if c.Template.Fixed() {
			lines = append(lines, c.String())
			text[c.String()] = d.Run(c.String())
		}
	}
	return lines, text
}

// TestEveryFormOfEvidence gives check the same device in every form it reads.
func TestEveryFormOfEvidence(t *testing.T) {
	w := newWorld(t)
	dev := devices(t, "tyo-acc-1")[0]
	lines, text := answers(dev)
	var log, tech strings.Builder
	log.WriteString("Trying 192.0.2.21...\nConnected\n")
	for _, l := range lines {
		w.write(filepath.Join("devices", dev.Name, bundle.Slug(l)+".txt"), text[l])
		w.write(filepath.Join(dev.Name, bundle.Slug(l)+".txt"), dev.Name+"#"+l+"\n"+text[l])
		log.WriteString(dev.Name + "#" + l + "\r\n" + strings.ReplaceAll(text[l], "\n", "\r\n"))
		if !strings.Contains(l, "|") {
			tech.WriteString("\n------------------ " + l + " ------------------\n\n" + text[l])
		}
	}
	log.WriteString(dev.Name + "#exit\r\n")
	w.write("session.log", log.String())
	w.write("tech.txt", tech.String())

	// Ping is the only command with values from the device among those its checks read, so it is left out.
	w.serve(sim.Options{Devices: []*sim.Device{dev}})
	run := device(t, w.document(w.want(1, live("run", "--passive", "-o", "json")...).out), dev.Name)
	want := fails(run)
	if !slices.Contains(want, "dns-server") {
		t.Fatalf("the run finds %v", want)
	}
	for name, path := range map[string]string{"folder of folders": "devices", "folder of slugs": dev.Name,
		"pasted log": "session.log", "stdin": "-", "tech-support": "tech.txt"} {
		t.Run(name, func(t *testing.T) {
			w.in = strings.NewReader(log.String())
			doc := w.document(w.want(1, "check", path, "-o", "json").out)
			if len(doc.Devices) != 1 {
				t.Fatalf("%d devices", len(doc.Devices))
			}
			d := doc.Devices[0]
			if d.State != diag.Examined || d.Platform == nil || d.Platform.Serial != run.Platform.Serial {
				t.Errorf("state %s, platform %+v, error %+v", d.State, d.Platform, d.Error)
			}
			if name != "tech-support" && d.Name != dev.Name {
				t.Errorf("the device is called %q", d.Name)
			}
			if diff := cmp.Diff(want, fails(d)); diff != "" {
				t.Errorf("findings (-run +check):\n%s", diff)
			}
			if text, pasted := map[string]string{"session.log": log.String(), "-": log.String(), "tech.txt": tech.String()}[path]; pasted {
				located(t, d, text)
			}
		})
	}
}

// located holds the places of the evidence against the text it was read from.
func located(t *testing.T, d diag.DeviceResult, text string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	n := 0
	for _, r := range d.Results {
		for _, e := range r.Evidence {
			if e.Line == 0 {
				continue
			}
			if n++; e.Source == nil || e.Source.Line > len(lines) {
				t.Errorf("%s: %q is from %+v", r.Check, e.Text, e.Source)
			} else if l := lines[e.Source.Line-1]; !strings.Contains(l, strings.TrimSpace(e.Text)) {
				t.Errorf("%s: line %d is %q, the evidence %q", r.Check, e.Source.Line, l, e.Text)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d lines of evidence", n)
	}
}
