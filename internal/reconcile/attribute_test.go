package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parts are the attributions of a licence, in short.
func parts(d *Document, virtual string) []string {
	for _, x := range d.Licenses {
		if x.Virtual != virtual || x.Name != tierOne && virtual != "" {
			continue
		}
		out := []string{}
		for _, a := range x.Attribution {
			out = append(out, fmt.Sprintf("%+d %s %s %v", a.Units, a.Class, a.Confidence, a.Instances))
		}
		return append(out, fmt.Sprintf("%+d", value(x.Unexplained)))
	}
	return nil
}

// Where devices report by themselves and SD-WAN Manager does not, those that match are no difference: only a stack, a
// device in another account, in another tier, and one that is gone are.
func TestDevicesThatReportThemselves(t *testing.T) {
	d := &Data{Inputs: []Input{{Kind: VManage, Path: "v", Time: &noon}, {Kind: CSSM, Path: "c", Time: &noon}, {Kind: Instances, Path: "i", Time: &noon}}}
	own := func(serial, license, virtual string, used int64, silent int) {
		d.Instances = append(d.Instances, Instance{Place: Place{2, len(d.Instances) + 2}, Name: "edge" + serial[:1] + "-" + serial[1:], PID: "P", Serial: serial, License: license, Virtual: virtual,
			Used: n(used), LastContact: days(silent)})
	}
	assign := func(serial, license string) {
		d.Assigned = append(d.Assigned, Assignment{UUID: "P-" + serial, Host: "edge" + serial[:1] + "-" + serial[1:], License: license, Virtual: "North", Units: 1})
	}
	tierTwo := "Routing DNA Advantage: Tier 2"
	for i := range 20 {
		assign(fmt.Sprintf("A%03d", i), tierOne)
		own(fmt.Sprintf("A%03d", i), tierOne, "North", 1, 1)
	}
	assign("B1", tierOne)
	own("B1", tierOne, "North", 2, 1) // a stack of two
	d.Devices = []Device{{Name: "edgeB-1", UDIs: []string{"PID:P,SN:B1", "PID:P,SN:B2"}, Topology: "cslu-push"}}
	assign("C1", tierOne)
	own("C1", tierOne, "South", 1, 1) // booked elsewhere
	assign("D1", tierOne)
	own("D1", tierTwo, "North", 1, 1)  // another tier
	own("E1", tierOne, "North", 1, 60) // gone
	for _, b := range []struct {
		license, virtual string
		used             int64
	}{{tierOne, "North", 23}, {tierOne, "South", 1}, {tierTwo, "North", 1}} {
		d.Balances = append(d.Balances, Balance{Place: Place{1, 2}, License: b.license, Virtual: b.virtual, Available: n(50), InUse: n(b.used), Balance: n(50 - b.used)})
	}
	d.VManage = []Count{{License: tierOne, Virtual: "North", Licensed: n(23)}, {License: tierOne, Virtual: "South", Licensed: n(0)}, {License: tierTwo, Virtual: "North", Licensed: n(0)}}
	doc := Reconcile(d, Options{Now: noon})
	holds(t, doc)
	want := []string{"+1 deleted-not-released high [edgeE-1 (P E1)]", "+1 ha-members high [edgeB-1 (P B1)]", "-1 wrong-account high [edgeC-1 (P C1)]",
		"-1 tier-substitution high [edgeD-1 (P D1)]", "+0"}
	if diff := cmp.Diff(want, parts(doc, "North")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"+1 wrong-account high [edgeC-1 (P C1)]", "+0"}, parts(doc, "South")); diff != "" {
		t.Error(diff)
	}
	d.Devices[0].At = days(200) // what a run saw half a year ago is less sure
	want[1] = strings.Replace(want[1], "high", "medium", 1)
	if diff := cmp.Diff(want, parts(Reconcile(d, Options{Now: noon}), "North")); diff != "" {
		t.Error(diff)
	}
}

// Exports of CSSM often name devices and nothing else, and vManage knows virtual devices by a UUID that CSSM does not
// have: what vManage knows by name is neither deleted nor replaced.
func TestNamesWithoutSerials(t *testing.T) {
	const uuid = "C8K-3f2504e0-4f89-11d3-9a0c-0305e82c3301"
	for _, c := range []struct {
		name     string
		chassis  []string // of the devices edge-1 in vManage
		instance Instance
		want     []string
	}{
		{"known by name", []string{"C8300-A1"}, Instance{Name: "edge-1.example.net", LastContact: days(60)}, []string{"+1 self-reporting medium [edge-1.example.net]", "+0"}},
		{"not known", []string{"C8300-A1"}, Instance{Name: "edge-2", LastContact: days(60)}, []string{"+1 deleted-not-released high [edge-2]", "+0"}},
		{"known twice", []string{"C8300-A1", "C8300-A2"}, Instance{Name: "edge-1", LastContact: days(60)}, []string{"+1"}},
		{"virtual", []string{uuid}, Instance{Name: "edge-1", PID: "C8000V", Serial: "9ABC", LastContact: days(1)}, []string{"+1 self-reporting medium [edge-1 (C8000V 9ABC)]", "+0"}},
		{"virtual, without a name", []string{uuid}, Instance{Name: "UDI_PID:C8000V; UDI_SN:9ABC", PID: "C8000V", Serial: "9ABC", LastContact: days(40)}, []string{"+1"}},
		{"virtual, known twice", []string{uuid, "C8K-3f2504e0-4f89-11d3-9a0c-0305e82c3302"}, Instance{Name: "edge-1", PID: "C8000V", Serial: "9ABC", LastContact: days(40)}, []string{"+1"}},
		{"virtual, of another name", []string{uuid}, Instance{Name: "edge-2", PID: "C8000V", Serial: "9ABC", LastContact: days(40)},
			[]string{"+1 deleted-not-released high [edge-2 (C8000V 9ABC)]", "+0"}},
		{"a device without a name, beside a virtual one", []string{uuid}, Instance{Name: "UDI_PID:C8300; UDI_SN:A1", PID: "C8300", Serial: "A1", LastContact: days(40)},
			[]string{"+1 deleted-not-released medium [UDI_PID:C8300; UDI_SN:A1]", "+0"}},
		{"virtual, deployed again", []string{uuid}, Instance{Name: "edge-1", PID: "C8000V", Serial: "9ABC", UUID: "3f2504e0-4f89-11d3-9a0c-0305e82c0000", LastContact: days(40)},
			[]string{"+1 stale-instance medium [edge-1 (C8000V 9ABC)]", "+0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.instance.License, c.instance.Used = tierOne, n(1)
			d := counts(20, none, 40, 40, 0, 21, 19)
			d.Instances = []Instance{manager("8C3B", 20, days(1)), c.instance}
			for _, id := range c.chassis {
				d.Assigned = append(d.Assigned, Assignment{UUID: id, Host: "edge-1", License: tierOne, Units: 20})
			}
			if diff := cmp.Diff(c.want, parts(Reconcile(d, Options{Now: noon}), "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A switch that is named after vManage is not vManage.
func TestManagerByItsProduct(t *testing.T) {
	for want, all := range map[bool][]Instance{
		true:  {{PID: "Cisco_vManage", Name: "x"}, {Family: "Cisco vManage"}, {Description: "Cisco SDWAN vManage", Name: "x"}, {Name: "vmanage-1"}, {PID: "sd-wan manager"}},
		false: {{PID: "C9300-24UX", Name: "dc1-vmanage-sw1"}, {Family: "Catalyst 9300", Name: "vmanage-sw"}, {Name: "edge-1"}},
	} {
		for _, i := range all {
			if isManager(i) != want {
				t.Errorf("%+v: %v", i, !want)
			}
		}
	}
}

// Two SD-WAN Managers of one account use what they use: nothing of it is a report that was added twice.
func TestTwoManagers(t *testing.T) {
	for name, d := range map[string]*Data{"no earlier export": counts(298, none, 300, 300, 0, 598, -298), "an earlier export": counts(298, 300, 300, 300, 0, 598, -298)} {
		d.Instances = []Instance{manager("8C3B", 300, &noon), manager("9D4C", 298, days(1))}
		doc := Reconcile(d, Options{Now: noon})
		holds(t, doc)
		if x := doc.Licenses[0]; doc.Verdict.Case != Undecided || *x.Unexplained != 300 || len(doc.Verdict.Steps) != 1 || !strings.Contains(doc.Verdict.Steps[0].Do, "which one vManage's export is of") {
			t.Errorf("%s: %+v, %+v", name, x.Attribution, doc.Verdict)
		}
	}
}

// A list of vManage's devices with fewer of them than its overview counts says nothing about those that are not in it.
func TestListThatIsNotComplete(t *testing.T) {
	for listed, want := range map[int]string{20: "[+4 deleted-not-released medium [edge-20 edge-21 edge-22 edge-23] +0] f-count", 15: "[+4] undecided"} {
		d := counts(20, none, 40, 40, 0, 24, 16)
		for i := range 24 {
			if i < listed {
				d.Assigned = append(d.Assigned, Assignment{UUID: fmt.Sprintf("P-%d", i), Host: fmt.Sprintf("edge-%d", i), License: tierOne, Units: 1})
			}
			d.Instances = append(d.Instances, booked(fmt.Sprint(i), "", 60))
		}
		doc := Reconcile(d, Options{Now: noon})
		holds(t, doc)
		if got := fmt.Sprint(parts(doc, ""), " ", doc.Verdict.Case); got != want {
			t.Errorf("%d in the list: %s, want %s", listed, got, want)
		}
		if s := doc.Verdict.Steps; listed < 20 && (len(s) != 1 || !strings.Contains(s[0].Do, "without a filter")) {
			t.Errorf("%+v", s)
		}
	}
}

// CSSM's list of product instances may have no column for licences, or none for units: those that vManage does not know are counted.
func TestInstancesWithoutLicences(t *testing.T) {
	for _, c := range []struct {
		name              string
		gone, surplus, vp int64
		want              string
	}{
		{"as many, and the licence is named", 12, 12, none, "+12 deleted-not-released medium"},
		{"as many", 12, 12, none, "+12 deleted-not-released medium"},
		{"as many, but few", 4, 4, none, "+4 deleted-not-released low"},
		{"few, and an earlier export agrees", 4, 4, 204, "+4 deleted-not-released medium"},
		{"another number", 12, 11, none, "+11"},
		{"the earlier export tells more", 12, 200, 200, "+200 double-reported high"},
	} {
		d := counts(200, c.vp, 900, 900, 0, 200+c.surplus, 700-c.surplus)
		for i := range 220 {
			x := Instance{Place: Place{3, i + 2}, Name: fmt.Sprintf("edge-%d", i), LastContact: days(1)}
			switch {
			case i < 200:
				d.Assigned = append(d.Assigned, Assignment{UUID: fmt.Sprintf("C8300-A%d", i), Host: x.Name, License: tierOne, Units: 1})
			case i < 200+int(c.gone):
				x.LastContact = days(50)
			}
			if strings.HasSuffix(c.name, "named") { // but not how many units
				x.License = tierOne
			}
			d.Instances = append(d.Instances, x)
		}
		doc := Reconcile(d, Options{Now: noon})
		holds(t, doc)
		got := parts(doc, "")
		if !strings.HasPrefix(got[0], c.want) || strings.Contains(c.want, "deleted") && len(doc.Licenses[0].Attribution[0].Instances) != int(c.gone) {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

// Of two product instances of one name the one without contact is stale, and only that one.
func TestOneNameTwice(t *testing.T) {
	d := with(counts(20, none, 40, 40, 0, 22, 18), func(d *Data) {
		d.Assigned = []Assignment{{UUID: "P-A1", Host: "edge-9", License: tierOne, Units: 20}}
		d.Instances = []Instance{manager("8C3B", 20, days(1)), {Name: "edge-1", PID: "P", Serial: "OLD", License: tierOne, Used: n(1), LastContact: days(50)},
			{Name: "edge-1", PID: "P", Serial: "NEW", License: tierOne, Used: n(1), LastContact: days(2)}}
	})
	if diff := cmp.Diff([]string{"+1 stale-instance high [edge-1 (P OLD)]", "+1 self-reporting medium [edge-1 (P NEW)]", "+0"}, parts(Reconcile(d, Options{Now: noon}), "")); diff != "" {
		t.Error(diff)
	}
}

// What one account lacks is not given to either of two that have as much too much.
func TestNoPairOfThree(t *testing.T) {
	d := &Data{Inputs: seed().Inputs}
	for virtual, x := range map[string][2]int64{"North": {50, 55}, "South": {50, 55}, "West": {50, 45}} {
		d.VManage = append(d.VManage, Count{License: tierOne, Virtual: virtual, Licensed: n(x[0])})
		d.Balances = append(d.Balances, Balance{License: tierOne, Virtual: virtual, Available: n(90), InUse: n(x[1]), Balance: n(90 - x[1])})
	}
	doc := Reconcile(d, Options{Now: noon})
	for _, x := range doc.Licenses {
		if len(x.Attribution) > 0 || *x.Unexplained != *x.Delta || x.Case != Undecided {
			t.Errorf("%s: %+v", x.Virtual, x.Attribution)
		}
	}
}

// SD-WAN Manager that was registered again leaves an instance behind that counts on.
func TestRegisteredAgain(t *testing.T) {
	old, now := manager("8C3B", 300, days(60)), manager("8C3B", 298, days(1))
	old.UUID, now.UUID = "aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"
	d := with(counts(298, none, 700, 700, 0, 598, 102), func(d *Data) { d.Instances = []Instance{old, now} })
	doc := Reconcile(d, Options{Now: noon})
	if diff := cmp.Diff([]string{"+300 stale-instance high [UDI_PID:Cisco_vManage; UDI_SN:8C3B]", "+0"}, parts(doc, "")); diff != "" {
		t.Error(diff)
	}
	if doc.Verdict.Case != FCount {
		t.Errorf("%+v", doc.Verdict)
	}
}

// A count without an account belongs where SD-WAN Manager is, or where its devices' licences are from.
func TestAccountOfACount(t *testing.T) {
	both := func(change func(*Data)) *Data {
		d := counts(298, none, 300, 300, 0, 298, 2)
		d.Balances[0].Virtual = "North"
		d.Balances = append(d.Balances, Balance{Place: Place{2, 3}, License: tierOne, Virtual: "South", Available: n(9), InUse: n(4), Balance: n(5)})
		change(d)
		return d
	}
	for name, c := range map[string]struct {
		data *Data
		want Case
	}{
		"by SD-WAN Manager": {both(func(d *Data) {
			i := manager("8C3B", 298, days(1))
			i.Virtual = "North"
			d.Instances = []Instance{i}
		}), Consistent},
		"by its devices": {both(func(d *Data) {
			d.Assigned = []Assignment{{UUID: "P-1", License: tierOne, Virtual: "North", Units: 298}}
		}), Consistent},
		"not known": {both(func(*Data) {}), Undecided},
	} {
		if d := Reconcile(c.data, Options{Now: noon}); d.Verdict.Case != c.want {
			t.Errorf("%s: %s, want %s", name, d.Verdict.Case, c.want)
		}
	}
}

// The wait begins with the recommendation and ends a day later, or when the counts agree.
func TestWait(t *testing.T) {
	o := Options{Now: noon}
	o.Cleanups = Reconcile(seed(), o).Cleanups(o)
	if len(o.Cleanups) != 1 || !o.Cleanups[0].At.Equal(noon) {
		t.Fatalf("%+v", o.Cleanups)
	}
	for _, c := range []struct {
		later time.Duration
		want  Case
	}{{time.Minute, Waiting}, {24*time.Hour - time.Second, Waiting}, {24 * time.Hour, FCount}} {
		o.Now = noon.Add(c.later)
		d := Reconcile(seed(), o)
		if d.Verdict.Case != c.want {
			t.Errorf("after %s: %s, want %s", c.later, d.Verdict.Case, c.want)
		}
		switch kept := d.Cleanups(o); {
		case len(kept) != 1:
			t.Errorf("after %s: %+v", c.later, kept)
		case c.want == Waiting && !kept[0].At.Equal(noon):
			t.Errorf("after %s the wait begins anew", c.later)
		case c.want == FCount && kept[0].At.Equal(noon):
			t.Errorf("after %s the wait does not begin anew", c.later)
		}
	}
	o.Now = noon.Add(time.Hour)
	clean := counts(298, none, 300, 300, 0, 298, 2)
	if d := Reconcile(clean, o); d.Verdict.Case != Consistent || len(d.Cleanups(o)) != 0 {
		t.Errorf("clean: %s, %+v", d.Verdict.Case, d.Cleanups(o))
	}
}

// A guess never leads to a removal, not even beside something that is sure.
func TestAGuessRemovesNothing(t *testing.T) {
	d := with(counts(100, none, 150, 150, 0, 303, -153), func(d *Data) {
		d.Assigned = []Assignment{{UUID: "P-A1", Host: "edge-1", License: tierOne, Units: 100}}
		d.Devices = []Device{{Name: "edge-1", UDIs: []string{"PID:P,SN:A1"}, Topology: "cslu-push"}}
		d.Instances = []Instance{manager("8C3B", 301, days(1)), {Name: "edge-1", PID: "P", Serial: "A1", License: tierOne, Used: n(2), LastContact: days(1)}}
	})
	doc := Reconcile(d, Options{Now: noon})
	if diff := cmp.Diff([]string{"+200 double-reported low [UDI_PID:Cisco_vManage; UDI_SN:8C3B]", "+2 self-reporting high [edge-1 (P A1)]", "+1"}, parts(doc, "")); diff != "" {
		t.Error(diff)
	}
	for _, s := range doc.Verdict.Steps {
		if s.ID == "M19" || s.ID == "M21" {
			t.Errorf("recommended on a guess: %+v", s)
		}
	}
	if kept := doc.Cleanups(Options{Now: noon}); len(kept) > 0 || doc.Verdict.Case != FCount {
		t.Errorf("%s, %+v", doc.Verdict.Case, kept)
	}
}

// A report that was added to another one is booked on SD-WAN Manager. Where the product instances show that its units
// are as many as vManage says, numbers that happen to agree are no reason to remove them.
func TestWhatIsNotBookedOnManagerWasNotAdded(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int64
		booked []int64 // SD-WAN Manager's units, then those of the devices
		want   []string
	}{
		{"on SD-WAN Manager", 20, []int64{40}, []string{"+20 double-reported high [UDI_PID:Cisco_vManage; UDI_SN:8C3B]", "+0"}},
		{"on a device", 20, []int64{20, 20}, []string{"+20"}},
		{"on devices alone", 20, []int64{0, 20, 20}, []string{"+20"}},
		{"on a device, the earlier number not known", none, []int64{20, 20}, []string{"+20"}},
		{"nearly, on a device", 18, []int64{20, 20}, []string{"+20"}},
		{"on a device that vManage knows, as many as left it", 40, []int64{0, 40}, []string{"+20"}},
		{"on SD-WAN Manager, as many as left vManage", 40, []int64{40}, []string{"+20 deleted-not-released medium []", "+0"}},
		{"the product instances are of another moment", 20, []int64{20}, []string{"+20 double-reported high [UDI_PID:Cisco_vManage; UDI_SN:8C3B]", "+0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := counts(20, c.before, 40, 40, 0, 40, 0)
			for k, used := range c.booked {
				i := manager("8C3B", used, days(1))
				if k > 0 {
					id := fmt.Sprintf("A%d", k)
					i = Instance{Name: "edge-" + id, PID: "P", Serial: id, License: tierOne, Used: n(used)}
					if c.booked[0] == 0 {
						d.Assigned = append(d.Assigned, Assignment{UUID: "P-" + id, Host: i.Name, License: tierOne, Units: 20})
					}
				}
				d.Instances = append(d.Instances, i)
			}
			doc := Reconcile(d, Options{Now: noon})
			holds(t, doc)
			if diff := cmp.Diff(c.want, parts(doc, "")); diff != "" {
				t.Error(diff)
			}
			if len(c.booked) > 1 && len(doc.Cleanups(Options{Now: noon})) > 0 {
				t.Error("a clean-up is recommended")
			}
		})
	}
}

// A device that is not in vManage may be another one's, or no SD-WAN device at all: nothing is removed of what had contact
// within the month, or was reached by our own run.
func TestWhatIsAliveIsNotRemoved(t *testing.T) {
	for _, c := range []struct {
		name    string
		contact *time.Time
		run     *Device
		want    string
	}{
		{"silent", days(31), nil, "+1 deleted-not-released high [edge-1 (P A1)]"},
		{"no contact said", nil, nil, "+1 deleted-not-released medium [edge-1 (P A1)]"},
		{"contact within the month", days(10), nil, "+1 deleted-not-released low [edge-1 (P A1)]"},
		{"contact within the week", days(3), nil, "+1 self-reporting medium [edge-1 (P A1)]"},
		{"silent, and a run reached it", days(31), &Device{Topology: "controller-vmanage"}, "+1 deleted-not-released low [edge-1 (P A1)]"},
		{"silent, and a run reached it long ago", days(31), &Device{Topology: "controller-vmanage", At: days(90)}, "+1 deleted-not-released medium [edge-1 (P A1)]"},
		{"silent, and a run saw that it reports by itself", days(31), &Device{Topology: "cslu-push"}, "+1 self-reporting high [edge-1 (P A1)]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := counts(20, none, 40, 40, 0, 21, 19)
			d.Instances = []Instance{manager("8C3B", 20, days(1)), {Name: "edge-1", PID: "P", Serial: "A1", License: tierOne, Used: n(1), LastContact: c.contact}}
			d.Assigned = []Assignment{{UUID: "P-B1", Host: "edge-2", License: tierOne, Units: 20}}
			if c.run != nil {
				c.run.Name, c.run.UDIs = "r1", []string{"PID:P,SN:A1"}
				if c.run.At == nil {
					c.run.At = &noon
				}
				d.Devices = []Device{*c.run}
			}
			doc := Reconcile(d, Options{Now: noon})
			holds(t, doc)
			if diff := cmp.Diff([]string{c.want, "+0"}, parts(doc, "")); diff != "" {
				t.Error(diff)
			}
			if removes := len(doc.Cleanups(Options{Now: noon})) > 0; removes == (strings.Contains(c.want, "low") || strings.Contains(c.want, "self")) {
				t.Errorf("a clean-up is recommended: %v", removes)
			}
		})
	}
}

// A few units more than few units are no doubled report to act on.
func TestFewUnitsAndSomeBeside(t *testing.T) {
	for before, want := range map[int64][]string{3: {"+3 double-reported low []", "+2"}, 30: {"+30 double-reported medium []", "+2"}} {
		d := counts(before, before, 100, 100, 0, 2*before+2, 98-2*before)
		doc := Reconcile(d, Options{Now: noon})
		holds(t, doc)
		if diff := cmp.Diff(want, parts(doc, "")); diff != "" {
			t.Error(diff)
		}
	}
}

// A device that vManage does not manage and that reports by itself is counted once. Without vManage's list of devices it
// may be counted by vManage, too.
func TestDevicesOnTheirOwnNeedNoCleanUp(t *testing.T) {
	for _, c := range []struct {
		name string
		list []Assignment
		want Case
		part string
	}{
		{"not in vManage", []Assignment{{UUID: "P-B1", Host: "edge-2", License: tierOne, Units: 20}}, Explained, "+1 self-reporting high [r1 (P A1)]"},
		{"in vManage", []Assignment{{UUID: "P-A1", Host: "r1", License: tierOne, Units: 20}}, FCount, "+1 self-reporting high [r1 (P A1)]"},
		{"perhaps in vManage", nil, FCount, "+1 self-reporting high [r1 (P A1)]"},
		{"perhaps in the rest of the list", []Assignment{{UUID: "P-B1", Host: "edge-2", License: tierOne, Units: 19}}, FCount, "+1 self-reporting high [r1 (P A1)]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := counts(20, none, 40, 40, 0, 21, 19)
			d.Instances = []Instance{manager("8C3B", 20, days(1)), {Name: "r1", PID: "P", Serial: "A1", License: tierOne, Used: n(1), LastContact: days(1)}}
			d.Assigned = c.list
			d.Devices = []Device{{Name: "r1", UDIs: []string{"PID:P,SN:A1"}, At: &noon, Topology: "cslu-push"}}
			doc := Reconcile(d, Options{Now: noon})
			holds(t, doc)
			if diff := cmp.Diff([]string{c.part, "+0"}, parts(doc, "")); diff != "" {
				t.Error(diff)
			}
			if doc.Verdict.Case != c.want {
				t.Errorf("%s, want %s", doc.Verdict.Case, c.want)
			}
		})
	}
}

// What one licence has too much and another one lacks is the same units only where no other pair is possible.
func TestPairsOfLicences(t *testing.T) {
	type side struct {
		license, virtual string
		v, u             int64
	}
	const one, two = "Routing DNA Advantage: Tier 1", "Routing DNA Advantage: Tier 2"
	for _, c := range []struct {
		name  string
		sides []side
		want  []string // of tier one in North
		is    Case
	}{
		{"another account", []side{{one, "North", 20, 25}, {one, "South", 30, 25}}, []string{"+5 wrong-account medium []", "+0"}, FCount},
		{"another tier", []side{{one, "North", 20, 32}, {two, "North", 30, 18}}, []string{"+12 tier-substitution medium []", "+0"}, Explained},
		{"another tier, few units", []side{{one, "North", 20, 25}, {two, "North", 30, 25}}, []string{"+5 tier-substitution low []", "+0"}, Undecided},
		{"another account, or another tier", []side{{one, "North", 20, 32}, {two, "North", 30, 18}, {one, "South", 30, 18}}, []string{"+12"}, Undecided},
		{"two accounts lack it", []side{{one, "North", 20, 32}, {one, "East", 30, 18}, {one, "South", 30, 18}}, []string{"+12"}, Undecided},
		{"two have it too much", []side{{one, "North", 20, 32}, {two, "South", 20, 32}, {one, "South", 30, 18}}, []string{"+12"}, Undecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &Data{Inputs: []Input{{Kind: VManage, Path: "v", Time: &noon}, {Kind: CSSM, Path: "c", Time: &noon}}}
			for _, s := range c.sides {
				d.VManage = append(d.VManage, Count{License: s.license, Virtual: s.virtual, Licensed: n(s.v)})
				d.Balances = append(d.Balances, Balance{Place: Place{Input: 1}, License: s.license, Virtual: s.virtual, Available: n(90), InUse: n(s.u), Balance: n(90 - s.u)})
			}
			doc := Reconcile(d, Options{Now: noon})
			holds(t, doc)
			if diff := cmp.Diff(c.want, parts(doc, "North")); diff != "" {
				t.Error(diff)
			}
			if doc.Verdict.Case != c.is {
				t.Errorf("%s, want %s", doc.Verdict.Case, c.is)
			}
		})
	}
}
