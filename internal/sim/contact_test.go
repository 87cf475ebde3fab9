package sim

import (
	"strings"
	"testing"
)

// contactWorld is the demo's world with further peers.
func contactWorld() *World {
	w := demoWorld(DemoTime)
	lu := func(change func(*Service)) map[int]*Service {
		s := &Service{Kind: "cslu"}
		change(s)
		return map[int]*Service{8182: s}
	}
	w.Hosts = append(w.Hosts,
		&Host{Addr: "192.0.2.128", Services: map[int]*Service{8080: {Kind: "proxy"}}},
		&Host{Addr: "192.0.2.201", Services: lu(func(s *Service) { s.NotFound = true })},
		&Host{Addr: "192.0.2.202", Services: lu(func(s *Service) { s.Forgets = true })},
		&Host{Addr: "192.0.2.203", Down: true},
	)
	return w
}

// What an attempt meets follows from configuration and world.
func TestContact(t *testing.T) {
	const proxy = "\nlicense smart proxy address 192.0.2.128\nlicense smart proxy port "
	prem := toOnPrem("https://ssm.example.net/cslu/v1/pi/Campus-1")
	for name, c := range map[string]struct {
		config string
		want   outcome
	}{
		"CSSM":                      {smart, outcome{}},
		"CSSM by Call Home":         {callHome, outcome{}},
		"CSLU":                      {toCSLU(cslu), outcome{}},
		"CSLU by name":              {toCSLU("cslu.example.net"), outcome{}},
		"CSLU, zero touch":          {"ip host cslu-local 192.0.2.80", outcome{}},
		"On-Prem":                   {prem, outcome{}},
		"through a proxy":           {smart + proxy + "8080\nno ip name-server", outcome{}},
		"wrong proxy port":          {smart + proxy + "3128", noPath},
		"no name server":            {smart + "\nno ip name-server", noName},
		"no route":                  {smart + "\nno ip route\nno ip name-server\nip host smartreceiver.cisco.com 203.0.113.10", noPath},
		"unknown source":            {smart + "\nip http client source-interface Loopback9", noPath},
		"host down":                 {toCSLU("192.0.2.203"), noPath},
		"wrong port":                {"license smart url cslu http://192.0.2.80:8183/cslu/v1/pi", noPath},
		"wrong path":                {"license smart url cslu http://192.0.2.80:8182/cslu/v2/pi", noAnswer},
		"TLS to a plain port":       {"license smart url cslu https://192.0.2.80:8182/cslu/v1/pi", noAnswer},
		"plain to a TLS port":       {"license smart url smart http://smartreceiver.cisco.com:443/licservice/license\nlicense smart transport smart", noAnswer},
		"404":                       {toCSLU("192.0.2.201"), noPage},
		"forgotten":                 {toCSLU("192.0.2.202"), outcome{response: "INVALID STATUS CODE"}},
		"no trustpoint":             {smart + "\nno crypto pki trustpoint SLA-TrustPoint", noTLS},
		"no client certificate":     {smart + "\nno ip http client secure-trustpoint", noClient},
		"CRL check":                 {prem + "\n revocation-check crl", noTLS},
		"CRL check, optional":       {prem + "\n revocation-check crl none", outcome{}},
		"another name":              {strings.Replace(prem, "ssm.example.net", onprem, 1), noTLS},
		"another name, checks off":  {strings.Replace(prem, "ssm.example.net", onprem, 1) + "\nno license smart server-identity-check", outcome{}},
		"another tenant":            {toOnPrem("https://ssm.example.net/cslu/v1/pi/Other-1"), noAnswer},
		"Call Home off":             {callHome + "\nno service call-home", noProfile},
		"profile inactive":          {callHome + "\ncall-home\n profile CiscoTAC-1\n no active", noProfile},
		"profile by mail":           {callHome + "\ncall-home\n profile CiscoTAC-1\n no destination transport-method http\n destination transport-method email", noProfile},
		"profile without licensing": {callHome + "\ncall-home\n profile CiscoTAC-1\n no reporting smart-licensing-data", noProfile},
		"Call Home, wrong host":     {callHome + "\ncall-home\n profile CiscoTAC-1\n destination address http https://192.0.2.203/its/service/oddce/services/DDCEService", noPath.worded(true)},
		"in a VRF without names":    {smart + "\nvrf definition Mgmt-vrf\ninterface GigabitEthernet0/0/0\n vrf forwarding Mgmt-vrf\nip route vrf Mgmt-vrf 0.0.0.0 0.0.0.0 198.51.100.1", noName},
		"in a VRF": {smart + "\nvrf definition Mgmt-vrf\ninterface GigabitEthernet0/0/0\n vrf forwarding Mgmt-vrf\nip route vrf Mgmt-vrf 0.0.0.0 0.0.0.0 198.51.100.1\n" +
			"ip name-server vrf Mgmt-vrf " + goodDNS, outcome{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := plainSpec()
			s.World, s.Config = contactWorld(), tokyo.base(9, "GigabitEthernet0/0/0")+"\n"+c.config
			got := newDevice(t, s).contact()
			if got.response != c.want.response || c.want.detail != "" && got.detail != c.want.detail {
				t.Errorf("got %q (%s), want %q (%s)", got.response, got.detail, c.want.response, c.want.detail)
			}
		})
	}
}
