package iosxe

import "slpdoctor/internal/diag"

// Hosts is the answer to `show hosts`.
type Hosts struct {
	Domain      diag.Value[string]   `json:"domain,omitzero"`       // none: not set
	NameServers diag.Value[[]string] `json:"name_servers,omitzero"` // none: not set
	// Lookup is false when names are looked up in static mappings only. Recent releases do not print it.
	Lookup  diag.Value[bool] `json:"lookup,omitzero"`
	Entries []HostEntry      `json:"entries"` // cached and static names
}

// HostEntry is one name in the host table.
type HostEntry struct {
	At        diag.Source `json:"-"`
	Name      string      `json:"name"`
	Type      string      `json:"type"`      // "A", "AAAA", "PTR", "IP", ... as printed
	Flags     string      `json:"flags"`     // of the old table: "perm, OK", "temp, OK"; else ""
	Addresses []string    `json:"addresses"` // as printed; for PTR records the name
}

// DNSViews is the answer to `show ip dns view`.
type DNSViews struct {
	Views []DNSView `json:"views"`
}

// DNSView is how names are resolved for one VRF.
type DNSView struct {
	At          diag.Source          `json:"-"`
	Name        string               `json:"name"`                  // "default" for the default view
	VRF         string               `json:"vrf"`                   // "" for the global table
	Lookup      diag.Value[bool]     `json:"lookup,omitzero"`       // "Domain lookup is enabled"
	Domain      diag.Value[string]   `json:"domain,omitzero"`       // none: not set
	Search      diag.Value[[]string] `json:"search,omitzero"`       // the domain search list; none: empty
	NameServers diag.Value[[]string] `json:"name_servers,omitzero"` // none: the list is empty
}

// ShowHosts asks for the resolver settings and the host table.
var ShowHosts = query("show hosts", "domain, name servers, host table", parseHosts)

// ShowIPDNSView asks for the resolver settings of every VRF.
var ShowIPDNSView = query("show ip dns view", "resolver settings per VRF", parseDNSViews)

func parseHosts(*text, *Hosts) {}

func parseDNSViews(*text, *DNSViews) {}
