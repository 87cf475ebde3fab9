package iosxe

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
)

// Logging is the answer to `show logging`, filtered or whole.
type Logging struct {
	// Events are the messages in the order of the buffer, which decides about before and after: timestamps
	// jump with the clock.
	Events []message.Event `json:"events,omitempty"`
	// Buffering is whether the device keeps messages in its buffer. Only the whole answer says so.
	Buffering   diag.Value[bool] `json:"buffering,omitzero"`
	BufferBytes diag.Value[int]  `json:"buffer_bytes,omitzero"`
}

// ShowLogging asks for the log lines about licensing, call home, certificates and restarts.
var ShowLogging = query("show logging | include SMART_LIC|CALL_HOME|PKI-|LICENSE-|CUBE-|SYS-5-RESTART",
	"log messages about licensing", mostly(parseLogging), mayBeEmpty)

// Find lists the SMART_LIC events of the given mnemonics, in the order of the buffer.
func (l *Logging) Find(mnemonics ...string) []message.Event {
	var out []message.Event
	for _, e := range l.Events {
		if e.Facility == "SMART_LIC" && slices.Contains(mnemonics, e.Mnemonic) {
			out = append(out, e)
		}
	}
	return out
}

func parseLogging(t *text, l *Logging) {
	first := len(t.rows) // of the buffer
	for i := range t.rows {
		r := &t.rows[i]
		if n, ok := between(r.text, "Log Buffer (", " bytes"); ok && r.colon {
			put(&l.BufferBytes, t, r, n, leadingInt)
			first = i + 1
		} else if r.key == "Buffer logging" {
			l.Buffering = diag.Present(!strings.HasPrefix(r.value, "disabled"), t.use(r))
		}
	}
	for e := range message.Events(t.numbered()) {
		l.Events = append(l.Events, e)
	}
	next := 0
	for i := range t.rows {
		r := &t.rows[i]
		for next < len(l.Events) && l.Events[next].EndLine < r.num {
			next++
		}
		inEvent := next < len(l.Events) && l.Events[next].Line <= r.num
		if inEvent || i >= first { // the buffer also holds messages without a name, and cut ones
			t.use(r)
		}
	}
	for r := range t.open() {
		if strings.Contains(r.text, " message lines ") || strings.HasPrefix(r.text, "link ") {
			t.use(r) // about a log server, wrapped
		}
	}
	t.drop("Syslog logging:", "No Active Message", "No Inactive Message", "Console logging:", "Monitor logging:",
		"filtering disabled", "Exception Logging:", "Count and timestamp", "File logging:", "Persistent logging:",
		"No active filter modules", "Trap logging:", "Logging to ", "Logging Source-Interface:", "TLS Profiles:",
		"ESM:", "xml disabled")
}

// numbered yields all rows as lines of the answer.
func (t *text) numbered() func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		for i := range t.rows {
			if !yield(t.rows[i].num, t.rows[i].raw()) {
				return
			}
		}
	}
}
