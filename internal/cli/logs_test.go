package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/authcode"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/message"
)

const (
	openLine  = "2024-03-01T08:00:02Z edge1 77: %SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain name\n"
	endLine   = "2024-03-01T09:00:02Z edge1 78: %SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart License Utility (CSLU) restored\n"
	otherLine = "2024-03-01T08:00:00Z edge1 76: %LINK-3-UPDOWN: Interface GigabitEthernet0/0/1, changed state to down\n"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16(s string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

// TestLogsInput reads good and bad files: what is open, the exit status, what is said of the file.
func TestLogsInput(t *testing.T) {
	random := make([]byte, 64<<10)
	for i := range random {
		random[i] = byte(i * i >> 3)
	}
	zipped := packed(t, strings.Repeat(otherLine, 5000)+openLine)
	long := strings.Repeat("x", 3<<20)
	tests := map[string]struct {
		text   string
		status int
		open   int
		errs   string // in what stderr says
		file   func(logFile) bool
	}{
		"open":          {openLine, 1, 1, "", nil},
		"recovered":     {openLine + endLine, 0, 0, "", nil},
		"open again":    {openLine + endLine + openLine, 1, 1, "", nil},
		"gz":            {packed(t, openLine) + packed(t, endLine), 0, 0, "", func(f logFile) bool { return f.Lines == 2 }},
		"gz, cut":       {packed(t, openLine+endLine)[:40], 2, 0, "it is cut", nil},
		"gz, cut later": {zipped[:len(zipped)-9], 1, 1, "it is cut", func(f logFile) bool { return *f.Problem != "" && f.Messages > 100 }},
		"gz, cut, and nothing open": {func() string { z := packed(t, strings.Repeat(otherLine, 5000)); return z[:len(z)-9] }(), 3, 0, "it is cut",
			nil},
		"gz, damaged":        {"\x1f\x8b" + string(random), 2, 0, "gz", nil},
		"another packer":     {"PK\x03\x04" + string(random), 2, 0, "unpack it first", nil},
		"UTF-16":             {utf16(openLine), 1, 1, "", nil},
		"empty":              {"", 2, 0, "empty", nil},
		"empty gz":           {packed(t, ""), 2, 0, "empty", nil},
		"no log":             {strings.Repeat("just words\n", 100), 2, 0, "no syslog message", nil},
		"binary":             {"\x7fELF\x00\x00" + string(random), 2, 0, "not text", nil},
		"log in garbage":     {string(random) + "\n" + openLine + string(random), 1, 1, "", nil},
		"other languages":    {"2024-03-01T08:00:00Z 東京 1: %SYS-5-CONFIG_I: 設定\nПривет %%% 100%\n" + openLine, 1, 1, "", nil},
		"a line of 3 MiB":    {long + "\n" + openLine, 1, 1, "", func(f logFile) bool { return f.CutLines == 1 && f.Lines == 2 }},
		"a message of 3 MiB": {openLine[:len(openLine)-1] + long + "\n" + endLine, 0, 0, "", func(f logFile) bool { return f.CutLines == 1 }},
		"3 MiB at the end":   {openLine + long, 1, 1, "", func(f logFile) bool { return f.CutLines == 1 && f.Lines == 2 }},
		"no line end":        {strings.TrimSpace(openLine), 1, 1, "", nil},
		"only others":        {otherLine, 0, 0, "", func(f logFile) bool { return f.Messages == 1 && f.Licensing == 0 }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out, errs, status := say(t, test.text, "logs", "-o", "json")
			if status != test.status || !strings.Contains(errs, test.errs) {
				t.Fatalf("exit %d, want %d: %s", status, test.status, errs)
			}
			if status == 2 {
				return
			}
			var d logsDocument
			if err := json.Unmarshal([]byte(out), &d); err != nil {
				t.Fatal(err)
			}
			if d.Summary.Open != test.open || len(d.Files) != 1 || test.file != nil && !test.file(d.Files[0]) {
				t.Errorf("%d open; files %+v", d.Summary.Open, d.Files)
			}
			if len(out) > 20_000 {
				t.Errorf("a document of %d bytes: it carries the log along", len(out))
			}
		})
	}
}

// TestLogsSchema holds documents against the printed schema.
func TestLogsSchema(t *testing.T) {
	w := newWorld(t)
	s := w.schema("logs")
	w.write("a.log", openLine+endLine+otherLine+"%SMART_LIC-3-STRANGE: x\n%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in 3 days.\n")
	for _, args := range [][]string{{"logs", "a.log", "-o", "json", "--exit-zero"}, {"logs", "a.log", "-o", "json", "--exit-zero", "--topology", "offline"}} {
		valid(t, s, w.want(0, args...).out)
	}
	// the lines of ndjson together are the document
	doc := map[string]any{"devices": []any{}}
	for line := range strings.Lines(w.want(0, "logs", "a.log", "-o", "ndjson", "--exit-zero").out) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		kind := v["kind"]
		if delete(v, "kind"); kind == "device" {
			delete(v, "schema")
			doc["devices"] = append(doc["devices"].([]any), v)
			continue
		}
		maps.Copy(doc, v)
	}
	doc["kind"] = "logs"
	var whole map[string]any
	if err := json.Unmarshal([]byte(w.want(0, "logs", "a.log", "-o", "json", "--exit-zero").out), &whole); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(whole, doc); d != "" {
		t.Errorf("(-json +ndjson):\n%s", d)
	}
}

func TestOldestFirst(t *testing.T) {
	got := oldestFirst([]string{"a/net.log", "b.txt", "a/net.log.1", "a/net.log.10.gz", "a/net.log.2.gz", "c.log-20240301.gz", "c.log", "c.log-20240229.gz"})
	want := []string{"a/net.log.10.gz", "b.txt", "a/net.log.2.gz", "a/net.log.1", "a/net.log", "c.log-20240229.gz", "c.log-20240301.gz", "c.log"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for path, want := range map[string]string{"x/edge1.log": "edge1", "edge1.log.3.gz": "edge1", "edge1.txt": "edge1", "-": "stdin",
		"r1.example.net": "r1.example.net", ".log": ".log", "net.log-20240229.gz": "net"} {
		if got := logName(path); got != want {
			t.Errorf("%s names %q, want %q", path, got, want)
		}
	}
}

func TestByAnyName(t *testing.T) {
	all := []seen{
		{DeviceResult: diag.DeviceResult{Name: "r1", Address: "192.0.2.1", Platform: &diag.Platform{Hostname: "Tokyo"}}},
		{DeviceResult: diag.DeviceResult{Name: "tokyo", Address: "192.0.2.2"}, hostname: "edge2"},
	}
	find := byAnyName(all)
	for name, want := range map[string]string{"r1": "r1", "R1.example.net": "r1", "192.0.2.1": "r1", "TOKYO": "tokyo", "edge2": "tokyo",
		"192.0.2.9": "", "192": "", "r11": "", "": ""} {
		got := ""
		if d := find(name); d != nil {
			got = d.Name
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestStillTrue goes through what the checks can say of an open message.
func TestStillTrue(t *testing.T) {
	result := func(check string, s diag.Status, what string) diag.Result {
		return diag.Result{Check: check, Status: s, Summary: what, Message: diag.Message{ID: check + "." + what}}
	}
	caused := result("agent-comm-channels", diag.Fail, "network")
	caused.CausedBy = new(string)
	*caused.CausedBy = "dns-server"
	tests := map[string]struct {
		results []diag.Result
		verdict string
		root    string
	}{
		"fails, explained":       {[]diag.Result{caused, result("dns-server", diag.Fail, "none")}, "still", "dns-server"},
		"fails":                  {[]diag.Result{result("agent-comm-channels", diag.Pass, "works"), result("log-comm-failed", diag.Fail, "open")}, "still", ""},
		"works":                  {[]diag.Result{result("agent-comm-channels", diag.Pass, "works"), result("log-comm-failed", diag.Warn, "restored")}, "over", ""},
		"nothing was tried":      {[]diag.Result{result("agent-comm-channels", diag.Pass, "untried"), result("log-comm-failed", diag.Pass, "none")}, "unknown", ""},
		"a warning":              {[]diag.Result{result("agent-comm-channels", diag.Warn, "past")}, "maybe", ""},
		"not known":              {[]diag.Result{result("agent-comm-channels", diag.Unknown, "refused")}, "unknown", ""},
		"does not apply":         {[]diag.Result{result("agent-comm-channels", diag.NotApplicable, "topology")}, "unknown", ""},
		"other checks prove not": {[]diag.Result{result("report-15min", diag.Fail, "retry"), result("dns-server", diag.Pass, "ok")}, "unknown", ""},
	}
	m, _ := message.Lookup("SMART_LIC", "COMM_FAILED")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &seen{DeviceResult: diag.DeviceResult{Results: test.results}, facts: diag.NewFacts(diag.Device{})}
			got := stillTrue(&message.Group{Message: &m}, d, true)
			if got.Verdict != test.verdict || got.Root != test.root {
				t.Errorf("%+v", got)
			}
			// what was collected at a time that nobody knows ends nothing
			if late := stillTrue(&message.Group{Message: &m}, d, false); late.Verdict == "over" {
				t.Errorf("without a time: %+v", late)
			}
		})
	}
	if got := stillTrue(&message.Group{}, nil, true); got.Verdict != "unknown" {
		t.Errorf("a message nobody knows: %+v", got)
	}
}

// TestLogsShowNoSecrets plants secrets and control characters into a log.
func TestLogsShowNoSecrets(t *testing.T) {
	line := "Mar  1 08:00:00 edge\x1b[31m1: %SMART_LIC-3-COMM_FAILED: Communications failure with the (CSSM) : license smart trust idtoken SECRETTOKEN all\x1b[2J\n"
	for _, format := range []string{"table", "json", "ndjson"} {
		out, errs, status := say(t, line, "logs", "-o", format)
		if status != 1 || strings.Contains(out+errs, "SECRETTOKEN") || strings.Contains(out+errs, "\x1b") {
			t.Errorf("%s: exit %d\n%s%s", format, status, out, errs)
		}
	}
}

// logOf is a log of so many bytes or a little more: the block over and over.
type logOf struct {
	block string
	left  int
	rest  string
	peak  uint64 // bytes of heap in use, looked at now and then
}

// lineOf makes one line in twenty about licensing, of 100 devices among 2000.
func lineOf(i int) string {
	text := otherLine
	if i%20 == 0 {
		text = []string{openLine, openLine, endLine}[i/20%3]
	}
	return strings.Replace(text, "edge1", fmt.Sprintf("edge%d", i%2000), 1)
}

const blockLines = 6000

func newLogOf(size int) *logOf {
	var b strings.Builder
	for i := range blockLines {
		b.WriteString(lineOf(i))
	}
	return &logOf{block: b.String(), left: size}
}

func (g *logOf) Read(p []byte) (int, error) {
	if g.rest == "" {
		if g.left <= 0 {
			return 0, io.EOF
		}
		g.rest = g.block
		g.left -= len(g.block)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.peak = max(g.peak, m.HeapInuse)
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// BenchmarkLogs reads 100 MB: of a fleet, where one message in twenty is about licensing, and of nothing but
// failures. peak-MB is the heap in use.
func BenchmarkLogs(b *testing.B) {
	const size = 100 << 20
	for name, make := range map[string]func() *logOf{
		"fleet":    func() *logOf { return newLogOf(size) },
		"failures": func() *logOf { return &logOf{block: strings.Repeat(openLine, blockLines), left: size} },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			peak := uint64(0)
			for b.Loop() {
				g := make()
				set := &logSet{}
				if err := set.read(b.Context(), g, "-", "stdin"); err != nil {
					b.Fatal(err)
				}
				if d := set.document(nil, false, 0); d.Summary.Devices == 0 || d.Summary.Incomplete {
					b.Fatalf("%+v", d.Summary)
				}
				peak = max(peak, g.peak)
			}
			b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
		})
	}
}

// TestLogsStream reads a log that never fits into what it keeps.
func TestLogsStream(t *testing.T) {
	set := &logSet{}
	g := newLogOf(8 << 20)
	if err := set.read(t.Context(), g, "-", "stdin"); err != nil {
		t.Fatal(err)
	}
	d := set.document(nil, false, 0)
	n := (8<<20/len(g.block) + 1) * blockLines
	if f := d.Files[0]; f.Lines != n || f.Messages != n || f.Licensing != n/20 {
		t.Errorf("%d lines made; %+v", n, f)
	}
	kept := 0
	for _, device := range d.Devices {
		kept += len(device.Messages)
	}
	if kept > 2*len(d.Devices) {
		t.Errorf("%d groups for %d devices", kept, len(d.Devices))
	}
}

// broken is a reader that fails in the middle.
type broken struct{ text io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.text.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("the disk is gone")
	}
	return n, err
}

func TestLogsBrokenFile(t *testing.T) {
	set := &logSet{}
	if err := set.read(t.Context(), broken{strings.NewReader(openLine)}, "a", "a"); err != nil {
		t.Fatal(err)
	}
	if p := set.files[0].Problem; p == nil || *p != "the disk is gone" {
		t.Errorf("%+v", set.files)
	}
	if d := set.document(nil, false, 0); !d.Summary.Incomplete || d.Summary.Open != 1 {
		t.Errorf("%+v", d.Summary)
	}
}

func TestAuthcodeSchema(t *testing.T) {
	w := newWorld(t)
	s := w.schema("authcode")
	w.write("slac.txt", "<smartLicenseAuthorization><udi>P:A,S:1</udi><authorizationCode>x</authorizationCode></smartLicenseAuthorization>")
	valid(t, s, w.want(0, "authcode", "slac.txt", "--udi", "PID:A,SN:1", "-o", "json").out)
	valid(t, s, w.want(1, "authcode", "slac.txt", "--udi", "PID:B,SN:1", "-o", "json").out)
	w.write("utf16.txt", utf16(w.read("slac.txt")))
	w.want(0, "authcode", "utf16.txt", "--udi", "PID:A,SN:1")
}

// TestAuthcodeMembers reads the members out of what devices answered, whole and not.
func TestAuthcodeMembers(t *testing.T) {
	const head = "UDI: PID:A,SN:1\n\n"
	const pair = head + "HA UDI List:\n    Active:PID:A,SN:1\n    Standby:PID:A,SN:2\n"
	tests := map[string]struct {
		answers map[string]string
		want    []authcode.UDI
		known   bool
	}{
		"alone":           {map[string]string{"show-license-udi.txt": head}, []authcode.UDI{{PID: "A", SN: "1"}}, true},
		"pair":            {map[string]string{"show-license-udi.txt": pair}, []authcode.UDI{{PID: "A", SN: "1"}, {PID: "A", SN: "2"}}, true},
		"refused":         {map[string]string{"show-license-udi.txt": "% Invalid input detected at '^' marker.\n"}, nil, false},
		"another command": {map[string]string{"show-clock.txt": "12:00:00.000 UTC Fri Mar 1 2024\n"}, nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := os.MkdirAll("from/r1", 0o700); err != nil {
				t.Fatal(err)
			}
			for file, text := range test.answers {
				w.write("from/r1/"+file, text)
			}
			var errs bytes.Buffer
			o := authcodeCommand{current: current{from: []string{"from"}}}
			a := &app{Env: Env{In: strings.NewReader(""), Err: &errs, Context: t.Context(), Getenv: os.Getenv}}
			got, err := o.members(a)
			if err != nil || len(got) != 1 {
				t.Fatalf("%v, %v %s", got, err, &errs)
			}
			if !slices.Equal(got[0].Members, test.want) || (got[0].Problem == "") != test.known {
				t.Errorf("%+v", got[0])
			}
		})
	}
}
