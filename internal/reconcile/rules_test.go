package reconcile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

func n(v int64) *int64 { return new(v) }

func days(d int) *time.Time { return new(noon.Add(-time.Duration(d) * 24 * time.Hour)) }

const tierOne = "Routing DNA Advantage: Tier 1"

// counts is data with the numbers of one licence. A number below -1000 is left out.
func counts(v, vp, total, a, s, u, b int64) *Data {
	maybe := func(x int64) *int64 {
		if x < -1000 {
			return nil
		}
		return &x
	}
	d := &Data{Inputs: []Input{{Kind: VManage, Path: "now.csv", Time: &noon}, {Kind: Before, Path: "before.csv", Time: days(1)}, {Kind: CSSM, Path: "cssm.csv", Time: &noon},
		{Kind: Instances, Path: "instances.csv", Time: &noon}, {Kind: Log, Path: "vmanage-server.log", Time: &noon}},
		VManage:  []Count{{Place: Place{0, 2}, License: tierOne, Licensed: maybe(v), Total: maybe(total)}},
		Balances: []Balance{{Place: Place{2, 2}, License: tierOne, Billing: "Prepaid", Available: maybe(a), Substituted: maybe(s), InUse: maybe(u), Balance: maybe(b)}}}
	if vp >= -1000 {
		d.Before = []Count{{Place: Place{1, 2}, License: tierOne, Licensed: maybe(vp), Total: maybe(total)}}
	}
	return d
}

const none = -9999

// manager is SD-WAN Manager as a product instance.
func manager(serial string, used int64, contact *time.Time) Instance {
	return Instance{Place: Place{3, 2}, Name: "UDI_PID:Cisco_vManage; UDI_SN:" + serial, PID: "Cisco_vManage", Serial: serial, Family: "Cisco vManage",
		Type: "DNASUB", License: tierOne, Used: n(used), LastContact: contact}
}

func with(d *Data, change func(*Data)) *Data { change(d); return d }

// TestRules has every verdict that a rule can give.
func TestRules(t *testing.T) {
	failures := func(last *time.Time, invalid int) *ReportLog {
		return &ReportLog{Lines: 900, Last: &noon, Failures: []ReportFailure{{Place: Place{4, 17}, Tenant: "default", Count: 12, Invalid: invalid, Last: last}}}
	}
	for _, c := range []struct {
		rule, name string
		data       *Data
		status     diag.Status
		what       string
	}{
		{"recon-input-times", "of one moment", seed(), diag.Pass, "near"},
		{"recon-input-times", "a day and more apart", with(seed(), func(d *Data) { d.Inputs[2].Time = days(2) }), diag.Warn, "apart"},
		{"recon-input-times", "not known", with(seed(), func(d *Data) { d.Inputs[2].Time = nil }), diag.Unknown, "not-known"},
		{"recon-input-times", "before and now exchanged, by file", with(seed(), func(d *Data) { d.Inputs[1].Time = new(noon.Add(5 * time.Hour)) }), diag.Fail, "swapped"},
		{"recon-input-times", "before and now exchanged, by what is in them", with(seed(), func(d *Data) {
			d.VManage[0].Assigned, d.Before[0].Assigned = days(7), &noon
		}), diag.Fail, "swapped"},
		{"recon-input-times", "in order by what is in them, copied in another", with(seed(), func(d *Data) {
			d.Before[0].Assigned, d.VManage[0].Assigned = days(7), &noon
			d.Inputs[1].Time = new(noon.Add(5 * time.Hour))
		}), diag.Pass, "near"},
		{"recon-input-times", "one input", &Data{Inputs: []Input{{Kind: CSSM, Time: &noon}}}, diag.NotApplicable, "nothing-to-compare"},

		{"recon-input-rows", "plain", seed(), diag.Pass, "plain"},
		{"recon-input-rows", "the same row twice", with(seed(), func(d *Data) { d.VManage = append(d.VManage, d.VManage[0]) }), diag.Warn, "repeated"},
		{"recon-input-rows", "two rows with other numbers", with(seed(), func(d *Data) {
			d.VManage = append(d.VManage, Count{Place: Place{0, 3}, License: tierOne, Licensed: n(2), Total: n(2)})
		}), diag.Warn, "repeated"},
		{"recon-input-rows", "two exports of CSSM that contradict", with(seed(), func(d *Data) {
			b := d.Balances[0]
			b.Input, b.InUse, b.Balance = 3, n(600), n(-300)
			d.Inputs, d.Balances = append(d.Inputs, Input{Kind: CSSM, Path: "again.csv", Time: &noon}), append(d.Balances, b)
		}), diag.Fail, "impossible"},
		{"recon-input-rows", "below zero", counts(-5, none, 300, 300, 0, 300, 0), diag.Fail, "impossible"},

		{"recon-same-account", "the same", seed(), diag.Pass, "same"},
		{"recon-same-account", "another", with(seed(), func(d *Data) {
			d.VManage[0].Virtual, d.Before[0].Virtual, d.Balances[0].Virtual = "Branch", "Branch", "Default"
		}), diag.Fail, "differs"},
		{"recon-same-account", "one side", &Data{VManage: seed().VManage}, diag.NotApplicable, "one-sided"},

		{"recon-balance-identity", "the seed's row", counts(298, none, 300, 300, none, 598, -298), diag.Pass, "adds-up"},
		{"recon-balance-identity", "with upper tiers", counts(315, none, 300, 300, 8, 315, -7), diag.Pass, "adds-up"},
		{"recon-balance-identity", "of an upper tier", counts(290, none, 300, 300, -8, 290, 2), diag.Pass, "adds-up"},
		{"recon-balance-identity", "the seed's other picture", counts(298, none, 300, 300, none, 596, -298), diag.Fail, "off"},
		{"recon-balance-identity", "no balance", counts(298, none, 300, 300, none, 598, none), diag.Unknown, "incomplete"},
		{"recon-balance-identity", "impossible rows", counts(-5, none, 300, 300, 0, 300, 0), diag.Unknown, "blocked"},
		{"recon-balance-identity", "by usage", with(counts(298, none, 300, none, none, 298, none), func(d *Data) { d.Balances[0].Billing = "By Usage" }), diag.NotApplicable, "by-usage"},

		{"recon-not-rightouse", "prepaid", seed(), diag.Pass, "prepaid"},
		{"recon-not-rightouse", "by usage", with(counts(298, none, 300, none, none, 298, none), func(d *Data) { d.Balances[0].Billing = "By Usage" }), diag.Pass, "by-usage"},
		{"recon-not-rightouse", "no inventory", &Data{VManage: seed().VManage}, diag.Unknown, "no-inventory"},

		{"recon-tier-coverage", "none", seed(), diag.Pass, "none"},
		{"recon-tier-coverage", "covers", counts(315, none, 300, 300, 8, 315, -7), diag.Pass, "covers"},
		{"recon-tier-coverage", "is the upper tier", counts(290, none, 300, 300, -8, 290, 2), diag.Pass, "gives"},

		{"recon-count-mismatch", "equal", counts(300, none, 300, 300, 0, 300, 0), diag.Pass, "equal"},
		{"recon-count-mismatch", "just a hundredth", counts(1000, none, 2000, 2000, 0, 1010, 990), diag.Warn, "close"},
		{"recon-count-mismatch", "just more than a hundredth", counts(1000, none, 2000, 2000, 0, 1011, 989), diag.Fail, "differs"},
		{"recon-duplicate-inferred", "a tenth more than now", counts(100, none, 300, 300, 0, 210, 90), diag.Fail, "looks-added"},
		{"recon-duplicate-inferred", "more than a tenth more than now", counts(100, none, 300, 300, 0, 211, 89), diag.Pass, "no"},
		{"recon-count-mismatch", "within a hundredth", counts(300, none, 400, 400, 0, 303, 97), diag.Warn, "close"},
		{"recon-count-mismatch", "beyond it", counts(300, none, 400, 400, 0, 304, 96), diag.Fail, "differs"},
		{"recon-count-mismatch", "members of a stack", with(counts(20, none, 40, 40, 0, 21, 19), func(d *Data) {
			d.Assigned = []Assignment{{UUID: "C9300-24UX-FDO1", License: tierOne, Units: 1}}
			d.Devices = []Device{{Name: "sw1", UDIs: []string{"PID:C9300-24UX,SN:FDO1", "PID:C9300-24UX,SN:FDO2"}}}
			d.Instances = []Instance{manager("8C3B", 20, &noon), {Name: "sw1-2", PID: "C9300-24UX", Serial: "FDO2", License: tierOne, Used: n(1)}}
		}), diag.Warn, "known"},
		{"recon-count-mismatch", "fewer in CSSM", counts(300, none, 400, 400, 0, 280, 120), diag.Fail, "differs"},
		{"recon-count-mismatch", "inputs apart", with(seed(), func(d *Data) { d.Inputs[2].Time = days(2) }), diag.Warn, "differs"},
		{"recon-count-mismatch", "only CSSM", &Data{Balances: seed().Balances}, diag.Unknown, "no-vmanage"},
		{"recon-count-mismatch", "only vManage", &Data{VManage: seed().VManage}, diag.Unknown, "no-cssm"},
		{"recon-count-mismatch", "an empty cell in vManage's export", with(seed(), func(d *Data) { d.VManage[0].Licensed = nil }), diag.Unknown, "blank"},
		{"recon-count-mismatch", "an empty cell in CSSM's export", with(seed(), func(d *Data) { d.Balances[0].InUse = nil }), diag.Unknown, "blank"},
		{"recon-count-mismatch", "other accounts", with(seed(), func(d *Data) { d.VManage[0].Virtual, d.Balances[0].Virtual = "Branch", "Default" }), diag.Unknown, "account"},
		{"recon-count-mismatch", "nothing is said when the balance is off", counts(298, 300, 300, 300, 0, 596, -298), diag.Unknown, "blocked"},

		{"recon-duplicate-exact", "added up", seed(), diag.Fail, "added-up"},
		{"recon-duplicate-exact", "not", counts(298, 300, 300, 300, 0, 400, -100), diag.Pass, "no"},
		{"recon-duplicate-exact", "no earlier export", counts(298, none, 300, 300, 0, 400, -100), diag.Unknown, "no-earlier"},
		{"recon-duplicate-exact", "no surplus", counts(298, 300, 300, 300, 0, 298, 2), diag.Pass, "no-surplus"},
		{"recon-duplicate-exact", "not compared", &Data{VManage: seed().VManage}, diag.Unknown, "blocked"},

		{"recon-duplicate-inferred", "all licences", counts(298, none, 300, 300, 0, 598, -298), diag.Fail, "looks-added"},
		{"recon-duplicate-inferred", "a few more than now", counts(298, none, 400, 400, 0, 606, -206), diag.Fail, "looks-added"},
		{"recon-duplicate-inferred", "more than there are", counts(298, none, 300, 300, 0, 600, -300), diag.Pass, "no"},
		{"recon-duplicate-inferred", "less than now", counts(298, none, 300, 300, 0, 400, -100), diag.Pass, "no"},
		{"recon-duplicate-inferred", "far more than now, not all", counts(100, none, 300, 300, 0, 250, 50), diag.Pass, "no"},
		{"recon-duplicate-inferred", "the earlier one and a few", counts(298, 300, 300, 300, 0, 603, -303), diag.Fail, "looks-added"},
		{"recon-duplicate-inferred", "the earlier one and many", counts(298, 300, 300, 300, 0, 698, -398), diag.NotApplicable, "earlier-known"},
		{"recon-duplicate-inferred", "the earlier is known", seed(), diag.NotApplicable, "earlier-known"},

		{"recon-duplicate-multiple", "three", counts(100, none, 150, 150, 0, 301, -151), diag.Warn, "several"},
		{"recon-duplicate-multiple", "four", counts(100, 90, 150, 150, 0, 400, -250), diag.Warn, "several"},
		{"recon-duplicate-multiple", "between", counts(100, none, 150, 150, 0, 350, -200), diag.Pass, "no"},

		{"recon-deleted-not-released", "as many as left", counts(290, 300, 400, 400, 0, 300, 100), diag.Fail, "not-released"},
		{"recon-deleted-not-released", "not as many", counts(290, 300, 400, 400, 0, 305, 95), diag.Pass, "no"},

		{"recon-insufficient", "enough", counts(298, 300, 300, 300, 0, 298, 2), diag.Pass, "enough"},
		{"recon-insufficient", "false", seed(), diag.Fail, "false"},
		{"recon-insufficient", "partly false", counts(298, 300, 290, 290, 0, 598, -308), diag.Warn, "partly"},
		{"recon-insufficient", "real", counts(315, none, 300, 300, 8, 315, -7), diag.Warn, "real"},
		{"recon-insufficient", "not known", counts(298, 300, 300, 300, 0, 400, -100), diag.Warn, "alert"},
		{"recon-insufficient", "nothing of vManage", &Data{Balances: seed().Balances}, diag.Warn, "alert"},
		{"recon-insufficient", "not in vManage", with(seed(), func(d *Data) { d.VManage, d.Before = []Count{}, nil; d.Assigned = []Assignment{{UUID: "C8300-A1"}} }), diag.Warn, "alone"},
		{"recon-insufficient", "an empty cell in vManage's export", with(seed(), func(d *Data) { d.VManage[0].Licensed = nil }), diag.Warn, "alert"},
		{"recon-insufficient", "no balance", counts(298, 300, 300, 300, 0, 298, none), diag.Unknown, "no-balance"},

		{"recon-authorized-required", "short", with(counts(315, none, 300, 300, 8, 315, -7), func(d *Data) {
			i := manager("8C3B", 315, &noon)
			i.Authorized = n(300)
			d.Instances = []Instance{i}
		}), diag.Warn, "short"},
		{"recon-authorized-required", "covered", with(counts(300, none, 300, 300, 0, 300, 0), func(d *Data) {
			i := manager("8C3B", 300, &noon)
			i.Authorized = n(300)
			d.Instances = []Instance{i}
		}), diag.Pass, "covered"},
		{"recon-authorized-required", "not given", seed(), diag.Unknown, "not-given"},

		{"recon-vmanage-log", "not given", seed(), diag.Unknown, "not-given"},
		{"recon-vmanage-log", "quiet", &Data{Inputs: seed().Inputs, Reports: &ReportLog{Lines: 900, First: days(3), Last: days(1)}}, diag.Pass, "quiet"},
		{"recon-vmanage-log", "quiet for an hour", &Data{Reports: &ReportLog{Lines: 900, First: new(noon.Add(-time.Hour)), Last: &noon}}, diag.Unknown, "short"},
		{"recon-vmanage-log", "quiet, of last week", &Data{Reports: &ReportLog{Lines: 900, First: days(9), Last: days(3)}}, diag.Unknown, "stale"},
		{"recon-vmanage-log", "quiet, of no time", &Data{Reports: &ReportLog{Lines: 900}}, diag.Unknown, "undated"},
		{"recon-vmanage-log", "empty", &Data{Inputs: []Input{{Kind: Log}}, Reports: &ReportLog{}}, diag.Unknown, "empty"},
		{"recon-vmanage-log", "searched by a run, nothing found", &Data{Inputs: []Input{{Kind: Runs}}, Reports: &ReportLog{First: days(8), Last: &noon}}, diag.Pass, "quiet"},
		{"recon-vmanage-log", "quiet, but cut", &Data{Reports: &ReportLog{Lines: 900, Partial: true}}, diag.Unknown, "cut"},
		{"recon-vmanage-log", "quiet, of something else", &Data{Reports: &ReportLog{Lines: 900, First: days(3), Last: days(1), Foreign: true}}, diag.Unknown, "foreign"},
		{"recon-vmanage-log", "failed", &Data{Reports: failures(&noon, 0)}, diag.Fail, "failed"},
		{"recon-vmanage-log", "the instance is not known", &Data{Reports: failures(&noon, 3)}, diag.Fail, "invalid"},
		{"recon-vmanage-log", "long ago", &Data{Reports: failures(days(31), 3)}, diag.Warn, "failed-long-ago"},
		{"recon-vmanage-log", "long ago, at the end of an old log", with(&Data{Reports: failures(days(40), 3)}, func(d *Data) { d.Reports.Last = days(40) }), diag.Warn, "failed-long-ago"},

		{"recon-stale-contact", "not given", seed(), diag.Unknown, "not-given"},
		{"recon-stale-contact", "recent", &Data{Instances: []Instance{manager("8C3B", 300, days(30))}, Inputs: []Input{{Kind: Instances, Time: &noon}}}, diag.Pass, "recent"},
		{"recon-stale-contact", "old", &Data{Instances: []Instance{manager("8C3B", 300, days(31))}, Inputs: []Input{{Kind: Instances, Time: &noon}}}, diag.Warn, "old"},
		{"recon-stale-contact", "old in one of two accounts", with(&Data{Instances: []Instance{manager("8C3B", 300, days(31)), manager("9D4C", 5, days(1))}, Inputs: []Input{{Kind: Instances, Time: &noon}}},
			func(d *Data) { d.Instances[0].Virtual, d.Instances[1].Virtual = "North", "South" }), diag.Warn, "old"},
		{"recon-stale-contact", "no contact told", &Data{Instances: []Instance{manager("8C3B", 300, nil)}}, diag.Unknown, "no-contact"},

		{"recon-single-instance", "not given", seed(), diag.Unknown, "not-given"},
		{"recon-single-instance", "one", &Data{Instances: []Instance{manager("8C3B", 300, days(1))}}, diag.Pass, "one"},
		{"recon-single-instance", "the same serial number twice", &Data{Instances: []Instance{
			withUUID(manager("8C3B", 300, days(90)), "aaaaaaaa-0000-0000-0000-000000000001"), withUUID(manager("8C3B", 298, days(1)), "aaaaaaaa-0000-0000-0000-000000000002")}}, diag.Fail, "twice"},
		{"recon-single-instance", "one in two inputs", with(&Data{Inputs: seed().Inputs, Instances: []Instance{manager("8C3B", 300, days(1)), manager("8C3B", 300, nil)}}, func(d *Data) {
			d.Instances[1].Input, d.Instances[1].Virtual = 2, "SDWAN"
		}), diag.Pass, "one"},
		{"recon-single-instance", "two that may be two", &Data{Instances: []Instance{manager("8C3B", 300, days(1)), manager("9D4C", 298, days(1))}}, diag.Warn, "two"},
	} {
		d := Reconcile(c.data, Options{Now: noon})
		all := d.Results
		if len(d.Licenses) > 0 {
			x := d.Licenses[0]
			for _, o := range d.Licenses { // the one that vManage has, where they are two
				if o.V != nil {
					x = o
				}
			}
			all = slices.Concat(all, x.Results)
		}
		i := slices.IndexFunc(all, func(r diag.Result) bool { return r.Check == c.rule })
		if i < 0 {
			t.Errorf("%s, %s: no result", c.rule, c.name)
			continue
		}
		if r := all[i]; r.Status != c.status || r.Message.ID != c.rule+"."+c.what {
			t.Errorf("%s, %s: %s %s, want %s %s: %s", c.rule, c.name, r.Status, r.Message.ID, c.status, c.what, r.Summary)
		}
	}
}

func withUUID(i Instance, uuid string) Instance { i.UUID = uuid; return i }

// TestRulesAreDocumented holds the words of explain against the rules that are judged.
func TestRulesAreDocumented(t *testing.T) {
	judged := map[string]bool{}
	d := Reconcile(seed(), Options{Now: noon})
	for _, r := range slices.Concat(d.Results, d.Licenses[0].Results) {
		if judged[r.Check] {
			t.Errorf("%s is judged twice", r.Check)
		}
		judged[r.Check] = true
	}
	for _, r := range Rules() {
		if !judged[r.ID] {
			t.Errorf("%s is not judged", r.ID)
		}
		delete(judged, r.ID)
		for what, s := range map[string]string{"title": r.Title, "means": r.Means, "formula": r.Formula, "example": r.Example, "source": r.Source, "do": strings.Join(r.Do, "")} {
			if s == "" {
				t.Errorf("%s has no %s", r.ID, what)
			}
		}
		if !slices.Contains(diag.Severities, r.Severity) {
			t.Errorf("%s has severity %q", r.ID, r.Severity)
		}
	}
	if len(judged) > 0 {
		t.Errorf("without words: %v", judged)
	}
}

// Numbers that agree, or a shortage, are no verdict while it is not sure that they are of the same thing.
func TestNoCertaintyOutOfDoubtfulRows(t *testing.T) {
	for name, d := range map[string]*Data{
		"numbers that agree, a year apart": with(counts(298, none, 300, 300, 0, 298, 2), func(d *Data) { d.Inputs[0].Time = days(365) }),
		"two exports of one vManage, added up to the doubled use": with(counts(298, none, 300, 300, 0, 598, -298), func(d *Data) {
			d.VManage = append(d.VManage, Count{Place: Place{1, 2}, License: tierOne, Licensed: n(300), Total: n(300)})
		}),
		"the same, and enough licences": with(counts(298, none, 300, 900, 0, 598, 302), func(d *Data) {
			d.VManage = append(d.VManage, Count{Place: Place{1, 2}, License: tierOne, Licensed: n(300), Total: n(300)})
		}),
		"product instances that two exports list": with(counts(298, none, 300, none, none, none, none), func(d *Data) {
			i := Instance{Place: Place{3, 2}, Name: "edge", PID: "C8300", Serial: "FDO1", License: tierOne, Used: n(149)}
			d.Balances, d.Instances = nil, []Instance{i, i}
			d.Instances[1].Input, d.Instances[1].LastContact = 4, &noon
		}),
		"devices that two lists have": with(counts(298, none, 300, 900, 0, 298, 602), func(d *Data) {
			a := Assignment{Place: Place{0, 2}, UUID: "C8300-FDO1", License: tierOne, Units: 149}
			d.VManage, d.Assigned = nil, []Assignment{a, a}
			d.Assigned[1].Input = 1
		}),
		"a shortage of what vManage lists without a number":         with(counts(298, none, 300, 300, 0, 598, -298), func(d *Data) { d.VManage[0].Licensed = nil }),
		"what vManage has none of, and CSSM lists without a number": with(counts(0, none, 300, 300, 0, 0, 300), func(d *Data) { d.Balances[0].InUse = nil }),
		"the newer export given as the one before":                  with(counts(298, 300, 300, 300, 0, 598, -298), func(d *Data) { d.Inputs[1].Time = new(noon.Add(5 * time.Hour)) }),
		"a shortage of what vManage may call otherwise": with(counts(298, none, 300, 300, 0, 598, -298), func(d *Data) {
			d.VManage[0].License = "DNA-A-T1"
		}),
	} {
		if d := Reconcile(d, Options{Now: noon}); d.Verdict.Case != Undecided {
			t.Errorf("%s: %s, want %s", name, d.Verdict.Case, Undecided)
		}
	}
}

// What to do tells a licence that is not listed from one that is listed without its number, and exports that contradict
// each other from those of two accounts that do not say so.
func TestWhatIsAskedFor(t *testing.T) {
	other := func(virtual string) func(*Data) {
		return func(d *Data) {
			d.Inputs = append(d.Inputs, Input{Kind: CSSM, Path: "other.csv", Time: &noon})
			d.Balances = append(d.Balances, Balance{Place: Place{len(d.Inputs) - 1, 2}, License: tierOne, Virtual: virtual, Available: n(20), InUse: n(10), Balance: n(10)})
		}
	}
	for name, c := range map[string]struct {
		change func(*Data)
		want   string
	}{
		"an empty cell in vManage's export":  {func(d *Data) { d.VManage[0].Licensed = nil }, "without the number"},
		"an empty cell in CSSM's export":     {func(d *Data) { d.Balances[0].InUse = nil }, "without the number"},
		"an export of vManage without rows":  {func(d *Data) { d.VManage, d.Before = []Count{}, nil }, "what vManage has licensed (--vmanage"},
		"the newer export given as before":   {func(d *Data) { d.Inputs[1].Time = new(noon.Add(5 * time.Hour)) }, "exchanged"},
		"two accounts that are not named":    {other(""), "Virtual Account: NAME"},
		"one account with two sets of rows":  {func(d *Data) { other("SDWAN")(d); d.Balances[0].Virtual = "SDWAN" }, "contradict"},
		"two accounts, and vManage has none": {func(d *Data) { other("Branch")(d); d.Balances[0].Virtual = "SDWAN" }, "--cssm-instances"},
	} {
		d := Reconcile(with(seed(), c.change), Options{Now: noon})
		if s := d.Verdict.Steps; d.Verdict.Case != Undecided || len(s) != 1 || !strings.Contains(s[0].Do, c.want) {
			t.Errorf("%s: %s, %+v", name, d.Verdict.Case, s)
		}
		for _, x := range d.Licenses {
			if value(x.U) == 608 {
				t.Errorf("%s: numbers of two exports are added up", name)
			}
		}
	}
}

func TestOtherNameIsAskedFor(t *testing.T) {
	d := Reconcile(with(seed(), func(d *Data) { d.VManage[0].License, d.Before = "DNA-A-T1", nil }), Options{Now: noon})
	if s := d.Verdict.Steps; d.Verdict.Case != Undecided || len(s) == 0 || !strings.Contains(s[0].Do, "--names") || !strings.Contains(Fold(s[0].Do), Fold(tierOne)) || !slices.Equal(s[0].Licenses, []string{"DNA-A-T1"}) {
		t.Errorf("%s, %+v", d.Verdict.Case, s)
	}
}
