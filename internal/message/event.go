package message

import (
	"time"

	"slpdoctor/internal/diag"
)

// Event is one message of a log.
type Event struct {
	Line     int    `json:"line"`           // where it begins, 1-based
	EndLine  int    `json:"end_line"`       // its last line: the same unless it was wrapped
	Host     string `json:"host,omitempty"` // the device or relay that a collector put before it
	Stamp    Stamp  `json:"stamp,omitzero"`
	Facility string `json:"facility"` // SMART_LIC, CALL_HOME, PKI, SYS, ...; an XR-style "LICENSE-" is left out
	Severity int    `json:"severity"` // 0 emergency to 7 debugging; differs between releases for one mnemonic
	Mnemonic string `json:"mnemonic"`
	Text     string `json:"text"` // behind the colon, blanks folded, wrapped lines joined
	// Cut is true when the message is catalogued but its text has another shape: other output stands in
	// the middle of it, or the release words it differently.
	Cut bool `json:"cut,omitempty"`
	// Vars are the values of the variables of the catalogue's template, by their names; nil when the
	// message has none, is not catalogued, or is cut. Events with the same text share them.
	Vars map[string]string `json:"vars,omitempty"`

	raw string
}

// ID is facility and mnemonic: what identifies a message in all releases.
func (e Event) ID() string { return e.Facility + "-" + e.Mnemonic }

// Source is the event as evidence: the line where it begins, in the device's own words.
func (e Event) Source(command string) diag.Source {
	return diag.Source{Command: command, Line: e.Line, Text: e.raw}
}

// Stamp is the timestamp of a log line in the device's own words. The zero Stamp means that the line has
// none.
type Stamp struct {
	Text   string `json:"text"`
	Mark   string `json:"mark,omitempty"`   // "*" clock not authoritative, "." NTP lost, "" good
	Zone   string `json:"zone,omitempty"`   // a free label of the device
	Uptime bool   `json:"uptime,omitempty"` // time since the start ("1d02h"), no date

	wall    time.Time
	hasYear bool
}

// IsZero reports a line without timestamp.
func (s Stamp) IsZero() bool { return s.Text == "" }

// HasYear reports whether the line itself says which year it is from.
func (s Stamp) HasYear() bool { return s.hasYear }

// At is the moment as the device's clock showed it. Log lines rarely carry the year, so now, the device's
// clock at the time of the capture, gives it: the latest year that does not put the event more than a day
// after now. It reports false when there is no date, or neither a year nor a now.
func (s Stamp) At(now diag.DeviceTime) (diag.DeviceTime, bool) {
	if s.wall.IsZero() || (!s.hasYear && now.IsZero()) {
		return diag.DeviceTime{}, false
	}
	wall := s.wall
	if !s.hasYear {
		wall = inYear(wall, now.Year())
		if wall.Sub(now.Wall()) > 24*time.Hour {
			wall = inYear(wall, now.Year()-1)
		}
	}
	d, ok := diag.ParseDeviceTime(wall.Format("Jan 02 15:04:05 2006"))
	d.Text, d.Zone = s.Text, s.Zone
	return d, ok
}

func inYear(t time.Time, year int) time.Time {
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
