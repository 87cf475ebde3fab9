package waiver

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// catalogue is a small one with every kind of check.
var catalogue = []*diag.Check{{ID: "dns-server"}, {ID: "dns-lookup"}, {ID: "clock-ntp-sync"},
	{ID: "report-usage"}, {ID: "report-ack-deadline", Outlasts: true}}

const sound = "version: 1\nwaivers:\n"

// entry is a waiver on one line with some of its keys replaced; a key that becomes "" is left out.
func entry(edits ...string) string {
	keys := []string{"check: dns-server", "match: {name: r1}", "reason: no name server until the move", "owner: netops", "expires: 2026-06-30"}
	for _, e := range edits {
		name, value, _ := strings.Cut(e, ":")
		for i, k := range keys {
			if strings.HasPrefix(k, name+":") {
				keys[i] = e
				if value == "" {
					keys = append(keys[:i], keys[i+1:]...)
				}
				e = ""
				break
			}
		}
		if e != "" {
			keys = append(keys, e)
		}
	}
	return "  - {" + strings.Join(keys, ", ") + "}\n"
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRead(t *testing.T) {
	set, problems := Read(catalogue, File{"w.yaml", []byte(`# accepted
version: 1
waivers:
  - check: dns-*
    match:
      name: lab-*
      tag: site=tokyo
      release: "17.9.*"
      group: campus
    reason: >-
      The lab has no
      name server.
    owner: netops@example.net
    expires: 2026-06-30
    ticket: 4711
` + entry("check: report-ack-deadline"))}, File{"none.yaml", []byte(sound[:len(sound)-1] + " []\n")})
	if problems != nil {
		t.Fatal(problems)
	}
	want := Set{
		{Check: "dns-*", Match: Match{"lab-*", "site=tokyo", "17.9.*", "campus"}, Reason: "The lab has no name server.", Owner: "netops@example.net",
			Expires: day(t, "2026-06-30"), Ticket: "4711", File: "w.yaml", Line: 4, checks: map[string]bool{"dns-server": true, "dns-lookup": true}},
		{Check: "report-ack-deadline", Match: Match{Name: "r1"}, Reason: "no name server until the move", Owner: "netops",
			Expires: day(t, "2026-06-30"), File: "w.yaml", Line: 16, checks: map[string]bool{"report-ack-deadline": true}},
	}
	if d := cmp.Diff(want, set, cmp.AllowUnexported(Waiver{})); d != "" {
		t.Error(d)
	}
}

// TestProblems has one file for each thing that can be wrong, and every word of the answer.
func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no reason", sound + entry("reason:"), "w.yaml:3: a waiver without reason; add reason: why it is accepted"},
		{"no owner", sound + entry("owner:"), "w.yaml:3: a waiver without owner; add owner: who answers for it"},
		{"no check", sound + entry("check:"), "w.yaml:3: a waiver without check; add check: and the id of a check; slpdoctor explain lists them"},
		{"no match", sound + entry("match:"), "w.yaml:3: a waiver without match; add match: with name, tag, release or group"},
		{"no date", sound + entry("expires:"), "w.yaml:3: a waiver without expires; add expires: and the last day it holds, like 2026-06-30"},
		{"empty owner", sound + entry("owner: ''"), "w.yaml:3: owner has no value; add owner: who answers for it"},
		{"nothing as reason", sound + entry("reason: ~"), "w.yaml:3: reason has no value; add reason: why it is accepted"},
		{"no such date", sound + entry("expires: 2026-02-30"), `w.yaml:3: expires is "2026-02-30": want a date, year-month-day; write the last day it holds, like 2026-06-30`},
		{"never", sound + entry("expires: never"), `w.yaml:3: expires is "never": want a date, year-month-day; write the last day it holds, like 2026-06-30`},
		{"unknown key", sound + entry("expire: 2026-06-30"), `w.yaml:3: unknown key "expire" in a waiver; did you mean "expires"?`},
		{"foreign key", sound + entry("severity: high"), `w.yaml:3: unknown key "severity" in a waiver; known: check, expires, match, owner, reason, ticket`},
		{"key twice", sound + "  - {owner: a, " + entry()[5:], `w.yaml:3: the key "owner" of a waiver stands already in line 3`},
		{"unknown check", sound + entry("check: dns-sever"), `w.yaml:3: no check matches "dns-sever"; did you mean "dns-server"?`},
		{"check of a group", sound + entry("check: clock-summertime"), `w.yaml:3: no check matches "clock-summertime"; the group clock has clock-ntp-sync`},
		{"unknown glob", sound + entry("check: 'x*'"), `w.yaml:3: no check matches "x*"; slpdoctor explain lists every check`},
		{"broken glob", sound + entry("check: 'dns-[a'"), `w.yaml:3: check: the pattern "dns-[a" has a [ without its ], or ends in a backslash`},
		{"no pattern for what outlasts", sound + entry("check: report-ack-*"),
			`w.yaml:3: "report-ack-*" is for report-ack-deadline alone, which no pattern waives: time runs out whatever the cause; give it an entry of its own, with its id`},
		{"everything", sound + entry("check: '*'", "match: {name: '*'}"), "w.yaml:3: this waives every check on every device; name the checks, or the devices"},
		{"everything in other words", sound + entry("check: '[a-z]*'", "match: {name: '**', release: '?*'}"), "w.yaml:3: this waives every check on every device; name the checks, or the devices"},
		{"empty match", sound + entry("match: {}"), "w.yaml:3: match is empty; give name, tag, release or group"},
		{"match of text", sound + entry("match: lab"), "w.yaml:3: match must be a mapping (key: value), found a single value"},
		{"unknown match", sound + entry("match: {host: r1}"), `w.yaml:3: unknown key "host" in match; known: group, name, release, tag`},
		{"tag without value", sound + entry("match: {tag: tokyo}"), `w.yaml:3: tag is "tokyo": want key=value; write tag: site=tokyo; site=* is any value`},
		{"broken tag", sound + entry("match: {tag: 'site=[a'}"), `w.yaml:3: tag: the pattern "[a" has a [ without its ], or ends in a backslash`},
		{"list of names", sound + entry("match: {name: [r1, r2]}"), "w.yaml:3: name must be a single value, found a list"},
		{"control character", sound + entry(`owner: "a\e[31m"`), "w.yaml:3: owner holds a control character"},
		{"alias", "version: 1\nx: &a r1\nwaivers:\n" + entry("match: {name: *a }"),
			"w.yaml:2: unknown key \"x\" in the file; known: version, waivers\nw.yaml:4: name is an alias (*name); write it out; a pattern that begins with * needs quotes"},
		{"unquoted star", sound + entry("match: {name: *lab}"), "w.yaml:3: this is not YAML: an alias (*name) without its anchor (&name); a pattern that begins with * needs quotes"},
		{"a star alone", sound + entry("match: {name: * }"), "w.yaml:3: this is not YAML: did not find expected alphabetic or numeric character; a pattern that begins with * needs quotes"},
		{"not YAML", sound + "  - check: [\n", "w.yaml:3: this is not YAML: did not find expected node content; look at the indentation and the quotes in this line and in the block that begins with it"},
		{"an entry of text", sound + "  - dns-server\n", "w.yaml:3: a waiver must be a mapping (key: value), found a single value"},
		{"no list", "version: 1\nwaivers: {check: dns-server}\n", `w.yaml:2: waivers must be a list, found a mapping; write "- check: ..." for each, or [] for none`},
		{"no waivers", "version: 1\n", "w.yaml:1: the file without waivers; add waivers: and a list, or [] for none"},
		{"another version", "version: 2\nwaivers: []\n", `w.yaml:1: unknown version "2" of waiver files; write version: 1`},
		{"another file", "devices: []\n", `w.yaml:1: this is not a waiver file: the key version is missing; begin it with "version: 1", then "waivers:" and a list`},
		{"a list", "- check: dns-server\n", `w.yaml:1: this is not a waiver file: the key version is missing; begin it with "version: 1", then "waivers:" and a list`},
		{"empty", "# later\n", `w.yaml: the file holds nothing but comments; begin it with "version: 1", then "waivers:" and a list`},
		{"two documents", sound + entry() + "---\nversion: 1\n", "w.yaml:4: a second YAML document; give them as two files"},
		{"not text", "version: 1\xff\n", "w.yaml: this is not UTF-8 text; save it as UTF-8"},
		{"large", strings.Repeat("#", MaxFile+1), "w.yaml: larger than 1 MiB; this is not a waiver file"},
		{"all at once", sound + entry("owner:", "check: nothing-here") + entry("expires: soon"),
			"w.yaml:3: no check matches \"nothing-here\"; slpdoctor explain lists every check\nw.yaml:3: a waiver without owner; add owner: who answers for it\n" +
				`w.yaml:4: expires is "soon": want a date, year-month-day; write the last day it holds, like 2026-06-30`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := Read(catalogue, File{"w.yaml", []byte(c.text)})
			if d := cmp.Diff(c.want, problems.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAFileGivenTwice(t *testing.T) {
	f := File{"w.yaml", []byte(sound + entry())}
	set, problems := Read(catalogue, f, f)
	if got := problems.Error(); got != "w.yaml: given twice" || len(set) != 1 {
		t.Errorf("%q, %d waivers", got, len(set))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sound + entry())
	f.Add(sound + "  - &a {check: *a}\n")
	f.Fuzz(func(t *testing.T, text string) {
		set, problems := Read(catalogue, File{"w.yaml", []byte(text)})
		for _, w := range set {
			if w.Check == "" || w.Owner == "" || w.Reason == "" || w.Expires.IsZero() && !strings.Contains(text, "0001-01-01") || w.Match == (Match{}) {
				t.Errorf("an incomplete waiver: %+v", w)
			}
		}
		for _, p := range problems {
			if p.Rule == "" || p.Text == "" || p.Line < 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
