package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// YangProcesses is the answer to `show platform software yang-management process`.
type YangProcesses struct {
	Processes []YangProcess `json:"processes,omitempty"`
}

// YangProcess is one process of the NETCONF and RESTCONF servers.
type YangProcess struct {
	At      diag.Source `json:"-"`
	Name    string      `json:"name"` // confd, nesd, syncfd, ncsshd, dmiauthd, nginx, ...
	Running bool        `json:"running"`
}

// Running reports whether the process is running; absent when the answer does not list it.
func (t *YangProcesses) Running(name string) diag.Value[bool] {
	for _, p := range t.Processes {
		if p.Name == name {
			return diag.Present(p.Running, p.At)
		}
	}
	return diag.Missing[bool](diag.Absent)
}

// Throughput is the answer to `show platform hardware throughput level` and `... crypto`. No real sample
// is known.
type Throughput struct {
	Level      diag.Value[string] `json:"level,omitzero"`      // "1000000 kb/s"
	Crypto     diag.Value[string] `json:"crypto,omitzero"`     // "250M", as enforced now
	Configured diag.Value[string] `json:"configured,omitzero"` // the crypto level that was configured
	Boot       diag.Value[string] `json:"boot_level,omitzero"` // "network-premier"
}

// ShowYangProcesses asks which processes of NETCONF and RESTCONF run.
var ShowYangProcesses = query("show platform software yang-management process", "NETCONF and RESTCONF processes", mostly(parseYangProcesses),
	entry(func(c *diag.Command) {
		c.Needs = targetNeeds
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) {
			if config, why := RunningServices.Partial(f); why == "" && config != nil && !config.Has("netconf-yang") && !config.Has("restconf") {
				return "", diag.NotSent{Reason: diag.NotCollected, Detail: "neither NETCONF nor RESTCONF is configured"}
			}
			if controlled(f) {
				return c.String(), diag.NotSent{}
			}
			return askCollected(f, c)
		}
		c.Wave = 1
	}))

// controlled reports a device for which a controller reports, as declared or else as show version says.
func controlled(f *diag.Facts) bool {
	if f.Device.Topology != "" {
		return f.Device.Topology.Family() == diag.CT
	}
	version, _ := ShowVersion.Partial(f)
	if version == nil {
		return false
	}
	mode, _ := version.Mode.Peek()
	return strings.HasPrefix(mode, "Controller")
}

// ShowThroughputLevel asks for the throughput level of a router.
var ShowThroughputLevel = query("show platform hardware throughput level", "throughput level of a router", mostly(parseThroughput))

// ShowThroughputCrypto asks for the crypto throughput of a router.
var ShowThroughputCrypto = query("show platform hardware throughput crypto", "crypto throughput level of a router", mostly(parseThroughput))

func parseYangProcesses(t *text, p *YangProcesses) {
	for r := range t.open() {
		if running := r.value == "Running"; running || r.value == "Not Running" {
			p.Processes = append(p.Processes, YangProcess{At: t.use(r), Name: r.key, Running: running})
		}
	}
}

func parseThroughput(t *text, p *Throughput) {
	for r := range t.open() {
		if level, ok := strings.CutPrefix(r.text, "The current throughput level is "); ok {
			put(&p.Level, t, r, level, verbatim)
		} else if level, ok := strings.CutPrefix(r.text, "Current boot level is "); ok {
			put(&p.Boot, t, r, level, verbatim)
		} else {
			throughputFields.set(p, t, r)
		}
	}
	t.drop("Level is ", "Crypto Throughput is ", "Default Crypto throughput level:", "Default throughput level:")
}

var throughputFields = fields[Throughput]{
	"Current configured crypto throughput level": words(func(p *Throughput) *diag.Value[string] { return &p.Configured }),
	"Current enforced crypto throughput level":   words(func(p *Throughput) *diag.Value[string] { return &p.Crypto }),
}
