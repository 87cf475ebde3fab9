package message

import (
	"strings"

	"slpdoctor/internal/diag"
)

// seen holds further messages from public material (knowledge C.2). Mnemonics known from memory alone are
// not here: they are read like any other, without a meaning.
var seen = []Message{
	{
		Facility: "SMART_LIC", Mnemonic: "AGENT_READY", Severity: 6, Kind: Notice,
		Meaning:   "The licence agent is initialised: the device has started.",
		Templates: []string{"Smart Agent for Licensing is initialized"},
		Checks:    []string{"agent-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AGENT_ENABLED", Severity: 6, Kind: Notice,
		Meaning:   "The licence agent is enabled.",
		Templates: []string{"Smart Agent for Licensing is enabled"},
		Checks:    []string{"agent-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "EXPORT_CONTROLLED", Severity: 6, Kind: Notice,
		Meaning:   "Export-controlled features are not allowed: normal until an authorization code is installed.",
		Templates: []string{"Usage of export controlled features is {state}"},
		Variables: map[string]string{"state": "allowed or not allowed"},
		Checks:    []string{"auth-required"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "SYSTEM_CLOCK_CHANGED", Severity: 5, Kind: Notice,
		Meaning:   "The system clock was changed. Codes and reports signed with the old time may not fit.",
		Templates: []string{"Smart Agent for Licensing System clock has been changed"},
		Actions:   []Action{{When: "an installation failed about that time", Steps: []string{stepNTP}}},
		Checks:    []string{"clock-jump-events"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "PLATFORM_ERROR", Severity: 2, Kind: Trouble,
		Meaning: "The platform gave the agent something it can not use, for example an empty serial number.",
		Templates: []string{
			"Smart Licensing has encountered an internal software error. Contact TAC: {detail}"},
		Variables: map[string]string{"detail": "what went wrong"},
		Actions:   []Action{{Steps: callTAC}},
		Checks:    []string{"agent-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AUTH_RENEW_FAILED", Severity: 3, Kind: Trouble,
		Meaning:   "Classic Smart Licensing could not renew its authorization: this release does not use Smart Licensing Using Policy.",
		Templates: []string{"Authorization renewal with the {peer} : {detail}"},
		Variables: map[string]string{"peer": "the back end", "detail": "what went wrong, and the product instance"},
		Checks:    []string{"platform-slp-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "AGENT_REG_FAILED", Severity: 3, Kind: Trouble,
		Meaning:   "Classic Smart Licensing could not register: this release does not use Smart Licensing Using Policy.",
		Templates: []string{"Smart Agent for Licensing Registration with {peer} failed: {detail}"},
		Variables: map[string]string{"peer": "the back end", "detail": "what went wrong"},
		Checks:    []string{"platform-slp-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "EVAL_START", Severity: 5, Kind: Notice,
		Meaning: "The evaluation period of classic Smart Licensing began.",
		Checks:  []string{"platform-slp-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "EVAL_EXPIRED", Severity: 3, Kind: Trouble,
		Meaning: "The evaluation period of classic Smart Licensing is over.",
		Checks:  []string{"platform-slp-enabled"}, Source: "C.2",
	},
	{
		Facility: "SMART_LIC", Mnemonic: "HA_ROLE_CHANGED", Severity: 6, Kind: Notice,
		Meaning: "The role of this unit in high availability changed.",
		Checks:  []string{"ha-active"}, Source: "VARIATIONS 7",
	},
	{
		Facility: "CALL_HOME", Mnemonic: "CALL_HOME_ENABLED", Severity: 6, Kind: Notice,
		Meaning:   "The licence agent switched call home on.",
		Templates: []string{"Call-home is enabled by Smart Agent for Licensing."},
		Checks:    []string{"callhome-service"}, Source: "C.2",
	},
	{
		Facility: "CALL_HOME", Mnemonic: "SL_MESSAGE_FAILED", Severity: 5, Kind: Trouble, AlsoEndedBy: []string{"SMART_LIC-COMM_RESTORED"},
		Meaning: "Call home could not deliver a licensing message. ERR 205 is an aborted request, mostly TLS; ERR 207 is a time-out on the way.",
		Templates: []string{
			"Fail to send out Smart Licensing message to: {url} ({error})"},
		Variables: map[string]string{"url": "the destination", "error": "number and text of the error"},
		Causes: []Cause{
			because("ERR 205: the trustpool lacks the root certificate of the server", TLS),
			because("ERR 207: the path to the server is filtered or the server is down", Path, ServerDown)},
		Actions: []Action{{Applies: diag.DC, Steps: []string{
			"`show crypto pki trustpool | include IdenTrust`: import the current bundle if it is missing",
			"check name resolution, routes, proxy and firewalls"}}},
		Checks: []string{"trustpoint-pool-root", "httpclient-secure-trustpoint", "reach-tcp"},
		Proofs: []string{"agent-comm-channels"}, Source: "C.2, FN-QV",
	},
	{
		Facility: "PKI", Mnemonic: "TRUSTPOINT_CREATE", Severity: 6, Kind: Notice,
		Meaning:   "A trustpoint was created; for SLA-TrustPoint this is the licence agent at work.",
		Templates: []string{"Trustpoint: {trustpoint} created succesfully", "Trustpoint: {trustpoint} created successfully"},
		Variables: map[string]string{"trustpoint": "its name"},
		Checks:    []string{"trustpoint-sla-present"}, Source: "C.2",
	},
	{
		Facility: "PKI", Mnemonic: "NON_AUTHORITATIVE_CLOCK", Severity: 2, Kind: Trouble, EndedBy: "AUTHORITATIVE_CLOCK",
		Meaning: "Certificates can not be checked because nobody has set the clock.",
		Actions: []Action{{Steps: []string{stepNTP}}},
		Checks:  []string{"clock-authoritative", "clock-ntp-sync"}, Source: "C.2",
	},
	{
		Facility: "PKI", Mnemonic: "AUTHORITATIVE_CLOCK", Severity: 6, Kind: Recovery,
		Meaning:   "The clock was set.",
		Templates: []string{"The system clock has been set."},
		Checks:    []string{"clock-authoritative"}, Source: "C.2",
	},
	{
		Facility: "CUBE", Mnemonic: "LICENSE_INFO", Severity: 5, Kind: Notice,
		Meaning:   "The session border controller asked for licences.",
		Templates: []string{"Requesting for {count} {license} licenses"},
		Variables: map[string]string{"count": "how many", "license": "which"},
		Checks:    []string{"license-usage"}, Source: "C.2",
	},
	{
		Facility: "SYS", Mnemonic: "RESTART", Severity: 5, Kind: Notice,
		Meaning: "The device started: counters and timers of licensing began anew.",
		Checks:  []string{"log-collect"}, Source: "knowledge 0.4 P27",
	},
}

// IsCRL reports a message about certificate revocation lists that could not be fetched or used.
func (e Event) IsCRL() bool {
	return e.Facility == "PKI" && crlRE.MatchString(e.Mnemonic+" "+e.Text) &&
		(e.Severity <= 4 || strings.Contains(strings.ToLower(e.Text), "fail"))
}
