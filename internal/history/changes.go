package history

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// moment is a run and when it was.
type moment struct {
	id int64
	at time.Time
}

// runs are the last runs of a job, the oldest first; all of them when last is 0.
func (t tx) runs(job int64, last int) ([]moment, error) {
	var out []moment
	query := "select id, started from run where job = $1 order by id desc"
	args := []any{job}
	if last > 0 {
		query, args = query+" limit $2", append(args, last)
	}
	err := t.each(query, args, func(scan func(...any) error) error {
		var m moment
		var ms int64
		err := scan(&m.id, &ms)
		m.at = milli(ms)
		out = append(out, m)
		return err
	})
	slices.Reverse(out)
	return out, err
}

// jobID is the number of a job; 0 when there is none.
func (t tx) jobID(name string) (id int64, err error) {
	_, err = t.one("select id from job where name = $1", []any{name}, &id)
	return id, err
}

// Changes are the parts that changed at least once within the last runs of a job.
func (s *Store) Changes(ctx context.Context, job string, runs int) ([]Series, error) {
	var out []Series
	err := s.read(ctx, "reading", func(t tx) error {
		id, err := t.jobID(job)
		if err != nil || id == 0 {
			return err
		}
		window, err := t.runs(id, runs)
		if err != nil || len(window) < 2 {
			return err
		}
		out, err = t.series(id, window)
		return err
	})
	return out, err
}

// key is a part of a device.
type key struct{ device, part int64 }

func (t tx) series(job int64, window []moment) ([]Series, error) {
	names, err := t.partNames()
	if err != nil {
		return nil, err
	}
	var changed []key
	var devices []int64
	byID := map[int64]Series{}
	err = t.each("select distinct d.id, d.name, d.udi, s.part from span s join device d on d.id = s.device where d.job = $1 and s.until > $2 order by d.id, s.part",
		[]any{job, window[0].id}, func(scan func(...any) error) error {
			var k key
			var d Series
			err := scan(&k.device, &d.Device, &d.UDI, &k.part)
			if byID[k.device].Device == "" {
				byID[k.device] = d
				devices = append(devices, k.device)
			}
			changed = append(changed, k)
			return err
		})
	if err != nil {
		return nil, err
	}
	known := newDetails(t)
	of := map[key][]span{}
	for some := range slices.Chunk(devices, listed) {
		spans, err := t.spans("(until is null or until > $1) and device in ("+list(some)+")", window[0].id)
		if err != nil {
			return nil, err
		}
		if err := known.load(spans, false); err != nil {
			return nil, err
		}
		for _, s := range spans {
			of[key{s.device, s.part}] = append(of[key{s.device, s.part}], s)
		}
	}
	var state int64
	for id, name := range names {
		if name == "state" {
			state = id
		}
	}
	var out []Series
	for _, k := range changed {
		d := byID[k.device]
		d.Part = names[k.part]
		d.Points = points(window, d.Part, of[k], of[key{k.device, state}], known)
		if slices.ContainsFunc(d.Points, func(p Point) bool { return p.Value != d.Points[0].Value }) {
			out = append(out, d)
		}
	}
	return out, nil
}

// points are the values of a part in the runs that could see it.
func points(window []moment, part string, values, states []span, known *details) []Point {
	blind := slices.ContainsFunc(parts, func(p partKind) bool { return p.name == part && !p.seen })
	var out []Point
	for i, run := range window {
		state := at(states, run.id)
		if !blind && (state == nil || !seen(state.rank, known.body[state.value])) {
			continue
		}
		p := Point{Run: i, At: run.at}
		if v := at(values, run.id); v != nil {
			p.Value = words(part, known.body[v.value])
		}
		out = append(out, p)
	}
	return out
}

// at is the span that holds in a run; nil when there is none.
func at(spans []span, run int64) *span {
	for i := range spans {
		if s := &spans[i]; s.first <= run && (s.until == 0 || s.until > run) {
			return s
		}
	}
	return nil
}

// seen reports whether a device answered, by the value of its state.
func seen(rank int, body []byte) bool {
	return rank == fine || strings.HasPrefix(words("state", body), string(diag.Partial))
}

// Opened is since when the present fault of a part is open; false when the part is not at fault. A device is named as
// in the last run. Verdicts that are equally bad are one fault, and so are those before and after an unknown one.
func (s *Store) Opened(ctx context.Context, job, device, part string) (time.Time, bool, error) {
	var since time.Time
	var open bool
	err := s.read(ctx, "reading", func(t tx) error {
		var id, partID int64
		ok, err := t.one("select device.id, part.id from device join job on job.id = device.job, part where job.name = $1 and device.name = $2"+
			" and part.name = $3 order by device.last desc, device.id desc limit 1", []any{job, device, part}, &id, &partID)
		if !ok || err != nil {
			return err
		}
		spans, err := t.spans("device = $1 and part = $2 and rank > 0", id, partID)
		if err != nil {
			return err
		}
		known := newDetails(t)
		if err := known.load(spans, false); err != nil {
			return err
		}
		all, err := episodes(part, spans, known)
		if err != nil || len(all) == 0 || all[len(all)-1].until != 0 {
			return err
		}
		var ms int64
		open, err = t.one("select started from run where id = $1", []any{all[len(all)-1].first}, &ms)
		since = milli(ms)
		return err
	})
	return since, open, err
}

// Sight is a part of a device, which is named as in the last run.
type Sight struct{ Device, Part string }

// Lost are the verdicts that the last run of a job could not make and an earlier one could, with the start of the first
// run that could not.
func (s *Store) Lost(ctx context.Context, job string) (map[Sight]time.Time, error) {
	out := map[Sight]time.Time{}
	err := s.read(ctx, "reading", func(t tx) error {
		return t.each("select device.name, part.name, max(run.started) from span"+
			" join device on device.id = span.device join job on job.id = device.job join part on part.id = span.part"+
			" join span known on known.device = span.device and known.part = span.part and known.rank <> 1"+
			" join run on run.id = known.until"+
			" where span.rank > 0 and span.rank = 1 and span.until is null and job.name = $1 group by device.name, part.name",
			[]any{job}, func(scan func(...any) error) error {
				var sight Sight
				var ms int64
				err := scan(&sight.Device, &sight.Part, &ms)
				out[sight] = milli(ms)
				return err
			})
	})
	return out, err
}

// episode is a fault from its beginning to its end.
type episode struct {
	first, until int64 // runs; until 0: it is open
	last         span  // its last value
	reopened     bool  // it was open before, and not in between
	grave        string
}

// episodes are the faults of one part of one device, out of its spans that are not fine.
func episodes(part string, spans []span, known *details) ([]episode, error) {
	var out []episode
	var end int64 // of the last span that may belong to a fault
	for _, s := range spans {
		bad := s.rank > unknown || part == "state"
		touches := len(out) > 0 && end == s.first
		if !bad {
			if touches {
				end = s.until
			}
			continue
		}
		grave := "not examined"
		if part != "state" {
			v, err := known.verdict(s.value)
			if err != nil {
				return nil, err
			}
			grave = v.result("", wording{}).Words()
		}
		if last := len(out) - 1; touches && out[last].grave == grave {
			out[last].until, out[last].last = s.until, s
		} else {
			out = append(out, episode{s.first, s.until, s, len(out) > 0 && !touches, grave})
		}
		end = s.until
	}
	return out, nil
}

// Note remembers for a job when something was done, such as the last reminder.
func (s *Store) Note(ctx context.Context, job, key string, at time.Time) error {
	return s.write(ctx, "writing", func(t tx) error {
		if err := t.exec("update sequence set run = run"); err != nil {
			return err
		}
		id, err := t.job(job)
		if err != nil {
			return err
		}
		return t.exec("insert into note (job, name, at) values ($1, $2, $3) on conflict (job, name) do update set at = excluded.at", id, key, at.UnixMilli())
	})
}

// Noted is what Note remembered, in UTC and to the millisecond; the zero time and false when it has not.
func (s *Store) Noted(ctx context.Context, job, key string) (when time.Time, ok bool, err error) {
	err = s.read(ctx, "reading", func(t tx) error {
		var ms int64
		if ok, err = t.one("select note.at from note join job on job.id = note.job where job.name = $1 and note.name = $2", []any{job, key}, &ms); ok {
			when = milli(ms)
		}
		return err
	})
	return when, ok, err
}

// Notes is everything that Note remembers of a job, by key.
func (s *Store) Notes(ctx context.Context, job string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := s.read(ctx, "reading", func(t tx) error {
		return t.each("select note.name, note.at from note join job on job.id = note.job where job.name = $1", []any{job}, func(scan func(...any) error) error {
			var key string
			var ms int64
			err := scan(&key, &ms)
			out[key] = milli(ms)
			return err
		})
	})
	return out, err
}

// Bad are the distinct failures and warnings of the last runs of every job. The device has its name, address, tags,
// groups, state, platform and topology as they were known last.
func (s *Store) Bad(ctx context.Context, runs int) iter.Seq2[Sighting, error] {
	return func(yield func(Sighting, error) bool) {
		var all []Sighting
		err := s.read(ctx, "reading", func(t tx) error {
			jobs, err := t.ints("select id from job order by id")
			if err != nil {
				return err
			}
			for _, job := range jobs {
				window, err := t.runs(job, runs)
				if err != nil || len(window) == 0 {
					return err
				}
				some, err := t.sightings(job, window[0].id)
				if err != nil {
					return err
				}
				all = append(all, some...)
			}
			return nil
		})
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			yield(Sighting{}, err)
		}
	}
}

// declared are the parts that say what a device is.
var declared = []string{"name", "address", "tags", "groups", "state", "udi", "platform", "topology"}

func (t tx) sightings(job, from int64) ([]Sighting, error) {
	names, err := t.partNames()
	if err != nil {
		return nil, err
	}
	bad, err := t.spans("rank > 1 and (until is null or until > $1) and device in (select id from device where job = $2)", from, job)
	if err != nil {
		return nil, err
	}
	var wanted []int64
	for id, name := range names {
		if slices.Contains(declared, name) {
			wanted = append(wanted, id)
		}
	}
	told, err := t.spans("part in ("+list(wanted)+") and device in (select id from device where job = $1)", job)
	if err != nil {
		return nil, err
	}
	known := newDetails(t)
	if err := known.load(bad, true); err != nil {
		return nil, err
	}
	if err := known.load(told, true); err != nil {
		return nil, err
	}
	value := map[key]int64{} // the last one wins
	for _, s := range told {
		value[key{s.device, s.part}] = s.value
	}
	var out []Sighting
	var d diag.DeviceResult
	type sight struct{ device, part, value int64 }
	device, said := int64(0), map[sight]bool{}
	for _, s := range bad {
		if s.device != device {
			device, d = s.device, diag.DeviceResult{}
			for _, p := range parts {
				for id, name := range names {
					if hash, ok := value[key{device, id}]; ok && name == p.name {
						if err := p.give(&d, known.body[hash]); err != nil {
							return nil, err
						}
					}
				}
			}
		}
		if this := (sight{s.device, s.part, s.value}); said[this] {
			continue
		} else {
			said[this] = true
		}
		v, err := known.verdict(s.value)
		if err != nil {
			return nil, err
		}
		w, err := known.wording(s.summary)
		if err != nil {
			return nil, err
		}
		out = append(out, Sighting{d, v.result(strings.TrimPrefix(names[s.part], checkPart), w)})
	}
	return out, nil
}
