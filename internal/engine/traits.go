package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// traits are what devices of one kind should have in common. What is not known is left out; what the
// device printed as empty is "none".
func traits(f *diag.Facts) map[string]string {
	l := iosxe.LicenseView.Of(f)
	t := map[string]string{}
	say := func(name string, v diag.Value[string]) {
		switch s, ok := v.Peek(); {
		case ok:
			t[name] = s
		case v.IsNone():
			t[name] = "none"
		}
	}
	if f.Topology.ID != "" && f.Topology.ID != diag.UnsupportedOS {
		t["topology"] = string(f.Topology.ID)
	}
	if k := topology.Transport(f); k != "" {
		t["transport"] = string(k)
	}
	say("url", l.Transport.URL)
	say("vrf", l.Transport.VRF)
	say("proxy", l.Transport.Proxy.Address)
	say("smart account", l.Account.Smart)
	say("virtual account", l.Account.Virtual)
	if l.Policy.InUse.Known() {
		say("policy", l.Policy.Name.Or(diag.Present("Cisco default", l.Policy.InUse.Source())))
	}
	if days, ok := l.Usage.PushIntervalDays.Peek(); ok {
		t["push interval"] = strconv.Itoa(days)
	}
	if c, ok := iosxe.RunningNames.Of(f).Peek(); ok {
		for name, prefix := range map[string]string{"name servers": "ip name-server", "ntp servers": "ntp server"} {
			var lines []string
			for _, line := range c.Lines(prefix) {
				lines = append(lines, line.After(prefix))
			}
			slices.Sort(lines)
			t[name] = cmp.Or(strings.Join(lines, ", "), "none")
		}
	}
	return t
}

// What makes a majority: enough devices, of which nearly all agree.
const (
	outlierDevices = 10
	outlierShare   = 90 // per cent
)

// votes gathers, per kind of device and trait, who has which value.
type votes map[string]map[string][]diag.OddDevice

// add takes in a device under every kind it belongs to: its groups, its tags, and its tags with its model.
func (v votes) add(d diag.DeviceResult) {
	for _, scope := range scopes(d) {
		for trait, value := range d.Traits {
			if v[scope] == nil {
				v[scope] = map[string][]diag.OddDevice{}
			}
			v[scope][trait] = append(v[scope][trait], diag.OddDevice{Device: d.Name, Value: value})
		}
	}
}

func scopes(d diag.DeviceResult) []string {
	var out []string
	for _, g := range d.Groups {
		out = append(out, "group "+g)
	}
	model := ""
	if d.Platform != nil {
		model, _, _ = strings.Cut(d.Platform.PID, "-")
	}
	for k, val := range d.Tags {
		out = append(out, fmt.Sprintf("tag %s=%s", k, val))
		if model != "" {
			out = append(out, fmt.Sprintf("tag %s=%s, %s", k, val, model))
		}
	}
	return out
}

// outliers are the traits in which a few differ from nearly all; a set of odd devices is told once, for the
// largest kind that shows it.
func (v votes) outliers() []diag.Outlier {
	out := []diag.Outlier{}
	for scope, traits := range v {
		for trait, all := range traits {
			if o, ok := vote(scope, trait, all); ok {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b diag.Outlier) int {
		return cmp.Or(b.Total-a.Total, strings.Compare(a.Scope, b.Scope), strings.Compare(a.Trait, b.Trait))
	})
	told := map[string]bool{}
	return slices.DeleteFunc(out, func(o diag.Outlier) bool {
		key := fmt.Sprint(o.Trait, o.Majority, o.Odd)
		again := told[key]
		told[key] = true
		return again
	})
}

func vote(scope, trait string, all []diag.OddDevice) (diag.Outlier, bool) {
	count := map[string]int{}
	for _, d := range all {
		count[d.Value]++
	}
	values := slices.Sorted(maps.Keys(count))
	best := slices.MaxFunc(values, func(a, b string) int { return count[a] - count[b] })
	n := count[best]
	if len(all) < outlierDevices || n == len(all) || n*100 < len(all)*outlierShare {
		return diag.Outlier{}, false
	}
	o := diag.Outlier{Scope: scope, Trait: trait, Majority: best, Agree: n, Total: len(all)}
	for _, d := range all {
		if d.Value != best {
			o.Odd = append(o.Odd, d)
		}
	}
	return o, true
}

// onTheWay are the checks that stand between a device and its next acknowledgement, the outcome first.
var onTheWay = []string{"report-ack-deadline", "report-usage", "report-poll", "report-next-push", "agent-comm-channels",
	"agent-trust-gate", "trust-code-installed", "cslu-hello", "cslu-last-ack", "report-offline-file"}

// deadlineAhead is the radar's line of a device; false when no acknowledgement is required or known.
func deadlineAhead(d diag.DeviceResult) (diag.DeadlineAhead, bool) {
	if d.Deadline == nil || d.Deadline.DaysLeft == nil || d.Deadline.NextACK == nil {
		return diag.DeadlineAhead{}, false
	}
	a := diag.DeadlineAhead{Device: d.Name, NextACK: *d.Deadline.NextACK, DaysLeft: *d.Deadline.DaysLeft}
	for _, id := range onTheWay {
		i := slices.IndexFunc(d.Results, func(r diag.Result) bool { return r.Check == id })
		if i < 0 || d.Results[i].Status != diag.Fail && d.Results[i].Status != diag.Warn {
			continue
		}
		if root := Root(d.Results, d.Results[i]); root.Status == diag.Fail && root.Check != "report-ack-deadline" {
			a.BlockedBy = &root.Check
			break
		}
	}
	return a, true
}
