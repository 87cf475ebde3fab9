package sim

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func configured(t *testing.T, lines ...string) *config {
	t.Helper()
	c := &config{}
	if err := c.configure(lines...); err != nil {
		t.Fatal(err)
	}
	return c
}

// plain is the rendering without separators and comments.
func plain(c *config) []string {
	return slices.DeleteFunc(c.render(false), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "!") || l == "end" })
}

func TestConfigurationLines(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  []string
	}{
		"in the device's order": {
			[]string{"ntp server 192.0.2.1", "hostname r1", "ip name-server 192.0.2.53"},
			[]string{"hostname r1", "ip name-server 192.0.2.53", "ntp server 192.0.2.1"}},
		"a single value replaces": {
			[]string{"license smart transport smart", "license smart transport cslu"}, []string{"license smart transport cslu"}},
		"values add up": {
			[]string{"ntp server 192.0.2.1", "ntp server vrf M 192.0.2.2 prefer"},
			[]string{"ntp server 192.0.2.1", "ntp server vrf M 192.0.2.2 prefer"}},
		"a value per key": {
			[]string{"ip domain name a.example", "ip domain name vrf M b.example", "ip domain-name c.example"},
			[]string{"ip domain name c.example", "ip domain name vrf M b.example"}},
		"no by prefix": {
			[]string{"ntp server 192.0.2.1", "ntp server 192.0.2.2", "no ntp server 192.0.2.1"}, []string{"ntp server 192.0.2.2"}},
		"no without value": {
			[]string{"ip http client source-interface Vlan10", "no ip http client source-interface"}, nil},
		"no of a default": {
			[]string{"no ip domain-lookup"}, []string{"no ip domain lookup"}},
		"the default again": {
			[]string{"no ip domain lookup", "ip domain lookup"}, nil},
		"several servers": {
			[]string{"ip name-server vrf M 192.0.2.1 192.0.2.2", "no ip name-server vrf M 192.0.2.1"}, []string{"ip name-server vrf M 192.0.2.2"}},
		"neighbours of a default": {
			[]string{"ip domain lookup source-interface Vlan10", "no ip domain lookup"},
			[]string{"ip domain lookup source-interface Vlan10", "no ip domain lookup"}},
		"old spellings": {
			[]string{"ip vrf M", "interface Vlan10", "ip vrf forwarding M"}, []string{"vrf definition M", "interface Vlan10", " vrf forwarding M"}},
		"sub-modes": {
			[]string{"interface Vlan10", "ip address 192.0.2.9 255.255.255.0", "shutdown", "interface Vlan20", "no shutdown", "hostname r1",
				"call-home", "profile CiscoTAC-1", "active", "destination transport-method http", "exit", "contact-email-addr a@example.net",
				"interface Vlan10", "no shutdown", "ip address dhcp"},
			[]string{"hostname r1", "call-home", " contact-email-addr a@example.net", ` profile "CiscoTAC-1"`, "  active",
				"  destination transport-method http", "interface Vlan10", " ip address dhcp", "interface Vlan20"}},
		"families": {
			[]string{"vrf definition M\n rd 1:1\n address-family ipv4\n exit-address-family", "hostname r1"},
			[]string{"hostname r1", "vrf definition M", " rd 1:1", " address-family ipv4", " exit-address-family"}},
		"recommended fixes": {
			[]string{"configure terminal", "ip name-server 192.0.2.53", "call-home", "no http secure server-identity-check", "end",
				"no license smart server-identity-check"},
			[]string{"call-home", " no http secure server-identity-check", "ip name-server 192.0.2.53", "no license smart server-identity-check"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, plain(configured(t, c.lines...)), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownLineIsAnError(t *testing.T) {
	for _, l := range []string{"license smart transport carrier-pigeon", "ip nome-server 192.0.2.53", "ip name-server", "no such thing", "no ip", "ip name-server vrf M",
		"ntp", "ip address 192.0.2.1 255.255.255.0", "interface Vlan10\n license smart transport pigeon"} {
		c := &config{}
		if err := c.configure("hostname r1", l); err == nil || !strings.Contains(err.Error(), "no such command") {
			t.Errorf("%q: error %v", l, err)
		}
		if arg(c.lines, "hostname", "name") != "r1" {
			t.Errorf("%q: the line before it is lost", l)
		}
	}
}

// What a device shows can be typed into another one, which then shows the same.
func TestRunningConfigurationRoundTrips(t *testing.T) {
	for _, d := range DemoFleet() {
		shown := d.cfg.render(false)
		if diff := cmp.Diff(shown, configured(t, shown...).render(false)); diff != "" {
			t.Errorf("%s: %s", d.Name, diff)
		}
	}
}

func TestShowRunningFilters(t *testing.T) {
	s := plainSpec()
	s.Config += "\nno ip domain lookup\ncall-home\n profile CiscoTAC-1\n  active"
	d := newDevice(t, s)
	for command, want := range map[string]string{
		"show running-config | include ^ip name|^ntp":           "ip name-server 192.0.2.53\nntp server 192.0.2.123\nntp server 192.0.2.125\n",
		"show run | inc ^no ip domain":                          "no ip domain lookup\n",
		"sh run | i ^no ip domain$":                             "",
		"show running-config | section ^call-home":              "call-home\n ! If contact", // beginning only
		"show running-config | section SLA-TrustPoint":          "crypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl\ncrypto pki certificate chain SLA-TrustPoint\n certificate ca 01\nip http client secure-trustpoint SLA-TrustPoint\n",
		"show running-config all | include ^license smart u":    "license smart url default\nlicense smart usage interval 30\n",
		"show running-config all | include http client conn":    "ip http client connection timeout 10\nip http client connection retry 1\n",
		"show running-config | count ^license":                  "Number of lines which match regexp = 3\n",
		"show running-config | begin ^netconf":                  "netconf-yang\n!\nend\n\n",
		"show running-config | section ^crypto pki trustpoint$": "",
	} {
		got := d.Run(command)
		if got != want && !(strings.HasSuffix(command, "call-home") && strings.HasPrefix(got, want) && strings.HasSuffix(got, "  active\n")) {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
	}
}
