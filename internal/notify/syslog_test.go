package notify

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rfc5424 is the header as section 6 of the RFC has it: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG.
var rfc5424 = regexp.MustCompile(`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) - (.*)$`)

// checkRecords holds what arrived against what the sample tells.
func checkRecords(t *testing.T, got []string) {
	t.Helper()
	var seen []string
	for _, r := range got {
		m := rfc5424.FindStringSubmatch(r)
		if m == nil {
			t.Errorf("not RFC 5424: %q", r)
			continue
		}
		pri, _ := strconv.Atoi(m[1])
		if _, err := time.Parse(time.RFC3339Nano, m[2]); err != nil || pri/8 != 17 || m[4] != "licences" {
			t.Errorf("%q: %v", r, err)
		}
		seen = append(seen, fmt.Sprint(m[6], " ", pri%8))
	}
	if want := []string{"worse 4", "new 2", "new 3", "new 3", "resolved 5", "flap-suppressed 4"}; !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

func syslogReceiver(how transport, address, extra string) string {
	return fmt.Sprintf("- {name: noc, timeout: 2s, syslog: {transport: %s, server: %q, facility: local1, app_name: licences%s}}\n", how, address, extra)
}

func TestSyslogOverUDP(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	wantSaid(t, deliver(t, configured(t, syslogReceiver(overUDP, conn.LocalAddr().String(), "")), spooled(t), sample()))
	var got []string
	buf := make([]byte, 65536)
	for range sample().Events {
		conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(buf[:n]))
	}
	checkRecords(t, got)
}

// octetCounted reads a stream as RFC 6587 3.4.1 frames it.
func octetCounted(r io.Reader) (records []string, err error) {
	in := bufio.NewReader(r)
	for {
		size, err := in.ReadString(' ')
		if err == io.EOF && size == "" {
			return records, nil
		}
		n, bad := strconv.Atoi(strings.TrimSuffix(size, " "))
		if err != nil || bad != nil {
			return records, fmt.Errorf("no count in %q: %w", size, err)
		}
		record := make([]byte, n)
		if _, err := io.ReadFull(in, record); err != nil {
			return records, err
		}
		records = append(records, string(record))
	}
}

func TestSyslogOverStreams(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for _, how := range []transport{overTCP, overTLS} {
		t.Run(string(how), func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if how == overTLS {
				l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{ca.issue()}})
			}
			defer l.Close()
			arrived := make(chan []string, 1)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				records, err := octetCounted(conn)
				if err != nil {
					t.Error(err)
				}
				arrived <- records
			}()
			wantSaid(t, deliver(t, configured(t, syslogReceiver(how, l.Addr().String(), ", ca_file: "+ca.file)), spooled(t), sample()))
			checkRecords(t, <-arrived)
		})
	}
	t.Run("a stranger", func(t *testing.T) {
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{other.issue()}})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				io.Copy(io.Discard, conn)
			}
		}()
		wantSaid(t, deliver(t, configured(t, syslogReceiver(overTLS, l.Addr().String(), ", ca_file: "+ca.file)), spooled(t), sample()), "its certificate is not trusted", "kept")
	})
}

// TestSyslogNobodyListens: neither a stream nor, on a machine that says so, a datagram is delivered to nobody.
func TestSyslogNobodyListens(t *testing.T) {
	for _, how := range []transport{overUDP, overTCP} {
		var address string
		if how == overUDP {
			conn, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address = conn.LocalAddr().String()
			conn.Close()
		} else {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address = l.Addr().String()
			l.Close()
		}
		spool := spooled(t)
		wantSaid(t, deliver(t, configured(t, syslogReceiver(how, address, "")), spool, sample()), "connection refused (3 attempts)", "kept")
	}
}

func TestSyslogToTheLocalSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "log") //nolint:usetesting // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "log")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Skip("no datagram sockets here: ", err)
	}
	defer conn.Close()
	c := configured(t, "- {name: noc, syslog: {transport: local, socket: "+socket+"}}\n")
	wantSaid(t, deliver(t, c, spooled(t), sample()))
	buf := make([]byte, 65536)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^<28>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d slpdoctor\[\d+\]: worse severity=none device="osa-edge-1" `); !want.Match(buf[:n]) {
		t.Errorf("%q", buf[:n])
	}
}
