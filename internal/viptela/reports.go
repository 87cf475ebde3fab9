package viptela

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// Findings is what the reads of the log come to together.
type Findings struct {
	Log   *diag.ReportLog        // nil when the log was not read
	Why   diag.Reason            // why Log is nil
	Since diag.Value[time.Time]  // from when on the log is read without a gap
	Ended diag.Value[time.Time]  // when the log was last written
	At    map[string]diag.Source // the last failure of every tenant
}

// Reports merges the log and its rotations.
var Reports = diag.Derive(func(f *diag.Facts) *Findings {
	current, why := ReportLines.Partial(f)
	if current == nil || why != "" {
		return &Findings{Why: cmp.Or(why, diag.NotCollected)}
	}
	older, unread := OlderReportLines.Partial(f)
	if older == nil {
		older = &LogLines{}
	}
	out := &Findings{Log: merge(older.Log, current.Log), At: map[string]diag.Source{}}
	for _, l := range []*LogLines{older, current} {
		for i, x := range l.Log.Failures {
			out.At[x.Tenant] = l.At[i]
		}
	}
	out.Since = since(f, current, older, unread == "" && len(older.Files) == 0)
	out.Log.Partial = current.Full || older.Full || len(older.Files) > 0 || unread != "" && unread != diag.NotCollected
	if t, ok := out.Since.Peek(); ok && (out.Log.First == nil || t.Before(*out.Log.First)) {
		out.Log.First = &t
	}
	out.Ended = ended(f)
	if t, ok := out.Ended.Peek(); ok && (out.Log.Last == nil || t.After(*out.Log.Last)) {
		out.Log.Last = &t
	}
	return out
})

// since is from when on everything about licensing was read. whole says that every rotation was.
func since(f *diag.Facts, current, older *LogLines, whole bool) diag.Value[time.Time] {
	starts, _ := LogStart.Partial(f)
	if starts == nil {
		starts = &Start{Time: diag.Missing[time.Time](diag.NotCollected)}
	}
	at := diag.Source{Command: ReportLines.String()}
	switch {
	case current.Full && current.Log.First != nil:
		return diag.Present(*current.Log.First, at)
	case !whole:
		return starts.Time
	case older.Full && older.Log.First != nil:
		return diag.Present(*older.Log.First, diag.Source{Command: OlderReportLines.String()})
	}
	begin := starts.Time
	now, _ := clock(f).Peek()
	files, _ := ListLogs.Partial(f)
	if files == nil || now.IsZero() {
		return begin
	}
	if t := older.Log.First; t != nil {
		begin = diag.Present(*t, diag.Source{Command: OlderReportLines.String()})
	}
	for _, x := range files.Rotated() { // what is in a file is older than its last change
		t, known := begin.Peek()
		if changed := x.Changed(now); !changed.IsZero() && (!known || changed.Before(t)) {
			begin = diag.Present(changed, x.At)
		}
	}
	return begin
}

// ended is when the log itself was last written.
func ended(f *diag.Facts) diag.Value[time.Time] {
	files, _ := ListLogs.Partial(f)
	now, ok := clock(f).Peek()
	if files == nil || !ok {
		return diag.Missing[time.Time](diag.Absent)
	}
	for _, x := range files.List {
		if t := x.Changed(now); x.Name == "vmanage-server.log" && !t.IsZero() {
			return diag.Present(t, x.At)
		}
	}
	return diag.Missing[time.Time](diag.Absent)
}

// clock is the wall clock of vManage.
func clock(f *diag.Facts) diag.Value[time.Time] {
	s, _ := ShowSystemStatus.Partial(f)
	if s == nil {
		return diag.Missing[time.Time](diag.NotCollected)
	}
	return s.Now
}

// merge adds up two logs, the older first.
func merge(older, newer diag.ReportLog) *diag.ReportLog {
	out := diag.ReportLog{Lines: older.Lines + newer.Lines, First: cmp.Or(older.First, newer.First), Last: cmp.Or(newer.Last, older.Last),
		Failures: slices.Clone(newer.Failures)}
	for _, o := range older.Failures {
		i := slices.IndexFunc(out.Failures, func(n diag.ReportFailure) bool { return n.Tenant == o.Tenant })
		if i < 0 {
			out.Failures = append(out.Failures, o)
			continue
		}
		n := &out.Failures[i]
		n.Count, n.Invalid, n.First = n.Count+o.Count, n.Invalid+o.Invalid, cmp.Or(o.First, n.First)
		n.Instance = cmp.Or(n.Instance, o.Instance)
		days := maps.Clone(o.PerDay)
		for day, count := range n.PerDay {
			days[day] += count
		}
		n.PerDay = days
	}
	if out.Failures == nil {
		out.Failures = []diag.ReportFailure{}
	}
	return &out
}
