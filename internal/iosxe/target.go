package iosxe

import (
	"net/netip"
	"net/url"
	"strings"

	"slpdoctor/internal/diag"
)

// PingTarget is where licensing traffic of a device goes first: the proxy if one is set, else the host of
// the transport URL (product contract, section 3).
type PingTarget struct {
	Host      string // name or address
	VRF       string // "" for the global table
	Interface string // source interface, "" when none is configured
	Proxy     bool   // whether Host is a proxy
}

// The names that stand for a target without a URL.
const (
	zeroTouchName = "cslu-local"
	callHomeName  = "tools.cisco.com"
)

// targetNeeds is what Target reads; the call-home commands and show vrf add to it when they are there.
var targetNeeds = []*diag.Command{
	&ShowVersion.Command, &ShowLicenseTechSupport.Command, &ShowLicenseAll.Command, &ShowLicenseStatus.Command,
	&RunningServices.Command,
}

// Target finds the target of a device, or says why it has none: a topology in which the device calls
// nobody, a transport that is not known, a URL without a host.
func Target(f *diag.Facts) (PingTarget, diag.NotSent) {
	license := LicenseView.Of(f)
	if slp, ok := license.SLP.Peek(); ok && !slp {
		return noTarget("classic smart licensing")
	}
	if version, ok := ShowVersion.Of(f).Peek(); ok {
		if mode, _ := version.Mode.Peek(); strings.HasPrefix(mode, "Controller") {
			return noTarget("a controller reports for this device")
		}
	}
	if f.Device.Topology.Family()&(diag.OF|diag.PL|diag.CT|diag.SL) != 0 {
		return noTarget("in topology " + string(f.Device.Topology) + " the device calls nobody")
	}
	kind, ok := license.Transport.Type.Peek()
	if !ok {
		return PingTarget{}, diag.NotSent{Reason: license.Transport.Type.Why(), Detail: "the transport type is not known"}
	}
	switch kind = strings.ToLower(kind); {
	case strings.Contains(kind, "off"):
		return noTarget("the transport is off")
	case strings.Contains(kind, "callhome"):
		return callHomeTarget(f, license)
	case strings.Contains(kind, "cslu") && pulled(f, license):
		return noTarget("a collector pulls the reports, the device calls nobody")
	}
	target := PingTarget{Interface: sourceInterface(f)}
	target.VRF = vrfOf(f, license.Transport.VRF, target.Interface)
	if proxy, ok := license.Transport.Proxy.Address.Peek(); ok {
		target.Host, target.Proxy = proxy, true
		return target, diag.NotSent{}
	}
	address, ok := license.Transport.URL.Peek()
	switch {
	case ok:
		return target.of(address)
	case license.Transport.URL.IsNone() && strings.Contains(kind, "cslu"):
		target.Host = zeroTouchName
		return target, diag.NotSent{}
	}
	return PingTarget{}, diag.NotSent{Reason: diag.NotCollected, Detail: "no transport URL is set"}
}

func noTarget(why string) (PingTarget, diag.NotSent) {
	return PingTarget{}, diag.NotSent{Reason: diag.NotCollected, Detail: why}
}

// of takes the host out of a URL.
func (p PingTarget) of(address string) (PingTarget, diag.NotSent) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return PingTarget{}, diag.NotSent{Reason: diag.Unparsed, Detail: "the transport URL has no host"}
	}
	p.Host = u.Hostname()
	return p, diag.NotSent{}
}

// callHomeTarget is the target of transport callhome, whose URL, proxy and VRF are those of call home.
func callHomeTarget(f *diag.Facts, license *License) (PingTarget, diag.NotSent) {
	target := PingTarget{Host: callHomeName, Interface: sourceInterface(f)}
	address := license.Transport.URL
	if licensing, ok := ShowCallHomeSmartLicensing.Of(f).Peek(); ok && !address.Known() {
		if urls, ok := licensing.URLs.Peek(); ok && len(urls) > 0 {
			address = diag.Present(urls[0], licensing.URLs.Source())
		}
	}
	var vrf diag.Value[string]
	if settings, ok := ShowCallHome.Of(f).Peek(); ok {
		vrf = settings.VRF
		if proxy, ok := settings.HTTPProxy.Peek(); ok {
			host, _ := firstWord(proxy)
			host, _, _ = strings.Cut(host, ":")
			target.Host, target.Proxy = host, true
		}
	}
	target.VRF = vrfOf(f, vrf, target.Interface)
	if to, ok := address.Peek(); ok && !target.Proxy {
		return target.of(to)
	}
	return target, diag.NotSent{}
}

// pulled reports a device whose reports are collected by CSLU, SSM On-Prem or Catalyst Center (knowledge
// A.3): it knows no address, greets nobody, and got an ACK without having pushed a report, while it serves
// HTTP or NETCONF.
func pulled(f *diag.Facts, license *License) bool {
	if !license.Transport.URL.IsNone() {
		return false
	}
	if hello, ok := license.Communication.Channel("Hello Message"); ok {
		if n, _ := hello.Total.Peek(); n > 0 {
			return false
		}
	}
	ack, acked := license.Usage.LastAck.Peek()
	push, pushed := license.Usage.LastReportPush.Peek()
	if !acked || (pushed && push.Sub(ack) >= 0) {
		return false
	}
	config, ok := RunningServices.Of(f).Peek()
	return ok && (config.Has("ip http server") || config.Has("ip http secure-server") || config.Has("netconf-yang") ||
		config.Has("restconf"))
}

// sourceInterface is the configured source interface of the HTTP client, "" when there is none.
func sourceInterface(f *diag.Facts) string {
	config, ok := RunningServices.Of(f).Peek()
	if !ok {
		return ""
	}
	line, _ := config.First("ip http client source-interface")
	return line.After("ip http client source-interface")
}

// vrfOf is the VRF that the traffic takes: the configured one, else that of the source interface, because
// the HTTP client follows it.
func vrfOf(f *diag.Facts, configured diag.Value[string], source string) string {
	if name, ok := configured.Peek(); ok {
		return name
	}
	if vrfs, ok := ShowVRF.Of(f).Peek(); ok && source != "" {
		if v, ok := vrfs.Holding(source); ok {
			return v.Name
		}
	}
	return ""
}

// fillLine makes the line of a template for a target. A parameter that is not of its class is not sent.
func fillLine(c *diag.Command, target PingTarget, to string) (string, diag.NotSent) {
	line, err := c.Template.Fill(map[diag.Class]string{
		diag.ClassHost: to, diag.ClassIP: to, diag.ClassVRF: target.VRF, diag.ClassIf: target.Interface,
	})
	if err != nil {
		return "", diag.NotSent{Reason: diag.Unparsed, Detail: err.Error()}
	}
	return line, diag.NotSent{}
}

// targetAddress is the address of the target: itself when it is one, else what the ping printed.
func targetAddress(f *diag.Facts, target PingTarget) (netip.Addr, diag.NotSent) {
	if a, err := netip.ParseAddr(target.Host); err == nil {
		return a, diag.NotSent{}
	}
	result, why := Ping.Partial(f)
	if result == nil {
		if why == diag.NotCollected {
			return netip.Addr{}, diag.NotSent{Reason: why, Detail: "the address of the target is not known without the ping"}
		}
		return netip.Addr{}, diag.NotSent{Reason: diag.Blocked, Detail: "the ping printed no address"}
	}
	printed, _ := result.Address.Peek()
	a, err := netip.ParseAddr(printed)
	if err != nil {
		return netip.Addr{}, diag.NotSent{Reason: diag.Blocked, Detail: "the name of the target did not resolve"}
	}
	return a, diag.NotSent{}
}
