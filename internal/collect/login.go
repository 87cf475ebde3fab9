package collect

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"time"
)

const (
	settleTime = 50 * time.Millisecond // how long a prompt under a banner must stand
	wakeAfter  = 3 * time.Second       // silence before a lone return is tried
	maxWakes   = 3                     // lone returns before the first prompt
	singlyFrom = 3 * time.Second       // silence before the terminal lines are sent one by one
)

// login is the part of Open after the shell: it finds the prompt, prepares the terminal and raises the
// privilege, all within the watch. Its error is an *Error.
func (s *Session) login(w *watch, target Target) error {
	w.enter(StagePrompt, target.addr(), s.opts.PromptTimeout)
	stop := context.AfterFunc(w.ctx, func() { s.t.Close() })
	steps := []func(*watch) *Error{s.findPrompt, s.prepare}
	if target.Enable != nil {
		steps = append(steps, s.raise)
	}
	var err *Error
	for i := 0; i < len(steps) && err == nil; i++ {
		err = steps[i](w)
	}
	if !stop() && err == nil {
		err = w.over()
	}
	if err != nil {
		s.t.Close()
		return err
	}
	s.driver.CurrentPriv = levelPrivileged
	if !s.Privileged() {
		s.driver.CurrentPriv = levelExec
	}
	return nil
}

// findPrompt waits for a line that looks like a prompt. Under a banner it must stand for a moment: a line of
// the banner may look like one. A device that shows nothing is sent a return, but never while it asks.
func (s *Session) findPrompt(w *watch) *Error {
	found := func(text []byte) bool { return looksLikePrompt(lastLine(text)) }
	for wakes := 0; ; wakes++ {
		out := s.t.await(w.ctx, wait{done: found, idle: wakeAfter})
		if out == ready && s.underBanner() {
			out = s.t.await(w.ctx, wait{done: found, calm: settleTime, idle: wakeAfter})
		}
		if out == ready {
			return nil
		}
		if out != silent {
			return s.noPrompt(w, out)
		}
		if s.shows(looksLikePrompt) {
			return nil // with notices under it
		}
		if err := s.question(w); err != nil {
			return err
		}
		if wakes < maxWakes && s.write(enter) != nil {
			return s.noPrompt(w, lost)
		}
	}
}

func (s *Session) underBanner() (above bool) {
	s.t.peek(func(text []byte) {
		above = len(bytes.TrimSpace(text[:len(text)-len(lastLine(text))])) > 0
	})
	return above
}

// question refuses to go on when the device waits for an answer: after a password expired, for instance.
func (s *Session) question(w *watch) *Error {
	var line string
	s.t.peek(func(text []byte) { line = strings.TrimSpace(string(lastLine(text))) })
	if !strings.HasSuffix(line, ":") && !strings.HasSuffix(line, "?") {
		return nil
	}
	if asksPassword.MatchString(line) || asksChange.MatchString(line) {
		return s.noShell(w, PasswordChangeRequired, "after the login the device asks for a password")
	}
	return s.noShell(w, ChallengeUnsupported, "after the login the device asks a question")
}

var (
	saysDenied = regexp.MustCompile(`(?i)authoriz\w+ (failed|denied)|not authorized`)
	saysBusy   = regexp.MustCompile(`(?i)\bbusy\b|too many|no free|in use`)
)

// noPrompt is the error of a login that has a shell but no prompt.
func (s *Session) noPrompt(w *watch, out outcome) *Error {
	var said string
	s.t.peek(func(text []byte) { said = string(text) })
	switch {
	case w.ctx.Err() != nil:
		e := w.over()
		e.Tail = printable(said, s.secrets()...)
		return e
	case saysDenied.MatchString(said):
		return s.noShell(w, ExecDenied, "the login was accepted, but not the shell")
	case saysBusy.MatchString(said):
		return s.noShell(w, VTYBusy, "the login was accepted, but no line was free")
	case out == flooded:
		return s.noShell(w, OutputLimit, "the device sends without end")
	}
	return s.noShell(w, SessionLost, "the session ended before the first prompt")
}

func (s *Session) noShell(w *watch, c Class, message string) *Error {
	stage, hop := w.where()
	e := newError(c, stage, hop, message, nil)
	s.t.peek(func(text []byte) { e.Tail = printable(string(text), s.secrets()...) })
	return e
}

func (s *Session) secrets() []string {
	var all []string
	for _, secret := range []Secret{s.t.target.Auth.Password, s.t.target.Enable} {
		if secret != nil {
			all = append(all, secret())
		}
	}
	return all
}

// prepare sends the lines for this terminal, where there are enough to learn from, in one write and learns the prompt from their echoes: what
// stands before the second and the third, and again at the end. They do nothing else and answer nothing, so
// that typing them ahead risks nothing; a device that does not echo them so is asked one by one.
func (s *Session) prepare(w *watch) *Error {
	lines := s.t.d.catalogue.prepare
	if len(lines) < 3 {
		return s.prepareSingly(w)
	}
	if s.write(strings.Join(lines, enter)+enter) != nil {
		return s.noPrompt(w, lost)
	}
	out := s.t.await(w.ctx, wait{idle: singlyFrom, done: func(text []byte) bool {
		prompt, ok := provenPrompt(text, lines)
		s.prompt = prompt
		return ok
	}})
	if out == silent {
		return s.prepareSingly(w)
	}
	if out != ready {
		return s.noPrompt(w, out)
	}
	s.t.forget()
	return nil
}

func provenPrompt(text []byte, lines []string) (string, bool) {
	if !looksLikePrompt(lastLine(text)) {
		return "", false
	}
	var before []string
	for _, line := range lines {
		e := echo{line: line}
		if !e.find(text) {
			return "", false
		}
		before = append(before, e.before)
		text = text[e.seen:]
	}
	prompt := before[1]
	return prompt, prompt == before[2] && looksLikePrompt([]byte(prompt)) && endsInPrompt(text, prompt)
}

// prepareSingly learns the prompt as the line that a lone return brings, then sends the lines one by one,
// each with its echo.
func (s *Session) prepareSingly(w *watch) *Error {
	s.t.forget()
	if s.write(enter) != nil {
		return s.noPrompt(w, lost)
	}
	noticed := false
	out := s.t.await(w.ctx, wait{
		done:    func(text []byte) bool { return noticed || looksLikePrompt(lastLine(text)) },
		calm:    settleTime,
		pause:   nudgeAfter,
		onPause: func(text []byte) string { noticed = looksLikePrompt(standing(text)); return "" },
	})
	if out != ready {
		return s.noPrompt(w, out)
	}
	s.t.take(func(text []byte) { s.prompt = string(standing(text)) })
	for _, line := range s.t.d.catalogue.prepare {
		e := &echo{line: line, prompt: s.prompt}
		if s.write(line+enter) != nil {
			return s.noPrompt(w, lost)
		}
		switch out := s.answer(w.ctx, e, 0, 0); out {
		case ready:
			s.t.forget()
		case silent, late:
			return s.noShell(w, PromptNotFound, "the device does not echo what is typed")
		default:
			return s.noPrompt(w, out)
		}
	}
	return nil
}

// shows reports whether the line that the device shows last is of a kind.
func (s *Session) shows(kind func(line []byte) bool) (yes bool) {
	s.t.peek(func(text []byte) { yes = kind(standing(text)) })
	return yes
}

// raise sends enable, and the secret if the device asks for it: once. A failure leaves the session at its
// privilege and is noted; only a device that goes on asking ends the login.
func (s *Session) raise(w *watch) *Error {
	low := s.prompt
	end := strings.LastIndexByte(low, '>')
	if end < 0 {
		return nil
	}
	w.move(StageEnable)
	high := low[:end] + "#" + low[end+1:]
	e := &echo{line: lineEnable, prompt: low}
	from := 0 // where the text begins that answers what was written last
	answered := func(text []byte) bool {
		if !e.find(text) {
			return false
		}
		text = text[max(e.seen, from):]
		return endsInPrompt(text, low) || endsInPrompt(text, high) || asksForPassword(lastLine(text))
	}
	if s.write(lineEnable+enter) != nil {
		return s.noPrompt(w, lost)
	}
	if out := s.t.await(w.ctx, wait{done: answered}); out != ready {
		return s.noPrompt(w, out)
	}
	if s.shows(asksForPassword) {
		// What comes next begins with the end of this line; the question itself is not looked at again.
		s.t.peek(func(text []byte) { from = len(text) + 1 })
		err := s.write(s.t.target.Enable() + enter)
		if err != nil {
			return s.noShell(w, EnableFailed, err.Error())
		}
		done := func(text []byte) bool { return len(text) >= from && answered(text) }
		if out := s.t.await(w.ctx, wait{done: done}); out != ready {
			return s.noPrompt(w, out)
		}
	}
	return s.raised(w, high)
}

// raised looks at what enable came to.
func (s *Session) raised(w *watch, high string) *Error {
	failed := s.noShell(w, EnableFailed, "enable failed")
	if s.shows(asksForPassword) {
		failed.Message = "enable failed: the device asks for the secret again"
		return failed
	}
	s.t.take(func(text []byte) {
		if endsInPrompt(text, high) {
			s.prompt, failed = high, nil
		}
	})
	if failed != nil {
		s.notices = append(s.notices, failed)
	}
	return nil
}
