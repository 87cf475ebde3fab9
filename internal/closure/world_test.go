package closure

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

// now is when every device of the catalogue is looked at.
var now = sim.DemoTime

// What surrounds the devices.
const (
	dnsHost  = "192.0.2.53"
	deadDNS  = "203.0.113.53"
	ntpHost  = "192.0.2.123"
	lateNTP  = "192.0.2.124" // answers once somebody has looked after the path to it
	cssmHost = "203.0.113.10"
	toolsIP  = "203.0.113.20"
	csluHost = "192.0.2.80"
	premHost = "192.0.2.90"
	proxyIP  = "192.0.2.88"
	premName = "ssm.example.net"
	tenant   = "Campus-1"
	cloud    = "IdenTrust Commercial Root CA 1"
	onPremCA = "Cisco Licensing Root CA"
)

var account = sim.Account{Smart: "Example Networks", Virtual: "Campus"}

func world() *sim.World {
	campus := []string{"", "Mgmt-vrf"}
	zone := map[string]string{"smartreceiver.cisco.com": cssmHost, "tools.cisco.com": toolsIP, premName: premHost, "cslu.example.net": csluHost}
	cslu := &sim.Service{Kind: "cslu", Account: account, Trust: true}
	return &sim.World{Hosts: []*sim.Host{
		{Addr: dnsHost, VRFs: campus, Zone: zone},
		{Addr: deadDNS, VRFs: campus, Zone: zone, Down: true, Since: now.Add(-9 * day)},
		{Addr: ntpHost, VRFs: campus, Stratum: 1},
		{Addr: lateNTP, VRFs: campus, Stratum: 1, Down: true},
		{Addr: cssmHost, VRFs: campus, Services: map[int]*sim.Service{443: {Kind: "cssm", TLSName: "smartreceiver.cisco.com", Root: cloud, ClientCert: true, Account: account}}},
		{Addr: toolsIP, VRFs: campus, Services: map[int]*sim.Service{443: {Kind: "callhome", TLSName: "tools.cisco.com", Root: cloud, Account: account}}},
		{Addr: csluHost, VRFs: campus, Services: map[int]*sim.Service{8182: cslu}},
		{Addr: premHost, Services: map[int]*sim.Service{443: {Kind: "onprem", Tenant: tenant, TLSName: premName, Root: onPremCA, Account: account, Trust: true}}},
		{Addr: proxyIP, Services: map[int]*sim.Service{8080: {Kind: "proxy"}}},
	}}
}

// device is one broken device of the catalogue: what it is and what happened to it.
type device struct {
	fails    string          // the check, or check.verdict, that it is there for, and its name
	topology diag.TopologyID // declared
	expect   diag.Expect
	spec     sim.Spec // Name, World, Boot and Config are filled in; Release and PID when empty
	bare     string   // lines of the base configuration are left out that begin with this
	config   string   // after the base configuration
	up       int      // days since boot; 0 means 40
	trust    bool     // an ID token was used an hour after boot
	then     []string // configuration entered later ...
	ago      int      // ... so many days before now
	act      func(*site)
	truth    map[string]string // placeholders that mean something else than in the table of truths
}

// site is a device, its world, and what is true there.
type site struct {
	*sim.Device
	declared diag.Device
	truth    map[string]string
	carried  bool                 // a file with an ACK is at hand
	coded    bool                 // a file with authorization codes for exactly this device is at hand
	stopped  map[int]*sim.Service // what CSLU's host does not run any more
}

const base = `aaa new-model
aaa authentication login default local
aaa authorization exec default local
clock timezone CET 1 0
logging buffered 64000
ip domain name example.net
ip name-server 192.0.2.53
username netops privilege 15 secret 9 $9$simulated
interface Vlan10
 ip address 198.51.100.11 255.255.255.0
exit
ip route 0.0.0.0 0.0.0.0 198.51.100.1
ip http client source-interface Vlan10
ntp server 192.0.2.123`

// play boots a device and lets its history happen.
func (d device) play(t *testing.T) *site {
	t.Helper()
	s := d.spec
	up := d.up
	if up == 0 {
		up = 40
	}
	if s.World == nil {
		s.World = world()
	}
	if s.Release == "" {
		s.Release = "17.9.4a"
	}
	if s.PID == "" {
		s.PID = "C9300-48P"
	}
	s.Name, s.Serial, s.Boot = d.fails, "SIM26CLOSE1", now.Add(-time.Duration(up)*day)
	for line := range strings.Lines(base + "\n") {
		if d.bare == "" || !strings.HasPrefix(strings.TrimSpace(line), d.bare) {
			s.Config += line
		}
	}
	s.Config += d.config
	dev, err := sim.NewDevice(s)
	if err != nil {
		t.Fatal(err)
	}
	p := &site{Device: dev, truth: d.truth, declared: diag.Device{Name: d.fails, Topology: d.topology, Expect: d.expect}}
	p.Settle(time.Hour)
	if d.trust {
		p.EstablishTrust()
	}
	p.Settle(now.Add(-time.Duration(d.ago) * day).Sub(p.Now()))
	p.configure(t, d.then...)
	if d.act != nil {
		d.act(p)
	}
	p.Settle(now.Sub(p.Now()))
	return p
}

func (p *site) configure(t *testing.T, lines ...string) {
	t.Helper()
	if err := p.Configure(lines...); err != nil {
		t.Errorf("%s: %v", p.Name, err)
	}
}

// truths are what the people at the site fill in for the placeholders of fix lines.
var truths = map[string]string{
	"dns-ip": dnsHost, "ntp-ip": ntpHost, "domain": "example.net", "cslu-ip": csluHost, "host": csluHost,
	"url-from-on-prem": "https://" + premName + "/cslu/v1/pi/" + tenant, "tenant": tenant, "name-in-certificate": premName,
	"proxy": proxyIP, "port": "8080", "interface": "Vlan10", "interface-in-vrf": "GigabitEthernet0/0", "vrf": "Mgmt-vrf",
	"prefix": "0.0.0.0", "mask": "0.0.0.0", "next-hop": "198.51.100.1", "gateway-ip": "198.51.100.1",
	"ip": "198.51.100.11", "mail": "noc@example.net", "other-name": "renamed", "profile": "CiscoTAC-1",
	"user": "collector", "password": "simulated", "days": "30",
}

var hole = regexp.MustCompile(`<([a-z][a-z0-9:-]*)>`)

// fill replaces the placeholders of a line by the truth.
func (p *site) fill(t *testing.T, line string) string {
	t.Helper()
	return hole.ReplaceAllStringFunc(line, func(h string) string {
		name := strings.Trim(h, "<>")
		if v, ok := p.truth[name]; ok {
			return v
		}
		v, ok := truths[name]
		if !ok {
			t.Errorf("%s: nobody knows what %s is in %q", p.Name, h, line)
		}
		return v
	})
}

// service is the first back end of a kind.
func (p *site) service(kind string) *sim.Service {
	for _, s := range p.services() {
		if s.Kind == kind {
			return s
		}
	}
	return nil
}

// services are all back ends of the world.
func (p *site) services() []*sim.Service {
	var out []*sim.Service
	for _, h := range p.World().Hosts {
		for _, s := range h.Services {
			out = append(out, s)
		}
	}
	return out
}

func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool {
		return l == "!" || strings.TrimSpace(l) == "" || strings.HasPrefix(l, "! Last") || strings.HasPrefix(l, "Current")
	})
}
