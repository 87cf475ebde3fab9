package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
)

// facilities are those of RFC 5424 table 1, by number.
var facilities = []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

// transports are the ways to a syslog server.
type transport string

const (
	overUDP  transport = "udp"   // RFC 5426; what is lost is lost unseen
	overTCP  transport = "tcp"   // RFC 6587, octet counting
	overTLS  transport = "tls"   // RFC 5425
	overUnix transport = "local" // the socket of this machine's own logger
)

// syslogger sends one record per event.
type syslogger struct {
	transport transport
	server    string // host:port
	socket    string // of overUnix
	facility  string
	app       string
	roots     *x509.CertPool
	host      string
	pid       int
}

var appName = regexp.MustCompile(`^[!-~]{1,48}$`)

func readSyslog(l *loader, n *yaml.Node, label string) channel {
	s := &syslogger{socket: "/dev/log", facility: "daemon", app: "slpdoctor", host: hostName(), pid: os.Getpid()}
	label = "syslog of " + label
	ok := l.mapping(n, label, map[string]func(*yaml.Node){
		"transport": func(n *yaml.Node) {
			s.transport = oneOf(l, n, "transport", []transport{overUDP, overTCP, overTLS, overUnix})
		},
		"server": l.endpoint(&s.server, "server"),
		"socket": func(n *yaml.Node) {
			if v, ok := l.text(n, "socket"); ok {
				s.socket = l.file(v)
			}
		},
		"facility": func(n *yaml.Node) { s.facility = oneOf(l, n, "facility", facilities) },
		"app_name": func(n *yaml.Node) {
			if v, ok := l.text(n, "app_name"); ok && !appName.MatchString(v) {
				l.fail(n.Line, "", "app_name of %s must be 1 to 48 visible ASCII characters", label)
			} else if ok {
				s.app = v
			}
		},
		"ca_file": l.authorities(&s.roots),
	})
	if !ok {
		return s
	}
	l.missing(n, label, "transport")
	switch {
	case s.transport == overUnix && hasKey(n, "server"):
		l.fail(n.Line, "leave server out", "%s: the local socket has no server", label)
	case s.transport != overUnix && s.transport != "":
		l.missing(n, label, "server")
		if hasKey(n, "socket") {
			l.fail(n.Line, "leave socket out, or write transport: local", "%s: a socket is for the transport local", label)
		}
	}
	return s
}

// hostName is the HOSTNAME of RFC 5424: visible ASCII, or "-".
func hostName() string {
	name, err := os.Hostname()
	name = strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return -1
		}
		return r
	}, name)
	if err != nil || name == "" {
		return "-"
	}
	return name[:min(len(name), 255)]
}

func (s *syslogger) describe() string {
	return fmt.Sprintf("syslog over %s to %s, facility %s", s.transport, s.where(), s.facility)
}

func (s *syslogger) where() string {
	if s.transport == overUnix {
		return s.socket
	}
	return s.server
}

func (s *syslogger) check(fetcher) error { return nil }

const (
	syslogBytes  = 2048 // what every receiver should take (RFC 5424 section 6.1)
	syslogEvents = 200
)

// levels are the syslog severities.
var levels = map[diag.Severity]int{diag.Critical: 2, diag.High: 3, diag.Medium: 4, diag.Low: 5, diag.Info: 6}

// level is how urgent an event is to a log: what is good again is a notice, and what has no severity a warning.
func level(e transition.Event) int {
	if mended(e) || e.Kind == transition.Appeared || e.Kind == transition.Changed {
		return 5
	}
	if n, ok := levels[e.Severity]; ok {
		return n
	}
	return 4
}

// records are the events, each a line of its own, and one that counts those left out.
func (s *syslogger) records(m *Message) []string {
	shown := m.first(min(len(m.Told.Events), syslogEvents))
	var out []string
	for _, e := range shown.Told.Events {
		text := fmt.Sprintf("%s severity=%s device=%q subject=%q id=%s", msgID(e.Kind), cmp.Or(string(e.Severity), "none"), clip(e.Device, 255), part(e), m.ID)
		if m.Test {
			text = "test " + text
		}
		out = append(out, s.record(m, level(e), msgID(e.Kind), text+": "+strings.Join(facts(e), " ")))
	}
	if n := shown.Omitted; n > 0 {
		out = append(out, s.record(m, 4, "more", "and "+count(n, "more event")+" id="+m.ID))
	}
	return out
}

// msgID is a kind as a word.
func msgID(k transition.Kind) string { return strings.ReplaceAll(string(k), " ", "-") }

// record is one message of RFC 5424. The logger of this machine gets the older form without host name that its socket
// is made for: it would take the header of the newer one for text.
func (s *syslogger) record(m *Message, level int, id, text string) string {
	pri := slices.Index(facilities, s.facility)*8 + level
	at := m.Told.Run.Finished
	header := fmt.Sprintf("<%d>1 %s %s %s %d %s - ", pri, at.UTC().Format("2006-01-02T15:04:05.000000Z"), s.host, s.app, s.pid, id)
	if s.transport == overUnix {
		header = fmt.Sprintf("<%d>%s %s[%d]: ", pri, at.Local().Format(time.Stamp), s.app, s.pid)
	}
	room := syslogBytes - len(header)
	if len(text) > room {
		text = strings.ToValidUTF8(text[:room-len("…")], "") + "…"
	}
	return header + text
}

func (s *syslogger) send(ctx context.Context, m *Message) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return plainly(ctx, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	_, stream := conn.(interface{ CloseWrite() error })
	counted := s.transport == overTCP || s.transport == overTLS
	for _, r := range s.records(m) {
		switch {
		case counted:
			r = strconv.Itoa(len(r)) + " " + r
		case stream: // a stream socket of this machine ends a record with a zero byte or a line
			r += "\n"
		}
		if _, err := io.WriteString(conn, r); err != nil {
			return plainly(ctx, err)
		}
	}
	if err := settled(conn, counted); err != nil {
		return plainly(ctx, err)
	}
	return nil
}

func (s *syslogger) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	switch s.transport {
	case overTLS:
		host, _, err := net.SplitHostPort(s.server)
		if err != nil {
			return nil, err
		}
		return (&tls.Dialer{NetDialer: &d, Config: &tls.Config{ServerName: host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", s.server)
	case overUnix:
		conn, err := d.DialContext(ctx, "unixgram", filepath.Clean(s.socket))
		if err != nil {
			if stream, again := d.DialContext(ctx, "unix", s.socket); again == nil {
				return stream, nil
			}
		}
		return conn, err
	}
	return d.DialContext(ctx, string(s.transport), s.server)
}

// settled looks for the refusal that comes after the last byte: syslog itself acknowledges nothing. A stream is closed
// on our side, and one that the server resets was not read to its end. A datagram to a port nobody listens on comes
// back at once, from a machine that says so.
func settled(conn net.Conn, stream bool) error {
	patience := 100 * time.Millisecond
	if half, ok := conn.(interface{ CloseWrite() error }); ok && stream {
		if err := half.CloseWrite(); err != nil {
			return err
		}
		patience = 2 * time.Second
	} else if conn.RemoteAddr().Network() != "udp" {
		return nil
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, io.LimitReader(conn, 4096))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}
