package history

import (
	"context"
	"encoding/json"
	"time"
)

// Line is one line of an export. Its kind says which of the fields are set.
type Line struct {
	Kind    string          `json:"kind"`               // run, device, span or note
	Run     *Run            `json:"run,omitempty"`      // of kind run; jobs are named by their runs
	Job     string          `json:"job,omitempty"`      // of the other kinds
	Device  int64           `json:"device,omitempty"`   // number, of kind device and span
	Name    string          `json:"name,omitempty"`     // of kind device: in the last run that had it; of kind note: the key
	UDI     string          `json:"udi,omitempty"`      // of kind device
	Last    int64           `json:"last_run,omitempty"` // of kind device: the last run that had it
	Part    string          `json:"part,omitempty"`     // of kind span: "state", "check:ID" and so on
	First   int64           `json:"first,omitempty"`    // of kind span: the run that saw it first
	Until   int64           `json:"until,omitempty"`    // of kind span: the run that saw it no more; left out: it is still so
	Value   json.RawMessage `json:"value,omitempty"`    // of kind span
	Wording json.RawMessage `json:"wording,omitempty"`  // of kind span, of checks: in words, when it began
	At      *time.Time      `json:"at,omitempty"`       // of kind note
}

// Export writes everything that is kept, one line after the other: runs, devices, their spans, notes.
func (s *Store) Export(ctx context.Context, write func(Line) error) error {
	return s.read(ctx, "exporting", func(t tx) error {
		runs, err := t.allRuns("")
		if err != nil {
			return err
		}
		for _, r := range runs {
			if err := write(Line{Kind: "run", Run: &r}); err != nil {
				return err
			}
		}
		err = t.each("select device.id, job.name, device.name, device.udi, device.last from device join job on job.id = device.job order by device.id", nil,
			func(scan func(...any) error) error {
				l := Line{Kind: "device"}
				if err := scan(&l.Device, &l.Job, &l.Name, &l.UDI, &l.Last); err != nil {
					return err
				}
				return write(l)
			})
		if err != nil {
			return err
		}
		err = t.each("select job.name, s.device, part.name, s.first, coalesce(s.until, 0), v.body, coalesce(w.body, '') from span s join device on device.id = s.device"+
			" join job on job.id = device.job join part on part.id = s.part join detail v on v.hash = s.value left join detail w on w.hash = s.summary"+
			" order by s.device, s.part, s.first", nil, func(scan func(...any) error) error {
			l := Line{Kind: "span"}
			var value, wording []byte
			if err := scan(&l.Job, &l.Device, &l.Part, &l.First, &l.Until, &value, &wording); err != nil {
				return err
			}
			l.Value, l.Wording = value, wording
			return write(l)
		})
		if err != nil {
			return err
		}
		return t.each("select job.name, note.name, note.at from note join job on job.id = note.job order by job.id, note.name", nil,
			func(scan func(...any) error) error {
				l := Line{Kind: "note"}
				var ms int64
				if err := scan(&l.Job, &l.Name, &ms); err != nil {
					return err
				}
				l.At = new(milli(ms))
				return write(l)
			})
	})
}
