package diag

import "maps"

// Device is what the operator declared about a product instance.
type Device struct {
	Name     string
	Address  string
	Tags     map[string]string
	Groups   []string
	Topology TopologyID // declared; "" when it is to be inferred
	Expect   Expect
	Platform string // PlatformVManage, or "" for IOS XE
}

// PlatformVManage is Device.Platform of vManage (Cisco Catalyst SD-WAN Manager), as inventories write it.
const PlatformVManage = "vmanage"

// Expect is what the operator expects of a device; zero fields expect nothing.
type Expect struct {
	URL              string   `json:"url,omitempty" yaml:"url,omitempty"`
	VRF              string   `json:"vrf,omitempty" yaml:"vrf,omitempty"`
	SourceInterface  string   `json:"source_interface,omitempty" yaml:"source_interface,omitempty"`
	NameServers      []string `json:"name_servers,omitempty" yaml:"name_servers,omitempty"`
	NTPServers       []string `json:"ntp_servers,omitempty" yaml:"ntp_servers,omitempty"`
	SmartAccount     string   `json:"smart_account,omitempty" yaml:"smart_account,omitempty"`
	VirtualAccount   string   `json:"virtual_account,omitempty" yaml:"virtual_account,omitempty"`
	Policy           string   `json:"policy,omitempty" yaml:"policy,omitempty"`
	PushIntervalDays int      `json:"push_interval_days,omitempty" yaml:"push_interval_days,omitempty"`
}

// Facts is everything known of one device at one time: what was declared, its captures, and what is
// read out of them on demand. A Facts belongs to one goroutine.
type Facts struct {
	Device   Device
	Topology Topology // set once the captures are in

	NoTopology Reason // why the topology is not known; "" when it is

	captures map[*Command]Capture
	results  map[*Command]Parsed
	derived  map[any]derived
	open     []map[*Command]bool // what the derived facts being computed have read, innermost last
}

// derived is a computed value and the commands it was read from.
type derived struct {
	value any
	reads map[*Command]bool
}

// NewFacts starts the facts of a device with captures.
func NewFacts(d Device, captures ...Capture) *Facts {
	f := &Facts{Device: d, captures: map[*Command]Capture{}, results: map[*Command]Parsed{}, derived: map[any]derived{}}
	for _, c := range captures {
		f.Add(c)
	}
	return f
}

// Add takes in an answer; the answer that was there before is replaced, and what was derived from it, or
// from its absence, is forgotten.
func (f *Facts) Add(c Capture) {
	f.captures[c.Command] = c
	delete(f.results, c.Command)
	maps.DeleteFunc(f.derived, func(_ any, d derived) bool { return d.reads[c.Command] })
}

// Capture is the answer to a command, if there is one.
func (f *Facts) Capture(c *Command) (Capture, bool) {
	f.note(c)
	cap, ok := f.captures[c]
	return cap, ok
}

// note remembers that whatever is being derived has read an answer.
func (f *Facts) note(c *Command) {
	if n := len(f.open); n > 0 {
		f.open[n-1][c] = true
	}
}

func (f *Facts) parsed(c *Command) (Capture, Parsed, bool) {
	f.note(c)
	cap, ok := f.captures[c]
	if !ok {
		return Capture{}, Parsed{}, false
	}
	p, done := f.results[c]
	if !done {
		if c.Parse != nil && (cap.Text != "" || cap.Outcome == OK) {
			p = c.Parse(cap)
		}
		if p.Facts == nil && p.Problem == "" {
			p.Problem = Unparsed
		}
		f.results[c] = p
	}
	return cap, p, true
}

// Parsed is an answer as its parser read it; false when the command has no answer.
func (f *Facts) Parsed(c *Command) (Parsed, bool) {
	_, p, ok := f.parsed(c)
	return p, ok
}

// Derived is a fact computed from other facts, at most once per device: a symptom or a merged view that
// several checks share. It never depends on verdicts.
type Derived[T any] struct{ compute func(*Facts) T }

// Derive makes a Derived from a pure function.
func Derive[T any](compute func(*Facts) T) *Derived[T] { return &Derived[T]{compute} }

// Of is the derived fact of a device.
func (d *Derived[T]) Of(f *Facts) T {
	got, ok := f.derived[d]
	if !ok {
		f.open = append(f.open, map[*Command]bool{})
		v := d.compute(f)
		last := len(f.open) - 1
		got = derived{v, f.open[last]}
		f.open = f.open[:last]
		f.derived[d] = got
	}
	for c := range got.reads {
		f.note(c)
	}
	return got.value.(T)
}
