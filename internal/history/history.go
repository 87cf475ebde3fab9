// Package history keeps what scheduled runs found, as changes: every part of a device has a value from one run to
// another, and only the runs in which a value changes cost anything. It keeps it in SQLite or in PostgreSQL, by the
// same SQL. The command line uses it.
package history

import (
	"time"

	"slpdoctor/internal/diag"
)

// Where is the database: one of the two is set.
type Where struct {
	SQLite   string // path of the file; it is made when it is not there, its folder is not
	Postgres string // connection string; in a Where without SQLite "" is what libpq's PG* variables say

	patience time.Duration // how long to wait for another process; 0: as long as patience
}

// Recording is one run to record.
type Recording struct {
	Job    string        // what is run: runs of different scope have different jobs and are never compared
	Every  time.Duration // how often the job runs; 0: not scheduled
	Report *diag.Report
}

// Recorded is a run as far as a later one is compared with it: devices are without commands, evidence and fixes.
type Recorded struct {
	Tool    diag.Tool
	Run     diag.Run
	Job     string
	Devices []diag.DeviceResult
}

// Series is a part of a device that changed, run by run.
type Series struct {
	Device string  // its name in the last of the runs
	UDI    string  // "" when it is not known
	Part   string  // "state", "check:ID", or another part
	Points []Point // oldest first; runs that did not see the part are left out
}

// Point is the value of a part in one run.
type Point struct {
	Run   int       // 0 for the oldest of the runs asked for
	At    time.Time // when the run was started; UTC
	Value string    // in the words of a comparison: "pass", "fail (high)", "unreachable (refused)"; "" when it was gone
}

// Sighting is a verdict that failed or warned on a device.
type Sighting struct {
	Device diag.DeviceResult
	Result diag.Result
}
