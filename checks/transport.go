package checks

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// Endpoints of CSSM (knowledge A.2, A.6).
const (
	smartHost    = "smartreceiver.cisco.com"
	smartURL     = "https://smartreceiver.cisco.com/licservice/license"
	callhomeHost = "tools.cisco.com"
	callhomeURL  = "https://tools.cisco.com/its/service/oddce/services/DDCEService"
)

// labHost is a back end that is not production (knowledge A.2).
var labHost = regexp.MustCompile(`(?i)^smartreceiver-(?:dev|stage)\.cisco\.com$`)

// legacyPaths are the endpoints of SSM On-Prem from before SLP (knowledge A.2).
var legacyPaths = []string{"/SmartTransport", "/Transportgateway/services/DeviceRequestHandler"}

// sameURL compares scheme, host, port and path; a trailing slash and a port that the scheme implies do not
// matter.
func sameURL(a, b string) bool {
	x, err := url.Parse(a)
	y, err2 := url.Parse(b)
	return err == nil && err2 == nil && strings.EqualFold(x.Scheme, y.Scheme) &&
		strings.EqualFold(x.Hostname(), y.Hostname()) && portOf(x) == portOf(y) &&
		strings.TrimSuffix(x.Path, "/") == strings.TrimSuffix(y.Path, "/") && x.RawQuery == y.RawQuery
}

// portOf is the port of a URL, that of its scheme when it names none.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return ports[strings.ToLower(u.Scheme)]
}

// kindsOf are the transport types that fit a declared family (knowledge A.3).
var kindsOf = map[diag.Family]topology.Kind{
	diag.DS: topology.Smart, diag.DC: topology.CallHome, diag.CP: topology.CSLU, diag.OP: topology.CSLU,
	diag.PL: topology.CSLU, diag.OF: topology.Off,
}

// TransportType asks whether the transport can carry the intended way of reporting.
var TransportType = &diag.Check{
	ID:       "transport-type",
	Title:    "Transport type fits the topology",
	Why:      "With the wrong transport type reports go nowhere.",
	Severity: diag.High,
	Applies:  diag.AnySLP &^ diag.CT,
	Seed:     "knowledge B.4, A.2; S1:203,216,273,293",
	Judge:    judgeTransportType,
	Remedies: []diag.Fix{transportFix(topology.Smart), transportFix(topology.CallHome), transportFix(topology.CSLU), transportFix(topology.Off)},
}

// typeFault is transport-type as a cause: only when it contradicts the declared topology. That Cisco prefers
// another type explains nothing.
var typeFault = diag.ByWhen(typeContradicts, TransportType)

// typeContradicts: the transport type cannot serve the declared topology.
func typeContradicts(f *diag.Facts) bool {
	want, fixed := kindsOf[f.Topology.ID.Family()]
	kind := topology.Transport(f)
	return f.Topology.Declared && fixed && kind != "" && kind != want
}

// transportFix sets the transport type.
func transportFix(kind topology.Kind) diag.Fix {
	return saved(diag.Fix{
		Summary: "set the transport to " + string(kind),
		Config:  []string{"license smart transport " + string(kind)},
		Verify:  []string{"show license status"},
		Affects: "licensing traffic",
	})
}

func judgeTransportType(e *diag.Exam) diag.Verdict {
	t := licence(e.Facts).Transport.Type
	text := diag.Must(e, t)
	kind := topology.KindOf(text)
	args := diag.Args{"type": text, "topology": string(e.Topology.ID)}
	switch {
	case kind == "":
		return e.Unknown(diag.Unparsed, "unknown-type", "The transport type {type} is not known.", args).At(t.Source())
	case typeContradicts(e.Facts):
		return e.Fail("contradicts", "The transport type is {type}, which cannot serve the declared topology {topology}.", args).
			At(t.Source()).About(string(e.Topology.ID)).Mend(transportFix(kindsOf[e.Topology.ID.Family()]))
	case kind == topology.CallHome:
		return e.Warn("callhome", "The transport type {type} works; Cisco prefers smart for direct reporting.", args).
			At(t.Source()).As(diag.Low).About(string(kind)).Mend(transportFix(topology.Smart))
	case kind == topology.Automatic:
		return e.Warn("automatic", "The transport type {type} is unusual: the agent chooses by itself.", args).At(t.Source()).As(diag.Low).About(string(kind))
	}
	return e.Pass("fits", "The transport type is {type}.", args).At(t.Source())
}

// TransportLegacyPath finds endpoints of the classic model.
var TransportLegacyPath = &diag.Check{
	ID:       "transport-legacy-path",
	Title:    "No endpoint of the classic model is left",
	Why:      "Endpoints of SSM On-Prem from before SLP do not understand usage reports.",
	Severity: diag.High,
	Applies:  diag.AnySLP &^ diag.CT,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowCallHomeSmartLicensing.Command, &iosxe.ShowCallHomeProfiles.Command},
	Seed:     "knowledge B.4, A.2",
	Judge:    judgeLegacyPath,
	Remedies: []diag.Fix{fixOnpremURL, fixUnusedURL},
}

func judgeLegacyPath(e *diag.Exam) diag.Verdict {
	t := licence(e.Facts).Transport
	current := t.URL
	if topology.Transport(e.Facts) == topology.CallHome {
		urls := callhomeURLs(e.Facts)
		list, _ := urls.Peek()
		if current = diag.Present(strings.Join(list, " "), urls.Source()); !urls.Known() {
			current = diag.Missing[string](urls.Why())
		}
	}
	if text, ok := current.Peek(); ok && legacy(text) {
		return e.Fail("in-use", "{url} is an endpoint of the classic model: it does not understand usage reports.",
			diag.Args{"url": text}).At(current.Source()).About(text).Mend(fixOnpremURL)
	}
	if c, _ := iosxe.RunningServices.Partial(e.Facts); c != nil {
		for _, l := range c.Lines("license smart url") {
			if words := l.Words(); legacy(l.Text) {
				return e.Fail("configured", "{url} is configured, an endpoint of the classic model.", diag.Args{"url": words[len(words)-1]}).
					At(l.At).About(words[len(words)-1]).Mend(fixUnusedURL)
			}
		}
	}
	switch topology.KindOf(diag.Must(e, t.Type)) {
	case topology.Off:
		return e.Pass("off", "The transport is off: no endpoint is used.").At(t.Type.Source())
	default:
		diag.Need(e, current)
	}
	return e.Pass("none", "The endpoint is not one of the classic model.").At(current.Source())
}

func legacy(text string) bool {
	return slices.ContainsFunc(legacyPaths, func(p string) bool { return strings.Contains(text, p) })
}

// TransportURLVsType finds a URL that is stored for a type that is not active.
var TransportURLVsType = &diag.Check{
	ID:       "transport-url-vs-type",
	Title:    "Configured URL belongs to the transport type",
	Why:      "A URL for another transport type is never used.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP &^ diag.CT,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command},
	Causes:   typeFault,
	Seed:     "knowledge B.4",
	Judge:    judgeURLVsType,
	Remedies: []diag.Fix{fixUnusedURL, transportFix(topology.CSLU), transportFix(topology.Smart)},
}

// fixUnusedURL removes a URL that the transport does not use.
var fixUnusedURL = diag.Fix{
	Summary: "remove the URL that is not used",
	Verify:  []string{"show license status"},
	Manual:  []string{"when the transport is right: enter the configured line with no in front of it, then " + saveLine},
	Affects: "nothing: the URL is not used",
}

func judgeURLVsType(e *diag.Exam) diag.Verdict {
	t := licence(e.Facts).Transport.Type
	text := diag.Must(e, t)
	kind := topology.KindOf(text)
	c, whole := configuration(e, iosxe.RunningServices)
	for _, l := range c.Lines("license smart url") {
		of := topology.Smart
		words := strings.Fields(l.After("license smart url"))
		switch {
		case len(words) == 0 || words[0] == "default" || words[0] == "utility":
			continue
		case words[0] == "cslu" || strings.Contains(l.Text, "/cslu/"):
			of = topology.CSLU
		}
		if of != kind {
			args := diag.Args{"url": words[len(words)-1], "belongs": string(of), "type": text}
			return e.Warn("mismatch", "{url} is stored for transport {belongs}, but the transport is {type}.", args).
				At(l.At, t.Source()).About(words[len(words)-1]).Mend(fixUnusedURL, transportFix(of))
		}
	}
	return e.Pass("fits", "No URL is stored for another transport.").At(whole, t.Source())
}

// TransportSmartURL asks for the URL of CSSM.
var TransportSmartURL = &diag.Check{
	ID:       "transport-smart-url",
	Title:    "Smart transport URL is CSSM's",
	Why:      "With another URL the device never reaches CSSM.",
	Severity: diag.High,
	Applies:  diag.DS,
	Causes:   slices.Concat(typeFault, diag.By(TransportLegacyPath)),
	Seed:     "knowledge B.4; S1:205",
	Judge:    judgeSmartURL,
	Remedies: []diag.Fix{fixSmartURL, fixExpectedSmart},
}

// fixExpectedSmart sets the URL of the inventory.
var fixExpectedSmart = saved(diag.Fix{
	Summary: "set the URL that the inventory expects",
	Config:  []string{"license smart url smart <url>"},
	Exec:    []string{syncLine},
	Verify:  []string{"show license status"},
	Affects: "licensing traffic",
})

var fixSmartURL = saved(diag.Fix{
	Summary: "set the URL of CSSM",
	Config:  []string{"license smart transport smart", "license smart url smart " + smartURL},
	Exec:    []string{syncLine},
	Verify:  []string{"show license status"},
	Affects: "licensing traffic",
})

func judgeSmartURL(e *diag.Exam) diag.Verdict {
	v := licence(e.Facts).Transport.URL
	text, ok := diag.Need(e, v)
	args := diag.Args{"url": text, "want": smartURL}
	fix, expected := fixSmartURL, e.Device.Expect.URL
	if expected != "" {
		args["want"], fix = expected, fixExpectedSmart.With(urlParam("url", expected))
	}
	u, err := url.Parse(text)
	switch {
	case !ok:
		return e.Fail("empty", "The transport is smart without a URL; it must be {want}.", args).At(v.Source()).About(expected).Mend(fix)
	case expected != "" && sameURL(text, expected):
		return e.Pass("expected", "The URL is the expected one, {url}.", args).At(v.Source())
	case expected != "":
		return e.Fail("unexpected", "The URL is {url}; the inventory expects {want}.", args).At(v.Source()).About(text).Mend(fix)
	case sameURL(text, smartURL):
		return e.Pass("cssm", "The URL is {url}.", args).At(v.Source())
	case err == nil && labHost.MatchString(u.Hostname()):
		return e.Warn("lab", "{url} is a test system of Cisco, not production.", args).At(v.Source()).About(text).Mend(fixSmartURL)
	}
	return e.Fail("wrong", "The URL is {url}; CSSM is {want}.", args).At(v.Source()).About(text).Mend(fixSmartURL)
}

// TransportOff asks whether offline reporting is meant.
var TransportOff = &diag.Check{
	ID:       "transport-off",
	Title:    "Offline transport is intended",
	Why:      "An offline device depends on files that somebody must carry.",
	Severity: diag.Medium,
	Applies:  diag.OF,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command},
	Causes:   typeFault,
	Seed:     "knowledge B.4; S1:378-382,508",
	Judge:    judgeTransportOff,
	Remedies: []diag.Fix{transportFix(topology.CSLU), transportFix(topology.Smart)},
}

func judgeTransportOff(e *diag.Exam) diag.Verdict {
	t := licence(e.Facts).Transport.Type
	text := diag.Must(e, t)
	c, _ := configuration(e, iosxe.RunningServices)
	for _, prefix := range []string{"license smart url cslu", "license smart url smart", "license smart proxy address"} {
		if l, ok := c.First(prefix); ok {
			kind := topology.Smart
			if strings.HasSuffix(prefix, "cslu") {
				kind = topology.CSLU
			}
			return e.Warn("unintended", "The transport is off, yet {line} is configured: somebody expected reports to be sent.",
				diag.Args{"line": l.Text}).At(t.Source(), l.At).About(string(kind)).Mend(transportFix(kind))
		}
	}
	return e.Inform("offline", "The transport is {type}: usage files are carried by hand.", diag.Args{"type": text}).At(t.Source())
}

// TransportProxy asks for both halves of a proxy.
var TransportProxy = &diag.Check{
	ID:       "transport-proxy",
	Title:    "Proxy settings are complete",
	Why:      "Half a proxy, or one on the wrong side, blocks all licensing traffic.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command},
	Causes:   typeFault,
	Seed:     "knowledge B.4",
	Judge:    judgeProxy,
	Remedies: []diag.Fix{fixProxyPort, fixProxyAddress, fixNoProxy, fixCallhomeProxy},
}

var (
	fixProxyPort = saved(diag.Fix{
		Summary: "give the proxy its port",
		Config:  []string{"license smart proxy address <proxy>", "license smart proxy port <port>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Affects: "licensing traffic",
	})
	fixProxyAddress = saved(diag.Fix{
		Summary: "give the proxy its address",
		Config:  []string{"license smart proxy address <proxy>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Affects: "licensing traffic",
	})
	fixNoProxy = saved(diag.Fix{
		Summary: "remove the proxy, unless the server is really behind it",
		Config:  []string{"no license smart proxy address", "no license smart proxy port"},
		Verify:  []string{"show license status"},
		Affects: "licensing traffic",
	})
	fixCallhomeProxy = saved(diag.Fix{
		Summary: "set the proxy in call home, which ignores the one of smart transport",
		Config:  []string{"call-home", `http-proxy "<proxy>" port <port>`, "exit", "no license smart proxy address", "no license smart proxy port"},
		Verify:  []string{"show call-home"},
		Affects: "licensing traffic and call home",
	})
)

func judgeProxy(e *diag.Exam) diag.Verdict {
	proxy := licence(e.Facts).Transport.Proxy
	address, port := proxy.Address, proxy.Port
	if e.Topology.ID.Family() == diag.DC {
		address = address.Or(setting(e.Facts, iosxe.RunningServices, "license smart proxy address"))
		text, _ := diag.Need(e, address)
		if text != "" {
			return e.Warn("ignored", "The smart transport proxy {proxy} is ignored by transport callhome.", diag.Args{"proxy": text}).
				At(address.Source()).About(text).Mend(fixCallhomeProxy.With(diag.Param{Name: "proxy", Value: text, Class: diag.ClassHost}))
		}
		return e.Pass("none", "No smart transport proxy is set; call home would ignore it.").At(address.Source())
	}
	host, hasHost := diag.Need(e, address)
	number, hasPort := diag.Need(e, port)
	args := diag.Args{"proxy": host, "port": number}
	at := []diag.Source{address.Source(), port.Source()}
	hostParam := diag.Param{Name: "proxy", Value: host, Class: diag.ClassHost}
	switch {
	case hasHost && !hasPort:
		return e.Fail("no-port", "The proxy {proxy} has no port.", args).At(at...).About(host).Mend(fixProxyPort.With(hostParam))
	case hasPort && !hasHost:
		return e.Fail("no-address", "A proxy port {port} is set without an address.", args).At(at...).Mend(fixProxyAddress)
	case !hasHost:
		return e.Pass("none", "No proxy is set.").At(at...)
	}
	host = host + ":" + strconv.Itoa(number)
	if p := peers.Of(e.Facts); e.Topology.ID.Family()&(diag.CP|diag.OP) != 0 && p.isPrivate() {
		args["peer"] = p.host
		return e.Warn("local-peer", "Traffic to {peer} in the local network is sent through the proxy {proxy}.", args).
			At(append(at, p.source)...).About(host).Mend(fixNoProxy)
	}
	return e.Pass("complete", "The proxy is {proxy}, port {port}.", args).At(at...)
}

// isPrivate reports whether the peer's host is an address of a private network.
func (p peer) isPrivate() bool {
	a, err := netip.ParseAddr(p.host)
	return err == nil && a.IsPrivate()
}

var transportChecks = []*diag.Check{TransportType, TransportSmartURL, TransportCallhomeURL, TransportOff, TransportLegacyPath,
	TransportURLVsType, TransportProxy, TransportVRF, TransportServerIdentity, TransportIPMode}
