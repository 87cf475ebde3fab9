package checks

import (
	"testing"

	"slpdoctor/internal/message"
	"slpdoctor/internal/topology"
)

// Words that decide which branch of the tree is taken (knowledge D); the whole vocabulary is message's.
func TestFailureOf(t *testing.T) {
	for text, want := range map[string]message.Class{
		"": "",
		"Unable to resolve server hostname/domain name":       message.DNS,
		"SSL handshake failed":                                message.TLS,
		"Signature Verification failed":                       message.Clock,
		"nonce failed to match":                               message.Clock,
		"Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT": message.ServerDown,
		"Fail to send out Call Home HTTP message":             message.CallHome,
		"No detailed information given":                       message.Network,
		"The moon is in the way":                              message.Unknown,
		`{"product_instance_identifier":["The identity for the instance 6b9a4d3e-0000-4000-8000-0123456789ab is not valid.Please re-register the instance."]}`: message.Identity,
	} {
		if got := failureOf(text).Class; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestCommFailed(t *testing.T) {
	for text, want := range map[string][2]string{
		"%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve": {"Cisco Smart License Utility (CSLU)", "Unable to resolve"},
		"%SMART_LIC-3-COMM_FAILED: Something else": {"", "Something else"},
	} {
		if peer, detail := commFailed(message.Read(text)[0]); peer != want[0] || detail != want[1] {
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
