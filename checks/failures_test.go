package checks

import (
	"testing"

	"slpdoctor/internal/topology"
)

// The texts are those of public logs, the corpus and cisco-smart-license-errors.yang (knowledge B.20, C.3).
func TestFailureOf(t *testing.T) {
	for text, want := range map[string]failureKind{
		"": failureNone,
		"Unable to resolve server hostname/domain name":                       failureDNS,
		"Unable to get FQDN":                                                  failureDNS,
		"HTTP 404 host not found":                                             failureServer,
		"Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT":                 failureServer,
		"SSL handshake failed":                                                failureTLS,
		"The certificate is invalid":                                          failureTLS,
		"Could not validate Trust Chain":                                      failureTLS,
		"Signature Verification failed":                                       failureSignature,
		"nonce failed to match":                                               failureSignature,
		"The certificate has expired":                                         failureSignature,
		"Received empty response from server":                                 failureEmpty,
		"Fail to send out Call Home HTTP message":                             failureCallHome,
		"smart license transport is disabled in call-home":                    failureNoLicData,
		"Communications failure":                                              failureGeneric,
		"No detailed information given":                                       failureGeneric,
		"Communication message send error for udi PID:C9300-48P,SN:FCW260200": failureGeneric,
		"Communications init failure":                                         failureStarting,
		"Connection timed out":                                                failurePath,
		"Connection refused by remote host":                                   failurePath,
		"407 Proxy Authentication Required":                                   failureProxy,
		"The transport type needed is not configured":                         failureTransport,
		"The agent is not registered":                                         failureTrust,
		"We received a failure status in a response message":                  failureRefusal,
		"Null pointer Error":                                                  failureAgent,
		"The moon is in the way":                                              failureUnknown,
		`{"product_instance_identifier":["The identity for the instance 6b9a4d3e-0000-4000-8000-0123456789ab is not valid.Please re-register the instance."]}`: failureIdentity,
	} {
		if got := failureOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestCommFailed(t *testing.T) {
	for text, want := range map[string][2]string{
		"Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve": {"Cisco Smart License Utility (CSLU)", "Unable to resolve"},
		"Communications failure with Cisco licensing cloud: timed out":                           {"Cisco licensing cloud", "timed out"},
		"Something else": {"", "Something else"},
	} {
		if peer, detail := commFailed(text); peer != want[0] || detail != want[1] {
			t.Errorf("%q splits into %q and %q", text, peer, detail)
		}
	}
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		peer string
		kind topology.Kind
		want bool
	}{
		{"Cisco Smart Software Manager (CSSM)", topology.Smart, true},
		{"Cisco Smart Software Manager (CSSM)", topology.CallHome, true},
		{"Cisco Smart Software Manager (CSSM)", topology.CSLU, false},
		{"Cisco Smart License Utility (CSLU)", topology.CSLU, true},
		{"Cisco Smart License Utility (CSLU)", topology.Smart, false},
		{"Cisco licensing cloud", topology.Smart, true},
		{"", topology.Off, true},
	} {
		if got := fits(c.peer, c.kind); got != c.want {
			t.Errorf("%q with transport %q: %v", c.peer, c.kind, got)
		}
	}
}
