package iosxe

import "slpdoctor/internal/diag"

// otherRules are the names of Other Info: what checks use, and what is known and not used. The set grows
// with every release; a name that is not here shows up as unparsed.
var otherRules = withSkipped(rules{
	"Software ID":                     words(func(p *licensing) *diag.Value[string] { return &p.Agent.SoftwareID }),
	"Agent State":                     words(func(p *licensing) *diag.Value[string] { return &p.Agent.State }),
	"TS enable":                       flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.TSEnable }),
	"Transport":                       words(func(p *licensing) *diag.Value[string] { return &p.Agent.Transport }),
	"Default URL":                     words(func(p *licensing) *diag.Value[string] { return &p.Agent.DefaultURL }),
	"Privacy Send Hostname":           flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.SendHostname }),
	"Privacy Send IP":                 flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.SendIP }),
	"Build type:":                     words(func(p *licensing) *diag.Value[string] { return &p.Agent.BuildType }),
	"Write Erase Occurred":            flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.WriteErase }),
	"Config Persist Received":         flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.ConfigPersisted }),
	"Message Version":                 words(func(p *licensing) *diag.Value[string] { return &p.Agent.MessageVersion }),
	"connect_info.name":               words(func(p *licensing) *diag.Value[string] { return &p.Agent.Connect.Name }),
	"connect_info.version":            words(func(p *licensing) *diag.Value[string] { return &p.Agent.Connect.Version }),
	"connect_info.additional":         words(func(p *licensing) *diag.Value[string] { return &p.Agent.Connect.Additional }),
	"connect_info.prod":               flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.Connect.Production }),
	"connect_info.capabilities":       list(func(p *licensing) *diag.Value[[]string] { return &p.Agent.Connect.Capabilities }),
	"agent.capabilities":              list(func(p *licensing) *diag.Value[[]string] { return &p.Agent.Capabilities }),
	"SmartTransportServerIdCheck":     flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.ServerIDCheck }),
	"SmartTransportProxySupport":      flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.ProxySupport }),
	"SmartTransportVRFSupport":        flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.VRFSupport }),
	"SmartAgentComplianceStatus":      flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.ComplianceStatus }),
	"SmartAgentPurgeAllReports":       flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.PurgeAllReports }),
	"SmartAgentPolicyModel":           flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.PolicyModel }),
	"SmartAgentPolicyControllerModel": flag(func(p *licensing) *diag.Value[bool] { return &p.Agent.PolicyController }),
	"Event log max size":              words(func(p *licensing) *diag.Value[string] { return &p.Agent.EventLogMax }),
	"Event log current size":          words(func(p *licensing) *diag.Value[string] { return &p.Agent.EventLogSize }),
	"Overall Trust":                   words(func(p *licensing) *diag.Value[string] { return &p.OverallTrust }),
	"Clock sync-ed with NTP":          flag(func(p *licensing) *diag.Value[bool] { return &p.ClockSynced }),
},
	"Locale", "Debug flags", "sizeof(char)", "sizeof(int)", "sizeof(long)", "sizeof(char *)", "sizeof(time_t)",
	"sizeof(size_t)", "Endian", "XOS version", "Check Point Interface", "Config Management Interface",
	"License Map Interface", "HA Interface", "Trusted Store Interface", "Platform Data Interface",
	"Crypto Version 2 Interface", "SAPluginMgmtInterfaceMutex", "SAPluginMgmtIPDomainName",
	"SmartAgentClientWaitForServer", "SmartAgentCmReTrySend", "SmartAgentClientIsUnified", "SmartAgentCmClient",
	"SmartAgentClientName", "builtInEncryption", "enableOnInit", "routingReadyByEvent", "systemInitByEvent",
	"SmartAgentMaxERMNotifyListSize", "SmartAgentUnifiedLicensing", "SmartAgentSLPEnhanced",
	"trustpointEnrollmentOnBoot", "SmartAgentMaxSingleReportSize", "SmartAgentSLACReturnForcedAllowed",
	"SmartAgentTelemetryRumReportMax", "SmartAgentRumTelemetryRumStoreMin", "SmartAgentPolicyDisplayFormat",
	"SmartAgentReportOnUpgrade", "SmartAgentIndividualRUMEncrypt", "SmartAgentMaxRumMemory",
	"SmartAgentConcurrentThreadMax", "SmartAgentDisableCacheSWID", "SmartAgentFederalLicense",
	"SmartAgentMultiTenant", "SmartAgentUsageStatisticsEnable", "attr365DayEvalSyslog", "checkPointWriteOnly",
	"SmartAgentDelayCertValidation", "enableByDefault", "conversionAutomatic", "conversionAllowed",
	"storageEncryptDisable", "storageLoadUnencryptedDisable", "TSPluginDisable", "bypassUDICheck",
	"loggingAddTStamp", "loggingAddTid", "HighAvailabilityOverrideEvent", "platformIndependentOverrideEvent",
	"platformOverrideEvent", "WaitForHaRole", "standbyIsHot", "chkPtType", "delayCommInit", "roleByEvent",
	"maxTraceLength", "traceAlwaysOn", "debugFlags",
)

func withSkipped(r rules, names ...string) rules {
	for _, n := range names {
		r[n] = skip[licensing]
	}
	return r
}
