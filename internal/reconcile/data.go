// Package reconcile compares what vManage (SD-WAN Manager) says is licensed, what CSSM says is in use and what the
// devices themselves report: for every licence how many units differ, of which kind, where they sit, and what to do
// (knowledge section F). It does no I/O; its readers are internal/reconcile/input, vmanage and cssm, and the command
// line uses it.
package reconcile

import "time"

// Kind says what a source of numbers is.
type Kind string

// The kinds of inputs, by the flag that names them.
const (
	VManage   Kind = "vmanage"        // License & Devices overview, now: export, REST
	Before    Kind = "vmanage-before" // the same at the time of an earlier report
	CSSM      Kind = "cssm"           // licence inventory of a virtual account: export, API
	Instances Kind = "cssm-instances" // product instances of CSSM: export, API
	Log       Kind = "log"            // vmanage-server.log
	Runs      Kind = "runs"           // runs and bundles of this program
)

// Input is one source that was read.
type Input struct {
	Kind  Kind       `json:"kind"`
	Path  string     `json:"path"`  // as the user named it; a URL without secrets
	Time  *time.Time `json:"time"`  // when its numbers were true, UTC; nil when that is not known
	Notes []string   `json:"notes"` // what was odd and how it was taken: repeated rows, dropped columns
}

// Place is where a value was read, for messages and evidence.
type Place struct {
	Input int // index into Data.Inputs
	Row   int // line of a text, row of a sheet, index of a record from 1; 0 when it has none
}

// Data is everything that was read. A nil slice means that no input of that kind was given; an empty one that the
// input had no rows. Numbers that an input does not have are nil.
type Data struct {
	Inputs    []Input
	VManage   []Count
	Before    []Count
	Balances  []Balance
	Instances []Instance
	Assigned  []Assignment
	Reports   *ReportLog
	Devices   []Device
}

// Count is a licence in vManage's overview.
type Count struct {
	Place
	License      string     // display name
	Smart        string     // Smart Account, "" when the export does not say
	Virtual      string     // Virtual Account, "" when the export does not say
	Licensed     *int64     // Number of Licensed Devices
	Total        *int64     // Number of Total Licenses
	LastAssigned string     // in its own words
	Assigned     *time.Time // the same, where it was understood
}

// Balance is a licence of one virtual account in CSSM.
type Balance struct {
	Place
	License     string
	Smart       string
	Virtual     string
	Billing     string // Prepaid, By Usage; "" when not said
	Available   *int64 // Available to Use (Purchased)
	InUse       *int64
	Substituted *int64 // Fulfilled By Upper Tiers, Substitution
	Balance     *int64
	Alerts      string
}

// Instance is a product instance in CSSM with one licence it uses: an instance with three licences is three values.
type Instance struct {
	Place
	Name        string // the display name: host name or UDI
	PID, Serial string // from UDI_PID and UDI_SN
	UUID        string // of vManage instances and of devices that have one
	Type        string // Product Type, like DNASUB
	Description string
	Family      string
	ManagedBy   string
	Smart       string
	Virtual     string
	Registered  *time.Time
	LastContact *time.Time
	License     string // "" when the row names none
	Used        *int64 // Licenses used, Required
	Authorized  *int64
}

// Assignment is a licence that vManage assigned to a device.
type Assignment struct {
	Place
	UUID     string // of the device in vManage, often "<PID>-<serial>"
	Host     string
	Model    string
	SystemIP string
	License  string // display name; "" when vManage knows the device and has assigned none to it
	Tag      string // entitlement tag
	Smart    string
	Virtual  string
	Units    int64
}

// ReportLog is what vmanage-server.log says about reports to CSSM.
type ReportLog struct {
	Lines    int64
	First    *time.Time // of the lines that have a time
	Last     *time.Time
	Failures []ReportFailure // by tenant
	Foreign  bool            // no line of the files is about smart licensing: that no failure was found proves nothing
	Partial  bool            // a file was cut, damaged or longer than is read: that no failure was found proves nothing
}

// ReportFailure is how often the report of one tenant failed. Times are as written, taken for UTC.
type ReportFailure struct {
	Place
	Tenant   string
	Count    int
	Invalid  int    // of these: the identity of the instance is not valid
	Instance string // its uuid, "" when none was printed
	First    *time.Time
	Last     *time.Time
	PerDay   map[string]int // by date, 2006-01-02
	Text     string         // of the last one, cut to one screen line
}

// Device is a device as our own runs saw it.
type Device struct {
	Place
	Name     string
	UDIs     []string // of every unit, "PID:...,SN:..."
	Topology string
	Smart    string // as the device was told, "" when not known
	Virtual  string
	At       *time.Time // when it was asked
	Uses     []Use      // nil when it was not examined
}

// Use is a licence in use on a device.
type Use struct {
	License string
	Tag     string
	Units   int64
}
