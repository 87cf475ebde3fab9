package sim

import "time"

// legacy is how a device that was moved from classic licensing still calls its old SSM On-Prem home.
const legacy = "service call-home\ncall-home\n contact-email-addr noc@example.net\n profile OnPrem\n  active\n" +
	"  destination transport-method http\n  destination address http https://ssm.example.net/Transportgateway/services/DeviceRequestHandler\n" +
	"license smart transport callhome"

// onPremTLS is what the certificate of SSM On-Prem asks of a device.
const onPremTLS = "\nip http client secure-trustpoint SLA-TrustPoint\n" +
	"crypto pki trustpoint SLA-TrustPoint\n enrollment terminal\n revocation-check none"

// moreTales are the topologies and messages that the devices before them do not show.
func moreTales() []tale {
	carry := func(d *Device) { d.SaveUsage(); d.Settle(time.Hour); d.ImportACK(demoAccount, nil) }
	return []tale{
		// ways of reporting
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", up: 26, trust: true,
			config: "license smart transport smart\nlicense smart url smart https://ssm.example.net/SmartTransport" + onPremTLS, spec: Spec{
				Name: "chi-old-1", PID: "ISR4331/K9", Serial: "SIM2504F001", Release: "17.9.5", Story: "smart transport still points at the On-Prem URL of classic licensing"}},
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", up: 31, trust: true, config: legacy + onPremTLS, spec: Spec{
			Name: "chi-old-2", PID: "ISR4351/K9", Serial: "SIM2504G001", Release: "17.6.6", Story: "Call Home still points at the On-Prem gateway of classic licensing"}},
		{site: chicago, role: "access", iface: "Vlan10", up: 57, ago: 9, then: []string{"no ip http authentication"},
			config: web + onPremTLS, spec: Spec{
				Name: "chi-acc-2", PID: "C9300-24P", Serial: "SIM2504H001", Release: "17.9.5", Collector: onprem, Topology: "pull-onprem",
				Story: "SSM On-Prem can no longer log in to collect: HTTP authentication is back at the enable password"}},
		{site: chicago, role: "access", iface: "Vlan10", up: 49,
			config: "crypto pki trustpoint DNAC-CA\n enrollment mode ra\n revocation-check none\n" +
				"crypto pki certificate chain DNAC-CA\n certificate ca 02\ntelemetry ietf subscription 500", spec: Spec{
				Name: "chi-acc-3", PID: "C9300-48UXM", Serial: "SIM2504I001", Release: "17.12.4", Collector: center, Topology: "pull-catalyst-center",
				Story: "healthy, Catalyst Center collects its reports"}},

		// authorization codes
		{site: chicago, role: "branch", iface: "GigabitEthernet0/0/0", up: 68, ago: 12, then: []string{"no license feature hseck9"},
			config: web + "\nlicense feature hseck9", spec: Spec{
				Name: "chi-br-5", PID: "C8300-2N2S-6T", Serial: "SIM2504J001", Release: "17.12.4", Collector: puller,
				Story: "healthy, a collector nobody declared fetches its reports; its authorization code was returned with the feature"},
			boot: func(d *Device) { d.ImportAuthorization() }, act: func(d *Device) { d.ReturnAuthorization() }},
		{site: sydney, role: "vault", iface: "GigabitEthernet0/0/0", up: 90, ago: 18,
			config: "license smart transport off\nlicense feature hseck9", spec: Spec{
				Name: "syd-vault-3", PID: "C8300-1N1S-6T", Serial: "SIM2505G001", Release: "17.9.5", Story: "healthy, offline with an authorization code for its encryption licence"},
			act: func(d *Device) { carry(d); d.ImportAuthorization() }},
		{site: sydney, role: "vault", iface: "GigabitEthernet0/0/0", up: 40, ago: 10,
			config: "license smart transport off\nlicense feature hseck9", spec: Spec{
				Name: "syd-vault-4", PID: "C8300-1N1S-6T", Serial: "SIM2505H001", Release: "17.12.4",
				Story: "offline: its authorization file was made for the chassis it replaced"},
			act: func(d *Device) {
				carry(d)
				d.ImportAuthorization(Member{PID: "C8300-1N1S-6T", SN: "SIM2405H001"})
			}},

		// policies
		{site: sydney, role: "vault", iface: "Vlan10", config: "license smart transport off", up: 60, ago: 6, spec: Spec{
			Name: "syd-vault-5", PID: "C9300-48P", Serial: "SIM2505I001", Release: "17.9.5", Story: "offline: a factory reset of licensing removed its policy"},
			boot: func(d *Device) { d.SaveUsage(); d.ImportACK(demoAccount, demoPolicy) },
			act:  func(d *Device) { d.FactoryReset() }},
		{site: frankfurt, role: "branch", iface: "GigabitEthernet0/0/0", up: 22,
			config: toCSLU(ruledLU) + "\nno ntp server\nntp server 192.0.2.124\nntp server 192.0.2.126", spec: Spec{
				Name: "fra-br-1", PID: "ISR4331/K9", Serial: "SIM2503H001", Release: "17.6.5", Skew: -26 * time.Hour,
				Story: "the clock was never set, so the policy failed its signature check"}},

		// utility mode
		{site: frankfurt, role: "access", iface: "Vlan10", up: 70,
			config: toCSLU(fileLU) + "\nlicense smart utility\nlicense smart utility customer_info id EXAMPLE-4711\nlogging buffered 65536", spec: Spec{
				Name: "fra-acc-6", PID: "C9300-48P", Serial: "SIM2503I001", Release: "17.9.5", Topology: "cslu-push-disconnected",
				Story: "utility mode through a CSLU without CSSM, whose file nobody has carried for two months"}},
		{site: frankfurt, role: "access", iface: "Vlan10", config: callHome + "\nlicense smart utility", up: 37, trust: true, spec: Spec{
			Name: "fra-acc-7", PID: "C9300-48T", Serial: "SIM2503J001", Release: "17.9.5", Story: "utility mode with Call Home, which cannot carry it"}},
		{site: seoul, role: "edge", iface: "GigabitEthernet0/0/0", config: smart + "\nlicense smart utility", up: 17, spec: Spec{
			Name: "sel-edge-3", PID: "C8300-1N1S-6T", Serial: "SIM2502G001", Release: "17.9.5", Story: "utility mode without a trust code: nobody has used an ID token"}},
	}
}
