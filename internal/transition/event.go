// Package transition decides what a scheduled run has to say: what is new, worse, better or resolved since the run
// before it, what changes too often to be told each time, and what is bad enough to be told again. It does no I/O
// and never asks for the time; the command line and internal/notify use it.
package transition

import (
	"fmt"
	"time"

	"slpdoctor/internal/diag"
)

// Kind says why an event is told.
type Kind string

// The kinds, the most urgent first. New to Vanished are those of a comparison of two runs.
const (
	Vanished Kind = "vanished"        // the device is no longer in the inventory
	Worse    Kind = "worse"           // was bad or fine, and is less so; or can no longer be seen
	New      Kind = "new"             // a fault that was not there
	Appeared Kind = "appeared"        // the device was not in the inventory before
	Changed  Kind = "changed"         // neither better nor worse: another release, another name
	Better   Kind = "better"          // less bad than it was; or can be seen again
	Resolved Kind = "resolved"        // a fault that is gone
	Flapping Kind = "flap suppressed" // it changes so often that its changes are not told until it is still
	Settled  Kind = "settled"         // it was flapping and is still since some runs: as it stays
	Reminder Kind = "reminder"        // an open critical finding, or what can still not be seen; once a day
)

// Kinds in order.
var Kinds = []Kind{Vanished, Worse, New, Appeared, Changed, Better, Resolved, Flapping, Settled, Reminder}

// Count is a number of events of the kind in words: "2 new", "2 reminders".
func (k Kind) Count(n int) string {
	if k == Reminder {
		return count(n, string(k))
	}
	return fmt.Sprintf("%d %s", n, k)
}

// Event is one thing that is told. What follows from it on the same device is counted, not told.
type Event struct {
	Kind         Kind          `json:"kind"`
	Device       string        `json:"device"`
	Was          *string       `json:"was"`          // its name in the run before, when that was another
	UDI          string        `json:"udi"`          // "" when it is not known
	Subject      string        `json:"subject"`      // "check", "state", "device", "name" or a kind of fact, as in a comparison; "coverage" of checks that cannot be decided
	Check        string        `json:"check"`        // the check's id; "" for other subjects
	Key          string        `json:"key"`          // the shared object the check names: a URL, a server; "" when there is none
	Severity     diag.Severity `json:"severity"`     // of the verdict; "" for other subjects
	Before       string        `json:"before"`       // in the words of a comparison; "" when there was nothing
	After        string        `json:"after"`        //
	Summary      string        `json:"summary"`      // one sentence
	CausedBy     *string       `json:"caused_by"`    // the check at the root, nil for a root
	Consequences int           `json:"consequences"` // changes of the same device that follow from this one
	Since        *time.Time    `json:"since"`        // when it opened, for reminders and flaps; UTC
	Changes      int           `json:"changes"`      // how often it changed in the window, for flaps; else 0
	Fixes        []diag.Fix    `json:"fixes"`        // of what is new, worse or reminded of; never nil
}

// Document is everything that one scheduled run tells; JSON kind "transitions", schema 1.
type Document struct {
	Schema   int        `json:"schema"`
	Kind     string     `json:"kind"`
	Tool     diag.Tool  `json:"tool"`
	Job      string     `json:"job"`      // what is run on schedule: its inventory and filters, in the words of its flags
	Run      diag.Run   `json:"run"`      //
	Since    *diag.Run  `json:"since"`    // the run it is compared with; nil for the first of this job
	Next     *time.Time `json:"next"`     // when the following run is expected; nil when that is not known
	Devices  int        `json:"devices"`  // in this run
	Examined int        `json:"examined"` // of these
	Cut      int        `json:"cut"`      // of these: not reached before the run was ended; their last known state stands
	Open     int        `json:"open"`     // findings open after this run, told or not
	Waived   int        `json:"waived"`   // findings and warnings that do not count because of a waiver
	Worse    int        `json:"worse"`    // events that make exit status 1
	Lost     int        `json:"lost"`     // events that make exit status 3: something can no longer be seen
	Quieted  int        `json:"quieted"`  // changes that were not told because they flap
	Missed   *time.Time `json:"missed"`   // start of the run before, when it was recorded and did not come to the end of telling
	Notes    []string   `json:"notes"`    // what limits it or is odd about it
	Events   []Event    `json:"events"`   // the most urgent first
}

// Silent reports whether there is nothing to tell.
func (d *Document) Silent() bool {
	return len(d.Events) == 0 && d.Cut == 0 && d.Since != nil && d.Missed == nil
}
