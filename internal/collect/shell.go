package collect

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/crypto/ssh"
)

const (
	terminalColumns = 511  // the widest that IOS XE takes: no line is folded, no echo scrolls
	terminalRows    = 5000 // some releases page by these
)

// openShell logs in to a device and opens its one interactive shell. The returned function ends both. The
// error is an *Error; nothing is left behind.
func (d *Dialer) openShell(w *watch, target Target) (io.ReadWriter, func(), error) {
	l, err := d.connect(w, target.Jump, target.Hop)
	if err != nil {
		return nil, nil, err
	}
	w.move(StageSession)
	type outcome struct {
		shell ssh.Channel
		err   error
	}
	// The library can wait forever for a channel that it opens while the connection ends.
	done := make(chan outcome, 1)
	go func() {
		shell, err := l.shell()
		done <- outcome{shell, err}
	}()
	var out outcome
	select {
	case out = <-done:
	case <-w.ctx.Done():
		out.err = context.Cause(w.ctx)
	}
	if out.err != nil {
		go l.close() // a jump host that hangs must not hang us
		return nil, nil, w.noShell(out.err)
	}
	if len(target.Jump) > 0 {
		return out.shell, func() { go l.close() }, nil
	}
	return out.shell, l.close, nil
}

func (w *watch) noShell(err error) *Error {
	if w.ctx.Err() != nil {
		return w.over()
	}
	stage, hop := w.where()
	message := "authenticated, but the device opens no shell"
	if open, ok := errors.AsType[*ssh.OpenChannelError](err); ok {
		message += ": " + printable(open.Message)
	}
	return newError(VTYBusy, stage, hop, message, err)
}

var errNoShell = errors.New("the device answers the request for a shell with no")

// shell asks for terminal and shell in one round trip: only the shell's answer is waited for. A device
// without a terminal shows itself by not echoing.
func (l *link) shell() (ssh.Channel, error) {
	ch, reqs, err := l.OpenChannel("session", nil)
	if err != nil {
		return nil, err
	}
	go l.decline(reqs)
	if _, err := ch.SendRequest("pty-req", false, terminalRequest()); err != nil {
		return nil, err
	}
	ok, err := ch.SendRequest("shell", true, nil)
	if err == nil && !ok {
		err = errNoShell
	}
	return ch, err
}

// terminalRequest is the payload of a pty-req (RFC 4254 section 6.2): vt100, the size, echo on.
func terminalRequest() []byte {
	const ttyEcho, ttyEnd = 53, 0
	p := append([]byte{0, 0, 0, 5}, "vt100"...)
	for _, n := range []uint32{terminalColumns, terminalRows, 0, 0} {
		p = binary.BigEndian.AppendUint32(p, n)
	}
	return append(p, 0, 0, 0, 6, ttyEcho, 0, 0, 0, 1, ttyEnd)
}

// decline says no to everything that the device asks of us, until the connection ends.
func (l *link) decline(shell <-chan *ssh.Request) {
	chans, reqs := l.chans, l.reqs
	for chans != nil || reqs != nil || shell != nil {
		select {
		case r, open := <-reqs:
			if reqs = orNil(reqs, open); open {
				r.Reply(false, nil)
			}
		case r, open := <-shell:
			if shell = orNil(shell, open); open {
				r.Reply(false, nil)
			}
		case c, open := <-chans:
			if chans = orNil(chans, open); open {
				c.Reject(ssh.Prohibited, "")
			}
		}
	}
}

// orNil is a channel that select may still look at: none once it is closed.
func orNil[T any](c <-chan T, open bool) <-chan T {
	if open {
		return c
	}
	return nil
}
