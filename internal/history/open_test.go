package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// refused opens a history that cannot be used, and wants an error that says this and hints at that.
func refused(t *testing.T, where Where, says, hint string) {
	t.Helper()
	where.patience = 50 * time.Millisecond
	s, err := Open(t.Context(), where)
	if err == nil {
		s.Close()
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || !strings.Contains(e.Error(), says) || !strings.Contains(e.Hint, hint) {
		t.Errorf("%v, hint %q; want %q, %q", err, hintOf(e), says, hint)
	}
}

func hintOf(e *Error) string {
	if e == nil {
		return ""
	}
	return e.Hint
}

func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, Where{SQLite: path}, path, "put back a copy")
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "this is no database") {
		t.Error("what was there is changed")
	}
	// A history with a hole in it.
	path = filepath.Join(t.TempDir(), "history.db")
	w := newWorld(t, Where{SQLite: path})
	for range 5 {
		w.record(device("r1", fail("a")), device("r2", fail("b")))
	}
	w.ok(w.store.Close())
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	w.ok(err)
	for at := int64(2 * 4096); at < info.Size(); at += 4096 { // all but the schema
		if _, err := f.WriteAt([]byte(strings.Repeat("x", 4096)), at); err != nil {
			t.Fatal(err)
		}
	}
	w.ok(f.Close())
	s, err := Open(t.Context(), Where{SQLite: path})
	if err == nil {
		defer s.Close()
		err = s.Record(t.Context(), Recording{Job: "nightly", Report: night(9, device("r1"))})
	}
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Hint, "put back a copy") {
		t.Errorf("%v", err)
	}
}

func TestNewer(t *testing.T) { engines(t, newer) }

func newer(w *world) {
	w.record(device("r1"))
	_, err := w.store.db.ExecContext(w.Context(), "insert into goose_db_version (version_id, is_applied) values (99, true)")
	w.ok(err)
	refused(w.T, w.where, "a newer version of slpdoctor has written it (its schema is 99", "use that version")
}

// TestMigrations: the schema of every version comes up to date with what is in it. There is one version so far, and an
// empty file is version 0.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	db, err := sql.Open("sqlite", sqliteURL(path, time.Second))
	if err != nil {
		t.Fatal(err)
	}
	text, err := migrations.ReadFile("migrations/00001_history.sql")
	if err != nil {
		t.Fatal(err)
	}
	up, _, _ := strings.Cut(string(text), "-- +goose Down")
	for _, do := range []string{up, "insert into job values (1, 'nightly')",
		`insert into run values (1, 1, 0, 0, 0, '{"run": {"id": "made by version 1"}}')`, "update sequence set run = 1",
		"create table goose_db_version (id integer primary key autoincrement, version_id integer not null, is_applied integer not null, tstamp timestamp default (datetime('now')))",
		"insert into goose_db_version (version_id, is_applied) values (0, 1), (1, 1)"} {
		if _, err := db.ExecContext(t.Context(), do); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, Where{SQLite: path})
	w.record(device("r1"))
	jobs, err := w.store.Jobs(t.Context(), start, 0)
	w.ok(err)
	if len(jobs) != 1 || len(jobs[0].Recorded) != 2 || jobs[0].Recorded[1].ID != "made by version 1" {
		t.Errorf("%+v", jobs)
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	w := newWorld(t, Where{SQLite: path})
	// Another program has it for itself, before there is a schema and after.
	other, err := sql.Open("sqlite", sqliteURL(path, time.Second))
	w.ok(err)
	defer other.Close()
	holding, err := other.BeginTx(t.Context(), nil)
	w.ok(err)
	s, err := Open(t.Context(), Where{SQLite: path, patience: 50 * time.Millisecond})
	w.ok(err) // it can be read
	defer s.Close()
	err = s.Record(t.Context(), Recording{Job: "nightly", Report: night(0, device("r1"))})
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Hint, "another process holds it") {
		t.Errorf("%v", err)
	}
	w.ok(holding.Rollback())
	w.ok(s.Record(t.Context(), Recording{Job: "nightly", Report: night(0, device("r1"))}))
}

// TestNoServer: the driver tells of each way that it tried in a line of its own.
func TestNoServer(t *testing.T) {
	refused(t, Where{Postgres: "postgres://u:tr0ub4dor@127.0.0.1:1/x"}, "x`: 127.0.0.1:1 (127.0.0.1): dial error: ", "is the server up")
	_, err := Open(t.Context(), Where{Postgres: "postgres://u:tr0ub4dor@127.0.0.1:1/x"})
	if text := fmt.Sprint(err); strings.Contains(text, "\n") || strings.Count(text, "dial error") != 1 || strings.Contains(text, "tr0ub4dor") {
		t.Error(text)
	}
}

func TestNoFolder(t *testing.T) {
	dir := t.TempDir()
	refused(t, Where{SQLite: filepath.Join(dir, "missing", "history.db")}, "missing", "must be writable")
	refused(t, Where{SQLite: dir}, dir, "must be writable")
}

// TestPath: the name of a file may hold what an address gives a meaning.
func TestPath(t *testing.T) {
	name := "a b?c#d%20&e=é.db"
	if runtime.GOOS == "windows" {
		name = "a b#d%20&e=é.db"
	}
	path := filepath.Join(t.TempDir(), name)
	w := newWorld(t, Where{SQLite: path})
	w.record(device("r1"))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("%v, %v", info, err)
	}
	for path, want := range map[string]string{"/var/a b": "file:///var/a%20b?", "C:/Users/x": "file:///C:/Users/x?", "//server/share/x": "file:////server/share/x?"} {
		if got := sqliteURL(path, time.Second); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, end := range []string{"-wal", "-shm"} {
		if info, err := os.Stat(path + end); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", end, info, err)
		}
	}
}

func TestFirst(t *testing.T) { first(t, Where{SQLite: filepath.Join(t.TempDir(), "history.db")}) }

// first: several runs begin one history at the same time.
func first(t *testing.T, where Where) {
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			s, err := Open(context.Background(), where)
			if err == nil {
				err = s.Record(context.Background(), Recording{Job: fmt.Sprint(n), Report: night(n, device("r1"))})
				s.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w := newWorld(t, where)
	if n := w.count("select count(*) from run"); n != 4 {
		t.Errorf("%d runs", n)
	}
}
