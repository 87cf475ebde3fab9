package iosxe

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
)

// HTTPServer is the answer to `show ip http server all`, `... session-module` and `... secure status`:
// each carries a part of it. An empty label is none.
type HTTPServer struct {
	Enabled          diag.Value[bool]     `json:"enabled,omitzero"`
	Port             diag.Value[int]      `json:"port,omitzero"`
	Authentication   diag.Value[string]   `json:"authentication,omitzero"` // "local", "aaa", "enable"
	AccessClass      diag.Value[string]   `json:"access_class,omitzero"`   // none: "0" or "None"
	AccessClassIPv4  diag.Value[string]   `json:"access_class_ipv4,omitzero"`
	AccessClassIPv6  diag.Value[string]   `json:"access_class_ipv6,omitzero"`
	MaxConnections   diag.Value[int]      `json:"max_connections,omitzero"`
	ActiveModules    diag.Value[string]   `json:"active_modules,omitzero"` // "ALL", "none" or the name of a list
	SecureCapable    diag.Value[bool]     `json:"secure_capable,omitzero"`
	SecureEnabled    diag.Value[bool]     `json:"secure_enabled,omitzero"`
	SecurePort       diag.Value[int]      `json:"secure_port,omitzero"`
	Ciphersuites     diag.Value[[]string] `json:"ciphersuites,omitzero"`
	TLSVersions      diag.Value[[]string] `json:"tls_versions,omitzero"`
	SecureTrustpoint diag.Value[string]   `json:"secure_trustpoint,omitzero"`
	SecureModules    diag.Value[string]   `json:"secure_active_modules,omitzero"`
	// Modules is the table of session modules; absent when the answer has no such table.
	Modules diag.Value[[]HTTPModule] `json:"modules,omitzero"`
	// Remotes are the addresses that are connected now or were before, without ports, in order of
	// appearance, each once.
	Remotes []HTTPRemote `json:"remotes,omitempty"`
}

// HTTPModule is one session module of the HTTP server.
type HTTPModule struct {
	At          diag.Source      `json:"-"`
	Name        string           `json:"name"` // SL_HTTP is the licence server
	Handle      int              `json:"handle"`
	Active      bool             `json:"active"`
	Secure      diag.Value[bool] `json:"secure_active,omitzero"`
	Description string           `json:"description"`
}

// HTTPRemote is a client of the HTTP server.
type HTTPRemote struct {
	At      diag.Source `json:"-"`
	Address string      `json:"address"`
}

// Module is the session module of that name; false when the table does not list it or there is none.
func (s *HTTPServer) Module(name string) (HTTPModule, bool) {
	modules, _ := s.Modules.Peek()
	for _, m := range modules {
		if m.Name == name {
			return m, true
		}
	}
	return HTTPModule{}, false
}

// ShowHTTPServer asks for everything about the HTTP server.
var ShowHTTPServer = query("show ip http server all", "HTTP server settings, modules and clients", mostly(parseHTTPServer),
	entry(func(c *diag.Command) {
		c.Needs = targetNeeds
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) { return askCollected(f, c) }
		c.Wave = 1
	}))

// ShowHTTPServerModules asks for the session modules only, where the long answer does not list them.
var ShowHTTPServerModules = query("show ip http server session-module", "session modules of the HTTP server", mostly(parseHTTPServer),
	entry(func(c *diag.Command) {
		c.Needs = []*diag.Command{&ShowHTTPServer.Command}
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) {
			if s, _ := ShowHTTPServer.Partial(f); s != nil && s.Modules.Known() {
				return "", diag.NotSent{Reason: diag.NotCollected, Detail: "show ip http server all lists the modules"}
			}
			return askCollected(f, c)
		}
		c.Wave = 2
	}))

// ShowHTTPServerSecure asks for the TLS settings of the HTTP server.
var ShowHTTPServerSecure = query("show ip http server secure status", "TLS settings of the HTTP server", mostly(parseHTTPServer))

// askCollected keeps a question about the way in from devices whose reports nobody collects: those that
// were declared otherwise, and those whose transport is not cslu or that know whom to send to.
func askCollected(f *diag.Facts, c *diag.Command) (line string, why diag.NotSent) {
	t := LicenseView.Of(f).Transport
	kind, known := t.Type.Peek()
	_, addressed := t.URL.Peek()
	switch declared := f.Device.Topology; {
	case declared.Family() == diag.PL:
		return c.String(), diag.NotSent{}
	case declared != "":
		return "", diag.NotSent{Reason: diag.NotCollected, Detail: "in topology " + string(declared) + " nobody collects the reports"}
	case known && (addressed || !strings.Contains(strings.ToLower(kind), "cslu")):
		return "", diag.NotSent{Reason: diag.NotCollected, Detail: "nobody collects the reports of this device"}
	}
	return c.String(), diag.NotSent{}
}

func parseHTTPServer(t *text, s *HTTPServer) {
	var header *row // of the table of session modules
	suites := false // whether the row above belongs to the ciphersuites, which wrap
	for r := range t.open() {
		switch {
		case suites && r.indent > 0 && !r.colon:
			for name := range strings.FieldsSeq(r.text) {
				more(&s.Ciphersuites, t, r, name)
			}
			continue
		case strings.HasPrefix(r.text, "Session module Name"):
			header = r
			s.Modules = diag.Present([]HTTPModule(nil), t.use(r))
		case header != nil && !r.colon && httpModule(t, r, s):
		case httpServerFields.set(s, t, r):
		case httpConnection(t, r, s):
		}
		suites = r.key == "HTTP secure server ciphersuite"
		if r.colon {
			header = nil
		}
	}
	t.drop("HTTP server", "HTTP secure server", "HTTP File Upload", "Maximum number of", "Server idle time-out",
		"Server life time-out", "Server session idle", "Server linger time", "local-ipaddress:port", "Nginx", "Active connection",
		"Maxmum connection Hit", "Maximum connection Hit", "Accepted connections total", "server accepts handled", "Reading:",
		"conn_history_current_pos")
}

var httpServerFields = fields[HTTPServer]{
	"HTTP server status":                flag(func(s *HTTPServer) *diag.Value[bool] { return &s.Enabled }),
	"HTTP server port":                  count(func(s *HTTPServer) *diag.Value[int] { return &s.Port }),
	"HTTP server authentication method": words(func(s *HTTPServer) *diag.Value[string] { return &s.Authentication }),
	"HTTP server access class":          accessClass(func(s *HTTPServer) *diag.Value[string] { return &s.AccessClass }),
	"HTTP server IPv4 access class":     accessClass(func(s *HTTPServer) *diag.Value[string] { return &s.AccessClassIPv4 }),
	"HTTP server IPv6 access class":     accessClass(func(s *HTTPServer) *diag.Value[string] { return &s.AccessClassIPv6 }),
	"Maximum number of concurrent server connections allowed": count(
		func(s *HTTPServer) *diag.Value[int] { return &s.MaxConnections }),
	"HTTP server active session modules": words(func(s *HTTPServer) *diag.Value[string] { return &s.ActiveModules }),
	"HTTP secure server capability": func(s *HTTPServer, t *text, r *row) bool {
		return put(&s.SecureCapable, t, r, r.value, func(v string) (bool, bool) { return v == "Present", true })
	},
	"HTTP secure server status": flag(func(s *HTTPServer) *diag.Value[bool] { return &s.SecureEnabled }),
	"HTTP secure server port":   count(func(s *HTTPServer) *diag.Value[int] { return &s.SecurePort }),
	"HTTP secure server ciphersuite": func(s *HTTPServer, t *text, r *row) bool {
		return put(&s.Ciphersuites, t, r, r.value, wordList)
	},
	"HTTP secure server TLS version": func(s *HTTPServer, t *text, r *row) bool {
		return put(&s.TLSVersions, t, r, r.value, wordList)
	},
	"HTTP secure server trustpoint":             words(func(s *HTTPServer) *diag.Value[string] { return &s.SecureTrustpoint }),
	"HTTP secure server active session modules": words(func(s *HTTPServer) *diag.Value[string] { return &s.SecureModules }),
}

// accessClass is words, with "0" for no access class.
func accessClass(f func(*HTTPServer) *diag.Value[string]) rule[HTTPServer] {
	return func(s *HTTPServer, t *text, r *row) bool {
		if r.value == "0" {
			*f(s) = diag.None[string](t.use(r))
			return true
		}
		return put(f(s), t, r, r.value, verbatim)
	}
}

// httpModule reads "SL_HTTP   2   Active   Active   HTTP REST IOS-XE Smart License Server".
func httpModule(t *text, r *row, s *HTTPServer) bool {
	cells := strings.Fields(r.text)
	if len(cells) < 4 {
		return false
	}
	handle, err := strconv.Atoi(cells[1])
	active, ok := activeWord(cells[2])
	secure, secureOK := activeWord(cells[3])
	if err != nil || !ok || !secureOK {
		return false
	}
	description := strings.Join(cells[4:], " ")
	at := t.table(r, []string{"Session module Name", "Handle", "Status", "Secure-status", "Description"},
		cells[0], cells[1], cells[2], cells[3], description)
	modules, _ := s.Modules.Peek()
	s.Modules = diag.Present(append(modules, HTTPModule{At: at, Name: cells[0], Handle: handle, Active: active,
		Secure: diag.Present(secure, at), Description: description}), s.Modules.Source())
	return true
}

func activeWord(s string) (active, ok bool) {
	return s == "Active", s == "Active" || s == "Inactive"
}

// httpConnection reads "10.0.0.1:443  192.0.2.9:58764  0  404 ..." of the connections and of the history.
func httpConnection(t *text, r *row, s *HTTPServer) bool {
	cells := strings.Fields(r.text)
	if len(cells) < 4 {
		return digits(cells) && t.table(r, []string{"accepts", "handled", "requests"}, cells...).Line > 0
	}
	_, err := netip.ParseAddrPort(cells[0])
	remote, remoteErr := netip.ParseAddrPort(cells[1])
	if err != nil || remoteErr != nil {
		return false
	}
	at := t.table(r, []string{"local-ipaddress:port", "remote-ipaddress:port", "in-bytes", "out-bytes", "end-time", "end-date"},
		cells...)
	address := remote.Addr().String()
	if !slices.ContainsFunc(s.Remotes, func(h HTTPRemote) bool { return h.Address == address }) {
		s.Remotes = append(s.Remotes, HTTPRemote{At: at, Address: address})
	}
	return true
}

// digits reports a row of counters.
func digits(cells []string) bool {
	return len(cells) == 3 && strings.Trim(strings.Join(cells, ""), "0123456789") == ""
}
