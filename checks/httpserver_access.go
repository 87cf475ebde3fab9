package checks

import (
	"net/netip"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

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
