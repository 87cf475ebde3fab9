package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
	"slpdoctor/internal/reconcile"
)

// say runs a command line in a world of its own and gives what it said.
func say(t *testing.T, stdin string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main(args, Env{In: strings.NewReader(stdin), Out: &o, Err: &e, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2024, 3, 12, 6, 0, 0, 0, time.UTC) }, Context: context.Background()})
	return o.String(), e.String(), code
}

// TestExplainKnowsEverything asks for every check, message and manual step.
func TestExplainKnowsEverything(t *testing.T) {
	wants := func(what string, words ...string) {
		t.Helper()
		out, errs, code := say(t, "", "explain", what)
		if code != 0 {
			t.Errorf("explain %q: exit %d, %s", what, code, errs)
		}
		flat := strings.Join(strings.Fields(out), " ")
		for _, w := range words {
			if !strings.Contains(flat, strings.Join(strings.Fields(w), " ")) {
				t.Errorf("explain %q does not say %q:\n%s", what, w, out)
			}
		}
	}
	for _, k := range checks.All() {
		wants(k.ID, k.Title, k.Why)
	}
	for _, m := range message.All() {
		words := []string{m.Meaning, m.Source}
		for _, c := range m.Causes {
			words = append(words, c.Text)
		}
		for _, a := range m.Actions {
			words = append(append(words, a.When), a.Steps...)
		}
		for _, form := range []string{m.Mnemonic, strings.ToLower(m.Mnemonic), m.ID(), fmt.Sprintf("%s-%d-%s", m.Facility, m.Severity, m.Mnemonic),
			fmt.Sprintf("%%%s-7-%s", m.Facility, m.Mnemonic), fmt.Sprintf("%%LICENSE-%s-5-%s: ", m.Facility, m.Mnemonic)} {
			if strings.HasSuffix(form, " ") {
				form = strings.TrimSpace(form)
			}
			wants(form, words[:1]...)
		}
		wants(m.Mnemonic, words...)
	}
	for _, s := range message.Steps() {
		wants(s.ID, s.Where, s.Do, s.Source)
		wants(strings.ToLower(s.ID), s.Do)
	}
	wants("M07", "M07a", "M07b")
	for _, r := range reconcile.Rules() {
		wants(r.ID, append([]string{r.Title, r.Means, r.Formula, r.Example, r.Source}, r.Do...)...)
	}
}

func TestExplainLists(t *testing.T) {
	out, _, code := say(t, "", "explain")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	for _, e := range explainable() {
		if !strings.Contains(out, "\n"+e.id+" ") {
			t.Errorf("%s %s is not in the list", e.kind, e.id)
		}
	}
}

func TestExplainLine(t *testing.T) {
	const failed = "%SMART_LIC-5-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : "
	tests := map[string]struct {
		line  string
		flags []string
		want  []string
		not   []string
	}{
		"from a relay": {"<187>Mar  1 08:00:02 192.0.2.200 1234: edge1: *Mar  1 08:00:00.001: " + failed + "SSL handshake failed", nil,
			[]string{"Device edge1", "Time *Mar 1 08:00:00.001", "detail = SSL handshake failed", "Points at tls",
				"1) the TLS handshake failed because the client certificate is missing", "(the text points here) 2) CSSM",
				"5 in this line, 3 in the guide", "trustpoint-pool-root", "ip http client secure-trustpoint SLA-TrustPoint"},
			[]string{"cslu-local", "SSM On-Prem, pushed"}},
		"ISO time": {"2024-03-01T08:00:02.123+01:00 edge1 77: " + failed + "HTTP Server Error 404", nil,
			[]string{"Time 2024-03-01T08:00:02.123+01:00", "Points at server-down", "1) 404, host not found"}, nil},
		"for a topology": {failed + "x", []string{"--topology", "pull-cslu"},
			[]string{"What to do (pull-cslu)", "SL_HTTP", "Points at unknown"}, []string{"smartreceiver.cisco.com", "CSLU, pushed"}},
		"control characters": {"edge\x1b[31m1: " + failed + "a\x1b[2Jb", nil, []string{"detail = a·[2Jb"}, []string{"\x1b"}},
		"other words":        {"%SMART_LIC-3-COMM_FAILED: entirely different", nil, []string{"worded differently, or cut"}, nil},
		"revocation list":    {"%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint LAB failed", nil, []string{"trustpoint-crl-errors"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, errs, code := say(t, "", append([]string{"explain", test.line}, test.flags...)...)
			flat := strings.Join(strings.Fields(out), " ")
			if code != 0 {
				t.Fatalf("exit %d: %s", code, errs)
			}
			for _, w := range test.want {
				if !strings.Contains(flat, w) {
					t.Errorf("does not say %q:\n%s", w, out)
				}
			}
			for _, w := range test.not {
				if strings.Contains(flat, w) {
					t.Errorf("says %q:\n%s", w, out)
				}
			}
		})
	}
}

func TestExplainSuggests(t *testing.T) {
	for what, like := range map[string]string{
		"dns-sevrer":                    "dns-server",
		"COMM_FAILD":                    "COMM_FAILED",
		"%SMART_LIC-3-COM_FAILED: text": "COMM_FAILED",
		"UTILITY":                       "UTILITY_NO_ACK",
		"M99":                           "M09",
		"trustpoint":                    "trustpoint-sla-ca",
	} {
		out, errs, code := say(t, "", "explain", what)
		if code != 2 || out != "" || !strings.Contains(errs, like) {
			t.Errorf("explain %q: exit %d, out %q, error %q; want it to name %s", what, code, out, errs, like)
		}
	}
	for _, what := range []string{"zzzzzzzzzzzz", strings.Repeat("long ", 100_000), "%", "M", "\x00\xff"} {
		if _, errs, code := say(t, "", "explain", what); code != 2 || !strings.Contains(errs, "hint") || len(errs) > 2000 {
			t.Errorf("explain %.20q: exit %d, error of %d bytes", what, code, len(errs))
		}
	}
}

// TestMessagesNameChecks holds the checks that messages and failure texts name against the catalogue.
func TestMessagesNameChecks(t *testing.T) {
	cat := checks.Catalogue()
	known := func(of, id string) {
		if cat.Find(id) == nil {
			t.Errorf("%s names the check %s, which does not exist", of, id)
		}
	}
	for _, m := range message.All() {
		for _, id := range append(append([]string{}, m.Checks...), m.Proof()...) {
			known(m.ID(), id)
		}
	}
	for _, f := range message.Failures() {
		for _, id := range f.Checks {
			known(f.Meaning, id)
		}
	}
}

// TestTopologyNames wants a name for every family that can report.
func TestTopologyNames(t *testing.T) {
	for _, id := range diag.TopologyIDs() {
		if f := id.Family(); f&(diag.Push|diag.PL|diag.OF|diag.CT) != 0 && topologyNames(f) == "" {
			t.Errorf("%s has no name", id)
		}
	}
}

func TestExplainCheckForTopology(t *testing.T) {
	for topology, want := range map[string]bool{"direct-callhome": true, "direct-smart": false} {
		out, _, code := say(t, "", "explain", "transport-smart-url", "--topology", topology)
		if code != 0 || strings.Contains(out, "not for "+topology) != want {
			t.Errorf("%s: exit %d\n%s", topology, code, out)
		}
	}
}
