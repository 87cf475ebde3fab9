package iosxe

import "slpdoctor/internal/diag"

// The licence commands that print parts of one and the same state: each fills the sections of a License
// that it carries. Checks read LicenseView, which merges them.
var (
	ShowLicenseTechSupport   = query("show license tech support", "the whole licensing state: the main source of every check", readTechSupport)
	ShowLicenseAll           = query("show license all", "the licensing state with the authorization codes", readAll)
	ShowLicenseStatus        = query("show license status", "transport, policy, usage reporting and trust", readStatus)
	ShowLicenseSummary       = query("show license summary", "account and licences in use", readSummary)
	ShowLicenseUsage         = query("show license usage", "licences in use, one by one", readUsage)
	ShowLicenseUDI           = query("show license udi", "the identity of every member", readUDI)
	ShowLicenseAuthorization = query("show license authorization", "authorization codes (SLAC) of every member", readAuthorization)
)

// License is the licensing state of a product instance as far as one answer carries it (knowledge A.7;
// product contract, section 7). A Value that the answer does not carry is absent; a list that is present and
// empty means that the device printed the section without entries, a none list that it printed <none>.
//
// The tag in names the commands that carry a field, so that the view knows whose silence means something;
// a field without one inherits it from the struct around it.
type License struct {
	Enabled       diag.Value[bool]   `json:"enabled,omitzero" in:"tech all"`                          // Smart Licensing is ENABLED
	SLP           diag.Value[bool]   `json:"slp,omitzero" in:"tech all status"`                       // Smart Licensing Using Policy; false: the classic model with registration
	ReportingMode diag.Value[string] `json:"reporting_mode,omitzero" in:"tech all"`                   // STANDARD; from agent 5.11
	Utility       Utility            `json:"utility,omitzero" in:"tech all status"`                   //
	Account       Account            `json:"account,omitzero" in:"tech all status summary"`           // from agent 5.3
	Privacy       Privacy            `json:"privacy,omitzero" in:"tech all status"`                   //
	Transport     Transport          `json:"transport,omitzero" in:"tech all status"`                 //
	Policy        Policy             `json:"policy,omitzero" in:"tech all status"`                    //
	Usage         UsageReporting     `json:"usage_reporting,omitzero" in:"tech all status"`           //
	CustomID      diag.Value[string] `json:"custom_id,omitzero" in:"tech all status"`                 // Miscellaneous
	Conversion    Conversion         `json:"conversion,omitzero" in:"tech all"`                       // from agent 5.10
	Device        UDI                `json:"udi,omitzero" in:"tech all udi"`                          // the unit that answered
	AgentVersion  diag.Value[string] `json:"agent_version,omitzero" in:"tech all"`                    // "5.10.1_rel/5"
	Reports       Reports            `json:"reports,omitzero" in:"tech all"`                          // Usage Report Summary; from agent 5.3
	Enforcement   diag.Value[string] `json:"device_enforcement_state,omitzero" in:"tech all"`         // "NOT APPLICABLE"; agent 6.3
	Telemetry     Telemetry          `json:"telemetry,omitzero" in:"tech all status"`                 // informational: its reasons are not licensing faults
	ExportKeys    diag.Value[[]Text] `json:"export_authorization_keys,omitzero" in:"tech all status"` // Features Authorized

	TrustCodes     diag.Value[[]TrustCode]         `json:"trust_codes,omitzero" in:"tech all status"` // none: <none>; in tech only from agent 5.10, see TrustData
	HAUDIs         diag.Value[[]HAUDI]             `json:"ha_udis,omitzero" in:"tech all udi"`        // HA UDI List; absent on a standalone device
	Licenses       diag.Value[[]LicenseUse]        `json:"licenses,omitzero" in:"tech all summary usage"`
	Authorizations diag.Value[[]Authorization]     `json:"authorizations,omitzero" in:"all authorization"`
	Authorized     diag.Value[[]AuthorizedLicense] `json:"authorized,omitzero" in:"all authorization"`              // what the codes cover
	Purchased      diag.Value[string]              `json:"purchased,omitzero" in:"tech all authorization"`          // "No Purchase Information Available" is normal
	Derived        diag.Value[[]Text]              `json:"derived_licenses,omitzero" in:"all"`                      // entitlement tags
	NotRequired    diag.Value[[]Text]              `json:"reporting_not_required,omitzero" in:"tech"`               // entitlement tags of Last Reporting Not Required
	LastDataPush   diag.Value[diag.DeviceTime]     `json:"authorization_data_push,omitzero" in:"all authorization"` // of License Authorizations; from agent 5.10.3
	LastFileExport diag.Value[diag.DeviceTime]     `json:"authorization_file_export,omitzero" in:"all authorization"`

	CurrentTime   diag.Value[diag.DeviceTime] `json:"current_time,omitzero" in:"tech"` // the device's clock: the "now" of every deadline in the same answer
	Jobs          diag.Value[[]Job]           `json:"jobs,omitzero" in:"tech"`         // Upcoming Scheduled Jobs; which ones exist differs everywhere
	Communication Communication               `json:"communication,omitzero" in:"tech"`
	Certificates  Certificates                `json:"certificates,omitzero" in:"tech"`
	HA            HAInfo                      `json:"ha,omitzero" in:"tech"`
	Reservation   Reservation                 `json:"reservation,omitzero" in:"tech"`
	Agent         Agent                       `json:"agent,omitzero" in:"tech"` // Other Info
	TrustData     diag.Value[[]TrustData]     `json:"trust_data,omitzero" in:"tech"`
	OverallTrust  diag.Value[string]          `json:"overall_trust,omitzero" in:"tech"` // "INSTALLED (2)", "No ID"
	ClockSynced   diag.Value[bool]            `json:"clock_synced_with_ntp,omitzero" in:"tech"`
	Platform      Platform                    `json:"platform,omitzero" in:"tech"` // Platform Provided Mapping Table

	Registration Registration `json:"registration,omitzero" in:"tech all status summary"`                // classic model
	Classic      ClassicAuth  `json:"license_authorization,omitzero" in:"tech all status summary usage"` // classic model

	// Stamp is the clock printed before this answer; in the view, that of the first source that has one.
	Stamp Stamp `json:"clock,omitzero" in:"tech all status summary usage udi authorization"`
}

// Text is one entry of a list of words.
type Text = diag.Value[string]

// Utility is the utility (consumption) mode. The fields beside Enabled are printed only when it is enabled;
// no sample of them exists.
type Utility struct {
	Enabled     diag.Value[bool]            `json:"enabled,omitzero"`
	LastAttempt diag.Value[string]          `json:"last_attempt,omitzero"`
	LastSuccess diag.Value[diag.DeviceTime] `json:"last_success,omitzero"`
	NextAttempt diag.Value[diag.DeviceTime] `json:"next_attempt,omitzero"`
	CustomerID  diag.Value[string]          `json:"customer_id,omitzero"`
}

// Account is the CSSM account the device was told it belongs to.
type Account struct {
	Smart     diag.Value[string]          `json:"smart,omitzero"`
	SmartAsOf diag.Value[diag.DeviceTime] `json:"smart_as_of,omitzero"` // not the last contact
	Virtual   diag.Value[string]          `json:"virtual,omitzero"`
}

// Privacy is what the device hides from CSSM.
type Privacy struct {
	SendingHostname  diag.Value[bool] `json:"sending_hostname,omitzero"`
	CallhomeHostname diag.Value[bool] `json:"callhome_hostname_privacy,omitzero"`
	SmartHostname    diag.Value[bool] `json:"smart_licensing_hostname_privacy,omitzero"`
	Version          diag.Value[bool] `json:"version_privacy,omitzero"`
}

// Transport is how the agent talks to its back end.
type Transport struct {
	Type                diag.Value[string] `json:"type,omitzero"` // as printed: Smart, cslu, Callhome, "Transport Off"
	URL                 diag.Value[string] `json:"url,omitzero"`  // "URL:" or "Cslu address:"; not printed for Callhome and off
	VRF                 diag.Value[string] `json:"vrf,omitzero"`  // absent in agents 5.1
	Proxy               Proxy              `json:"proxy,omitzero"`
	ServerIdentityCheck diag.Value[bool]   `json:"server_identity_check,omitzero" in:"tech"`
	IPMode              diag.Value[string] `json:"ip_mode,omitzero" in:"tech"`     // from agent 6.0
	TrustPoint          diag.Value[string] `json:"trust_point,omitzero" in:"tech"` // from agent 6.0
}

// Proxy is the HTTP proxy of transport smart. All of it is none when no proxy is configured.
type Proxy struct {
	Address  diag.Value[string] `json:"address,omitzero"`
	Port     diag.Value[int]    `json:"port,omitzero"`
	Username diag.Value[string] `json:"username,omitzero"`
}

// Policy is the set of reporting rules in force.
type Policy struct {
	InUse                  diag.Value[string]          `json:"in_use,omitzero"`    // "Merged from multiple sources." or "Installed On <time>"
	Installed              diag.Value[diag.DeviceTime] `json:"installed,omitzero"` // none when the policy is merged from defaults
	Name                   diag.Value[string]          `json:"name,omitzero"`      // not printed for a merged policy
	AckRequired            diag.Value[bool]            `json:"ack_required,omitzero"`
	AckOrigin              diag.Value[string]          `json:"ack_origin,omitzero"` // "CISCO default", "Customer Policy"
	UnenforcedPerpetual    PolicyAttributes            `json:"unenforced_perpetual,omitzero"`
	UnenforcedSubscription PolicyAttributes            `json:"unenforced_subscription,omitzero"`
	Enforced               PolicyAttributes            `json:"enforced,omitzero"`
	Export                 PolicyAttributes            `json:"export,omitzero"`
}

// PolicyAttributes are the reporting rules of one group of licences.
type PolicyAttributes struct {
	FirstReport    diag.Value[PolicyDays] `json:"first_report,omitzero"`
	Frequency      diag.Value[PolicyDays] `json:"reporting_frequency,omitzero"`
	ReportOnChange diag.Value[PolicyDays] `json:"report_on_change,omitzero"`
}

// PolicyDays is a number of days and who set it; origins can be mixed within one policy. 0 days means never.
type PolicyDays struct {
	Days   int    `json:"days"`
	Origin string `json:"origin"` // "CISCO default", "Customer Policy"
}

// UsageReporting is the state of reporting and of its acknowledgement (ACK).
type UsageReporting struct {
	LastAck             diag.Value[diag.DeviceTime] `json:"last_ack,omitzero"`                 // trust and policy installation count as one
	NextAckDeadline     diag.Value[diag.DeviceTime] `json:"next_ack_deadline,omitzero"`        //
	PushIntervalDays    diag.Value[int]             `json:"push_interval_days,omitzero"`       // 0: no reporting
	State               diag.Value[int]             `json:"state,omitzero" in:"tech"`          // 2: no report acknowledged yet, 4: acknowledged before (inferred)
	InPolicyDays        diag.Value[int]             `json:"in_policy_days,omitzero" in:"tech"` // ACK deadline = last ACK + this
	NextAckPushCheck    diag.Value[diag.DeviceTime] `json:"next_ack_push_check,omitzero"`
	NextReportPush      diag.Value[diag.DeviceTime] `json:"next_report_push,omitzero"`
	LastReportPush      diag.Value[diag.DeviceTime] `json:"last_report_push,omitzero"`
	LastReportFileWrite diag.Value[diag.DeviceTime] `json:"last_report_file_write,omitzero"`
}

// Conversion is the device-led conversion of classic licences.
type Conversion struct {
	Automatic      diag.Value[bool]            `json:"automatic,omitzero"`
	Status         diag.Value[string]          `json:"status,omitzero"`
	LastDataPush   diag.Value[diag.DeviceTime] `json:"last_data_push,omitzero"`
	LastFileExport diag.Value[diag.DeviceTime] `json:"last_file_export,omitzero"`
}

// Reports counts RUM reports in the device's store. The counters do not add up. In tech support three of
// them have a second number in parentheses; for Waiting that is the real one.
type Reports struct {
	Total        diag.Value[int]    `json:"total,omitzero"`
	Purged       diag.Value[int]    `json:"purged,omitzero"`
	PurgedAll    diag.Value[int]    `json:"purged_all,omitzero" in:"tech"` // in parentheses
	Acknowledged diag.Value[int]    `json:"acknowledged,omitzero"`
	Waiting      diag.Value[int]    `json:"waiting,omitzero"`
	WaitingAll   diag.Value[int]    `json:"waiting_all,omitzero" in:"tech"` // in parentheses
	Available    diag.Value[int]    `json:"available,omitzero"`
	Collecting   diag.Value[int]    `json:"collecting,omitzero"`
	MaxDisplay   diag.Value[int]    `json:"maximum_display,omitzero" in:"tech"`
	InStorage    diag.Value[int]    `json:"in_storage,omitzero" in:"tech"`
	Missing      diag.Value[int]    `json:"mia,omitzero" in:"tech"`
	MissingAll   diag.Value[int]    `json:"mia_all,omitzero" in:"tech"`       // in parentheses
	ModuleStatus diag.Value[string] `json:"module_status,omitzero" in:"tech"` // "Ready"
}

// Telemetry is the device telemetry or product analytics summary.
type Telemetry struct {
	Channel diag.Value[string] `json:"channel,omitzero"` // "AVAILABLE", "NOT AVAILABLE"
	Reason  diag.Value[string] `json:"reason,omitzero"`
	Reports diag.Value[int]    `json:"reports,omitzero"`
}
