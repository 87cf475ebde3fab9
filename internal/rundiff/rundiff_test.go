package rundiff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

var morning = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// unit is an examined device as it is when all is well; edits make it another one.
func unit(name string, edits ...func(*diag.DeviceResult)) diag.DeviceResult {
	d := diag.DeviceResult{Name: name, State: diag.Examined,
		Platform: &diag.Platform{OS: "IOS XE", Release: "17.9.5", PID: "C9300-24P", Serial: "SN-" + name},
		Topology: &diag.Topology{ID: diag.DirectSmart},
		Traits:   map[string]string{"topology": "direct-smart", "transport": "smart", "url": "https://one.example.net", "policy": "Cisco default", "name servers": "192.0.2.53"},
		Deadline: &diag.Deadline{State: "due", NextACK: new("Apr 20 10:00:00 2026 UTC")},
		Facts: &diag.Holdings{UDIs: []string{"PID:C9300-24P,SN:SN-" + name}, Trust: []string{"PID:C9300-24P,SN:SN-" + name},
			Licenses: []string{"network-advantage"}, LastACK: new("Feb 01 10:00:00 2026 UTC"), Clock: new("Mar 01 08:00:00 2026 UTC")},
		Results: []diag.Result{result("alpha", diag.Pass), result("beta", diag.Pass)}}
	for _, edit := range edits {
		edit(&d)
	}
	return d
}

func result(check string, s diag.Status) diag.Result {
	return diag.Result{Check: check, Status: s, Severity: diag.High, Summary: check + " is " + string(s)}
}

// with replaces the verdicts.
func with(results ...diag.Result) func(*diag.DeviceResult) {
	return func(d *diag.DeviceResult) { d.Results = results }
}

func unknown(check string, why diag.Reason) diag.Result {
	r := result(check, diag.Unknown)
	r.Reason = &why
	return r
}

func because(r diag.Result, of string) diag.Result { r.CausedBy = &of; return r }

func waived(r diag.Result) diag.Result { r.Waived = new("accepted until May"); return r }

func as(r diag.Result, s diag.Severity) diag.Result { r.Severity = s; return r }

func at(r diag.Result, key string) diag.Result { r.Key = key; return r }

func lostAs(s diag.State) func(*diag.DeviceResult) {
	return func(d *diag.DeviceResult) {
		*d = diag.DeviceResult{Name: d.Name, State: s, Error: &diag.Fault{Class: "refused", Message: "connection refused"}}
	}
}

func side(devices ...diag.DeviceResult) Side {
	return Side{Tool: diag.Tool{Version: "1"}, Run: diag.Run{Started: morning, Finished: morning.Add(time.Minute)}, Devices: devices}
}

func compare(t *testing.T, before, after Side, allow ...string) *Document {
	t.Helper()
	a, err := ParseAllow(allow)
	if err != nil {
		t.Fatal(err)
	}
	return Compare(diag.Tool{}, before, after, Options{Allow: a, Outlasts: func(id string) bool { return id == "late" }})
}

// lines are the changes in short: device, class, subject, "!" for a regression, "+" for one that follows, "ok" for an
// expected one.
func lines(d *Document) []string {
	var out []string
	for _, dev := range d.Devices {
		for _, ch := range dev.Changes {
			s := fmt.Sprintf("%s %s %s", dev.Name, ch.Class, subject(ch))
			if ch.Regression {
				s += " !"
			}
			if ch.Follows {
				s += " +"
			}
			if ch.AllowedWith != nil {
				s += " ok"
			}
			out = append(out, s)
		}
	}
	return out
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct{ before, after diag.Result }{
		"new !: pass, fail":                  {result("x", diag.Pass), result("x", diag.Fail)},
		"new !: pass, warn":                  {result("x", diag.Pass), result("x", diag.Warn)},
		"new !: not-applicable, fail":        {result("x", diag.NotApplicable), result("x", diag.Fail)},
		"new !: unknown, fail":               {unknown("x", diag.Absent), result("x", diag.Fail)},
		"new: blocked, fail":                 {unknown("x", diag.Blocked), result("x", diag.Fail)},
		"new: unknown, warn":                 {unknown("x", diag.Manual), result("x", diag.Warn)},
		"new: pass, fail of no weight":       {result("x", diag.Pass), as(result("x", diag.Fail), diag.Info)},
		"new: pass, waived fail":             {result("x", diag.Pass), waived(result("x", diag.Fail))},
		"new !: a waiver has expired":        {waived(result("x", diag.Fail)), result("x", diag.Fail)},
		"better: a waiver has come":          {result("x", diag.Fail), waived(result("x", diag.Fail))},
		"worse !: warn, fail":                {result("x", diag.Warn), result("x", diag.Fail)},
		"worse !: fail, more severe":         {result("x", diag.Fail), as(result("x", diag.Fail), diag.Critical)},
		"better: fail, less severe":          {result("x", diag.Fail), as(result("x", diag.Fail), diag.Low)},
		"better: fail, warn":                 {result("x", diag.Fail), result("x", diag.Warn)},
		"resolved: fail, pass":               {result("x", diag.Fail), result("x", diag.Pass)},
		"resolved: warn, not-applicable":     {result("x", diag.Warn), result("x", diag.NotApplicable)},
		"better: unknown, pass":              {unknown("x", diag.Refused), result("x", diag.Pass)},
		"worse !: pass, refused":             {result("x", diag.Pass), unknown("x", diag.Refused)},
		"worse !: pass, timed-out":           {result("x", diag.Pass), unknown("x", diag.TimedOut)},
		"worse !: pass, cut":                 {result("x", diag.Pass), unknown("x", diag.Cut)},
		"worse !: pass, unparsed":            {result("x", diag.Pass), unknown("x", diag.Unparsed)},
		"worse !: pass, blocked":             {result("x", diag.Pass), unknown("x", diag.Blocked)},
		"worse !: pass, internal":            {result("x", diag.Pass), unknown("x", diag.Internal)},
		"worse !: not-applicable, refused":   {result("x", diag.NotApplicable), unknown("x", diag.Refused)},
		"worse !: fail, refused":             {result("x", diag.Fail), unknown("x", diag.Refused)},
		"worse: fail, blocked":               {result("x", diag.Fail), unknown("x", diag.Blocked)},
		"worse: pass, absent":                {result("x", diag.Pass), unknown("x", diag.Absent)},
		"worse: pass, not-collected":         {result("x", diag.Pass), unknown("x", diag.NotCollected)},
		"unchanged: unknown, other reason":   {unknown("x", diag.Absent), unknown("x", diag.Refused)},
		"unchanged: pass, not-applicable":    {result("x", diag.Pass), result("x", diag.NotApplicable)},
		"unchanged: pass, other severity":    {result("x", diag.Pass), as(result("x", diag.Pass), diag.Low)},
		"unchanged: pass, other key":         {at(result("x", diag.Pass), "a"), at(result("x", diag.Pass), "b")},
		"new: fail, another object at fault": {at(result("x", diag.Fail), "a"), at(result("x", diag.Fail), "b")},
	} {
		t.Run(name, func(t *testing.T) {
			class, _, _ := strings.Cut(name, ":")
			d := compare(t, side(unit("r1", with(c.before))), side(unit("r1", with(c.after))))
			var want []string
			if class != "unchanged" {
				word, bang, _ := strings.Cut(class, " ")
				want = []string{strings.TrimSpace("r1 " + word + " x " + bang)}
			}
			if diff := cmp.Diff(want, lines(d)); diff != "" {
				t.Error(diff)
			}
			if strings.HasSuffix(class, "!") != d.Regressed() {
				t.Errorf("regressed %t", d.Regressed())
			}
			if n := d.Summary.Changes[Unchanged]; (class == "unchanged") != (n == 1) {
				t.Errorf("%d verdicts unchanged", n)
			}
		})
	}
}

func TestRoots(t *testing.T) {
	old := with(because(result("leaf", diag.Fail), "alpha"), result("alpha", diag.Fail), result("beta", diag.Pass))
	for name, c := range map[string]struct {
		before, after func(*diag.DeviceResult)
		want          []string
	}{
		"a consequence follows its new root": {
			with(result("leaf", diag.Pass), result("alpha", diag.Pass)),
			with(because(result("leaf", diag.Fail), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 new leaf ! +", "r1 new alpha !"}},
		"blocked by a new root": {
			with(result("leaf", diag.Pass), result("alpha", diag.Pass)),
			with(because(unknown("leaf", diag.Blocked), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 worse leaf ! +", "r1 new alpha !"}},
		"a new consequence of an old root stands by itself": {
			with(result("leaf", diag.Pass), result("alpha", diag.Fail)),
			with(because(result("leaf", diag.Fail), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 new leaf !"}},
		"a fault comes from a new root": {old,
			with(because(result("leaf", diag.Fail), "beta"), result("alpha", diag.Pass), result("beta", diag.Fail)),
			[]string{"r1 new leaf ! +", "r1 resolved alpha", "r1 new beta !"}},
		"a fault outlives its root": {old,
			with(result("leaf", diag.Fail), result("alpha", diag.Pass), result("beta", diag.Pass)),
			[]string{"r1 new leaf", "r1 resolved alpha"}},
		"what a resolved root caused goes with it": {old,
			with(result("leaf", diag.Pass), result("alpha", diag.Pass), result("beta", diag.Pass)),
			[]string{"r1 resolved leaf +", "r1 resolved alpha"}},
		"a consequence of a waived root stays one": {
			with(result("leaf", diag.Pass), result("gate", diag.Pass), result("alpha", diag.Pass)),
			with(because(result("leaf", diag.Fail), "alpha"), because(unknown("gate", diag.Blocked), "alpha"), waived(result("alpha", diag.Fail))),
			[]string{"r1 new leaf", "r1 worse gate", "r1 new alpha"}},
		"a fault comes from a waived root": {old,
			with(because(result("leaf", diag.Fail), "beta"), result("alpha", diag.Pass), waived(result("beta", diag.Fail))),
			[]string{"r1 new leaf", "r1 resolved alpha", "r1 new beta"}},
		"what outlasts a waived root counts": {
			with(result("late", diag.Pass), result("alpha", diag.Pass)),
			with(because(result("late", diag.Fail), "alpha"), waived(result("alpha", diag.Fail))),
			[]string{"r1 new late !", "r1 new alpha"}},
		"what outlasts its root follows nothing": {
			with(result("late", diag.Pass), result("alpha", diag.Pass)),
			with(because(result("late", diag.Fail), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 new late !", "r1 new alpha !"}},
		"without an answer it follows as others do": {
			with(result("late", diag.Pass), result("alpha", diag.Pass)),
			with(because(unknown("late", diag.Blocked), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 worse late ! +", "r1 new alpha !"}},
		"of a device that was not examined": {
			lostAs(diag.Unreachable),
			with(because(result("leaf", diag.Fail), "alpha"), result("alpha", diag.Fail)),
			[]string{"r1 better state", "r1 new leaf +", "r1 new alpha"}},
		"a missing answer can not be waived": {
			with(result("leaf", diag.Pass), result("alpha", diag.Pass)),
			with(because(unknown("leaf", diag.Refused), "alpha"), waived(result("alpha", diag.Fail))),
			[]string{"r1 worse leaf !", "r1 new alpha"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, lines(compare(t, side(unit("r1", c.before)), side(unit("r1", c.after))))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAnExpiredWaiverIsTold: the verdict has not changed, so the words must say what has.
func TestAnExpiredWaiverIsTold(t *testing.T) {
	expired := result("x", diag.Fail)
	expired.Waiver = &diag.Waiver{Owner: "netops", Expires: "2026-02-28", Expired: true}
	d := compare(t, side(unit("r1", with(waived(result("x", diag.Fail))))), side(unit("r1", with(expired))))
	ch := d.Devices[0].Changes[0]
	got := []string{ch.Before, ch.After, ch.Summary}
	want := []string{"fail (high, waived)", "fail (high)", "x is fail The waiver by netops expired on 2026-02-28."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	d = compare(t, side(unit("r1", with(waived(result("x", diag.Warn))))), side(unit("r1", with(waived(result("x", diag.Fail))))))
	if ch := d.Devices[0].Changes[0]; ch.Before != "warn (waived)" || ch.After != "fail (high, waived)" || ch.Regression {
		t.Errorf("%+v", ch)
	}
}

func TestFacts(t *testing.T) {
	type edit = func(*diag.DeviceResult)
	none := func(*diag.DeviceResult) {}
	trait := func(name, value string) edit { return func(d *diag.DeviceResult) { d.Traits[name] = value } }
	hold := func(f func(*diag.Holdings)) edit { return func(d *diag.DeviceResult) { f(d.Facts) } }
	due := func(state, next string) edit {
		return func(d *diag.DeviceResult) { d.Deadline = &diag.Deadline{State: state, NextACK: &next} }
	}
	for name, c := range map[string]struct {
		before, after edit
		want          []string
	}{
		"nothing":         {none, none, nil},
		"release":         {none, func(d *diag.DeviceResult) { d.Platform.Release = "17.12.4" }, []string{"r1 new release !"}},
		"release unknown": {none, func(d *diag.DeviceResult) { d.Platform.Release = "" }, []string{"r1 worse release !"}},
		"release known":   {func(d *diag.DeviceResult) { d.Platform.Release = "" }, none, []string{"r1 better release"}},
		"topology": {none, func(d *diag.DeviceResult) {
			d.Topology.ID = diag.Offline
			d.Traits["topology"] = "offline"
			d.Traits["transport"] = "off"
		}, []string{"r1 new topology !"}},
		"transport alone":      {none, trait("transport", "callhome"), []string{"r1 new topology !"}},
		"url":                  {none, trait("url", "https://two.example.net"), []string{"r1 new url !"}},
		"policy":               {none, trait("policy", "Example"), []string{"r1 new policy !"}},
		"name servers":         {none, trait("name servers", "none"), []string{"r1 new name-servers !"}},
		"a unit more":          {none, hold(func(h *diag.Holdings) { h.UDIs = append(h.UDIs, "PID:X,SN:Y") }), []string{"r1 appeared udi"}},
		"a unit less":          {hold(func(h *diag.Holdings) { h.UDIs = append(h.UDIs, "PID:X,SN:Y") }), none, []string{"r1 vanished udi !"}},
		"trust lost":           {none, hold(func(h *diag.Holdings) { h.Trust = []string{} }), []string{"r1 vanished trust !"}},
		"trust unknown":        {none, hold(func(h *diag.Holdings) { h.Trust = nil }), []string{"r1 worse trust !"}},
		"trust won":            {hold(func(h *diag.Holdings) { h.Trust = []string{} }), none, []string{"r1 appeared trust"}},
		"trust was unknown":    {hold(func(h *diag.Holdings) { h.Trust = nil }), none, nil},
		"licence lost and won": {none, hold(func(h *diag.Holdings) { h.Licenses = []string{"network-essentials"} }), []string{"r1 vanished license !", "r1 appeared license"}},
		"licence counted":      {none, hold(func(h *diag.Holdings) { h.Counts = map[string]int{"network-advantage": 2} }), nil},
		"licence not counted":  {hold(func(h *diag.Holdings) { h.Counts = map[string]int{"network-advantage": 2} }), none, nil},
		"licences of more units": {hold(func(h *diag.Holdings) { h.Counts = map[string]int{"network-advantage": 1} }),
			hold(func(h *diag.Holdings) { h.Counts = map[string]int{"network-advantage": 2} }), []string{"r1 new license"}},
		"ack later":                   {none, hold(func(h *diag.Holdings) { h.LastACK = new("Feb 28 10:00:00 2026 UTC") }), nil},
		"ack earlier":                 {none, hold(func(h *diag.Holdings) { h.LastACK = new("Jan 28 10:00:00 2026 UTC") }), []string{"r1 worse ack !"}},
		"ack in another zone":         {none, hold(func(h *diag.Holdings) { h.LastACK = new("Feb 01 01:00:00 2026 PST") }), nil},
		"ack earlier in another zone": {none, hold(func(h *diag.Holdings) { h.LastACK = new("Jan 28 10:00:00 2026 PST") }), []string{"r1 worse ack !"}},
		"deadline in another zone":    {none, due("due", "Apr 19 09:00:00 2026 PST"), nil},
		"ack forgotten":               {none, hold(func(h *diag.Holdings) { h.LastACK = new("") }), []string{"r1 worse ack !"}},
		"first ack":                   {hold(func(h *diag.Holdings) { h.LastACK = new("") }), none, []string{"r1 better ack"}},
		"ack unknown":                 {none, hold(func(h *diag.Holdings) { h.LastACK = nil }), []string{"r1 worse ack !"}},
		"deadline later":              {none, due("due", "May 20 10:00:00 2026 UTC"), nil},
		"deadline earlier":            {none, due("due", "Apr 10 10:00:00 2026 UTC"), []string{"r1 worse deadline !"}},
		"deadline passed":             {none, due("passed", "Apr 20 10:00:00 2026 UTC"), []string{"r1 worse deadline !"}},
		"deadline met":                {due("passed", "Apr 20 10:00:00 2026 UTC"), none, []string{"r1 resolved deadline"}},
		"deadline unknown":            {none, func(d *diag.DeviceResult) { d.Deadline = nil }, []string{"r1 worse deadline !"}},
		"deadline known":              {func(d *diag.DeviceResult) { d.Deadline = nil }, none, []string{"r1 better deadline"}},
		"deadline gone":               {none, due("not-required", ""), []string{"r1 better deadline"}},
		"deadline where none":         {due("not-required", ""), none, []string{"r1 new deadline !"}},
		"no licence answer":           {none, func(d *diag.DeviceResult) { d.Facts = nil }, []string{"r1 worse udi !", "r1 worse trust !", "r1 worse license !", "r1 worse ack !"}},
		"no licence answer yet":       {func(d *diag.DeviceResult) { d.Facts = &diag.Holdings{} }, none, nil},
		"facts of old programs":       {func(d *diag.DeviceResult) { d.Facts = nil }, none, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, side(unit("r1", c.before)), side(unit("r1", c.after)))
			if diff := cmp.Diff(c.want, lines(d)); diff != "" {
				t.Error(diff)
			}
			if strings.HasPrefix(name, "facts of old") && len(d.Notes) != 1 {
				t.Errorf("notes %q", d.Notes)
			}
		})
	}
}

func TestDevices(t *testing.T) {
	named := func(name string) func(*diag.DeviceResult) { return func(d *diag.DeviceResult) { d.Name = name } }
	twin := func(of string) func(*diag.DeviceResult) {
		return func(d *diag.DeviceResult) { d.Platform.Serial = "SN-" + of }
	}
	for name, c := range map[string]struct {
		before, after []diag.DeviceResult
		want          []string
		notes         int
	}{
		"vanished":           {[]diag.DeviceResult{unit("r1"), unit("r2")}, []diag.DeviceResult{unit("r1")}, []string{"r2 vanished device !"}, 0},
		"vanished, was lost": {[]diag.DeviceResult{unit("r1"), unit("r2", lostAs(diag.Unreachable))}, []diag.DeviceResult{unit("r1")}, []string{"r2 vanished device"}, 0},
		"appeared":           {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r1"), unit("r2", with(result("x", diag.Fail)))}, []string{"r2 appeared device"}, 0},
		"renamed":            {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r1", named("r9"))}, []string{"r9 new name"}, 0},
		"names swapped":      {[]diag.DeviceResult{unit("r1"), unit("r2")}, []diag.DeviceResult{unit("r2", named("r1")), unit("r1", named("r2"))}, []string{"r1 new name", "r2 new name"}, 0},
		"replaced": {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r7", named("r1"))},
			[]string{"r1 vanished udi !", "r1 appeared udi", "r1 vanished trust !", "r1 appeared trust"}, 0},
		"one UDI twice":        {[]diag.DeviceResult{unit("r1"), unit("r2", twin("r1"))}, []diag.DeviceResult{unit("r1"), unit("r2", twin("r1"))}, nil, 2},
		"cloned":               {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r2", twin("r1")), unit("r1")}, []string{"r2 appeared device"}, 1},
		"lost":                 {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r1", lostAs(diag.Unreachable))}, []string{"r1 worse state !"}, 1},
		"not reached":          {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r1", lostAs(diag.NotReached))}, []string{"r1 worse state !"}, 1},
		"lost for another why": {[]diag.DeviceResult{unit("r1", lostAs(diag.Unreachable))}, []diag.DeviceResult{unit("r1", lostAs(diag.AuthRejected))}, []string{"r1 new state"}, 1},
		"found, and it fails": {[]diag.DeviceResult{unit("r1", lostAs(diag.Unreachable))}, []diag.DeviceResult{unit("r1", with(result("x", diag.Fail)))},
			[]string{"r1 better state", "r1 new x"}, 1},
		"session lost": {[]diag.DeviceResult{unit("r1")}, []diag.DeviceResult{unit("r1", with(result("alpha", diag.Pass), unknown("beta", diag.Cut)),
			func(d *diag.DeviceResult) { d.State, d.Error = diag.Partial, &diag.Fault{Class: "session_lost"} })},
			[]string{"r1 worse state !", "r1 worse beta ! +"}, 0},
		"checks on one side only": {[]diag.DeviceResult{unit("r1", with(result("old", diag.Pass)))}, []diag.DeviceResult{unit("r1", with(result("n1", diag.Pass), result("n2", diag.Fail)))},
			[]string{"r1 appeared n2"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, side(c.before...), side(c.after...))
			if diff := cmp.Diff(c.want, lines(d)); diff != "" {
				t.Error(diff)
			}
			if strings.HasPrefix(name, "checks on one") && (d.Summary.Changes[Unchanged] != 0 || !strings.Contains(d.Notes[0], "3 checks are")) {
				t.Errorf("%d unchanged, notes %q", d.Summary.Changes[Unchanged], d.Notes)
			}
			if len(d.Notes) != c.notes {
				t.Errorf("%d notes, want %d: %q", len(d.Notes), c.notes, d.Notes)
			}
		})
	}
}

func TestASubsetMakesNothingVanish(t *testing.T) {
	d := Compare(diag.Tool{}, side(unit("r1"), unit("r2")), side(unit("r1")), Options{Subset: true})
	if len(d.Devices) != 0 || len(d.Notes) != 1 || d.Regressed() {
		t.Errorf("%q %q", lines(d), d.Notes)
	}
}

func TestClocksThatJump(t *testing.T) {
	clock := func(s string) func(*diag.DeviceResult) { return func(d *diag.DeviceResult) { d.Facts.Clock = &s } }
	later := func(d ...diag.DeviceResult) Side {
		s := side(d...)
		s.Run.Started, s.Run.Finished = morning.Add(24*time.Hour), morning.Add(25*time.Hour)
		return s
	}
	for name, c := range map[string]struct {
		after Side
		want  string
	}{
		"a day in a day":     {later(unit("r1", clock("Mar 02 08:30:00 2026 UTC"))), ""},
		"daylight saving":    {later(unit("r1", clock("Mar 02 09:59:00 2026 UTC"))), ""},
		"back":               {later(unit("r1", clock("Feb 27 08:00:00 2026 UTC"))), "The clock of r1 went back: Mar 01 08:00:00 2026 UTC before, Feb 27 08:00:00 2026 UTC after."},
		"stood still":        {later(unit("r1")), "The clock of r1 jumped"},
		"ahead":              {later(unit("r1", clock("Apr 01 08:30:00 2026 UTC"))), "The clock of r1 jumped"},
		"another zone":       {later(unit("r1", clock("Mar 02 17:30:00 2026 JST"))), ""},
		"undated, far ahead": {Side{Undated: true, Tool: diag.Tool{Version: "1"}, Devices: []diag.DeviceResult{unit("r1", clock("Apr 01 08:30:00 2026 UTC"))}}, ""},
		"undated, back":      {Side{Undated: true, Tool: diag.Tool{Version: "1"}, Devices: []diag.DeviceResult{unit("r1", clock("Feb 01 08:30:00 2026 UTC"))}}, "went back"},
		"many":               {later(unit("r1"), unit("r2")), "So did 1 other: r2."},
	} {
		t.Run(name, func(t *testing.T) {
			d := compare(t, side(unit("r1"), unit("r2")), c.after)
			if got := strings.Join(d.Notes, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("notes %q, want %q", got, c.want)
			}
		})
	}
}

func TestRunsThatAreOdd(t *testing.T) {
	early, interrupted, other := side(unit("r1")), side(unit("r1")), side(unit("r1"))
	early.Run.Started = morning.Add(-time.Hour)
	interrupted.Run.Interrupted = true
	other.Tool.Version = "2"
	for want, after := range map[string]Side{"were the two swapped?": early, "The later run was interrupted": interrupted, "different versions (1, 2)": other} {
		d := compare(t, side(unit("r1")), after)
		if len(d.Notes) != 1 || !strings.Contains(d.Notes[0], want) {
			t.Errorf("notes %q, want %q", d.Notes, want)
		}
	}
}

func TestAllow(t *testing.T) {
	fine := with(result("dns-server", diag.Pass), result("beta", diag.Pass))
	before := side(unit("r1", fine), unit("r2", fine), unit("edge-3", fine))
	after := side(unit("r1", func(d *diag.DeviceResult) { d.Platform.Release = "17.12.4" }, with(result("dns-server", diag.Fail), because(result("beta", diag.Fail), "dns-server"))),
		unit("r2", fine, func(d *diag.DeviceResult) { d.Traits["url"] = "https://two.example.net" }), unit("edge-3", lostAs(diag.Unreachable)))
	all := []string{"release", "url", "check:dns-*", "device:edge-*"}
	for i := range all {
		some := append(append([]string{}, all[:i]...), all[i+1:]...)
		if d := compare(t, before, after, some...); !d.Regressed() {
			t.Errorf("without %s nothing is a regression: %q", all[i], lines(d))
		}
	}
	d := compare(t, before, after, all...)
	if d.Regressed() || d.Summary.Allowed != 5 || len(d.Notes) > 0 {
		t.Errorf("%d allowed, notes %q: %q", d.Summary.Allowed, d.Notes, lines(d))
	}
	if d := compare(t, before, after, append([]string{"device:*", "device:r1"}, all...)...); d.Summary.Allowed != 5 || len(d.Notes) > 0 {
		t.Errorf("%d allowed, notes %q", d.Summary.Allowed, d.Notes)
	}
	if d := compare(t, before, before, "url"); len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "--allow url matched no change") {
		t.Errorf("notes %q", d.Notes)
	}
	for _, bad := range []string{"", "relase", "check:", "site:x", "check:[a", "release:x"} {
		if _, err := ParseAllow([]string{bad}); err == nil {
			t.Errorf("--allow %q was taken", bad)
		}
	}
}

func TestARunIsWhatItIs(t *testing.T) {
	s := side(unit("r1"), unit("r2", lostAs(diag.Unreachable)), unit("r3", with(because(result("leaf", diag.Fail), "alpha"), result("alpha", diag.Fail), unknown("beta", diag.Refused))))
	d := compare(t, s, s)
	if diff := cmp.Diff([]string{"1 device was examined in neither run: nothing is known of what the change did there."}, d.Notes); diff != "" {
		t.Error(diff)
	}
	d = compare(t, s, side(unit("r1"), unit("r2"), s.Devices[2]))
	if diff := cmp.Diff([]string{"1 device was examined in the later run only: nothing is known of what the change did there."}, d.Notes); diff != "" {
		t.Error(diff)
	}
	d = compare(t, s, s)
	if len(d.Devices) > 0 || d.Regressed() || d.Summary.Devices[Unchanged] != 3 || d.Summary.Compared != 3 {
		t.Errorf("%+v", d)
	}
}

// TestManyTwins: a note names some of them.
func TestManyTwins(t *testing.T) {
	var clones []diag.DeviceResult
	for i := range 400 {
		d := unit("r1")
		d.Name = fmt.Sprintf("r%d", i)
		clones = append(clones, d)
	}
	d := compare(t, side(unit("r1")), side(clones...))
	if len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "r9, 390 others have the same UDI") {
		t.Errorf("%.300q", d.Notes)
	}
}

// TestOddRuns: what is odd about the runs as a whole is said, and on schedule in other words: there is no earlier side
// that somebody could have chosen wrongly.
func TestOddRuns(t *testing.T) {
	before, after := side(unit("r1")), side(unit("r1"))
	before.Run.ID, after.Run.ID = "one", "two"
	notes := func(routine bool) string {
		return strings.Join(Compare(diag.Tool{}, before, after, Options{Routine: routine}).Notes, "\n")
	}
	if got := notes(false); got != "" {
		t.Error(got)
	}
	after.Run.ID = before.Run.ID
	if got := notes(false); !strings.Contains(got, "Both sides are one run") {
		t.Error(got)
	}
	before.Run.Started = after.Run.Started.AddDate(0, 1, 0)
	before.Run.Interrupted, after.Tool.Version = true, "2.0"
	if got := notes(true); !strings.Contains(got, "clock of this machine went back") || !strings.Contains(got, "this one by 2.0") ||
		strings.Contains(got, "swapped") || strings.Contains(got, "interrupted") || strings.Contains(got, "bundles") {
		t.Error(got)
	}
}

// TestHowManyUnits: the number of units that use a licence is told, and gates nothing. It moves by itself where access
// points or calls come and go, so a schedule does not tell it.
func TestHowManyUnits(t *testing.T) {
	using := func(n int) Side {
		return side(unit("r1", func(d *diag.DeviceResult) { d.Facts.Counts = map[string]int{"network-advantage": n} }))
	}
	d := compare(t, using(2), using(1))
	ch := d.Devices[0].Changes[0]
	if diff := cmp.Diff([]string{"network-advantage: 2", "network-advantage: 1"}, []string{ch.Before, ch.After}); diff != "" || d.Regressed() {
		t.Errorf("regressed %t\n%s", d.Regressed(), diff)
	}
	if d := compare(t, using(2), using(1), "license"); d.Summary.Allowed != 1 || len(d.Notes) > 0 {
		t.Errorf("%+v %q", d.Summary, d.Notes)
	}
	if d := Compare(diag.Tool{}, using(2), using(1), Options{Routine: true}); len(d.Devices) > 0 {
		t.Errorf("%q", lines(d))
	}
}

// TestNothingIsNoLongerKnown: that a device had nothing is said in a word when it is not known any more.
func TestNothingIsNoLongerKnown(t *testing.T) {
	bare := unit("r1", func(d *diag.DeviceResult) {
		d.Facts.Trust, d.Facts.Licenses, d.Facts.LastACK = []string{}, []string{}, new("")
	})
	for _, ch := range compare(t, side(bare), side(unit("r1", func(d *diag.DeviceResult) { d.Facts = nil }))).Devices[0].Changes {
		if ch.Kind != "udi" && (ch.Before != "none" || ch.After != "") {
			t.Errorf("%s: %q -> %q", ch.Kind, ch.Before, ch.After)
		}
	}
}

// TestOneLicenceInOtherWords: which command told of a licence is no change.
func TestOneLicenceInOtherWords(t *testing.T) {
	for _, c := range []struct {
		was, is string
		want    int
	}{
		{"network-advantage", "network-advantage (C9300-24 Network Advantage)", 0},
		{"network-advantage (C9300-24 Network Advan...)", "network-advantage (C9300-24 Network Advantage)", 0},
		{"network-advantage (C9300-24 Network Advan...)", "network-advantage (C9300-48 Network Advan...)", 2},
		{"network-advantage (C9300-24 Network Advantage)", "network-essentials (C9300-24 Network Essentials)", 2},
		{"network-advantage", "network-essentials", 2},
	} {
		if got := len(members("license", []string{c.was}, []string{c.is})) + len(members("license", []string{c.is}, []string{c.was})); got != 2*c.want {
			t.Errorf("%s, %s: %d changes there and back", c.was, c.is, got)
		}
	}
}

// What is unknown because the topology is follows from that, in both directions.
func TestNobodyKnowsTheTopology(t *testing.T) {
	blind := unknown("beta", diag.Refused)
	blind.Message.ID = "beta.no-topology"
	lost := func(d *diag.DeviceResult) {
		d.Topology = nil
		delete(d.Traits, "topology")
		delete(d.Traits, "transport")
	}
	known, not := side(unit("r1")), side(unit("r1", with(result("alpha", diag.Pass), blind), lost))
	if d := cmp.Diff([]string{"r1 worse topology !", "r1 worse beta ! +"}, lines(compare(t, known, not))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"r1 worse topology ! ok", "r1 worse beta ! + ok"}, lines(compare(t, known, not, "topology"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"r1 better topology", "r1 better beta +"}, lines(compare(t, not, known))); d != "" {
		t.Error(d)
	}
}
