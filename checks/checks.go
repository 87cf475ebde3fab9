// Package checks is the catalogue of what can be wrong with Smart Licensing Using Policy on a product
// instance: one file per group, a check is one value. A check reads facts and gives a verdict; it never
// reads the verdict of another check. What several checks deduce from the same facts stands in
// symptoms.go, what they recommend together in fixes.go, and who explains whom in their Causes and in
// causes.go: Go variables, so that a cycle does not compile.
//
// The package does no I/O and reads no clock. cli and tests import it; it imports iosxe, viptela, topology,
// message, engine and diag.
package checks

import (
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// All lists every check of IOS XE in the order of results: group by group.
func All() []*diag.Check {
	return slices.Concat(platformChecks, platformRUMChecks, agentChecks, clockChecks, transportChecks, callhomeChecks, csluChecks,
		onpremChecks, trustpointChecks, dnsChecks, reachChecks, httpclientChecks, httpserverChecks, trustChecks, authChecks, policyChecks,
		reportChecks, reportStoreChecks, utilityChecks, haChecks, licenseChecks, logChecks, logOtherChecks, perfChecks)
}

// Catalogue is every check with the order in which causes are looked for.
func Catalogue() engine.Catalogue {
	return engine.Catalogue{Checks: All(), Order: Order(), Manager: Manager()}
}
