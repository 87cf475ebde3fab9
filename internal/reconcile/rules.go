package reconcile

import (
	"slices"

	"slpdoctor/internal/diag"
)

// Rule is one rule of the comparison, in the words of `explain`.
type Rule struct {
	ID       string
	Title    string
	Severity diag.Severity // of its failure, unless the verdict says otherwise
	Means    string
	Formula  string
	Example  string
	Do       []string
	Source   string
}

// Rules lists every rule in the order in which they are judged and printed.
func Rules() []Rule {
	out := make([]Rule, len(rules()))
	for i, r := range rules() {
		out[i] = *r
	}
	return out
}

// FindRule is the rule with this id.
func FindRule(id string) (Rule, bool) {
	all := rules()
	i := slices.IndexFunc(all, func(r *Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return *all[i], true
}

func rules() []*Rule {
	return []*Rule{&inputTimes, &inputRows, &sameAccount, &balanceIdentity, &notRightToUse, &tierCoverage, &countMismatch, &duplicateExact,
		&duplicateInferred, &duplicateMultiple, &deletedNotReleased, &insufficient, &authorizedRequired,
		&vmanageLog, &staleContact, &singleInstance}
}

var inputTimes = Rule{ID: "recon-input-times", Title: "the inputs are of one moment, and earlier ones are earlier", Severity: diag.Medium,
	Means: "Numbers of different moments differ without any fault. When the inputs are more than 24 hours apart, or when one of " +
		"them was made is not known, failures of the other rules become warnings. An export given as the earlier one that is " +
		"newer is not used.",
	Formula: "latest - earliest <= 24 h, and time of --vmanage-before < time of --vmanage",
	Example: "vManage exported on Monday, CSSM on Wednesday: 2 days apart, nothing is called a failure",
	Do:      []string{"export both portals again, within a few hours", "give the older of two vManage exports as --vmanage-before"},
	Source:  "S0:147; knowledge F.3"}

var inputRows = Rule{ID: "recon-input-rows", Title: "every row counts once and has possible numbers", Severity: diag.Medium,
	Means: "A licence that is listed twice, or a number below zero where there can be none, means that the file was put together or " +
		"edited. What such rows give is no failure but a warning; impossible numbers are not compared at all.",
	Formula: "one row per licence and account; V, T, A, U >= 0",
	Example: "two rows with 298 licensed devices for one licence count once, with a warning",
	Do:      []string{"export again from the portal and give the file unedited", "do not give the same export twice"},
	Source:  "knowledge F.2"}

var sameAccount = Rule{ID: "recon-same-account", Title: "both sides are of the same smart and virtual account", Severity: diag.High,
	Means: "vManage and CSSM are compared per virtual account. Numbers of different accounts say nothing about each other, so no " +
		"verdict is given for them.",
	Formula: "account of V = account of U",
	Example: "vManage took its licences from Branch, the CSSM export is of Default: refused",
	Do: []string{"export the virtual account that vManage uses: in vManage, Administration > License Management shows it",
		"names that differ only between the portals belong into the --names file"},
	Source: "knowledge F.3"}

var balanceIdentity = Rule{ID: "recon-balance-identity", Title: "the balance of CSSM adds up", Severity: diag.Medium,
	Means: "The numbers of one row of CSSM belong together. When they do not add up they are mistyped or of different moments, and " +
		"nothing more is said about the licence.",
	Formula: "B = A + S - U",
	Example: "300 + 0 - 598 = -298, and 300 + 8 - 315 = -7; with U = 596 and B = -298 it fails by 2",
	Do:      []string{"export the licences of CSSM again and give the file unedited"},
	Source:  "S0:68,87,100"}

var notRightToUse = Rule{ID: "recon-not-rightouse", Title: "the licence is not billed by usage", Severity: diag.Info,
	Means: "CSSM leaves licences that are billed by usage out of Purchased and Balance, upgrades that are pending out of Purchased, and " +
		"rights to use out of In Use. The balance of such a licence is not checked.",
	Formula: "Billing is not By Usage",
	Example: "Billing: By Usage, balance -, in use 12",
	Do:      []string{"nothing: compare its use with the bill"},
	Source:  "S0:107-109"}

var tierCoverage = Rule{ID: "recon-tier-coverage", Title: "upper tiers cover what this licence lacks", Severity: diag.Info,
	Means:   "CSSM fulfils a licence that runs short with licences of an upper tier. That is no fault, and it belongs into the balance.",
	Formula: "S > 0",
	Example: "available 300, in use 315, fulfilled by upper tiers 8: 7 are missing, not 15",
	Do:      []string{"nothing; to keep the upper tier free, order licences of this one"},
	Source:  "S0:100-105"}

var countMismatch = Rule{ID: "recon-count-mismatch", Title: "CSSM has in use what vManage has licensed", Severity: diag.Medium,
	Means: "What CSSM has in use should be what vManage has assigned. Every unit of difference is attributed to a class, as far as the " +
		"inputs allow; what is left is printed as unexplained.",
	Formula: "U = V; a warning up to 1 % of V",
	Example: "298 licensed devices in vManage, 598 in use in CSSM: 300 too many",
	Do:      []string{"follow the rule that explains it; give more inputs when none does (docs/reconcile.md)"},
	Source:  "S0:35"}

var duplicateExact = Rule{ID: "recon-duplicate-exact", Title: "CSSM has not added the report before to the one now", Severity: diag.High,
	Means:   "CSSM should replace the report of vManage by the next one. Here it has added them up. Product instances that show the surplus elsewhere than on SD-WAN Manager speak against it.",
	Formula: "U = Vp + V, with Vp from an earlier export",
	Example: "300 devices before, 298 now, 598 in use",
	Do: []string{"check that reporting itself works: recon-vmanage-log, recon-stale-contact", "CSSM: remove the usage of the vManage instance (M19; M25 without the rights)",
		"vManage: synchronise the licences (M20)", "wait at least 24 hours (M21) and compare again"},
	Source: "S0:37,65"}

var duplicateInferred = Rule{ID: "recon-duplicate-inferred", Title: "the numbers do not look like two reports added up", Severity: diag.High,
	Means: "Without an earlier export: what is too much has just the size of a report before, no more than all licences and as many or a " +
		"few more than now. With one: the report before and a few units beside it.",
	Formula: "X = U - V; V <= X <= T, and X = T or X <= V + max(5, V/10); with an earlier export Vp < X <= Vp + max(5, V/10)",
	Example: "298 now, 598 in use, 300 licences: X = 300 = T",
	Do:      []string{"give an earlier export with --vmanage-before to be sure", "then as for recon-duplicate-exact"},
	Source:  "S0:65; knowledge F.3"}

var duplicateMultiple = Rule{ID: "recon-duplicate-multiple", Title: "the numbers do not look like several reports added up", Severity: diag.Medium,
	Means:   "What is in use is about three or four times what vManage says: several reports were added up.",
	Formula: "U close to k x V for k = 3, 4",
	Example: "100 now, 301 in use",
	Do:      []string{"give an earlier export and the product instances to be sure", "then as for recon-duplicate-exact"},
	Source:  "S0:37; knowledge F.3"}

var deletedNotReleased = Rule{ID: "recon-deleted-not-released", Title: "devices that left vManage were released in CSSM", Severity: diag.High,
	Means: "A device that was deleted in vManage keeps its licence in CSSM, so that licences run short.",
	Formula: "U > V, and U - V = devices that left vManage: by two exports, or by product instances that vManage does not know; these also " +
		"where something else makes up for them",
	Example: "300 devices before, 290 now, 300 in use: 10 were not released",
	Do: []string{"CSSM: remove the product instances that are listed, or the usage of the vManage instance (M19)",
		"vManage: synchronise the licences (M20)", "wait at least 24 hours (M21) and compare again"},
	Source: "S0:36"}

var insufficient = Rule{ID: "recon-insufficient", Title: "there are enough licences", Severity: diag.High,
	Means: "CSSM shows the alert Insufficient Licenses when the balance is below zero. When units that were counted wrongly make it so, " +
		"the shortage is false and goes with the clean-up; else licences are really missing.",
	Formula: "B >= 0",
	Example: "-298 with 300 doubled units: false; -7 with all counts right: 7 licences are missing",
	Do:      []string{"false: the clean-up of the rule that explains it", "real: buy licences, move some from another virtual account, or unassign some in vManage"},
	Source:  "S0:68"}

var authorizedRequired = Rule{ID: "recon-authorized-required", Title: "no product instance needs more than it is authorized for", Severity: diag.Medium,
	Means:   "The page of a product instance lists per licence what is authorized and what is required.",
	Formula: "Required <= Authorized",
	Example: "authorized 300, required 315; or authorized 0, required 3",
	Do:      []string{"belongs to the same trouble as the counts: put these right first, then look again"},
	Source:  "S0:131-133"}

var vmanageLog = Rule{ID: "recon-vmanage-log", Title: "the log of vManage shows no report that failed", Severity: diag.High,
	Means: "vManage writes into var/log/nms/vmanage-server.log that a report failed. \"The identity for the instance ... is not valid\" says " +
		"that CSSM does not know this product instance any more: reporting is broken (case f-sync).",
	Formula: `"SmartLicense: Failed to report license usage for tenant ...", "is not valid.Please re-register the instance", within 30 days; ` +
		"without them the log must cover a day and end within two days of the other inputs",
	Example: "12 failures for tenant default, the last on 2025-07-18",
	Do:      []string{"open a TAC case with an admin-tech, naming CSCwj27435 and CSCwm39910 (M22)", "no clean-up before: the counts would diverge again"},
	Source:  "S0:38-47,76"}

var staleContact = Rule{ID: "recon-stale-contact", Title: "vManage has had contact with CSSM within 30 days", Severity: diag.Medium,
	Means:   "The page of the Cisco_vManage product instance shows its last contact. An old one means that reports do not arrive (case f-sync).",
	Formula: "time of the input - Last Contact <= 30 d",
	Example: "last contact 2025-08-28, exported on 2025-11-02: 66 days",
	Do:      []string{"look into the log of vManage (--log)", "open a TAC case as for recon-vmanage-log (M22)"},
	Source:  "S0:120-127; knowledge F.3"}

var singleInstance = Rule{ID: "recon-single-instance", Title: "CSSM knows one product instance per SD-WAN Manager", Severity: diag.High,
	Means:   "An SD-WAN Manager that was registered again without removing the old product instance is counted twice.",
	Formula: "number of Cisco_vManage product instances per SD-WAN Manager = 1",
	Example: "two instances of one serial number, the older without contact since the newer was registered",
	Do:      []string{"CSSM: remove the older product instance, after its last contact shows that it is not the one in use (M19)", "wait at least 24 hours (M21)"},
	Source:  "knowledge F.3"}
