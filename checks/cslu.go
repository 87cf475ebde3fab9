package checks

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

const (
	csluPort = "8182"
	csluPath = "/cslu/v1/pi"

	// Thresholds of an acknowledgement that came over a relay (EJ).
	freshAckFloor = 7 * 24 * time.Hour // an ACK younger than this is fresh whatever the interval
	freshAckPush  = 2                  // so is one younger than this many push intervals
	relayPatience = 7 * 24 * time.Hour // how long a relay may take from a report to its ACK

	helloPatience = 60 // minutes after a start within which the first hello may be missing
)

var (
	fixCSLUURL = saved(diag.Fix{
		Summary: "set the URL of CSLU",
		Config:  []string{"license smart transport cslu", "license smart url cslu http://<host>:8182/cslu/v1/pi"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license all"},
		Affects: "licensing traffic",
	})
	fixExpectedCSLU = saved(diag.Fix{
		Summary: "set the URL that the inventory expects",
		Config:  []string{"license smart transport cslu", "license smart url cslu <url>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license all"},
		Affects: "licensing traffic",
	})
	fixCSLU = diag.Fix{
		Summary: "look after CSLU",
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Manual:  []string{stepCSLU, stepFirewall},
		Affects: "nothing but licensing traffic",
	}
	fixCSLUName = saved(diag.Fix{
		Summary: "make cslu-local resolve",
		Config:  []string{"ip domain name <domain>", "ip name-server <dns-ip>"},
		Exec:    []string{syncLine},
		Verify:  []string{"ping cslu-local", "show license all"},
		Manual: []string{
			"DNS server: add an A record cslu-local.<domain> with the address of the CSLU host",
			"without DNS, on the device: ip host cslu-local <cslu-ip>, in a VRF ip host vrf <vrf> cslu-local <cslu-ip>",
		},
		Affects: "name resolution of the device",
	})
	fixCollect = diag.Fix{
		Summary: "collect the usage report from the other side",
		Verify:  []string{"show license status"},
		Manual:  []string{stepCollectCSLU, stepCSLU},
		Affects: "nothing but licensing traffic",
	}
	fixCSLUOnline = diag.Fix{
		Summary: "check that CSLU forwards to CSSM",
		Verify:  []string{"show license status"},
		Manual:  []string{stepCSLU, stepExportCSLU, stepImportCSLU},
		Affects: "nothing on the device",
	}
)

// relayReads is what shows the transport and what came of it.
var relayReads = []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLicenseAll.Command, &iosxe.ShowLicenseStatus.Command, &iosxe.ShowClock.Command}

// CSLUURL judges the address of CSLU.
var CSLUURL = &diag.Check{
	ID:       "cslu-url",
	Title:    "The CSLU address is well formed",
	Why:      "CSLU listens on one port and one path.",
	Severity: diag.High,
	Applies:  diag.CP,
	Reads:    relayReads,
	Causes:   slices.Concat(typeFault, diag.By(TransportLegacyPath, TransportURLVsType)),
	Seed:     "knowledge B.6; S1:270-281",
	Judge:    judgeCSLUURL,
	Remedies: []diag.Fix{fixCSLUURL, fixExpectedCSLU},
}

func judgeCSLUURL(e *diag.Exam) diag.Verdict {
	if v := wrongType(e, fixCSLUURL); v != nil {
		return *v
	}
	address := licence(e.Facts).Transport.URL
	text, set := diag.Need(e, address)
	p := peers.Of(e.Facts)
	args := diag.Args{"url": text, "want": "http://<host>:8182/cslu/v1/pi"}
	fix := fixCSLUURL.With(hostParam(p.host))
	if v := otherURL(e, text, address.Source()); v != nil {
		return *v
	}
	switch {
	case !set && e.Topology.ID == diag.CSLUZeroTouch:
		return e.NotApplicable("zero-touch", "No address is set: CSLU is looked up as cslu-local.").At(address.Source())
	case !set:
		return e.Warn("empty", "No CSLU address is set: the device looks up cslu-local instead.").At(address.Source()).Mend(fixCSLUURL)
	case p.url == nil || p.host == "":
		return e.Fail("malformed", "The CSLU address {url} is not a URL; it should be {want}.", args).At(address.Source()).About(text).Mend(fixCSLUURL)
	case e.Device.Expect.URL != "":
		return e.Pass("expected", "The CSLU address is the expected one, {url}.", args).At(address.Source()).About(text)
	}
	path := strings.TrimSuffix(p.url.Path, "/")
	switch {
	case path != csluPath:
		return e.Fail("path", "The path of the CSLU address {url} is not that of CSLU; it should be {want}.", args).At(address.Source()).About(text).Mend(fix)
	case strings.EqualFold(p.url.Scheme, "https"):
		return e.Warn("https", "The CSLU address {url} uses https, which CSLU itself does not speak: a reverse proxy must.", args).At(address.Source()).About(text).Mend(fix)
	case p.url.Port() != csluPort && answered(e.Facts):
		return e.Warn("custom-port", "The CSLU address {url} does not use port 8182, yet something answers there.", args).At(address.Source()).About(text).Mend(fix)
	case p.url.Port() == "":
		return e.Fail("no-port", "The CSLU address {url} has no port; it should be {want}.", args).At(address.Source()).About(text).Mend(fix)
	case p.url.Port() != csluPort:
		return e.Fail("port", "The port of the CSLU address {url} is not 8182.", args).At(address.Source()).About(text).Mend(fix)
	}
	return e.Pass("good", "The CSLU address is {url}.", args).At(address.Source()).About(text)
}

// otherURL fails a device whose URL of a relay is not the one that the inventory expects.
func otherURL(e *diag.Exam, text string, at diag.Source) *diag.Verdict {
	want := e.Device.Expect.URL
	if want == "" || text != "" && sameURL(text, want) {
		return nil
	}
	fix := fixExpectedCSLU.With(urlParam("url", want))
	v := e.Fail("unexpected", "The URL is {url}; the inventory expects {want}.", diag.Args{"url": text, "want": want})
	if text == "" {
		v = e.Fail("unset", "No URL is set; the inventory expects {want}.", diag.Args{"want": want})
	}
	v = v.At(at).About(want).Mend(fix)
	return &v
}

// answered reports that the last greeting was answered: whatever the address, CSLU is there.
func answered(f *diag.Facts) bool {
	hello, _ := licence(f).Communication.Channel(channelHello)
	state, _ := conditionOf(hello)
	return state == good || state == past
}

// wrongType fails a device that was declared to push to a relay and has another transport.
func wrongType(e *diag.Exam, fix diag.Fix) *diag.Verdict {
	kind := licence(e.Facts).Transport.Type
	text := diag.Must(e, kind)
	if topology.KindOf(text) == topology.CSLU {
		return nil
	}
	v := e.Fail("type", "The transport is {type}, not cslu.", diag.Args{"type": text}).At(kind.Source()).Mend(fix)
	return &v
}

// CSLUDNS asks for the name of zero-touch discovery.
var CSLUDNS = &diag.Check{
	ID:       "cslu-dns",
	Title:    "cslu-local resolves",
	Why:      "Without an address a device finds CSLU by this name only.",
	Severity: diag.High,
	Applies:  diag.CP,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command, &iosxe.ShowLogging.Command}),
	Causes:   slices.Concat(diag.By(DNSLookup, DNSServer, DNSDomain, DNSVRF), pathFaults, transportFaults),
	Seed:     "knowledge B.6; S1:255-268",
	Judge:    judgeCSLUDNS,
	Remedies: []diag.Fix{fixCSLUName},
}

func judgeCSLUDNS(e *diag.Exam) diag.Verdict {
	t := reachable(e)
	if t.host != csluName {
		return e.NotApplicable("address", "The device does not look up cslu-local.").At(t.at)
	}
	v := judgeResolved(e, t)
	if v.Status == diag.Pass {
		return v
	}
	v.Fixes = nil
	return v.Mend(fixCSLUName)
}

// CSLUHello listens for CSLU's answer to the greeting.
var CSLUHello = &diag.Check{
	ID:       "cslu-hello",
	Title:    "CSLU answers the greeting",
	Why:      "The greeting is the earliest sign that CSLU is lost.",
	Severity: diag.High,
	Applies:  diag.CP,
	Reads:    slices.Concat(relayReads, []*diag.Command{&iosxe.ShowVersion.Command}),
	Causes:   slices.Concat(nameFaults, pathFaults, diag.By(ReachPing, ReachTCP), transportFaults),
	Seed:     "knowledge B.6, A.4",
	Judge:    judgeHello,
	Remedies: []diag.Fix{fixCSLU},
}

func judgeHello(e *diag.Exam) diag.Verdict {
	communication := licence(e.Facts).Communication
	diag.Must(e, communication.Channels)
	hello, ok := communication.Channel(channelHello)
	state, counted := conditionOf(hello)
	if !ok || !counted {
		e.GiveUp(diag.Absent, "")
	}
	host := targets.Of(e.Facts).host
	response, _ := hello.LastResponse.Peek()
	failures, _ := hello.OngoingCommunication.Peek()
	args := diag.Args{"host": host, "response": response, "failures": failures}
	at := []diag.Source{hello.OngoingOverall.Source(), hello.LastResponse.Source()}
	switch state {
	case untried:
		up := diag.Must(e, read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[int] { return v.UptimeMins }))
		if up <= helloPatience {
			return e.Unknown(diag.Absent, "early", "The device has only just started and has not greeted CSLU yet.").At(hello.Total.Source())
		}
		return e.Warn("untried", "The device has never greeted CSLU since it started.").At(hello.Total.Source()).About(host).Mend(fixCSLU)
	case noReply:
		w := sentence("no-reply", "CSLU at {host} does not answer: {failures} greetings without a reply").worked(e.Facts, hello, args)
		return e.Fail(w.what, w.text+".", args).At(at...).About(host).Mend(fixCSLU)
	case good, past:
		return e.Pass("answers", "CSLU at {host} answers ({response}).", args).At(at...).About(host)
	}
	return e.Warn("refused", "CSLU at {host} answers the greeting with {response}.", args).At(append(at, hello.FailureReason.Source())...).About(host).Mend(fixCSLU)
}

// CSLULastACK takes a recent acknowledgement for proof that the relay works.
var CSLULastACK = &diag.Check{
	ID:       "cslu-last-ack",
	Title:    "A recent ACK proves that CSLU works",
	Why:      "An acknowledgement came through CSLU from CSSM, so the whole way works.",
	Severity: diag.High,
	Applies:  diag.CP | diag.PL,
	Reads:    relayReads,
	Causes: slices.Concat(diag.By(AgentIdentityInvalid, CSLUHello, CSLUPull, OnpremPullHTTP, CSLUCSSM, AgentCommChannels),
		under(undelivered, nameFaults, pathFaults, diag.By(ReachPing), transportFaults)),
	Seed:     "knowledge B.6; S1:257",
	Judge:    judgeLastACK,
	Remedies: []diag.Fix{fixCSLU, fixCollect},
}

func judgeLastACK(e *diag.Exam) diag.Verdict {
	usage := licence(e.Facts).Usage
	ack, acked := diag.Need(e, usage.LastAck)
	now := diag.Must(e, iosxe.Now(e.Facts))
	deadline, due := diag.Need(e, usage.NextAckDeadline)
	host := targets.Of(e.Facts).host
	push, pushed := usage.LastReportPush.Peek()
	fix := fixCSLU
	if e.Topology.ID.Family() == diag.PL {
		fix = fixCollect
	}
	args := diag.Args{"ack": ack.Text, "age": age(now.Sub(ack)), "deadline": deadline.Text}
	at := []diag.Source{usage.LastAck.Source(), usage.NextAckDeadline.Source(), iosxe.Now(e.Facts).Source()}
	switch {
	case due && deadline.Sub(now) < 0:
		return e.Fail("late", "No acknowledgement came in time: the deadline was {deadline}.", args).At(at...).About(host).Mend(fix)
	case !acked && exchanges.Of(e.Facts).failing():
		return e.Fail("never", "The device was never acknowledged, and its calls fail.").At(at...).About(host).Mend(fix)
	case !acked && pushed && now.Sub(push) > relayPatience:
		args["push"] = age(now.Sub(push))
		return e.Fail("unanswered", "The device reported {push} ago and was never acknowledged.", args).
			At(append(at, usage.LastReportPush.Source())...).About(host).Mend(fix)
	case !acked:
		return e.Warn("none-yet", "The device has not been acknowledged yet.").At(append(at, usage.LastReportPush.Source())...).About(host).Mend(fix)
	}
	days, _ := usage.PushIntervalDays.Peek()
	fresh := max(freshAckPush*time.Duration(days)*24*time.Hour, freshAckFloor)
	if e.Topology.ID.Family() == diag.CP {
		diag.Must(e, licence(e.Facts).Communication.Channels) // without them the ACK may be from before a loss
	}
	hello, listed := licence(e.Facts).Communication.Channel(channelHello)
	state, counted := conditionOf(hello)
	if listed && !counted && e.Topology.ID.Family() == diag.CP {
		e.GiveUp(diag.Unparsed, "")
	}
	if state == noReply {
		diag.Need(e, hello.LastFailure)
	}
	lost, failing := hello.LastFailure.Peek()
	switch {
	case state == noReply && failing && lost.Sub(ack) > 0:
		return e.Warn("lost-since", "The last acknowledgement, {age} ago, came before CSLU stopped answering.", args).
			At(append(at, hello.LastFailure.Source())...).About(host).Mend(fix)
	case now.Sub(ack) > fresh:
		return e.Warn("old", "The last acknowledgement is {age} old; the deadline is {deadline}.", args).At(at...).About(host).Mend(fix)
	}
	return e.Pass("fresh", "The last acknowledgement came {age} ago.", args).At(at...)
}

// CSLUCSSM asks whether the relay forwards.
var CSLUCSSM = &diag.Check{
	ID:       "cslu-cssm",
	Title:    "CSLU is logged in to CSSM",
	Why:      "CSLU can take reports and never forward them.",
	Severity: diag.Medium,
	Applies:  diag.CP | diag.PL,
	Reads:    relayReads,
	Causes:   diag.By(CSLUHello),
	Seed:     "knowledge B.6; S1:502",
	Judge: func(e *diag.Exam) diag.Verdict {
		if e.Topology.ID == diag.PullOnprem || e.Topology.ID == diag.PullCatalystCenter {
			return e.NotApplicable("collector", "The collector is not CSLU.")
		}
		if at, days := unforwarded(e.Facts); at != nil {
			return e.Fail("silent", "CSLU took the report {days} days ago and has returned no acknowledgement since: it does not reach CSSM.", diag.Args{"days": days}).
				At(at...).As(diag.High).About(targets.Of(e.Facts).host).Mend(fixCSLUOnline)
		}
		return e.Unknown(diag.Manual, "manual", "Whether CSLU is logged in to CSSM is shown by CSLU only.").Mend(fixCSLUOnline)
	},
	Remedies: []diag.Fix{fixCSLUOnline},
}

// unforwarded is the evidence that a relay takes reports and does not return their acknowledgement: pushed
// long ago, accepted, polled in vain. It is nil when that cannot be said.
func unforwarded(f *diag.Facts) (at []diag.Source, days int) {
	l := licence(f)
	push, pushed := l.Usage.LastReportPush.Peek()
	ack, acked := l.Usage.LastAck.Peek()
	now, dated := iosxe.Now(f).Peek()
	usage, _ := l.Communication.Channel(channelUsage)
	polling, _ := l.Communication.Channel(channelPolling)
	taken, _ := usage.LastResponse.Peek()
	polled, _ := polling.LastResponse.Peek()
	waited := now.Sub(push)
	if !pushed || !dated || waited <= relayPatience || acked && ack.Sub(push) >= 0 ||
		!strings.HasPrefix(taken, "OK") || polled != "NO REPLY" {
		return nil, 0
	}
	return []diag.Source{l.Usage.LastReportPush.Source(), l.Usage.LastAck.Source(), usage.LastResponse.Source(), polling.LastResponse.Source()}, diag.Days(waited)
}

var csluChecks = []*diag.Check{CSLULastACK, CSLUDNS, CSLUURL, CSLUHello, CSLUCSSM, CSLUPull}
