package iosxe

import "slpdoctor/internal/diag"

// VRFs is the answer to `show vrf`.
type VRFs struct {
	VRFs []VRF `json:"vrfs"`
}

// VRF is one routing and forwarding instance.
type VRF struct {
	At         diag.Source        `json:"-"`
	Name       string             `json:"name"`
	RD         diag.Value[string] `json:"rd,omitzero"` // none: not set
	Protocols  []string           `json:"protocols"`   // "ipv4", "ipv6"
	Interfaces []string           `json:"interfaces"`  // abbreviated, as printed: compare with SameInterface
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

// ShowVRF asks for the VRFs and their interfaces.
var ShowVRF = query("show vrf", "VRFs and their interfaces", parseVRFs)

func parseVRFs(*text, *VRFs) {}
