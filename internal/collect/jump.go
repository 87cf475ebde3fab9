package collect

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	maxBastions     = 4                // shared connections to one jump host
	perBastion      = 32               // sessions on one connection before another is opened
	bastionPause    = 30 * time.Second // how long a jump host that failed is left alone
	bastionProbe    = 15 * time.Second // between two signs of life from a jump host
	bastionPatience = 3                // probes without an answer until it is given up
)

// chain is a jump host, reached through the ones before it, and the connections to it that sessions share.
// When it cannot be reached the whole chain pauses: the devices behind it are not to blame, and thousands of
// them must not knock on it. A chain whose credential or host key was not accepted is not tried again.
type chain struct {
	d    *Dialer
	hops []Hop

	mu      sync.Mutex
	links   []*bastion
	max     int           // connections this jump host lets us have
	dialing chan struct{} // closed when the login in progress has ended; nil when there is none
	failed  *Error
	until   time.Time // when a failed chain may be tried again; zero is never
}

// bastion is one shared connection.
type bastion struct {
	client *ssh.Client
	link   *link
	gone   chan struct{} // closed when the connection has ended
	load   int           // sessions on it
}

// chain finds or makes the chain of these hops: the same users at the same addresses are the same chain.
func (d *Dialer) chain(hops []Hop) *chain {
	var key strings.Builder
	for _, h := range hops {
		key.WriteString(h.Auth.User + "@" + h.addr() + " ")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.chains[key.String()]
	if c == nil {
		c = &chain{d: d, hops: slices.Clone(hops), max: maxBastions}
		d.chains[key.String()] = c
	}
	return c
}

// dial opens a connection to addr from the jump host. The returned function gives its place back.
func (c *chain) dial(w *watch, addr string) (net.Conn, func(), error) {
	hop := c.hops[len(c.hops)-1].addr()
	w.enter(StageBastion, hop, c.d.opts.LoginTimeout)
	b, err := c.acquire(w.ctx)
	if err != nil {
		return nil, nil, err
	}
	release := sync.OnceFunc(func() { c.release(b) })
	w.enter(StageDial, addr, c.d.opts.ConnectTimeout)
	conn, err := b.dial(w.ctx, addr)
	if err != nil {
		release()
		if errors.Is(err, errBastionGone) {
			err = newError(BastionUnreachable, StageDial, hop, "the connection to the jump host was lost", err)
		}
		return nil, nil, err
	}
	return conn, release, nil
}

var errBastionGone = errors.New("the jump host hung up")

// dial ends with ctx or with the connection: the library can wait forever for a channel that it opens while
// the connection ends.
func (b *bastion) dial(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-b.gone:
			cancel(errBastionGone)
		case <-ctx.Done():
		}
	}()
	conn, err := b.client.DialContext(ctx, "tcp", addr)
	if _, refused := errors.AsType[*ssh.OpenChannelError](err); err == nil || refused {
		return conn, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, errors.Join(errBastionGone, err)
}

func (c *chain) acquire(ctx context.Context) (*bastion, error) {
	for {
		c.mu.Lock()
		if c.failed != nil && (c.until.IsZero() || time.Now().Before(c.until)) {
			err := *c.failed
			c.mu.Unlock()
			return nil, &err
		}
		b := c.lightest()
		full := b == nil || b.load >= perBastion && len(c.links) < c.max
		if full && c.dialing == nil {
			c.dialing = make(chan struct{})
			go c.connect()
		}
		if b != nil {
			b.load++
			c.mu.Unlock()
			return b, nil
		}
		wait := c.dialing
		c.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (c *chain) lightest() *bastion {
	var best *bastion
	for _, b := range c.links {
		if best == nil || b.load < best.load {
			best = b
		}
	}
	return best
}

func (c *chain) release(b *bastion) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.load--
}

// connect logs in to the jump host. It belongs to no device: a device that is given up does not take the
// login away from the others that wait for it.
func (c *chain) connect() {
	w := newWatch(c.d.ctx, c.d.opts.LoginTimeout)
	defer w.close()
	last := len(c.hops) - 1
	l, err := c.d.connect(w, c.hops[:last], c.hops[last])

	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.dialing)
	c.dialing = nil
	switch {
	case err == nil && c.d.ctx.Err() != nil:
		l.close()
	case err == nil:
		b := &bastion{client: ssh.NewClient(l.Conn, l.chans, l.reqs), link: l, gone: make(chan struct{})}
		c.failed = nil
		c.links = append(c.links, b)
		go c.keep(b)
	case len(c.links) > 0:
		c.max = len(c.links) // it works, but does not want more of us
	default:
		c.failed, c.until = bastionError(err), time.Now().Add(bastionPause)
		if c.failed.Class != BastionUnreachable {
			c.until = time.Time{}
		}
	}
}

// bastionOf says what an error of a jump host means for the devices behind it. Everything else is
// BastionUnreachable.
var bastionOf = map[Class]Class{
	AuthRejected: BastionAuthRejected, PasswordChangeRequired: BastionAuthRejected, ChallengeUnsupported: BastionAuthRejected,
	Credential: BastionAuthRejected, HostKeyUnknown: BastionHostKey, HostKeyChanged: BastionHostKey, HostKeyWeak: BastionHostKey,
	BastionAuthRejected: BastionAuthRejected, BastionHostKey: BastionHostKey, BastionForwarding: BastionForwarding,
	Interrupted: Interrupted,
}

func bastionError(err error) *Error {
	e := &Error{Class: Internal, Message: err.Error()}
	if own, ok := errors.AsType[*Error](err); ok {
		*e = *own
	}
	class, ok := bastionOf[e.Class]
	if !ok {
		class = BastionUnreachable
	}
	if !strings.HasPrefix(e.Message, "jump host: ") {
		e.Message = "jump host: " + e.Message
	}
	e.Class, e.Hint = class, PolicyOf(class).Hint
	return e
}

// keep forgets a connection when it ends, and ends it when the jump host stops answering.
func (c *chain) keep(b *bastion) {
	go func() {
		_ = b.client.Wait() // however it ended
		close(b.gone)
	}()
	answers := make(chan struct{}, bastionPatience)
	ticker := time.NewTicker(bastionProbe)
	defer ticker.Stop()
	for silent := 0; ; {
		select {
		case <-answers:
			silent = 0
		case <-ticker.C:
			if silent++; silent > bastionPatience {
				b.link.close()
			} else if silent == 1 {
				go func() {
					if _, _, err := b.client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
						answers <- struct{}{}
					}
				}()
			}
		case <-b.gone:
			b.link.close()
			c.mu.Lock()
			defer c.mu.Unlock()
			c.links = slices.DeleteFunc(c.links, func(l *bastion) bool { return l == b })
			return
		}
	}
}

func (c *chain) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.links {
		b.link.close()
	}
}
