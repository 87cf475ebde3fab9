//go:build unix

package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/history/pgtest"
)

// TestPostgresPeer runs the suite against a real server, and what only a server can do.
func TestPostgresPeer(t *testing.T) {
	server := pgtest.Start(t)
	create := func(t *testing.T, name string) Where {
		t.Helper()
		s, err := connectPostgres(server("postgres"))
		if err == nil {
			_, err = s.db.ExecContext(t.Context(), "create database "+name)
			s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return Where{Postgres: server(name)}
	}
	n := 0
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			n++
			test(newWorld(t, create(t, fmt.Sprint("suite", n))))
		})
	}
	t.Run("a newer version has written it", func(t *testing.T) { newer(newWorld(t, create(t, "newer"))) })
	t.Run("first opened by several at once", func(t *testing.T) { first(t, create(t, "first")) })
	t.Run("errors", func(t *testing.T) {
		for dsn, want := range map[string]string{
			server("nowhere"):                                "make the database first",
			"host=/nowhere user=x password=tr0ub4dor":        "is the server up",
			"host=/nowhere port=x password=tr0ub4dor":        "cannot be read",
			"postgres://x:tr0ub4dor@[::1/db":                 "cannot be read",
			"postgres://x:tr0ub4dor@127.0.0.1:1/db":          "is the server up",
			"postgres://x:tr0ub4dor@127.0.0.1:1/db?sslmode=": "",
		} {
			_, err := Open(t.Context(), Where{Postgres: dsn})
			e, ok := errors.AsType[*Error](err)
			if !ok || !strings.Contains(e.Error()+" "+e.Hint, want) || strings.Contains(fmt.Sprintf("%v %+v %#v", e, e, e.Err), "tr0ub4dor") {
				t.Errorf("%s: %#v", dsn, err)
			}
		}
	})
	t.Run("a database of somebody else", func(t *testing.T) {
		s, err := connectPostgres(create(t, "elses").Postgres)
		if err == nil {
			_, err = s.db.ExecContext(t.Context(), "create role eve login; revoke create on schema public from public")
			s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(t.Context(), Where{Postgres: strings.Replace(server("elses"), "user=slpdoctor", "user=eve", 1)})
		if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Hint, "createdb --owner") {
			t.Errorf("%#v", err)
		}
	})
	t.Run("a password that is refused", func(t *testing.T) {
		s, err := connectPostgres(server("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, do := range []string{"create role bob login password 'right'", "create database strict"} {
			if _, err := s.db.ExecContext(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		dir, _, _ := strings.Cut(strings.TrimPrefix(server(""), "host="), " ")
		if err := os.WriteFile(filepath.Join(dir, "data", "pg_hba.conf"), []byte("local all bob scram-sha-256\nlocal all all trust\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.ExecContext(t.Context(), "select pg_reload_conf()"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for ctx.Err() == nil { // the server reloads in its own time
			var open *Store
			if open, err = Open(ctx, Where{Postgres: "host=" + dir + " user=bob dbname=strict password=tr0ub4dor"}); err != nil && strings.Contains(err.Error(), "28P01") {
				break
			}
			if open != nil {
				open.Close()
			}
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.Contains(e.Hint, "refuses the user or the password") || strings.Contains(fmt.Sprintf("%v %#v", e, e.Err), "tr0ub4dor") {
			t.Errorf("%v", err)
		}
	})
}
