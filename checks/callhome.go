package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// ciscoProfile is the profile that Cisco ships.
const ciscoProfile = "CiscoTAC-1"

// callhomeReads are the commands that show call home.
var callhomeReads = []*diag.Command{&iosxe.ShowCallHome.Command, &iosxe.ShowCallHomeProfiles.Command, &iosxe.ShowCallHomeSmartLicensing.Command}

// profileFix is a change inside a call-home profile.
func profileFix(summary string, lines ...string) diag.Fix {
	return saved(diag.Fix{
		Summary: summary,
		Config:  slices.Concat([]string{"call-home", `profile "<profile>"`}, lines),
		Exec:    []string{syncLine},
		Verify:  []string{"show call-home profile all", "show call-home smart-licensing"},
		Affects: "call home and licensing traffic",
	})
}

var (
	fixCallhomeOn = saved(diag.Fix{
		Summary: "turn call home on",
		Config:  []string{"service call-home"},
		Exec:    []string{syncLine},
		Verify:  []string{"show call-home", "show call-home smart-licensing"},
		Affects: "call home and licensing traffic",
	})
	fixProfileActive    = profileFix("activate the profile", "active", "reporting smart-licensing-data")
	fixReportingData    = profileFix("let the profile carry licensing data", "reporting smart-licensing-data")
	fixMethod           = profileFix("send by HTTP", "destination transport-method http", "no destination transport-method email")
	fixDestination      = profileFix("set the destination of CSSM", "destination address http "+callhomeURL)
	fixWrongDestination = profileFix("replace the wrong destination by that of CSSM",
		"no destination address http <wrong-url>", "destination address http "+callhomeURL)
	fixExpectedDestination = profileFix("set the destination that the inventory expects",
		"no destination address http <wrong-url>", "destination address http <url>")
	fixContact = saved(diag.Fix{
		Summary: "set a contact address",
		Config:  []string{"call-home", "contact-email-addr <mail>"},
		Verify:  []string{"show call-home"},
		Affects: "call home",
	})
	fixCallhomeVRF = saved(diag.Fix{
		Summary: "set the VRF of call home",
		Config:  []string{"call-home", "vrf <vrf>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show call-home"},
		Affects: "call home and licensing traffic",
	})
	fixCallhomeSource = saved(diag.Fix{
		Summary: "use an interface that is up and in the right VRF",
		Config:  []string{"call-home", "source-interface <interface>"},
		Exec:    []string{syncLine},
		Verify:  []string{"show call-home", "show ip interface brief"},
		Affects: "call home and licensing traffic",
	})
	fixCallhomeDNS = diag.Fix{
		Summary: "make the server's name resolve in the global table too",
		Config:  []string{"ip name-server <dns-ip>"},
		Exec:    []string{saveLine},
		Verify:  []string{"ping " + callhomeHost},
		Manual:  []string{"as a stop-gap only: ip host " + callhomeHost + " <ip>, because cloud addresses change"},
		Affects: "name resolution in the global table",
	}
)

// CallhomeService asks whether call home is on and carries licensing messages.
var CallhomeService = &diag.Check{
	ID:       "callhome-service",
	Title:    "Call home is on",
	Why:      "When the service is off, licensing messages are not even queued.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    slices.Concat(callhomeReads, []*diag.Command{&iosxe.RunningCallHome.Command}),
	Causes:   typeFault,
	Seed:     "knowledge B.5; S1:221-229",
	Judge:    judgeCallhomeService,
	Remedies: []diag.Fix{fixCallhomeOn, fixReportingData},
}

func judgeCallhomeService(e *diag.Exam) diag.Verdict {
	feature := read(e.Facts, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[bool] { return c.Enabled }).
		Or(read(e.Facts, iosxe.RunningCallHome, serviceLine))
	messages := read(e.Facts, iosxe.ShowCallHomeSmartLicensing, func(s *iosxe.CallHomeSmartLicensing) diag.Value[bool] { return s.Messages }).
		Or(read(e.Facts, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[bool] { return c.SmartLicensing }))
	if on, ok := feature.Peek(); ok && !on {
		return e.Fail("off", "Call home is disabled.").At(feature.Source()).Mend(fixCallhomeOn)
	}
	if on, ok := messages.Peek(); ok && !on {
		return e.Fail("no-licensing", "Call home carries no licensing messages.").At(messages.Source()).
			About(ciscoProfile).Mend(inProfile(fixReportingData, ciscoProfile), fixCallhomeOn)
	}
	diag.Must(e, feature)
	diag.Must(e, messages)
	return e.Pass("on", "Call home is on and carries licensing messages.").At(feature.Source(), messages.Source())
}

// serviceLine reads whether the configuration turns call home on.
func serviceLine(c *iosxe.Config) diag.Value[bool] {
	if l, ok := c.First("no service call-home"); ok {
		return diag.Present(false, l.At)
	}
	if l, ok := c.First("service call-home"); ok {
		return diag.Present(true, l.At)
	}
	return diag.Value[bool]{}
}

// licensingProfile is the profile that carries licensing data; the exam ends when profiles are not known.
func licensingProfile(e *diag.Exam) (profile iosxe.CallHomeProfile, found bool, whole diag.Source) {
	v := iosxe.ShowCallHomeProfiles.Of(e.Facts)
	all := diag.Must(e, v)
	profile, found = all.Licensing()
	return profile, found, v.Source()
}

// CallhomeProfileActive asks whether the profile that carries licensing is active.
var CallhomeProfileActive = &diag.Check{
	ID:       "callhome-profile-active",
	Title:    "Call-home profile for licensing is active",
	Why:      "An inactive profile sends nothing.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    callhomeReads,
	Causes:   slices.Concat(typeFault, diag.By(CallhomeService)),
	Seed:     "knowledge B.5; S1:221-227",
	Judge:    judgeProfileActive,
	Remedies: []diag.Fix{fixProfileActive},
}

func judgeProfileActive(e *diag.Exam) diag.Verdict {
	if all, _ := iosxe.ShowCallHomeProfiles.Partial(e.Facts); all == nil {
		return judgeProfileLine(e)
	}
	p, ok, whole := licensingProfile(e)
	if !ok {
		return e.Fail("no-profile", "No call-home profile carries licensing data.").At(whole).Mend(inProfile(fixProfileActive, ciscoProfile))
	}
	return profileVerdict(e, p.Name, p.Active, p.At)
}

// judgeProfileLine judges by show call-home smart-licensing alone.
func judgeProfileLine(e *diag.Exam) diag.Verdict {
	name := read(e.Facts, iosxe.ShowCallHomeSmartLicensing, func(s *iosxe.CallHomeSmartLicensing) diag.Value[string] { return s.Profile })
	active := read(e.Facts, iosxe.ShowCallHomeSmartLicensing, func(s *iosxe.CallHomeSmartLicensing) diag.Value[bool] { return s.ProfileActive })
	return profileVerdict(e, diag.Must(e, name), active, name.Source())
}

func profileVerdict(e *diag.Exam, name string, active diag.Value[bool], at diag.Source) diag.Verdict {
	args := diag.Args{"profile": name}
	switch {
	case !diag.Must(e, active):
		return e.Fail("inactive", "The call-home profile {profile} carries licensing data and is not active.", args).
			At(at, active.Source()).About(name).Mend(inProfile(fixProfileActive, name))
	case name != ciscoProfile:
		return e.Warn("custom", "Licensing goes through the profile {profile} instead of "+ciscoProfile+": is that intended?", args).At(at, active.Source())
	}
	return e.Pass("active", "The call-home profile {profile} is active.", args).At(at, active.Source())
}

// inProfile is a fix for the profile of that name.
func inProfile(f diag.Fix, name string) diag.Fix {
	return f.With(diag.Param{Name: "profile", Value: name, Class: diag.ClassVRF})
}

// CallhomeReportingData asks whether active profiles carry licensing data.
var CallhomeReportingData = &diag.Check{
	ID:       "callhome-reporting-data",
	Title:    "Profile carries licensing data",
	Why:      "A profile without licensing data refuses licensing messages.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    callhomeReads,
	Causes:   slices.Concat(typeFault, diag.By(CallhomeService, CallhomeProfileActive)),
	Seed:     "knowledge B.5",
	Judge: func(e *diag.Exam) diag.Verdict {
		v := iosxe.ShowCallHomeProfiles.Of(e.Facts)
		all := diag.Must(e, v)
		if p, ok := all.Licensing(); ok {
			return e.Pass("carries", "The profile {profile} carries licensing data.", diag.Args{"profile": p.Name}).At(p.Reporting.Source())
		}
		if p, ok := all.Find(ciscoProfile); ok {
			return e.Fail("without", "The profile {profile} does not carry licensing data.", diag.Args{"profile": p.Name}).At(p.At, p.Reporting.Source()).Mend(inProfile(fixReportingData, ciscoProfile))
		}
		return e.Fail("none", "No profile carries licensing data.").At(v.Source()).Mend(inProfile(fixReportingData, ciscoProfile))
	},
	Remedies: []diag.Fix{fixReportingData},
}

// CallhomeTransportMethod asks for HTTP.
var CallhomeTransportMethod = &diag.Check{
	ID:       "callhome-transport-method",
	Title:    "Profile sends by HTTP",
	Why:      "E-mail cannot carry licensing messages.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    callhomeReads,
	Causes:   slices.Concat(typeFault, diag.By(CallhomeService, CallhomeProfileActive, CallhomeReportingData)),
	Seed:     "knowledge B.5",
	Judge: func(e *diag.Exam) diag.Verdict {
		p, ok, _ := licensingProfile(e)
		if !ok {
			return e.Unknown(diag.Blocked, "no-profile", "No profile carries licensing data, so there is no method to judge.")
		}
		methods := diag.Must(e, p.Methods)
		args := diag.Args{"profile": p.Name, "methods": methods}
		if slices.Contains(methods, "http") {
			return e.Pass("http", "The profile {profile} sends by {methods}.", args).At(p.Methods.Source())
		}
		return e.Fail("email", "The profile {profile} sends by {methods} only.", args).At(p.Methods.Source()).About(p.Name).Mend(inProfile(fixMethod, p.Name))
	},
	Remedies: []diag.Fix{fixMethod},
}

// CallhomeDestination asks where the profile sends licensing messages.
var CallhomeDestination = &diag.Check{
	ID:       "callhome-destination",
	Title:    "Profile sends to CSSM",
	Why:      "A wrong destination never answers licensing messages.",
	Severity: diag.High,
	Applies:  diag.DC,
	Reads:    callhomeReads,
	Causes: slices.Concat(typeFault, diag.By(TransportLegacyPath, CallhomeService, CallhomeProfileActive, CallhomeReportingData,
		CallhomeTransportMethod)),
	Seed:     "knowledge B.5; S1:221-229",
	Judge:    judgeDestination,
	Remedies: []diag.Fix{fixDestination, fixWrongDestination, fixExpectedDestination},
}

func judgeDestination(e *diag.Exam) diag.Verdict {
	urls := callhomeURLs(e.Facts)
	list, _ := diag.Need(e, urls)
	args := diag.Args{"urls": list, "want": callhomeURL}
	name, fix := ciscoProfile, fixDestination
	if all, _ := iosxe.ShowCallHomeProfiles.Partial(e.Facts); all != nil {
		if p, ok := all.Licensing(); ok {
			name = p.Name
		}
	}
	if len(list) == 0 {
		return e.Fail("missing", "The profile has no HTTP destination.", args).At(urls.Source()).About(name).Mend(inProfile(fix, name))
	}
	whole(e, urls.Source())
	for _, u := range list {
		switch want := e.Device.Expect.URL; {
		case want != "" && !sameURL(u, want):
			args["want"] = want
			return e.Fail("unexpected", "Licensing messages go to {urls}; the inventory expects {want}.", args).
				At(urls.Source()).About(u).Mend(inProfile(fixExpectedDestination, name).With(urlParam("wrong-url", u), urlParam("url", want)))
		case want == "" && !sameURL(u, callhomeURL):
			return e.Fail("wrong", "Licensing messages go to {urls}; CSSM is {want}.", args).
				At(urls.Source()).About(u).Mend(inProfile(fixWrongDestination, name).With(urlParam("wrong-url", u)))
		}
	}
	return e.Pass("cssm", "Licensing messages go to {urls}.", args).At(urls.Source())
}

// whole ends the exam as unknown unless the answer of call home that holds a list is complete.
func whole(e *diag.Exam, list diag.Source) {
	if list.Command == iosxe.ShowCallHomeProfiles.String() {
		diag.Must(e, iosxe.ShowCallHomeProfiles.Of(e.Facts))
	} else if list.Command == iosxe.ShowCallHomeSmartLicensing.String() {
		diag.Must(e, iosxe.ShowCallHomeSmartLicensing.Of(e.Facts))
	}
}

// CallhomeContact asks for a contact address.
var CallhomeContact = &diag.Check{
	ID:       "callhome-contact",
	Title:    "Contact address is set",
	Why:      "Some releases do not activate the profile without a contact.",
	Severity: diag.Low,
	Applies:  diag.DC,
	Reads:    callhomeReads,
	Seed:     "knowledge B.5",
	Judge: func(e *diag.Exam) diag.Verdict {
		v := read(e.Facts, iosxe.ShowCallHome, func(c *iosxe.CallHome) diag.Value[string] { return c.ContactEmail })
		mail, ok := diag.Need(e, v)
		if !ok {
			return e.Warn("missing", "No contact address is set in call home.").At(v.Source()).Mend(fixContact)
		}
		return e.Pass("set", "The contact address is {mail}.", diag.Args{"mail": mail}).At(v.Source())
	},
	Remedies: []diag.Fix{fixContact},
}

// CallhomeVRFDNS asks whether call home can resolve and leave where it sends.
var CallhomeVRFDNS = &diag.Check{
	ID:       "callhome-vrf-dns",
	Title:    "Call home leaves and resolves in the same table",
	Why:      "Call home may resolve names in the global table although it sends in a VRF.",
	Severity: diag.Medium,
	Applies:  diag.DC,
	Reads:    slices.Concat(callhomeReads, []*diag.Command{&iosxe.ShowIPInterfaceBrief.Command, &iosxe.ShowVRF.Command}),
	Causes:   typeFault,
	Seed:     "knowledge B.5",
	Judge:    judgeCallhomeVRF,
	Remedies: []diag.Fix{fixCallhomeVRF, fixCallhomeSource, fixCallhomeDNS},
}

func judgeCallhomeVRF(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowCallHome.Of(e.Facts)
	c := diag.Must(e, v)
	vrf, inVRF := diag.Need(e, c.VRF)
	source, sourced := diag.Need(e, c.SourceInterface)
	args := diag.Args{"vrf": vrf, "interface": source}
	if want := e.Device.Expect.VRF; want != "" && want != vrf {
		args["want"] = want
		return e.Fail("expected", "VRF {want} is expected for call home and is not used.", args).
			At(c.VRF.Source()).About(want).Mend(fixCallhomeVRF.With(vrfParam(want)))
	}
	if sourced {
		list := iosxe.ShowIPInterfaceBrief.Of(e.Facts)
		i, ok := diag.Must(e, list).Find(source)
		if !ok {
			return e.Fail("no-interface", "Call home's source interface {interface} does not exist.", args).
				At(c.SourceInterface.Source(), list.Source()).About(source).Mend(fixCallhomeSource)
		}
		if !i.Up() {
			return e.Fail("down", "Call home's source interface {interface} is not up.", args).
				At(c.SourceInterface.Source(), i.At).About(source).Mend(fixCallhomeSource)
		}
		held, _ := diag.Must(e, iosxe.ShowVRF.Of(e.Facts)).Holding(source)
		if held.Name != vrf {
			args["holds"] = held.Name
			return e.Fail("elsewhere", "Call home's source interface {interface} is not in its VRF.", args).
				At(c.SourceInterface.Source(), c.VRF.Source(), held.At).About(source).Mend(fixCallhomeSource)
		}
	}
	if inVRF {
		return e.Warn("vrf", "Call home sends in VRF {vrf} and may resolve names in the global table.", args).At(c.VRF.Source()).About(vrf).Mend(fixCallhomeDNS)
	}
	return e.Pass("global", "Call home sends and resolves in the global table.").At(c.VRF.Source(), c.SourceInterface.Source())
}

var callhomeChecks = []*diag.Check{CallhomeService, CallhomeProfileActive, CallhomeReportingData, CallhomeDestination,
	CallhomeTransportMethod, CallhomeContact, CallhomeVRFDNS}
