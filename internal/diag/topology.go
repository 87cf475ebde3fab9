package diag

import "slices"

// TopologyID names how usage reports of a product instance reach CSSM (product contract, section 8).
type TopologyID string

// The topologies; the last four can only be declared, never inferred.
const (
	DirectSmart          TopologyID = "direct-smart"
	SmartCustom          TopologyID = "smart-custom"
	DirectCallhome       TopologyID = "direct-callhome"
	CallhomeOnpremLegacy TopologyID = "callhome-onprem-legacy"
	CSLUPush             TopologyID = "cslu-push"
	CSLUZeroTouch        TopologyID = "cslu-zero-touch"
	OnpremPush           TopologyID = "onprem-push"
	Pull                 TopologyID = "pull"
	Offline              TopologyID = "offline"
	ControllerVManage    TopologyID = "controller-vmanage"
	ClassicSL            TopologyID = "classic-sl"
	DefaultUnconfigured  TopologyID = "default-unconfigured"

	CSLUPushDisconnected TopologyID = "cslu-push-disconnected"
	PullCSLU             TopologyID = "pull-cslu"
	PullOnprem           TopologyID = "pull-onprem"
	PullCatalystCenter   TopologyID = "pull-catalyst-center"
)

// UnsupportedOS stands where a topology would for a device that does not run IOS XE. It is never
// declared and never printed as a topology.
const UnsupportedOS TopologyID = "unsupported-os"

// Topology is the way of reporting a device is in, and how that is known. The zero Topology is unknown.
type Topology struct {
	ID         TopologyID `json:"id"`
	Confidence string     `json:"confidence"` // certain, high, medium or declared
	Declared   bool       `json:"declared"`
	Rule       string     `json:"rule"` // the rule that matched, for people
}

// Family is a set of topologies that share checks: the columns DS, DC, CP, OP, PL, OF and CT of
// knowledge section B.0, and the two that stand alone.
type Family uint16

// The families.
const (
	DS Family = 1 << iota // direct to CSSM, transport smart
	DC                    // direct to CSSM, call home
	CP                    // pushed to CSLU
	OP                    // pushed to SSM On-Prem
	PL                    // pulled by CSLU, SSM On-Prem or Catalyst Center
	OF                    // offline, by file
	CT                    // reported by a controller
	DU                    // nothing set up
	SL                    // classic smart licensing
	XX                    // not IOS XE
	unknownFamily

	Direct = DS | DC
	Push   = DS | DC | CP | OP
	// AnySLP is every topology of Smart Licensing Using Policy, and a device whose topology is unknown.
	AnySLP = Push | PL | OF | CT | DU | unknownFamily
	// OwnReports is AnySLP without controllers, which report for the device (knowledge B.0).
	OwnReports = AnySLP &^ CT
	// Everywhere is also classic smart licensing.
	Everywhere = AnySLP | SL
	// Anything is also what does not run IOS XE.
	Anything = Everywhere | XX
)

var families = map[TopologyID]Family{
	DirectSmart: DS, SmartCustom: DS, DirectCallhome: DC, CallhomeOnpremLegacy: DC,
	CSLUPush: CP, CSLUZeroTouch: CP, CSLUPushDisconnected: CP, OnpremPush: OP,
	Pull: PL, PullCSLU: PL, PullOnprem: PL, PullCatalystCenter: PL,
	Offline: OF, ControllerVManage: CT, DefaultUnconfigured: DU, ClassicSL: SL, UnsupportedOS: XX,
}

// Family is the family of the topology; a set that only AnySLP and Everywhere hold when it is unknown.
func (id TopologyID) Family() Family {
	if f, ok := families[id]; ok {
		return f
	}
	return unknownFamily
}

// Valid reports whether id may be declared.
func (id TopologyID) Valid() bool { return slices.Contains(TopologyIDs(), id) }

// TopologyIDs lists every id that may be declared, in the order of the contract.
func TopologyIDs() []TopologyID {
	return []TopologyID{DirectSmart, SmartCustom, DirectCallhome, CallhomeOnpremLegacy, CSLUPush, CSLUZeroTouch,
		OnpremPush, Pull, Offline, ControllerVManage, ClassicSL, DefaultUnconfigured,
		CSLUPushDisconnected, PullCSLU, PullOnprem, PullCatalystCenter}
}
