package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"slpdoctor/internal/sim"
)

// TestFullDisk saves a bundle where only a part of it has room: the reports on other disks are complete, the
// status says what happened, and what is in the bundle is whole.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	w.smallDisk("small", "600k")
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1", "tyo-acc-2", "tyo-acc-3", "sel-core-1", "sel-edge-1", "sel-edge-2")})
	o := w.want(4, live("run", "-c", "1", "--save", "small/kept", "-o", "json=run.json", "-o", "table")...)
	if !strings.Contains(o.err, "no space left on device") || !strings.Contains(o.err, "the run goes on") {
		t.Errorf("stderr: %s", o.err)
	}
	if !strings.HasPrefix(o.out, "FIX FIRST") {
		t.Errorf("the table: %.100s", o.out)
	}
	run := w.document(w.read("run.json"))
	if run.Summary.Devices.Examined != 7 {
		t.Errorf("%+v", run.Summary.Devices)
	}
	kept := w.document(w.slpdoctor("check", "small/kept", "-o", "json").out)
	n := kept.Summary.Devices
	if n.Total != 7 || n.Examined == 0 || n.Examined == 7 || kept.Summary.Coverage.Commands.Cut != 0 {
		t.Errorf("the bundle: %+v, %+v", n, kept.Summary.Coverage)
	}
	if o := w.slpdoctor("report", "run.json", "-o", "json=small/run.json", "-o", "table"); o.status != 4 || !strings.HasPrefix(o.out, "FIX FIRST") {
		t.Errorf("report: exit status %d, %s", o.status, o.err)
	}
	if _, err := os.Stat("small/run.json"); err == nil {
		t.Error("half a report is there")
	}
}

// smallDisk mounts a disk of this size in the working folder.
func (w *world) smallDisk(name, size string) {
	w.t.Helper()
	if err := os.Mkdir(name, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", name, "tmpfs", 0, "size="+size); errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		w.t.Skip("mounting is not allowed here: the disk can not be made full")
	} else if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := unix.Unmount(filepath.Join(w.dir, name), unix.MNT_DETACH); err != nil {
			w.t.Error(err)
		}
	})
}
