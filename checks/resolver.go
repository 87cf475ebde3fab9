package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// resolver is how the device resolves names, from its configuration, show hosts and show ip dns view.
type resolver struct {
	servers []scoped
	statics []staticHost
	domains []scoped // default domains and search lists
	lookups []lookup

	config diag.Value[*iosxe.Config]
	table  diag.Value[*iosxe.Hosts]
	views  diag.Value[*iosxe.DNSViews]
}

// scoped is a word that holds in one VRF; the VRF "" is the global table.
type scoped struct {
	vrf, text string
	at        diag.Source
}

type staticHost struct {
	vrf, name string
	addresses []string
	at        diag.Source
}

type lookup struct {
	vrf string
	on  bool
	at  diag.Source
}

var resolvers = diag.Derive(func(f *diag.Facts) resolver {
	r := resolver{config: iosxe.RunningNames.Of(f), table: iosxe.ShowHosts.Of(f), views: iosxe.ShowIPDNSView.Of(f)}
	if c, _ := iosxe.RunningNames.Partial(f); c != nil {
		r.configured(c)
	}
	if h, _ := iosxe.ShowHosts.Partial(f); h != nil {
		r.printed("", h.NameServers, h.Domain, h.Lookup)
		for _, entry := range h.Entries {
			if strings.Contains(entry.Flags, "perm") && len(entry.Addresses) > 0 {
				r.statics = append(r.statics, staticHost{"", entry.Name, entry.Addresses, entry.At})
			}
		}
	}
	if v, _ := iosxe.ShowIPDNSView.Partial(f); v != nil {
		for _, view := range v.Views {
			r.printed(view.VRF, view.NameServers, view.Domain, view.Lookup)
		}
	}
	return r
})

// printed takes in what a show command prints for a VRF.
func (r *resolver) printed(vrf string, servers diag.Value[[]string], domain diag.Value[string], on diag.Value[bool]) {
	addresses, _ := servers.Peek()
	r.addServers(vrf, addresses, servers.Source())
	if name, ok := domain.Peek(); ok {
		r.domains = append(r.domains, scoped{vrf, name, domain.Source()})
	}
	if b, ok := on.Peek(); ok {
		r.lookups = append(r.lookups, lookup{vrf, b, on.Source()})
	}
}

// noServer is what a device prints for "no name server": it would broadcast (knowledge B.9).
const noServer = "255.255.255.255"

func (r *resolver) addServers(vrf string, addresses []string, at diag.Source) {
	for _, a := range addresses {
		known := slices.ContainsFunc(r.servers, func(s scoped) bool { return s.vrf == vrf && s.text == a })
		if a != noServer && !known {
			r.servers = append(r.servers, scoped{vrf, a, at})
		}
	}
}

// configured takes in configuration lines.
func (r *resolver) configured(c *iosxe.Config) {
	for _, l := range c.Lines("ip name-server") {
		vrf, addresses := cutVRF(l.After("ip name-server"))
		r.addServers(vrf, addresses, l.At)
	}
	for _, l := range c.Lines("ip host") {
		if vrf, words := cutVRF(l.After("ip host")); len(words) > 1 {
			r.statics = append(r.statics, staticHost{vrf, words[0], words[1:], l.At})
		}
	}
	for _, prefix := range []string{"ip domain name", "ip domain-name", "ip domain list", "ip domain-list"} {
		for _, l := range c.Lines(prefix) {
			if vrf, words := cutVRF(l.After(prefix)); len(words) > 0 {
				r.domains = append(r.domains, scoped{vrf, words[0], l.At})
			}
		}
	}
	for _, prefix := range []string{"no ip domain lookup", "no ip domain-lookup"} {
		for _, l := range c.Lines(prefix) {
			if vrf, words := cutVRF(l.After(prefix)); len(words) == 0 {
				r.lookups = append(r.lookups, lookup{vrf, false, l.At})
			}
		}
	}
}

// cutVRF takes "vrf NAME" off the front of a text and splits the rest into words.
func cutVRF(text string) (vrf string, words []string) {
	words = strings.Fields(text)
	if len(words) > 1 && words[0] == "vrf" {
		return words[1], words[2:]
	}
	return "", words
}

// gap is why a setting of a VRF that was not found may yet exist; "" when a complete answer would have
// shown it. Of the global table show hosts is such an answer where it prints the setting at all.
func (r resolver) gap(vrf string, inTable func(*iosxe.Hosts) bool) diag.Reason {
	if r.config.Known() {
		return ""
	}
	if h, ok := r.table.Peek(); ok && vrf == "" && inTable(h) {
		return ""
	}
	if v, ok := r.views.Peek(); ok && slices.ContainsFunc(v.Views, func(v iosxe.DNSView) bool { return v.VRF == vrf }) {
		return ""
	}
	return r.config.Why()
}

func printsServers(h *iosxe.Hosts) bool { return h.NameServers.Known() }
func printsDomain(h *iosxe.Hosts) bool  { return h.Domain.Known() }

// answers are the complete answers: the evidence for what is in none of them.
func (r resolver) answers() []diag.Source {
	return []diag.Source{r.config.Source(), r.table.Source(), r.views.Source()}
}

// in lists the name servers of a VRF.
func (r resolver) in(vrf string) []scoped {
	return slices.DeleteFunc(slices.Clone(r.servers), func(s scoped) bool { return s.vrf != vrf })
}

// asked lists the name servers of a VRF, each once.
func (r resolver) asked(vrf string) []string {
	var out []string
	for _, s := range r.in(vrf) {
		if !slices.Contains(out, s.text) {
			out = append(out, s.text)
		}
	}
	return out
}

// static is the static entry for a name in a VRF; that of cslu-local may carry a domain.
func (r resolver) static(name, vrf string) (staticHost, bool) {
	for _, h := range r.statics {
		if h.vrf == vrf && (strings.EqualFold(h.name, name) ||
			name == csluName && strings.HasPrefix(strings.ToLower(h.name), csluName+".")) {
			return h, true
		}
	}
	return staticHost{}, false
}

// enabled reports whether names are looked up in a VRF. Lookup is on unless something turns it off, so a
// complete configuration that does not says that it is on.
func (r resolver) enabled(vrf string) diag.Value[bool] {
	on := diag.Missing[bool](r.config.Why())
	if r.config.Known() {
		on = diag.Present(true, r.config.Source())
	}
	for _, l := range r.lookups {
		if l.vrf != vrf {
			continue
		}
		on = diag.Present(l.on, l.at)
		if !l.on {
			break
		}
	}
	return on
}
