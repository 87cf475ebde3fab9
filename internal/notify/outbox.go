package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"slpdoctor/internal/diag"
)

// Spool is where messages wait that could not be delivered.
type Spool struct {
	Dir string           // <state>/outbox; made with the first message
	Now func() time.Time // how old a message is
}

// What waits too long, or is too much, is dropped with a statement.
const (
	keepFor     = 7 * 24 * time.Hour
	keepAtMost  = 100
	maxWaiting  = 4 << 20 // bytes of one file
	strayAfter  = time.Hour
	waitingKind = "outbox"
)

// waiting is one message on disk, for one receiver. It holds no secret: where it goes is in the configuration.
type waiting struct {
	Schema  int       `json:"schema"`
	Kind    string    `json:"kind"`   // "outbox"
	Config  string    `json:"config"` // path of the configuration that names the receiver
	Created time.Time `json:"created"`
	Message *Message  `json:"message"`

	file string // its name; "" when it is not on disk
}

// outbox is an open spool, seen with one configuration.
type outbox struct {
	Spool
	config string
	lock   *flock.Flock
	queues map[string][]*waiting // by receiver, the oldest first; what another process is delivering is not in it
}

// waitingName is what a complete message is called: when it was made, and its id.
var waitingName = regexp.MustCompile(`^[0-9]{14}-[0-9a-f]{32}\.json$`)

// open reads what waits. What is too old, belongs to nobody or can not be read is taken out with a statement.
func (s Spool) open(c *Config, say func(string, ...any)) *outbox {
	box := &outbox{Spool: s, config: c.path, queues: map[string][]*waiting{}}
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return box
	}
	if err != nil {
		say("the messages that wait can not be read: %v", err)
		return box
	}
	lock := flock.New(filepath.Join(s.Dir, ".lock"), flock.SetPermissions(0o600))
	if held, err := lock.TryLock(); err != nil || !held {
		if err != nil {
			say("the messages that wait are left alone: %v", err)
		}
		return box
	}
	box.lock = lock
	names := c.Names()
	for _, e := range entries { // by name, which is by time
		path := filepath.Join(s.Dir, e.Name())
		if !waitingName.MatchString(e.Name()) {
			box.sweep(e)
			continue
		}
		w, err := readWaiting(path)
		switch {
		case err != nil:
			aside := strings.TrimSuffix(path, ".json") + ".unreadable"
			say("a message that waited can not be read: %v; it is now %s%s", err, aside, alsoFailed(os.Rename(path, aside)))
			continue
		case s.Now().Sub(w.Created) > keepFor:
			say("receiver %q: the message of %s is dropped: it could not be delivered for 7 days%s", w.Message.Receiver, stamp(w.Created), alsoFailed(os.Remove(path)))
			continue
		case w.Config != c.path:
			continue
		case !slices.Contains(names, w.Message.Receiver):
			say("receiver %q: the message of %s is dropped: the receiver is no longer in %s%s", w.Message.Receiver, stamp(w.Created), c.path, alsoFailed(os.Remove(path)))
			continue
		}
		w.file = e.Name()
		box.queues[w.Message.Receiver] = append(box.queues[w.Message.Receiver], w)
	}
	return box
}

func alsoFailed(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (not yet: %v)", err)
}

// sweep removes what a process left behind that ended while it wrote.
func (b *outbox) sweep(e fs.DirEntry) {
	info, err := e.Info()
	if err == nil && strings.HasPrefix(e.Name(), ".new-") && b.Now().Sub(info.ModTime()) > strayAfter {
		os.Remove(filepath.Join(b.Dir, e.Name()))
	}
}

func readWaiting(path string) (*waiting, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxWaiting))
	if err != nil {
		return nil, err
	}
	var w waiting
	if err := json.Unmarshal(text, &w); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if w.Kind != waitingKind || w.Schema != diag.SchemaVersion || w.Message == nil {
		return nil, fmt.Errorf("%s is of kind %q, schema %d", path, w.Kind, w.Schema)
	}
	return &w, nil
}

// hold keeps a message, if that is not done yet, and the bound on how many wait. It returns what there is to say about it.
func (b *outbox) hold(w *waiting) (said []string) {
	if w.file == "" {
		if err := b.keep(w); err != nil {
			return []string{fmt.Sprintf("the message of %s is lost: it can not be kept: %v", stamp(w.Created), err)}
		}
	}
	queue := onDisk(b.queues[w.Message.Receiver])
	for len(queue) >= keepAtMost {
		b.remove(queue[0])
		said = append(said, fmt.Sprintf("the message of %s is dropped: more than %d wait", stamp(queue[0].Created), keepAtMost))
		queue = queue[1:]
	}
	return said
}

// onDisk are the messages that wait.
func onDisk(queue []*waiting) (out []*waiting) {
	for _, w := range queue {
		if w.file != "" {
			out = append(out, w)
		}
	}
	return out
}

// keep writes a message to disk: complete, or not at all.
func (b *outbox) keep(w *waiting) error {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return err
	}
	w.Schema, w.Kind, w.Config = diag.SchemaVersion, waitingKind, b.config
	text := encode(w)
	if len(text) > maxWaiting {
		short := *w
		short.Message = w.Message.first(min(len(w.Message.Told.Events), 100))
		text = encode(&short)
	}
	f, err := os.CreateTemp(b.Dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	name := w.Created.UTC().Format("20060102150405") + "-" + w.Message.ID + ".json"
	if err := os.Rename(f.Name(), filepath.Join(b.Dir, name)); err != nil {
		return err
	}
	w.file = name
	return syncFolder(b.Dir)
}

func (b *outbox) remove(w *waiting) {
	if w.file != "" {
		os.Remove(filepath.Join(b.Dir, w.file))
	}
	w.file = ""
}

func (b *outbox) close() {
	if b.lock != nil {
		b.lock.Unlock()
	}
}
