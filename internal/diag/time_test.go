package diag_test

import (
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

func TestParseDeviceTime(t *testing.T) {
	for s, want := range map[string]struct{ wall, zone string }{
		"Feb 06 22:52:03 2024 PDT":                {"2024-02-06 22:52:03", "PDT"},
		"Feb  6 22:52:03 2024 pacific":            {"2024-02-06 22:52:03", "pacific"},
		"Jan 01 00:00:00 1970":                    {"1970-01-01 00:00:00", ""},
		"11:04:51.711 PDT Fri Sep 1 2023":         {"2023-09-01 11:04:51", "PDT"},
		"*17:05:54.449 UTC Mon Jul 29 2024":       {"2024-07-29 17:05:54", "UTC"},
		".7:05:54.449 UTC Mon Jul 29 2024":        {"2024-07-29 07:05:54", "UTC"},
		"00:34:52 UTC Nov 20 2015":                {"2015-11-20 00:34:52", "UTC"},
		" Feb 29 00:00:00 2024 UTC ":              {"2024-02-29 00:00:00", "UTC"},
		"":                                        {},
		"<none>":                                  {},
		"Feb 30 00:00:00 2024 UTC":                {},
		"Feb 06 24:00:00 2024 UTC":                {},
		"Feb 06 22:52 2024 UTC":                   {},
		"Feb 06 22:52:03 24 UTC":                  {},
		"Feb 06 22:52:03 2024 UTC and more words": {},
		"Apr 23 04:54:02 2025 UTC (23 hours)":     {},
		"Xyz 06 22:52:03 2024 UTC":                {},
		"22:52:03 UTC Fri Sep x 2023":             {},
	} {
		got, ok := diag.ParseDeviceTime(s)
		if ok != (want.wall != "") {
			t.Errorf("%q: read %v, want %q", s, ok, want.wall)
			continue
		}
		if ok && (got.Wall().Format(time.DateTime) != want.wall || got.Zone != want.zone) {
			t.Errorf("%q: %s zone %q, want %s zone %q", s, got.Wall(), got.Zone, want.wall, want.zone)
		}
	}
}
