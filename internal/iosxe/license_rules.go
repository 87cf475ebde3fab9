package iosxe

import "slpdoctor/internal/diag"

// rules are the fields of a section of the licence commands.
type rules = fields[licensing]

// licenseSections are the parts of the licence commands by the key of their heading (knowledge A.7). The
// lists among them are in license_rows.go.
var licenseSections = map[string]*section{
	"Smart Licensing Tech Support info": {flat: true},
	"Smart Licensing Status":            {flat: true},
	"Smart Licensing is ENABLED":        {enter: enabled(true), flat: true},
	"Smart Licensing is DISABLED":       {enter: enabled(false), flat: true},

	"License Conversion": {fields: rules{
		"Automatic Conversion Enabled": flag(func(p *licensing) *diag.Value[bool] { return &p.Conversion.Automatic }),
		"Status":                       words(func(p *licensing) *diag.Value[string] { return &p.Conversion.Status }),
		"Last Data Push":               moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Conversion.LastDataPush }),
		"Last File Export":             moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Conversion.LastFileExport }),
	}},
	"Export Authorization Key": {row: exportKey, spoil: func(p *licensing) { p.exportKeys.spoil = true }},
	"Utility": {fields: rules{
		"Status":               flag(func(p *licensing) *diag.Value[bool] { return &p.Utility.Enabled }),
		"Utility report":       skip[licensing],
		"Customer Information": skip[licensing],
		"Last attempt":         words(func(p *licensing) *diag.Value[string] { return &p.Utility.LastAttempt }),
		"Last success":         moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Utility.LastSuccess }),
		"Next attempt":         moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Utility.NextAttempt }),
		"Id":                   words(func(p *licensing) *diag.Value[string] { return &p.Utility.CustomerID }),
	}},
	"Smart Licensing Using Policy": {fields: rules{
		"Status":         flag(func(p *licensing) *diag.Value[bool] { return &p.SLP }),
		"Reporting Mode": words(func(p *licensing) *diag.Value[string] { return &p.ReportingMode }),
	}},
	"Account Information": {fields: accountRules},
	"Data Privacy": {fields: rules{
		"Sending Hostname":                 flag(func(p *licensing) *diag.Value[bool] { return &p.Privacy.SendingHostname }),
		"Callhome hostname privacy":        flag(func(p *licensing) *diag.Value[bool] { return &p.Privacy.CallhomeHostname }),
		"Smart Licensing hostname privacy": flag(func(p *licensing) *diag.Value[bool] { return &p.Privacy.SmartHostname }),
		"Version privacy":                  flag(func(p *licensing) *diag.Value[bool] { return &p.Privacy.Version }),
	}},
	"Transport": {fields: rules{
		"Type":                  words(func(p *licensing) *diag.Value[string] { return &p.Transport.Type }),
		"URL":                   words(func(p *licensing) *diag.Value[string] { return &p.Transport.URL }),
		"Cslu address":          words(func(p *licensing) *diag.Value[string] { return &p.Transport.URL }),
		"Proxy":                 proxyRow,
		"Address":               words(func(p *licensing) *diag.Value[string] { return &p.Transport.Proxy.Address }),
		"Port":                  count(func(p *licensing) *diag.Value[int] { return &p.Transport.Proxy.Port }),
		"Username":              words(func(p *licensing) *diag.Value[string] { return &p.Transport.Proxy.Username }),
		"Password":              skip[licensing],
		"VRF":                   vrfRow,
		"Server Identity Check": flag(func(p *licensing) *diag.Value[bool] { return &p.Transport.ServerIdentityCheck }),
		"IP Mode":               words(func(p *licensing) *diag.Value[string] { return &p.Transport.IPMode }),
		"Trust Point":           words(func(p *licensing) *diag.Value[string] { return &p.Transport.TrustPoint }),
	}, row: notConfigured},
	"Miscellaneous": {fields: rules{
		"Custom Id": words(func(p *licensing) *diag.Value[string] { return &p.CustomID }),
	}},
	"Policy": {fields: rules{
		"Policy in use":          policyInUse,
		"Policy name":            words(func(p *licensing) *diag.Value[string] { return &p.Policy.Name }),
		"Reporting ACK required": ackRequired,
		"Unenforced/Non-Export Perpetual Attributes":           group(func(p *Policy) *PolicyAttributes { return &p.UnenforcedPerpetual }),
		"Unenforced/Non-Export Subscription Attributes":        group(func(p *Policy) *PolicyAttributes { return &p.UnenforcedSubscription }),
		"Enforced (Perpetual/Subscription) License Attributes": group(func(p *Policy) *PolicyAttributes { return &p.Enforced }),
		"Export (Perpetual/Subscription) License Attributes":   group(func(p *Policy) *PolicyAttributes { return &p.Export }),
		"First report requirement (days)":                      policyDays(func(g *PolicyAttributes) *diag.Value[PolicyDays] { return &g.FirstReport }),
		"Reporting frequency (days)":                           policyDays(func(g *PolicyAttributes) *diag.Value[PolicyDays] { return &g.Frequency }),
		"Report on change (days)":                              policyDays(func(g *PolicyAttributes) *diag.Value[PolicyDays] { return &g.ReportOnChange }),
	}},
	"Usage Reporting": {fields: rules{
		"Last ACK received":       moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.LastAck }),
		"Next ACK deadline":       moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.NextAckDeadline }),
		"Reporting push interval": pushInterval,
		"Next ACK push check":     moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.NextAckPushCheck }),
		"Next report push":        moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.NextReportPush }),
		"Last report push":        moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.LastReportPush }),
		"Last report file write":  moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Usage.LastReportFileWrite }),
	}},
	"Trust Code Installed": {
		fields: rules{
			"Trust Code Type": words(func(p *licensing) *diag.Value[string] {
				return trustField(p, func(c *TrustCode) *diag.Value[string] { return &c.Type })
			}),
			"Attributes": trustAttributes,
		},
		enter: trustHeading, row: trustRow,
		spoil: func(p *licensing) { p.trust.spoil = true },
		cut:   func(p *licensing) { p.trust = listOf[TrustCode]{} },
	},
	"License Usage": {
		fields: licenceRules, distinct: complianceRules, enter: beginLicences, row: licenceRow, flat: true,
		spoil: func(p *licensing) { p.licences.spoil = true },
		cut:   func(p *licensing) { p.licences = listOf[LicenseUse]{} },
	},
	"Product Information": {
		fields: rules{"UDI": ownUDI, "HA UDI List": haHeading}, row: haMember, flat: true,
		spoil: func(p *licensing) { p.members.spoil = true },
		cut:   func(p *licensing) { p.members = listOf[HAUDI]{} },
	},
	"Agent Version": {fields: rules{
		"Smart Agent for Licensing": words(func(p *licensing) *diag.Value[string] { return &p.AgentVersion }),
	}, flat: true},
	"Upcoming Scheduled Jobs": {
		fields: rules{"Current time": moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.CurrentTime })},
		enter:  func(p *licensing, r *row) bool { p.jobs.expect(p.t.use(r), 20); return true },
		row:    jobRow, flat: true,
		spoil: func(p *licensing) { p.jobs.spoil = true },
		cut:   func(p *licensing) { p.jobs = listOf[Job]{} },
	},
	"Communication Statistics": {
		fields: channelRules,
		enter:  func(p *licensing, r *row) bool { p.channels.expect(p.t.use(r), 10); return true },
		row:    channelRow, flat: true,
		spoil: func(p *licensing) { p.channels.spoil = true },
		cut:   func(p *licensing) { p.channels = listOf[Channel]{} },
	},
	"License Certificates": {fields: rules{
		"Production Cert": flag(func(p *licensing) *diag.Value[bool] { return &p.Certificates.Production }),
	}, row: certificateText, flat: true},
	"HA Info": {fields: rules{
		"RP Role":              words(func(p *licensing) *diag.Value[string] { return &p.HA.RPRole }),
		"Chassis Role":         words(func(p *licensing) *diag.Value[string] { return &p.HA.ChassisRole }),
		"Behavior Role":        words(func(p *licensing) *diag.Value[string] { return &p.HA.BehaviorRole }),
		"RMF":                  flag(func(p *licensing) *diag.Value[bool] { return &p.HA.RMF }),
		"CF":                   flag(func(p *licensing) *diag.Value[bool] { return &p.HA.CF }),
		"CF State":             words(func(p *licensing) *diag.Value[string] { return &p.HA.CFState }),
		"Message Flow Allowed": flag(func(p *licensing) *diag.Value[bool] { return &p.HA.MessageFlow }),
	}, flat: true},
	"Reservation Info": {fields: rules{
		"License reservation": flag(func(p *licensing) *diag.Value[bool] { return &p.Reservation.Enabled }),
		"Last Data Push":      moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Reservation.LastDataPush }),
		"Last File Export":    moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Reservation.LastFileExport }),
	}, enter: chapter, flat: true},
	"License Authorizations": {fields: rules{
		"Last Data Push":   moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.LastDataPush }),
		"Last File Export": moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.LastFileExport }),
	}, enter: chapter, flat: true},
	"Overall status": overallSection,
	"Authorizations": authorizedSection,
	"Specified license reservations": {
		enter: func(p *licensing, r *row) bool { p.specified.begin(p.t.use(r)); return true },
		row:   specifiedRow,
		cut:   func(p *licensing) { p.specified = listOf[Text]{} },
	},
	"Purchased Licenses": {row: purchased},
	"Derived Licenses": {
		enter:  func(p *licensing, r *row) bool { p.derived.begin(p.t.use(r)); return true },
		fields: rules{"Entitlement Tag": func(p *licensing, _ *text, r *row) bool { return note(p, &p.derived, r, r.value) }},
		spoil:  func(p *licensing) { p.derived.spoil = true },
		cut:    func(p *licensing) { p.derived = listOf[Text]{} },
	},
	"Last Reporting Not Required": {
		enter:  func(p *licensing, r *row) bool { p.spared.begin(p.t.use(r)); return true },
		fields: rules{"Entitlement Tag": func(p *licensing, _ *text, r *row) bool { return note(p, &p.spared, r, r.value) }},
		spoil:  func(p *licensing) { p.spared.spoil = true },
		cut:    func(p *licensing) { p.spared = listOf[Text]{} },
	},
	"Device Enforcement State": {enter: enforcementState, row: enforcementState},
	"Usage Report Summary": {fields: rules{
		"Total":                       counters,
		"Total Acknowledged Received": counters,
		"Available to Report":         counters,
		"Maximum Display":             counters,
		"Report Module Status":        words(func(p *licensing) *diag.Value[string] { return &p.Reports.ModuleStatus }),
	}, flat: true},
	"Telemetry Report Summary":         {fields: telemetryRules, flat: true},
	"Device Telemetry Report Summary":  {fields: telemetryRules, flat: true},
	"Product Analytics Report Summary": {fields: telemetryRules, flat: true},
	"Other Info": {
		fields: otherRules, row: trustLine, flat: true,
		enter: func(p *licensing, r *row) bool { p.trustData.begin(p.t.use(r)); return true },
		cut:   func(p *licensing) { p.trustData = listOf[TrustData]{} },
	},
	"Platform Provided Mapping Table": {fields: rules{"Enforced Licenses": func(p *licensing, _ *text, r *row) bool {
		p.leave(enforcedSection)
		return enforcedHeading(p, r)
	}}, row: mapping},
	"Enforced Licenses": enforcedSection,

	"Registration": {fields: rules{
		"Status":                          words(func(p *licensing) *diag.Value[string] { return &p.Registration.Status }),
		"Smart Account":                   accountRules["Smart Account"],
		"Virtual Account":                 accountRules["Virtual Account"],
		"Export-Controlled Functionality": words(func(p *licensing) *diag.Value[string] { return &p.Registration.ExportControl }),
		"Initial Registration": attempt(func(p *licensing) (text, why *diag.Value[string]) {
			return &p.Registration.Initial, &p.Registration.FailureReason
		}),
		"Last Renewal Attempt": attempt(func(p *licensing) (text, why *diag.Value[string]) {
			return &p.Registration.LastRenewal, &p.Registration.FailureReason
		}),
		"Failure reason":       words(func(p *licensing) *diag.Value[string] { return p.attempt }),
		"Next Renewal Attempt": moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Registration.NextRenewal }),
		"Registration Expires": moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Registration.Expires }),
	}, enter: registration},
	"License Authorization": {fields: rules{
		"Status": words(func(p *licensing) *diag.Value[string] { return &p.Classic.Status }),
		"Last Communication Attempt": attempt(func(p *licensing) (text, why *diag.Value[string]) {
			return &p.Classic.LastAttempt, &p.Classic.FailureReason
		}),
		"Failure reason":              words(func(p *licensing) *diag.Value[string] { return p.attempt }),
		"Next Communication Attempt":  moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Classic.NextAttempt }),
		"Communication Deadline":      moment(func(p *licensing) *diag.Value[diag.DeviceTime] { return &p.Classic.Deadline }),
		"Evaluation Period Remaining": words(func(p *licensing) *diag.Value[string] { return &p.Classic.EvalRemaining }),
	}, row: usageHeader},
}

var accountRules = rules{
	"Smart Account":   smartAccount,
	"Virtual Account": words(func(p *licensing) *diag.Value[string] { return &p.Account.Virtual }),
}

var telemetryRules = rules{
	"Device Telemetry":                        words(func(p *licensing) *diag.Value[string] { return &p.Telemetry.Channel }),
	"Data Channel":                            words(func(p *licensing) *diag.Value[string] { return &p.Telemetry.Channel }),
	"Product Analytics":                       words(func(p *licensing) *diag.Value[string] { return &p.Telemetry.Channel }),
	"Not Available Reason":                    words(func(p *licensing) *diag.Value[string] { return &p.Telemetry.Reason }),
	"Reports on disk":                         count(func(p *licensing) *diag.Value[int] { return &p.Telemetry.Reports }),
	"Total current telemetry reports":         count(func(p *licensing) *diag.Value[int] { return &p.Telemetry.Reports }),
	"Total current Product Analytics reports": count(func(p *licensing) *diag.Value[int] { return &p.Telemetry.Reports }),
}
