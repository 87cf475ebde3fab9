package collect

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/scrapli/scrapligo/transport"
)

const (
	readSize   = 4 << 10
	keepBuffer = 16 << 10 // a bigger buffer is given back after an answer
)

// Transport carries one login: scrapligo opens, writes and closes it, its reader goroutine stays in Read for
// as long as the connection lives, and the session takes the received text with await. Every write passes
// the guard; there is no other way to the device.
type Transport struct {
	d      *Dialer
	target Target
	w      *watch

	writing sync.Mutex // one write at a time, so that the guard judges what the device sees

	mu     sync.Mutex
	guard  guard
	wire   io.ReadWriter // the shell; nil before Open and after Close
	hangUp func()        // ends the connection under it
	text   []byte        // clean, since the last take
	clean  cleaner
	paging bool
	shown  []byte    // the last line at the last take, where lines are typed in shells too
	ended  bool      // nothing more will come
	over   bool      // ended by us: the answer is longer than the limit
	last   time.Time // when something came, or waiting began

	waiting *wait // nil when nobody waits
	wake    chan struct{}
}

var _ transport.Implementation = (*Transport)(nil)

func newTransport(d *Dialer, target Target, w *watch) *Transport {
	return &Transport{
		d: d, target: target, w: w,
		guard: guard{catalogue: d.catalogue, enable: target.Enable},
		wake:  make(chan struct{}, 1),
	}
}

// Open logs in and opens a shell. The error is an *Error; nothing is left behind.
func (t *Transport) Open(*transport.Args) error {
	wire, hangUp, err := t.d.shell(t.w, t.target)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wire, t.hangUp = wire, hangUp
	return nil
}

// Close ends the connection. It may be called at any time and any number of times, does not wait for the
// device and never fails.
func (t *Transport) Close() error {
	t.mu.Lock()
	hangUp := t.hangUp
	t.wire, t.hangUp = nil, nil
	t.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
	return nil
}

// IsAlive reports whether the connection is open, as far as we know.
func (t *Transport) IsAlive() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wire != nil && !t.ended
}

// Read receives until the connection ends and then returns io.EOF: scrapligo's reader does the work, and
// the text goes to await.
func (t *Transport) Read(int) ([]byte, error) {
	t.mu.Lock()
	wire := t.wire
	t.mu.Unlock()
	if wire == nil {
		return nil, io.EOF
	}
	b := make([]byte, readSize)
	for {
		n, err := wire.Read(b)
		if t.receive(b[:n], err != nil) {
			return nil, io.EOF
		}
	}
}

// receive takes a piece of text in. It wakes await only when there is something to decide, so that a long
// answer passes without a change of goroutine for every packet.
func (t *Transport) receive(b []byte, ended bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(b) > 0 {
		t.last = time.Now()
		t.text = t.clean.feed(t.text, b)
		t.paging = t.paging || t.clean.pager(t.text)
	}
	if len(t.text) > t.d.opts.OutputLimit {
		t.over, ended = true, true
	}
	t.ended = t.ended || ended
	if ended || t.paging || t.waiting != nil && t.waiting.done(t.text) {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
	return ended
}

// Write sends b if the guard admits it, all or nothing.
func (t *Transport) Write(b []byte) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.mu.Lock()
	wire := t.wire
	if wire == nil {
		t.mu.Unlock()
		return io.ErrClosedPipe
	}
	shows := screen{line: lastLine(t.text), paging: t.paging, prompt: t.shown}
	if len(t.text) > 0 {
		shows.prompt = shows.line
	}
	err := t.guard.admit(b, shows)
	if err == nil && string(b) == " " {
		t.paging = false
	}
	t.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = wire.Write(b)
	return err
}

// take shows the received text, as peek does, and forgets it: the next answer begins here.
func (t *Transport) take(look func(text []byte)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	look(t.text)
	if len(t.text) > 0 && len(t.d.catalogue.shells) > 0 {
		t.shown = append(t.shown[:0], lastLine(t.text)...)
	}
	t.text = t.text[:0]
	if cap(t.text) > keepBuffer {
		t.text = nil
	}
	t.clean.restart()
}

// forget is take when nobody wants to see it.
func (t *Transport) forget() { t.take(func([]byte) {}) }

// peek shows the received text; it is locked and must not be kept.
func (t *Transport) peek(look func(text []byte)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	look(t.text)
}

// outcome is how a wait ended.
type outcome int

const (
	ready   outcome = iota
	silent          // nothing came for wait.idle
	late            // wait.total is over
	lost            // the connection ended
	flooded         // the output limit was reached
	stopped         // the context is done

	disturbed // what came was not what was waited for; await itself never says so
)

// wait says what to wait for and how long. A limit of zero is none.
type wait struct {
	done  func(text []byte) bool // given the text since the last take; it is locked and must not be kept
	calm  time.Duration          // how long it must be silent after it is done
	idle  time.Duration          // longest silence
	total time.Duration

	pause   time.Duration // a silence that onPause wants to know of
	onPause func(text []byte) (reply string)
}

// await blocks until w is done or something ends the waiting. It answers the pager.
func (t *Transport) await(ctx context.Context, w wait) outcome {
	begin := time.Now()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting, t.last = &w, begin
	defer func() { t.waiting = nil }()
	var asked time.Time // the silence of which onPause knows
	for {
		now := time.Now()
		reply := ""
		if t.paging {
			reply = " "
		} else if w.onPause != nil && asked != t.last && now.Sub(t.last) >= w.pause {
			reply, asked = w.onPause(t.text), t.last
		}
		done := w.done(t.text)
		switch {
		case t.over:
			return flooded
		case done && (now.Sub(t.last) >= w.calm || t.ended):
			return ready
		case t.ended:
			return lost
		}
		next, why := w.next(begin, t.last, done, asked == t.last)
		if why != ready && !now.Before(next) {
			return why
		}
		timer.Reset(next.Sub(now))
		t.mu.Unlock()
		stop := reply != "" && t.Write([]byte(reply)) != nil
		if !stop {
			select {
			case <-t.wake:
			case <-timer.C:
			case <-ctx.Done():
				stop = true
			}
		}
		t.mu.Lock()
		switch {
		case ctx.Err() != nil:
			return stopped
		case stop:
			return lost
		}
	}
}

// next is the earliest moment to look again, and how the waiting ends if nothing comes until then; ready
// means that it does not end by itself.
func (w wait) next(begin, last time.Time, done, paused bool) (time.Time, outcome) {
	at, why := begin.Add(24*time.Hour), late
	consider := func(limit time.Duration, from time.Time, o outcome) {
		if end := from.Add(limit); limit > 0 && end.Before(at) {
			at, why = end, o
		}
	}
	consider(w.idle, last, silent)
	consider(w.total, begin, late)
	if w.onPause != nil && !paused {
		consider(w.pause, last, ready)
	}
	if done {
		consider(w.calm, last, ready)
	}
	return at, why
}
