package iosxe

import "slpdoctor/internal/diag"

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
var ShowHTTPClient = query("show ip http client all", "HTTP client settings", parseHTTPClient)

// ShowHTTPClientSecure asks for the TLS settings of the HTTP client.
var ShowHTTPClientSecure = query("show ip http client secure status", "TLS settings of the HTTP client", parseHTTPClient)

func parseHTTPClient(*text, *HTTPClient) {}
