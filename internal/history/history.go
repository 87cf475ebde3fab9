// Package history keeps what scheduled runs found, as changes: every part of a device has a value from one run to
// another, and only the runs in which a value changes cost anything. It keeps it in SQLite or in PostgreSQL, by the
// same SQL. The command line uses it.
package history

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"slpdoctor/internal/diag"
)

// Where is the database: one of the two is set.
type Where struct {
	SQLite   string // path of the file; it is made when it is not there, its folder is not
	Postgres string // connection string, "" in a Where without SQLite: what libpq's PG* variables say
}

// Store is an open history.
type Store struct {
	db *sql.DB
}

// Open opens a history and brings its schema up to date. The error is an *Error when it cannot be used.
func Open(ctx context.Context, w Where) (*Store, error) { return nil, errNotYet }

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Recording is one run to record.
type Recording struct {
	Job    string        // what is run: runs of different scope have different jobs and are never compared
	Every  time.Duration // how often the job runs; 0: not scheduled
	Report *diag.Report
}

// Record records a run in one transaction. When it returns nil the run survives whatever happens to the process.
func (s *Store) Record(ctx context.Context, r Recording) error { return errNotYet }

// Recorded is a run as far as a later one is compared with it: devices are without commands, evidence and fixes.
type Recorded struct {
	Tool    diag.Tool
	Run     diag.Run
	Job     string
	Devices []diag.DeviceResult
}

// Last is the run of a job that was recorded last; nil when there is none.
func (s *Store) Last(ctx context.Context, job string) (*Recorded, error) { return nil, errNotYet }

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

// Changes are the parts that changed at least once within the last runs of a job.
func (s *Store) Changes(ctx context.Context, job string, runs int) ([]Series, error) {
	return nil, errNotYet
}

// Opened is since when the present fault of a part is open; false when the part is not at fault. A device is named as
// in the last run. Verdicts that are equally bad are one fault, and so are those before and after an unknown one.
func (s *Store) Opened(ctx context.Context, job, device, part string) (time.Time, bool, error) {
	return time.Time{}, false, errNotYet
}

// Note remembers for a job when something was done, such as the last reminder.
func (s *Store) Note(ctx context.Context, job, key string, at time.Time) error { return errNotYet }

// Noted is what Note remembered; false when it has not.
func (s *Store) Noted(ctx context.Context, job, key string) (time.Time, bool, error) {
	return time.Time{}, false, errNotYet
}

// Bad are the distinct failures and warnings of the last runs of every job. The device has its name, address, tags,
// groups and platform as they were known last.
func (s *Store) Bad(ctx context.Context, runs int) iter.Seq2[Sighting, error] { return nil }

// Sighting is a verdict that failed or warned on a device.
type Sighting struct {
	Device diag.DeviceResult
	Result diag.Result
}

// Prune forgets what ended before a time: what is still so is kept however old it is.
func (s *Store) Prune(ctx context.Context, before time.Time) error { return errNotYet }

var errNotYet = errors.New("not made yet")
