package checks

import (
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// logMemory is how long a failure that is over stays worth a warning (knowledge B.20).
const logMemory = 7 * 24 * time.Hour

// LogCollect asks whether the log can be used.
var LogCollect = &diag.Check{
	ID:       "log-collect",
	Title:    "Log can be read and dated",
	Why:      "Without a log that carries dates, what happened when cannot be told.",
	Severity: diag.Low,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.RunningNames.Command},
	Seed:     "knowledge B.20",
	Judge:    judgeLogCollect,
	Remedies: []diag.Fix{fixTimestamps},
}

var fixTimestamps = saved(diag.Fix{
	Summary: "let log lines carry dates",
	Config:  []string{"service timestamps log datetime msec localtime show-timezone", "logging buffered 64000"},
	Verify:  []string{"show logging"},
	Affects: "the log buffer: it is emptied when its size changes",
})

func judgeLogCollect(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	if n := len(log); n > 0 && !(n == 1 && log[0].Stamp.IsZero()) {
		// the newest line: the oldest may be cut, because the buffer is a ring
		switch newest := log[n-1]; {
		case newest.Stamp.Uptime:
			return e.Warn("uptime", "Log lines carry the time since the start instead of a date.").At(logSource(e.Facts, newest)).Mend(fixTimestamps)
		case newest.Stamp.IsZero():
			return e.Warn("undated", "Log lines carry no time.").At(logSource(e.Facts, newest)).Mend(fixTimestamps)
		}
	} else if c, ok := iosxe.RunningNames.Of(e.Facts).Peek(); ok {
		l, found := c.First("service timestamps log")
		if !found || !strings.Contains(l.Text, "datetime") {
			at := l.At
			if !found {
				at = iosxe.RunningNames.Of(e.Facts).Source()
			}
			return e.Warn("unset", "Log lines will not carry dates.").At(at).Mend(fixTimestamps)
		}
	}
	return e.Pass("readable", "The log can be read; messages about licensing: {count}.", diag.Args{"count": len(log)}).At(v.Source())
}

// LogCommFailed asks whether a failure in the log is still open.
var LogCommFailed = &diag.Check{
	ID:       "log-comm-failed",
	Title:    "No open communication failure in the log",
	Why:      "The message is logged at every failed attempt; without a recovery the fault goes on.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes:   diag.By(PlatformTopology, AgentIdentityInvalid, AgentTrustGate, AgentCommChannels, CSLUHello),
	Seed:     "knowledge B.20, D0; S1:175-193,329-340",
	Judge:    judgeCommFailed,
}

func judgeCommFailed(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	failed, at := lastEvent(log, "SMART_LIC-COMM_FAILED")
	if at < 0 {
		return e.Pass("none", "The log has no communication failure.").At(v.Source())
	}
	_, detail := commFailed(failed)
	args := diag.Args{"detail": detail, "when": failed.Stamp.Text}
	source := logSource(e.Facts, failed)
	x := exchanges.Of(e.Facts)
	if restored, i := lastEvent(log, "SMART_LIC-COMM_RESTORED"); i > at {
		now, _ := iosxe.Now(e.Facts).Peek()
		if t, ok := failed.Stamp.At(now); ok && !now.IsZero() && now.Sub(t) > logMemory {
			return e.Pass("old", "Communication failed more than a week ago and was restored.", args).At(source, logSource(e.Facts, restored))
		}
		return e.Warn("restored", "Communication failed lately ({detail}) and was restored.", args).At(source, logSource(e.Facts, restored)).As(diag.Low)
	}
	switch {
	case e.Topology.ID != "" && e.Topology.ID.Family()&diag.Push == 0:
		return e.Warn("not-pushing", "The agent tries to send and fails ({detail}), although this device does not report that way.", args).At(source).As(diag.Low)
	case x.fromOther:
		return e.Warn("before-change", "The last failure is from before the transport was changed.", args).At(source).As(diag.Low)
	case x.failing():
		return e.Fail("open", "Communication fails, last at {when}: {detail}", args).At(source)
	case x.known:
		return e.Warn("over", "The last failure ({detail}) has no recovery in the log, but the counters show none that goes on.", args).At(source).As(diag.Low)
	}
	return e.Warn("unconfirmed", "The last failure ({detail}) has no recovery in the log; the counters are not known.", args).At(source)
}

// LogCommFailedClass says what the words of the newest failure point at.
var LogCommFailedClass = &diag.Check{
	ID:       "log-comm-failed-class",
	Title:    "What the newest failure points at",
	Why:      "The words of the message say where to look first.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command},
	Seed:     "knowledge B.20, C.3; OQ-32",
	Judge:    judgeFailureKind,
}

func judgeFailureKind(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	failed, at := lastEvent(diag.Must(e, v).Events, "SMART_LIC-COMM_FAILED")
	if at < 0 {
		return e.NotApplicable("none", "The log has no communication failure.").At(v.Source())
	}
	peer, detail := commFailed(failed)
	failure := failureOf(detail)
	args := diag.Args{"peer": peer, "detail": detail, "kind": string(failure.Class), "look": failure.Checks}
	if exchanges.Of(e.Facts).fromOther {
		return e.Warn("before-change", "The newest failure names {peer}, which is not the peer of today's transport: it is from before a change.", args).
			At(logSource(e.Facts, failed), licence(e.Facts).Transport.Type.Source())
	}
	if len(failure.Checks) == 0 {
		return e.Inform("unknown-words", "The newest failure has words that are not catalogued: {detail}", args).At(logSource(e.Facts, failed))
	}
	return e.Inform("kind", "The newest failure is of the kind {kind}: {detail}; look at {look} first.", args).At(logSource(e.Facts, failed))
}

var logChecks = []*diag.Check{LogCollect, LogCommFailed, LogCommFailedClass}
