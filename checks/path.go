package checks

import (
	"net/netip"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// role is what the first host on the way of a usage report is.
type role string

const (
	proxyRole  role = "the proxy"
	cssmRole   role = "CSSM"
	csluRole   role = "CSLU"
	onpremRole role = "SSM On-Prem"
)

// target is the host that licensing traffic goes to first: the proxy if one is set, else the peer.
type target struct {
	host string
	port string // "" when it is not known
	role role
	at   diag.Source
	why  diag.Reason // why there is no host; blocked when the transport URL names none
}

// named reports whether DNS must know the host.
func (t target) named() bool {
	_, err := netip.ParseAddr(t.host)
	return err != nil
}

// onSite reports a host of the operator's own network, which has no reason to drop an echo.
func (t target) onSite() bool { return t.role == csluRole || t.role == onpremRole }

// ports are those of a URL without one by its scheme, and that of the name without a URL.
var ports = map[string]string{"http": "80", "https": "443", csluName: "8182"}

// targetReads is what shows the target, exitReads what shows where traffic to it leaves.
var (
	targetReads = []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowCallHomeSmartLicensing.Command,
		&iosxe.ShowCallHomeProfiles.Command, &iosxe.ShowCallHome.Command}
	exitReads = []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowHTTPClient.Command, &iosxe.ShowVRF.Command, &iosxe.ShowCallHome.Command}
)

var targets = diag.Derive(func(f *diag.Facts) target {
	family, transport, p := f.Topology.ID.Family(), licence(f).Transport, peers.Of(f)
	proxy, port := transport.Proxy.Address, transport.Proxy.Port
	if family == diag.DC {
		proxy, port = callhomeProxy(f)
	}
	if host, ok := proxy.Peek(); ok {
		t := target{host: host, role: proxyRole, at: proxy.Source()}
		if n, ok := port.Peek(); ok {
			t.port = strconv.Itoa(n)
		}
		return t
	}
	t := target{host: p.host, port: ports[p.host], role: cssmRole, at: p.source}
	switch {
	case family == diag.CP:
		t.role = csluRole
	case family == diag.OP:
		t.role = onpremRole
	}
	if p.url != nil {
		t.port = p.url.Port()
		if t.port == "" {
			t.port = ports[strings.ToLower(p.url.Scheme)]
		}
	}
	switch {
	case t.host != "":
	case p.text != "", transport.URL.IsNone():
		t.why = diag.Blocked
	case family == diag.DC:
		t.why = callhomeURLs(f).Why()
	default:
		t.why = transport.URL.Why()
	}
	return t
})

// callhomeProxy is call home's own proxy: "192.0.2.8:8080", or address and "port: 8080" apart.
func callhomeProxy(f *diag.Facts) (host diag.Value[string], port diag.Value[int]) {
	host = read(f, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[string] { return c.HTTPProxy })
	text, ok := host.Peek()
	if !ok {
		return host, port
	}
	name, rest, _ := strings.Cut(strings.Fields(text)[0], ":")
	if n, err := strconv.Atoi(rest); err == nil {
		port = diag.Present(n, host.Source())
	}
	return diag.Present(name, host.Source()), port
}

// overTLS reports whether the licensing server is contacted over https; an exam without a URL ends.
func overTLS(e *diag.Exam) bool {
	p := peers.Of(e.Facts)
	if p.url == nil && targets.Of(e.Facts).why != "" {
		e.GiveUp(targets.Of(e.Facts).why, "")
	}
	return p.url != nil && strings.EqualFold(p.url.Scheme, "https")
}

// exit is where licensing traffic leaves the device.
type exit struct {
	name diag.Value[string] // source interface of the HTTP client or of call home; none: the route decides
	vrf  diag.Value[string] // none: the global table
}

// exits tells where licensing traffic leaves. The VRF is that of `license smart vrf`, for call home its
// own, else that of the source interface: releases without the setting follow it.
var exits = diag.Derive(func(f *diag.Facts) exit {
	x := exit{
		name: setting(f, iosxe.RunningServices, "ip http client source-interface").
			Or(read(f, iosxe.ShowHTTPClient, func(c *iosxe.HTTPClient) diag.Value[string] { return c.SourceInterface })),
		vrf: licence(f).Transport.VRF,
	}
	if f.Topology.ID.Family() == diag.DC {
		own := read(f, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[string] { return c.SourceInterface })
		if _, set := own.Peek(); set {
			x.name = own
		}
		x.vrf = read(f, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[string] { return c.VRF })
	}
	if _, set := x.vrf.Peek(); set {
		return x
	}
	x.vrf = x.name
	if name, set := x.name.Peek(); set {
		x.vrf = vrfOf(f, name)
	}
	return x
})

// vrfOf is the VRF that holds an interface; none is the global table.
func vrfOf(f *diag.Facts, name string) diag.Value[string] {
	answer := iosxe.ShowVRF.Of(f)
	all, ok := answer.Peek()
	if !ok {
		return diag.Missing[string](answer.Why())
	}
	if v, ok := all.Holding(name); ok {
		return diag.Present(v.Name, v.At)
	}
	return diag.None[string](answer.Source())
}

// setting is what stands behind the words of prefix in the first configuration line that begins with them.
// It is none when the configuration is complete and has no such line.
func setting(f *diag.Facts, config *diag.Query[iosxe.Config], prefix string) diag.Value[string] {
	c, why := config.Partial(f)
	if c != nil {
		if l, ok := c.First(prefix); ok {
			return diag.Present(l.After(prefix), l.At)
		}
	}
	if why != "" {
		return diag.Missing[string](why)
	}
	return diag.None[string](config.Of(f).Source())
}

// pinged is the answer to the ping of the target; false when there is none, or it was another host that
// was pinged.
func pinged(f *diag.Facts) (*iosxe.PingResult, bool) {
	answer, _ := iosxe.Ping.Partial(f)
	if answer == nil {
		return nil, false
	}
	capture, _ := f.Capture(&iosxe.Ping.Command)
	host := targets.Of(f).host
	name, _ := answer.Name.Peek()
	address, _ := answer.Address.Peek()
	for _, w := range append(strings.Fields(capture.Line), name, address) {
		if strings.EqualFold(w, host) || host == csluName && strings.HasPrefix(strings.ToLower(w), csluName+".") {
			return answer, host != ""
		}
	}
	return nil, false
}

// Parameters of fixes.

func hostParam(host string) diag.Param {
	return diag.Param{Name: "host", Value: host, Class: diag.ClassHost}
}

func vrfParam(vrf string) diag.Param {
	return diag.Param{Name: "vrf", Value: vrf, Class: diag.ClassVRF}
}

func interfaceParam(name string) diag.Param {
	return diag.Param{Name: "interface", Value: name, Class: diag.ClassIf}
}

// inTable is the key of something in a routing table: with its VRF, because the fixes differ.
func inTable(vrf, what string) string { return strings.TrimSpace(vrf + " " + what) }

// urlParam is a URL as a parameter: of the characters of a VRF name, which are those of a plain URL.
func urlParam(name, text string) diag.Param {
	return diag.Param{Name: name, Value: text, Class: diag.ClassVRF}
}

// inVRF chooses between the form of a fix for the global table and that for a VRF.
func inVRF(vrf string, global, inside diag.Fix) diag.Fix {
	if vrf == "" {
		return global
	}
	return inside
}
