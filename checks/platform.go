package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// firstSLP is the first release with Smart Licensing Using Policy (knowledge A.5).
const firstSLP = "17.3.2"

// PlatformIOSXE keeps the rules of IOS XE away from other systems.
var PlatformIOSXE = &diag.Check{
	ID:       "platform-iosxe",
	Title:    "Device runs IOS XE",
	Why:      "Every other check judges by the rules of IOS XE.",
	Severity: diag.Info,
	Applies:  diag.Anything,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Seed:     "knowledge B.1",
	Judge: func(e *diag.Exam) diag.Verdict {
		v := read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[string] { return v.OS })
		os := diag.Must(e, v)
		if os != "IOS XE" {
			return e.NotApplicable("unsupported-os", "The device runs {os}: nothing here is judged.", diag.Args{"os": os}).At(v.Source())
		}
		return e.Pass("iosxe", "The device runs IOS XE.").At(v.Source())
	},
}

// PlatformSLPEnabled tells SLP from the classic model.
var PlatformSLPEnabled = &diag.Check{
	ID:       "platform-slp-enabled",
	Title:    "Release uses Smart Licensing Using Policy",
	Why:      "The older licensing model has other states, other messages and other fixes.",
	Severity: diag.High,
	Applies:  diag.Everywhere,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Seed:     "knowledge B.1, A.5",
	Judge:    judgeSLPEnabled,
	Remedies: []diag.Fix{fixUpgradeSLP},
}

var fixUpgradeSLP = diag.Fix{
	Summary: "upgrade to a release with Smart Licensing Using Policy",
	Verify:  []string{"show license status"},
	Manual:  []string{"upgrade to a recommended maintenance release of 17.9, 17.12 or 17.15; plan the reload"},
	Affects: "the whole device: it reloads",
}

func judgeSLPEnabled(e *diag.Exam) diag.Verdict {
	slp := licence(e.Facts).SLP
	release := release(e.Facts)
	r, known := release.Peek()
	if !slp.Known() && known && r.Before(firstSLP) {
		return e.Fail("old-release", "Release {release} is older than {first}, the first with Smart Licensing Using Policy.",
			diag.Args{"release": r.String(), "first": firstSLP}).At(release.Source()).About(r.String()).Mend(fixUpgradeSLP)
	}
	if !diag.Must(e, slp) {
		return e.Fail("classic", "The device uses classic Smart Licensing with registration.").At(slp.Source(), release.Source()).Mend(fixUpgradeSLP)
	}
	return e.Pass("enabled", "Smart Licensing Using Policy is enabled.").At(slp.Source())
}

// release is the IOS XE release the device runs.
func release(f *diag.Facts) diag.Value[iosxe.Release] {
	return read(f, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[iosxe.Release] { return v.Release })
}

// PlatformOperatingMode tells routers that a controller manages.
var PlatformOperatingMode = &diag.Check{
	ID:       "platform-operating-mode",
	Title:    "Autonomous or controller mode",
	Why:      "A controller reports for the device, so the checks of pushed reports would raise false alarms.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Seed:     "knowledge B.1; S1:505",
	Judge: func(e *diag.Exam) diag.Verdict {
		v := read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[string] { return v.Mode })
		if v.Why() == diag.Absent {
			return e.NotApplicable("no-mode", "This platform has no operating mode: it is autonomous.")
		}
		mode := diag.Must(e, v)
		if strings.EqualFold(mode, "Controller-Managed") {
			return e.Inform("controller", "The device is managed by SD-WAN Manager, which reports its licences.").At(v.Source())
		}
		return e.Pass("autonomous", "The device is autonomous.").At(v.Source())
	},
}

// PlatformTopology says how reports reach CSSM and how sure that is.
var PlatformTopology = &diag.Check{
	ID:       "platform-topology",
	Title:    "Way of reporting is known",
	Why:      "Which checks apply depends on how reports reach CSSM.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    append([]*diag.Command{&iosxe.ShowVersion.Command}, topology.Needs...),
	Causes:   diag.By(PlatformSLPEnabled),
	Seed:     "knowledge B.1, A.3",
	Judge:    judgeTopology,
	Remedies: []diag.Fix{fixDeclare, fixChoose},
}

var fixDeclare = diag.Fix{
	Summary: "declare the topology",
	Manual:  []string{"set topology: for this device in the inventory, or give --topology"},
	Affects: "nothing on the device",
}

var fixChoose = saved(diag.Fix{
	Summary: "choose how this device reports: directly, through CSLU or SSM On-Prem, or by file",
	Config:  []string{"license smart transport smart", "license smart url default", "ip http client secure-trustpoint SLA-TrustPoint"},
	Verify:  []string{"show license status"},
	Manual: []string{
		"the lines are for direct reporting, which also needs a trust code; " + stepToken,
		"through CSLU or SSM On-Prem instead: license smart transport cslu and license smart url cslu <url>",
		"without any connection: license smart transport off, and carry usage files by hand",
	},
	Affects: "licensing traffic",
})

func judgeTopology(e *diag.Exam) diag.Verdict {
	topo := e.Topology
	args := diag.Args{"topology": string(topo.ID), "rule": topo.Rule, "confidence": topo.Confidence}
	if topo.ID == diag.ControllerVManage && !topo.Declared {
		mode := read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[string] { return v.Mode })
		diag.Must(e, mode)
		return e.Pass("inferred", "The device reports as {topology} ({confidence}): {rule}.", args).At(mode.Source())
	}
	t := licence(e.Facts).Transport
	args["type"] = diag.Must(e, t.Type)
	at := []diag.Source{t.Type.Source(), t.URL.Source()}
	switch {
	case topo.ID == "" && topology.Transport(e.Facts) == topology.Automatic:
		return e.Unknown(diag.Unparsed, "automatic", "The transport type is {type}: the agent chooses, and no rule knows what it chose.", args).At(at...).Mend(fixDeclare)
	case topo.ID == "" && topology.Transport(e.Facts) != "":
		return e.Unknown(e.NoTopology, "untold", "The transport type is {type}; what else tells how the device reports is not known.", args).At(at...).Mend(fixDeclare)
	case topo.ID == "":
		return e.Unknown(diag.Unparsed, "unknown-type", "No rule knows the transport type {type}.", args).At(at...)
	case topo.Declared:
		return e.Pass("declared", "The device reports as {topology}: {rule}.", args).At(at...)
	case topo.ID == diag.DefaultUnconfigured:
		return e.Fail("unconfigured", "No way of reporting has been set up on this device.").At(at...).Mend(fixChoose)
	case topo.Confidence == "medium":
		return e.Warn("guessed", "The device seems to report as {topology}, but that cannot be told for certain: {rule}.", args).At(at...).About(string(topo.ID)).Mend(fixDeclare)
	}
	return e.Pass("inferred", "The device reports as {topology} ({confidence}): {rule}.", args).At(at...)
}

// Releases that stop CUBE and SRST when an acknowledgement is overdue (knowledge A.5).
var (
	voiceReleases = []string{"17.3.2", "17.3.3", "17.3.4a", "17.6.1a"}
	voiceTrains   = []string{"17.4.", "17.5."}
	voiceLicences = []string{"CUBE", "SRST"}
)

// voiceAlarmDays is when the countdown of such a release becomes critical (knowledge E.7).
const voiceAlarmDays = 30

// PlatformVoiceShutdownRelease finds the releases on which a missed deadline stops a service.
var PlatformVoiceShutdownRelease = &diag.Check{
	ID:       "platform-voice-shutdown-release",
	Title:    "Voice does not stop at the ACK deadline",
	Why:      "On a few releases CUBE and SRST shut down when the acknowledgement deadline passes.",
	Severity: diag.Critical,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command},
	Causes:   diag.By(ReportACKDeadline),
	Seed:     "knowledge B.1, A.5, E.7",
	Outlasts: true,
	Judge:    judgeVoiceShutdown,
	Remedies: slices.Concat(ackFixes, []diag.Fix{fixUpgradeVoice}),
}

var fixUpgradeVoice = diag.Fix{
	Summary: "upgrade to a release that keeps voice running",
	Verify:  []string{"show version"},
	Manual:  []string{"upgrade to 17.6.2 or later; until then get an acknowledgement before every deadline"},
	Affects: "the whole device: it reloads",
}

func judgeVoiceShutdown(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	all := diag.Must(e, l.Licenses)
	voice := slices.IndexFunc(all, func(u iosxe.LicenseUse) bool { return isVoice(u) && inUse(u) })
	if voice < 0 {
		complete(e, l.Licenses.Source())
		if i := slices.IndexFunc(all, func(u iosxe.LicenseUse) bool { return isVoice(u) && !u.Status.Known() }); i >= 0 {
			diag.Must(e, all[i].Status)
		}
		return e.NotApplicable("no-voice", "No CUBE or SRST licence is in use.")
	}
	v := release(e.Facts)
	r := diag.Must(e, v).String()
	args := diag.Args{"release": r}
	at := []diag.Source{v.Source(), all[voice].Name.Source()}
	if !slices.Contains(voiceReleases, r) && !slices.ContainsFunc(voiceTrains, func(t string) bool { return strings.HasPrefix(r, t) }) {
		return e.Pass("safe", "Release {release} keeps voice running after a missed deadline.", args).At(at...)
	}
	due, scheduled := diag.Need(e, l.Usage.NextAckDeadline)
	at = append(at, l.Usage.NextAckDeadline.Source())
	if !scheduled {
		return e.Warn("no-deadline", "Release {release} stops voice when an acknowledgement is overdue; none is due now.", args).
			At(at...).About(r).As(diag.Medium).Mend(fixUpgradeVoice)
	}
	left := due.Sub(diag.Must(e, iosxe.Now(e.Facts)))
	args["deadline"], args["days"] = due.Text, diag.Days(left)
	switch {
	case left < 0:
		return e.Fail("passed", "Release {release} stops CUBE and SRST now: the ACK deadline {deadline} has passed.", args).
			At(at...).About(r).Mend(ackFix(e.Facts), fixUpgradeVoice)
	case diag.Days(left) <= voiceAlarmDays:
		return e.Warn("near", "Release {release} stops CUBE and SRST in {days} days, at the ACK deadline {deadline}.", args).
			At(at...).About(r).Mend(ackFix(e.Facts), fixUpgradeVoice)
	}
	return e.Warn("ahead", "Release {release} stops CUBE and SRST if no acknowledgement comes before {deadline}, in {days} days.", args).
		At(at...).About(r).As(diag.High).Mend(fixUpgradeVoice)
}

// isVoice reports a CUBE or SRST licence.
func isVoice(u iosxe.LicenseUse) bool {
	for _, field := range []diag.Value[string]{u.Name, u.FeatureName, u.Tag} {
		name, _ := field.Peek()
		for _, v := range voiceLicences {
			if strings.HasPrefix(strings.ToUpper(name), v) {
				return true
			}
		}
	}
	return false
}

// PlatformHostnamePID asks whether the device is named like its product.
var PlatformHostnamePID = &diag.Check{
	ID:       "platform-hostname-pid",
	Title:    "Host name differs from the PID",
	Why:      "Trust can fail to be established when the host name equals the product id.",
	Severity: diag.Low,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.RunningServices.Command, &iosxe.ShowVersion.Command},
	Seed:     "knowledge B.1",
	Judge:    judgeHostname,
	Remedies: []diag.Fix{fixHostname},
}

var fixHostname = saved(diag.Fix{
	Summary: "give the device another name",
	Config:  []string{"hostname <other-name>"},
	Verify:  []string{"show running-config | include ^hostname"},
	Affects: "the prompt, logs and everything that knows the device by name",
})

func judgeHostname(e *diag.Exam) diag.Verdict {
	name := read(e.Facts, iosxe.RunningServices, func(c *iosxe.Config) diag.Value[string] {
		if l, ok := c.First("hostname"); ok {
			return diag.Present(l.After("hostname"), l.At)
		}
		return diag.Value[string]{}
	}).Or(read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[string] { return v.Hostname }))
	pid := licence(e.Facts).Device.PID.Or(read(e.Facts, iosxe.ShowVersion, func(v *iosxe.Version) diag.Value[string] { return v.PID }))
	n, p := diag.Must(e, name), diag.Must(e, pid)
	args := diag.Args{"hostname": n, "pid": p}
	if strings.EqualFold(n, p) {
		return e.Warn("same", "The host name {hostname} equals the product id {pid}.", args).At(name.Source(), pid.Source()).Mend(fixHostname)
	}
	return e.Pass("differs", "The host name {hostname} differs from the product id {pid}.", args).At(name.Source(), pid.Source())
}

// PlatformDataPrivacy tells what the device hides from CSSM.
var PlatformDataPrivacy = &diag.Check{
	ID:       "platform-data-privacy",
	Title:    "What is hidden from CSSM",
	Why:      "A device that hides its host name is found in CSSM by its serial number only.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.1",
	Judge: func(e *diag.Exam) diag.Verdict {
		p := licence(e.Facts).Privacy
		if !diag.Must(e, p.SendingHostname) {
			return e.Inform("hidden", "The host name is not sent: look for the serial number in CSSM.").At(p.SendingHostname.Source(), p.Version.Source()).Mend(fixPrivacy)
		}
		return e.Inform("sent", "The host name is sent to CSSM.").At(p.SendingHostname.Source(), p.Version.Source())
	},
	Remedies: []diag.Fix{fixPrivacy},
}

var fixPrivacy = saved(diag.Fix{
	Summary: "send the host name, if that is wanted",
	Config:  []string{"no license smart privacy hostname"},
	Verify:  []string{"show license status"},
	Affects: "what CSSM shows of this device",
})

var platformChecks = []*diag.Check{PlatformIOSXE, PlatformSLPEnabled, PlatformOperatingMode, PlatformTopology,
	PlatformVoiceShutdownRelease, PlatformHostnamePID, PlatformDataPrivacy}
