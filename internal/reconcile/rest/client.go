package rest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"slpdoctor/inventory"
)

// The bounds of one call. The whole reading is bounded by the context.
const (
	maxAnswer  = 64 << 20        // bytes of one answer, unpacked; 10,000 devices with five licences each are 10 MB
	tries      = 4               // of a Read
	oneTry     = 2 * time.Minute // for one answer, to its last byte
	maxWait    = 2 * time.Minute // the longest Retry-After that is waited for
	firstPause = time.Second     // doubled with every try
)

// Options say where a Client goes and how.
type Options struct {
	Base      string // https, without user name, query and fragment
	Endpoints []*Endpoint
	CA        *x509.CertPool // nil for those of the system
	Agent     string         // User-Agent
	Cookies   bool           // keep a session
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error // nil waits; tests do not
}

// Client makes the listed requests to one base URL. It verifies certificates, speaks TLS 1.2 or newer, takes the
// proxy of the environment and follows no redirect. It is for one goroutine.
type Client struct {
	base    *url.URL
	agent   string
	http    http.Client
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	secrets []inventory.Secret
}

// New checks the base URL; nothing is contacted. Errors do not repeat a URL that may hold a password.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.Base)
	switch {
	case err != nil || base.Host == "" || base.Opaque != "":
		return nil, errors.New("it is not a URL: want https://HOST[:PORT][/PATH]")
	case base.User != nil:
		return nil, errors.New("it holds a user name or a password: credentials come from the environment, not from URLs")
	case base.Scheme != "https":
		return nil, fmt.Errorf("its scheme is %q: want https", base.Scheme)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("it has a query or a fragment: want https://HOST[:PORT][/PATH]")
	}
	base = base.JoinPath() // resolves dots
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), ""
	transport := &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.CA, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    30 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		ForceAttemptHTTP2:      true,
	}
	c := &Client{base: base, agent: o.Agent, now: o.Now, sleep: o.Sleep, http: http.Client{
		Transport:     guard{base, o.Endpoints, transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if o.Cookies {
		c.http.Jar, _ = cookiejar.New(nil) // never fails without options
	}
	if c.sleep == nil {
		c.sleep = pause
	}
	return c, nil
}

// Base is the base URL; it holds no secret.
func (c *Client) Base() string { return c.base.String() }

// Cookie reports whether the session has a cookie of that name.
func (c *Client) Cookie(name string) bool {
	for _, k := range c.http.Jar.Cookies(c.base.JoinPath("/")) {
		if k.Name == name && k.Value != "" {
			return true
		}
	}
	return false
}

// Close gives up idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// proxy is the proxy of the environment. Its errors do not repeat the variable, which may hold a password.
func proxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("the proxy that the environment names (HTTPS_PROXY) is not a URL")
	}
	return u, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Call is one request.
type Call struct {
	*Endpoint
	Segments []string // for the "{}" of the path
	Query    url.Values
	Header   http.Header
	Type     string // Content-Type of Body
	Body     []byte
}

// Do makes the request and reads the whole answer, whatever its status. A Read is repeated, with pauses that grow or
// as long as the server asks for, when the connection broke, or the server was busy or out of order; the last answer
// or error counts. Errors name method, address and cause, never a header or a body.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	path, err := call.fill(call.Segments)
	if err != nil {
		return nil, err
	}
	u := *c.base
	if path != "" {
		u.Path += "/" + path
	}
	where := call.Method + " " + u.String()
	u.RawQuery = call.Query.Encode()
	for try := 1; ; try++ {
		answer, err := c.once(ctx, call, u.String())
		wait, again := c.again(ctx, call, answer, err, try)
		if !again {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", where, err)
			}
			answer.where, answer.say = where, c.Say
			return answer, nil
		}
		if err := c.sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("%s: waiting to ask again: %w", where, err)
		}
	}
}

// once makes the request once.
func (c *Client) once(ctx context.Context, call Call, target string) (*Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, oneTry, errSlow)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, call.Method, target, bytes.NewReader(call.Body))
	if err != nil {
		return nil, errRefused
	}
	if call.Header != nil {
		r.Header = call.Header.Clone()
	}
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Accept", "application/json")
	if call.Type != "" {
		r.Header.Set("Content-Type", call.Type)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, explain(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("the answer ended early: %w", explain(ctx, err))
	}
	if len(body) > maxAnswer {
		return nil, errTooLarge
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Media: media, Body: body, retryAfter: c.retryAfter(resp.Header)}, nil
}

var (
	errTooLarge = fmt.Errorf("the answer is longer than %d MiB", maxAnswer>>20)
	errSlow     = fmt.Errorf("no complete answer within %s", oneTry)
)

// again says whether to repeat, and after how long.
func (c *Client) again(ctx context.Context, call Call, a *Answer, err error, try int) (time.Duration, bool) {
	if !call.Read || try == tries || ctx.Err() != nil {
		return 0, false
	}
	backoff := firstPause << (try - 1)
	backoff += rand.N(backoff / 4)
	if err != nil {
		return backoff, !permanent(err)
	}
	switch a.Status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	wait := backoff
	if a.retryAfter != nil {
		wait = *a.retryAfter
	}
	deadline, bounded := ctx.Deadline()
	return wait, wait <= maxWait && (!bounded || c.now().Add(wait).Before(deadline))
}

// retryAfter is how long the server asks to wait; nil when it does not say.
func (c *Client) retryAfter(h http.Header) *time.Duration {
	text := h.Get("Retry-After")
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // which gives the largest number there is
		return new(time.Duration(seconds) * time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return new(max(0, at.Sub(c.now()).Truncate(time.Second)))
	}
	return nil
}

// permanent reports whether asking again cannot help.
func permanent(err error) bool {
	var cert *tls.CertificateVerificationError
	var dns *net.DNSError
	return errors.Is(err, errRefused) || errors.Is(err, errTooLarge) || errors.Is(err, errSlow) ||
		errors.As(err, &cert) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &dns) && dns.IsNotFound
}

// explain drops the address that net/http repeats and says what to do where something can be done.
func explain(ctx context.Context, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("its certificate is signed by an authority that this machine does not know; "+
			"if it is your own, give its CA certificate with --ca-file: %w", err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("the server does not speak TLS on this port: %w", err)
	case ctx.Err() != nil:
		return cmp.Or(context.Cause(ctx), err)
	}
	return err
}

var token = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]+$`)

// Token reports whether a text has the form of a token and may stand in a header.
func Token(s string) bool { return len(s) <= 16<<10 && token.MatchString(s) }

// Hide keeps a secret out of everything Say returns.
func (c *Client) Hide(s inventory.Secret) { c.secrets = append(c.secrets, s) }

// Say is the server's own text for a message: on one line, without control characters and secrets, cut.
func (c *Client) Say(text string) string {
	for _, s := range c.secrets {
		if s.IsSet() {
			text = strings.ReplaceAll(text, s.Reveal(), "***")
		}
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r > 0x7e && r < 0xa0 }), " ")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}
