package checks

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// removalMemory is how long a removed authorization is worth a warning (knowledge B.14).
const removalMemory = 30 * 24 * time.Hour

// The channels that carry authorization codes (knowledge A.4).
const (
	channelAuthRequest      = "Authorization Request"
	channelAuthConfirmation = "Authorization Confirmation"
)

var (
	fixSLACOnline = diag.Fix{
		Summary: "request an authorization code",
		Exec:    []string{"license smart authorization request add <feature> local"},
		Verify:  []string{"show license authorization"},
		Manual:  []string{"the virtual account must hold the licence; with several members write all instead of local"},
		Affects: "the licences of the feature are reserved for this device",
	}
	fixSLACFile = diag.Fix{
		Summary: "install an authorization code by file",
		Exec:    []string{importLine},
		Verify:  []string{"show license udi", "show license authorization"},
		Manual:  []string{stepSLAC, stepImport},
		Affects: "the licences of the feature are reserved for this device",
	}
	fixSLACMembers = diag.Fix{
		Summary: "authorise every member",
		Exec:    []string{"license smart authorization request replace <feature> all"},
		Verify:  []string{"show license authorization"},
		Manual:  []string{"without a connection: " + stepSLAC, stepImport},
		Affects: "the licences of the feature are reserved for every member",
	}
	fixSLACLicences = diag.Fix{
		Summary: "give the account enough licences, then request the code again",
		Exec:    fixSLACOnline.Exec,
		Verify:  fixSLACOnline.Verify,
		Manual:  []string{"CSSM: compare the licences of the virtual account with what the device uses (show license summary); order or move what is missing"},
		Affects: fixSLACOnline.Affects,
	}
	fixConfirmation = diag.Fix{
		Summary: "enter the code in CSSM",
		Verify:  []string{"show license all"},
		Manual: []string{
			"read the code on the device itself: it is never printed here",
			"CSSM: open the product instance under Inventory > Product Instances and enter the confirmation or return code; until then the licence stays used up",
		},
		Affects: "the licences of the account",
	}
)

// featureParam names the feature that a licence belongs to.
func featureParam(u iosxe.LicenseUse) diag.Param {
	name, _ := u.FeatureName.Or(u.Name).Peek()
	return diag.Param{Name: "feature", Value: name, Class: diag.ClassVRF}
}

// enforcedFeature names the first enforced feature in use; it leaves the placeholder when there is none.
func enforcedFeature(f *diag.Facts) diag.Param {
	if needed, _ := enforcedUse(f); len(needed) > 0 {
		return featureParam(needed[0])
	}
	return diag.Param{}
}

func inUse(u iosxe.LicenseUse) bool {
	status, _ := u.Status.Peek()
	return strings.HasPrefix(status, "IN USE")
}

// enforcedUse lists the licences in use that need an authorization code; why is set when the enforcement
// of some licence is not known, or whether an enforced one is in use.
func enforcedUse(f *diag.Facts) (list []iosxe.LicenseUse, why diag.Reason) {
	l := licence(f)
	all, ok := l.Licenses.Peek()
	if !ok {
		return nil, l.Licenses.Why()
	}
	for _, u := range all {
		kind, known := u.Enforcement.Peek()
		enforced := strings.EqualFold(kind, "ENFORCED") || strings.HasPrefix(strings.ToUpper(kind), "EXPORT")
		switch {
		case u.Status.Known() && !inUse(u):
		case !known:
			why = diag.Missing[bool](u.Enforcement.Why()).Or(diag.Missing[bool](l.Platform.Enforced.Why())).Why()
		case enforced && !u.Status.Known():
			why = u.Status.Why()
		case enforced:
			list = append(list, u)
		}
	}
	return list, why
}

// codeOf reads the status of an authorization: installed, not installed, or other words.
func codeOf(a iosxe.Authorization) (installed, known bool) {
	status, ok := a.Status.Peek()
	switch {
	case !ok:
		return false, false
	case status == "NOT INSTALLED":
		return false, true
	}
	installed = strings.Contains(status, "INSTALLED") && !strings.Contains(status, "NOT INSTALLED")
	return installed, installed
}

// codeInstalled is whether a unit has its code; the exam ends when the answer does not say.
func codeInstalled(e *diag.Exam, a iosxe.Authorization) bool {
	diag.Must(e, a.Status)
	installed, known := codeOf(a)
	if !known {
		e.GiveUp(diag.Unparsed, "")
	}
	return installed
}

// activeCode is the authorization of the unit that runs; false when none was printed.
func activeCode(codes []iosxe.Authorization) (iosxe.Authorization, bool) {
	i := slices.IndexFunc(codes, func(a iosxe.Authorization) bool { role, _ := a.Role.Peek(); return role == "Active" })
	switch {
	case i >= 0:
		return codes[i], true
	case len(codes) > 0:
		return codes[0], true
	}
	return iosxe.Authorization{}, false
}

// reservedCode is a reservation of the classic model, which authorises too; zero when there is none.
func reservedCode(f *diag.Facts) diag.Value[string] {
	units, _ := licence(f).Reservation.Units.Peek()
	for _, u := range units {
		// SMART AUTHORIZATION INSTALLED is a code of this model, not a reservation
		if status, ok := u.Status.Peek(); ok && status != "NOT INSTALLED" && !strings.HasPrefix(status, "SMART AUTHORIZATION") {
			return u.Status
		}
	}
	return diag.Value[string]{}
}

// codeFix is how a device gets an authorization code for a licence.
func codeFix(e *diag.Exam, u iosxe.LicenseUse) diag.Fix {
	if e.Topology.ID.Family()&diag.Push != 0 {
		return fixSLACOnline.With(featureParam(u))
	}
	return fixSLACFile
}

// AuthRequired asks whether enforced features have their code.
var AuthRequired = &diag.Check{
	ID:       "auth-required",
	Title:    "Enforced licences are authorised",
	Why:      "Enforced and export-controlled features need an authorization code.",
	Severity: diag.High,
	Applies:  diag.OwnReports,
	Causes:   diag.By(AuthInstallFailed),
	Seed:     "knowledge B.14; S1:119,476",
	Judge:    judgeAuthRequired,
	Remedies: []diag.Fix{fixSLACOnline, fixSLACFile},
}

func judgeAuthRequired(e *diag.Exam) diag.Verdict {
	needed, why := enforcedUse(e.Facts)
	if len(needed) == 0 {
		return judgeNotNeeded(e, why)
	}
	u := needed[0]
	name, _ := u.Name.Peek()
	args := diag.Args{"licence": name}
	at := []diag.Source{u.Enforcement.Source(), u.Status.Source()}
	if r := reservedCode(e.Facts); r.Known() {
		return e.Pass("reserved", "The enforced licence {licence} is covered by a reservation.", args).At(append(at, r.Source())...)
	}
	code, _ := activeCode(diag.Must(e, licence(e.Facts).Authorizations))
	status := diag.Must(e, code.Status)
	args["status"] = status
	at = append(at, code.Status.Source())
	installed, known := codeOf(code)
	switch {
	case !known:
		return e.Unknown(diag.Unparsed, "unknown-status", "The enforced licence {licence} is in use; what its authorization says is not known: {status}.", args).At(at...)
	case !installed:
		return e.Fail("missing", "The enforced licence {licence} is in use without an authorization code.", args).At(at...).Mend(codeFix(e, u))
	}
	return e.Pass("installed", "The enforced licence {licence} has its authorization code.", args).At(at...)
}

// judgeNotNeeded goes on with a device that uses no enforced licence as far as known.
func judgeNotNeeded(e *diag.Exam, why diag.Reason) diag.Verdict {
	l := licence(e.Facts)
	all, _ := l.Licenses.Peek()
	for _, u := range all {
		if status, _ := u.Status.Peek(); strings.HasPrefix(status, "NOT AUTHORIZED") {
			name, _ := u.Name.Peek()
			return e.Warn("not-authorised", "The licence {licence} is not authorised.", diag.Args{"licence": name}).At(u.Status.Source()).Mend(codeFix(e, u))
		}
	}
	if why != "" {
		e.GiveUp(why, "")
	}
	units, _ := l.Platform.Enforced.Peek()
	for _, unit := range units {
		listed, _ := unit.Licenses.Peek()
		for _, x := range listed {
			name, _ := x.Name.Peek()
			return e.Inform("listed", "The platform enforces {licence}, which is not in use.", diag.Args{"licence": name}).At(x.Name.Source())
		}
	}
	return e.NotApplicable("none", "No licence in use needs an authorization code.").At(l.Licenses.Source())
}

// AuthUDIMatch is the question of the authcode command.
var AuthUDIMatch = &diag.Check{
	ID:       "auth-udi-match",
	Title:    "The authorization file is for this device",
	Why:      "A file for other UDIs never installs.",
	Severity: diag.High,
	Applies:  diag.OF,
	Seed:     "knowledge B.14; S1:120-139",
	Judge: func(e *diag.Exam) diag.Verdict {
		own := licence(e.Facts).Device
		diag.Must(e, own.PID)
		return e.NotApplicable("no-file", "No file of authorization codes was given: `slpdoctor authcode FILE` compares its UDIs with {udi}.",
			diag.Args{"udi": own.String()}).At(own.PID.Source())
	},
}

// AuthHACoverage asks every member for its code.
var AuthHACoverage = &diag.Check{
	ID:       "auth-ha-coverage",
	Title:    "Every member is authorised",
	Why:      "After a switchover to a member without a code the feature is lost.",
	Severity: diag.Medium,
	Applies:  diag.OwnReports,
	Causes:   diag.By(HAUDIList, AuthInstallFailed),
	Seed:     "knowledge B.14; S1:120,160",
	Judge:    judgeAuthHA,
	Remedies: []diag.Fix{fixSLACMembers},
}

func judgeAuthHA(e *diag.Exam) diag.Verdict {
	members, single := haMembers(e)
	if single != nil {
		return *single
	}
	codes := diag.Must(e, licence(e.Facts).Authorizations)
	active, _ := activeCode(codes)
	if !codeInstalled(e, active) {
		return e.NotApplicable("no-code", "The active member has no authorization code.").At(active.Status.Source())
	}
	var missing []string
	at := []diag.Source{active.Status.Source()}
	for _, m := range members {
		udi := m.UDI.String()
		authorised := slices.ContainsFunc(codes, func(a iosxe.Authorization) bool {
			own, _ := a.UDI.Peek()
			return own == udi && codeInstalled(e, a)
		})
		if !authorised && !slices.Contains(missing, udi) {
			missing, at = append(missing, udi), append(at, m.PID.Source())
		}
	}
	args := diag.Args{"missing": missing, "count": len(members)}
	if len(missing) > 0 {
		return e.Warn("some", "The active member is authorised, {missing} not.", args).At(at...).Mend(fixSLACMembers.With(enforcedFeature(e.Facts)))
	}
	return e.Pass("all", "All {count} members are authorised.", args).At(at...)
}

// AuthRemoved asks whether a code has gone.
var AuthRemoved = &diag.Check{
	ID:       "auth-removed",
	Title:    "No authorization code was removed that is needed",
	Why:      "A feature may stop without its code.",
	Severity: diag.Medium,
	Applies:  diag.OwnReports,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Seed:     "knowledge B.14; S1:485-491",
	Judge:    judgeAuthRemoved,
	Remedies: []diag.Fix{fixSLACOnline, fixSLACFile},
}

func judgeAuthRemoved(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	removed, at := lastEvent(log, "SMART_LIC-AUTHORIZATION_REMOVED")
	if at < 0 {
		return e.Pass("none", "No authorization code was removed.").At(v.Source())
	}
	source := logSource(e.Facts, removed)
	args := diag.Args{"when": cmp.Or(removed.Stamp.Text, "undated")}
	if installed, i := lastEvent(log, "SMART_LIC-AUTHORIZATION_INSTALL_SUCCESS"); i > at {
		return e.Inform("again", "An authorization code was removed and another one installed later.").At(source, logSource(e.Facts, installed))
	}
	now, _ := iosxe.Now(e.Facts).Peek()
	if t, dated := removed.Stamp.At(now); dated && now.Sub(t) > removalMemory {
		return e.Inform("old", "An authorization code was removed more than a month ago.").At(source)
	}
	needed, why := enforcedUse(e.Facts)
	code, _ := activeCode(diag.Must(e, licence(e.Facts).Authorizations))
	if len(needed) > 0 && !reservedCode(e.Facts).Known() && !codeInstalled(e, code) {
		args["licence"], _ = needed[0].Name.Peek()
		return e.Warn("needed", "An authorization code was removed ({when}), and the licence {licence} in use needs one.", args).
			At(source, needed[0].Enforcement.Source(), code.Status.Source()).Mend(codeFix(e, needed[0]))
	}
	if why != "" {
		e.GiveUp(why, "")
	}
	return e.Inform("unneeded", "An authorization code was removed ({when}); no licence in use lacks one.", args).At(source)
}

// AuthConfirmation asks for codes that CSSM still waits for.
var AuthConfirmation = &diag.Check{
	ID:       "auth-confirmation",
	Title:    "No return or confirmation code is waiting",
	Why:      "A licence stays used up in CSSM until the code is entered there.",
	Severity: diag.Low,
	Applies:  diag.OF,
	Seed:     "knowledge B.14",
	Judge: func(e *diag.Exam) diag.Verdict {
		l := licence(e.Facts)
		var codes []diag.Value[string]
		units, _ := l.Reservation.Units.Peek()
		for _, u := range units {
			codes = append(codes, u.LastReturn, u.LastConfirmation)
		}
		authorizations, _ := l.Authorizations.Peek()
		for _, a := range authorizations {
			codes = append(codes, a.LastReturn, a.LastConfirmation)
		}
		var at []diag.Source
		for _, c := range codes {
			if _, some := c.Peek(); some {
				return e.Inform("waiting", "A return or confirmation code was made; when it was not entered in CSSM yet, it must be.").At(c.Source()).Mend(fixConfirmation)
			}
			if c.Known() {
				at = append(at, c.Source())
			}
		}
		if len(at) == 0 {
			diag.Must(e, l.Reservation.Units)
			e.GiveUp(diag.Absent, "")
		}
		return e.Pass("none", "No return or confirmation code was made.").At(at...)
	},
	Remedies: []diag.Fix{fixConfirmation},
}

var authChecks = []*diag.Check{AuthRequired, AuthInstallFailed, AuthUDIMatch, AuthHACoverage, AuthRemoved, AuthConfirmation}
