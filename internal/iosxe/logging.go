package iosxe

import "slpdoctor/internal/message"

// Logging is the answer to `show logging`, filtered or whole.
type Logging struct {
	// Events are the messages in the order of the buffer, which decides about before and after: timestamps
	// jump with the clock.
	Events []message.Event `json:"events,omitempty"`
}

// ShowLogging asks for the log lines about licensing, call home, certificates and restarts.
var ShowLogging = query(`show logging | include SMART_LIC|CALL_HOME|PKI-|LICENSE-|CUBE-|SYS-5-RESTART`,
	"log messages about licensing", parseLogging, mayBeEmpty)

func parseLogging(*text, *Logging) {}
