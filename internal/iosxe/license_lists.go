package iosxe

import "slpdoctor/internal/diag"

// UDI identifies a unit: product id and serial number.
type UDI struct {
	PID diag.Value[string] `json:"pid,omitzero"`
	SN  diag.Value[string] `json:"sn,omitzero"`
}

// String is the UDI as the device prints it in its lists; "" when it is not known.
func (u UDI) String() string {
	pid, ok := u.PID.Peek()
	sn, ok2 := u.SN.Peek()
	if !ok || !ok2 {
		return ""
	}
	return "PID:" + pid + ",SN:" + sn
}

// HAUDI is a member of the HA UDI List. Two supervisors of one chassis have the same UDI.
type HAUDI struct {
	Role diag.Value[string] `json:"role,omitzero"` // Active, Standby, Member
	UDI
}

// TrustCode is an entry of Trust Code Installed. A standalone device prints one without role and UDI.
type TrustCode struct {
	Role       diag.Value[string]          `json:"role,omitzero"`
	UDI        diag.Value[string]          `json:"udi,omitzero"`        // "PID:C9300-24UX,SN:FCW2303D16Y"
	Installed  diag.Value[diag.DeviceTime] `json:"installed,omitzero"`  // none: NOT INSTALLED; absent: nothing this program knows stands there
	ValidFrom  diag.Value[diag.DeviceTime] `json:"valid_from,omitzero"` // agent 6.3
	Expires    diag.Value[diag.DeviceTime] `json:"expires,omitzero"`    // agent 6.3; the epoch (IsEpoch) means never
	Type       diag.Value[string]          `json:"type,omitzero"`       // agent 6.3: CSSM
	Attributes diag.Value[string]          `json:"attributes,omitzero"` // agent 6.3
}

// LicenseUse is a licence of License Usage. Tech support lists them by handle and with those that are not
// in use; the same name can occur twice with different tags; IN USE with count 0 is normal.
type LicenseUse struct {
	Name               diag.Value[string]          `json:"name,omitzero"`
	Tag                diag.Value[string]          `json:"tag,omitzero"`         // what stands in parentheses after the name; shortened in summary
	Handle             diag.Value[int]             `json:"handle,omitzero"`      // tech
	Entitlement        diag.Value[string]          `json:"entitlement,omitzero"` // entitlement tag, regid...; tech
	Description        diag.Value[string]          `json:"description,omitzero"`
	Count              diag.Value[int]             `json:"count,omitzero"`
	Version            diag.Value[string]          `json:"version,omitzero"`
	Status             diag.Value[string]          `json:"status,omitzero"`      // "IN USE", "NOT IN USE"; classic: "AUTHORIZED"
	StatusCode         diag.Value[int]             `json:"status_code,omitzero"` // 15 of "IN USE(15)"; tech
	StatusTime         diag.Value[diag.DeviceTime] `json:"status_time,omitzero"`
	RequestTime        diag.Value[diag.DeviceTime] `json:"request_time,omitzero"`
	ExportStatus       diag.Value[string]          `json:"export_status,omitzero"`
	FeatureName        diag.Value[string]          `json:"feature_name,omitzero"`
	FeatureDescription diag.Value[string]          `json:"feature_description,omitzero"`
	Enforcement        diag.Value[string]          `json:"enforcement,omitzero"` // "NOT ENFORCED", "ENFORCED", "EXPORT RESTRICTED"
	Type               diag.Value[string]          `json:"type,omitzero"`        // "Perpetual", "Subscription"
	SubscriptionID     diag.Value[string]          `json:"subscription_id,omitzero"`
	Interval           diag.Value[string]          `json:"measurement_interval,omitzero"`
	CurrentValue       diag.Value[int]             `json:"current_value,omitzero"`
	CurrentReport      diag.Value[int]             `json:"current_report,omitzero"`
	PreviousReport     diag.Value[int]             `json:"previous_report,omitzero"`
	SoftEnforced       diag.Value[bool]            `json:"soft_enforced,omitzero"`
	Authorized         diag.Value[int]             `json:"authorized_count,omitzero"`        // from agent 6.3.7
	OutOfCompliance    diag.Value[int]             `json:"out_of_compliance_count,omitzero"` // from agent 6.3.7
	Insufficient       diag.Value[int]             `json:"insufficient_count,omitzero"`      // from agent 6.3.7
	NoLicense          diag.Value[string]          `json:"no_license,omitzero"`              // from agent 6.3.7
	DayZero            diag.Value[string]          `json:"day0_verification,omitzero"`       // from agent 6.3.7
	Application        ApplicationHA               `json:"application_ha,omitzero"`          // CUBE box-to-box
	EvalRemaining      diag.Value[string]          `json:"evaluation_period_remaining,omitzero"`
}

// ApplicationHA is the pair an application licence belongs to.
type ApplicationHA struct {
	Name diag.Value[string] `json:"name,omitzero"`
	ID   diag.Value[string] `json:"id,omitzero"`
	Role diag.Value[string] `json:"role,omitzero"` // Active: this one reports for the pair
}

// Authorization is the authorization code (SLAC) of one unit.
type Authorization struct {
	Role             diag.Value[string]          `json:"role,omitzero"`
	UDI              diag.Value[string]          `json:"udi,omitzero"`
	Status           diag.Value[string]          `json:"status,omitzero"` // "NOT INSTALLED", "SMART AUTHORIZATION INSTALLED on <time>"
	Installed        diag.Value[diag.DeviceTime] `json:"installed,omitzero"`
	LastConfirmation diag.Value[string]          `json:"last_confirmation_code,omitzero"`
	LastReturn       diag.Value[string]          `json:"last_return_code,omitzero"`
}

// AuthorizedLicense is a licence that authorization codes cover: an entry of Authorizations. Its layout is
// known from documents and from a comment of another project, from no sample.
type AuthorizedLicense struct {
	Name        diag.Value[string]           `json:"name,omitzero"`
	Tag         diag.Value[string]           `json:"tag,omitzero"`
	Description diag.Value[string]           `json:"description,omitzero"`
	Available   diag.Value[int]              `json:"total_available_count,omitzero"`
	Enforcement diag.Value[string]           `json:"enforcement,omitzero"` // "EXPORT RESTRICTED"
	Terms       diag.Value[[]AuthorizedTerm] `json:"terms,omitzero"`
}

// AuthorizedTerm is the code of one unit for a licence.
type AuthorizedTerm struct {
	Role  diag.Value[string] `json:"role,omitzero"`
	UDI   diag.Value[string] `json:"udi,omitzero"`
	Type  diag.Value[string] `json:"authorization_type,omitzero"` // "SMART AUTHORIZATION INSTALLED"
	Kind  diag.Value[string] `json:"type,omitzero"`               // "PERPETUAL"
	Count diag.Value[int]    `json:"term_count,omitzero"`
}

// Job is a line of Upcoming Scheduled Jobs.
type Job struct {
	Name  diag.Value[string]          `json:"name,omitzero"`
	Next  diag.Value[diag.DeviceTime] `json:"next,omitzero"`  // none when it is not scheduled
	State diag.Value[string]          `json:"state,omitzero"` // "23 hours, 51 minutes, 38 seconds remaining", "Expired Not Rescheduled", "Not Available", "Expired"
}

// Communication is Communication Statistics. Level follows trust, not the transport.
type Communication struct {
	Level    diag.Value[string]    `json:"level,omitzero"` // DIRECT, INDIRECT
	State    diag.Value[string]    `json:"state,omitzero"` // Overall State
	Channels diag.Value[[]Channel] `json:"channels,omitzero"`
}

// Channel is one kind of message the agent exchanges. Fail counts since ever; what is broken now is Ongoing.
type Channel struct {
	Name                 diag.Value[string]          `json:"name,omitzero"` // "Trust Establishment", "Usage Reporting" ...
	Total                diag.Value[int]             `json:"total,omitzero"`
	Success              diag.Value[int]             `json:"success,omitzero"`
	Fail                 diag.Value[int]             `json:"fail,omitzero"`
	OngoingOverall       diag.Value[int]             `json:"ongoing_overall,omitzero"`
	OngoingCommunication diag.Value[int]             `json:"ongoing_communication,omitzero"`
	LastResponse         diag.Value[string]          `json:"last_response,omitzero"`      // the word: "OK", "NO REPLY", "OK_POLL"; none: never tried
	LastResponseTime     diag.Value[diag.DeviceTime] `json:"last_response_time,omitzero"` // absent for the responses without a date
	FailureReason        diag.Value[string]          `json:"failure_reason,omitzero"`     // none even beside NO REPLY
	LastSuccess          diag.Value[diag.DeviceTime] `json:"last_success,omitzero"`
	LastFailure          diag.Value[diag.DeviceTime] `json:"last_failure,omitzero"`
}

// Channel is the channel of that name, and whether it was printed.
func (c Communication) Channel(name string) (Channel, bool) {
	all, _ := c.Channels.Peek()
	for _, ch := range all {
		if n, _ := ch.Name.Peek(); n == name {
			return ch, true
		}
	}
	return Channel{}, false
}

// Job is the scheduled job of that name, and whether it was printed.
func (l *License) Job(name string) (Job, bool) {
	all, _ := l.Jobs.Peek()
	for _, j := range all {
		if n, _ := j.Name.Peek(); n == name {
			return j, true
		}
	}
	return Job{}, false
}

// Certificates is License Certificates. "Not registered. No certificates installed" is normal.
type Certificates struct {
	Production diag.Value[bool]   `json:"production,omitzero"`
	Text       diag.Value[string] `json:"text,omitzero"`
}

// HAInfo is HA Info.
type HAInfo struct {
	RPRole       diag.Value[string] `json:"rp_role,omitzero"`
	ChassisRole  diag.Value[string] `json:"chassis_role,omitzero"`
	BehaviorRole diag.Value[string] `json:"behavior_role,omitzero"`
	RMF          diag.Value[bool]   `json:"rmf,omitzero"`
	CF           diag.Value[bool]   `json:"cf,omitzero"`
	CFState      diag.Value[string] `json:"cf_state,omitzero"`
	MessageFlow  diag.Value[bool]   `json:"message_flow_allowed,omitzero"`
}

// Reservation is Reservation Info.
type Reservation struct {
	Enabled        diag.Value[bool]            `json:"enabled,omitzero" in:"tech all"` // License reservation
	LastDataPush   diag.Value[diag.DeviceTime] `json:"last_data_push,omitzero"`
	LastFileExport diag.Value[diag.DeviceTime] `json:"last_file_export,omitzero"`
	Units          diag.Value[[]Reserved]      `json:"units,omitzero"`
	Specified      diag.Value[[]Text]          `json:"specified,omitzero"` // Specified license reservations; present and empty: there are none
}

// Reserved is the reservation of one unit.
type Reserved struct {
	Role              diag.Value[string] `json:"role,omitzero"`
	UDI               diag.Value[string] `json:"udi,omitzero"`
	Status            diag.Value[string] `json:"status,omitzero"` // "NOT INSTALLED"
	RequestCode       diag.Value[string] `json:"request_code,omitzero"`
	LastReturn        diag.Value[string] `json:"last_return_code,omitzero"`
	LastConfirmation  diag.Value[string] `json:"last_confirmation_code,omitzero"`
	AuthorizationCode diag.Value[string] `json:"authorization_code,omitzero"`
}

// Agent is what Other Info says of the smart agent. Names not listed here are known and not used.
type Agent struct {
	SoftwareID       diag.Value[string]   `json:"software_id,omitzero"`
	State            diag.Value[string]   `json:"state,omitzero"` // "authorized" on every device, also a broken one
	TSEnable         diag.Value[bool]     `json:"ts_enable,omitzero"`
	Transport        diag.Value[string]   `json:"transport,omitzero"`
	DefaultURL       diag.Value[string]   `json:"default_url,omitzero"` // transport smart only
	SendHostname     diag.Value[bool]     `json:"send_hostname,omitzero"`
	SendIP           diag.Value[bool]     `json:"send_ip,omitzero"`
	BuildType        diag.Value[string]   `json:"build_type,omitzero"`
	WriteErase       diag.Value[bool]     `json:"write_erase_occurred,omitzero"`
	ConfigPersisted  diag.Value[bool]     `json:"config_persist_received,omitzero"`
	MessageVersion   diag.Value[string]   `json:"message_version,omitzero"`
	Connect          ConnectInfo          `json:"connect_info,omitzero"`
	Capabilities     diag.Value[[]string] `json:"capabilities,omitzero"`
	ServerIDCheck    diag.Value[bool]     `json:"server_id_check_supported,omitzero"`
	ProxySupport     diag.Value[bool]     `json:"proxy_supported,omitzero"`
	VRFSupport       diag.Value[bool]     `json:"vrf_supported,omitzero"`
	ComplianceStatus diag.Value[bool]     `json:"compliance_status,omitzero"`
	PurgeAllReports  diag.Value[bool]     `json:"purge_all_reports,omitzero"`
	PolicyModel      diag.Value[bool]     `json:"policy_model,omitzero"`
	PolicyController diag.Value[bool]     `json:"policy_controller_model,omitzero"`
	EventLogMax      diag.Value[string]   `json:"event_log_max,omitzero"`
	EventLogSize     diag.Value[string]   `json:"event_log_size,omitzero"` // "56 KB", "CALCULATING"
}

// ConnectInfo is what the back end told about itself at the first contact; all none before it.
type ConnectInfo struct {
	Name         diag.Value[string]   `json:"name,omitzero"` // "SSM", "CSLU_V1"
	Version      diag.Value[string]   `json:"version,omitzero"`
	Additional   diag.Value[string]   `json:"additional,omitzero"`
	Production   diag.Value[bool]     `json:"prod,omitzero"`
	Capabilities diag.Value[[]string] `json:"capabilities,omitzero"`
}

// TrustData is a trust line of Other Info: one per unit, the same line twice on a dual supervisor chassis.
type TrustData struct {
	Device    diag.Value[string] `json:"device,omitzero"` // "P:C9300-24UX,S:FCW2134L00C" or "Local Device"
	PID       diag.Value[string] `json:"pid,omitzero"`    // absent for Local Device without trust
	SN        diag.Value[string] `json:"sn,omitzero"`
	Text      diag.Value[string] `json:"text,omitzero"` // "Trust Data INSTALLED", "No Trust Data", "NOT INSTALLED"
	Installed diag.Value[bool]   `json:"installed,omitzero"`
	State     diag.Value[int]    `json:"state,omitzero"`
	TrustID   diag.Value[int]    `json:"trust_id,omitzero"`
}

// Platform is the Platform Provided Mapping Table.
type Platform struct {
	PID      diag.Value[string]       `json:"pid,omitzero"`
	Licenses diag.Value[int]          `json:"total_licenses,omitzero"`
	Enforced diag.Value[[]EnforcedOn] `json:"enforced,omitzero"` // Enforced Licenses
}

// EnforcedOn lists the licences the platform enforces on one unit.
type EnforcedOn struct {
	UDI
	None     diag.Value[bool]              `json:"none,omitzero"` // true: "No PD enforced licenses"
	Licenses diag.Value[[]EnforcedLicense] `json:"licenses,omitzero"`
}

// EnforcedLicense is a licence that needs an authorization code.
type EnforcedLicense struct {
	Name        diag.Value[string] `json:"name,omitzero"`
	Entitlement diag.Value[string] `json:"entitlement,omitzero"`
	Mode        diag.Value[int]    `json:"mode,omitzero"` // the number in parentheses
}

// Registration is the registration of the classic model.
type Registration struct {
	Status        diag.Value[string]          `json:"status,omitzero"` // REGISTERED, UNREGISTERED, ...
	ExportControl diag.Value[string]          `json:"export_controlled_functionality,omitzero"`
	Initial       diag.Value[string]          `json:"initial_registration,omitzero"` // "SUCCEEDED on <time>"
	LastRenewal   diag.Value[string]          `json:"last_renewal_attempt,omitzero"`
	FailureReason diag.Value[string]          `json:"failure_reason,omitzero"`
	NextRenewal   diag.Value[diag.DeviceTime] `json:"next_renewal_attempt,omitzero"`
	Expires       diag.Value[diag.DeviceTime] `json:"expires,omitzero"`
}

// ClassicAuth is License Authorization of the classic model.
type ClassicAuth struct {
	Status        diag.Value[string]          `json:"status,omitzero"` // "AUTHORIZED on <time>", "EVAL MODE"; "Not Applicable" under SLP
	LastAttempt   diag.Value[string]          `json:"last_communication_attempt,omitzero"`
	FailureReason diag.Value[string]          `json:"failure_reason,omitzero"`
	NextAttempt   diag.Value[diag.DeviceTime] `json:"next_communication_attempt,omitzero"`
	Deadline      diag.Value[diag.DeviceTime] `json:"communication_deadline,omitzero"`
	EvalRemaining diag.Value[string]          `json:"evaluation_period_remaining,omitzero"`
}
