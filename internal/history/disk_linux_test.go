package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slpdoctor/internal/diag"
)

// mount makes a small disk of its own.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		t.Skip("mounting is not allowed here: the disk can not be made full or read-only")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk: a run for which there is no room is not recorded, and what was recorded before is there.
func TestFullDisk(t *testing.T) {
	dir := mount(t, "size=2m")
	w := newWorld(t, Where{SQLite: filepath.Join(dir, "history.db")})
	w.record(device("r1", fail("a")))
	var many []diag.DeviceResult
	for range 100 {
		var results []diag.Result
		for c := range 30 {
			r := fail(strings.Repeat("c", c+1))
			r.Key = strings.Repeat("x", 1000) + fmt.Sprint(c, " ", len(many))
			results = append(results, r)
		}
		many = append(many, device(strings.Repeat("d", len(many)+1), results...))
	}
	err := w.store.Record(t.Context(), Recording{Job: "nightly", Report: night(1, many...)})
	if e, ok := errors.AsType[*Error](err); !ok || e.Hint != "make room where the history is kept" {
		t.Fatalf("%v", err)
	}
	last, err := w.store.Last(t.Context(), "nightly")
	w.ok(err)
	if len(last.Devices) != 1 {
		t.Errorf("half a run is there: %d devices", len(last.Devices))
	}
	w.ok(w.store.Close())
	w.open()
	w.record(device("r1", pass("a")))
	full := filepath.Join(dir, "full")
	if err := os.WriteFile(full, make([]byte, 3<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	refused(t, Where{SQLite: filepath.Join(dir, "another.db")}, "another.db", "")
}

func TestReadOnly(t *testing.T) {
	dir := mount(t, "size=2m")
	path := filepath.Join(dir, "history.db")
	w := newWorld(t, Where{SQLite: path})
	w.record(device("r1"))
	w.ok(w.store.Close())
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	refused(t, Where{SQLite: path}, "read-only file system", "must be writable")
	refused(t, Where{SQLite: filepath.Join(dir, "new.db")}, "read-only file system", "must be writable")
}
