package checks

import (
	"regexp"
	"strings"

	"slpdoctor/internal/topology"
)

// failureKind classes what a device says about a failed exchange.
type failureKind string

// The kinds (knowledge B.20 log-comm-failed-class, C.3).
const (
	failureNone      failureKind = ""
	failureDNS       failureKind = "dns"
	failurePath      failureKind = "path"
	failureProxy     failureKind = "proxy"
	failureTLS       failureKind = "tls"
	failureSignature failureKind = "signature"
	failureIdentity  failureKind = "identity"
	failureEmpty     failureKind = "empty-response"
	failureServer    failureKind = "server-down"
	failureCallHome  failureKind = "callhome"
	failureNoLicData failureKind = "callhome-data"
	failureStarting  failureKind = "starting"
	failureTrust     failureKind = "trust"
	failureTransport failureKind = "transport"
	failureAgent     failureKind = "agent"
	failureRefusal   failureKind = "refusal"
	failureGeneric   failureKind = "generic"
	failureUnknown   failureKind = "unknown"
)

// failureTexts maps the detail of COMM_FAILED and the agent's failure reasons to kinds: the first pattern
// that matches wins. The vocabulary is undocumented (OQ-32); the words come from public logs, the corpus
// and the descriptions in cisco-smart-license-errors.yang. looking names the checks
// to look at first; the symptom itself when the words say nothing.
var failureTexts = []struct {
	kind    failureKind
	words   *regexp.Regexp
	looking []string
}{
	{failureIdentity, identityWords, []string{"agent-identity-invalid"}},
	{failureDNS, words(`unable to resolve|server hostname/domain name|get FQDN`), []string{"dns-lookup", "dns-server", "dns-vrf", "dns-resolve", "cslu-dns"}},
	{failureNoLicData, words(`transport is disabled in call-?home`), []string{"callhome-reporting-data"}},
	{failureCallHome, words(`call home HTTP message|call home is disabled|call home service|comm layer`), []string{"callhome-service", "callhome-destination", "reach-route", "trustpoint-pool-root"}},
	{failureEmpty, words(`empty response from server`), []string{"transport-legacy-path", "transport-url-vs-type"}},
	{failureServer, words(`LS_LICENGINE_FAIL_TO_CONNECT|server error occurred|\b404\b|not found|\b50[0-9]\b`), []string{"transport-smart-url", "transport-callhome-url", "cslu-url", "onprem-url"}},
	{failureProxy, words(`proxy|\b407\b`), []string{"transport-proxy"}},
	{failureSignature, words(`signature|nonce|timestamp|time ?stamp|certificate has expired`), []string{"clock-ntp-configured", "clock-ntp-sync", "clock-skew"}},
	{failureTLS, words(`certificate|\bTLS\b|\bSSL\b|handshake|trust chain|Root CA`), []string{"clock-ntp-sync", "trustpoint-pool-root", "httpclient-secure-trustpoint", "transport-server-identity"}},
	{failurePath, words(`timed? ?out|refused|unreachable|no route`), []string{"reach-tcp"}},
	{failureTransport, words(`transport layer not available|transport type needed`), []string{"transport-type"}},
	{failureTrust, words(`not registered|insufficient trust`), []string{"trust-code-installed"}},
	{failureStarting, words(`init failure|not initialized|initialization`), []string{"agent-enabled"}},
	{failureRefusal, words(`failure status in a response|invalid response|unsupported response|parsing error`), []string{"trust-account", "onprem-server-version"}},
	{failureAgent, words(`null pointer|malloc|message building|trusted storage`), []string{"agent-enabled"}},
	{failureGeneric, words(`communications? failure|no detailed information|message send error|send response error|unknown error`), nil},
}

func words(alternatives string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + alternatives) }

// identityWords is how CSSM and SSM On-Prem say that they do not know the instance any more.
var identityWords = regexp.MustCompile(`(?i)The identity for the instance [0-9a-f-]{36} is not valid\.? ?Please re-register the instance`)

// failureOf classes a detail text: failureNone for an empty one, failureUnknown for words of no pattern.
func failureOf(detail string) failureKind {
	if strings.TrimSpace(detail) == "" {
		return failureNone
	}
	for _, t := range failureTexts {
		if t.words.MatchString(detail) {
			return t.kind
		}
	}
	return failureUnknown
}

// looking names the checks to look at first for a kind of failure.
func looking(kind failureKind) []string {
	for _, t := range failureTexts {
		if t.kind == kind && t.looking != nil {
			return t.looking
		}
	}
	return []string{"agent-comm-channels"}
}

var commFailedText = regexp.MustCompile(`(?i)^Communications (?:init )?failure with (?:the )?(.*?) ?: ?(.*)$`)

// commFailed splits the text of COMM_FAILED into the peer and the detail; a text of another shape is all
// detail.
func commFailed(text string) (peer, detail string) {
	if m := commFailedText.FindStringSubmatch(text); m != nil {
		return m[1], m[2]
	}
	return "", text
}

// fits reports whether the peer that a log line names can be that of the transport: CSSM for smart and
// call home, CSLU for cslu, which is also the word for SSM On-Prem. Other words fit everything.
func fits(peer string, kind topology.Kind) bool {
	switch {
	case strings.Contains(peer, "CSLU"):
		return kind == topology.CSLU || kind == ""
	case strings.Contains(peer, "CSSM"):
		return kind != topology.CSLU && kind != topology.Off
	}
	return true
}
