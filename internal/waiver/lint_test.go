package waiver

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

func fleet(names ...string) []diag.Device {
	var out []diag.Device
	for _, n := range names {
		out = append(out, diag.Device{Name: n, Tags: map[string]string{"site": n[:3]}, Groups: []string{"campus"}})
	}
	return out
}

func TestLint(t *testing.T) {
	five := fleet("tyo-1", "tyo-2", "tyo-3", "sel-1", "sel-2")
	many := "w.yaml:3: it is for 3 of the 5 devices of the inventory; match fewer devices"
	for _, c := range []struct {
		name      string
		entries   []string
		inventory []diag.Device
		want      string
	}{
		{"clean", []string{entry()}, nil, ""},
		{"an exact name is never broad", []string{entry("match: {name: tyo-1}")}, fleet("tyo-1"), ""},
		{"checks of several groups", []string{entry("check: '*o*'")}, nil,
			`w.yaml:3: "*o*" waives 3 of 5 checks, of 3 groups; name one check, or the pattern of one group`},
		{"every device", []string{entry("match: {name: '*'}")}, five, "w.yaml:3: it is for every device; match fewer devices; --skip leaves a check out for all"},
		{"most devices by name", []string{entry("match: {name: 'tyo-*'}")}, five, many},
		{"most devices by tag", []string{entry("match: {tag: 'site=t*'}")}, five, many},
		{"fewer devices", []string{entry("match: {name: 'sel-*'}")}, five, ""},
		{"half of the devices", []string{entry("match: {name: 'tyo-*'}")}, fleet("tyo-1", "tyo-2", "sel-1", "sel-2"), ""},
		{"most devices, but of one release", []string{entry("match: {name: 'tyo-*', release: 17.9.4}")}, five, ""},
		{"no device", []string{entry("match: {group: branch}")}, five, "w.yaml:3: no device of the inventory has group branch; delete it, or correct its match"},
		{"expired", []string{entry("expires: 2026-06-14")}, nil,
			"w.yaml:3: it expired on 2026-06-14: what it covered counts again; repair what it covered, or have its owner renew it; else delete it"},
		{"expires today", []string{entry("expires: 2026-06-15")}, nil, "w.yaml:3: it expires today, on 2026-06-15; ask netops whether it is still needed"},
		{"expires tomorrow", []string{entry("expires: 2026-06-16")}, nil, "w.yaml:3: it expires tomorrow, on 2026-06-16; ask netops whether it is still needed"},
		{"expires in 14 days", []string{entry("expires: 2026-06-29")}, nil, "w.yaml:3: it expires in 14 days, on 2026-06-29; ask netops whether it is still needed"},
		{"expires in 15 days", []string{entry("expires: 2026-06-30")}, nil, ""},
		{"the same twice", []string{entry(), entry()}, nil, shadow(4, 3)},
		{"a broader one below", []string{entry(), entry("check: 'dns-*'", "match: {name: 'r*'}")}, nil, shadow(3, 4)},
		{"a broader one above that ends earlier", []string{entry("match: {name: 'r*'}", "expires: 2026-06-30"), entry("expires: 2026-07-30")}, nil, ""},
		{"a broader one by fewer terms", []string{entry("match: {tag: site=tyo}"), entry("match: {tag: SITE=tyo, name: 'r*', group: a}")}, nil, shadow(4, 3)},
		{"a name for all", []string{entry("match: {release: 17.9.4}"), entry("match: {name: '*', release: '17.9.*'}")}, nil, shadow(3, 4)},
		{"no release is not any release", []string{entry(), entry("match: {name: r1, release: '*'}")}, nil, shadow(4, 3)},
		{"globs within globs", []string{entry("match: {name: 'lab-*'}"), entry("match: {name: 'lab-a*'}")}, nil, shadow(4, 3)},
		{"no globs within globs", []string{entry("match: {name: 'lab-?'}"), entry("match: {name: 'lab-*'}")}, nil, ""},
		{"nor in tags", []string{entry("match: {tag: site=tyo}"), entry("match: {tag: role=tyo}")}, nil, ""},
		{"another check", []string{entry(), entry("check: dns-lookup")}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, c.entries...).Lint(World{Now: noon, Checks: catalogue, Inventory: c.inventory})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func shadow(line, by int) string {
	at := func(n int) string { return "w.yaml:" + string(rune('0'+n)) }
	return at(line) + ": it adds nothing: " + at(by) + " covers the same checks and devices, and lasts as long; delete one of them"
}

// TestLintUnused holds waivers against what failed and warned.
func TestLintUnused(t *testing.T) {
	set := read(t, entry(), entry("check: dns-lookup"), entry("match: {release: '16.*'}"), entry("match: {name: r2}", "expires: 2026-01-01"))
	d := broken()
	seen := func(yield func(Sighting, error) bool) { yield(Sighting{&d, "dns-server"}, nil) }
	got, err := set.Lint(World{Now: noon, Checks: catalogue, Seen: seen, Runs: "in the last 10 runs"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range got {
		lines = append(lines, string(p.Rule)+" "+p.Error())
	}
	want := []string{"unused w.yaml:4: nothing failed or warned in the last 10 runs that it could cover; delete it if its devices were examined, or correct what it is for",
		"unused w.yaml:5: nothing failed or warned in the last 10 runs that it could cover; delete it if its devices were examined, or correct what it is for",
		"expired w.yaml:6: it expired on 2026-01-01: what it covered counts again; repair what it covered, or have its owner renew it; else delete it"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	failing := errors.New("the history is locked")
	seen = func(yield func(Sighting, error) bool) { yield(Sighting{}, failing) }
	if _, err := set.Lint(World{Now: noon, Seen: seen}); !errors.Is(err, failing) {
		t.Errorf("the error is %v", err)
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		b, a string
		want bool
	}{
		{"lab-1", "lab-*", true}, {"lab-1", "lab-?", true}, {"lab-1", "lab-[0-9]", true}, {"lab-x", "lab-[0-9]", false},
		{"lab-*", "lab-*", true}, {"lab-*", "*", true}, {"lab-*", "", true}, {"lab-a*", "lab-*", true}, {"*-lab-*", "*lab*", true},
		{"lab-*", "lab-?", false}, {"lab*", "la*[^a]", false}, {"lab*", "lab-*", false}, {"*", "lab-*", false},
		{"", "*", false}, {"", "lab", false}, {"", "", true}, {"la?", "l*", false},
	} {
		if got := within(c.b, c.a); got != c.want {
			t.Errorf("within(%q, %q) = %t", c.b, c.a, got)
		}
	}
}
