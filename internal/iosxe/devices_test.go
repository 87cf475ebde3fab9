package iosxe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// capture is one answer of one of the devices in testdata/devices.
type capture struct {
	path    string
	command *diag.Command
	text    string
}

func (c capture) parse() diag.Parsed { return parseText(c.command, c.text) }

// devices reads the whole-device captures, or those of one device.
func devices(t testing.TB, name string) []capture {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "devices", name, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures of %s (%v)", name, err)
	}
	var out []capture
	for _, path := range paths {
		line := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".txt"), "-", " ")
		command, ok := Find(line)
		if !ok {
			t.Fatalf("%s: no command %q", path, line)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, capture{path, command, string(text)})
	}
	return out
}

// TestDevices compares the facts of whole devices with the golden files beside the captures.
func TestDevices(t *testing.T) {
	for _, c := range devices(t, "*") {
		p := c.parse()
		got, err := json.MarshalIndent(golden{p.Problem, p.Facts, p.Unparsed}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(c.path, ".txt") + ".json"
		if *update {
			if err := os.WriteFile(want, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(got)+"\n"); diff != "" {
			t.Errorf("facts of %s (-want +got):\n%s", c.path, diff)
		}
		lossless(t, c.path, c.text, p.Tree())
		lines := strings.Split(c.text, "\n")
		for _, s := range sources(p.Facts) {
			if s.Text == "" || s.Command != c.command.String() || !strings.Contains(lines[s.Line-1], s.Text) {
				t.Errorf("%s: the source %+v is not in the capture", c.path, s)
			}
		}
	}
}

// TestDeviceFacts holds what a person reads in the captures; null is what the device printed as none, "-"
// is what it did not print.
func TestDeviceFacts(t *testing.T) {
	for path, want := range map[string]map[string]string{
		"c9300-stack-17.3-cslu/show-license-tech-support": {
			"/slp": "true", "/account": "-", "/transport/type": "cslu", "/transport/url": "http://192.0.2.18:8182/cslu/v1/pi",
			"/transport/vrf": "-", "/transport/proxy/address": "null", "/transport/ip_mode": "-", "/reports": "-",
			"/policy/in_use": "Merged from multiple sources.", "/policy/installed": "null", "/policy/name": "-",
			"/policy/unenforced_perpetual/first_report/days": "365", "/policy/export/report_on_change/origin": "CISCO default",
			"/usage_reporting/push_interval_days": "30", "/usage_reporting/state": "4", "/usage_reporting/in_policy_days": "90",
			"/usage_reporting/next_ack_push_check": "null", "/trust_codes": "-", "/ha_udis/foc24010aa3/role": "Member",
			"/licenses/10/status": "NOT IN USE", "/licenses/10/status_code": "1", "/licenses/10/request_time": "null",
			"/licenses/1/count": "2", "/licenses/1/current_report": "-", "/communication/level": "INDIRECT",
			"/communication/channels/hello_message/last_response":         "NO REPLY",
			"/communication/channels/hello_message/ongoing_communication": "3",
			"/communication/channels/hello_message/failure_reason":        "null",
			"/communication/channels/usage_reporting/last_response":       "OK_POLL",
			"/agent/connect_info/name":                                    "null", "/trust_data/foc24010aa1/installed": "false",
			"/overall_trust": "No ID", "/clock_synced_with_ntp": "false", "/clock/mark": ".", "/clock/source": "NTP",
			"/agent/event_log_size": "CALCULATING", "/jobs/hello_message/next": "null",
			"/jobs/hello_message/state": "Expired Not Rescheduled", "/platform/enforced/foc24010aa1/none": "true",
		},
		"c9300l-17.9-smart/show-license-tech-support": {
			"/account/smart": "Example, Networks of Europe", "/account/smart_as_of": "Mar 02 11:04:40 2023 CET",
			"/transport/proxy/address": "proxy.example.net", "/transport/proxy/port": "3128", "/transport/vrf": "null",
			"/ha_udis": "-", "/policy/enforced/first_report/origin": "CISCO default", "/policy/ack_origin": "Customer Policy",
			"/communication/channels/trust_sync/fail": "1", "/communication/channels/trust_sync/ongoing_overall": "0",
			"/communication/channels/authorization_request/last_response":      "NO DATA TO PROCESS",
			"/communication/channels/authorization_request/last_response_time": "-",
			"/reports/waiting": "0", "/reports/waiting_all": "2", "/reports/available": "10", "/telemetry/channel": "NOT AVAILABLE",
			"/trust_data/foc25020bb1/device": "Local Device", "/trust_data/foc25020bb1/trust_id": "881", "/ha/message_flow_allowed": "true",
		},
		"c9300l-17.9-smart/show-license-status": {
			"/trust_codes/0/installed": "Mar 02 11:04:41 2023 CET", "/trust_codes/0/udi": "-", "/enabled": "-", "/licenses": "-",
		},
		"c9350-stack-17.12-onprem/show-license-tech-support": {
			"/reporting_mode": "STANDARD", "/transport/vrf": "Mgmt-vrf", "/usage_reporting/push_interval_days": "7",
			"/communication/channels/trust_sync/failure_reason": "Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT",
			"/jobs/operational_model/state":                     "Expired", "/jobs/operational_model/next": "May 28 20:15:44 2024 JST",
			"/trust_codes/pid_c9350_24p_sn_foc26030cc4/installed": "May 20 03:00:13 2024 JST", "/reports/purged_all": "390",
			"/reports/mia": "0", "/reports/mia_all": "1", "/conversion/last_data_push": "null", "/conversion/automatic": "false",
			"/platform/enforced/foc26030cc4/licenses/0/name": "hseck9", "/platform/enforced/foc26030cc4/licenses/0/mode": "3",
		},
		"c9407r-17.15-dual-supervisor/show-license-tech-support": {
			"/trust_codes/0/role": "-", "/trust_codes/pid_c9407r_sn_fxs27040dd1/type": "CSSM",
			"/trust_codes/pid_c9407r_sn_fxs27040dd1/expires":    "Jan 01 00:00:00 1970 EST",
			"/trust_codes/pid_c9407r_sn_fxs27040dd1/valid_from": "Jan 14 09:55:01 2026 EST", "/device_enforcement_state": "NOT APPLICABLE",
			"/licenses/2/authorized_count": "1", "/licenses/2/insufficient_count": "0", "/licenses/3/current_report": "1768401613",
			"/transport/ip_mode": "IPv4 ONLY", "/transport/trust_point": "SLA-TrustPoint", "/clock/source": "null", "/clock/mark": "*",
			"/telemetry/reason": "Smart license channel not established", "/jobs/init_flag_check/state": "Not Available",
			"/communication/channels/authorization_request/last_response": "BUILD REQUEST ERROR",
		},
		"csr1000v-16.12-classic/show-license-all": {
			"/enabled": "true", "/slp": "false", "/registration/status": "REGISTERED", "/account/smart": "Example, Inc.",
			"/registration/failure_reason":                      "Communication message send error",
			"/license_authorization/status":                     "AUTHORIZED on Mar 20 07:01:02 2021 UTC",
			"/license_authorization/next_communication_attempt": "Mar 31 20:00:02 2021 UTC", "/transport/type": "Callhome",
			"/licenses": "[]", "/reservation/enabled": "false", "/policy": "-", "/trust_codes": "-",
		},
		"c8300-17.9-slac/show-license-all": {
			"/authorizations/pid_c8300_1n1s_6t_sn_fdo24050ee1/status":                 "SMART AUTHORIZATION INSTALLED on Apr 03 12:00:00 2024 UTC",
			"/authorizations/pid_c8300_1n1s_6t_sn_fdo24050ee1/installed":              "Apr 03 12:00:00 2024 UTC",
			"/authorizations/pid_c8300_1n1s_6t_sn_fdo24050ee1/last_confirmation_code": "3a1c9be2",
			"/transport/type": "Transport Off", "/transport/url": "-", "/usage_reporting/push_interval_days": "0",
			"/usage_reporting/last_report_file_write": "Mar 30 08:15:10 2024 UTC", "/licenses/2/application_ha/role": "Active",
			"/licenses/1/enforcement": "EXPORT RESTRICTED", "/licenses/1/tag": "DNA_HSEC",
		},
		"c8300-17.9-slac/show-license-summary": {"/licenses/2/count": "50", "/licenses/2/name": "CUBE_T_STD", "/licenses/0/status": "IN USE"},
		"c8300-17.9-slac/show-version": {
			"/release": "17.9.4a", "/os": "IOS XE", "/pid": "C8300-1N1S-6T", "/serial": "FDO24050EE1", "/operating_mode": "Autonomous",
			"/uptime_minutes": "17370", "/hostname": "edge-rtr1", "/license_levels": "[network-advantage dna-advantage]",
		},
		"csr1000v-16.12-classic/show-version": {"/release": "16.12.5", "/smart_licensing_status": "REGISTERED/AUTHORIZED", "/operating_mode": "-"},
	} {
		c := devices(t, filepath.Dir(path))
		i := slices.IndexFunc(c, func(c capture) bool { return strings.HasSuffix(c.path, path+".txt") })
		facts := factLeaves(t, c[i].parse().Facts)
		for where, value := range want {
			fact, ok := facts[where]
			got := fmt.Sprint(fact)
			if fact == nil {
				got = "null"
			}
			if number, isNumber := fact.(float64); isNumber {
				got = fmt.Sprintf("%.0f", number)
			}
			if !ok {
				got = "-"
			}
			if got != value {
				t.Errorf("%s: %s is %s, want %s", path, where, got, value)
			}
		}
	}
}

// TestLayoutDoesNotMatter changes what surrounds the words of an answer, and expects the same facts.
func TestLayoutDoesNotMatter(t *testing.T) {
	eachLine := func(text string, f func(string) string) string {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			lines[i] = f(l)
		}
		return strings.Join(lines, "\n")
	}
	blankLines := regexp.MustCompile(`\n\s*\n`)
	indents := regexp.MustCompile(`^ *`)
	for _, c := range devices(t, "*") {
		line := c.command.String()
		if !strings.HasPrefix(line, "show license") || strings.HasSuffix(line, "history message") || !strings.Contains(c.text, ":") {
			continue
		}
		want := asJSON(t, c.parse().Facts)
		for name, change := range map[string]func(string) string{
			"CRLF":             func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
			"trailing blanks":  func(s string) string { return eachLine(s, func(l string) string { return l + "  " }) },
			"no blank lines":   func(s string) string { return blankLines.ReplaceAllString(blankLines.ReplaceAllString(s, "\n"), "\n") },
			"no last line end": func(s string) string { return strings.TrimRight(s, "\n") },
			"wider indents": func(s string) string {
				return eachLine(s, func(l string) string { return indents.FindString(l) + l })
			},
			"no indents":          func(s string) string { return eachLine(s, strings.TrimSpace) },
			"eight columns":       func(s string) string { return eachLine(s, func(l string) string { return "        " + l }) },
			"a prompt at the end": func(s string) string { return strings.TrimRight(s, "\n") + "\n\nrouter-1#" },
			"a log line": func(s string) string {
				return strings.Replace(s, "\n\n", "\n\n*Mar  1 00:00:01.123: %SYS-5-CONFIG_I: Configured from console by vty0\n", 1)
			},
		} {
			changed := c
			changed.text = change(c.text)
			p := changed.parse()
			if got := asJSON(t, p.Facts); got != want {
				t.Errorf("%s with %s reads differently:\n%s", c.path, name, cmp.Diff(want, got))
			}
			if len(p.Unparsed) > 0 {
				t.Errorf("%s with %s: unparsed %v", c.path, name, p.Unparsed)
			}
		}
	}
}

// named are the rows whose key is a name out of an open set: a channel, a job, a licence, a unit. Renaming
// such a row names another thing.
var named = regexp.MustCompile(`^(?:` + strings.Join(append([]string{`(?:Active|Standby|Member): ?PID:.*`, `P:.*`, `Local Device:.*`,
	`.*\):$`, `.*: Total licenses found: .*`, `.*\(3\)$`, `.*(?:remaining\)|\(Expired\)|: Expired Not Rescheduled|: Not Available)$`,
	`Import .*:$`, `Report Id,.*`}, channelNames...), "|") + `):?$`)

// TestRenamedKey renames one key after the other in every licence answer. A field: exactly its line is
// unparsed and its fact is gone. A heading: its line is unparsed. And never does a fact change or move.
func TestRenamedKey(t *testing.T) {
	renamed := 0
	for _, c := range devices(t, "*") {
		if !strings.HasPrefix(c.command.String(), "show license") {
			continue
		}
		before := c.parse()
		facts, read := factLeaves(t, before.Facts), sources(before.Facts)
		lines := strings.Split(c.text, "\n")
		for i, l := range lines {
			text := strings.TrimSpace(l)
			if !strings.Contains(text, ":") || named.MatchString(text) || strings.Contains(text, "#") || strings.HasPrefix(text, "Load for") || strings.Contains(text, "ime source") {
				continue
			}
			renamed++
			changed := c
			other := slices.Clone(lines)
			other[i] = l[:indent(l)] + "Zz" + text
			changed.text = strings.Join(other, "\n")
			p := changed.parse()
			var unparsed []int
			for _, u := range p.Unparsed {
				unparsed = append(unparsed, u.Number)
			}
			heading := slices.ContainsFunc(lines[i+1:min(i+2, len(lines))], func(below string) bool { return indent(below) > indent(l) }) || strings.HasPrefix(lines[min(i+1, len(lines)-1)], "===") || text == "Device Enforcement State:"
			if !slices.Contains(unparsed, i+1) || !heading && len(unparsed) != 1 {
				t.Errorf("%s:%d: unparsed are lines %v after %q", c.path, i+1, unparsed, other[i])
			}
			for _, s := range sources(p.Facts) {
				if s.Line == i+1 {
					t.Errorf("%s:%d: a fact still stands on %q", c.path, i+1, other[i])
				}
			}
			after := factLeaves(t, p.Facts)
			for path, v := range after {
				if old, ok := facts[path]; path != "" && scalar(v) && (!ok || old != v) {
					t.Errorf("%s:%d: after %q the fact %s is %v, was %v", c.path, i+1, other[i], path, v, old)
				}
			}
			carried := slices.ContainsFunc(read, func(s diag.Source) bool { return s.Line == i+1 })
			if carried && bytes.Equal([]byte(asJSON(t, before.Facts)), []byte(asJSON(t, p.Facts))) {
				t.Errorf("%s:%d: the facts are the same without %q", c.path, i+1, text)
			}
		}
	}
	if renamed < 1000 {
		t.Errorf("only %d keys were renamed", renamed)
	}
}

func indent(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }

func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
