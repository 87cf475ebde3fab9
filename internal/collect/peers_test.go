package collect

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"slpdoctor/internal/diag"
)

// peer is an SSH server that nobody here wrote.
type peer struct {
	dir    string
	port   int
	hosts  *KnownHosts
	user   string
	signer ssh.Signer // may log in
	agent  string     // socket of an agent that has the key
	locked []byte     // the key in PEM, with the passphrase "open sesame"
}

// program finds a server program, or skips the test; with SLPDOCTOR_REQUIRE_PEERS it must be there.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/bin"} {
		if path := filepath.Join(dir, name); exec.Command("test", "-x", path).Run() == nil {
			return path
		}
	}
	if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is not installed, and SLPDOCTOR_REQUIRE_PEERS is set", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return portOf(ln.Addr().String())
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// hostKey writes a new host key and returns its public half.
func hostKey(t *testing.T, name string) ssh.PublicKey {
	t.Helper()
	key, signer := newKey(t)
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, string(pem.EncodeToMemory(block)))
	return signer.PublicKey()
}

var playlist = map[string]string{
	"show version": "Cisco IOS XE Software, Version 17.12.04\nsshd-1 uptime is 2 weeks, 1 day\n",
	tech:           answerOf(12_000),
	"show clock":   "*12:00:00.000 UTC Mon Mar 1 2027\n",
}

// startSSHD runs OpenSSH on loopback as the current user; its forced command is this test binary playing a
// device.
func startSSHD(t *testing.T, extra ...string) *peer {
	t.Helper()
	sshd := program(t, "sshd")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" { // the place for privilege separation, which a package's service makes
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := &peer{dir: t.TempDir(), port: freePort(t), user: me.Username}
	public := hostKey(t, filepath.Join(p.dir, "host"))
	p.hosts = knownHostsOf(t, fmt.Sprintf("127.0.0.1:%d", p.port), public)
	key, signer := newKey(t)
	p.signer, p.agent = signer, startAgent(t, key)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	p.locked = pem.EncodeToMemory(block)
	play := filepath.Join(p.dir, "play")
	if err := os.Mkdir(play, 0o700); err != nil {
		t.Fatal(err)
	}
	for line, text := range playlist {
		write(t, filepath.Join(play, line+".txt"), text)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := append([]string{
		"Port " + fmt.Sprint(p.port), "ListenAddress 127.0.0.1", "PidFile none",
		"HostKey " + filepath.Join(p.dir, "host"),
		"AuthorizedKeysFile " + write(t, filepath.Join(p.dir, "authorized"), authorized(signer.PublicKey())+"\n"),
		"StrictModes no", "UsePAM no", "PrintMotd no", "PermitRootLogin yes", "KbdInteractiveAuthentication no",
		fmt.Sprintf("ForceCommand SLPDOCTOR_TEST_PLAY=%s exec %s", play, self),
	}, extra...)
	p.run(t, sshd, "-D", "-e", "-f", write(t, filepath.Join(p.dir, "sshd_config"), strings.Join(config, "\n")+"\n"))
	return p
}

// run starts the server and waits until it listens.
func (p *peer) run(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	var mu sync.Mutex
	var said bytes.Buffer
	cmd.Stderr = writer(func(b []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return said.Write(b) })
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
		mu.Lock()
		defer mu.Unlock()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, said.String())
		}
	})
	for deadline := time.Now().Add(atOnce); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", name, err)
		}
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func (p *peer) hop() Hop {
	return Hop{Address: "127.0.0.1", Port: p.port, Auth: Auth{User: p.user, Signers: []ssh.Signer{p.signer}}}
}

func (p *peer) dialer(t *testing.T, change ...func(*Options)) *Dialer {
	t.Helper()
	o := Options{Commands: testCatalogue, KnownHosts: p.hosts, AgentSocket: "none"}
	for _, c := range change {
		c(&o)
	}
	d := NewDialer(o)
	t.Cleanup(d.Close)
	return d
}

// examine runs the whole playlist twice and compares it byte by byte.
func examine(t *testing.T, d *Dialer, target Target) {
	t.Helper()
	s, err := d.Open(t.Context(), target)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if s.Prompt() != "sshd-1#" {
		t.Errorf("prompt %q", s.Prompt())
	}
	var all []*Result
	for _, cmd := range []*diag.Command{showVersion, showLicense, showClock, showLicense, showVersion} {
		all = append(all, s.Run(t.Context(), cmd, cmd.String()))
	}
	all = append(all, s.Run(t.Context(), showLogging, "show logging"))
	s.Close()
	for _, r := range all[:5] {
		if diff := cmp.Diff(playlist[r.Line], r.Text); diff != "" || r.Outcome != diag.OK {
			t.Errorf("%s: outcome %s, %v (-want +got):\n%s", r.Line, r.Outcome, r.Err, diff)
		}
	}
	if r := all[5]; r.Outcome != diag.WasRefused {
		t.Errorf("%s: outcome %s, want refused", r.Line, r.Outcome)
	}
}

func TestOpenSSH(t *testing.T) {
	p := startSSHD(t)
	for _, test := range []struct {
		name   string
		change func(*Options, *Target)
		class  Class
	}{
		{"key", nil, ""},
		{"encrypted key", func(_ *Options, target *Target) {
			signer, err := ParseKey("id_test", p.locked, hidden("open sesame"))
			if err != nil {
				t.Fatal(err)
			}
			target.Auth.Signers = []ssh.Signer{signer}
		}, ""},
		{"agent", func(o *Options, target *Target) {
			o.AgentSocket, target.Auth.Signers, target.Auth.Agent = p.agent, nil, true
		}, ""},
		{"legacy profile", func(_ *Options, target *Target) { target.Profile = ProfileLegacy }, ""},
		{"strict profile", func(_ *Options, target *Target) { target.Profile = ProfileStrict }, ""},
		{"accept new", func(o *Options, target *Target) {
			hosts, err := LoadKnownHosts(filepath.Join(t.TempDir(), "known_hosts"))
			if err != nil {
				t.Fatal(err)
			}
			o.KnownHosts, o.HostKey = hosts, AcceptNew
		}, ""},
		{"unknown host key", func(o *Options, _ *Target) { o.KnownHosts = nil }, HostKeyUnknown},
		{"changed host key", func(o *Options, _ *Target) {
			o.KnownHosts = knownHostsOf(t, fmt.Sprintf("127.0.0.1:%d", p.port), newSigner(t).PublicKey())
		}, HostKeyChanged},
		{"wrong key", func(_ *Options, target *Target) { target.Auth.Signers = []ssh.Signer{newSigner(t)} }, AuthRejected},
		{"wrong password", func(_ *Options, target *Target) {
			target.Auth.Signers, target.Auth.Password = nil, hidden("wrong")
		}, AuthRejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			target := Target{Hop: p.hop()}
			d := p.dialer(t, func(o *Options) {
				if test.change != nil {
					test.change(o, &target)
				}
			})
			if test.class == "" {
				examine(t, d, target)
				return
			}
			if _, err := d.Open(t.Context(), target); ClassOf(err) != test.class {
				t.Errorf("Open: %v, want %s", err, test.class)
			}
		})
	}
}

func TestOpenSSHAsJumpHost(t *testing.T) {
	p := startSSHD(t)
	device := (&fake{password: "correct horse"}).start(t)
	target := device.target()
	target.Jump = []Hop{p.hop()}
	target.HostKey = Off
	s, err := p.dialer(t, func(o *Options) { o.InsecurePassword = true }).Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if r := s.Run(t.Context(), showVersion, "show version"); r.Outcome != diag.OK {
		t.Errorf("outcome %s, %v", r.Outcome, r.Err)
	}
	self := Target{Hop: p.hop(), Jump: []Hop{p.hop()}}
	examine(t, p.dialer(t), self) // through itself to itself
}

func TestOpenSSHThatForbidsForwarding(t *testing.T) {
	p := startSSHD(t, "AllowTcpForwarding no")
	_, err := p.dialer(t).Open(t.Context(), Target{Hop: p.hop(), Jump: []Hop{p.hop()}})
	if ClassOf(err) != BastionForwarding {
		t.Errorf("Open: %v, want %s", err, BastionForwarding)
	}
}

func TestOpenSSHBehindAJumpHostThatCannotReachIt(t *testing.T) {
	p := startSSHD(t)
	target := Target{Hop: p.hop(), Jump: []Hop{p.hop()}}
	target.Port = freePort(t)
	_, err := p.dialer(t).Open(t.Context(), target)
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != Refused || e.Stage != StageDial {
		t.Errorf("Open: %v, want %s", err, Refused)
	}
}

func TestOpenSSHWithOldAlgorithms(t *testing.T) {
	p := startSSHD(t, "Ciphers aes128-cbc,3des-cbc", "KexAlgorithms diffie-hellman-group1-sha1", "MACs hmac-sha1")
	target := Target{Hop: p.hop()}
	if _, err := p.dialer(t).Open(t.Context(), target); ClassOf(err) != AlgorithmMismatch {
		t.Errorf("default profile: %v, want %s", err, AlgorithmMismatch)
	}
	target.Profile = ProfileLegacy
	examine(t, p.dialer(t), target)
}

func TestOpenSSHWithoutTerminals(t *testing.T) {
	p := startSSHD(t, "PermitTTY no")
	_, err := p.dialer(t).Open(t.Context(), Target{Hop: p.hop()})
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != SessionLost || e.Stage != StagePrompt || !strings.Contains(e.Tail, "No terminal") {
		t.Errorf("Open: %v, want %s before the prompt", err, SessionLost)
	}
}

func TestDropbear(t *testing.T) {
	dropbear, convert := program(t, "dropbear"), program(t, "dropbearkey")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{dir: t.TempDir(), port: freePort(t), user: me.Username}
	key := filepath.Join(p.dir, "host")
	out, err := exec.Command(convert, "-t", "ecdsa", "-f", key).CombinedOutput()
	if err != nil {
		t.Fatalf("making a host key: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil {
			p.hosts = knownHostsOf(t, fmt.Sprintf("127.0.0.1:%d", p.port), public)
		}
	}
	p.run(t, dropbear, "-F", "-E", "-p", fmt.Sprintf("127.0.0.1:%d", p.port), "-r", key, "-P", filepath.Join(p.dir, "pid"))
	target := Target{Hop: Hop{Address: "127.0.0.1", Port: p.port, Auth: Auth{User: p.user, Password: hidden("wrong")}}}
	_, err = p.dialer(t).Open(t.Context(), target)
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != AuthRejected || e.Attempts != 1 {
		t.Errorf("Open: %v, want %s after one attempt", err, AuthRejected)
	}
}
