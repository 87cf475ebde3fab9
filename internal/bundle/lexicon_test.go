package bundle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lines(targets []target) []string {
	var out []string
	for _, t := range targets {
		line := t.line
		if t.filter != nil {
			line += " (of more)"
		}
		out = append(out, line)
	}
	return out
}

var (
	configs = []string{"show running-config | include ^license|^ip http|^hostname (of more)", "show running-config | include ^ntp|^clock (of more)",
		"show running-config | section ^call-home (of more)"}
	allConfig = []string{"show running-config all | include ^license smart (of more)"}
	logging   = []string{"show logging | include SMART_LIC|CALL_HOME (of more)"}
)

func TestResolve(t *testing.T) {
	tests := []struct {
		typed string
		want  []string
	}{
		{"show license status", []string{"show license status"}},
		{"sh lic st", []string{"show license status"}},
		{"SHOW Lic STatus", []string{"show license status"}},
		{"  show   license  status ", []string{"show license status"}},
		{"sh lic s", nil}, // status or summary
		{"sh lic", []string{"show license"}},
		{"show license", []string{"show license"}},
		{"sh lic tech", []string{"show license tech support"}},
		{"sh lic te su", []string{"show license tech support"}},
		{"sh clock", []string{"show clock"}},
		{"sh clo det", []string{"show clock detail"}},
		{"sh ver", []string{"show version"}},
		{"sh run", configs},
		{"show running-config", configs},
		{"sh run brief", configs},
		{"show running-config all", append(append([]string{}, allConfig...), configs...)},
		{"show run | i ^ntp|^clock", []string{"show running-config | include ^ntp|^clock"}},
		{"sh run | sec ^call-home", []string{"show running-config | section ^call-home"}},
		{"sh run | i ntp", nil},
		{"show license status | include ACK", nil},
		{"sh log", logging},
		{"show logging | include SMART_LIC|CALL_HOME", []string{"show logging | include SMART_LIC|CALL_HOME"}},
		{"show ip http server all", []string{"show ip http server all", "show ip http server session-module"}},
		{"sh ip http ser ses", []string{"show ip http server session-module"}},
		{"show license rum id all", []string{"show license rum id all"}},
		{"sh lic rum id 1629870048 detail", []string{"show license rum id 1629870048 detail"}},
		{"sh lic event 2", []string{"show license eventlog 2"}},
		{"ping tools.cisco.com", []string{"ping tools.cisco.com"}},
		{"ping vrf Mgmt-vrf 192.0.2.1 source Gi1 repeat 100", []string{"ping vrf Mgmt-vrf 192.0.2.1 source Gi1 repeat 100"}},
		{"ping", []string{"ping"}},
		{"show ip route vrf M 192.0.2.1", []string{"show ip route vrf M 192.0.2.1"}},
		{"sh ip ro 192.0.2.1", []string{"show ip route 192.0.2.1"}},
		{"sh ip ro vrf M 0.0.0.0", []string{"show ip route vrf M 0.0.0.0"}},
		{"show ip route", nil},
		{"show interfaces", nil},
		{"shw ver", nil},
		{"reload", nil},
		{"", nil},
		{"|", nil},
		{"sh \xff\xfe", nil},
	}
	l := newLexicon(catalogue)
	for _, tt := range tests {
		got, why := l.resolve(tt.typed)
		if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.typed, diff)
		}
		if (why == "") != (got != nil) {
			t.Errorf("%q: %d targets and the reason %q", tt.typed, len(got), why)
		}
	}
}

func TestFileNames(t *testing.T) {
	tests := map[string][]string{
		"show-license-status":                   {"show license status"},
		"show-license-status-before":            {"show license status"},
		"show-license-tech":                     {"show license tech support"},
		"show-license-tech-support":             {"show license tech support"},
		"show-license-allx":                     {"show license"},
		"show-clock-detail":                     {"show clock detail"},
		"show-running-config":                   configs,
		"show-running-config-include-hostname":  configs,
		"show-running-config-include-ntp-clock": {"show running-config | include ^ntp|^clock"},
		"show-running-config-all":               append(append([]string{}, allConfig...), configs...),
		"show-logging":                          logging,
		"show-logging-include-foo":              nil,
		"show-ip-http-server-all":               {"show ip http server all", "show ip http server session-module"},
		"ping-tools-cisco-com":                  {"ping"},
		"show-ip-route-192-0-2-1":               {"show ip route"},
		"show-interfaces":                       nil,
		"show":                                  nil,
		"":                                      nil,
		"shows-version":                         nil,
		"show-version":                          {"show version"},
	}
	l := newLexicon(catalogue)
	for name, want := range tests {
		if diff := cmp.Diff(want, lines(l.file(name))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	for name, want := range map[string]string{
		"show-ip-route-192-0-2-1":     "show ip route[ vrf {vrf}] {ip}",
		"show-ip-route-0-0-0-0":       "show ip route[ vrf {vrf}] 0.0.0.0",
		"show-ip-route-vrf-m-0-0-0-0": "show ip route[ vrf {vrf}] 0.0.0.0",
	} {
		if got := l.file(name); len(got) != 1 || got[0].command != command(want) {
			t.Errorf("%q is not the answer to %s", name, want)
		}
	}
	for _, c := range catalogue {
		if !c.Template.Fixed() {
			continue
		}
		if diff := cmp.Diff(c.String(), lines(l.file(Slug(c.String())))[0]); diff != "" {
			t.Errorf("the slug of %q (-want +got):\n%s", c, diff)
		}
	}
}

func TestFilter(t *testing.T) {
	text := "license smart transport cslu\n!\ncall-home\n contact x\n profile A\n  active\nntp server 192.0.2.5\nip http server"
	tests := map[string]string{
		"include ^license|^ip http": "license smart transport cslu\n\n\n\n\n\n\nip http server",
		"section ^call-home":        "\n\ncall-home\n contact x\n profile A\n  active\n\n",
		"section profile":           "\n\n\n\n profile A\n  active\n\n",
		"include nothing":           "\n\n\n\n\n\n\n",
	}
	for pipe, want := range tests {
		got := newFilter(pipe).apply(text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", pipe, diff)
		}
		if strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q changed the number of lines", pipe)
		}
	}
}
