//go:build unix

package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPostgresPeer runs the suite against a real server, and what only a server can do.
func TestPostgresPeer(t *testing.T) {
	server := postgres(t)
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

// postgres starts a server of its own for a test, reached through a socket in a folder.
func postgres(t *testing.T) (dsn func(database string) string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") == "1" {
			t.Fatal("PostgreSQL is not installed, and SLPDOCTOR_REQUIRE_PEERS is set")
		}
		t.Skip("PostgreSQL is not installed")
	}
	bin := slices.Max(found)
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := notRoot(t, dir)
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...)
		c.Dir, c.SysProcAttr = dir, as
		return c
	}
	data := filepath.Join(dir, "data")
	if out, err := run("initdb", "-D", data, "-U", "slpdoctor", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
	})
	dsn = func(database string) string { return "host=" + dir + " user=slpdoctor dbname=" + database }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := ping(ctx, dsn("postgres"))
		if err == nil {
			return dsn
		}
		if ctx.Err() != nil {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("the server does not answer: %v\n%s", err, text)
		}
	}
}

func ping(ctx context.Context, dsn string) error {
	s, err := connectPostgres(dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.db.PingContext(ctx)
}

// notRoot is how a program is run that refuses root, and gives it the folder.
func notRoot(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
