package sim

import (
	"strings"
	"time"
)

func (d *Device) showLicenseUDI(map[string]string) string {
	var b text
	d.udiBlock(&b)
	b.line("")
	return b.String()
}

func (d *Device) showLicenseAuthorization(map[string]string) string {
	var b text
	if d.lay.conversion >= 3 {
		b.line("Last Data Push: <none>\nLast File Export: <none>\n")
	}
	d.authorizationBlock(&b)
	return b.String()
}

func (d *Device) showLicenseUsage(map[string]string) string {
	var b text
	b.line("License Authorization:\n  Status: Not Applicable\n")
	d.licenceBlocks(&b)
	return b.String()
}

func (d *Device) showLicenseSummary(map[string]string) string {
	var b text
	d.accountBlock(&b)
	b.line("License Usage:\n  License                 Entitlement Tag               Count Status")
	b.line("  %s", strings.Repeat("-", 77))
	for _, l := range d.licences() {
		title := "(" + l.Title + ")"
		if len(title) > 28 {
			title = title[:24] + "...)"
		}
		b.line("  %-23s %-28s %6d IN USE", l.Name, title, l.Count)
	}
	return b.String()
}

func (d *Device) showLicenseHistory(map[string]string) string {
	var b text
	rule := strings.Repeat("=", 52)
	b.line("\nMessage History (oldest to newest):\n%s", rule)
	for _, n := range []string{"Trust Establishment", "Usage Reporting", "Result Polling", "Authorization Request", "Authorization Return", "Trust Sync"} {
		b.line("%s:\n  No past history", n)
	}
	b.line("\nImport Message History (oldest to newest):\n%s", rule)
	for _, n := range []string{"POLICY", "AUTH", "TRUST CODE", "RUM ACK", "CONVERSION ACK", "ACCOUNT INFO"} {
		b.line("Import %s:\n  No past Import history\n", n)
	}
	return b.String()
}

func (d *Device) showLicenseRUM(map[string]string) string {
	var b text
	b.line("Smart Licensing Usage Report:\n====================================")
	b.line("Report Id,          State,    Flag, Feature Name")
	r := d.agent.reports
	id := d.agent.firstUse.Unix()
	shown := min(r.total-r.purged, 200)
	for i := range shown {
		state := "CLOSED"
		switch left := shown - i; {
		case left > r.available+r.waiting:
			state = "ACK"
		case left > r.available:
			state = "UNACK"
		}
		ls := d.licences()
		b.line("%d          %-9s N     %s", id+int64(i), state, ls[i%len(ls)].Name)
	}
	return b.String()
}

func (d *Device) showLicenseEventlog(map[string]string) string {
	var b text
	b.line("\n**** Event Log ****\n")
	for i := 2; i >= 0; i-- {
		at := d.time().Add(-time.Duration(i) * 8 * time.Hour).Truncate(8 * time.Hour).Add(32 * time.Second)
		for _, l := range d.licences() {
			b.line("%s SAEVT_ENDPOINT_USAGE count=\"%d\" entitlementTag=\"%s\"", at.Format("2006-01-02 15:04:05.000 UTC"), l.Count, d.plat.tag(l))
		}
	}
	return b.String()
}
