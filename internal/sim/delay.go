package sim

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// delayConn is a connection over a line with a round-trip time: what is written
// arrives half an RTT later in the order of writing, in both directions, so
// that writes without waiting overlap as they do on a long line. The TCP
// handshake, which loopback completes at once, is charged as one RTT.
type delayConn struct {
	net.Conn
	half  time.Duration
	start time.Time // when the peer's connect would have completed
	in    chan parcel
	out   chan parcel
	done  chan struct{}
	ended atomic.Bool
	timer *time.Timer // of the reader
	rest  []byte      // of the parcel being read
	err   error       // of the reading side, after its last parcel
	wait  sync.WaitGroup
}

type parcel struct {
	at   time.Time
	data []byte
	err  error // after the data: why nothing follows
}

func newDelayConn(c net.Conn, rtt time.Duration) *delayConn {
	d := &delayConn{Conn: c, half: rtt / 2, start: time.Now().Add(rtt),
		in: make(chan parcel, 256), out: make(chan parcel, 256), done: make(chan struct{}), timer: time.NewTimer(0)}
	d.wait.Add(2)
	go d.pumpIn()
	go d.pumpOut()
	return d
}

// later is when something sent now arrives; nothing is sent before from.
func (d *delayConn) later(from time.Time) time.Time {
	now := time.Now()
	if now.Before(from) {
		now = from
	}
	return now.Add(d.half)
}

func (d *delayConn) pumpIn() {
	defer d.wait.Done()
	defer close(d.in)
	buf := make([]byte, 32<<10)
	for {
		n, err := d.Conn.Read(buf)
		p := parcel{at: d.later(d.start), data: append([]byte(nil), buf[:n]...), err: err}
		select {
		case d.in <- p:
		case <-d.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func (d *delayConn) pumpOut() {
	defer d.wait.Done()
	defer d.Conn.Close()
	defer close(d.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for p := range d.out {
		if left := time.Until(p.at); left > 0 {
			timer.Reset(left)
			<-timer.C
		}
		if p.err != nil {
			return
		}
		if _, err := d.Conn.Write(p.data); err != nil {
			return
		}
	}
}

// sleep waits for a parcel to arrive; false when the line is closed before.
func (d *delayConn) sleep(until time.Time) bool {
	left := time.Until(until)
	if left <= 0 {
		return true
	}
	d.timer.Reset(left)
	select {
	case <-d.timer.C:
		return true
	case <-d.done:
		return false
	}
}

func (d *delayConn) Read(b []byte) (int, error) {
	if len(d.rest) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		select {
		case p, ok := <-d.in:
			if !ok || !d.sleep(p.at) {
				return 0, net.ErrClosed
			}
			d.rest, d.err = p.data, p.err
		case <-d.done:
			return 0, net.ErrClosed
		}
	}
	if len(d.rest) == 0 {
		return 0, d.err
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func (d *delayConn) Write(b []byte) (int, error) {
	if d.ended.Load() {
		return 0, net.ErrClosed
	}
	select {
	case <-d.done:
		return 0, net.ErrClosed
	case d.out <- parcel{at: d.later(d.start.Add(-d.half)), data: append([]byte(nil), b...)}:
		return len(b), nil
	}
}

// Close lets what was written arrive, then closes both directions. A peer that
// does not read is given up after a second.
func (d *delayConn) Close() error {
	if d.ended.Swap(true) {
		return nil
	}
	d.Conn.SetWriteDeadline(time.Now().Add(d.half + time.Second))
	d.wait.Go(func() {
		select {
		case d.out <- parcel{at: d.later(d.start), err: net.ErrClosed}:
		case <-d.done:
		}
	})
	return nil
}

func (d *delayConn) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (d *delayConn) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (d *delayConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
