package checks_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// The cases of a check stand in testdata/cases/<check-id>.txtar; a file of a case is a section. A section
// named like a sentence is a case, one directive a line:
//
//	-- no server in the configuration --
//	device cslu-push
//	edit show-running-config: ntp server 192.0.2.123\nntp server 192.0.2.124 =>
//	want fail none high
//
// It starts from a whole device, testdata/captures/<device>. Directives, in the order in which they apply:
//
//	device NAME                      the device; a line before the first section gives the file's default
//	topology ID                      what the inventory declares
//	expect KEY VALUE, VALUE          what the inventory expects: url, vrf, source_interface, name_servers, ntp_servers
//	edit SLUG: OLD => NEW            every OLD becomes NEW; OLD must occur; \n is a line end
//	add SLUG: LINE                   a line at the end of the answer (also of one that was not there)
//	only SLUG: LINE\nLINE            the whole answer
//	channel NAME: T/S/F O/C WORDS    a channel of tech support: total, success, fail, ongoing overall and communication,
//	                                 last response; after "; " the failure reason
//	drop SLUG...                     not collected (drop * leaves nothing)
//	refuse SLUG..., timeout SLUG...  the command was refused, timed out
//	cut SLUG: TEXT                   the answer ends before TEXT, and is known to be incomplete
//	received TIME [synced]           when show clock was answered, by the runner's clock
//
// SLUG is the name of a capture or an unambiguous beginning of it: show-license-tech, show-run, ping. A
// section <case>/<slug>.txt before the case replaces a whole capture. Then comes the expectation; what is
// not written is not compared, and `go test ./checks -update` writes all of it:
//
//	want STATUS WHAT SEVERITY        of the check's verdict; WHAT is the message id behind the check id
//	why REASON                       of unknown and not-applicable
//	key KEY                          the shared object
//	by CHECK                         the cause among this device's results; - for none
//	fix LINE                         the first line of the first fix
//	says SENTENCE
//
// Every case also proves of all checks that none panics, that evidence is really there, that sentences and
// fix lines are complete, and of its own check that Reads names every command it looks at.

var update = flag.Bool("update", false, "rewrite the expectations of the cases")

const (
	casesDir    = "../testdata/cases"
	capturesDir = "../testdata/captures"
)

func TestCases(t *testing.T) {
	all := checks.Catalogue()
	produced := map[string]bool{}
	for _, k := range all.Checks {
		t.Run(k.ID, func(t *testing.T) {
			path := filepath.Join(casesDir, k.ID+".txtar")
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatalf("every check needs its cases: %v", err)
			}
			unknown := false
			for i, section := range archive.Files {
				if strings.HasSuffix(section.Name, ".txt") {
					continue
				}
				t.Run(section.Name, func(t *testing.T) {
					c := readCase(t, archive, section)
					got := c.judge(t, all, k)
					produced[got["message"]] = true
					unknown = unknown || strings.HasPrefix(got["want"], "unknown ")
					c.compare(t, got)
					archive.Files[i].Data = c.written(got)
				})
			}
			if !unknown {
				t.Error("no case in which the evidence is missing")
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	files, _ := filepath.Glob(filepath.Join(casesDir, "*.txtar"))
	for _, f := range files {
		if id := strings.TrimSuffix(filepath.Base(f), ".txtar"); all.Find(id) == nil {
			t.Errorf("%s: no such check", f)
		}
	}
	if !t.Failed() && flag.Lookup("test.run").Value.String() == "" {
		sources, _ := filepath.Glob("*.go")
		provesEveryMessage(t, produced, slices.DeleteFunc(sources, func(s string) bool { return s == "manager.go" })...) // manager_test.go
	}
}

// testCase is one section: a device and what is wanted of it.
type testCase struct {
	script []string          // directives
	want   map[string]string // expectation, by its first word
	dev    *device
}

var expectation = []string{"want", "why", "key", "by", "fix", "says"}

func readCase(t *testing.T, archive *txtar.Archive, section txtar.File) *testCase {
	t.Helper()
	c := &testCase{want: map[string]string{}}
	name := directive(string(archive.Comment), "device")
	for line := range strings.Lines(string(section.Data)) {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case slices.Contains(expectation, word):
			c.want[word] = rest
		default:
			c.script = append(c.script, line)
			if word == "device" {
				name = rest
			}
		}
	}
	if name == "" {
		t.Fatal("no device")
	}
	c.dev = load(t, name)
	for _, f := range archive.Files {
		if slug, ok := strings.CutPrefix(f.Name, section.Name+"/"); ok {
			c.dev.set(t, strings.TrimSuffix(slug, ".txt"), string(f.Data))
		}
	}
	c.dev.run(t, c.script)
	return c
}

func directive(text, word string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), word+" "); ok {
			return rest
		}
	}
	return ""
}

// judge runs the catalogue on the device and returns the verdict of check k in the words of an expectation.
func (c *testCase) judge(t *testing.T, all engine.Catalogue, k *diag.Check) map[string]string {
	t.Helper()
	f := c.dev.facts(t)
	var got diag.Result
	for i, r := range all.Judge(f) {
		if r.Check == k.ID {
			got = r
		}
		proves(t, c.dev, all.Checks[i], r)
	}
	provesReads(t, c.dev, k, f)
	out := map[string]string{
		"want":    fmt.Sprintf("%s %s %s", got.Status, strings.TrimPrefix(got.Message.ID, k.ID+"."), got.Severity),
		"says":    got.Summary,
		"message": got.Message.ID,
	}
	if got.Reason != nil {
		out["why"] = string(*got.Reason)
	}
	if got.Key != "" {
		out["key"] = got.Key
	}
	if got.CausedBy != nil {
		out["by"] = *got.CausedBy
	}
	if len(got.Fixes) > 0 {
		if lines := slices.Concat(got.Fixes[0].Config, got.Fixes[0].Exec, got.Fixes[0].Manual, got.Fixes[0].Verify); len(lines) > 0 {
			out["fix"] = lines[0]
		}
	}
	return out
}

func (c *testCase) compare(t *testing.T, got map[string]string) {
	t.Helper()
	if *update {
		return
	}
	if c.want["want"] == "" {
		t.Errorf("no expectation; got %s: %s", got["want"], got["says"])
	}
	for word, want := range c.want {
		if got[word] != want && !(want == "-" && got[word] == "") {
			t.Errorf("%s: got %q, want %q (%s: %s)", word, got[word], want, got["want"], got["says"])
		}
	}
}

// written is the case with its whole expectation.
func (c *testCase) written(got map[string]string) []byte {
	var b strings.Builder
	for _, l := range c.script {
		b.WriteString(l + "\n")
	}
	for _, word := range expectation {
		switch {
		case got[word] != "":
			b.WriteString(word + " " + got[word] + "\n")
		case c.want[word] == "-":
			b.WriteString(word + " -\n")
		}
	}
	return append([]byte(b.String()), '\n')
}

// proves holds a result against the promises that every check makes.
func proves(t *testing.T, dev *device, k *diag.Check, r diag.Result) {
	t.Helper()
	if r.Reason != nil && *r.Reason == diag.Internal {
		t.Errorf("%s panics: %s", k.ID, r.Summary)
	}
	if strings.ContainsAny(r.Summary, "{}") && !strings.Contains(r.Summary, `{"`) {
		t.Errorf("%s: the sentence is not complete: %s", k.ID, r.Summary)
	}
	decided := r.Status == diag.Pass || r.Status == diag.Warn || r.Status == diag.Fail
	if decided && len(r.Evidence) == 0 {
		t.Errorf("%s says %s without evidence", k.ID, r.Message.ID)
	}
	for _, e := range r.Evidence {
		text, ok := dev.answers[e.Command]
		lines := strings.Split(text, "\n")
		switch {
		case !ok:
			t.Errorf("%s: evidence from %q, which was not captured", k.ID, e.Command)
		case e.Line == 0 && e.Text == "":
		case e.Line < 1 || e.Line > len(lines):
			t.Errorf("%s: evidence on line %d of %q, which has %d", k.ID, e.Line, e.Command, len(lines))
		case strings.TrimSpace(lines[e.Line-1]) != strings.TrimSpace(e.Text):
			t.Errorf("%s: line %d of %q is %q, not %q", k.ID, e.Line, e.Command, lines[e.Line-1], e.Text)
		}
	}
	for _, f := range r.Fixes {
		if !slices.ContainsFunc(k.Remedies, func(remedy diag.Fix) bool { return instance(remedy, f) }) {
			t.Errorf("%s: the fix %q is not one of its remedies: %q", k.ID, f.Summary, slices.Concat(f.Config, f.Exec, f.Verify))
		}
		if f.Affects == "" || len(f.Config)+len(f.Exec)+len(f.Manual) == 0 {
			t.Errorf("%s: the fix %q says neither what to do nor what it affects", k.ID, f.Summary)
		}
	}
}

var placeholder = regexp.MustCompile(`<[^<>]+>`)

// instance reports whether a fix is a remedy with values in its placeholders.
func instance(remedy, f diag.Fix) bool {
	same := func(pattern, lines []string) bool {
		return slices.EqualFunc(pattern, lines, func(p, l string) bool {
			parts := placeholder.Split(p, -1)
			for i := range parts {
				parts[i] = regexp.QuoteMeta(parts[i])
			}
			return p == l || regexp.MustCompile("^"+strings.Join(parts, `(?:[A-Za-z0-9.:_/-]+|<[^<>]+>)`)+"$").MatchString(l)
		})
	}
	return remedy.Summary == f.Summary && same(remedy.Config, f.Config) && same(remedy.Exec, f.Exec) && same(remedy.Verify, f.Verify)
}

// provesReads runs the check on nothing but the commands it names and those that are always collected.
func provesReads(t *testing.T, dev *device, k *diag.Check, f *diag.Facts) {
	t.Helper()
	named := engine.Catalogue{Checks: []*diag.Check{k}}.Reads()
	little := dev.factsOf(t, append(named, alwaysCollected...))
	little.Topology, little.NoTopology = f.Topology, f.NoTopology
	if diff := cmp.Diff(k.Run(f), k.Run(little)); diff != "" {
		t.Errorf("%s looks at a command that its Reads does not name (-all +named):\n%s", k.ID, diff)
	}
}

var (
	messageCall = regexp.MustCompile(`\be\.(?:Pass|Inform|Warn|Fail|NotApplicable|Unknown)\((?:diag\.\w+, )?"([a-z0-9-]+)"`)
	idField     = regexp.MustCompile(`\bID: +"([a-z0-9-]+)"`)
)

// provesEveryMessage asks that every message in a file of checks occurs in some case of one of its checks:
// a status that no case shows is not tested.
func provesEveryMessage(t *testing.T, produced map[string]bool, sources ...string) {
	t.Helper()
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ids := idField.FindAllStringSubmatch(string(text), -1)
		for _, m := range messageCall.FindAllStringSubmatch(string(text), -1) {
			if !slices.ContainsFunc(ids, func(id []string) bool { return produced[id[1]+"."+m[1]] }) {
				t.Errorf("%s: no case shows the message %q", path, m[1])
			}
		}
	}
}

// TestCatalogue holds the values against their own rules. That nothing explains itself is proven by the
// compiler: edges are package variables.
func TestCatalogue(t *testing.T) {
	all := checks.Catalogue()
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	ids := map[string]bool{}
	for _, k := range all.Checks {
		switch {
		case !kebab.MatchString(k.ID):
			t.Errorf("%q is not in kebab case", k.ID)
		case ids[k.ID]:
			t.Errorf("%s occurs twice", k.ID)
		case k.Title == "" || k.Why == "" || k.Seed == "" || k.Applies == 0 || k.Judge == nil || !slices.Contains(diag.Severities, k.Severity):
			t.Errorf("%s is not complete", k.ID)
		case !strings.HasSuffix(k.Why, "."):
			t.Errorf("%s: %q is not a sentence", k.ID, k.Why)
		}
		ids[k.ID] = true
		if n := len(slices.DeleteFunc(slices.Clone(all.Order), func(o *diag.Check) bool { return o != k })); n != 1 {
			t.Errorf("%s stands %d times in Order", k.ID, n)
		}
		for _, edge := range k.Causes {
			if !slices.Contains(all.Checks, edge.Check) {
				t.Errorf("%s is explained by a check that is not in the catalogue", k.ID)
			}
		}
	}
	for _, k := range all.Order {
		if !slices.Contains(all.Checks, k) {
			t.Errorf("Order names %q, which is not in the catalogue", k.ID)
		}
	}
}

// TestEmptyDevice judges a device of which nothing is known: nothing may be decided, nothing may panic.
func TestEmptyDevice(t *testing.T) {
	all := checks.Catalogue()
	for _, id := range append(diag.TopologyIDs(), "", diag.UnsupportedOS) {
		f := diag.NewFacts(diag.Device{Name: "empty", Topology: id})
		f.Topology = diag.Topology{ID: id}
		for _, r := range all.Judge(f) {
			if r.Status != diag.Unknown && r.Status != diag.NotApplicable {
				t.Errorf("%s on %q without any answer: %s %s", r.Check, id, r.Status, r.Message.ID)
			}
			if r.Reason != nil && *r.Reason == diag.Internal {
				t.Errorf("%s on %q: %s", r.Check, id, r.Summary)
			}
		}
	}
}

// TestForeignDevices: what is not IOS XE with SLP is judged by the checks that say so, and by no other.
func TestForeignDevices(t *testing.T) {
	for name, judged := range map[string]map[string]diag.Status{
		"classic": {"platform-iosxe": diag.Pass, "platform-slp-enabled": diag.Fail},
		"nxos":    {"platform-iosxe": diag.NotApplicable},
	} {
		f := load(t, name).facts(t)
		for _, r := range checks.Catalogue().Judge(f) {
			want, ok := judged[r.Check]
			if !ok {
				want = diag.NotApplicable
			}
			if r.Status != want {
				t.Errorf("%s: %s is %s (%s), want %s", name, r.Check, r.Status, r.Message.ID, want)
			}
		}
	}
}

// TestReads proves of every check, on failing devices of every topology, that Reads names each command it
// looks at.
func TestReads(t *testing.T) {
	for name, script := range map[string][]string{
		"direct-smart":    {usage, failed(cssm, "SSL handshake failed"), pushLate},
		"direct-callhome": {usage, failed(cssm, "SSL handshake failed"), pushLate},
		"cslu-push":       {usage, hello, failed(cslu, "timed out"), pushLate, silence},
		"cslu-zero-touch": {usage, hello, failed(cslu, "Unable to resolve server hostname/domain name"), pushLate},
		"onprem-push":     {usage, failed(cslu, "SSL handshake failed"), pushLate, silence},
		"pull":            {pushLate},
		"offline":         nil,
		"unconfigured":    nil,
		"controller":      nil,
	} {
		dev := load(t, name)
		for _, part := range script {
			dev.run(t, strings.Split(strings.TrimSpace(part), "\n"))
		}
		f := dev.facts(t)
		for _, k := range checks.All() {
			provesReads(t, dev, k, f)
		}
	}
}

// TestHealthyDevices: a device in order has no finding in any topology.
func TestHealthyDevices(t *testing.T) {
	for _, name := range []string{"direct-smart", "direct-callhome", "cslu-push", "cslu-zero-touch", "onprem-push", "pull", "offline", "controller"} {
		f := load(t, name).facts(t)
		if got := string(f.Topology.ID); got != name && !(name == "controller" && got == "controller-vmanage") {
			t.Errorf("%s is taken for %s", name, got)
		}
		for _, r := range checks.Catalogue().Judge(f) {
			if r.Status == diag.Fail {
				t.Errorf("%s: %s fails: %s", name, r.Check, r.Summary)
			}
		}
	}
}
