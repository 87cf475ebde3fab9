package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// HTTPClient is the answer to `show ip http client all` and `show ip http client secure status`. No real
// sample of either is known: fields are read where their label is found and absent otherwise. The
// configuration lines `ip http client ...` are the primary evidence.
type HTTPClient struct {
	SourceInterface   diag.Value[string]   `json:"source_interface,omitzero"`
	ConnectionTimeout diag.Value[int]      `json:"connection_timeout_seconds,omitzero"`
	ResponseTimeout   diag.Value[int]      `json:"response_timeout_seconds,omitzero"`
	Retries           diag.Value[int]      `json:"retries,omitzero"`
	ProxyServer       diag.Value[string]   `json:"proxy_server,omitzero"`
	SecureCapable     diag.Value[bool]     `json:"secure_capable,omitzero"`
	SecureTrustpoint  diag.Value[string]   `json:"secure_trustpoint,omitzero"` // none: the label without a name
	Ciphersuites      diag.Value[[]string] `json:"ciphersuites,omitzero"`
	TLSVersions       diag.Value[[]string] `json:"tls_versions,omitzero"`
}

// ShowHTTPClient asks for the settings of the HTTP client.
var ShowHTTPClient = query("show ip http client all", "HTTP client settings", mostly(parseHTTPClient))

// ShowHTTPClientSecure asks for the TLS settings of the HTTP client.
var ShowHTTPClientSecure = query("show ip http client secure status", "TLS settings of the HTTP client", mostly(parseHTTPClient))

func parseHTTPClient(t *text, c *HTTPClient) {
	var suites *row
	for r := range t.open() {
		label, value := r.key, r.value
		if before, after, ok := strings.Cut(r.text, " = "); ok {
			label, value = before, after
		}
		read, known := httpClientFields[strings.ToLower(strings.TrimSpace(label))]
		switch {
		case known:
			if value = strings.TrimSuffix(value, " (default)"); read(c, t, r, value) {
				suites = nil
				if strings.HasSuffix(label, "ciphersuite") {
					suites = r
				}
			}
		case suites != nil && r.indent > suites.indent && !r.colon:
			for s := range strings.FieldsSeq(r.text) {
				more(&c.Ciphersuites, t, r, s)
			}
		default:
			suites = nil
		}
	}
	t.drop("HTTP client status:", "HTTP client current connections:", "Persistent connection", "Connection idle timeout",
		"Maximum http client connections", "HTTP client application session modules:", "HTTP client cache", "HTTP client history",
		"local-ipaddress:port", "Total client connections", "Id  ", "Application Name", "Version  ", "Persistent  ", "Response-timeout",
		"Retries  ", "Proxy  ", "Maximum Memory size for cache", "Maximum memory per cache entry")
}

// httpClientFields are the labels in lower case.
var httpClientFields = map[string]func(*HTTPClient, *text, *row, string) bool{
	"http client source interface":     clientSource,
	"http client source-interface":     clientSource,
	"connection establishment timeout": clientTimeout,
	"maximum number of connection establishment retries": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.Retries, t, r, v, leadingInt)
	},
	"response timeout": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.ResponseTimeout, t, r, v, leadingInt)
	},
	"http client proxy server": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.ProxyServer, t, r, v, verbatim)
	},
	"http secure client capability": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.SecureCapable, t, r, v, func(s string) (bool, bool) { return s == "Present", true })
	},
	"http secure client trustpoint": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.SecureTrustpoint, t, r, v, verbatim)
	},
	"http secure client ciphersuite": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.Ciphersuites, t, r, v, wordList)
	},
	"http secure client tls version": func(c *HTTPClient, t *text, r *row, v string) bool {
		return put(&c.TLSVersions, t, r, v, wordList)
	},
}

func clientSource(c *HTTPClient, t *text, r *row, v string) bool {
	return put(&c.SourceInterface, t, r, v, verbatim)
}

func clientTimeout(c *HTTPClient, t *text, r *row, v string) bool {
	return put(&c.ConnectionTimeout, t, r, v, leadingInt)
}

// wordList splits at blanks.
func wordList(s string) ([]string, bool) { return strings.Fields(s), true }
