package message

import (
	"regexp"
	"slices"
	"strings"
)

// Step is a manual step: what a person has to look at or do where this program does not reach (knowledge
// B.22).
type Step struct {
	ID     string   // M01 to M27; M07 has two halves, M07a and M07b
	Where  string   // the portal, host or person, as a sentence begins: "in CSSM"
	Do     string   // what to do, in the order of the portal's menus where it is one
	Source string   // seed lines
	How    []string // how to go about it and what to make of what is seen, in order; nil when Do says it all
}

// String is the step as a line to follow, with its id.
func (s Step) String() string { return s.Where + ": " + s.Do + " (" + s.ID + ")" }

// Steps lists every manual step by id.
func Steps() []Step { return slices.Clone(steps) }

// FindSteps is the step with this id in any case; M07 finds both its halves. Nothing when there is none.
func FindSteps(id string) []Step {
	var out []Step
	for _, s := range steps {
		if strings.EqualFold(s.ID, id) || strings.EqualFold(strings.TrimRight(s.ID, "ab"), id) {
			out = append(out, s)
		}
	}
	return out
}

var stepID = regexp.MustCompile(`\bM\d\d[ab]?\b`)

// StepIDs lists the manual steps that a text names, in its order.
func StepIDs(text string) []string { return stepID.FindAllString(text, -1) }

// Manual is the step with this id as a line to follow; "" when there is none.
func Manual(id string) string {
	for _, s := range steps {
		if s.ID == id {
			return s.String()
		}
	}
	return ""
}

var steps = []Step{
	{"M01", "in CSSM", "choose the smart and the virtual account of the device, open Inventory > General > New Token, " +
		"set how long and how often it may be used, and copy the token", "S1:364,419,553", nil},
	{"M02", "in CSSM", "look for the UDI of the device under Inventory > Product Instances: is it in the virtual account that you " +
		"chose? If it is in another one, work with that account", "S1:417-419", nil},
	{"M03", "in CSSM", "generate the authorization code (SLAC) for exactly the UDIs that `show license udi` lists, every member of a " +
		"high-availability pair or stack included, and download the file", "S1:160", nil},
	{"M04", "in CSSM", "download the policy file of the virtual account", "S1:380", nil},
	{"M05", "in CSSM", "upload the usage file (or request file) under Reports > Usage Data Files, wait until it is processed, and download the " +
		"acknowledgement (ACK)",
		"S1:374,507,508", nil},
	{"M06", "in CSLU", "select the device and collect its usage report (Actions > Collect Usage Report), or synchronise on demand", "S1:370,503,583", nil},
	{"M07a", "in CSLU without a connection to CSSM", "export the usage data for CSSM to a file (Data > Export to CSSM)", "S1:374,507", nil},
	{"M07b", "in CSLU without a connection to CSSM", "import the file that CSSM gave back (Data > Import from CSSM)", "S1:374,507", nil},
	{"M08", "on the host of CSLU", "is the service up, is CSLU logged in to Cisco and does it say that Cisco is available, are smart and " +
		"virtual account set, is the device in its list, does the host's firewall let TCP 8182 in?", "S1:502; task library", nil},
	{"M09", "in SSM On-Prem", "Reports > Synchronization pull schedule > Synchronize now with the device", "S1:387,516", nil},
	{"M10", "in SSM On-Prem", "Smart Licensing workspace > Reports > Usage Schedules > Synchronize now with Cisco", "S1:391,520", nil},
	{"M11", "in SSM On-Prem without a connection to Cisco", "export the usage data, upload the file to CSSM, and import what CSSM gives back",
		"S1:392,521", nil},
	{"M12", "in SSM On-Prem", "read the CSLU transport URL under Inventory > General and copy it character by character", "S1:301; CZ", nil},
	{"M13", "on the server of SSM On-Prem", "upgrade to 8-202102 or later; 8-202105 is better", "S1:446; CZ", nil},
	{"M14", "in Catalyst Center or SD-WAN Manager", "upload the resource utilization details to CSSM now (Catalyst Center 2.2.2 or later), " +
		"or wait for the schedule", "S1:505-506", nil},
	{"M15", "in CCW", "order the licences with a subscription id and deposit them in the smart and virtual account of the device", "S1:578", nil},
	{"M16", "at Cisco TAC", "open a case with `show license tech support`, `show license history message`, `show license eventlog 7` and " +
		"`show logging`", "S1:107,170,324,394,611,646", nil},
	{"M17", "on the host of CSLU or SSM On-Prem", "open https://<device>/ in a browser: a login must appear", "S1:287", nil},
	{"M18", "in the network", "check routes and firewalls between the device and its licensing peer", "S1:249", nil},
	{"M19", "in CSSM", "remove the licence usage that is booked on the SD-WAN Manager instance", "S0:31-68,84-141", countLicences},
	{"M20", "in SD-WAN Manager", "synchronise the licences", "S0:145", nil},
	{"M21", "everywhere", "wait at least 24 hours before you judge the counts again", "S0:147", nil},
	{"M22", "at Cisco TAC", "ask for the workaround of the defects CSCwj27435 and CSCwm39910", "S0:76", nil},
	{"M23", "on the device", "copy the file to it and install it with `license smart import <path>`: an acknowledgement, a policy, an " +
		"authorization code or a trust code", "S1:160,382,584,609", nil},
	{"M24", "on the DNS server", "add an A record cslu-local.<domain> with the address of CSLU", "S1:261", nil},
	{"M25", "at Cisco Licensing", "open a case and let them remove the usage (M19) if you lack the rights", "S0:82", nil},
	{"M26", "at Cisco", "does it fail at other sites too? Then CSSM itself may be down: look at status.cisco.com and try again later", "S1:184", nil},
	{"M27", "in your team", "was the removal of the policy or authorization intended? After `license smart factory reset` there is nothing to do", "S1:356,489", nil},
}

// countLicences is how the counts of SD-WAN Manager and CSSM are compared by hand and put right.
var countLicences = []string{
	"SD-WAN Manager: export License & Devices; the columns are Name, Number of Licensed Devices, Number of Total Licenses and " +
		"Last Assigned On; keep an earlier export if there is one",
	"CSSM: Smart Software Manager, Manage licenses, the right smart and virtual account, Inventory, Licenses; read Available to " +
		"Use, In Use, Substitution and Balance; a negative balance raises the alert that licences are missing",
	"does the balance add up? it is available plus what upper tiers fulfil minus in use: 300 + 0 - 598 = -298, 300 + 8 - 315 = " +
		"-7; if not, the numbers are from different moments",
	"available leaves out upgrades that are pending, in use leaves out rights to use, and licences that are billed by usage are " +
		"in neither; what an upper tier fulfils is no shortage",
	"in use should equal the licensed devices; 298 devices now and 300 in the report before that show as 598 in use mean that " +
		"both reports were added up; more in use by just the number of deleted devices means that those were not released",
	"does var/log/nms/vmanage-server.log of an admin-tech say that the usage could not be reported and the instance must be " +
		"registered again? then reporting itself is broken: begin with M22, a cleanup alone does not last",
	"CSSM: click the licence, then Product Instances, then the row UDI_PID: Cisco_vManage; its page shows registration date and " +
		"last contact, and per licence what is authorized and what is required: an old contact or more required than authorized " +
		"belongs to the same trouble",
	"CSSM: Actions, Remove; without the rights ask for M25; afterwards nothing is in use and all licences are available until the " +
		"next report, which changes nothing on the network",
	"then M20, and wait as M21 says before the counts are compared again",
}
