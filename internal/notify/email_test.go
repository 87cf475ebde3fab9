package notify

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

// letterbox is a mail server that takes mail from one user, and what it took.
type letterbox struct {
	address string
	refuse  func(rcpt string) error // nil: takes every recipient
	noLogin bool                    // takes mail without login

	mu   sync.Mutex
	mail []delivered
}

type delivered struct {
	From string
	To   []string
	Data string
}

type smtpSession struct {
	box    *letterbox
	logged bool
	now    delivered
}

func (s *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "slpdoctor" || password != "SECRETMAIL" {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such login: " + password}
		}
		s.logged = true
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if !s.logged && !s.box.noLogin {
		return smtp.ErrAuthRequired
	}
	s.now = delivered{From: from}
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.box.refuse != nil {
		if err := s.box.refuse(to); err != nil {
			return err
		}
	}
	s.now.To = append(s.now.To, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.now.Data = string(b)
	s.box.mu.Lock()
	s.box.mail = append(s.box.mail, s.now)
	s.box.mu.Unlock()
	return err
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }

// newLetterbox starts a server; with implicit it speaks TLS from the first byte, without certificates none at all.
func newLetterbox(t *testing.T, implicit bool, certs ...tls.Certificate) *letterbox {
	t.Helper()
	box := &letterbox{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box.address = l.Addr().String()
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &smtpSession{box: box}, nil }))
	s.Domain, s.ErrorLog = "relay.example.net", log.New(io.Discard, "", 0)
	if len(certs) > 0 {
		config := &tls.Config{Certificates: certs}
		if implicit {
			l = tls.NewListener(l, config)
		} else {
			s.TLSConfig = config
		}
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return box
}

func (b *letterbox) letters() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mail
}

func (b *letterbox) receiver(extra string) string {
	return fmt.Sprintf(`- name: noc
  timeout: 2s
  email: {server: "%s", from: slpdoctor@example.net, to: [noc@example.net, "On Call <oncall@example.net>"]%s}
`, b.address, extra)
}

const login = `, username: slpdoctor, password: {env: NOC_MAIL}`

func TestEmail(t *testing.T) {
	t.Setenv("NOC_MAIL", "SECRETMAIL")
	ca := newAuthority(t)
	for name, implicit := range map[string]bool{"starttls": false, "implicit": true} {
		t.Run(name, func(t *testing.T) {
			box := newLetterbox(t, implicit, ca.issue())
			c, spool := configured(t, box.receiver(login+", tls: "+name+", ca_file: "+ca.file)), spooled(t)
			wantSaid(t, deliver(t, c, spool, sample()))
			wantSaid(t, deliver(t, c, spool, nothing()))
			got := box.letters()
			if len(got) != 1 {
				t.Fatalf("%d letters", len(got))
			}
			l, err := mail.ReadMessage(strings.NewReader(got[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			want := "<slpdoctor." + newMessage("noc", sample()).ID + "@example.net>"
			if d := cmp.Diff([]string{"noc@example.net", "oncall@example.net"}, got[0].To); d != "" || got[0].From != "slpdoctor@example.net" || l.Header.Get("Message-Id") != want {
				t.Errorf("%+v %s", got[0], d)
			}
		})
	}
}

func TestEmailThatIsRefused(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for name, c := range map[string]struct {
		password string
		extra    string
		certs    []tls.Certificate
		refuse   func(string) error
		want     string
	}{
		"wrong password":    {"SECRETWRONG", login, []tls.Certificate{ca.issue()}, nil, "the login was answered with 535"},
		"wrong certificate": {"SECRETMAIL", login, []tls.Certificate{other.issue()}, nil, "its certificate is not trusted"},
		"no STARTTLS":       {"SECRETMAIL", login, nil, nil, "it offers no STARTTLS"},
		"no such recipient": {"SECRETMAIL", login, []tls.Certificate{ca.issue()}, func(to string) error {
			if to == "oncall@example.net" {
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}
			return nil
		}, "sending SMTP RCPT TO command was answered with 550 5.1.1"},
		"greylisted": {"SECRETMAIL", login, []tls.Certificate{ca.issue()}, func(string) error {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try later"}
		}, "was answered with 451 4.7.1 (3 attempts)"},
		"login needed": {"SECRETMAIL", "", []tls.Certificate{ca.issue()}, nil, "sending SMTP MAIL FROM command was answered with 502"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NOC_MAIL", c.password)
			box := newLetterbox(t, false, c.certs...)
			box.refuse = c.refuse
			conf, spool := configured(t, box.receiver(c.extra+", ca_file: "+ca.file)), spooled(t)
			said := deliver(t, conf, spool, sample())
			wantSaid(t, said, c.want, "1 message kept")
			if strings.Contains(strings.Join(said, " "), "SECRET") || len(box.letters()) != 0 || len(kept(t, spool)) != 1 {
				t.Errorf("%q, %d letters", said, len(box.letters()))
			}
		})
	}
}

func TestEmailToThisMachineWithoutTLS(t *testing.T) {
	box := newLetterbox(t, false)
	box.noLogin = true
	wantSaid(t, deliver(t, configured(t, box.receiver(", tls: none")), spooled(t), sample()))
	if len(box.letters()) != 1 {
		t.Errorf("%d letters", len(box.letters()))
	}
}

// TestEmailIsNotSentTwice: a server that takes the message and then is gone has taken it.
func TestEmailIsNotSentTwice(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := make(chan int, 1)
	go func() {
		n := 0
		for {
			conn, err := l.Accept()
			if err != nil {
				taken <- n
				return
			}
			if takeAndLeave(conn) == nil {
				n++
			}
		}
	}()
	box := &letterbox{address: l.Addr().String()}
	c, spool := configured(t, box.receiver(", tls: none")), spooled(t)
	wantSaid(t, deliver(t, c, spool, sample()))
	l.Close()
	if n := <-taken; n != 1 || kept(t, spool) != nil {
		t.Errorf("taken %d times, kept %q", n, kept(t, spool))
	}
}

// takeAndLeave speaks just enough SMTP to take one message, and closes the connection after it.
func takeAndLeave(conn net.Conn) error {
	defer conn.Close()
	fmt.Fprint(conn, "220 relay\r\n")
	buf := make([]byte, 4096)
	text, data := "", false
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return err
		}
		text += string(buf[:n])
		if data {
			if strings.HasSuffix(text, "\r\n.\r\n") {
				_, err := fmt.Fprint(conn, "250 taken\r\n")
				return err
			}
			continue
		}
		if !strings.HasSuffix(text, "\r\n") {
			return errors.New("half a line")
		}
		if data = strings.HasPrefix(text, "DATA"); data {
			fmt.Fprint(conn, "354 go on\r\n")
		} else {
			fmt.Fprint(conn, "250 fine\r\n")
		}
		text = ""
	}
}
