package checks

import (
	"slices"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
	"slpdoctor/internal/viptela"
)

// managerChecks are the checks of vManage (Cisco Catalyst SD-WAN Manager), which reports for the routers it manages.
// The checks of IOS XE do not apply to it.
var managerChecks = []*diag.Check{ReconVManageLog, VManageClock}

// Manager lists every check of vManage in the order of results.
func Manager() []*diag.Check { return slices.Clone(managerChecks) }

const (
	reportedLately = 30 * 24 * time.Hour // a failure that is older is history (as recon-stale-contact, knowledge F.3)
	logCovers      = 24 * time.Hour      // less of a log proves nothing: reports are sent once a day or less often (M21)
)

// ReconVManageLog looks for reports to CSSM that failed.
var ReconVManageLog = &diag.Check{
	ID:       "recon-vmanage-log",
	Title:    "vManage's reports to CSSM go through",
	Why:      "When reporting itself is broken, the counts of vManage and CSSM drift apart again after every clean-up.",
	Severity: diag.High,
	Applies:  diag.Anything,
	Reads: []*diag.Command{&viptela.ShowSystemStatus.Command, &viptela.ListLogs.Command, &viptela.LogStart.Command,
		&viptela.ReportLines.Command, &viptela.OlderReportLines.Command},
	Seed:     "knowledge F.1, F.3; S0:39-47,72-78",
	Judge:    judgeVManageLog,
	Remedies: []diag.Fix{fixReporting},
}

// fixReporting is the case F-sync: nothing on vManage or in CSSM that a person may do mends it.
var fixReporting = diag.Fix{
	Summary: "open a TAC case: reporting itself is broken (case F-sync), and cleaning up in CSSM alone does not last",
	Manual: []string{
		"make an admin-tech file on vManage; the lines above are in its var/log/nms/vmanage-server.log",
		message.Manual("M22"),
		"after the workaround: " + message.Manual("M20"),
		message.Manual("M21"),
	},
	Affects: "nothing on the network; until a report arrives CSSM counts on with old numbers",
}

func judgeVManageLog(e *diag.Exam) diag.Verdict {
	r := viptela.Reports.Of(e.Facts)
	switch r.Why {
	case "":
	case diag.Refused:
		e.GiveUp(r.Why, "This user may not open vshell or not read the log there, so it is not known whether reports fail.")
	case diag.Absent:
		e.GiveUp(r.Why, "The log is not where vManage keeps it (/var/log/nms/vmanage-server.log).")
	default:
		e.GiveUp(r.Why, "")
	}
	now, dated := vmanageTime(e.Facts).Peek()
	if len(r.Log.Failures) > 0 {
		return judgeFailures(e, r, now)
	}
	since := diag.Must(e, r.Since)
	if !dated {
		return e.Unknown(diag.Unparsed, "no-time", "No report failed in the log, but how old the log is cannot be said: vManage's own time is not known.").At(r.Since.Source())
	}
	args := diag.Args{"since": since.Format(time.DateTime), "days": int(now.Sub(since).Hours() / 24)}
	if end, ok := r.Ended.Peek(); ok && now.Sub(end) > logCovers {
		args["end"] = end.Format(time.DateTime)
		return e.Unknown(diag.Cut, "stale", "vManage has written nothing to its log since {end}, so it is not known whether reports fail.", args).At(r.Ended.Source())
	}
	if now.Sub(since) < logCovers {
		return e.Unknown(diag.Cut, "short", "No report failed in the log, but it is known only since {since}, less than a day.", args).At(r.Since.Source())
	}
	return e.Pass("none", "No report to CSSM failed in the log, which was read from {since} on ({days} days).", args).At(r.Since.Source())
}

// judgeFailures speaks of the failures that are in the log; the one that happened last decides.
func judgeFailures(e *diag.Exam, r *viptela.Findings, now time.Time) diag.Verdict {
	count, invalid, tenants, instance := 0, 0, []string{}, ""
	var last *time.Time
	var at []diag.Source
	for _, f := range r.Log.Failures {
		count, invalid, instance = count+f.Count, invalid+f.Invalid, f.Instance
		if f.Tenant != "" {
			tenants = append(tenants, f.Tenant)
		}
		if f.Last != nil && (last == nil || f.Last.After(*last)) {
			last = f.Last
		}
		at = append(at, r.At[f.Tenant])
	}
	args := diag.Args{"count": count, "tenants": tenants, "invalid": invalid, "instance": instance, "last": "a time that the log does not say"}
	if last != nil {
		args["last"] = last.Format(time.DateTime)
	}
	switch {
	case last != nil && !now.IsZero() && now.Sub(*last) > reportedLately:
		return e.Warn("failed-before", "{count} reports to CSSM failed, the last one at {last}, more than 30 days ago; since then the log has none.", args).
			As(diag.Medium).At(at...).Mend(fixReporting)
	case invalid > 0:
		return e.Fail("unknown-instance", "{count} reports to CSSM failed, the last one at {last}: CSSM does not know vManage's product instance any more. "+
			"Reporting is broken (case F-sync).", args).At(at...).Mend(fixReporting)
	}
	return e.Fail("failed", "{count} reports to CSSM failed, the last one at {last}. Reporting is broken (case F-sync).", args).At(at...).Mend(fixReporting)
}

// VManageClock compares vManage's clock with the runner's.
var VManageClock = &diag.Check{
	ID:       "vmanage-clock",
	Title:    "vManage's time agrees with a trusted clock",
	Why:      "CSSM accepts less than an hour of difference.",
	Severity: diag.High,
	Applies:  diag.Anything,
	Reads:    []*diag.Command{&viptela.ShowSystemStatus.Command},
	Seed:     "knowledge B.3, E.5",
	Judge:    judgeVManageClock,
	Remedies: []diag.Fix{fixVManageNTP},
}

var fixVManageNTP = diag.Fix{
	Summary: "give vManage NTP servers that answer",
	Verify:  []string{"show ntp associations", "show system status"},
	Manual:  []string{"in vManage's configuration or its template, under system: ntp server <ntp-ip>, and let UDP port 123 pass"},
	Affects: "vManage's clock; a large step disturbs the control connections",
}

func judgeVManageClock(e *diag.Exam) diag.Verdict {
	v := vmanageTime(e.Facts)
	now := diag.Must(e, v)
	c, _ := e.Capture(&viptela.ShowSystemStatus.Command)
	switch {
	case c.Received.IsZero():
		return e.Unknown(diag.NotCollected, "no-time", "The capture does not say when it was taken, so the clock cannot be compared.").At(v.Source())
	case !c.ClockSynced:
		return e.Unknown(diag.NotCollected, "no-reference", "The runner's clock is not known to be right, so vManage's clock cannot be compared.").At(v.Source())
	}
	status, _ := viptela.ShowSystemStatus.Partial(e.Facts)
	skew := now.Sub(c.Received.UTC())
	exact := status.Zone == "UTC" || status.Zone == "GMT"
	if !exact && skew.Abs() <= zoneReach {
		skew -= skew.Round(30 * time.Minute)
	}
	args := diag.Args{"skew": age(skew.Abs()), "device": v.Source().Text, "runner": c.Received.UTC().Format(time.DateTime)}
	switch a := skew.Abs(); {
	case a <= skewGood && !exact:
		return e.Pass("agrees-but-zone", "The clock agrees with the runner's within {skew}, whole half-hours aside: its time zone is known by its label only.", args).At(v.Source())
	case a <= skewGood:
		return e.Pass("agrees", "The clock agrees with the runner's within {skew}.", args).At(v.Source())
	case a <= skewTolerable:
		return e.Warn("off", "The clock is {skew} off, by the runner's: {runner} UTC.", args).At(v.Source()).Mend(fixVManageNTP)
	}
	return e.Fail("wrong", "The clock is {skew} off, by the runner's: {runner} UTC.", args).At(v.Source()).Mend(fixVManageNTP)
}

// vmanageTime is vManage's own time, by its wall clock.
func vmanageTime(f *diag.Facts) diag.Value[time.Time] {
	s, why := viptela.ShowSystemStatus.Partial(f)
	if s == nil {
		return diag.Missing[time.Time](why)
	}
	if !s.Now.Known() && why != "" {
		return diag.Missing[time.Time](why)
	}
	return s.Now
}
