package message

import (
	"slices"

	"slpdoctor/internal/diag"
)

// Steps that many messages share.
const (
	stepNTP     = "set the clock by NTP: `ntp server <ntp-ip>`, then check `show ntp status` and `show clock`"
	stepSync    = "on the device: `license smart sync all`, then `show license status`: `Last ACK received` must be new"
	stepSave    = "on the device: `license smart save usage unreported file <path>`, and carry the file off"
	stepTree    = "find the cause in this order: clock, transport and URL, certificates, DNS, path, peer"
	stepNothing = "nothing to do"
)

var (
	// establishTrust is how a device that talks to CSSM itself gets its trust code.
	establishTrust = []string{Manual("M01"), "on the device: `license smart trust idtoken <token> all`, then `show license status`"}
	// callTAC is the end of every guide.
	callTAC = []string{Manual("M16")}
	// fetch is how a collector is told to synchronise now.
	fetch = []Action{
		{Applies: diag.PL, When: "CSLU collects", Steps: []string{Manual("M06")}},
		{Applies: diag.PL, When: "SSM On-Prem collects", Steps: []string{Manual("M09")}}}
	// carry is how files pass a CSLU that is not connected to CSSM.
	carry = []string{Manual("M07a"), Manual("M05"), Manual("M07b")}
)

// relayed is how a report or a policy passes what stands between device and CSSM.
var relayed = []Action{
	{Applies: diag.OP, When: "SSM On-Prem has not passed it on", Steps: []string{Manual("M10")}},
	{Applies: diag.OP, When: "SSM On-Prem is disconnected from Cisco", Steps: []string{Manual("M11")}},
	{Applies: diag.CP, When: "CSLU is disconnected from CSSM", Steps: carry},
	{Applies: diag.PL, When: "CSLU collects", Steps: []string{Manual("M06")}},
	{Applies: diag.PL, When: "SSM On-Prem collects", Steps: []string{Manual("M09"), Manual("M10")}},
	{Applies: diag.PL, When: "CSLU is disconnected from CSSM", Steps: slices.Concat([]string{Manual("M06")}, carry)},
}

// deliver is how a report gets to CSSM, and its ACK back, in each topology.
var deliver = slices.Concat(
	[]Action{{Applies: diag.Push, Steps: []string{stepSync}}},
	relayed,
	[]Action{
		{Applies: diag.OF, Steps: []string{stepSave, Manual("M05"), Manual("M23")}},
		{Applies: diag.CT, Steps: []string{Manual("M14")}}})

// guide holds the messages of the troubleshooting guide in its order (knowledge C.1).
var guide = []Message{
	{
		Facility: "SMART_LIC", Mnemonic: "POLICY_INSTALL_FAILED", Severity: 3, Kind: Trouble, EndedBy: "POLICY_INSTALL_SUCCESS",
		Meaning:   "A policy was delivered, but its code could not be read or verified, so it was not installed.",
		Templates: []string{"The installation of a new licensing policy has failed: {detail}."},
		Variables: map[string]string{"detail": "what went wrong"},
		Causes: []Cause{
			because("signature mismatch: the system clock is not accurate", Clock),
			because("timestamp mismatch: the system clock is not in step with CSSM", Clock)},
		Actions: []Action{
			{Steps: []string{stepNTP, "deliver the policy again"}},
			{When: "it still fails", Steps: callTAC}},
		Checks: []string{"policy-install-failed", "clock-ntp-configured", "clock-ntp-sync", "clock-skew"},
		Source: "S1:90-107",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AUTHORIZATION_INSTALL_FAILED", Severity: 3, Kind: Trouble,
		EndedBy:   "AUTHORIZATION_INSTALL_SUCCESS",
		Meaning:   "A licence authorization code (SLAC) could not be installed.",
		Templates: []string{"The install of a new licensing authorization code has failed on {udi}: {detail}."},
		Variables: map[string]string{"udi": "the product instance", "detail": "what went wrong"},
		Causes: []Cause{
			because("not enough licences are authorised for the configured features", Application),
			because("the UDIs in the file differ from those of the device; with high availability every member must match", Identity),
			because("signature mismatch: the system clock is not accurate", Clock)},
		Actions: []Action{
			{Steps: []string{"`show license tech support`: read `Failure Reason:` under `Authorization Confirmation`"}},
			{When: "licences or UDIs do not fit", Steps: []string{
				"`show license udi` lists every member", Manual("M03"), Manual("M23")}},
			{When: "the signature does not fit", Steps: []string{stepNTP}},
			{When: "it still fails", Steps: callTAC}},
		Checks: []string{"auth-install-failed", "auth-udi-match", "auth-ha-coverage", "auth-required", "clock-ntp-sync", "clock-skew"},
		Source: "S1:109-170",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "COMM_FAILED", Severity: 3, Kind: Trouble, EndedBy: "COMM_RESTORED",
		Meaning:   "One attempt to reach CSSM, CSLU or SSM On-Prem failed.",
		Templates: []string{"Communications failure with the {peer} : {detail}"},
		Variables: map[string]string{"peer": "the back end, named after the configured transport", "detail": "what went wrong"},
		Causes: []Cause{
			because("CSSM, CSLU or SSM On-Prem can not be reached over the network", DNS, Path, Network, Proxy, CallHome, Transport),
			because("404, host not found: the CSSM server is down", ServerDown),
			because("the TLS handshake failed because the client certificate is missing; direct connection to CSSM only, and neither a wrong configuration nor an outage", TLS)},
		Cadence: "for every failed attempt; when the attempt is a scheduled report, the device tries for four hours and then " +
			"every 15 minutes until it works, and goes back to the configured interval",
		Actions: []Action{
			{Steps: []string{stepTree}},
			{Applies: diag.Direct, When: "the client certificate is missing", Steps: []string{
				"`ip http client secure-trustpoint SLA-TrustPoint`; no other trustpoint is allowed"}},
			{Applies: diag.DS, Steps: []string{
				"`show license status`: the URL must be https://smartreceiver.cisco.com/licservice/license, else `license smart url default`",
				"`ping smartreceiver.cisco.com`: the name must resolve"}},
			{Applies: diag.Direct, When: "404, or other sites fail too", Steps: []string{Manual("M26")}},
			{Applies: diag.DC, Steps: []string{
				"`show call-home smart-licensing`: messages enabled, profile CiscoTAC-1 active, " +
					"destination https://tools.cisco.com/its/service/oddce/services/DDCEService",
				"`ping tools.cisco.com`: the name must resolve",
				"the interface is up, its mask and the DNS address are right",
				"`ip http client source-interface <interface>` names the right interface",
				Manual("M18")}},
			{Applies: diag.CP, Steps: []string{
				"`show license all`: a recent `Last ACK received` proves that CSLU is reached",
				"with a URL: `license smart transport cslu` and `license smart url cslu http://<cslu>:8182/cslu/v1/pi`",
				"without a URL: `ping cslu-local` must resolve; else `ip domain name <domain>`, `ip name-server <dns-ip>` and a record",
				Manual("M24"), Manual("M08"), Manual("M18")}},
			{Applies: diag.OP, Steps: []string{
				"`show license all`: type cslu and the URL that SSM On-Prem shows, http(s)://<host>/cslu/v1/pi/<tenant>", Manual("M12"),
				"`crypto pki trustpoint SLA-TrustPoint` with `enrollment terminal` and `revocation-check none`", Manual("M10"), Manual("M18")}},
			{Applies: diag.PL, Steps: []string{
				"`show ip http server session-module`: SL_HTTP must be active, else configure `ip http server` and `ip http secure-server` again",
				Manual("M17")}},
			{When: "it still fails", Steps: callTAC}},
		Checks: []string{"log-comm-failed", "log-comm-failed-class", "agent-comm-channels", "report-15min"},
		Proofs: []string{"agent-comm-channels", "log-comm-failed"},
		Source: "S1:174-324; knowledge D",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "COMM_RESTORED", Severity: 3, Kind: Recovery,
		Meaning: "Communication with CSSM, CSLU or SSM On-Prem works again.",
		Templates: []string{
			"Communications with the {peer} restored.",
			"Communications with {peer} restored"},
		Variables: map[string]string{"peer": "the back end, named after the configured transport"},
		Actions:   []Action{{Steps: []string{stepNothing}}},
		Checks:    []string{"log-comm-failed"},
		Source:    "S1:326-340; severity 5 in real logs (OQ-6)",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "POLICY_REMOVED", Severity: 3, Kind: Trouble, EndedBy: "POLICY_INSTALL_SUCCESS",
		Meaning:   "A custom policy was removed. The Cisco default policy is in force, which may change what must be reported and when.",
		Templates: []string{"The licensing policy has been removed."},
		Causes:    []Cause{because("somebody ran `license smart factory reset`, which removes all licensing data")},
		Actions: slices.Concat([]Action{
			{Steps: []string{Manual("M27")}},
			{When: "it was intended", Steps: []string{stepNothing}},
			{Applies: diag.Direct, When: "the trust code is there", Steps: []string{"CSSM sends the policy again by itself"}},
			{Applies: diag.Direct, When: "the trust code is gone", Steps: establishTrust},
			{Applies: diag.CP | diag.OP, Steps: []string{stepSync}},
			{Applies: diag.OF, Steps: []string{Manual("M04"), Manual("M23")}}},
			relayed,
			[]Action{{When: "the policy does not come back", Steps: callTAC}}),
		Checks: []string{"policy-removed", "trust-code-installed"},
		Source: "S1:342-394",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "TRUST_CODE_INSTALL_FAILED", Severity: 3, Kind: Trouble, EndedBy: "TRUST_CODE_INSTALL_SUCCESS",
		Meaning:   "A trust code could not be installed.",
		Templates: []string{"The install of a new licensing trust code has failed on {udi}: {detail}."},
		Variables: map[string]string{"udi": "the product instance", "detail": "what went wrong"},
		Causes: []Cause{
			because("the device has a trust code already: they are node-locked to the UDI", Trust),
			because("smart or virtual account do not match", Application, Identity),
			because("signature mismatch: the system clock is not accurate", Clock),
			because("timestamp mismatch: the system clock is not in step with CSSM", Clock)},
		Actions: []Action{
			{When: "there is a trust code already", Steps: []string{
				"`license smart trust idtoken <token> {local|all} force`: local is the active unit, all is every member"}},
			{When: "the account does not match", Steps: slices.Concat(
				[]string{Manual("M02")}, establishTrust)},
			{When: "signature or timestamp do not fit", Steps: []string{stepNTP}},
			{When: "it still fails", Steps: callTAC}},
		Checks: []string{"trust-install-failed", "trust-code-installed", "trust-account", "clock-ntp-sync", "clock-skew"},
		Source: "S1:398-425",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "REPORTING_NOT_SUPPORTED", Severity: 4, Kind: Trouble, EndedBy: "POLICY_INSTALL_SUCCESS",
		Meaning: "SSM On-Prem is too old for Smart Licensing Using Policy. While it lasts the device renews nothing and keeps " +
			"its usage reports to itself.",
		Templates: []string{
			"The CSSM OnPrem that this product instance is connected to is down rev and does not support the enhanced policy and usage reporting mode.",
			"Smart Agent for Licensing CSSM OnPrem is down rev and does not support the enhanced policy and usage reporting mode."},
		Causes: []Cause{because("SSM On-Prem is older than 8-202102")},
		Actions: []Action{
			{When: "another topology is possible", Steps: []string{"use it: the transport and its URL decide"}},
			{When: "SSM On-Prem is to stay", Steps: []string{Manual("M13"), "upgrade the device to 17.3.3 or later"}}},
		Checks: []string{"onprem-server-version", "onprem-device-release", "platform-topology"},
		Source: "S1:429-446; second wording CZ (OQ-9)",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "POLICY_INSTALL_SUCCESS", Severity: 6, Kind: Recovery,
		Meaning:   "A policy was installed: by a command, by CSLU, or inside an ACK.",
		Templates: []string{"A new licensing policy was successfully installed."},
		Actions:   []Action{{Steps: []string{"nothing to do; `show license all` shows the policy and what it demands"}}},
		Checks:    []string{"policy-in-use"},
		Source:    "S1:452-463",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AUTHORIZATION_INSTALL_SUCCESS", Severity: 6, Kind: Recovery,
		Meaning:   "A licence authorization code was installed.",
		Templates: []string{"A new licensing authorization code was successfully installed on: {udi}."},
		Variables: map[string]string{"udi": "the product instance"},
		Actions:   []Action{{Steps: []string{"nothing to do; `show license authorization` shows it"}}},
		Checks:    []string{"auth-required"},
		Source:    "S1:469-478",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AUTHORIZATION_REMOVED", Severity: 6, Kind: Notice,
		Meaning:   "A licence authorization code was removed; licences and the features that use them may change.",
		Templates: []string{"A licensing authorization code has been removed from {udi}"},
		Variables: map[string]string{"udi": "the product instance"},
		Actions:   []Action{{Steps: []string{Manual("M27"), "nothing to do if it was; `show license all` shows what is left"}}},
		Checks:    []string{"auth-removed", "auth-required"},
		Source:    "S1:484-491",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "REPORTING_REQUIRED", Severity: 6, Kind: Notice,
		Meaning:   "A usage report and its acknowledgement (ACK) are due within the days it names.",
		Templates: []string{"A Usage report acknowledgement will be required in {days} days."},
		Variables: map[string]string{"days": "days left"},
		Actions:   deliver,
		Checks:    []string{"report-ack-deadline", "report-next-push", "platform-voice-shutdown-release"},
		Source:    "S1:495-521",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "TRUST_CODE_INSTALL_SUCCESS", Severity: 6, Kind: Recovery,
		Meaning:   "A trust code was installed.",
		Templates: []string{"A new licensing trust code was successfully installed on {udi}."},
		Variables: map[string]string{"udi": "the product instance"},
		Actions:   []Action{{Steps: []string{"nothing to do; the time under `Trust Code Installed:` of `show license status` is new"}}},
		Checks:    []string{"trust-code-installed"},
		Source:    "S1:527-534",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_TRUST_CODE", Severity: 4, Kind: Trouble, EndedBy: "TRUST_CODE_INSTALL_SUCCESS",
		AlsoEndedBy: []string{"SMART_LIC-UTILITY_STARTED", "SMART_LIC-UTILITY_STOPPED"},
		Meaning:     "Utility mode is on and the device talks to CSSM directly, but there is no trust code.",
		Templates:   []string{"Trust establishment with an ID TOKEN is required before utility usage reporting can start."},
		Cadence:     "at once, at start, and every week until there is a trust code or utility mode is off",
		Actions:     []Action{{Steps: establishTrust}},
		Checks:      []string{"utility-trust", "trust-code-installed"},
		Source:      "S1:540-553",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_SUBSCRIPTION_LICENSE", Severity: 4, Kind: Trouble, EndedBy: "UTILITY_STOPPED",
		Meaning:   "Utility mode uses a licence without a subscription id. It is not printed for a licence with an authorization code.",
		Templates: []string{"Utility mode is in use with a license that does not have a subscription id: {license}"},
		Variables: map[string]string{"license": "the licence"},
		Causes: []Cause{
			because("the last ACK brought new subscription data without the id of this licence"),
			because("the licence has been in use for 30 days since utility mode was enabled, without an id"),
			because("the ACK is late because of the schedule of CSLU or SSM On-Prem")},
		Cadence: "once for each licence",
		Actions: []Action{
			{When: "the licence has no subscription id", Steps: []string{Manual("M15")}},
			{Applies: diag.Push, When: "it has one", Steps: []string{stepSync}},
			fetch[0], fetch[1],
			{Applies: diag.OF, When: "it has one", Steps: []string{Manual("M05"), Manual("M23")}}},
		Checks: []string{"utility-subscription"},
		Source: "S1:559-584",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_NO_ACK", Severity: 4, Kind: Trouble, EndedBy: "UTILITY_STOPPED",
		Meaning: "Utility mode needs an ACK every 30 days and has had none for as many days as it names.",
		Templates: []string{
			"A Usage report acknowledgement has not been received in the last {days} days. An Acknowledgement is required every 30 days."},
		Variables: map[string]string{"days": "days without an ACK"},
		Causes:    []Cause{because("the device can not communicate"), because("the ACK is late because of the schedule of CSLU or SSM On-Prem")},
		Cadence:   "every 30 days until an ACK arrives",
		Actions: []Action{
			{Steps: []string{"`show license all`: read `Next report push` to see whether a report went out"}},
			{Applies: diag.Push, Steps: []string{stepSync}},
			fetch[0], fetch[1],
			{Applies: diag.OF, Steps: []string{Manual("M05"), Manual("M23")}},
			{When: "there is still no ACK", Steps: callTAC}},
		Checks: []string{"utility-ack-30d", "report-next-push", "log-comm-failed"},
		Source: "S1:590-611",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_TRANSPORT_NOT_CONFIG", Severity: 4, Kind: Trouble, EndedBy: "UTILITY_STARTED",
		AlsoEndedBy: []string{"SMART_LIC-UTILITY_STOPPED"},
		Meaning:     "Utility mode does not work with the configured transport.",
		Templates:   []string{"To support utility mode the transport must be set to 'smart transport' or 'cslu'."},
		Cadence:     "at once, at start, when transport or utility mode change, and every week until it fits or utility mode is off",
		Actions:     []Action{{Steps: []string{"`license smart transport {smart|cslu|off}` as the topology demands, and its URL"}}},
		Checks:      []string{"utility-transport", "transport-type"},
		Source:      "S1:615-623 (OQ-8)",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_REPORT_FAILED", Severity: 3, Kind: Trouble, EndedBy: "COMM_RESTORED",
		AlsoEndedBy: []string{"SMART_LIC-UTILITY_STARTED"},
		Meaning:     "A utility usage report could not be sent.",
		Templates:   []string{"Smart Agent for Licensing Utility has failed to send usage Report."},
		Causes:      []Cause{because("the device can not communicate")},
		Actions: []Action{
			{When: "the deadline is not near and the server or the link is known to be down", Steps: []string{"try again later"}},
			{Steps: []string{"check transport type and URL for the topology", stepTree}},
			{When: "it still fails", Steps: callTAC}},
		Checks: []string{"utility-report-failed", "report-ack-deadline", "transport-type", "agent-comm-channels"},
		Proofs: []string{"agent-comm-channels", "utility-report-failed"},
		Source: "S1:631-646",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_STARTED", Severity: 6, Kind: Recovery,
		Meaning:   "Utility mode is on and usage reports are being sent.",
		Templates: []string{"Smart Agent for Licensing Utility has started sending usage reports"},
		Actions:   []Action{{Steps: []string{stepNothing}}},
		Checks:    []string{"utility-status"},
		Source:    "S1:654-661 (OQ-7)",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "UTILITY_STOPPED", Severity: 6, Kind: Notice,
		Meaning:   "Utility mode is off; usage reports go on without the utility flag.",
		Templates: []string{"Smart Agent for Licensing Utility has stopped sending usage reports"},
		Actions:   []Action{{Steps: []string{stepNothing}}},
		Checks:    []string{"utility-status"},
		Source:    "S1:669-678",
	},
}
