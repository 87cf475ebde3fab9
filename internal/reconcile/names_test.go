package reconcile

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	n, err := ParseNames("\ufeff# vManage = CSSM\n\n DNA-A-T1 = Routing  DNA Advantage: Tier 1 # the same\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, same := range []string{"dna-a-t1", " Routing DNA  Advantage:\u00a0Tier 1", "ROUTING DNA ADVANTAGE: TIER 1", "Routing DNA\u2122 Advantage\u00ae: Tier 1"} {
		if got := n.key(same); got != "routing dna advantage: tier 1" {
			t.Errorf("%q is compared as %q", same, got)
		}
	}
	for text, want := range map[string]string{
		"a":                "line 1: want NAME = NAME",
		"a = b\n = c":      "line 2: want NAME = NAME",
		"a = b = c":        "line 1: want NAME = NAME",
		"a = b\nA  = c":    `line 2: line 1 gives "a" another name`,
		"a = b\nb = c":     `"a" leads to "b", which line 2 leads further`,
		"x = y\n\nonly me": "line 3: want NAME = NAME",
	} {
		if _, err := ParseNames(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestChassis(t *testing.T) {
	for text, want := range map[string]udi{
		"C8300-1N1S-FDO2511A0Q8":                   {"C8300-1N1S", "FDO2511A0Q8"},
		"c9300-24ux-fcw2303d16y":                   {"C9300-24UX", "FCW2303D16Y"},
		"C8K-0E1F2A3B-4C5D-4E6F-8A9B-0C1D2E3F4A5B": {"", "0E1F2A3B-4C5D-4E6F-8A9B-0C1D2E3F4A5B"},
		"0e1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b":     {"", "0E1F2A3B-4C5D-4E6F-8A9B-0C1D2E3F4A5B"},
		"FDO2511A0Q8":                              {"", "FDO2511A0Q8"},
		"":                                         {},
	} {
		if got := chassis(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
