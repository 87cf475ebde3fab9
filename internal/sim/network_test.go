package sim

import (
	"strings"
	"testing"
)

func TestPing(t *testing.T) {
	const (
		ok      = "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/2/4 ms\n"
		nothing = ".....\nSuccess rate is 0 percent (0/5)\n"
	)
	echo := func(addr string) string {
		return "Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to " + addr + ", timeout is 2 seconds:\n"
	}
	for name, c := range map[string]struct{ config, command, want string }{
		"an address":      {"", "ping 203.0.113.10", echo("203.0.113.10") + ok},
		"a name":          {"", "ping smartreceiver.cisco.com", "Translating \"smartreceiver.cisco.com\"...domain server (192.0.2.53) [OK]\n\n" + echo("203.0.113.10") + ok},
		"a short name":    {"", "ping ntp", "Translating \"ntp\"...domain server (192.0.2.53) [OK]\n\n" + echo("192.0.2.123") + ok},
		"an unknown name": {"", "ping cslu-local", "Translating \"cslu-local\"...domain server (192.0.2.53)\n" + unrecognised},
		"a static name":   {"ip host cslu-local 192.0.2.80", "ping cslu-local", echo("192.0.2.80") + ok},
		"no server":       {"no ip name-server", "ping a.example", "Translating \"a.example\"...domain server (255.255.255.255)\n" + unrecognised},
		"a dead server":   {"no ip name-server\nip name-server " + deadDNS, "ping a.example", "Translating \"a.example\"...domain server (203.0.113.53)\n" + unrecognised},
		"the second server": {"no ip name-server\nip name-server " + deadDNS + " " + goodDNS, "ping tools.cisco.com",
			"Translating \"tools.cisco.com\"...domain server (203.0.113.53) (192.0.2.53) [OK]\n\n" + echo("203.0.113.20") + ok},
		"lookup off":      {"no ip domain lookup", "ping tools.cisco.com", "Translating \"tools.cisco.com\"\n" + unrecognised},
		"nobody there":    {"", "ping 203.0.113.99", echo("203.0.113.99") + nothing},
		"no route":        {"no ip route", "ping 203.0.113.10", echo("203.0.113.10") + nothing},
		"interface down":  {"interface GigabitEthernet0/0/0\nshutdown", "ping 203.0.113.10", echo("203.0.113.10") + nothing},
		"with parameters": {"", "ping 203.0.113.10 repeat 2 timeout 1 source GigabitEthernet0/0/0", "Type escape sequence to abort.\nSending 2, 100-byte ICMP Echos to 203.0.113.10, timeout is 1 seconds:\nPacket sent with a source address of 198.51.100.9 \n!!\nSuccess rate is 100 percent (2/2), round-trip min/avg/max = 1/2/4 ms\n"},
		"a bad source":    {"", "ping 203.0.113.10 source Loopback7", "% Invalid source interface - IP not enabled or interface is down\n"},
		"a missing VRF":   {"", "ping vrf NO 203.0.113.10", "% VRF NO does not exist\n"},
		"a VRF":           {"vrf definition M\ninterface GigabitEthernet0/0/0\nvrf forwarding M\nip route vrf M 0.0.0.0 0.0.0.0 198.51.100.1", "ping vrf M 203.0.113.10", echo("203.0.113.10") + nothing},
		"the right VRF":   {"vrf definition Mgmt-vrf\ninterface GigabitEthernet0/0/0\nvrf forwarding Mgmt-vrf\nip route vrf Mgmt-vrf 0.0.0.0 0.0.0.0 198.51.100.1", "ping vrf Mgmt-vrf 203.0.113.10", echo("203.0.113.10") + ok},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t, plainSpec())
			d.Settle(DemoTime.Sub(d.Now()))
			if err := d.Configure(c.config); err != nil {
				t.Fatal(err)
			}
			if got := d.Run(c.command); got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestRoutesAndInterfaces(t *testing.T) {
	d := newDevice(t, plainSpec())
	for command, want := range map[string]string{
		"show ip route 203.0.113.10":        "Routing entry for 0.0.0.0/0, supernet\n",
		"show ip route 0.0.0.0":             "Routing entry for 0.0.0.0/0, supernet\n",
		"show ip route 198.51.100.77":       "Routing entry for 198.51.100.0/24\n",
		"show ip route vrf NO 192.0.2.1":    "% IP routing table NO does not exist\n",
		"show ip int br | i 0/0/0":          "GigabitEthernet0/0/0   198.51.100.9    YES NVRAM  up                    up      \n",
		"show ip interface brief | i 0/0/2": "GigabitEthernet0/0/2   unassigned      YES unset  administratively down down    \n",
	} {
		if got := d.Run(command); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q", command, got)
		}
	}
	d.Unplug("GigabitEthernet0/0/0")
	if got := d.Run("show ip int br | i 0/0/0"); !strings.Contains(got, "down                  down") {
		t.Errorf("unplugged: %q", got)
	}
	for _, command := range []string{"show ip route 203.0.113.10", "show ip route 0.0.0.0"} {
		if got := d.Run(command); got != "% Network not in table\n" {
			t.Errorf("%s over an unplugged interface: %q", command, got)
		}
	}
}
