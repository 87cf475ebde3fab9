package collect

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// fake is a device on loopback that does exactly what a test wants, byte by byte. Its zero value, started,
// is a healthy IOS XE at privilege 15 that accepts every password.
type fake struct {
	hostname  string
	user      bool   // lands at >
	banner    string // in the shell, before the first prompt
	password  string // "" accepts all
	key       ssh.PublicKey
	secret    string // of enable
	page      int    // lines before the pager asks; 0 never
	denyPager bool   // terminal length is not allowed

	accept  func(net.Conn) bool // before SSH; false closes
	config  func(*ssh.ServerConfig)
	refuse  map[string]bool // "session", "shell"
	shell   func(*vty)      // instead of the line editor
	answers map[string]func(*vty)

	addr   string
	hosts  *KnownHosts
	signer ssh.Signer

	logins, passwords, enables, live atomic.Int32
	forwarded                        atomic.Int32
	mu                               sync.Mutex
	conns                            map[net.Conn]bool
}

func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// start listens until the test ends.
func (f *fake) start(t testing.TB) *fake {
	t.Helper()
	if f.signer == nil {
		f.signer = newSigner(t)
	}
	stop, err := f.listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	f.hosts = knownHostsOf(t, f.addr, f.signer.PublicKey())
	return f
}

// listen is start without a test; the returned function ends everything and waits for it.
func (f *fake) listen() (stop func(), err error) {
	if f.hostname == "" {
		f.hostname = "R1"
	}
	f.conns = map[net.Conn]bool{}
	config := f.serverConfig()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f.addr = ln.Addr().String()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			f.track(c, true)
			wg.Go(func() {
				defer f.track(c, false)
				f.serve(c, config)
			})
		}
	})
	return func() {
		ln.Close()
		f.hangUp()
		wg.Wait()
	}, nil
}

func (f *fake) serverConfig() *ssh.ServerConfig {
	config := &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-Cisco-1.25",
		MaxAuthTries:  3,
		PasswordCallback: func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
			f.passwords.Add(1)
			if f.password != "" && string(given) != f.password {
				return nil, errors.New("wrong")
			}
			return nil, nil
		},
	}
	if f.key != nil {
		config.PublicKeyCallback = func(_ ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
			if !sameKey(k, f.key) {
				return nil, errors.New("unknown key")
			}
			return nil, nil
		}
	}
	config.AddHostKey(f.signer)
	if f.config != nil {
		f.config(config)
	}
	return config
}

func (f *fake) track(c net.Conn, open bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if open {
		f.conns[c] = true
		f.live.Add(1)
		return
	}
	c.Close()
	delete(f.conns, c)
	f.live.Add(-1)
}

// hangUp cuts every connection.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

func (f *fake) port() int { return portOf(f.addr) }

func portOf(addr string) int {
	var port int
	_, p, _ := net.SplitHostPort(addr)
	fmt.Sscan(p, &port)
	return port
}

func (f *fake) serve(c net.Conn, config *ssh.ServerConfig) {
	if f.accept != nil && !f.accept(c) {
		return
	}
	conn, chans, reqs, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	defer conn.Close()
	f.logins.Add(1)
	go ssh.DiscardRequests(reqs)
	for nc := range chans {
		switch {
		case nc.ChannelType() == "direct-tcpip" && !f.refuse["direct-tcpip"]:
			go f.forward(nc)
		case nc.ChannelType() != "session", f.refuse["session"]:
			nc.Reject(ssh.Prohibited, "not here")
		default:
			ch, reqs, err := nc.Accept()
			if err != nil {
				return
			}
			go f.session(conn, ch, reqs)
		}
	}
}

func (f *fake) forward(nc ssh.NewChannel) {
	var m struct {
		Host  string
		Port  uint32
		OHost string
		OPort uint32
	}
	if err := ssh.Unmarshal(nc.ExtraData(), &m); err != nil {
		nc.Reject(ssh.ConnectionFailed, "malformed")
		return
	}
	f.forwarded.Add(1)
	out, err := net.Dial("tcp", net.JoinHostPort(m.Host, fmt.Sprint(m.Port)))
	if err != nil {
		nc.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	ch, reqs, err := nc.Accept()
	if err != nil {
		out.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	go func() { io.Copy(out, ch); out.Close() }()
	io.Copy(ch, out)
	ch.Close()
	out.Close()
}

func (f *fake) session(conn *ssh.ServerConn, ch ssh.Channel, reqs <-chan *ssh.Request) {
	for r := range reqs {
		if r.Type != "shell" {
			r.Reply(r.Type == "pty-req", nil)
			continue
		}
		r.Reply(!f.refuse["shell"], nil)
		if f.refuse["shell"] {
			continue
		}
		go func() {
			v := newVTY(f, ch)
			v.run()
			ch.Close()
			conn.Close()
		}()
	}
}

// vty is one line of the device: an editor that echoes what it reads once the command before is done.
type vty struct {
	f    *fake
	ch   io.ReadWriter
	keys chan byte
	page int
	user bool
	over bool
}

func newVTY(f *fake, ch io.ReadWriter) *vty {
	v := &vty{f: f, ch: ch, keys: make(chan byte, 4096), page: f.page, user: f.user}
	go func() {
		defer close(v.keys)
		b := make([]byte, 256)
		for {
			n, err := ch.Read(b)
			for _, k := range b[:n] {
				v.keys <- k
			}
			if err != nil {
				return
			}
		}
	}()
	return v
}

func (v *vty) raw(s string) {
	if s != "" {
		io.WriteString(v.ch, s)
	}
}

func (v *vty) send(s string) { v.raw(strings.ReplaceAll(s, "\n", "\r\n")) }

func (v *vty) prompt() string {
	if v.user {
		return v.f.hostname + ">"
	}
	return v.f.hostname + "#"
}

// line reads one line; false when the peer is gone or asked for an interrupt. What is echoed leaves when no
// more input is there.
func (v *vty) line(echo bool) (string, bool) {
	var line, shown []byte
	flush := func() { v.raw(string(shown)); shown = nil }
	for k := range v.keys {
		switch {
		case k == '\r':
			shown = append(shown, "\r\n"...)
			flush()
			return string(line), true
		case k == keyCtrlC:
			shown = append(shown, "\r\n"...)
			flush()
			return "", true
		case k < ' ':
		default:
			line = append(line, k)
			if echo {
				shown = append(shown, k)
			}
		}
		if len(v.keys) == 0 {
			flush()
		}
	}
	v.over = true
	return "", false
}

// sleep ends early, and says so, when the peer aborts.
func (v *vty) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return false
		case k, open := <-v.keys:
			if !open || k == keyCtrlC || k == keyCtrlCaret {
				return true
			}
		}
	}
}

// out prints an answer, through the pager.
func (v *vty) out(text string) {
	for i, line := range strings.SplitAfter(text, "\n") {
		if v.page > 0 && i > 0 && i%v.page == 0 && line != "" {
			v.raw(" --More-- ")
			if k, open := <-v.keys; !open || k != ' ' {
				return
			}
			v.raw("\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b")
		}
		v.send(line)
	}
}

func (v *vty) run() {
	if v.f.shell != nil {
		v.f.shell(v)
		return
	}
	v.send(v.f.banner + "\n")
	for !v.over {
		v.raw(v.prompt())
		line, ok := v.line(true)
		if !ok {
			return
		}
		v.do(strings.TrimSpace(line))
	}
}

func (v *vty) do(line string) {
	if answer := v.f.answers[line]; answer != nil {
		answer(v)
		return
	}
	switch {
	case line == "":
	case line == lineExit:
		v.over = true
	case line == lineEnable:
		v.enable()
	case line == "terminal length 0" && v.f.denyPager:
		v.send("Command authorization failed.\n\n")
	case line == "terminal length 0":
		v.page = 0
	case strings.HasPrefix(line, "terminal "):
	case line == "show version":
		v.out("Cisco IOS XE Software, Version 17.09.04a\n" + v.f.hostname + " uptime is 1 week\n")
	default:
		v.send(strings.Repeat(" ", len(v.prompt())) + "^\n% Invalid input detected at '^' marker.\n\n")
	}
}

func (v *vty) enable() {
	if v.f.secret == "" {
		v.send("% No password set\n")
		return
	}
	for range 3 {
		v.raw("Password: ")
		given, ok := v.line(false)
		if !ok || given == "" {
			break
		}
		v.f.enables.Add(1)
		if given == v.f.secret {
			v.user = false
			return
		}
	}
	v.send("% Bad secrets\n\n")
}
