package checks

import (
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// Thresholds of reporting (knowledge B.16, E.3, E.6).
const (
	ackWarnDays   = 14               // days before the deadline
	ackWarnPart   = 4                // or the last quarter of the policy's window
	pushWindow    = 4 * time.Hour    // how long the agent keeps trying a scheduled push
	bootGrace     = 60               // minutes after the start
	retryShort    = 10 * time.Minute // attempts of the forced 15-minute interval are this far apart
	retryLong     = 20 * time.Minute
	retryInterval = 15 * time.Minute
	pollLate      = 24 * time.Hour // the agent polls again a day after a failed poll
)

// ReportACKDeadline is the compliance clock.
var ReportACKDeadline = &diag.Check{
	ID:       "report-ack-deadline",
	Title:    "Acknowledgement deadline is not near",
	Why:      "Past the deadline the device is out of policy, and on some releases services stop.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command},
	Causes:   reportCauses,
	Seed:     "knowledge B.16, E.2, E.6; S1:495-521",
	Outlasts: true,
	Judge:    judgeACKDeadline,
	Remedies: ackFixes,
}

var (
	fixPushCSLU = diag.Fix{
		Summary: "send the usage report through CSLU",
		Exec:    fixSync.Exec,
		Verify:  fixSync.Verify,
		Manual:  []string{"when no acknowledgement comes, " + stepCSLU},
		Affects: fixSync.Affects,
	}
	fixPushOnprem = diag.Fix{
		Summary: "send the usage report through SSM On-Prem",
		Exec:    fixSync.Exec,
		Verify:  fixSync.Verify,
		Manual:  []string{stepOnpremSync, stepOnpremFile},
		Affects: fixSync.Affects,
	}
	fixPullCSLU = diag.Fix{
		Summary: "collect the report from CSLU",
		Verify:  []string{"show license status"},
		Manual:  []string{stepCollectCSLU},
		Affects: "nothing but licensing traffic",
	}
	fixPullOnprem = diag.Fix{
		Summary: "collect the report from SSM On-Prem",
		Verify:  []string{"show license status"},
		Manual:  []string{stepOnpremPull, stepOnpremSync, stepOnpremFile},
		Affects: "nothing but licensing traffic",
	}
	fixPullAny = diag.Fix{
		Summary: "collect the report from whatever pulls it",
		Verify:  []string{"show license status"},
		Manual:  []string{stepCollectCSLU, stepOnpremPull, stepController},
		Affects: "nothing but licensing traffic",
	}
	fixDisconnected = diag.Fix{
		Summary: "send the report to CSLU and carry it to CSSM",
		Exec:    []string{syncLine},
		Verify:  []string{"show license status"},
		Manual:  []string{stepExportCSLU, stepUploadRUM, stepImportCSLU},
		Affects: "nothing but licensing traffic",
	}
	fixByFile = diag.Fix{
		Summary: "carry the usage file to CSSM and the acknowledgement back",
		Exec:    []string{"license smart save usage unreported file <path>", "license smart import <path>"},
		Verify:  []string{"show license status"},
		Manual:  []string{"save the usage with the first exec line and copy the file off the device", stepUploadRUM, stepImport},
		Affects: "nothing but licensing data",
	}
	fixController = diag.Fix{
		Summary: "let the controller report",
		Verify:  []string{"show license status"},
		Manual:  []string{stepController},
		Affects: "nothing on the device",
	}
)

// ackFixes are the ways to an acknowledgement.
var ackFixes = []diag.Fix{fixSync, fixPushCSLU, fixPushOnprem, fixPullCSLU, fixPullOnprem, fixPullAny, fixDisconnected, fixByFile, fixController, fixChoose}

// ackFix is how an acknowledgement is got in the device's topology (knowledge B.16).
func ackFix(f *diag.Facts) diag.Fix {
	switch f.Topology.ID {
	case diag.CSLUPushDisconnected:
		return fixDisconnected
	case diag.PullCSLU:
		return fixPullCSLU
	case diag.PullOnprem:
		return fixPullOnprem
	case diag.PullCatalystCenter:
		return fixController
	}
	switch f.Topology.ID.Family() {
	case diag.CP:
		return fixPushCSLU
	case diag.OP:
		return fixPushOnprem
	case diag.PL:
		return fixPullAny
	case diag.OF:
		return fixByFile
	case diag.CT:
		return fixController
	case diag.DU:
		return fixChoose
	}
	return fixSync
}

func judgeACKDeadline(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	u := l.Usage
	due, scheduled := diag.Need(e, u.NextAckDeadline)
	required, known := l.Policy.AckRequired.Peek()
	interval, hasInterval := u.PushIntervalDays.Peek()
	args := diag.Args{"deadline": due.Text}
	at := []diag.Source{u.NextAckDeadline.Source(), u.LastAck.Source()}
	switch {
	case known && !required:
		return e.Inform("not-required", "The policy wants no acknowledgement.").At(l.Policy.AckRequired.Source())
	case !scheduled && hasInterval && interval == 0:
		return e.NotApplicable("no-reporting", "The device has nothing to report.").At(u.NextAckDeadline.Source(), u.PushIntervalDays.Source())
	case !scheduled:
		return e.NotApplicable("no-deadline", "The device has no acknowledgement deadline.").At(u.NextAckDeadline.Source())
	}
	now := iosxe.Now(e.Facts)
	today := diag.Must(e, now)
	at = append(at, now.Source())
	late, slack := since(today, due)
	days := max(diag.Days(-late), 0)
	args["days"], args["late"], args["now"] = days, age(late), today.Text
	window, _ := u.InPolicyDays.Peek()
	switch {
	case late > slack:
		return e.Fail("passed", "The acknowledgement deadline {deadline} passed {late} ago.", args).At(at...).As(diag.Critical).About(string(e.Topology.ID)).Mend(ackFix(e.Facts))
	case days <= ackWarnDays || days*ackWarnPart < window:
		return e.Warn("near", "An acknowledgement is due in {days} days, on {deadline}.", args).At(at...).About(string(e.Topology.ID)).Mend(ackFix(e.Facts))
	}
	return e.Pass("ahead", "The next acknowledgement is due in {days} days, on {deadline}.", args).At(at...)
}

// ReportNextPush asks whether the schedule has slipped.
var ReportNextPush = &diag.Check{
	ID:       "report-next-push",
	Title:    "Scheduled report is not overdue",
	Why:      "A report that is hours late means that every attempt has failed.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command, &iosxe.ShowVersion.Command},
	Causes:   diag.By(AgentTrustGate, AgentCommChannels),
	Seed:     "knowledge B.16, E.2, E.3; S1:193",
	Judge:    judgeNextPush,
	Remedies: []diag.Fix{fixSync},
}

func judgeNextPush(e *diag.Exam) diag.Verdict {
	u := licence(e.Facts).Usage
	next, scheduled := diag.Need(e, u.NextReportPush)
	if days, ok := u.PushIntervalDays.Peek(); ok && days == 0 {
		return e.NotApplicable("no-reporting", "The device has nothing to report.").At(u.PushIntervalDays.Source())
	}
	if !scheduled {
		return e.Pass("none", "No report is waiting to be sent.").At(u.NextReportPush.Source())
	}
	now := iosxe.Now(e.Facts)
	today := diag.Must(e, now)
	late, slack := since(today, next)
	args := diag.Args{"next": next.Text, "late": age(late)}
	at := []diag.Source{u.NextReportPush.Source(), now.Source()}
	uptime := read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[int] { return v.UptimeMins })
	minutes, up := uptime.Peek()
	switch {
	case late <= slack:
		return e.Pass("ahead", "The next report is due on {next}.", args).At(at...)
	case late <= pushWindow+slack:
		return e.Warn("trying", "The report due on {next} is {late} late: the agent tries for four hours.", args).At(at...).As(diag.Low).Mend(fixSync)
	case up && minutes < bootGrace:
		return e.Warn("started", "The report due on {next} is {late} late, but the device has just started.", args).At(append(at, uptime.Source())...).Mend(fixSync)
	}
	return e.Fail("overdue", "The report due on {next} is {late} late: the four hours in which the agent tries are over.", args).At(at...).Mend(fixSync)
}

// ReportUsage is the state of the channel that carries reports.
var ReportUsage = &diag.Check{
	ID:       "report-usage",
	Title:    "Usage reports get through",
	Why:      "This channel carries the reports.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    peerReads,
	Causes:   diag.By(AgentIdentityInvalid, AgentTrustGate, AgentCommChannels),
	Seed:     "knowledge B.16; S1:633-646",
	Judge: func(e *diag.Exam) diag.Verdict {
		channels := licence(e.Facts).Communication.Channels
		diag.Must(e, channels)
		c, ok := licence(e.Facts).Communication.Channel(channelUsage)
		if !ok {
			complete(e, channels.Source())
			e.GiveUp(diag.Absent, "")
		}
		state, ok := conditionOf(c)
		switch {
		case !ok:
			e.GiveUp(diag.Unparsed, "")
		case state == untried:
			return e.Pass("untried", "No report has been sent yet.").At(c.Name.Source())
		case state == good, state == past && !isRecent(e.Facts, c):
			return e.Pass("works", "Usage reports get through.").At(c.LastResponse.Source(), c.LastSuccess.Source())
		}
		return channelVerdict(e, c, state)
	},
	Remedies: channelRemedies,
}

// ReportPoll asks whether the acknowledgement is fetched.
var ReportPoll = &diag.Check{
	ID:       "report-poll",
	Title:    "Acknowledgement is fetched",
	Why:      "A report that was accepted counts only when its acknowledgement has been fetched.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command},
	Causes:   diag.By(AgentIdentityInvalid, AgentTrustGate, AgentCommChannels),
	Seed:     "knowledge B.16, E.2",
	Judge:    judgePoll,
	Remedies: []diag.Fix{fixSync},
}

func judgePoll(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	check := l.Usage.NextAckPushCheck
	next, pending := diag.Need(e, check)
	if pending {
		now := iosxe.Now(e.Facts)
		late, slack := since(diag.Must(e, now), next)
		if late > pollLate+slack {
			return e.Fail("overdue", "The acknowledgement should have been fetched on {next}, {late} ago.", diag.Args{"next": next.Text, "late": age(late)}).
				At(check.Source(), now.Source()).Mend(fixSync)
		}
	}
	c, listed := l.Communication.Channel(channelPolling)
	state, counted := conditionOf(c)
	switch {
	case listed && state == noReply:
		return e.Warn("no-reply", "The last attempt to fetch the acknowledgement got no answer; the next one is a day later.").
			At(c.Name.Source(), c.LastResponse.Source(), check.Source()).Mend(fixSync)
	case !pending:
		return e.Pass("none", "No acknowledgement is waiting to be fetched.").At(check.Source())
	case listed && !counted:
		e.GiveUp(diag.Unparsed, "")
	case !listed:
		diag.Must(e, l.Communication.Channels)
		complete(e, l.Communication.Channels.Source())
	}
	return e.Pass("scheduled", "The acknowledgement is fetched on {next}.", diag.Args{"next": next.Text}).At(check.Source())
}

// Report15Min asks whether the agent is in its retry mode.
var Report15Min = &diag.Check{
	ID:       "report-15min",
	Title:    "Agent is not in its 15-minute retry mode",
	Why:      "The agent falls back to attempts every 15 minutes after four hours of failures.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes:   diag.By(AgentIdentityInvalid, AgentTrustGate, AgentCommChannels, LogCommFailed),
	Seed:     "knowledge B.16, E.3; S1:193",
	Judge:    judge15Min,
}

func judge15Min(e *diag.Exam) diag.Verdict {
	l, x := licence(e.Facts), exchanges.Of(e.Facts)
	channels := l.Communication.Channels
	if x.known && !x.failing() {
		complete(e, channels.Source())
		return e.Pass("normal", "No attempt fails, so the interval is the configured one.").At(channels.Source())
	}
	if a, b, ok := retries(e.Facts); ok {
		return e.Fail("log", "The agent retries every 15 minutes: four hours of attempts have failed. It returns to its interval by itself.").
			At(logSource(e.Facts, a), logSource(e.Facts, b))
	}
	diag.Must(e, channels)
	if !x.failing() {
		e.GiveUp(diag.Unparsed, "") // counters that nobody can read
	}
	next, scheduled := diag.Need(e, l.Usage.NextReportPush)
	days, _ := l.Usage.PushIntervalDays.Peek()
	now := iosxe.Now(e.Facts)
	ahead := next.Sub(diag.Must(e, now))
	at := []diag.Source{l.Usage.NextReportPush.Source(), now.Source()}
	if scheduled && days > 0 && ahead > 0 && ahead <= retryInterval {
		return e.Fail("next-push", "The next report leaves within 15 minutes although the interval is {days} days and the last attempt failed: four hours of attempts have failed.",
			diag.Args{"days": days}).At(append(at, l.Usage.PushIntervalDays.Source())...)
	}
	diag.Must(e, iosxe.ShowLogging.Of(e.Facts)) // where the attempts of the fallback are seen
	return e.Pass("not-yet", "Attempts fail, but the agent has not fallen back to 15 minutes.").At(at...)
}

// retries finds the last two of at least three failures in a row that are 10 to 20 minutes apart.
func retries(f *diag.Facts) (a, b message.Event, found bool) {
	now, _ := iosxe.Now(f).Peek()
	var last []message.Event
	for _, ev := range events(f) {
		switch ev.ID() {
		case "SMART_LIC-COMM_RESTORED":
			last = nil
		case "SMART_LIC-COMM_FAILED":
			last = append(last, ev)
		}
	}
	if len(last) < 3 {
		return a, b, false
	}
	last = last[len(last)-3:]
	for i := range last[1:] {
		t, ok := last[i].Stamp.At(now)
		u, ok2 := last[i+1].Stamp.At(now)
		if gap := u.Sub(t); !ok || !ok2 || gap < retryShort || gap > retryLong {
			return a, b, false
		}
	}
	return last[1], last[2], true
}

// fixWait is for faults of the back end.
var fixWait = diag.Fix{
	Summary: "wait for the back end, then send the report again",
	Exec:    []string{syncLine},
	Verify:  []string{"show license status"},
	Manual:  []string{stepCSSMDown},
	Affects: "nothing but licensing traffic",
}

var reportChecks = []*diag.Check{ReportACKDeadline, ReportNextPush, Report15Min, ReportPoll, ReportUsage}
