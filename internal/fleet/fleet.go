// Package fleet examines many devices at once: gates for logins and sessions, a canary and a breaker per
// credential, retries, time limits, the plan of commands in waves, and a result per device whatever
// happens. The command line uses it; it knows devices only through an Open function.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/mask"
)

// Session is one logged-in device, as *collect.Session is. Run never fails: the result says how the command
// ended, for good once the next command has run or the session is closed. Err is what ended the session,
// nil while it lives.
type Session interface {
	Run(ctx context.Context, cmd *diag.Command, line string) *collect.Result
	Err() error
	Notices() []*collect.Error // what went wrong without ending it
	Close()
}

// Target is one device to examine.
type Target struct {
	Device     diag.Device
	Credential string        // devices that share it share a canary and a breaker; "" shares none
	Timeout    time.Duration // for the whole device; 0 means Options.Timeout
	// Open logs in once. It is called again only after failures that cannot lock anybody out.
	Open func(ctx context.Context) (Session, error)
	Plan []*diag.Command // nil means Options.Plan
}

// Options are the limits of a run. Zero counts and durations are not allowed unless said.
type Options struct {
	Sessions int                            // devices at once
	Logins   int                            // logins at once
	Timeout  time.Duration                  // per device
	Plan     []*diag.Command                // of devices that have none of their own
	Skip     map[*diag.Command]diag.NotSent // what is left out on purpose
	Checks   engine.Catalogue

	ClockSynced bool // whether the runner's clock may judge the devices' clocks
	Now         func() time.Time
	Progress    func(Progress) // nil: nobody watches. Called from many goroutines, one at a time
}

// Progress is a moment of a run.
type Progress struct{ Total, Done, InFlight, Failed int }

// Done takes the result of one device and what was collected from it. Calls come one at a time, in order
// of completion; index is the position of the target.
type Done func(index int, r diag.DeviceResult, captures []diag.Capture)

// gcPercent trades memory for CPU while a fleet is examined: nearly all garbage is buffers and captures of
// devices that are done, and the heap in use is small, as long as the sessions are not many.
func gcPercent(sessions int) int {
	if sessions > 100 {
		return 100
	}
	return 200
}

// Run examines every target and calls done once for each. Cancelling ctx ends the run at once: what is in
// flight is reported as far as it came, what is not reached as not-run, with the cause of the context.
func Run(ctx context.Context, targets []Target, o Options, done Done) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent(o.Sessions)))
	r := &run{Options: o, done: done, logins: make(chan struct{}, o.Logins),
		judging: make(chan struct{}, runtime.GOMAXPROCS(0)), credentials: map[string]*credential{}}
	for _, t := range targets {
		if t.Credential != "" && r.credentials[t.Credential] == nil {
			r.credentials[t.Credential] = newCredential()
		}
	}
	r.progress.Total = len(targets)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(o.Sessions, len(targets)) {
		wg.Go(func() {
			for i := range next {
				r.device(ctx, i, targets[i])
			}
		})
	}
	for i := range targets {
		next <- i
	}
	close(next)
	wg.Wait()
}

type run struct {
	Options
	done        Done
	logins      chan struct{}
	judging     chan struct{} // as many at once as there are processors: what is read of an answer is larger than it
	credentials map[string]*credential

	mu       sync.Mutex
	progress Progress
}

// device examines one target. A panic becomes an error of this device alone.
func (r *run) device(ctx context.Context, i int, t Target) {
	r.count(func(p *Progress) { p.InFlight++ })
	started := r.Now()
	v := &visit{run: r, target: t, facts: diag.NewFacts(t.Device)}
	res := v.examine(ctx)
	res.ElapsedMS = r.Now().Sub(started).Milliseconds()
	r.count(func(p *Progress) {
		p.InFlight--
		p.Done++
		if res.State != diag.Examined {
			p.Failed++
		}
		r.done(i, res, v.captures)
	})
}

// count changes the counters and tells the watcher, one goroutine at a time.
func (r *run) count(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.progress)
	if r.Progress != nil {
		r.Progress(r.progress)
	}
}

// visit is the examination of one device.
type visit struct {
	*run
	target   Target
	facts    *diag.Facts
	captures []diag.Capture
	notices  []diag.Fault
	answers  int
}

func (v *visit) examine(ctx context.Context) (res diag.DeviceResult) {
	defer func() {
		if p := recover(); p != nil {
			res = v.result(&collect.Error{Class: collect.Internal, Message: fmt.Sprintf("a defect of this program: %v", p)}, false)
		}
	}()
	if err := cause(ctx); err != nil {
		return v.result(err, false)
	}
	limit := v.target.Timeout
	if limit == 0 {
		limit = v.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := v.collect(ctx)
	return v.result(err, true)
}

// Heard reports whether a device said anything that can be judged. A refusal can: the checks that need the
// answer are then unknown, where no results at all would look as if nothing was wrong.
func Heard(captures []diag.Capture) bool {
	return slices.ContainsFunc(captures, func(c diag.Capture) bool { return c.Outcome != diag.NotRun })
}

// result judges what was collected.
func (v *visit) result(err error, judge bool) diag.DeviceResult {
	d := engine.Unexamined(v.target.Device)
	if judge && Heard(v.captures) {
		d = v.judge()
	}
	d.Notices = append(d.Notices, v.notices...)
	if d.Error != nil { // unsupported platform: it explains whatever ended the session
		return d
	}
	d.State = collect.StateOf(err, v.answers)
	if err != nil && d.State != diag.Examined {
		e := fault(err)
		d.Error = e.Fault()
	}
	return d
}

// plan is what this device is asked.
func (v *visit) plan() []*diag.Command {
	if v.target.Plan != nil {
		return v.target.Plan
	}
	return v.Plan
}

// judge examines the facts, which nobody needs any more then.
func (v *visit) judge() diag.DeviceResult {
	v.judging <- struct{}{}
	defer func() { <-v.judging; v.facts = nil }()
	return v.Checks.Examine(v.facts, v.plan())
}

// fault is err as a classified error.
func fault(err error) *collect.Error {
	if e, ok := errors.AsType[*collect.Error](err); ok {
		return e
	}
	return &collect.Error{Class: collect.Internal, Message: err.Error(), Hint: collect.PolicyOf(collect.Internal).Hint, Err: err}
}

// cause is why a context has ended, as a classified error; nil while it lives.
func cause(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if e, ok := errors.AsType[*collect.Error](context.Cause(ctx)); ok {
		early := *e
		early.Stage = cmp.Or(early.Stage, collect.StageCredential)
		return &early
	}
	return &collect.Error{Class: collect.Interrupted, Stage: collect.StageCredential,
		Message: "interrupted before it was this device's turn", Err: context.Cause(ctx)}
}

// collect logs in and sends the plan; a session that is lost after an answer is opened once more for the
// commands that are left.
func (v *visit) collect(ctx context.Context) error {
	left := slices.Clone(v.plan())
	var lost error
	for attempt := range 2 {
		s, err := v.login(ctx)
		if err != nil {
			v.skip(left, diag.NotSent{Reason: diag.Cut, Detail: "the session ended before it was sent"})
			if lost != nil {
				return lost
			}
			return err
		}
		for _, n := range s.Notices() {
			v.notices = append(v.notices, *n.Fault())
		}
		var results []*collect.Result
		left, lost = v.send(ctx, s, left, &results)
		s.Close()
		v.revise(results)
		if lost == nil {
			return nil
		}
		if attempt > 0 || collect.PolicyOf(collect.ClassOf(lost)).Retry != collect.Reconnect || ctx.Err() != nil || len(left) == 0 {
			break
		}
	}
	v.skip(left, diag.NotSent{Reason: diag.Cut, Detail: "the session ended before it was sent"})
	return lost
}

// send runs the plan wave by wave and returns what it could not send, and the error that ended the session.
func (v *visit) send(ctx context.Context, s Session, plan []*diag.Command, results *[]*collect.Result) ([]*diag.Command, error) {
	for len(plan) > 0 {
		i := firstWave(plan)
		cmd := plan[i]
		line, why := v.line(cmd)
		if why != (diag.NotSent{}) {
			v.skip([]*diag.Command{cmd}, why)
			plan = slices.Delete(plan, i, i+1)
			continue
		}
		sent := v.Now()
		res := s.Run(ctx, cmd, line)
		if res.Outcome != diag.NotRun {
			v.take(diag.Capture{Command: cmd, Line: line, Text: mask.Text(res.Text), Outcome: res.Outcome,
				Sent: sent, Received: v.Now(), ClockSynced: v.ClockSynced})
			*results = append(*results, res)
			plan = slices.Delete(plan, i, i+1)
		}
		if err := s.Err(); err != nil {
			return plan, err
		}
		if res.Outcome == diag.NotRun {
			v.skip([]*diag.Command{cmd}, diag.NotSent{Reason: diag.Internal, Detail: "it was not sent"})
			plan = slices.Delete(plan, i, i+1)
		}
		if engine.Identifies(cmd) && engine.Foreign(v.facts) != nil {
			v.skip(plan, diag.NotSent{Reason: diag.NotCollected, Detail: "the device is of another platform"})
			return nil, nil
		}
	}
	return nil, nil
}

// firstWave is the position of the first command of the lowest wave.
func firstWave(plan []*diag.Command) int {
	best := 0
	for i, c := range plan {
		if c.Wave < plan[best].Wave {
			best = i
		}
	}
	return best
}

// line is what to send for a command, or why not.
func (v *visit) line(cmd *diag.Command) (string, diag.NotSent) {
	if why, ok := v.Skip[cmd]; ok {
		return "", why
	}
	if cmd.Plan == nil {
		return cmd.String(), diag.NotSent{}
	}
	return cmd.Plan(v.facts)
}

func (v *visit) take(c diag.Capture) {
	if c.Outcome == diag.OK {
		v.answers++
	}
	v.captures = append(v.captures, c)
	v.facts.Add(c)
}

// revise takes back what a later look showed to be incomplete: an answer that went on after what seemed
// to be its end.
func (v *visit) revise(results []*collect.Result) {
	for _, res := range results {
		for i := range v.captures {
			c := &v.captures[i]
			if c.Command != res.Command || c.Outcome == res.Outcome {
				continue
			}
			if c.Outcome == diag.OK {
				v.answers--
			}
			c.Outcome = res.Outcome
			v.facts.Add(*c)
		}
	}
}

// skip records commands that are not sent.
func (v *visit) skip(commands []*diag.Command, why diag.NotSent) {
	for _, cmd := range commands {
		v.take(diag.Capture{Command: cmd, Line: cmd.String(), Outcome: diag.NotRun, NotSent: why})
	}
}

// login opens a session behind the gates. Failures before a credential was given are tried up to twice
// more after a jittered pause; a rejected login never.
func (v *visit) login(ctx context.Context) (Session, error) {
	for pause := time.Second; ; pause *= 3 {
		s, err := v.tryLogin(ctx)
		if err == nil || pause > 3*time.Second || !fault(err).Retryable() {
			return s, err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func (v *visit) tryLogin(ctx context.Context) (Session, error) {
	settle := func(outcome) {}
	if c := v.credentials[v.target.Credential]; c != nil {
		var err error
		if settle, err = c.admit(ctx); err != nil {
			return nil, err
		}
	}
	select {
	case v.logins <- struct{}{}:
		defer func() { <-v.logins }()
	case <-ctx.Done():
		settle(undecided)
		return nil, cause(ctx)
	}
	s, err := v.target.Open(ctx)
	if c := collect.ClassOf(err); c == collect.ConnectTimeout || c == collect.HandshakeTimeout {
		err = orEnded(ctx, err)
	}
	switch {
	case err == nil:
		settle(accepted)
	case collect.ClassOf(err) == collect.AuthRejected:
		settle(rejected)
	default:
		settle(undecided)
	}
	return s, err
}

// orEnded is why the run has ended, when it has, instead of a connection's timeout: the connection has the
// deadline of the run, and its timer may be the first to fire.
func orEnded(ctx context.Context, err error) error {
	deadline, ok := ctx.Deadline()
	if !ok || time.Now().Before(deadline) {
		return err
	}
	<-ctx.Done()
	if _, ok := errors.AsType[*collect.Error](context.Cause(ctx)); ok {
		return cause(ctx)
	}
	return err
}
