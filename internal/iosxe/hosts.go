package iosxe

import (
	"net/netip"
	"strings"

	"slpdoctor/internal/diag"
)

// Hosts is the answer to `show hosts`.
type Hosts struct {
	Domain      diag.Value[string]   `json:"domain,omitzero"`       // none: not set
	NameServers diag.Value[[]string] `json:"name_servers,omitzero"` // none: not set
	// Lookup is false when names are looked up in static mappings only. Recent releases do not print it.
	Lookup  diag.Value[bool] `json:"lookup,omitzero"`
	Entries []HostEntry      `json:"entries,omitempty"` // cached and static names
}

// HostEntry is one name in the host table.
type HostEntry struct {
	At        diag.Source `json:"-"`
	Name      string      `json:"name"`
	Type      string      `json:"type"`                // "A", "AAAA", "PTR", "IP", ... as printed
	Flags     string      `json:"flags"`               // of the old table: "perm, OK", "temp, OK"; else ""
	Addresses []string    `json:"addresses,omitempty"` // as printed; for PTR records the name
}

// DNSViews is the answer to `show ip dns view`.
type DNSViews struct {
	Views []DNSView `json:"views,omitempty"`
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
var ShowHosts = query("show hosts", "domain, name servers, host table", mostly(parseHosts))

// ShowIPDNSView asks for the resolver settings of every VRF.
var ShowIPDNSView = query("show ip dns view", "resolver settings per VRF", mostly(parseDNSViews))

func parseHosts(t *text, h *Hosts) {
	for r := range t.open() {
		if e, ok := hostEntry(t, r); ok {
			h.Entries = append(h.Entries, e)
		} else if _, err := netip.ParseAddr(r.text); err == nil && len(h.Entries) > 0 {
			last := &h.Entries[len(h.Entries)-1] // a further address of the name above
			last.Addresses = append(last.Addresses, r.text)
			t.use(r)
		} else if name, ok := strings.CutPrefix(r.text, "Default domain is "); ok {
			put(&h.Domain, t, r, unset(name), verbatim)
		} else if servers, ok := strings.CutPrefix(r.text, "Name servers are "); ok {
			put(&h.NameServers, t, r, nameServers(servers), commaList)
		} else if how, ok := strings.CutPrefix(r.text, "Name/address lookup uses "); ok {
			h.Lookup = diag.Present(strings.Contains(how, "domain service"), t.use(r))
		}
	}
	t.drop("Name lookup view:", "Codes:", "temp - temporary", "NA - Not Applicable", "NAME ", "Host ",
		"Local cache entries:", "Dynamic cache entries:", "Domain list:")
}

// unset turns "not set" into nothing.
func unset(s string) string {
	if s == "not set" || s == "not set." {
		return ""
	}
	return s
}

// nameServers leaves out the broadcast address, which is what a device asks when no server is configured.
func nameServers(s string) string {
	if s = unset(s); s == "255.255.255.255" {
		return ""
	}
	return s
}

// hostEntry reads a row of either table: "name TTL IN type data" of recent releases, and
// "name port (flags) age type address..." of older ones.
func hostEntry(t *text, r *row) (HostEntry, bool) {
	cells := strings.Fields(r.text)
	if len(cells) >= 5 && cells[2] == "IN" {
		at := t.table(r, []string{"NAME", "TTL", "CLASS", "TYPE", "DATA/ADDRESS"}, cells...)
		return HostEntry{At: at, Name: cells[0], Type: cells[3], Addresses: cells[4:]}, true
	}
	flags, ok := between(r.text, "(", ")")
	life, _, _ := strings.Cut(flags, ",")
	if !ok || len(cells) < 3 || cells[2][0] != '(' || life != "temp" && life != "perm" {
		return HostEntry{}, false
	}
	_, rest, _ := strings.Cut(r.text, ")")
	tail := strings.Fields(rest)
	if len(tail) < 2 {
		return HostEntry{}, false
	}
	at := t.table(r, []string{"Host", "Port", "Flags", "Age", "Type", "Address(es)"},
		append([]string{cells[0], cells[1], flags}, tail...)...)
	return HostEntry{At: at, Name: cells[0], Type: tail[1], Flags: flags, Addresses: tail[2:]}, true
}

func parseDNSViews(t *text, d *DNSViews) {
	var view *DNSView
	inServers := false
	for r := range t.open() {
		title, isTitle := strings.CutPrefix(r.key, "DNS View ")
		server, _ := firstWord(r.text)
		_, err := netip.ParseAddr(server)
		switch {
		case isTitle:
			d.Views = append(d.Views, dnsView(t.use(r), title))
			view, inServers = &d.Views[len(d.Views)-1], false
		case view == nil:
		case inServers && err == nil:
			servers, _ := view.NameServers.Peek()
			view.NameServers = diag.Present(append(servers, server), t.use(r))
		case r.key == "Domain name-servers":
			inServers = true
			put(&view.NameServers, t, r, r.value, commaList)
		default:
			if dnsFields.set(view, t, r) {
				inServers = false
			}
		}
	}
	t.drop("DNS Resolver settings:", "DNS Server settings:", "Lookup timeout:", "Lookup retries:", "Logging is",
		"Forwarding of queries", "Forwarder", "Round-robin", "Default domain name for multicast", "Dispose")
}

var dnsFields = fields[DNSView]{
	"Domain lookup is enabled":  domainLookup,
	"Domain lookup is disabled": domainLookup,
	"Default domain name":       words(func(v *DNSView) *diag.Value[string] { return &v.Domain }),
	"Domain search list": func(v *DNSView, t *text, r *row) bool {
		return put(&v.Search, t, r, strings.Join(strings.Fields(r.value), ","), commaList)
	},
	"DNS Server settings": skip[DNSView],
	"Forwarder addresses": skip[DNSView],
}

func domainLookup(v *DNSView, t *text, r *row) bool {
	v.Lookup = diag.Present(strings.HasSuffix(r.text, "enabled"), t.use(r))
	return true
}

// dnsView reads a title: "default parameters", "default vrf M parameters", "vrf M default parameters".
func dnsView(at diag.Source, title string) DNSView {
	v := DNSView{At: at}
	cells := strings.Fields(strings.TrimSuffix(title, " parameters"))
	for i := 0; i < len(cells); i++ {
		if cells[i] == "vrf" && i+1 < len(cells) {
			i++
			v.VRF = cells[i]
		} else {
			v.Name = cells[i]
		}
	}
	return v
}
