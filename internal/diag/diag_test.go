package diag

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTemplate(t *testing.T) {
	ping := NewTemplate("ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]")
	for line, want := range map[string]bool{
		"ping cisco.com repeat 5 timeout 2":                           true,
		"ping vrf Mgmt-vrf 192.0.2.1 repeat 5 timeout 2 source Gi0/0": true,
		"ping 2001:db8::1 repeat 5 timeout 2":                         true,
		"ping vrf a b c repeat 5 timeout 2":                           false,
		"ping cisco.com repeat 5 timeout 2\nreload":                   false,
		"ping cisco.com repeat 5 timeout 2 | redirect flash:x":        false,
		"ping cisco.com;reload repeat 5 timeout 2":                    false,
		"ping ? repeat 5 timeout 2":                                   false,
		"ping " + strings.Repeat("a", 200) + " repeat 5 timeout 2":    false,
		"": false,
	} {
		if got := ping.Match(line); got != want {
			t.Errorf("Match(%q) = %v", line, got)
		}
	}
	for _, c := range []struct {
		values map[Class]string
		want   string
	}{
		{map[Class]string{ClassHost: "cslu-local"}, "ping cslu-local repeat 5 timeout 2"},
		{map[Class]string{ClassHost: "192.0.2.1", ClassVRF: "M", ClassIf: "Lo0"}, "ping vrf M 192.0.2.1 repeat 5 timeout 2 source Lo0"},
		{map[Class]string{ClassVRF: "M"}, ""},
		{map[Class]string{ClassHost: "a b"}, ""},
		{map[Class]string{ClassHost: "a", ClassVRF: "x\nreload"}, ""},
		{map[Class]string{ClassHost: strings.Repeat("a", 190)}, ""},
	} {
		got, err := ping.Fill(c.values)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("Fill(%q) = %q, %v, want %q", c.values, got, err, c.want)
		}
		if got != "" && !ping.Match(got) {
			t.Errorf("the template does not match its own line %q", got)
		}
	}
	if (Template{}).Match("") {
		t.Error("the zero template matches a line")
	}
}

func TestDeviceTime(t *testing.T) {
	for in, want := range map[string]string{
		"Feb 06 22:52:03 2024 PDT":            "2024-02-06 22:52:03 PDT",
		"Nov  8 10:31:00 2023 EDT":            "2023-11-08 10:31:00 EDT",
		"Jan 01 00:00:00 1970 UTC":            "1970-01-01 00:00:00 UTC",
		"*17:05:54.449 UTC Mon Jul 29 2024":   "2024-07-29 17:05:54 UTC",
		".13:28:08.565 UTC Tue Jan 11 2022":   "2022-01-11 13:28:08 UTC",
		"9:04:51.711 pacific Fri Sep 1 2023":  "2023-09-01 09:04:51 pacific",
		"00:34:52 UTC Nov 20 2015":            "2015-11-20 00:34:52 UTC",
		"Feb 30 22:52:03 2024 PDT":            "",
		"<none>":                              "",
		"00:15:00":                            "",
		"Feb 06 22:52:03 2024 PDT (Expired)":  "",
		strings.Repeat("9", 100) + ":00:00 U": "",
	} {
		d, ok := ParseDeviceTime(in)
		got := ""
		if ok {
			got = d.Wall().Format(time.DateTime) + " " + d.Zone
		}
		if got != want {
			t.Errorf("ParseDeviceTime(%q) = %q, want %q", in, got, want)
		}
	}
	for d, want := range map[time.Duration]int{0: 0, 23 * time.Hour: 0, 24 * time.Hour: 1, -time.Second: -1, -24 * time.Hour: -1, -25 * time.Hour: -2} {
		if got := Days(d); got != want {
			t.Errorf("Days(%v) = %d, want %d", d, got, want)
		}
	}
}

func TestValueInJSON(t *testing.T) {
	at := Source{Command: "show x", Line: 1}
	b, err := json.Marshal(struct {
		A Value[int]    `json:"a,omitzero"`
		B Value[string] `json:"b,omitzero"`
		C Value[string] `json:"c,omitzero"`
	}{Present(3, at), None[string](at), Missing[string](Refused)})
	if err != nil || string(b) != `{"a":3,"b":null}` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestOrKeepsTheMoreTellingReason(t *testing.T) {
	known := Present(1, Source{})
	for _, c := range []struct {
		a, b Value[int]
		want Reason
	}{
		{known, Missing[int](Refused), ""},
		{Missing[int](Refused), known, ""},
		{Missing[int](NotCollected), Missing[int](Absent), Absent},
		{Missing[int](Absent), Missing[int](NotCollected), Absent},
		{Value[int]{}, Missing[int](Refused), Refused},
		{Missing[int](Cut), Value[int]{}, Cut},
	} {
		if got := c.a.Or(c.b).Why(); got != c.want {
			t.Errorf("%v or %v: %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestNeedEndsTheExam(t *testing.T) {
	k := &Check{ID: "x-y", Severity: High, Applies: AnySLP, Judge: func(e *Exam) Verdict {
		Need(e, Missing[int](Cut))
		return e.Pass("good", "good")
	}}
	v := k.Run(NewFacts(Device{}))
	if v.Status != Unknown || v.Reason != Cut || v.ID != "x-y.unknown-cut" {
		t.Errorf("%+v", v)
	}
	asked, other := &Command{Template: NewTemplate("show x")}, &Command{Template: NewTemplate("show y")}
	k.Reads = []*Command{asked, other}
	f := NewFacts(Device{}, Capture{Command: asked, Line: "show x", Outcome: WasCut}, Capture{Command: other, Line: "show y", Outcome: WasRefused})
	if v := k.Run(f); len(v.Evidence) != 1 || v.Evidence[0].Command != "show x" {
		t.Errorf("the evidence of what was cut is %+v", v.Evidence)
	}
	k.Applies = Push
	f.NoTopology = Refused
	if v := k.Run(f); v.Status != Unknown || v.Reason != Refused || v.ID != "x-y.no-topology" {
		t.Errorf("where the topology is not known: %+v", v)
	}
	f.Topology.ID = ClassicSL
	if v := k.Run(f); v.Status != NotApplicable || !strings.Contains(v.Text, "classic-sl") {
		t.Errorf("%+v", v)
	}
}

func TestSentencesDoNotLookIntoDeviceText(t *testing.T) {
	got := fill("{a} and {b}, {c}", Args{"a": "{b}", "b": []string{"1", "2"}})
	if want := "{b} and 1, 2, {c}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFixTakesOnlySafeValues(t *testing.T) {
	f := Fix{Config: []string{"ip host <name> <ip>"}, Verify: []string{"ping <name>"}}
	got := f.With(Param{"name", "cslu-local", ClassHost}, Param{"ip", "192.0.2.1\nreload", ClassIP}, Param{"other", "a b", ClassHost})
	want := Fix{Config: []string{"ip host cslu-local <ip>"}, Exec: []string{}, Verify: []string{"ping cslu-local"},
		Manual: []string{"fill in <ip> by hand: the device's own value has characters that are not safe to paste"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if f.Config[0] != "ip host <name> <ip>" {
		t.Error("With changed the fix it was called on")
	}
}

func TestFamilies(t *testing.T) {
	for _, id := range TopologyIDs() {
		if !id.Valid() || id.Family() == unknownFamily {
			t.Errorf("%s has no family", id)
		}
	}
	if TopologyID("").Family()&AnySLP == 0 || UnsupportedOS.Family()&Everywhere != 0 || UnsupportedOS.Valid() || ClassicSL.Family()&AnySLP != 0 {
		t.Error("the unknown, the unsupported or the classic family is in the wrong set")
	}
}
