package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// HTTPServerSessionModules asks whether hardening has switched modules off.
var HTTPServerSessionModules = &diag.Check{
	ID:       "httpserver-session-modules",
	Title:    "Modules of the HTTP server are not restricted",
	Why:      "Hardening often leaves only some modules, and the one of licensing is forgotten.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    webReads,
	Causes:   diag.By(HTTPServerEnabled, HTTPServerSecure),
	Seed:     "knowledge B.12",
	Judge:    judgeWebModules,
	Remedies: []diag.Fix{fixHTTPModule},
}

func judgeWebModules(e *diag.Exam) diag.Verdict {
	if v := withoutWeb(e); v != nil {
		return *v
	}
	plain, secure := httpOn(e.Facts), httpsOn(e.Facts)
	var at []diag.Source
	for _, side := range []struct {
		on      diag.Value[bool]
		allowed diag.Value[string]
	}{
		{secure, web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.SecureModules })},
		{plain, web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.ActiveModules })},
	} {
		if on, known := side.on.Peek(); known && !on {
			continue
		}
		list, some := diag.Need(e, side.allowed)
		args := diag.Args{"list": list}
		at = append(at, side.allowed.Source())
		switch {
		case strings.EqualFold(list, "all"):
		case !some || strings.EqualFold(list, "none"):
			return e.Fail("all-off", "Every module of the HTTP server is switched off.").At(at...).Mend(fixHTTPModule)
		default:
			modules := setting(e.Facts, iosxe.RunningServices, "ip http session-module-list "+list)
			names, defined := diag.Need(e, modules)
			if !defined || !slices.Contains(strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' }), licenceModule) {
				return e.Fail("left-out", "The HTTP server is restricted to the modules of the list {list}, and SL_HTTP is none of them.", args).
					At(append(at, modules.Source())...).About(list).Mend(fixHTTPModule)
			}
			at = append(at, modules.Source())
		}
	}
	if len(at) == 0 {
		return e.NotApplicable("off", "Both HTTP servers are disabled.").At(plain.Source(), secure.Source())
	}
	return e.Pass("allowed", "The module SL_HTTP is allowed.").At(at...)
}

// HTTPServerSLHTTP asks for the module that hands out reports.
var HTTPServerSLHTTP = &diag.Check{
	ID:       "httpserver-sl-http",
	Title:    "The licence server SL_HTTP is active",
	Why:      "This module of the HTTP server hands out the usage reports.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    slices.Concat(webReads, []*diag.Command{&iosxe.ShowHTTPServerModules.Command}),
	Causes:   diag.By(HTTPServerEnabled, HTTPServerSecure, HTTPServerSessionModules),
	Seed:     "knowledge B.12, OQ-5; S1:285,309",
	Judge:    judgeSLHTTP,
	Remedies: []diag.Fix{fixHTTPModule},
}

// slHTTP is the row of the module SL_HTTP; none when a complete table does not have it.
func slHTTP(f *diag.Facts, q *diag.Query[iosxe.HTTPServer]) diag.Value[iosxe.HTTPModule] {
	s, why := q.Partial(f)
	if s == nil {
		return diag.Missing[iosxe.HTTPModule](why)
	}
	if m, ok := s.Module(licenceModule); ok {
		return diag.Present(m, m.At)
	}
	if why == "" && s.Modules.Known() {
		return diag.None[iosxe.HTTPModule](s.Modules.Source())
	}
	return diag.Missing[iosxe.HTTPModule](why)
}

func judgeSLHTTP(e *diag.Exam) diag.Verdict {
	if v := withoutWeb(e); v != nil {
		return *v
	}
	listed := slHTTP(e.Facts, iosxe.ShowHTTPServer).Or(slHTTP(e.Facts, iosxe.ShowHTTPServerModules))
	module, ok := diag.Need(e, listed)
	if !ok {
		return e.Fail("missing", "The HTTP server does not list the module SL_HTTP.").At(listed.Source()).Mend(fixHTTPModule)
	}
	tls := diag.Must(e, module.Secure)
	plainOn, known := httpOn(e.Facts).Peek()
	if !tls || !module.Active && (plainOn || !known) {
		return e.Fail("inactive", "The module SL_HTTP is not active.").At(module.At).Mend(fixHTTPModule)
	}
	return e.Pass("active", "The module SL_HTTP is active.").At(module.At)
}

// HTTPServerNETCONF asks for NETCONF where it carries the reports.
var HTTPServerNETCONF = &diag.Check{
	ID:       "httpserver-netconf",
	Title:    "NETCONF answers a collector that uses it",
	Why:      "Catalyst Center, and CSLU if it is told so, collect over NETCONF or RESTCONF.",
	Severity: diag.Medium,
	Applies:  diag.PL | diag.CT,
	Reads:    slices.Concat(webReads, []*diag.Command{&iosxe.ShowYangProcesses.Command}),
	Seed:     "knowledge B.12",
	Judge:    judgeNETCONF,
	Remedies: []diag.Fix{fixNETCONF, fixYangProcesses},
}

func judgeNETCONF(e *diag.Exam) diag.Verdict {
	config, whole := configuration(e, iosxe.RunningServices)
	service, on := config.First("netconf-yang")
	processes := netconfProcesses
	_, only := onlyNETCONF(e.Facts)
	if !on && !only {
		service, on = config.First("restconf")
		processes = restconfProcesses
	}
	switch {
	case !on && only:
		return e.Fail("no-netconf", "The reports are collected over NETCONF, and NETCONF is not enabled.").At(whole).Mend(fixNETCONF)
	case !on && e.Topology.ID.Family() == diag.CT:
		return e.NotApplicable("controller", "The controller reaches the device over its own connection.").At(whole)
	case !on:
		return e.NotApplicable("rest", "Neither NETCONF nor RESTCONF is enabled: the reports are collected from the HTTP server.").At(whole)
	}
	answer := diag.Must(e, iosxe.ShowYangProcesses.Of(e.Facts))
	at := []diag.Source{service.At}
	args := diag.Args{"service": service.Text}
	for _, name := range processes {
		running := answer.Running(name)
		at = append(at, running.Source())
		if diag.Must(e, running) {
			continue
		}
		args["process"] = name
		if only {
			return e.Fail("not-running", "The reports are collected over NETCONF, and its process {process} does not run.", args).At(at...).Mend(fixYangProcesses)
		}
		return e.Warn("stopped", "{service} is enabled, and its process {process} does not run: a collector that uses it gets nothing.", args).At(at...).Mend(fixYangProcesses)
	}
	return e.Pass("running", "The processes of {service} run.", args).At(at...)
}
