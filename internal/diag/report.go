package diag

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// SchemaVersion of every JSON document (product contract, section 6).
const SchemaVersion = 1

// Report is a run: a header, the devices and the folded summary. Devices may be read more than once.
type Report struct {
	Tool    Tool
	Run     Run
	Summary Summary
	Devices iter.Seq2[DeviceResult, error]
}

// Tool names this program.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Run is the header of a run. Times are UTC.
type Run struct {
	ID          string    `json:"id"`
	Started     time.Time `json:"started"`
	Finished    time.Time `json:"finished"`
	Mode        string    `json:"mode"` // run, collect, check or demo
	Interrupted bool      `json:"interrupted"`
	HostKey     string    `json:"host_key"`
	Passive     bool      `json:"passive"`
}

// Succeeded reports whether the run came to its end and examined something.
func (r Run) Succeeded(d DeviceCounts) bool { return !r.Interrupted && d.Examined+d.Partial > 0 }

// State is how far the examination of a device came.
type State string

// The states (product contract, section 4).
const (
	Examined     State = "examined"
	Partial      State = "partial"
	Unreachable  State = "unreachable"
	HostKey      State = "host-key"
	AuthRejected State = "auth-rejected"
	NotReached   State = "not-run"
	Failed       State = "error"
)

// Answered reports whether the device answered at all: what it did not say then it does not have.
func (s State) Answered() bool { return s == Examined || s == Partial }

// Depth ranks states by how little is known of the device: 0 all that was asked, 1 a part, 2 nothing.
func (s State) Depth() int {
	switch s {
	case Examined:
		return 0
	case Partial:
		return 1
	}
	return 2
}

// Words is the state with the class of what went wrong, where that says more: "unreachable (refused)", "auth-rejected".
func (s State) Words(why *Fault) string {
	if why == nil || why.Class == "" || strings.ReplaceAll(why.Class, "_", "-") == string(s) {
		return string(s)
	}
	return fmt.Sprintf("%s (%s)", s, why.Class)
}

// Fault is why a device is not examined.
type Fault struct {
	Class   string `json:"class"`
	Stage   string `json:"stage"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// DeviceResult is one device of a run.
type DeviceResult struct {
	Name      string            `json:"name"`
	Address   string            `json:"address"`
	Tags      map[string]string `json:"tags"`
	Groups    []string          `json:"groups"`
	State     State             `json:"state"`
	Error     *Fault            `json:"error"`
	Notices   []Fault           `json:"notices"` // what went wrong without ending the session: enable that failed
	ElapsedMS int64             `json:"elapsed_ms"`
	Platform  *Platform         `json:"platform"`
	Topology  *Topology         `json:"topology"`
	Deadline  *Deadline         `json:"deadline"`
	Traits    map[string]string `json:"traits"`               // what devices of one kind should have in common; unknown ones are left out
	Facts     *Holdings         `json:"facts"`                // nil when no licence answer was read, and in runs of programs that did not record it
	Reports   *ReportLog        `json:"report_log,omitempty"` // of vManage whose log was read; nil for every other device
	Commands  []CommandResult   `json:"commands"`
	Results   []Result          `json:"results"`
}

// Platform is what the device is. Fields that it does not print are "".
type Platform struct {
	OS       string `json:"os"`
	Release  string `json:"release"`
	PID      string `json:"pid"`
	Serial   string `json:"serial"`
	Hostname string `json:"hostname"`
}

// UDI names the unit that answered: "PID:C9300-24UX,SN:FCW2303D16Y"; "" when it is not known.
func (p *Platform) UDI() string {
	if p == nil || p.Serial == "" {
		return ""
	}
	return "PID:" + p.PID + ",SN:" + p.Serial
}

// Holdings is what a device has and a change may cost it. A nil list or text is not known; an empty list
// means that the device said it has none.
type Holdings struct {
	UDIs     []string       `json:"udis"`     // of every unit, as the device writes them: "PID:C9300-24UX,SN:FCW2303D16Y"; sorted
	Trust    []string       `json:"trust"`    // the units with a trust code installed, by UDI; sorted
	Licenses []string       `json:"licenses"` // in use, name and tag; sorted
	Counts   map[string]int `json:"counts"`   // units in use, by the words of Licenses; those without a count are left out
	LastACK  *string        `json:"last_ack"` // the device's text; "" when it never had one
	Clock    *string        `json:"clock"`    // the device's own time when it was asked
}

// Deadline is the next required acknowledgement, by the device's own clock.
type Deadline struct {
	State    string  `json:"state"`     // due, passed, not-required or unknown
	NextACK  *string `json:"next_ack"`  // the device's text
	AsOf     *string `json:"as_of"`     // the device's own time
	DaysLeft *int    `json:"days_left"` // floor; negative when passed; nil unless due or passed
}

// CommandResult is how one command of the plan ended.
type CommandResult struct {
	Line          string  `json:"line"`
	Outcome       Outcome `json:"outcome"`
	ElapsedMS     int64   `json:"elapsed_ms"`
	Lines         int     `json:"lines"`
	UnparsedLines int     `json:"unparsed_lines"`
	Why           string  `json:"why,omitempty"` // why it was not run
}

// Result is one check on one device.
type Result struct {
	Check    string     `json:"check"`
	Status   Status     `json:"status"`
	Reason   *Reason    `json:"reason"`
	Severity Severity   `json:"severity"`
	Summary  string     `json:"summary"`
	Message  Message    `json:"message"`
	Key      string     `json:"key"`
	CausedBy *string    `json:"caused_by"`
	Waived   *string    `json:"waived"`           // who accepted it, until when and why; it does not count as a finding
	Waiver   *Waiver    `json:"waiver,omitempty"` // behind Waived; without Waived it has expired, and the finding counts
	Evidence []Evidence `json:"evidence"`
	Fixes    []Fix      `json:"fixes"`
}

// Waiver is the acceptance of a finding.
type Waiver struct {
	Owner   string `json:"owner"`   // who answers for it
	Expires string `json:"expires"` // the last day it holds, to the end of that day in UTC: "2026-06-30"
	Reason  string `json:"reason"`
	Ticket  string `json:"ticket"`  // "" when there is none
	Source  string `json:"source"`  // where it is written: "waivers.yaml:12"
	Expired bool   `json:"expired"` // it holds no longer
}

// TopologyUnknown reports a result that is unknown only because nobody knows whether its check applies.
func (r Result) TopologyUnknown() bool { return strings.HasSuffix(r.Message.ID, "."+noTopology) }

// Words is the verdict in a few words: "pass", "fail (high)", "unknown (refused)".
func (r Result) Words() string {
	switch {
	case r.Status == Unknown && r.Reason != nil:
		return fmt.Sprintf("unknown (%s)", *r.Reason)
	case r.Status == Fail && r.Waived != nil:
		return fmt.Sprintf("fail (%s, waived)", r.Severity)
	case r.Status == Fail:
		return fmt.Sprintf("fail (%s)", r.Severity)
	case r.Waived != nil:
		return string(r.Status) + " (waived)"
	}
	return string(r.Status)
}

// Message is the language-neutral form of a summary.
type Message struct {
	ID   string `json:"id"`
	Args Args   `json:"args"`
}

// Evidence is the device's own words behind a verdict.
type Evidence struct {
	Command string `json:"command"`
	Line    int    `json:"line"` // 1-based in the stored capture
	Text    string `json:"text"`
	Source  *Place `json:"source,omitempty"` // of a pasted log
}

// Place is a line of a file.
type Place struct {
	Path string `json:"path"`
	Line int    `json:"line"`
}

// Summary is the folded run.
type Summary struct {
	Devices  DeviceCounts     `json:"devices"`
	Findings map[Severity]int `json:"findings"` // critical, high, medium, low
	Warnings int              `json:"warnings"`
	Waived   int              `json:"waived"` // what would count as a finding or a warning without its waiver
	Coverage Coverage         `json:"coverage"`
	Causes   []Cause          `json:"causes"`
	Waivers  []WaivedCause    `json:"waivers"`   // what waivers cover, and what expired ones no longer cover
	Radar    []DeadlineAhead  `json:"deadlines"` // nearest first
	Outliers []Outlier        `json:"outliers"`
}

// DeadlineAhead is a device whose next acknowledgement is required, and what stands in its way.
type DeadlineAhead struct {
	Device    string  `json:"device"`
	NextACK   string  `json:"next_ack"`   // the device's text
	DaysLeft  int     `json:"days_left"`  // by its own clock; negative when passed
	BlockedBy *string `json:"blocked_by"` // the check that is the root cause; nil when nothing fails on the way
}

// Outlier is a trait in which a few devices differ from nearly all others of their kind.
type Outlier struct {
	Scope    string      `json:"scope"` // "group campus", "tag site=tokyo", "tag site=tokyo, C9300"
	Trait    string      `json:"trait"`
	Majority string      `json:"majority"` // the value nearly all have
	Agree    int         `json:"agree"`    // how many have it
	Total    int         `json:"total"`    // how many were compared
	Odd      []OddDevice `json:"odd"`      // in inventory order
}

// OddDevice is a device that differs.
type OddDevice struct {
	Device string `json:"device"`
	Value  string `json:"value"`
}

// DeviceCounts counts devices by state.
type DeviceCounts struct {
	Total        int `json:"total"`
	Examined     int `json:"examined"`
	Partial      int `json:"partial"`
	Unreachable  int `json:"unreachable"`
	AuthRejected int `json:"auth_rejected"`
	HostKey      int `json:"host_key"`
	Error        int `json:"error"`
	NotRun       int `json:"not_run"`
}

// Coverage is how much of the plan was answered and decided.
type Coverage struct {
	Commands struct {
		Planned  int `json:"planned"`
		OK       int `json:"ok"`
		Refused  int `json:"refused"`
		TimedOut int `json:"timed_out"`
		Cut      int `json:"cut"`
		NotRun   int `json:"not_run"`
	} `json:"commands"`
	Checks struct {
		Decided int `json:"decided"`
		Unknown int `json:"unknown"`
	} `json:"checks"`
	UnparsedLines int `json:"unparsed_lines"`
}

// Cause is one root cause and the devices that share it.
type Cause struct {
	Check        string   `json:"check"`
	Key          string   `json:"key"`
	Status       Status   `json:"status"`
	Severity     Severity `json:"severity"`
	Summary      string   `json:"summary"`
	Devices      []string `json:"devices"`
	Consequences int      `json:"consequences"`
	Fixes        []Fix    `json:"fixes"`
}

// WaivedCause is a finding or a warning that one waiver covers, or covered until it expired, and the devices
// that share it. One that has expired stands among the causes too.
type WaivedCause struct {
	Cause
	Waiver Waiver `json:"waiver"`
}
