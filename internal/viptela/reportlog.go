package viptela

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// LogScanner reads vmanage-server.log line by line and keeps what it says about reports to CSSM (knowledge F.1,
// F.3). It keeps nothing of a line but its time and, of a failed report, the start of its text, so that a log of any
// length is read in constant memory. The zero LogScanner is ready.
type LogScanner struct {
	lines       int64
	first, last stamp
	failures    []*failure // by tenant, in the order of the log
	open        *failure   // whose details may still follow
	left        int        // lines in which they may
}

// stamp is the time of a line as it is written; reading it is put off until somebody asks.
type stamp struct {
	text [20]byte
	n    int
}

type failure struct {
	diag.ReportFailure
	seen bool // the reason of the last one was read
}

const (
	followed   = 5   // lines after a failure in which its reason is looked for: vManage may print it on lines of its own
	screenLine = 160 // bytes of the text that is kept
)

var (
	failedReport = regexp.MustCompile(`SmartLicens.*Failed to report license usage for tenant ([^\s:]+)`)
	unknownTo    = regexp.MustCompile(`is not valid\.?\s?Please re-register the instance`)
	unknownUUID  = regexp.MustCompile(`The identity for the instance ([0-9a-fA-F-]{36}) is not valid`)

	wordFailed = []byte("Failed to report license usage")
	wordPlease = []byte("re-register the instance")
)

// Line takes in the next line, with or without its end. It keeps no reference to it.
func (s *LogScanner) Line(line []byte) {
	s.lines++
	if n := stampLength(line); n > 0 {
		s.last.n = copy(s.last.text[:], line[:n])
		if s.first.n == 0 {
			s.first = s.last
		}
	}
	if s.left > 0 {
		if s.left--; s.left == 0 {
			s.open = nil
		}
	}
	if bytes.Contains(line, wordFailed) {
		if m := failedReport.FindSubmatch(line); m != nil {
			s.fail(string(m[1]), line)
		}
	}
	if bytes.Contains(line, wordPlease) && unknownTo.Match(line) {
		s.unknown(line)
	}
}

// fail counts a failed report.
func (s *LogScanner) fail(tenant string, line []byte) {
	i := slices.IndexFunc(s.failures, func(f *failure) bool { return f.Tenant == tenant })
	if i < 0 {
		i = len(s.failures)
		s.failures = append(s.failures, &failure{ReportFailure: diag.ReportFailure{Tenant: tenant, PerDay: map[string]int{}}})
	}
	f := s.failures[i]
	f.Count++
	f.seen = false
	f.Line, f.Text = int(s.lines), screen(line)
	if at := s.last.time(); at != nil {
		if f.First == nil {
			f.First = at
		}
		f.Last = at
		f.PerDay[at.Format(time.DateOnly)]++
	}
	s.open, s.left = f, followed
}

// unknown takes in CSSM's answer that it does not know the instance: of the failure before it, or of one whose own
// line is not among those that are read.
func (s *LogScanner) unknown(line []byte) {
	if s.open == nil {
		s.fail("", line)
	}
	f := s.open
	if !f.seen {
		f.Invalid++
		f.seen = true
	}
	if m := unknownUUID.FindSubmatch(line); m != nil {
		f.Instance = string(m[1])
	}
}

// Log is what was read so far.
func (s *LogScanner) Log() diag.ReportLog {
	l := diag.ReportLog{Lines: s.lines, First: s.first.time(), Last: s.last.time(), Failures: []diag.ReportFailure{}}
	for _, f := range s.failures {
		l.Failures = append(l.Failures, f.ReportFailure)
	}
	return l
}

// layouts are the ways in which releases write the time of a line, without the fraction of the second.
var layouts = []string{"2-Jan-2006 15:04:05", time.DateTime, "2006-01-02T15:04:05"}

// stampLength is the length of the time that a line begins with, 0 when it begins with none: "18-Jul-2025 12:44:23".
func stampLength(line []byte) int {
	if len(line) < 19 || line[0] < '0' || line[0] > '9' {
		return 0
	}
	for _, n := range []int{19, 20} {
		if len(line) >= n && line[n-3] == ':' && line[n-6] == ':' && bytes.IndexByte(line[:n], '-') > 0 {
			return n
		}
	}
	return 0
}

func (s stamp) time() *time.Time {
	text := string(s.text[:s.n])
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return &t
		}
	}
	return nil
}

// screen is the start of a line as one line of printable text.
func screen(line []byte) string {
	text := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(line[:min(len(line), 4*screenLine)]), "?"),
		func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(text) > screenLine {
		text = strings.ToValidUTF8(text[:screenLine-3], "") + "..."
	}
	return text
}
