package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
	"slpdoctor/internal/topology"
)

// TransportVRF asks whether licensing traffic leaves through the right table.
var TransportVRF = &diag.Check{
	ID:       "transport-vrf",
	Title:    "Licensing traffic uses the right VRF",
	Why:      "In the wrong VRF neither names resolve nor packets arrive.",
	Severity: diag.High,
	Applies:  diag.DS | diag.CP | diag.OP,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowVRF.Command},
	Causes:   typeFault,
	Seed:     "knowledge B.4",
	Judge:    judgeVRF,
	Remedies: []diag.Fix{fixVRF, fixSourceInVRF},
}

var (
	fixVRF = saved(diag.Fix{
		Summary: "set the VRF of licensing traffic",
		Config:  []string{"license smart vrf <vrf>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status", "show vrf"},
		Manual:  []string{"releases before 17.9.1 do not have this command: there the VRF follows ip http client source-interface"},
		Affects: "licensing traffic",
	})
	fixSourceInVRF = saved(diag.Fix{
		Summary: "use a source interface in the VRF of licensing traffic",
		Config:  []string{"ip http client source-interface <interface-in-vrf>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show vrf", "show license status"},
		Manual:  []string{"or, if the source interface is right, set license smart vrf to its VRF"},
		Affects: "all traffic of the HTTP client",
	})
)

func judgeVRF(e *diag.Exam) diag.Verdict {
	v := licence(e.Facts).Transport.VRF
	name, set := diag.Need(e, v)
	source := setting(e.Facts, iosxe.RunningServices, "ip http client source-interface")
	ifname, sourced := diag.Need(e, source)
	at := []diag.Source{v.Source(), source.Source()}
	want := e.Device.Expect.VRF
	switch {
	case !set && !sourced && want == "":
		return e.Pass("global", "Licensing traffic uses the global table.").At(at...)
	case !set && !sourced:
		return e.Fail("unset", "VRF {want} is expected for licensing traffic; none is set.", diag.Args{"want": want}).
			At(at...).About(want).Mend(fixVRF.With(vrfParam(want)))
	}
	vrfs := iosxe.ShowVRF.Of(e.Facts)
	table := diag.Must(e, vrfs)
	held, inVRF := table.Holding(ifname)
	_, exists := table.Find(name)
	args := diag.Args{"vrf": name, "interface": ifname, "holds": held.Name, "want": want}
	switch {
	case want != "" && want != name && want != held.Name:
		return e.Fail("expected", "VRF {want} is expected for licensing traffic and is not used.", args).
			At(at...).About(want).Mend(fixVRF.With(vrfParam(want)))
	case set && !exists:
		return e.Fail("no-such-vrf", "Licensing traffic is set to VRF {vrf}, which does not exist on this device.", args).
			At(v.Source(), vrfs.Source()).About(name).Mend(fixVRF)
	case set && sourced && held.Name != name:
		return e.Fail("source-elsewhere", "Licensing traffic is set to VRF {vrf}, but its source interface {interface} is not in it.", args).
			At(append(at, held.At)...).About(name + " " + ifname).Mend(fixSourceInVRF)
	case set:
		return e.Pass("vrf", "Licensing traffic uses VRF {vrf}.", args).At(append(at, held.At)...)
	case inVRF:
		return e.Warn("follows-source", "The source interface {interface} is in VRF {holds}, but no VRF is set for licensing: whether traffic follows the interface depends on the release.", args).
			At(append(at, held.At)...).About(held.Name).Mend(fixVRF.With(vrfParam(held.Name)))
	}
	return e.Pass("source-global", "Licensing traffic uses the global table, from {interface}.", args).At(at...)
}

// TransportServerIdentity asks whether the name in the server's certificate is checked, and can be.
var TransportServerIdentity = &diag.Check{
	ID:       "transport-server-identity",
	Title:    "Server name is checked and can match",
	Why:      "A name that does not match breaks TLS; switching the check off hides an attacker.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    slices.Concat(peerReads, []*diag.Command{&iosxe.ShowCallHome.Command, &iosxe.ShowLogging.Command}),
	Causes:   slices.Concat(transportFaults, nameFaults, pathFaults, diag.By(ReachPing, CSLUHello)),
	Seed:     "knowledge B.4",
	Judge:    judgeServerIdentity,
	Remedies: []diag.Fix{fixServerName, fixIdentityOn, fixIdentityOnCallhome},
}

var (
	fixServerName = saved(diag.Fix{
		Summary: "use the name in the server's certificate in the URL",
		Config:  []string{"license smart url cslu https://<name-in-certificate>/cslu/v1/pi/<tenant>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Manual: []string{
			"read the common name or alternative name of the server's certificate in a browser and use exactly that",
			"only if that is impossible: no license smart server-identity-check, which lets anybody pose as the server",
		},
		Affects: "licensing traffic",
	})
	fixIdentityOn = saved(diag.Fix{
		Summary: "check the server's name again",
		Config:  []string{"license smart server-identity-check"},
		Verify:  []string{"show license tech support"},
		Affects: "licensing traffic",
	})
	fixIdentityOnCallhome = saved(diag.Fix{
		Summary: "check the server's name again",
		Config:  []string{"call-home", "http secure server-identity-check"},
		Verify:  []string{"show call-home"},
		Affects: "call home and licensing traffic",
	})
)

func judgeServerIdentity(e *diag.Exam) diag.Verdict {
	check, fix := licence(e.Facts).Transport.ServerIdentityCheck, fixIdentityOn
	if e.Topology.ID.Family() == diag.DC {
		check, fix = read(e.Facts, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[bool] { return c.ServerIdentityCheck }), fixIdentityOnCallhome
	}
	p := peers.Of(e.Facts)
	if p.url == nil && p.host == csluName || p.url != nil && strings.EqualFold(p.url.Scheme, "http") {
		return e.NotApplicable("no-tls", "The server is not contacted over TLS.").At(p.source)
	}
	args := diag.Args{"host": p.host}
	on := diag.Must(e, check)
	if p.host == "" {
		e.GiveUp(diag.Absent, "the server's name is not known")
	}
	switch x := exchanges.Of(e.Facts); {
	case !on:
		return e.Warn("off", "The name of {host} is not checked: anybody can pose as it.", args).At(check.Source()).About(p.host).Mend(fix)
	case !p.isAddress():
		return e.Pass("named", "The name {host} is checked against the server's certificate.", args).At(check.Source(), p.source)
	case len(x.unheard) > 0 || x.kind == message.TLS:
		return e.Fail("address", "The URL has the address {host}, which a certificate rarely carries, its name is checked, and communication fails.", args).
			At(check.Source(), p.source).About(p.text).Mend(fixServerName)
	}
	return e.Warn("address-works", "The URL has the address {host}: TLS works only as long as the certificate carries it.", args).
		At(check.Source(), p.source).About(p.text).As(diag.Low).Mend(fixServerName)
}

// firstIPMode is the major version of the first agent with an IP mode (knowledge A.1).
const firstIPMode = 6

// TransportIPMode shows which IP version the agent uses.
var TransportIPMode = &diag.Check{
	ID:       "transport-ip-mode",
	Title:    "IP mode fits the server's address",
	Why:      "An agent that speaks IPv4 only cannot use an IPv6 address.",
	Severity: diag.Info,
	Applies:  diag.DS | diag.CP | diag.OP,
	Reads:    []*diag.Command{&iosxe.Ping.Command},
	Seed:     "knowledge B.4",
	Judge: func(e *diag.Exam) diag.Verdict {
		v := licence(e.Facts).Transport.IPMode
		agent := licence(e.Facts).AgentVersion
		if version, _ := agent.Peek(); v.Why() == diag.Absent {
			if r, ok := iosxe.ParseRelease(version); ok && r.Train < firstIPMode {
				return e.NotApplicable("old-agent", "Agents before 6.0 have no IP mode.").At(agent.Source())
			}
		}
		mode := diag.Must(e, v)
		address := read(e.Facts, iosxe.Ping, func(p *iosxe.PingResult) diag.Value[string] { return p.Address })
		a, resolved := address.Peek()
		args := diag.Args{"mode": mode, "address": a}
		if six := strings.Contains(a, ":"); resolved && (six && strings.Contains(mode, "IPv4 ONLY") || !six && strings.Contains(mode, "IPv6 ONLY")) {
			return e.Warn("contradicts", "The agent uses {mode}, but its server has the address {address}.", args).At(v.Source(), address.Source()).As(diag.Medium)
		}
		return e.Inform("mode", "The agent uses {mode}.", args).At(v.Source())
	},
}

// TransportCallhomeURL asks for the URL of CSSM in call home.
var TransportCallhomeURL = &diag.Check{
	ID:       "transport-callhome-url",
	Title:    "Call-home URL is CSSM's",
	Why:      "With another URL the device never reaches CSSM.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    []*diag.Command{&iosxe.ShowCallHomeSmartLicensing.Command, &iosxe.ShowCallHomeProfiles.Command},
	Causes:   slices.Concat(typeFault, diag.By(TransportLegacyPath, CallhomeService, CallhomeProfileActive, CallhomeReportingData, CallhomeTransportMethod, CallhomeDestination)),
	Seed:     "knowledge B.4; S1:218-219; OQ-4",
	Judge: func(e *diag.Exam) diag.Verdict {
		if topology.Transport(e.Facts) != topology.CallHome {
			return e.NotApplicable("other-transport", "The transport is not callhome.").At(licence(e.Facts).Transport.Type.Source())
		}
		urls := callhomeURLs(e.Facts)
		if own := licence(e.Facts).Transport.URL; own.Known() {
			text, _ := own.Peek()
			urls = diag.Present([]string{text}, own.Source())
		}
		list, _ := diag.Need(e, urls)
		args := diag.Args{"urls": list, "want": callhomeURL}
		want, fix := callhomeURL, fixWrongDestination
		if expected := e.Device.Expect.URL; expected != "" {
			want, fix = expected, fixExpectedDestination
			args["want"] = want
		}
		if len(list) == 0 {
			return e.Fail("missing", "Call home has no destination for licensing; it must be {want}.", args).At(urls.Source()).Mend(inProfile(fixDestination, ciscoProfile))
		}
		whole(e, urls.Source())
		for _, u := range list {
			if !sameURL(u, want) {
				return e.Fail("wrong", "Call home sends licensing messages to {urls}; it should be {want}.", args).
					At(urls.Source()).About(u).Mend(inProfile(fix, ciscoProfile).With(urlParam("wrong-url", u), urlParam("url", want)))
			}
		}
		return e.Pass("cssm", "Call home sends licensing messages to {urls}.", args).At(urls.Source())
	},
	Remedies: []diag.Fix{fixDestination, fixWrongDestination, fixExpectedDestination},
}
