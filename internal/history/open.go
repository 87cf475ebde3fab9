package history

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// patience is how long one run waits for another to be recorded.
const patience = time.Minute

// Error is why a history cannot be used. It never holds a password.
type Error struct {
	Doing string // "opening the history /var/lib/slpdoctor/history.db"
	Hint  string // what to do; "" when there is nothing to say
	Err   error
}

func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Store is an open history.
type Store struct {
	db     *sql.DB
	name   string
	secret string // the password of the connection, to keep it out of errors
}

// Open opens a history and brings its schema up to date. The error is an *Error when it cannot be used.
func Open(ctx context.Context, w Where) (*Store, error) {
	s, err := connect(w)
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	if w.SQLite == "" {
		dialect = goose.DialectPostgres
	}
	if err := s.migrate(ctx, dialect, w.wait()); err != nil {
		s.db.Close()
		return nil, s.fail("opening", err)
	}
	return s, nil
}

func connect(w Where) (*Store, error) {
	if w.SQLite == "" {
		return connectPostgres(w.Postgres)
	}
	s := &Store{name: w.SQLite}
	path, err := filepath.Abs(w.SQLite)
	if err != nil {
		return nil, s.fail("opening", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, s.fail("opening", err)
	}
	if err := f.Close(); err != nil {
		return nil, s.fail("opening", err)
	}
	if s.db, err = sql.Open("sqlite", sqliteURL(path, w.wait())); err != nil {
		return nil, s.fail("opening", err)
	}
	s.db.SetMaxOpenConns(1)
	return s, nil
}

func (w Where) wait() time.Duration {
	if w.patience > 0 {
		return w.patience
	}
	return patience
}

// sqliteURL is the address of a file by its absolute path, which may hold blanks, a drive letter or question marks.
func sqliteURL(path string, wait time.Duration) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: fmt.Sprintf("_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&"+
		"_pragma=synchronous(FULL)&_txlock=immediate", wait.Milliseconds())}
	return u.String()
}

func connectPostgres(dsn string) (*Store, error) {
	s := &Store{name: "in PostgreSQL"}
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The text of the driver's error may hold a part of what it could not read.
		return nil, &Error{"opening the history in PostgreSQL", "it is written postgres://USER@HOST/DATABASE or \"host=... dbname=... user=...\"",
			errors.New("the connection string, or one of the PG* variables, cannot be read")}
	}
	s.name, s.secret = fmt.Sprintf("in PostgreSQL (%s, database %s)", cfg.Host, cfg.Database), cfg.Password
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	cfg.RuntimeParams["application_name"] = "slpdoctor"
	cfg.RuntimeParams["lock_timeout"] = fmt.Sprint(patience.Milliseconds())
	s.db = stdlib.OpenDB(*cfg)
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// migrate brings the schema up to date. Another process that does the same at this moment wins: then it is done. SQLite
// waits for others by itself, but not while it turns a new file to its write-ahead log.
func (s *Store) migrate(ctx context.Context, dialect goose.Dialect, wait time.Duration) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	g, err := goose.NewProvider(dialect, s.db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for attempt := 0; ; {
		is, want, err := g.GetVersions(ctx)
		if err == nil && is > want {
			return &Error{Hint: "use that version, or another --state-dir or database", Err: fmt.Errorf(
				"a newer version of slpdoctor has written it (its schema is %d, this version knows %d)", is, want)}
		}
		if err == nil && is == want {
			return nil
		}
		if err == nil {
			_, err = g.Up(ctx)
		}
		lite, isLite := errors.AsType[*sqlite.Error](err)
		switch {
		case err == nil:
		case isLite && lite.Code()&0xff == sqlite3.SQLITE_BUSY && waiting.Err() == nil:
			time.Sleep(10 * time.Millisecond)
		case attempt == 3 || explain(err) != "":
			return err
		default:
			attempt++
		}
	}
}

// fail wraps an error of the database with what was done and what to do.
func (s *Store) fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if ok && e.Doing != "" {
		return err
	}
	if !ok {
		e = &Error{Hint: explain(err), Err: innermost(err)}
	}
	e.Doing = doing + " the history " + s.name
	if s.secret != "" && strings.Contains(e.Err.Error(), s.secret) {
		e.Err = errors.New(strings.ReplaceAll(e.Err.Error(), s.secret, "..."))
	}
	return e
}

const (
	makeRoom  = "make room where the history is kept"
	mustWrite = "the history must be writable, and so must its folder; --state-dir names another"
)

// innermost is the database's own error, without the words of those who passed it on.
func innermost(err error) error {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg
	}
	if failed, ok := errors.AsType[*pgconn.ConnectError](err); ok { // a line for each way that was tried
		var lines []string
		for line := range strings.Lines(failed.Error()) {
			lines = append(lines, strings.TrimSpace(line))
		}
		return errors.New(strings.Join(slices.Compact(lines), " "))
	}
	return err
}

// reasons are the errors that a user can do something about.
var reasons = []struct {
	codes []int  // of SQLite
	state string // of PostgreSQL, the beginning
	hint  string
}{
	{[]int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}, "55P03",
		"another process holds it: wait until that run has ended, or end what has the file open"},
	{[]int{sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}, "XX",
		"it is damaged or no history: put back a copy, or move it away together with its -wal and -shm; the next run begins a new one"},
	{[]int{sqlite3.SQLITE_FULL}, "53", makeRoom},
	{[]int{sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}, "25006",
		mustWrite},
	{nil, "42501", "its user must be allowed to make and change tables: createdb --owner USER DATABASE"},
	{[]int{sqlite3.SQLITE_IOERR}, "58", "the disk does not read or write: is it full, or gone?"},
	{nil, "28", "PostgreSQL refuses the user or the password: see SLPDOCTOR_HISTORY_DSN, PGPASSWORD and .pgpass"},
	{nil, "3D000", "make the database first: createdb --owner USER DATABASE"},
}

func explain(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint
	}
	lite, isLite := errors.AsType[*sqlite.Error](err)
	pg, isPG := errors.AsType[*pgconn.PgError](err)
	for _, r := range reasons {
		if isPG && strings.HasPrefix(pg.Code, r.state) {
			return r.hint
		}
		for _, code := range r.codes {
			if isLite && lite.Code()&0xff == code {
				return r.hint
			}
		}
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return "is the server up, and can it be reached from here?"
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return makeRoom
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EISDIR):
		return mustWrite
	}
	return ""
}

// read runs queries that see one state of the database.
func (s *Store) read(ctx context.Context, doing string, f func(tx) error) error {
	t, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return s.fail(doing, err)
	}
	defer t.Rollback()
	return s.fail(doing, f(tx{ctx, t}))
}

// write runs changes that are made in full or not at all, one writer after the other.
func (s *Store) write(ctx context.Context, doing string, f func(tx) error) error {
	t, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.fail(doing, err)
	}
	defer t.Rollback()
	if err := f(tx{ctx, t}); err != nil {
		return s.fail(doing, err)
	}
	return s.fail(doing, t.Commit())
}
