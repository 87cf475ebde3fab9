package report

import (
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

// TestWaivedFindingsAreShown: what is waived is nowhere called healthy, and what has expired is told as such.
func TestWaivedFindingsAreShown(t *testing.T) {
	result := func(check string, s diag.Status, w *diag.Waiver) diag.Result {
		r := diag.Result{Check: check, Status: s, Severity: diag.High, Summary: check + " is wrong", Waiver: w}
		if w != nil && !w.Expired {
			r.Waived = new("waived by " + w.Owner)
		}
		return r
	}
	dev := func(name string, results ...diag.Result) diag.DeviceResult {
		return diag.DeviceResult{Name: name, State: diag.Examined, Results: results}
	}
	holds := &diag.Waiver{Owner: "netops", Expires: "2026-06-30", Reason: "moves in \x1b[31mMay", Ticket: "CHG-1"}
	over := &diag.Waiver{Owner: "netops", Expires: "2026-01-31", Reason: "parts are ordered", Expired: true}
	follow := diag.Result{Check: "leaf", Status: diag.Fail, Severity: diag.High, CausedBy: new("root")}
	got := table(t, dev("r1", result("root", diag.Fail, holds), follow), dev("r2", result("root", diag.Fail, holds)),
		dev("r3", result("root", diag.Fail, over)), dev("r4", result("note", diag.Warn, holds)), dev("r5", result("note", diag.Warn, over)),
		dev("r6", result("root", diag.Pass, nil)))
	for _, want := range []string{
		" 1. HIGH root: root is wrong\n    1 device: r3\n    A waiver by netops expired on 2026-01-31: parts are ordered\n",
		"WAIVED (accepted for a while; it does not count)\n" +
			"  HIGH root on r1, r2 (explains 1 other result), by netops until 2026-06-30:\n    moves in ·[31mMay (CHG-1)\n" +
			"  HIGH note on r4, by netops until 2026-06-30: moves in ·[31mMay (CHG-1)\n",
		"EXPIRED WAIVERS (what they covered counts again)\n" +
			"  HIGH note on r5, by netops until 2026-01-31: parts are ordered\n" +
			"  HIGH root on r3, by netops until 2026-01-31: parts are ordered\n",
		"0/0  (waived) root: root is wrong\n", "0/0  (waived) note: note is wrong\n",
		"1 device healthy: r6\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if at := strings.Index(got, "(waived)"); strings.Index(got, "note: note is wrong") > at {
		t.Errorf("what is waived stands before a warning:\n%s", got)
	}
	if got := table(t, dev("r1", result("root", diag.Fail, holds))); !strings.Contains(got, "Nothing fails but what is waived.\n") {
		t.Error(got)
	}
	if got := table(t, dev("r6", result("root", diag.Pass, nil))); strings.Contains(got, "WAIVE") {
		t.Error(got)
	}
}
