package checks_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/viptela"
)

// The answers of a vManage in order: its own time is 12:00:00 on 10 March 2026, the log is a week old.
const (
	managerStatus = "\nViptela (tm) vmanage Operating System Software\nVersion: 20.12.3\nBuild: 5\n\nSystem state:            GREEN. All daemons up\n" +
		"System uptime:           17 days 14 hrs 04 min 07 sec\nCurrent time:            Tue Mar 10 12:00:00 UTC 2026\n\n" +
		"Personality:             vmanage\nModel name:              vmanage\nChassis serial number:   None\n"
	managerFiles = "-rw-r--r-- 1 vmanage vmanage-admin  9120482 Mar 10 11:59 /var/log/nms/vmanage-server.log\n"
	managerStart = "03-Mar-2026 09:00:00,114 UTC INFO  [vmana\n"
	rotatedFile  = "-rw-r--r-- 1 vmanage vmanage-admin 16777301 Mar  1 04:12 /var/log/nms/vmanage-server.log.1.gz\n"

	failedLine = "10-Mar-2026 02:00:11,301 UTC ERROR [vmanage-0] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant default :\n"
	unknownPI  = `{"product_instance_identifier":["The identity for the instance 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f is not valid.Please re-register the instance."]}]}` + "\n"
)

// managerCase changes a vManage in order: the text of an answer, or its outcome; "-" is not collected.
type managerCase struct {
	check    string
	name     string
	answers  map[*diag.Command]string
	refused  []*diag.Command
	received string // when show system status was answered, by a runner's clock that may judge
	unsynced bool
	want     string // status, message and severity
	says     string // part of the sentence
}

var (
	status, files, start, lines, older = &viptela.ShowSystemStatus.Command, &viptela.ListLogs.Command, &viptela.LogStart.Command,
		&viptela.ReportLines.Command, &viptela.OlderReportLines.Command
	managerOrder = map[*diag.Command]string{status: managerStatus, files: managerFiles, start: managerStart, lines: "", older: "-"}
)

func edited(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

var managerCases = []managerCase{
	{check: "recon-vmanage-log", name: "in order", want: "pass none high", says: "2026-03-03 09:00:00 on (7 days)"},
	{check: "recon-vmanage-log", name: "reports failed", answers: map[*diag.Command]string{lines: failedLine + failedLine}, want: "fail failed high", says: "2 reports"},
	{check: "recon-vmanage-log", name: "CSSM does not know it", answers: map[*diag.Command]string{lines: failedLine + unknownPI}, want: "fail unknown-instance high", says: "F-sync"},
	{check: "recon-vmanage-log", name: "failed long ago", answers: map[*diag.Command]string{lines: edited(failedLine, "10-Mar-2026", "28-Jan-2026")},
		want: "warn failed-before medium", says: "2026-01-28 02:00:11"},
	{check: "recon-vmanage-log", name: "failed at an unknown time", answers: map[*diag.Command]string{lines: failedLine[len("10-Mar-2026 02:00:11,301 UTC "):]},
		want: "fail failed high", says: "does not say"},
	{check: "recon-vmanage-log", name: "failed in the rotation", answers: map[*diag.Command]string{files: managerFiles + rotatedFile,
		older: edited(failedLine, "10-Mar", "01-Mar")}, want: "fail failed high", says: "2026-03-01"},
	{check: "recon-vmanage-log", name: "young log", answers: map[*diag.Command]string{start: edited(managerStart, "03-Mar", "10-Mar")},
		want: "unknown short high", says: "2026-03-10 09:00:00"},
	{check: "recon-vmanage-log", name: "young log with rotations", answers: map[*diag.Command]string{start: edited(managerStart, "03-Mar", "10-Mar"),
		files: managerFiles + rotatedFile, older: ""}, want: "pass none high", says: "2026-03-01 04:12:00 on (9 days)"},
	{check: "recon-vmanage-log", name: "rotations not readable", answers: map[*diag.Command]string{start: edited(managerStart, "03-Mar", "10-Mar"),
		files: managerFiles + rotatedFile, older: "gzip: /var/log/nms/vmanage-server.log.1.gz: Permission denied\n"}, want: "unknown short high"},
	{check: "recon-vmanage-log", name: "no shell", refused: []*diag.Command{files, start, lines}, want: "unknown unknown-refused high", says: "vshell"},
	{check: "recon-vmanage-log", name: "not readable", answers: map[*diag.Command]string{lines: "grep: /var/log/nms/vmanage-server.log: Permission denied\n"},
		want: "unknown unknown-refused high", says: "vshell"},
	{check: "recon-vmanage-log", name: "no log", answers: map[*diag.Command]string{lines: "grep: /var/log/nms/vmanage-server.log: No such file or directory\n"},
		want: "unknown unknown-absent high", says: "not where"},
	{check: "recon-vmanage-log", name: "not collected", answers: map[*diag.Command]string{lines: "-"}, want: "unknown unknown-not-collected high"},
	{check: "recon-vmanage-log", name: "start not known", answers: map[*diag.Command]string{start: "-"}, want: "unknown unknown-not-collected high"},
	{check: "recon-vmanage-log", name: "nobody writes", answers: map[*diag.Command]string{files: edited(managerFiles, "Mar 10 11:59", "Mar  8 11:59")},
		want: "unknown stale high", says: "2026-03-08 11:59:00"},
	{check: "recon-vmanage-log", name: "own time not known", answers: map[*diag.Command]string{status: edited(managerStatus, "Current time", "Time")},
		want: "unknown no-time high"},

	{check: "vmanage-clock", name: "agrees", received: "2026-03-10T12:00:03Z", want: "pass agrees high"},
	{check: "vmanage-clock", name: "another zone", received: "2026-03-10T16:00:03Z", answers: map[*diag.Command]string{status: edited(managerStatus, "UTC", "EDT")},
		want: "pass agrees-but-zone high"},
	{check: "vmanage-clock", name: "five minutes", received: "2026-03-10T12:05:00Z", want: "warn off high", says: "5 minutes"},
	{check: "vmanage-clock", name: "two hours", received: "2026-03-10T14:00:00Z", want: "fail wrong high"},
	{check: "vmanage-clock", name: "no time of the capture", want: "unknown no-time high"},
	{check: "vmanage-clock", name: "runner not to be trusted", received: "2026-03-10T12:00:00Z", unsynced: true, want: "unknown no-reference high"},
	{check: "vmanage-clock", name: "not collected", answers: map[*diag.Command]string{status: "-"}, want: "unknown unknown-not-collected high"},
	{check: "vmanage-clock", name: "refused", refused: []*diag.Command{status}, want: "unknown unknown-refused high"},
}

func (c managerCase) device(t *testing.T) *device {
	t.Helper()
	texts := maps.Clone(managerOrder)
	maps.Copy(texts, c.answers)
	d := &device{Device: diag.Device{Name: "vmanage", Platform: diag.PlatformVManage}, answers: map[string]string{}}
	for _, cmd := range viptela.Catalogue() {
		text, known := texts[cmd]
		if !known || text == "-" {
			continue
		}
		if slices.Contains(c.refused, cmd) {
			text = "-----^\nsyntax error: unknown argument\n"
		}
		d.answers[cmd.String()] = text
	}
	return d
}

func (c managerCase) facts(t *testing.T, d *device, wanted []*diag.Command) *diag.Facts {
	t.Helper()
	f := diag.NewFacts(d.Device)
	for _, cmd := range wanted {
		text, ok := d.answers[cmd.String()]
		if !ok {
			continue
		}
		capture := diag.Capture{Command: cmd, Line: cmd.String(), Text: text, Outcome: diag.OK}
		if slices.Contains(c.refused, cmd) {
			capture.Outcome = diag.WasRefused
		}
		if c.received != "" {
			at, err := time.Parse(time.RFC3339, c.received)
			if err != nil {
				t.Fatal(err)
			}
			capture.Received, capture.ClockSynced = at, !c.unsynced
		}
		f.Add(capture)
	}
	return f
}

// TestManagerCases proves of every check of vManage what TestCases proves of the others: every message occurs, evidence
// is really there, and Reads names what it looks at.
func TestManagerCases(t *testing.T) {
	all := checks.Catalogue()
	produced := map[string]bool{}
	for _, c := range managerCases {
		t.Run(c.check+"/"+c.name, func(t *testing.T) {
			d := c.device(t)
			f := c.facts(t, d, viptela.Catalogue())
			var got diag.Result
			for i, r := range all.Judge(f) {
				proves(t, d, all.Manager[i], r)
				if r.Check == c.check {
					got = r
				}
			}
			produced[got.Message.ID] = true
			if have := strings.Join([]string{string(got.Status), strings.TrimPrefix(got.Message.ID, c.check+"."), string(got.Severity)}, " "); have != c.want ||
				!strings.Contains(got.Summary, c.says) {
				t.Errorf("got %s: %s; want %s: ...%s...", have, got.Summary, c.want, c.says)
			}
			k := all.Find(c.check)
			if little := k.Run(c.facts(t, d, k.Reads)); little.Text != got.Summary {
				t.Errorf("%s looks at a command that its Reads does not name: %q is %q with them alone", k.ID, got.Summary, little.Text)
			}
		})
	}
	provesEveryMessage(t, produced, "manager.go")
}

// TestManagerAlone: no check of IOS XE is asked of vManage, and none of vManage of IOS XE.
func TestManagerAlone(t *testing.T) {
	all := checks.Catalogue()
	ids := func(results []diag.Result) (out []string) {
		for _, r := range results {
			out = append(out, r.Check)
		}
		return out
	}
	if got := ids(all.Judge(diag.NewFacts(diag.Device{Platform: diag.PlatformVManage}))); !slices.Equal(got, []string{"recon-vmanage-log", "vmanage-clock"}) {
		t.Errorf("vManage is judged by %v", got)
	}
	if got := ids(all.Judge(diag.NewFacts(diag.Device{}))); len(got) != len(checks.All()) || slices.Contains(got, "vmanage-clock") {
		t.Errorf("IOS XE is judged by %v", got)
	}
	for _, cmd := range engine.Plan(all) {
		if slices.Contains(viptela.Catalogue(), cmd) {
			t.Errorf("%s is planned for IOS XE", cmd)
		}
	}
	plan := engine.PlanFor(diag.PlatformVManage, all)
	for _, cmd := range plan {
		if !slices.Contains(viptela.Catalogue(), cmd) {
			t.Errorf("%s is planned for vManage", cmd)
		}
	}
	if len(plan) != len(viptela.Catalogue()) {
		t.Errorf("%d of the %d commands are planned", len(plan), len(viptela.Catalogue()))
	}
}
