package checks

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// LicenseUsage lists what is in use.
var LicenseUsage = &diag.Check{
	ID:       "license-usage",
	Title:    "Licences in use",
	Why:      "What is in use decides what must be reported.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.19; S1:491",
	Judge: func(e *diag.Exam) diag.Verdict {
		licenses := licence(e.Facts).Licenses
		var list []string
		var at []diag.Source
		all, _ := diag.Need(e, licenses)
		for _, u := range all {
			name, _ := u.Name.Or(u.Tag).Peek()
			status, _ := u.Status.Peek()
			count, _ := u.Count.Peek()
			list = append(list, fmt.Sprintf("%s (%d, %s)", cmp.Or(name, "unnamed"), count, cmp.Or(strings.ToLower(status), "status unknown")))
			at = append(at, u.Name.Source(), u.Status.Source())
		}
		if len(list) == 0 {
			return e.Unknown(diag.Absent, "none", "The device lists no licence.").At(licenses.Source())
		}
		return e.Inform("list", "Licences: {licences}.", diag.Args{"licences": list}).At(at...)
	},
}

// noEnforcement is the word of a device on which nothing is enforced.
const noEnforcement = "NOT APPLICABLE"

// LicenseComplianceCounters reads the counters of newer agents.
var LicenseComplianceCounters = &diag.Check{
	ID:       "license-compliance-counters",
	Title:    "No licence is short",
	Why:      "Newer agents count licences that the account does not hold.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Seed:     "knowledge B.19; meaning of the counters is engineering judgement",
	Judge:    judgeCompliance,
	Remedies: []diag.Fix{fixShortage},
}

var fixShortage = diag.Fix{
	Summary: "give the account the licences that are short",
	Verify:  []string{"show license tech support"},
	Manual:  []string{"CSSM: compare the licences of the virtual account with what the device uses; order, or move from another account, what is missing"},
	Affects: "nothing on the device",
}

func judgeCompliance(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	all, _ := diag.Need(e, l.Licenses)
	var counted []diag.Source
	for _, u := range all {
		name, _ := u.Name.Peek()
		for _, c := range []struct {
			what  string
			value diag.Value[int]
		}{{"out of compliance", u.OutOfCompliance}, {"insufficient", u.Insufficient}, {"without licence", number(u.NoLicense)}} {
			n, ok := c.value.Peek()
			if ok && n > 0 {
				return e.Warn("short", "The licence {licence} is short: {count} {what}.", diag.Args{"licence": name, "count": n, "what": c.what}).
					At(c.value.Source()).About(name).Mend(fixShortage)
			}
			if ok {
				counted = append(counted, c.value.Source())
			}
		}
	}
	if state, ok := l.Enforcement.Peek(); ok && !strings.EqualFold(state, noEnforcement) {
		return e.Warn("enforced", "The device enforces licences: {state}.", diag.Args{"state": state}).At(l.Enforcement.Source()).Mend(fixShortage)
	}
	if len(counted) == 0 {
		tech := iosxe.ShowLicenseTechSupport.Of(e.Facts)
		diag.Must(e, tech)
		return e.NotApplicable("not-counted", "This agent does not count shortages.").At(tech.Source())
	}
	return e.Pass("none", "No licence is short.").At(append(counted, l.Enforcement.Source())...)
}

// number reads a counter that is kept in the device's words; "No" is none, any other word is one.
func number(v diag.Value[string]) diag.Value[int] {
	text, ok := v.Peek()
	switch n, err := strconv.Atoi(text); {
	case !ok && v.Known():
		return diag.Present(0, v.Source())
	case !ok:
		return diag.Missing[int](v.Why())
	case err == nil:
		return diag.Present(n, v.Source())
	case strings.EqualFold(text, "no"), strings.EqualFold(text, "false"):
		return diag.Present(0, v.Source())
	}
	return diag.Present(1, v.Source())
}

var licenseChecks = []*diag.Check{LicenseUsage, LicenseComplianceCounters}
