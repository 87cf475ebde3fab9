package diag

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// DeviceTime is a moment in the device's own words: wall-clock fields without a zone offset. The zone
// word is a free label of the device's configuration and may be wrong for the season, so a DeviceTime
// is never converted to an instant; only two times of the same device can be compared (knowledge 0.5).
// The zero DeviceTime means "no time".
type DeviceTime struct {
	Text string // as printed
	Zone string // the label, for example "UTC" or "pacific"; may be empty
	wall time.Time
}

var (
	timeLicence = regexp.MustCompile(`^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2})(?:\.\d+)? (\d{4})(?: (\S+))?$`)
	timeClock   = regexp.MustCompile(`^[*.]?(\d{1,2}:\d{2}:\d{2})(?:\.\d+)? (\S+)(?: [A-Z][a-z]{2})? ([A-Z][a-z]{2}) +(\d{1,2}) (\d{4})$`)
)

// ParseDeviceTime reads the layouts that IOS XE prints: "Feb 06 22:52:03 2024 PDT" of the licence commands,
// "[*.]11:04:51.711 PDT Fri Sep 1 2023" of the clock and "00:34:52 UTC Nov 20 2015" of certificates.
// It reports false for anything else.
func ParseDeviceTime(s string) (DeviceTime, bool) {
	s = strings.TrimSpace(s)
	var month, day, clock, year, zone string
	if m := timeLicence.FindStringSubmatch(s); m != nil {
		month, day, clock, year, zone = m[1], m[2], m[3], m[4], m[5]
	} else if m := timeClock.FindStringSubmatch(s); m != nil {
		clock, zone, month, day, year = m[1], m[2], m[3], m[4], m[5]
	} else {
		return DeviceTime{}, false
	}
	n, _ := strconv.Atoi(day)
	if n < 10 {
		day = "0" + strconv.Itoa(n)
	}
	if len(clock) == len("1:02:03") {
		clock = "0" + clock
	}
	w, err := time.Parse("Jan 02 15:04:05 2006", month+" "+day+" "+clock+" "+year)
	if err != nil {
		return DeviceTime{}, false
	}
	return DeviceTime{Text: s, Zone: zone, wall: w}, true
}

// DeviceTimeOf is a DeviceTime of fields that a reader took apart itself, as log lines that print no year.
// wall holds the wall-clock fields as if they were UTC.
func DeviceTimeOf(text, zone string, wall time.Time) DeviceTime {
	return DeviceTime{Text: text, Zone: zone, wall: wall}
}

// Sub is t-u as the device's wall clock shows it. The result is off by an hour when summer time changed
// in between. Both times must be of the same device.
func (t DeviceTime) Sub(u DeviceTime) time.Duration { return t.wall.Sub(u.wall) }

// IsZero reports the zero DeviceTime.
func (t DeviceTime) IsZero() bool { return t.wall.IsZero() }

// Year is the year the device printed; 0 for the zero DeviceTime.
func (t DeviceTime) Year() int {
	if t.IsZero() {
		return 0
	}
	return t.wall.Year()
}

// IsEpoch reports 1 January 1970, which the agent prints for "never expires".
func (t DeviceTime) IsEpoch() bool { return t.Year() == 1970 }

// Wall is the printed wall clock as if it were UTC: for arithmetic on differences, never an instant.
func (t DeviceTime) Wall() time.Time { return t.wall }

// String is the device's own text.
func (t DeviceTime) String() string { return t.Text }

// MarshalText keeps the device's own text.
func (t DeviceTime) MarshalText() ([]byte, error) { return []byte(t.Text), nil }

// Days is d in whole days, rounded down: -1 for anything late by up to a day.
func Days(d time.Duration) int {
	n := d / (24 * time.Hour)
	if d < 0 && d%(24*time.Hour) != 0 {
		n--
	}
	return int(n)
}
