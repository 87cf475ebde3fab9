package bundle

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSlug(t *testing.T) {
	long := "show running-config | include " + strings.Repeat("^license|", 12)
	tests := map[string]string{
		"show license status":                      "show-license-status",
		"show running-config | section ^call-home": "show-running-config-section-call-home",
		"ping vrf Mgmt-vrf 2001:DB8::1 repeat 5":   "ping-vrf-mgmt-vrf-2001-db8-1-repeat-5",
		"  ..//show  x// ":                         "show-x",
		"":                                         "",
		"Ünicode":                                  "nicode",
		strings.Repeat("a", 100):                   strings.Repeat("a", 100),
	}
	for in, want := range tests {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	got := Slug(long)
	if len(got) != 89 || got[:80] != "show-running-config-include-license-license-license-license-license-license-lice" || got[80] != '-' {
		t.Errorf("Slug(%q) = %q", long, got)
	}
	if other := Slug(long + "x"); other == got {
		t.Errorf("two long lines share the slug %q", got)
	}
}

func TestFolderNames(t *testing.T) {
	devices := []string{"r1", "R1", "r1~2", "c9300-1.example.net", "-x", "..", ".hidden", "a/b", "10.0.0.1:22", "[2001:db8::1]:22", "東", "r1%", "R1", strings.Repeat("n", 101), strings.Repeat("界", 100)}
	want := []string{"r1", "R1~2", "r1%7E2", "c9300-1.example.net", "%2Dx", "%2E.", "%2Ehidden", "a%2Fb", "10.0.0.1%3A22", "%5B2001%3Adb8%3A%3A1%5D%3A22", "%E6%9D%B1", "r1%25", "R1~3",
		strings.Repeat("n", 101), strings.Repeat("%E7%95%8C", 9)[:80] + "-" + sum8(strings.Repeat("界", 100))}
	if diff := cmp.Diff(want, FolderNames(devices)); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}
