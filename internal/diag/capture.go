package diag

import "time"

// Outcome is how a command ended.
type Outcome string

// The outcomes (product contract, section 6).
const (
	OK          Outcome = "ok"
	WasRefused  Outcome = "refused"
	WasTimedOut Outcome = "timed-out"
	WasCut      Outcome = "cut"
	NotRun      Outcome = "not-run"
)

// Capture is the answer of one device to one command. Its text is masked: nothing unmasked exists
// behind the place where a Capture is made.
type Capture struct {
	Command *Command
	Line    string  // as sent, or as it would have been sent
	Text    string  // masked; line ends are "\n"
	Outcome Outcome // how it ended
	NotSent NotSent // why, when Outcome is NotRun

	Sent, Received time.Time // by the runner's clock; zero when read from a file without times
	ClockSynced    bool      // whether the runner's clock may judge the device's
	Path           string    // the pasted log it was found in; "" for a live answer or a bundle
	FirstLine      int       // line of Path at which Text begins, 1-based; 0 when Path is empty
}

// Why is the reason why the text is not a complete answer, "" when it is.
func (c Capture) Why() Reason {
	switch c.Outcome {
	case OK:
		return ""
	case WasRefused:
		return Refused
	case WasTimedOut:
		return TimedOut
	case NotRun:
		if c.NotSent.Reason != "" {
			return c.NotSent.Reason
		}
		return NotCollected
	}
	return Cut
}

// Elapsed is how long the answer took; 0 when it has no times.
func (c Capture) Elapsed() time.Duration { return c.Received.Sub(c.Sent) }
