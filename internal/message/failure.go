package message

import "regexp"

// Class is what kind of fault a failure text speaks of: the detail of COMM_FAILED and of the install
// failures, and `Failure Reason:` of tech support.
type Class string

// The classes.
const (
	DNS         Class = "dns"         // the name of the peer does not resolve
	ServerDown  Class = "server-down" // the peer answers that it is not there or not working
	TLS         Class = "tls"         // certificates or the handshake
	Backend     Class = "backend"     // something answers that does not speak this protocol
	CallHome    Class = "callhome"    // call home on the device
	Network     Class = "network"     // nothing came back, nothing more is said
	Path        Class = "path"        // timed out or refused on the way
	Proxy       Class = "proxy"       // the proxy
	Transport   Class = "transport"   // the transport setting
	Clock       Class = "clock"       // signatures or timestamps that do not fit: the clock
	Identity    Class = "identity"    // the back end or a file means another product instance
	Trust       Class = "trust"       // no trust, or trust already there
	Application Class = "application" // the back end understood and refused
	Boot        Class = "boot"        // the agent is not up yet
	Agent       Class = "agent"       // a defect inside the agent
	Unknown     Class = "unknown"     // none of the known texts
)

// Failure is what a failure text means. The zero Failure is no failure.
type Failure struct {
	Class   Class
	Checks  []string // ids of the checks to look at first
	Meaning string   // one sentence
}

// Classify reads a failure text. A text that is not known is of class Unknown: quote it.
func Classify(text string) Failure {
	for _, f := range failures {
		if f.text.MatchString(text) {
			return f.Failure
		}
	}
	return Failure{Class: Unknown, Meaning: "a text that is not catalogued"}
}

// Failures lists what failure texts can mean, in the order in which they are tried.
func Failures() []Failure {
	out := make([]Failure, len(failures))
	for i, f := range failures {
		out[i] = f.Failure
	}
	return out
}

// Peer is the back end that COMM_FAILED and COMM_RESTORED name; it follows the configured transport.
type Peer string

// The peers.
const (
	CSSM        Peer = "cssm" // transport smart or callhome
	CSLU        Peer = "cslu" // transport cslu, also towards SSM On-Prem
	UnknownPeer Peer = ""
)

// PeerOf reads the name of a peer: "Cisco Smart Software Manager (CSSM)", "Cisco Smart License Utility
// (CSLU)", "Cisco licensing cloud".
func PeerOf(name string) Peer {
	switch {
	case cssmRE.MatchString(name):
		return CSSM
	case csluRE.MatchString(name):
		return CSLU
	}
	return UnknownPeer
}

var (
	cssmRE = regexp.MustCompile(`(?i)\(CSSM\)|smart software manager|licensing cloud`)
	crlRE  = regexp.MustCompile(`(?i)\bCRL(?:_|\b)`)
	csluRE = regexp.MustCompile(`(?i)\(CSLU\)|smart licen[sc](?:e|ing) utility`)
)

type failure struct {
	text *regexp.Regexp
	Failure
}

func when(text string, class Class, meaning string, checks ...string) failure {
	return failure{regexp.MustCompile(`(?i)` + text), Failure{class, checks, meaning}}
}

// failures maps texts to classes; the first that matches counts, so what is specific stands first. The texts
// of logs are those of knowledge B.20, the others are the descriptions of cisco-smart-license-errors.yang
// (knowledge C.3), one of which real devices are known to print word for word.
var failures = []failure{
	when(`unable to resolve|could not resolve|resolve (?:server )?host`, DNS,
		"the name of the peer does not resolve", "dns-lookup", "dns-server", "dns-domain", "dns-vrf", "dns-resolve", "cslu-dns"),
	when(`unable to get fqdn`, DNS, "the device has no name of its own", "dns-domain", "platform-hostname-pid"),
	when(`smart licen[sc]e transport is disabled in call-?home`, CallHome,
		"no active call-home profile reports licensing data", "callhome-reporting-data", "callhome-profile-active"),
	when(`comm layer.*is disabled|call home service cannot be turned on`, CallHome,
		"call home is off", "callhome-service"),
	when(`call home message|call home http message`, CallHome, "call home could not deliver the message",
		"callhome-service", "callhome-destination", "reach-ping", "trustpoint-pool-root"),
	when(`development certificates are being used`, TLS,
		"a development certificate meets the production root", "agent-prod-cert"),
	when(`certificate has expired`, TLS, "a certificate is past its end, or the clock is wrong",
		"clock-ntp-sync", "clock-skew", "trust-code-expired", "trustpoint-sla-validity"),
	when(`signing certificate verification|certificate verification failed|could not validate trust chain|`+
		`root certificate import failed|certificate is invalid|parse certificate`, TLS,
		"a certificate could not be verified", "trustpoint-sla-ca", "clock-ntp-sync", "clock-skew", "trustpoint-pool-root"),
	when(`signature|time ?stamp|nonce`, Clock, "signature or timestamp do not fit: the clock is not accurate",
		"clock-ntp-configured", "clock-ntp-sync", "clock-authoritative", "clock-skew"),
	when(`system udi'?s|match the udi|identifier failed to match|authorization key failed|udi .*is invalid`, Identity,
		"the answer or file is for other UDIs than those of the device", "agent-identity-invalid", "auth-udi-match", "ha-udi-list"),
	when(`already (?:registered|installed|exists?)|in progress`, Trust,
		"there is a trust code already, or one is being requested", "trust-install-failed"),
	when(`agent is not registered|not trusted|no trust`, Trust, "there is no trust code", "trust-code-installed", "agent-trust-gate"),
	when(`id ?token|invalid token|virtual account|smart account|not a valid account`, Application,
		"token or account do not fit", "trust-install-failed", "trust-account"),
	when(`no authorization code installed`, Application, "an authorization code is missing", "auth-required"),
	when(`failed to parse reservation|decoding failed`, Application, "the file is damaged: fetch it again", "auth-install-failed"),
	when(`utility is not enabled|utility management is enabled`, Application, "utility mode does not fit", "utility-status"),
	when(`transport (?:layer )?(?:is )?not available|transport type needed is not configured|does not support this feature`,
		Transport, "the transport type does not fit", "transport-type"),
	when(`proxy|\b407\b`, Proxy, "the proxy refused or could not connect", "transport-proxy", "httpclient-proxy"),
	when(`requested item was not found|failure status in a response|invalid response|unsupported response|parsing error|`+
		`requested operation is not supported`, Application, "the back end answered something else than expected",
		"agent-identity-invalid", "onprem-server-version"),
	when(`LS_LICENGINE_FAIL_TO_CONNECT|server error occurred`, ServerDown,
		"trouble behind the back end: wait 24 hours", "agent-comm-channels"),
	when(`\b404\b|not found|\b50[0-9]\b`, ServerDown, "the server is down, or the path of the URL is wrong",
		"transport-smart-url", "transport-callhome-url", "cslu-url", "onprem-url"),
	when(`empty response`, Backend, "something answered that is not the expected back end, or speaks another protocol",
		"transport-legacy-path", "transport-url-vs-type"),
	when(`certificate|\bTLS|\bSSL|handshake|err 205`, TLS, "TLS failed: certificates, clock, or a client certificate that is missing",
		"clock-ntp-sync", "trustpoint-pool-root", "httpclient-secure-trustpoint", "transport-server-identity"),
	when(`time[d]?[ -]?out|refused|err 207|unreachable|no route`, Path, "no connection on the way to the peer",
		"reach-interface", "reach-route", "reach-ping", "reach-tcp"),
	when(`init failure|not initiali[sz]ed|initiali[sz]ation (?:is )?not complete`, Boot,
		"the agent is still starting: try again after 15 minutes", "agent-enabled"),
	when(`null pointer|malloc|message building|trusted storage|standby rp`, Agent,
		"a fault inside the agent", "agent-enabled", "ha-active"),
	when(`communications? failure|no detailed information|message send error|send response error|unknown error|not ready|`+
		`no reply|no connected clients|beyond the peer`, Network, "no answer, and no detail", "agent-comm-channels", "reach-ping", "reach-tcp"),
}
