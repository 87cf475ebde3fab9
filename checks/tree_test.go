package checks_test

import (
	"slices"
	"strings"
	"testing"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// Lines that the stories share.
const (
	pushLate = `edit show-license-tech: Next report push: Mar 25 09:30:03 2026 UTC => Next report push: Mar 10 06:00:03 2026 UTC`
	ackLate  = `edit show-license-tech: Next ACK deadline: Apr 24 => Next ACK deadline: Mar 05`
	relayAck = `edit show-license-tech: Next ACK deadline: May 24 => Next ACK deadline: Mar 05`
	usage    = `channel Usage Reporting: 3/2/1 1/1 NO REPLY`
	hello    = `channel Hello Message: 40/31/9 9/9 NO REPLY`
	identity = `channel Usage Reporting: 3/2/1 1/0 INVALID STATUS CODE; {"product_instance_identifier":["The identity for the instance 6b9a4d3e-0000-4000-8000-0123456789ab is not valid.Please re-register the instance."]}`
	silence  = `edit ping: .!!!!\nSuccess rate is 80 percent (4/5), round-trip min/avg/max = 3/4/7 ms => .....\nSuccess rate is 0 percent (0/5)`
	noServer = "edit show-running-config: ip name-server 192.0.2.53\\n =>\n" +
		"edit show-hosts: 192.0.2.53 => 255.255.255.255\n" +
		"edit show-ip-dns-view: \\n    192.0.2.53 =>\n" +
		"drop show-ip-route"
)

// failed is the log of three attempts, 15 minutes apart.
func failed(peer, detail string) string {
	var b strings.Builder
	for _, when := range []string{"10:30", "10:45", "11:00"} {
		b.WriteString("add show-logging: Mar 10 " + when + ":05.120 UTC: %SMART_LIC-3-COMM_FAILED: Communications failure with the " + peer + " : " + detail + "\n")
	}
	return b.String()
}

const (
	cssm = "Cisco Smart Software Manager (CSSM)"
	cslu = "Cisco Smart License Utility (CSLU)"
)

// unresolved is the ping of a name that no server knows.
func unresolved(prompt, line, name, server string) string {
	return "only ping: " + prompt + "#" + line + `\nTranslating "` + name + `"...domain server (` + server + `)\n% Unrecognized host or address, or protocol not running.`
}

var (
	smartUnresolved = unresolved("edge-rtr-1", "ping smartreceiver.cisco.com repeat 5 timeout 2 source GigabitEthernet0/0/0", "smartreceiver.cisco.com", "255.255.255.255")
	toolsUnresolved = unresolved("wan-rtr-5", "ping tools.cisco.com repeat 5 timeout 2 source GigabitEthernet0/0/0", "tools.cisco.com", "255.255.255.255")
	csluUnresolved  = unresolved("acc-sw-3", "ping cslu-local repeat 5 timeout 2 source Vlan10", "cslu-local", "192.0.2.53")
	ssmUnresolved   = unresolved("core-sw-4", "ping ssm.example.net repeat 5 timeout 2 source Vlan20", "ssm.example.net", "255.255.255.255")
)

// untrusted takes the trust code from a device.
const untrusted = `edit show-license-tech: Communication Level Allowed: DIRECT => Communication Level Allowed: INDIRECT
edit show-license-tech: Overall Trust: INSTALLED (2) => Overall Trust: No ID
edit show-license-tech: state[2], Trust Data INSTALLED  TrustId:627 => state[1], NOT INSTALLED
edit show-license-tech: Trust Code Installed: Feb 08 09:40:12 2026 UTC => Trust Code Installed: <none>
edit show-license-status: Trust Code Installed: Feb 08 09:40:12 2026 UTC => Trust Code Installed: <none>
edit show-license-all: Trust Code Installed: Feb 08 09:40:12 2026 UTC => Trust Code Installed: <none>`

// stories are faults as they look on a whole device: one cause, many red lines.
var stories = []struct {
	name, device string
	script       []string // directives of cases_test.go
	root, key    string   // the one finding
	follow       []string // what must be told as its consequence
}{
	{"no name server", "direct-smart", []string{noServer, smartUnresolved, usage, pushLate, ackLate, failed(cssm, "Unable to resolve server hostname/domain name")},
		"dns-server", "", []string{"dns-resolve", "agent-comm-channels", "report-usage", "report-next-push", "report-15min", "log-comm-failed", "report-ack-deadline"}},
	{"lookup disabled", "direct-smart", []string{"edit show-running-config: ip name-server => no ip domain lookup\\nip name-server", "drop show-hosts show-ip-dns-view", smartUnresolved, usage, failed(cssm, "Unable to resolve server hostname/domain name")},
		"dns-lookup", "", []string{"dns-resolve", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"no name server, call home", "direct-callhome", []string{noServer, toolsUnresolved, usage, pushLate, failed(cssm, "Unable to resolve server hostname/domain name")},
		"dns-server", "", []string{"dns-resolve", "agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},
	{"no name server, SSM On-Prem", "onprem-push", []string{noServer, ssmUnresolved, usage, pushLate, failed(cslu, "Unable to resolve server hostname/domain name")},
		"dns-server", "", []string{"dns-resolve", "agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},

	{"no trust code", "direct-smart", []string{untrusted, "channel Trust Establishment: 0/0/0 0/0 <none>", "channel Trust Sync: 0/0/0 0/0 <none>", "channel Usage Reporting: 0/0/0 0/0 <none>", "channel Result Polling: 0/0/0 0/0 <none>", "channel Authorization Request: 0/0/0 0/0 <none>", pushLate, ackLate},
		"trust-code-installed", "", []string{"agent-trust-gate", "report-next-push", "report-ack-deadline"}},
	{"no trust code, call home", "direct-callhome", []string{untrusted, "channel Trust Establishment: 0/0/0 0/0 <none>", "channel Trust Sync: 0/0/0 0/0 <none>", "channel Usage Reporting: 0/0/0 0/0 <none>", "channel Result Polling: 0/0/0 0/0 <none>", pushLate},
		"trust-code-installed", "", []string{"agent-trust-gate", "report-next-push"}},
	{"trust can not be established without a name server", "direct-smart", []string{untrusted, noServer, smartUnresolved, "channel Trust Establishment: 3/0/3 3/3 NO REPLY", "channel Trust Sync: 0/0/0 0/0 <none>", "channel Usage Reporting: 0/0/0 0/0 <none>", "channel Result Polling: 0/0/0 0/0 <none>", failed(cssm, "Unable to resolve server hostname/domain name")},
		"dns-server", "", []string{"trust-code-installed", "trust-install-failed", "agent-trust-gate", "agent-comm-channels", "log-comm-failed"}},

	{"trust can not be established, for no visible reason", "direct-smart", []string{untrusted, "channel Trust Establishment: 4/0/4 4/4 NO REPLY", silence, failed(cssm, "No detailed information given")},
		"trust-install-failed", "", []string{"trust-code-installed", "agent-trust-gate", "agent-comm-channels", "log-comm-failed"}},
	{"token expired", "direct-smart", []string{untrusted, "channel Trust Establishment: 4/0/4 4/0 INVALID STATUS CODE; The token has expired"},
		"trust-install-failed", "", []string{"trust-code-installed", "agent-trust-gate", "agent-comm-channels"}},

	{"forgotten by CSSM", "direct-smart", []string{identity, pushLate, ackLate, failed(cssm, "No detailed information given")},
		"agent-identity-invalid", "", []string{"agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed", "report-ack-deadline"}},
	{"forgotten by SSM On-Prem", "onprem-push", []string{identity, failed(cslu, "No detailed information given")},
		"agent-identity-invalid", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"clock off, servers silent", "direct-smart", []string{"edit show-ntp-status: Clock is synchronized, stratum 3, reference is 192.0.2.123 => Clock is unsynchronized, stratum 16, no reference clock",
		"edit show-ntp-associations: 377 => 0", "channel Trust Sync: 31/29/2 2/0 INVALID STATUS CODE; Signature Verification failed", failed(cssm, "Signature Verification failed")},
		"clock-ntp-sync", "", []string{"agent-comm-channels", "log-comm-failed"}},
	{"clock off, no server", "direct-callhome", []string{"edit show-running-config: ntp server 192.0.2.123\\nntp server 192.0.2.124\\n =>", "drop show-ntp-associations",
		"only show-ntp-status: %NTP is not enabled.", "channel Trust Establishment: 2/0/2 2/0 INVALID STATUS CODE; nonce failed to match",
		"add show-logging: Mar 10 11:00:05.120 UTC: %SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install of a new licensing trust code has failed on P:ISR4451-X/K9,S:FOC26050001: timestamp mismatch."},
		"clock-ntp-configured", "", []string{"clock-ntp-sync", "trust-install-failed", "agent-comm-channels"}},

	{"wrong URL", "direct-smart", []string{"edit show-license-tech:   URL: https://smartreceiver.cisco.com/licservice/license =>   URL: https://smartreceiver.cisco.com/licensing", usage, pushLate, failed(cssm, "404 not found")},
		"transport-smart-url", "https://smartreceiver.cisco.com/licensing", []string{"agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},
	{"half a proxy", "direct-smart", []string{"edit show-license-tech: Address: <empty> => Address: proxy.example.net", "drop ping show-ip-route", usage, failed(cssm, "No detailed information given")},
		"transport-proxy", "proxy.example.net", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"endpoint of the classic model", "direct-smart", []string{"edit show-license-tech:   URL: https://smartreceiver.cisco.com/licservice/license =>   URL: https://ssm.example.net/SmartTransport", "drop ping show-ip-route", usage, failed(cssm, "Received empty response from server")},
		"transport-legacy-path", "https://ssm.example.net/SmartTransport", []string{"transport-smart-url", "agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"client certificate not bound", "direct-smart", []string{"edit show-running-config: ip http client secure-trustpoint SLA-TrustPoint\\n =>", usage, failed(cssm, "SSL handshake failed, no client certificate")},
		"httpclient-secure-trustpoint", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"old root certificates", "direct-smart", []string{"edit show-version: Version 17.12.4, => Version 17.3.3,", "edit show-version: Version 17.12.04 => Version 17.03.03",
		"edit show-crypto-pki-trustpool: IdenTrust Commercial Root CA 1 => QuoVadis Root CA 2", usage, failed(cssm, "TLS certificate validation failed")},
		"trustpoint-pool-root", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"source interface down", "direct-smart", []string{"edit show-ip-interface-brief: 198.51.100.2    YES NVRAM  up                    up => 198.51.100.2    YES NVRAM  administratively down down", "drop ping show-ip-route", usage, failed(cssm, "No detailed information given")},
		"reach-interface", "", []string{"httpclient-source-interface", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"firewall before CSSM", "direct-smart", []string{silence, usage, pushLate, failed(cssm, "No detailed information given")},
		"agent-comm-channels", "smartreceiver.cisco.com", []string{"report-usage", "report-next-push", "report-15min", "log-comm-failed"}},
	{"source interface in another VRF", "direct-smart", []string{"edit show-license-tech: VRF: <empty> => VRF: Mgmt-vrf",
		unresolved("edge-rtr-1", "ping vrf Mgmt-vrf smartreceiver.cisco.com repeat 5 timeout 2 source GigabitEthernet0/0/0", "smartreceiver.cisco.com", "255.255.255.255"), "drop show-ip-route", usage, failed(cssm, "No detailed information given")},
		"transport-vrf", "Mgmt-vrf GigabitEthernet0/0/0", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"name servers in another VRF", "direct-smart", []string{"edit show-license-tech: VRF: <empty> => VRF: Mgmt-vrf", "edit show-running-config: source-interface GigabitEthernet0/0/0 => source-interface GigabitEthernet0/0",
		"edit show-ip-interface-brief: GigabitEthernet0/0     unassigned      YES NVRAM  administratively down down => GigabitEthernet0/0     192.0.2.99      YES NVRAM  up                    up",
		unresolved("edge-rtr-1", "ping vrf Mgmt-vrf smartreceiver.cisco.com repeat 5 timeout 2 source GigabitEthernet0/0", "smartreceiver.cisco.com", "255.255.255.255"), "drop show-ip-route", usage, failed(cssm, "Unable to resolve server hostname/domain name")},
		"dns-vrf", "", []string{"dns-resolve", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"source interface that does not exist", "cslu-push", []string{"edit show-running-config: source-interface Vlan10 => source-interface Vlan99", silence, usage, hello, failed(cslu, "No detailed information given")},
		"httpclient-source-interface", "", []string{"reach-ping", "cslu-hello", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"no route", "cslu-push", []string{"edit show-running-config: ip route 0.0.0.0 0.0.0.0 10.10.0.1\\n =>", "only show-ip-route-1: acc-sw-2#show ip route 192.0.2.10\\n% Network not in table", "only show-ip-route-0-0-0-0: acc-sw-2#show ip route 0.0.0.0\\n% Network not in table", silence, usage, hello, failed(cslu, "No detailed information given")},
		"reach-route", "", []string{"reach-ping", "cslu-hello", "agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"call home off", "direct-callhome", []string{"edit show-call-home: call home feature : enable => call home feature : disable", "edit show-call-home-smart: Smart-license messages: enabled => Smart-license messages: disabled",
		"edit show-call-home-profile: Profile status: ACTIVE => Profile status: INACTIVE", usage, pushLate, failed(cssm, "Fail to send out Call Home HTTP message")},
		"callhome-service", "", []string{"callhome-profile-active", "agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},
	{"profile without licensing data", "direct-callhome", []string{"edit show-call-home-profile: Smart Call Home, Smart Licensing => Smart Call Home", usage, failed(cssm, "smart license transport is disabled in call-home")},
		"callhome-profile-active", "", []string{"callhome-reporting-data", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"profile sends mail", "direct-callhome", []string{"edit show-call-home-profile: Transport Method: http => Transport Method: email", usage, failed(cssm, "Fail to send out Call Home HTTP message")},
		"callhome-transport-method", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"wrong destination", "direct-callhome", []string{"edit show-call-home-smart: https://tools.cisco.com => http://tools.cisco.com", "edit show-call-home-profile: https://tools.cisco.com => http://tools.cisco.com", usage, failed(cssm, "Fail to send out Call Home HTTP message")},
		"callhome-destination", "http://tools.cisco.com/its/service/oddce/services/DDCEService", []string{"transport-callhome-url", "agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"CSLU unreachable", "cslu-push", []string{silence, usage, hello, pushLate, relayAck, failed(cslu, "No detailed information given")},
		"reach-ping", "192.0.2.10", []string{"cslu-hello", "cslu-last-ack", "agent-comm-channels", "report-usage", "report-next-push", "report-15min", "log-comm-failed", "report-ack-deadline"}},
	{"CSLU not running", "cslu-push", []string{usage, hello, pushLate, relayAck, failed(cslu, "Connection refused")},
		"cslu-hello", "192.0.2.10", []string{"cslu-last-ack", "agent-comm-channels", "report-usage", "report-next-push", "report-15min", "log-comm-failed", "report-ack-deadline"}},
	{"CSLU silent, no ping", "cslu-push", []string{"drop ping show-ip-route", usage, hello, pushLate, failed(cslu, "No detailed information given")},
		"cslu-hello", "192.0.2.10", []string{"agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},
	{"wrong port of CSLU", "cslu-push", []string{"edit show-license-tech: :8182 => :8180", usage, hello, pushLate, failed(cslu, "Connection refused")},
		"cslu-url", "http://192.0.2.10:8180/cslu/v1/pi", []string{"cslu-hello", "agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},

	{"cslu-local unknown", "cslu-zero-touch", []string{csluUnresolved, "drop show-ip-route", usage, hello, pushLate, failed(cslu, "Unable to resolve server hostname/domain name")},
		"cslu-dns", "cslu-local", []string{"cslu-hello", "agent-comm-channels", "report-usage", "report-next-push", "log-comm-failed"}},
	{"cslu-local without a domain", "cslu-zero-touch", []string{"edit show-running-config: ip domain name example.net\\n =>", "edit show-hosts: is example.net => is not set", "edit show-ip-dns-view:  example.net =>",
		csluUnresolved, "drop show-ip-route", usage, hello, failed(cslu, "Unable to resolve server hostname/domain name")},
		"dns-domain", "", []string{"cslu-dns", "cslu-hello", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"cslu-local without a name server", "cslu-zero-touch", []string{noServer, csluUnresolved, usage, hello, failed(cslu, "Unable to resolve server hostname/domain name")},
		"dns-server", "", []string{"cslu-dns", "cslu-hello", "agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"SSM On-Prem unreachable", "onprem-push", []string{silence, usage, pushLate, relayAck, failed(cslu, "No detailed information given")},
		"reach-ping", "ssm.example.net", []string{"agent-comm-channels", "report-usage", "report-next-push", "report-15min", "log-comm-failed", "report-ack-deadline"}},
	{"SSM On-Prem unreachable by its address", "onprem-push", []string{"edit show-license-tech: ssm.example.net => 192.0.2.20", "edit ping: ssm.example.net repeat => 192.0.2.20 repeat", silence, usage, failed(cslu, "No detailed information given")},
		"reach-ping", "192.0.2.20", []string{"transport-server-identity", "agent-comm-channels", "report-usage", "log-comm-failed"}},
	{"SSM On-Prem too old", "onprem-push", []string{"channel Usage Reporting: 3/0/3 3/0 INVALID STATUS CODE; We received a failure status in a response message",
		"add show-logging: Mar 10 11:00:05.120 UTC: %SMART_LIC-4-REPORTING_NOT_SUPPORTED: The CSSM OnPrem that this product instance is connected to is down rev and does not support the enhanced policy and usage reporting mode."},
		"onprem-server-version", "", []string{"agent-comm-channels", "report-usage"}},
	{"SSM On-Prem without a tenant", "onprem-push", []string{"topology onprem-push", "edit show-license-tech: /cslu/v1/pi/campus-1 => /cslu/v1/pi", usage, failed(cslu, "No detailed information given")},
		"onprem-url", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"SLA-TrustPoint deleted", "onprem-push", []string{"edit show-crypto-pki-trustpoints: Trustpoint SLA-TrustPoint: => Trustpoint OTHER:", "edit show-running-config: crypto pki trustpoint SLA-TrustPoint => crypto pki trustpoint OTHER",
		usage, failed(cslu, "SSL handshake failed")},
		"trustpoint-sla-present", "", []string{"agent-comm-channels", "report-usage", "log-comm-failed"}},

	{"nothing set up", "unconfigured", nil, "platform-topology", "", nil},
	{"declared otherwise", "cslu-push", []string{"topology direct-smart", usage, hello, failed(cslu, "No detailed information given")},
		"transport-type", "", []string{"transport-smart-url", "agent-comm-channels", "report-usage"}},
}

// TestStories holds the decision tree of knowledge D against whole devices: a fault has one root, and
// every other red line is its consequence.
func TestStories(t *testing.T) {
	all := checks.Catalogue()
	for _, s := range stories {
		t.Run(s.device+"/"+s.name, func(t *testing.T) {
			d := load(t, s.device)
			for _, part := range s.script {
				d.run(t, strings.Split(strings.TrimSpace(part), "\n"))
			}
			results := all.Judge(d.facts(t))
			failing := map[string]string{} // check to its root
			for _, r := range results {
				if r.Status != diag.Fail {
					continue
				}
				root := engine.Root(results, r)
				failing[r.Check] = root.Check
				if root.Check != s.root {
					t.Errorf("%s ends at %s (%s), not at %s", r.Check, root.Check, root.Summary, s.root)
				}
				if r.Check == s.root && s.key != "" && r.Key != s.key {
					t.Errorf("%s is about %q, want %q", s.root, r.Key, s.key)
				}
			}
			for _, id := range append([]string{s.root}, s.follow...) {
				if failing[id] == "" {
					i := slices.IndexFunc(results, func(r diag.Result) bool { return r.Check == id })
					t.Errorf("%s does not fail: %s %s", id, results[i].Status, results[i].Summary)
				}
			}
		})
	}
}

// pairs are two faults on one device: each is a root, and a consequence belongs to the one that causes it.
var pairs = []struct {
	name, device string
	script       []string
	roots        []string          // what fails without a cause, and nothing else
	ends         map[string]string // check to its root
}{
	{"no name server, and a clock that spoils a policy", "direct-smart", []string{noServer, smartUnresolved, usage, failed(cssm, "Unable to resolve server hostname/domain name"), unsynced,
		"add show-logging: Mar 10 11:00:06.120 UTC: %SMART_LIC-3-POLICY_INSTALL_FAILED: The installation of a new licensing policy has failed: signature mismatch."},
		[]string{"clock-ntp-sync", "dns-server"}, map[string]string{"agent-comm-channels": "dns-server", "policy-install-failed": "clock-ntp-sync"}},
	{"a wrong port, and the source interface down", "cslu-push", []string{"edit show-license-tech: 192.0.2.10:8182/cslu/v1/pi => 192.0.2.10:8128/cslu/v1/pi",
		"edit show-ip-interface: 10.10.0.2       YES NVRAM  up                    up => 10.10.0.2       YES NVRAM  down                  down", "drop ping show-ip-route", usage, hello},
		[]string{"cslu-url", "reach-interface"}, map[string]string{"agent-comm-channels": "cslu-url", "httpclient-source-interface": "reach-interface"}},
	{"an expired token, and a clock that spoils a policy", "direct-smart", []string{untrusted, "channel Trust Establishment: 4/0/4 4/0 INVALID STATUS CODE; The token has expired", unsynced,
		"add show-logging: Mar 10 11:00:06.120 UTC: %SMART_LIC-3-POLICY_INSTALL_FAILED: The installation of a new licensing policy has failed: signature mismatch."},
		[]string{"clock-ntp-sync", "trust-install-failed"}, map[string]string{"agent-comm-channels": "trust-install-failed", "policy-install-failed": "clock-ntp-sync"}},
	{"no client certificate, and other NTP servers than expected", "direct-smart", []string{"edit show-running-config: ip http client secure-trustpoint SLA-TrustPoint\\n =>", "expect ntp_servers 192.0.2.200", usage, failed(cssm, "SSL handshake failed")},
		[]string{"clock-ntp-configured", "httpclient-secure-trustpoint"}, map[string]string{"agent-comm-channels": "httpclient-secure-trustpoint"}},
	{"no client certificate, and no NTP server while the clock is right", "direct-smart", []string{"edit show-running-config: ip http client secure-trustpoint SLA-TrustPoint\\n =>",
		"edit show-running-config: ntp server 192.0.2.123\\nntp server 192.0.2.124\\n =>", "drop show-ntp-associations show-ntp-status", "received 2026-03-10T12:00:04Z synced", usage, failed(cssm, "SSL handshake failed")},
		[]string{"clock-ntp-configured", "httpclient-secure-trustpoint"}, map[string]string{"agent-comm-channels": "httpclient-secure-trustpoint"}},
	{"a firewall, and other name servers than expected", "direct-smart", []string{"expect name_servers 192.0.2.200", silence, usage, failed(cssm, "No detailed information given")},
		[]string{"agent-comm-channels", "dns-server"}, map[string]string{"report-usage": "agent-comm-channels"}},
	{"forgotten by CSSM, and no name server", "direct-smart", []string{identity, noServer, smartUnresolved},
		[]string{"agent-identity-invalid", "dns-server"}, map[string]string{"agent-comm-channels": "agent-identity-invalid", "dns-resolve": "dns-server"}},
	{"CSLU that does not forward, and another source interface than expected", "cslu-push", []string{"expect source_interface Loopback0", "channel Usage Reporting: 3/3/0 0/0 OK_POLL", "channel Result Polling: 9/5/4 4/4 NO REPLY", relayAck,
		"edit show-license-tech: Last ACK received: Feb 23 09:35:03 2026 UTC => Last ACK received: Jan 23 09:35:03 2026 UTC"},
		[]string{"cslu-cssm", "httpclient-source-interface"}, map[string]string{"report-ack-deadline": "cslu-cssm"}},
	{"CSLU silent, and a member missing", "cslu-push", []string{silence, usage, hello, "add show-switch:  3       Member   0c75.bd11.0003     1      V01     Ready"},
		[]string{"ha-udi-list", "reach-ping"}, map[string]string{"cslu-hello": "reach-ping"}},
}

const unsynced = "edit show-ntp-status: Clock is synchronized, stratum 3, reference is 192.0.2.123 => Clock is unsynchronized, stratum 16, no reference clock"

func TestPairs(t *testing.T) {
	all := checks.Catalogue()
	for _, s := range pairs {
		t.Run(s.device+"/"+s.name, func(t *testing.T) {
			d := load(t, s.device)
			for _, part := range s.script {
				d.run(t, strings.Split(strings.TrimSpace(part), "\n"))
			}
			results := all.Judge(d.facts(t))
			var roots []string
			ends := map[string]string{}
			for _, r := range results {
				if r.Status != diag.Fail {
					continue
				}
				if ends[r.Check] = engine.Root(results, r).Check; r.CausedBy == nil {
					roots = append(roots, r.Check)
				}
			}
			slices.Sort(roots)
			if !slices.Equal(roots, s.roots) {
				t.Errorf("the roots are %q, want %q", roots, s.roots)
			}
			for check, root := range s.ends {
				if ends[check] != root {
					t.Errorf("%s ends at %q, want %s", check, ends[check], root)
				}
			}
		})
	}
}
