package sim

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// DemoTime is the moment the demo fleet shows: every run sees the same dates.
var DemoTime = time.Date(2025, time.March, 12, 6, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// Addresses of the demo's surroundings, all from documentation ranges.
const (
	goodDNS = "192.0.2.53"
	deadDNS = "203.0.113.53"
	ntpHost = "192.0.2.123"
	ntpTwo  = "192.0.2.125"
	cssm    = "203.0.113.10"
	tools   = "203.0.113.20"
	cslu    = "192.0.2.80"
	lostLU  = "192.0.2.81"
	idleLU  = "192.0.2.83"
	puller  = "192.0.2.82"
	fileLU  = "192.0.2.84"
	ruledLU = "192.0.2.85"
	center  = "192.0.2.86"
	onprem  = "192.0.2.90"
	oldPrem = "192.0.2.91"
)

var demoAccount = Account{Smart: "Example Networks", Virtual: "Campus"}

// demoPolicy is the custom policy CSSM hands out in the demo.
var demoPolicy = &Policy{Name: "Example Policy", Groups: [4][3]int{{30, 60, 60}, {60, 60, 60}, {30, 90, 60}, {30, 30, 30}}}

// demoWorld is what surrounds the demo fleet at a time.
func demoWorld(now time.Time) *World {
	campus := []string{"", "Mgmt-vrf"}
	names := map[string]string{cssmName: cssm, callhomeName: tools, "ssm.example.net": onprem, "ssm-old.example.net": oldPrem,
		"cslu.example.net": cslu, "ntp.example.net": ntpHost}
	lu := func() map[int]*Service {
		return map[int]*Service{8182: {Kind: "cslu", Account: demoAccount, Trust: true}}
	}
	prem := func(name string) *Service {
		return &Service{Kind: "onprem", Tenant: "Campus-1", TLSName: name, Root: licensingRoot, Account: demoAccount, Trust: true}
	}
	old := prem("ssm-old.example.net")
	old.DownRev = true
	idle, carried, ruled := lu(), lu(), lu()
	idle[8182].NoACK = true
	carried[8182].NoACK, carried[8182].Since = true, now.Add(-65*day)
	ruled[8182].Policy = demoPolicy
	return &World{Hosts: []*Host{
		{Addr: goodDNS, VRFs: campus, Zone: names},
		{Addr: deadDNS, Down: true, Since: now.Add(-9 * day), VRFs: campus, Zone: names},
		{Addr: ntpHost, VRFs: campus, Stratum: 1},
		{Addr: ntpTwo, VRFs: campus, Stratum: 2},
		{Addr: cssm, VRFs: campus, Services: map[int]*Service{443: {Kind: "cssm", TLSName: cssmName, Root: identrust, ClientCert: true,
			Account: demoAccount, Policy: demoPolicy}}},
		{Addr: tools, VRFs: campus, Services: map[int]*Service{443: {Kind: "callhome", TLSName: callhomeName, Root: identrust, Account: demoAccount}}},
		{Addr: cslu, Services: lu()},
		{Addr: lostLU, Down: true, Since: now.Add(-6 * day), Services: lu()},
		{Addr: idleLU, Services: idle},
		{Addr: puller, Services: lu()},
		{Addr: fileLU, Services: carried},
		{Addr: ruledLU, Services: ruled},
		{Addr: center, Services: map[int]*Service{443: {Kind: "controller", Account: demoAccount}}},
		{Addr: onprem, Services: map[int]*Service{443: prem("ssm.example.net")}},
		{Addr: oldPrem, Services: map[int]*Service{443: old}},
	}}
}

// site is a place with its time zone. All sites share one documentation subnet.
type site struct {
	name, zone string
}

var (
	tokyo     = site{"tokyo", "JST 9 0"}
	seoul     = site{"seoul", "KST 9 0"}
	frankfurt = site{"frankfurt", "CET 1 0"}
	chicago   = site{"chicago", "CST -6 0"}
	sydney    = site{"sydney", "AEDT 11 0"}
)

// base is the configuration every demo device begins with: a management
// interface, a default route, NTP, name service and logging.
func (s site) base(host int, iface string) string {
	addr := fmt.Sprintf("198.51.100.%d", host)
	spare := "interface GigabitEthernet1/0/1\n description users\n switchport mode access\n switchport access vlan 20"
	if iface != "Vlan10" {
		spare = "interface GigabitEthernet0/0/2\n shutdown"
	}
	return strings.Join([]string{
		"aaa new-model", "aaa authentication login default local", "aaa authorization exec default local",
		"clock timezone " + s.zone, "logging buffered 16384", "no logging console",
		"ip domain name example.net", "ip name-server " + goodDNS,
		"username netops privilege 15 secret 9 $9$simulated",
		"interface " + iface, " description management", " ip address " + addr + " 255.255.255.0", spare,
		"ip route 0.0.0.0 0.0.0.0 198.51.100.1",
		"ip http client source-interface " + iface,
		"ip ssh version 2", "line vty 0 4", " transport input ssh", "ntp server " + ntpHost, "ntp server " + ntpTwo, "netconf-yang",
	}, "\n")
}

const (
	smart    = "license smart url default\nlicense smart transport smart\nip http client secure-trustpoint SLA-TrustPoint"
	callHome = "service call-home\ncall-home\n contact-email-addr sch-smart-licensing@cisco.com\n" +
		" profile CiscoTAC-1\n  active\n  destination transport-method http\nlicense smart transport callhome\n" +
		"ip http client secure-trustpoint SLA-TrustPoint"
	web = "ip http server\nip http authentication local\nip http secure-server"
)

func toCSLU(host string) string {
	return "license smart url cslu http://" + host + ":8182/cslu/v1/pi\nlicense smart transport cslu"
}

func toOnPrem(url string) string {
	return "license smart url cslu " + url + "\nlicense smart transport cslu\n" +
		"crypto pki trustpoint SLA-TrustPoint\n enrollment terminal\n revocation-check none"
}

// tale is a device with its history: what it is, for how long it has been up,
// and what happened to it.
type tale struct {
	site   site
	role   string
	iface  string
	config string // after the base configuration
	up     int    // days since boot
	spec   Spec
	trust  bool            // an ID token was used an hour after boot
	boot   func(d *Device) // something else that happened then
	then   []string        // configuration entered later ...
	ago    int             // ... so many days before now
	act    func(d *Device) // something else, after it
}

// DemoFleet is the fleet of demo: healthy and broken devices of every topology,
// at DemoTime.
func DemoFleet() []*Device { return DemoFleetAt(DemoTime) }

// DemoFleetAt is the same fleet at another time.
func DemoFleetAt(now time.Time) []*Device {
	world := demoWorld(now)
	var fleet []*Device
	for i, t := range tales() {
		d, err := t.play(now, world, i+11)
		if err != nil {
			panic("building demo fleet: " + err.Error()) // a fault of the table, found by the tests
		}
		fleet = append(fleet, d)
	}
	return fleet
}

// play boots the device in the past and lets its history happen.
func (t tale) play(now time.Time, world *World, host int) (*Device, error) {
	s := t.spec
	spread := time.Duration(crc32.ChecksumIEEE([]byte(s.Name))%50000) * time.Second
	s.World, s.Boot = world, now.Add(-time.Duration(t.up)*day-spread)
	s.Config = t.site.base(host, t.iface) + "\n" + t.config
	s.Tags = map[string]string{"site": t.site.name, "role": t.role}
	d, err := NewDevice(s)
	if err != nil {
		return nil, err
	}
	d.Settle(time.Hour)
	if t.trust {
		d.EstablishTrust()
	}
	if t.boot != nil {
		t.boot(d)
	}
	if t.then != nil || t.act != nil {
		d.Settle(now.Add(-time.Duration(t.ago) * day).Sub(d.Now()))
		if err := d.Configure(t.then...); err != nil {
			return nil, err
		}
		if t.act != nil {
			t.act(d)
		}
	}
	d.Settle(now.Sub(d.Now()))
	return d, nil
}

func tales() []tale { return slices.Concat(firstTales(), moreTales()) }

func firstTales() []tale {
	return []tale{
		{site: tokyo, role: "core", iface: "Vlan10", config: smart, up: 75, trust: true, spec: Spec{
			Name: "tyo-core-1", PID: "C9500-32QC", Serial: "SIM2501A001", Release: "17.12.4", Members: []Member{{"Standby", "C9500-32QC", "SIM2501A002"}},
			Story: "healthy, directly connected with smart transport"}},
		{site: tokyo, role: "access", iface: "Vlan10", config: smart, up: 62, trust: true, ago: 4, then: []string{"no ip name-server"}, spec: Spec{
			Name: "tyo-acc-1", PID: "C9300-48P", Serial: "SIM2501B001", Release: "17.9.4a",
			Members: []Member{{"Standby", "C9300-48P", "SIM2501B002"}, {"Member", "C9300-24P", "SIM2501B003"}},
			Story:   "no name server is configured, so nothing resolves"}},
		{site: tokyo, role: "access", iface: "Vlan10", config: smart, up: 80, trust: true, ago: 70,
			then: []string{"no ip name-server", "ip name-server " + deadDNS}, spec: Spec{
				Name: "tyo-acc-2", PID: "C9300-24P", Serial: "SIM2501C001", Release: "17.9.5", Story: "its only name server has stopped answering"}},
		{site: tokyo, role: "access", iface: "Vlan10", config: smart + "\nline vty 0 4\n exec prompt timestamp", up: 91, trust: true, ago: 70,
			then: []string{"no ip name-server", "ip name-server " + deadDNS}, spec: Spec{
				Name: "tyo-acc-3", PID: "C9300-48U", Serial: "SIM2501D001", Release: "17.12.3", Story: "its only name server has stopped answering"}},
		{site: tokyo, role: "wireless", iface: "Vlan10", config: smart, up: 66, trust: true, ago: 60,
			then: []string{"no ip name-server", "ip name-server " + deadDNS}, spec: Spec{
				Name: "tyo-wlc-1", PID: "C9800-L-C-K9", Serial: "SIM2501E001", Release: "17.9.4", Story: "its only name server has stopped answering"}},
		{site: seoul, role: "core", iface: "GigabitEthernet0/0", up: 41, trust: true, spec: Spec{
			Name: "sel-core-1", PID: "C9500-48Y4C", Serial: "SIM2502E001", Release: "17.17.1", Members: []Member{{"Standby", "C9500-48Y4C", "SIM2502E002"}},
			Story: "healthy, smart transport through the management VRF"},
			config: smart + "\nlicense smart vrf Mgmt-vrf\nno ip name-server\nno ntp server\nno ip route\nvrf definition Mgmt-vrf\n address-family ipv4\n exit-address-family\n" +
				"interface GigabitEthernet0/0\n vrf forwarding Mgmt-vrf\nip route vrf Mgmt-vrf 0.0.0.0 0.0.0.0 198.51.100.1\n" +
				"ip name-server vrf Mgmt-vrf " + goodDNS + "\nip domain name vrf Mgmt-vrf example.net\nntp server vrf Mgmt-vrf " + ntpHost + "\nntp server vrf Mgmt-vrf " + ntpTwo},
		{site: seoul, role: "edge", iface: "GigabitEthernet0/0/0", config: smart, up: 20, spec: Spec{
			Name: "sel-edge-1", PID: "C8300-1N1S-6T", Serial: "SIM2502A001", Release: "17.9.4a", Story: "no trust code: nobody has used an ID token"}},
		{site: seoul, role: "voice", iface: "GigabitEthernet0/0/0", config: smart, up: 83, spec: Spec{
			Name: "sel-cube-1", PID: "ISR4451-X/K9", Serial: "SIM2502F001", Release: "17.3.4a",
			Licences: append(router("ESR_P_500M_A", "DNA_P_500M_A", "500M"), Licence{Name: "CUBE_T_STD", Title: "CUBE_T_STD", Type: "Perpetual", Count: 40}),
			Story:    "no trust code, and this release stops CUBE at the ACK deadline a few days away"}},
		{site: seoul, role: "edge", iface: "GigabitEthernet0/0/0", config: smart, up: 64, trust: true, ago: 5, then: []string{"no ip domain lookup"}, spec: Spec{
			Name: "sel-edge-2", PID: "C8300-2N2S-4T2X", Serial: "SIM2502B001", Release: "17.12.2", Story: "a hardening template switched name lookup off"}},
		{site: seoul, role: "branch", iface: "GigabitEthernet0/0/0", config: smart + "\nno ntp server\nntp server 192.0.2.124\nntp server 192.0.2.126", up: 9, trust: true, spec: Spec{
			Name: "sel-br-1", PID: "ISR4451-X/K9", Serial: "SIM2502C001", Release: "17.6.5", Skew: -26 * time.Hour,
			Story: "the clock was never set, so the trust code failed its signature check"}},
		{site: seoul, role: "branch", iface: "GigabitEthernet0/0/0", up: 70, trust: true, ago: 3,
			config: smart + "\ninterface Loopback0\n ip address 198.51.100.201 255.255.255.255\nip http client source-interface Loopback0",
			then:   []string{"interface Loopback0", "shutdown"}, spec: Spec{
				Name: "sel-br-2", PID: "ISR4431/K9", Serial: "SIM2502D001", Release: "17.9.3", Story: "the source interface of the HTTP client is shut down"}},
		{site: frankfurt, role: "core", iface: "Vlan10", config: callHome, up: 58, trust: true, spec: Spec{
			Name: "fra-core-1", PID: "C9407R", Serial: "SIM2503A001", Release: "17.9.5", Members: []Member{{"Standby", "C9407R", "SIM2503A001"}},
			Story: "healthy, directly connected with Call Home"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: callHome, up: 66, trust: true, ago: 5,
			then: []string{"call-home", "profile CiscoTAC-1", "no active"}, spec: Spec{
				Name: "fra-acc-1", PID: "C9300-48T", Serial: "SIM2503B001", Release: "17.6.6", Story: "the Call Home profile CiscoTAC-1 is inactive"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: toCSLU(cslu), up: 47, spec: Spec{
			Name: "fra-acc-2", PID: "C9300-48P", Serial: "SIM2503C001", Release: "17.9.4a", Story: "healthy, reports through CSLU"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: strings.Replace(toCSLU(cslu), "8182", "8128", 1), up: 16, spec: Spec{
			Name: "fra-acc-3", PID: "C9300L-48PF-4X", Serial: "SIM2503D001", Release: "17.12.4", Story: "wrong port in the CSLU URL"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: toCSLU(lostLU), up: 65, spec: Spec{
			Name: "fra-acc-4", PID: "C9300-24T", Serial: "SIM2503E001", Release: "17.9.4a", Story: "its CSLU host is down"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: toCSLU(lostLU), up: 34, spec: Spec{
			Name: "fra-acc-5", PID: "C9300-24T", Serial: "SIM2503F001", Release: "17.6.5", Story: "its CSLU host is down"}},
		{site: frankfurt, role: "lab", iface: "Vlan10", config: "license smart transport cslu", up: 12, spec: Spec{
			Name: "fra-lab-1", PID: "C9300-24U", Serial: "SIM2503G001", Release: "17.12.4", Topology: "cslu-zero-touch", Story: "zero touch: the name cslu-local is not in DNS"}},
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", config: toOnPrem("https://ssm.example.net/cslu/v1/pi/Campus-1"), up: 51, spec: Spec{
			Name: "chi-br-1", PID: "C8300-1N1S-6T", Serial: "SIM2504A001", Release: "17.12.4", Story: "healthy, reports to SSM On-Prem"}},
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", config: toOnPrem("https://ssm.example.net/cslu/v1/pi"), up: 8, spec: Spec{
			Name: "chi-br-2", PID: "C8300-1N1S-6T", Serial: "SIM2504B001", Release: "17.9.5", Topology: "onprem-push", Story: "the tenant is missing in the On-Prem URL"}},
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", config: toOnPrem("https://ssm.example.net/cslu/v1/pi/Campus-1"), up: 44, ago: 2,
			then: []string{"no crypto pki trustpoint SLA-TrustPoint"}, spec: Spec{
				Name: "chi-br-3", PID: "ISR4451-X/K9", Serial: "SIM2504C001", Release: "17.9.4a", Story: "SLA-TrustPoint has been deleted"}},
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", config: toOnPrem("https://ssm-old.example.net/cslu/v1/pi/Campus-1"), up: 21, spec: Spec{
			Name: "chi-br-4", PID: "ISR4351/K9", Serial: "SIM2504D001", Release: "17.6.4", Story: "SSM On-Prem is too old for Smart Licensing Using Policy"}},
		{site: chicago, role: "access", iface: "Vlan10", config: web, up: 55, spec: Spec{
			Name: "chi-acc-1", PID: "C9300-48P", Serial: "SIM2504E001", Release: "17.9.5", Collector: puller, Topology: "pull-cslu", Story: "healthy, CSLU collects its reports"}},
		{site: sydney, role: "vault", iface: "Vlan10", config: "license smart transport off", up: 120, ago: 11, spec: Spec{
			Name: "syd-vault-1", PID: "C9500-24Y4C", Serial: "SIM2505A001", Release: "17.12.4", Story: "healthy, offline: a file was carried eleven days ago"},
			act: func(d *Device) { d.SaveUsage(); d.Settle(time.Hour); d.ImportACK(demoAccount, nil) }},
		{site: sydney, role: "vault", iface: "Vlan10", config: "license smart transport off", up: 84, spec: Spec{
			Name: "syd-vault-2", PID: "C9300-48S", Serial: "SIM2505B001", Release: "17.9.4a", Story: "offline, never reported, and the deadline is near"}},
		{site: sydney, role: "sdwan", iface: "GigabitEthernet1", up: 33, spec: Spec{
			Name: "syd-sdw-1", PID: "C8000V", Serial: "9SIMULATED1", Release: "17.9.4a", Controller: true, Story: "managed by SD-WAN Manager, which reports for it"},
			ago: 20, act: func(d *Device) { d.ImportACK(demoAccount, nil) }},
		{site: sydney, role: "access", iface: "Vlan10", config: callHome, up: 140, trust: true, spec: Spec{
			Name: "syd-old-1", PID: "C9300-24P", Serial: "SIM2505C001", Release: "17.3.1", Story: "a release before Smart Licensing Using Policy"}},
		{site: sydney, role: "access", iface: "Vlan10", up: 3, config: "no ip name-server\nno ip domain name", spec: Spec{
			Name: "syd-new-1", PID: "C9300-48UXM", Serial: "SIM2505D001", Release: "17.15.1", Story: "out of the box: no way of reporting has been chosen"}},
		{site: sydney, role: "branch", iface: "GigabitEthernet0/0/0", config: smart, up: 100, trust: true, ago: 40, spec: Spec{
			Name: "syd-br-1", PID: "ISR4331/K9", Serial: "SIM2505E001", Release: "17.3.2", Trustpool: []string{"Cisco Root CA 2048", identrust},
			Story: "the trustpool lacks the root CA of Cisco's servers"},
			act: func(d *Device) {
				d.ImportTrustpool("Cisco Root CA 2048", "Cisco Root CA M2", licensingRoot, "QuoVadis Root CA 2")
			}},
		{site: sydney, role: "access", iface: "Vlan10", config: toCSLU(idleLU), up: 130, spec: Spec{
			Name: "syd-acc-1", PID: "C9300-48P", Serial: "SIM2505F001", Release: "17.9.4a", Story: "CSLU takes its reports but never returns an ACK, and the deadline has passed"}},
		{site: tokyo, role: "edge", iface: "GigabitEthernet0/0/0", config: smart, up: 63, trust: true, ago: 3,
			then: []string{"no ip http client secure-trustpoint"}, spec: Spec{
				Name: "tyo-edge-1", PID: "C8300-1N1S-4T2X", Serial: "SIM2501F001", Release: "17.9.5",
				Story: "the HTTP client presents no certificate since its trustpoint was unbound"}},
		{site: tokyo, role: "lab", iface: "Vlan10", config: smart, up: 5, trust: true, spec: Spec{
			Name: "lab-acc-1", PID: "C9300-24P", Serial: "SIM2506A001", Release: "17.9.4a", Down: true, Story: "nothing listens on its SSH port"}},
		{site: tokyo, role: "lab", iface: "Vlan10", config: smart, up: 5, trust: true, spec: Spec{
			Name: "lab-acc-2", PID: "C9300-24P", Serial: "SIM2506B001", Release: "17.9.4a", Faults: Faults{Password: "another-secret"}, Story: "it does not accept the fleet's password"}},
		{site: tokyo, role: "lab", iface: "Vlan10", config: smart, up: 29, trust: true, spec: Spec{
			Name: "lab-acc-3", PID: "C9300-24P", Serial: "SIM2506C001", Release: "17.12.4", Faults: Faults{Privilege: 1}, Story: "healthy, but the login has privilege 1 only"}},
	}
}
