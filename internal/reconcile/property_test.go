package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"slpdoctor/internal/diag"
)

// anyData is whatever files may say, sense or not: few names, so that they meet.
func anyData(t *rapid.T) *Data {
	maybe := func(what string) *int64 {
		return rapid.OneOf(rapid.Just[*int64](nil), rapid.Map(rapid.Int64Range(-2, 40), func(v int64) *int64 { return &v }),
			rapid.Map(rapid.SampledFrom([]int64{298, 300, 598, 596}), func(v int64) *int64 { return &v })).Draw(t, what)
	}
	moment := func(what string) *time.Time {
		return rapid.OneOf(rapid.Just[*time.Time](nil), rapid.Map(rapid.IntRange(0, 60), days)).Draw(t, what)
	}
	license := rapid.SampledFrom([]string{"X: Tier 1", "x:  tier 1", "X: Tier 2", "Y", ""})
	account := rapid.SampledFrom([]string{"", "A", "B"})
	serial := rapid.SampledFrom([]string{"", "FDO1", "FDO2", "FDO3", "fdo3", "FDO4"})
	name := rapid.SampledFrom([]string{"", "edge-1", "edge-2.example.net", "UDI_PID:Cisco_vManage; UDI_SN:FDO1", "vmanage"})
	list := func(what string, add func()) {
		for range rapid.IntRange(0, 5).Draw(t, what) {
			add()
		}
	}
	d := &Data{}
	for _, k := range []Kind{VManage, Before, CSSM, Instances, Runs} {
		d.Inputs = append(d.Inputs, Input{Kind: k, Path: string(k), Time: moment("time")})
	}
	at := func(input int) Place { return Place{input, rapid.IntRange(0, 9).Draw(t, "row")} }
	count := func(input int) Count {
		return Count{Place: at(input), License: license.Draw(t, "license"), Virtual: account.Draw(t, "account"), Licensed: maybe("v"), Total: maybe("t"),
			LastAssigned: rapid.SampledFrom([]string{"", "18 Jul 2025 12:44:23 PM", "17 Jul 2025 01:00:00 AM"}).Draw(t, "assigned"), Assigned: moment("assigned at")}
	}
	list("vmanage", func() { d.VManage = append(d.VManage, count(0)) })
	list("before", func() { d.Before = append(d.Before, count(1)) })
	list("cssm", func() {
		d.Balances = append(d.Balances, Balance{Place: at(2), License: license.Draw(t, "license"), Virtual: account.Draw(t, "account"),
			Billing: rapid.SampledFrom([]string{"", "Prepaid", "By Usage"}).Draw(t, "billing"), Available: maybe("a"), InUse: maybe("u"), Substituted: maybe("s"), Balance: maybe("b")})
	})
	list("instances", func() {
		d.Instances = append(d.Instances, Instance{Place: at(3), Name: name.Draw(t, "name"), PID: rapid.SampledFrom([]string{"", "P", "Q", "Cisco_vManage"}).Draw(t, "pid"),
			Serial: serial.Draw(t, "serial"), Virtual: account.Draw(t, "account"), Registered: moment("registered"), LastContact: moment("contact"),
			License: license.Draw(t, "license"), Used: maybe("used"), Authorized: maybe("authorized")})
	})
	list("assigned", func() {
		d.Assigned = append(d.Assigned, Assignment{Place: at(0), UUID: "P-" + serial.Draw(t, "serial"), Host: name.Draw(t, "host"), License: license.Draw(t, "license"),
			Virtual: account.Draw(t, "account"), Units: rapid.Int64Range(0, 3).Draw(t, "units")})
	})
	list("devices", func() {
		d.Devices = append(d.Devices, Device{Place: at(4), Name: name.Draw(t, "name"), UDIs: []string{"PID:P,SN:" + serial.Draw(t, "serial"), "PID:P,SN:" + serial.Draw(t, "serial")},
			Topology: rapid.SampledFrom([]string{"", "controller-vmanage", "cslu-push"}).Draw(t, "topology"), Uses: []Use{{License: license.Draw(t, "license"), Units: rapid.Int64Range(0, 3).Draw(t, "units")}}})
	})
	return d
}

// TestAnyInput holds what must be true whatever the inputs say: the parts add up, no instance counts twice, every rule
// is judged once, the same inputs give the same document, and a verdict never rests on numbers that are not certain.
func TestAnyInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := anyData(t)
		o := Options{Now: noon}
		if rapid.Bool().Draw(t, "cleaned") {
			o.Cleanups = []Cleanup{{License: "x: tier 1", Virtual: "A", At: noon.Add(-time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour)}}
		}
		d := Reconcile(data, o)
		holds(t, d)
		if again := Reconcile(data, o); cmp.Diff(d, again) != "" {
			t.Errorf("not the same twice: %s", cmp.Diff(d, again))
		}
		apart := false
		for _, r := range d.Results {
			apart = apart || r.Check == inputTimes.ID && (r.Status == diag.Warn || r.Status == diag.Unknown)
		}
		for _, x := range d.Licenses {
			if len(x.Results) != 12 {
				t.Errorf("%d results", len(x.Results))
			}
			for _, r := range x.Results {
				if apart && r.Status == diag.Fail && r.Check != inputRows.ID && r.Check != sameAccount.ID && r.Check != balanceIdentity.ID {
					t.Errorf("%s fails although the inputs are not of one moment", r.Check)
				}
				if r.CausedBy != nil && !failsOrBlocks(x.Results, *r.CausedBy) {
					t.Errorf("%s follows from %s, which says nothing of the kind", r.Check, *r.CausedBy)
				}
			}
			if x.Case == FCount && apart {
				t.Errorf("a clean-up of %s although the inputs are not of one moment", x.Name)
			}
		}
	})
}

// failsOrBlocks reports that a rule gave a verdict others can follow from.
func failsOrBlocks(all []diag.Result, id string) bool {
	for _, r := range all {
		if r.Check == id {
			return r.Status == diag.Fail || r.Status == diag.Warn || r.Status == diag.Unknown
		}
	}
	return false
}
