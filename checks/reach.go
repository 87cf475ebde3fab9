package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// transportFaults are the checks of the transport's configuration: with a wrong one, what the network
// shows is to be looked at again after the correction (knowledge D4).
var transportFaults = slices.Concat(typeFault, diag.By(TransportLegacyPath, TransportURLVsType, TransportSmartURL,
	CallhomeService, CallhomeProfileActive, CallhomeReportingData, CallhomeTransportMethod, CallhomeDestination,
	TransportCallhomeURL, OnpremURL, CSLUURL, TransportProxy))

// nameFaults are the checks of name resolution in the order of knowledge D6, pathFaults those of the way to
// the peer in the order of D7.
var (
	nameFaults = diag.By(DNSLookup, DNSServer, DNSDomain, DNSVRF, DNSResolve, CSLUDNS)
	pathFaults = diag.By(ReachInterface, HTTPClientSourceInterface, TransportVRF, ReachRoute)
)

var (
	fixNoShutdown = saved(diag.Fix{
		Summary: "bring the interface up",
		Config:  []string{"interface <interface>", "no shutdown"},
		Verify:  []string{"show ip interface brief"},
		Affects: "the interface and what is reached through it",
	})
	fixInterface = diag.Fix{
		Summary: "find out why the interface is down",
		Verify:  []string{"show ip interface brief"},
		Manual:  []string{"check cable, optics and the port at the other end; for a virtual interface, that a member port is up"},
		Affects: "nothing: it only looks",
	}
	fixAddress = saved(diag.Fix{
		Summary: "give the interface an address",
		Config:  []string{"interface <interface>", "ip address <ip> <mask>"},
		Verify:  []string{"show ip interface brief"},
		Affects: "the interface and what is reached through it",
	})
	fixRoute = saved(diag.Fix{
		Summary: "add a route to the licensing server",
		Config:  []string{"ip route <prefix> <mask> <next-hop>"},
		Verify:  []string{"show ip route <ip>", "ping <host>"},
		Affects: "the routing table",
	})
	fixRouteVRF = saved(diag.Fix{
		Summary: "add a route to the licensing server in the VRF of the licensing traffic",
		Config:  []string{"ip route vrf <vrf> <prefix> <mask> <next-hop>"},
		Verify:  []string{"show ip route vrf <vrf> <ip>", "ping vrf <vrf> <host>"},
		Affects: "the routing table of the VRF",
	})
	fixPath = diag.Fix{
		Summary: "find where the path ends",
		Exec:    []string{"traceroute <host>"},
		Verify:  []string{"ping <host>"},
		Manual:  []string{stepFirewall, "when echos are filtered on purpose, test the port instead: see reach-tcp"},
		Affects: "nothing: it only looks",
	}
	fixInspection = diag.Fix{
		Summary: "exempt the licensing servers from TLS inspection",
		Verify:  []string{"show license tech support"},
		Manual: []string{
			"firewall or proxy: let smartreceiver.cisco.com and tools.cisco.com pass without TLS inspection",
			"compare the certificate a workstation behind the same firewall gets (openssl s_client -connect <host>:443) with the one from elsewhere",
		},
		Affects: "the inspection of licensing traffic",
	}
	fixACL = diag.Fix{
		Summary: "look for access lists on the path",
		Exec:    []string{"show ip access-lists"},
		Manual:  []string{"on the interface that leads to the peer, look for ip access-group lines; the list must permit the licensing port", stepFirewall},
		Affects: "nothing: it only looks",
	}
)

// telnets are the forms of the manual test of a port: without and with the VRF, without and with the source
// interface of licensing traffic.
var telnets = [2][2]diag.Fix{
	{fixTelnet(""), fixTelnet(" /source-interface <interface>")},
	{fixTelnet(" /vrf <vrf>"), fixTelnet(" /vrf <vrf> /source-interface <interface>")},
}

func fixTelnet(options string) diag.Fix {
	return diag.Fix{
		Summary: "test the licensing port by hand",
		Exec:    []string{"telnet <host> <port>" + options},
		Manual: []string{
			"Open: the port answers; leave with Ctrl-Shift-6 x, then disconnect",
			"% Connection timed out; remote host not responding: a firewall drops it",
			"% Connection refused by remote host: nothing listens there, the service is down or the port is wrong",
			stepFirewall,
		},
		Affects: "nothing: one connection is opened and closed",
	}
}

// ReachInterface asks whether traffic can leave at all.
var ReachInterface = &diag.Check{
	ID:       "reach-interface",
	Title:    "The source interface is up and has an address",
	Why:      "An interface that is down or has no address explains every other network fault.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(exitReads, []*diag.Command{&iosxe.ShowIPInterfaceBrief.Command}),
	Causes:   transportFaults,
	Seed:     "knowledge B.10; S1:241-243",
	Judge:    judgeReachInterface,
	Remedies: []diag.Fix{fixNoShutdown, fixInterface, fixAddress},
}

func judgeReachInterface(e *diag.Exam) diag.Verdict {
	brief := iosxe.ShowIPInterfaceBrief.Of(e.Facts)
	all := diag.Must(e, brief)
	if name, set := exits.Of(e.Facts).name.Peek(); set {
		if i, ok := all.Find(name); ok {
			return judgeInterface(e, i)
		}
	}
	for _, i := range all.Interfaces {
		if i.Up() && carries(i) {
			return e.Pass("some", "{interface} is up with the address {address}.", interfaceArgs(i)).At(i.At)
		}
	}
	for _, i := range all.Interfaces {
		if i.Status == "administratively down" && carries(i) {
			return e.Fail("all-down", "No interface with an address is up; {interface} is shut down.", interfaceArgs(i)).
				At(i.At, brief.Source()).Mend(fixNoShutdown.With(interfaceParam(i.Name)))
		}
	}
	return e.Fail("none-up", "No interface is up with an address.").At(brief.Source()).Mend(fixInterface, fixAddress)
}

// carries reports an interface with an address that traffic to another host can leave by.
func carries(i iosxe.Interface) bool {
	_, has := i.Address.Peek()
	return has && !iosxe.SameInterface(i.Name, "Loopback"+digits(i.Name)) && !iosxe.SameInterface(i.Name, "Null"+digits(i.Name))
}

// digits is the number of an interface.
func digits(name string) string {
	i := 0
	for i < len(name) && (name[i] < '0' || name[i] > '9') {
		i++
	}
	return name[i:]
}

func judgeInterface(e *diag.Exam, i iosxe.Interface) diag.Verdict {
	args, param := interfaceArgs(i), interfaceParam(i.Name)
	_, addressed := diag.Need(e, i.Address)
	switch {
	case i.Status == "administratively down":
		return e.Fail("shutdown", "Source interface {interface} is shut down.", args).At(i.At).Mend(fixNoShutdown.With(param))
	case !i.Up():
		return e.Fail("down", "Source interface {interface} is down.", args).At(i.At).Mend(fixInterface)
	case !addressed:
		return e.Fail("unassigned", "Source interface {interface} has no address.", args).At(i.At).Mend(fixAddress.With(param))
	}
	return e.Pass("up", "Source interface {interface} is up with the address {address}.", args).At(i.At)
}

func interfaceArgs(i iosxe.Interface) diag.Args {
	address, _ := i.Address.Peek()
	return diag.Args{"interface": i.Name, "address": address, "status": i.Status}
}

// ReachRoute asks for a route to the peer.
var ReachRoute = &diag.Check{
	ID:       "reach-route",
	Title:    "There is a route to the licensing server",
	Why:      "Without a route no packet leaves.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command, &iosxe.ShowIPRoute.Command}),
	Causes:   slices.Concat(diag.By(ReachInterface, HTTPClientSourceInterface, TransportVRF), transportFaults),
	Seed:     "knowledge B.10; S1:249",
	Judge:    judgeReachRoute,
	Remedies: []diag.Fix{fixRoute, fixRouteVRF, fixGateway},
}

func judgeReachRoute(e *diag.Exam) diag.Verdict {
	t := reachable(e)
	vrf, _ := exits.Of(e.Facts).vrf.Peek()
	args := diag.Args{"host": t.host, "vrf": vrf}
	fix := inVRF(vrf, fixRoute, fixRouteVRF).With(hostParam(t.host), vrfParam(vrf))
	if answer, ok := pinged(e.Facts); ok {
		if problem, _ := answer.Problem.Peek(); problem == iosxe.PingNoRoute {
			return e.Fail("no-valid-route", "The device has no route to {host}.", args).At(answer.Problem.Source()).About(t.host).Mend(fix)
		}
		if n, _ := answer.Received.Peek(); n > 0 {
			return e.Pass("proven", "{host} answers, so there is a route to it.", args).At(answer.Received.Source()).About(t.host)
		}
	}
	routes := iosxe.ShowIPRoute.Of(e.Facts)
	route, ok := routes.Peek()
	if !ok {
		if gateway, ignored := idleGateway(e.Facts); ignored {
			return e.Warn("gateway-ignored", "ip default-gateway is set, but the device routes and ignores it; no default route is configured.", args).
				At(gateway).About(t.host).Mend(fix)
		}
		e.GiveUp(routes.Why(), "")
	}
	if gone, _ := route.NoVRF.Peek(); gone {
		return e.Fail("no-vrf", "VRF {vrf} does not exist.", args).At(route.NoVRF.Source()).About(vrf)
	}
	if route.Gateway.Known() {
		gateway, set := route.Gateway.Peek()
		args["gateway"] = gateway
		if set {
			return e.Pass("gateway", "The device does not route and sends to its default gateway {gateway}.", args).At(route.Gateway.Source())
		}
		return e.Fail("no-gateway", "The device does not route and has no default gateway.", args).At(route.Gateway.Source()).
			Mend(fixGateway)
	}
	if diag.Must(e, route.Found) {
		args["prefix"], _ = route.Prefix.Peek()
		return e.Pass("found", "{host} is reached by the route {prefix}.", args).At(route.Found.Source(), route.Prefix.Source()).About(t.host)
	}
	if line, ok := staticDefault(e.Facts, vrf); ok {
		return e.Warn("not-installed", "A default route is configured, but no route to {host} is in the table.", args).
			At(route.Found.Source(), line).About(t.host).Mend(fix)
	}
	gateway, _ := idleGateway(e.Facts)
	return e.Fail("none", "The device has no route to {host}.", args).At(route.Found.Source(), gateway).About(t.host).Mend(fix)
}

var fixGateway = saved(diag.Fix{
	Summary: "set the default gateway of a device that does not route",
	Config:  []string{"ip default-gateway <gateway-ip>"},
	Verify:  []string{"ping <host>"},
	Affects: "all traffic of the device itself",
})

// idleGateway is a default gateway that has no effect, because the device routes and has no default route.
func idleGateway(f *diag.Facts) (diag.Source, bool) {
	c, ok := iosxe.RunningServices.Of(f).Peek()
	if !ok || c.Has("no ip routing") {
		return diag.Source{}, false
	}
	line, set := c.First("ip default-gateway")
	_, routed := staticDefault(f, "")
	return line.At, set && !routed
}

// staticDefault is the configured default route of a VRF.
func staticDefault(f *diag.Facts, vrf string) (diag.Source, bool) {
	c, _ := iosxe.RunningServices.Partial(f)
	if c == nil {
		return diag.Source{}, false
	}
	for _, l := range c.Lines("ip route") {
		in, words := cutVRF(l.After("ip route"))
		if in == vrf && len(words) > 2 && words[0] == "0.0.0.0" && words[1] == "0.0.0.0" {
			return l.At, true
		}
	}
	return diag.Source{}, false
}

// ReachPing asks whether echos come back.
var ReachPing = &diag.Check{
	ID:       "reach-ping",
	Title:    "The licensing server answers a ping",
	Why:      "Echos prove the path; where they are filtered their absence proves nothing.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command}),
	Causes:   slices.Concat(nameFaults, pathFaults, transportFaults),
	Seed:     "knowledge B.10, OQ-11; S1:206-213,231-239,259",
	Judge:    judgeReachPing,
	Remedies: []diag.Fix{fixPath},
}

func judgeReachPing(e *diag.Exam) diag.Verdict {
	t := reachable(e)
	answer, ok := pinged(e.Facts)
	if !ok {
		why := iosxe.Ping.Of(e.Facts).Why()
		if why == "" {
			why = diag.NotCollected
		}
		e.GiveUp(why, "")
	}
	args := diag.Args{"host": t.host, "role": string(t.role)}
	if problem, ok := answer.Problem.Peek(); ok {
		args["problem"] = string(problem)
		return e.Unknown(diag.Blocked, "not-sent", "No echo was sent to {host}: {problem}.", args).At(answer.Problem.Source()).About(t.host)
	}
	n := diag.Must(e, read(e.Facts, iosxe.Ping, func(p *iosxe.PingResult) diag.Value[int] { return p.Received }))
	sent, _ := answer.Sent.Peek()
	args["received"], args["sent"] = n, sent
	fix := fixPath.With(hostParam(t.host))
	if n > 0 {
		return e.Pass("answers", "{host} answers {received} of {sent} echos.", args).At(answer.Received.Source()).About(t.host)
	}
	if x := exchanges.Of(e.Facts); t.onSite() && len(x.unheard) > 0 {
		return e.Fail("silent", "{host} answers no echo, and {role} does not answer the agent either.", args).
			At(answer.Received.Source(), x.unheard[0].OngoingCommunication.Source()).About(t.host).Mend(fix)
	}
	return e.Warn("filtered", "{host} answers no echo; it or a firewall may drop them on purpose.", args).
		At(answer.Received.Source()).About(t.host).Mend(fix)
}

// ReachTCP is the test that really matters, and only a person can make it.
var ReachTCP = &diag.Check{
	ID:       "reach-tcp",
	Title:    "The licensing port answers",
	Why:      "Only a TCP connection proves that the service can be reached; this program never opens one from the device.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads),
	Causes:   slices.Concat(nameFaults, diag.By(ReachRoute, ReachPing)),
	Seed:     "knowledge B.10; FN72578",
	Judge:    judgeReachTCP,
	Remedies: slices.Concat(telnets[0][:], telnets[1][:]),
}

func judgeReachTCP(e *diag.Exam) diag.Verdict {
	t, x := reachable(e), exits.Of(e.Facts)
	vrf, inside := x.vrf.Peek()
	source, fixed := x.name.Peek()
	fix := telnets[index(inside)][index(fixed)].With(hostParam(t.host), vrfParam(vrf), interfaceParam(source),
		diag.Param{Name: "port", Value: t.port, Class: diag.ClassNum})
	return e.Unknown(diag.Manual, "manual", "Whether TCP port {port} of {host} answers has to be tested by hand.",
		diag.Args{"host": t.host, "port": t.port}).At(t.at).About(t.host).Mend(fix)
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ReachTLSPath suspects a device on the path that replaces certificates.
var ReachTLSPath = &diag.Check{
	ID:       "reach-tls-path",
	Title:    "Nothing on the path replaces certificates",
	Why:      "A firewall or proxy that inspects TLS shows the agent a certificate it can not trust.",
	Severity: diag.Medium,
	Applies:  diag.Direct,
	Reads:    slices.Concat(nameReads, []*diag.Command{&iosxe.ShowTrustpool.Command, &iosxe.ShowNTPStatus.Command, &iosxe.Ping.Command, &iosxe.ShowLogging.Command}),
	Causes:   slices.Concat(diag.By(ClockNTPSync, ClockAuthoritative, ClockSkew, TrustpointPoolRoot, HTTPClientSecureTrustpoint), nameFaults, pathFaults, transportFaults),
	Seed:     "knowledge B.10, D5",
	Judge:    judgeTLSPath,
	Remedies: []diag.Fix{fixInspection},
}

func judgeTLSPath(e *diag.Exam) diag.Verdict {
	t := reachable(e)
	if !overTLS(e) {
		return e.NotApplicable("http", "The licensing server is not spoken to over https.")
	}
	x := exchanges.Of(e.Facts)
	pool, pooled := iosxe.ShowTrustpool.Of(e.Facts).Peek()
	synced := read(e.Facts, iosxe.ShowNTPStatus, func(n *iosxe.NTPStatus) diag.Value[bool] { return n.Synchronised }).Or(licence(e.Facts).ClockSynced)
	on, _ := synced.Peek()
	args := diag.Args{"host": t.host}
	if len(x.unheard) > 0 && tlsSuspect(e.Facts) && on && pooled {
		if root, ok := pool.Find(cloudRoot.name); ok {
			return e.Warn("suspect", "{host} is reached, clock and root certificate are good, yet the exchange fails: suspect TLS inspection on the path.", args).
				At(x.unheard[0].OngoingCommunication.Source(), root.At, synced.Source()).About(t.host).Mend(fixInspection)
		}
	}
	return e.Unknown(diag.Manual, "manual", "Whether something on the path inspects TLS can not be seen from the device.", args).
		At(t.at).Mend(fixInspection)
}

// ReachACL reminds of filters on the device itself.
var ReachACL = &diag.Check{
	ID:       "reach-acl",
	Title:    "No local access list blocks licensing",
	Why:      "An access list on the way out drops licensing traffic silently.",
	Severity: diag.Low,
	Applies:  diag.Push | diag.PL,
	Reads:    exitReads,
	Causes:   slices.Concat(pathFaults, diag.By(ReachPing)),
	Seed:     "knowledge B.10; S1:249",
	Judge: func(e *diag.Exam) diag.Verdict {
		return e.Unknown(diag.Manual, "manual", "Access lists on the path have to be looked through by hand.").
			At(exits.Of(e.Facts).name.Source()).Mend(fixACL)
	},
	Remedies: []diag.Fix{fixACL},
}

// reachable is the target; the exam ends when it is not known.
func reachable(e *diag.Exam) target {
	t := targets.Of(e.Facts)
	if t.why != "" {
		e.GiveUp(t.why, "")
	}
	return t
}

var reachChecks = []*diag.Check{ReachInterface, ReachRoute, ReachPing, ReachTCP, ReachTLSPath, ReachACL}
