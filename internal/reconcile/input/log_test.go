package input_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

const (
	identity  = "0f3c9a54-2b1d-4c7e-9a55-6d2f1e0b7c88"
	stamped   = " UTC ERROR [vmanage-0] [SmartLicensingManager] (sla-report-1) |default| "
	failing   = "SmartLicense: Failed to report license usage for tenant default :"
	unknownID = `{"product_instance_identifier":["The identity for the instance ` + identity + ` is not valid.Please re-register the instance."]}`
)

func gz(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// entry is one of an archive.
type entry struct {
	tar.Header
	text string
}

func plainEntry(name, text string) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text)), Mode: 0o600}, text}
}

func tape(entries ...entry) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&e.Header); err != nil {
			panic(err)
		}
		if _, err := io.WriteString(w, e.text); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func when(text string) *time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.000", text)
	if err != nil {
		panic(err)
	}
	return &t
}

// The failure and its reason on one line, on two, with JSON between, in the other order; as the seed quotes them.
func TestFormsOfAFailedReport(t *testing.T) {
	const at = "17-Jul-2025 09:11:12,123"
	for name, c := range map[string]struct {
		text     string
		tenant   string
		count    int
		invalid  int
		instance string
		first    *time.Time
	}{
		"one line":      {at + stamped + failing + " " + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"two lines":     {at + stamped + failing + "\n" + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"json between":  {at + stamped + failing + "\n{\n  \"status\": \"FAILED\",\n  \"nonce\": [\n" + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"crlf":          {at + stamped + failing + "\r\n" + unknownID + "\r\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"broken reason": {at + stamped + failing + "\n" + strings.Replace(unknownID, "valid.Please", "valid.\nPlease", 1) + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"reason before": {at + stamped + "Response: " + unknownID + "\n" + at + stamped + failing + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"reason twice":  {at + stamped + failing + " " + unknownID + "\nCaused by: " + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"no reason":     {at + stamped + failing + " timeout\n", "default", 1, 0, "", when("2025-07-17 09:11:12.123")},
		"reason alone":  {at + stamped + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"reason far": {at + stamped + failing + "\n" + strings.Repeat("\tat com.x.Y\n", 100) + at + strings.Replace(stamped, "default", "t2", 1) + unknownID + "\n" + strings.Repeat(".\n", 3),
			"default", 1, 0, "", when("2025-07-17 09:11:12.123")},
		"the seed":     {"[vmanage-0] [SmartLicensingManager || SmartLicense: Failed to report license usage for tenant default :\n\nis not valid.Please re-register the instance.\"}]}\n", "default", 1, 1, "", nil},
		"other tenant": {at + stamped + "SmartLicense: Failed to report license usage for tenant Example Corp - 7 : x\n", "Example Corp - 7", 1, 0, "", when("2025-07-17 09:11:12.123")},
		"no newline":   {at + stamped + failing + " " + unknownID, "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"two in a row": {at + stamped + failing + "\n" + at + stamped + failing + " " + unknownID + "\n", "default", 2, 1, identity, when("2025-07-17 09:11:12.123")},
		"utf-16":       {utf16le(at+stamped+failing+" "+unknownID+"\r\n", true), "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
		"any bytes":    {"\xff\xfe\x00\x01 \x80\n\x00\n" + at + stamped + failing + "\xff " + unknownID + "\n", "default", 1, 1, identity, when("2025-07-17 09:11:12.123")},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "any bytes" {
				c.text = "x" + c.text
			}
			d := reads(t, reconcile.Log, "vmanage-server.log", c.text)
			if len(d.Reports.Failures) == 0 {
				t.Fatalf("no failure in %d lines", d.Reports.Lines)
			}
			f := d.Reports.Failures[0]
			if f.Tenant != c.tenant || f.Count != c.count || f.Invalid != c.invalid || f.Instance != c.instance {
				t.Errorf("got %+v", f)
			}
			if diff := cmp.Diff(c.first, f.First); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// monthly is a log of some days with a failed report every six hours, one in three without its reason.
func monthly(from time.Time, failures int) string {
	var b strings.Builder
	for i := range failures {
		at := from.Add(time.Duration(i) * 6 * time.Hour)
		fmt.Fprintf(&b, "%s UTC INFO  [vmanage] [DeviceStatsManager] (default task-%d) |default| collected\n", at.Format("02-Jan-2006 15:04:05,000"), i)
		fmt.Fprintf(&b, "%s%s%s", at.Add(time.Second).Format("02-Jan-2006 15:04:05,000"), stamped, failing)
		if i%3 != 2 {
			b.WriteString(unknownID)
		}
		b.WriteString("\n\tat com.example.Report.send(Report.java:1)\n")
	}
	return b.String()
}

func TestOneLogInSeveralFiles(t *testing.T) {
	old, new1, now := time.Date(2025, 7, 15, 0, 0, 0, 0, time.UTC), time.Date(2025, 7, 16, 0, 0, 0, 0, time.UTC), time.Date(2025, 7, 17, 0, 0, 0, 0, time.UTC)
	d, err := read(t, input.Source{Kind: reconcile.Log, Path: write(t, "vmanage-server.log", monthly(now, 2))},
		input.Source{Kind: reconcile.Log, Path: write(t, "vmanage-server.log.1", monthly(new1, 4))},
		input.Source{Kind: reconcile.Log, Path: write(t, "vmanage-server.log.2.gz", gz(monthly(old, 4)))},
		input.Source{Kind: reconcile.Log, Path: write(t, "admin-tech.tar.gz", gz(tape(plainEntry("var/log/nms/vmanage-server.log.1", monthly(new1, 4)))))})
	if err != nil {
		t.Fatal(err)
	}
	want := &reconcile.ReportLog{Lines: 42, First: when("2025-07-15 00:00:00.000"), Last: when("2025-07-17 06:00:01.000"),
		Failures: []reconcile.ReportFailure{{Place: reconcile.Place{Row: 5}, Tenant: "default", Count: 10, Invalid: 8, Instance: identity,
			First: when("2025-07-15 00:00:01.000"), Last: when("2025-07-17 06:00:01.000"), PerDay: map[string]int{"2025-07-15": 4, "2025-07-16": 4, "2025-07-17": 2},
			Text: "17-Jul-2025 06:00:01,000" + stamped + failing[:len(failing)-1] + "..."}}}
	if diff := cmp.Diff(want, d.Reports); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"4 failed reports are ones that another log has too, and counted once"}, d.Inputs[3].Notes); diff != "" {
		t.Error(diff)
	}
	if !strings.HasSuffix(d.Inputs[3].Path, "admin-tech.tar.gz:var/log/nms/vmanage-server.log.1") || d.Inputs[2].Time == nil || !d.Inputs[2].Time.Equal(*when("2025-07-15 18:00:01.000")) {
		t.Errorf("inputs %+v", d.Inputs)
	}
}

// A log in which smart licensing does not occur says nothing about reports, however long it is.
func TestLogOfSomethingElse(t *testing.T) {
	const router = "2025-07-15 10:00:00 r1 %LINK-3-UPDOWN: up\n2025-07-17 10:00:00 r1 %LINK-3-UPDOWN: up\n"
	for text, want := range map[string]bool{
		router: true,
		router + "17-Jul-2025 11:00:00,000 UTC INFO [vmanage] [SmartLicensingManager] (x) |default| reported\n": false,
		router + "17-Jul-2025 11:00:00,000" + stamped + unknownID + "\n":                                        false,
	} {
		if d := reads(t, reconcile.Log, "some.log", text); d.Reports.Foreign != want {
			t.Errorf("%v, want %v: %s", d.Reports.Foreign, want, text)
		}
	}
}

func TestArchives(t *testing.T) {
	log := monthly(time.Date(2025, 7, 15, 0, 0, 0, 0, time.UTC), 2)
	other := plainEntry("var/log/nms/vmanage-appserver.log", strings.ReplaceAll(log, "default :", "other :"))
	dir := entry{tar.Header{Name: "var/log/nms/vmanage-server.log.d/", Typeflag: tar.TypeDir, Mode: 0o700}, ""}
	link := entry{tar.Header{Name: "var/log/nms/vmanage-server.log.3", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, ""}
	device := entry{tar.Header{Name: "var/log/nms/vmanage-server.log.4", Typeflag: tar.TypeBlock, Devmajor: 8}, ""}
	escape := plainEntry("../../var/log/nms/vmanage-server.log", log)
	odd := "3 entries of the archive named like the log left out: no plain file, or a path that leaves the archive"
	for name, c := range map[string]struct {
		text   string
		inputs []string // the names inside the archive
		count  int
		notes  []string // of the last input
	}{
		"tar":        {tape(other, plainEntry("var/log/nms/vmanage-server.log", log)), []string{"var/log/nms/vmanage-server.log"}, 2, []string{}},
		"tar.gz":     {gz(tape(other, plainEntry("./var/log/nms/vmanage-server.log", log))), []string{"./var/log/nms/vmanage-server.log"}, 2, []string{}},
		"below":      {gz(tape(plainEntry("vm-1-admin-tech/var/log/nms/vmanage-server.log", log), other)), []string{"vm-1-admin-tech/var/log/nms/vmanage-server.log"}, 2, []string{}},
		"rotated gz": {tape(plainEntry("var/log/nms/vmanage-server.log-20250715.gz", gz(log))), []string{"var/log/nms/vmanage-server.log-20250715.gz"}, 2, []string{}},
		"odd entries": {gz(tape(dir, link, device, escape, plainEntry("var/log/nms/vmanage-server.log", log), plainEntry("tmp/vmanage-server.log", log))),
			[]string{"var/log/nms/vmanage-server.log"}, 2, []string{odd}},
		"nested": {tape(plainEntry("var/log/nms/vmanage-server.log", log), plainEntry("var/log/nms/vmanage-server.log.tar.gz", gz(tape(other)))),
			[]string{"var/log/nms/vmanage-server.log", "var/log/nms/vmanage-server.log.tar.gz"}, 2,
			[]string{"the log is empty", "it is damaged (an archive inside the archive is not read): what stands before was read"}},
		"an empty log": {tape(plainEntry("var/log/nms/vmanage-server.log", "")), []string{"var/log/nms/vmanage-server.log"}, 0, []string{"the log is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := reads(t, reconcile.Log, "a.tar", c.text)
			var names []string
			for _, in := range d.Inputs {
				_, inside, _ := strings.Cut(in.Path, "a.tar:")
				names = append(names, inside)
			}
			if diff := cmp.Diff(c.inputs, names); diff != "" {
				t.Error(diff)
			}
			got := 0
			for _, f := range d.Reports.Failures {
				got += f.Count
			}
			if got != c.count {
				t.Errorf("%d failures, want %d", got, c.count)
			}
			if diff := cmp.Diff(c.notes, d.Inputs[len(d.Inputs)-1].Notes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A log that was read in part says so, and its failures count.
func TestLogsThatAreReadInPart(t *testing.T) {
	log := monthly(time.Date(2025, 7, 15, 0, 0, 0, 0, time.UTC), 400)
	packed, archive := gz(log), gz(tape(plainEntry("var/log/nms/vmanage-server.log", log)))
	for name, c := range map[string]struct {
		text  string
		bound int64
		note  string
	}{
		"cut gz":        {packed[:len(packed)-20], 0, "it is cut: what stands before the cut was read"},
		"cut tar.gz":    {archive[:len(archive)-400], 0, "it is cut: what stands before the cut was read"},
		"cut tar":       {tape(plainEntry("var/log/nms/vmanage-server.log", log))[:len(log)/2], 0, "it is cut: what stands before the cut was read"},
		"damaged gz":    {packed[:len(packed)-8] + "12345678", 0, "it is damaged (gzip: invalid checksum): what stands before was read"},
		"a long gz":     {packed, 20 << 10, "only its first 20 KiB unpacked were read: unpack it and name the log itself"},
		"a long tar.gz": {archive, 20 << 10, "only its first 20 KiB unpacked were read: unpack it and name the log itself"},
		"a long entry":  {tape(plainEntry("var/log/nms/vmanage-server.log.gz", packed)), 20 << 10, "only its first 20 KiB unpacked were read: unpack it and name the log itself"},
	} {
		t.Run(name, func(t *testing.T) {
			var d reconcile.Data
			err := input.Read(t.Context(), &d, []input.Source{{Kind: reconcile.Log, Path: write(t, "a.gz", c.text)}}, input.Options{Unpacked: c.bound})
			if err != nil {
				t.Fatal(err)
			}
			notes := d.Inputs[len(d.Inputs)-1].Notes
			if len(notes) == 0 || notes[len(notes)-1] != c.note || !d.Reports.Partial {
				t.Errorf("partial %v, notes %q, want %q", d.Reports.Partial, notes, c.note)
			}
			if len(d.Reports.Failures) != 1 || d.Reports.Failures[0].Count < 10 {
				t.Errorf("%d lines, failures %+v", d.Reports.Lines, d.Reports.Failures)
			}
		})
	}
	exact := int64(len(log))
	var d reconcile.Data
	if err := input.Read(t.Context(), &d, []input.Source{{Kind: reconcile.Log, Path: write(t, "a.gz", packed)}}, input.Options{Unpacked: exact}); err != nil || d.Reports.Partial {
		t.Errorf("a log of just the bound: partial %v, %v", d.Reports != nil && d.Reports.Partial, err)
	}
}

func TestLogsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, problem, hint string }{
		"another text": {"notes.txt", "hello\nworld\n", "notes.txt: no line looks like vmanage-server.log: none begins with a time, none is about a report",
			"it stands in an admin-tech archive as var/log/nms/vmanage-server.log"},
		"an export": {"l.csv", inventory + "L,Prepaid,10,5,0,5\n", "l.csv: this is a licence inventory of CSSM, and --log takes another file", "it belongs to --cssm"},
		"a run":     {"r.json", `{"schema": 1, "kind": "run", "devices": []}`, "r.json: this is a run of this program, and --log takes another file", "it belongs to --runs"},
		"a zip": {"l.zip", "PK\x03\x04....", "l.zip: this is no log: an archive of a kind that is not read here, or a spreadsheet",
			"gz, tar and plain text are read: unpack it first"},
		"another archive": {"a.tar", tape(plainEntry("var/log/messages", "x"), plainEntry("etc/x", "y")), "a.tar: the archive has no var/log/nms/vmanage-server.log among 2 entries",
			"give the admin-tech of vManage itself"},
		"a cut archive": {"a.tar", tape(plainEntry("var/log/messages", strings.Repeat("x", 5000)))[:3000],
			"a.tar: the archive is cut or damaged before its log (unexpected EOF)", "download it again"},
		"half a gz": {"a.gz", "\x1f\x8b\x08", "a.gz: this is no complete gz file: unexpected EOF", ""},
	} {
		t.Run(name, func(t *testing.T) {
			problem, hint := refuses(t, reconcile.Log, c.file, c.text)
			if problem != c.problem || hint != c.hint {
				t.Errorf("got  %s\nwant %s\nhint %q, want %q", problem, c.problem, hint, c.hint)
			}
		})
	}
}

func TestOddLogs(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	at := "17-Jul-2025 09:11:12,123" + strings.Replace(stamped, "UTC", "KST", 1)
	d := reads(t, reconcile.Log, "vmanage-server.log", at+long+failing+" "+unknownID+long+"\n"+at+failing+"\n")
	want := []string{"its times are in KST and are taken for UTC", "it has lines longer than 1024 KiB"}
	if diff := cmp.Diff(want, d.Inputs[0].Notes); diff != "" {
		t.Error(diff)
	}
	if f := d.Reports.Failures[0]; d.Reports.Lines != 2 || f.Count != 2 || f.Invalid != 1 || f.Row != 2 {
		t.Errorf("%d lines, %+v", d.Reports.Lines, f)
	}
	d = reads(t, reconcile.Log, "empty.log", "")
	if diff := cmp.Diff([]string{"the log is empty"}, d.Inputs[0].Notes); diff != "" || d.Reports == nil || d.Reports.Failures != nil {
		t.Errorf("%s %+v", diff, d.Reports)
	}
}

// Wherever the pieces that are read at once begin and end, what is found is the same.
func TestFailuresAtTheEdges(t *testing.T) {
	event := "17-Jul-2025 09:11:12,123" + stamped + failing + "\n" + unknownID + "\n"
	filler := "17-Jul-2025 09:11:11,000 UTC INFO [x] [y] (z) |default| " + strings.Repeat("f", 43) + "\n"
	for shift := 0; shift < len(event)+20; shift += 3 {
		pad := strings.Repeat(filler, (1<<20+8<<10)/len(filler)-4)
		text := pad + strings.Repeat("p", shift+100) + "\n" + event + filler
		d := reads(t, reconcile.Log, "vmanage-server.log", text)
		if len(d.Reports.Failures) != 1 {
			t.Fatalf("shift %d: %+v", shift, d.Reports.Failures)
		}
		f := d.Reports.Failures[0]
		if f.Count != 1 || f.Invalid != 1 || f.First == nil || f.Row != strings.Count(pad, "\n")+2 || d.Reports.Lines != int64(strings.Count(text, "\n")) {
			t.Fatalf("shift %d: %d lines, %+v", shift, d.Reports.Lines, f)
		}
	}
}
