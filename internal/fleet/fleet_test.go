package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a device that answers, and fails, as it is told.
type script struct {
	mu     sync.Mutex
	logins []error // of the next logins; nil is a success, and so is what comes after the last
	login  time.Duration
	think  time.Duration
	loseAt int // the session dies on this command (1-based) of the first session; 0 never

	opened int
	lines  []string
}

func (d *script) open(ctx context.Context) (Session, error) {
	select {
	case <-time.After(d.login):
	case <-ctx.Done():
		return nil, &collect.Error{Class: collect.HandshakeTimeout, Message: "too late"}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	if len(d.logins) > 0 {
		err := d.logins[0]
		d.logins = d.logins[1:]
		if err != nil {
			return nil, err
		}
	}
	return &session{d: d, first: d.opened == 1}, nil
}

type session struct {
	d     *script
	first bool
	n     int
	err   error
}

func (s *session) Run(ctx context.Context, cmd *diag.Command, line string) *collect.Result {
	s.n++
	time.Sleep(s.d.think)
	r := &collect.Result{Command: cmd, Line: line, Sent: time.Now()}
	s.d.lines = append(s.d.lines, line)
	switch {
	case ctx.Err() != nil:
		s.err = &collect.Error{Class: collect.Interrupted, Message: "interrupted"}
		r.Outcome = diag.WasCut
	case s.first && s.n == s.d.loseAt:
		s.err = &collect.Error{Class: collect.SessionLost, Message: "the session ended"}
		r.Outcome, r.Text = diag.WasCut, "half"
	case cmd == &iosxe.ShowVersion.Command:
		r.Outcome, r.Text = diag.OK, "Cisco IOS XE Software, Version 17.09.04a\n"
	default:
		r.Outcome, r.Text = diag.OK, "answer to "+line+"\n"
	}
	r.Received = time.Now()
	return r
}

func (s *session) Notices() []*collect.Error {
	return []*collect.Error{{Class: collect.EnableFailed, Message: "enable failed"}}
}
func (s *session) Err() error { return s.err }
func (s *session) Close()     {}

func class(c collect.Class) error { return &collect.Error{Class: c, Message: string(c)} }

// examine runs a fleet in a bubble of its own time and returns the results and the commands of each device.
func examine(t *testing.T, o Options, ctx func(*testing.T) context.Context, devices ...*script) (results []diag.DeviceResult) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		targets := make([]Target, len(devices))
		for i, d := range devices {
			targets[i] = Target{Device: diag.Device{Name: fmt.Sprintf("r%d", i+1)}, Credential: "lab", Open: d.open}
		}
		results = make([]diag.DeviceResult, len(devices))
		calls := 0
		Run(ctx(t), targets, o, func(i int, r diag.DeviceResult, _ []diag.Capture) { results[i] = r; calls++ })
		if calls != len(devices) {
			t.Errorf("%d results for %d devices", calls, len(devices))
		}
	})
	return results
}

func options() Options {
	return Options{Sessions: 50, Logins: 10, Timeout: time.Minute, Now: time.Now,
		Plan: []*diag.Command{&iosxe.ShowVersion.Command, &iosxe.ShowClock.Command, &iosxe.ShowHosts.Command}}
}

func states(results []diag.DeviceResult) string {
	var out []string
	for _, r := range results {
		s := string(r.State)
		if r.Error != nil {
			s += ":" + r.Error.Class
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestEveryCommandOnce(t *testing.T) {
	d := &script{}
	got := examine(t, options(), (*testing.T).Context, d)
	if states(got) != "examined" {
		t.Fatal(states(got))
	}
	if diff := cmp.Diff([]string{"show version", "show clock", "show hosts"}, d.lines); diff != "" {
		t.Error(diff)
	}
	if len(got[0].Notices) != 1 || got[0].Notices[0].Class != "enable_failed" {
		t.Errorf("%+v", got[0].Notices)
	}
	if len(got[0].Commands) != 3 || got[0].Commands[1].Outcome != diag.OK {
		t.Errorf("%+v", got[0].Commands)
	}
}

func TestALostSessionIsOpenedOnceMoreForTheRest(t *testing.T) {
	d := &script{loseAt: 2}
	got := examine(t, options(), (*testing.T).Context, d)
	if states(got) != "examined" || d.opened != 2 {
		t.Fatalf("%s after %d logins", states(got), d.opened)
	}
	if diff := cmp.Diff([]string{"show version", "show clock", "show hosts"}, d.lines); diff != "" {
		t.Error(diff)
	}
	if o := got[0].Commands[1].Outcome; o != diag.WasCut {
		t.Errorf("the half answer is %q", o)
	}
}

func TestARejectedLoginIsNeverRepeated(t *testing.T) {
	d := &script{logins: []error{class(collect.AuthRejected)}}
	if got := examine(t, options(), (*testing.T).Context, d); states(got) != "auth-rejected:auth_rejected" || d.opened != 1 {
		t.Errorf("%s after %d logins", states(got), d.opened)
	}
}

func TestFailuresBeforeTheLoginAreTriedTwiceMore(t *testing.T) {
	refused := class(collect.Refused)
	twice := &script{logins: []error{refused, refused}}
	always := &script{logins: slices.Repeat([]error{refused}, 9)}
	got := examine(t, options(), (*testing.T).Context, twice, always)
	if states(got) != "examined unreachable:refused" || twice.opened != 3 || always.opened != 3 {
		t.Errorf("%s after %d and %d logins", states(got), twice.opened, always.opened)
	}
}

func TestTheCanaryGoesAlone(t *testing.T) {
	var devices []*script
	for range 20 {
		devices = append(devices, &script{login: time.Second})
	}
	var most int
	o := options()
	o.Logins = 50
	seen := map[int]int{}
	o.Progress = func(p Progress) { seen[p.Done] = max(seen[p.Done], p.InFlight); most = max(most, p.InFlight) }
	got := examine(t, o, (*testing.T).Context, devices...)
	if strings.Contains(states(got), ":") || most != 20 {
		t.Fatalf("%s, %d at once", states(got), most)
	}
	// a second for the canary, then a second for all the others
	for i, r := range got {
		if want := int64(1000); i > 0 && r.ElapsedMS > 2*want {
			t.Errorf("device %d took %d ms", i, r.ElapsedMS)
		}
	}
}

func TestThreeRejectionsStopTheCredential(t *testing.T) {
	var devices []*script
	for range 30 {
		devices = append(devices, &script{logins: []error{class(collect.AuthRejected)}, login: 100 * time.Millisecond})
	}
	got := examine(t, options(), (*testing.T).Context, devices...)
	tried := 0
	for _, d := range devices {
		tried += d.opened
	}
	if tried != 3 {
		t.Errorf("a wrong password was tried on %d devices, want 3", tried)
	}
	if n := strings.Count(states(got), "not-run:breaker"); n != 27 {
		t.Errorf("%d devices are reported as not run, want 27: %s", n, states(got))
	}
}

func TestAWorkingCredentialSurvivesAFewRejections(t *testing.T) {
	var devices []*script
	for i := range 40 {
		d := &script{}
		if i%20 == 5 {
			d.logins = []error{class(collect.AuthRejected)}
		}
		devices = append(devices, d)
	}
	got := examine(t, options(), (*testing.T).Context, devices...)
	if n := strings.Count(states(got), "auth-rejected"); n != 2 {
		t.Error(states(got))
	}
	if strings.Contains(states(got), "breaker") {
		t.Error(states(got))
	}
}

func TestDeadCanariesDoNotHoldUpTheFleet(t *testing.T) {
	dead := func() *script {
		return &script{login: 10 * time.Second, logins: slices.Repeat([]error{class(collect.NameNotResolved)}, 3)}
	}
	alive := &script{}
	start := time.Now()
	got := examine(t, options(), (*testing.T).Context, dead(), dead(), alive, dead(), dead())
	if got[2].State != diag.Examined {
		t.Fatal(states(got))
	}
	if got[2].ElapsedMS > 25_000 {
		t.Errorf("the living device waited %d ms behind dead ones (real time %v)", got[2].ElapsedMS, time.Since(start))
	}
}

func TestMaxTimeReportsWhatIsLeft(t *testing.T) {
	slow := &script{think: 10 * time.Second}
	var devices []*script
	for range 4 {
		devices = append(devices, slow)
	}
	o := options()
	o.Sessions = 1
	errMax := &collect.Error{Class: collect.MaxTime, Message: "--max-time was over"}
	got := examine(t, o, func(t *testing.T) context.Context {
		ctx, cancel := context.WithTimeoutCause(context.Background(), 45*time.Second, errMax)
		t.Cleanup(cancel)
		return ctx
	}, devices...)
	if got[0].State != diag.Examined || got[3].State != diag.NotReached || got[3].Error.Class != "max_time" {
		t.Error(states(got))
	}
}

// TestALoginThatTheRunEnds tells the end of the run from a device that is slow.
func TestALoginThatTheRunEnds(t *testing.T) {
	errMax := &collect.Error{Class: collect.MaxTime, Message: "--max-time was over"}
	for timeout, want := range map[time.Duration]string{
		time.Minute:      "not-run:max_time",
		30 * time.Second: "unreachable:handshake_timeout",
	} {
		o := options()
		o.Timeout = timeout
		got := examine(t, o, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeoutCause(context.Background(), 45*time.Second, errMax)
			t.Cleanup(cancel)
			return ctx
		}, &script{login: time.Hour})
		if s := states(got); s != want {
			t.Errorf("with %s for the device: %s, want %s", timeout, s, want)
		}
	}
}

func TestADeviceThatIsNotIOSXEIsLeftAlone(t *testing.T) {
	d := &script{}
	o := options()
	nxos := func(ctx context.Context) (Session, error) {
		s, err := d.open(ctx)
		return &otherOS{s}, err
	}
	synctest.Test(t, func(t *testing.T) {
		Run(t.Context(), []Target{{Device: diag.Device{Name: "n9k"}, Open: nxos}}, o, func(_ int, r diag.DeviceResult, _ []diag.Capture) {
			if r.State != diag.Failed || r.Error.Class != "unsupported_platform" || len(d.lines) != 1 {
				t.Errorf("%s %+v after %q", r.State, r.Error, d.lines)
			}
		})
	})
}

type otherOS struct{ Session }

func (s *otherOS) Run(ctx context.Context, cmd *diag.Command, line string) *collect.Result {
	r := s.Session.Run(ctx, cmd, line)
	r.Text = "Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n"
	return r
}

func TestWhatALaterLookShowsToBeCutIsTakenBack(t *testing.T) {
	first := &collect.Result{Command: &iosxe.ShowVersion.Command, Outcome: diag.OK, Text: "x"}
	v := &visit{facts: diag.NewFacts(diag.Device{})}
	v.take(diag.Capture{Command: first.Command, Outcome: first.Outcome, Text: first.Text})
	first.Outcome = diag.WasCut
	v.revise([]*collect.Result{first})
	if c, _ := v.facts.Capture(first.Command); c.Outcome != diag.WasCut || v.answers != 0 {
		t.Errorf("%+v, %d answers", c, v.answers)
	}
}

func TestFaultKeepsUnclassifiedErrors(t *testing.T) {
	if e := fault(errors.New("odd")); e.Class != collect.Internal || e.Message != "odd" {
		t.Errorf("%+v", e)
	}
}
