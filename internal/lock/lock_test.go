package lock

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var holder = Holder{PID: 4711, Host: "runner", Since: time.Date(2025, 3, 12, 6, 0, 0, 0, time.UTC), What: "run -i inventory.yaml"}

// TestMain plays the other process: it takes the lock of a folder, says so, and holds it until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LOCK_TEST_FOLDER"); dir != "" {
		l, err := Open(dir)
		if err == nil {
			_, _, err = l.Try(holder)
		}
		if err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString("locked\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestALockDiesWithItsProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "LOCK_TEST_FOLDER="+dir)
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatal(line, err)
	}
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	held, ok, err := l.Try(Holder{PID: 1})
	if ok || err != nil || held != holder {
		t.Errorf("%v %v %v", held, ok, err)
	}
	if got, want := held.String(), "by process 4711 on runner since 2025-03-12 06:00:00 UTC (run -i inventory.yaml)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.Release() // of what was never taken
	if held, _, _ := l.Try(holder); held != holder {
		t.Errorf("the other process's name is gone: %v", held)
	}

	other.Process.Kill()
	other.Wait()
	if _, ok, err := l.Try(Holder{PID: 1}); !ok || err != nil {
		t.Fatalf("%v %v: what a dead process left was taken for a lock", ok, err)
	}
	second, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if held, ok, err := second.Try(Holder{PID: 2}); ok || err != nil || held.PID != 1 {
		t.Errorf("%v %v %v", held, ok, err)
	}
	l.Release()
	if text, err := os.ReadFile(filepath.Join(dir, File)); err != nil || strings.TrimSpace(string(text)) != "" {
		t.Errorf("after the release the file says %q, %v", text, err)
	}
	if _, ok, err := second.Try(Holder{PID: 2}); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
	second.Release()
}

func TestNobodyKnowsWho(t *testing.T) {
	dir := t.TempDir()
	l, _ := Open(dir)
	if _, ok, err := l.Try(holder); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer l.Release()
	if err := os.WriteFile(filepath.Join(dir, File), []byte("  {rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, _ := Open(dir)
	if held, ok, err := second.Try(holder); ok || err != nil || held.String() != "by another run" {
		t.Errorf("%v %v %v", held, ok, err)
	}
}

func TestAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "state")); err == nil {
		t.Error("a file was taken for a folder")
	}
}
