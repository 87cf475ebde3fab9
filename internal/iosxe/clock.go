package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// ShowClock asks for the device's clock and its mark.
var ShowClock = query("show clock", "clock and whether it is authoritative", mostly(parseClock))

// ShowClockDetail asks for the clock and where its time comes from.
var ShowClockDetail = query("show clock detail", "time source", mostly(parseClock))

func parseClock(t *text, s *Stamp) {
	if t.stamp != nil {
		s.Source = timeSource(t, t.stamp)
	}
	for r := range t.open() {
		if _, ok := diag.ParseDeviceTime(r.text); ok {
			s.Time, s.Mark = clockAt(r.text, t.use(r))
		} else if source := timeSource(t, r); source.Known() {
			s.Source = source
			t.use(r)
		}
	}
	t.drop("Summer time ")
}

// timeSource reads "Time source is NTP", with or without a time behind it, and "No time source".
func timeSource(t *text, r *row) diag.Value[string] {
	source, _, _ := strings.Cut(r.text, ",")
	if name, ok := strings.CutPrefix(source, "Time source is "); ok {
		return diag.Present(name, t.at(r))
	}
	if source == "No time source" {
		return diag.None[string](t.at(r))
	}
	return diag.Value[string]{}
}
