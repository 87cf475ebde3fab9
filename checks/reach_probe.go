package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

var (
	fixPath = diag.Fix{
		Summary: "find where the path ends",
		Exec:    []string{"traceroute <host>"},
		Verify:  []string{"ping <host>"},
		Manual:  []string{stepFirewall, "when echos are filtered on purpose, test the port instead: see reach-tcp"},
		Affects: "nothing: it only looks",
	}
	fixPathVRF = diag.Fix{
		Summary: fixPath.Summary,
		Exec:    []string{"traceroute vrf <vrf> <host>"},
		Verify:  []string{"ping vrf <vrf> <host>"},
		Manual:  fixPath.Manual,
		Affects: fixPath.Affects,
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
	Remedies: []diag.Fix{fixPath, fixPathVRF},
}

// pingProblems are the messages about a device that sent no echo.
var pingProblems = map[iosxe.PingProblem]wording{
	iosxe.PingNoName:   {"no-name", "No echo was sent to {host}: its name is not resolved."},
	iosxe.PingNoRoute:  {"no-route", "No echo was sent to {host}: there is no route."},
	iosxe.PingNoVRF:    {"no-vrf", "No echo was sent to {host}: the VRF does not exist."},
	iosxe.PingNoSource: {"no-source", "No echo was sent to {host}: the source interface cannot send."},
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
		w := pingProblems[problem]
		return e.Unknown(diag.Blocked, w.what, w.text, args).At(answer.Problem.Source()).About(t.host)
	}
	n := diag.Must(e, read(e.Facts, iosxe.Ping, func(p *iosxe.PingResult) diag.Value[int] { return p.Received }))
	sent, _ := answer.Sent.Peek()
	args["received"], args["sent"] = n, sent
	vrf, _ := exits.Of(e.Facts).vrf.Peek()
	fix := pathFix(e, t.host)
	if n > 0 {
		return e.Pass("answers", "{host} answers {received} of {sent} echos.", args).At(answer.Received.Source()).About(t.host)
	}
	if x := exchanges.Of(e.Facts); t.onSite() && len(x.unheard) > 0 {
		return e.Fail("silent", "{host} answers no echo, and {role} does not answer the agent either.", args).
			At(answer.Received.Source(), x.unheard[0].OngoingCommunication.Source()).As(diag.High).About(inTable(vrf, t.host)).Mend(fix)
	}
	return e.Warn("filtered", "{host} answers no echo; it or a firewall may drop them on purpose.", args).
		At(answer.Received.Source()).About(inTable(vrf, t.host)).Mend(fix)
}

// ReachTCP is the test that really matters, and only a person can make it.
var ReachTCP = &diag.Check{
	ID:       "reach-tcp",
	Title:    "The licensing port answers",
	Why:      "Only a TCP connection proves that the service can be reached; this program never opens one from the device.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads),
	Causes:   slices.Concat(nameFaults, diag.By(ReachRoute, ReachPing), transportFaults),
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
	Why:      "A firewall or proxy that inspects TLS shows the agent a certificate it cannot trust.",
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
		return e.NotApplicable("http", "The licensing server is not contacted over https.")
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
	return e.Unknown(diag.Manual, "manual", "Whether something on the path inspects TLS cannot be seen from the device.", args).
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

// pathFix traces the path to a host in the VRF of licensing traffic.
func pathFix(e *diag.Exam, host string) diag.Fix {
	vrf, _ := exits.Of(e.Facts).vrf.Peek()
	return inVRF(vrf, fixPath, fixPathVRF).With(hostParam(host), vrfParam(vrf))
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
