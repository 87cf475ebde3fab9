package sim

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testSecret = "only-for-tests"

// plainSpec is a small healthy device.
func plainSpec() Spec {
	return Spec{Name: "r1", PID: "C8300-1N1S-6T", Serial: "SIM0000R001", Release: "17.9.4a", Boot: DemoTime.Add(-10 * day),
		World: demoWorld(DemoTime), Config: tokyo.base(9, "GigabitEthernet0/0/0") + "\n" + smart}
}

func newDevice(t *testing.T, s Spec) *Device {
	t.Helper()
	d, err := NewDevice(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func serve(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Username == "" {
		o.Username, o.Password = "netops", testSecret
	}
	s, err := Serve(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func clientConfig(s *Server) *ssh.ClientConfig {
	return &ssh.ClientConfig{User: "netops", Auth: []ssh.AuthMethod{ssh.Password(testSecret)},
		HostKeyCallback: ssh.FixedHostKey(s.signer.PublicKey()), Timeout: 5 * time.Second}
}

// terminal is a session as a person has it: what the device wrote so far, and a
// way to wait for it to end with something.
type terminal struct {
	t    *testing.T
	conn *ssh.Client
	sess *ssh.Session
	in   io.WriteCloser
	out  io.Reader
	seen bytes.Buffer
}

func dial(t *testing.T, s *Server, name string) *terminal {
	t.Helper()
	conn, err := ssh.Dial("tcp", s.Addr(name), clientConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	sess, err := conn.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, conn: conn, sess: sess}
	if term.in, err = sess.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if term.out, err = sess.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := sess.RequestPty("vt100", 24, 511, nil); err != nil {
		t.Fatal(err)
	}
	if err := sess.Shell(); err != nil {
		t.Fatal(err)
	}
	return term
}

// until reads until the text ends with the wanted words and returns what came.
func (term *terminal) until(end string) string {
	term.t.Helper()
	buf := make([]byte, 4096)
	for !strings.HasSuffix(term.seen.String(), end) {
		n, err := term.out.Read(buf)
		term.seen.Write(buf[:n])
		if err != nil {
			term.t.Fatalf("waiting for %q: %v; got %q", end, err, term.seen.String())
		}
	}
	defer term.seen.Reset()
	return term.seen.String()
}

func (term *terminal) rest() string {
	b, _ := io.ReadAll(term.out)
	return term.seen.String() + string(b)
}

func (term *terminal) typed(s string) { io.WriteString(term.in, s) }

func TestSessionAnswersLikeRun(t *testing.T) {
	d := newDevice(t, plainSpec())
	s := serve(t, Options{Devices: []*Device{d}})
	term := dial(t, s, "r1")
	term.until("r1#")
	term.typed("terminal length 0\r")
	term.until("r1#")
	for _, c := range []string{"show version", "show clock", "show license status", "show license tech support"} {
		term.typed(c + "\r")
		want := c + "\r\n" + crlf(d.Run(c)) + "r1#"
		if got := term.until("r1#"); got != want {
			t.Errorf("%s: got %q, want %q", c, got, want)
		}
	}
	term.typed("exit\r")
	if got := term.rest(); got != "exit\r\n" {
		t.Errorf("after exit: %q", got)
	}
	if got := strings.Join(s.Typed("r1"), ","); got != "terminal length 0,show version,show clock,show license status,show license tech support,exit" {
		t.Errorf("typed: %s", got)
	}
}

func TestTypeAheadIsEchoedAfterTheCommandBeforeIt(t *testing.T) {
	d := newDevice(t, plainSpec())
	s := serve(t, Options{Devices: []*Device{d}, RTT: 4 * time.Millisecond, Think: 5 * time.Millisecond})
	term := dial(t, s, "r1")
	term.typed("terminal length 0\rshow clock\rshow privilege\rexit\r")
	want := "\r\nr1#terminal length 0\r\nr1#show clock\r\n" + crlf(d.Run("show clock")) + "r1#show privilege\r\nCurrent privilege level is 15\r\nr1#exit\r\n"
	if got := term.rest(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLiveDevicesKeepTime(t *testing.T) {
	d := newDevice(t, plainSpec())
	s := serve(t, Options{Devices: []*Device{d}, Live: true})
	s.devices["r1"].begin = time.Now().Add(-time.Hour) // as if an hour had passed
	want := d.Now().Add(time.Hour)
	term := dial(t, s, "r1")
	term.until("r1#")
	term.typed("show clock\r")
	term.until("r1#")
	if late := d.Now().Sub(want); late < 0 || late > time.Minute {
		t.Errorf("the device stands at %v, want about %v", d.Now(), want)
	}
}
