package collect

import (
	"context"
	"strconv"
	"time"

	"slpdoctor/internal/diag"
)

// move goes to where the command of r is typed: it leaves the shell that is open and opens the one that is wanted.
// False means that r is answered: the device does not open it, or the session is dead.
func (s *Session) move(ctx context.Context, r *Result) bool {
	defer context.AfterFunc(ctx, func() { s.t.Close() })()
	r.Sent = time.Now()
	wanted := r.Command.Inside
	if s.inside != "" {
		s.leaveShell(ctx)
	}
	if _, asked := s.shut[wanted]; wanted != "" && !asked && s.dead == nil {
		s.openInside(ctx, wanted)
	}
	said, refused := s.shut[wanted]
	switch {
	case s.dead != nil:
		r.Outcome, r.Err = diag.WasCut, s.dead
		if s.dead.Class == CommandTimeout {
			r.Outcome = diag.WasTimedOut
		}
	case refused:
		r.Outcome, r.Text = diag.WasRefused, said
	default:
		return true
	}
	r.Received = time.Now()
	return false
}

// openInside opens a shell and learns its prompt, which the echo of the first line typed there proves. The device's own
// prompt instead of it means that this user may not.
func (s *Session) openInside(ctx context.Context, opener string) {
	said, ok := s.step(ctx, opener, func(text []byte) bool {
		line := lastLine(text)
		return endsInPrompt(text, s.prompt) || looksLikeShell(line) || looksLikePrompt(line)
	})
	switch {
	case !ok:
	case endsInPrompt(said, s.prompt):
		if s.shut == nil {
			s.shut = map[string]string{}
		}
		s.shut[opener] = string(withoutPrompt(said, s.prompt))
	case looksLikeShell(lastLine(said)):
		s.inside, s.outer, s.prompt = opener, s.prompt, string(lastLine(said))
	default:
		s.dead = s.fail(PromptNotFound, strconv.Quote(opener)+" opened something that is not a user's shell")
		s.dead.Hint = "nothing is typed in a shell of root; give slpdoctor a user whose shell prompt ends in $"
		s.t.Close()
	}
}

// leaveShell goes back to the device's own command line. The echo of exit proves the last answer.
func (s *Session) leaveShell(ctx context.Context) {
	if _, ok := s.step(ctx, lineExit, func(text []byte) bool { return endsInPrompt(text, s.outer) }); ok {
		s.inside, s.outer, s.prompt = "", "", s.outer
	}
}

// step types a line that changes where the next one goes, and waits until there says that the device is ready for it.
// It returns what came after the echo. When anything else happens the session is dead.
func (s *Session) step(ctx context.Context, line string, there func(text []byte) bool) (said []byte, ok bool) {
	e := &echo{line: line, prompt: s.prompt}
	s.t.peek(e.pass)
	out := disturbed
	if !e.stray {
		if out = lost; s.write(line+enter) == nil {
			out = s.t.await(ctx, wait{
				done: func(text []byte) bool { return e.find(text) && there(text[e.seen:]) || e.stray },
				calm: settleTime, idle: s.opts.IdleTimeout, total: s.opts.CommandTimeout,
			})
		}
	}
	s.doubt(e)
	s.t.take(func(text []byte) { said = append(said, text[min(e.seen, len(text)):]...) })
	switch {
	case e.stray:
		s.dead = s.fail(SessionLost, "the device does not echo what was sent")
	case ctx.Err() != nil && out != ready:
		s.dead = ended(ctx, CommandTimeout, StageCommand, s.hop(), "the time for this device is over")
	case out == silent, out == late:
		s.dead = s.fail(CommandTimeout, "the device did not answer "+strconv.Quote(line))
	case out == flooded:
		s.dead = s.fail(OutputLimit, "the answer is longer than the limit")
	case out != ready:
		s.dead = s.fail(SessionLost, "the session ended at "+strconv.Quote(line))
	default:
		return said, true
	}
	s.t.Close()
	return said, false
}
