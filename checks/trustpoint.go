package checks

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// licensingRoot is the certificate SLA-TrustPoint holds (knowledge B.8).
var licensingRoot = struct{ subject, sha1 string }{
	subject: "cn=Cisco Licensing Root CA,o=Cisco",
	sha1:    "5CA95FB6 E2980EC1 5AFB681B BB7E62B5 AD3FA8B8",
}

// cloudRoot signs the servers of Cisco's cloud (FN-QV); the fingerprint is that of the field notice.
var cloudRoot = struct{ name, sha1 string }{
	name: "IdenTrust Commercial Root CA 1",
	sha1: "DF717EAA4AD94EC9558499602D48DE5FBCF03A25",
}

// bundled lists, per train and minor release, the first patch whose built-in bundle holds cloudRoot;
// every later minor release does (knowledge A.5).
var bundled = []string{"16.12.6", "17.3.4", "17.4.2"}

const (
	certificateWarning = 90 * 24 * time.Hour // EJ
	crlWindow          = 24 * time.Hour
)

var (
	fixTrustpoint = saved(diag.Fix{
		Summary: "create SLA-TrustPoint again",
		Config: []string{"crypto pki trustpoint SLA-TrustPoint", "enrollment terminal", "revocation-check none", "exit",
			"crypto pki authenticate SLA-TrustPoint"},
		Verify:  []string{"show crypto pki trustpoints status"},
		Manual:  []string{"crypto pki authenticate asks for a certificate: paste the Cisco Licensing Root CA in PEM; or reload instead, and the agent creates the trustpoint itself"},
		Affects: "TLS and signature checks of licensing",
	})
	fixRevocation = saved(diag.Fix{
		Summary: "set SLA-TrustPoint as SSM On-Prem needs it",
		Config:  []string{"crypto pki trustpoint SLA-TrustPoint", "enrollment terminal", "revocation-check none"},
		Verify:  []string{"show running-config | section ^crypto pki trustpoint SLA-TrustPoint"},
		Affects: "TLS checks of licensing",
	})
	fixCRL = saved(diag.Fix{
		Summary: "do not fetch revocation lists for the trustpoint",
		Config:  []string{"crypto pki trustpoint <trustpoint>", "revocation-check none"},
		Verify:  []string{"show logging | include PKI-"},
		Affects: "certificates of the trustpoint are no longer checked for revocation",
	})
	fixPool = saved(diag.Fix{
		Summary: "import Cisco's current root certificates",
		Config:  []string{"crypto pki trustpool import url http://www.cisco.com/security/pki/trs/ios_core.p7b"},
		Verify:  []string{"show crypto pki trustpool | include IdenTrust"},
		Manual: []string{
			"without access to www.cisco.com: copy ios_core.p7b to the device and import from flash:ios_core.p7b, or crypto pki trustpool import terminal and paste the IdenTrust certificate",
			"for good: upgrade to a release whose bundle has the certificate (17.3.4, 17.4.2, 17.5.1 or later)",
		},
		Affects: "the roots the device trusts",
	})
	fixChain = diag.Fix{
		Summary: "see which root the server's certificate has today",
		Verify:  []string{"show crypto pki trustpool | include IdenTrust"},
		Manual:  []string{"workstation: openssl s_client -connect <host>:443 -showcerts, and look for the last issuer in the device's trustpool"},
		Affects: "nothing: it only looks",
	}
)

// pkiReads is what shows the transport and the trustpoint.
var pkiReads = slices.Concat(targetReads, []*diag.Command{&iosxe.ShowTrustpoints.Command, &iosxe.RunningCallHome.Command})

// slaFamilies are the topologies that speak TLS with a back end.
const slaFamilies = diag.DS | diag.DC | diag.OP | diag.PL

// TrustpointSLAPresent asks for the trustpoint itself.
var TrustpointSLAPresent = &diag.Check{
	ID:       "trustpoint-sla-present",
	Title:    "SLA-TrustPoint exists",
	Why:      "The agent checks TLS and signatures with it, and uses it as the client's trustpoint.",
	Severity: diag.High,
	Applies:  slaFamilies,
	Reads:    pkiReads,
	Seed:     "knowledge B.8; S1:201,316",
	Judge:    judgeSLAPresent,
	Remedies: []diag.Fix{fixTrustpoint},
}

func judgeSLAPresent(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	present := slaPresent(e.Facts)
	if diag.Must(e, present) {
		return e.Pass("present", "SLA-TrustPoint exists.").At(present.Source())
	}
	return e.Fail("absent", "SLA-TrustPoint does not exist: it was deleted, or the configuration was not saved.").
		At(present.Source()).Mend(fixTrustpoint)
}

// slaPresent reports whether SLA-TrustPoint exists, by its state or by the configuration.
func slaPresent(f *diag.Facts) diag.Value[bool] {
	listed := iosxe.ShowTrustpoints.Of(f)
	out := diag.Missing[bool](listed.Why())
	if all, ok := listed.Peek(); ok {
		out = diag.Present(false, listed.Source())
		if p, ok := all.Find(iosxe.SLATrustpoint); ok {
			out = diag.Present(true, p.At)
		}
	}
	line := setting(f, iosxe.RunningCallHome, "crypto pki trustpoint "+iosxe.SLATrustpoint)
	if line.Known() {
		return out.Or(diag.Present(!line.IsNone(), line.Source()))
	}
	return out.Or(diag.Missing[bool](line.Why()))
}

// noTLS takes a check of the trustpoint out of play where licensing does without TLS: an http URL, or a
// collector other than SSM On-Prem.
func noTLS(e *diag.Exam) *diag.Verdict {
	var v diag.Verdict
	switch {
	case e.Topology.ID == diag.PullOnprem:
		return nil
	case e.Topology.ID == diag.Pull:
		v = e.Unknown(diag.Manual, "which-collector", "SSM On-Prem needs SLA-TrustPoint to collect reports, others do not; declare the topology pull-onprem if it does.")
	case e.Topology.ID.Family() == diag.PL:
		v = e.NotApplicable("collector", "Only SSM On-Prem needs SLA-TrustPoint to collect reports.")
	case overTLS(e):
		return nil
	default:
		v = e.NotApplicable("http", "The licensing server is contacted over http.")
	}
	return &v
}

// TrustpointSLACA asks what the trustpoint trusts.
var TrustpointSLACA = &diag.Check{
	ID:       "trustpoint-sla-ca",
	Title:    "SLA-TrustPoint holds the Cisco Licensing Root CA",
	Why:      "With a wrong or missing root nothing that Cisco signs is accepted.",
	Severity: diag.High,
	Applies:  slaFamilies,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.ShowSLACertificate.Command}),
	Causes:   diag.By(TrustpointSLAPresent),
	Seed:     "knowledge B.8",
	Judge:    judgeSLACA,
	Remedies: []diag.Fix{fixTrustpoint},
}

func judgeSLACA(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	listed := iosxe.ShowTrustpoints.Of(e.Facts)
	p, ok := diag.Must(e, listed).Find(iosxe.SLATrustpoint)
	if !ok {
		return e.Fail("absent", "SLA-TrustPoint does not exist, so it holds no root certificate.").At(listed.Source()).Mend(fixTrustpoint)
	}
	if authenticated, known := p.CAAuthenticated.Peek(); known && !authenticated {
		return e.Fail("not-authenticated", "SLA-TrustPoint exists without a root certificate.").At(p.CAAuthenticated.Source()).Mend(fixTrustpoint)
	}
	subject := diag.Must(e, p.CASubject)
	args := diag.Args{"subject": subject}
	if plain(subject) != plain(licensingRoot.subject) {
		return e.Fail("other", "SLA-TrustPoint holds {subject}, not the Cisco Licensing Root CA.", args).At(p.CASubject.Source()).
			About(subject).Mend(fixTrustpoint)
	}
	diag.Must(e, p.CAAuthenticated)
	if print, known := p.CAFingerprint.Peek(); known && plain(print) != plain(licensingRoot.sha1) {
		return e.Warn("fingerprint", "SLA-TrustPoint holds a certificate named {subject} with an unknown fingerprint.", args).
			At(p.CAFingerprint.Source()).Mend(fixTrustpoint)
	}
	return e.Pass("root", "SLA-TrustPoint holds the Cisco Licensing Root CA.").At(p.CASubject.Source(), p.CAAuthenticated.Source())
}

// plain is a name or fingerprint without blanks, in lower case.
func plain(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }

// TrustpointSLAParams asks for the parameters SSM On-Prem needs.
var TrustpointSLAParams = &diag.Check{
	ID:       "trustpoint-sla-params",
	Title:    "SLA-TrustPoint does not depend on revocation lists",
	Why:      "Fetching a revocation list from an address that cannot be reached breaks TLS with SSM On-Prem.",
	Severity: diag.Medium,
	Applies:  diag.OP | diag.PL,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.RunningSLATrustpoint.Command, &iosxe.ShowLogging.Command}),
	Causes:   slices.Concat(diag.By(TrustpointSLAPresent), nameFaults, pathFaults, diag.By(ReachPing)),
	Seed:     "knowledge B.8, OQ-27; S1:311-322",
	Judge:    judgeSLAParams,
	Remedies: []diag.Fix{fixRevocation, fixTrustpoint},
}

func judgeSLAParams(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	config, whole := configuration(e, iosxe.RunningSLATrustpoint)
	section, ok := config.First("crypto pki trustpoint " + iosxe.SLATrustpoint)
	if !ok {
		return e.Fail("absent", "SLA-TrustPoint is not configured.").At(whole).Mend(fixTrustpoint)
	}
	revocation, set := section.First("revocation-check")
	method, at := revocation.After("revocation-check"), revocation.At
	if !set {
		method, at = "crl", section.At // the default
	}
	enrollment, _ := section.First("enrollment")
	args := diag.Args{"method": method, "enrollment": enrollment.After("enrollment")}
	x := exchanges.Of(e.Facts)
	switch failed, bad := crlFailure(e); {
	case method == "crl" && bad:
		return e.Fail("crl-fails", "SLA-TrustPoint checks revocation lists, and fetching one failed.", args).
			At(at, logSource(e.Facts, failed)).Mend(fixRevocation)
	case method == "crl" && len(x.unheard) > 0:
		return e.Fail("crl", "SLA-TrustPoint checks revocation lists while SSM On-Prem does not answer.", args).
			At(at, x.unheard[0].OngoingCommunication.Source()).Mend(fixRevocation)
	case method == "crl":
		return e.Warn("crl-only", "SLA-TrustPoint checks revocation lists: when one cannot be fetched, TLS fails.", args).At(at).Mend(fixRevocation)
	case method != "none":
		return e.Warn("fallback", "SLA-TrustPoint tries {method}: it works, with failures in the log.", args).At(at).As(diag.Low).Mend(fixRevocation)
	case enrollment.After("enrollment") != "terminal":
		return e.Warn("enrollment", "SLA-TrustPoint has no enrollment terminal.", args).At(section.At, enrollment.At).Mend(fixRevocation)
	}
	return e.Pass("set", "SLA-TrustPoint has enrollment terminal and revocation-check none.").At(enrollment.At, at)
}

// TrustpointSLAValidity asks for the dates of the root.
var TrustpointSLAValidity = &diag.Check{
	ID:       "trustpoint-sla-validity",
	Title:    "The certificate of SLA-TrustPoint is valid now",
	Why:      "An expired root, or a clock that makes it look so, breaks every check.",
	Severity: diag.Medium,
	Applies:  slaFamilies,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.ShowSLACertificate.Command, &iosxe.ShowClock.Command}),
	Causes:   slices.Concat(clockFaults, diag.By(TrustpointSLAPresent, TrustpointSLACA)),
	Seed:     "knowledge B.8",
	Judge:    judgeSLAValidity,
	Remedies: []diag.Fix{fixNTP, fixTrustpoint},
}

func judgeSLAValidity(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	answer := iosxe.ShowSLACertificate.Of(e.Facts)
	certificates := diag.Must(e, answer).Of(iosxe.SLATrustpoint)
	if len(certificates) == 0 {
		all, _ := answer.Peek()
		return e.Unknown(diag.Blocked, "no-certificate", "SLA-TrustPoint has no certificate to judge.").At(answer.Source(), all.NoTrustpoint.Source())
	}
	now := diag.Must(e, iosxe.Now(e.Facts))
	worst, left := certificates[0], time.Duration(1<<62)
	for _, c := range certificates {
		start, end := diag.Must(e, c.Start), diag.Must(e, c.End)
		if now.Sub(start) < 0 {
			return e.Fail("not-yet", "The certificate of SLA-TrustPoint is valid from {start}; the device's clock says {now}.",
				diag.Args{"start": start.Text, "now": now.Text}).At(c.Start.Source(), iosxe.Now(e.Facts).Source()).Mend(fixNTP)
		}
		if l := end.Sub(now); l < left {
			worst, left = c, l
		}
	}
	end, _ := worst.End.Peek()
	args := diag.Args{"end": end.Text, "now": now.Text, "days": diag.Days(left)}
	at := []diag.Source{worst.End.Source(), iosxe.Now(e.Facts).Source()}
	switch {
	case left < 0:
		return e.Fail("expired", "The certificate of SLA-TrustPoint expired on {end}; the device's clock says {now}.", args).At(at...).About(end.Text).Mend(fixNTP, fixTrustpoint)
	case left < certificateWarning:
		return e.Warn("expires", "The certificate of SLA-TrustPoint expires in {days} days, on {end}.", args).At(at...).Mend(fixTrustpoint)
	}
	return e.Pass("valid", "The certificate of SLA-TrustPoint is valid until {end}.", args).At(at...)
}

// TrustpointCRLErrors finds revocation lists that could not be fetched.
var TrustpointCRLErrors = &diag.Check{
	ID:       "trustpoint-crl-errors",
	Title:    "Revocation lists are fetched without errors",
	Why:      "A failed fetch points at revocation checks that break TLS.",
	Severity: diag.Low,
	Applies:  diag.OP | diag.PL,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.RunningSLATrustpoint.Command, &iosxe.ShowClock.Command}),
	Causes:   diag.By(TrustpointSLAParams),
	Seed:     "knowledge B.8",
	Judge:    judgeCRL,
	Remedies: []diag.Fix{fixCRL},
}

func judgeCRL(e *diag.Exam) diag.Verdict {
	if v := noTLS(e); v != nil {
		return *v
	}
	log := iosxe.ShowLogging.Of(e.Facts)
	diag.Must(e, log)
	failed, bad := crlFailure(e)
	if !bad {
		return e.Pass("none", "The log has no failed fetch of a revocation list within a day.").At(log.Source())
	}
	name := crlTrustpoint(failed)
	return e.Warn("failed", "A revocation list could not be fetched: {text}", diag.Args{"text": failed.Text}).
		At(logSource(e.Facts, failed)).About(name).
		Mend(fixCRL.With(diag.Param{Name: "trustpoint", Value: name, Class: diag.ClassVRF}))
}

// crlFailure is the newest failed fetch of a revocation list within crlWindow; one whose time is not known
// counts.
func crlFailure(e *diag.Exam) (message.Event, bool) {
	now, _ := iosxe.Now(e.Facts).Peek()
	for _, x := range slices.Backward(events(e.Facts)) {
		if x.Facility != "PKI" || x.Severity > 4 || !strings.Contains(x.Mnemonic, "CRL") && !strings.Contains(x.Text, "CRL") {
			continue
		}
		if at, dated := x.Stamp.At(now); dated && now.Sub(at) > crlWindow {
			continue
		}
		return x, true
	}
	return message.Event{}, false
}

// crlTrustpoint is the trustpoint that a message names, "" when it names none.
func crlTrustpoint(x message.Event) string {
	words := strings.Fields(x.Text)
	for i, w := range words[:max(len(words)-1, 0)] {
		if strings.EqualFold(strings.TrimSuffix(w, ":"), "trustpoint") {
			return strings.Trim(words[i+1], `".,`)
		}
	}
	return ""
}

// TrustpointPoolRoot asks for the root of Cisco's cloud servers.
var TrustpointPoolRoot = &diag.Check{
	ID:       "trustpoint-pool-root",
	Title:    "The trustpool holds the root of Cisco's servers",
	Why:      "Cisco's cloud servers moved to another public root, which old releases do not know.",
	Severity: diag.High,
	Applies:  diag.Direct,
	Reads:    slices.Concat(pkiReads, []*diag.Command{&iosxe.ShowTrustpool.Command, &iosxe.ShowVersion.Command}),
	Seed:     "knowledge B.8, A.5, OQ-23; FN-QV",
	Judge:    judgePoolRoot,
	Remedies: []diag.Fix{fixPool, fixChain},
}

func judgePoolRoot(e *diag.Exam) diag.Verdict {
	pool := iosxe.ShowTrustpool.Of(e.Facts)
	if c, ok := diag.Must(e, pool).Find(cloudRoot.name); ok {
		return e.Pass("present", "The trustpool holds {root}.", diag.Args{"root": cloudRoot.name}).At(c.At)
	}
	if points, _ := iosxe.ShowTrustpoints.Partial(e.Facts); points != nil {
		for _, p := range points.Trustpoints {
			if print, ok := p.CAFingerprint.Peek(); ok && plain(print) == plain(cloudRoot.sha1) {
				return e.Pass("trustpoint", "Trustpoint {trustpoint} holds {root}.", diag.Args{"trustpoint": p.Name, "root": cloudRoot.name}).At(p.At)
			}
		}
	}
	installed := release(e.Facts)
	r, known := installed.Peek()
	args := diag.Args{"root": cloudRoot.name, "release": r.String()}
	if known && !bundles(r) {
		return e.Fail("absent", "The trustpool lacks {root}, and release {release} does not bring it.", args).
			At(pool.Source(), installed.Source()).About(r.String()).Mend(fixPool)
	}
	return e.Warn("absent", "The trustpool lacks {root}; compare with the chain the server shows today.", args).
		At(pool.Source(), installed.Source()).Mend(fixChain.With(hostParam(targets.Of(e.Facts).host)), fixPool)
}

// bundles reports whether a release brings cloudRoot.
func bundles(r iosxe.Release) bool {
	for _, first := range bundled {
		b, _ := iosxe.ParseRelease(first)
		if r.Train == b.Train && r.Minor == b.Minor {
			return r.Compare(b) >= 0
		}
	}
	return !r.Before("17.4")
}

var trustpointChecks = []*diag.Check{TrustpointSLAPresent, TrustpointSLACA, TrustpointSLAParams, TrustpointSLAValidity, TrustpointCRLErrors, TrustpointPoolRoot}
