package iosxe

import "slpdoctor/internal/diag"

// Route is the answer to `show ip route [vrf V] ADDRESS`.
type Route struct {
	// Found is false when the device says that it has no route, not even a default one.
	Found  diag.Value[bool]   `json:"found,omitzero"`
	Prefix diag.Value[string] `json:"prefix,omitzero"` // "10.0.0.0/24"; "0.0.0.0/0" is the default route
	Via    diag.Value[string] `json:"via,omitzero"`    // "connected", "static", "ospf 1", ...
	VRF    diag.Value[string] `json:"vrf,omitzero"`    // of the "Routing Table:" line; global tables print none
	// NextHops are the addresses and NextInterfaces the interfaces of the routing descriptor blocks.
	NextHops       []string `json:"next_hops,omitempty"`
	NextInterfaces []string `json:"next_interfaces,omitempty"`
	// Gateway is set when the device does not route at all and prints its default gateway instead; none
	// when it prints that the gateway is not set.
	Gateway diag.Value[string] `json:"default_gateway,omitzero"`
	// NoVRF is true when the VRF of the command does not exist.
	NoVRF diag.Value[bool] `json:"no_vrf,omitzero"`
}

// IsDefault reports a default route.
func (r *Route) IsDefault() bool { p, _ := r.Prefix.Peek(); return p == "0.0.0.0/0" || p == "::/0" }

// ShowIPRoute asks for the route to the licensing peer.
var ShowIPRoute = query("show ip route[ vrf {vrf}] {ip}", "route to the licensing peer", parseRoute)

func parseRoute(*text, *Route) {}
