package message

import (
	"regexp"
	"slices"
	"strings"
)

// Step is a manual step: what a person has to look at or do where this program does not reach (knowledge
// B.22).
type Step struct {
	ID     string // M01 to M27; M07 has two halves, M07a and M07b
	Where  string // the portal, host or person, as a sentence begins: "in CSSM"
	Do     string // what to do, in the order of the portal's menus where it is one
	Source string // seed lines
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
		"set how long and how often it may be used, and copy the token", "S1:364,419,553"},
	{"M02", "in CSSM", "look for the UDI of the device under Inventory > Product Instances: is it in the virtual account that you " +
		"chose? If it is in another one, work with that account", "S1:417-419"},
	{"M03", "in CSSM", "generate the authorization code (SLAC) for exactly the UDIs that `show license udi` lists, every member of a " +
		"high-availability pair or stack included, and download the file", "S1:160"},
	{"M04", "in CSSM", "download the policy file of the virtual account", "S1:380"},
	{"M05", "in CSSM", "upload the usage file (or request file), wait until it is processed, and download the acknowledgement (ACK)",
		"S1:374,507,508"},
	{"M06", "in CSLU", "select the device and collect its usage report, or synchronise on demand", "S1:370,503,583"},
	{"M07a", "in CSLU without a connection to CSSM", "export the usage data for CSSM to a file", "S1:374,507"},
	{"M07b", "in CSLU without a connection to CSSM", "import the file that CSSM gave back", "S1:374,507"},
	{"M08", "on the host of CSLU", "is the service up, is CSLU logged in to Cisco and does it say that Cisco is available, are smart and " +
		"virtual account set, is the device in its list, does the host's firewall let TCP 8182 in?", "S1:502; task library"},
	{"M09", "in SSM On-Prem", "Reports > Synchronization pull schedule > Synchronize now with the device", "S1:387,516"},
	{"M10", "in SSM On-Prem", "Smart Licensing workspace > Reports > Usage Schedules > Synchronize now with Cisco", "S1:391,520"},
	{"M11", "in SSM On-Prem without a connection to Cisco", "export the usage data, upload the file to CSSM, and import what CSSM gives back",
		"S1:392,521"},
	{"M12", "in SSM On-Prem", "read the CSLU transport URL under Inventory > General and copy it character by character", "S1:301; CZ"},
	{"M13", "on the server of SSM On-Prem", "upgrade to 8-202102 or later; 8-202105 is better", "S1:446; CZ"},
	{"M14", "in Catalyst Center or SD-WAN Manager", "upload the resource utilization details to CSSM now (Catalyst Center 2.2.2 or later), " +
		"or wait for the schedule", "S1:505-506"},
	{"M15", "in CCW", "order the licences with a subscription id and deposit them in the smart and virtual account of the device", "S1:578"},
	{"M16", "at Cisco TAC", "open a case with `show license tech support`, `show license history message`, `show license eventlog 7` and " +
		"`show logging`", "S1:107,170,324,394,611,646"},
	{"M17", "on the host of CSLU or SSM On-Prem", "open https://<device>/ in a browser: the device must answer", "S1:287"},
	{"M18", "in the network", "check routes and firewalls between the device and its licensing peer", "S1:249"},
	{"M19", "in CSSM", "remove the licence usage that is booked on the SD-WAN Manager instance", "S0:84-141"},
	{"M20", "in SD-WAN Manager", "synchronise the licences", "S0:145"},
	{"M21", "everywhere", "wait at least 24 hours before you judge the counts again", "S0:147"},
	{"M22", "at Cisco TAC", "ask for the workaround of the defects CSCwj27435 and CSCwm39910", "S0:76"},
	{"M23", "on the device", "copy the file to it and install it with `license smart import <path>`: an acknowledgement, a policy, an " +
		"authorization code or a trust code", "S1:160,382,584,609"},
	{"M24", "on the DNS server", "add an A record cslu-local.<domain> with the address of CSLU", "S1:261"},
	{"M25", "at Cisco Licensing", "open a case and let them remove the usage (M19) if you lack the rights", "S0:82"},
	{"M26", "at Cisco", "is CSSM itself down? Look at the status page and try again later", "S1:184"},
	{"M27", "in your team", "was the removal of the policy or authorization intended?", "S1:356,489"},
}
