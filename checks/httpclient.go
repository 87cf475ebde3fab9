package checks

import (
	"slices"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// smallTimeout is the shortest timer of the HTTP client, in seconds, that leaves a distant server time to
// answer (EJ).
const smallTimeout = 5

// oldTLS are the versions that Cisco's servers no longer speak (knowledge B.11).
var oldTLS = []string{"TLSV1.0", "TLSV1.1"}

// modernSuites are words in the names of the cipher suites of TLS 1.2 and later.
var modernSuites = []string{"gcm", "sha2", "poly1305", "tls13"}

var (
	fixSource = saved(diag.Fix{
		Summary: "set the source interface of the HTTP client",
		Config:  []string{"ip http client source-interface <interface>"},
		Verify:  []string{"show ip http client all", "show ip interface brief"},
		Affects: "all traffic of the HTTP client, copying files over HTTP included",
	})
	fixSecureTrustpoint = saved(diag.Fix{
		Summary: "bind the HTTP client to SLA-TrustPoint",
		Config:  []string{"ip http client secure-trustpoint SLA-TrustPoint"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status", "show logging | include SMART_LIC"},
		Manual:  []string{"no other trustpoint name is allowed here"},
		Affects: "all HTTPS connections of the HTTP client",
	})
	fixTLSVersion = saved(diag.Fix{
		Summary: "let the HTTP client speak TLS 1.2",
		Config:  []string{"ip http client tls-version TLSv1.2"},
		Exec:    []string{syncLine},
		Verify:  []string{"show ip http client secure status", "show license status"},
		Affects: "all HTTPS connections of the HTTP client",
	})
	fixSuites = saved(diag.Fix{
		Summary: "lift the restriction of cipher suites",
		Config:  []string{"no ip http client secure-ciphersuite"},
		Exec:    []string{syncLine},
		Verify:  []string{"show ip http client secure status", "show license status"},
		Affects: "all HTTPS connections of the HTTP client",
	})
	fixSmartProxy = saved(diag.Fix{
		Summary: "give the licence agent the proxy",
		Config:  []string{"license smart proxy address <proxy>", "license smart proxy port <port>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Affects: "licensing traffic",
	})
	fixConnectTimeout = saved(diag.Fix{
		Summary: "use the default connection timeout",
		Config:  []string{"no ip http client connection timeout"},
		Verify:  []string{"show ip http client all"},
		Affects: "all traffic of the HTTP client",
	})
	fixResponseTimeout = saved(diag.Fix{
		Summary: "use the default response timeout",
		Config:  []string{"no ip http client response timeout"},
		Verify:  []string{"show ip http client all"},
		Affects: "all traffic of the HTTP client",
	})
)

// HTTPClientSourceInterface asks whether licensing traffic leaves by the right interface.
var HTTPClientSourceInterface = &diag.Check{
	ID:       "httpclient-source-interface",
	Title:    "The HTTP client's source interface is right",
	Why:      "From a wrong source address answers never come back, or a firewall drops the traffic.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(exitReads, []*diag.Command{&iosxe.ShowIPInterfaceBrief.Command}),
	Causes:   diag.By(ReachInterface, TransportVRF),
	Seed:     "knowledge B.11; S1:245-247",
	Judge:    judgeSourceInterface,
	Remedies: []diag.Fix{fixSource},
}

func judgeSourceInterface(e *diag.Exam) diag.Verdict {
	want := e.Device.Expect.SourceInterface
	fix := fixSource.With(interfaceParam(want))
	source := exits.Of(e.Facts).name
	name, set := diag.Need(e, source)
	args := diag.Args{"interface": name, "want": want}
	switch {
	case !set && want != "":
		return e.Fail("missing", "No source interface is set for the HTTP client; the inventory expects {want}.", args).
			At(source.Source()).About(want).Mend(fix)
	case !set:
		return e.Warn("none", "No source interface is set for the HTTP client: the route to the server chooses it.", args).
			At(source.Source()).As(diag.Low).Mend(fix)
	case want != "" && !iosxe.SameInterface(name, want):
		return e.Fail("other", "The HTTP client's source interface is {interface}; the inventory expects {want}.", args).
			At(source.Source()).About(want).Mend(fix)
	}
	i, ok := diag.Must(e, iosxe.ShowIPInterfaceBrief.Of(e.Facts)).Find(name)
	if !ok {
		return e.Fail("no-such-interface", "The HTTP client's source interface {interface} does not exist.", args).
			At(source.Source(), iosxe.ShowIPInterfaceBrief.Of(e.Facts).Source()).About(name).Mend(fix)
	}
	address, addressed := diag.Need(e, i.Address)
	args["address"] = address
	switch {
	case !i.Up():
		return e.Fail("down", "The HTTP client's source interface {interface} is not up.", args).At(source.Source(), i.At).About(name).Mend(fix)
	case !addressed:
		return e.Fail("unassigned", "The HTTP client's source interface {interface} has no address.", args).At(source.Source(), i.At).About(name).Mend(fix)
	}
	return judgeSourceVRF(e, i, source, args)
}

// judgeSourceVRF judges a source interface that works by the VRF of the traffic.
func judgeSourceVRF(e *diag.Exam, i iosxe.Interface, source diag.Value[string], args diag.Args) diag.Verdict {
	traffic := exits.Of(e.Facts).vrf
	if vrf, set := traffic.Peek(); set {
		held := vrfOf(e.Facts, i.Name)
		in, _ := diag.Need(e, held)
		args["vrf"], args["in"] = vrf, in
		switch in {
		case vrf:
		case "":
			return e.Fail("global", "Licensing traffic belongs to VRF {vrf}, but its source interface {interface} is in the global table.", args).
				At(source.Source(), traffic.Source(), held.Source()).About(vrf).Mend(fixSource)
		default:
			return e.Fail("vrf", "Licensing traffic belongs to VRF {vrf}, but its source interface {interface} is in {in}.", args).
				At(source.Source(), traffic.Source(), held.Source()).About(vrf).Mend(fixSource)
		}
	}
	return e.Pass("up", "Licensing traffic leaves from {interface}, {address}.", args).At(source.Source(), i.At)
}

// HTTPClientSecureTrustpoint asks which certificate the HTTP client shows.
var HTTPClientSecureTrustpoint = &diag.Check{
	ID:       "httpclient-secure-trustpoint",
	Title:    "The HTTP client uses SLA-TrustPoint",
	Why:      "TLS needs a certificate on both sides, and an upgrade of the server may have removed it.",
	Severity: diag.Medium,
	Applies:  diag.Direct,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowHTTPClientSecure.Command, &iosxe.ShowLogging.Command},
	Causes: slices.Concat(diag.By(TrustpointSLAPresent, TrustpointPoolRoot, DNSResolve, ReachRoute), transportFaults,
		under(clockBreaks, clockFaults)),
	Seed:     "knowledge B.11, D5; S1:185-191,199-201",
	Judge:    judgeSecureTrustpoint,
	Remedies: []diag.Fix{fixSecureTrustpoint},
}

func judgeSecureTrustpoint(e *diag.Exam) diag.Verdict {
	v := setting(e.Facts, iosxe.RunningServices, "ip http client secure-trustpoint").
		Or(read(e.Facts, iosxe.ShowHTTPClientSecure, func(c *iosxe.HTTPClient) diag.Value[string] { return c.SecureTrustpoint }))
	name, set := diag.Need(e, v)
	args := diag.Args{"trustpoint": name}
	switch x := exchanges.Of(e.Facts); {
	case set && name == iosxe.SLATrustpoint:
		return e.Pass("bound", "The HTTP client uses {trustpoint}.", args).At(v.Source())
	case set:
		return e.Fail("other", "The HTTP client uses the trustpoint {trustpoint}; only SLA-TrustPoint is allowed.", args).
			At(v.Source()).About(name).Mend(fixSecureTrustpoint)
	case x.kind == message.TLS && x.failed != nil && x.current() && !x.fromOther:
		return e.Fail("unbound", "TLS fails and no client certificate is bound. This is no outage and no fault of the configuration: "+
			"an upgrade of the server may have removed the certificate that TLS needs on both sides.", args).
			At(v.Source(), logSource(e.Facts, *x.failed)).Mend(fixSecureTrustpoint)
	}
	return e.Warn("none", "No client certificate is bound to the HTTP client; nothing points at a TLS failure.", args).
		At(v.Source()).As(diag.Low).Mend(fixSecureTrustpoint)
}

// HTTPClientTLS asks whether the client and the server have a TLS version and a cipher in common.
var HTTPClientTLS = &diag.Check{
	ID:       "httpclient-tls",
	Title:    "The HTTP client speaks current TLS",
	Why:      "With an old version or without a common cipher no connection comes about.",
	Severity: diag.Medium,
	Applies:  diag.DS | diag.DC | diag.OP,
	Reads:    slices.Concat(nameReads, []*diag.Command{&iosxe.RunningServices.Command}),
	Causes:   transportFaults,
	Seed:     "knowledge B.11, OQ-24",
	Judge:    judgeTLS,
	Remedies: []diag.Fix{fixTLSVersion, fixSuites},
}

func judgeTLS(e *diag.Exam) diag.Verdict {
	if !overTLS(e) {
		return e.NotApplicable("http", "The licensing server is not contacted over https.")
	}
	version := setting(e.Facts, iosxe.RunningServices, "ip http client tls-version")
	pinned, _ := diag.Need(e, version)
	args := diag.Args{"version": pinned}
	if slices.Contains(oldTLS, strings.ToUpper(pinned)) {
		return e.Warn("old", "The HTTP client is pinned to {version}; Cisco's servers want 1.2 or later.", args).
			At(version.Source()).About(pinned).Mend(fixTLSVersion)
	}
	suites := setting(e.Facts, iosxe.RunningServices, "ip http client secure-ciphersuite")
	list, limited := suites.Peek()
	modern := slices.ContainsFunc(modernSuites, func(word string) bool { return strings.Contains(strings.ToLower(list), word) })
	if limited && !modern {
		return e.Warn("suites", "The HTTP client is limited to old cipher suites: {suites}.", diag.Args{"suites": strings.Fields(list)}).
			At(suites.Source()).Mend(fixSuites)
	}
	return e.Pass("current", "Neither an old TLS version nor old cipher suites are forced on the HTTP client.").
		At(version.Source(), suites.Source())
}

// HTTPClientProxy tells the two proxy settings apart.
var HTTPClientProxy = &diag.Check{
	ID:       "httpclient-proxy",
	Title:    "The licence agent knows the proxy",
	Why:      "The proxy of the HTTP client is for copying files; the licence agent has its own.",
	Severity: diag.Low,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowCallHome.Command},
	Causes:   transportFaults,
	Seed:     "knowledge B.11",
	Judge:    judgeClientProxy,
	Remedies: []diag.Fix{fixSmartProxy},
}

func judgeClientProxy(e *diag.Exam) diag.Verdict {
	v := setting(e.Facts, iosxe.RunningServices, "ip http client proxy-server")
	words, set := diag.Need(e, v)
	if !set {
		return e.Inform("none", "The HTTP client has no proxy of its own.").At(v.Source())
	}
	name, rest := cutWord(words)
	args := diag.Args{"proxy": name}
	own := licence(e.Facts).Transport.Proxy.Address
	if e.Topology.ID.Family() == diag.DC {
		own = read(e.Facts, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[string] { return c.HTTPProxy })
	}
	diag.Must(e, licence(e.Facts).Communication.Channels)
	if _, agent := diag.Need(e, own); agent || !exchanges.Of(e.Facts).failing() {
		return e.Inform("other", "The HTTP client's proxy {proxy} does not carry licensing traffic; the licence agent has its own setting.", args).
			At(v.Source(), own.Source())
	}
	port := diag.Param{Name: "port", Value: strings.TrimPrefix(rest, "proxy-port "), Class: diag.ClassNum}
	return e.Warn("only", "Only the HTTP client has a proxy, {proxy}; the licence agent does not use it, and its exchanges fail.", args).
		At(v.Source(), own.Source()).About(name).Mend(fixSmartProxy.With(diag.Param{Name: "proxy", Value: name, Class: diag.ClassHost}, port))
}

// cutWord is the first word of a text and the rest.
func cutWord(text string) (word, rest string) {
	word, rest, _ = strings.Cut(strings.TrimSpace(text), " ")
	return word, strings.TrimSpace(rest)
}

// HTTPClientTimeouts finds timers that leave a server no time.
var HTTPClientTimeouts = &diag.Check{
	ID:       "httpclient-timeouts",
	Title:    "The HTTP client's timers are not tiny",
	Why:      "With tiny timers exchanges fail at random.",
	Severity: diag.Low,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command},
	Seed:     "knowledge B.11",
	Judge:    judgeTimeouts,
	Remedies: []diag.Fix{fixConnectTimeout, fixResponseTimeout},
}

func judgeTimeouts(e *diag.Exam) diag.Verdict {
	whole := iosxe.RunningServices.Of(e.Facts).Source()
	for _, timer := range []struct {
		words string
		fix   diag.Fix
	}{
		{"connection timeout", fixConnectTimeout},
		{"response timeout", fixResponseTimeout},
	} {
		v := setting(e.Facts, iosxe.RunningServices, "ip http client "+timer.words)
		text, set := diag.Need(e, v)
		n, err := strconv.Atoi(text)
		switch {
		case set && err != nil:
			e.GiveUp(diag.Unparsed, "")
		case set && n < smallTimeout:
			return e.Warn("small", "The HTTP client's {timer} is {seconds} s: a distant server has no time to answer.",
				diag.Args{"timer": timer.words, "seconds": n}).At(v.Source()).About(timer.words).Mend(timer.fix)
		}
	}
	return e.Pass("normal", "The HTTP client's timers leave a server time to answer.").At(whole)
}

var httpclientChecks = []*diag.Check{HTTPClientSourceInterface, HTTPClientSecureTrustpoint, HTTPClientTLS, HTTPClientProxy, HTTPClientTimeouts}
