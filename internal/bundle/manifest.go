package bundle

import (
	"time"

	"slpdoctor/internal/diag"
)

// Manifest says which run a bundle keeps.
type Manifest struct {
	Tool    diag.Tool
	Run     diag.Run // Finished is zero until the run has ended
	Options Options
	Devices []diag.Device // what was planned, in inventory order; names are unique
}

// Options are the options of a run that change its verdicts.
type Options struct {
	Checks      []string `json:"checks,omitempty"`       // as given; empty: all
	Skip        []string `json:"skip,omitempty"`         // as given
	RunnerClock string   `json:"runner_clock,omitempty"` // auto, synced or unsynced
}

// Evidence is everything there is about one device.
type Evidence struct {
	Device   diag.Device
	State    diag.State
	Fault    *diag.Fault   // why State is not Examined
	Elapsed  time.Duration // of the session, in whole milliseconds when read from a bundle
	Captures []diag.Capture

	// Only when read:
	Hostname string // the name in the device's prompt, "" when none was seen
	Unused   []Note // what was found beside the captures and is not used
}

// Note says what was found and not used, or only in part, and why.
type Note struct {
	Path string
	Line int // 1-based; 0 when the whole file is meant
	Text string
}

// Files of a bundle.
const (
	manifestFile = "manifest.json"
	devicesDir   = "devices"
	deviceFile   = "device.json"
	runFile      = "run.json"
	bundleKind   = "bundle"
	temporary    = ".tmp-" // begins the name of what is not complete; no folder of a device begins with a dot
)

// manifestJSON is manifest.json.
type manifestJSON struct {
	Schema  int          `json:"schema"`
	Kind    string       `json:"kind"`
	Tool    diag.Tool    `json:"tool"`
	Run     diag.Run     `json:"run"`
	Options Options      `json:"options"`
	Devices []deviceJSON `json:"devices"`
}

// deviceJSON is a diag.Device; the two convert into each other.
type deviceJSON struct {
	Name     string            `json:"name"`
	Address  string            `json:"address"`
	Tags     map[string]string `json:"tags,omitempty"`
	Groups   []string          `json:"groups,omitempty"`
	Topology diag.TopologyID   `json:"topology,omitempty"`
	Expect   diag.Expect       `json:"expect,omitzero"`
	Platform string            `json:"platform,omitempty"`
}

// recordJSON is device.json.
type recordJSON struct {
	Schema int `json:"schema"`
	deviceJSON
	State     diag.State   `json:"state"`
	Error     *diag.Fault  `json:"error"`
	ElapsedMS int64        `json:"elapsed_ms"`
	Commands  []answerJSON `json:"commands"`
}

// answerJSON is one command of a device and where its answer is kept.
type answerJSON struct {
	Command     string       `json:"command"` // the entry of the catalogue
	Line        string       `json:"line"`
	Outcome     diag.Outcome `json:"outcome"`
	Reason      diag.Reason  `json:"reason,omitempty"` // why it was not sent
	Detail      string       `json:"detail,omitempty"`
	File        string       `json:"file,omitempty"` // "" when there is no answer
	SHA256      string       `json:"sha256,omitempty"`
	Length      int          `json:"length,omitempty"` // bytes
	Sent        time.Time    `json:"sent,omitzero"`
	Received    time.Time    `json:"received,omitzero"`
	ClockSynced bool         `json:"clock_synced"`
}
