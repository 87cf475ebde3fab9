package iosxe

import (
	"net/netip"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// Route is the answer to `show ip route [vrf V] ADDRESS`.
type Route struct {
	// Found is false for "% Network not in table" and "% Subnet not in table". A default route may exist
	// all the same: only ShowIPDefaultRoute tells.
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
var ShowIPRoute = query("show ip route[ vrf {vrf}] {ip}", "route to the licensing peer", mostly(parseRoute),
	entry(func(c *diag.Command) {
		c.Wave = 2
		c.Needs = append([]*diag.Command{&Ping.Command}, targetNeeds...)
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) {
			target, why := Target(f)
			if why.Reason != "" {
				return "", why
			}
			address, why := targetAddress(f, target)
			switch {
			case why.Reason != "":
				return "", why
			case !address.Is4():
				return "", diag.NotSent{Reason: diag.NotCollected, Detail: "the address of the target is not IPv4"}
			}
			return fillLine(c, target, address.String())
		}
	}))

// ShowIPDefaultRoute asks for the default route: a device may say of an address that its network is not in the
// table although the default route leads there.
var ShowIPDefaultRoute = query("show ip route[ vrf {vrf}] 0.0.0.0", "default route", mostly(parseRoute),
	entry(func(c *diag.Command) {
		c.Wave, c.Needs = 1, targetNeeds
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) {
			target, why := Target(f)
			if why.Reason != "" {
				return "", why
			}
			return fillLine(c, target, "")
		}
	}))

func parseRoute(t *text, v *Route) {
	inBlocks := false
	for r := range t.open() {
		prefix, isEntry := strings.CutPrefix(r.text, "Routing entry for ")
		gateway, isGateway := strings.CutPrefix(r.text, "Default gateway is ")
		switch {
		case isEntry:
			prefix, _, _ = strings.Cut(prefix, ",")
			v.Found, v.Prefix = diag.Present(true, t.use(r)), diag.Present(prefix, t.at(r))
		case r.text == "% Network not in table", r.text == "% Subnet not in table":
			v.Found = diag.Present(false, t.use(r))
		case strings.HasPrefix(r.text, "% ") && strings.HasSuffix(r.text, " does not exist"):
			v.NoVRF = diag.Present(true, t.use(r))
		case isGateway:
			put(&v.Gateway, t, r, unset(gateway), verbatim)
		case r.key == "Routing Table":
			put(&v.VRF, t, r, r.value, verbatim)
		case strings.HasPrefix(r.text, "Known via "):
			if via, ok := between(r.text, "\"", "\""); ok {
				put(&v.Via, t, r, via, verbatim)
			}
		case r.key == "Routing Descriptor Blocks":
			inBlocks = true
			t.use(r)
		case inBlocks:
			v.hop(t, r)
		}
	}
	t.drop("Tag ", "Redistributing via", "Advertised by", "Last update from", "Route metric is", "AS Hops", "Route tag",
		"MPLS", "opaque_ptr", "Total delay", "Reliability", "Loading", "Repair Path", "Host ", "ICMP redirect cache")
}

// hop reads "* 192.0.2.1, from 192.0.2.1, 2d07h ago, via GigabitEthernet1" and "directly connected, via ...".
func (v *Route) hop(t *text, r *row) {
	parts := strings.Split(strings.TrimPrefix(r.text, "* "), ", ")
	_, err := netip.ParseAddr(parts[0])
	if err != nil && parts[0] != "directly connected" {
		return
	}
	t.use(r)
	if err == nil && !slices.Contains(v.NextHops, parts[0]) {
		v.NextHops = append(v.NextHops, parts[0])
	}
	for _, p := range parts[1:] {
		if via, ok := strings.CutPrefix(p, "via "); ok {
			v.NextInterfaces = append(v.NextInterfaces, via)
		}
	}
}
