package viptela

import (
	"hash/maphash"
	"time"

	"slpdoctor/internal/diag"
)

const (
	// MaxTenants is how many tenants a tally lists; what more there are count together.
	MaxTenants = 1000
	// MaxDays is how many counts by day a tally lists, of all tenants together.
	MaxDays = 100_000

	maxKnown    = 1 << 18 // failures that are remembered to be recognised in another file
	otherTenant = "(others)"
)

// Tally counts the failed reports of the files of one log. One that several files have counts once: an archive of
// today and one of yesterday have rotated files in common. NewTally makes one.
type Tally struct {
	seed     maphash.Seed
	known    map[uint64]int // in which file a failure was seen first
	failures []*Failure     // in the order in which the tenants were first seen
	byTenant map[string]*Failure
	days     int
}

// Failure is what was counted of one tenant.
type Failure struct {
	diag.ReportFailure
	File int // where the last one stands, as Scan was told
}

// NewTally has counted nothing.
func NewTally() *Tally {
	return &Tally{seed: maphash.MakeSeed(), known: map[uint64]int{}, byTenant: map[string]*Failure{}}
}

// Scan begins a file, which has a number of its own.
func (t *Tally) Scan(file int) *LogScanner { return &LogScanner{tally: t, file: file} }

// Failures is what was counted, by tenant, in the order in which they were first seen. Its maps are those of the tally.
func (t *Tally) Failures() []Failure {
	var out []Failure
	for _, f := range t.failures {
		out = append(out, *f)
	}
	return out
}

// count adds a failure that a scanner has found.
func (t *Tally) count(s *LogScanner, f *failed) {
	if f.id != 0 {
		if in, ok := t.known[f.id]; ok && in != s.file {
			s.Repeated++
			return
		}
		if len(t.known) < maxKnown {
			t.known[f.id] = s.file
		}
	}
	r := t.byTenant[f.tenant]
	if r == nil {
		r = t.tenant(s, f.tenant)
	}
	r.Count++
	if f.invalid {
		r.Invalid++
	}
	if f.at.IsZero() {
		if r.Last == nil {
			r.latest(s, f)
		}
		return
	}
	if r.First == nil || f.at.Before(*r.First) {
		r.First = &f.at
	}
	if r.Last == nil || !f.at.Before(*r.Last) {
		r.Last = &f.at
		r.latest(s, f)
	}
	day := f.at.Format(time.DateOnly)
	if r.PerDay[day] == 0 {
		if t.days++; t.days > MaxDays {
			s.Crowded = true
			return
		}
	}
	r.PerDay[day]++
}

// tenant lists a tenant that is new.
func (t *Tally) tenant(s *LogScanner, name string) *Failure {
	if len(t.failures) >= MaxTenants {
		name, s.Crowded = otherTenant, true
		if r := t.byTenant[name]; r != nil {
			return r
		}
	}
	r := &Failure{ReportFailure: diag.ReportFailure{Tenant: name, PerDay: map[string]int{}}}
	t.failures, t.byTenant[name] = append(t.failures, r), r
	return r
}

// latest makes a failure the one that is shown of its tenant.
func (r *Failure) latest(s *LogScanner, f *failed) {
	r.File, r.Line, r.Text = s.file, int(f.line), f.text
	if f.instance != "" {
		r.Instance = f.instance
	}
}
