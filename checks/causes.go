package checks

import (
	"slices"

	"slpdoctor/internal/diag"
)

// under puts a further condition on edges.
func under(when func(*diag.Facts) bool, edges ...[]diag.Edge) []diag.Edge {
	out := slices.Concat(edges...)
	for i, e := range out {
		if own := e.When; own != nil {
			out[i].When = func(f *diag.Facts) bool { return own(f) && when(f) }
			continue
		}
		out[i].When = when
	}
	return out
}

// channelCauses is the decision tree of a failed exchange (knowledge D) as edges.
var channelCauses = slices.Concat(
	// D1: a wrong clock breaks signatures, certificates and trust
	under(clockBreaks, clockFaults),
	// D2: the back end answers and refuses
	diag.By(AgentIdentityInvalid, OnpremServerVersion, OnpremDeviceRelease),
	under(certificateMatters, diag.By(AgentProdCert)),
	under(refused, diag.By(TrustCodeExpired)),
	under(trustMatters, diag.By(TrustInstallFailed)),
	under(authMatters, diag.By(AuthInstallFailed)),
	// D3: the agent does not even try
	under(neverTried, diag.By(TrustCodeInstalled, AgentTrustGate)),
	// D4, D6, D7: configuration, names, path
	under(lostOnTheWay, transportFaults, nameFaults, pathFaults, diag.By(DNSStaticHost, ReachPing, ReachTCP, CallhomeVRFDNS)),
	// D5: TLS
	under(tlsSuspect, diag.By(TrustpointPoolRoot, TrustpointSLAPresent, TrustpointSLACA, TrustpointSLAParams, TrustpointSLAValidity,
		HTTPClientSecureTrustpoint, HTTPClientTLS, TransportServerIdentity, OnpremCertName, OnpremTrustpoint, ReachTLSPath)),
	// D8: the peer itself
	under(notRefused, diag.By(CSLUHello, CSLUCSSM, OnpremSyncCisco)),
)

// reportCauses explain why no acknowledgement came in time: almost everything (knowledge B.16).
var reportCauses = slices.Concat(
	diag.By(PlatformTopology, AgentIdentityInvalid, TrustCodeInstalled, AgentTrustGate, AgentCommChannels,
		ReportUsage, ReportNextPush, ReportPoll, CSLUHello, CSLULastACK, CSLUPull, OnpremPullHTTP, CSLUCSSM, OnpremSyncCisco, ReportOfflineFile),
	under(undelivered, transportFaults, nameFaults, pathFaults),
)

// Order is the sequence of the decision tree (knowledge D): of several explainers that are equally near,
// the first one is the cause.
func Order() []*diag.Check {
	return []*diag.Check{
		// D0: is this a question of SLP at all
		PlatformIOSXE, PlatformSLPEnabled, PlatformOperatingMode, PlatformTopology, HAActive, AgentEnabled,
		// D1: clock
		ClockNTPConfigured, ClockNTPSync, ClockAuthoritative, ClockSkew, ClockJumpEvents, ClockTimezone,
		// D2: refusals
		AgentIdentityInvalid, AgentProdCert,
		// D3: trust
		TrustCodeInstalled, TrustCodeExpired, TrustInstallFailed, AgentTrustGate, TrustCodeMembers, TrustAccount,
		UtilityTrust,
		// D4: configuration of the transport
		TransportType, TransportLegacyPath, TransportURLVsType, TransportSmartURL, UtilityTransport,
		CallhomeService, CallhomeProfileActive, CallhomeReportingData, CallhomeTransportMethod, CallhomeDestination,
		TransportCallhomeURL, CallhomeContact, CallhomeVRFDNS,
		OnpremURL, CSLUURL, TransportOff, TransportProxy, HTTPClientProxy,
		// D5: TLS
		TrustpointPoolRoot, HTTPClientSecureTrustpoint, TrustpointSLAPresent, TrustpointSLACA, TrustpointSLAParams,
		TrustpointSLAValidity, TrustpointCRLErrors, OnpremTrustpoint, HTTPClientTLS, TransportServerIdentity, ReachTLSPath,
		// D6: names
		DNSLookup, DNSServer, DNSDomain, DNSVRF, DNSStaticHost, DNSResolve, CSLUDNS,
		// D7: path
		ReachInterface, HTTPClientSourceInterface, TransportVRF, ReachRoute, ReachACL, ReachPing, ReachTCP,
		HTTPClientTimeouts, TransportIPMode,
		// D8, D9: the peer
		CSLUHello, OnpremServerVersion, OnpremDeviceRelease, OnpremCertName,
		HTTPServerEnabled, HTTPServerSecure, HTTPServerTLSIdentity, HTTPServerSessionModules, HTTPServerSLHTTP, HTTPServerAuth,
		HTTPServerUser, HTTPServerAccessClass, HTTPServerMaxConnections, HTTPServerNETCONF, CSLUPull, OnpremPullHTTP,
		HTTPServerFromCollector, CSLUCSSM, OnpremSyncCisco, CSLULastACK,
		// authorization codes and policies
		AuthUDIMatch, AuthInstallFailed, AuthRequired, AuthHACoverage, AuthRemoved, PolicyInstallFailed, PolicyRemoved,
		// files
		ReportOfflineFile,
		// symptoms
		AgentCommChannels, AgentJobs, ReportUsage, ReportPoll, ReportNextPush, LogCommFailed, Report15Min,
		ReportACKDeadline, PlatformVoiceShutdownRelease, UtilityReportFailed, UtilityACK30d, UtilitySubscription,
		ReportBacklog, PlatformRUMDefectRelease, ReportLost, PerfCPU, PerfMemory,
		// hygiene
		LogCommFailedClass, LogCollect, LogOther, ReportInterval, AgentReservation, PlatformHostnamePID, PlatformDataPrivacy,
		HAUDIList, HAJobMismatch, HAApp, AuthConfirmation, LicenseComplianceCounters,
		// information
		PolicyInUse, PolicyACKRequired, ReportNotRequired, LicenseUsage, UtilityStatus, UtilityCustomerInfo, HTTPServerCollectorSeen,
	}
}
