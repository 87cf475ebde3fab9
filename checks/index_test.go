package checks_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/checks"
)

// index is every check of the guide, in the order of knowledge section B.0.
var index = []string{
	"platform-iosxe", "platform-slp-enabled", "platform-operating-mode", "platform-topology", "platform-rum-defect-release",
	"platform-voice-shutdown-release", "platform-hostname-pid", "platform-data-privacy",
	"agent-enabled", "agent-prod-cert", "agent-comm-channels", "agent-identity-invalid", "agent-trust-gate", "agent-jobs",
	"agent-reservation",
	"clock-ntp-configured", "clock-ntp-sync", "clock-authoritative", "clock-skew", "clock-jump-events", "clock-timezone",
	"transport-type", "transport-smart-url", "transport-callhome-url", "transport-off", "transport-legacy-path",
	"transport-url-vs-type", "transport-proxy", "transport-vrf", "transport-server-identity", "transport-ip-mode",
	"callhome-service", "callhome-profile-active", "callhome-reporting-data", "callhome-destination", "callhome-transport-method",
	"callhome-contact", "callhome-vrf-dns",
	"cslu-last-ack", "cslu-dns", "cslu-url", "cslu-hello", "cslu-cssm", "cslu-pull",
	"onprem-url", "onprem-cert-name", "onprem-server-version", "onprem-device-release", "onprem-pull-http", "onprem-trustpoint",
	"onprem-sync-cisco",
	"trustpoint-sla-present", "trustpoint-sla-ca", "trustpoint-sla-params", "trustpoint-sla-validity", "trustpoint-crl-errors",
	"trustpoint-pool-root",
	"dns-server", "dns-lookup", "dns-domain", "dns-vrf", "dns-static-host", "dns-resolve",
	"reach-interface", "reach-route", "reach-ping", "reach-tcp", "reach-tls-path", "reach-acl",
	"httpclient-source-interface", "httpclient-secure-trustpoint", "httpclient-tls", "httpclient-proxy", "httpclient-timeouts",
	"httpserver-enabled", "httpserver-secure", "httpserver-tls-identity", "httpserver-auth", "httpserver-user",
	"httpserver-sl-http", "httpserver-session-modules", "httpserver-access-class", "httpserver-max-connections",
	"httpserver-netconf", "httpserver-collector-seen", "httpserver-from-collector",
	"trust-code-installed", "trust-code-members", "trust-code-expired", "trust-install-failed", "trust-account",
	"auth-required", "auth-install-failed", "auth-udi-match", "auth-ha-coverage", "auth-removed", "auth-confirmation",
	"policy-in-use", "policy-install-failed", "policy-removed", "policy-ack-required",
	"report-ack-deadline", "report-next-push", "report-interval", "report-15min", "report-poll", "report-usage", "report-backlog",
	"report-lost", "report-offline-file", "report-not-required",
	"utility-status", "utility-transport", "utility-trust", "utility-ack-30d", "utility-subscription", "utility-report-failed",
	"utility-customer-info",
	"ha-udi-list", "ha-active", "ha-job-mismatch", "ha-app",
	"license-usage", "license-compliance-counters",
	"log-collect", "log-comm-failed", "log-comm-failed-class", "log-other",
	"perf-cpu", "perf-memory",
}

// TestIndex: the catalogue has every check of the guide, and no other.
func TestIndex(t *testing.T) {
	var have []string
	for _, k := range checks.All() {
		have = append(have, k.ID)
	}
	// Results are listed group by group; within a group the catalogue has its own order.
	want := slices.Sorted(slices.Values(index))
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(have))); diff != "" {
		t.Errorf("the catalogue is not the guide's (-guide +catalogue):\n%s", diff)
	}
	if len(index) != 130 {
		t.Errorf("the guide has 130 checks, not %d", len(index))
	}
}
