package sim

import "strings"

func (d *Device) showHosts(map[string]string) string {
	var b text
	domain := "not set"
	if ds := each(d.cfg.lines, "ip domain name"); len(ds) > 0 {
		domain = ds[0].args["domain"]
	}
	servers := d.nameServers("")
	for _, v := range d.vrfs() {
		servers = append(servers, d.nameServers(v)...)
	}
	if len(servers) == 0 {
		servers = []string{"255.255.255.255"}
	}
	if domain == "not set" {
		b.line("Default domain is not set")
	} else {
		b.line("Default domain is %s", domain)
	}
	if off(d.cfg.lines, "ip domain lookup") {
		b.line("Name/address lookup uses static mappings\n")
	} else {
		b.line("Name servers are %s", strings.Join(servers, ", "))
	}
	b.line("NAME  TTL  CLASS   TYPE      DATA/ADDRESS\n-----------------------------------------")
	for _, l := range each(d.cfg.lines, "ip host") {
		b.line(" %s  10      IN      A       %s", l.args["name"], l.args["addr"])
	}
	return b.String()
}

func (d *Device) showDNSView(map[string]string) string {
	var b text
	for _, vrf := range append([]string{""}, d.vrfs()...) {
		name := "default"
		if vrf != "" {
			name += " vrf " + vrf
		}
		b.line("DNS View %s parameters:\nLogging is off\nDNS Resolver settings:", name)
		state := "enabled"
		if off(d.cfg.lines, "ip domain lookup") {
			state = "disabled"
		}
		b.line("  Domain lookup is %s", state)
		domain := ""
		if ds := d.domains(vrf); len(ds) > 0 {
			domain = ds[0]
		}
		b.line("  Default domain name: %s\n  Domain search list:\n  Lookup timeout: 3 seconds\n  Lookup retries: 2\n  Domain name-servers:", domain)
		for _, s := range d.nameServers(vrf) {
			b.line("    %s", s)
		}
		b.line("DNS Server settings:\n  Forwarding of queries is enabled\n  Forwarder timeout: 3 seconds\n  Forwarder retries: 2\n  Forwarder addresses:\n")
	}
	return b.String()
}
