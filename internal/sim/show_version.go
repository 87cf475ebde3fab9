package sim

import (
	"fmt"
	"strings"
	"time"
)

func (d *Device) showVersion(map[string]string) string {
	var b text
	year := d.now.Year()
	b.line("Cisco IOS XE Software, Version %s", d.rel.padded())
	b.line("Cisco IOS Software [%s], %s (%s), Version %s, RELEASE SOFTWARE (fc3)", d.rel.codename(), d.plat.software, d.plat.image, d.rel)
	b.line("Technical Support: http://www.cisco.com/techsupport\nCopyright (c) 1986-%d by Cisco Systems, Inc.", year)
	b.line("Compiled Fri 20-Oct-%02d 10:44 by mcpre", year%100)
	b.line("\n\nCisco IOS-XE software, Copyright (c) 2005-%d by cisco Systems, Inc.\n\n\nROM: IOS-XE ROMMON", year)
	if d.plat.stack || !d.plat.controller {
		b.line("BOOTLDR: System Bootstrap, Version %d.%d.1r, RELEASE SOFTWARE (P)", d.rel.num[0], d.rel.num[1])
	}
	up := upTime(d.now.Sub(d.spec.Boot))
	b.line("\n%s uptime is %s\nUptime for this control processor is %s", d.hostname(), up, up)
	b.line("System returned to ROM by Reload Command\nSystem image file is \"%s:packages.conf\"\nLast reload reason: Reload Command", d.plat.boot)
	b.line("\n\n\nIf you require further assistance please contact us by sending email to\nexport@cisco.com.\n")
	d.licenceLevel(&b)
	status := "Smart Licensing Using Policy"
	switch {
	case d.lay.classic && d.agent.registered.IsZero():
		status = "UNREGISTERED/No Licenses in Use"
	case d.lay.classic:
		status = "REGISTERED/AUTHORIZED"
	case !d.lay.account:
		status = "Registration Not Applicable/Not Applicable"
	}
	b.line("\n\nSmart Licensing Status: %s\n", status)
	kind := "X86"
	if d.plat.controller {
		kind = "1RU"
	}
	b.line("cisco %s (%s) processor with 2905019K/6147K bytes of memory.\nProcessor board ID %s", d.spec.PID, kind, d.spec.Serial)
	if d.plat.controller {
		mode := "Autonomous"
		if d.spec.Controller {
			mode = "Controller-Managed"
		}
		b.line("Router operating mode: %s", mode)
	}
	b.line("%d Gigabit Ethernet interfaces\n32768K bytes of non-volatile configuration memory.\n16002876K bytes of physical memory.", max(1, len(d.interfaces())))
	b.line("11161600K bytes of Bootflash at bootflash:.")
	if !d.plat.controller {
		b.line("\nBase Ethernet MAC Address          : 00:00:5e:00:53:%02x", d.spec.Serial[len(d.spec.Serial)-1])
		b.line("Model Number                       : %s\nSystem Serial Number               : %s", d.spec.PID, d.spec.Serial)
	}
	if d.plat.stack {
		d.memberTable(&b)
	}
	b.line("\nConfiguration register is 0x2102\n")
	return b.String()
}

func (d *Device) licenceLevel(b *text) {
	if d.plat.controller {
		b.line("License Level:\nLicense Type: Perpetual\nNext reload license Level:\n")
		b.line("Addon License Level:\nAddon License Type: Subscription\nNext reload addon license Level:\n")
		b.line("The current throughput level is 250000 kbps")
		return
	}
	rule := strings.Repeat("-", 78)
	b.line("\nTechnology Package License Information: \n\n%s", rule)
	b.line("Technology-package                                     Technology-package\nCurrent                        Type                       Next reboot  \n%s", rule)
	b.line("network-advantage   \tSmart License                 \t network-advantage   ")
	b.line("dna-advantage       \tSubscription Smart License    \t dna-advantage                 ")
	b.line("AIR License Level: AIR DNA Advantage\nNext reload AIR license Level: AIR DNA Advantage")
}

func (d *Device) memberTable(b *text) {
	b.line("\n\nSwitch Ports Model              SW Version        SW Image              Mode   ")
	b.line("------ ----- -----              ----------        ----------            ----   ")
	for i, m := range d.members {
		mark := " "
		if i == 0 {
			mark = "*"
		}
		b.line("%s    %d 41    %-18s %-17s %-21s INSTALL", mark, i+1, m.PID, d.rel.padded(), d.plat.image)
	}
	b.line("")
}

func upTime(up time.Duration) string {
	m := int(up.Minutes())
	parts := []struct {
		n    int
		unit string
	}{{m / (52 * 10080), "year"}, {m / 10080 % 52, "week"}, {m / 1440 % 7, "day"}, {m / 60 % 24, "hour"}, {m % 60, "minute"}}
	var out []string
	for _, p := range parts {
		switch {
		case p.n == 1:
			out = append(out, "1 "+p.unit)
		case p.n > 1:
			out = append(out, fmt.Sprint(p.n, " ", p.unit, "s"))
		}
	}
	if out == nil {
		return "0 minutes"
	}
	return strings.Join(out, ", ")
}
