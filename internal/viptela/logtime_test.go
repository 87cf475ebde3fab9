package viptela

import (
	"testing"
	"time"
)

func TestLineTime(t *testing.T) {
	at := time.Date(2025, 7, 17, 9, 11, 12, 123e6, time.UTC)
	for text, zone := range map[string]string{
		"17-Jul-2025 09:11:12,123 UTC ERROR [vmanage-0] x": "UTC",
		"17-July-2025 09:11:12,123 EDT INFO [x]":           "EDT",
		"17-jul-2025 09:11:12.123 INFO x":                  "",
		"2025-07-17 09:11:12,123 ERROR x":                  "",
		"2025-07-17T09:11:12.123Z x":                       "UTC",
		"2025-07-17T18:11:12.123+09:00 x":                  "UTC",
		"2025-07-17 04:11:12.123 -0500 x":                  "UTC",
		"[17-Jul-2025 09:11:12,123 KST] x":                 "KST",
	} {
		if got, z, ok := lineTime([]byte(text)); !ok || !got.Equal(at) || z != zone {
			t.Errorf("%q: %v, %q, %v", text, got, z, ok)
		}
	}
	for _, text := range []string{"", "x", "at com.cisco.X", "17-Jul", "31-Feb-2025 09:11:12", "17-Jul-2025 29:11:12", "17-Foo-2025 09:11:12", "1999-01-01 00:00:00", "2025-07-17"} {
		if got, _, ok := lineTime([]byte(text)); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}
