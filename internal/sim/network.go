package sim

import (
	"net/netip"
	"slices"
	"strings"
)

// iface is an interface as configuration and cabling make it.
type iface struct {
	name   string
	addr   netip.Prefix // invalid when unassigned
	vrf    string
	admin  bool // not shut down
	link   bool // cabled and up
	method string
}

func (i iface) up() bool { return i.admin && i.link }

// interfaces returns the device's interfaces in configuration order.
func (d *Device) interfaces() []iface {
	var out []iface
	for _, l := range each(d.cfg.lines, "interface") {
		i := iface{
			name:   l.args["if"],
			vrf:    arg(l.body, "vrf forwarding", "vrf"),
			admin:  get(l.body, "shutdown") == nil,
			link:   !slices.Contains(d.unplugged, l.args["if"]),
			method: "unset",
		}
		if a := get(l.body, "ip address"); a != nil && a.args["addr"] != "" {
			i.addr, i.method = prefix(a.args["addr"], a.args["mask"]), "NVRAM"
		}
		out = append(out, i)
	}
	return out
}

func (d *Device) iface(name string) (iface, bool) {
	for _, i := range d.interfaces() {
		if strings.EqualFold(i.name, name) {
			return i, true
		}
	}
	return iface{}, false
}

func prefix(addr, mask string) netip.Prefix {
	a, err := netip.ParseAddr(addr)
	m, err2 := netip.ParseAddr(mask)
	if err != nil || err2 != nil || !a.Is4() || !m.Is4() {
		return netip.Prefix{}
	}
	bits := 0
	for _, b := range m.As4() {
		for ; b != 0; b <<= 1 {
			bits++
		}
	}
	return netip.PrefixFrom(a, bits)
}

// vrfs returns the configured VRF names.
func (d *Device) vrfs() []string {
	var out []string
	for _, l := range each(d.cfg.lines, "vrf definition") {
		out = append(out, l.args["name"])
	}
	return out
}

// path is how a packet leaves the device: the route and the interface used.
type path struct {
	prefix    netip.Prefix
	connected bool
	hop       string
	out       iface
}

// route looks an address up in a table.
func (d *Device) route(vrf, addr string) (path, bool) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return path{}, false
	}
	var best path
	found := false
	consider := func(p path) {
		if p.prefix.Contains(a) && (!found || p.prefix.Bits() > best.prefix.Bits()) {
			best, found = p, true
		}
	}
	ifs := d.interfaces()
	for _, i := range ifs {
		if i.up() && i.vrf == vrf && i.addr.IsValid() {
			consider(path{prefix: i.addr.Masked(), connected: true, out: i})
		}
	}
	for _, l := range each(d.cfg.lines, "ip route") {
		if l.args["vrf"] != vrf {
			continue
		}
		for _, i := range ifs {
			hop, err := netip.ParseAddr(l.args["hop"])
			via := err == nil && i.addr.IsValid() && i.addr.Masked().Contains(hop) || strings.EqualFold(i.name, l.args["hop"])
			if i.up() && i.vrf == vrf && via {
				consider(path{prefix: prefix(l.args["prefix"], l.args["mask"]), hop: l.args["hop"], out: i})
			}
		}
	}
	if gw := arg(d.cfg.lines, "ip default-gateway", "addr"); !found && gw != "" && vrf == "" && off(d.cfg.lines, "ip routing") {
		for _, i := range ifs {
			if hop, err := netip.ParseAddr(gw); err == nil && i.up() && i.addr.IsValid() && i.addr.Masked().Contains(hop) {
				consider(path{prefix: netip.MustParsePrefix("0.0.0.0/0"), hop: gw, out: i})
			}
		}
	}
	return best, found
}

// reach finds the host behind an address as seen from the device: nil when
// there is no route, the source interface cannot send, or nothing is there.
func (d *Device) reach(vrf, addr, source string) *Host {
	if source != "" {
		i, ok := d.iface(source)
		if !ok || !i.up() || !i.addr.IsValid() {
			return nil
		}
		vrf = i.vrf
	}
	if _, ok := d.route(vrf, addr); !ok {
		return nil
	}
	if h := d.world.Host(addr); h != nil && h.up(d.now) && h.in(vrf) {
		return h
	}
	return nil
}

// lookup is one name resolution: what it found and whom it asked.
type lookup struct {
	addr   string   // "" when the name did not resolve
	asked  []string // name servers tried, in order; nil when none was
	static bool     // answered from "ip host", or an address already
}

// resolve looks a name up as the device would in a VRF.
func (d *Device) resolve(vrf, name string) lookup {
	name = strings.ToLower(name)
	if isAddr(name) {
		return lookup{addr: name, static: true}
	}
	domains := d.domains(vrf)
	for _, l := range each(d.cfg.lines, "ip host") {
		if l.args["vrf"] != vrf {
			continue
		}
		if h := strings.ToLower(l.args["name"]); h == name || slices.ContainsFunc(domains, func(s string) bool { return h == name+"."+s }) {
			return lookup{addr: l.args["addr"], static: true}
		}
	}
	if off(d.cfg.lines, "ip domain lookup") {
		return lookup{}
	}
	var r lookup
	servers := d.nameServers(vrf)
	if len(servers) == 0 {
		servers = []string{"255.255.255.255"}
	}
	source := arg(d.cfg.lines, "ip domain lookup source-interface", "if")
	for _, s := range servers {
		r.asked = append(r.asked, s)
		if h := d.reach(vrf, s, source); h != nil && h.Zone != nil {
			r.addr, _ = h.query(name, domains)
			return r
		}
	}
	return r
}

// nameServers returns the name servers configured for a VRF.
func (d *Device) nameServers(vrf string) []string {
	var out []string
	for _, l := range each(d.cfg.lines, "ip name-server") {
		if l.args["vrf"] == vrf {
			out = append(out, l.args["server"])
		}
	}
	return out
}

// domains returns the suffixes unqualified names are completed with.
func (d *Device) domains(vrf string) []string {
	var out []string
	for _, l := range each(d.cfg.lines, "ip domain name") {
		if l.args["vrf"] == vrf {
			out = append(out, l.args["domain"])
		}
	}
	for _, l := range each(d.cfg.lines, "ip domain list") {
		out = append(out, l.args["domain"])
	}
	return out
}
