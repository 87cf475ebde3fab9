package message

import (
	"testing"
)

func TestCatalogue(t *testing.T) {
	seenIDs := map[string]bool{}
	for _, m := range All() {
		switch {
		case seenIDs[m.ID()]:
			t.Errorf("%s is there twice", m.ID())
		case m.Meaning == "" || m.Source == "" || m.Kind == "" || len(m.Checks) == 0 || m.Severity < 1 || m.Severity > 7:
			t.Errorf("%s is not complete", m.ID())
		case m.Kind == Trouble && m.Facility == "SMART_LIC" && m.Source[0] == 'S' && len(m.Actions) == 0:
			t.Errorf("%s says nothing to do", m.ID())
		}
		seenIDs[m.ID()] = true
	}
	for _, m := range All() {
		for _, id := range m.Endings() {
			if end, ok := byID()[id]; !ok || end.Kind == Trouble || m.Kind != Trouble {
				t.Errorf("%s is ended by %s, which ends nothing", m.ID(), id)
			}
		}
	}
	if len(guide) != 19 {
		t.Errorf("the guide has 19 messages, the catalogue %d", len(guide))
	}
	if _, ok := Lookup("SMART_LIC", "NO_SUCH"); ok {
		t.Error("found a message that does not exist")
	}
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]Class{
		"Unable to resolve server hostname/domain name":                                  DNS,
		"HTTP Server Error 404: not found":                                               ServerDown,
		"Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT":                            ServerDown,
		"SSL handshake failed":                                                           TLS,
		"peer certificate can not be verified":                                           TLS,
		"Received empty response from server":                                            Backend,
		"Fail to send out Call Home HTTP message.":                                       CallHome,
		"Call Home message send error":                                                   CallHome,
		"The smart license transport is disabled in call-home":                           CallHome,
		"No detailed information given":                                                  Network,
		"Communication message send error for udi PID:X,SN:1":                            Network,
		"Communications failure":                                                         Network,
		"Communications init failure":                                                    Boot,
		"Connection timed out":                                                           Path,
		"ERR 207 : Connection time out":                                                  Path,
		"ERR 205 : Request Aborted":                                                      TLS,
		"Connection refused":                                                             Path,
		"Proxy authentication required (407)":                                            Proxy,
		"Signature Verification failed":                                                  Clock,
		"Signing Certificate Verification failed":                                        TLS,
		"timestamp mismatch":                                                             Clock,
		"Product Instance identifier failed to match":                                    Identity,
		"Validation of the authorization key failed. It probably does not match the UDI": Identity,
		"The agent is not registered":                                                    Trust,
		"The product is already registered":                                              Trust,
		"Null pointer Error":                                                             Agent,
		"The transport type needed is not configured":                                    Transport,
		"Unable to get FQDN":                                                             DNS,
		"Something that nobody has seen":                                                 Unknown,
		"":                                                                               Unknown,
	} {
		f := Classify(text)
		if f.Class != want {
			t.Errorf("Classify(%q) = %s, want %s", text, f.Class, want)
		}
		if f.Class != Unknown && (len(f.Checks) == 0 || f.Meaning == "") {
			t.Errorf("Classify(%q) does not say where to look", text)
		}
	}
}

func TestPeer(t *testing.T) {
	for name, want := range map[string]Peer{
		"Cisco Smart Software Manager (CSSM)": CSSM,
		"Cisco licensing cloud":               CSSM,
		"Cisco Smart License Utility (CSLU)":  CSLU,
		"Cisco Smart License utility (CSLU)":  CSLU,
		"somebody":                            UnknownPeer,
	} {
		if got := PeerOf(name); got != want {
			t.Errorf("PeerOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestIsCRL(t *testing.T) {
	for text, want := range map[string]bool{
		"%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint LAB failed":   true,
		"%PKI-4-CERT_WARNING: could not read the CRL":                  true,
		"%PKI-6-TRUSTPOINT_CREATE: Trustpoint: SLA-TrustPoint created": false,
		"%PKI-6-CRL_OK: CRL is fresh":                                  false,
		"%SYS-3-CRL_FETCH_FAIL: another facility":                      false,
		"%PKI-3-SCRLX: nothing about such lists":                       false,
	} {
		if e := Read(text); len(e) != 1 || e[0].IsCRL() != want {
			t.Errorf("IsCRL of %q = %v", text, !want)
		}
	}
}
