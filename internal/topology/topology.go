// Package topology tells how usage reports of a product instance reach CSSM. It is one ordered table of
// rules over facts: the first that matches wins (knowledge A.3). The engine uses it; checks see its
// answer in their facts.
package topology

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// Needs are the commands the rules read beside those that are always collected.
var Needs = []*diag.Command{&iosxe.RunningServices.Command, &iosxe.RunningNames.Command}

// facts is what the rules look at.
type facts struct {
	*diag.Facts
	license *iosxe.License
	version *iosxe.Version
	kind    Kind     // of the transport
	url     *url.URL // of the transport, nil when there is none or it is malformed
	urlText string   // as printed
	urlNone bool     // the device printed an empty address
}

// Kind is the transport type in one word.
type Kind string

// The kinds of transport; the empty Kind is unknown.
const (
	Smart     Kind = "smart"
	CSLU      Kind = "cslu"
	CallHome  Kind = "callhome"
	Off       Kind = "off"
	Automatic Kind = "automatic"
)

// KindOf reads the transport type as the device words it: Smart, cslu, Callhome, Transport Off.
func KindOf(text string) Kind {
	text = strings.ToLower(text)
	for _, k := range []Kind{Smart, CSLU, CallHome, Off, Automatic} {
		if strings.Contains(text, string(k)) {
			return k
		}
	}
	return ""
}

// Transport is the kind of transport of a device; "" when it is not known.
func Transport(f *diag.Facts) Kind {
	t, _ := iosxe.LicenseView.Of(f).Transport.Type.Peek()
	return KindOf(t)
}

type rule struct {
	id         diag.TopologyID
	confidence string
	words      string
	holds      func(facts) bool
}

var rules = []rule{
	{diag.UnsupportedOS, "certain", "show version does not name IOS XE", func(f facts) bool {
		os, ok := f.version.OS.Peek()
		return ok && os != "IOS XE"
	}},
	{diag.ClassicSL, "certain", "the licence output has a Registration block and no Smart Licensing Using Policy block", func(f facts) bool {
		slp, ok := f.license.SLP.Peek()
		return ok && !slp
	}},
	{diag.ControllerVManage, "certain", "Router operating mode is Controller-Managed", func(f facts) bool {
		mode, _ := f.version.Mode.Peek()
		return strings.EqualFold(mode, "Controller-Managed")
	}},
	{diag.Offline, "certain", "transport type is off", func(f facts) bool { return f.kind == Off }},
	{diag.DirectSmart, "certain", "transport type is smart and the URL's host is CSSM", func(f facts) bool {
		return f.kind == Smart && f.url != nil && cssmHost.MatchString(f.url.Hostname())
	}},
	{diag.SmartCustom, "certain", "transport type is smart and the URL's host is not CSSM", func(f facts) bool {
		return f.kind == Smart && f.urlText != ""
	}},
	{diag.DirectSmart, "medium", "transport type is smart, and no URL is known", func(f facts) bool { return f.kind == Smart }},
	{diag.CallhomeOnpremLegacy, "certain", "transport type is callhome and the URL is a transport gateway", func(f facts) bool {
		return f.kind == CallHome && strings.Contains(f.callHomeURL(), "/Transportgateway/")
	}},
	{diag.DirectCallhome, "certain", "transport type is callhome", func(f facts) bool {
		_, why := iosxe.ShowCallHomeSmartLicensing.Partial(f.Facts)
		return f.kind == CallHome && (f.callHomeURL() != "" || why == "")
	}},
	{diag.DirectCallhome, "medium", "transport type is callhome, and no destination is known", func(f facts) bool { return f.kind == CallHome }},
	{diag.OnpremPush, "high", "the CSLU address has a tenant behind /cslu/v1/pi/", func(f facts) bool {
		return f.kind == CSLU && f.url != nil && tenantPath.MatchString(f.url.EscapedPath())
	}},
	{diag.CSLUPush, "high", "transport type is cslu with an address", func(f facts) bool { return f.kind == CSLU && f.urlText != "" }},
	{diag.Pull, "medium", "transport type is cslu without an address, ACKs come although no report is pushed, and an HTTP server or NETCONF is configured; which collector pulls cannot be seen (CSLU, SSM On-Prem or Catalyst Center)", facts.pulled},
	{diag.DefaultUnconfigured, "high", "transport type is cslu without an address, nothing was ever acknowledged or trusted, and nothing that finds cslu-local is configured", facts.unconfigured},
	{diag.CSLUZeroTouch, "medium", "transport type is cslu without an address: CSLU is looked up as cslu-local; an unconfigured device looks the same", func(f facts) bool {
		return f.kind == CSLU && f.urlNone && f.maybePulled() == ""
	}},
}

var (
	cssmHost   = regexp.MustCompile(`(?i)^smartreceiver(-dev|-stage)?\.cisco\.com$`)
	tenantPath = regexp.MustCompile(`^/cslu/v1/pi/[^/]+$`)
)

// Infer is the topology of a device: the declared one, else that of the first rule that matches. The zero
// Topology means that no rule matched, for the reason returned. What a device certainly is — another operating system, classic
// licensing — cannot be declared away.
func Infer(f *diag.Facts) (diag.Topology, diag.Reason) {
	v, _ := iosxe.ShowVersion.Partial(f)
	if v == nil {
		v = &iosxe.Version{}
	}
	x := facts{Facts: f, license: iosxe.LicenseView.Of(f), version: v, kind: Transport(f)}
	x.urlNone = x.license.Transport.URL.IsNone()
	if text, ok := x.license.Transport.URL.Peek(); ok {
		x.urlText = text
		x.url, _ = url.Parse(text)
	}
	found := diag.Topology{}
	for _, r := range rules {
		if r.holds(x) {
			found = diag.Topology{ID: r.id, Confidence: r.confidence, Rule: r.words}
			break
		}
	}
	if d := f.Device.Topology; d != "" && found.ID != diag.UnsupportedOS && found.ID != diag.ClassicSL {
		rule := "declared by the operator"
		if found.ID != "" && found.ID != d {
			rule += "; the device looks like " + string(found.ID) + ": " + found.Rule
		}
		return diag.Topology{ID: d, Confidence: "declared", Declared: true, Rule: rule}, ""
	}
	if found.ID == "" {
		return found, x.untold()
	}
	return found, ""
}

// untold is why no rule matches.
func (f facts) untold() diag.Reason {
	t := f.license.Transport
	switch {
	case f.kind == Automatic: // the agent chooses
		return diag.Manual
	case f.kind == CSLU:
		return cmp.Or(t.URL.Why(), f.maybePulled(), diag.Unparsed)
	}
	return cmp.Or(t.Type.Why(), diag.Unparsed)
}

// callHomeURL is the destination of licensing messages by call home, "" when it is not known.
func (f facts) callHomeURL() string {
	if f.urlText != "" {
		return f.urlText
	}
	if s, _ := iosxe.ShowCallHomeSmartLicensing.Partial(f.Facts); s != nil {
		urls, _ := s.URLs.Peek()
		return strings.Join(urls, " ")
	}
	return ""
}

// pulled recognises a device whose reports are fetched.
func (f facts) pulled() bool {
	if f.kind != CSLU || !f.urlNone {
		return false
	}
	ack, acked := f.license.Usage.LastAck.Peek()
	if !acked {
		return false
	}
	push, pushed := f.license.Usage.LastReportPush.Peek()
	if pushed && push.Sub(ack) >= 0 || !pushed && !f.license.Usage.LastReportPush.IsNone() {
		return false
	}
	c, why := iosxe.RunningServices.Partial(f.Facts)
	return why == "" && c != nil && (c.Has("netconf-yang") ||
		(c.Has("ip http server") || c.Has("ip http secure-server")) && c.Has("ip http authentication"))
}

// maybePulled is why it cannot be told that nothing fetches the reports: it is not known whether an ACK came, or one
// came although no report was ever pushed, and the configuration was not seen. "" when it can be told.
func (f facts) maybePulled() diag.Reason {
	u := f.license.Usage
	if !u.LastAck.Known() {
		return u.LastAck.Why()
	}
	if u.LastAck.IsNone() || !u.LastReportPush.IsNone() {
		return ""
	}
	_, why := iosxe.RunningServices.Partial(f.Facts)
	return why
}

// unconfigured recognises a device on which nobody has set up reporting. Configuration that was not seen
// does not speak against it.
func (f facts) unconfigured() bool {
	u := f.license.Usage
	if f.kind != CSLU || !f.urlNone || !u.LastAck.IsNone() || trusted(f.license) {
		return false
	}
	if hello, ok := f.license.Communication.Channel("Hello Message"); ok {
		if n, _ := hello.Success.Peek(); n > 0 {
			return false
		}
	}
	c, _ := iosxe.RunningNames.Partial(f.Facts)
	if c == nil {
		return true
	}
	for _, l := range c.Lines("ip host") {
		for _, w := range l.Words() {
			if strings.EqualFold(w, "cslu-local") || strings.HasPrefix(strings.ToLower(w), "cslu-local.") {
				return false
			}
		}
	}
	return !c.Has("ip domain name") && !c.Has("ip domain-name") && !c.Has("ip domain list") && !c.Has("ip name-server")
}

func trusted(l *iosxe.License) bool {
	codes, ok := l.TrustCodes.Peek()
	if ok && len(codes) > 0 {
		return true
	}
	overall, _ := l.OverallTrust.Peek()
	return strings.HasPrefix(overall, "INSTALLED")
}
