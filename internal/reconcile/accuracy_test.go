package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// world is a made-up network with the truth about every unit of difference.
type world struct {
	data  Data
	rand  *rand.Rand
	truth map[string]map[Class]int64 // by licence and account
	who   map[string]Class           // by the label of a product instance
	next  int
}

// inputsGiven says what of the truth the rules get to see.
type inputsGiven struct{ instances, devices, runs, before, contacts, hosts bool }

const unexplainedClass Class = "unexplained"

func title(license, virtual string) string { return license + "|" + virtual }

// newWorld makes a network: licences in accounts, each with its own mixture of causes.
func newWorld(seed uint64, devices int, see inputsGiven) *world {
	w := &world{rand: rand.New(rand.NewPCG(seed, 7)), truth: map[string]map[Class]int64{}, who: map[string]Class{}}
	at := noon
	w.data.Inputs = []Input{{Kind: VManage, Path: "v", Time: &at}, {Kind: CSSM, Path: "c", Time: &at}, {Kind: Instances, Path: "i", Time: &at}, {Kind: Runs, Path: "r", Time: &at},
		{Kind: Before, Path: "b", Time: days(7)}}
	w.data.VManage, w.data.Balances = []Count{}, []Balance{}
	if see.devices {
		w.data.Assigned = []Assignment{}
	}
	if see.instances {
		w.data.Instances = []Instance{}
	}
	if see.runs {
		w.data.Devices = []Device{}
	}
	if see.before {
		w.data.Before = []Count{}
	}
	accounts, families := []string{"North", "South", "East", "West"}, []string{"Routing DNA Advantage", "Routing DNA Essentials", "HSEC"}
	share := devices / (len(accounts) * len(families) * 2)
	for _, va := range accounts {
		for _, f := range families {
			w.pair(f, va, share, see)
		}
	}
	return w
}

type fleetOf struct {
	license, virtual string
	v, vp, u         int64
	reported         int64 // by SD-WAN Manager
}

// pair makes both tiers of one licence in one account.
func (w *world) pair(family, va string, share int, see inputsGiven) {
	one, two := &fleetOf{license: family + ": Tier 1", virtual: va}, &fleetOf{license: family + ": Tier 2", virtual: va}
	for _, f := range []*fleetOf{one, two} {
		w.truth[title(f.license, va)] = map[Class]int64{}
		size := share/2 + w.rand.IntN(share)
		for range size {
			w.device(f, see)
		}
	}
	for _, f := range []*fleetOf{one, two} {
		w.trouble(f, one, two, see)
		w.book(f, see)
	}
}

func (w *world) serial() string { w.next++; return fmt.Sprintf("FDO%08d", w.next) }

// device is one that vManage manages and reports.
func (w *world) device(f *fleetOf, see inputsGiven) (serial, host string) {
	serial = w.serial()
	host = "edge-" + serial[3:]
	f.v++
	f.reported++
	if see.devices {
		w.data.Assigned = append(w.data.Assigned, Assignment{UUID: "C8300-1N1S-" + serial, Host: host, License: f.license, Virtual: f.virtual, Units: 1})
	}
	return serial, host
}

// own is a product instance beside SD-WAN Manager's.
func (w *world) own(f *fleetOf, class Class, host, serial string, silent int, see inputsGiven) {
	f.u++
	w.truth[title(f.license, f.virtual)][class]++
	if !see.instances {
		return
	}
	i := Instance{Place: Place{2, len(w.data.Instances) + 2}, Name: host, PID: "C8300-1N1S", Serial: serial, Family: "Cisco Catalyst 8300", License: f.license,
		Virtual: f.virtual, Used: n(1)}
	if !see.hosts {
		i.Name = "UDI_PID:C8300-1N1S; UDI_SN:" + serial
	}
	if see.contacts {
		i.LastContact = days(silent)
	}
	w.who[i.label()] = class
	w.data.Instances = append(w.data.Instances, i)
}

func (w *world) ran(host, topology string, f *fleetOf, units int64, serials ...string) {
	d := Device{Place: Place{3, len(w.data.Devices) + 1}, Name: host, Topology: topology, At: &noon, Uses: []Use{{License: f.license, Units: units}}}
	for _, s := range serials {
		d.UDIs = append(d.UDIs, "PID:C8300-1N1S,SN:"+s)
	}
	w.data.Devices = append(w.data.Devices, d)
}

// trouble adds every cause, in a number of its own.
func (w *world) trouble(f, one, two *fleetOf, see inputsGiven) {
	times := func() int { return w.rand.IntN(5) }
	for range times() { // left vManage two months ago
		s := w.serial()
		w.own(f, DeletedUnreleased, "edge-"+s[3:], s, 31+w.rand.IntN(90), see)
	}
	for range times() { // replaced: the name lives on with another serial number
		_, host := w.device(f, see)
		w.own(f, StaleInstance, host, w.serial(), 40+w.rand.IntN(90), see)
	}
	for range times() { // the second member of a pair, which vManage counts as one device
		first, host := w.device(f, see)
		second := w.serial()
		w.own(f, HAMembers, host+"-standby", second, w.rand.IntN(5), see)
		if see.runs {
			w.ran(host, "controller-vmanage", f, 2, first, second)
		}
	}
	for range times() { // reports by itself although vManage reports for it
		s, host := w.device(f, see)
		w.own(f, SelfReporting, host, s, w.rand.IntN(5), see)
		if see.runs {
			w.ran(host, "cslu-push", f, 1, s)
		}
	}
	for range times() { // reports by itself, unknown to vManage
		s := w.serial()
		host := "branch-" + s[3:]
		w.own(f, SelfReporting, host, s, w.rand.IntN(5), see)
		if see.runs {
			w.ran(host, "direct-smart", f, 1, s)
		}
	}
	for range times() { // vManage knows it and has assigned nothing to it
		s := w.serial()
		host := "edge-" + s[3:]
		if see.devices {
			w.data.Assigned = append(w.data.Assigned, Assignment{UUID: "C8300-1N1S-" + s, Host: host})
		}
		w.own(f, Unassigned, host, s, w.rand.IntN(5), see)
		if see.runs {
			w.ran(host, "controller-vmanage", f, 1, s)
		}
	}
	other := one
	if f == one {
		other = two
	}
	for range times() { // assigned in another tier, which vManage reports
		s, host := w.device(other, see)
		w.own(f, TierSubstitution, host, s, w.rand.IntN(5), see)
	}
	for range times() { // assigned from another account, which vManage reports; that account is exported by somebody else
		s := w.serial()
		host := "edge-" + s[3:]
		if see.devices {
			w.data.Assigned = append(w.data.Assigned, Assignment{UUID: "C8300-1N1S-" + s, Host: host, License: f.license, Virtual: "Elsewhere", Units: 1})
		}
		w.own(f, WrongAccount, host, s, w.rand.IntN(5), see)
	}
	if w.rand.IntN(3) == 0 { // nobody knows why
		k := int64(1 + w.rand.IntN(6))
		f.reported += k
		w.truth[title(f.license, f.virtual)][unexplainedClass] += k
	}
}

// book writes what the portals show, the report before added in every third licence.
func (w *world) book(f *fleetOf, see inputsGiven) {
	f.vp = f.v + int64(w.rand.IntN(9))
	clean := w.truth[title(f.license, f.virtual)][unexplainedClass] == 0
	if clean && w.rand.IntN(3) == 0 {
		f.reported += f.vp
		w.truth[title(f.license, f.virtual)][DoubleReported] += f.vp
	}
	total := f.v + int64(100+w.rand.IntN(50))
	u := f.u + f.reported
	w.data.VManage = append(w.data.VManage, Count{Place: Place{0, len(w.data.VManage) + 2}, License: f.license, Virtual: f.virtual, Licensed: n(f.v), Total: n(total)})
	if see.before {
		w.data.Before = append(w.data.Before, Count{Place: Place{4, len(w.data.Before) + 2}, License: f.license, Virtual: f.virtual, Licensed: n(f.vp), Total: n(total)})
	}
	w.data.Balances = append(w.data.Balances, Balance{Place: Place{1, len(w.data.Balances) + 2}, License: f.license, Virtual: f.virtual, Available: n(total), InUse: n(u), Balance: n(total - u)})
	if see.instances {
		m := manager("8C3B-"+f.virtual, f.reported, days(1))
		m.License, m.Virtual, m.Place = f.license, f.virtual, Place{2, len(w.data.Instances) + 2}
		w.data.Instances = append(w.data.Instances, m)
	}
}

// score counts units, and among the wrong ones those that claim to be certain.
type score struct {
	total, right, wrong, surelyWrong, unexplained int64
	doubled                                       int64 // of total and right alike: units of reports that were added up
}

func (s *score) add(o score) {
	s.total += o.total
	s.right += o.right
	s.wrong += o.wrong
	s.surelyWrong += o.surelyWrong
	s.doubled += o.doubled
	s.unexplained += o.unexplained
}

// judge compares an attribution with the truth: by product instance where it names them, else by class.
func (w *world) judge(t *testing.T, d *Document) score {
	t.Helper()
	var s score
	for _, x := range d.Licenses {
		truth := w.truth[title(x.Name, x.Virtual)]
		if truth == nil {
			continue
		}
		left := map[Class]int64{}
		for c, k := range truth {
			s.total += k
			left[c] = k
		}
		for _, a := range x.Attribution {
			right := int64(0)
			if named := slices.DeleteFunc(slices.Clone(a.Instances), func(i string) bool { return w.who[i] == "" }); len(named) > 0 && int64(len(named)) == a.Units {
				for _, i := range named {
					if w.who[i] == a.Class {
						right++
						left[a.Class]--
					}
				}
			} else if a.Units > 0 {
				right = max(0, min(a.Units, left[a.Class]))
				left[a.Class] -= right
			}
			s.right += right
			wrong := max(a.Units, -a.Units) - right
			s.wrong += wrong
			if a.Confidence == High {
				s.surelyWrong += wrong
				if wrong > 0 {
					t.Errorf("%s in %s: %d of %d units are called %s with certainty (%s); the truth is %v", x.Name, x.Virtual, wrong, a.Units, a.Class, a.Why, truth)
				}
			}
			if a.Class == DoubleReported {
				s.doubled += right
			}
		}
		s.unexplained += max(value(x.Unexplained), -value(x.Unexplained))
	}
	return s
}

// TestAccuracy measures the attribution on networks whose truth is known; -v prints the figures of docs/reconcile.md.
func TestAccuracy(t *testing.T) {
	all := inputsGiven{true, true, true, true, true, true}
	without := func(change func(*inputsGiven)) inputsGiven { see := all; change(&see); return see }
	var table strings.Builder
	fmt.Fprintf(&table, "%-38s %7s %15s %7s %12s %12s\n", "inputs", "units", "right (doubled)", "wrong", "wrong, sure", "unexplained")
	for _, c := range []struct {
		name string
		see  inputsGiven
		want float64 // the least share of units that must be right
	}{
		{"everything", all, 0.98},
		{"no earlier export", without(func(s *inputsGiven) { s.before = false }), 0.95},
		{"no runs", without(func(s *inputsGiven) { s.runs = false }), 0.90},
		{"no contacts in CSSM's export", without(func(s *inputsGiven) { s.contacts = false }), 0.90},
		{"no host names in CSSM's export", without(func(s *inputsGiven) { s.hosts = false }), 0.90},
		{"no list of vManage's devices", without(func(s *inputsGiven) { s.devices = false }), 0.5},
		{"only counts, now and before", inputsGiven{before: true}, 0},
		{"only counts, now and before, and runs", inputsGiven{before: true, runs: true}, 0},
		{"only counts of now", inputsGiven{}, 0},
	} {
		var sum score
		for seed := range uint64(10) {
			w := newWorld(seed+1, 10_000, c.see)
			d := Reconcile(&w.data, Options{Now: noon})
			sum.add(w.judge(t, d))
			holds(t, d)
			once(t, d)
		}
		fmt.Fprintf(&table, "%-38s %7d %15s %7d %12d %12d\n", c.name, sum.total, fmt.Sprintf("%d (%d)", sum.right, sum.doubled), sum.wrong, sum.surelyWrong, sum.unexplained)
		if share := float64(sum.right) / float64(sum.total); share < c.want {
			t.Errorf("%s: %.3f of the units are attributed correctly, want %.2f", c.name, share, c.want)
		}
	}
	t.Logf("10 networks of 10,000 devices, 24 licences in 4 accounts each\n%s", table.String())
}

// holds checks what is true of every document.
func holds(t interface{ Errorf(string, ...any) }, d *Document) {
	for _, x := range d.Licenses {
		if (x.Delta == nil) != (x.Unexplained == nil) || x.Delta == nil && len(x.Attribution) > 0 {
			t.Errorf("%s: attribution without a difference", x.Name)
			continue
		}
		if x.Delta == nil {
			continue
		}
		sum := *x.Unexplained
		for _, a := range x.Attribution {
			sum += a.Units
			if a.Units == 0 || a.Why == "" || !slices.Contains([]Confidence{High, Medium, Low}, a.Confidence) {
				t.Errorf("%s: %+v", x.Name, a)
			}
		}
		if sum != *x.Delta || *x.Delta != *x.U-*x.V {
			t.Errorf("%s: the parts add up to %d, the difference is %d, U - V is %d", x.Name, sum, *x.Delta, *x.U-*x.V)
		}
	}
}

// once checks that no product instance is in two attributions.
func once(t *testing.T, d *Document) {
	t.Helper()
	for _, x := range d.Licenses {
		seen := map[string]bool{}
		for _, a := range x.Attribution {
			for _, i := range a.Instances {
				if seen[i] {
					t.Errorf("%s: %s is attributed twice", x.Name, i)
				}
				seen[i] = true
			}
		}
	}
}

// BenchmarkReconcile compares a network of 10,000 devices with all inputs.
func BenchmarkReconcile(b *testing.B) {
	w := newWorld(1, 10_000, inputsGiven{true, true, true, true, true, true})
	for b.Loop() {
		Reconcile(&w.data, Options{Now: noon})
	}
}
