package waiver

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func read(t *testing.T, entries ...string) Set {
	t.Helper()
	text := sound
	for _, e := range entries {
		text += e
	}
	set, problems := Read(catalogue, File{"w.yaml", []byte(text)})
	if problems != nil {
		t.Fatal(problems)
	}
	return set
}

// broken is a device on which every check of the catalogue fails; what dns-server causes names it.
func broken() diag.DeviceResult {
	d := diag.DeviceResult{Name: "r1", State: diag.Examined, Tags: map[string]string{"site": "tokyo", "Role": "core/edge"}, Groups: []string{"campus"},
		Platform: &diag.Platform{Release: "17.9.4a"}}
	for _, k := range catalogue {
		r := diag.Result{Check: k.ID, Status: diag.Fail, Severity: diag.High}
		if k.ID == "report-usage" || k.Outlasts {
			r.CausedBy = new("dns-server")
		}
		d.Results = append(d.Results, r)
	}
	return d
}

func waivedChecks(d diag.DeviceResult) []string {
	var out []string
	for _, r := range d.Results {
		if r.Waived != nil {
			out = append(out, r.Check)
		}
	}
	return out
}

func TestMatch(t *testing.T) {
	for match, want := range map[string]bool{
		"name: r1": true, "name: R1": false, "name: 'r?'": true, "name: r": false,
		"tag: site=tokyo": true, "tag: SITE=to*": true, "tag: site=osaka": false, "tag: role=*": true, "tag: role=core/*": true, "tag: rack=*": false,
		"release: 17.9.4a": true, "release: '17.9.*'": true, "release: 17.9.4": false,
		"group: campus": true, "group: cam*": false,
		"name: r1, tag: site=tokyo, release: '17.*', group: campus": true,
		"name: r1, tag: site=tokyo, release: '16.*', group: campus": false,
		"name: r1, group: branch":                                   false,
	} {
		d := broken()
		read(t, entry("match: {"+match+"}")).Apply(&d, noon)
		if got := len(waivedChecks(d)) == 1; got != want {
			t.Errorf("{%s} matches: %t", match, got)
		}
	}
}

func TestAReleaseThatIsNotKnownMatchesNothing(t *testing.T) {
	for _, p := range []*diag.Platform{nil, {OS: "IOS XE"}} {
		d := broken()
		d.Platform = p
		read(t, entry("match: {release: '*'}")).Apply(&d, noon)
		if got := waivedChecks(d); got != nil {
			t.Errorf("%v: waived %v", p, got)
		}
	}
}

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []string
		want    []string
	}{
		{"an id", []string{entry()}, []string{"dns-server"}},
		{"a glob", []string{entry("check: dns-*")}, []string{"dns-server", "dns-lookup"}},
		{"a glob leaves out what outlasts its cause", []string{entry("check: 'report-*'")}, []string{"report-usage"}},
		{"so does one for all", []string{entry("check: '*'")}, []string{"dns-server", "dns-lookup", "clock-ntp-sync", "report-usage"}},
		{"an entry of its own", []string{entry("check: report-ack-deadline")}, []string{"report-ack-deadline"}},
		{"another device", []string{entry("match: {name: r2}")}, nil},
	} {
		d := broken()
		read(t, c.entries...).Apply(&d, noon)
		if diff := cmp.Diff(c.want, waivedChecks(d)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestOnlyWhatFailsOrWarnsIsWaived(t *testing.T) {
	for status, want := range map[diag.Status]bool{diag.Fail: true, diag.Warn: true, diag.Pass: false, diag.Unknown: false, diag.NotApplicable: false} {
		d := broken()
		d.Results[0].Status = status
		read(t, entry()).Apply(&d, noon)
		if got := d.Results[0].Waived != nil; got != want || want != (d.Results[0].Waiver != nil) {
			t.Errorf("%s is waived: %t", status, got)
		}
	}
}

func TestWhatAWaiverSays(t *testing.T) {
	d := broken()
	read(t, entry("ticket: CHG-1")).Apply(&d, noon)
	if got, want := *d.Results[0].Waived, "waived by netops until 2026-06-30: no name server until the move (CHG-1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	want := &diag.Waiver{Owner: "netops", Expires: "2026-06-30", Reason: "no name server until the move", Ticket: "CHG-1", Source: "w.yaml:3"}
	if diff := cmp.Diff(want, d.Results[0].Waiver); diff != "" {
		t.Error(diff)
	}
	d = broken()
	read(t, entry()).Apply(&d, noon)
	if got, want := *d.Results[0].Waived, "waived by netops until 2026-06-30: no name server until the move"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestExpiry stands at the boundary: the last day holds to its end in UTC, wherever the runner is.
func TestExpiry(t *testing.T) {
	tokyo, honolulu := time.FixedZone("JST", 9*3600), time.FixedZone("HST", -10*3600)
	for _, c := range []struct {
		now  time.Time
		left int
		want bool // it has expired
	}{
		{time.Date(2026, 6, 16, 0, 0, 0, 0, time.UTC), 14, false},
		{time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC), 0, false},
		{time.Date(2026, 6, 30, 23, 59, 59, 999999999, time.UTC), 0, false},
		{time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), -1, true},
		{time.Date(2026, 7, 1, 8, 59, 59, 0, tokyo), 0, false},
		{time.Date(2026, 7, 1, 9, 0, 0, 0, tokyo), -1, true},
		{time.Date(2026, 6, 30, 13, 59, 59, 0, honolulu), 0, false},
		{time.Date(2026, 6, 30, 14, 0, 0, 0, honolulu), -1, true},
		{time.Date(2026, 7, 30, 12, 0, 0, 0, time.UTC), -30, true},
		{time.Date(1626, 6, 30, 12, 0, 0, 0, time.UTC), 146097, false},
	} {
		set := read(t, entry())
		if got := set[0].DaysLeft(c.now); got != c.left {
			t.Errorf("%s: %d days left, want %d", c.now, got, c.left)
		}
		d := broken()
		set.Apply(&d, c.now)
		r := d.Results[0]
		if (r.Waived == nil) != c.want || r.Waiver == nil || r.Waiver.Expired != c.want {
			t.Errorf("%s: waived %v, %+v", c.now, r.Waived, r.Waiver)
		}
	}
}

func TestSeveralForOne(t *testing.T) {
	for _, c := range []struct {
		name          string
		entries       []string
		owner         string
		expired, none bool
	}{
		{"the first that holds", []string{entry("owner: a", "expires: 2026-06-14"), entry("owner: b"), entry("owner: c")}, "b", false, false},
		{"of expired ones the last to expire", []string{entry("owner: a", "expires: 2026-01-31"), entry("owner: b", "expires: 2026-05-31"), entry("owner: c", "expires: 2026-03-31")}, "b", true, false},
		{"none", []string{entry("match: {name: r2}")}, "", false, true},
	} {
		d := broken()
		read(t, c.entries...).Apply(&d, noon)
		w := d.Results[0].Waiver
		if c.none != (w == nil) || w != nil && (w.Owner != c.owner || w.Expired != c.expired) {
			t.Errorf("%s: %+v", c.name, w)
		}
	}
}

// TestApplyAgain: what is applied last is what counts.
func TestApplyAgain(t *testing.T) {
	d := broken()
	read(t, entry("check: dns-*")).Apply(&d, noon)
	read(t, entry("check: clock-ntp-sync")).Apply(&d, noon)
	if diff := cmp.Diff([]string{"clock-ntp-sync"}, waivedChecks(d)); diff != "" {
		t.Error(diff)
	}
	Set{}.Apply(&d, noon)
	if diff := cmp.Diff(broken(), d); diff != "" {
		t.Error(diff)
	}
}

// TestNothingIsLost: whatever is waived, findings, warnings and waived ones add up to those without waivers, every one
// of them is listed with its waiver, and what is not known stays a gap.
func TestNothingIsLost(t *testing.T) {
	outlasts := func(id string) bool { return id == "report-ack-deadline" }
	rapid.Check(t, func(rt *rapid.T) {
		d := broken()
		for i := range d.Results {
			d.Results[i].Status = rapid.SampledFrom([]diag.Status{diag.Fail, diag.Warn, diag.Pass, diag.Unknown}).Draw(rt, "status")
			d.Results[i].CausedBy = nil
			if d.Results[i].Status == diag.Unknown {
				d.Results[i].Reason = new(diag.Refused)
			}
			if i > 0 && d.Results[i].Status != diag.Pass && d.Results[0].Status == diag.Fail && rapid.Bool().Draw(rt, "caused") {
				d.Results[i].CausedBy = new(d.Results[0].Check)
			}
		}
		fold := func() (diag.Summary, int) {
			f := engine.Fold{Outlasts: outlasts}
			f.Add(d)
			s, n := f.Summary(), 0
			for _, x := range s.Findings {
				n += x
			}
			return s, n + s.Warnings
		}
		bare, all := fold()
		text := sound
		for range rapid.IntRange(1, 3).Draw(rt, "entries") {
			check := rapid.SampledFrom([]string{"dns-*", "dns-server", "clock-ntp-sync", "report-*", "report-ack-deadline"}).Draw(rt, "check")
			text += entry("check: '"+check+"'", "expires: "+rapid.SampledFrom([]string{"2026-06-30", "2026-06-01"}).Draw(rt, "expires"))
		}
		set, _ := Read(catalogue, File{"w.yaml", []byte(text)})
		set.Apply(&d, noon)
		s, counted := fold()
		listed := 0
		for _, w := range s.Waivers {
			if !w.Waiver.Expired {
				listed += len(w.Devices)
			}
		}
		if counted+s.Waived != all || listed != s.Waived {
			rt.Fatalf("%d count and %d are waived (%d listed), of %d\n%s", counted, s.Waived, listed, all, text)
		}
		if s.Coverage != bare.Coverage {
			rt.Fatalf("waivers changed the coverage: %+v, %+v", bare.Coverage, s.Coverage)
		}
		d.Results = slices.DeleteFunc(d.Results, func(r diag.Result) bool { return r.Status != diag.Unknown })
		gate := engine.Gate{FailOn: diag.Low}
		gate.Add(d, &engine.Fold{})
		if gaps := bare.Coverage.Checks.Unknown > 0; gaps != (gate.Status() == engine.ExitIncomplete) {
			rt.Fatalf("exit status %d with %d unknown", gate.Status(), bare.Coverage.Checks.Unknown)
		}
	})
}

func BenchmarkApply(b *testing.B) {
	text := sound
	for i := range 200 {
		text += entry("check: 'dns-*'", fmt.Sprintf("match: {name: 'site-%d-*'}", i))
	}
	set, problems := Read(catalogue, File{"w.yaml", []byte(text)})
	if problems != nil {
		b.Fatal(problems)
	}
	d := broken()
	d.Name = "site-199-r1"
	for b.Loop() {
		set.Apply(&d, noon)
	}
}
