package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// stepBrowse is the proof from the collector's side (M17).
const stepBrowse = "on the CSLU or SSM On-Prem host, open https://<product-instance-ip>/ in a browser: a login must appear"

var (
	fixHTTPServer = saved(diag.Fix{
		Summary: "enable the HTTPS server",
		Config:  []string{"ip http server", "ip http secure-server"},
		Verify:  []string{"show ip http server all"},
		Manual:  []string{stepBrowse},
		Affects: "the device can be reached over HTTP and HTTPS: restrict it with an access class",
	})
	fixHTTPModule = saved(diag.Fix{
		Summary: "activate the licence server of the HTTP server",
		Config:  []string{"ip http server", "ip http secure-server", "ip http active-session-modules all", "ip http secure-active-session-modules all"},
		Verify:  []string{"show ip http server session-module"},
		Manual:  []string{stepBrowse},
		Affects: "every module of the HTTP server is active",
	})
	fixHTTPAuth = saved(diag.Fix{
		Summary: "let the collector log in with a local user",
		Config:  []string{"ip http authentication local"},
		Verify:  []string{"show ip http server all"},
		Manual:  []string{"the collector's user needs privilege 15; with AAA instead: ip http authentication aaa", stepBrowse},
		Affects: "how users of the HTTP server log in",
	})
	fixHTTPPort = saved(diag.Fix{
		Summary: "use the standard HTTPS port, or tell it the collector",
		Config:  []string{"no ip http secure-port"},
		Verify:  []string{"show ip http server all"},
		Affects: "every client of the HTTPS server",
	})
)

// CSLUPull asks what CSLU needs to collect reports.
var CSLUPull = &diag.Check{
	ID:       "cslu-pull",
	Title:    "A collector can log in and collect",
	Why:      "A collector that can not log in to the device's HTTP server gets no report.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    pullReads,
	Seed:     "knowledge B.6, B.12; S1:283-287",
	Judge: func(e *diag.Exam) diag.Verdict {
		if e.Topology.ID == diag.PullOnprem || e.Topology.ID == diag.PullCatalystCenter {
			return e.NotApplicable("collector", "The collector is not CSLU.")
		}
		return judgePull(e)
	},
	Remedies: []diag.Fix{fixHTTPServer, fixHTTPModule, fixHTTPAuth, fixHTTPPort},
}

// OnpremPullHTTP asks what SSM On-Prem needs to collect reports.
var OnpremPullHTTP = &diag.Check{
	ID:       "onprem-pull-http",
	Title:    "SSM On-Prem can log in and collect",
	Why:      "A server that can not log in to the device's HTTP server gets no report.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    pullReads,
	Seed:     "knowledge B.7, B.12; S1:307-309",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := otherCollector(e); v != nil {
			return *v
		}
		return judgePull(e)
	},
	Remedies: []diag.Fix{fixHTTPServer, fixHTTPModule, fixHTTPAuth, fixHTTPPort},
}

var pullReads = []*diag.Command{&iosxe.ShowHTTPServer.Command, &iosxe.ShowHTTPServerModules.Command, &iosxe.RunningServices.Command}

// judgePull goes through what a collector needs, in the order of knowledge D9.
func judgePull(e *diag.Exam) diag.Verdict {
	server := func(field func(*iosxe.HTTPServer) diag.Value[bool]) diag.Value[bool] {
		return read(e.Facts, iosxe.ShowHTTPServer, field)
	}
	plainly := server(func(s *iosxe.HTTPServer) diag.Value[bool] { return s.Enabled })
	secure := server(func(s *iosxe.HTTPServer) diag.Value[bool] { return s.SecureEnabled })
	on, tls := diag.Must(e, plainly), diag.Must(e, secure)
	if !tls {
		if config, _ := iosxe.RunningServices.Partial(e.Facts); config != nil && !on {
			if netconf, ok := config.First("netconf-yang"); ok {
				return e.Warn("netconf-only", "The HTTP servers are disabled; only a collector that uses NETCONF can collect.").
					At(plainly.Source(), secure.Source(), netconf.At).Mend(fixHTTPServer)
			}
		}
		return e.Fail("no-https", "The HTTPS server is disabled, so no collector can log in.").At(plainly.Source(), secure.Source()).Mend(fixHTTPServer)
	}
	return judgeModule(e, on, secure)
}

// judgeModule goes on with a device whose HTTPS server is enabled; http says whether the HTTP server is too.
func judgeModule(e *diag.Exam, http bool, secure diag.Value[bool]) diag.Verdict {
	table := read(e.Facts, iosxe.ShowHTTPServer, func(s *iosxe.HTTPServer) diag.Value[[]iosxe.HTTPModule] { return s.Modules }).
		Or(read(e.Facts, iosxe.ShowHTTPServerModules, func(s *iosxe.HTTPServer) diag.Value[[]iosxe.HTTPModule] { return s.Modules }))
	modules := diag.Must(e, table)
	i := slices.IndexFunc(modules, func(m iosxe.HTTPModule) bool { return m.Name == "SL_HTTP" })
	if i < 0 {
		return e.Fail("no-module", "The HTTP server has no module SL_HTTP, which hands out the usage reports.").At(table.Source()).Mend(fixHTTPModule)
	}
	module := modules[i]
	if active := diag.Must(e, module.Secure); !active || http && !module.Active {
		return e.Fail("inactive", "The module SL_HTTP, which hands out the usage reports, is not active.").At(module.At).Mend(fixHTTPModule)
	}
	method := read(e.Facts, iosxe.ShowHTTPServer, func(s *iosxe.HTTPServer) diag.Value[string] { return s.Authentication })
	args := diag.Args{"method": diag.Must(e, method)}
	if args["method"] == "enable" {
		return e.Fail("auth", "The HTTP server asks for the enable password; a collector logs in with a user name.", args).
			At(method.Source()).Mend(fixHTTPAuth)
	}
	port := read(e.Facts, iosxe.ShowHTTPServer, func(s *iosxe.HTTPServer) diag.Value[int] { return s.SecurePort })
	if n := diag.Must(e, port); n != 443 {
		return e.Warn("port", "The HTTPS server listens on port {port}; the collector must be told.", diag.Args{"port": n}).
			At(port.Source()).As(diag.Medium).Mend(fixHTTPPort)
	}
	return e.Pass("ready", "The HTTPS server, its module SL_HTTP and authentication {method} are ready for a collector.", args).
		At(secure.Source(), module.At, method.Source())
}
