package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// What is in use is counted per licence and tag; what is not in use, or has no count, is not.
func TestHoldingsCountWhatIsInUse(t *testing.T) {
	for text, want := range map[string]map[string]int{
		`License Usage:
  License                 Entitlement Tag               Count Status
  -----------------------------------------------------------------------------
  network-advantage       (C9300-24 Network Advan...)       2 IN USE
  dna-advantage           (C9300-24 DNA Advantage)          2 IN USE
  hseck9                  (DNA_HSEC)                        0 NOT IN USE
`: {"network-advantage (C9300-24 Network Advan...)": 2, "dna-advantage (C9300-24 DNA Advantage)": 2},
		"License Usage:\n  No licenses in use\n": {},
	} {
		f := diag.NewFacts(diag.Device{Name: "r1"}, diag.Capture{Command: &iosxe.ShowLicenseSummary.Command, Line: "show license summary", Text: text, Outcome: diag.OK})
		h := holdings(f)
		if h == nil {
			t.Fatalf("nothing was read of\n%s", text)
		}
		if d := cmp.Diff(want, h.Counts); d != "" {
			t.Error(d)
		}
	}
}

// Without a licence answer nothing is known, which is another thing than having nothing.
func TestHoldingsNeedALicenceAnswer(t *testing.T) {
	f := diag.NewFacts(diag.Device{Name: "r1"}, diag.Capture{Command: &iosxe.ShowClock.Command, Line: "show clock", Text: "15:00:00.000 JST Wed Mar 12 2025\n", Outcome: diag.OK})
	if h := holdings(f); h != nil {
		t.Errorf("%+v", h)
	}
}
