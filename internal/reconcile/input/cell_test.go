package input

import (
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "298": 298, " 298 ": 298, "1,234": 1234, "1.234": 1234, "1 234": 1234, "1'234": 1234, "1\u00a0234": 1234, "1\u202f234": 1234,
		"1,234,567": 1234567, "12,34,567": 1234567, "298.00": 298, "298,0": 298, "1,234.00": 1234, "1.234,00": 1234, "-7": -7, "(7)": -7, "\u22127": -7,
		"- 7": -7, "+7": 7, "-1,234": -1234, "1.5E3": 1500, "000000000000000000000298": 298, "-0": 0, "1000000000000": 1000000000000,
	} {
		if n, err := number(text, true); err != nil || n == nil || *n != want {
			t.Errorf("%q: %v, %v; want %d", text, n, err, want)
		}
	}
	for _, text := range []string{"", " ", "-", "--", "\u2014", "N/A", "null", "None"} {
		if n, err := number(text, false); err != nil || n != nil {
			t.Errorf("%q: %v, %v; want none", text, n, err)
		}
	}
	for text, want := range map[string]error{
		"5.5": errNumber, "1,23": errNumber, "1234,567": errNumber, "1,2345": errNumber, "1,,234": errNumber, "1.234.5": errNumber, "many": errNumber,
		"5x": errNumber, "0x10": errNumber, "1e": errNumber, "NaN": errNumber, "()": errNumber, "--5": errNumber, "1.5E0": errNumber, "1_000": errNumber, "5%": errNumber,
		"1e30": errNumber, "-5": errNegative, "(5)": errNegative, "1000000000001": errLarge, "9223372036854775808": errLarge,
	} {
		if n, err := number(text, false); err != want || n != nil { //nolint:errorlint // the very error is meant
			t.Errorf("%q: %v, %v; want %v", text, n, err, want)
		}
	}
}

func TestInstant(t *testing.T) {
	noon := time.Date(2025, 8, 21, 20, 49, 52, 0, time.UTC)
	for text, want := range map[string]struct {
		at    time.Time
		zoned bool
	}{
		"2025-Aug-21 20:49:52":          {noon, false},
		"2025-08-21 20:49:52":           {noon, false},
		"2025-08-21T20:49:52Z":          {noon, true},
		"2025-08-21T22:49:52+02:00":     {noon, true},
		"2025-08-21T20:49:52.000Z":      {noon, true},
		"2025-08-21 20:49:52 UTC":       {noon, true},
		"21 Aug 2025 08:49:52 PM":       {noon, false},
		"21 Aug 2025 20:49:52 PM":       {noon, false},
		"Aug 21, 2025 8:49:52 PM":       {noon, false},
		"Aug 21, 2025, 8:49:52\u202fPM": {noon, false},
		"08/21/2025 20:49:52":           {noon, false},
		"21/08/2025 20:49:52":           {noon, false},
		"21.08.2025 20:49:52":           {noon, false},
		"Thu Aug 21 20:49:52 2025":      {noon, false},
		"2025-08-21":                    {noon.Truncate(24 * time.Hour), false},
		"18 Jul 2025 12:44:23 PM":       {time.Date(2025, 7, 18, 12, 44, 23, 0, time.UTC), false},
		"18 Jul 2025 12:44:23 AM":       {time.Date(2025, 7, 18, 0, 44, 23, 0, time.UTC), false},
	} {
		if at, zoned, ok := instant(text); !ok || !at.Equal(want.at) || zoned != want.zoned {
			t.Errorf("%q: %v, %v, %v", text, at, zoned, ok)
		}
	}
	for _, text := range []string{"", "never", "08/09/2025", "1925-08-21", "12345678901", "2025-13-41", "21 Aug"} {
		if at, _, ok := instant(text); ok {
			t.Errorf("%q: %v", text, at)
		}
	}
}
