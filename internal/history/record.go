package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// head is what is kept of a run beside its devices.
type head struct {
	Tool     diag.Tool             `json:"tool"`
	Run      diag.Run              `json:"run"`
	Devices  diag.DeviceCounts     `json:"devices"`
	Findings map[diag.Severity]int `json:"findings"`
	Warnings int                   `json:"warnings"`
	Waived   int                   `json:"waived"`
}

// Record records a run in one transaction. When it returns nil the run survives whatever happens to the process.
func (s *Store) Record(ctx context.Context, r Recording) error {
	var devices []diag.DeviceResult
	for d, err := range r.Report.Devices {
		if err != nil {
			return fmt.Errorf("reading the results: %w", err)
		}
		devices = append(devices, d)
	}
	return s.write(ctx, "recording a run in", func(t tx) error {
		rec, err := newRecorder(t, r.Job)
		if err != nil {
			return err
		}
		if err := rec.devicesOf(devices); err != nil {
			return err
		}
		return rec.finish(r)
	})
}

// known is a device of a job.
type known struct {
	id        int64
	name, udi string
	present   bool // the last run had it
}

// open is a span that has not ended.
type open struct {
	part, value, summary int64
}

// recorder writes one run.
type recorder struct {
	tx
	run, job              int64
	known                 []known
	parts                 map[string]int64
	told                  map[int64]bool // details that this run has written
	spans, details, moved batch
}

// newRecorder takes the turn of this run: from here to the commit no other one records.
func newRecorder(t tx, job string) (*recorder, error) {
	r := &recorder{tx: t, parts: map[string]int64{}, told: map[int64]bool{},
		spans:   batch{tx: t, insert: "insert into span (device, part, first, rank, value, summary)"},
		details: batch{tx: t, insert: "insert into detail (hash, body)", tail: "on conflict (hash) do nothing"},
		moved: batch{tx: t, insert: "insert into device (id, job, name, udi, place, last, moving)",
			tail: "on conflict (id) do update set name = excluded.name, udi = excluded.udi, place = excluded.place, last = excluded.last, moving = excluded.moving"}}
	if _, err := t.one("update sequence set run = run + 1 returning run", nil, &r.run); err != nil {
		return nil, err
	}
	var err error
	if r.job, err = t.job(job); err != nil {
		return nil, err
	}
	var last int64
	if _, err := t.one("select coalesce(max(id), 0) from run where job = $1", []any{r.job}, &last); err != nil {
		return nil, err
	}
	err = t.each("select id, name, udi, last from device where job = $1 order by id", []any{r.job}, func(scan func(...any) error) error {
		var k known
		var when int64
		err := scan(&k.id, &k.name, &k.udi, &when)
		k.present = when == last
		r.known = append(r.known, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, t.each("select id, name from part", nil, func(scan func(...any) error) error {
		var id int64
		var name string
		err := scan(&id, &name)
		r.parts[name] = id
		return err
	})
}

// job is the number of a job, which is new when it has none. The caller holds the sequence.
func (t tx) job(name string) (int64, error) {
	var id int64
	ok, err := t.one("select id from job where name = $1", []any{name}, &id)
	if ok || err != nil {
		return id, err
	}
	_, err = t.one("insert into job (id, name) select coalesce(max(id), 0) + 1, $1 from job returning id", []any{name}, &id)
	return id, err
}

// chunk is how many devices are compared at once: as many as their open spans may take memory.
const chunk = 500

// devicesOf records the devices of the run, and the end of those it no longer has.
func (r *recorder) devicesOf(devices []diag.DeviceResult) error {
	same := match(r.known, devices)
	of := map[int64]int{}
	var fresh []int
	for i := range devices {
		if k := same[i]; k >= 0 {
			of[r.known[k].id] = i
		} else {
			fresh = append(fresh, i)
		}
	}
	for some := range slices.Chunk(r.known, chunk) {
		spans, err := r.open(some)
		if err != nil {
			return err
		}
		for _, k := range some {
			if i, ok := of[k.id]; ok {
				err = r.device(k, spans[k.id], &devices[i], i)
			} else {
				err = r.vanished(k, spans[k.id])
			}
			if err != nil {
				return err
			}
		}
	}
	var next int64
	if _, err := r.one("select coalesce(max(id), 0) from device", nil, &next); err != nil {
		return err
	}
	for _, i := range fresh {
		next++
		if err := r.device(known{id: next}, nil, &devices[i], i); err != nil {
			return err
		}
	}
	return nil
}

// open are the open spans of some devices, by device.
func (r *recorder) open(some []known) (map[int64][]open, error) {
	out := map[int64][]open{}
	var ids []int64
	for _, k := range some {
		ids = append(ids, k.id)
	}
	return out, r.each("select device, part, value, coalesce(summary, 0) from span where until is null and device in ("+list(ids)+")", nil,
		func(scan func(...any) error) error {
			var id int64
			var o open
			err := scan(&id, &o.part, &o.value, &o.summary)
			out[id] = append(out[id], o)
			return err
		})
}

// device records one device of the run.
func (r *recorder) device(k known, spans []open, d *diag.DeviceResult, place int) error {
	pieces, rest, err := split(*d)
	if err != nil {
		return fmt.Errorf("recording %s: %w", d.Name, err)
	}
	was := make(map[int64]open, len(spans))
	for _, o := range spans {
		was[o.part] = o
	}
	m := moving{Device: rest}
	var over []int64 // parts whose value is
	for _, p := range pieces {
		id, err := r.part(p.part)
		if err != nil {
			return err
		}
		o, there := was[id]
		delete(was, id)
		switch {
		case there && o.value == p.value.hash && o.summary == p.summary.hash:
		case there && o.value == p.value.hash:
			m.reword(p)
		default:
			if there {
				over = append(over, id)
			}
			if err := r.begin(k.id, id, p); err != nil {
				return err
			}
		}
	}
	if d.State.Answered() {
		for id := range was {
			over = append(over, id)
		}
	}
	if err := r.end(k.id, over); err != nil {
		return err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("recording %s: %w", d.Name, err)
	}
	if u := d.Platform.UDI(); u != "" {
		k.udi = u
	}
	return r.moved.add(k.id, r.job, d.Name, k.udi, place, r.run, string(body))
}

// reword keeps the wording of a verdict that is as it was in other words.
func (m *moving) reword(p piece) {
	if m.Wording == nil {
		m.Wording = map[string]wording{}
	}
	m.Wording[p.part[len(checkPart):]] = p.summary.value.(wording)
}

// vanished ends what is known of a device that the run no longer has.
func (r *recorder) vanished(k known, spans []open) error {
	var over []int64
	for _, o := range spans {
		over = append(over, o.part)
	}
	return r.end(k.id, over)
}

func (r *recorder) begin(device, part int64, p piece) error {
	for _, d := range []detail{p.value, p.summary} {
		if d.hash == 0 || r.told[d.hash] {
			continue
		}
		r.told[d.hash] = true
		body, err := json.Marshal(d.value)
		if err != nil {
			return fmt.Errorf("recording %s: %w", p.part, err)
		}
		if err := r.details.add(d.hash, string(body)); err != nil {
			return err
		}
	}
	if p.summary.hash == 0 {
		return r.spans.add(device, part, r.run, p.rank, p.value.hash, nil)
	}
	return r.spans.add(device, part, r.run, p.rank, p.value.hash, p.summary.hash)
}

// end ends the open spans of some parts. Those that begin with this run are not written yet or are none of them.
func (r *recorder) end(device int64, parts []int64) error {
	if len(parts) == 0 {
		return nil
	}
	return r.exec("update span set until = $1 where device = $2 and until is null and first < $1 and part in ("+list(parts)+")", r.run, device)
}

// part is the number of a part, which is new when it has none.
func (r *recorder) part(name string) (int64, error) {
	if id, ok := r.parts[name]; ok {
		return id, nil
	}
	var id int64
	if _, err := r.one("insert into part (id, name) select coalesce(max(id), 0) + 1, $1 from part returning id", []any{name}, &id); err != nil {
		return 0, err
	}
	r.parts[name] = id
	return id, nil
}

func (r *recorder) finish(rec Recording) error {
	for _, b := range []*batch{&r.details, &r.spans, &r.moved} {
		if err := b.flush(); err != nil {
			return err
		}
	}
	h := rec.Report
	body, err := json.Marshal(head{h.Tool, h.Run, h.Summary.Devices, h.Summary.Findings, h.Summary.Warnings, h.Summary.Waived})
	if err != nil {
		return err
	}
	return r.exec("insert into run (id, job, started, finished, every, head) values ($1, $2, $3, $4, $5, $6)",
		r.run, r.job, h.Run.Started.UnixMilli(), h.Run.Finished.UnixMilli(), rec.Every.Milliseconds(), string(body))
}

// match finds every device of a run among those of its job: by its UDI where that is one device on both sides, then
// by name; those of the run before first. -1 is a new device.
func match(old []known, devices []diag.DeviceResult) []int {
	out := make([]int, len(devices))
	for i := range out {
		out[i] = -1
	}
	taken := make([]bool, len(old))
	pair := func(present bool, ofOld func(known) string, ofNew func(*diag.DeviceResult) string) {
		where := map[string][]int{}
		for k, o := range old {
			if id := ofOld(o); id != "" && o.present == present && !taken[k] {
				where[id] = append(where[id], k)
			}
		}
		now := map[string][]int{}
		for i := range devices {
			if id := ofNew(&devices[i]); id != "" {
				now[id] = append(now[id], i)
			}
		}
		for id, i := range now {
			if k := where[id]; len(k) == 1 && len(i) == 1 && out[i[0]] < 0 {
				out[i[0]], taken[k[0]] = k[0], true
			}
		}
	}
	udi := func(k known) string { return k.udi }
	name := func(k known) string { return k.name }
	unit := func(d *diag.DeviceResult) string { return d.Platform.UDI() }
	called := func(d *diag.DeviceResult) string { return d.Name }
	pair(true, udi, unit)
	pair(true, name, called)
	pair(false, udi, unit)
	pair(false, name, called)
	return out
}

// milli is a time of the database.
func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
