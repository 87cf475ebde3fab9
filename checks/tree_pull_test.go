package checks_test

import (
	"slices"
	"strings"
	"testing"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// Lines that the stories of collected, offline and utility devices share.
const (
	late     = `edit show-license-tech: May 24 09:35:03 2026 => Mar 05 09:35:03 2026`
	httpOff  = "edit show-ip-http-server-all: HTTP server status: Enabled => HTTP server status: Disabled\nedit show-running-config: ip http server => no ip http server"
	httpsOff = "edit show-ip-http-server-all: HTTP secure server status: Enabled => HTTP secure server status: Disabled\nedit show-running-config: ip http secure-server => no ip http secure-server"
	utility  = `edit show-license-tech: Utility:\n  Status: DISABLED => Utility:\n  Status: ENABLED`
	monthAgo = `edit show-license-tech: Last ACK received: Feb 23 => Last ACK received: Feb 07`
	removed  = `add show-logging: Mar 10 11:00:05.120 UTC: %SMART_LIC-3-POLICY_REMOVED: The licensing policy has been removed.`
	defaults = `edit show-license-tech: Policy in use: Installed On Feb 08 09:40:12 2026 UTC\n  Policy name: SLE Policy => Policy in use: Merged from multiple sources.`
	untold   = "channel Trust Establishment: 0/0/0 0/0 <none>\nchannel Trust Sync: 0/0/0 0/0 <none>\nchannel Usage Reporting: 0/0/0 0/0 <none>\nchannel Result Polling: 0/0/0 0/0 <none>"
	busy     = `only show-processes-cpu: 117    81200000        4101      19800 77.10% 76.52% 70.01%   0 SAGetRUMIds`
)

// collected are faults of devices that do not push, and of utility mode, policies and codes: one cause, many
// red lines, as in TestStories.
var collected = []story{
	{name: "HTTP servers off", device: "pull", script: []string{"topology pull-cslu", late, httpOff, httpsOff}, root: "httpserver-enabled",
		follow: []string{"httpserver-secure", "cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "HTTPS server off", device: "pull", script: []string{late, httpsOff}, root: "httpserver-secure",
		follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "HTTPS server off, SSM On-Prem collects", device: "pull", script: []string{"topology pull-onprem", late, httpsOff}, root: "httpserver-secure",
		follow: []string{"onprem-pull-http", "report-ack-deadline"}},
	{name: "no certificate", device: "pull", script: []string{late, `edit show-ip-http-server-all: HTTP secure server trustpoint:\n => HTTP secure server trustpoint: INVALID_TP\n`},
		root: "httpserver-tls-identity", follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "enable password", device: "pull", script: []string{late, "edit show-ip-http-server-all: authentication method: local => authentication method: enable"},
		root: "httpserver-auth", follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "SL_HTTP inactive", device: "pull", script: []string{late, "edit show-ip-http-server-all: SL_HTTP               2      Active   Active => SL_HTTP               2      Active   Inactive"},
		root: "httpserver-sl-http", follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "modules restricted", device: "pull", script: []string{late, "edit show-ip-http-server-all: SL_HTTP               2      Active   Active => SL_HTTP               2      Active   Inactive",
		"edit show-ip-http-server-all: HTTP secure server active session modules: ALL => HTTP secure server active session modules: none"},
		root: "httpserver-session-modules", follow: []string{"httpserver-sl-http", "cslu-pull", "report-ack-deadline"}},
	{name: "no user", device: "pull", script: []string{late, `edit show-running-config: username netops privilege 15\n =>`}, root: "httpserver-user",
		follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},
	{name: "no user with all rights", device: "pull", script: []string{late, "edit show-running-config: username netops privilege 15 => username netops privilege 1"},
		root: "cslu-last-ack", follow: []string{"report-ack-deadline"}, warns: []string{"httpserver-user"}, unknown: []string{"httpserver-from-collector", "cslu-cssm"}},
	{name: "everything ready, and no acknowledgement", device: "pull", script: []string{late},
		root: "cslu-last-ack", follow: []string{"report-ack-deadline"}, unknown: []string{"httpserver-from-collector", "cslu-cssm"}},
	{name: "nothing of the server is known", device: "pull", script: []string{"topology pull-cslu", late, "refuse show-ip-http-server-all"},
		root: "cslu-last-ack", follow: []string{"report-ack-deadline"}, unknown: []string{"httpserver-secure", "httpserver-sl-http", "cslu-pull", "httpserver-from-collector"}},
	{name: "Catalyst Center without NETCONF", device: "pull", script: []string{"topology pull-catalyst-center", late}, root: "httpserver-netconf",
		follow: []string{"cslu-last-ack", "report-ack-deadline"}},
	{name: "NETCONF alone, and it does not run", device: "pull", script: []string{late, httpOff, httpsOff, `edit show-running-config: no ip http server => netconf-yang\nno ip http server`,
		`only show-platform-software-yang: ncsshd           : Running\nconfd            : Not Running\nnesd             : Running`},
		root: "httpserver-netconf", follow: []string{"cslu-pull", "cslu-last-ack", "report-ack-deadline"}},

	{name: "controller, deadline passed", device: "controller", script: []string{"edit show-license-tech: Next ACK deadline: <none> => Next ACK deadline: Mar 05 09:35:03 2026 UTC"},
		root: "report-ack-deadline"},
	{name: "controller, failures in the log", device: "controller", script: []string{failed(cssm, "No detailed information given")}, warns: []string{"log-comm-failed"}},

	{name: "no file was ever carried", device: "offline", script: []string{late, "edit show-license-tech: Last report file write: Feb 20 10:00:00 2026 UTC => Last report file write: <none>"},
		root: "report-offline-file", follow: []string{"report-ack-deadline"}},

	{name: "utility over call home", device: "direct-callhome", script: []string{utility, monthAgo}, root: "utility-transport", follow: []string{"utility-ack-30d"}},
	{name: "utility without trust", device: "direct-smart", script: []string{utility, monthAgo, untrusted, untold, pushLate}, root: "trust-code-installed",
		follow: []string{"utility-trust", "agent-trust-gate", "utility-ack-30d"}},
	{name: "utility, no ACK for 31 days", device: "cslu-push", script: []string{utility, monthAgo}, root: "utility-ack-30d", unknown: []string{"cslu-cssm"}},
	{name: "utility, no ACK for 31 days, CSLU silent", device: "cslu-push", script: []string{utility, monthAgo, usage, hello, failed(cslu, "Connection refused")},
		root: "cslu-hello", follow: []string{"utility-ack-30d", "agent-comm-channels"}},
	{name: "utility, no ACK for 31 days, SL_HTTP inactive", device: "pull", script: []string{utility, monthAgo, "edit show-ip-http-server-all: SL_HTTP               2      Active   Active => SL_HTTP               2      Active   Inactive"},
		root: "httpserver-sl-http", follow: []string{"cslu-pull", "utility-ack-30d"}},
	{name: "utility report without a name server", device: "direct-smart", script: []string{utility, noServer, smartUnresolved, usage, failed(cssm, "Unable to resolve server hostname/domain name"),
		"add show-logging: Mar 10 11:00:06.120 UTC: %SMART_LIC-3-UTILITY_REPORT_FAILED: Smart Agent for Licensing Utility has failed to send usage Report."},
		root: "dns-server", follow: []string{"utility-report-failed", "agent-comm-channels"}},

	{name: "policy refused for the clock", device: "direct-smart", script: []string{"edit show-running-config: ntp server 192.0.2.123\\nntp server 192.0.2.124\\n =>", "drop show-ntp-associations",
		"only show-ntp-status: %NTP is not enabled.", "add show-logging: Mar 10 11:00:05.120 UTC: %SMART_LIC-3-POLICY_INSTALL_FAILED: The installation of a new licensing policy has failed: timestamp mismatch."},
		root: "clock-ntp-configured", follow: []string{"clock-ntp-sync", "policy-install-failed"}},
	{name: "a code for other UDIs", device: "direct-smart", script: []string{"channel Authorization Confirmation: 2/0/2 2/0 INVALID STATUS CODE; the authorization code only matches some of the system Udi's"},
		root: "auth-install-failed", follow: []string{"agent-comm-channels"}},
	{name: "reports pile up and load the CPU", device: "direct-smart", script: []string{noServer, smartUnresolved, usage, failed(cssm, "Unable to resolve server hostname/domain name"),
		"edit show-license-tech: Available to Report: 2 => Available to Report: 812", busy},
		root: "dns-server", follow: []string{"report-backlog", "perf-cpu", "agent-comm-channels"}},
}

// story is a fault as it looks on a whole device.
type story struct {
	name, device string
	script       []string // directives of cases_test.go
	root         string   // the one finding; "" when nothing may fail
	follow       []string // what must be told as its consequence
	warns        []string // what must warn
	unknown      []string // what must be told as not known, with a way to know it when it cannot be asked
}

// TestCollectedStories holds the branches D9 and D10 of knowledge D, and those of utility mode, policies and
// codes, against whole devices: one root cause, else the list of what is not known.
func TestCollectedStories(t *testing.T) {
	all := checks.Catalogue()
	for _, s := range collected {
		t.Run(s.device+"/"+s.name, func(t *testing.T) {
			d := load(t, s.device)
			for _, part := range s.script {
				d.run(t, strings.Split(strings.TrimSpace(part), "\n"))
			}
			s.tell(t, all.Judge(d.facts(t)))
		})
	}
}

func (s story) tell(t *testing.T, results []diag.Result) {
	t.Helper()
	expected := append([]string{s.root}, s.follow...)
	for _, r := range results {
		if r.Status == diag.Fail {
			if root := engine.Root(results, r); root.Check != s.root {
				t.Errorf("%s ends at %s (%s), not at %s", r.Check, root.Check, root.Summary, s.root)
			}
		}
		want := diag.Status("")
		switch {
		case slices.Contains(expected, r.Check):
			want = diag.Fail
		case slices.Contains(s.warns, r.Check):
			want = diag.Warn
		case slices.Contains(s.unknown, r.Check):
			want = diag.Unknown
		default:
			continue
		}
		if r.Status != want {
			t.Errorf("%s is %s (%s), want %s", r.Check, r.Status, r.Summary, want)
		}
		if want == diag.Unknown && *r.Reason == diag.Manual && (len(r.Fixes) == 0 || len(r.Fixes[0].Manual) == 0) {
			t.Errorf("%s cannot be asked, and nobody is told how to know it", r.Check)
		}
	}
}

// TestPolicyComesBack holds the manual steps of a removed policy against the guide, topology by topology
// (S1:345-394), by their ids, and those of a missing acknowledgement (S1:495-521, 590-611).
func TestPolicyComesBack(t *testing.T) {
	const (
		collect = "(M06)"
		export  = "(M07a)"
		upload  = "(M05)"
		fetch   = "(M07b)"
		sync    = "license smart sync all"
		pullSSM = "(M09)"
		toCisco = "(M10)"
		tac     = "(M16)"
	)
	for _, way := range []struct {
		name, device string
		script       []string
		policy, ack  []string // steps in order
	}{
		{"direct, trusted", "direct-smart", []string{defaults}, []string{sync, tac}, []string{sync}},
		{"direct, not trusted", "direct-smart", []string{defaults, untrusted}, []string{"license smart trust idtoken <token> all", "(M01)", tac}, []string{sync}},
		{"call home", "direct-callhome", []string{defaults}, []string{sync, tac}, []string{sync}},
		{"CSLU", "cslu-push", nil, []string{sync, tac}, []string{sync, "(M08)"}},
		{"CSLU without CSSM", "cslu-push", []string{"topology cslu-push-disconnected"}, []string{sync, collect, export, upload, fetch, tac}, []string{sync, export, upload, fetch}},
		{"CSLU collects", "pull", []string{"topology pull-cslu"}, []string{collect, export, upload, fetch, tac}, []string{collect}},
		{"SSM On-Prem", "onprem-push", nil, []string{sync, toCisco, tac}, []string{sync, toCisco}},
		{"SSM On-Prem collects", "pull", []string{"topology pull-onprem"}, []string{pullSSM, toCisco, tac}, []string{pullSSM, toCisco}},
		{"Catalyst Center", "pull", []string{"topology pull-catalyst-center"}, []string{"(M14)", tac}, []string{"(M14)"}},
		{"offline", "offline", nil, []string{"license smart import <path>", "(M04)", "(M23)", tac},
			[]string{"license smart save usage unreported file <path>", "license smart import <path>", upload}},
	} {
		t.Run(way.name, func(t *testing.T) {
			d := load(t, way.device)
			late := strings.ReplaceAll(late, "May 24", "Apr 24")
			if strings.Contains(d.files[techSupport], "May 24 09:35:03") {
				late = strings.ReplaceAll(late, "Apr 24", "May 24")
			}
			for _, part := range append(way.script, removed, late, utility, monthAgo) {
				d.run(t, strings.Split(part, "\n"))
			}
			results := checks.Catalogue().Judge(d.facts(t))
			for id, want := range map[string][]string{"policy-removed": way.policy, "report-ack-deadline": way.ack, "utility-ack-30d": way.ack} {
				r := results[slices.IndexFunc(results, func(r diag.Result) bool { return r.Check == id })]
				if len(r.Fixes) == 0 {
					t.Errorf("%s has no fix: %s %s", id, r.Status, r.Summary)
					continue
				}
				steps := strings.Join(append(r.Fixes[0].Exec, r.Fixes[0].Manual...), "\n")
				for _, step := range want {
					_, rest, found := strings.Cut(steps, step)
					if !found {
						t.Errorf("%s lacks %q in its place:\n%s", id, step, strings.Join(append(r.Fixes[0].Exec, r.Fixes[0].Manual...), "\n"))
					}
					steps = rest
				}
			}
		})
	}
}
