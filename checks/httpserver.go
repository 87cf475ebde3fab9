package checks

import (
	"net/netip"
	"slices"
	"strings"

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
		Manual:  []string{"for RESTCONF: no restconf, restconf; when a process still does not run: " + stepTAC},
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

// HTTPServerAuth asks how clients log in.
var HTTPServerAuth = &diag.Check{
	ID:       "httpserver-auth",
	Title:    "A collector's user can log in",
	Why:      "By default the server asks for the enable password, and a collector logs in with a user name.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    webReads,
	Causes:   diag.By(HTTPServerEnabled, HTTPServerSecure),
	Seed:     "knowledge B.12; S1:285",
	Judge:    judgeWebAuth,
	Remedies: []diag.Fix{fixHTTPAuth, fixHTTPAAA},
}

func judgeWebAuth(e *diag.Exam) diag.Verdict {
	if v := withoutWeb(e); v != nil {
		return *v
	}
	method := webAuthentication(e.Facts)
	word := strings.ToLower(diag.Must(e, method))
	args := diag.Args{"method": word}
	switch first, _, _ := strings.Cut(word, " "); first {
	case "enable":
		return e.Fail("enable", "The HTTP server asks for the enable password; a collector logs in with a user name.").At(method.Source()).Mend(fixHTTPAuth)
	case "local":
		return e.Pass("local", "Users of the HTTP server log in with a local user name.").At(method.Source())
	case "aaa":
		config, whole := configuration(e, iosxe.RunningServices)
		list, ok := config.First("aaa authentication login")
		if model, on := config.First("aaa new-model"); on && ok {
			return e.Pass("aaa", "Users of the HTTP server log in through AAA: {list}.", diag.Args{"list": list.After("aaa authentication login")}).
				At(method.Source(), model.At, list.At)
		}
		return e.Fail("no-aaa", "The HTTP server asks AAA, which has no list for logins.").At(method.Source(), whole).Mend(fixHTTPAAA, fixHTTPAuth)
	}
	return e.Warn("other", "The HTTP server asks for users by {method}: whether the collector's user can log in cannot be told.", args).
		At(method.Source()).As(diag.Medium).Mend(fixHTTPAuth)
}

// HTTPServerUser asks for a user with all rights.
var HTTPServerUser = &diag.Check{
	ID:       "httpserver-user",
	Title:    "A user with privilege 15 exists",
	Why:      "A collector needs a user with privilege 15.",
	Severity: diag.Medium,
	Applies:  diag.PL,
	Reads:    webReads,
	Seed:     "knowledge B.12",
	Judge:    judgeWebUser,
	Remedies: []diag.Fix{fixHTTPUser},
}

func judgeWebUser(e *diag.Exam) diag.Verdict {
	config, whole := configuration(e, iosxe.RunningServices)
	method := webAuthentication(e.Facts)
	word, _ := method.Peek()
	logins := config.Lines("aaa authentication login")
	remote := slices.IndexFunc(logins, func(l iosxe.ConfigLine) bool { return slices.Contains(l.Words(), "group") })
	if strings.HasPrefix(strings.ToLower(word), "aaa") && remote >= 0 {
		return e.NotApplicable("aaa", "Users are kept by the AAA server.").At(method.Source(), logins[remote].At)
	}
	users := config.Lines("username")
	for _, u := range users {
		if w := u.Words(); len(w) >= 4 && w[len(w)-2] == "privilege" && w[len(w)-1] == "15" {
			return e.Pass("exists", "A local user has privilege {privilege}.", diag.Args{"privilege": topPrivilege}).At(u.At)
		}
	}
	switch {
	case len(users) == 0 && strings.HasPrefix(strings.ToLower(word), "local"):
		return e.Fail("nobody", "The HTTP server asks for a local user, and there is none: nobody can log in.").At(method.Source(), whole).Mend(fixHTTPUser)
	case len(users) == 0:
		return e.Warn("no-user", "There is no local user.").At(whole).Mend(fixHTTPUser)
	}
	return e.Warn("weak", "No local user has privilege {privilege} ({count} with less).", diag.Args{"privilege": topPrivilege, "count": len(users)}).
		At(users[0].At).Mend(fixHTTPUser)
}

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

// HTTPServerAccessClass asks whether an access list may keep the collector out.
var HTTPServerAccessClass = &diag.Check{
	ID:       "httpserver-access-class",
	Title:    "No access class keeps the collector out",
	Why:      "An access list on the HTTP server may block the collector.",
	Severity: diag.Medium,
	Applies:  diag.PL,
	Reads:    webReads,
	Seed:     "knowledge B.12",
	Judge:    judgeAccessClass,
	Remedies: []diag.Fix{fixHTTPAccess},
}

func judgeAccessClass(e *diag.Exam) diag.Verdict {
	if v := withoutWeb(e); v != nil {
		return *v
	}
	var at []diag.Source
	configured := setting(e.Facts, iosxe.RunningServices, "ip http access-class")
	for _, class := range []diag.Value[string]{
		web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.AccessClass }).Or(configured),
		web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.AccessClassIPv4 }).Or(configured),
		web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[string] { return s.AccessClassIPv6 }).Or(configured),
	} {
		acl, set := diag.Need(e, class)
		at = append(at, class.Source())
		if !set {
			continue
		}
		words := strings.Fields(acl)
		acl = words[len(words)-1]
		return e.Warn("set", "The access list {acl} decides who reaches the HTTP server: it must permit the collector.", diag.Args{"acl": acl}).
			At(class.Source()).About(acl).Mend(fixHTTPAccess.With(diag.Param{Name: "acl", Value: acl, Class: diag.ClassVRF}))
	}
	return e.Pass("open", "No access list restricts the HTTP server.").At(at...)
}

// HTTPServerMaxConnections asks whether there is room for the collector.
var HTTPServerMaxConnections = &diag.Check{
	ID:       "httpserver-max-connections",
	Title:    "HTTP server takes enough connections",
	Why:      "With very few connections a collector is starved by other clients.",
	Severity: diag.Low,
	Applies:  diag.PL,
	Reads:    webReads,
	Seed:     "knowledge B.12",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := withoutWeb(e); v != nil {
			return *v
		}
		most := web(e.Facts, func(s *iosxe.HTTPServer) diag.Value[int] { return s.MaxConnections })
		args := diag.Args{"most": diag.Must(e, most)}
		if diag.Must(e, most) < fewConnections {
			return e.Warn("few", "The HTTP server takes only {most} connections at once.", args).At(most.Source()).Mend(fixHTTPConnections)
		}
		return e.Pass("enough", "The HTTP server takes {most} connections at once.", args).At(most.Source())
	},
	Remedies: []diag.Fix{fixHTTPConnections},
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

// HTTPServerCollectorSeen shows who has been there.
var HTTPServerCollectorSeen = &diag.Check{
	ID:       "httpserver-collector-seen",
	Title:    "Who has connected to the HTTP server",
	Why:      "The addresses of clients tell which collector comes, and whether it comes at all.",
	Severity: diag.Info,
	Applies:  diag.PL,
	Reads:    webReads,
	Seed:     "knowledge B.12",
	Judge: func(e *diag.Exam) diag.Verdict {
		answer := iosxe.ShowHTTPServer.Of(e.Facts)
		var clients []string
		var at []diag.Source
		for _, r := range diag.Must(e, answer).Remotes {
			if a, err := netip.ParseAddr(r.Address); err == nil && a.IsLoopback() {
				continue
			}
			clients, at = append(clients, r.Address), append(at, r.At)
		}
		if len(clients) == 0 {
			return e.Inform("none", "No client from outside is in the history of the HTTP server.").At(answer.Source())
		}
		return e.Inform("seen", "Clients of the HTTP server: {clients}.", diag.Args{"clients": clients}).At(at...)
	},
}

// HTTPServerFromCollector is the proof from the other side.
var HTTPServerFromCollector = &diag.Check{
	ID:       "httpserver-from-collector",
	Title:    "The collector reaches the device",
	Why:      "Only a login from the collector's side proves the whole way.",
	Severity: diag.Medium,
	Applies:  diag.PL,
	Seed:     "knowledge B.12; S1:287",
	Judge: func(e *diag.Exam) diag.Verdict {
		if e.Topology.ID == diag.PullCatalystCenter {
			return e.NotApplicable("collector", "Catalyst Center does not use the HTTP server.")
		}
		return e.Unknown(diag.Manual, "manual", "Whether the collector reaches the device can only be tried from the collector.").Mend(fixBrowse)
	},
	Remedies: []diag.Fix{fixBrowse},
}

var httpserverChecks = []*diag.Check{HTTPServerEnabled, HTTPServerSecure, HTTPServerTLSIdentity, HTTPServerAuth, HTTPServerUser,
	HTTPServerSLHTTP, HTTPServerSessionModules, HTTPServerAccessClass, HTTPServerMaxConnections, HTTPServerNETCONF,
	HTTPServerCollectorSeen, HTTPServerFromCollector}
