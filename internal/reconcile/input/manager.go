package input

import (
	"cmp"
	"maps"
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
)

// manager is a vManage that a run has read over SSH: no device with licences, but the one that reports for them.
type manager struct {
	place reconcile.Place
	log   *diag.ReportLog
}

// manager takes in a vManage. One that is in several runs counts once, with the log that goes on longest.
func (r *reader) manager(in, row int, d diag.DeviceResult) {
	r.asked++
	if d.Reports == nil {
		r.note(in, "%.160s is a vManage whose log was not read", d.Name)
	}
	m := manager{reconcile.Place{Input: in, Row: row}, d.Reports}
	old, again := r.managers[d.Name]
	if again && (m.log == nil || old.log != nil && (m.log.Last == nil || old.log.Last != nil && !m.log.Last.After(*old.log.Last))) {
		return
	}
	if r.managers == nil {
		r.managers = map[string]manager{}
	}
	r.managers[d.Name] = m
}

// finishManagers adds what the vManages say of their reports to what logs say. A tenant that is in both is not counted
// twice: the longer list of failures counts.
func (r *reader) finishManagers(failures map[string]reconcile.ReportFailure) {
	unread, files := false, r.data.Reports != nil
	for _, name := range slices.Sorted(maps.Keys(r.managers)) {
		m := r.managers[name]
		if m.log == nil {
			unread = true
			continue
		}
		if r.data.Reports == nil {
			r.data.Reports = &reconcile.ReportLog{}
		}
		l := r.data.Reports
		l.Lines += m.log.Lines
		l.Foreign = false
		l.Partial = l.Partial || m.log.Partial
		if l.First == nil || m.log.First != nil && m.log.First.Before(*l.First) {
			l.First = cmp.Or(m.log.First, l.First)
		}
		if l.Last == nil || m.log.Last != nil && m.log.Last.After(*l.Last) {
			l.Last = cmp.Or(m.log.Last, l.Last)
		}
		for _, f := range m.log.Failures {
			if old, ok := failures[f.Tenant]; !ok || old.Count < f.Count {
				failures[f.Tenant] = failure(m.place, f)
			}
		}
	}
	if unread && !files && r.data.Reports != nil { // that another vManage reports says nothing of this one
		r.data.Reports.Partial = true
	}
}
