package collect

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"slpdoctor/internal/diag"
)

// Options configure a Dialer. The zero value of every field has a meaning.
type Options struct {
	// Commands is the closed catalogue of one kind of device: nothing else is ever sent. Devices of two kinds have two
	// Dialers, so that a line of one can not reach the other.
	Commands []*diag.Command
	Prepare  []string // typed after the login to prepare the terminal; nil is what IOS XE needs

	KnownHosts       *KnownHosts // nil knows no host
	HostKey          HostKeyMode // for hops that do not say; "" is Strict
	InsecurePassword bool        // send passwords although the host key is not checked
	Profile          Profile     // for hops that do not say; "" is ProfileDefault
	AgentSocket      string      // path of the SSH agent's socket; "" is SSH_AUTH_SOCK, "none" is no agent

	ConnectTimeout   time.Duration // name resolution and TCP; 0 is 10 s
	HandshakeTimeout time.Duration // from TCP to an open shell; 0 is 30 s
	PromptTimeout    time.Duration // from the shell to a proven prompt; 0 is 30 s
	LoginTimeout     time.Duration // all of it together; 0 is their sum
	IdleTimeout      time.Duration // silence inside an answer, unless the command says; 0 is 30 s
	CommandTimeout   time.Duration // a whole answer, unless the command says; 0 is 120 s
	OutputLimit      int           // bytes of one answer; 0 is 8 MiB
}

// Hop is one host on the way: the device or a jump host.
type Hop struct {
	Address string // name or IP address, IPv6 without brackets
	Port    int    // 0 is 22
	Auth    Auth
	HostKey HostKeyMode // "" takes Options.HostKey
	Profile Profile     // "" takes Options.Profile
}

func (h Hop) addr() string {
	port := h.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(h.Address, strconv.Itoa(port))
}

// Target is a device and the way to it.
type Target struct {
	Hop
	Jump   []Hop  // hosts to pass through, the nearest first; each logs in with its own Auth
	Enable Secret // nil: stay at the privilege of the login
}

// Dialer opens sessions. It shares between them what can be shared: the host keys, the guard's catalogue
// and the connections to jump hosts. It is safe for concurrent use.
type Dialer struct {
	opts      Options
	catalogue *catalogue
	shell     func(*watch, Target) (io.ReadWriter, func(), error) // openShell, except in tests without SSH

	ctx    context.Context // of the connections to jump hosts
	cancel context.CancelFunc
	mu     sync.Mutex
	chains map[string]*chain
}

// NewDialer returns a Dialer. Close ends its jump host connections.
func NewDialer(o Options) *Dialer {
	if o.KnownHosts == nil {
		o.KnownHosts = &KnownHosts{}
	}
	if o.AgentSocket == "" {
		o.AgentSocket = os.Getenv("SSH_AUTH_SOCK")
	} else if o.AgentSocket == "none" {
		o.AgentSocket = ""
	}
	for p, d := range map[*time.Duration]time.Duration{
		&o.ConnectTimeout: 10 * time.Second, &o.HandshakeTimeout: 30 * time.Second, &o.PromptTimeout: 30 * time.Second,
		&o.IdleTimeout: 30 * time.Second, &o.CommandTimeout: 120 * time.Second,
	} {
		if *p == 0 {
			*p = d
		}
	}
	if o.LoginTimeout == 0 {
		o.LoginTimeout = o.ConnectTimeout + o.HandshakeTimeout + o.PromptTimeout
	}
	if o.OutputLimit == 0 {
		o.OutputLimit = 8 << 20
	}
	d := &Dialer{opts: o, catalogue: newCatalogue(o.Commands), chains: map[string]*chain{}}
	if o.Prepare != nil {
		d.catalogue.prepare = o.Prepare
	}
	d.shell = d.openShell
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Close ends the connections to jump hosts and with them the sessions that pass through them.
func (d *Dialer) Close() {
	d.cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.chains {
		c.close()
	}
}

// link is an SSH connection to one host.
type link struct {
	ssh.Conn
	chans   <-chan ssh.NewChannel
	reqs    <-chan *ssh.Request
	release func() // gives back the place on the jump host; never nil
}

func (l *link) close() {
	l.Conn.Close()
	l.release()
}

// connect reaches the last of hops, through the others. The watch bounds and labels it. The error is an
// *Error.
func (d *Dialer) connect(w *watch, jump []Hop, hop Hop) (*link, error) {
	conn, release, err := d.dial(w, jump, hop.addr())
	if err != nil {
		return nil, w.classify(err)
	}
	w.enter(StageIdent, hop.addr(), d.opts.HandshakeTimeout)
	l, err := d.handshake(w, conn, hop)
	if err != nil {
		release()
		return nil, err
	}
	l.release = release
	return l, nil
}

func (d *Dialer) dial(w *watch, jump []Hop, addr string) (net.Conn, func(), error) {
	if len(jump) > 0 {
		return d.chain(jump).dial(w, addr)
	}
	w.enter(StageDial, addr, d.opts.ConnectTimeout)
	// Half-open connections, behind a firewall that lost its state, end after 45 s.
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 10 * time.Second, Count: 3,
	}}
	conn, err := dialer.DialContext(w.ctx, "tcp", addr)
	return conn, func() {}, err
}

// handshake runs SSH on conn as far as a successful authentication. It returns when the watch ends, also if
// the library is still stuck in a jump host's channel, which knows no deadlines: that goroutine ends with
// the channel.
func (d *Dialer) handshake(w *watch, conn net.Conn, hop Hop) (*link, error) {
	head := &preface{Conn: conn, onIdent: func() { w.advance(StageIdent, StageKex) }}
	auth := &authentication{auth: hop.Auth, agentSocket: d.opts.AgentSocket, ctx: w.ctx}
	config := d.clientConfig(w, hop, auth)
	type outcome struct {
		link *link
		err  error
	}
	done := make(chan outcome, 1)
	stop := context.AfterFunc(w.ctx, func() { conn.Close() })
	go func() {
		defer auth.close()
		c, chans, reqs, err := ssh.NewClientConn(head, hop.addr(), config)
		if err == nil && !stop() {
			c.Close()
			err = context.Cause(w.ctx)
		}
		done <- outcome{&link{Conn: c, chans: chans, reqs: reqs}, err}
	}()
	select {
	case out := <-done:
		if out.err != nil {
			conn.Close()
			return nil, w.handshakeError(out.err, head, auth)
		}
		return out.link, nil
	case <-w.ctx.Done():
		go conn.Close()
		return nil, w.handshakeError(context.Cause(w.ctx), head, auth)
	}
}

func (d *Dialer) clientConfig(w *watch, hop Hop, auth *authentication) *ssh.ClientConfig {
	mode, profile := hop.HostKey, hop.Profile
	if mode == "" {
		mode = d.opts.HostKey
	}
	if profile == "" {
		profile = d.opts.Profile
	}
	if mode == Off && !d.opts.InsecurePassword {
		auth.passwordBan = "no password is sent to a host whose key is not checked, unless --insecure-password says so"
	}
	known := d.opts.KnownHosts.lookup(hop.addr())
	check := hostKeyCheck(d.opts.KnownHosts, known, mode)
	algos := profile.algorithms()
	w.known = known
	return &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: algos.kex, Ciphers: algos.ciphers, MACs: algos.macs},
		User:              hop.Auth.User,
		ClientVersion:     "SSH-2.0-slpdoctor",
		HostKeyAlgorithms: hostKeyAlgorithms(known, profile),
		AuthCallback:      auth.method,
		HostKeyCallback: func(addr string, remote net.Addr, key ssh.PublicKey) error {
			if err := check(addr, remote, key); err != nil {
				return err
			}
			w.advance(StageKex, StageAuth)
			return nil
		},
	}
}

// preface is the connection while the peer introduces itself. It reads ahead, because the library asks for
// single bytes, keeps what is said before the identification, and refuses SSH 1 at once.
type preface struct {
	net.Conn
	onIdent func()

	mu    sync.Mutex // error reports look while the library may still read
	head  []byte     // what was received so far, until the identification is complete
	given int        // bytes of head that the library has
	ident string
}

func (p *preface) Read(b []byte) (int, error) {
	if p.given == len(p.head) {
		if p.ident != "" {
			return p.Conn.Read(b)
		}
		if err := p.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.head[p.given:])
	p.given += n
	return n, nil
}

const maxPreface = 64 << 10

func (p *preface) fill() error {
	chunk := make([]byte, 512)
	n, err := p.Conn.Read(chunk)
	if n == 0 {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.head = append(p.head, chunk[:n]...)
	if len(p.head) > maxPreface {
		return fmt.Errorf("%d bytes and no SSH identification", len(p.head))
	}
	for line := range strings.Lines(string(p.head)) {
		if strings.HasPrefix(line, "SSH-") && strings.HasSuffix(line, "\n") {
			p.ident = strings.TrimSpace(line)
			if p.onlySSH1() {
				return fmt.Errorf("the peer is %q", p.ident)
			}
			p.onIdent()
			break
		}
	}
	return nil
}

func (p *preface) onlySSH1() bool {
	return strings.HasPrefix(p.ident, "SSH-1.") && !strings.HasPrefix(p.ident, "SSH-1.99")
}

// said is what came before the identification, and the identification.
func (p *preface) said() (before, ident string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, _, _ = strings.Cut(string(p.head), "SSH-")
	return strings.TrimSpace(before), p.ident
}

func (p *preface) busy() bool {
	before, _ := p.said()
	before = strings.ToLower(before)
	return slices.ContainsFunc([]string{"busy", "too many", "no free", "in use"}, func(s string) bool {
		return strings.Contains(before, s)
	})
}
