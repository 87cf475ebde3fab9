package sim

import (
	"cmp"
	"strconv"
	"strings"
)

const unrecognised = "% Unrecognized host or address, or protocol not running.\n"

// ping answers as the world lets it: all echoes or none.
func (d *Device) ping(args map[string]string) string {
	vrf, host := args["vrf"], args["host"]
	if vrf != "" && get(d.cfg.lines, "vrf definition "+vrf) == nil {
		return "% VRF " + vrf + " does not exist\n"
	}
	var b text
	l := d.resolve(vrf, host)
	if !l.static {
		b.WriteString("Translating \"" + host + "\"")
		if l.asked != nil {
			b.WriteString("...domain server")
			for _, s := range l.asked {
				b.WriteString(" (" + s + ")")
			}
			if l.addr != "" {
				b.WriteString(" [OK]\n")
			}
		}
		b.line("")
	}
	if l.addr == "" {
		b.WriteString(unrecognised)
		return b.String()
	}
	source := args["source"]
	from, known := d.iface(source)
	if source != "" && (!known || !from.addr.IsValid()) {
		return "% Invalid source interface - IP not enabled or interface is down\n"
	}
	count, timeout := min(max(number(args["repeat"], 5), 1), 10000), number(args["timeout"], 2)
	b.line("Type escape sequence to abort.\nSending %d, 100-byte ICMP Echos to %s, timeout is %d seconds:", count, l.addr, timeout)
	if source != "" {
		b.line("Packet sent with a source address of %s ", from.addr.Addr())
		vrf = from.vrf
	}
	marks, answered := strings.Repeat(".", count), 0
	if h := d.reach(vrf, l.addr, source); h != nil && !h.NoPing {
		marks, answered = strings.Repeat("!", count), count
	}
	b.line("%s", marks)
	percent := answered * 100 / count
	if answered == 0 {
		b.line("Success rate is %d percent (%d/%d)", percent, answered, count)
	} else {
		b.line("Success rate is %d percent (%d/%d), round-trip min/avg/max = 1/2/4 ms", percent, answered, count)
	}
	return b.String()
}

func number(s string, otherwise int) int {
	n, _ := strconv.Atoi(s)
	return cmp.Or(n, otherwise)
}
