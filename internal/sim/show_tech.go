package sim

import (
	"fmt"
	"strings"
	"time"
)

func (d *Device) showLicenseTech(map[string]string) string {
	if d.lay.classic {
		return d.classicTech()
	}
	var b text
	b.line("Smart Licensing Tech Support info\n")
	d.commonBlocks(&b, true)
	if d.lay.trustInTech == 2 {
		b.line("")
	}
	head(&b, "License Usage")
	d.handles(&b)
	d.productBlock(&b)
	d.jobsBlock(&b)
	d.statistics(&b)
	head(&b, "License Certificates")
	b.line("Production Cert: True\nNot registered. No certificates installed\n")
	b.line("HA Info\n==========")
	b.line("RP Role: Active\nChassis Role: Active\nBehavior Role: Active\nRMF: True\nCF: True\nCF State: Stateless")
	b.line("Message Flow Allowed: %s\n", truth(len(d.members) == 1))
	d.reservation(&b)
	if d.lay.trustType {
		b.line("\nDevice Enforcement State:\nNOT APPLICABLE\n")
	}
	d.reportSummary(&b)
	if d.lay.telemetry != "" {
		d.telemetryBlock(&b)
		b.line("")
	}
	d.otherInfo(&b)
	d.mapping(&b)
	return b.String()
}

// handles lists the licences by handle with their measurements.
func (d *Device) handles(b *text) {
	at := d.agent.firstUse.Add(-time.Minute)
	for i, l := range d.licences() {
		b.line("Handle: %d\n  License: %s\n  Entitlement Tag: %s\n  Description: %s\n  Count: %d\n  Version: 1.0", i+1, l.Name, d.plat.tag(l), l.Title, l.Count)
		b.line("  Status: IN USE(15)\n  Status time: %s\n  Request Time: %s", d.stamp(at), d.stamp(at.Add(11*time.Second)))
		b.line("  Export status: %s\n  Feature Name: %s\n  Feature Description: %s", d.export(l), l.Name, l.Title)
		b.line("  Enforcement type: %s\n  License type: %s\n  Measurements:\n    ENTITLEMENT:\n      Interval: 00:15:00", l.enforcement(), l.Type)
		b.line("      Current Value: %d", l.Count)
		if d.lay.account {
			id := d.agent.firstUse.Unix() + int64(d.agent.reports.total) + int64(i)
			b.line("      Current Report: %d       Previous: %d", id, id-int64(len(d.licences())))
		}
		b.line("  Soft Enforced: True\n")
	}
}

// jobsBlock lists the scheduled jobs. Send Utility RUM reports is the push.
func (d *Device) jobsBlock(b *text) {
	now := d.time()
	never := "Expired Not Rescheduled"
	at := func(t time.Time) string {
		if t.Before(now) {
			return never
		}
		return d.stamp(t) + " (" + remaining(t.Sub(now)) + " remaining)"
	}
	daily := d.agent.firstUse
	for !daily.After(now) {
		daily = daily.Add(24 * time.Hour)
	}
	head(b, "Upcoming Scheduled Jobs")
	b.line("Current time: %s", d.stamp(now))
	b.line("Daily: %s", at(daily))
	if d.lay.renewalJob {
		b.line("Authorization Renewal: %s", at(daily.Add(100*time.Second)))
	}
	b.line("Init Flag Check: %s", never)
	b.line("Reservation configuration mismatch between nodes in HA mode: %s", never)
	if d.trusted() {
		b.line("Retrieve data processing result: %s", at(d.agent.nextPoll))
	}
	push := d.agent.jobs[jobPush]
	if !push.IsZero() {
		push = push.Add(d.skew)
	}
	b.line("Start Utility Measurements: %s", at(now.Truncate(15*time.Minute).Add(15*time.Minute+33*time.Second)))
	b.line("Send Utility RUM reports: %s", at(push))
	b.line("Save unreported RUM Reports: %s", at(now.Truncate(time.Hour).Add(time.Hour+28*time.Second)))
	b.line("Process Utility RUM reports: %s", at(daily.Add(51*time.Second)))
	if d.lay.telemetryStat && d.trusted() {
		b.line("Telemetry Reporting: %s\nAuthorization Code Process: %s", never, never)
	}
	b.line("Data Synchronization: %s", never)
	b.line("External Event: %s", at(d.deadline().Add(-30*24*time.Hour)))
	b.line("Operational Model: %s\n", never)
}

// remaining prints a duration as the scheduler does: leading zero units are
// dropped, inner ones kept, always plural.
func remaining(left time.Duration) string {
	s := int(left.Seconds())
	parts := []struct {
		n    int
		unit string
	}{{s / 86400, "days"}, {s / 3600 % 24, "hours"}, {s / 60 % 60, "minutes"}, {s % 60, "seconds"}}
	var out []string
	for i, p := range parts {
		if p.n > 0 || len(out) > 0 || i == len(parts)-1 {
			out = append(out, fmt.Sprint(p.n, " ", p.unit))
		}
	}
	return strings.Join(out, ", ")
}

// overallState is the agent's own summary: direct transports without trust do
// not communicate, and newer agents call that offline.
func (d *Device) overallState() string {
	switch {
	case d.transport() == "off":
		return "Device configured for Offline transport"
	case !d.direct() || d.trusted():
		return "<empty>"
	case d.lay.ipMode:
		return "Device configured for Offline transport"
	}
	return "Insufficient trust for direct communication"
}

func (d *Device) statistics(b *text) {
	level := "INDIRECT"
	if d.trusted() {
		level = "DIRECT"
	}
	b.line("Communication Statistics:\n=======================")
	b.line("Communication Level Allowed: %s\nOverall State: %s", level, d.overallState())
	for _, name := range channelNames {
		if name == "Telemetry Reporting" && !d.lay.telemetryStat {
			continue
		}
		c := d.agent.channels[name]
		last, reason := "<none>", "<none>"
		if c.last != "" {
			last = c.last
			if !c.lastAt.IsZero() {
				last += " on " + d.stamp(c.lastAt)
			}
		}
		if c.reason != "" {
			reason = c.reason
		}
		b.line("%s:\n  Attempts: Total=%d, Success=%d, Fail=%d  Ongoing Failure: Overall=%d Communication=%d",
			name, c.total, c.success, c.fail, c.overall, c.communication)
		b.line("  Last Response: %s\n    Failure Reason: %s", last, reason)
		b.line("  Last Success Time: %s\n  Last Failure Time: %s", d.stamp(c.lastSuccess), d.stamp(c.lastFailure))
	}
	b.line("")
}

func (d *Device) reservation(b *text) {
	head(b, "Reservation Info")
	b.line("License reservation: DISABLED")
	if d.lay.conversion >= 3 {
		b.line("Last Data Push: <none>\nLast File Export: <none>")
	}
	b.line("\nOverall status:")
	for i, m := range d.members {
		status, confirmation, returned := d.codeState(i)
		b.line("  %s: %s", m.Role, m.udi())
		for _, f := range [][2]string{{"Reservation status", status}, {"Request code", "<none>"}, {"Last return code", returned},
			{"Last Confirmation code", confirmation}, {"Reservation authorization code", "<none>"}} {
			b.line("%s%s: %s", d.lay.indent, f[0], f[1])
		}
	}
	b.line("\nSpecified license reservations:\n\nPurchased Licenses:\n  No Purchase Information Available\n")
}

func (d *Device) reportSummary(b *text) {
	if !d.lay.account {
		b.line("")
		return
	}
	r := d.agent.reports
	head(b, "Usage Report Summary:")
	b.line("Total: %d,  Purged: %d(%d)", r.total, r.purged, r.purged)
	b.line("Total Acknowledged Received: %d,  Waiting for Ack: %d(%d)", r.acked, 0, r.waiting)
	b.line("Available to Report: %d  Collecting Data: %d", r.available, len(d.licences()))
	b.line("Maximum Display: %d  In Storage: %d,  MIA: 0(0)", r.total-r.purged, min(r.available+r.waiting, 200))
	b.line("Report Module Status: Ready\n")
}

// otherLines are the agent's settings that never differ between devices of one
// agent version.
var otherLines = strings.Fields(`SmartAgentClientWaitForServer:2000 SmartAgentCmReTrySend:True SmartAgentClientIsUnified:True
SmartAgentCmClient:True SmartAgentClientName:UnifiedClient builtInEncryption:True enableOnInit:True routingReadyByEvent:True
systemInitByEvent:True SmartTransportServerIdCheck:True SmartTransportProxySupport:True SmartAgentReportOnUpgrade:False
SmartAgentMaxRumMemory:50 SmartAgentConcurrentThreadMax:10 SmartAgentPolicyControllerModel:False SmartAgentPolicyModel:True
SmartAgentFederalLicense:True SmartAgentMultiTenant:False attr365DayEvalSyslog:True checkPointWriteOnly:False
SmartAgentDelayCertValidation:False enableByDefault:False conversionAutomatic:False conversionAllowed:False
storageEncryptDisable:False storageLoadUnencryptedDisable:False TSPluginDisable:False bypassUDICheck:False
loggingAddTStamp:False loggingAddTid:True HighAvailabilityOverrideEvent:UnknownPlatformEvent
platformIndependentOverrideEvent:UnknownPlatformEvent platformOverrideEvent:SmartAgentSystemDataListChanged
WaitForHaRole:False standbyIsHot:True chkPtType:2 delayCommInit:False roleByEvent:True maxTraceLength:150
traceAlwaysOn:True debugFlags:0`)

func (d *Device) otherInfo(b *text) {
	b.line("Other Info\n==========")
	b.line("Software ID: regid.2019-06.com.cisco.%s,v1_%s\nAgent State: authorized\nTS enable: True", d.plat.family, uuid(d.plat.family))
	switch d.transport() {
	case "smart":
		b.line("Transport: Smart\n  Default URL: %s", cssmURL)
	case "cslu":
		b.line("Transport: cslu")
	case "off":
		b.line("Transport: Transport Off")
	default:
		b.line("Transport: Callhome")
	}
	b.line("Locale: en_US.UTF-8\nDebug flags: 0x7\nPrivacy Send Hostname: True\nPrivacy Send IP: True\nBuild type:: Production")
	b.line("sizeof(char)  : 1\nsizeof(int)   : 4\nsizeof(long)  : 4\nsizeof(char *): 8\nsizeof(time_t): 4\nsizeof(size_t): 8")
	b.line("Endian: Big\nWrite Erase Occurred: False\nXOS version: 0.12.0.0\nConfig Persist Received: True\nMessage Version: 1.3")
	d.connectInfo(b)
	b.line("Check Point Interface: True\nConfig Management Interface: False\nLicense Map Interface: True\nHA Interface: True")
	b.line("Trusted Store Interface: True\nPlatform Data Interface: True\nCrypto Version 2 Interface: False")
	b.line("SAPluginMgmtInterfaceMutex: True\nSAPluginMgmtIPDomainName: True")
	if d.lay.account {
		b.line("SmartTransportVRFSupport: True")
	}
	for _, l := range otherLines {
		b.line("%s", strings.Replace(l, ":", ": ", 1))
	}
	b.line("Event log max size: 5120 KB\nEvent log current size: %d KB", 12+int(d.now.Sub(d.spec.Boot).Hours()/24)*9%5000)
	d.trustTail(b)
	b.line("Clock sync-ed with NTP: %s\n", truth(d.clock.synced))
}

func (d *Device) connectInfo(b *text) {
	own := "UTILITY, DLC, AppHA, MULTITIER, EXPORT_2, OK_TRY_AGAIN, POLICY_USAGE"
	if d.lay.telemetry != "" {
		own += ", TELEMETRY"
	}
	switch d.agent.back {
	case "":
		b.line("connect_info.name: <empty>\nconnect_info.version: <empty>\nconnect_info.additional: <empty>")
		b.line("connect_info.prod: False\nconnect_info.capabilities: <empty>")
	case "SSM":
		b.line("connect_info.name: SSM\nconnect_info.version: 1.3\nconnect_info.additional:\nconnect_info.prod: True")
		b.line("connect_info.capabilities: DLC, AppHA, EXPORT_2, POLICY_USAGE, UTILITY")
	default:
		b.line("connect_info.name: %s\nconnect_info.version: v1\nconnect_info.additional: \nconnect_info.prod: True", d.agent.back)
		b.line("connect_info.capabilities: UTILITY, DLC, AppHA, MULTITIER, EXPORT_2, OK_TRY_AGAIN, POLICY_USAGE, CSLU_V1")
	}
	b.line("agent.capabilities: %s", own)
}

// trustTail is the trust store per member; a standalone device calls itself
// "Local Device", and agents before 5.3 print no TrustId.
func (d *Device) trustTail(b *text) {
	overall := "No ID"
	for i, m := range d.members {
		name := "P:" + m.PID + ",S:" + m.SN
		state := "No Trust Data"
		if d.trusted() {
			overall = "INSTALLED (2)"
			state = name + ", state[2], Trust Data INSTALLED"
			if d.lay.account {
				state += "  TrustId:" + itoa(d.agent.trustID+i*31)
			}
		}
		if len(d.members) == 1 {
			name = "Local Device"
		}
		b.line("%s: %s", name, state)
	}
	b.line("Overall Trust: %s", overall)
}

func (d *Device) mapping(b *text) {
	head(b, "Platform Provided Mapping Table")
	b.line("  %s: Total licenses found: %d\nEnforced Licenses:", d.members[0].PID, d.plat.found)
	for _, m := range d.members {
		b.line("  P:%s,S:%s:", m.PID, m.SN)
		if d.plat.hsec {
			b.line("    hseck9: regid.2021-05.com.cisco.%s_HSEC,1.0_%s (3)", d.plat.family, uuid(d.plat.family+"hsec"))
		} else {
			b.line("    No PD enforced licenses")
		}
	}
}
