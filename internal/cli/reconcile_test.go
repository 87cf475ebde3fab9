package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/reconcile"
)

// TestPracticeHasItsVerdict plays every situation through files and readers, and holds the document against its schema
// and against what must be true of every one.
func TestPracticeHasItsVerdict(t *testing.T) {
	w := newWorld(t)
	schema := w.schema("reconcile")
	classes := map[string]reconcile.Class{"double-report": reconcile.DoubleReported, "double-report-inferred": reconcile.DoubleReported,
		"deleted-devices": reconcile.DeletedUnreleased, "replaced-device": reconcile.StaleInstance, "stack-members": reconcile.HAMembers,
		"wrong-account": reconcile.WrongAccount}
	for _, s := range reconcile.Practice() {
		text := w.want(0, "demo", "reconcile", s.Name, "-o", "json").out
		valid(t, schema, text)
		var d reconcile.Document
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		if d.Verdict.Case != s.Want {
			t.Errorf("%s: %s, want %s", s.Name, d.Verdict.Case, s.Want)
		}
		if s.Want != reconcile.Consistent && len(d.Verdict.Steps) == 0 {
			t.Errorf("%s: nothing to do", s.Name)
		}
		found := classes[s.Name] == ""
		for _, x := range d.Licenses {
			for _, a := range x.Attribution {
				found = found || a.Class == classes[s.Name]
				if classes[s.Name] != "" && a.Class != classes[s.Name] {
					t.Errorf("%s: %d units are %s", s.Name, a.Units, a.Class)
				}
			}
			if x.Unexplained != nil && *x.Unexplained != 0 && s.Name != "reporting-broken" {
				t.Errorf("%s: %d units of %s unexplained", s.Name, *x.Unexplained, x.Name)
			}
		}
		if !found {
			t.Errorf("%s: nothing is %s", s.Name, classes[s.Name])
		}
	}
}

// TestWalkthrough plays the seed's case by hand: found, cleaned up, waited for, clean.
func TestWalkthrough(t *testing.T) {
	w := newWorld(t)
	out := w.want(0, "demo", "reconcile", "walkthrough", "--dir", "kept").out
	at := 0
	for _, part := range []string{"F-COUNT", "+300  double-reported (high)", "(M19)", "wait at least 24 hours", "WAIT", "do not remove anything a", "VERDICT  consistent"} {
		i := strings.Index(out[at:], part)
		if i < 0 {
			t.Fatalf("the walkthrough does not say %q after byte %d:\n%s", part, at, out)
		}
		at += i
	}
	step := func(n string, more ...string) []string {
		dir := filepath.Join("kept", "walkthrough", "step-"+n)
		args := []string{"reconcile", "--state-dir", "state", "--vmanage", filepath.Join(dir, "vmanage-now.csv"), "--cssm", filepath.Join(dir, "cssm-licenses.csv")}
		return append(args, more...)
	}
	before := []string{"--vmanage-before", filepath.Join("kept", "walkthrough", "step-1", "vmanage-before.csv")}
	if got := w.want(1, step("1", before...)...).out; !strings.Contains(got, "VERDICT  f-count (confidence: high)") {
		t.Error(got)
	}
	info, err := os.Stat(filepath.Join("state", "reconcile.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the wait is not remembered for its owner alone: %v, %v", info, err)
	}
	if got := w.want(3, step("1", before...)...).out; !strings.Contains(got, "VERDICT  wait") || strings.Contains(got, "VERDICT  f-count") {
		t.Errorf("a second clean-up inside the wait:\n%s", got)
	}
	if got := w.want(3, step("2")...).out; !strings.Contains(got, "VERDICT  wait") {
		t.Error(got)
	}
	if got := w.want(0, step("3")...).out; !strings.Contains(got, "VERDICT  consistent") {
		t.Error(got)
	}
	if text := w.read("state/reconcile.json"); !strings.Contains(text, `"cleanups": []`) {
		t.Errorf("still waiting: %s", text)
	}
	if err := os.WriteFile(filepath.Join("state", "reconcile.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := w.want(2, step("3")...); !strings.Contains(got.err, "reconcile.json") {
		t.Errorf("a broken state file: %s", got.err)
	}
}

// TestPracticeReplays types every command that --dir prints, one after the other as a newcomer does.
func TestPracticeReplays(t *testing.T) {
	w := newWorld(t)
	out := w.want(0, "demo", "reconcile", "--dir", "kept").out
	status := map[reconcile.Case]int{reconcile.FSync: 1, reconcile.FCount: 1, reconcile.Undecided: 3}
	all := reconcile.Practice()
	for line := range strings.Lines(out) {
		if args := strings.Fields(line); len(args) > 2 && args[0] == "slpdoctor" && args[1] == "reconcile" {
			if got := w.want(status[all[0].Want], args[1:]...).out; !strings.Contains(got, "VERDICT  "+string(all[0].Want)) {
				t.Errorf("%s: want %s:\n%s", all[0].Name, all[0].Want, got)
			}
			all = all[1:]
		}
	}
	if len(all) > 0 {
		t.Errorf("%d situations have no command:\n%s", len(all), out)
	}
}

// TestReconcileTellsTheWhole: every form says why the verdict is f-sync, in the log's own words where there is room.
func TestReconcileTellsTheWhole(t *testing.T) {
	w := newWorld(t)
	for form, want := range map[string]string{"table": "vmanage-server.log:12: ", "markdown": "- fail `recon-vmanage-log`: ", "csv": ",f-sync\r\n", "json": "Failed to report license usage for tenant default"} {
		if out := w.want(0, "demo", "reconcile", "reporting-broken", "-o", form).out; !strings.Contains(out, want) {
			t.Errorf("%s does not say %q:\n%s", form, want, out)
		}
	}
}

// TestReconcileRemembersWhatWasTold: a clean-up that stood on the screen is remembered, though a file could not be written.
func TestReconcileRemembersWhatWasTold(t *testing.T) {
	w := newWorld(t)
	w.want(0, "demo", "reconcile", "double-report", "--dir", "kept")
	inputs := []string{"reconcile", "--vmanage", "kept/double-report/vmanage-now.csv", "--vmanage-before", "kept/double-report/vmanage-before.csv", "--cssm", "kept/double-report/cssm-licenses.csv"}
	w.want(4, append(inputs, "-o", "json=nowhere/r.json")...)
	if got := w.want(4, append(inputs, "-o", "table", "-o", "json=nowhere/r.json")...).out; !strings.Contains(got, "VERDICT  f-count") {
		t.Errorf("nobody was told of a clean-up before:\n%s", got)
	}
	if got := w.want(3, inputs...).out; !strings.Contains(got, "VERDICT  wait") {
		t.Error(got)
	}
}

// TestReconcileOpenLicence: a real shortage of one licence does not hide that another one is undecided.
func TestReconcileOpenLicence(t *testing.T) {
	w := newWorld(t)
	for name, text := range map[string]string{
		"now.csv":  "Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On\nA,9,5,-\nB,40,90,-\n",
		"cssm.csv": "License,Available to Use,In Use,Balance\nA,5,9,-4\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.want(3, "reconcile", "--vmanage", "now.csv", "--cssm", "cssm.csv").out; !strings.Contains(got, "VERDICT  shortage") {
		t.Error(got)
	}
}

// TestReconcileShortageOfOneSide: what only CSSM has is left out of the table, but not when it runs short.
func TestReconcileShortageOfOneSide(t *testing.T) {
	w := newWorld(t)
	for name, text := range map[string]string{
		"now.csv":  "Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On\nDNA-A,9,50,-\n",
		"cssm.csv": "License,Available to Use,In Use,Balance\nDNA Advantage,5,9,-4\nSwitches,50,9,41\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := w.want(3, "reconcile", "--vmanage", "now.csv", "--cssm", "cssm.csv").out
	if !strings.Contains(got, "NOT-COMPARED  DNA Advantage\n  WARN    recon-insufficient: balance -4") || strings.Contains(got, "NOT-COMPARED  Switches") {
		t.Error(got)
	}
}

// TestReconcileCSVIsInert gives a spreadsheet names that it would take for formulas.
func TestReconcileCSVIsInert(t *testing.T) {
	w := newWorld(t)
	for name, text := range map[string]string{
		"now.csv":  "Name,Number of Licensed Devices,Number of Total Licenses,Last Assigned On\n\"=HYPERLINK(\"\"http://x\"\")\",5,9,-\n",
		"cssm.csv": "Virtual Account,License,Available to Use,In Use,Balance\n@SUM(1),\"=HYPERLINK(\"\"http://x\"\")\",9,7,2\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.want(1, "reconcile", "--vmanage", "now.csv", "--cssm", "cssm.csv", "-o", "csv=out.csv", "-o", "markdown=out.md", "-o", "json=out.json")
	text := w.read("out.csv")
	if !strings.HasPrefix(text, "\ufeff") || !strings.Contains(text, "\r\n") {
		t.Error("not what Excel takes for UTF-8")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v %q", err, rows)
	}
	row := map[string]string{}
	for i, name := range rows[0] {
		row[name] = rows[1][i]
	}
	if row["license"] != `'=HYPERLINK("http://x")` || row["virtual_account"] != "'@SUM(1)" || row["delta"] != "2" || row["unexplained"] != "2" {
		t.Errorf("%q", row)
	}
	if md := w.read("out.md"); !strings.Contains(md, "`=HYPERLINK(\"http://x\")`") {
		t.Error(md)
	}
}

// TestReconcilePage holds the transcript of docs/reconcile.md against what the program prints.
func TestReconcilePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reconcile.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "<!-- transcript: slpdoctor demo reconcile double-report -->\n```\n")
	want, _, ok2 := strings.Cut(rest, "```\n")
	if !ok || !ok2 {
		t.Fatal("the page has no transcript")
	}
	var out, errs bytes.Buffer
	env := Env{In: strings.NewReader(""), Out: &out, Err: &errs, Width: 80, Getenv: func(string) string { return "" }, Now: time.Now, Context: t.Context()}
	if code := Main([]string{"demo", "reconcile", "double-report"}, env); code != 0 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("docs/reconcile.md is not what demo prints (-page +program):\n%s", d)
	}
	for _, c := range reconcile.Cases {
		if !strings.Contains(string(page), "`"+string(c.Case)+"`") {
			t.Errorf("the page does not name the case %s", c.Case)
		}
	}
}

// The table keeps to the screen, however long the names of licences and accounts are.
func TestReconcileTableWrapsNames(t *testing.T) {
	name, account := "Routing DNA Advantage On-Premises Subscription: Tier 1 for Aggregation Services", "North America Region Production Network"
	var l lines
	l.width = 80
	reconcileTable(&l, reconcile.Reconcile(&reconcile.Data{
		VManage:  []reconcile.Count{{License: name, Virtual: account, Licensed: new(int64(298))}},
		Balances: []reconcile.Balance{{License: name, Virtual: account, Available: new(int64(700)), InUse: new(int64(598)), Balance: new(int64(102))}},
	}, reconcile.Options{Now: time.Now()}))
	for line := range strings.Lines(l.b.String()) {
		if len(line) > 81 {
			t.Errorf("%d characters: %s", len(line)-1, line)
		}
	}
	if !strings.Contains(l.b.String(), "UNDECIDED  Routing DNA") {
		t.Errorf("the licence is not told:\n%s", l.b.String())
	}
}
