// Package lock keeps two runs from using one state folder at once. The lock is the operating system's and dies with
// its process; what the file says is for people only and never taken for the lock. The command line uses it.
package lock

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is who holds a lock.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	What  string    `json:"what"` // what is run; never a secret
}

// String says it to people. The zero Holder is one that has not said who it is.
func (h Holder) String() string {
	if h.PID == 0 {
		return "by another run"
	}
	return fmt.Sprintf("by process %d on %s since %s (%s)", h.PID, h.Host, h.Since.UTC().Format("2006-01-02 15:04:05 UTC"), h.What)
}

// File is the name of the file in its folder. It is never deleted: who deletes a lock file can delete the next one's.
const File = "run.lock"

// Lock is a file that can be locked.
type Lock struct {
	flock *flock.Flock
}

// Open makes the file ready in a folder, which is made for the user alone if it is not there. Nothing is locked yet.
func Open(folder string) (*Lock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the lock: %w", err)
	}
	path := filepath.Join(folder, File)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		f.WriteString(" ") //nolint:errcheck // so that the file begins with a blank and not with a zero byte
	}
	return &Lock{flock.New(path, flock.SetPermissions(0o600))}, nil
}

// begin is where the text begins: Windows lets nobody, not even us, touch the byte that is locked.
const begin = 1

// Try takes the lock for a holder. When another process has it, it returns who that is, and false.
func (l *Lock) Try(h Holder) (held Holder, ok bool, err error) {
	if ok, err = l.flock.TryLock(); err != nil {
		return held, false, fmt.Errorf("locking %s: %w", l.flock.Path(), err)
	}
	if !ok {
		return l.read(), false, nil
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = l.write(append(text, '\n'))
	}
	if err != nil {
		return held, false, fmt.Errorf("writing into %s: %w", l.flock.Path(), err)
	}
	return h, true, nil
}

// Release gives the lock back, if it was taken.
func (l *Lock) Release() {
	if l.flock.Locked() {
		l.write(nil) //nolint:errcheck // what stands there is for people; the lock is given back either way
	}
	l.flock.Unlock()
}

// read is who the file says holds the lock; nobody if that cannot be read, or is being written.
func (l *Lock) read() (h Holder) {
	f, err := os.Open(l.flock.Path())
	if err != nil {
		return Holder{}
	}
	defer f.Close()
	if json.NewDecoder(io.NewSectionReader(f, begin, 1<<16)).Decode(&h) != nil {
		return Holder{}
	}
	return h
}

// write replaces what the file says, in place: another file would be another lock.
func (l *Lock) write(text []byte) error {
	f, err := os.OpenFile(l.flock.Path(), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(begin); err != nil {
		return err
	}
	_, err = f.WriteAt(text, begin)
	return err
}
