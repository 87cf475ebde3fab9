package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/transition"
	"slpdoctor/inventory"
)

// security is how the way to a server is protected.
type security string

const (
	startTLS security = "starttls" // asked for, and nothing is sent without it
	implicit security = "implicit" // TLS from the first byte
	noTLS    security = "none"     // only to this machine
)

// email sends one message to all recipients.
type email struct {
	server   string // host:port
	tls      security
	username string
	password *inventory.Reference
	from     string
	to       []string
	roots    *x509.CertPool

	secret string // after check
}

func readEmail(l *loader, n *yaml.Node, label string) channel {
	e := &email{tls: startTLS}
	address := func(n *yaml.Node, what string) string {
		v, ok := l.text(n, what)
		if !ok {
			return ""
		}
		if _, err := mail.ParseAddress(v); err != nil {
			l.fail(n.Line, `write it like noc@example.net, or "NOC <noc@example.net>"`, "%s of %s: %q is no mail address", what, label, v)
		}
		return v
	}
	label = "email of " + label
	ok := l.mapping(n, label, map[string]func(*yaml.Node){
		"server":   l.endpoint(&e.server, "server"),
		"tls":      func(n *yaml.Node) { e.tls = oneOf(l, n, "tls", []security{startTLS, implicit, noTLS}) },
		"username": l.set(&e.username, "username"),
		"password": l.secret(&e.password, "password of "+label),
		"from":     func(n *yaml.Node) { e.from = address(n, "from") },
		"to":       func(n *yaml.Node) { l.list(n, "to", func(n *yaml.Node) { e.to = append(e.to, address(n, "to")) }) },
		"ca_file":  l.authorities(&e.roots),
	})
	if !ok {
		return e
	}
	l.missing(n, label, "server", "from", "to")
	if hasKey(n, "to") && len(e.to) == 0 {
		l.fail(n.Line, "add an address", "%s names no recipient", label)
	}
	if hasKey(n, "username") != hasKey(n, "password") {
		l.fail(n.Line, "give both or neither", "%s has only one of username and password", label)
	}
	host, _, _ := net.SplitHostPort(e.server)
	if e.tls == noTLS && (!loopback(host) || e.username != "") {
		l.fail(n.Line, "use starttls or implicit", "%s: tls none is for a server on this machine (localhost, 127.0.0.1, ::1) without a password", label)
	}
	return e
}

func (e *email) describe() string {
	return fmt.Sprintf("email to %s over %s (%s)", strings.Join(e.to, ", "), e.server, e.tls)
}

func (e *email) where() string { return e.server }

func (e *email) check(fetch fetcher) (err error) {
	if e.password != nil {
		e.secret, err = fetch("password", *e.password)
	}
	return err
}

func (e *email) send(ctx context.Context, m *Message) error {
	letter, err := e.letter(m)
	if err != nil {
		return refusal("the message can not be made: %v", err)
	}
	client, err := e.client(ctx)
	if err != nil {
		return refusal("the server can not be used: %v", err)
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() { // a connection that breaks after the server took the message is no failure
		return nil
	}
	return smtpFailure(ctx, err)
}

// client is made for one message. It dials here, so that the end of ctx ends it at any point.
func (e *email) client(ctx context.Context) (*gomail.Client, error) {
	host, port, err := net.SplitHostPort(e.server)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, RootCAs: e.roots, MinVersion: tls.VersionTLS12}
	limit := maxTimeout
	if end, ok := ctx.Deadline(); ok {
		limit = max(time.Until(end), time.Millisecond)
	}
	options := []gomail.Option{gomail.WithPort(number), gomail.WithTLSConfig(config), gomail.WithTimeout(limit),
		gomail.WithDialContextFunc(func(dial context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(dial, network, address)
			if err != nil {
				return nil, err
			}
			context.AfterFunc(ctx, func() { conn.Close() })
			if e.tls != implicit {
				return conn, nil
			}
			secure := tls.Client(conn, config)
			return secure, secure.HandshakeContext(dial)
		})}
	switch e.tls {
	case implicit:
		options = append(options, gomail.WithSSL())
	case noTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if e.username != "" {
		options = append(options, gomail.WithUsername(e.username), gomail.WithPassword(e.secret),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(host, options...)
}

// smtpFailure says what a server refused and with which code. Its own words are left out: they may repeat what they
// were sent.
func smtpFailure(ctx context.Context, err error) error {
	code, enhanced, step := 0, "", "the session"
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		code = reply.Code
	}
	if sent, ok := errors.AsType[*gomail.SendError](err); ok {
		code, enhanced, step = cmp.Or(sent.ErrorCode(), code), sent.EnhancedStatusCode(), sent.Reason.String()
	} else if strings.Contains(err.Error(), "SMTP AUTH failed") {
		step = "the login"
	}
	switch {
	case code >= 400:
		return &failure{why: strings.TrimSpace(fmt.Sprintf("%s was answered with %d %s", step, code, enhanced)), refused: code >= 500}
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return refusal("it offers no STARTTLS, and nothing is sent without; see tls: implicit")
	case strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return refusal("it offers no login")
	}
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok { // it holds the server's words
		return &failure{why: "its answer is not SMTP"}
	}
	return plainly(ctx, err)
}

const (
	mailBytes = 256 << 10
	mailItems = 500
)

// letter is the message as plain text.
func (e *email) letter(m *Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := letter.From(e.from); err != nil {
		return nil, err
	}
	if err := letter.To(e.to...); err != nil {
		return nil, err
	}
	sender, err := mail.ParseAddress(e.from)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(sender.Address, "@")
	letter.SetMessageIDWithValue("slpdoctor." + m.ID + "@" + domain)
	letter.SetDateWithValue(m.Told.Run.Finished)
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.Subject(m.Subject)
	letter.SetBodyString(gomail.TypeTextPlain, string(plainText(m)))
	return letter, nil
}

// plainText is the whole message for reading.
func plainText(m *Message) []byte {
	items := m.items()
	return fit(len(items), mailItems, mailBytes, func(n int) []byte { return m.page(items[:n], m.more(items[n:])) })
}

func (m *Message) page(items []item, more string) []byte {
	var b strings.Builder
	d := m.Told
	fmt.Fprintf(&b, "%s\n\n", m.Subject)
	if d.Job != "" {
		fmt.Fprintf(&b, "Job:   %s\n", clip(d.Job, 1000))
	}
	fmt.Fprintf(&b, "Run:   %s, finished %s\n", d.Run.ID, stamp(d.Run.Finished))
	if d.Since != nil {
		fmt.Fprintf(&b, "Since: %s, finished %s\n", d.Since.ID, stamp(d.Since.Finished))
	}
	if d.Next != nil {
		fmt.Fprintf(&b, "Next:  expected %s\n", stamp(*d.Next))
	}
	for _, s := range m.context() {
		fmt.Fprintf(&b, "%s\n", s)
	}
	for _, i := range items {
		fmt.Fprintf(&b, "\n%s: %s: %s\n", strings.TrimSpace(strings.ToUpper(string(i.Kind))+" "+string(i.Severity)), i.devices(), part(i.Event))
		for _, s := range facts(i.Event) {
			fmt.Fprintf(&b, "  %s\n", s)
		}
		writeFixes(&b, i.Event)
	}
	if more != "" {
		fmt.Fprintf(&b, "\n%s\n", more)
	}
	fmt.Fprintf(&b, "\n-- \nslpdoctor %s, message %s\n", d.Tool.Version, m.ID)
	return []byte(b.String())
}

// writeFixes is what to do, with the lines to paste.
func writeFixes(b *strings.Builder, e transition.Event) {
	for _, f := range e.Fixes[:min(len(e.Fixes), 3)] {
		fmt.Fprintf(b, "  To do: %s\n", clip(f.Summary, 500))
		for _, part := range []struct {
			mark  string
			lines []string
		}{{"(config)# ", f.Config}, {"# ", f.Exec}, {"- ", f.Manual}, {"verify: ", f.Verify}} {
			for _, line := range part.lines[:min(len(part.lines), 30)] {
				fmt.Fprintf(b, "    %s%s\n", part.mark, clip(line, 500))
			}
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
