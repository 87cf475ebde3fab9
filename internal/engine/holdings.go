package engine

import (
	"cmp"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// holdings is what the device has, for a later run to be compared with; nil when no licence answer was read.
func holdings(f *diag.Facts) *diag.Holdings {
	l := iosxe.LicenseView.Of(f)
	h := diag.Holdings{UDIs: units(l), Trust: trusted(l)}
	h.Licenses, h.Counts = inUse(l)
	switch ack, ok := l.Usage.LastAck.Peek(); {
	case ok:
		h.LastACK = &ack.Text
	case l.Usage.LastAck.IsNone():
		h.LastACK = new("")
	}
	if now, ok := iosxe.Now(f).Peek(); ok {
		h.Clock = &now.Text
	}
	if h.UDIs == nil && h.Trust == nil && h.Licenses == nil && h.LastACK == nil {
		return nil
	}
	return &h
}

// units are the UDIs of every member. A standalone device prints no list, only its own.
func units(l *iosxe.License) []string {
	var out []string
	members, _ := l.HAUDIs.Peek()
	for _, m := range members {
		out = append(out, m.UDI.String())
	}
	return set(append(out, l.Device.String()))
}

// trusted are the units with a trust code; a code without a UDI is the device's own.
func trusted(l *iosxe.License) []string {
	codes, ok := l.TrustCodes.Peek()
	if !ok && !l.TrustCodes.IsNone() {
		return nil
	}
	out := []string{}
	for _, c := range codes {
		if _, installed := c.Installed.Peek(); installed {
			udi, _ := c.UDI.Peek()
			out = append(out, cmp.Or(udi, l.Device.String(), "this device"))
		}
	}
	return append([]string{}, set(out)...)
}

// inUse are the licences in use and how many units of each. A name that is listed twice with one tag counts twice.
func inUse(l *iosxe.License) ([]string, map[string]int) {
	uses, ok := l.Licenses.Peek()
	if !ok && !l.Licenses.IsNone() {
		return nil, nil
	}
	out, counts := []string{}, map[string]int{}
	for _, u := range uses {
		name, named := u.Name.Peek()
		if status, _ := u.Status.Peek(); !named || strings.HasPrefix(status, "NOT IN USE") {
			continue
		}
		if tag, ok := u.Tag.Peek(); ok && tag != "" {
			name += " (" + tag + ")"
		}
		out = append(out, name)
		if n, ok := u.Count.Peek(); ok {
			counts[name] += n
		}
	}
	return append([]string{}, set(out)...), counts
}

// set sorts words and drops empty and repeated ones; nil when none is left.
func set(words []string) []string {
	words = slices.DeleteFunc(words, func(s string) bool { return s == "" })
	if len(words) == 0 {
		return nil
	}
	slices.Sort(words)
	return slices.Compact(words)
}
