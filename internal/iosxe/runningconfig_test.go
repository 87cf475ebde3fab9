package iosxe

import (
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

func TestConfigLines(t *testing.T) {
	c, ok := parseText(&RunningNames.Command, "ntp server vrf M 192.0.2.1\nntp server-group x\nno ip domain lookup\nntp server 192.0.2.2 prefer\n").Facts.(*Config)
	if !ok {
		t.Fatal("no configuration")
	}
	servers := c.Lines("ntp server")
	if len(servers) != 2 || servers[1].After("ntp server") != "192.0.2.2 prefer" || servers[1].Number != 4 ||
		servers[1].At.Text != "ntp server 192.0.2.2 prefer" || servers[1].At.Command != RunningNames.String() {
		t.Errorf("ntp servers: %+v", servers)
	}
	if !c.Has("no ip domain lookup") || c.Has("ip domain lookup") || c.Has("ntp serv") {
		t.Error("lines are found by whole words only")
	}
	if got := servers[0].After("ip route"); got != "" {
		t.Errorf("After another beginning: %q", got)
	}
}

// TestConfigFilters reads what is no answer to the filter: it must not pass for an empty configuration.
func TestConfigFilters(t *testing.T) {
	tests := map[string]struct {
		text    string
		problem diag.Reason
		lines   int
	}{
		"nothing matched":      {"", "", 0},
		"only echo and prompt": {"edge1#" + RunningServices.String() + "\nedge1#\n", "", 0},
		"matched":              {"ip http server\n", "", 1},
		"a refusal":            {"       ^\n% Invalid input detected at '^' marker.\n", diag.Refused, 0},
		"another output":       {"Smart Licensing is ENABLED\n", diag.Unparsed, 0},
		"garbage":              {"\x00\x01\xff\xfe", diag.Unparsed, 0},
		"the whole, cut":       {"Current configuration : 99 bytes\n!\nhostname edge1\n", diag.Cut, 1},
		"the whole":            {"Current configuration : 99 bytes\n!\nhostname edge1\nend\n", "", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := parseText(&RunningServices.Command, test.text)
			if p.Problem != test.problem {
				t.Fatalf("problem %q, want %q", p.Problem, test.problem)
			}
			if c, ok := p.Facts.(*Config); ok && len(c.Top) != test.lines {
				t.Errorf("%d lines, want %d", len(c.Top), test.lines)
			} else if ok != (test.problem == "" || test.problem == diag.Cut) {
				t.Errorf("facts %v beside problem %q", p.Facts, p.Problem)
			}
			f := diag.NewFacts(diag.Device{}, diag.Capture{Command: &RunningServices.Command, Line: RunningServices.String(),
				Text: test.text, Outcome: diag.OK})
			if known := RunningServices.Of(f).Known(); known != (test.problem == "") {
				t.Errorf("known to checks: %v", known)
			}
		})
	}
}

// TestWholeConfiguration reads one whole configuration by every filtered form.
func TestWholeConfiguration(t *testing.T) {
	for command, want := range map[*diag.Command]string{
		&RunningServices.Command:        "hostname",
		&RunningNames.Command:           "ntp server",
		&RunningCallHome.Command:        "service call-home",
		&RunningCallHomeSection.Command: "call-home",
		&RunningSLATrustpoint.Command:   "crypto pki trustpoint SLA-TrustPoint",
	} {
		p := parseFile(t, command, "testdata/show-running-config/whole.txt")
		c, ok := p.Facts.(*Config)
		if !ok || p.Problem != "" || len(p.Unparsed) > 0 || !c.Has(want) {
			t.Errorf("%s: %q is not found (%q, %v)", command, want, p.Problem, p.Unparsed)
			continue
		}
		if c.Has("no ip http server") {
			t.Errorf("%s: the text of a banner is taken for configuration", command)
		}
		if secret := "FAKE"; strings.Contains(asJSON(t, c), secret) {
			t.Errorf("%s: a password hash is in the facts", command)
		}
		for _, s := range sources(c) {
			if strings.Contains(s.Text, "FAKE") {
				t.Errorf("%s: a password hash is in the evidence %q", command, s.Text)
			}
		}
	}
}

func TestSameInterface(t *testing.T) {
	for names, want := range map[[2]string]bool{
		{"GigabitEthernet0/0", "Gi0/0"}:               true,
		{"gi0/0", "GigabitEthernet0/0"}:               true,
		{"GigabitEthernet0/0", "GigabitEthernet0/0"}:  true,
		{"GigabitEthernet 0/0", "GigabitEthernet0/0"}: true,
		{"Vlan10", "Vl10"}:                            true,
		{"TwentyFiveGigE1/0/1", "Twe1/0/1"}:           true,
		{"GigabitEthernet0/0", "Gi0/0/0"}:             false,
		{"GigabitEthernet0/1", "GigabitEthernet0/10"}: false,
		{"Loopback0", "Vlan0"}:                        false,
		{"", "Gi0/0"}:                                 false,
		{"0/0", "Gi0/0"}:                              false,
	} {
		if got := SameInterface(names[0], names[1]); got != want {
			t.Errorf("SameInterface(%q, %q) = %v", names[0], names[1], got)
		}
	}
}
