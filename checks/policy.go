package checks

import (
	"fmt"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// importLine installs what CSSM made: an acknowledgement, a policy, an authorization code.
const importLine = "license smart import <path>"

// policyWay is how a policy comes (back) in a topology (S1:345-394).
type policyWay struct {
	topology diag.TopologyID // a declared topology, or
	family   diag.Family     // every topology of these families
	trusted  bool            // only for a device with a trust code
	fix      diag.Fix
}

// policyWays in the order of preference: the first that fits the device is its way.
var policyWays = []policyWay{
	{family: diag.Direct, trusted: true, fix: policyBack("from CSSM, which sends it to a trusted device", []string{syncLine})},
	{family: diag.Direct, fix: policyBack("by establishing trust with CSSM", fixTrust.Exec, stepToken)},
	{topology: diag.CSLUPushDisconnected, fix: policyBack("through CSLU, by files", []string{syncLine},
		"or "+stepCollectCSLU, stepExportCSLU, stepUploadRUM, stepImportCSLU)},
	{family: diag.CP, fix: policyBack("through CSLU", []string{syncLine})},
	{family: diag.OP, fix: policyBack("through SSM On-Prem", []string{syncLine}, stepOnpremSync, stepOnpremFile)},
	{topology: diag.PullCSLU, fix: policyBack("when CSLU collects", nil, stepCollectCSLU,
		stepExportCSLU, stepUploadRUM, stepImportCSLU)},
	{topology: diag.PullOnprem, fix: policyBack("when SSM On-Prem collects", nil, stepOnpremPull, stepOnpremSync, stepOnpremFile)},
	{topology: diag.PullCatalystCenter, fix: policyBack("from the controller", nil, stepController)},
	{family: diag.PL, fix: policyBack("from whatever collects", nil, stepCollectCSLU, "or "+stepOnpremPull, stepOnpremSync, stepOnpremFile)},
	{family: diag.CT, fix: policyBack("from the controller", nil, stepController)},
	{family: diag.OF, fix: policyBack("by file", []string{importLine}, stepPolicyFile, stepImport)},
	{family: diag.AnySLP, fix: policyBack("once the device reports", nil, "set up the way of reporting first")},
}

func policyBack(how string, exec []string, steps ...string) diag.Fix {
	return diag.Fix{
		Summary: "get the policy " + how,
		Exec:    exec,
		Verify:  []string{"show license status"},
		Manual:  slices.Concat([]string{stepIntended}, steps, []string{"when the policy does not come, " + stepTAC}),
		Affects: "what must be reported and when",
	}
}

// policyFix is how the device of an exam gets its policy.
func policyFix(f *diag.Facts) diag.Fix {
	trusted, _ := trustInstalled(f).Peek()
	i := slices.IndexFunc(policyWays, func(w policyWay) bool {
		return (w.topology == f.Topology.ID || f.Topology.ID.Family()&w.family != 0) && (trusted || !w.trusted)
	})
	return policyWays[i].fix
}

func policyFixes() (all []diag.Fix) {
	for _, w := range policyWays {
		all = append(all, w.fix)
	}
	return all
}

// defaultPolicy reports whether nothing but Cisco's defaults are in force; unknown when the policy is.
func defaultPolicy(f *diag.Facts) diag.Value[bool] {
	in := licence(f).Policy.InUse
	text, ok := in.Peek()
	if !ok {
		return diag.Missing[bool](in.Why())
	}
	return diag.Present(strings.HasPrefix(text, "Merged"), in.Source())
}

// PolicyInUse shows the reporting rules.
var PolicyInUse = &diag.Check{
	ID:       "policy-in-use",
	Title:    "Policy in use",
	Why:      "The policy decides when what must be reported.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.15, E.1; S1:463",
	Judge:    judgePolicy,
	Remedies: policyFixes(),
}

func judgePolicy(e *diag.Exam) diag.Verdict {
	p := licence(e.Facts).Policy
	text := diag.Must(e, p.InUse)
	name, named := p.Name.Peek()
	want := e.Device.Expect.Policy
	args := diag.Args{"policy": text, "name": name, "want": want, "rules": policyRules(p)}
	at := []diag.Source{p.InUse.Source(), p.Name.Source()}
	switch {
	case want != "" && named && !strings.EqualFold(want, name):
		return e.Warn("other", "The policy is {name}; the inventory expects {want}. {rules}.", args).At(at...).About(name).As(diag.Medium).Mend(policyFix(e.Facts))
	case named:
		return e.Inform("custom", "The policy {name} is in force. {rules}.", args).At(at...)
	}
	return e.Inform("merged", "{policy} {rules}.", args).At(at...)
}

// policyRules words the attribute groups: days to the first report, between reports, after a change.
func policyRules(p iosxe.Policy) []string {
	var out []string
	for _, g := range []struct {
		name string
		iosxe.PolicyAttributes
	}{
		{"perpetual", p.UnenforcedPerpetual}, {"subscription", p.UnenforcedSubscription}, {"enforced", p.Enforced}, {"export", p.Export},
	} {
		first, ok := g.FirstReport.Peek()
		every, ok2 := g.Frequency.Peek()
		change, ok3 := g.ReportOnChange.Peek()
		if ok && ok2 && ok3 {
			out = append(out, fmt.Sprintf("%s %d/%d/%d", g.name, first.Days, every.Days, change.Days))
		}
	}
	if out == nil {
		return []string{"Its rules are not known"}
	}
	out[0] = "Days to the first report/between reports/after a change: " + out[0]
	return out
}

// PolicyInstallFailed asks whether a delivered policy was refused.
var PolicyInstallFailed = &diag.Check{
	ID:       "policy-install-failed",
	Title:    "Installing a policy did not fail",
	Why:      "The device keeps its old policy and its old deadlines.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes:   under(clockMatters, clockFaults),
	Seed:     "knowledge B.15; S1:90-107",
	Judge:    judgePolicyInstall,
	Remedies: slices.Concat([]diag.Fix{fixNTP, fixTAC}, policyFixes()),
}

func judgePolicyInstall(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	failed, at := lastEvent(log, "SMART_LIC-POLICY_INSTALL_FAILED")
	if at < 0 {
		return e.Pass("none", "No installation of a policy has failed.").At(v.Source())
	}
	if success, i := lastEvent(log, "SMART_LIC-POLICY_INSTALL_SUCCESS"); i > at {
		return e.Pass("over", "An installation of a policy failed; a later one succeeded.").At(logSource(e.Facts, failed), logSource(e.Facts, success))
	}
	installed := licence(e.Facts).Policy.Installed
	if when, ok := installed.Peek(); ok && after(e.Facts, when, failed) {
		return e.Pass("newer", "An installation of a policy failed; the policy in force is newer.").At(logSource(e.Facts, failed), installed.Source())
	}
	args := diag.Args{"text": detailOf(failed)}
	source := logSource(e.Facts, failed)
	if message.Classify(failed.Text).Class == message.Clock {
		return e.Fail("clock", "A policy was delivered and not installed, because the clock does not fit: {text}", args).
			At(source).Mend(fixNTP, policyFix(e.Facts))
	}
	return e.Fail("failed", "A policy was delivered and not installed: {text}", args).At(source).Mend(policyFix(e.Facts), fixTAC)
}

// after reports that a moment of the device is later than a message of its log.
func after(f *diag.Facts, t diag.DeviceTime, ev message.Event) bool {
	now, _ := iosxe.Now(f).Peek()
	logged, dated := ev.Stamp.At(now)
	return dated && t.Sub(logged) >= 0
}

// detailOf is the detail of a message, or all of its text when it has another shape.
func detailOf(ev message.Event) string {
	if d := ev.Vars["detail"]; d != "" {
		return d
	}
	return ev.Text
}

// PolicyRemoved asks whether a custom policy is gone.
var PolicyRemoved = &diag.Check{
	ID:       "policy-removed",
	Title:    "The custom policy is still there",
	Why:      "Without the custom policy Cisco's defaults apply, and deadlines change silently.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command},
	Causes:   diag.By(PolicyInstallFailed, TrustCodeInstalled),
	Seed:     "knowledge B.15, C.1; S1:345-394",
	Judge:    judgePolicyRemoved,
	Remedies: policyFixes(),
}

func judgePolicyRemoved(e *diag.Exam) diag.Verdict {
	merged := defaultPolicy(e.Facts)
	byDefault := diag.Must(e, merged)
	want := e.Device.Expect.Policy
	args := diag.Args{"want": want}
	if !byDefault {
		return e.Pass("custom", "A custom policy is in force.").At(merged.Source())
	}
	v := iosxe.ShowLogging.Of(e.Facts)
	removed, at := lastEvent(events(e.Facts), "SMART_LIC-POLICY_REMOVED")
	switch {
	case at >= 0:
		return e.Warn("removed", "The custom policy was removed, and Cisco's defaults are in force.").
			At(logSource(e.Facts, removed), merged.Source()).Mend(policyFix(e.Facts))
	case want != "":
		return e.Warn("expected", "The inventory expects the policy {want}, and Cisco's defaults are in force.", args).At(merged.Source()).Mend(policyFix(e.Facts))
	}
	diag.Must(e, v)
	return e.Pass("never", "Cisco's defaults are in force, and no custom policy is known to have been removed.").At(merged.Source(), v.Source())
}

// PolicyACKRequired shows whether deadlines exist.
var PolicyACKRequired = &diag.Check{
	ID:       "policy-ack-required",
	Title:    "Whether an acknowledgement is required",
	Why:      "Without this requirement there is no deadline.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.15",
	Judge: func(e *diag.Exam) diag.Verdict {
		p := licence(e.Facts).Policy
		origin, _ := p.AckOrigin.Peek()
		args := diag.Args{"origin": origin}
		if diag.Must(e, p.AckRequired) {
			return e.Inform("required", "The policy requires acknowledgements ({origin}).", args).At(p.AckRequired.Source())
		}
		return e.Inform("not-required", "The policy requires no acknowledgement ({origin}): there is no deadline.", args).At(p.AckRequired.Source())
	},
}

var policyChecks = []*diag.Check{PolicyInUse, PolicyInstallFailed, PolicyRemoved, PolicyACKRequired}
