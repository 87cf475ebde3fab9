package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/reconcile"
)

const (
	chunkSize   = 1 << 20 // bytes that are looked at at once
	overlap     = 4 << 10 // bytes of a line longer than that which are looked at again with what follows
	before      = 8 << 10 // bytes before a hit in which its line begins
	window      = 40      // lines after a failed report in which the reason belongs to it
	maxTenants  = 1000
	maxDays     = 100_000 // counts by day, of all tenants
	maxKnown    = 1 << 18 // failures that are remembered to be recognised in another file
	textWidth   = 160     // characters of a line that are shown
	otherTenant = "(others)"
)

// What a log is searched for (knowledge F.3). A failure and its reason stand on one line, on two, or with JSON between.
var (
	failedReport   = []byte("Failed to report license usage for tenant")
	registerAgain  = []byte("re-register the instance")
	tenantOf       = regexp.MustCompile(`^Failed to report license usage for tenant[ \t]+([^:\r\n]{1,128}?)[ \t]*(?:[:\r\n]|$)`)
	instanceOf     = regexp.MustCompile(`The identity for the instance\s+([0-9a-fA-F-]{36})\s+is not valid\.?\s?Please re-register the instance$`)
	notValid       = regexp.MustCompile(`is not valid\.?\s?Please re-register the instance$`)
	tenantInFields = regexp.MustCompile(`\|([^|\r\n]{1,128})\|`)
)

// logs is what the logs say together.
type logs struct {
	seed     maphash.Seed
	known    map[uint64]int // in which file a failure was seen first
	failures map[string]*reconcile.ReportFailure
	days     int
	read     bool
}

func newLogs() logs {
	return logs{seed: maphash.MakeSeed(), known: map[uint64]int{}, failures: map[string]*reconcile.ReportFailure{}}
}

// scan searches one log.
type scan struct {
	logs     *logs
	input    int
	lines    int64 // that have ended
	cut      int   // pieces of lines that are longer than is looked at
	repeated int   // failures that another file has too
	crowded  bool
	found    int
	first    time.Time
	last     time.Time
	zones    []string // but UTC
	head     []byte
	open     *failure
}

// failure is a report that failed, while its reason may still come.
type failure struct {
	line     int64
	at       time.Time
	tenant   string
	reported bool // the line of the report was seen, not only the reason
	invalid  bool
	instance string
	text     string
	id       uint64 // of its line; 0 when that has no time
}

// read searches a log to its end. The error is that of the reader or of the context; what stands before it is kept.
func (s *scan) read(ctx context.Context, r io.Reader) error {
	buf := make([]byte, 0, before+chunkSize)
	from := 0 // what stands before was searched, and is kept for the beginnings of lines
	for {
		var err error
		buf, err = fill(r, buf)
		if len(s.head) == 0 {
			s.head = slices.Clone(buf[:min(len(buf), 4096)])
		}
		to := from + bytes.LastIndexByte(buf[from:], '\n') + 1
		switch {
		case err != nil:
			to = len(buf)
		case to == from:
			to = len(buf) - overlap
			s.cut++
		}
		s.search(buf, from, to)
		if err != nil {
			if len(buf) > 0 && buf[len(buf)-1] != '\n' {
				s.lines++
			}
			s.commit()
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		drop := max(0, to-before)
		from = to - drop
		buf = buf[:copy(buf, buf[drop:])]
	}
}

// fill reads until the capacity is used or no more comes.
func fill(r io.Reader, buf []byte) ([]byte, error) {
	var err error
	for err == nil && len(buf) < cap(buf) {
		var n int
		n, err = r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
	}
	return buf, err
}

// search looks for what begins in data[from:to]. It is linear: each word is looked for once.
func (s *scan) search(data []byte, from, to int) {
	s.ends(data[from:to])
	counted := from
	report, again := index(data, from, failedReport), index(data, from, registerAgain)
	for {
		at := min(report, again)
		if at >= to {
			break
		}
		s.lines += int64(bytes.Count(data[counted:at], newline))
		counted = at
		if at == report {
			s.reported(data, at)
			report = index(data, at+1, failedReport)
		} else {
			s.refused(data, at)
			again = index(data, at+1, registerAgain)
		}
	}
	s.lines += int64(bytes.Count(data[counted:to], newline))
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
func (s *scan) ends(data []byte) {
	const tries = 200 // lines without a time, as stack traces have them
	if s.first.IsZero() {
		n := 0
		for line := range bytes.Lines(data) {
			if t, zone, ok := lineTime(line); ok {
				s.first = t
				s.zone(zone)
				break
			}
			if n++; n == tries {
				break
			}
		}
	}
	rest := bytes.TrimSuffix(data, newline)
	for range tries {
		i := bytes.LastIndexByte(rest, '\n')
		if t, zone, ok := lineTime(rest[i+1:]); ok {
			s.last = t
			s.zone(zone)
			return
		}
		if i < 0 {
			return
		}
		rest = rest[:i]
	}
}

func (s *scan) zone(name string) {
	if name != "" && name != "UTC" && len(s.zones) < 5 && !slices.Contains(s.zones, name) {
		s.zones = append(s.zones, name)
	}
}

// line is the line of a hit, its first characters.
func line(data []byte, at int) []byte {
	low := max(0, at-before)
	begin := low + bytes.LastIndexByte(data[low:at], '\n') + 1
	end := at + bytes.IndexByte(data[at:min(len(data), at+overlap)], '\n')
	if end < at {
		end = min(len(data), at+overlap)
	}
	return bytes.TrimRight(data[begin:end], "\r\n")
}

// reported takes in the line of a report that failed.
func (s *scan) reported(data []byte, at int) {
	m := tenantOf.FindSubmatch(data[at:min(len(data), at+256)])
	if m == nil {
		return
	}
	f := s.failure(line(data, at))
	f.tenant, f.reported = string(m[1]), true
	if o := s.open; o != nil && !o.reported && f.line-o.line <= window { // the reason was logged first
		f.invalid, f.instance = true, o.instance
		s.open = nil
	}
	s.commit()
	s.open = f
}

// refused takes in the reason: CSSM does not know the instance any more.
func (s *scan) refused(data []byte, at int) {
	text := data[max(0, at-300) : at+len(registerAgain)]
	if !notValid.Match(text) {
		return
	}
	instance := ""
	if m := instanceOf.FindSubmatch(text); m != nil {
		instance = strings.ToLower(string(m[1]))
	}
	o := s.open
	if o != nil && s.lines+1-o.line <= window && (o.instance == instance || o.instance == "" || instance == "") {
		o.invalid = true
		if instance != "" {
			o.instance = instance
		}
		return
	}
	s.commit()
	f := s.failure(line(data, at))
	f.invalid, f.instance = true, instance
	if m := tenantInFields.FindSubmatch(line(data, at)); m != nil {
		f.tenant = string(m[1])
	}
	s.open = f
}

// failure begins one at a line.
func (s *scan) failure(line []byte) *failure {
	f := &failure{line: s.lines + 1, text: shown(line)}
	if t, zone, ok := lineTime(line); ok {
		f.at = t
		s.zone(zone)
		f.id = maphash.Bytes(s.logs.seed, line)
	}
	return f
}

// shown is a line cut to what fits on a screen.
func shown(line []byte) string {
	s := strings.ToValidUTF8(string(line), "\uFFFD")
	if n := 0; len(s) > textWidth {
		for i := range s {
			if n++; n > textWidth {
				return s[:i] + "..."
			}
		}
	}
	return s
}

// commit counts the failure that is open. One that another file had too is counted once: an archive of today and one
// of yesterday have rotated logs in common.
func (s *scan) commit() {
	f := s.open
	s.open = nil
	if f == nil {
		return
	}
	s.found++
	l := s.logs
	if f.id != 0 {
		if in, ok := l.known[f.id]; ok && in != s.input {
			s.repeated++
			return
		}
		if len(l.known) < maxKnown {
			l.known[f.id] = s.input
		}
	}
	tenant := f.tenant
	if l.failures[tenant] == nil && len(l.failures) >= maxTenants {
		tenant, s.crowded = otherTenant, true
	}
	r := l.failures[tenant]
	if r == nil {
		r = &reconcile.ReportFailure{Tenant: tenant, PerDay: map[string]int{}}
		l.failures[tenant] = r
	}
	r.Count++
	if f.invalid {
		r.Invalid++
	}
	if f.at.IsZero() {
		if r.Last == nil {
			s.latest(r, f)
		}
		return
	}
	if r.First == nil || f.at.Before(*r.First) {
		r.First = &f.at
	}
	if r.Last == nil || !f.at.Before(*r.Last) {
		r.Last = &f.at
		s.latest(r, f)
	}
	day := f.at.Format(time.DateOnly)
	if r.PerDay[day] == 0 {
		if l.days++; l.days > maxDays {
			s.crowded = true
			return
		}
	}
	r.PerDay[day]++
}

// latest makes a failure the one that is shown of its tenant.
func (s *scan) latest(r *reconcile.ReportFailure, f *failure) {
	r.Place = reconcile.Place{Input: s.input, Row: int(f.line)}
	r.Text = f.text
	if f.instance != "" {
		r.Instance = f.instance
	}
}

// finish adds a log that was read.
func (r *reader) finishLog(s *scan) {
	d := r.data
	if d.Reports == nil {
		d.Reports = &reconcile.ReportLog{}
	}
	d.Reports.Lines += s.lines
	if !s.first.IsZero() && (d.Reports.First == nil || s.first.Before(*d.Reports.First)) {
		d.Reports.First = &s.first
	}
	if !s.last.IsZero() {
		d.Inputs[s.input].Time = &s.last
		if d.Reports.Last == nil || s.last.After(*d.Reports.Last) {
			d.Reports.Last = &s.last
		}
	}
	switch {
	case s.lines == 0:
		r.note(s.input, "the log is empty")
	case s.last.IsZero():
		r.note(s.input, "its lines have no time")
	}
	if len(s.zones) > 0 {
		r.note(s.input, "its times are in %s and are taken for UTC", strings.Join(s.zones, ", "))
	}
	if s.cut > 0 {
		r.note(s.input, "it has lines longer than %d KiB", chunkSize>>10)
	}
	if s.repeated > 0 {
		r.note(s.input, "%s another log has too, and counted once", count(s.repeated, "failed report is one that", "failed reports are ones that"))
	}
	if s.crowded {
		r.note(s.input, "there are more than %d tenants or %d days: not all are listed", maxTenants, maxDays)
	}
}

// finish puts together what belongs to no single source.
func (r *reader) finish() {
	r.finishManagers()
	if r.data.Reports == nil {
		return
	}
	for _, f := range r.logs.failures {
		r.data.Reports.Failures = append(r.data.Reports.Failures, *f)
	}
	slices.SortFunc(r.data.Reports.Failures, func(a, b reconcile.ReportFailure) int { return strings.Compare(a.Tenant, b.Tenant) })
}

// partial says that a log was not read to its end.
func (r *reader) partial(input int, err error) {
	why := fmt.Sprintf("it is damaged (%v): what stands before was read", err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		why = "it is cut: what stands before the cut was read"
	case errors.Is(err, errUnpacked):
		why = fmt.Sprintf("only its first %s unpacked were read: unpack it and name the log itself", size(r.o.Unpacked))
	}
	r.note(input, "%s", why)
	r.data.Reports.Partial = true
}

// size is a number of bytes for people.
func size(n int64) string {
	for _, u := range []struct {
		unit string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return fmt.Sprintf("%d %s", n/u.size, u.unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
