package diag

import (
	"slices"
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

// ParseDeviceTime reads the layouts that IOS XE prints: "Feb 06 22:52:03 2024 PDT" of the licence commands,
// "[*.]11:04:51.711 PDT Fri Sep 1 2023" of the clock and "00:34:52 UTC Nov 20 2015" of certificates.
// It reports false for anything else. It uses no regular expression: an answer holds a hundred times.
func ParseDeviceTime(s string) (DeviceTime, bool) {
	s = strings.TrimSpace(s)
	var w [6]string
	n := 0
	for rest := s; rest != ""; n++ {
		if n == len(w) {
			return DeviceTime{}, false
		}
		i := strings.IndexByte(rest, ' ')
		if i < 0 {
			i = len(rest)
		}
		w[n], rest = rest[:i], strings.TrimLeft(rest[i:], " ")
	}
	switch {
	case n == 4 || n == 5 && len(w[0]) == 3: // month day clock year [zone]
		return wallTime(s, w[0], w[1], w[2], w[3], w[4])
	case n == 5: // clock zone month day year
		return wallTime(s, w[2], w[3], strings.TrimLeft(w[0], "*."), w[4], w[1])
	case n == 6: // clock zone weekday month day year
		return wallTime(s, w[3], w[4], strings.TrimLeft(w[0], "*."), w[5], w[1])
	}
	return DeviceTime{}, false
}

func wallTime(text, month, day, clock, year, zone string) (DeviceTime, bool) {
	m := slices.Index(months, month) + 1
	d, okDay := digits(day, 1, 2)
	y, okYear := digits(year, 4, 4)
	hour, clock, okHour := strings.Cut(clock, ":")
	minute, second, okMinute := strings.Cut(clock, ":")
	second, fraction, _ := strings.Cut(second, ".")
	h, ok1 := digits(hour, 1, 2)
	mi, ok2 := digits(minute, 2, 2)
	se, ok3 := digits(second, 2, 2)
	if m == 0 || !(okDay && okYear && okHour && okMinute && ok1 && ok2 && ok3) || h > 23 || mi > 59 || se > 59 ||
		strings.Trim(fraction, "0123456789") != "" {
		return DeviceTime{}, false
	}
	t := time.Date(y, time.Month(m), d, h, mi, se, 0, time.UTC)
	if t.Day() != d {
		return DeviceTime{}, false
	}
	return DeviceTime{Text: text, Zone: zone, wall: t}, true
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// digits reads a number of least to most decimal digits.
func digits(s string, least, most int) (n int, ok bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
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
