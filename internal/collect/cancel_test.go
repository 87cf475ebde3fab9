package collect

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// atOnce is far more than cancelling takes and far less than any limit of a login.
const atOnce = 5 * time.Second

func TestDialFaults(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	closed.Close()
	d := NewDialer(Options{AgentSocket: "none"})
	defer d.Close()
	for _, test := range []struct {
		hop   Hop
		class Class
	}{
		{Hop{Address: "127.0.0.1", Port: portOf(addr)}, Refused},
		{Hop{Address: "no-such-device.invalid"}, NameNotResolved},
	} {
		_, err := d.Open(t.Context(), Target{Hop: test.hop})
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Class != test.class || e.Stage != StageDial || e.Hop != test.hop.addr() {
			t.Errorf("%s: %v, want class %s", test.hop.addr(), err, test.class)
		}
	}
}

// TestCancel cancels logins and commands in every stage and wants them to end at once, with the reason.
func TestCancel(t *testing.T) {
	reached := make(chan struct{}, 1)
	hang := func(text string) func(net.Conn) bool {
		return func(c net.Conn) bool {
			io.WriteString(c, text)
			reached <- struct{}{}
			io.Copy(io.Discard, c)
			return false
		}
	}
	for name, f := range map[string]*fake{
		"before ident":   {accept: hang("")},
		"key exchange":   {accept: hang("SSH-2.0-Cisco-1.25\r\n")},
		"first prompt":   {shell: func(v *vty) { reached <- struct{}{}; v.line(false) }},
		"terminal lines": {shell: func(v *vty) { v.raw("R1#"); reached <- struct{}{}; v.sleep(time.Hour) }},
	} {
		t.Run(name, func(t *testing.T) {
			f.start(t)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-reached; cancel() }()
			begin := time.Now()
			_, err := f.open(t, ctx)
			if ClassOf(err) != Interrupted {
				t.Errorf("Open: %v, want %s", err, Interrupted)
			}
			if took := time.Since(begin); took > atOnce {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestCancelledCommandEndsTheSession(t *testing.T) {
	began := make(chan struct{})
	f := (&fake{answers: map[string]func(*vty){"show logging": func(v *vty) {
		v.send("line one\n")
		close(began)
		v.sleep(time.Hour)
	}}}).start(t)
	s := f.mustOpen(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-began
		for !contains(s, "line one") {
			runtime.Gosched()
		}
		cancel(&Error{Class: MaxTime, Message: "the time of the run is over"})
	}()
	r := s.Run(ctx, showLogging, "show logging")
	if r.Outcome != diag.WasCut || ClassOf(r.Err) != MaxTime || r.Text != "line one\n" {
		t.Errorf("outcome %s, %v, text %q; want cut, %s and the first line", r.Outcome, r.Err, r.Text, MaxTime)
	}
	r = s.Run(t.Context(), showVersion, "show version")
	if r.Outcome != diag.NotRun || ClassOf(r.Err) != MaxTime {
		t.Errorf("the next command: outcome %s, %v; want not run", r.Outcome, r.Err)
	}
}

func contains(s *Session, text string) (yes bool) {
	s.t.peek(func(b []byte) { yes = string(b) != "" && string(b[max(0, len(b)-len(text)-1):]) == text+"\n" })
	return yes
}

// TestNothingLeaks opens, cancels and loses many sessions. TestMain looks for goroutines; this looks for
// connections that the device still holds.
func TestNothingLeaks(t *testing.T) {
	f := (&fake{password: "correct horse"}).start(t)
	d := NewDialer(f.options())
	defer d.Close()
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		target := f.target()
		switch i % 4 {
		case 1:
			time.AfterFunc(time.Duration(i)*20*time.Microsecond, cancel)
		case 2:
			target.Auth.Password = func() string { return "wrong" }
		}
		s, err := d.Open(ctx, target)
		if err == nil {
			if i%4 == 3 {
				f.hangUp()
			}
			s.Run(ctx, showVersion, "show version")
			s.Close()
		}
		cancel()
	}
	for deadline := time.Now().Add(atOnce); f.live.Load() > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are still open", f.live.Load())
		}
		time.Sleep(time.Millisecond)
	}
}
