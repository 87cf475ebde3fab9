package rundiff

import (
	"strings"

	"slpdoctor/internal/diag"
)

// pair is a device in both runs; nil on the side that does not have it.
type pair struct{ before, after *diag.DeviceResult }

// pairs finds every device of the earlier run in the later one: by its UDI where that is one unit on both sides,
// then by name.
func (c *comparison) pairs() []pair {
	old, now := byUDI(c.before.Devices), byUDI(c.after.Devices)
	c.twins("earlier", c.before.Devices, old)
	c.twins("later", c.after.Devices, now)
	was := map[*diag.DeviceResult]*diag.DeviceResult{}
	taken := map[*diag.DeviceResult]bool{}
	for id, a := range now {
		if b := old[id]; len(a) == 1 && len(b) == 1 {
			was[a[0]], taken[b[0]] = b[0], true
		}
	}
	named := map[string]*diag.DeviceResult{}
	for i := range c.before.Devices {
		if b := &c.before.Devices[i]; !taken[b] {
			named[b.Name] = b
		}
	}
	var out []pair
	for i := range c.after.Devices {
		a := &c.after.Devices[i]
		b := was[a]
		if b == nil && named[a.Name] != nil {
			b = named[a.Name]
			delete(named, a.Name)
			taken[b] = true
		}
		out = append(out, pair{b, a})
	}
	for i := range c.before.Devices {
		if b := &c.before.Devices[i]; !taken[b] {
			out = append(out, pair{b, nil})
		}
	}
	return out
}

func byUDI(devices []diag.DeviceResult) map[string][]*diag.DeviceResult {
	out := map[string][]*diag.DeviceResult{}
	for i := range devices {
		if id := devices[i].Platform.UDI(); id != "" {
			out[id] = append(out[id], &devices[i])
		}
	}
	return out
}

// twins says which devices of a run claim to be one unit.
func (c *comparison) twins(which string, devices []diag.DeviceResult, units map[string][]*diag.DeviceResult) {
	for i := range devices {
		id := devices[i].Platform.UDI()
		same := units[id]
		if len(same) < 2 || same[0] != &devices[i] {
			continue
		}
		var names []string
		for _, d := range same[:min(len(same), 10)] {
			names = append(names, d.Name)
		}
		if n := len(same) - len(names); n > 0 {
			names = append(names, count(n, "other", "others"))
		}
		c.note("In the %s run %s have the same UDI %s: they are paired by name. It is one device under two names, or a cloned one.",
			which, strings.Join(names, ", "), id)
	}
}
