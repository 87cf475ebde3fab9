package sim

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// keyboard is what has been typed and not yet read. One goroutine reads the
// channel; the shell is the only consumer.
type keyboard struct {
	in      chan []byte
	quit    chan struct{}
	once    sync.Once
	pending []byte
	limit   int  // of type-ahead; 0 is none
	cr      bool // the last key was a carriage return: a line feed after it belongs to it
	gone    bool // nothing more will be typed
}

func newKeyboard(r io.Reader, limit int) *keyboard {
	k := &keyboard{in: make(chan []byte), quit: make(chan struct{}), limit: limit}
	go func() {
		defer close(k.in)
		buf := make([]byte, 1024)
		for {
			n, err := r.Read(buf)
			if n > 0 {
				select {
				case k.in <- bytes.Clone(buf[:n]):
				case <-k.quit:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return k
}

// stop releases whoever waits; the reading goroutine ends when the channel is
// closed after it.
func (k *keyboard) stop() { k.once.Do(func() { close(k.quit) }) }

// ready reports that a key can be read without waiting.
func (k *keyboard) ready() bool { return len(k.pending) > 0 }

// next waits for a key; false when the line is gone.
func (k *keyboard) next() (byte, bool) {
	for {
		for len(k.pending) == 0 {
			select {
			case chunk, ok := <-k.in:
				if !ok {
					return 0, false
				}
				k.pending = chunk
			case <-k.quit:
				return 0, false
			}
		}
		c := k.pending[0]
		k.pending = k.pending[1:]
		second := k.cr && c == '\n'
		if k.cr = c == '\r'; !second {
			return c, true
		}
	}
}

// take adds what was typed while a command ran, as far as the type-ahead buffer
// holds it, and reports an interrupt: Ctrl-C or Ctrl-^.
func (k *keyboard) take(chunk []byte) bool {
	if i := bytes.LastIndexAny(chunk, "\x03\x1e"); i >= 0 {
		k.pending = bytes.Clone(chunk[i+1:])
		return true
	}
	k.pending = append(k.pending, chunk...)
	if k.limit > 0 && len(k.pending) > k.limit {
		k.pending = k.pending[:k.limit]
	}
	return false
}

// sleep waits; true when it was interrupted or the line is gone.
func (k *keyboard) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return false
		case <-k.quit:
			k.gone = true
			return true
		case chunk, ok := <-k.in:
			k.gone = !ok
			if !ok || k.take(chunk) {
				return true
			}
		}
	}
}

// interrupted reports an interrupt without waiting.
func (k *keyboard) interrupted() bool {
	select {
	case chunk, ok := <-k.in:
		return !ok || k.take(chunk)
	case <-k.quit:
		return true
	default:
		return false
	}
}
