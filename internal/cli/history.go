package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/history"
	"slpdoctor/inventory"
)

// dsnVariable names what holds the connection string of --history postgres, with _FILE or _COMMAND appended where it
// is kept.
const dsnVariable = "SLPDOCTOR_HISTORY_DSN"

// archive is where runs are recorded.
type archive struct {
	where string // --history; "" means the default of the command
	keep  age
}

func (r *archive) flags(c *cobra.Command) {
	r.whereFlag(c, "record the run in `WHERE`: sqlite (a file in the state folder), postgres ($"+dsnVariable+", _FILE, _COMMAND or PG*), "+
		"postgres://USER@HOST/DB, or off (default off; with --cron sqlite)")
	r.keep = 400 * day
	c.Flags().Var(&r.keep, "history-keep", "with a history, how long what is over is kept, such as 90d or 12h; 0 keeps everything")
}

func (r *archive) whereFlag(c *cobra.Command, help string) {
	c.Flags().StringVar(&r.where, "history", "", help)
}

// open opens the history, or returns nil when it is off. Unset is what no --history means. All its errors are usage
// errors: it is opened before anything is contacted.
func (r *archive) open(a *app, unset string) (*history.Store, error) {
	where, err := r.locate(a, unset)
	if where == nil || err != nil {
		return nil, err
	}
	if where.SQLite != "" {
		if err := os.MkdirAll(filepath.Dir(where.SQLite), 0o700); err != nil {
			return nil, usage(fmt.Errorf("making the state folder: %w", err), "--state-dir names another one")
		}
	}
	return opened(a, *where)
}

// recording opens the history for a run outside a schedule. Record is nil when it is off.
func (r *archive) recording(a *app, o *output, job string) (record func(*diag.Report) error, done func(), err error) {
	s, err := r.open(a, "off")
	if s == nil || err != nil {
		return nil, func() {}, err
	}
	done = func() { r.close(a, s) }
	p, err := remember(a.Context, s, job)
	if err != nil {
		done()
		return nil, nil, usage(err, hintOf(err))
	}
	o.schedule.Success, o.before = p.success, p.before
	ctx := context.WithoutCancel(a.Context) // what was found before an interruption is kept
	return func(run *diag.Report) error {
		if err := p.record(ctx, 0, run); err != nil {
			return err
		}
		return errors.Join(p.succeeded(ctx, run), p.told(ctx, run)) // its report is
	}, done, nil
}

// close forgets what is too old, and closes. A history that cannot be pruned is still one.
func (r *archive) close(a *app, s *history.Store) {
	var err error
	if r.keep > 0 && a.Context.Err() == nil {
		err = s.Retain(a.Context, time.Duration(r.keep))
	}
	if err = errors.Join(err, s.Close()); err != nil {
		a.hint("warning: %v", err)
	}
}

func opened(a *app, where history.Where) (*history.Store, error) {
	s, err := history.Open(a.Context, where)
	if err != nil {
		return nil, usage(err, hintOf(err))
	}
	return s, nil
}

// hintOf is what to do about an error of the history.
func hintOf(err error) string {
	if e, ok := errors.AsType[*history.Error](err); ok {
		return e.Hint
	}
	return ""
}

// locate reads --history; nil when it is off.
func (r *archive) locate(a *app, unset string) (*history.Where, error) {
	where := r.where
	if where == "" {
		where = unset
	}
	switch {
	case where == "off":
		return nil, nil
	case where == "sqlite":
		dir, err := a.stateFolder()
		return &history.Where{SQLite: filepath.Join(dir, "history.db")}, err
	case where == "postgres":
		dsn, err := fetchDSN(a)
		return &history.Where{Postgres: dsn}, err
	case strings.HasPrefix(where, "postgres://"), strings.HasPrefix(where, "postgresql://"):
		return &history.Where{Postgres: where}, withoutPassword(where)
	case strings.ContainsAny(where, "=@"), strings.Contains(where, "://"):
		return nil, usage(errors.New("--history is neither sqlite, postgres, postgres://USER@HOST/DB nor off"), // it may hold a password: not repeated
			"put a connection string of another form into "+dsnVariable+" and give --history postgres")
	}
	return nil, usage(fmt.Errorf("--history is %q: want sqlite, postgres, postgres://USER@HOST/DB or off", where), "")
}

// withoutPassword refuses a connection string with a password, and does not repeat it.
func withoutPassword(dsn string) error {
	hint := "a command line and a settings file are read by others: put it into " + dsnVariable + "_FILE, or the password into .pgpass"
	u, err := url.Parse(dsn)
	if err != nil {
		return usage(errors.New("--history is no postgres://USER@HOST/DB"), hint)
	}
	_, secret := u.User.Password()
	for key := range u.Query() {
		secret = secret || strings.Contains(strings.ToLower(key), "password")
	}
	if secret {
		return usage(errors.New("--history holds a password"), hint)
	}
	return nil
}

// fetchDSN is the connection string by reference; "" leaves everything to libpq's variables.
func fetchDSN(a *app) (string, error) {
	ref, err := inventory.FromVariables(dsnVariable, a.Getenv)
	if ref == nil || err != nil {
		return "", usage(err, "")
	}
	dsn, err := a.secrets(nil, nil).Fetch(a.Context, "connection string of the history", *ref)
	if err != nil {
		return "", usage(err, "")
	}
	return strings.TrimSpace(dsn.Reveal()), nil
}

// age is a length of time that people give in days, or as Go writes it: 400d, 12h. It is a flag's value.
type age time.Duration

const day = age(24 * time.Hour)

func (a *age) Set(text string) error {
	days, isDays := strings.CutSuffix(text, "d")
	if n, err := strconv.Atoi(days); isDays && err == nil && n >= 0 && n < 100_000 {
		*a = age(n) * day
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("want a length of time such as 400d or 12h")
	}
	*a = age(d)
	return nil
}

func (a *age) String() string {
	switch {
	case *a == 0:
		return "0"
	case *a%day == 0:
		return strconv.Itoa(int(*a/day)) + "d"
	}
	return time.Duration(*a).String()
}

func (*age) Type() string { return "duration" }

// asked is a question to the history.
type asked struct {
	archive
	specs []string
	forms []form
}

// askFlags are the flags of a history command; without formats it has one form only.
func (q *asked) askFlags(c *cobra.Command, formats ...string) {
	q.whereFlag(c, "the history in `WHERE`: sqlite (a file in the state folder), postgres ($"+dsnVariable+", _FILE, _COMMAND or PG*) or postgres://USER@HOST/DB (default sqlite)")
	if len(formats) > 0 {
		c.Flags().StringArrayVarP(&q.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: "+strings.Join(formats, ", ")+" (default "+formats[0]+")")
	}
}

// ask opens a history that is there.
func (q *asked) ask(a *app, formats ...string) (*history.Store, error) {
	var err error
	if len(formats) > 0 {
		if q.forms, err = parseForms(q.specs, formats...); err != nil {
			return nil, err
		}
	}
	where, err := q.locate(a, "sqlite")
	switch {
	case err != nil:
		return nil, err
	case where == nil:
		return nil, usage(errors.New("the history is off"), "give --history sqlite or --history postgres")
	}
	if where.SQLite != "" {
		if _, err := os.Stat(where.SQLite); errors.Is(err, fs.ErrNotExist) {
			return nil, noHistory(where.SQLite)
		}
	}
	return opened(a, *where)
}

func noHistory(where string) error {
	return usage(fmt.Errorf("there is no history yet in %s", where), "run --cron and run --history sqlite record one; --state-dir names another folder")
}
