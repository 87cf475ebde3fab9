package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/lock"
	"slpdoctor/internal/report"
	"slpdoctor/internal/transition"
	"slpdoctor/inventory"
)

func transitionsSchema() (*jsonschema.Schema, error) {
	return jsonschema.For[transition.Document](nil)
}

// cronFormats are the formats of what a scheduled run tells, the default first.
var cronFormats = []string{"table", "json"}

// cron is a run on schedule: alone, without a terminal, and telling only what has changed.
type cron struct {
	on     bool
	jitter age
	every  age

	forms  []form
	folder string // the state folder
}

func (k *cron) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&k.on, "cron", false, "a scheduled run: prints only what is new, worse, better or resolved since the last run of the same job, "+
		"nothing and exit status 0 when that is nothing; -o "+strings.Join(cronFormats, "|")+" is what it tells, -o FORMAT=PATH the run")
	k.every = day
	f.Var(&k.jitter, "jitter", "with --cron, wait before the start, up to `D`: always the same on one machine for one job, another elsewhere")
	f.Var(&k.every, "every", "with --cron, how often the job runs, such as 1d or 6h, so that a missing run is noticed")
}

// settle makes a scheduled run of the flags, before anything is contacted.
func (k *cron) settle(a *app, o *runCommand) error {
	if !k.on {
		return nil
	}
	switch {
	case o.baseline != "":
		return usage(errors.New("--cron and --baseline are two ways to compare"), "leave one of them out")
	case o.askPass || o.askEnable:
		return usage(errors.New("--cron cannot ask for a password"), "docs/credentials.md has the other ways to give one")
	case k.every == 0:
		return usage(errors.New("--every must be longer than nothing"), "")
	}
	var err error
	if k.forms, err = o.giveWay(cronFormats); err != nil {
		return err
	}
	o.prompt = func(context.Context, string) (inventory.Secret, error) {
		return inventory.Secret{}, errors.New("it would have to be asked for, and --cron has nobody to ask; docs/credentials.md has the other ways")
	}
	a.color, a.ErrTTY, a.quiet = "never", false, a.quiet || a.verbose == 0
	return nil
}

// job names what is run, in the words of its flags: runs of different scope are not compared. Files are named by their
// whole path, for another folder has another inventory.yaml.
func (o *runCommand) job(hosts []string) string {
	var words []string
	add := func(flag string, values ...string) {
		for _, v := range values {
			words = append(words, flag, v)
		}
	}
	for _, src := range o.sources {
		if abs, err := filepath.Abs(src); err == nil && src != "-" {
			src = abs
		}
		add("-i", src)
	}
	add("-l", o.limit...)
	add("--exclude", o.exclude...)
	add("--checks", o.only...)
	add("--skip", o.skip...)
	return strings.Join(append(words, hosts...), " ")
}

// begin waits for the job's turn, takes the lock of the state folder and opens the history in it. What it returns
// compares the run with the one before; the function gives everything back.
func (k *cron) begin(a *app, o *runCommand, job string) (then func(*diag.Report) error, done func(), err error) {
	if k.folder, err = a.stateFolder(); err != nil {
		return nil, nil, err
	}
	release, err := k.lock(a, job)
	if err != nil {
		return nil, nil, err
	}
	store, err := o.archive.open(a, "sqlite")
	if err == nil && store == nil {
		err = usage(errors.New("--cron needs a history: without one nothing is known of the run before"), "leave --history off out")
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	done = func() { o.archive.close(a, store); release() }
	p, err := remember(a.Context, store, job)
	if err != nil {
		done()
		return nil, nil, usage(err, hintOf(err))
	}
	o.schedule, o.before = report.Schedule{Success: p.success, Next: a.Now().Add(time.Duration(k.every))}, p.before
	return func(r *diag.Report) error { return k.tell(a, o, p, r) }, done, nil
}

// lock waits for the job's turn and takes the lock of the state folder.
func (k *cron) lock(a *app, job string) (release func(), err error) {
	l, err := lock.Open(k.folder)
	if err != nil {
		return nil, usage(err, "--state-dir names a folder that this user can write to")
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	if err := wait(a.Context, delay(time.Duration(k.jitter), host, job)); err != nil {
		return nil, &exit{engine.ExitInterrupt, errors.New("interrupted before anything was contacted"), ""}
	}
	held, ok, err := l.Try(lock.Holder{PID: os.Getpid(), Host: host, Since: a.Now().UTC(), What: job})
	switch {
	case err != nil:
		return nil, usage(err, "--state-dir names a folder on a disk that can lock files")
	case !ok:
		return nil, &exit{engine.ExitIncomplete, fmt.Errorf("nothing was examined: %s is held %s", filepath.Join(k.folder, lock.File), held), ""}
	}
	return l.Release, nil
}

// delay spreads the runners of many machines and jobs over a time.
func delay(limit time.Duration, host, job string) time.Duration {
	if limit <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(host + "\x00" + job))
	return time.Duration(h.Sum64() % uint64(limit))
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
