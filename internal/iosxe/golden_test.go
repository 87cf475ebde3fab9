package iosxe

import (
	"encoding/json"
	commandline "flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

var update = commandline.Bool("update", false, "rewrite the golden files")

// around maps the folders of testdata to the commands around licensing whose captures they hold.
var around = map[string]*diag.Command{
	"ping":                                           &Ping.Command,
	"show-call-home":                                 &ShowCallHome.Command,
	"show-call-home-profile-all":                     &ShowCallHomeProfiles.Command,
	"show-call-home-smart-licensing":                 &ShowCallHomeSmartLicensing.Command,
	"show-clock":                                     &ShowClock.Command,
	"show-clock-detail":                              &ShowClockDetail.Command,
	"show-crypto-pki-certificates":                   &ShowSLACertificate.Command,
	"show-crypto-pki-trustpoints-status":             &ShowTrustpoints.Command,
	"show-crypto-pki-trustpool":                      &ShowTrustpool.Command,
	"show-hosts":                                     &ShowHosts.Command,
	"show-ip-dns-view":                               &ShowIPDNSView.Command,
	"show-ip-http-client-all":                        &ShowHTTPClient.Command,
	"show-ip-http-client-secure-status":              &ShowHTTPClientSecure.Command,
	"show-ip-http-server-all":                        &ShowHTTPServer.Command,
	"show-ip-http-server-secure-status":              &ShowHTTPServerSecure.Command,
	"show-ip-http-server-session-module":             &ShowHTTPServerModules.Command,
	"show-ip-interface-brief":                        &ShowIPInterfaceBrief.Command,
	"show-ip-route":                                  &ShowIPRoute.Command,
	"show-logging":                                   &ShowLogging.Command,
	"show-ntp-associations":                          &ShowNTPAssociations.Command,
	"show-ntp-status":                                &ShowNTPStatus.Command,
	"show-platform-hardware-throughput-crypto":       &ShowThroughputCrypto.Command,
	"show-platform-hardware-throughput-level":        &ShowThroughputLevel.Command,
	"show-platform-software-yang-management-process": &ShowYangProcesses.Command,
	"show-processes-cpu-sorted":                      &ShowProcessesCPU.Command,
	"show-processes-memory-sorted":                   &ShowProcessesMemory.Command,
	"show-redundancy-states":                         &ShowRedundancy.Command,
	"show-running-config":                            &RunningNames.Command,
	"show-running-config-call-home":                  &RunningCallHomeSection.Command,
	"show-running-config-services":                   &RunningServices.Command,
	"show-switch":                                    &ShowSwitch.Command,
	"show-vrf":                                       &ShowVRF.Command,
}

// golden is what a capture reads as.
type golden struct {
	Problem  diag.Reason `json:"problem,omitempty"`
	Facts    any         `json:"facts"`
	Unparsed []diag.Line `json:"unparsed,omitempty"`
}

// TestGolden reads our captures and compares with the facts beside them. A file of facts is written with
// -update and reviewed by a person.
func TestGolden(t *testing.T) {
	for folder, command := range around {
		captures, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		if err != nil || len(captures) == 0 {
			t.Errorf("no captures in testdata/%s (%v)", folder, err)
		}
		for _, path := range captures {
			t.Run(path, func(t *testing.T) {
				p := parseFile(t, command, path)
				got, err := json.MarshalIndent(golden{p.Problem, p.Facts, p.Unparsed}, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				want := strings.TrimSuffix(path, ".txt") + ".json"
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
					t.Errorf("facts of %s (-want +got):\n%s", path, diff)
				}
			})
		}
	}
}

func parseFile(t *testing.T, command *diag.Command, path string) diag.Parsed {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parseText(command, string(text))
}

func parseText(command *diag.Command, text string) diag.Parsed {
	return command.Parse(diag.Capture{Command: command, Line: command.String(), Text: text, Outcome: diag.OK})
}

// labelled are the folders whose answers are lines with a label of their own, so that a label that changes
// must show up as unparsed.
var labelled = []string{
	"show-call-home-smart-licensing", "show-clock-detail", "show-ntp-status", "show-ip-http-client-secure-status",
	"show-ip-http-server-secure-status", "show-platform-hardware-throughput-crypto", "show-redundancy-states",
	"show-ip-http-server-session-module", "show-ntp-associations", "show-ip-interface-brief", "show-vrf", "show-switch",
	"show-crypto-pki-certificates", "show-crypto-pki-trustpoints-status", "show-crypto-pki-trustpool", "show-clock", "show-hosts",
	"show-ip-dns-view", "show-ip-route", "ping", "show-processes-cpu-sorted", "show-processes-memory-sorted",
	"show-platform-hardware-throughput-level", "show-ip-http-client-all",
}

// TestDrift changes the beginning of one line after the other and expects that line among the unparsed: a
// release that renames something shows up as drift, not as silence.
func TestDrift(t *testing.T) {
	for _, folder := range labelled {
		captures, _ := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		for _, path := range captures {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			before := parseText(around[folder], string(text))
			for i, l := range lines {
				blanks := len(l) - len(strings.TrimLeft(l, " "))
				if unchangeable(l) {
					continue
				}
				changed := slices.Clone(lines)
				changed[i] = l[:blanks] + "Zz% is= " + strings.ReplaceAll(l[blanks:], ", ", "; ")
				p := parseText(around[folder], strings.Join(changed, "\n"))
				if !slices.ContainsFunc(p.Unparsed, func(u diag.Line) bool { return u.Number == i+1 }) {
					t.Errorf("%s:%d: %q is not reported as unparsed", path, i+1, changed[i])
				}
				if p.Facts != nil && cmp.Equal(asJSON(t, before.Facts), asJSON(t, p.Facts)) && carriesFact(before, i+1) {
					t.Errorf("%s:%d: the facts are the same without the line", path, i+1)
				}
			}
		}
	}
}

// unchangeable reports lines that are not rows: blank, underlines, and rests of the line above.
func unchangeable(l string) bool {
	text := strings.TrimSpace(l)
	return text == "" || strings.Trim(text, "-=") == "" || strings.HasPrefix(l, "        ") && !strings.Contains(l, "=")
}

// carriesFact reports whether a fact of the answer has its source on the line.
func carriesFact(p diag.Parsed, line int) bool {
	for _, s := range sources(p.Facts) {
		if s.Line == line {
			return true
		}
	}
	return false
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
