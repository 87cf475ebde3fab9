package checks

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

const (
	// pushedTrust is the release from which CSLU and SSM On-Prem deliver a trust code by themselves (REC).
	pushedTrust = "17.7.1"
	// trustWarning is how long before its end a trust code is worth a warning (EJ).
	trustWarning = 90 * 24 * time.Hour
)

var fixAccount = diag.Fix{
	Summary: "find the account this device belongs to",
	Verify:  []string{"show license status"},
	Manual:  []string{stepInstance, "to move it: transfer the product instance in CSSM, or establish trust anew with a token of the right account"},
	Affects: "in which account usage is counted",
}

// TrustCodeInstalled asks for the trust code.
var TrustCodeInstalled = &diag.Check{
	ID:       "trust-code-installed",
	Title:    "A trust code is installed",
	Why:      "CSSM refuses direct reports without one.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLicenseStatus.Command, &iosxe.ShowVersion.Command},
	Causes: slices.Concat(diag.By(TrustInstallFailed),
		under(relayCut, transportFaults, nameFaults, pathFaults, diag.By(ReachPing, CSLUHello))),
	Seed:     "knowledge B.13, OQ-20; S1:362-364,534",
	Judge:    judgeTrustCode,
	Remedies: []diag.Fix{fixTrust, fixSync},
}

// relayCut: the trust code would come over a relay, and what is sent to the relay is lost.
func relayCut(f *diag.Facts) bool {
	return f.Topology.ID.Family()&(diag.CP|diag.OP) != 0 && len(exchanges.Of(f).unheard) > 0 && lostOnTheWay(f)
}

func judgeTrustCode(e *diag.Exam) diag.Verdict {
	installed := trustInstalled(e.Facts)
	has := diag.Must(e, installed)
	switch {
	case has:
		return e.Pass("installed", "A trust code is installed.").At(installed.Source(), licence(e.Facts).OverallTrust.Source())
	case e.Topology.ID.Family()&diag.Direct != 0:
		return e.Fail("none", "No trust code is installed, and CSSM takes no direct reports without one.").
			At(installed.Source(), licence(e.Facts).OverallTrust.Source()).Mend(fixTrust)
	}
	running := release(e.Facts)
	r := diag.Must(e, running)
	args := diag.Args{"release": r.String(), "since": pushedTrust}
	if r.Before(pushedTrust) {
		return e.Inform("not-needed", "No trust code is installed; release {release} does not need one here.", args).At(installed.Source(), running.Source())
	}
	return e.Warn("not-delivered", "No trust code is installed; from release {since} on it usually comes with the first acknowledgement.", args).
		At(installed.Source(), running.Source()).As(diag.Medium).Mend(fixSync)
}

// trustInstalled reports whether a trust code is there: by Overall Trust, by the list of trust codes, else
// by the trust lines of tech support (older agents have only those).
func trustInstalled(f *diag.Facts) diag.Value[bool] {
	l := licence(f)
	if overall, ok := l.OverallTrust.Peek(); ok && !strings.HasPrefix(overall, "INSTALLED") {
		return diag.Present(false, l.OverallTrust.Source())
	}
	if codes, ok := l.TrustCodes.Peek(); ok {
		for _, c := range codes {
			if c.Installed.Known() {
				return diag.Present(true, c.Installed.Source())
			}
		}
		return diag.Present(false, l.TrustCodes.Source())
	}
	switch {
	case l.TrustCodes.IsNone():
		return diag.Present(false, l.TrustCodes.Source())
	case l.OverallTrust.Known():
		return diag.Present(true, l.OverallTrust.Source())
	}
	for _, t := range trustLines(f) {
		if on, ok := t.Installed.Peek(); ok {
			return diag.Present(on, t.Text.Source())
		}
	}
	return diag.Missing[bool](l.TrustCodes.Why())
}

func trustLines(f *diag.Facts) []iosxe.TrustData {
	lines, _ := licence(f).TrustData.Peek()
	return lines
}

// TrustCodeMembers asks every member of a stack or pair.
var TrustCodeMembers = &diag.Check{
	ID:       "trust-code-members",
	Title:    "Every member has a trust code",
	Why:      "After a switchover a member without trust stops reporting.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLicenseUDI.Command},
	Causes:   diag.By(HAUDIList, TrustCodeInstalled),
	Seed:     "knowledge B.13; S1:414",
	Judge:    judgeTrustMembers,
	Remedies: []diag.Fix{fixTrustForce},
}

func judgeTrustMembers(e *diag.Exam) diag.Verdict {
	members, single := haMembers(e)
	if single != nil {
		return *single
	}
	if has, known := trustInstalled(e.Facts).Peek(); known && !has {
		return e.NotApplicable("no-trust", "No member has a trust code.").At(trustInstalled(e.Facts).Source())
	}
	diag.Must(e, trustInstalled(e.Facts))
	var missing []string
	var at []diag.Source
	for _, m := range members {
		if udi := m.UDI.String(); !memberTrusted(e.Facts, m.UDI) && !slices.Contains(missing, udi) {
			missing, at = append(missing, udi), append(at, m.PID.Source())
		}
	}
	args := diag.Args{"members": missing, "count": len(members)}
	if len(missing) == 0 {
		return e.Pass("all", "All {count} members have a trust code.", args).At(trustInstalled(e.Facts).Source())
	}
	return e.Fail("some", "No trust code on {members}.", args).At(at...).Mend(fixTrustForce)
}

// memberTrusted reports whether a list shows trust for a unit.
func memberTrusted(f *diag.Facts, unit iosxe.UDI) bool {
	codes, _ := licence(f).TrustCodes.Peek()
	for _, c := range codes {
		if udi, _ := c.UDI.Peek(); udi == unit.String() && c.Installed.Known() {
			return true
		}
	}
	sn, _ := unit.SN.Peek()
	for _, t := range trustLines(f) {
		device, _ := t.Device.Peek()
		if on, _ := t.Installed.Peek(); on && strings.HasSuffix(device, "S:"+sn) {
			return true
		}
	}
	return false
}

// TrustCodeExpired asks for the end of a trust code.
var TrustCodeExpired = &diag.Check{
	ID:       "trust-code-expired",
	Title:    "The trust code is not expired",
	Why:      "Trust codes of newer agents can end.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowClock.Command},
	Causes:   diag.By(ClockSkew),
	Seed:     "knowledge B.13, OQ-16",
	Judge:    judgeTrustExpired,
	Remedies: []diag.Fix{fixTrustForce},
}

func judgeTrustExpired(e *diag.Exam) diag.Verdict {
	list := licence(e.Facts).TrustCodes
	codes, some := diag.Need(e, list)
	codes = slices.DeleteFunc(slices.Clone(codes), func(c iosxe.TrustCode) bool { return !c.Expires.Known() })
	if !some || len(codes) == 0 {
		return e.NotApplicable("no-end", "This agent prints no expiry of trust codes.").At(list.Source())
	}
	now := diag.Must(e, iosxe.Now(e.Facts))
	var first iosxe.TrustCode
	for _, c := range codes {
		end, set := c.Expires.Peek()
		if !set || end.IsEpoch() {
			continue
		}
		if soonest, _ := first.Expires.Peek(); soonest.IsZero() || end.Sub(soonest) < 0 {
			first = c
		}
	}
	end, _ := first.Expires.Peek()
	if end.IsZero() {
		return e.Pass("never", "The trust code does not expire.").At(codes[0].Expires.Source())
	}
	unit, _ := first.UDI.Peek()
	left := end.Sub(now)
	args := diag.Args{"end": end.Text, "now": now.Text, "days": diag.Days(left), "unit": unit}
	at := []diag.Source{first.Expires.Source(), iosxe.Now(e.Facts).Source()}
	switch {
	case left < 0:
		return e.Fail("expired", "The trust code expired on {end}.", args).At(at...).Mend(fixTrustForce)
	case left < trustWarning:
		return e.Warn("expires", "The trust code expires in {days} days, on {end}.", args).At(at...).Mend(fixTrustForce)
	}
	return e.Pass("valid", "The trust code is valid until {end}.", args).At(at...)
}

// trustCause is a documented reason why trust is not established.
type trustCause struct {
	what  string
	words *regexp.Regexp
	text  string
	fix   diag.Fix
}

// mend is what to do about the cause. Nothing asks for trust again by itself: a clock that has been put
// right does not bring the trust code.
func (c trustCause) mend(e *diag.Exam) []diag.Fix {
	switch {
	case c.what != "signature" && c.what != "timestamp":
		return []diag.Fix{c.fix}
	case clockProven(e.Facts):
		return []diag.Fix{fixTrust}
	}
	return []diag.Fix{c.fix, fixTrust}
}

// trustCauses maps the words of a failed trust installation to its cause, the first match wins (S1:399-425,
// knowledge B.13).
var trustCauses = []trustCause{
	{"identity", identityWords, "The back end does not know this instance any more", fixTrustForce},
	{"signature", words(`signature`), "The signature does not match: the clock is wrong", fixNTP},
	{"timestamp", words(`time ?stamp|nonce|\btime\b.*(mismatch|match|range)`), "The timestamp does not match: the clock differs from CSSM's", fixNTP},
	{"token", words(`expired|invalid token|max(imum)? (number of )?uses`), "The token is expired or used up", fixTrust},
	{"installed", words(`already|\bexists\b`), "A trust code is already installed on this unit", fixTrustForce},
	{"account", words(`account|virtual|not found|token`), "The token belongs to another account than this device", fixTokenAccount},
}

// fixTokenAccount makes a token of the account the device is in.
var fixTokenAccount = diag.Fix{
	Summary: "establish trust with a token of the account this device belongs to",
	Exec:    fixTrust.Exec,
	Verify:  fixTrust.Verify,
	Manual:  []string{stepInstance, stepToken},
	Affects: fixTrust.Affects,
}

// TrustInstallFailed asks whether trust could not be established, and why.
var TrustInstallFailed = &diag.Check{
	ID:       "trust-install-failed",
	Title:    "Establishing trust did not fail",
	Why:      "The words of the failure name one of four documented causes.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    append(slices.Clone(ClockSkew.Reads), &iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLogging.Command, &iosxe.ShowNTPStatus.Command),
	Causes: slices.Concat(diag.By(AgentIdentityInvalid),
		under(trustByClock, clockFaults),
		under(trustUnanswered, nameFaults, pathFaults, transportFaults, diag.By(ReachPing, TrustpointPoolRoot))),
	Seed:     "knowledge B.13; S1:399-425",
	Judge:    judgeTrustInstall,
	Remedies: []diag.Fix{fixTrust, fixTrustForce, fixTokenAccount, fixNTP, fixPath, fixPathVRF},
}

func judgeTrustInstall(e *diag.Exam) diag.Verdict {
	if failed, ok := openTrustFailure(e.Facts); ok {
		args := diag.Args{"text": failed.Text}
		for _, c := range trustCauses {
			if c.words.MatchString(failed.Text) {
				return e.Fail(c.what, c.text+": {text}", args).At(logSource(e.Facts, failed)).About(c.what).Mend(c.mend(e)...)
			}
		}
		return e.Fail("failed", "Installing the trust code failed: {text}", args).At(logSource(e.Facts, failed)).Mend(fixTrust)
	}
	channels := licence(e.Facts).Communication
	diag.Must(e, channels.Channels)
	c, ok := channels.Channel(channelTrust)
	state, counted := conditionOf(c)
	if !ok || !counted {
		e.GiveUp(diag.Absent, "")
	}
	return trustChannelVerdict(e, c, state)
}

// trustChannelVerdict judges the channel Trust Establishment.
func trustChannelVerdict(e *diag.Exam, c iosxe.Channel, state condition) diag.Verdict {
	response, _ := c.LastResponse.Peek()
	reason, explained := c.FailureReason.Peek()
	args := diag.Args{"response": response, "text": reason, "reason": reason}
	at := []diag.Source{c.OngoingOverall.Source(), c.LastResponse.Source(), c.FailureReason.Source()}
	switch state {
	case untried:
		return e.NotApplicable("untried", "No trust was requested since the start of the agent.").At(c.Total.Source())
	case noReply:
		return e.Fail("no-reply", "The request for trust got no answer ({response}): the way to the back end is at fault, not the token.", args).
			At(at...).About(targets.Of(e.Facts).host).Mend(pathFix(e, targets.Of(e.Facts).host), fixTrust)
	case retry:
		w := sentence("retry", "CSSM answered the request for trust and asks to try again later").because(explained)
		return e.Warn(w.what, w.text, args).At(at...).Mend(fixTrust)
	case rejected, unbuilt:
		for _, cause := range trustCauses {
			if cause.words.MatchString(reason) {
				return e.Fail(cause.what, cause.text+": {text}", args).At(at...).About(cause.what).Mend(cause.mend(e)...)
			}
		}
		w := sentence("refused", "The request for trust was refused ({response})").because(explained)
		return e.Fail(w.what, w.text, args).At(at...).Mend(fixTokenAccount, fixTrust)
	}
	return e.Pass("ok", "The last request for trust succeeded.").At(c.LastResponse.Source())
}

// openTrustFailure is the newest failed installation of a trust code that neither a message nor a newer
// trust code shows to be over.
func openTrustFailure(f *diag.Facts) (message.Event, bool) {
	log := events(f)
	failed, at := lastEvent(log, "SMART_LIC-TRUST_CODE_INSTALL_FAILED")
	_, over := lastEvent(log, "SMART_LIC-TRUST_CODE_INSTALL_SUCCESS")
	if at <= over {
		return failed, false
	}
	now, _ := iosxe.Now(f).Peek()
	when, dated := failed.Stamp.At(now)
	codes, _ := licence(f).TrustCodes.Peek()
	for _, c := range codes {
		if installed, ok := c.Installed.Peek(); ok && dated && installed.Sub(when) >= 0 {
			return failed, false
		}
	}
	return failed, true
}

// trustByClock: the words of the failure to establish trust name the clock, or no cause at all.
func trustByClock(f *diag.Facts) bool {
	var text string
	if failed, open := openTrustFailure(f); open {
		text = failed.Text
	} else if c, ok := licence(f).Communication.Channel(channelTrust); ok {
		text, _ = c.FailureReason.Peek()
	}
	for _, c := range trustCauses {
		if c.words.MatchString(text) {
			return c.what == "signature" || c.what == "timestamp"
		}
	}
	return clockMatters(f)
}

// trustUnanswered: the request for trust is lost on the way.
func trustUnanswered(f *diag.Facts) bool {
	c, _ := licence(f).Communication.Channel(channelTrust)
	state, _ := conditionOf(c)
	return state == noReply
}

// TrustAccount asks which account the device reports to.
var TrustAccount = &diag.Check{
	ID:       "trust-account",
	Title:    "The account is known and the expected one",
	Why:      "A device that reports to another account is missing where its licences are.",
	Severity: diag.Low,
	Applies:  diag.AnySLP &^ diag.CT,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLicenseStatus.Command},
	Seed:     "knowledge B.13",
	Judge:    judgeAccount,
	Remedies: []diag.Fix{fixAccount},
}

func judgeAccount(e *diag.Exam) diag.Verdict {
	a, want := licence(e.Facts).Account, e.Device.Expect
	smart, known := diag.Need(e, a.Smart)
	virtual, inVirtual := diag.Need(e, a.Virtual)
	args := diag.Args{"smart": smart, "virtual": virtual, "want_smart": want.SmartAccount, "want_virtual": want.VirtualAccount}
	at := []diag.Source{a.Smart.Source(), a.Virtual.Source()}
	if !known || !inVirtual {
		if ack := licence(e.Facts).Usage.LastAck; !ack.IsNone() {
			diag.Must(e, ack)
			return e.Warn("none", "The device was acknowledged, but does not know its account.", args).At(append(at, ack.Source())...).Mend(fixAccount)
		}
		return e.NotApplicable("no-contact", "The device was never acknowledged, so it was not told its account.").At(at...)
	}
	switch {
	case want.SmartAccount != "" && !strings.EqualFold(want.SmartAccount, smart):
		return e.Fail("smart", "The device reports to the smart account {smart}; the inventory expects {want_smart}.", args).At(at...).About(smart).Mend(fixAccount)
	case want.VirtualAccount != "" && !strings.EqualFold(want.VirtualAccount, virtual):
		return e.Fail("virtual", "The device reports to the virtual account {virtual}; the inventory expects {want_virtual}.", args).At(at...).About(virtual).Mend(fixAccount)
	}
	return e.Pass("known", "The device reports to {smart}, virtual account {virtual}.", args).At(at...)
}

var trustChecks = []*diag.Check{TrustCodeInstalled, TrustCodeMembers, TrustCodeExpired, TrustInstallFailed, TrustAccount}
