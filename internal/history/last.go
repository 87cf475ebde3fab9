package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// Last is the run of a job that was recorded last; nil when there is none.
func (s *Store) Last(ctx context.Context, job string) (*Recorded, error) {
	return s.last(ctx, job, false)
}

// Known is Last with what earlier runs found of the devices that the last one could not examine: their state is that of
// the last run, their platform, facts and results are those of the last time they answered.
func (s *Store) Known(ctx context.Context, job string) (*Recorded, error) {
	return s.last(ctx, job, true)
}

func (s *Store) last(ctx context.Context, job string, remember bool) (*Recorded, error) {
	var out *Recorded
	err := s.read(ctx, "reading", func(t tx) error {
		var run, id int64
		var text string
		ok, err := t.one("select run.id, job.id, run.head from run join job on job.id = run.job where job.name = $1 order by run.id desc limit 1",
			[]any{job}, &run, &id, &text)
		if !ok || err != nil {
			return err
		}
		var h head
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return fmt.Errorf("reading run %d: %w", run, err)
		}
		out = &Recorded{Tool: h.Tool, Run: h.Run, Job: job}
		out.Devices, err = t.restore(id, run, remember)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// restored is a device on its way back.
type restored struct {
	id     int64
	device diag.DeviceResult
	moved  moving
}

// restore puts the devices of the last run of a job together again, in the order of that run, with what was known of
// them before if remember is set.
func (t tx) restore(job, run int64, remember bool) ([]diag.DeviceResult, error) {
	var all []restored
	err := t.each("select id, moving from device where job = $1 and last = $2 order by place", []any{job, run}, func(scan func(...any) error) error {
		var r restored
		var text string
		if err := scan(&r.id, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &r.moved); err != nil {
			return fmt.Errorf("reading device %d: %w", r.id, err)
		}
		r.device = r.moved.Device
		all = append(all, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, err := t.partNames()
	if err != nil {
		return nil, err
	}
	known := newDetails(t)
	out := make([]diag.DeviceResult, 0, len(all))
	for some := range slices.Chunk(all, chunk) {
		var ids []int64
		for _, r := range some {
			ids = append(ids, r.id)
		}
		spans, err := t.spans("until is null and device in (" + list(ids) + ")")
		if err != nil {
			return nil, err
		}
		if err := known.load(spans, true); err != nil {
			return nil, err
		}
		for _, r := range some {
			i, _ := slices.BinarySearchFunc(spans, r.id, func(s span, id int64) int { return int(s.device - id) })
			j := i
			for j < len(spans) && spans[j].device == r.id {
				j++
			}
			if err := r.join(spans[i:j], names, known, remember); err != nil {
				return nil, fmt.Errorf("reading %s: %w", r.device.Name, err)
			}
			out = append(out, r.device)
		}
	}
	return out, nil
}

// join puts the parts of a device back. Spans are its open ones, by part.
func (r *restored) join(spans []span, names map[int64]string, known *details, remember bool) error {
	body := map[string]int64{}
	for _, s := range spans {
		body[names[s.part]] = s.value
	}
	give := func(seen bool) error {
		for _, p := range parts {
			hash, ok := body[p.name]
			if p.seen != seen || !ok {
				continue
			}
			if err := p.give(&r.device, known.body[hash]); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		return nil
	}
	err := give(false)
	switch {
	case err != nil || !r.device.State.Answered() && !remember:
		return err
	case !r.device.State.Answered():
		r.device.Results = nil // verdicts on a device of another platform know nothing
	}
	if err := give(true); err != nil || len(r.device.Results) > 0 {
		return err
	}
	r.device.Results = make([]diag.Result, 0, len(spans))
	for _, s := range spans {
		id, isCheck := strings.CutPrefix(names[s.part], checkPart)
		if !isCheck {
			continue
		}
		v, err := known.verdict(s.value)
		if err != nil {
			return err
		}
		w, moved := r.moved.Wording[id]
		if !moved {
			if w, err = known.wording(s.summary); err != nil {
				return err
			}
		}
		r.device.Results = append(r.device.Results, v.result(id, w))
	}
	return nil
}

// span is a value of a part from one run to another.
type span struct {
	device, part, first int64
	until               int64 // 0: it is still so
	rank                int
	value, summary      int64
}

// spans are those for which a condition holds, by device, part and time.
func (t tx) spans(where string, args ...any) ([]span, error) {
	var out []span
	return out, t.each("select device, part, first, coalesce(until, 0), rank, value, coalesce(summary, 0) from span where "+where+
		" order by device, part, first", args, func(scan func(...any) error) error {
		var s span
		err := scan(&s.device, &s.part, &s.first, &s.until, &s.rank, &s.value, &s.summary)
		out = append(out, s)
		return err
	})
}

func (t tx) partNames() (map[int64]string, error) {
	out := map[int64]string{}
	return out, t.each("select id, name from part", nil, func(scan func(...any) error) error {
		var id int64
		var name string
		err := scan(&id, &name)
		out[id] = name
		return err
	})
}

// details are the texts that are at hand, each read once.
type details struct {
	tx
	body     map[int64][]byte
	verdicts map[int64]verdict
	wordings map[int64]wording
}

func newDetails(t tx) *details {
	return &details{t, map[int64][]byte{}, map[int64]verdict{}, map[int64]wording{}}
}

// load reads the values of spans, and their summaries if asked for.
func (d *details) load(spans []span, summaries bool) error {
	missing := map[int64]bool{}
	for _, s := range spans {
		for _, hash := range []int64{s.value, s.summary} {
			if _, have := d.body[hash]; !have && hash != 0 && (summaries || hash == s.value) {
				missing[hash] = true
			}
		}
	}
	var wanted []int64
	for hash := range missing {
		wanted = append(wanted, hash)
	}
	for some := range slices.Chunk(wanted, listed) {
		err := d.each("select hash, body from detail where hash in ("+list(some)+")", nil, func(scan func(...any) error) error {
			var hash int64
			var body []byte
			err := scan(&hash, &body)
			d.body[hash] = body
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *details) verdict(hash int64) (verdict, error) { return decoded(d.body, d.verdicts, hash) }
func (d *details) wording(hash int64) (wording, error) { return decoded(d.body, d.wordings, hash) }

// decoded is a detail as a value, decoded once. A detail that is not there is damage.
func decoded[T any](bodies map[int64][]byte, at map[int64]T, hash int64) (T, error) {
	v, ok := at[hash]
	if ok {
		return v, nil
	}
	if err := json.Unmarshal(bodies[hash], &v); err != nil {
		return v, fmt.Errorf("reading detail %d: %w", hash, err)
	}
	at[hash] = v
	return v, nil
}
