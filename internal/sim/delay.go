package sim

import (
	"errors"
	"net"
	"os"
	"sync"
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
	once  sync.Once
	rest  []byte // of the parcel being read
	err   error  // of the reading side, after its last parcel
	wait  sync.WaitGroup
}

type parcel struct {
	at   time.Time
	data []byte
	err  error
}

func newDelayConn(c net.Conn, rtt time.Duration) *delayConn {
	d := &delayConn{Conn: c, half: rtt / 2, start: time.Now().Add(rtt),
		in: make(chan parcel, 256), out: make(chan parcel, 256), done: make(chan struct{})}
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
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case p := <-d.out:
			if !d.sleep(timer, p.at) {
				return
			}
			if p.err != nil {
				d.Conn.Close()
				return
			}
			if _, err := d.Conn.Write(p.data); err != nil {
				return
			}
		case <-d.done:
			return
		}
	}
}

func (d *delayConn) sleep(timer *time.Timer, until time.Time) bool {
	left := time.Until(until)
	if left <= 0 {
		return true
	}
	timer.Reset(left)
	select {
	case <-timer.C:
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
			timer := time.NewTimer(time.Hour)
			defer timer.Stop()
			if !ok || !d.sleep(timer, p.at) {
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
	p := parcel{at: d.later(d.start.Add(-d.half)), data: append([]byte(nil), b...)}
	select {
	case <-d.done:
		return 0, net.ErrClosed
	case d.out <- p:
		return len(b), nil
	}
}

var errLineClosed = errors.New("closing line")

// Close lets what was written arrive, then closes both directions.
func (d *delayConn) Close() error {
	d.once.Do(func() {
		select {
		case d.out <- parcel{at: d.later(d.start), err: errLineClosed}:
		default:
		}
		go func() {
			timer := time.NewTimer(2*d.half + 100*time.Millisecond)
			defer timer.Stop()
			<-timer.C
			close(d.done)
			d.Conn.Close()
		}()
	})
	return nil
}

func (d *delayConn) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (d *delayConn) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (d *delayConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
