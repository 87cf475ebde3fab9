package iosxe

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

// TestSources holds every source of every golden capture against the line it names: evidence must exist.
func TestSources(t *testing.T) {
	for folder, command := range around {
		captures, _ := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		for _, path := range captures {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			for _, s := range sources(parseText(command, string(text)).Facts) {
				if s.Line > len(lines) || !strings.Contains(lines[s.Line-1], s.Text) || s.Text == "" || s.Command != command.String() {
					t.Errorf("%s: the source %+v is not in the capture", path, s)
				}
			}
		}
	}
}

// TestNoAnswer reads refusals, foreign outputs and nothing at all: none of it is an answer.
func TestNoAnswer(t *testing.T) {
	empty := []*diag.Command{ // a filter that nothing matched, and a device without VRFs
		&RunningServices.Command, &RunningNames.Command, &RunningCallHomeSection.Command, &ShowTrustpool.Command,
		&ShowLogging.Command, &ShowProcessesCPU.Command, &ShowProcessesMemory.Command, &ShowVRF.Command,
	}
	for folder, command := range around {
		for text, want := range map[string]diag.Reason{
			"          ^\n% Invalid input detected at '^' marker.\n\n": diag.Refused,
			"% Authorization failed.\n":                                diag.Refused,
			"%\xff\x00\x1b[2Jqz\n\x07\n":                               diag.Unparsed,
			"an answer to something else\n":                            diag.Unparsed,
			"":                                                         diag.Unparsed,
		} {
			if text == "" && slices.Contains(empty, command) {
				want = ""
			}
			p := parseText(command, text)
			if p.Problem != want || (p.Facts == nil) != (want != "") {
				t.Errorf("%s: %q is %q with facts %v, want %q", folder, text, p.Problem, p.Facts, want)
			}
		}
	}
}

// TestCutAnywhere cuts every capture at every line and expects neither a panic nor a lost line.
func TestCutAnywhere(t *testing.T) {
	for folder, command := range around {
		captures, _ := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		for _, path := range captures {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.SplitAfter(string(text), "\n")
			for i := range lines {
				part := strings.Join(lines[:i], "")
				seen := 0
				var count func([]diag.Node)
				count = func(nodes []diag.Node) {
					for _, n := range nodes {
						seen = max(seen, n.Line)
						count(n.Children)
					}
				}
				count(parseText(command, part).Tree())
				if last := len(strings.Split(strings.TrimRight(part, " \n"), "\n")); strings.TrimSpace(part) != "" && seen != last {
					t.Errorf("%s cut at line %d: the tree ends at line %d", path, last, seen)
				}
			}
		}
	}
}

func facts[T any](t *testing.T, command *diag.Command, path string) *T {
	t.Helper()
	v, ok := parseFile(t, command, filepath.Join("testdata", path)).Facts.(*T)
	if !ok {
		t.Fatalf("no facts in %s", path)
	}
	return v
}

// TestLookups asks the results as the checks do.
func TestLookups(t *testing.T) {
	profiles := facts[CallHomeProfiles](t, &ShowCallHomeProfiles.Command, "show-call-home-profile-all/two.txt")
	if p, ok := profiles.Licensing(); !ok || p.Name != "licensing" {
		t.Errorf("the licensing profile is %+v", p)
	}
	if p, ok := profiles.Find("CiscoTAC-1"); !ok || p.HTTPAddresses.Known() {
		t.Errorf("CiscoTAC-1 is %+v", p)
	}
	trustpoints := facts[Trustpoints](t, &ShowTrustpoints.Command, "show-crypto-pki-trustpoints-status/two.txt")
	if p, ok := trustpoints.Find(SLATrustpoint); !ok || p.At.Line != 1 {
		t.Errorf("SLA-TrustPoint is %+v", p)
	}
	if _, ok := trustpoints.Find("sla-trustpoint"); ok {
		t.Error("names of trustpoints are compared as they are")
	}
	certificates := facts[PKICertificates](t, &ShowSLACertificate.Command, "show-crypto-pki-certificates/sla.txt")
	if len(certificates.Of(SLATrustpoint)) != 1 || len(certificates.Of("OTHER")) != 0 {
		t.Errorf("certificates by trustpoint: %+v", certificates)
	}
	pool := facts[Trustpool](t, &ShowTrustpool.Command, "show-crypto-pki-trustpool/filtered.txt")
	if c, ok := pool.Find("IdenTrust Commercial Root CA 1"); !ok || c.At.Line != 4 {
		t.Errorf("IdenTrust is %+v", c)
	}
	vrfs := facts[VRFs](t, &ShowVRF.Command, "show-vrf/three.txt")
	if v, ok := vrfs.Holding("Loopback10"); !ok || v.Name != "BLUE" {
		t.Errorf("Loopback10 is in %+v", v)
	}
	if _, ok := vrfs.Holding("GigabitEthernet0/1"); ok {
		t.Error("GigabitEthernet0/1 is in the global table")
	}
	if _, ok := vrfs.Find("blue"); ok {
		t.Error("names of VRFs are case-sensitive")
	}
	interfaces := facts[Interfaces](t, &ShowIPInterfaceBrief.Command, "show-ip-interface-brief/mixed.txt")
	if i, ok := interfaces.Find("gi0/0"); !ok || !i.Up() {
		t.Errorf("gi0/0 is %+v", i)
	}
	if i, _ := interfaces.Find("Tunnel100"); i.Up() {
		t.Error("an interface whose protocol is down is not up")
	}
	server := facts[HTTPServer](t, &ShowHTTPServer.Command, "show-ip-http-server-all/secure-only.txt")
	if m, ok := server.Module("SL_HTTP"); !ok || m.Active {
		t.Errorf("SL_HTTP is %+v", m)
	}
	peers := facts[NTPAssociations](t, &ShowNTPAssociations.Command, "show-ntp-associations/two.txt")
	if p, ok := peers.SelectedPeer(); !ok || p.Address != "192.0.2.123" || p.IsLocal() {
		t.Errorf("the selected peer is %+v", p)
	}
	if !(NTPPeer{Address: "127.127.1.1"}).IsLocal() {
		t.Error("127.127.1.1 is the device's own clock")
	}
	yang := facts[YangProcesses](t, &ShowYangProcesses.Command, "show-platform-software-yang-management-process/one-down.txt")
	if up, ok := yang.Running("ncsshd").Peek(); up || !ok || yang.Running("pubd").Known() {
		t.Error("ncsshd is down and pubd is not listed")
	}
	if r := facts[Route](t, &ShowIPRoute.Command, "show-ip-route/static-default.txt"); !r.IsDefault() {
		t.Errorf("the default route is %+v", r)
	}
	log := facts[Logging](t, &ShowLogging.Command, "show-logging/filtered.txt")
	if e := log.Find("COMM_FAILED", "COMM_RESTORED"); len(e) != 2 || e[1].Mnemonic != "COMM_RESTORED" {
		t.Errorf("communication events: %+v", e)
	}
}

// TestForeign gives every command the captures of all others: the output of something else is no answer,
// whatever single lines of it look familiar.
func TestForeign(t *testing.T) {
	family := func(folder string) string { // commands that share lines by nature
		for _, f := range []string{"show-ip-http-server", "show-crypto-pki-c", "show-clock", "show-call-home", "show-running-config",
			"show-platform-hardware", "show-ip-http-client", "show-ntp"} {
			if strings.HasPrefix(folder, f) {
				return f
			}
		}
		return strings.Replace(folder, "show-crypto-pki-trustpool", "show-crypto-pki-c", 1)
	}
	for folder := range around {
		captures, _ := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
		for _, path := range captures {
			for other, command := range around {
				if family(other) == family(folder) || strings.HasSuffix(path, "no-vrf.txt") {
					continue
				}
				if p := parseFile(t, command, path); p.Facts != nil && strings.TrimSpace(readFile(t, path)) != "" {
					t.Errorf("%s: taken for an answer to %s", path, command)
				}
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
