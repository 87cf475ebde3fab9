package checks

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// otherMemory is how long a message of trouble without an end is worth a warning (EJ).
const otherMemory = 30 * 24 * time.Hour

// judgedElsewhere are the messages that a check of their own holds against the facts: whether they are
// still true, or history.
var judgedElsewhere = map[string]*diag.Check{
	"SMART_LIC-COMM_FAILED":                  LogCommFailed,
	"SMART_LIC-POLICY_INSTALL_FAILED":        PolicyInstallFailed,
	"SMART_LIC-POLICY_REMOVED":               PolicyRemoved,
	"SMART_LIC-AUTHORIZATION_INSTALL_FAILED": AuthInstallFailed,
	"SMART_LIC-TRUST_CODE_INSTALL_FAILED":    TrustInstallFailed,
	"SMART_LIC-REPORTING_NOT_SUPPORTED":      OnpremServerVersion,
	"SMART_LIC-UTILITY_TRUST_CODE":           UtilityTrust,
	"SMART_LIC-UTILITY_SUBSCRIPTION_LICENSE": UtilitySubscription,
	"SMART_LIC-UTILITY_NO_ACK":               UtilityACK30d,
	"SMART_LIC-UTILITY_TRANSPORT_NOT_CONFIG": UtilityTransport,
	"SMART_LIC-UTILITY_REPORT_FAILED":        UtilityReportFailed,
	"SMART_LIC-PLATFORM_ERROR":               AgentEnabled,
	"PKI-NON_AUTHORITATIVE_CLOCK":            ClockAuthoritative,
}

// LogOther reads the messages that no other check judges.
var LogOther = &diag.Check{
	ID:       "log-other",
	Title:    "No other licensing message tells of trouble",
	Why:      "A message that no other check looks at must not be overlooked.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Seed:     "knowledge B.20, C",
	Judge:    judgeLogOther,
}

func judgeLogOther(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	now, _ := iosxe.Now(e.Facts).Peek()
	var open, look []string
	var at []diag.Source
	worst := diag.Low
	for i, ev := range slices.Backward(log) {
		known, catalogued := message.Lookup(ev.Facility, ev.Mnemonic)
		if slices.Contains(open, ev.ID()) || judgedHere(e, ev) || !troubling(ev, known, catalogued) || ended(log[i+1:], known) {
			continue
		}
		if t, dated := ev.Stamp.At(now); dated && now.Sub(t) > otherMemory {
			continue
		}
		open, at = append(open, ev.ID()), append(at, logSource(e.Facts, ev))
		for _, id := range known.Checks {
			if !slices.Contains(look, id) {
				look = append(look, id)
			}
		}
		if ev.Severity <= 3 {
			worst = diag.Medium
		}
	}
	if len(open) == 0 {
		return e.Pass("quiet", "No other message tells of trouble ({count} about licensing in the log).", diag.Args{"count": len(log)}).At(v.Source())
	}
	args := diag.Args{"messages": open, "look": look}
	if len(look) == 0 {
		return e.Warn("unknown", "The log has messages of trouble that are not catalogued: {messages}. Their own words are the evidence.", args).At(at...).As(worst)
	}
	return e.Warn("open", "The log has messages of trouble without an end: {messages}. Look at {look}.", args).At(at...).As(worst)
}

// judgedHere reports a message that a check of this topology looks at.
func judgedHere(e *diag.Exam, ev message.Event) bool {
	k := judgedElsewhere[ev.ID()]
	return k != nil && k.Applies&e.Topology.ID.Family() != 0
}

// troubling reports a message of trouble: as catalogued, else a warning or worse of the licence agent.
func troubling(ev message.Event, known message.Message, catalogued bool) bool {
	if catalogued {
		return known.Kind == message.Trouble
	}
	return strings.HasPrefix(ev.Facility, "SMART_LIC") && ev.Severity <= 4
}

// ended reports that the end of a trouble is among the later messages.
func ended(later []message.Event, m message.Message) bool {
	return slices.ContainsFunc(later, func(ev message.Event) bool {
		return slices.Contains(m.Endings(), ev.ID())
	})
}

var logOtherChecks = []*diag.Check{LogOther}
