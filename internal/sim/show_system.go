package sim

import (
	"fmt"
	"strings"
)

func (d *Device) showRunning(map[string]string) string    { return d.running(false) }
func (d *Device) showRunningAll(map[string]string) string { return d.running(true) }

func (d *Device) running(all bool) string {
	body := strings.Join(d.cfg.render(all), "\n") + "\n"
	return fmt.Sprintf("Building configuration...\n\nCurrent configuration : %d bytes\n!\n! Last configuration change at %s\n%s\n",
		len(body), d.clockLine(), body)
}

func (d *Device) showInterfaces(map[string]string) string {
	var b text
	b.line("Interface              IP-Address      OK? Method Status                Protocol")
	for _, i := range d.interfaces() {
		addr := "unassigned"
		if i.addr.IsValid() {
			addr = i.addr.Addr().String()
		}
		status, protocol := "up", "up"
		switch {
		case !i.admin:
			status, protocol = "administratively down", "down"
		case !i.link:
			status, protocol = "down", "down"
		}
		b.line("%-22s %-15s YES %-6s %-21s %-8s", i.name, addr, i.method, status, protocol)
	}
	return b.String()
}

func (d *Device) showRoute(args map[string]string) string {
	vrf := args["vrf"]
	if vrf != "" && get(d.cfg.lines, "vrf definition "+vrf) == nil {
		return "% IP routing table " + vrf + " does not exist\n"
	}
	var b text
	if vrf != "" {
		b.line("\nRouting Table: %s", vrf)
	}
	p, ok := d.route(vrf, args["addr"])
	switch {
	case !ok:
		return "% Network not in table\n"
	case p.connected:
		b.line("Routing entry for %s\n  Known via \"connected\", distance 0, metric 0 (connected, via interface)", p.prefix)
		b.line("  Routing Descriptor Blocks:\n  * directly connected, via %s\n      Route metric is 0, traffic share count is 1", p.out.name)
	default:
		supernet := ""
		if p.prefix.Bits() == 0 {
			supernet = ", supernet"
		}
		b.line("Routing entry for %s%s\n  Known via \"static\", distance 1, metric 0%s", p.prefix, supernet, candidateDefault(p.prefix.Bits()))
		b.line("  Routing Descriptor Blocks:\n  * %s\n      Route metric is 0, traffic share count is 1", p.hop)
	}
	return b.String()
}

func candidateDefault(bits int) string {
	if bits == 0 {
		return ", candidate default path"
	}
	return ""
}

func (d *Device) showVRF(map[string]string) string {
	if len(d.vrfs()) == 0 {
		return ""
	}
	var b text
	b.line("  Name                             Default RD            Protocols   Interfaces")
	for _, name := range d.vrfs() {
		l := get(d.cfg.lines, "vrf definition "+name)
		rd := arg(l.body, "rd", "rd")
		if rd == "" {
			rd = "<not set>"
		}
		var ifs []string
		for _, i := range d.interfaces() {
			if i.vrf == name {
				ifs = append(ifs, shortIf(i.name))
			}
		}
		if ifs == nil {
			ifs = []string{""}
		}
		b.line("  %-32s %-21s %-11s %s", name, rd, "ipv4", ifs[0])
		for _, n := range ifs[1:] {
			b.line("%69s%s", "", n)
		}
	}
	return b.String()
}

func shortIf(name string) string {
	return strings.NewReplacer("TenGigabitEthernet", "Te", "TwentyFiveGigE", "Twe", "HundredGigE", "Hu", "GigabitEthernet", "Gi",
		"Loopback", "Lo", "Vlan", "Vl").Replace(name)
}

func (d *Device) showYang(map[string]string) string {
	var b text
	for _, p := range []string{"confd", "nesd", "syncfd", "ncsshd", "dmiauthd", "nginx", "ndbmand", "pubd"} {
		running := get(d.cfg.lines, "netconf-yang") != nil
		if p == "nginx" {
			running = running || get(d.cfg.lines, "ip http server") != nil || get(d.cfg.lines, "ip http secure-server") != nil
		}
		state := "Not Running"
		if running {
			state = "Running"
		}
		b.line("%-17s: %s", p, state)
	}
	b.line("")
	return b.String()
}

func (d *Device) showRedundancy(map[string]string) string {
	var b text
	peer, mode := "1  -DISABLED", "Non Redundant"
	unit := "Simplex"
	if len(d.members) > 1 {
		peer, mode, unit = "8  -STANDBY HOT", "sso", "Duplex"
	}
	b.line("       my state = 13 -ACTIVE\n     peer state = %s\n           Mode = %s\n           Unit = Primary\n        Unit ID = 1\n", peer, unit)
	b.line("Redundancy Mode (Operational) = %s\nRedundancy Mode (Configured)  = %s\nRedundancy State              = %s", mode, mode, mode)
	b.line("     Maintenance Mode = Disabled\n    Manual Swact = %s\n Communications = %s\n", enabled(len(d.members) > 1), upDown(len(d.members) > 1))
	return b.String()
}

func enabled(b bool) string {
	if b {
		return "enabled"
	}
	return "disabled"
}

func upDown(b bool) string {
	if b {
		return "Up"
	}
	return "Down"
}

func (d *Device) showSwitch(map[string]string) string {
	var b text
	b.line("Switch/Stack Mac Address : 0000.5e00.53%02x - Local Mac Address\nMac persistency wait time: Indefinite", d.spec.Serial[len(d.spec.Serial)-1])
	b.line("                                             H/W   Current\nSwitch#   Role    Mac Address     Priority Version  State ")
	b.line("-------------------------------------------------------------------------------------")
	for i, m := range d.members {
		mark := " "
		if i == 0 {
			mark = "*"
		}
		b.line("%s%d       %-8s0000.5e00.53%02x     %-5d  V01     Ready                ", mark, i+1, m.Role, i+16, 15-i)
	}
	b.line("")
	return b.String()
}

func (d *Device) showCPU(map[string]string) string {
	var b text
	b.line("CPU utilization for five seconds: 2%%/0%%; one minute: 2%%; five minutes: 2%%")
	b.line(" PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process ")
	for i, p := range []string{"SAGetRUMIds", "SAUtilRepSave", "SSH Process", "IP Input", "Crypto IKMP"} {
		share := 0.07
		if i < 2 && d.agent.reports.available > 800 {
			share = 9.35
		}
		b.line("%4d %11d %11d %10d  %5.2f%% %5.2f%% %5.2f%%   0 %-16s", 210+i*17, 41230+i*977, 918231-i*5211, 44, share, share, share, p)
	}
	return b.String()
}

func (d *Device) showMemory(map[string]string) string {
	var b text
	b.line("Processor Pool Total: 1350414512 Used:  301456104 Free: 1048958408\n lsmpi_io Pool Total:    6295128 Used:    6294296 Free:        832\n")
	b.line(" PID TTY  Allocated      Freed    Holding    Getbufs    Retbufs Process")
	b.line("   0   0  284220120   61341296  203124912          0          0 *Init*")
	b.line("   0   0          0          0   %8d          0          0 *MallocLite*", 31000000+d.agent.reports.available*9000)
	return b.String()
}

func (d *Device) showThroughputLevel(map[string]string) string {
	return "The current throughput level is 250000 kb/s\n"
}

func (d *Device) showThroughputCrypto(map[string]string) string {
	return "Current configured crypto throughput level: 250M\n" +
		"     Level is saved, reboot is not required\n" +
		"Current enforced crypto throughput level: 250M\n" +
		"Crypto Throughput is throttled at 250M\n" +
		"Default Crypto throughput level: 10M\n" +
		"Current boot level is network-advantage\n"
}

func (d *Device) showUsers(map[string]string) string {
	return "    Line       User       Host(s)              Idle       Location\n" +
		"*  1 vty 0     admin      idle                 00:00:00 192.0.2.250\n\n" +
		"  Interface    User               Mode         Idle     Peer Address\n"
}
