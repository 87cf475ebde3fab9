package reconcile

import (
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

var noon = time.Date(2025, 7, 18, 12, 0, 0, 0, time.UTC)

// seed is the example of the seed document (000, lines 49-68): 300 reported before, 298 now, 598 in use.
func seed() *Data {
	n := func(v int64) *int64 { return &v }
	at := noon
	d := &Data{
		Inputs: []Input{{Kind: VManage, Path: "now.csv", Time: &at}, {Kind: Before, Path: "before.csv", Time: new(at.Add(-24 * time.Hour))},
			{Kind: CSSM, Path: "cssm.csv", Time: &at}},
		VManage:  []Count{{Place: Place{0, 2}, License: "Routing DNA Advantage: Tier 1", Licensed: n(298), Total: n(300)}},
		Before:   []Count{{Place: Place{1, 2}, License: "Routing  DNA Advantage: Tier 1 ", Licensed: n(300), Total: n(300)}},
		Balances: []Balance{{Place: Place{2, 2}, License: "routing DNA advantage: tier 1", Billing: "Prepaid", Available: n(300), InUse: n(598), Balance: n(-298)}},
	}
	return d
}

func status(t *testing.T, all []diag.Result, id string) diag.Status {
	t.Helper()
	for _, r := range all {
		if r.Check == id {
			return r.Status
		}
	}
	t.Fatalf("there is no %s", id)
	return ""
}

func TestSeedCase(t *testing.T) {
	d := Reconcile(seed(), Options{Now: noon})
	if d.Verdict.Case != FCount || d.Verdict.Confidence != High || len(d.Licenses) != 1 {
		t.Fatalf("%+v", d.Verdict)
	}
	x := d.Licenses[0]
	if *x.Delta != 300 || *x.Unexplained != 0 || len(x.Attribution) != 1 || x.Attribution[0].Class != DoubleReported || x.Attribution[0].Units != 300 ||
		x.Attribution[0].Confidence != High {
		t.Errorf("%+v", x)
	}
	for id, want := range map[string]diag.Status{"recon-balance-identity": diag.Pass, "recon-count-mismatch": diag.Fail, "recon-duplicate-exact": diag.Fail,
		"recon-insufficient": diag.Fail, "recon-deleted-not-released": diag.Pass} {
		if got := status(t, x.Results, id); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}
