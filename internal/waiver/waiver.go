// Package waiver reads the findings that a team has accepted for a while, and marks them in the results of a
// run: a waived finding stays in the report and does not count. It takes bytes and the time and gives values:
// no I/O, no clock. The command line uses it.
package waiver

import (
	"fmt"
	"time"

	"slpdoctor/internal/diag"
)

// Waiver is one entry of a waiver file.
type Waiver struct {
	Check   string // an id or a glob of ids, as written
	Match   Match
	Reason  string
	Owner   string
	Expires time.Time // midnight UTC at the beginning of the last day it holds
	Ticket  string    // "" when there is none
	File    string
	Line    int

	checks map[string]bool // the ids it covers
}

// Match says which devices a waiver is for: all that is given must hold. Name and Release are globs.
type Match struct {
	Name    string `json:"name"`
	Tag     string `json:"tag"` // key=value, the value a glob
	Release string `json:"release"`
	Group   string `json:"group"`
}

// Set is the waivers of a run, in the order in which they are written.
type Set []Waiver

// Source is where a waiver is written: "file:line".
func (w *Waiver) Source() string { return fmt.Sprintf("%s:%d", w.File, w.Line) }

// LastDay is the last day a waiver holds, as it is written.
func (w *Waiver) LastDay() string { return w.Expires.Format(time.DateOnly) }

// Expired reports whether a waiver no longer holds: its last day is over in UTC.
func (w *Waiver) Expired(now time.Time) bool { return !now.Before(w.Expires.AddDate(0, 0, 1)) }

// DaysLeft counts the days of the UTC calendar to the last day: 0 on that day, negative when it is over.
func (w *Waiver) DaysLeft(now time.Time) int {
	const day = 24 * 60 * 60 // a Duration ends after 292 years
	return int((w.Expires.Unix() - now.UTC().Truncate(day*time.Second).Unix()) / day)
}

// Covers reports whether a waiver is for a check on a device, expired or not.
func (w *Waiver) Covers(d *diag.DeviceResult, check string) bool {
	return w.checks[check] && w.Match.device(d)
}

// Apply marks the failing and warning results of a device that a waiver covers, and forgets earlier marks.
// Where several cover one, the first that has not expired counts. An expired one is noted, and does not count.
func (s Set) Apply(d *diag.DeviceResult, now time.Time) {
	var mine []*Waiver
	for i := range s {
		if s[i].Match.device(d) {
			mine = append(mine, &s[i])
		}
	}
	for i := range d.Results {
		r := &d.Results[i]
		r.Waived, r.Waiver = nil, nil
		if r.Status != diag.Fail && r.Status != diag.Warn {
			continue
		}
		for _, w := range mine {
			if !w.checks[r.Check] {
				continue
			}
			if !w.Expired(now) {
				r.Waived, r.Waiver = new(w.String()), w.mark(false)
				break
			}
			if r.Waiver == nil || r.Waiver.Expires < w.LastDay() {
				r.Waiver = w.mark(true)
			}
		}
	}
}

// String says who accepted it, until when and why.
func (w *Waiver) String() string {
	text := fmt.Sprintf("waived by %s until %s: %s", w.Owner, w.LastDay(), w.Reason)
	if w.Ticket != "" {
		text += " (" + w.Ticket + ")"
	}
	return text
}

func (w *Waiver) mark(expired bool) *diag.Waiver {
	return &diag.Waiver{Owner: w.Owner, Expires: w.LastDay(), Reason: w.Reason, Ticket: w.Ticket, Source: w.Source(), Expired: expired}
}
