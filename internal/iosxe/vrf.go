package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// VRFs is the answer to `show vrf`.
type VRFs struct {
	VRFs []VRF `json:"vrfs,omitempty"`
}

// VRF is one routing and forwarding instance.
type VRF struct {
	At         diag.Source        `json:"-"`
	Name       string             `json:"name"`
	RD         diag.Value[string] `json:"rd,omitzero"`          // none: not set
	Protocols  []string           `json:"protocols,omitempty"`  // "ipv4", "ipv6"
	Interfaces []string           `json:"interfaces,omitempty"` // abbreviated, as printed: compare with SameInterface
}

// Find is the VRF of that name; names are case-sensitive.
func (t *VRFs) Find(name string) (VRF, bool) {
	for _, v := range t.VRFs {
		if v.Name == name {
			return v, true
		}
	}
	return VRF{}, false
}

// Holding is the VRF that the interface belongs to; false means the global table.
func (t *VRFs) Holding(name string) (VRF, bool) {
	for _, v := range t.VRFs {
		for _, i := range v.Interfaces {
			if SameInterface(i, name) {
				return v, true
			}
		}
	}
	return VRF{}, false
}

// ShowVRF asks for the VRFs and their interfaces. A device without VRFs prints nothing.
var ShowVRF = query("show vrf", "VRFs and their interfaces", mostly(parseVRFs), mayBeEmpty)

func parseVRFs(t *text, v *VRFs) {
	for r := range t.open() {
		cells := strings.Fields(strings.Replace(r.text, "<not set>", "<not-set>", 1))
		switch {
		case strings.HasPrefix(r.text, "Name ") && strings.Contains(r.text, "Default RD"):
			t.use(r)
		case len(cells) == 1 && len(v.VRFs) > 0:
			last := &v.VRFs[len(v.VRFs)-1] // a further interface of the VRF above
			last.Interfaces = append(last.Interfaces, cells[0])
			t.table(r, vrfColumns, "", "", "", cells[0])
		case len(cells) >= 2 && (cells[1] == "<not-set>" || distinguisher(cells[1])):
			v.VRFs = append(v.VRFs, vrfLine(t, r, cells))
		}
	}
}

// distinguisher reports a route distinguisher: "65000:1", "192.0.2.1:99".
func distinguisher(s string) bool {
	return strings.Count(s, ":") == 1 && strings.Trim(s, "0123456789.:") == "" && s[0] != ':' && s[len(s)-1] != ':'
}

var vrfColumns = []string{"Name", "Default RD", "Protocols", "Interfaces"}

func vrfLine(t *text, r *row, cells []string) VRF {
	out := VRF{Name: cells[0], RD: diag.None[string](t.at(r))}
	rd, protocols, rest := cells[1], "", cells[2:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "ipv") {
		protocols, rest = rest[0], rest[1:]
		out.Protocols, _ = commaList(protocols)
	}
	out.Interfaces = rest
	if rd == "<not-set>" {
		rd = "<not set>"
	} else {
		out.RD = diag.Present(rd, t.at(r))
	}
	out.At = t.table(r, vrfColumns, cells[0], rd, protocols, strings.Join(rest, " "))
	return out
}
