package checks

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
	"slpdoctor/internal/topology"
)

// Days without an acknowledgement in utility mode (knowledge B.17, E.4).
const (
	utilityWarnDays = 25
	utilityFailDays = 30
)

// utilityKinds are the transports that can carry utility reports (S1:615-623, OQ-8).
var utilityKinds = []topology.Kind{topology.Smart, topology.CSLU, topology.Off}

var (
	fixSubscription = diag.Fix{
		Summary: "give the licence a subscription id",
		Verify:  []string{"show license usage"},
		Manual: []string{
			"CCW: order the licence with a subscription id and deposit it in the smart and virtual account of this device", // M15
			"when it has an id already, the acknowledgement that carries it is late: fetch it as the other fix says",
		},
		Affects: "nothing on the device",
	}
	fixUtilityReport = diag.Fix{
		Summary: "send the utility report again",
		Exec:    []string{syncLine},
		Verify:  []string{"show license status", "show license tech support"},
		Manual: []string{
			"while the deadline is far and the server or the link is known to be down: wait and try again later",
			"compare transport type and URL with the topology",
			"when it still fails, " + stepTAC,
		},
		Affects: "nothing but licensing traffic",
	}
	fixCustomer = saved(diag.Fix{
		Summary: "add the customer's data to utility reports, if the contract asks for it",
		Config:  []string{"license smart utility customer_info id <id>", "license smart utility customer_info name <name>"},
		Verify:  []string{"show running-config | include ^license"},
		Manual:  []string{"also possible: city, country, postalcode, state, street"},
		Affects: "what utility reports say",
	})
)

// notUtility takes a check out of play on a device that is not in utility mode.
func notUtility(e *diag.Exam) *diag.Verdict {
	mode := licence(e.Facts).Utility.Enabled
	if diag.Must(e, mode) {
		return nil
	}
	v := e.NotApplicable("disabled", "Utility mode is disabled.").At(mode.Source())
	return &v
}

// UtilityStatus shows the mode.
var UtilityStatus = &diag.Check{
	ID:       "utility-status",
	Title:    "Utility mode",
	Why:      "Utility mode needs an acknowledgement every 30 days.",
	Severity: diag.Info,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command},
	Seed:     "knowledge B.17; S1:655-678",
	Judge: func(e *diag.Exam) diag.Verdict {
		u := licence(e.Facts).Utility
		started, on := lastEvent(events(e.Facts), "SMART_LIC-UTILITY_STARTED")
		stopped, off := lastEvent(events(e.Facts), "SMART_LIC-UTILITY_STOPPED")
		enabled := diag.Must(e, u.Enabled)
		switch {
		case enabled && on > off:
			return e.Inform("started", "Utility mode is enabled; reports have been sent since {when}.", diag.Args{"when": started.Stamp.Text}).
				At(u.Enabled.Source(), logSource(e.Facts, started))
		case enabled:
			return e.Inform("enabled", "Utility mode is enabled.").At(u.Enabled.Source(), u.LastSuccess.Source(), u.NextAttempt.Source())
		case off > on:
			return e.Inform("stopped", "Utility mode was stopped; reports go on without the utility flag.").At(u.Enabled.Source(), logSource(e.Facts, stopped))
		}
		return *notUtility(e)
	},
}

// UtilityTransport asks whether the transport can carry utility reports.
var UtilityTransport = &diag.Check{
	ID:       "utility-transport",
	Title:    "Transport can carry utility reports",
	Why:      "Only smart, cslu and off can; with another transport nothing is reported.",
	Severity: diag.High,
	Applies:  diag.OwnReports,
	Causes:   typeFault,
	Seed:     "knowledge B.17, OQ-8; S1:615-623",
	Judge:    judgeUtilityTransport,
	Remedies: []diag.Fix{transportFix(topology.Smart), transportFix(topology.CSLU), transportFix(topology.Off)},
}

func judgeUtilityTransport(e *diag.Exam) diag.Verdict {
	if v := notUtility(e); v != nil {
		return *v
	}
	t := licence(e.Facts).Transport.Type
	text := diag.Must(e, t)
	kind := topology.KindOf(text)
	args := diag.Args{"type": text}
	switch {
	case slices.Contains(utilityKinds, kind):
		return e.Pass("fits", "The transport {type} can carry utility reports.", args).At(t.Source())
	case kind == "":
		return e.Unknown(diag.Unparsed, "unknown-type", "The transport type {type} is not known.", args).At(t.Source())
	}
	want, fixed := kindsOf[e.Topology.ID.Family()]
	if !fixed || !slices.Contains(utilityKinds, want) {
		want = topology.Smart
	}
	return e.Fail("wrong", "The transport {type} cannot carry utility reports: it must be smart, cslu or off.", args).At(t.Source()).Mend(transportFix(want))
}

// UtilityTrust asks for the trust code.
var UtilityTrust = &diag.Check{
	ID:       "utility-trust",
	Title:    "Utility reports have the trust they need",
	Why:      "Towards CSSM no utility report leaves without a trust code.",
	Severity: diag.High,
	Applies:  diag.DS,
	Causes:   diag.By(TrustCodeInstalled),
	Seed:     "knowledge B.17; S1:541-553",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := notUtility(e); v != nil {
			return *v
		}
		installed := trustInstalled(e.Facts)
		if !diag.Must(e, installed) {
			return e.Fail("none", "Utility reports cannot leave: there is no trust code.").At(installed.Source()).Mend(fixTrust)
		}
		return e.Pass("installed", "The trust code that utility reports need is installed.").At(installed.Source())
	},
	Remedies: []diag.Fix{fixTrust},
}

// UtilityACK30d is the contract's deadline.
var UtilityACK30d = &diag.Check{
	ID:       "utility-ack-30d",
	Title:    "Utility reports are acknowledged within 30 days",
	Why:      "Utility contracts want an acknowledgement every 30 days.",
	Severity: diag.High,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes: diag.By(PlatformTopology, AgentIdentityInvalid, TrustCodeInstalled, AgentTrustGate, UtilityTransport, AgentCommChannels, CSLUHello,
		CSLUPull, OnpremPullHTTP, CSLUCSSM, OnpremSyncCisco, CSLULastACK, ReportOfflineFile),
	Seed:     "knowledge B.17, E.4; S1:590-611",
	Judge:    judgeUtilityACK,
	Remedies: slices.Concat(ackFixes, []diag.Fix{fixTAC}),
}

func judgeUtilityACK(e *diag.Exam) diag.Verdict {
	if v := notUtility(e); v != nil {
		return *v
	}
	u := licence(e.Facts).Usage
	ack, acked := diag.Need(e, u.LastAck)
	next, planned := u.NextReportPush.Peek()
	now := diag.Must(e, iosxe.Now(e.Facts))
	at := []diag.Source{u.LastAck.Source(), iosxe.Now(e.Facts).Source(), u.NextReportPush.Source()}
	args := diag.Args{"ack": ack.Text, "age": age(now.Sub(ack)), "next": "no report is scheduled"}
	if planned {
		args["next"] = "the next report leaves on " + next.Text
	}
	if !acked {
		return judgeNeverAcked(e, args, at)
	}
	waited, slack := since(now, ack)
	switch {
	case waited > utilityFailDays*24*time.Hour+slack:
		return e.Fail("late", "The last acknowledgement is {age} old; utility mode wants one every 30 days; {next}.", args).At(at...).Mend(ackFix(e.Facts), fixTAC)
	case waited > utilityWarnDays*24*time.Hour:
		return e.Warn("near", "The last acknowledgement is {age} old; utility mode wants one every 30 days; {next}.", args).At(at...).Mend(ackFix(e.Facts))
	}
	return e.Pass("recent", "The last acknowledgement is {age} old.", args).At(at...)
}

// judgeNeverAcked goes on with a device that was never acknowledged: only the log says for how long it has
// been in utility mode.
func judgeNeverAcked(e *diag.Exam, args diag.Args, at []diag.Source) diag.Verdict {
	log := events(e.Facts)
	now, _ := iosxe.Now(e.Facts).Peek()
	if alarm, i := lastEvent(log, "SMART_LIC-UTILITY_NO_ACK"); i >= 0 {
		return e.Fail("alarm", "No acknowledgement was ever received, and the device says that it is overdue; {next}.", args).
			At(append(at, logSource(e.Facts, alarm))...).Mend(ackFix(e.Facts), fixTAC)
	}
	started, i := lastEvent(log, "SMART_LIC-UTILITY_STARTED")
	if t, dated := started.Stamp.At(now); i >= 0 && dated && now.Sub(t) > utilityFailDays*24*time.Hour {
		return e.Fail("never", "Utility mode is on for more than 30 days, and no acknowledgement was ever received; {next}.", args).
			At(append(at, logSource(e.Facts, started))...).Mend(ackFix(e.Facts), fixTAC)
	}
	return e.Warn("none-yet", "No acknowledgement was ever received; {next}.", args).At(at...).Mend(ackFix(e.Facts))
}

// UtilitySubscription asks for the subscription of every licence.
var UtilitySubscription = &diag.Check{
	ID:       "utility-subscription",
	Title:    "Every licence has a subscription id",
	Why:      "Usage without a subscription id cannot be billed to a subscription.",
	Severity: diag.Medium,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes:   diag.By(UtilityACK30d),
	Seed:     "knowledge B.17; S1:560-584",
	Judge:    judgeSubscription,
	Remedies: slices.Concat([]diag.Fix{fixSubscription}, ackFixes),
}

func judgeSubscription(e *diag.Exam) diag.Verdict {
	if v := notUtility(e); v != nil {
		return *v
	}
	v := iosxe.ShowLogging.Of(e.Facts)
	ack, acked := licence(e.Facts).Usage.LastAck.Peek()
	var names []string
	var at []diag.Source
	for _, ev := range diag.Must(e, v).Events {
		if ev.ID() != "SMART_LIC-UTILITY_SUBSCRIPTION_LICENSE" || acked && after(e.Facts, ack, ev) {
			continue
		}
		name := ev.Vars["license"]
		if name == "" {
			name = ev.Text
		}
		if !slices.Contains(names, name) {
			names, at = append(names, name), append(at, logSource(e.Facts, ev))
		}
	}
	if len(names) > 0 {
		return e.Fail("missing", "No subscription id in utility mode: {licences}.", diag.Args{"licences": names}).At(at...).Mend(fixSubscription, ackFix(e.Facts))
	}
	all, _ := licence(e.Facts).Licenses.Peek()
	for _, u := range all {
		if inUse(u) && u.SubscriptionID.IsNone() {
			name, _ := u.Name.Peek()
			return e.Warn("printed", "The licence {licence} has no subscription id.", diag.Args{"licence": name}).At(u.SubscriptionID.Source()).Mend(fixSubscription)
		}
	}
	return e.Pass("none", "No licence is known to lack a subscription id.").At(v.Source())
}

// UtilityReportFailed asks whether a utility report is stuck.
var UtilityReportFailed = &diag.Check{
	ID:       "utility-report-failed",
	Title:    "Utility reports get through",
	Why:      "A report that was not sent is usage that was not billed.",
	Severity: diag.High,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes: diag.By(PlatformTopology, AgentIdentityInvalid, TrustCodeInstalled, AgentTrustGate, UtilityTransport, AgentCommChannels,
		CSLUHello, CSLUPull, OnpremPullHTTP),
	Seed:     "knowledge B.17; S1:632-646",
	Judge:    judgeUtilityReport,
	Remedies: []diag.Fix{fixUtilityReport},
}

func judgeUtilityReport(e *diag.Exam) diag.Verdict {
	if v := notUtility(e); v != nil {
		return *v
	}
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	failed, at := lastEvent(log, "SMART_LIC-UTILITY_REPORT_FAILED")
	if at < 0 {
		return e.Pass("none", "No utility report has failed.").At(v.Source())
	}
	source := logSource(e.Facts, failed)
	if over, ok := utilitySuccess(e.Facts, failed, at); ok {
		return e.Pass("over", "A utility report failed; reports have got through since.").At(source, over)
	}
	args := diag.Args{"when": failed.Stamp.Text}
	due := licence(e.Facts).Usage.NextAckDeadline
	deadline, scheduled := due.Peek()
	now, _ := iosxe.Now(e.Facts).Peek()
	if left := diag.Days(deadline.Sub(now)); scheduled && left > ackWarnDays && peerDown(e.Facts) {
		args["days"] = left
		return e.Warn("later", "The utility report of {when} failed while the server is down; the deadline is {days} days away: try again later.", args).
			At(source, due.Source()).Mend(fixUtilityReport)
	}
	return e.Fail("failed", "The utility report of {when} failed, and none has got through since.", args).At(source).Mend(fixUtilityReport)
}

// utilitySuccess is the evidence that reports got through after a failure.
func utilitySuccess(f *diag.Facts, failed message.Event, at int) (diag.Source, bool) {
	if ev, i := lastEvent(events(f), "SMART_LIC-UTILITY_STARTED", "SMART_LIC-COMM_RESTORED"); i > at {
		return logSource(f, ev), true
	}
	l := licence(f)
	usage, _ := l.Communication.Channel(channelUsage)
	for _, v := range []diag.Value[diag.DeviceTime]{l.Utility.LastSuccess, usage.LastSuccess, l.Usage.LastAck, l.Usage.LastReportPush} {
		if t, ok := v.Peek(); ok && after(f, t, failed) {
			return v.Source(), true
		}
	}
	return diag.Source{}, false
}

// peerDown: the back end itself says that it is not working.
func peerDown(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return x.failing() && x.kind == message.ServerDown
}

// UtilityCustomerInfo shows the customer's data.
var UtilityCustomerInfo = &diag.Check{
	ID:       "utility-customer-info",
	Title:    "Customer data in utility reports",
	Why:      "Some contracts want the customer named in the reports.",
	Severity: diag.Low,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command},
	Seed:     "knowledge B.17",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := notUtility(e); v != nil {
			return *v
		}
		const prefix = "license smart utility customer_info"
		config, whole := configuration(e, iosxe.RunningServices)
		var fields []string
		var at []diag.Source
		for _, l := range config.Lines(prefix) {
			field, _, _ := strings.Cut(l.After(prefix), " ")
			fields, at = append(fields, field), append(at, l.At)
		}
		if len(fields) == 0 {
			return e.Inform("none", "Utility reports carry no customer data.").At(whole).Mend(fixCustomer)
		}
		return e.Inform("set", "Utility reports carry of the customer: {fields}.", diag.Args{"fields": fields}).At(at...)
	},
	Remedies: []diag.Fix{fixCustomer},
}

var utilityChecks = []*diag.Check{UtilityStatus, UtilityTransport, UtilityTrust, UtilityACK30d, UtilitySubscription, UtilityReportFailed, UtilityCustomerInfo}
