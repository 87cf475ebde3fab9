package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

func fleetOf(n int, odd map[int]string) *Fold {
	f := &Fold{}
	for i := range n {
		value := "cslu-push"
		if v, ok := odd[i]; ok {
			value = v
		}
		f.Add(diag.DeviceResult{Name: fmt.Sprintf("r%d", i), State: diag.Examined, Tags: map[string]string{"site": "tokyo"},
			Groups: []string{"campus"}, Platform: &diag.Platform{PID: "C9300-24UX"}, Traits: map[string]string{"topology": value}})
	}
	return f
}

func TestOutliers(t *testing.T) {
	got := fleetOf(40, map[int]string{3: "direct-callhome", 7: "direct-callhome"}).Summary().Outliers
	want := []diag.Outlier{{Scope: "group campus", Trait: "topology", Majority: "cslu-push", Agree: 38, Total: 40,
		Odd: []diag.OddDevice{{Device: "r3", Value: "direct-callhome"}, {Device: "r7", Value: "direct-callhome"}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestNoOutliersWithoutAMajority(t *testing.T) {
	for name, f := range map[string]*Fold{
		"too few devices":  fleetOf(9, map[int]string{3: "pull"}),
		"under 90 percent": fleetOf(20, map[int]string{3: "pull", 4: "pull", 5: "offline"}),
		"all agree":        fleetOf(20, nil),
	} {
		if got := f.Summary().Outliers; len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := fleetOf(10, map[int]string{3: "pull"}).Summary().Outliers; len(got) != 1 {
		t.Errorf("nine of ten agree: %+v", got)
	}
}

func TestRadarNamesWhatStandsInTheWay(t *testing.T) {
	root, late := "dns-server", "report-ack-deadline"
	device := func(name string, days int, results ...diag.Result) diag.DeviceResult {
		next := "Feb 22 22:52:03 2024 PDT"
		return diag.DeviceResult{Name: name, Deadline: &diag.Deadline{State: "due", NextACK: &next, DaysLeft: &days}, Results: results}
	}
	f := Fold{}
	f.Add(device("later", 40))
	f.Add(device("blocked", 3, diag.Result{Check: root, Status: diag.Fail}, diag.Result{Check: "report-usage", Status: diag.Fail, CausedBy: &root}))
	f.Add(device("passed", -2, diag.Result{Check: late, Status: diag.Fail}))
	f.Add(diag.DeviceResult{Name: "none", Deadline: &diag.Deadline{State: "not-required"}})
	var got []string
	for _, a := range f.Summary().Radar {
		by := "nothing"
		if a.BlockedBy != nil {
			by = *a.BlockedBy
		}
		got = append(got, fmt.Sprintf("%s %d %s", a.Device, a.DaysLeft, by))
	}
	if d := cmp.Diff([]string{"passed -2 nothing", "blocked 3 dns-server", "later 40 nothing"}, got); d != "" {
		t.Error(d)
	}
}
