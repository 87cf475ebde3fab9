package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// authCauses maps the words of a failed installation of a code to its cause, the first match wins
// (S1:111-156, knowledge C.3).
var authCauses = []trustCause{
	{"signature", words(`signature|time ?stamp|nonce|certificate has expired`), "The signature does not match, which points at the clock", fixNTP},
	{"udi", words(`udi|identifier|authorization key failed`), "The code is for other UDIs than those of this device", fixSLACFile},
	{"damaged", words(`pars|decod|base64|b58`), "The code is damaged and must be downloaded again", fixSLACFile},
	{"licences", words(`not enough|insufficient|not authori[sz]ed|no licen[sc]e|available`), "The account does not hold enough licences", fixSLACLicences},
}

// AuthInstallFailed asks whether a code could not be installed, and why.
var AuthInstallFailed = &diag.Check{
	ID:       "auth-install-failed",
	Title:    "Installing an authorization code did not fail",
	Why:      "The words of the failure name one of three documented causes.",
	Severity: diag.High,
	Applies:  diag.OwnReports,
	Reads:    slices.Concat(targetReads, exitReads, []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command}),
	Causes: slices.Concat(diag.By(AgentIdentityInvalid, HAUDIList, AuthUDIMatch),
		under(clockMatters, clockFaults),
		under(authUnanswered, nameFaults, pathFaults, transportFaults, diag.By(ReachPing, CSLUHello, TrustpointPoolRoot))),
	Seed:     "knowledge B.14; S1:111-156",
	Judge:    judgeAuthInstall,
	Remedies: []diag.Fix{fixNTP, fixSLACFile, fixSLACOnline, fixSLACLicences, fixTAC, fixPath, fixPathVRF},
}

func judgeAuthInstall(e *diag.Exam) diag.Verdict {
	log := iosxe.ShowLogging.Of(e.Facts)
	if failed, ok := openAuthFailure(e.Facts); ok {
		return authFailure(e, detailOf(failed)).At(logSource(e.Facts, failed))
	}
	c := licence(e.Facts).Communication
	diag.Must(e, c.Channels)
	var at []diag.Source
	for _, name := range []string{channelAuthConfirmation, channelAuthRequest} {
		channel, printed := c.Channel(name)
		if !printed {
			continue
		}
		state, counted := conditionOf(channel)
		if !counted {
			e.GiveUp(diag.Unparsed, "")
		}
		reason, explained := channel.FailureReason.Peek()
		if !explained {
			reason = "the agent gives no reason"
		}
		args := diag.Args{"channel": name, "text": reason}
		failing := []diag.Source{channel.OngoingOverall.Source(), channel.LastResponse.Source(), channel.FailureReason.Source()}
		switch state {
		case noReply:
			return e.Fail("no-reply", "{channel} gets no answer: the way to the back end is at fault, not the code.", args).At(failing...).
				Mend(pathFix(e, targets.Of(e.Facts).host))
		case rejected:
			return authFailure(e, reason).At(failing...)
		case retry:
			return e.Warn("retry", "{channel} was answered with a request to try again later: {text}", args).At(failing...).Mend(fixSLACOnline.With(enforcedFeature(e.Facts)))
		case unbuilt:
			return e.Warn("unbuilt", "The agent could not build its own message for {channel}: {text}", args).At(failing...).As(diag.Low).Mend(fixTAC)
		}
		at = append(at, channel.OngoingOverall.Source(), channel.FailureReason.Source())
	}
	if len(at) == 0 {
		e.GiveUp(diag.Absent, "")
	}
	diag.Must(e, log)
	return e.Pass("none", "No installation of an authorization code has failed.").At(append(at, log.Source())...)
}

// authFailure names the cause of a failed installation by its words.
func authFailure(e *diag.Exam, text string) diag.Verdict {
	args := diag.Args{"text": text}
	for _, c := range authCauses {
		if c.words.MatchString(text) {
			return e.Fail(c.what, c.text+": {text}", args).Mend(c.fix.With(enforcedFeature(e.Facts)))
		}
	}
	return e.Fail("failed", "Installing an authorization code failed: {text}", args).Mend(fixSLACFile, fixTAC)
}

// openAuthFailure is the newest failed installation of a code that neither a message nor a newer code shows
// to be over.
func openAuthFailure(f *diag.Facts) (message.Event, bool) {
	log := events(f)
	failed, at := lastEvent(log, "SMART_LIC-AUTHORIZATION_INSTALL_FAILED")
	_, over := lastEvent(log, "SMART_LIC-AUTHORIZATION_INSTALL_SUCCESS")
	if at <= over {
		return failed, false
	}
	codes, _ := licence(f).Authorizations.Peek()
	return failed, !slices.ContainsFunc(codes, func(a iosxe.Authorization) bool {
		when, ok := a.Installed.Peek()
		return ok && after(f, when, failed)
	})
}

// authUnanswered: a channel of authorization codes is lost on the way.
func authUnanswered(f *diag.Facts) bool {
	return slices.ContainsFunc(exchanges.Of(f).unheard, func(c iosxe.Channel) bool {
		name, _ := c.Name.Peek()
		return strings.HasPrefix(name, "Authorization ")
	})
}

// authMatters: nothing is refused but authorization codes.
func authMatters(f *diag.Facts) bool {
	x := exchanges.Of(f)
	return len(x.unheard) == 0 && len(x.rejected) > 0 && !slices.ContainsFunc(x.rejected, func(c iosxe.Channel) bool {
		name, _ := c.Name.Peek()
		return !strings.HasPrefix(name, "Authorization ")
	})
}
