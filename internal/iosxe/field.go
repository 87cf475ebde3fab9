package iosxe

import (
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
)

// fields is what a section of an answer holds: for every key the rule that reads its row into a T. A rule
// returns false when the value has a shape it does not know; the row then stays unparsed and the field
// absent.
type fields[T any] map[string]rule[T]

type rule[T any] func(*T, *text, *row) bool

// set applies the rule of the row's key; false when there is none or when it does not understand the value.
func (f fields[T]) set(v *T, t *text, r *row) bool {
	rule := f[r.key]
	return rule != nil && rule(v, t, r)
}

// none reports the spellings of "nothing here".
func none(s string) bool {
	switch s {
	case "", "<none>", "<empty>", "None", "Not Configured":
		return true
	}
	return false
}

// put stores the value of a row: none when it is spelled as nothing, else what convert makes of it.
func put[V any](f *diag.Value[V], t *text, r *row, s string, convert func(string) (V, bool)) bool {
	if f == nil {
		return false
	}
	if none(s) {
		*f = diag.None[V](t.use(r))
		return true
	}
	v, ok := convert(s)
	if ok {
		*f = diag.Present(v, t.use(r))
	}
	return ok
}

// words is a rule for a field that keeps the device's words. The accessors of all rules may return nil when
// there is nothing to set: the row then stays unparsed.
func words[T any](f func(*T) *diag.Value[string]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, r.value, verbatim) }
}

// count is a rule for a field that is a number, whatever word stands after it: "30 days", "1".
func count[T any](f func(*T) *diag.Value[int]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, r.value, leadingInt) }
}

// flag is a rule for a field that is on or off.
func flag[T any](f func(*T) *diag.Value[bool]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, r.value, onOff) }
}

// moment is a rule for a field that is a time of the device.
func moment[T any](f func(*T) *diag.Value[diag.DeviceTime]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, r.value, diag.ParseDeviceTime) }
}

// list is a rule for a field that is a list of words with commas between them.
func list[T any](f func(*T) *diag.Value[[]string]) rule[T] {
	return func(v *T, t *text, r *row) bool { return put(f(v), t, r, r.value, commaList) }
}

// skip is a rule for a row that is known and not used.
func skip[T any](_ *T, t *text, r *row) bool {
	t.use(r)
	return true
}

func verbatim(s string) (string, bool) { return s, true }

// leadingInt reads the digits at the beginning of s.
func leadingInt(s string) (int, bool) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	return n, err == nil
}

func onOff(s string) (on, ok bool) {
	switch s {
	case "ENABLED", "Enabled", "enabled", "enable", "True", "true", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "DISABLED", "Disabled", "disabled", "disable", "False", "false", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

func commaList(s string) ([]string, bool) {
	parts := strings.Split(s, ",")
	out := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out, true
}

// firstWord is s up to its first blank, and the rest.
func firstWord(s string) (word, rest string) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimLeft(s[i:], " \t")
	}
	return s, ""
}

// Stamp is a reading of the device's clock: what stands before an answer when exec prompt timestamps are
// on, and what show clock prints (knowledge 0.5).
type Stamp struct {
	Time   diag.Value[diag.DeviceTime] `json:"time,omitzero"`
	Source diag.Value[string]          `json:"source,omitzero"` // NTP, hardware calendar ...; none: no time source
	Mark   diag.Value[string]          `json:"mark,omitzero"`   // "*" not authoritative, "." authoritative but NTP lost; none: good
}

// stampOf reads "Time source is NTP, .13:28:08.565 UTC Tue Jan 11 2022" and "No time source, *17:05:54 ...".
func stampOf(t *text, r *row) (s Stamp) {
	if r == nil {
		return s
	}
	source, clock, found := strings.Cut(r.text, ", ")
	if !found {
		return s
	}
	at := t.at(r)
	s.Time, s.Mark = clockAt(clock, at)
	if name, ok := strings.CutPrefix(source, "Time source is "); ok {
		s.Source = diag.Present(name, at)
	} else {
		s.Source = diag.None[string](at)
	}
	return s
}

// clockAt reads the line of show clock with its mark; both are absent when s is not one.
func clockAt(s string, at diag.Source) (when diag.Value[diag.DeviceTime], mark diag.Value[string]) {
	d, ok := diag.ParseDeviceTime(s)
	if !ok {
		return when, mark
	}
	when = diag.Present(d, at)
	if s[0] == '*' || s[0] == '.' {
		return when, diag.Present(s[:1], at)
	}
	return when, diag.None[string](at)
}
