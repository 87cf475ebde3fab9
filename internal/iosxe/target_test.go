package iosxe

import (
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

// status writes a `show license status` with a transport section and two lines of usage reporting.
func status(transport, ack, push string) string {
	return "Utility:\n  Status: DISABLED\n\nSmart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n" + transport +
		"\nUsage Reporting:\n  Last ACK received: " + ack + "\n  Last report push: " + push + "\n"
}

const (
	cslu        = "  Type: cslu\n  Cslu address: "
	smart       = "  Type: Smart\n  URL: https://smartreceiver.cisco.com/licservice/license\n"
	proxyUnset  = "  Proxy:\n    Not Configured\n"
	vrfUnset    = "  VRF: <empty>\n"
	resolved    = "Translating \"cslu-local\"...domain server (192.0.2.53) [OK]\nType escape sequence to abort.\nSending 5, 100-byte ICMP Echos to 192.0.2.10, timeout is 2 seconds:\n!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms\n"
	unresolved  = "Translating \"cslu-local\"\n% Unrecognized host or address, or protocol not running.\n"
	neverPulled = "<none>"
)

func TestTarget(t *testing.T) {
	type answers map[*diag.Command]string
	tests := map[string]struct {
		device      diag.Device
		answers     answers
		ping, route string // the lines, or the reason in brackets
	}{
		"smart": {
			answers: answers{&ShowLicenseStatus.Command: status(smart+proxyUnset+vrfUnset, "<none>", "<none>")},
			ping:    "ping smartreceiver.cisco.com repeat 5 timeout 2", route: "[not-collected]",
		},
		"smart by proxy, VRF and source interface": {
			answers: answers{
				&ShowLicenseStatus.Command: status(smart+"  Proxy:\n    Address: 192.0.2.8\n    Port: 80\n    Username: <empty>\n    Password: <empty>\n  VRF: Mgmt-vrf\n", "<none>", "<none>"),
				&RunningServices.Command:   "ip http client source-interface GigabitEthernet0/0\n",
			},
			ping:  "ping vrf Mgmt-vrf 192.0.2.8 repeat 5 timeout 2 source GigabitEthernet0/0",
			route: "show ip route vrf Mgmt-vrf 192.0.2.8",
		},
		"the VRF of the source interface": {
			answers: answers{
				&ShowLicenseStatus.Command: status(cslu+"http://192.0.2.10:8182/cslu/v1/pi\n"+proxyUnset+vrfUnset, "<none>", "<none>"),
				&RunningServices.Command:   "ip http client source-interface GigabitEthernet0/0\n",
				&ShowVRF.Command:           "  Name      Default RD   Protocols   Interfaces\n  Mgmt-vrf  <not set>    ipv4,ipv6   Gi0/0\n",
			},
			ping:  "ping vrf Mgmt-vrf 192.0.2.10 repeat 5 timeout 2 source GigabitEthernet0/0",
			route: "show ip route vrf Mgmt-vrf 192.0.2.10",
		},
		"CSLU by name, resolved by the ping": {
			answers: answers{
				&ShowLicenseStatus.Command: status(cslu+"http://cslu.example.com:8182/cslu/v1/pi\n"+proxyUnset, "<none>", "<none>"),
				&Ping.Command:              resolved,
			},
			ping: "ping cslu.example.com repeat 5 timeout 2", route: "show ip route 192.0.2.10",
		},
		"zero touch, not resolved": {
			answers: answers{
				&ShowLicenseStatus.Command: status(cslu+"<empty>\n"+proxyUnset, "<none>", "<none>"),
				&Ping.Command:              unresolved,
			},
			ping: "ping cslu-local repeat 5 timeout 2", route: "[blocked]",
		},
		"IPv6 target": {
			answers: answers{&ShowLicenseStatus.Command: status(cslu+"http://[2001:db8::10]:8182/cslu/v1/pi\n"+proxyUnset, "<none>", "<none>")},
			ping:    "ping 2001:db8::10 repeat 5 timeout 2", route: "[not-collected]",
		},
		"pull": {
			answers: answers{
				&ShowLicenseStatus.Command: status(cslu+"<empty>\n"+proxyUnset, "Mar 01 10:00:00 2024 UTC", neverPulled),
				&RunningServices.Command:   "ip http secure-server\nip http authentication local\n",
			},
			ping: "[not-collected]", route: "[not-collected]",
		},
		"an ACK without a server is not pull": {
			answers: answers{
				&ShowLicenseStatus.Command: status(cslu+"<empty>\n"+proxyUnset, "Mar 01 10:00:00 2024 UTC", neverPulled),
				&RunningServices.Command:   "no ip http server\n",
			},
			ping: "ping cslu-local repeat 5 timeout 2", route: "[not-collected]",
		},
		"off": {
			answers: answers{&ShowLicenseStatus.Command: status("  Type: Transport Off\n", "<none>", "<none>")},
			ping:    "[not-collected]", route: "[not-collected]",
		},
		"declared offline": {
			device:  diag.Device{Topology: diag.Offline},
			answers: answers{&ShowLicenseStatus.Command: status(smart, "<none>", "<none>")},
			ping:    "[not-collected]", route: "[not-collected]",
		},
		"controller": {
			answers: answers{
				&ShowVersion.Command:       "Cisco IOS XE Software, Version 17.09.04a\nRouter operating mode: Controller-Managed\n",
				&ShowLicenseStatus.Command: status(smart, "<none>", "<none>"),
			},
			ping: "[not-collected]", route: "[not-collected]",
		},
		"call home": {
			answers: answers{&ShowLicenseStatus.Command: status("  Type: Callhome\n", "<none>", "<none>")},
			ping:    "ping tools.cisco.com repeat 5 timeout 2", route: "[not-collected]",
		},
		"call home to a gateway, in its VRF": {
			answers: answers{
				&ShowLicenseStatus.Command:          status("  Type: Callhome\n", "<none>", "<none>"),
				&ShowCallHomeSmartLicensing.Command: " Destination  URL(s):  https://192.0.2.7/Transportgateway/services/DeviceRequestHandler\n",
				&ShowCallHome.Command:               "Current call home settings:\n    vrf for call-home messages: Mgmt-vrf\n",
			},
			ping: "ping vrf Mgmt-vrf 192.0.2.7 repeat 5 timeout 2", route: "show ip route vrf Mgmt-vrf 192.0.2.7",
		},
		"a host with other characters is not sent": {
			answers: answers{&ShowLicenseStatus.Command: status(cslu+"http://ev%0ail$(x)/cslu/v1/pi\n"+proxyUnset, "<none>", "<none>")},
			ping:    "[unparsed]", route: "[unparsed]",
		},
		"a source interface with other characters is not sent": {
			answers: answers{
				&ShowLicenseStatus.Command: status(smart+proxyUnset, "<none>", "<none>"),
				&RunningServices.Command:   "ip http client source-interface Gi0/0 | redirect flash:x\n",
			},
			ping: "[unparsed]", route: "[not-collected]",
		},
		"a URL without a host": {
			answers: answers{&ShowLicenseStatus.Command: status(cslu+"http:192.0.2.10:8182/cslu/v1/pi\n"+proxyUnset, "<none>", "<none>")},
			ping:    "[unparsed]", route: "[unparsed]",
		},
		"nothing is known": {ping: "[not-collected]", route: "[not-collected]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			facts := diag.NewFacts(test.device)
			for c, text := range test.answers {
				facts.Add(diag.Capture{Command: c, Line: strings.Split(c.String(), "[")[0], Text: text, Outcome: diag.OK})
			}
			for command, want := range map[*diag.Command]string{&Ping.Command: test.ping, &ShowIPRoute.Command: test.route} {
				line, why := command.Plan(facts)
				got := line
				if why.Reason != "" {
					got = "[" + string(why.Reason) + "]"
					if line != "" || why.Detail == "" {
						t.Errorf("%s: line %q beside %+v", command, line, why)
					}
				} else if !command.Template.Match(line) {
					t.Errorf("%s: %q is not of the template", command, line)
				}
				if got != want {
					t.Errorf("%s: %s (%s), want %s", command, got, why.Detail, want)
				}
			}
			// the default route is asked for wherever something is pinged, in the same VRF
			line, _ := ShowIPDefaultRoute.Plan(facts)
			vrf, ok := between(test.ping+" ", " vrf ", " ")
			want := "show ip route 0.0.0.0"
			if ok {
				want = "show ip route vrf " + vrf + " 0.0.0.0"
			}
			if test.ping[0] != '[' && line != want {
				t.Errorf("the default route is asked for by %q, want %q", line, want)
			}
			if target, _ := Target(facts); target.Host == "" && line != "" {
				t.Errorf("without a target %q is asked", line)
			}
		})
	}
}
