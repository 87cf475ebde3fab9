package history

import (
	"context"
	"slices"
	"time"
)

// slow is from how many runs the age of the history is told: one run with a wrong clock makes nothing old.
const slow = 10

// Retain forgets what ended longer ago than a time, counted from the oldest of the last runs and not from the
// clock: a clock that jumps ahead for a night must not cost a year.
func (s *Store) Retain(ctx context.Context, keep time.Duration) error {
	var now *int64
	err := s.read(ctx, "reading", func(t tx) error {
		_, err := t.one("select min(started) from (select started from run order by id desc limit $1) as recent", []any{slow}, &now)
		return err
	})
	if err != nil || now == nil {
		return err
	}
	_, err = s.Prune(ctx, milli(*now).Add(-keep))
	return err
}

// Prune forgets what ended before a time, and jobs that ran last before it. What is still so in a job that runs is
// kept however old it is. It returns how many spans it has forgotten.
func (s *Store) Prune(ctx context.Context, before time.Time) (forgotten int64, err error) {
	err = s.alone(ctx, func(t tx) error {
		old, err := t.ints("select id from run where started < $1", before.UnixMilli())
		if err != nil || len(old) == 0 {
			return err
		}
		dead, err := t.ints("select job from run group by job having max(started) < $1", before.UnixMilli())
		if err != nil {
			return err
		}
		forgotten, err = t.drop(old, dead)
		return err
	})
	return forgotten, err
}

// Forget forgets a job with everything that its runs found, and returns how many spans that were. ErrNone when there is
// no job of this name.
func (s *Store) Forget(ctx context.Context, job string) (forgotten int64, err error) {
	err = s.alone(ctx, func(t tx) error {
		dead, err := t.ints("select id from job where name = $1", job)
		if err == nil && len(dead) == 0 {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		forgotten, err = t.drop(nil, dead)
		return err
	})
	return forgotten, err
}

// alone writes while nobody records.
func (s *Store) alone(ctx context.Context, do func(tx) error) error {
	return s.write(ctx, "pruning", func(t tx) error {
		if err := t.exec("update sequence set run = run"); err != nil {
			return err
		}
		return do(t)
	})
}

// drop forgets what ended in old runs, and jobs.
func (t tx) drop(old, jobs []int64) (int64, error) {
	gone := "(until in (" + list(old) + ") or device in (select id from device where job in (" + list(jobs) + ")))"
	details, err := t.ints("select value from span where " + gone + " union select summary from span where summary is not null and " + gone)
	if err != nil {
		return 0, err
	}
	did, err := t.ExecContext(t.ctx, "delete from span where "+gone)
	if err != nil {
		return 0, err
	}
	forgotten, err := did.RowsAffected()
	if err != nil {
		return 0, err
	}
	for _, do := range []string{
		"delete from device where not exists (select 1 from span where span.device = device.id)",
		"delete from run where job in (" + list(jobs) + ")",
		"delete from note where job in (" + list(jobs) + ")",
		"delete from job where id in (" + list(jobs) + ")",
		// What began in a run needs its time.
		"delete from run where id in (" + list(old) + ") and id not in (select last from device) and id not in (select max(id) from run group by job)" +
			" and id not in (select first from span where first in (" + list(old) + ")) and id not in (select until from span where until in (" + list(old) + "))",
	} {
		if err := t.exec(do); err != nil {
			return 0, err
		}
	}
	return forgotten, t.forget(details)
}

// forget drops details that no span has any more.
func (t tx) forget(details []int64) error {
	for chunk := range slices.Chunk(details, listed) {
		some := list(chunk)
		err := t.exec("delete from detail where hash in (" + some + ") and hash not in (select value from span where value in (" + some +
			")) and hash not in (select summary from span where summary in (" + some + "))")
		if err != nil {
			return err
		}
	}
	return nil
}

func (t tx) ints(query string, args ...any) ([]int64, error) {
	var out []int64
	return out, t.each(query, args, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		out = append(out, n)
		return err
	})
}

// Shrink gives back the room of what was pruned.
func (s *Store) Shrink(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "vacuum")
	return s.fail("shrinking", err)
}
