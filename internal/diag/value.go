package diag

import "encoding/json"

// Source is where a fact was read: the exact line that was sent, and the line of its answer.
// The zero Source means "nowhere".
type Source struct {
	Command string // the line as sent, for example "show license status"
	Line    int    // 1-based line of the stored capture; 0 when the whole answer is meant
	Text    string // the device's own words on that line, masked
}

// Reason says why something is not known. The empty Reason means that nothing is missing.
type Reason string

// The reasons of an unknown verdict (product contract, section 4).
const (
	Refused      Reason = "refused"       // the device refused the command
	TimedOut     Reason = "timed-out"     // no complete answer in time
	Cut          Reason = "cut"           // the answer, or its file, is incomplete
	Unparsed     Reason = "unparsed"      // an answer that no rule understands
	NotCollected Reason = "not-collected" // not asked: a flag, passive mode, a file that was not given
	Absent       Reason = "absent"        // this release does not print it
	Manual       Reason = "manual"        // cannot be seen over SSH
	Blocked      Reason = "blocked"       // could not be asked because its cause failed
	Internal     Reason = "internal"      // a defect of this program
)

type presence uint8

const (
	presenceAbsent presence = iota
	presenceNone
	presencePresent
)

// Value is one field of a device's answer. It is present (with a value), none (the device printed
// <none>, <empty> or Not Configured) or absent (this answer does not carry it, with the reason).
// The zero Value is absent without a reason, which counts as Absent.
//
// There is no way to read a Value that forgets absence: Need ends the verdict as unknown, Peek makes
// the caller spell out what absence means.
type Value[T any] struct {
	state  presence
	value  T
	reason Reason
	source Source
}

// Present is a field that the device printed.
func Present[T any](v T, at Source) Value[T] {
	return Value[T]{state: presencePresent, value: v, source: at}
}

// None is a field that the device printed as empty.
func None[T any](at Source) Value[T] { return Value[T]{state: presenceNone, source: at} }

// Missing is a field that could not be read, and why.
func Missing[T any](why Reason) Value[T] { return Value[T]{reason: why} }

// Known reports whether the device said anything about the field: present or none.
func (v Value[T]) Known() bool { return v.state != presenceAbsent }

// IsNone reports whether the device printed the field as empty.
func (v Value[T]) IsNone() bool { return v.state == presenceNone }

// Peek returns the value and whether it is present. False means none or absent: use it only where
// absence can not turn into a pass, and Need everywhere else.
func (v Value[T]) Peek() (T, bool) { return v.value, v.state == presencePresent }

// Why is the reason of absence: Absent when nobody gave a better one, "" when the field is known.
func (v Value[T]) Why() Reason {
	switch {
	case v.Known():
		return ""
	case v.reason == "":
		return Absent
	}
	return v.reason
}

// Source is where the field was read; zero when it is absent.
func (v Value[T]) Source() Source { return v.source }

// Or returns v if it is known, else w: the same field from a second command. If neither is known,
// the more telling reason stays: anything says more than Absent, and Absent more than NotCollected.
func (v Value[T]) Or(w Value[T]) Value[T] {
	switch {
	case v.Known():
		return v
	case w.Known():
		return w
	case telling(v.Why()) >= telling(w.Why()):
		return v
	}
	return w
}

func telling(r Reason) int {
	switch r {
	case NotCollected:
		return 0
	case Absent:
		return 1
	}
	return 2
}

// IsZero reports absence, so that the json option omitzero leaves absent fields out.
func (v Value[T]) IsZero() bool { return !v.Known() }

// MarshalJSON prints the value, or null when the device printed none.
func (v Value[T]) MarshalJSON() ([]byte, error) {
	if v.state != presencePresent {
		return []byte("null"), nil
	}
	return json.Marshal(v.value)
}
