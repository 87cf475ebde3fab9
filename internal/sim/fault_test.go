package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func faulty(t *testing.T, f Faults, change ...func(*Options)) *Server {
	t.Helper()
	spec := plainSpec()
	spec.Faults = f
	o := Options{Devices: []*Device{newDevice(t, spec)}, Username: "netops", Password: testSecret}
	for _, c := range change {
		c(&o)
	}
	return serve(t, o)
}

// greet connects and reads what the server says first.
func greet(t *testing.T, s *Server) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr("r1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	buf := make([]byte, 256)
	n, err := c.Read(buf)
	return string(buf[:n]), err
}

func TestFaultsBeforeTheLogin(t *testing.T) {
	for name, c := range map[string]struct {
		f    Faults
		want string
		err  error
	}{
		"healthy":            {Faults{}, ident + "\r\n", nil},
		"stall before ident": {Faults{StallBeforeIdent: true}, "", os.ErrDeadlineExceeded},
		"drop every second":  {Faults{DropEvery: 1}, "", io.EOF},
		"old protocol":       {Faults{Greeting: "SSH-1.5-Cisco-1.25\n"}, "SSH-1.5-Cisco-1.25\n", nil},
	} {
		if got, err := greet(t, faulty(t, c.f)); got != c.want || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, f := range map[string]Faults{"stall after ident": {StallAfterIdent: true}, "close after ident": {CloseAfterIdent: true}} {
		s := faulty(t, f)
		cfg := clientConfig(s)
		c, err := net.Dial("tcp", s.Addr("r1"))
		if err != nil {
			t.Fatal(err)
		}
		stuck := time.AfterFunc(300*time.Millisecond, func() { c.Close() })
		if _, _, _, err := ssh.NewClientConn(c, "r1", cfg); err == nil {
			t.Errorf("%s: the handshake succeeded", name)
		}
		if fired := !stuck.Stop(); fired != f.StallAfterIdent {
			t.Errorf("%s: hung %v", name, fired)
		}
		c.Close()
	}
}

func TestKeysAndAlgorithms(t *testing.T) {
	if err := login(t, faulty(t, Faults{ForeignKey: true})); err == nil {
		t.Error("a foreign host key was accepted")
	}
	var mismatch *ssh.AlgorithmNegotiationError
	if err := login(t, faulty(t, Faults{Ciphers: []string{"aes128-cbc"}})); !errors.As(err, &mismatch) {
		t.Errorf("CBC only: %v", err)
	}
}

func TestBusyLinesAreClosedAtOnce(t *testing.T) {
	s := faulty(t, Faults{MaxSessions: 1})
	term := dial(t, s, "r1")
	term.until("r1#")
	if _, err := ssh.Dial("tcp", s.Addr("r1"), clientConfig(s)); err == nil {
		t.Error("a second connection was served")
	}
	term.typed("exit\r")
	term.rest()
}

func TestServeRefusesAndDescribes(t *testing.T) {
	d := newDevice(t, plainSpec())
	for name, o := range map[string]Options{
		"not loopback": {Devices: []*Device{d}, Listen: "0.0.0.0", Username: "u", Password: "p"},
		"a name":       {Devices: []*Device{d}, Listen: "localhost", Username: "u", Password: "p"},
		"no password":  {Devices: []*Device{d}, Username: "u"},
		"twice":        {Devices: []*Device{d, d}, Username: "u", Password: "p"},
	} {
		if s, err := Serve(context.Background(), o); err == nil {
			s.Close()
			t.Errorf("%s: served", name)
		}
	}
	fleet := DemoFleet()
	s := serve(t, Options{Devices: fleet, RSA: true})
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, s.KnownHosts(), 0o600); err != nil {
		t.Fatal(err)
	}
	check, err := knownhosts.New(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg := clientConfig(s)
	cfg.HostKeyCallback = check
	c, err := ssh.Dial("tcp", s.Addr("tyo-core-1"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := net.Dial("tcp", s.Addr("lab-acc-1")); err == nil {
		t.Error("the device that is down answers")
	}
	inventory := string(s.Inventory())
	for _, want := range []string{"version: 1\n", "{env: SLPDOCTOR_SIM_PASSWORD}", "{name: tyo-core-1, address: 127.0.0.1, port: ",
		"topology: onprem-push, tags: {role: branch, site: chicago}}"} {
		if !strings.Contains(inventory, want) {
			t.Errorf("the inventory lacks %q:\n%s", want, inventory)
		}
	}
	if strings.Contains(inventory, testSecret) {
		t.Error("the password is in the inventory")
	}
}

func TestContextEndsTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Serve(ctx, Options{Devices: []*Device{newDevice(t, plainSpec())}, Username: "netops", Password: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	term := dial(t, s, "r1")
	term.until("r1#")
	cancel()
	term.rest()
	s.Close()
}
