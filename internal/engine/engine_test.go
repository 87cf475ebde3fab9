package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// say makes a check that always answers the same.
func say(id string, s diag.Status, causes ...diag.Edge) *diag.Check {
	return &diag.Check{ID: id, Severity: diag.High, Applies: diag.Everywhere, Causes: causes,
		Judge: func(e *diag.Exam) diag.Verdict {
			switch s {
			case diag.Pass:
				return e.Pass("good", "good")
			case diag.Warn:
				return e.Warn("so-so", "so-so")
			case diag.Fail:
				return e.Fail("bad", "bad")
			case diag.Unknown:
				return e.Unknown(diag.Refused, "unseen", "unseen")
			}
			return e.NotApplicable("no", "no")
		}}
}

func causes(results []diag.Result) map[string]string {
	out := map[string]string{}
	for _, r := range results {
		if r.CausedBy != nil {
			out[r.Check] = *r.CausedBy
		}
	}
	return out
}

func judge(order []*diag.Check, all ...*diag.Check) []diag.Result {
	return Catalogue{Checks: all, Order: order}.Judge(diag.NewFacts(diag.Device{Name: "r1"}))
}

func TestNearestFailingExplainer(t *testing.T) {
	never := func(*diag.Facts) bool { return false }
	root := say("root", diag.Fail)
	middle := say("middle", diag.Fail, diag.By(root)...)
	leaf := say("leaf", diag.Fail, diag.By(middle, root)...)
	passing := say("passing", diag.Pass, diag.By(root)...)
	behindPass := say("behind-pass", diag.Fail, diag.By(passing)...)
	unseen := say("unseen", diag.Unknown, diag.By(root)...)
	behindUnknown := say("behind-unknown", diag.Fail, diag.By(unseen)...)
	warning := say("warning", diag.Warn)
	failUnderWarn := say("fail-under-warn", diag.Fail, diag.By(warning)...)
	warnUnderWarn := say("warn-under-warn", diag.Warn, diag.By(warning)...)
	off := say("edge-off", diag.Fail, diag.ByWhen(never, root)...)
	na := say("not-applicable", diag.NotApplicable, diag.By(root)...)
	got := causes(judge(nil, root, middle, leaf, passing, behindPass, unseen, behindUnknown, warning, failUnderWarn, warnUnderWarn, off, na))
	want := map[string]string{
		"middle": "root", "leaf": "root", // both are one step away; root comes first in the catalogue
		"unseen": "root", "behind-unknown": "root", "warn-under-warn": "warning",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A check that is unknown because nobody knows whether it applies is no consequence of what fails.
func TestNothingExplainsAnUnknownTopology(t *testing.T) {
	root := say("root", diag.Fail)
	leaf := say("leaf", diag.Pass, diag.By(root)...)
	leaf.Applies = diag.Push
	if got := judge(nil, root, leaf)[1]; got.Status != diag.Unknown || got.CausedBy != nil {
		t.Errorf("%+v", got)
	}
}

func TestTiesFollowTheDecisionTree(t *testing.T) {
	a, b := say("a", diag.Fail), say("b", diag.Fail)
	leaf := say("leaf", diag.Fail, diag.By(a, b)...)
	if got := causes(judge([]*diag.Check{b, a}, a, b, leaf))["leaf"]; got != "b" {
		t.Errorf("the cause is %q, want b, which the tree asks first", got)
	}
}

func TestSelectRunsExplainersToo(t *testing.T) {
	root := say("net-root", diag.Fail)
	leaf := say("net-leaf", diag.Fail, diag.By(root)...)
	other := say("clock-other", diag.Pass)
	all := Catalogue{Checks: []*diag.Check{root, leaf, other}}
	ids := func(c Catalogue) string {
		var s []string
		for _, k := range c.Checks {
			s = append(s, k.ID)
		}
		return strings.Join(s, " ")
	}
	for _, c := range []struct {
		only, skip []string
		want, err  string
	}{
		{nil, nil, "net-root net-leaf clock-other", ""},
		{[]string{"net-leaf"}, nil, "net-root net-leaf", ""},
		{[]string{"net-*"}, []string{"net-root"}, "net-leaf", ""},
		{nil, []string{"clock-*"}, "net-root net-leaf", ""},
		{[]string{"net-lefa"}, nil, "", "net-root, net-leaf"},
		{nil, []string{"nothing-*"}, "", `no check matches "nothing-*"`},
		{[]string{"[a"}, nil, "", "syntax error"},
	} {
		got, err := all.Select(c.only, c.skip)
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("Select(%q, %q) = %v, want an error with %q", c.only, c.skip, err, c.err)
		case c.err == "" && (err != nil || ids(got) != c.want):
			t.Errorf("Select(%q, %q) = %q, %v, want %q", c.only, c.skip, ids(got), err, c.want)
		}
	}
}

func TestAPanicIsOneUnknownVerdict(t *testing.T) {
	k := &diag.Check{ID: "broken", Severity: diag.High, Applies: diag.Everywhere,
		Judge: func(*diag.Exam) diag.Verdict { panic("index out of range") }}
	got := judge(nil, k, say("fine", diag.Pass))
	if got[0].Status != diag.Unknown || *got[0].Reason != diag.Internal || !strings.Contains(got[0].Summary, "broken") {
		t.Errorf("a panic became %+v", got[0])
	}
	if got[1].Status != diag.Pass {
		t.Error("the panic of one check changed another")
	}
}

func TestFoldCountsRootsAndConsequences(t *testing.T) {
	root := say("root", diag.Fail)
	leaf := say("leaf", diag.Fail, diag.By(root)...)
	late := say("late", diag.Fail, diag.By(root)...)
	late.Severity, late.Outlasts = diag.Critical, true
	warn := say("warn", diag.Warn)
	results := judge(nil, root, leaf, late, warn)
	f := Fold{Outlasts: func(id string) bool { return id == "late" }}
	f.Add(diag.DeviceResult{Name: "r1", State: diag.Examined, Results: results})
	f.Add(diag.DeviceResult{Name: "r2", State: diag.Examined, Results: results})
	f.Add(diag.DeviceResult{Name: "r3", State: diag.Unreachable})
	s := f.Summary()
	if d := cmp.Diff(map[diag.Severity]int{diag.Critical: 2, diag.High: 2, diag.Medium: 0, diag.Low: 0}, s.Findings); d != "" {
		t.Error(d)
	}
	if s.Warnings != 2 || s.Devices.Total != 3 || s.Devices.Unreachable != 1 || s.Coverage.Checks.Decided != 8 {
		t.Errorf("%+v", s)
	}
	want := []diag.Cause{
		{Check: "root", Status: diag.Fail, Severity: diag.High, Summary: "bad", Devices: []string{"r1", "r2"}, Consequences: 4, Fixes: []diag.Fix{}},
		{Check: "warn", Status: diag.Warn, Severity: diag.High, Summary: "so-so", Devices: []string{"r1", "r2"}, Fixes: []diag.Fix{}},
	}
	if d := cmp.Diff(want, s.Causes); d != "" {
		t.Error(d)
	}
}

// TestFoldOfWaivedRoots: a waived root takes its consequences with it, but not what outlasts its cause; an expired
// waiver takes nothing.
func TestFoldOfWaivedRoots(t *testing.T) {
	root := say("root", diag.Fail)
	leaf := say("leaf", diag.Fail, diag.By(root)...)
	late := say("late", diag.Fail, diag.By(root)...)
	late.Severity = diag.Critical
	warn := say("warn", diag.Warn)
	none := map[diag.Severity]int{diag.Critical: 0, diag.High: 0, diag.Medium: 0, diag.Low: 0}
	holds := diag.Waiver{Owner: "netops", Expires: "2026-06-30", Source: "w.yaml:3"}
	over := diag.Waiver{Owner: "netops", Expires: "2026-01-31", Source: "w.yaml:3", Expired: true}
	cause := func(check string, s diag.Status, severity diag.Severity, consequences int) diag.Cause {
		return diag.Cause{Check: check, Status: s, Severity: severity, Summary: map[diag.Status]string{diag.Fail: "bad", diag.Warn: "so-so"}[s],
			Devices: []string{"r1"}, Consequences: consequences, Fixes: []diag.Fix{}}
	}
	for name, c := range map[string]struct {
		waivers  map[string]diag.Waiver
		findings map[diag.Severity]int
		warnings int
		waived   int
		causes   []diag.Cause
		listed   []diag.WaivedCause
	}{
		"the root": {map[string]diag.Waiver{"root": holds}, map[diag.Severity]int{diag.Critical: 1}, 1, 1,
			[]diag.Cause{cause("late", diag.Fail, diag.Critical, 0), cause("warn", diag.Warn, diag.High, 0)},
			[]diag.WaivedCause{{Cause: cause("root", diag.Fail, diag.High, 2), Waiver: holds}}},
		"root, warning and what outlasts": {map[string]diag.Waiver{"root": holds, "late": holds, "warn": holds}, none, 0, 3, []diag.Cause{},
			[]diag.WaivedCause{{Cause: cause("late", diag.Fail, diag.Critical, 0), Waiver: holds}, {Cause: cause("root", diag.Fail, diag.High, 2), Waiver: holds},
				{Cause: cause("warn", diag.Warn, diag.High, 0), Waiver: holds}}},
		"a consequence": {map[string]diag.Waiver{"leaf": holds}, map[diag.Severity]int{diag.Critical: 1, diag.High: 1}, 1, 0,
			[]diag.Cause{cause("root", diag.Fail, diag.High, 2), cause("warn", diag.Warn, diag.High, 0)}, []diag.WaivedCause{}},
		"an expired one": {map[string]diag.Waiver{"root": over}, map[diag.Severity]int{diag.Critical: 1, diag.High: 1}, 1, 0,
			[]diag.Cause{cause("root", diag.Fail, diag.High, 2), cause("warn", diag.Warn, diag.High, 0)},
			[]diag.WaivedCause{{Cause: cause("root", diag.Fail, diag.High, 2), Waiver: over}}},
	} {
		t.Run(name, func(t *testing.T) {
			results := judge(nil, root, leaf, late, warn)
			for i := range results {
				if w, ok := c.waivers[results[i].Check]; ok {
					results[i].Waiver = &w
					if !w.Expired {
						results[i].Waived = new("waived by " + w.Owner)
					}
				}
			}
			f := Fold{Outlasts: func(id string) bool { return id == "late" }}
			f.Add(diag.DeviceResult{Name: "r1", State: diag.Examined, Results: results})
			s := f.Summary()
			for severity, n := range s.Findings {
				if n != c.findings[severity] {
					t.Errorf("%d %s findings, want %d", n, severity, c.findings[severity])
				}
			}
			if s.Warnings != c.warnings || s.Waived != c.waived {
				t.Errorf("%d warnings, %d waived; want %d, %d", s.Warnings, s.Waived, c.warnings, c.waived)
			}
			if d := cmp.Diff(c.causes, s.Causes); d != "" {
				t.Errorf("causes: %s", d)
			}
			if d := cmp.Diff(c.listed, s.Waivers); d != "" {
				t.Errorf("waivers: %s", d)
			}
		})
	}
}

// TestAWarningOutlastsItsWaivedCause: while the cause counts, it stands for its consequences; a waived one does not.
func TestAWarningOutlastsItsWaivedCause(t *testing.T) {
	root := say("root", diag.Fail)
	results := judge(nil, root, say("late", diag.Warn, diag.By(root)...), say("leaf", diag.Warn, diag.By(root)...))
	for _, waived := range []bool{false, true} {
		want := []string{"root"}
		if waived {
			results[0].Waived, want = new("waived by netops"), []string{"late"}
		}
		f := Fold{Outlasts: func(id string) bool { return id == "late" }}
		d := diag.DeviceResult{Name: "r1", State: diag.Examined, Results: results}
		f.Add(d)
		var got []string
		for _, c := range f.Summary().Causes {
			got = append(got, c.Check)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("waived %t: %s", waived, diff)
		}
		if f.IsWarning(results, results[1]) != waived || f.IsWarning(results, results[2]) {
			t.Errorf("waived %t: late warns %t, leaf warns %t", waived, f.IsWarning(results, results[1]), f.IsWarning(results, results[2]))
		}
		g := Gate{FailOn: diag.High, WarnFails: true}
		if g.Add(d, &f); g.Status() != ExitFindings {
			t.Errorf("waived %t: exit status %d", waived, g.Status())
		}
	}
}

func TestGate(t *testing.T) {
	medium := say("m", diag.Fail)
	medium.Severity = diag.Medium
	device := func(state diag.State, all ...*diag.Check) diag.DeviceResult {
		return diag.DeviceResult{State: state, Results: judge(nil, all...)}
	}
	for name, c := range map[string]struct {
		gate Gate
		dev  diag.DeviceResult
		want int
	}{
		"clean":                  {Gate{FailOn: diag.Medium}, device(diag.Examined, say("a", diag.Pass)), ExitOK},
		"finding":                {Gate{FailOn: diag.Medium}, device(diag.Examined, medium), ExitFindings},
		"below the threshold":    {Gate{FailOn: diag.High}, device(diag.Examined, medium), ExitOK},
		"warning":                {Gate{FailOn: diag.Medium}, device(diag.Examined, say("a", diag.Warn)), ExitOK},
		"warning that counts":    {Gate{FailOn: diag.Medium, WarnFails: true}, device(diag.Examined, say("a", diag.Warn)), ExitFindings},
		"unknown":                {Gate{FailOn: diag.Medium}, device(diag.Examined, say("a", diag.Unknown)), ExitIncomplete},
		"not examined":           {Gate{FailOn: diag.Medium}, device(diag.Unreachable), ExitIncomplete},
		"finding and incomplete": {Gate{FailOn: diag.Medium}, device(diag.Partial, medium), ExitFindings},
		"exit zero":              {Gate{FailOn: diag.Medium, ExitZero: true}, device(diag.Partial, medium), ExitOK},
	} {
		f := Fold{}
		g := c.gate
		g.Add(c.dev, &f)
		if got := g.Status(); got != c.want {
			t.Errorf("%s: exit status %d, want %d", name, got, c.want)
		}
	}
}
