package sim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Options of a server. Devices, Username and one of Password and AuthorizedKeys
// are required.
type Options struct {
	Devices        []*Device
	Listen         string // loopback address; "" means 127.0.0.1
	BasePort       int    // the first device's port, the next ones follow; 0 means any free port
	Username       string
	Password       string
	EnableSecret   string          // "" means none is set
	AuthorizedKeys []ssh.PublicKey // accepted for Username
	RSA            bool            // an RSA host key instead of ed25519
	RTT            time.Duration   // round-trip time of every connection
	Think          time.Duration   // every command takes this long before it answers
	Live           bool            // the devices' time goes on with the wall clock; else it stands still
}

// Server is a running fleet: one listener per device, one host key for all.
type Server struct {
	opts    Options
	signer  ssh.Signer
	stop    context.CancelFunc
	ctx     context.Context
	wait    sync.WaitGroup
	devices map[string]*station
	order   []*station
}

// station is one device's server side.
type station struct {
	srv    *Server
	dev    *Device
	begin  time.Time // wall clock when the server started ...
	from   time.Time // ... and the device's time then
	addr   string
	ln     net.Listener
	config *ssh.ServerConfig
	counts counters
	mu     sync.Mutex
	conns  map[net.Conn]bool
	typed  []string
}

type counters struct {
	accepted, logins, rejected, shells, enables atomic.Int64
}

// Counts says what a device's server has seen since it started.
type Counts struct {
	Accepted int // TCP connections
	Logins   int // authentication attempts with a secret or a key
	Rejected int // of which were rejected
	Shells   int
	Enables  int // secrets typed at the enable prompt
}

// downPort is where nothing ever listens: tcpmux.
const downPort = "1"

// Serve starts a listener for every device that is not down. It refuses to
// listen on anything but loopback. The context ends the server like Close.
func Serve(ctx context.Context, o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1"
	}
	if a, err := netip.ParseAddr(o.Listen); err != nil || !a.IsLoopback() {
		return nil, fmt.Errorf("listening on %q: only loopback addresses are allowed", o.Listen)
	}
	if o.Username == "" || o.Password == "" && len(o.AuthorizedKeys) == 0 {
		return nil, errors.New("starting simulator: a user name and a password or key are required")
	}
	signer, err := hostKey(o.RSA)
	if err != nil {
		return nil, fmt.Errorf("generating host key: %w", err)
	}
	s := &Server{opts: o, signer: signer, devices: map[string]*station{}}
	s.ctx, s.stop = context.WithCancel(ctx)
	for i, d := range o.Devices {
		if err := s.listen(d, i); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.wait.Go(func() {
		<-s.ctx.Done()
		for _, st := range s.order {
			st.close()
		}
	})
	return s, nil
}

func hostKey(useRSA bool) (ssh.Signer, error) {
	if useRSA {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		return ssh.NewSignerFromKey(k)
	}
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(k)
}

func (s *Server) listen(d *Device, i int) error {
	if s.devices[d.Name] != nil {
		return fmt.Errorf("starting simulator: two devices are named %q", d.Name)
	}
	st := &station{srv: s, dev: d, begin: time.Now(), from: d.Now(), addr: net.JoinHostPort(s.opts.Listen, downPort), conns: map[net.Conn]bool{}}
	s.devices[d.Name] = st
	s.order = append(s.order, st)
	if d.Down {
		return nil
	}
	port := 0
	if s.opts.BasePort != 0 {
		port = s.opts.BasePort + i
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(s.opts.Listen, itoa(port)))
	if err != nil {
		return fmt.Errorf("listening for %s: %w", d.Name, err)
	}
	st.ln, st.addr = ln, ln.Addr().String()
	if st.config, err = st.serverConfig(); err != nil {
		return fmt.Errorf("configuring server of %s: %w", d.Name, err)
	}
	s.wait.Go(st.accept)
	return nil
}

// Addr is the address of a device's server, "" for an unknown name. Nothing
// listens at the address of a device that is down.
func (s *Server) Addr(name string) string {
	if st := s.devices[name]; st != nil {
		return st.addr
	}
	return ""
}

// KnownHosts is a known_hosts file with the key of every device.
func (s *Server) KnownHosts() []byte {
	var b bytes.Buffer
	for _, st := range s.order {
		b.WriteString(knownhosts.Line([]string{st.addr}, s.signer.PublicKey()) + "\n")
	}
	return b.Bytes()
}

// Counts says what a device's server has seen; zero for an unknown name.
func (s *Server) Counts(name string) Counts {
	st := s.devices[name]
	if st == nil {
		return Counts{}
	}
	c := &st.counts
	return Counts{int(c.accepted.Load()), int(c.logins.Load()), int(c.rejected.Load()), int(c.shells.Load()), int(c.enables.Load())}
}

// Typed returns the command lines a device has been given, oldest first; secrets
// typed at a password prompt are not among them.
func (s *Server) Typed(name string) []string {
	st := s.devices[name]
	if st == nil {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return append([]string(nil), st.typed...)
}

// Close ends every connection and waits until nothing of the server runs.
func (s *Server) Close() {
	s.stop()
	for _, st := range s.order {
		st.close()
	}
	s.wait.Wait()
}

func (st *station) close() {
	if st.ln != nil {
		st.ln.Close()
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for c := range st.conns {
		c.Close()
	}
}

func (st *station) accept() {
	f := &st.dev.Faults
	for {
		c, err := st.ln.Accept()
		if err != nil {
			return
		}
		n := int(st.counts.accepted.Add(1))
		st.mu.Lock()
		busy := f.MaxSessions > 0 && len(st.conns) >= f.MaxSessions
		blocked := f.BlockAfter > 0 && int(st.counts.rejected.Load()) >= f.BlockAfter
		if busy || blocked || f.DropEvery > 0 && n%f.DropEvery == 0 || st.srv.ctx.Err() != nil {
			st.mu.Unlock()
			c.Close()
			continue
		}
		st.conns[c] = true
		st.mu.Unlock()
		st.srv.wait.Go(func() {
			st.serve(c)
			c.Close()
			st.mu.Lock()
			delete(st.conns, c)
			st.mu.Unlock()
		})
	}
}

const ident = "SSH-2.0-Cisco-1.25"

// serve plays one connection.
func (st *station) serve(raw net.Conn) {
	c := raw
	if rtt := st.srv.opts.RTT; rtt > 0 {
		d := newDelayConn(raw, rtt)
		defer d.wait.Wait()
		c = d
	}
	defer c.Close()
	f := &st.dev.Faults
	switch {
	case f.Greeting != "":
		fmt.Fprint(c, f.Greeting)
		return
	case f.StallBeforeIdent:
		drain(c)
		return
	case f.StallAfterIdent:
		fmt.Fprint(c, ident+"\r\n")
		drain(c)
		return
	case f.CloseAfterIdent:
		fmt.Fprint(c, ident+"\r\n")
		buf := make([]byte, 64)
		c.Read(buf)
		return
	}
	sc, channels, requests, err := ssh.NewServerConn(c, st.config)
	if err != nil {
		return
	}
	defer sc.Close()
	go ssh.DiscardRequests(requests)
	taken := false
	var shells sync.WaitGroup
	defer shells.Wait()
	for nc := range channels {
		if nc.ChannelType() != "session" || taken {
			nc.Reject(ssh.ResourceShortage, "one session per connection")
			continue
		}
		taken = true
		ch, reqs, err := nc.Accept()
		if err != nil {
			return
		}
		shells.Go(func() {
			st.session(ch, reqs)
			ch.Close()
			st.settle(reqs)
			if !f.StayOpen {
				sc.Close()
			}
		})
	}
}

// settle waits until the client has closed its side of the channel, so that it
// has read everything: a connection closed on unread input is reset.
func (st *station) settle(requests <-chan *ssh.Request) {
	limit := time.NewTimer(time.Second + st.srv.opts.RTT)
	defer limit.Stop()
	for {
		select {
		case _, ok := <-requests:
			if !ok {
				return
			}
		case <-limit.C:
			return
		case <-st.srv.ctx.Done():
			return
		}
	}
}

// run answers a command.
func (st *station) run(line string, privilege int) string {
	st.advance()
	return st.dev.run(line, privilege)
}

// advance brings the device's time up to date on a live server.
func (st *station) advance() {
	if !st.srv.opts.Live {
		return
	}
	if behind := st.from.Add(time.Since(st.begin)).Sub(st.dev.Now()); behind >= time.Second {
		st.dev.Settle(behind)
	}
}

func drain(c net.Conn) {
	buf := make([]byte, 512)
	for {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

// Inventory is the fleet as an inventory file: version 1, the password by
// reference to the environment variable SLPDOCTOR_SIM_PASSWORD.
func (s *Server) Inventory() []byte {
	var b text
	b.line("version: 1\ndefaults: {username: %s, credential: sim}\ncredentials:\n  sim:\n    password: {env: SLPDOCTOR_SIM_PASSWORD}\ndevices:", s.opts.Username)
	for _, st := range s.order {
		host, port, _ := net.SplitHostPort(st.addr)
		b.WriteString("  - {name: " + st.dev.Name + ", address: " + quoteIf(host) + ", port: " + port)
		if st.dev.manager != nil {
			b.WriteString(", platform: vmanage")
		}
		if st.dev.Topology != "" {
			b.WriteString(", topology: " + st.dev.Topology)
		}
		if len(st.dev.Tags) > 0 {
			b.WriteString(", tags: {" + strings.Join(sortedTags(st.dev.Tags), ", ") + "}")
		}
		b.line("}")
	}
	return []byte(b.String())
}
