package iosxe

import "slpdoctor/internal/diag"

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
var ShowHTTPServer = query("show ip http server all", "HTTP server settings, modules and clients", parseHTTPServer)

// ShowHTTPServerModules asks for the session modules only.
var ShowHTTPServerModules = query("show ip http server session-module", "session modules of the HTTP server", parseHTTPServer)

// ShowHTTPServerSecure asks for the TLS settings of the HTTP server.
var ShowHTTPServerSecure = query("show ip http server secure status", "TLS settings of the HTTP server", parseHTTPServer)

func parseHTTPServer(*text, *HTTPServer) {}
