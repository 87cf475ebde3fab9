package closure

import (
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

// Ways of reporting, as configuration.
const (
	smart = `
license smart url default
license smart transport smart
ip http client secure-trustpoint SLA-TrustPoint
`
	toCSLU = `
license smart url cslu http://192.0.2.80:8182/cslu/v1/pi
license smart transport cslu
`
	toOnPrem = `
license smart url cslu https://ssm.example.net/cslu/v1/pi/Campus-1
license smart transport cslu
crypto pki trustpoint SLA-TrustPoint
 enrollment terminal
 revocation-check none
`
	callHome = `
service call-home
call-home
 contact-email-addr sch-smart-licensing@cisco.com
 profile CiscoTAC-1
  active
  destination transport-method http
exit
exit
license smart transport callhome
ip http client secure-trustpoint SLA-TrustPoint
`
	web = `
ip http server
ip http authentication local
ip http secure-server
`
	management = `
vrf definition Mgmt-vrf
 address-family ipv4
 exit-address-family
exit
interface GigabitEthernet0/0
 vrf forwarding Mgmt-vrf
 ip address 198.51.101.11 255.255.255.0
exit
ip route vrf Mgmt-vrf 0.0.0.0 0.0.0.0 198.51.101.1
`
	offline = `
license smart transport off
`
)

var profile = []string{"call-home", "profile CiscoTAC-1"}

// catalogue is the broken devices, each there for one check.
func catalogue() []device {
	return []device{
		// platform
		{fails: "platform-slp-enabled", spec: sim.Spec{Release: "17.1.3"}},
		{fails: "platform-topology", up: 3, config: "no ip name-server\nno ip domain name"},
		{fails: "platform-voice-shutdown-release", config: smart, up: 100, trust: false, spec: sim.Spec{PID: "ISR4451-X/K9", Release: "17.3.4a",
			Licences: []sim.Licence{{Name: "CUBE_T_STD", Title: "CUBE_T_STD", Type: "Perpetual", Count: 40},
				{Name: "dna-advantage_500M", Title: "DNA_P_500M_A", Type: "Subscription", Count: 1}}}},

		{fails: "platform-rum-defect-release", config: offline, up: 450, spec: sim.Spec{Release: "17.6.3"}},

		// agent
		{fails: "agent-comm-channels", config: smart, trust: true, ago: 6, act: func(p *site) { p.service("cssm").NotFound = true }},
		{fails: "agent-identity-invalid", config: smart, trust: true, ago: 6, act: func(p *site) { p.service("cssm").Forgets = true }},
		{fails: "agent-trust-gate", config: smart},

		// clock
		{fails: "clock-ntp-configured", config: smart, bare: "ntp server", trust: true, spec: sim.Spec{Skew: -26 * time.Hour}},
		{fails: "clock-ntp-sync", config: smart + "no ntp server\nntp server 192.0.2.124", trust: true, spec: sim.Spec{Skew: -26 * time.Hour}},
		{fails: "clock-authoritative", config: smart, bare: "ntp server", trust: true, spec: sim.Spec{Skew: -26 * time.Hour}},
		{fails: "clock-skew.wrong", config: smart, bare: "ntp server", trust: true, spec: sim.Spec{Skew: 40 * time.Minute}},
		{fails: "clock-ntp-configured.other", config: smart, trust: true, expect: diag.Expect{NTPServers: []string{lateNTP}}},
		{fails: "clock-skew", config: smart, bare: "ntp server", trust: true, spec: sim.Spec{Skew: 3 * time.Hour}},

		// transport
		{fails: "transport-type", config: toCSLU, topology: diag.DirectSmart},
		{fails: "transport-smart-url", config: "license smart transport smart\nlicense smart url smart https://smartreceiver.cisco.com/licservice/licence\nip http client secure-trustpoint SLA-TrustPoint"},
		{fails: "transport-smart-url.unexpected", config: "license smart transport smart\nlicense smart url smart https://smartreceiver.example.net/licservice/license\nip http client secure-trustpoint SLA-TrustPoint",
			expect: diag.Expect{URL: "https://smartreceiver.cisco.com/licservice/license"}},
		{fails: "transport-vrf.expected", config: smart + management + "ip name-server vrf Mgmt-vrf 192.0.2.53\nvrf definition Other\nexit\n" +
			"interface GigabitEthernet0/1\n vrf forwarding Other\n ip address 198.51.102.11 255.255.255.0\nexit\n" +
			"license smart vrf Other\nip http client source-interface GigabitEthernet0/1", expect: diag.Expect{VRF: "Mgmt-vrf"}},
		{fails: "transport-vrf.no-such-vrf", config: smart + management + "license smart vrf Licensing\nip name-server vrf Mgmt-vrf 192.0.2.53\nip http client source-interface GigabitEthernet0/0"},
		{fails: "transport-legacy-path.configured", config: toOnPrem + "license smart url https://ssm.example.net/Transportgateway/services/DeviceRequestHandler"},
		{fails: "transport-proxy.no-address", config: smart + "license smart proxy port 8080", trust: true},
		{fails: "transport-vrf", config: smart + management + "license smart vrf Mgmt-vrf\nip name-server vrf Mgmt-vrf 192.0.2.53"},
		{fails: "transport-proxy", config: smart + "license smart proxy address 192.0.2.88"},
		{fails: "transport-legacy-path", config: "license smart transport cslu\nlicense smart url cslu https://ssm.example.net/Transportgateway/services/DeviceRequestHandler"},
		{fails: "transport-server-identity", topology: diag.OnpremPush, config: toOnPrem + "license smart url cslu https://192.0.2.90/cslu/v1/pi/Campus-1"},

		// callhome
		{fails: "callhome-service", config: callHome, trust: true, ago: 5, then: []string{"no service call-home"}},
		{fails: "callhome-profile-active", config: callHome, trust: true, ago: 5, then: append(profile, "no active")},
		{fails: "callhome-reporting-data", config: callHome, trust: true, ago: 5, then: append(profile, "no reporting smart-licensing-data")},
		{fails: "callhome-transport-method", config: callHome, trust: true, ago: 5, then: append(profile, "no destination transport-method http", "destination transport-method email")},
		{fails: "callhome-destination", config: callHome, trust: true, ago: 5, then: append(profile, "destination address http https://tools.cisco.com/its/service/oddce/services/DDCE"),
			truth: map[string]string{"wrong-url": "https://tools.cisco.com/its/service/oddce/services/DDCE"}},
		{fails: "transport-callhome-url", config: callHome, trust: true, ago: 5, then: append(profile, "destination address http https://tools.example.com/its/service/oddce/services/DDCEService"),
			truth: map[string]string{"wrong-url": "https://tools.example.com/its/service/oddce/services/DDCEService"}},
		{fails: "callhome-vrf-dns.down", config: callHome + "interface Loopback5\n ip address 198.51.103.1 255.255.255.255\n shutdown", trust: true, ago: 5, then: []string{"call-home", "source-interface Loopback5"}},
		{fails: "callhome-vrf-dns.elsewhere", config: callHome + management, trust: true, ago: 5, then: []string{"call-home", "vrf Mgmt-vrf", "source-interface Vlan10", "exit", "ip name-server vrf Mgmt-vrf 192.0.2.53"},
			truth: map[string]string{"interface": "GigabitEthernet0/0"}},
		{fails: "callhome-vrf-dns", config: callHome + management, trust: true, ago: 5, then: []string{"call-home", "source-interface GigabitEthernet0/9"},
			truth: map[string]string{"interface": "Vlan10"}},

		// cslu
		{fails: "cslu-url", config: "license smart url cslu http://192.0.2.80:8182/cslu/v1\nlicense smart transport cslu"},
		{fails: "cslu-url.port", config: "license smart url cslu http://192.0.2.80:8128/cslu/v1/pi\nlicense smart transport cslu"},
		{fails: "cslu-url.no-port", config: "license smart url cslu http://192.0.2.80/cslu/v1/pi\nlicense smart transport cslu"},
		{fails: "cslu-url.type", topology: diag.CSLUPush, config: smart},
		{fails: "cslu-url.malformed", config: "license smart url cslu 192.0.2.80\nlicense smart transport cslu"},
		{fails: "cslu-url.unexpected", config: "license smart url cslu http://192.0.2.81:8182/cslu/v1/pi\nlicense smart transport cslu",
			expect: diag.Expect{URL: "http://192.0.2.80:8182/cslu/v1/pi"}},
		{fails: "cslu-url.unset", topology: diag.CSLUPush, config: "license smart transport cslu", expect: diag.Expect{URL: "http://192.0.2.80:8182/cslu/v1/pi"}},
		{fails: "cslu-dns", topology: diag.CSLUZeroTouch, config: "license smart transport cslu"},
		{fails: "dns-domain", topology: diag.CSLUZeroTouch, bare: "ip domain name", config: "license smart transport cslu"},
		{fails: "cslu-hello", config: toCSLU, ago: 6, act: func(p *site) {
			h := p.World().Host(csluHost)
			p.stopped, h.Services = h.Services, nil
		}},
		{fails: "cslu-last-ack", config: toCSLU, up: 130, act: func(p *site) { p.service("cslu").NoACK = true }, ago: 129},
		{fails: "cslu-cssm", config: toCSLU, up: 60, act: func(p *site) { p.service("cslu").NoACK = true }, ago: 59},
		{fails: "cslu-pull.all-off", topology: diag.PullCSLU, config: web + "ip http active-session-modules none\nip http secure-active-session-modules none", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "cslu-pull", topology: diag.PullCSLU, up: 120, spec: sim.Spec{Collector: csluHost}},

		// onprem
		{fails: "onprem-url", topology: diag.OnpremPush, config: toOnPrem + "license smart url cslu https://ssm.example.net/cslu/v1/pi"},
		{fails: "onprem-url.empty", topology: diag.OnpremPush, config: "license smart transport cslu"},
		{fails: "onprem-url.malformed", topology: diag.OnpremPush, config: "license smart transport cslu\nlicense smart url cslu ssm.example.net"},
		{fails: "onprem-url.type", topology: diag.OnpremPush, config: smart},
		{fails: "onprem-url.unexpected", topology: diag.OnpremPush, config: toOnPrem + "license smart url cslu https://ssm.example.net/cslu/v1/pi/Branch-9", expect: diag.Expect{URL: "https://ssm.example.net/cslu/v1/pi/Campus-1"}},
		{fails: "onprem-device-release", topology: diag.OnpremPush, config: toOnPrem, spec: sim.Spec{Release: "17.3.2"}},
		{fails: "onprem-server-version", config: toOnPrem, ago: 30, act: func(p *site) { p.service("onprem").DownRev = true }},
		{fails: "onprem-pull-http", topology: diag.PullOnprem, up: 120, spec: sim.Spec{Collector: premHost}},
		{fails: "onprem-trustpoint", config: toOnPrem, ago: 2, then: []string{"no crypto pki trustpoint SLA-TrustPoint"}},
		{fails: "onprem-trustpoint.not-accepted", config: toOnPrem, ago: 2, then: []string{"no crypto pki trustpoint SLA-TrustPoint"},
			act: func(p *site) {
				p.Configure("crypto pki trustpoint SLA-TrustPoint", "enrollment terminal", "revocation-check none")
			}},
		{fails: "onprem-sync-cisco", config: toOnPrem, up: 60, ago: 59, act: func(p *site) { p.service("onprem").NoACK = true }},

		// trustpoint
		{fails: "trustpoint-sla-present", config: smart, trust: true, ago: 2, then: []string{"no crypto pki trustpoint SLA-TrustPoint"}},
		{fails: "trustpoint-sla-ca", config: smart, trust: true, ago: 2, then: []string{"no crypto pki trustpoint SLA-TrustPoint"},
			act: func(p *site) { p.Configure("crypto pki trustpoint SLA-TrustPoint", "enrollment terminal") }},
		{fails: "trustpoint-sla-params", config: toOnPrem, ago: 3, then: []string{"crypto pki trustpoint SLA-TrustPoint", "revocation-check crl"}},
		{fails: "trustpoint-sla-validity", config: smart, bare: "ntp server", spec: sim.Spec{Skew: -14 * 365 * day}},
		{fails: "trustpoint-sla-validity.expired", config: smart, bare: "ntp server", spec: sim.Spec{Skew: 16 * 365 * day}},
		{fails: "trustpoint-pool-root", config: smart, spec: sim.Spec{Release: "17.3.2"}, trust: true},

		// names
		{fails: "dns-server", config: smart, trust: true, ago: 4, then: []string{"no ip name-server"}},
		{fails: "dns-server.other", config: smart, trust: true, expect: diag.Expect{NameServers: []string{"192.0.2.54"}}},
		{fails: "dns-lookup", config: smart, trust: true, ago: 4, then: []string{"no ip domain lookup"}},
		{fails: "dns-resolve.no-answer", config: smart, trust: true, ago: 4, then: []string{"no ip route 0.0.0.0"}}, // no way to the name server
		{fails: "dns-resolve", config: smart, trust: true, ago: 4, then: []string{"no ip name-server", "ip name-server 203.0.113.53"}},
		{fails: "dns-vrf", config: smart + management + "license smart vrf Mgmt-vrf\nip http client source-interface GigabitEthernet0/0"},

		// path
		{fails: "reach-interface", config: smart, trust: true, ago: 4, act: func(p *site) { p.Unplug("Vlan10") }},
		{fails: "reach-interface.shutdown", config: smart, trust: true, ago: 4, then: []string{"interface Vlan10", "shutdown"}},
		{fails: "reach-interface.all-down", bare: "ip http client", config: smart, trust: true, ago: 4, then: []string{"interface Vlan10", "shutdown"}},
		{fails: "reach-interface.none-up", bare: "ip http client", config: smart, trust: true, ago: 4, then: []string{"interface Vlan10", "no ip address"},
			truth: map[string]string{"mask": "255.255.255.0"}},
		{fails: "reach-interface.unassigned", config: smart, trust: true, ago: 4, then: []string{"interface Vlan10", "no ip address"},
			truth: map[string]string{"mask": "255.255.255.0"}},
		{fails: "reach-route", config: toCSLU, ago: 4, then: []string{"no ip route 0.0.0.0"}},
		{fails: "reach-ping", config: toCSLU, ago: 6, act: func(p *site) { p.World().Host(csluHost).Down = true }},
		{fails: "httpclient-source-interface", config: smart, trust: true, ago: 4, then: []string{"ip http client source-interface Loopback7"}},
		{fails: "httpclient-source-interface.global", bare: "ip name-server", config: callHome + management + "call-home\n vrf Mgmt-vrf\nexit\nip name-server vrf Mgmt-vrf 192.0.2.53", trust: true, truth: map[string]string{"interface": "GigabitEthernet0/0"}},
		{fails: "httpclient-source-interface.missing", bare: "ip http client", config: smart, trust: true, expect: diag.Expect{SourceInterface: "Vlan10"}},
		{fails: "httpclient-source-interface.other", config: smart + "interface Loopback3\n ip address 198.51.104.1 255.255.255.255\n", trust: true, expect: diag.Expect{SourceInterface: "Loopback3"}},
		{fails: "httpclient-source-interface.unassigned", config: smart + "interface Loopback3\n description spare", trust: true, ago: 4, then: []string{"ip http client source-interface Loopback3"}, truth: map[string]string{"ip": "198.51.104.1", "mask": "255.255.255.255"}},
		{fails: "httpclient-secure-trustpoint.other", config: smart, trust: true, ago: 3, then: []string{"ip http client secure-trustpoint OTHER"}},
		{fails: "httpclient-secure-trustpoint", config: smart, trust: true, ago: 3, then: []string{"no ip http client secure-trustpoint"}},

		// HTTP server
		{fails: "httpserver-enabled", topology: diag.PullCSLU, up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-secure", topology: diag.PullCSLU, config: "ip http server\nip http authentication local", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-auth", topology: diag.PullCSLU, config: "ip http server\nip http secure-server", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-auth.no-aaa", topology: diag.PullCSLU, bare: "aaa", config: "ip http server\nip http secure-server\nip http authentication aaa", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-tls-identity", topology: diag.PullCSLU, config: web + "ip http secure-trustpoint LOST", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-user", topology: diag.PullCSLU, bare: "username", config: web, up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-session-modules", topology: diag.PullCSLU, config: web + "ip http session-module-list WEB HTTP_IFS\nip http active-session-modules WEB\nip http secure-active-session-modules WEB", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-sl-http", topology: diag.PullCSLU, config: web + "ip http active-session-modules none\nip http secure-active-session-modules none", up: 120, spec: sim.Spec{Collector: csluHost}},
		{fails: "httpserver-netconf", topology: diag.PullCatalystCenter, config: web, up: 120},

		// trust
		{fails: "trust-code-installed", config: smart},
		{fails: "trust-install-failed", config: smart, bare: "ntp server", trust: true, spec: sim.Spec{Skew: -26 * time.Hour}},
		{fails: "trust-account.smart", config: smart, trust: true, expect: diag.Expect{SmartAccount: "Another", VirtualAccount: "Campus"}},
		{fails: "trust-account", config: smart, trust: true, expect: diag.Expect{SmartAccount: "Example Networks", VirtualAccount: "Branches"}},

		// reports
		{fails: "report-ack-deadline", config: offline, up: 130},
		{fails: "report-offline-file", config: offline, up: 85},
		{fails: "report-next-push", config: smart, trust: true, ago: 20, then: []string{"no ip domain lookup"}},
		{fails: "report-usage", config: smart, trust: true, ago: 35, then: []string{"no ip domain lookup"}},
		{fails: "report-15min", config: smart, trust: true, ago: 35, then: []string{"no ip domain lookup"}},
		{fails: "report-backlog", config: offline, up: 400},
		{fails: "log-comm-failed", config: smart, trust: true, ago: 4, then: []string{"no ip domain lookup"}},

		// what only the log tells
		{fails: "policy-install-failed.failed", config: smart, trust: true, act: func(p *site) {
			p.service("cssm").Policy = &sim.Policy{Name: "Example Policy", Groups: [4][3]int{{30, 60, 60}, {60, 60, 60}, {30, 90, 60}, {30, 30, 30}}}
			p.Log("SMART_LIC-3-POLICY_INSTALL_FAILED", "The installation of a new licensing policy has failed: Parse error.")
		}},
		{fails: "utility-report-failed", config: toCSLU + "license smart utility", act: func(p *site) {
			p.Log("SMART_LIC-3-UTILITY_REPORT_FAILED", "Smart Agent for Licensing Utility has failed to send usage Report.")
		}},
		{fails: "utility-subscription", config: toCSLU + "license smart utility", act: func(p *site) {
			p.Log("SMART_LIC-4-UTILITY_SUBSCRIPTION_LICENSE", "Utility mode is in use with a license that does not have a subscription id: dna-advantage")
		}},

		// utility
		{fails: "utility-trust", config: smart + "license smart utility"},
		{fails: "utility-transport", config: callHome + "license smart utility", trust: true},
		{fails: "utility-ack-30d", config: toCSLU + "license smart utility", up: 60, ago: 59, act: func(p *site) { p.service("cslu").NoACK = true }},
	}
}

// unplayed are the checks that can fail and that no simulated device can show failing, and why.
var unplayed = map[string]string{
	"agent-enabled":      "the simulated agent is always on and never broken",
	"agent-prod-cert":    "every simulated image is a released one",
	"ha-active":          "a session always ends on the active unit",
	"ha-udi-list":        "the simulated agent always knows every member",
	"perf-cpu":           "the simulated agent is never that busy",
	"report-poll":        "the simulated agent always asks for its acknowledgement in time",
	"trust-code-expired": "simulated trust codes have no end",
	"trust-code-members": "all members get their trust codes together",
}
