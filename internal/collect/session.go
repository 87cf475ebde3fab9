package collect

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/scrapli/scrapligo/driver/network"

	"slpdoctor/internal/diag"
)

const (
	recovery   = 3 * time.Second        // how long a device may take to come back after Ctrl-^ and Ctrl-C
	calm       = 150 * time.Millisecond // the silence that proves that it has
	nudgeAfter = 300 * time.Millisecond // silence after a prompt that a notice has scrolled away
	farewell   = time.Second            // how long Close waits for the device
)

// Session is one login on one device. It runs one command at a time and is used by one goroutine.
// What is running is ended through its context.
type Session struct {
	t      *Transport
	driver *network.Driver
	opts   *Options

	prompt  string            // learned; everything before what is typed, exactly
	inside  string            // the line that opened the shell we are in, "" at the device's own command line
	outer   string            // the prompt there, while we are in a shell
	shut    map[string]string // what the device said instead of opening a shell, by the line that asked for it
	notices []*Error
	dead    *Error     // why nothing more is sent; nil while the session is good
	recent  [2]*Result // the last answers, the latest first, which what comes next may still disprove
}

// Result is how one command ended.
type Result struct {
	Command *diag.Command
	Line    string
	Text    string // what came between echo and prompt, unmasked; partial unless Outcome is OK or WasRefused
	Outcome diag.Outcome
	Sent    time.Time // zero when nothing was sent
	// Received is when the answer was complete, or given up.
	Received time.Time
	Err      *Error // nil exactly when Outcome is OK or WasRefused
}

// Open logs in and prepares the terminal. ctx bounds the login only. The error is an *Error; then nothing
// is left open.
//
// A device that does not take the enable secret and goes on asking for it is left, and entered once more
// without enable: the secret is typed once, and what the login may see is still examined.
func (d *Dialer) Open(ctx context.Context, target Target) (*Session, error) {
	w := newWatch(ctx, d.opts.LoginTimeout)
	defer w.close()
	s, err := d.open(w, target)
	if e, ok := errors.AsType[*Error](err); ok && e.Class == EnableFailed {
		target.Enable = nil
		if s, err = d.open(w, target); err == nil {
			s.notices = append(s.notices, e)
		}
	}
	return s, err
}

func (d *Dialer) open(w *watch, target Target) (*Session, error) {
	s := &Session{t: newTransport(d, target, w), opts: &d.opts}
	driver, err := newDriver(s.t, s.onOpen(w, target), s.onClose)
	if err != nil {
		return nil, newError(Internal, StageDial, target.addr(), err.Error(), err)
	}
	s.driver = driver
	if err := driver.Open(); err != nil {
		s.t.Close()
		return nil, w.classify(err)
	}
	s.t.w, driver.OnOpen = nil, nil // the login is over; let go of what it needed
	return s, nil
}

// onOpen and onClose are the hooks of scrapligo's driver.
func (s *Session) onOpen(w *watch, target Target) func(*network.Driver) error {
	return func(*network.Driver) error { return s.login(w, target) }
}

func (s *Session) onClose(*network.Driver) error { s.leave(); return nil }

// Prompt is the learned prompt.
func (s *Session) Prompt() string { return s.prompt }

// Privileged reports whether the prompt ends in #. A user of a privilege between 1 and 15 may see # too.
func (s *Session) Privileged() bool { return strings.HasSuffix(strings.TrimSpace(s.prompt), "#") }

// Hostname is the prompt without its end: what the device calls itself.
func (s *Session) Hostname() string { return strings.TrimRight(s.prompt, "#> ") }

// Notices are what went wrong without ending the session: enable that failed.
func (s *Session) Notices() []*Error { return s.notices }

// Err is why the session is dead, nil while commands can be run.
func (s *Session) Err() error {
	if s.dead == nil {
		return nil
	}
	return s.dead
}

// Close says exit and ends the connection. It waits for the echo, which proves the last answer complete (see
// Run), but not longer than a second.
func (s *Session) Close() {
	s.driver.Close()
}

// Run sends line, which cmd's template must allow, and returns what the device answered. It always returns a
// Result, with whatever text came before an error. When ctx ends, so does the session, at once.
//
// An answer is OK when its echo was seen and the prompt stood at the end of everything received. Should a
// device print its own prompt on a line of an answer and pause exactly there, the rest comes before the next
// echo: then the Results before turn from OK to WasCut, what is running is aborted, and the line is sent once
// more to a device that is silent. Results are final after Close.
func (s *Session) Run(ctx context.Context, cmd *diag.Command, line string) *Result {
	r := &Result{Command: cmd, Line: line, Outcome: diag.NotRun}
	switch {
	case s.dead != nil:
		r.Err = s.dead
	case ctx.Err() != nil:
		r.Err = ended(ctx, CommandTimeout, StageCommand, s.hop(), "no time was left")
	case !cmd.Template.Match(line):
		r.Err = newError(NotAllowed, StageCommand, s.hop(), "refusing to send a line that its template does not allow", nil)
	case cmd.Inside == s.inside || s.move(ctx, r):
		s.exchange(ctx, r)
	}
	return r
}

func (s *Session) hop() string { return s.t.target.addr() }

func (s *Session) exchange(ctx context.Context, r *Result) {
	defer context.AfterFunc(ctx, func() { s.t.Close() })()
	for try := 1; ; try++ {
		e := &echo{line: r.Line, prompt: s.prompt}
		s.t.peek(e.pass)
		r.Sent = time.Now()
		out := disturbed
		if !e.stray {
			err := s.write(r.Line + enter)
			if denied, ok := errors.AsType[*Error](err); ok { // by the guard: the session is as it was
				r.Err, r.Sent = denied, time.Time{}
				return
			}
			if out = lost; err == nil {
				out = s.answer(ctx, e, r.Command.Idle, r.Command.Total)
			}
		}
		s.doubt(e)
		if out != disturbed || try > 1 || !s.recover(ctx) {
			s.finish(ctx, r, e, out)
			return
		}
		s.t.forget()
	}
}

// write is where lines leave for scrapligo's channel, and through our transport and its guard for the device.
func (s *Session) write(text string) error { return s.driver.Channel.Write([]byte(text), true) }

// answer waits for echo and prompt. A prompt that a notice has scrolled away is asked for with a return; one
// more prompt, with or without another notice under it, is the reply.
func (s *Session) answer(ctx context.Context, e *echo, idle, total time.Duration) outcome {
	from := 0 // where the reply to the return begins; 0 when none was sent
	out := s.t.await(ctx, wait{
		done: func(text []byte) bool {
			if !e.find(text) || e.stray {
				return e.stray
			}
			return endsInPrompt(text[e.seen:], s.prompt) || from > 0 && interrupted(text[from:], s.prompt)
		},
		idle:  cmp.Or(idle, s.opts.IdleTimeout),
		total: cmp.Or(total, s.opts.CommandTimeout),
		pause: nudgeAfter,
		onPause: func(text []byte) string {
			if from > 0 || !e.found || !interrupted(text[e.seen:], s.prompt) {
				return ""
			}
			from = len(text)
			return enter
		},
	})
	if out == ready && e.stray {
		return disturbed
	}
	return out
}

// finish fills in the result. After anything but a complete answer the session is in step again or dead.
func (s *Session) finish(ctx context.Context, r *Result, e *echo, out outcome) {
	inStep := out == ready
	switch out {
	case ready:
		r.Outcome = diag.OK
	case silent, late:
		r.Outcome, r.Err = diag.WasTimedOut, s.fail(CommandTimeout, tooLong(out, e))
	case disturbed:
		r.Outcome, r.Err = diag.WasCut, s.fail(SessionLost, "the device does not echo what was sent")
	case flooded:
		r.Outcome, r.Err = diag.WasCut, s.fail(OutputLimit, "the answer is longer than the limit")
		s.dead = r.Err
	default:
		r.Outcome, r.Err = diag.WasCut, s.fail(SessionLost, "the session ended during the answer")
		s.dead = r.Err
	}
	if out == silent || out == late || out == disturbed {
		if inStep = s.recover(ctx); !inStep {
			s.dead = s.fail(r.Err.Class, "no prompt came back after "+strconv.Quote(r.Line)+" was aborted")
		}
	}
	if ctx.Err() != nil && out != ready {
		r.Outcome, r.Err = diag.WasCut, ended(ctx, CommandTimeout, StageCommand, s.hop(), "the time for this device is over")
		s.dead, inStep = r.Err, false
	}
	r.Received = time.Now()
	s.t.take(func(text []byte) {
		if e.stray || !e.find(text) {
			return
		}
		text = text[e.seen:]
		switch {
		case out == ready:
			text = withoutPrompt(text, s.prompt)
		case inStep:
			text = withoutPrompts(text, s.prompt)
		}
		r.Text = string(text)
	})
	if r.Outcome == diag.OK && refused(r.Text) {
		r.Outcome = diag.WasRefused
	}
	s.recent = [2]*Result{r, s.recent[0]}
	if s.dead != nil {
		s.t.Close()
	}
}

// doubt takes back what was believed of the last answers when something else than the echo came after them:
// the latest was not complete, and if a line of it was taken for an echo, neither was the one before.
func (s *Session) doubt(e *echo) {
	if !e.stray {
		return
	}
	for _, r := range s.recent {
		if r != nil && (r.Outcome == diag.OK || r.Outcome == diag.WasRefused) {
			r.Outcome = diag.WasCut
			r.Err = s.fail(SessionLost, "more text came after what looked like the end of the answer")
		}
	}
	s.recent = [2]*Result{}
}

func (s *Session) fail(c Class, message string) *Error {
	return newError(c, StageCommand, s.hop(), message, nil)
}

func tooLong(out outcome, e *echo) string {
	switch {
	case !e.found:
		return "the device did not echo the line"
	case out == silent:
		return "the device fell silent before the end of the answer"
	}
	return "the answer took longer than allowed"
}

// recover aborts what is running and proves that the device waits for a line again: a prompt that comes
// after the keys, and silence after it. A device that stopped in the middle of a line is asked for one.
func (s *Session) recover(ctx context.Context) bool {
	from := 0
	s.t.peek(func(text []byte) { from = len(text) })
	for _, key := range []byte{keyCtrlCaret, keyCtrlC} {
		if s.write(string(key)) != nil {
			return false
		}
	}
	return s.t.await(ctx, wait{
		done:    func(text []byte) bool { _, ok := promptAt(text[min(from, len(text)):], s.prompt); return ok },
		calm:    calm,
		total:   recovery,
		pause:   nudgeAfter,
		onPause: func([]byte) string { return enter },
	}) == ready
}

// leave says exit. When an answer is still to be proven it waits for the echo.
func (s *Session) leave() {
	defer s.t.Close()
	if s.inside != "" && s.dead == nil {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		s.leaveShell(ctx)
	}
	if s.dead != nil || s.prompt == "" {
		return
	}
	e := &echo{line: lineExit, prompt: s.prompt}
	s.t.peek(e.pass)
	if s.write(lineExit+enter) != nil || s.recent[0] == nil {
		return
	}
	if s.t.await(context.Background(), wait{done: e.find, total: farewell}) != ready {
		s.t.peek(func(text []byte) { e.consider(text[e.seen:]) }) // the unfinished line
	}
	s.doubt(e)
}
