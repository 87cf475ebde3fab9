package reconcile

import (
	"time"

	"slpdoctor/internal/diag"
)

// Document is the JSON document of reconcile, kind "reconcile".
type Document struct {
	Schema   int           `json:"schema"`
	Kind     string        `json:"kind"`
	Tool     diag.Tool     `json:"tool"`
	Inputs   []Input       `json:"inputs"`
	Licenses []Licence     `json:"licenses"` // those to look at first
	Results  []diag.Result `json:"results"`  // of rules that are about the whole, not about a licence
	Verdict  Verdict       `json:"verdict"`
}

// Licence is one licence of one virtual account. Numbers are nil where no input has them.
type Licence struct {
	Name        string        `json:"name"`
	Smart       string        `json:"smart_account"`
	Virtual     string        `json:"virtual_account"`
	V           *int64        `json:"v"`     // vManage: licensed devices now
	Vp          *int64        `json:"vp"`    // vManage: licensed devices in the report before
	T           *int64        `json:"t"`     // vManage: total licences
	A           *int64        `json:"a"`     // CSSM: available to use
	S           *int64        `json:"s"`     // CSSM: substitution, fulfilled by upper tiers
	U           *int64        `json:"u"`     // CSSM: in use
	B           *int64        `json:"b"`     // CSSM: balance
	Delta       *int64        `json:"delta"` // U - V; nil when they must not be compared
	Notes       []string      `json:"notes"` // where a number comes from when no column says it
	Results     []diag.Result `json:"results"`
	Attribution []Attribution `json:"attribution"`
	Unexplained *int64        `json:"unexplained"` // what the attribution leaves of Delta; nil without one
	Case        Case          `json:"case"`
}

// Class is what a unit of difference is.
type Class string

// The classes, in the order in which they are printed.
const (
	DoubleReported    Class = "double-reported"
	DeletedUnreleased Class = "deleted-not-released"
	StaleInstance     Class = "stale-instance"
	HAMembers         Class = "ha-members"
	WrongAccount      Class = "wrong-account"
	SelfReporting     Class = "self-reporting"
	TierSubstitution  Class = "tier-substitution"
	Unassigned        Class = "unassigned"
)

// Classes says what each class means, in order.
var Classes = []struct {
	Class Class
	Means string
}{
	{DoubleReported, "CSSM added an older report to the newer one"},
	{DeletedUnreleased, "the device left vManage, its licence is still booked in CSSM"},
	{StaleInstance, "a product instance that another one has replaced: RMA, changed UDI, registered again"},
	{HAMembers, "members of a stack or high-availability pair that vManage counts as one device"},
	{WrongAccount, "booked in another virtual account than the one vManage assigned it from; below zero where it is missing"},
	{SelfReporting, "the device reports by itself beside vManage"},
	{TierSubstitution, "another tier of the licence is used than the one assigned; below zero where it is missing"},
	{Unassigned, "in use on a device to which vManage has assigned no such licence"},
}

// Confidence is how sure an attribution or verdict is.
type Confidence string

// The confidences.
const (
	High   Confidence = "high"   // shown by serial number or by an equation that leaves no other reading
	Medium Confidence = "medium" // fits, and little else does
	Low    Confidence = "low"    // a guess worth looking at
)

// lower is one step less sure.
func (c Confidence) lower() Confidence {
	if c == High {
		return Medium
	}
	return Low
}

// Attribution is a part of Delta with its class. The units of a licence's attributions and its Unexplained add up to
// its Delta; a unit stands in one of them only.
type Attribution struct {
	Class      Class      `json:"class"`
	Units      int64      `json:"units"` // below zero where CSSM has less than vManage
	Confidence Confidence `json:"confidence"`
	Why        string     `json:"why"`
	Instances  []string   `json:"instances"` // product instances, as far as the inputs name them
}

// Case is what is wrong as a whole, and so what is to be done.
type Case string

// The cases, gravest first.
const (
	FSync       Case = "f-sync"       // reporting itself is broken
	FCount      Case = "f-count"      // only the counts are wrong
	Waiting     Case = "wait"         // a clean-up was recommended less than a day ago
	Shortage    Case = "shortage"     // more is used than there is, and the counts do not explain it
	Undecided   Case = "undecided"    // inputs are missing, contradict each other or leave units unexplained
	Explained   Case = "explained"    // the counts differ for a reason that needs no clean-up
	Consistent  Case = "consistent"   // vManage and CSSM agree
	NotCompared Case = "not-compared" // of a licence that only one side has, and rightly so
)

// Cases says what each case means, gravest first.
var Cases = []struct {
	Case  Case
	Means string
}{
	{FSync, "Reporting from vManage to CSSM is broken: a clean-up alone does not last."},
	{FCount, "Only the counts are wrong: put CSSM right, synchronise vManage, wait a day."},
	{Waiting, "A clean-up was recommended less than 24 hours ago: wait before anything is judged or cleaned again."},
	{Shortage, "More is used than was bought, and nothing shows that it is counted wrongly."},
	{Undecided, "The inputs do not decide it."},
	{Explained, "The counts differ for a known reason that needs no clean-up."},
	{Consistent, "vManage and CSSM agree."},
	{NotCompared, "Only one side has it: CSSM knows licences that vManage does not manage."},
}

// Verdict is the conclusion.
type Verdict struct {
	Case       Case       `json:"case"`
	Summary    string     `json:"summary"`
	Confidence Confidence `json:"confidence"`
	NotBefore  *time.Time `json:"not_before"` // of another clean-up and of the next comparison, UTC; nil when there is nothing to wait for
	Steps      []Step     `json:"steps"`
}

// Step is one thing to do, in order.
type Step struct {
	ID        string   `json:"id"`    // manual step of `explain`, "" when it has none
	Where     string   `json:"where"` // portal, host or person
	Do        string   `json:"do"`
	Path      string   `json:"path"`   // menus of the portal, "" when there are none
	Rights    string   `json:"rights"` // who may do it
	Risk      string   `json:"risk"`
	Licenses  []string `json:"licenses"`
	Instances []string `json:"instances"` // product instances it is about
}

// Cleanup is a clean-up that was recommended.
type Cleanup struct {
	License string    `json:"license"` // as it is compared
	Smart   string    `json:"smart_account"`
	Virtual string    `json:"virtual_account"`
	At      time.Time `json:"at"` // UTC
}

// Wait is how long CSSM and vManage need after a clean-up, and how far apart inputs may be (seed 000, line 147).
const Wait = 24 * time.Hour

// Options is what the inputs do not say.
type Options struct {
	Now      time.Time
	Names    Names
	Cleanups []Cleanup // that were recommended before
}
