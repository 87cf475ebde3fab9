package checks

import (
	"regexp"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

const (
	firstOnprem   = "17.3.3"          // the first device release with SSM On-Prem (S1:436)
	defaultTenant = "on-prem-default" // of the default local virtual account (S1:298)
)

// unsettledOnprem are releases with a higher number than firstOnprem that came out before it (OQ-21).
var unsettledOnprem = []string{"17.4.1", "17.5.1"}

// tenantPath is the path of an SSM On-Prem URL; the tenant is opaque (OQ-2).
var tenantPath = regexp.MustCompile(`^/cslu/v1/pi/([^/]+)/?$`)

// onpremPorts are the ports SSM On-Prem listens on; none is that of the scheme.
var onpremPorts = []string{"", "80", "443", "8443"}

var (
	fixOnpremURL = saved(diag.Fix{
		Summary: "set the URL that SSM On-Prem shows",
		Config:  []string{"license smart transport cslu", "license smart url cslu <url-from-on-prem>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license all"},
		Manual:  []string{stepOnpremURL},
		Affects: "licensing traffic",
	})
	fixOnpremHTTPS = saved(diag.Fix{
		Summary: "use https with SSM On-Prem",
		Config:  []string{"license smart url cslu <url-from-on-prem>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show license all"},
		Manual:  []string{stepOnpremURL, "https also needs SLA-TrustPoint and the name in the server's certificate"},
		Affects: "licensing traffic",
	})
	fixCertificate = diag.Fix{
		Summary: "compare the URL's host with the server's certificate",
		Verify:  []string{"show license all"},
		Manual: []string{
			"browser: open https://<host>/, and read the common name and the alternative names of the certificate",
			"use one of these names in the URL, or issue the certificate anew with the name in use",
		},
		Affects: "licensing traffic",
	}
	fixOnpremRelease = diag.Fix{
		Summary: "upgrade SSM On-Prem, or report another way",
		Verify:  []string{"show license status"},
		Manual: []string{
			"SSM On-Prem: upgrade to 8-202102 or later, better 8-202105 or later",                   // M13
			"until then the device keeps its reports; any other supported topology works meanwhile", // S1:438-445
		},
		Affects: "every device that reports to this server",
	}
	fixDeviceRelease = diag.Fix{
		Summary: "upgrade the device",
		Verify:  []string{"show version"},
		Manual:  []string{"upgrade to 17.3.3 or later, better a maintenance release of 17.9, 17.12 or 17.15; plan the reload"},
		Affects: "the whole device: it reloads",
	}
	fixOnpremSync = diag.Fix{
		Summary: "synchronise SSM On-Prem with Cisco",
		Verify:  []string{"show license status"},
		Manual:  []string{stepOnpremSync, stepOnpremFile, stepOnpremPull},
		Affects: "nothing on the device",
	}
)

// OnpremURL judges the address of SSM On-Prem.
var OnpremURL = &diag.Check{
	ID:       "onprem-url",
	Title:    "The SSM On-Prem URL has a tenant",
	Why:      "The tenant decides which local virtual account gets the report.",
	Severity: diag.High,
	Applies:  diag.OP,
	Reads:    relayReads,
	Causes:   slices.Concat(typeFault, diag.By(TransportLegacyPath, TransportURLVsType)),
	Seed:     "knowledge B.7, OQ-1, OQ-2; S1:291-301",
	Judge:    judgeOnpremURL,
	Remedies: []diag.Fix{fixOnpremURL, fixOnpremHTTPS, fixExpectedCSLU},
}

func judgeOnpremURL(e *diag.Exam) diag.Verdict {
	if v := wrongType(e, fixOnpremURL); v != nil {
		return *v
	}
	address := licence(e.Facts).Transport.URL
	text, set := diag.Need(e, address)
	args := diag.Args{"url": text}
	p := peers.Of(e.Facts)
	if v := otherURL(e, text, address.Source()); v != nil {
		return *v
	}
	switch {
	case !set:
		return e.Fail("empty", "No URL of SSM On-Prem is set.").At(address.Source()).Mend(fixOnpremURL)
	case p.url == nil || p.host == "" || strings.Contains(text, " "):
		return e.Fail("malformed", "The address {url} is not a URL.", args).At(address.Source()).About(text).Mend(fixOnpremURL)
	}
	tenant := tenantPath.FindStringSubmatch(p.url.EscapedPath())
	if tenant == nil {
		return e.Fail("tenant", "The URL {url} names no tenant; it should end in /cslu/v1/pi/<tenant>.", args).
			At(address.Source()).About(text).Mend(fixOnpremURL)
	}
	args["tenant"], args["port"] = tenant[1], p.url.Port()
	switch {
	case e.Device.Expect.URL != "":
		return e.Pass("expected", "The SSM On-Prem URL is the expected one, {url}.", args).At(address.Source()).About(text)
	case !slices.Contains(onpremPorts, p.url.Port()):
		return e.Warn("port", "The URL {url} has the port {port}, which SSM On-Prem does not use by itself.", args).At(address.Source()).About(text).Mend(fixOnpremURL)
	case strings.EqualFold(p.url.Scheme, "http"):
		return e.Warn("http", "The URL {url} works, but reports travel in clear text.", args).At(address.Source()).About(text).As(diag.Low).Mend(fixOnpremHTTPS)
	case tenant[1] == defaultTenant && e.Device.Expect.VirtualAccount != "":
		args["want"] = e.Device.Expect.VirtualAccount
		return e.Warn("default-tenant", "The URL names the tenant of the default local virtual account; the inventory expects {want}.", args).
			At(address.Source()).About(text).Mend(fixOnpremURL)
	}
	return e.Pass("good", "The SSM On-Prem URL is {url}.", args).At(address.Source()).About(text)
}

// OnpremCertName reminds of the server's certificate.
var OnpremCertName = &diag.Check{
	ID:       "onprem-cert-name",
	Title:    "The URL's host is in the server's certificate",
	Why:      "TLS fails when the name in the URL is not in the certificate.",
	Severity: diag.Medium,
	Applies:  diag.OP,
	Reads:    relayReads,
	Causes:   diag.By(OnpremURL),
	Seed:     "knowledge B.7",
	Judge:    judgeCertName,
	Remedies: []diag.Fix{fixCertificate},
}

func judgeCertName(e *diag.Exam) diag.Verdict {
	if !overTLS(e) {
		return e.NotApplicable("http", "SSM On-Prem is contacted over http.")
	}
	p, check := peers.Of(e.Facts), licence(e.Facts).Transport.ServerIdentityCheck
	args := diag.Args{"host": p.host}
	if on, _ := check.Peek(); on && p.isAddress() {
		return e.Warn("address", "The URL has the address {host}, the server's name is checked, and certificates rarely carry addresses.", args).
			At(p.source, check.Source()).About(p.host).Mend(fixCertificate)
	}
	return e.Unknown(diag.Manual, "manual", "Whether the certificate of {host} carries that name is shown by the server only.", args).
		At(p.source).About(p.host).Mend(fixCertificate)
}

// OnpremServerVersion asks whether the server is too old.
var OnpremServerVersion = &diag.Check{
	ID:       "onprem-server-version",
	Title:    "The SSM On-Prem release supports the policy",
	Why:      "An old server does not take the reports of this licensing model.",
	Severity: diag.High,
	Applies:  diag.OP | diag.PL | diag.DC,
	Reads: slices.Concat(relayReads, []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowCallHomeSmartLicensing.Command,
		&iosxe.ShowCallHomeProfiles.Command}),
	Seed:     "knowledge B.7, A.5; S1:430-446",
	Judge:    judgeServerVersion,
	Remedies: []diag.Fix{fixOnpremRelease},
}

func judgeServerVersion(e *diag.Exam) diag.Verdict {
	switch e.Topology.ID {
	case diag.OnpremPush, diag.PullOnprem, diag.Pull, diag.CallhomeOnpremLegacy:
	default:
		if own := licence(e.Facts).Transport.URL; e.Topology.ID == diag.DirectCallhome && !e.Topology.Declared && !own.Known() {
			diag.Need(e, callhomeURLs(e.Facts)) // it may be the gateway of a server
		}
		return e.NotApplicable("no-onprem", "The device does not report to SSM On-Prem.")
	}
	log := events(e.Facts)
	refusal, at := lastEvent(log, "SMART_LIC-REPORTING_NOT_SUPPORTED")
	_, restored := lastEvent(log, "SMART_LIC-COMM_RESTORED", "SMART_LIC-POLICY_INSTALL_SUCCESS")
	usage, _ := licence(e.Facts).Communication.Channel(channelUsage)
	success, ever := usage.LastSuccess.Peek()
	now, _ := iosxe.Now(e.Facts).Peek()
	when, dated := refusal.Stamp.At(now)
	later := restored > at || ever && dated && success.Sub(when) > 0
	switch {
	case at >= 0 && !later:
		return e.Fail("down-rev", "SSM On-Prem is too old for this licensing model; the device keeps its reports until it is upgraded.").
			At(logSource(e.Facts, refusal)).About(peers.Of(e.Facts).host).Mend(fixOnpremRelease)
	case ever && e.Topology.ID == diag.OnpremPush:
		if exchanges.Of(e.Facts).current() {
			diag.Must(e, iosxe.ShowLogging.Of(e.Facts)) // it may refuse what it once took
		}
		return e.Pass("accepted", "SSM On-Prem has taken a report.").At(usage.LastSuccess.Source())
	}
	diag.Must(e, iosxe.ShowLogging.Of(e.Facts))
	return e.Unknown(diag.Manual, "manual", "The release of SSM On-Prem is shown by the server only.").Mend(fixOnpremRelease)
}

// OnpremDeviceRelease asks whether the device is too old.
var OnpremDeviceRelease = &diag.Check{
	ID:       "onprem-device-release",
	Title:    "The device's release supports SSM On-Prem",
	Why:      "The first release with this licensing model cannot report to SSM On-Prem.",
	Severity: diag.High,
	Applies:  diag.OP | diag.PL,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Seed:     "knowledge B.7, OQ-21; S1:436",
	Judge:    judgeDeviceRelease,
	Remedies: []diag.Fix{fixDeviceRelease},
}

func judgeDeviceRelease(e *diag.Exam) diag.Verdict {
	if v := otherCollector(e); v != nil {
		return *v
	}
	running := release(e.Facts)
	r := diag.Must(e, running)
	args := diag.Args{"release": r.String(), "first": firstOnprem}
	unsettled := slices.ContainsFunc(unsettledOnprem, func(s string) bool {
		o, _ := iosxe.ParseRelease(s)
		return r.Train == o.Train && r.Minor == o.Minor && r.Patch == o.Patch
	})
	switch {
	case r.Before(firstOnprem):
		return e.Fail("old", "Release {release} cannot report to SSM On-Prem; {first} is the first that can.", args).
			At(running.Source()).About(r.String()).Mend(fixDeviceRelease)
	case unsettled:
		return e.Unknown(diag.Manual, "unsettled", "Release {release} came out before {first}; whether it supports SSM On-Prem is not documented.", args).
			At(running.Source()).About(r.String()).Mend(fixDeviceRelease)
	}
	return e.Pass("supported", "Release {release} supports SSM On-Prem.", args).At(running.Source())
}

// otherCollector takes a check of SSM On-Prem out of play for a device that something else collects from.
func otherCollector(e *diag.Exam) *diag.Verdict {
	if e.Topology.ID == diag.OnpremPush || e.Topology.ID == diag.PullOnprem {
		return nil
	}
	if e.Topology.ID != diag.Pull {
		v := e.NotApplicable("other-collector", "The collector is not SSM On-Prem.")
		return &v
	}
	v := e.Unknown(diag.Manual, "collector", "Which collector pulls the reports is not known to be SSM On-Prem; declare the topology pull-onprem if it is.")
	return &v
}

// OnpremTrustpoint sums up the trustpoint for SSM On-Prem, which needs it in both directions.
var OnpremTrustpoint = &diag.Check{
	ID:       "onprem-trustpoint",
	Title:    "SLA-TrustPoint is accepted, in both directions",
	Why:      "SSM On-Prem and the device check each other's certificates with it.",
	Severity: diag.High,
	Applies:  diag.OP | diag.PL,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.RunningSLATrustpoint.Command, &iosxe.ShowSLACertificate.Command}),
	Causes:   diag.By(TrustpointSLAPresent, TrustpointSLACA, TrustpointSLAParams, TrustpointSLAValidity),
	Seed:     "knowledge B.7; S1:311-322",
	Judge:    judgeOnpremTrustpoint,
	Remedies: []diag.Fix{fixTrustpoint},
}

func judgeOnpremTrustpoint(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	present := slaPresent(e.Facts)
	if !diag.Must(e, present) {
		return e.Fail("absent", "SLA-TrustPoint does not exist.").At(present.Source()).Mend(fixTrustpoint)
	}
	p, ok := diag.Must(e, iosxe.ShowTrustpoints.Of(e.Facts)).Find(iosxe.SLATrustpoint)
	if !ok || !diag.Must(e, p.CAAuthenticated) {
		return e.Fail("not-accepted", "SLA-TrustPoint holds no accepted root certificate.").At(present.Source(), p.CAAuthenticated.Source()).Mend(fixTrustpoint)
	}
	return e.Pass("accepted", "SLA-TrustPoint exists and holds an accepted root certificate.").At(present.Source(), p.CAAuthenticated.Source())
}

// OnpremSyncCisco asks whether the server talks to Cisco.
var OnpremSyncCisco = &diag.Check{
	ID:       "onprem-sync-cisco",
	Title:    "SSM On-Prem is synchronised with CSSM",
	Why:      "Acknowledgements exist only after SSM On-Prem has talked to Cisco.",
	Severity: diag.Medium,
	Applies:  diag.OP | diag.PL,
	Reads:    relayReads,
	Causes:   diag.By(OnpremServerVersion),
	Seed:     "knowledge B.7; S1:389-392,518-521",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := otherCollector(e); v != nil {
			return *v
		}
		if at, days := unforwarded(e.Facts); at != nil {
			return e.Fail("silent", "SSM On-Prem took the report {days} days ago and has returned no acknowledgement since: it is not synchronised with Cisco.", diag.Args{"days": days}).
				At(at...).As(diag.High).About(targets.Of(e.Facts).host).Mend(fixOnpremSync)
		}
		return e.Unknown(diag.Manual, "manual", "Whether SSM On-Prem is synchronised with Cisco is shown by the server only.").Mend(fixOnpremSync)
	},
	Remedies: []diag.Fix{fixOnpremSync},
}

var onpremChecks = []*diag.Check{OnpremURL, OnpremCertName, OnpremServerVersion, OnpremDeviceRelease, OnpremPullHTTP, OnpremTrustpoint, OnpremSyncCisco}
