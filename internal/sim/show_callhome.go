package sim

import (
	"slices"
	"strings"
)

func (d *Device) callHomeArg(key, name string) string {
	if ch := get(d.cfg.lines, "call-home"); ch != nil {
		if v := arg(ch.body, key, name); v != "" {
			return v
		}
	}
	return "Not yet set up"
}

func activity(p profile) string {
	if p.active {
		return "ACTIVE"
	}
	return "INACTIVE"
}

func (d *Device) showCallHome(map[string]string) string {
	var b text
	feature := "disable"
	if d.callHomeOn() {
		feature = "enable"
	}
	b.line("Current call home settings:\n    call home feature : %s", feature)
	b.line("    call home message's from address: Not yet set up\n    call home message's reply-to address: Not yet set up\n")
	b.line("    vrf for call-home messages: %s\n", d.callHomeArg("vrf", "vrf"))
	b.line("    contact person's email address: %s\n", d.callHomeArg("contact-email-addr", "mail"))
	for _, f := range []string{"contact person's phone number", "street address", "customer ID", "contract ID", "site ID"} {
		b.line("    %s: Not yet set up", f)
	}
	proxy := d.callHomeArg("http-proxy", "proxy")
	if proxy != "Not yet set up" {
		proxy += ":" + d.callHomeArg("http-proxy", "port")
	}
	check := "enabled"
	if ch := get(d.cfg.lines, "call-home"); ch != nil && off(ch.body, "http secure server-identity-check") {
		check = "disabled"
	}
	b.line("\n    source ip address: Not yet set up\n    source interface: %s\n    Mail-server: Not yet set up", d.callHomeArg("source-interface", "if"))
	b.line("    http proxy: %s\n    http secure:\n      server identity check: %s\n    http resolve-hostname: default\n", proxy, check)
	b.line("    Diagnostic signature: enabled\n    Profile: CiscoTAC-1 (status: %s)\n", activity(d.profiles()[0]))
	if p := d.licensing(); p.licensing {
		b.line("    Smart licensing messages: enabled\n    Profile: %s (status: %s)\n", p.name, activity(p))
	} else {
		b.line("    Smart licensing messages: disabled\n")
	}
	b.line("    aaa-authorization: disable\n    aaa-authorization username: callhome (default)\n    data-privacy: normal\n    syslog throttling: enable\n")
	b.line("    Rate-limit: 20 message(s) per minute\n\n    Snapshot command: Not yet set up\n\nAvailable alert groups:")
	b.line("    Keyword                  State   Description\n    ------------------------ ------- -------------------------------")
	for _, g := range [][2]string{{"configuration", "configuration"}, {"crash", "crash and traceback"}, {"diagnostic", "diagnostic"},
		{"environment", "environmental"}, {"inventory", "inventory"}, {"snapshot", "snapshot"}, {"syslog", "syslog"}} {
		b.line("    %-24s Enable  %s info", g[0], g[1])
	}
	b.line("\nProfiles:")
	for _, p := range d.profiles() {
		b.line("    Profile Name: %s", p.name)
	}
	b.line("")
	return b.String()
}

func (d *Device) showCallHomeLicensing(map[string]string) string {
	p := d.licensing()
	state := "enabled"
	if !p.licensing || !d.callHomeOn() {
		state = "disabled"
	}
	var b text
	b.line("Current smart-licensing transport settings:\n Smart-license messages: %s", state)
	if p.licensing {
		b.line(" Profile: %s (status: %s)\n Destination  URL(s):  %s\n", p.name, activity(p), p.url)
	}
	return b.String()
}

func (d *Device) showCallHomeProfiles(map[string]string) string {
	var b text
	for _, p := range d.profiles() {
		data := "Smart Call Home"
		if p.licensing {
			data += ", Smart Licensing"
		}
		b.line("Profile Name: %s\n    Profile status: %s\n    Profile mode: Full Reporting\n    Reporting Data: %s", p.name, activity(p), data)
		b.line("    Preferred Message Format: xml\n    Message Size Limit: 3145728 Bytes\n    Transport Method: %s", strings.Join(p.methods, " and "))
		if slices.Contains(p.methods, "email") {
			b.line("    Email address(es): Not yet set up")
		}
		if slices.Contains(p.methods, "http") {
			b.line("    HTTP  address: %s", p.url)
		}
		b.line("    Other address(es): default\n")
		b.line("    Periodic configuration info message is scheduled every 1 day of the month at 09:15\n")
		b.line("    Periodic inventory info message is scheduled every 1 day of the month at 09:00\n")
		b.line("    Alert-group               Severity\n    ------------------------  ------------")
		for _, g := range [][2]string{{"crash", "debugging"}, {"diagnostic", "minor"}, {"environment", "warning"}, {"inventory", "normal"}} {
			b.line("    %-25s %-12s", g[0], g[1])
		}
		b.line("\n    Syslog-Pattern            Severity\n    ------------------------  ------------")
		b.line("    %-25s %-12s\n    %-25s %-12s\n", "APF-.-WLC_.*", "warning", ".*", "major")
	}
	return b.String()
}
