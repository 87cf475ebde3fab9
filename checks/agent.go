package checks

import (
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// recentFailure is how long a failure that is over stays worth a warning (EJ, as for COMM_FAILED in the log).
const recentFailure = 7 * 24 * time.Hour

// AgentEnabled asks whether the smart agent runs at all.
var AgentEnabled = &diag.Check{
	ID:       "agent-enabled",
	Title:    "Smart agent is up",
	Why:      "Without the agent nothing is reported, and its internal errors need TAC.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command},
	Seed:     "knowledge B.2",
	Judge:    judgeAgentEnabled,
	Remedies: []diag.Fix{fixTAC},
}

func judgeAgentEnabled(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	log := events(e.Facts)
	broken, at := lastEvent(log, "SMART_LIC-PLATFORM_ERROR")
	if _, restarted := lastEvent(log, "SMART_LIC-AGENT_READY", "SYS-RESTART"); at > restarted {
		return e.Fail("platform-error", "The smart agent reports an internal error: {text}", diag.Args{"text": broken.Text}).
			At(logSource(e.Facts, broken)).Mend(fixTAC)
	}
	if !diag.Must(e, l.Enabled) {
		return e.Fail("disabled", "Smart licensing is disabled.").At(l.Enabled.Source()).Mend(fixTAC)
	}
	if !diag.Must(e, l.Agent.TSEnable) {
		return e.Fail("storage", "The agent's trusted store is not enabled.").At(l.Agent.TSEnable.Source()).Mend(fixTAC)
	}
	if status, ok := l.Reports.ModuleStatus.Peek(); ok && status != "Ready" {
		return e.Fail("reports", "The agent's report module is {status}, not Ready.", diag.Args{"status": status}).At(l.Reports.ModuleStatus.Source()).Mend(fixTAC)
	}
	return e.Pass("up", "The smart agent is up.").At(l.Enabled.Source(), l.Agent.TSEnable.Source(), l.Reports.ModuleStatus.Source())
}

// AgentProdCert asks for the production root.
var AgentProdCert = &diag.Check{
	ID:       "agent-prod-cert",
	Title:    "Agent uses the production certificate",
	Why:      "Production back ends refuse the certificates of engineering images.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    peerReads,
	Seed:     "knowledge B.2, C.3 certificatemismatch",
	Judge:    judgeProdCert,
	Remedies: []diag.Fix{fixImage},
}

var fixImage = diag.Fix{
	Summary: "install a released image",
	Verify:  []string{"show license tech support"},
	Manual:  []string{"install a released, signed image; when it already is one, " + stepTAC},
	Affects: "the whole device: it reloads",
}

func judgeProdCert(e *diag.Exam) diag.Verdict {
	cert := licence(e.Facts).Certificates.Production
	if diag.Must(e, cert) {
		return e.Pass("production", "The agent uses the production certificate.").At(cert.Source())
	}
	p, x := peers.Of(e.Facts), exchanges.Of(e.Facts)
	if x.failing() && (strings.EqualFold(p.host, smartHost) || strings.EqualFold(p.host, callhomeHost)) {
		return e.Fail("development", "The agent uses a development certificate against {host}, which refuses it.", diag.Args{"host": p.host}).
			At(cert.Source(), p.source).Mend(fixImage)
	}
	return e.Warn("development-works", "The agent uses a development certificate: production back ends refuse it.").At(cert.Source()).Mend(fixImage)
}

// AgentIdentityInvalid asks whether the back end has forgotten the instance.
var AgentIdentityInvalid = &diag.Check{
	ID:       "agent-identity-invalid",
	Title:    "Back end knows this instance",
	Why:      "When the back end has lost the instance, its trust code points to nothing and only new trust helps.",
	Severity: diag.High,
	Applies:  diag.Direct | diag.OP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command},
	Seed:     "knowledge B.2",
	Judge:    judgeIdentity,
	Remedies: []diag.Fix{fixTrustForce, fixTrustOnprem},
}

// fixTrustOnprem is fixTrustForce for devices behind SSM On-Prem.
var fixTrustOnprem = diag.Fix{
	Summary: "make SSM On-Prem and CSSM agree on this device, then establish trust anew",
	Exec:    fixTrustForce.Exec,
	Verify:  fixTrustForce.Verify,
	Manual:  []string{stepOnpremSync, stepOnpremFile, "SSM On-Prem: create a new token in the local virtual account of this device and copy it"},
	Affects: fixTrustForce.Affects,
}

func judgeIdentity(e *diag.Exam) diag.Verdict {
	fix := fixTrustForce
	if e.Topology.ID.Family() == diag.OP {
		fix = fixTrustOnprem
	}
	const text = "The back end does not know this instance any more: {text}"
	channels := licence(e.Facts).Communication.Channels
	all, _ := channels.Peek()
	for _, c := range all {
		if state, _ := conditionOf(c); state == good || state == past {
			continue
		}
		if why, ok := c.FailureReason.Peek(); ok && identityWords.MatchString(why) {
			return e.Fail("forgotten", text, diag.Args{"text": why}).At(c.FailureReason.Source()).About(key(peers.Of(e.Facts))).Mend(fix)
		}
	}
	if failed, ok := openFailure(e.Facts); ok && exchanges.Of(e.Facts).current() && identityWords.MatchString(failed.Text) {
		return e.Fail("forgotten", text, diag.Args{"text": failed.Text}).At(logSource(e.Facts, failed)).About(key(peers.Of(e.Facts))).Mend(fix)
	}
	diag.Must(e, channels)
	complete(e, channels.Source())
	return e.Pass("known", "The back end has not refused this instance.").At(channels.Source())
}

// AgentTrustGate asks whether the agent may talk to CSSM at all.
var AgentTrustGate = &diag.Check{
	ID:       "agent-trust-gate",
	Title:    "Agent may communicate directly",
	Why:      "Without trust the agent makes no attempt at all, so that debugging the network is wasted.",
	Severity: diag.High,
	Applies:  diag.Direct,
	Causes:   diag.By(TrustCodeInstalled),
	Seed:     "knowledge B.2, A.4",
	Judge: func(e *diag.Exam) diag.Verdict {
		c := licence(e.Facts).Communication
		level := diag.Must(e, c.Level)
		args := diag.Args{"level": level}
		switch {
		case strings.EqualFold(level, "INDIRECT"):
			return e.Fail("indirect", "The agent will not contact CSSM until trust exists: communication level {level}.", args).
				At(c.Level.Source(), c.State.Source())
		case strings.EqualFold(level, "DIRECT"):
			return e.Pass("direct", "The agent may contact CSSM.").At(c.Level.Source())
		}
		return e.Unknown(diag.Unparsed, "unknown-level", "The communication level {level} is not known.", args).At(c.Level.Source())
	},
}

// AgentCommChannels is the symptom that selects the branch of the decision tree. Its remedies are the last
// leaf of the tree: what is left to look at when no other check explains it (knowledge D2, D8, D10).
var AgentCommChannels = &diag.Check{
	ID:       "agent-comm-channels",
	Title:    "Communication with the back end works",
	Why:      "The counters tell faults of the network from refusals of the back end.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    peerReads,
	Causes:   channelCauses,
	Seed:     "knowledge B.2, A.4, D",
	Judge:    judgeChannels,
	Remedies: channelRemedies,
}

var channelRemedies = []diag.Fix{fixLost, fixLostCSLU, fixLostOnprem, fixRefused, fixWait}

var (
	fixLost = diag.Fix{
		Summary: "find where the exchange is lost",
		Verify:  []string{"show license tech support", "show license history message"},
		Manual:  []string{"test the licensing port by hand: see reach-tcp", stepFirewall, stepCSSMDown, "when nothing is found, " + stepTAC},
		Affects: "nothing: it only looks",
	}
	fixLostCSLU = diag.Fix{
		Summary: fixLost.Summary,
		Verify:  fixLost.Verify,
		Manual:  []string{stepCSLU, "test the licensing port by hand: see reach-tcp", stepFirewall, "when nothing is found, " + stepTAC},
		Affects: fixLost.Affects,
	}
	fixLostOnprem = diag.Fix{
		Summary: fixLost.Summary,
		Verify:  fixLost.Verify,
		Manual:  []string{stepOnpremSync, stepOnpremFile, "test the licensing port by hand: see reach-tcp", stepFirewall, "when nothing is found, " + stepTAC},
		Affects: fixLost.Affects,
	}
	fixRefused = diag.Fix{
		Summary: "find out why the back end refuses",
		Verify:  []string{"show license tech support", "show license history message"},
		Manual:  []string{stepInstance, "quote the reason that the agent prints " + stepTAC},
		Affects: "nothing: it only looks",
	}
)

// lostFix is where to look when nothing comes back.
func lostFix(f *diag.Facts) diag.Fix {
	switch f.Topology.ID.Family() {
	case diag.CP:
		return fixLostCSLU
	case diag.OP:
		return fixLostOnprem
	}
	return fixLost
}

func judgeChannels(e *diag.Exam) diag.Verdict {
	channels := licence(e.Facts).Communication.Channels
	worst, worstState := iosxe.Channel{}, good
	var seen []diag.Source
	for _, c := range diag.Must(e, channels) {
		if aside(e.Facts, c) {
			continue
		}
		state, ok := conditionOf(c)
		if !ok {
			diag.Must(e, c.Total)
			diag.Must(e, c.OngoingOverall)
			diag.Must(e, c.OngoingCommunication)
		}
		if state > worstState && (state != past || isRecent(e.Facts, c)) {
			worst, worstState = c, state
		}
		if state != untried {
			seen = append(seen, c.LastResponse.Source())
		}
	}
	if worstState == good {
		complete(e, channels.Source())
		if len(seen) == 0 {
			return e.Pass("untried", "The agent has made no attempt yet.").At(channels.Source())
		}
		return e.Pass("works", "Every channel that was used works.").At(seen...)
	}
	return channelVerdict(e, worst, worstState)
}

// isRecent reports a failure that is over but not old.
func isRecent(f *diag.Facts, c iosxe.Channel) bool {
	now, ok := iosxe.Now(f).Peek()
	failed, ok2 := c.LastFailure.Peek()
	return ok && ok2 && now.Sub(failed) <= recentFailure
}

// channelVerdict words the condition of one channel that is not good.
func channelVerdict(e *diag.Exam, c iosxe.Channel, state condition) diag.Verdict {
	name, _ := c.Name.Peek()
	response, _ := c.LastResponse.Peek()
	why, explained := c.FailureReason.Peek()
	p := peers.Of(e.Facts)
	args := diag.Args{"channel": name, "response": response, "reason": why, "peer": p.host}
	if p.host == "" {
		args["peer"] = string(targets.Of(e.Facts).role)
	}
	at := []diag.Source{c.Name.Source(), c.OngoingOverall.Source(), c.LastResponse.Source(), c.FailureReason.Source(), c.LastSuccess.Source()}
	switch state {
	case noReply:
		w := sentence("network", "{channel} gets no answer from {peer} ({response})").worked(e.Facts, c, args)
		return e.Fail(w.what, w.text+".", args).At(at...).About(key(p)).Mend(lostFix(e.Facts))
	case rejected:
		w := sentence("application", "{peer} answers {channel} with a refusal ({response})").because(explained).worked(e.Facts, c, args)
		return e.Fail(w.what, w.text+".", args).At(at...).About(key(p) + " " + response).Mend(fixRefused)
	case retry:
		w := sentence("retry", "{peer} answers and asks {channel} to try again later").because(explained)
		return e.Warn(w.what, w.text+".", args).At(at...).About(key(p)).Mend(fixWait)
	case unbuilt:
		w := sentence("unbuilt", "The agent could not build its own message for {channel}").because(explained)
		return e.Warn(w.what, w.text+".", args).At(at...).As(diag.Low)
	}
	return e.Warn("past", "{channel} works again after recent failures.", args).At(at...).As(diag.Low)
}

// key names a known peer.
func key(p peer) string {
	if p.text == "" {
		return ""
	}
	return p.host
}

// wording is a message with its clauses: one that is there or not adds to the id, so that an id has one
// sentence.
type wording struct{ what, text string }

func sentence(what, text string) wording { return wording{what, text} }

// because adds the reason, the argument reason, when the agent gives one.
func (w wording) because(explained bool) wording {
	if !explained {
		return wording{w.what + "-unexplained", w.text + ", without a reason"}
	}
	return wording{w.what, w.text + ": {reason}"}
}

// worked adds when a channel last worked, as the argument last.
func (w wording) worked(f *diag.Facts, c iosxe.Channel, args diag.Args) wording {
	success, ever := c.LastSuccess.Peek()
	now, dated := iosxe.Now(f).Peek()
	switch {
	case ever && dated:
		args["last"] = age(now.Sub(success))
		return wording{w.what, w.text + "; it last worked {last} ago"}
	case c.LastSuccess.IsNone():
		return wording{w.what + "-never", w.text + "; it never worked"}
	}
	return wording{w.what + "-undated", w.text}
}

// AgentJobs asks whether a report will ever leave.
var AgentJobs = &diag.Check{
	ID:       "agent-jobs",
	Title:    "Next report is scheduled",
	Why:      "Without a scheduled job no report will ever leave the device.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Causes:   diag.By(AgentIdentityInvalid, AgentTrustGate),
	Seed:     "knowledge B.2",
	Judge:    judgeJobs,
	Remedies: []diag.Fix{fixSync},
}

func judgeJobs(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	if days, ok := l.Usage.PushIntervalDays.Peek(); ok && days == 0 {
		return e.NotApplicable("no-reporting", "The device has nothing to report.").At(l.Usage.PushIntervalDays.Source())
	}
	diag.Must(e, l.Jobs)
	job, ok := l.Job("Send Utility RUM reports")
	if !ok {
		complete(e, l.Jobs.Source())
		e.GiveUp(diag.Absent, "")
	}
	next, scheduled := diag.Need(e, job.Next)
	if !scheduled {
		return e.Warn("unscheduled", "No report is scheduled although the policy wants reports.").At(job.Next.Source(), l.Usage.PushIntervalDays.Source()).Mend(fixSync)
	}
	now := diag.Must(e, iosxe.Now(e.Facts))
	if late, slack := since(now, next); late > pushWindow+slack {
		return e.Warn("overdue", "The report scheduled for {time} did not leave.", diag.Args{"time": next.Text}).At(job.Next.Source()).Mend(fixSync)
	}
	return e.Pass("scheduled", "The next report leaves on {time}.", diag.Args{"time": next.Text}).At(job.Next.Source())
}

// AgentReservation asks for leftovers of the classic model.
var AgentReservation = &diag.Check{
	ID:       "agent-reservation",
	Title:    "No old reservation is left",
	Why:      "A reservation from before the upgrade confuses authorization, and most licences must be reported all the same.",
	Severity: diag.Low,
	Applies:  diag.AnySLP &^ diag.CT,
	Seed:     "knowledge B.2",
	Judge:    judgeReservation,
	Remedies: []diag.Fix{fixReservation},
}

var fixReservation = diag.Fix{
	Summary: "return the old reservation",
	Verify:  []string{"show license authorization"},
	Manual:  []string{"return the reservation in CSSM and on the device as the upgrade guide of the release says; ask TAC before you touch a device that serves voice"},
	Affects: "authorization of the reserved licences",
}

// reserved is the status of a reservation from before SLP; SMART AUTHORIZATION INSTALLED is of SLP itself.
var reserved = words(`\b(SPECIFIC|UNIVERSAL|PERMANENT)\b.*\bINSTALLED`)

func judgeReservation(e *diag.Exam) diag.Verdict {
	r := licence(e.Facts).Reservation
	if diag.Must(e, r.Enabled) {
		return e.Warn("enabled", "License reservation is still enabled.").At(r.Enabled.Source()).Mend(fixReservation)
	}
	for _, u := range diag.Must(e, r.Units) {
		if status, ok := u.Status.Peek(); ok && reserved.MatchString(status) {
			return e.Warn("installed", "A reservation is still installed: {status}.", diag.Args{"status": status}).At(u.Status.Source()).Mend(fixReservation)
		}
	}
	complete(e, r.Units.Source())
	return e.Pass("none", "No reservation is left.").At(r.Enabled.Source())
}

var agentChecks = []*diag.Check{AgentEnabled, AgentProdCert, AgentCommChannels, AgentIdentityInvalid, AgentTrustGate,
	AgentJobs, AgentReservation}
