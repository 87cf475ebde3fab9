package input

import (
	"cmp"
	"maps"
	"slices"
	"time"

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

// finishManagers adds what the vManages say of their reports to what logs say. Each speaks for itself: the failures of one
// hide none of another, and neither do its later lines make up for those that another one lacks.
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
			own := failure(m.place, f)
			own.Text = name + ": " + own.Text
			file, ok := failures[f.Tenant]
			if ok && covers(file, own) { // a file of the same log: what is in both counts once
				continue
			}
			if ok && covers(own, file) {
				delete(failures, f.Tenant)
			}
			failures[f.Tenant+"\x00"+name] = own
		}
	}
	if unread && !files && r.data.Reports != nil { // that another vManage reports says nothing of this one
		r.data.Reports.Partial = true
	}
	r.behind()
}

// covers reports failures of one tenant that are as many as others and go on as long.
func covers(a, b reconcile.ReportFailure) bool {
	return a.Count >= b.Count && a.Last != nil && (b.Last == nil || !a.Last.Before(*b.Last))
}

// behind finds vManages whose log ends long before another one's: that no failure is in it proves nothing.
func (r *reader) behind() {
	var last time.Time
	for _, m := range r.managers {
		if m.log != nil && m.log.Last != nil && m.log.Last.After(last) {
			last = *m.log.Last
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.managers)) {
		m := r.managers[name]
		if m.log == nil || m.log.Last == nil || last.Sub(*m.log.Last) <= 2*reconcile.Wait {
			continue
		}
		r.note(m.place.Input, "the log of %.160s ends on %s: whether its reports fail since is not known", name, m.log.Last.Format("2006-01-02 15:04"))
		r.data.Reports.Partial = true
	}
}
