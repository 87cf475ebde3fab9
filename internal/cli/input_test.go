package cli

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

// folder writes the answers of a device as a folder of slug files, each changed by edit.
func (w *world) folder(path string, d *sim.Device, edit func(line, text string) string) {
	w.t.Helper()
	lines, text := answers(d)
	for _, l := range lines {
		w.write(filepath.Join(path, bundle.Slug(l)+".txt"), edit(l, text[l]))
	}
}

// TestDamagedAnswersAreNeverFine spoils every answer of a device in the same way: not one check may pass on
// what is not there.
func TestDamagedAnswersAreNeverFine(t *testing.T) {
	healthy := devices(t, "tyo-core-1")[0]
	for name, spoil := range map[string]func(string) string{
		"empty":         func(string) string { return "" },
		"invalid input": func(string) string { return "          ^\n% Invalid input detected at '^' marker.\n\n" },
		"not allowed":   func(string) string { return "Command authorization failed.\n\n" },
		"binary":        func(string) string { return "\x00\xff\xfe\x01\x80garbage\x00\n" },
		"another text":  func(string) string { return "Lorem ipsum dolor sit amet,\nconsectetur: adipiscing elit\n" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.folder("bad/r1", healthy, func(line, text string) string {
				if name == "empty" && strings.Contains(line, "|") { // nothing matches the filter: an answer
					return "% Invalid input detected at '^' marker.\n"
				}
				return spoil(text)
			})
			o := w.slpdoctor("check", "bad", "-o", "json")
			if o.status == 0 || o.status == 4 {
				t.Fatalf("exit status %d: %s", o.status, o.err)
			}
			if o.status == 2 { // nothing that could be judged, and it says so
				if o.err == "" {
					t.Error("no word of explanation")
				}
				return
			}
			for _, d := range w.document(o.out).Devices {
				for _, r := range d.Results {
					if r.Status == diag.Pass {
						t.Errorf("%s passes: %s", r.Check, r.Summary)
					}
				}
			}
		})
	}
}

// TestOneDamagedAnswer spoils one answer after the other: no defect, and no finding that was not there.
func TestOneDamagedAnswer(t *testing.T) {
	w := newWorld(t)
	healthy := devices(t, "tyo-core-1")[0]
	lines, _ := answers(healthy)
	for i, spoiled := range lines {
		for how, spoil := range map[string]func(string) string{
			"cut in the middle": func(s string) string { return s[:len(s)/2] },
			"refused":           func(string) string { return "% Invalid input detected at '^' marker.\n" },
			"half binary":       func(s string) string { return s[:len(s)/2] + "\x00\xff\x1b[31m" + s[len(s)/2:] },
		} {
			path := filepath.Join("bad", how, bundle.Slug(spoiled)[:min(40, len(bundle.Slug(spoiled)))], "r1")
			w.folder(path, healthy, func(l, text string) string {
				if l == spoiled {
					return spoil(text)
				}
				return text
			})
			o := w.slpdoctor("check", filepath.Dir(path), "-o", "json")
			if o.status == 4 || o.status == 2 {
				t.Fatalf("%s %s: exit status %d: %s", spoiled, how, o.status, o.err)
			}
			for _, d := range w.document(o.out).Devices {
				for _, r := range d.Results {
					if r.Reason != nil && *r.Reason == diag.Internal {
						t.Errorf("%s %s: %s: %s", spoiled, how, r.Check, r.Summary)
					}
				}
				if f := fails(d); how == "refused" && len(f) > 0 {
					t.Errorf("%s refused: %v fail", lines[i], f)
				}
			}
		}
	}
}

func TestSystemsThatAreNotIOSXE(t *testing.T) {
	for name, text := range map[string]string{
		"nxos": "Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n\nSoftware\n" +
			"  BIOS: version 07.69\n  NXOS: version 10.2(3) [Feature Release]\n\nHardware\n  cisco Nexus9000 C93180YC-FX Chassis\n",
		"xr": "Cisco IOS XR Software, Version 7.5.2\nCopyright (c) 2013-2022 by Cisco Systems, Inc.\n\nBuild Information:\n" +
			" Built By     : builder\n\ncisco NCS-540 () processor\nSystem uptime is 3 weeks, 2 days\n",
		"asa": "Cisco Adaptive Security Appliance Software Version 9.16(3)\nSSP Operating System Version 2.10(1.179)\n" +
			"Device Manager Version 7.18(1)\n\nciscoasa up 12 days 4 hours\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("devices/r1/show-version.txt", text)
			w.write("devices/r1/show-license-status.txt", "% Invalid command at '^' marker.\n")
			d := w.document(w.want(3, "check", "devices", "-o", "json").out).Devices[0]
			if d.State != diag.Failed || d.Error == nil || d.Error.Class != "unsupported_platform" {
				t.Errorf("state %s, %+v", d.State, d.Error)
			}
			if f := fails(d); len(f) > 0 {
				t.Errorf("%v fail", f)
			}
		})
	}
}

// TestHostileDeviceText lets a device choose its words: they reach neither the terminal nor a line to paste.
func TestHostileDeviceText(t *testing.T) {
	w := newWorld(t)
	const evil = "\x1b]0;owned\x07\x1b[2J`reload`$(reload)\u202e;reload|x"
	for _, name := range []string{"tyo-acc-1", "fra-acc-3", "chi-br-2", "sel-br-2", "fra-lab-1", "chi-br-3", "fra-acc-1"} {
		d := devices(t, name)[0]
		w.folder(filepath.Join("devices", name), d, func(_, text string) string {
			return strings.NewReplacer("smartreceiver.cisco.com", "x"+evil, "192.0.2.80", "h"+evil, "ssm.example.net", "s"+evil,
				"Loopback0", "Lo0"+evil, "Vlan10", "Vl"+evil, "GigabitEthernet0/0/0", "Gi"+evil, name, name+evil,
				"Mgmt-vrf", "v"+evil, "CiscoTAC-1", "p"+evil, "cslu-local", "c"+evil, "SLA-TrustPoint", "t"+evil).Replace(text)
		})
	}
	w.write("evil"+"\x1b[2J.log", "r1"+evil+"#show version\n")
	o := w.slpdoctor("check", "devices", "-o", "json=run.json", "-o", "table")
	if o.status != 1 {
		t.Fatalf("exit status %d\n%s", o.status, o.err)
	}
	doc := w.document(w.read("run.json"))
	lines := 0
	for _, d := range doc.Devices {
		for _, r := range d.Results {
			for _, f := range r.Fixes {
				for _, l := range slices.Concat(f.Config, f.Exec, f.Verify, f.Manual) {
					if lines++; strings.ContainsAny(l, "\x1b\x07\n\r\u202e") || strings.Contains(l, "`reload") || strings.Contains(l, "$(") || strings.Contains(l, ";reload") {
						t.Errorf("%s: %s: a line to paste holds the device's words: %q", d.Name, r.Check, l)
					}
				}
			}
		}
	}
	if lines < 20 {
		t.Errorf("only %d lines to paste", lines)
	}
	for name, text := range map[string]string{"table": o.out, "stderr": o.err,
		"stderr of a log": w.slpdoctor("check", "evil\x1b[2J.log").err, "error": w.slpdoctor("check", "no\x1b[2Jwhere").err,
		"explain": w.slpdoctor("explain", "no\x1b[2J").err, "inventory": w.slpdoctor("run", "-i", "no\x1b[2Jwhere").err} {
		if i := strings.IndexAny(text, "\x1b\x07\r\u202e"); i >= 0 {
			t.Errorf("%s: the terminal would obey %q", name, text[max(0, i-60):min(len(text), i+20)])
		}
	}
}

func TestParseTakesAnything(t *testing.T) {
	w := newWorld(t)
	tech := devices(t, "tyo-core-1")[0].Run("show license tech support")
	texts := map[string]string{"empty": "", "truncated": tech[:len(tech)/3], "refused": "% Invalid input detected at '^' marker.\n",
		"no line end": "Smart Licensing is ENABLED", "long line": strings.Repeat("x: ", 100_000), "bad utf-8": "\xff\xfe: \x80\n",
		"carriage returns": strings.ReplaceAll(tech, "\n", "\r\n")}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		w.in = strings.NewReader(texts[name])
		o := w.want(0, "parse", "--command", "show license tech support")
		var doc struct {
			Kind  string
			Facts map[string]any
			Tree  []any
		}
		if err := json.Unmarshal([]byte(o.out), &doc); err != nil || doc.Kind != "parse" {
			t.Errorf("%s: %v", name, err)
		}
		if name == "carriage returns" && doc.Facts["enabled"] != true {
			t.Errorf("%s: %v", name, doc.Facts)
		}
	}
	w.write("binary", "\x7fELF\x00\x00")
	for name, args := range map[string][]string{"not text": {"--command", "show version", "binary"}, "no command": {"binary"},
		"unknown": {"--command", "reload", "binary"}, "ambiguous": {"--command", "show", "binary"}, "no file": {"--command", "show version", "gone"}} {
		if o := w.slpdoctor(append([]string{"parse"}, args...)...); o.status != 2 || o.out != "" || !strings.HasPrefix(o.err, "slpdoctor: error: ") {
			t.Errorf("%s: exit status %d, %q", name, o.status, o.err)
		}
	}
}
