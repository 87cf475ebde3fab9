//go:build unix

package collect

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scrapli/scrapligo/transport"

	"slpdoctor/internal/diag"
)

// startDevice runs a fake device in a process of its own, so that what this process uses is the client's.
func startDevice(b *testing.B) (Options, Target) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "SLPDOCTOR_TEST_PLAY=listen")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	hosts, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "known_hosts")
	if err := os.WriteFile(name, []byte(hosts), 0o600); err != nil {
		b.Fatal(err)
	}
	known, err := LoadKnownHosts(name)
	if err != nil {
		b.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.Fields(hosts)[0], "]:")
	n, err := strconv.Atoi(port)
	if err != nil {
		b.Fatal(err)
	}
	return Options{Commands: testCatalogue, KnownHosts: known, AgentSocket: "none"},
		Target{Hop: Hop{Address: "127.0.0.1", Port: n, Auth: Auth{User: "netops", Password: hidden("x")}}}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSession is one device: login, sixteen commands with 35 KB of answers, exit. cpu-ms/op is the
// client's processor time.
func BenchmarkSession(b *testing.B) {
	options, target := startDevice(b)
	d := NewDialer(options)
	defer d.Close()
	b.ReportAllocs()
	begin := processorTime(b)
	for b.Loop() {
		s, err := d.Open(b.Context(), target)
		if err != nil {
			b.Fatal(err)
		}
		for range 16 {
			if r := s.Run(b.Context(), showLicense, tech); r.Outcome != diag.OK || len(r.Text) != benchAnswer {
				b.Fatalf("outcome %s, %d bytes: %v", r.Outcome, len(r.Text), r.Err)
			}
		}
		s.Close()
	}
	b.ReportMetric(float64(processorTime(b)-begin)/1e6/float64(b.N), "cpu-ms/op")
}

// delayed is a way to addr that takes half of rtt in each direction.
func delayed(b *testing.B, addr string, rtt time.Duration) string {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ln.Close() })
	carry := func(to, from net.Conn) {
		type parcel struct {
			due  time.Time
			data []byte
		}
		line := make(chan parcel, 1024)
		go func() {
			defer to.Close()
			for p := range line {
				time.Sleep(time.Until(p.due))
				to.Write(p.data)
			}
		}()
		defer close(line)
		for {
			data := make([]byte, 32<<10)
			n, err := from.Read(data)
			if n > 0 {
				line <- parcel{time.Now().Add(rtt / 2), data[:n]}
			}
			if err != nil {
				return
			}
		}
	}
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			time.Sleep(rtt) // of the TCP handshake, which loopback does not have
			out, err := net.Dial("tcp", addr)
			if err != nil {
				in.Close()
				return
			}
			go carry(out, in)
			go carry(in, out)
		}
	}()
	return ln.Addr().String()
}

// BenchmarkRoundTrips is the session of BenchmarkSession at a round trip of 20 ms, in round trips.
func BenchmarkRoundTrips(b *testing.B) {
	const rtt = 20 * time.Millisecond
	answer := answerOf(benchAnswer)
	f := (&fake{answers: answers(tech, func(v *vty) { v.send(answer) })}).start(b)
	target := f.target()
	target.Port = portOf(delayed(b, f.addr, rtt))
	options := f.options()
	options.KnownHosts = knownHostsOf(b, "127.0.0.1:"+strconv.Itoa(target.Port), f.signer.PublicKey())
	d := NewDialer(options)
	defer d.Close()
	var opening, running, closing time.Duration
	for b.Loop() {
		begin := time.Now()
		s, err := d.Open(b.Context(), target)
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		for range 16 {
			s.Run(b.Context(), showLicense, tech)
		}
		ran := time.Now()
		s.Close()
		opening, running, closing = opening+opened.Sub(begin), running+ran.Sub(opened), closing+time.Since(ran)
	}
	for name, d := range map[string]time.Duration{"open": opening, "run": running, "close": closing} {
		b.ReportMetric(float64(d)/float64(rtt)/float64(b.N), name+"-rtt/op")
	}
}

// stock is the plainest transport that scrapligo's own channel can read from.
type stock struct{ net.Conn }

func (stock) Open(*transport.Args) error { return nil }
func (stock) IsAlive() bool              { return true }
func (s stock) Read(n int) ([]byte, error) {
	b := make([]byte, n)
	m, err := s.Conn.Read(b)
	if err != nil {
		err = io.EOF
	}
	return b[:m], err
}
func (s stock) Write(b []byte) error { _, err := s.Conn.Write(b); return err }

// BenchmarkExchange is one command with 12 KB of answer, from a device that answers at once over a pipe:
// through our matcher, and through scrapligo's channel.
func BenchmarkExchange(b *testing.B) {
	answer := answerOf(12_000)
	f := &fake{answers: answers(tech, func(v *vty) { v.send(answer) })}
	b.Run("matcher", func(b *testing.B) {
		s := f.mustPlug(b)
		b.ReportAllocs()
		for b.Loop() {
			if r := s.Run(b.Context(), showLicense, tech); r.Text != answer {
				b.Fatalf("outcome %s, %d bytes: %v", r.Outcome, len(r.Text), r.Err)
			}
		}
	})
	b.Run("channel", func(b *testing.B) {
		ours, theirs := net.Pipe()
		d, err := newDriver(stock{ours}, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		go newVTY(f, theirs).run()
		defer ours.Close()
		if err := d.Open(); err != nil {
			b.Fatal(err)
		}
		if _, err := d.Channel.GetPrompt(); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if text, err := d.Channel.SendInput(tech); err != nil || len(text) < len(answer)/2 {
				b.Fatalf("%d bytes: %v", len(text), err)
			}
		}
	})
}

// BenchmarkIdleSessions holds 300 open sessions that have run a command; KB/session is the client's heap
// and stacks.
func BenchmarkIdleSessions(b *testing.B) {
	const sessions = 300
	options, target := startDevice(b)
	d := NewDialer(options)
	defer d.Close()
	use := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	var all [sessions]*Session
	for b.Loop() {
		before := use()
		for i := range all {
			s, err := d.Open(b.Context(), target)
			if err != nil {
				b.Fatal(err)
			}
			s.Run(b.Context(), showLicense, tech)
			all[i] = s
		}
		b.ReportMetric(float64(use()-before)/sessions/1024, "KB/session")
		b.ReportMetric(float64(runtime.NumGoroutine())/sessions, "goroutines/session")
		for _, s := range all {
			s.Close()
		}
	}
}
