// Package closure proves the fixes: on a catalogue of broken simulated devices, what a check recommends is
// done, and the check then passes and its consequences clear. It holds tests only and is imported by nobody.
package closure

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fixplan"
	"slpdoctor/internal/sim"
)

// rounds is how many root causes one behind the other a device may have.
const rounds = 8

// patience is how long a device is given after a change: schedules run once a day at the longest.
const patience = 2 * day

func TestClosure(t *testing.T) {
	var score score
	for _, d := range catalogue() {
		t.Run(d.fails, func(t *testing.T) { score.prove(t, d.play(t), d.fails) })
	}
	for i, d := range sim.DemoFleet() {
		if d.Down {
			continue
		}
		t.Run("demo/"+d.Name, func(t *testing.T) {
			own := sim.DemoFleet()[i] // a fleet of its own: what is mended in its world is mended for it alone
			score.prove(t, &site{Device: own, declared: diag.Device{Name: own.Name, Topology: diag.TopologyID(own.Topology)}}, "")
		})
	}
	score.sum(t)
}

// score counts failing verdicts and those that are gone in the end, by check.
type score struct {
	failed, closed, roots map[string]int
	verdicts              map[string]bool // message ids
	exact, told           int             // rollbacks that brought everything back, and those that say what they do not know
	fixes, helped         int             // fixes applied, and those after which the check did not fail any more
}

// prove mends a device and holds what it shows then against what it showed before. want must be among what
// fails, unless it is empty.
func (s *score) prove(t *testing.T, p *site, want string) {
	t.Helper()
	if s.failed == nil {
		s.failed, s.closed, s.roots, s.verdicts = map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}
	}
	first, _ := examine(t, p.Device, p.declared)
	failing := failures(first)
	check, verdict, exact := strings.Cut(want, ".")
	if got, ok := failing[check]; want != "" && (!ok || exact && got != want) {
		t.Fatalf("%s %s does not fail; what does: %v", check, verdict, failing)
	}
	for _, id := range failing {
		s.verdicts[id] = true
	}
	p.mend(t, s)
	after, _ := examine(t, p.Device, p.declared)
	still := failures(after)
	for _, x := range after.Results {
		if failing[x.Check] == "" {
			continue
		}
		s.failed[x.Check]++
		switch {
		case x.Status == diag.Fail:
		case x.Status == diag.Unknown && *x.Reason != diag.Manual: // what is right on the other side only a person can see
			t.Errorf("%s was %s and is now unknown: %s", x.Check, failing[x.Check], x.Summary)
		default:
			s.closed[x.Check]++
		}
	}
	if len(still) > 0 {
		t.Errorf("after everything that was recommended still fails: %v", still)
	}
}

// sum prints the result and holds it against the catalogue of checks: every check that can fail has failed
// on a device, or says why none can show it.
func (s *score) sum(t *testing.T) {
	t.Helper()
	var config, manual, none []string
	for _, k := range checks.All() {
		switch {
		case slices.ContainsFunc(k.Remedies, func(f diag.Fix) bool { return len(f.Config) > 0 }):
			config = append(config, k.ID)
		case len(k.Remedies) > 0:
			manual = append(manual, k.ID)
		default:
			none = append(none, k.ID)
		}
	}
	failed, closed := 0, 0
	for id, n := range s.failed {
		failed += n
		closed += s.closed[id]
	}
	t.Logf("%d checks: %d recommend configuration lines, %d only exec lines or manual steps, %d nothing of their own (%s)",
		len(checks.All()), len(config), len(manual), len(none), strings.Join(none, ", "))
	t.Logf("%d checks failed on a device in %d ways, %d of them as a root cause; closed %d of %d failing verdicts (%d %%)",
		len(s.failed), len(s.verdicts), len(s.roots), closed, failed, 100*closed/max(failed, 1))
	t.Logf("%d rollbacks brought the configuration back, %d said what they do not know", s.exact, s.told)
	t.Logf("%d fixes applied; after %d of them alone the check did not fail any more", s.fixes, s.helped)
	if closed != failed {
		t.Errorf("%d failing verdicts do not close", failed-closed)
	}
	for _, id := range canFail(t) {
		switch why := unplayed[id]; {
		case s.failed[id] == 0 && why == "":
			t.Errorf("no device shows %s failing, and nothing says why", id)
		case s.failed[id] > 0 && why != "":
			t.Errorf("%s is said to be shown by no device, but is", id)
		case why != "":
			t.Logf("not shown by any device: %s: %s", id, why)
		}
	}
	for id := range unplayed {
		if !slices.Contains(canFail(t), id) {
			t.Errorf("%s is said to be shown by no device, but can not fail at all", id)
		}
	}
}

// canFail lists the checks that have a failing case.
func canFail(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(filepath.Base(f), ".txtar")
		if strings.Contains(string(text), "\nwant fail ") {
			out = append(out, id)
		}
	}
	return out
}

// failures are the failing verdicts of a device: message id by check.
func failures(r diag.DeviceResult) map[string]string {
	out := map[string]string{}
	for _, x := range r.Results {
		if x.Status == diag.Fail {
			out[x.Check] = x.Message.ID
		}
	}
	return out
}

// mend works off root causes, the most severe first, until none is left.
func (p *site) mend(t *testing.T, s *score) {
	t.Helper()
	tried := map[string]int{}
	for range rounds {
		r, captures := examine(t, p.Device, p.declared)
		root, ok := nextRoot(r)
		if !ok {
			return
		}
		n := tried[root.Message.ID]
		if n >= len(root.Fixes) {
			t.Errorf("%s fails after every fix it recommends: %s", root.Message.ID, root.Summary)
			return
		}
		tried[root.Message.ID]++
		s.roots[root.Check]++
		p.apply(t, s, r, captures, root, n)
		p.Settle(patience)
		again, _ := examine(t, p.Device, p.declared)
		for _, x := range again.Results {
			if x.Check == root.Check {
				s.fixes++
				if x.Status != diag.Fail {
					s.helped++
				}
				t.Logf("%s: %s -> %s", root.Message.ID, root.Fixes[n].Summary, x.Message.ID)
			}
		}
	}
}

func nextRoot(r diag.DeviceResult) (diag.Result, bool) {
	for _, x := range r.Results {
		if x.Status == diag.Fail && x.CausedBy == nil {
			return x, true
		}
	}
	return diag.Result{}, false
}

// apply does what fix n of a root cause says: the manual steps, the lines of the fix plan's own file, the exec
// lines.
func (p *site) apply(t *testing.T, s *score, r diag.DeviceResult, captures []diag.Capture, root diag.Result, n int) {
	t.Helper()
	f := root.Fixes[n]
	for _, m := range f.Manual {
		p.step(t, m)
	}
	if len(f.Config) > 0 {
		change, rollback := planned(t, r, captures, root, n)
		p.provesRollback(t, s, change, rollback)
		p.configure(t, p.fill(t, change))
	}
	for _, l := range f.Exec {
		p.enter(t, l)
	}
}

// planned are the files of the fix plan for a fix.
func planned(t *testing.T, r diag.DeviceResult, captures []diag.Capture, root diag.Result, n int) (change, rollback string) {
	t.Helper()
	var fold engine.Fold
	fold.Add(r)
	plan := fixplan.Plan{Devices: []fixplan.Device{fixplan.Of(r, captures, false)}}
	suffix := ".cfg"
	if n > 0 {
		suffix = fmt.Sprintf("-%d.cfg", n+1)
	}
	for _, f := range plan.Files(&diag.Report{Summary: fold.Summary()}) {
		folder, file, _ := strings.Cut(f.Path, "/")
		_, check, _ := strings.Cut(folder, "-")
		switch {
		case check != root.Check:
		case strings.HasSuffix(file, "/change"+suffix):
			change = f.Text
		case strings.HasSuffix(file, "/rollback"+suffix):
			rollback = f.Text
		}
	}
	if change == "" || rollback == "" {
		t.Fatalf("the fix plan has no files for %s", root.Check)
	}
	return change, rollback
}

// gaps are how a rollback says that it does not know everything.
var gaps = []string{"leave this out", "if another", "what was there", "no line takes back", "this is on unless", "the line before has"}

// provesRollback applies a change and takes it back: the configuration is what it was. A rollback that says
// that it does not know everything is not held to that.
func (p *site) provesRollback(t *testing.T, s *score, change, rollback string) {
	t.Helper()
	config := func() []string { return lines(p.Run("show running-config")) }
	for l := range strings.Lines(rollback) {
		if gap, ok := strings.CutPrefix(l, "! "); ok && slices.ContainsFunc(gaps, func(g string) bool { return strings.HasPrefix(gap, g) }) {
			s.told++
			return
		}
	}
	was := config()
	p.configure(t, p.fill(t, change))
	p.configure(t, p.fill(t, rollback))
	s.exact++
	if diff := cmp.Diff(was, config()); diff != "" {
		t.Errorf("the rollback does not bring the configuration back (-before +after):\n%s\n%s%s", diff, change, rollback)
	}
}
