package closure

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/message"
	"slpdoctor/internal/sim"
)

// step is what somebody does outside the device: the words by which a fix asks for it, and the state that
// it would produce. A step that only looks, or says which line to take, changes nothing.
type step struct {
	id    string // of the catalogue of manual steps; "" when it is told in the fix alone
	words string
	play  func(*testing.T, *site)
}

func nothing(*testing.T, *site) {}

// carry takes the usage to CSSM and brings the acknowledgement back.
func carry(_ *testing.T, p *site) { p.carried = true }

// collected is what a collector leaves behind on the device.
func collected(_ *testing.T, p *site) { p.ImportACK(account, nil) }

// relays brings the relays of a kind back and makes them pass reports on and return acknowledgements.
func relays(kind string) func(*testing.T, *site) {
	return func(_ *testing.T, p *site) {
		for _, h := range p.World().Hosts {
			for _, s := range h.Services {
				if s.Kind == kind {
					h.Down, s.NoACK = false, false
				}
			}
		}
	}
}

// registered makes the back ends know the device again.
func registered(_ *testing.T, p *site) {
	for _, s := range p.services() {
		s.Forgets = false
	}
}

// hostsUp brings machines back, and the network before them; without addresses all.
func hostsUp(addresses ...string) func(*testing.T, *site) {
	return func(_ *testing.T, p *site) {
		for _, h := range p.World().Hosts {
			if slices.Contains(addresses, h.Addr) || len(addresses) == 0 {
				h.Down = false
			}
		}
	}
}

var stepTable = []step{
	{"M01", "open Inventory > General > New Token", nothing}, // the exec line uses it
	{"M02", "look for the UDI of the device", nothing},
	{"M03", "generate the authorization code (SLAC)", func(_ *testing.T, p *site) { p.coded = true }},
	{"M05", "upload the usage file", carry},
	{"M06", "collect its usage report", collected},
	{"M07a", "export the usage data for CSSM", nothing},
	{"M07b", "import the file that CSSM gave back", collected},
	{"M08", "is the service up", func(t *testing.T, p *site) {
		relays("cslu")(t, p)
		if p.stopped != nil {
			p.World().Host(csluHost).Services = p.stopped
		}
	}},
	{"M09", "Synchronize now with the device", collected},
	{"M10", "Synchronize now with Cisco", relays("onprem")},
	{"M11", "export the usage data, upload the file to CSSM", relays("onprem")},
	{"M12", "read the CSLU transport URL", nothing},
	{"M13", "SSM On-Prem: upgrade to 8-202102", func(_ *testing.T, p *site) {
		for _, s := range p.services() {
			s.DownRev = false
		}
	}},
	{"M14", "upload the resource utilization", collected},
	{"M16", "open a case with", nothing},
	{"M17", "open https://<device>/ in a browser", nothing},
	{"M18", "check routes and firewalls", hostsUp()},
	{"M23", "copy the file to it and install it", nothing}, // the exec line does it
	{"M24", "add an A record cslu-local", func(_ *testing.T, p *site) {
		for _, h := range p.World().Hosts {
			if h.Zone != nil {
				h.Zone["cslu-local.example.net"] = csluHost
			}
		}
	}},
	{"M26", "CSSM itself may be down", func(_ *testing.T, p *site) {
		for _, s := range p.services() {
			s.NotFound = false
		}
	}},
	{"", "let UDP port 123 pass", func(_ *testing.T, p *site) {
		for _, address := range []string{lateNTP, "192.0.2.126"} {
			if h := p.World().Host(address); h != nil {
				h.Down = false
			} else {
				p.World().Hosts = append(p.World().Hosts, &sim.Host{Addr: address, VRFs: []string{"", "Mgmt-vrf"}, Stratum: 2})
			}
		}
	}},
	{"", "ask the configured name server for the name", hostsUp(deadDNS)},
	{"", "UDP and TCP port 53 are open", nothing},
	{"", "add it or the default route", func(t *testing.T, p *site) {
		if !strings.Contains(p.Run("show running-config"), "ip route ") {
			p.configure(t, "ip route 0.0.0.0 0.0.0.0 198.51.100.1")
		}
	}},
	{"", "check cable, optics", func(_ *testing.T, p *site) { p.Plug("Vlan10", "Loopback0") }},
	{"", "enter the configured line with no in front", func(t *testing.T, p *site) {
		for _, l := range lines(p.Run("show running-config")) {
			if strings.HasPrefix(l, "license smart url ") && (strings.Contains(l, "Transportgateway") || strings.Contains(l, "SmartTransport")) {
				p.configure(t, "no "+l)
			}
		}
	}},
	{"M15", "order the licence with a subscription id", nothing},
	{"M27", "was the removal of the policy", nothing},
	{"", "upgrade to ", func(t *testing.T, p *site) {
		if err := p.Upgrade("17.12.4"); err != nil {
			t.Error(err)
		}
	}},
	{"", "to move it: transfer the product instance", func(_ *testing.T, p *site) {
		for _, s := range p.services() {
			s.Account.Smart, s.Account.Virtual = p.declared.Expect.SmartAccount, p.declared.Expect.VirtualAccount
		}
	}},
}

// advice are the words of steps that look, explain or offer another way; they change nothing by themselves.
var advice = []string{
	"when the server is reached through a VRF", "compare ntp source", "test the licensing port by hand", "when echos are filtered",
	"crypto pki authenticate asks", "releases before 17.9.1", "or, if the source interface is right", "read the common name",
	"only if that is impossible", "through CSLU or SSM On-Prem instead", "without any connection: license smart transport off",
	"without access to www.cisco.com", "for good: upgrade", "without DNS, on the device", "no other trustpoint name", "save the usage with",
	"the collector's user needs privilege 15", "https also needs", "until then ", "as a stop-gap only", "enter the same user and password",
	"make sure of a local user first", "last resort, and with TAC", "wait and try again later", "compare transport type and URL",
	"when it has an id already",
}

// exec are the exec lines that fixes recommend and what they do.
var exec = []struct {
	line string
	play func(*testing.T, *site)
}{
	{"license smart trust idtoken <token> all force", func(t *testing.T, p *site) { registered(t, p); p.EstablishTrust() }},
	{"license smart trust idtoken ", func(_ *testing.T, p *site) { p.EstablishTrust() }},
	{"license smart sync", func(_ *testing.T, p *site) { p.Sync(); p.Settle(10 * time.Minute) }},
	{"license smart save usage ", func(_ *testing.T, p *site) { p.SaveUsage() }},
	{"license smart import ", func(_ *testing.T, p *site) {
		if p.carried {
			p.ImportACK(account, nil)
		}
		if p.coded {
			p.ImportAuthorization()
		}
	}},
	{"copy running-config startup-config", nothing},
	{"telnet ", nothing}, {"traceroute ", nothing}, {"show ", nothing},
}

// step plays a manual step.
func (p *site) step(t *testing.T, text string) {
	t.Helper()
	known := slices.ContainsFunc(advice, func(a string) bool { return strings.Contains(text, a) })
	for _, s := range stepTable {
		if strings.Contains(text, s.words) || slices.Contains(message.StepIDs(text), s.id) {
			s.play(t, p)
			known = true
		}
	}
	if !known {
		t.Errorf("%s: nobody knows how to play %q", p.Name, text)
	}
}

// enter plays an exec line.
func (p *site) enter(t *testing.T, line string) {
	t.Helper()
	for _, e := range exec {
		if strings.HasPrefix(line, e.line) {
			e.play(t, p)
			return
		}
	}
	t.Errorf("%s: nobody knows how to play the exec line %q", p.Name, line)
}

// TestStepTable: every step with an id is one of the catalogue.
func TestStepTable(t *testing.T) {
	for _, s := range stepTable {
		if s.id != "" && message.Manual(s.id) == "" {
			t.Errorf("%s is no manual step", s.id)
		}
	}
}
