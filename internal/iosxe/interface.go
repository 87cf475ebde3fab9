package iosxe

import (
	"net/netip"
	"strings"

	"slpdoctor/internal/diag"
)

// Interfaces is the answer to `show ip interface brief`.
type Interfaces struct {
	Interfaces []Interface `json:"interfaces,omitempty"`
}

// Interface is one row: an interface and its IPv4 address.
type Interface struct {
	At       diag.Source        `json:"-"`
	Name     string             `json:"name"`
	Address  diag.Value[string] `json:"address,omitzero"` // none: unassigned
	Method   string             `json:"method"`           // "NVRAM", "DHCP", "manual", "unset", "TFTP", ...
	Status   string             `json:"status"`           // "up", "down", "administratively down", "deleted"
	Protocol string             `json:"protocol"`         // "up" or "down"
}

// Up reports whether both the interface and its line protocol are up.
func (i Interface) Up() bool {
	return strings.HasPrefix(i.Status, "up") && strings.HasPrefix(i.Protocol, "up")
}

// Find is the interface of that name, which may be abbreviated as IOS abbreviates it.
func (t *Interfaces) Find(name string) (Interface, bool) {
	for _, i := range t.Interfaces {
		if SameInterface(i.Name, name) {
			return i, true
		}
	}
	return Interface{}, false
}

// SameInterface reports whether two names mean the same interface: the same numbers, and the letters of
// one abbreviate those of the other ("Gi0/0" and "GigabitEthernet0/0"), in any case.
func SameInterface(a, b string) bool {
	la, na := splitInterface(a)
	lb, nb := splitInterface(b)
	return la != "" && lb != "" && na == nb && (strings.HasPrefix(la, lb) || strings.HasPrefix(lb, la))
}

func splitInterface(name string) (letters, numbers string) {
	name = strings.ToLower(strings.ReplaceAll(name, " ", ""))
	i := strings.IndexAny(name, "0123456789")
	if i < 0 {
		return name, ""
	}
	return name[:i], name[i:]
}

// ShowIPInterfaceBrief asks for the state of all interfaces.
var ShowIPInterfaceBrief = query("show ip interface brief", "interfaces, addresses and their state", mostly(parseInterfaces))

func parseInterfaces(t *text, b *Interfaces) {
	for r := range t.open() {
		cells := strings.Fields(r.text)
		n := len(cells)
		if n < 6 || cells[2] != "YES" && cells[2] != "NO" {
			continue
		}
		if _, err := netip.ParseAddr(cells[1]); err != nil && cells[1] != "unassigned" {
			continue
		}
		status := strings.Join(cells[4:n-1], " ")
		at := t.table(r, []string{"Interface", "IP-Address", "OK?", "Method", "Status", "Protocol"},
			cells[0], cells[1], cells[2], cells[3], status, cells[n-1])
		i := Interface{At: at, Name: cells[0], Method: cells[3], Status: status, Protocol: cells[n-1]}
		if cells[1] == "unassigned" {
			i.Address = diag.None[string](at)
		} else {
			i.Address = diag.Present(cells[1], at)
		}
		b.Interfaces = append(b.Interfaces, i)
	}
	t.drop("Interface ", "Any interface listed with OK?")
}
