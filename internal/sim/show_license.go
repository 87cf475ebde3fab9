package sim

import (
	"strconv"
	"strings"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (m Member) udi() string { return "PID:" + m.PID + ",SN:" + m.SN }

func head(b *text, title string) { b.line("%s\n%s", title, strings.Repeat("=", len(title))) }

func (d *Device) showLicenseStatus(map[string]string) string {
	if d.lay.classic {
		return d.classicStatus()
	}
	var b text
	d.utilityBlock(&b)
	b.line("Smart Licensing Using Policy:\n  Status: ENABLED\n")
	d.accountBlock(&b)
	d.privacyBlock(&b)
	d.transportBlock(&b, true)
	d.policyBlock(&b)
	b.line("Miscellaneous:\n  Custom Id: <empty>\n")
	d.usageBlock(&b, "")
	d.trustBlock(&b)
	if d.lay.statusTail {
		b.line("")
		d.telemetryBlock(&b)
	}
	b.line("")
	return b.String()
}

func (d *Device) showLicenseAll(map[string]string) string {
	if d.lay.classic {
		return d.classicAll()
	}
	var b text
	d.commonBlocks(&b, false)
	b.line("")
	head(&b, "License Usage")
	b.line("")
	d.licenceBlocks(&b)
	d.productBlock(&b)
	head(&b, "License Authorizations")
	if d.lay.conversion >= 3 {
		b.line("Last Data Push: <none>\nLast File Export: <none>\n")
	}
	d.authorizationBlock(&b)
	if d.lay.trustType {
		b.line("\nDevice Enforcement State:\nNOT APPLICABLE")
	}
	if d.lay.account {
		b.line("")
		head(&b, "Usage Report Summary:")
		r := d.agent.reports
		b.line("Total: %d,  Purged: %d", r.total, r.purged)
		b.line("Total Acknowledged Received: %d,  Waiting for Ack: %d", r.acked, r.waiting)
		b.line("Available to Report: %d  Collecting Data: %d  ", r.available, len(d.licences()))
	}
	if d.lay.telemetry != "" {
		b.line("")
		d.telemetryBlock(&b)
	}
	b.line("")
	return b.String()
}

// commonBlocks is what show license all and tech support begin with.
func (d *Device) commonBlocks(b *text, tech bool) {
	head(b, "Smart Licensing Status")
	b.line("\nSmart Licensing is ENABLED\n")
	if d.lay.conversion > 0 {
		b.line("License Conversion:\n  Automatic Conversion Enabled: False")
		if d.lay.conversion >= 3 {
			b.line("  Last Data Push: <none>\n  Last File Export: <none>")
		}
		b.line("")
	}
	b.line("Export Authorization Key:\n  Features Authorized:\n    <none>\n")
	d.utilityBlock(b)
	b.line("Smart Licensing Using Policy:\n  Status: ENABLED")
	if d.lay.mode {
		b.line("  Reporting Mode: STANDARD")
	}
	b.line("")
	d.accountBlock(b)
	d.privacyBlock(b)
	if tech {
		d.transportTech(b)
	} else {
		d.transportBlock(b, false)
	}
	b.line("Miscellaneous:\n  Custom Id: <empty>\n")
	d.policyBlock(b)
	suffix := ""
	if tech {
		state := 2
		if d.agent.reported {
			state = 4
		}
		suffix = " State(" + itoa(state) + ") InPolicy(" + itoa(d.inPolicy()) + ")"
	}
	d.usageBlock(b, suffix)
	if !tech || d.lay.trustInTech == 2 {
		d.trustBlock(b)
	}
}

func (d *Device) accountBlock(b *text) {
	if !d.lay.account {
		return
	}
	a := d.agent
	if a.account.Smart == "" {
		b.line("Account Information:\n  Smart Account: <none>\n  Virtual Account: <none>\n")
		return
	}
	b.line("Account Information:\n  Smart Account: %s As of %s\n  Virtual Account: %s\n", a.account.Smart, d.stamp(a.accountAt), a.account.Virtual)
}

func (d *Device) privacyBlock(b *text) {
	sending, host, version := "yes", "DISABLED", "DISABLED"
	for _, l := range each(d.cfg.lines, "license smart privacy") {
		if w := l.args["what"]; w != "version" {
			sending, host = "no", "ENABLED"
		}
		if w := l.args["what"]; w != "hostname" {
			version = "ENABLED"
		}
	}
	b.line("Data Privacy:\n  Sending Hostname: %s\n    Callhome hostname privacy: DISABLED", sending)
	b.line("    Smart Licensing hostname privacy: %s\n  Version privacy: %s\n", host, version)
}

// transportType and transportURL are the lines every form of the transport
// block begins with. Call Home and offline print the type alone.
func (d *Device) transportType(b *text) (more bool) {
	b.line("Transport:")
	switch d.transport() {
	case "smart":
		b.line("  Type: Smart\n  URL: %s", d.smartURL())
	case "cslu":
		u := d.csluURL()
		if u == "" {
			u = "<empty>"
		}
		b.line("  Type: cslu\n  Cslu address: %s", u)
	case "off":
		b.line("  Type: Transport Off")
		return false
	case "automatic":
		b.line("  Type: Automatic")
		return false
	default:
		b.line("  Type: Callhome")
		return false
	}
	return true
}

func (d *Device) proxy() (address, port string) {
	return arg(d.cfg.lines, "license smart proxy address", "address"), arg(d.cfg.lines, "license smart proxy port", "port")
}

func orEmpty(s string) string {
	if s == "" {
		return "<empty>"
	}
	return s
}

func (d *Device) transportBlock(b *text, status bool) {
	if d.transportType(b) {
		addr, port := d.proxy()
		if addr == "" && port == "" {
			b.line("  Proxy:\n    Not Configured")
		} else {
			b.line("  Proxy:\n    Address: %s\n    Port: %s\n    Username: <empty>\n    Password: <empty>", orEmpty(addr), orEmpty(port))
		}
		vrf := arg(d.cfg.lines, "license smart vrf", "vrf")
		switch {
		case !d.lay.account:
		case d.lay.vrfNested && status && vrf == "":
			b.line("  VRF:\n    Not Configured")
		default:
			b.line("  VRF: %s", orEmpty(vrf))
		}
	}
	b.line("")
}

func (d *Device) transportTech(b *text) {
	if d.transportType(b) {
		addr, port := d.proxy()
		b.line("  Proxy:\n    Address: %s\n    Port: %s\n    Username: <empty>\n    Password: <empty>", orEmpty(addr), orEmpty(port))
		b.line("  Server Identity Check: %s", truth(!off(d.cfg.lines, "license smart server-identity-check")))
		if d.lay.account {
			b.line("  VRF: %s", orEmpty(arg(d.cfg.lines, "license smart vrf", "vrf")))
		}
		if d.lay.ipMode {
			b.line("  IP Mode: IPv4 ONLY\n  Trust Point: SLA-TrustPoint")
		}
	}
	b.line("")
}

func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

var policyGroups = [4]string{"Unenforced/Non-Export Perpetual Attributes:", "Unenforced/Non-Export Subscription Attributes:",
	"Enforced (Perpetual/Subscription) License Attributes:", "Export (Perpetual/Subscription) License Attributes:"}

func (d *Device) policyBlock(b *text) {
	p, origin := d.agent.policy, "Customer Policy"
	b.line("Policy:")
	if p == nil {
		p, origin = &defaultPolicy, "CISCO default"
		b.line("  Policy in use: Merged from multiple sources.")
	} else {
		b.line("  Policy in use: Installed On %s\n  Policy name: %s", d.stamp(d.agent.policyAt), p.Name)
	}
	b.line("  Reporting ACK required: yes (%s)", origin)
	for i, g := range p.Groups {
		b.line("  %s", policyGroups[i])
		for j, name := range []string{"First report requirement", "Reporting frequency", "Report on change"} {
			b.line("    %s (days): %d (%s)", name, g[j], origin)
		}
	}
	b.line("")
}

func (d *Device) usageBlock(b *text, suffix string) {
	a := d.agent
	interval := itoa(d.interval()) + "  days"
	if !d.reporting() {
		interval = "0 (no reporting)"
	}
	b.line("Usage Reporting:")
	b.line("  Last ACK received: %s", d.stamp(a.lastACK))
	b.line("  Next ACK deadline: %s", d.stamp(d.deadline()))
	b.line("  Reporting push interval: %s%s", interval, suffix)
	b.line("  Next ACK push check: %s", d.stamp(a.nextPoll))
	b.line("  Next report push: %s", d.stamp(a.nextPush))
	b.line("  Last report push: %s", d.stamp(a.lastPush))
	b.line("  Last report file write: %s\n", d.stamp(a.fileWrite))
}

// trustBlock prints one of the four layouts; it ends without a blank line.
func (d *Device) trustBlock(b *text) {
	a := d.agent
	switch {
	case !d.trusted():
		b.line("Trust Code Installed: <none>")
	case d.lay.trustType:
		b.line("Trust Code Installed:    Trust Code Type: CSSM\n    Attributes: <none>\n")
		for i, m := range d.members {
			b.line("  %s: %s", m.Role, m.udi())
			b.line("    INSTALLED on %s    Valid on %s", d.stamp(a.trust[i]), d.stamp(a.trust[i].Add(-5*time.Minute)))
			b.line("    Expired on Jan 01 00:00:00 1970 UTC\n    Trust Code Type: CSSM\n    Attributes: <none>\n")
		}
	case len(d.members) == 1:
		b.line("Trust Code Installed: %s", d.stamp(a.trust[0]))
	default:
		b.line("Trust Code Installed:")
		for i, m := range d.members {
			b.line("  %s: %s\n    INSTALLED on %s", m.Role, m.udi(), d.stamp(a.trust[i]))
		}
	}
}

func (d *Device) telemetryBlock(b *text) {
	head(b, d.lay.telemetry+":")
	if d.lay.telemetry == telemetryProduct {
		b.line("Product Analytics: NOT AVAILABLE\nNot Available Reason: Smart license channel not established")
		b.line("Total current Product Analytics reports: 0")
		return
	}
	b.line("Data Channel: AVAILABLE\nReports on disk: 0")
}

func (l Licence) enforcement() string {
	if l.Unit == "" {
		return "NOT ENFORCED"
	}
	return l.Unit
}

func (d *Device) licenceBlocks(b *text) {
	for _, l := range d.licences() {
		b.line("%s (%s):\n  Description: %s\n  Count: %d\n  Version: 1.0\n  Status: IN USE", l.Name, l.Title, l.Title, l.Count)
		b.line("  Export status: %s\n  Feature Name: %s\n  Feature Description: %s", d.export(l), l.Name, l.Title)
		b.line("  Enforcement type: %s\n  License type: %s\n", l.enforcement(), l.Type)
	}
}

// productBlock is the product information and the agent version.
func (d *Device) productBlock(b *text) {
	head(b, "Product Information")
	d.udiBlock(b)
	b.line("")
	head(b, "Agent Version")
	b.line("Smart Agent for Licensing: %s\n", d.lay.agent)
}

func (d *Device) udiBlock(b *text) {
	b.line("UDI: %s", d.members[0].udi())
	if len(d.members) > 1 {
		b.line("\nHA UDI List:")
		for _, m := range d.members {
			b.line("    %s:%s", m.Role, m.udi())
		}
	}
}
