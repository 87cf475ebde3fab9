package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

const (
	licenceModule  = "SL_HTTP" // the session module that hands out usage reports (knowledge A.4)
	standardHTTPS  = 443
	fewConnections = 5  // fewer starve a collector (EJ)
	topPrivilege   = 15 // what a collector's user needs
)

// netconfProcesses and restconfProcesses must run for a collector that uses YANG models (knowledge B.12).
var (
	netconfProcesses  = []string{"ncsshd", "confd", "nesd"}
	restconfProcesses = []string{"nginx", "confd", "nesd"}
)

var webReads = []*diag.Command{&iosxe.ShowHTTPServer.Command, &iosxe.RunningServices.Command}

var (
	fixSecureServer = saved(diag.Fix{
		Summary: "enable the HTTPS server",
		Config:  []string{"ip http secure-server"},
		Verify:  []string{"show ip http server all"},
		Manual:  []string{stepBrowse},
		Affects: "the device can be reached over HTTPS: restrict it with an access class",
	})
	fixSelfSigned = saved(diag.Fix{
		Summary: "let the HTTPS server make itself a certificate",
		Config:  []string{"no ip http secure-trustpoint", "no ip http secure-server", "ip http secure-server"},
		Verify:  []string{"show ip http server all", "show crypto pki trustpoints status"},
		Manual:  []string{stepBrowse},
		Affects: "every client of the HTTPS server: it restarts with another certificate",
	})
	fixHTTPUser = saved(diag.Fix{
		Summary: "create a user for the collector",
		Config:  []string{"username <user> privilege 15 secret <password>"},
		Verify:  []string{"show running-config | include ^username"},
		Manual:  []string{"enter the same user and password in CSLU or SSM On-Prem", stepBrowse},
		Affects: "who can log in to the device: the user has all rights",
	})
	fixHTTPAAA = saved(diag.Fix{
		Summary: "give AAA a list that lets the collector log in",
		Config:  []string{"aaa new-model", "aaa authentication login default local", "aaa authorization exec default local"},
		Verify:  []string{"show running-config | include ^aaa"},
		Manual:  []string{"make sure of a local user first: aaa new-model changes every login to the device at once", stepBrowse},
		Affects: "every login to the device",
	})
	fixHTTPAccess = diag.Fix{
		Summary: "make sure that the access list lets the collector in",
		Verify:  []string{"show ip access-lists <acl>", "show ip http server all"},
		Manual:  []string{"the address of CSLU or SSM On-Prem must be permitted; add a line for it if it is not", stepBrowse},
		Affects: "who can reach the HTTP server",
	}
	fixHTTPConnections = saved(diag.Fix{
		Summary: "allow more connections to the HTTP server",
		Config:  []string{"ip http max-connections 16"},
		Verify:  []string{"show ip http server all"},
		Affects: "clients of the HTTP server",
	})
	fixNETCONF = saved(diag.Fix{
		Summary: "enable NETCONF",
		Config:  []string{"netconf-yang"},
		Verify:  []string{"show platform software yang-management process"},
		Manual:  []string{"the collector's user needs privilege 15; let TCP 830 pass from the collector"},
		Affects: "the device can be configured over NETCONF: restrict who reaches TCP 830",
	})
	fixYangProcesses = saved(diag.Fix{
		Summary: "start the NETCONF and RESTCONF processes again",
		Config:  []string{"no netconf-yang", "netconf-yang"},
		Verify:  []string{"show platform software yang-management process"},
		Manual:  []string{"for RESTCONF: no restconf, restconf; when a process still does not run, " + stepTAC},
		Affects: "every NETCONF and RESTCONF session ends",
	})
	fixBrowse = diag.Fix{
		Summary: "try from the collector's side",
		Manual: []string{stepBrowse,
			"stronger: GET https://<product-instance-ip>/smartlic-service/list with the collector's user and password must answer"},
		Affects: "nothing: it only looks",
	}
)

// web reads a field of the HTTP server.
func web[V any](f *diag.Facts, field func(*iosxe.HTTPServer) diag.Value[V]) diag.Value[V] {
	return read(f, iosxe.ShowHTTPServer, field)
}

// switched is whether a service is on in the configuration; absent when it does not name it.
func switched(f *diag.Facts, line string) diag.Value[bool] {
	c, why := iosxe.RunningServices.Partial(f)
	if c == nil {
		return diag.Missing[bool](why)
	}
	if l, ok := c.First(line); ok {
		return diag.Present(true, l.At)
	}
	if l, ok := c.First("no " + line); ok {
		return diag.Present(false, l.At)
	}
	return diag.Missing[bool](why)
}

func httpOn(f *diag.Facts) diag.Value[bool] {
	return web(f, func(s *iosxe.HTTPServer) diag.Value[bool] { return s.Enabled }).Or(switched(f, "ip http server"))
}

func httpsOn(f *diag.Facts) diag.Value[bool] {
	return web(f, func(s *iosxe.HTTPServer) diag.Value[bool] { return s.SecureEnabled }).Or(switched(f, "ip http secure-server"))
}

// webAuthentication is how the HTTP server asks who is there.
func webAuthentication(f *diag.Facts) diag.Value[string] {
	v := web(f, func(s *iosxe.HTTPServer) diag.Value[string] { return s.Authentication })
	if set := setting(f, iosxe.RunningServices, "ip http authentication"); !set.IsNone() {
		return v.Or(set)
	}
	return v
}

// onlyNETCONF reports that nothing but NETCONF can carry the reports: Catalyst Center uses it, and nothing
// else is left when both HTTP servers are off.
func onlyNETCONF(f *diag.Facts) (at []diag.Source, only bool) {
	if f.Topology.ID == diag.PullCatalystCenter {
		return nil, true
	}
	plain, secure, netconf := httpOn(f), httpsOn(f), switched(f, "netconf-yang")
	on, known := plain.Peek()
	tls, known2 := secure.Peek()
	yang, _ := netconf.Peek()
	return []diag.Source{plain.Source(), secure.Source(), netconf.Source()}, known && known2 && !on && !tls && yang
}

// withoutWeb takes a check of the HTTP server out of play where NETCONF carries the reports.
func withoutWeb(e *diag.Exam) *diag.Verdict {
	at, only := onlyNETCONF(e.Facts)
	if !only {
		return nil
	}
	v := e.NotApplicable("netconf", "The reports are collected over NETCONF, which needs no HTTP server.").At(at...)
	return &v
}

// HTTPServerEnabled asks for the HTTP server.
var HTTPServerEnabled = &diag.Check{
	ID:       "httpserver-enabled",
	Title:    "HTTP server is enabled",
	Why:      "A collector fetches the reports from the device's own server.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    webReads,
	Seed:     "knowledge B.12; S1:285",
	Judge: func(e *diag.Exam) diag.Verdict {
		if e.Topology.ID == diag.PullCatalystCenter {
			return *withoutWeb(e)
		}
		plain, secure := httpOn(e.Facts), httpsOn(e.Facts)
		if diag.Must(e, plain) {
			return e.Pass("on", "The HTTP server is enabled.").At(plain.Source())
		}
		if diag.Must(e, secure) {
			return e.Warn("https-only", "The HTTP server is disabled, the HTTPS server is enabled: only a collector that uses HTTPS can collect.").
				At(plain.Source(), secure.Source()).As(diag.Low).Mend(fixHTTPServer)
		}
		if at, only := onlyNETCONF(e.Facts); only {
			return e.Warn("netconf-only", "Both HTTP servers are disabled: only a collector that uses NETCONF can collect.").At(at...).As(diag.Medium).Mend(fixHTTPServer)
		}
		return e.Fail("both-off", "Both HTTP servers are disabled, so no collector can log in.").At(plain.Source(), secure.Source()).Mend(fixHTTPServer)
	},
	Remedies: []diag.Fix{fixHTTPServer},
}

// HTTPServerSecure asks for the HTTPS server and its port.
var HTTPServerSecure = &diag.Check{
	ID:       "httpserver-secure",
	Title:    "HTTPS server is enabled on port 443",
	Why:      "Collectors log in over HTTPS.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    webReads,
	Causes:   diag.By(HTTPServerEnabled),
	Seed:     "knowledge B.12; S1:287,307",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := withoutWeb(e); v != nil {
			return *v
		}
		secure := httpsOn(e.Facts)
		if !diag.Must(e, secure) {
			return e.Fail("off", "The HTTPS server is disabled.").At(secure.Source()).Mend(fixSecureServer)
		}
		port := web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[int] { return s.SecurePort })
		args := diag.Args{"port": diag.Must(e, port)}
		if args["port"] != standardHTTPS {
			return e.Warn("port", "The HTTPS server listens on port {port}: the collector must be told.", args).
				At(port.Source()).As(diag.Medium).Mend(fixHTTPPort)
		}
		return e.Pass("on", "The HTTPS server is enabled on port {port}.", args).At(secure.Source(), port.Source())
	},
	Remedies: []diag.Fix{fixSecureServer, fixHTTPPort},
}

// HTTPServerTLSIdentity asks whether the HTTPS server has a certificate to show.
var HTTPServerTLSIdentity = &diag.Check{
	ID:       "httpserver-tls-identity",
	Title:    "HTTPS server has a certificate",
	Why:      "Without a certificate the HTTPS server does not answer.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    slices.Concat(webReads, []*diag.Command{&iosxe.ShowTrustpoints.Command}),
	Causes:   diag.By(HTTPServerEnabled, HTTPServerSecure),
	Seed:     "knowledge B.12",
	Judge:    judgeTLSIdentity,
	Remedies: []diag.Fix{fixSelfSigned},
}

func judgeTLSIdentity(e *diag.Exam) diag.Verdict {
	if v := withoutWeb(e); v != nil {
		return *v
	}
	secure := httpsOn(e.Facts)
	if on, known := secure.Peek(); known && !on {
		return e.NotApplicable("off", "The HTTPS server is disabled.").At(secure.Source())
	}
	named := web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.SecureTrustpoint }).
		Or(setting(e.Facts, iosxe.RunningServices, "ip http secure-trustpoint"))
	name, set := diag.Need(e, named)
	if !set {
		return e.Pass("self-signed", "The HTTPS server uses a certificate that it made itself.").At(named.Source())
	}
	answer := iosxe.ShowTrustpoints.Of(e.Facts)
	p, found := diag.Must(e, answer).Find(name)
	args := diag.Args{"name": name}
	switch {
	case !found:
		return e.Fail("no-trustpoint", "The HTTPS server is told to use the trustpoint {name}, which does not exist.", args).
			At(named.Source(), answer.Source()).About(name).Mend(fixSelfSigned)
	case !p.RouterSubject.Known():
		return e.Warn("no-certificate", "The HTTPS server is told to use the trustpoint {name}, which holds no certificate of this device.", args).
			At(named.Source(), p.At).About(name).Mend(fixSelfSigned)
	}
	return e.Pass("enrolled", "The HTTPS server uses the certificate of the trustpoint {name}.", args).At(named.Source(), p.RouterSubject.Source())
}

var httpserverChecks = []*diag.Check{HTTPServerEnabled, HTTPServerSecure, HTTPServerTLSIdentity, HTTPServerAuth, HTTPServerUser,
	HTTPServerSLHTTP, HTTPServerSessionModules, HTTPServerAccessClass, HTTPServerMaxConnections, HTTPServerNETCONF,
	HTTPServerCollectorSeen, HTTPServerFromCollector}
