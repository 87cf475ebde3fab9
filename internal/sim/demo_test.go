package sim

import (
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemoFleetIsTheSameEveryTime(t *testing.T) {
	a, b := DemoFleet(), DemoFleet()
	if len(a) < 18 {
		t.Fatalf("only %d devices", len(a))
	}
	seen := map[string]bool{}
	for i, d := range a {
		if seen[d.Name] || d.Story == "" || d.Tags["site"] == "" {
			t.Errorf("%s: named twice, or without story or site", d.Name)
		}
		seen[d.Name] = true
		if !d.Now().Equal(DemoTime) {
			t.Errorf("%s stands at %v", d.Name, d.Now())
		}
		for _, c := range demoCommands {
			if d.Run(c) != b[i].Run(c) {
				t.Errorf("%s: %s differs between two fleets", d.Name, c)
			}
		}
	}
}

func TestEveryDemoDeviceAnswersEveryCommand(t *testing.T) {
	for _, d := range DemoFleet() {
		for _, c := range demoCommands {
			out := d.Run(c)
			p := parseLine(c, 15, 0)
			if p.cmd.only != nil && !p.cmd.only(d) {
				if !strings.Contains(out, "% Invalid input") {
					t.Errorf("%s knows %s", d.Name, c)
				}
				continue
			}
			if strings.Contains(out, "% In") || out == "" && c != "show vrf" {
				t.Errorf("%s: %s answers %q", d.Name, c, out)
			}
			if strings.Contains(out, "%!") || strings.Contains(out, "Jan 01 00:00:00 0001") {
				t.Errorf("%s: %s: formatting fault in %q", d.Name, c, out)
			}
		}
	}
}

// The healthy devices have an ACK, nothing failing and their clock set; the
// broken ones show a trace of their story.
func TestStoriesAreTrue(t *testing.T) {
	for _, d := range DemoFleet() {
		failing, healthy := 0, strings.HasPrefix(d.Story, "healthy")
		for _, c := range d.agent.channels {
			failing += c.overall
		}
		if healthy && (failing > 0 || d.agent.lastACK.IsZero() || !d.clock.synced || d.deadline().Before(d.time())) {
			t.Errorf("%s is not healthy: %d failures, last ACK %v", d.Name, failing, d.agent.lastACK)
		}
	}
	for name, c := range map[string]struct{ command, want string }{
		"tyo-acc-1":   {"show logging", "(CSSM) : Unable to resolve server hostname/domain name"},
		"tyo-wlc-1":   {"ping smartreceiver.cisco.com", "domain server (203.0.113.53)\n% Unrecognized"},
		"tyo-edge-1":  {"show logging", "client certificate is missing"},
		"sel-edge-1":  {tech, "Overall State: Insufficient trust for direct communication"},
		"sel-edge-2":  {"show running-config", "\nno ip domain lookup\n"},
		"sel-br-1":    {"show logging", "SMART_LIC-3-TRUST_CODE_INSTALL_FAILED"},
		"sel-br-2":    {"show ip interface brief", "administratively down"},
		"fra-acc-1":   {"show call-home smart-licensing", "(status: INACTIVE)"},
		"fra-acc-3":   {"show license status", "Cslu address: http://192.0.2.80:8128/cslu/v1/pi"},
		"fra-acc-4":   {tech, "Last Response: NO REPLY"},
		"fra-lab-1":   {"ping cslu-local", unrecognised},
		"chi-br-2":    {"show logging", "Received empty response from server"},
		"chi-br-3":    {"show crypto pki trustpoints SLA-TrustPoint status", "not found"},
		"chi-br-4":    {"show logging", "SMART_LIC-4-REPORTING_NOT_SUPPORTED"},
		"syd-vault-2": {"show license status", "Last report file write: <none>"},
		"syd-sdw-1":   {"show version", "Router operating mode: Controller-Managed"},
		"syd-old-1":   {"show license status", "Registration:\n  Status: REGISTERED"},
		"syd-new-1":   {"show license status", "Trust Code Installed: <none>"},
		"syd-acc-1":   {"show license status", "Last ACK received: <none>"},
		"chi-old-1":   {"show license status", "Type: Smart\n  URL: https://ssm.example.net/SmartTransport"},
		"chi-old-2":   {"show call-home smart-licensing", "https://ssm.example.net/Transportgateway/services/DeviceRequestHandler"},
		"chi-acc-2":   {"show ip http server status", "HTTP server authentication method: enable"},
		"chi-acc-3":   {"show license status", "Account Information:\n  Smart Account: Example Networks"},
		"chi-br-5":    {"show logging", "AUTHORIZATION_REMOVED: A licensing authorization code has been removed from PID:C8300-2N2S-6T,SN:SIM2504J001"},
		"syd-vault-3": {"show license authorization", "Status: SMART AUTHORIZATION INSTALLED on "},
		"syd-vault-4": {"show license authorization", "Status: NOT INSTALLED"},
		"syd-vault-5": {"show license status", "Policy in use: Merged from multiple sources."},
		"fra-br-1":    {"show logging", "SMART_LIC-3-POLICY_INSTALL_FAILED: The installation of a new licensing policy has failed: Signature Verification failed."},
		"fra-acc-6":   {"show logging", "has not been received in the last 60 days"},
		"fra-acc-7":   {"show license status", "Utility:\n  Status: ENABLED"},
		"sel-edge-3":  {"show license status", "Last success: <none>"},
	} {
		if out := demoDevice(t, name).Run(c.command); !strings.Contains(out, c.want) {
			t.Errorf("%s: %s does not show %q", name, c.command, c.want)
		}
	}
	if out := demoDevice(t, "syd-br-1").Run("show crypto pki trustpool | include cn="); strings.Contains(out, "IdenTrust") {
		t.Errorf("syd-br-1 has the root: %s", out)
	}
	for _, name := range []string{"syd-vault-2", "sel-cube-1"} {
		near := demoDevice(t, name)
		if left := near.deadline().Sub(near.time()); left < 0 || left > 14*day {
			t.Errorf("%s has %v left", name, left)
		}
	}
	late := demoDevice(t, "syd-acc-1")
	if !late.deadline().Before(late.time()) {
		t.Error("the deadline of syd-acc-1 has not passed")
	}
}

// The simulator shares no code with what it tests.
func TestImportsNothingOfThisModule(t *testing.T) {
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), f, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			if p := i.Path.Value; strings.HasPrefix(p, `"slpdoctor`) && p != `"slpdoctor/internal/sim"` {
				t.Errorf("%s imports %s", f, i.Path.Value)
			}
		}
	}
}
