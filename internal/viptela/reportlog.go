package viptela

import (
	"bytes"
	"hash/maphash"
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

const (
	// Behind is how many bytes before a hit are searched for the beginning of its line, and for its time.
	Behind = 8 << 10
	// Ahead is how many bytes after a hit its line is looked at.
	Ahead = 4 << 10

	inFile     = 40               // lines after a failed report in which the reason belongs to it
	inExcerpt  = 5                // the same when the lines between are left out: what is far there is farther in the log
	screenLine = 160 + len("...") // bytes of the text that is kept
	tries      = maxLogLines      // lines without a time, as stack traces have them, until the search for one ends
)

// What a log is searched for (knowledge F.3). A failure and its reason stand on one line, on two, or with JSON between.
var (
	licensing      = []byte("SmartLicens")
	failedReport   = []byte("Failed to report license usage for tenant")
	registerAgain  = []byte("re-register the instance")
	tenantOf       = regexp.MustCompile(`^Failed to report license usage for tenant[ \t]+([^:\r\n]{1,128}?)[ \t]*(?:[:\r\n]|$)`)
	instanceOf     = regexp.MustCompile(`The identity for the instance\s+([0-9a-fA-F-]{36})\s+is not valid\.?\s?Please re-register the instance$`)
	notValid       = regexp.MustCompile(`is not valid\.?\s?Please re-register the instance$`)
	tenantInFields = regexp.MustCompile(`\|([^|\r\n]{1,128})\|`)
)

// LogScanner searches one file of vManage's log for reports to CSSM that failed (knowledge F.1, F.3). It keeps nothing of
// a line but its time and, of a failed report, the start of its text, so that a log of any length is searched in
// constant memory. Tally.Scan makes one; its fields are what it has seen so far.
type LogScanner struct {
	Lines    int64     // that have ended
	First    time.Time // of the first line that has a time; zero when none has
	Last     time.Time // of the last one
	Zones    []string  // the names of the zones of the times, which are taken for UTC; at most five, without UTC
	Found    int       // failed reports
	Repeated int       // of these, how many another file has too
	Licences bool      // some line is about smart licensing
	Crowded  bool      // there are more tenants or days than the tally lists

	tally   *Tally
	file    int
	excerpt bool // the answer of the shell: lines are left out, and its times are compared with vManage's own clock
	open    *failed
}

// failed is a report that failed, while its reason may still come.
type failed struct {
	line     int64
	at       time.Time
	tenant   string
	reported bool // the line of the report was seen, not only the reason
	invalid  bool
	instance string
	text     string
	id       uint64 // of its line; 0 when that has no time
}

// said is what an excerpt of the log says.
func said(excerpt string) diag.ReportLog {
	t := NewTally()
	s := t.Scan(0)
	s.excerpt = true
	s.Search([]byte(excerpt), 0, len(excerpt))
	s.End(excerpt != "" && !strings.HasSuffix(excerpt, "\n"))
	l := diag.ReportLog{Lines: s.Lines, Failures: []diag.ReportFailure{}}
	if !s.First.IsZero() {
		l.First = &s.First
	}
	if !s.Last.IsZero() {
		l.Last = &s.Last
	}
	for _, f := range t.Failures() {
		l.Failures = append(l.Failures, f.ReportFailure)
	}
	return l
}

// Search looks for what begins in data[from:to], which follows what was searched before. What stands around it
// completes the lines: up to Behind bytes before from, which were searched, and up to Ahead bytes after to, which
// will be. It is linear: each word is looked for once. Nothing of data is kept.
func (s *LogScanner) Search(data []byte, from, to int) {
	s.ends(data[from:to])
	s.Licences = s.Licences || bytes.Contains(data[from:min(len(data), to+len(licensing)-1)], licensing)
	counted := from
	report, again := index(data, from, failedReport), index(data, from, registerAgain)
	for {
		at := min(report, again)
		if at >= to {
			break
		}
		s.Lines += int64(bytes.Count(data[counted:at], newline))
		counted = at
		if at == report {
			s.reported(data, at)
			report = index(data, at+1, failedReport)
		} else {
			s.refused(data, at)
			again = index(data, at+1, registerAgain)
		}
	}
	s.Lines += int64(bytes.Count(data[counted:to], newline))
}

// End counts what is still open when nothing more comes. cut says that the last line has no end.
func (s *LogScanner) End(cut bool) {
	if cut {
		s.Lines++
	}
	s.commit()
}

var newline = []byte{'\n'}

// index is where a word begins at or after from; the length of data when it does not.
func index(data []byte, from int, word []byte) int {
	if i := bytes.Index(data[from:], word); i >= 0 {
		return from + i
	}
	return len(data)
}

// ends notes the first and the last time.
func (s *LogScanner) ends(data []byte) {
	if s.First.IsZero() {
		n := 0
		for line := range bytes.Lines(data) {
			if t, ok := s.time(line); ok {
				s.First = t
				break
			}
			if n++; n == tries {
				break
			}
		}
	}
	if t, ok := s.lastTime(data); ok {
		s.Last = t
	}
}

// lastTime is the time of the last line that has one.
func (s *LogScanner) lastTime(data []byte) (time.Time, bool) {
	data = bytes.TrimSuffix(data, newline)
	for range tries {
		i := bytes.LastIndexByte(data, '\n')
		if t, ok := s.time(data[i+1:]); ok {
			return t, true
		}
		if i < 0 {
			break
		}
		data = data[:i]
	}
	return time.Time{}, false
}

// time is that of a line. In an excerpt it is the wall clock to the second, as every other time that vManage tells.
func (s *LogScanner) time(line []byte) (time.Time, bool) {
	t, zone, ok := lineTime(line)
	if s.excerpt {
		_, offset := t.Zone()
		return t.UTC().Add(time.Duration(offset) * time.Second).Truncate(time.Second), ok
	}
	if zone != "" && zone != "UTC" && len(s.Zones) < 5 && !slices.Contains(s.Zones, zone) {
		s.Zones = append(s.Zones, zone)
	}
	return t.UTC(), ok
}

// lineAt is the line of a hit, its first characters, and where it begins.
func lineAt(data []byte, at int) (line []byte, begin int) {
	low := max(0, at-Behind)
	begin = low + bytes.LastIndexByte(data[low:at], '\n') + 1
	end := at + bytes.IndexByte(data[at:min(len(data), at+Ahead)], '\n')
	if end < at {
		end = min(len(data), at+Ahead)
	}
	return bytes.TrimRight(data[begin:end], "\r\n"), begin
}

// reported takes in the line of a report that failed.
func (s *LogScanner) reported(data []byte, at int) {
	m := tenantOf.FindSubmatch(data[at:min(len(data), at+256)])
	if m == nil {
		return
	}
	f := s.failure(data, at)
	f.tenant, f.reported = string(m[1]), true
	if o := s.open; o != nil && !o.reported && s.near(o) { // the reason was logged first
		f.invalid, f.instance = true, o.instance
		s.open = nil
	}
	s.commit()
	s.open = f
}

// refused takes in the reason: CSSM does not know the instance any more.
func (s *LogScanner) refused(data []byte, at int) {
	text := data[max(0, at-300) : at+len(registerAgain)]
	if !notValid.Match(text) {
		return
	}
	instance := ""
	if m := instanceOf.FindSubmatch(text); m != nil {
		instance = string(m[1])
	}
	o := s.open
	if o != nil && s.near(o) && (strings.EqualFold(o.instance, instance) || o.instance == "" || instance == "") {
		o.invalid = true
		if instance != "" {
			o.instance = instance
		}
		return
	}
	s.commit()
	f := s.failure(data, at)
	f.invalid, f.instance = true, instance
	line, _ := lineAt(data, at)
	if m := tenantInFields.FindSubmatch(line); m != nil {
		f.tenant = string(m[1])
	}
	s.open = f
}

// near reports whether the line that is searched may still belong to a failure.
func (s *LogScanner) near(f *failed) bool {
	if s.excerpt {
		return s.Lines+1-f.line <= inExcerpt
	}
	return s.Lines+1-f.line <= inFile
}

// failure begins one at a line. A line without a time is as old as the one before it that has one.
func (s *LogScanner) failure(data []byte, at int) *failed {
	line, begin := lineAt(data, at)
	f := &failed{line: s.Lines + 1, text: screen(line)}
	var ok bool
	if f.at, ok = s.time(line); ok {
		f.id = maphash.Bytes(s.tally.seed, line)
	} else {
		f.at, _ = s.lastTime(data[max(0, begin-Behind):begin])
	}
	return f
}

// commit counts the failure that is open.
func (s *LogScanner) commit() {
	if s.open != nil {
		s.Found++
		s.tally.count(s, s.open)
		s.open = nil
	}
}

// screen is the start of a line as one line of printable text.
func screen(line []byte) string {
	text := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(line[:min(len(line), 4*screenLine)]), "?"),
		func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(text) > screenLine {
		text = strings.ToValidUTF8(text[:screenLine-len("...")], "") + "..."
	}
	return text
}
