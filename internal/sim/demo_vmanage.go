package sim

import (
	"slices"
	"time"
)

// SDWANFleetAt is a small fleet for practice with SD-WAN at a time: three vManages, of which one can not report any more and
// one does not let its user look, a router that one of them reports for, and a switch that reports by itself.
func SDWANFleetAt(now time.Time) []*Device {
	days := func(n int) time.Time { return now.Add(-time.Duration(n) * day) }
	log := func(name, story string, failures ...time.Time) *Device {
		broken := &ServerLog{From: days(3), To: now.Add(-time.Minute), Failures: failures}
		if len(failures) > 0 {
			broken.Instance = "5b0c3c6e-6f2a-4f5e-9d2b-0c1d2e3f4a5b"
		}
		return NewManager(ManagerSpec{Name: name, Story: story, NoShell: name == "vmanage-3", Tags: map[string]string{"role": "manager"}, Release: "20.12.3", Now: now,
			Log: broken, Older: []*ServerLog{{From: days(9), To: days(3)}}})
	}
	fleet := []*Device{
		log("vmanage-1", "CSSM does not know it any more: no report gets through", days(2), days(1), now.Add(-4*time.Hour)),
		log("vmanage-2", "healthy: its reports get through"),
		log("vmanage-3", "nobody knows: this user may not open vshell"),
	}
	for _, d := range DemoFleetAt(now) {
		if slices.Contains([]string{"syd-sdw-1", "tyo-core-1"}, d.Name) {
			fleet = append(fleet, d)
		}
	}
	return fleet
}
