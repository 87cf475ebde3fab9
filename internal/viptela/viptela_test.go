package viptela

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

const identity = `"The identity for the instance 0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f is not valid.Please re-register the instance."]}]}`

func at(t *testing.T, text string) *time.Time {
	t.Helper()
	out, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return &out
}

func failedAt(stamp string) string {
	return strings.TrimLeft(stamp+" ERROR [vmanage-0] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant default :", " ")
}

// TestLogScanner reads the seed's two snippets in the forms in which they may come.
func TestLogScanner(t *testing.T) {
	for name, test := range map[string]struct {
		log                           string
		count, invalid                int
		tenant, instance, first, last string
	}{
		"none":                    {"18-Jul-2025 12:44:23,001 UTC INFO  [vmanage-0] [SmartLicensingManager] all is well\n", 0, 0, "", "", "", ""},
		"reason on the same line": {failedAt("18-Jul-2025 12:44:23,001 UTC") + " {[" + identity, 1, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"reason on the next line": {failedAt("8-Jul-2025 02:44:23,001 UTC") + "\n" + identity + "\n", 1, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-08 02:44:23", "2025-07-08 02:44:23"},
		"JSON between":            {failedAt("2025-07-18 12:44:23.001") + "\n{\"status\":\n\"FAILED\",\n" + identity, 1, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"twice":                   {failedAt("18-Jul-2025 12:44:23,001 UTC") + "\n" + identity + "\n" + failedAt("19-Jul-2025 12:44:23,001 UTC"), 2, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:23", "2025-07-19 12:44:23"},
		"reason twice":            {failedAt("18-Jul-2025 12:44:23,001 UTC") + identity + "\n" + identity, 1, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"reason alone":            {"18-Jul-2025 12:44:23,001 UTC " + identity, 1, 1, "", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"without a time":          {failedAt(""), 1, 0, "default", "", "", ""},
		"time on the line before": {"18-Jul-2025 12:44:23,001 UTC ERROR [v] (t) send\n" + failedAt(""), 1, 0, "default", "", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"clock with an offset":    {failedAt("2025-07-18 12:44:23.001 +0900"), 1, 0, "default", "", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
		"reason first":            {"18-Jul-2025 12:44:23,001 UTC " + identity + "\n" + failedAt("18-Jul-2025 12:44:24,001 UTC"), 1, 1, "default", "0A1B2C3D-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "2025-07-18 12:44:24", "2025-07-18 12:44:24"},
		"end only":                {failedAt("18-Jul-2025 12:44:23,001 UTC") + "\nis not valid.Please re-register the instance\"}]}", 1, 1, "default", "", "2025-07-18 12:44:23", "2025-07-18 12:44:23"},
	} {
		t.Run(name, func(t *testing.T) {
			log := said(test.log)
			if test.count == 0 {
				if len(log.Failures) != 0 || log.Lines != 1 || log.First == nil {
					t.Errorf("%+v", log)
				}
				return
			}
			if len(log.Failures) != 1 {
				t.Fatalf("%+v", log)
			}
			f := log.Failures[0]
			if f.Tenant != test.tenant || f.Count != test.count || f.Invalid != test.invalid || f.Instance != test.instance || f.Text == "" || len(f.Text) > screenLine {
				t.Errorf("%+v", f)
			}
			if test.last == "" {
				if f.Last != nil {
					t.Errorf("last %v", f.Last)
				}
				return
			}
			if diff := cmp.Diff([]*time.Time{at(t, test.first), at(t, test.last)}, []*time.Time{f.First, f.Last}); diff != "" {
				t.Error(diff)
			}
			days := 0
			for _, n := range f.PerDay {
				days += n
			}
			if days != f.Count {
				t.Errorf("per day %v, count %d", f.PerDay, f.Count)
			}
		})
	}
}

// TestReasonFarAway: a reason that is not near a failed report is a failure of its own, of a tenant that is not known. In
// an excerpt lines are missing, so that near is less than in a file.
func TestReasonFarAway(t *testing.T) {
	log := failedAt("18-Jul-2025 12:44:23,001 UTC") + strings.Repeat("\nother", 9) + "\n" + identity
	if l := said(log); len(l.Failures) != 2 || l.Failures[0].Invalid != 0 || l.Failures[1].Tenant != "" || l.Failures[1].Invalid != 1 {
		t.Errorf("%+v", l.Failures)
	}
	whole := NewTally()
	s := whole.Scan(0)
	s.Search([]byte(log), 0, len(log))
	s.End(true)
	if l := whole.Failures(); len(l) != 1 || l[0].Invalid != 1 || s.Lines != 11 {
		t.Errorf("%d lines, %+v", s.Lines, l)
	}
}

func TestTenants(t *testing.T) {
	var log strings.Builder
	for i := range 6 {
		fmt.Fprintf(&log, "18-Jul-2025 12:44:2%d,001 UTC ERROR [v] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant t%d :\n", i, i%2)
	}
	l := said(log.String())
	if len(l.Failures) != 2 || l.Failures[0].Tenant != "t0" || l.Failures[0].Count != 3 || l.Failures[1].Line != 6 {
		t.Errorf("%+v", l.Failures)
	}
}

func parse[T any](q *diag.Query[T], text string) (*T, diag.Reason) {
	p := q.Parse(diag.Capture{Command: &q.Command, Line: q.String(), Text: text, Outcome: diag.OK})
	return p.Facts.(*T), p.Problem
}

func TestAnswers(t *testing.T) {
	if v, why := parse(ShowVersion, "20.12.3\n"); why != "" || v.Release.Source().Text != "20.12.3" {
		t.Errorf("show version: %+v, %s", v, why)
	}
	if v, why := parse(ShowVersion, "Cisco IOS XE Software, Version 17.09.04a\n"); why != "" || v.OS.Source().Line != 1 {
		t.Errorf("show version of a router: %+v, %s", v, why)
	}
	if _, why := parse(ShowVersion, "what?\n"); why != diag.Unparsed {
		t.Errorf("show version of something else: %s", why)
	}
	s, why := parse(ShowSystemStatus, "Version: 20.12.3\nCurrent time:            Thu Aug  5 15:40:21 EDT 2021\nPersonality:             vmanage\nChassis serial number:   None\n")
	if now, ok := s.Now.Peek(); why != "" || !ok || !now.Equal(*at(t, "2021-08-05 15:40:21")) || s.Zone != "EDT" || !s.Serial.IsNone() {
		t.Errorf("show system status: %+v, %s", s, why)
	}
	if _, why := parse(ShowSystemStatus, "\n"); why != diag.Unparsed {
		t.Errorf("an empty show system status: %s", why)
	}
	if start, why := parse(LogStart, "18-Jul-2025 12:44:23,001 UTC INFO  [vman\n"); why != "" || !start.Time.Known() {
		t.Errorf("start: %+v, %s", start, why)
	}
	for text, want := range map[string]diag.Reason{
		"head: cannot open '/var/log/nms/vmanage-server.log' for reading: No such file or directory\n": diag.Absent,
		"head: cannot open '/var/log/nms/vmanage-server.log' for reading: Permission denied\n":         diag.Refused,
		"\tat com.viptela.vmanage.Main\n": diag.Unparsed,
	} {
		if _, why := parse(LogStart, text); why != want {
			t.Errorf("%q: %s, want %s", text, why, want)
		}
	}
	if l, why := parse(ReportLines, strings.Repeat("18-Jul-2025 12:44:23,001 UTC INFO [v] [SmartLicensingManager] x\n", maxLogLines)); why != "" || !l.Full {
		t.Errorf("a full read: %s, full %v", why, l.Full)
	}
	if l, why := parse(OlderReportLines, "gzip: /var/log/nms/vmanage-server.log.2.gz: Permission denied\n18-Jul-2025 12:44:23,001 UTC INFO [v] [SmartLicensingManager] x\n"); why != "" || len(l.Files) != 1 {
		t.Errorf("a read in part: %+v, %s", l, why)
	}
}

func TestFiles(t *testing.T) {
	f, why := parse(ListLogs, "-rw-r--r-- 1 vmanage vmanage-admin  9120482 Jan  2 11:59 /var/log/nms/vmanage-server.log\n"+
		"-rw-r--r-- 1 vmanage vmanage-admin 16777301 Dec 30 04:12 /var/log/nms/vmanage-server.log.1.gz\n"+
		"-rw-r--r-- 1 vmanage vmanage-admin 16777301 Mar  3  2024 /var/log/nms/vmanage-server.log.2.gz\n"+
		"-rw-r--r-- 1 vmanage vmanage-admin 16777301 2024-02-03 04:05 /var/log/nms/vmanage-server-old.log\n")
	if why != "" || len(f.List) != 4 || len(f.Rotated()) != 2 {
		t.Fatalf("%+v, %s", f, why)
	}
	now := *at(t, "2026-01-02 12:00:00")
	for i, want := range []string{"2026-01-02 11:59:00", "2025-12-30 04:12:00", "2024-03-03 00:00:00", "2024-02-03 04:05:00"} {
		if got := f.List[i].Changed(now); !got.Equal(*at(t, want)) {
			t.Errorf("%s: %s, want %s", f.List[i].Name, got, want)
		}
	}
	if _, why := parse(ListLogs, "ls: cannot access '/var/log/nms/vmanage-server*': No such file or directory\n"); why != diag.Absent {
		t.Errorf("no files: %s", why)
	}
}

// TestCatalogueOfShell: what is typed in the shell is one exact line each, and reads no other file than the log.
func TestCatalogueOfShell(t *testing.T) {
	for _, c := range Catalogue() {
		if !c.Template.Fixed() || !c.Template.Match(c.String()) || c.Purpose == "" {
			t.Errorf("%q is not one exact line", c)
		}
		for word := range strings.FieldsSeq(c.String()) {
			if strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "/var/log/nms/vmanage-server") {
				t.Errorf("%q reads %s", c, word)
			}
		}
	}
	if n := fmt.Sprintf("tail -n %d |", maxLogLines); !strings.Contains(ReportLines.String(), n) || !strings.Contains(OlderReportLines.String(), n) {
		t.Errorf("the lines do not read %d lines", maxLogLines)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(failedAt("18-Jul-2025 12:44:23,001 UTC") + "\n" + identity)
	f.Add("-rw-r--r-- 1 v v 1 Dec 30 04:12 /var/log/nms/vmanage-server.log.1.gz\nCurrent time: Thu Aug  5 15:40:21 EDT 2021")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range Catalogue() {
			facts := diag.NewFacts(diag.Device{}, diag.Capture{Command: c, Line: c.String(), Text: text, Outcome: diag.OK})
			Reports.Of(facts)
			facts.Parsed(c)
		}
	})
}

func BenchmarkLogScanner(b *testing.B) {
	lines := bytes.Repeat([]byte("18-Jul-2025 12:44:23,001 UTC INFO  [vmanage-0] [DeviceConfigDAO] (default task-12) |default| Sync of device configurations done\n"), 1<<13)
	b.SetBytes(int64(len(lines)))
	s := NewTally().Scan(0)
	for b.Loop() {
		s.Search(lines, 0, len(lines))
	}
}
