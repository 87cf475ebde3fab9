package checks

import (
	"slices"
	"strconv"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// Thresholds of the report store and of files (knowledge B.16, E.6).
const (
	backlogWarn     = 100
	backlogFail     = 500 // FN72578 saw trouble around a thousand
	longestInterval = 365 // days that the configuration takes (OQ-12)
	fileAlarmDays   = 30
)

var (
	fixInterval = saved(diag.Fix{
		Summary: "report as often as the policy wants",
		Config:  []string{"license smart usage interval <days>"},
		Verify:  []string{"show license status"},
		Affects: "how often reports are sent",
	})
	fixBacklog = diag.Fix{
		Summary: "carry the reports that piled up to CSSM by hand",
		Exec:    []string{"license smart save usage unreported file <path>", importLine},
		Verify:  []string{"show license status", "show license tech support"},
		Manual: []string{
			"save the usage with the first exec line and copy the file off the device", stepUploadRUM, stepImport,
			"last resort, and with TAC: license smart factory reset and a reload; they remove policy, trust and authorization codes too",
		},
		Affects: "nothing but licensing data",
	}
)

// ReportInterval compares the interval with the policy.
var ReportInterval = &diag.Check{
	ID:       "report-interval",
	Title:    "Reports are sent as often as the policy wants",
	Why:      "An interval longer than the policy's window misses deadlines.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Seed:     "knowledge B.16, E.1, OQ-12, OQ-14; S1:193",
	Judge:    judgeInterval,
	Remedies: []diag.Fix{fixInterval},
}

func judgeInterval(e *diag.Exam) diag.Verdict {
	u := licence(e.Facts).Usage
	days := diag.Must(e, u.PushIntervalDays)
	window, windowed := u.InPolicyDays.Peek()
	want := e.Device.Expect.PushIntervalDays
	args := diag.Args{"days": days, "window": window, "want": want, "longest": longestInterval}
	at := []diag.Source{u.PushIntervalDays.Source(), u.InPolicyDays.Source()}
	every := func(days int) diag.Fix {
		return fixInterval.With(diag.Param{Name: "days", Value: strconv.Itoa(min(days, longestInterval)), Class: diag.ClassNum})
	}
	switch {
	case days == 0:
		return e.NotApplicable("no-reporting", "The device has nothing to report.").At(at...)
	case window > 0 && days > window:
		return e.Warn("longer", "Reports are sent every {days} days; the policy wants an acknowledgement within {window}.", args).At(at...).Mend(every(window))
	case days > longestInterval:
		return e.Warn("too-long", "Reports are sent every {days} days; more than {longest} is not documented.", args).At(at...).Mend(every(longestInterval))
	case want != 0 && want != days:
		return e.Warn("expected", "Reports are sent every {days} days; the inventory expects {want}.", args).At(at...).As(diag.Low).Mend(every(want))
	case windowed && window == 0:
		return e.Unknown(diag.Absent, "no-window", "The device prints no window of the policy to compare the interval of {days} days with.", args).At(at...)
	case !windowed:
		diag.Must(e, u.InPolicyDays)
	}
	return e.Pass("fits", "Reports are sent every {days} days, within the {window} days of the policy.", args).At(at...)
}

// backlog is what the report store holds.
type backlog struct {
	available diag.Value[int] // reports not yet delivered
	never     bool            // there are some, and none was ever acknowledged although the policy's window is over
	uptime    diag.Value[int] // minutes
}

// state is the condition of the store by its thresholds; false when the number of reports is not known.
func (b backlog) state() (diag.Status, bool) {
	n, ok := b.available.Peek()
	switch {
	case !ok:
		return "", false
	case n >= backlogFail, b.never:
		return diag.Fail, true
	case n >= backlogWarn:
		return diag.Warn, true
	}
	return diag.Pass, true
}

var backlogs = diag.Derive(func(f *diag.Facts) backlog {
	l := licence(f)
	b := backlog{available: l.Reports.Available,
		uptime: read(f, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[int] { return v.UptimeMins })}
	n, _ := b.available.Peek()
	acknowledged, counted := l.Reports.Acknowledged.Peek()
	window, _ := l.Usage.InPolicyDays.Peek()
	minutes, _ := b.uptime.Peek()
	b.never = n > 0 && counted && acknowledged == 0 && window > 0 && time.Duration(minutes)*time.Minute > time.Duration(window)*24*time.Hour
	return b
})

// ReportBacklog asks whether reports pile up.
var ReportBacklog = &diag.Check{
	ID:       "report-backlog",
	Title:    "Reports do not pile up",
	Why:      "Reports that nobody acknowledges consume memory and CPU.",
	Severity: diag.Medium,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Causes: diag.By(PlatformTopology, AgentIdentityInvalid, TrustCodeInstalled, AgentTrustGate, AgentCommChannels, CSLULastACK,
		CSLUPull, OnpremPullHTTP, CSLUCSSM, OnpremSyncCisco, ReportOfflineFile, PolicyInstallFailed),
	Seed:     "knowledge B.16; FN72578",
	Judge:    judgeBacklog,
	Remedies: slices.Concat(ackFixes, []diag.Fix{fixBacklog}),
}

func judgeBacklog(e *diag.Exam) diag.Verdict {
	b, r := backlogs.Of(e.Facts), licence(e.Facts).Reports
	args := diag.Args{"count": diag.Must(e, b.available), "limit": backlogWarn}
	at := []diag.Source{b.available.Source(), r.Acknowledged.Source()}
	switch state, _ := b.state(); {
	case b.never:
		window := licence(e.Facts).Usage.InPolicyDays
		args["window"], _ = window.Peek()
		return e.Fail("never", "{count} reports wait, and none was ever acknowledged, although the device is up for longer than the {window} days of the policy.", args).
			At(append(at, window.Source(), b.uptime.Source())...).Mend(ackFix(e.Facts), fixBacklog)
	case state == diag.Fail:
		return e.Fail("many", "{count} reports wait to be delivered.", args).At(at...).Mend(ackFix(e.Facts), fixBacklog)
	case state == diag.Warn:
		return e.Warn("some", "{count} reports wait to be delivered.", args).At(at...).Mend(ackFix(e.Facts))
	}
	if n, _ := b.available.Peek(); n > 0 && diag.Must(e, r.Acknowledged) == 0 {
		diag.Must(e, licence(e.Facts).Usage.InPolicyDays)
		diag.Must(e, b.uptime)
	}
	return e.Pass("few", "{count} reports wait to be delivered.", args).At(at...)
}

// ReportLost asks whether usage history is gone.
var ReportLost = &diag.Check{
	ID:       "report-lost",
	Title:    "No reports are lost",
	Why:      "Reports that were thrown away leave gaps in the usage history of CSSM.",
	Severity: diag.Medium,
	Applies:  diag.OwnReports,
	Causes:   diag.By(ReportBacklog),
	Seed:     "knowledge B.16; meaning of MIA inferred (OQ-17)",
	Judge: func(e *diag.Exam) diag.Verdict {
		r := licence(e.Facts).Reports
		purged, missing := r.Purged, r.Missing
		at := []diag.Source{purged.Source(), missing.Source()}
		if n, _ := purged.Peek(); n > 0 {
			return e.Warn("purged", "{count} reports were thrown away before they were acknowledged. Nothing brings them back; CSSM's history has gaps.", diag.Args{"count": n}).At(at...)
		}
		if n, _ := missing.Peek(); n > 0 {
			return e.Warn("missing", "{count} reports are missing. Nothing brings them back; CSSM's history has gaps.", diag.Args{"count": n}).At(at...)
		}
		diag.Must(e, purged)
		diag.Must(e, missing)
		return e.Pass("none", "No report was purged, none is missing.").At(at...)
	},
}

// ReportOfflineFile asks whether somebody carries the files.
var ReportOfflineFile = &diag.Check{
	ID:       "report-offline-file",
	Title:    "The usage file was saved and acknowledged",
	Why:      "An offline device depends on files that somebody must carry, and that is easily forgotten.",
	Severity: diag.High,
	Applies:  diag.OF,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command},
	Seed:     "knowledge B.16; S1:508",
	Judge:    judgeOfflineFile,
	Remedies: []diag.Fix{fixByFile},
}

func judgeOfflineFile(e *diag.Exam) diag.Verdict {
	u := licence(e.Facts).Usage
	if days, ok := u.PushIntervalDays.Peek(); ok && days == 0 {
		return e.NotApplicable("no-reporting", "The device has nothing to report.").At(u.PushIntervalDays.Source())
	}
	saved, written := diag.Need(e, u.LastReportFileWrite)
	ack, acked := diag.Need(e, u.LastAck)
	due, scheduled := diag.Need(e, u.NextAckDeadline)
	now := diag.Must(e, iosxe.Now(e.Facts))
	left := diag.Days(due.Sub(now))
	args := diag.Args{"saved": saved.Text, "age": age(now.Sub(saved)), "ack": ack.Text, "deadline": due.Text, "days": max(left, 0)}
	at := []diag.Source{u.LastReportFileWrite.Source(), u.LastAck.Source(), u.NextAckDeadline.Source(), iosxe.Now(e.Facts).Source()}
	switch {
	case !written && scheduled && left <= fileAlarmDays:
		return e.Fail("never", "No usage file was ever saved, and an acknowledgement is due on {deadline}.", args).At(at...).Mend(fixByFile)
	case !written:
		return e.Pass("not-due", "No usage file was saved yet; no acknowledgement is due within a month.").At(at...)
	case !acked || ack.Sub(saved) < 0:
		return e.Warn("pending", "The usage file saved on {saved} has not been answered by an acknowledgement.", args).At(at...).Mend(fixByFile)
	}
	if window, ok := u.InPolicyDays.Peek(); ok && window > 0 && now.Sub(saved) > time.Duration(window)*24*time.Hour {
		return e.Warn("old", "The last usage file is {age} old, more than the policy's window.", args).At(append(at, u.InPolicyDays.Source())...).Mend(fixByFile)
	}
	return e.Pass("acknowledged", "The usage file saved on {saved} was acknowledged.", args).At(at...)
}

// ReportNotRequired tells of devices that have nothing to report.
var ReportNotRequired = &diag.Check{
	ID:       "report-not-required",
	Title:    "Whether reports are required",
	Why:      "A device that need not report has no deadline to miss.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.16",
	Judge: func(e *diag.Exam) diag.Verdict {
		interval := licence(e.Facts).Usage.PushIntervalDays
		days := diag.Must(e, interval)
		if days == 0 {
			return e.Inform("not-required", "No report is required; a change of the licences in use still asks for one.").At(interval.Source())
		}
		return e.Inform("required", "Reports are required; the interval is {days} days.", diag.Args{"days": days}).At(interval.Source())
	},
}

var reportStoreChecks = []*diag.Check{ReportInterval, ReportBacklog, ReportLost, ReportOfflineFile, ReportNotRequired}
