package collect

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"

	"slpdoctor/internal/diag"
)

// hop is the fake as a jump host, with its own password.
func (f *fake) hop() Hop {
	return Hop{Address: "127.0.0.1", Port: f.port(), Auth: Auth{User: "ops", Password: hidden("bastion secret")}}
}

// through is a Dialer that knows the host keys of all these fakes.
func through(t *testing.T, all ...*fake) *Dialer {
	t.Helper()
	var lines []string
	for _, f := range all {
		lines = append(lines, "[127.0.0.1]:"+strings.Split(f.addr, ":")[1]+" "+authorized(f.signer.PublicKey()))
	}
	hosts, err := LoadKnownHosts(writeHosts(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	options := all[0].options()
	options.KnownHosts = hosts
	d := NewDialer(options)
	t.Cleanup(d.Close)
	return d
}

func TestJumpChain(t *testing.T) {
	inner := (&fake{password: "bastion secret"}).start(t)
	outer := (&fake{password: "bastion secret"}).start(t)
	device := (&fake{password: "correct horse"}).start(t)
	d := through(t, inner, outer, device)
	target := device.target()
	target.Jump = []Hop{outer.hop(), inner.hop()}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := d.Open(t.Context(), target)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			defer s.Close()
			if r := s.Run(t.Context(), showVersion, "show version"); r.Outcome != diag.OK {
				t.Errorf("outcome %s, %v", r.Outcome, r.Err)
			}
		})
	}
	wg.Wait()
	if outer.logins.Load() != 1 || inner.logins.Load() != 1 || device.logins.Load() != 8 {
		t.Errorf("%d and %d logins on the jump hosts and %d on the device, want 1, 1 and 8",
			outer.logins.Load(), inner.logins.Load(), device.logins.Load())
	}
}

func TestManySessionsShareFewBastionConnections(t *testing.T) {
	bastion, device := (&fake{}).start(t), (&fake{}).start(t)
	d := through(t, bastion, device)
	target := device.target()
	target.Jump = []Hop{bastion.hop()}
	for range perBastion*2 + 2 {
		s, err := d.Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
	}
	if n := bastion.logins.Load(); n < 2 || n > maxBastions {
		t.Errorf("%d connections to the jump host for %d sessions, want 2 to %d", n, perBastion*2+2, maxBastions)
	}
}

// TestJumpFaults breaks the jump host in every way. The device is never to blame, and the chain pauses: the
// second device behind it is not tried.
func TestJumpFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		host   *fake
		change func(*Dialer, *Target)
		class  Class
		logins int32 // connections that the jump host sees from two devices
	}{
		{"closes at once", &fake{accept: say("")}, nil, BastionUnreachable, 1},
		{"rejects", &fake{password: "other"}, nil, BastionAuthRejected, 1},
		{"other host key", &fake{}, func(d *Dialer, _ *Target) { d.opts.KnownHosts = &KnownHosts{} }, BastionHostKey, 1},
		{"forbids forwarding", &fake{refuse: map[string]bool{"direct-tcpip": true, "session": true}}, nil, BastionForwarding, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var connections atomic.Int32
			accept := test.host.accept
			test.host.accept = func(c net.Conn) bool {
				connections.Add(1)
				return accept == nil || accept(c)
			}
			bastion, device := test.host.start(t), (&fake{}).start(t)
			d := through(t, bastion, device)
			target := device.target()
			target.Jump = []Hop{bastion.hop()}
			if test.change != nil {
				test.change(d, &target)
			}
			for range 2 {
				_, err := d.Open(t.Context(), target)
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Class != test.class || StateOf(err, 0) != diag.NotReached {
					t.Fatalf("Open: %v, want %s", err, test.class)
				}
				if strings.Contains(e.Error(), "secret") {
					t.Errorf("a secret is in %v", e)
				}
			}
			if n := connections.Load(); n != test.logins {
				t.Errorf("%d connections to the jump host, want %d", n, test.logins)
			}
			if device.logins.Load() != 0 {
				t.Error("the device was reached")
			}
		})
	}
}

func TestDeviceFaultsBehindAJumpHost(t *testing.T) {
	bastion, device := (&fake{}).start(t), (&fake{password: "other"}).start(t)
	d := through(t, bastion, device)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for port, class := range map[int]Class{device.port(): AuthRejected, portOf(gone.Addr().String()): Refused} {
		target := device.target()
		target.Jump, target.Port = []Hop{bastion.hop()}, port
		if _, err := d.Open(t.Context(), target); ClassOf(err) != class {
			t.Errorf("Open: %v, want %s", err, class)
		}
	}
	if n := bastion.logins.Load(); n != 1 {
		t.Errorf("%d logins on the jump host, want 1: faults of devices do not end its connection", n)
	}
}

// TestLostBastion cuts the jump host under a session; the next login gets a new connection.
func TestLostBastion(t *testing.T) {
	bastion, device := (&fake{}).start(t), (&fake{}).start(t)
	d := through(t, bastion, device)
	target := device.target()
	target.Jump = []Hop{bastion.hop()}
	s, err := d.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	bastion.hangUp()
	if r := s.Run(t.Context(), showVersion, "show version"); r.Outcome != diag.WasCut || ClassOf(r.Err) != SessionLost {
		t.Errorf("outcome %s, %v, want a lost session", r.Outcome, r.Err)
	}
	s.Close()
	for deadline := time.Now().Add(atOnce); ; {
		s, err := d.Open(t.Context(), target)
		if err == nil {
			s.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Open: %v", err)
		}
	}
}

// TestCancelBehindAStuckBastion: a jump host that passes nothing on must not hold a login that is cancelled.
func TestCancelBehindAStuckBastion(t *testing.T) {
	reached := make(chan struct{})
	stuck := (&fake{accept: func(c net.Conn) bool {
		close(reached)
		io.Copy(io.Discard, c)
		return false
	}}).start(t)
	bastion := (&fake{}).start(t)
	d := through(t, bastion, stuck)
	target := stuck.target()
	target.Jump = []Hop{bastion.hop()}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	begin := time.Now()
	_, err := d.Open(ctx, target)
	if ClassOf(err) != Interrupted || time.Since(begin) > atOnce {
		t.Errorf("Open: %v after %v", err, time.Since(begin))
	}
}

// TestSecretsStayWithTheirHost: the device's password never goes to the jump host, nor the other way, and the
// agent is not forwarded.
func TestSecretsStayWithTheirHost(t *testing.T) {
	var mu sync.Mutex
	given := map[string][]string{}
	record := func(who string) func(*ssh.ServerConfig) {
		return func(c *ssh.ServerConfig) {
			c.PasswordCallback = func(_ ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
				mu.Lock()
				defer mu.Unlock()
				given[who] = append(given[who], string(p))
				return nil, nil
			}
		}
	}
	bastion := (&fake{config: record("bastion")}).start(t)
	device := (&fake{config: record("device")}).start(t)
	d := through(t, bastion, device)
	target := device.target()
	target.Jump = []Hop{bastion.hop()}
	s, err := d.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	mu.Lock()
	defer mu.Unlock()
	if strings.Join(given["bastion"], ",") != "bastion secret" || strings.Join(given["device"], ",") != "correct horse" {
		t.Errorf("passwords given: %v", given)
	}
}

// buffered is one end of a pipe whose writes do not wait for the other end, as SSH needs it.
type buffered struct {
	net.Conn
	queue chan []byte
	ended chan struct{}
	once  sync.Once
}

func bufferedPipe() (a, b net.Conn) {
	wrap := func(c net.Conn) net.Conn {
		w := &buffered{Conn: c, queue: make(chan []byte, 1000), ended: make(chan struct{})}
		go func() {
			for {
				select {
				case p := <-w.queue:
					c.Write(p)
				case <-w.ended:
					return
				}
			}
		}()
		return w
	}
	left, right := net.Pipe()
	return wrap(left), wrap(right)
}

func (b *buffered) Write(p []byte) (int, error) {
	select {
	case b.queue <- slices.Clone(p):
		return len(p), nil
	case <-b.ended:
		return 0, net.ErrClosed
	}
}

func (b *buffered) Close() error {
	b.once.Do(func() { close(b.ended) })
	return b.Conn.Close()
}

// TestSilentBastion: a jump host that stops answering is given up, and one that answers is kept.
func TestSilentBastion(t *testing.T) {
	for name, answers := range map[string]bool{"answers": true, "silent": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := bufferedPipe()
				go func() {
					config := &ssh.ServerConfig{NoClientAuth: true}
					config.AddHostKey(newSigner(t))
					conn, chans, reqs, err := ssh.NewServerConn(theirs, config)
					if err != nil {
						return
					}
					if answers {
						go ssh.DiscardRequests(reqs)
					}
					for range chans {
					}
					conn.Close()
				}()
				conn, chans, reqs, err := ssh.NewClientConn(ours, "bastion:22", &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()})
				if err != nil {
					t.Fatal(err)
				}
				l := &link{Conn: conn, release: func() {}}
				b := &bastion{client: ssh.NewClient(conn, chans, reqs), link: l, gone: make(chan struct{})}
				c := &chain{links: []*bastion{b}}
				go c.keep(b)
				time.Sleep(10 * bastionProbe)
				synctest.Wait()
				c.mu.Lock()
				kept := len(c.links) == 1
				c.mu.Unlock()
				if kept != answers {
					t.Errorf("kept %v, want %v", kept, answers)
				}
				l.close()
			})
		})
	}
}
