package history

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Trouble is what a check had to say of one device.
type Trouble struct {
	Job     string     `json:"job"`
	Device  string     `json:"device"` // its name in the last run that had it
	UDI     string     `json:"udi"`
	Present bool       `json:"present"`      // the last run of the job had the device
	Now     string     `json:"now"`          // the verdict, or the last one known: "pass", "fail (high)"; "" when there is none
	Since   *time.Time `json:"open_since"`   // of a fault that is open, since it is as bad as now
	First   time.Time  `json:"first_opened"` //
	Opened  int        `json:"opened"`       // how often it opened; more than once is flapping
	OpenS   int64      `json:"open_s"`       // for how long in all, up to the last run of the job
}

// Check are the devices on which a check ever failed or warned, those with open faults first. ErrNone when no run had
// the check.
func (s *Store) Check(ctx context.Context, check string) ([]Trouble, error) {
	var out []Trouble
	known := false
	err := s.eachJob(ctx, func(l *lens, j jobRow) error {
		part := l.ids[checkPart+check]
		if part == 0 {
			return nil
		}
		known = true
		some, err := l.troubles(j, part)
		out = append(out, some...)
		return err
	})
	if err == nil && !known {
		err = ErrNone
	}
	slices.SortStableFunc(out, func(a, b Trouble) int {
		rank := func(t Trouble) int {
			if t.Since != nil {
				return 0
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Job, b.Job), cmp.Compare(rank(a), rank(b)), cmp.Compare(b.OpenS, a.OpenS), strings.Compare(a.Device, b.Device))
	})
	return out, err
}

// jobRow is a job and its last run.
type jobRow struct {
	id, last int64
	name     string
}

// eachJob looks at every job, in the order in which they began.
func (s *Store) eachJob(ctx context.Context, look func(*lens, jobRow) error) error {
	return s.read(ctx, "reading", func(t tx) error {
		jobs, err := t.jobs()
		if err != nil {
			return err
		}
		for _, j := range jobs {
			l, err := t.lens(j.id)
			if err != nil {
				return err
			}
			if err := look(l, j); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t tx) jobs() ([]jobRow, error) {
	var out []jobRow
	return out, t.each("select job.id, job.name, max(run.id) from job join run on run.job = job.id group by job.id, job.name order by job.id", nil,
		func(scan func(...any) error) error {
			var j jobRow
			err := scan(&j.id, &j.name, &j.last)
			out = append(out, j)
			return err
		})
}

// troubles are the devices of a job on which a part ever was at fault.
func (l *lens) troubles(j jobRow, part int64) ([]Trouble, error) {
	who := map[int64]Trouble{}
	err := l.each("select id, name, udi, last from device where job = $1", []any{j.id}, func(scan func(...any) error) error {
		t := Trouble{Job: j.name}
		var id, last int64
		err := scan(&id, &t.Device, &t.UDI, &last)
		t.Present = last == j.last
		who[id] = t
		return err
	})
	if err != nil {
		return nil, err
	}
	spans, err := l.spans("part = $1 and device in (select device from span where part = $1 and rank > 1) and device in (select id from device where job = $2)", part, j.id)
	if err != nil {
		return nil, err
	}
	if err := l.known.load(spans, false); err != nil {
		return nil, err
	}
	var out []Trouble
	for some := range bySpan(spans) {
		t := who[some[0].device]
		if last := some[len(some)-1]; last.until == 0 {
			t.Now = words(checkPart, l.known.body[last.value])
		}
		all, err := episodes(checkPart, slices.DeleteFunc(slices.Clone(some), func(s span) bool { return s.rank == fine }), l.known)
		if err != nil {
			return nil, err
		}
		for i, e := range all {
			if i == 0 || e.reopened {
				t.Opened++
			}
			t.OpenS += int64(l.lasted(e, j.last) / time.Second)
			if e.until == 0 {
				t.Since = new(l.times[e.first])
			}
		}
		t.First = l.times[all[0].first]
		out = append(out, t)
	}
	return out, nil
}

// lasted is how long a fault was open, up to a run when it still is; 0 when the clock went back in between.
func (l *lens) lasted(e episode, last int64) time.Duration {
	return max(0, l.times[cmp.Or(e.until, last)].Sub(l.times[e.first]))
}
