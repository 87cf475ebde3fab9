package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// BastionOptions of a jump host. Username and one of Password and
// AuthorizedKeys are required.
type BastionOptions struct {
	Username       string
	Password       string
	AuthorizedKeys []ssh.PublicKey
}

// Bastion is an SSH server that forwards direct-tcpip connections to loopback
// and offers nothing else.
type Bastion struct {
	Reject atomic.Bool // refuses every forwarding as administratively prohibited

	signer ssh.Signer
	config *ssh.ServerConfig
	ln     net.Listener
	wait   sync.WaitGroup
	stop   func() bool // releases the context
	opened atomic.Int64
	mu     sync.Mutex
	conns  map[io.Closer]bool
	closed bool
}

// ServeBastion starts a jump host on a free port of 127.0.0.1. The context ends
// it like Close.
func ServeBastion(ctx context.Context, o BastionOptions) (*Bastion, error) {
	if o.Username == "" || o.Password == "" && len(o.AuthorizedKeys) == 0 {
		return nil, errors.New("starting bastion: a user name and a password or key are required")
	}
	signer, err := hostKey(false)
	if err != nil {
		return nil, fmt.Errorf("generating host key: %w", err)
	}
	b := &Bastion{signer: signer, conns: map[io.Closer]bool{}}
	b.config = &ssh.ServerConfig{ServerVersion: "SSH-2.0-OpenSSH_9.2p1", MaxAuthTries: 3}
	b.config.AddHostKey(signer)
	b.config.PasswordCallback = func(m ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
		if o.Password == "" || m.User() != o.Username || string(p) != o.Password {
			return nil, errRejected
		}
		return nil, nil
	}
	b.config.PublicKeyCallback = func(m ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
		return nil, matchKey(o.AuthorizedKeys, o.Username, m, k)
	}
	if b.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listening for bastion: %w", err)
	}
	b.wait.Go(b.accept)
	b.stop = context.AfterFunc(ctx, b.shut)
	return b, nil
}

// Addr is the bastion's address.
func (b *Bastion) Addr() string { return b.ln.Addr().String() }

// KnownHosts is a known_hosts line for the bastion.
func (b *Bastion) KnownHosts() []byte {
	return []byte(knownhosts.Line([]string{b.Addr()}, b.signer.PublicKey()) + "\n")
}

// Forwarded is the number of connections forwarded since the start.
func (b *Bastion) Forwarded() int { return int(b.opened.Load()) }

// Close ends every connection and waits until nothing of the bastion runs.
func (b *Bastion) Close() {
	b.stop()
	b.shut()
	b.wait.Wait()
}

func (b *Bastion) shut() {
	b.ln.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for c := range b.conns {
		c.Close()
	}
}

// hold registers something to close with the bastion; false when it is closed
// already.
func (b *Bastion) hold(c io.Closer) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		c.Close()
		return false
	}
	b.conns[c] = true
	return true
}

func (b *Bastion) release(c io.Closer) {
	c.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, c)
}

func (b *Bastion) accept() {
	for {
		c, err := b.ln.Accept()
		if err != nil {
			return
		}
		if b.hold(c) {
			b.wait.Go(func() { b.serve(c) })
		}
	}
}

func (b *Bastion) serve(c net.Conn) {
	defer b.release(c)
	sc, channels, requests, err := ssh.NewServerConn(c, b.config)
	if err != nil {
		return
	}
	defer sc.Close()
	go ssh.DiscardRequests(requests)
	for nc := range channels {
		if nc.ChannelType() != "direct-tcpip" {
			nc.Reject(ssh.UnknownChannelType, "only forwarding is offered")
			continue
		}
		b.wait.Go(func() { b.forward(nc) })
	}
}

// forward connects a direct-tcpip channel (RFC 4254, 7.2) to its target.
func (b *Bastion) forward(nc ssh.NewChannel) {
	var m struct {
		Host   string
		Port   uint32
		Origin string
		From   uint32
	}
	if err := ssh.Unmarshal(nc.ExtraData(), &m); err != nil {
		nc.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	target, err := netip.ParseAddr(m.Host)
	if b.Reject.Load() || err != nil || !target.IsLoopback() {
		nc.Reject(ssh.Prohibited, "administratively prohibited: open failed")
		return
	}
	t, err := net.Dial("tcp", net.JoinHostPort(m.Host, strconv.Itoa(int(m.Port))))
	if err != nil {
		nc.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	if !b.hold(t) {
		nc.Reject(ssh.ConnectionFailed, "shutting down")
		return
	}
	defer b.release(t)
	ch, requests, err := nc.Accept()
	if err != nil {
		return
	}
	b.opened.Add(1)
	go ssh.DiscardRequests(requests)
	b.wait.Go(func() {
		io.Copy(t, ch)
		t.Close()
	})
	io.Copy(ch, t)
	ch.Close()
}
