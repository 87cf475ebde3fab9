package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"slpdoctor/internal/diag"
)

// Job is what is run again and again.
type Job struct {
	Name     string     `json:"job"`
	Every    int64      `json:"every_s"`      // seconds between runs, as of the last scheduled one; 0: not scheduled
	Runs     int        `json:"runs"`         // that are kept
	Success  *time.Time `json:"last_success"` // start of the last run that was not interrupted and examined a device; nil: none
	Next     *time.Time `json:"next"`         // when the next run is expected; nil: not scheduled
	Overdue  int64      `json:"overdue_s"`    // seconds since then; 0: it is not overdue
	Ahead    int64      `json:"ahead_s"`      // seconds by which the last run lies in the future of the clock that asks
	Recorded []Run      `json:"recorded"`     // the last ones, the newest first

	since time.Time // start of the last success of the schedule, or of its first run when there was none
}

// Run is a recorded run.
type Run struct {
	Number      int64                 `json:"run"` // in the order of recording
	ID          string                `json:"id"`
	Job         string                `json:"job"`
	Started     time.Time             `json:"started"`
	Finished    time.Time             `json:"finished"`
	Version     string                `json:"version"` // of the program
	Interrupted bool                  `json:"interrupted"`
	Devices     diag.DeviceCounts     `json:"devices"`
	Findings    map[diag.Severity]int `json:"findings"`
	Warnings    int                   `json:"warnings"`
	Waived      int                   `json:"waived"`
	Back        bool                  `json:"clock_went_back"` // it was recorded after a run that was started later

	job   int64
	every time.Duration
}

// succeeded reports whether the run came to its end and examined something.
func (r *Run) succeeded() bool { return diag.Run{Interrupted: r.Interrupted}.Succeeded(r.Devices) }

// Jobs are all jobs, each with its last runs. Now decides what is overdue.
func (s *Store) Jobs(ctx context.Context, now time.Time, last int) ([]Job, error) {
	var out []Job
	err := s.read(ctx, "reading", func(t tx) error {
		runs, err := t.allRuns("")
		if err != nil {
			return err
		}
		of := map[int64]int{}
		for _, r := range runs {
			i, ok := of[r.job]
			if !ok {
				i = len(out)
				of[r.job] = i
				out = append(out, Job{Name: r.Job, Recorded: []Run{}})
			}
			out[i].add(r)
		}
		return nil
	})
	for i := range out {
		out[i].finish(now, last)
	}
	return out, err
}

func (j *Job) add(r Run) {
	j.Runs++
	if r.every > 0 { // a run by hand in between does not end the schedule, nor does it stand in for it
		j.Every = int64(r.every / time.Second)
		if r.succeeded() || j.since.IsZero() {
			j.since = r.Started
		}
	}
	if r.succeeded() {
		j.Success = &r.Started
	}
	j.Recorded = append(j.Recorded, r)
}

func (j *Job) finish(now time.Time, last int) {
	newest := j.Recorded[len(j.Recorded)-1]
	j.Ahead = max(0, int64(newest.Started.Sub(now)/time.Second))
	if j.Every > 0 {
		j.Next = new(j.since.Add(time.Duration(j.Every) * time.Second))
		j.Overdue = max(0, int64(now.Sub(*j.Next)/time.Second))
	}
	slices.Reverse(j.Recorded)
	if last > 0 {
		j.Recorded = j.Recorded[:min(last, len(j.Recorded))]
	}
}

// allRuns are runs with what was counted in them, in the order of recording. Where begins with "where", or is "".
func (t tx) allRuns(where string, args ...any) ([]Run, error) {
	var out []Run
	latest := map[int64]time.Time{}
	return out, t.each("select run.id, run.job, job.name, run.every, run.head from run join job on job.id = run.job "+where+" order by run.id", args,
		func(scan func(...any) error) error {
			var r Run
			var every int64
			var text string
			if err := scan(&r.Number, &r.job, &r.Job, &every, &text); err != nil {
				return err
			}
			var h head
			if err := json.Unmarshal([]byte(text), &h); err != nil {
				return fmt.Errorf("reading run %d: %w", r.Number, err)
			}
			r.ID, r.Started, r.Finished, r.Interrupted, r.Version = h.Run.ID, h.Run.Started, h.Run.Finished, h.Run.Interrupted, h.Tool.Version
			r.Devices, r.Findings, r.Warnings, r.Waived = h.Devices, h.Findings, h.Warnings, h.Waived
			r.every = time.Duration(every) * time.Millisecond
			r.Back = r.Started.Before(latest[r.job])
			latest[r.job] = r.Started
			out = append(out, r)
			return nil
		})
}
