package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// booked is one unit of a licence on a product instance of an edge.
func booked(serial, virtual string, silent int) Instance {
	return Instance{Place: Place{3, 2}, Name: "edge-" + serial, PID: "P", Serial: serial, License: tierOne, Virtual: virtual, Used: n(1), LastContact: days(silent)}
}

// Two devices that were deleted and two that are booked elsewhere cancel each other: the counts agree and are wrong.
func TestCountsThatCancel(t *testing.T) {
	d := with(counts(4, none, 10, 10, 0, 4, 6), func(d *Data) {
		d.Balances[0].Virtual = "SDWAN"
		d.Balances = append(d.Balances, Balance{Place: Place{2, 3}, License: tierOne, Virtual: "Branch", Available: n(10), InUse: n(2), Balance: n(8)})
		for _, s := range []string{"1", "2", "3", "4"} {
			d.Assigned = append(d.Assigned, Assignment{UUID: "P-" + s, Host: "edge-" + s, License: tierOne, Virtual: "SDWAN", Units: 1})
		}
		d.Instances = []Instance{booked("1", "SDWAN", 1), booked("2", "SDWAN", 1), booked("3", "Branch", 1), booked("4", "Branch", 1), booked("8", "SDWAN", 60), booked("9", "SDWAN", 60)}
	})
	o := Options{Now: noon}
	doc := Reconcile(d, o)
	x := doc.Licenses[0]
	if doc.Verdict.Case != FCount || x.Virtual != "SDWAN" || *x.Delta != 0 || *x.Unexplained != 0 || len(x.Attribution) != 2 {
		t.Fatalf("%s, %+v", doc.Verdict.Case, x)
	}
	for _, id := range []string{"recon-count-mismatch", "recon-deleted-not-released"} {
		if !slices.ContainsFunc(x.Results, func(r diag.Result) bool { return r.Check == id && r.Status == diag.Fail }) {
			t.Errorf("%s does not fail", id)
		}
	}
	o.Cleanups = doc.Cleanups(o)
	if again := Reconcile(d, o); again.Verdict.Case != Waiting {
		t.Errorf("within the wait: %s", again.Verdict.Case)
	}
	d.Instances = slices.Delete(d.Instances, 2, 4) // what is missing is not shown any more
	if doc := Reconcile(d, Options{Now: noon}); doc.Licenses[0].Case != Undecided || *doc.Licenses[0].Unexplained != -2 {
		t.Errorf("half of it: %s, %+v", doc.Licenses[0].Case, doc.Licenses[0])
	}
}

// A guess beside counts that agree is none of their business.
func TestGuessBesideAgreement(t *testing.T) {
	d := with(counts(40, none, 60, 60, 0, 40, 20), func(d *Data) {
		d.Instances = []Instance{manager("8C3B", 38, days(1)), booked("8", "", 60), booked("9", "", 60)}
	})
	doc := Reconcile(d, Options{Now: noon})
	if doc.Verdict.Case != Consistent || slices.ContainsFunc(doc.Licenses[0].Results, func(r diag.Result) bool { return r.Status == diag.Fail }) {
		t.Errorf("%s, %+v", doc.Verdict.Case, doc.Licenses[0].Results)
	}
}

// Before a clean-up comes the look whether reporting works, unless an input shows that it does.
func TestLookBeforeCleanup(t *testing.T) {
	quiet := func(first, last int) func(*Data) {
		return func(d *Data) { d.Reports = &ReportLog{Lines: 9, First: days(first), Last: days(last)} }
	}
	for name, c := range map[string]struct {
		change func(*Data)
		looks  bool
	}{
		"nothing is known":       {func(*Data) {}, true},
		"a log of years ago":     {quiet(400, 399), true},
		"a quiet log":            {quiet(5, 0), false},
		"vManage had contact":    {func(d *Data) { d.Instances = []Instance{manager("8C3B", 598, days(1))} }, false},
		"its contact is unknown": {func(d *Data) { d.Instances = []Instance{manager("8C3B", 598, nil)} }, true},
	} {
		d := Reconcile(with(seed(), c.change), Options{Now: noon})
		if looks := strings.Contains(d.Verdict.Steps[0].Do, "make sure that reporting itself works"); looks != c.looks || d.Verdict.Case != FCount {
			t.Errorf("%s: %s, begins with %q", name, d.Verdict.Case, d.Verdict.Steps[0].Do)
		}
	}
}

// Where CSSM has fewer in use, the first thing to do is to have vManage report.
func TestFewerInCSSM(t *testing.T) {
	for in, want := range map[int64]string{280: "M20", 320: ""} {
		v := Reconcile(counts(300, none, 400, 400, 0, in, 400-in), Options{Now: noon}).Verdict
		if v.Case != Undecided || v.Steps[0].ID != want {
			t.Errorf("%d in use: %s, first %+v", in, v.Case, v.Steps[0])
		}
	}
}

// An export that names no account is not compared with one of several accounts, whatever the numbers look like.
func TestAccountWithoutAName(t *testing.T) {
	d := with(counts(100, none, 300, 300, 0, 200, 100), func(d *Data) {
		d.VManage[0].Virtual = "A"
		d.VManage = append(d.VManage, Count{Place: Place{0, 3}, License: tierOne, Virtual: "B", Licensed: n(200), Total: n(300)})
	})
	doc := Reconcile(d, Options{Now: noon})
	if doc.Verdict.Case != Undecided || len(doc.Licenses) != 3 || !strings.Contains(doc.Verdict.Steps[0].Do, "different virtual accounts") {
		t.Errorf("%+v", doc.Verdict)
	}
	d.VManage = d.VManage[:1]
	if doc := Reconcile(d, Options{Now: noon}); doc.Licenses[0].Delta == nil {
		t.Error("one account is the one that is meant")
	}
}

// The same export given twice tells nothing about an earlier report, unless a week lies between them.
func TestTheSameExportTwice(t *testing.T) {
	d := counts(300, 300, 900, 900, 0, 600, 300)
	d.Inputs[1].Time = &noon
	if doc := Reconcile(d, Options{Now: noon}); doc.Licenses[0].Vp != nil || doc.Verdict.Confidence == High || doc.Results[0].Message.ID != "recon-input-times.swapped" {
		t.Errorf("%+v, %+v", doc.Results[0], doc.Verdict)
	}
	d.Inputs[1].Time = new(noon.Add(time.Hour)) // a copy
	if doc := Reconcile(d, Options{Now: noon}); doc.Licenses[0].Vp != nil || doc.Verdict.Case != FCount || !strings.Contains(doc.Results[0].Summary, "is the one given as now") {
		t.Errorf("a copy: %+v, %+v", doc.Results[0], doc.Verdict)
	}
	d.Inputs[1].Time = days(7)
	if doc := Reconcile(d, Options{Now: noon}); doc.Verdict.Case != FCount || doc.Verdict.Confidence != High {
		t.Errorf("a week between: %+v", doc.Verdict)
	}
}

// Within the wait nothing is removed again where CSSM shows that it was; a clock that is put back does not end the wait.
func TestStepsOfTheWait(t *testing.T) {
	o := Options{Now: noon, Cleanups: []Cleanup{{License: Fold(tierOne), At: noon.Add(-time.Hour)}}}
	removes := func(d *Document) bool {
		return slices.ContainsFunc(d.Verdict.Steps, func(s Step) bool { return s.ID == "M19" })
	}
	if d := Reconcile(counts(298, none, 300, 300, 0, 0, 300), o); d.Verdict.Case != Waiting || removes(d) {
		t.Errorf("after the clean-up: %+v", d.Verdict)
	}
	if d := Reconcile(seed(), o); d.Verdict.Case != Waiting || !removes(d) {
		t.Errorf("nothing was cleaned: %+v", d.Verdict)
	}
	deleted := with(counts(20, none, 40, 40, 0, 21, 19), func(d *Data) {
		d.Assigned = []Assignment{{UUID: "P-1", Host: "edge-1", License: tierOne, Units: 20}}
		d.Instances = []Instance{manager("8C3B", 20, days(1)), booked("8", "", 60)}
	})
	if d := Reconcile(deleted, o); d.Verdict.Case != Waiting || !slices.ContainsFunc(d.Verdict.Steps, func(s Step) bool {
		return s.ID == "M19" && slices.Equal(s.Instances, []string{"edge-8"}) && strings.Contains(s.Path, "(the instance)")
	}) {
		t.Errorf("a deleted device: %+v", d.Verdict)
	}
	o.Now = noon.Add(-3 * time.Hour)
	if d := Reconcile(seed(), o); d.Verdict.Case != Waiting {
		t.Errorf("after the clock was put back: %s", d.Verdict.Case)
	}
}

// Two registrations of one SD-WAN Manager are not in order although the counts agree.
func TestRegisteredTwice(t *testing.T) {
	d := counts(298, none, 300, 300, 0, 298, 2)
	d.Instances = []Instance{manager("8C3B", 298, days(1)), manager("8C3B", 0, days(60))}
	d.Instances[0].UUID, d.Instances[1].UUID = "a", "b"
	doc := Reconcile(d, Options{Now: noon})
	if doc.Verdict.Case != Undecided || len(doc.Verdict.Steps) != 1 || doc.Verdict.Steps[0].ID != "M19" || len(doc.Verdict.Steps[0].Instances) != 2 {
		t.Errorf("%+v", doc.Verdict)
	}
}

// A difference within a hundredth hides no shortage.
func TestShortageOfCloseCounts(t *testing.T) {
	for name, c := range map[string]struct {
		data *Data
		want Case
	}{
		"far more is missing":            {counts(300, none, 200, 200, 0, 301, -101), Shortage},
		"missing may be what differs":    {counts(300, none, 300, 300, 0, 301, -1), Undecided},
		"CSSM has less, and is short":    {counts(301, none, 200, 200, 0, 300, -100), Shortage},
		"nothing is missing":             {counts(300, none, 400, 400, 0, 301, 99), Consistent},
		"the counts agree, and is short": {counts(300, none, 200, 200, 0, 300, -100), Shortage},
	} {
		if got := Reconcile(c.data, Options{Now: noon}).Verdict.Case; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
