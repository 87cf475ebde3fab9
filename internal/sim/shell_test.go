package sim

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// A command that hears no interrupt holds the session until the client goes.
func TestDeafCommand(t *testing.T) {
	s := faulty(t, Faults{HangOn: "show clock", Deaf: true})
	term := dial(t, s, "r1")
	term.typed("show clock\r")
	term.reads("show clock\r\n")
	term.typed("\x03\x1eexit\r")
	time.AfterFunc(50*time.Millisecond, func() { term.conn.Close() })
	if got := term.rest(); strings.Contains(got, "exit") {
		t.Errorf("the interrupt was heard: %q", got)
	}
}

func TestCommandLineFaults(t *testing.T) {
	clock := crlf(newDevice(t, plainSpec()).Run("show clock"))
	version := crlf(newDevice(t, plainSpec()).Run("show version"))
	for name, c := range map[string]struct {
		f     Faults
		typed string
		want  string // of everything after the first empty line; "..." stands for anything
	}{
		"exec denied":        {Faults{ExecDenied: true}, "", "% Authorization failed.\r\n"},
		"denied command":     {Faults{Deny: []string{"show license"}}, "sh lic sum\rexit\r", "r1#sh lic sum\r\nCommand authorization failed.\r\n\r\nr1#exit\r\n"},
		"denied terminal":    {Faults{DenyTerminal: true}, "terminal length 0\rexit\r", "r1#terminal length 0\r\nCommand authorization failed.\r\n\r\nr1#exit\r\n"},
		"message of the day": {Faults{MOTD: "Welcome\nFAKE#\n"}, "exit\r", "...FAKE#\r\n\r\nr1#exit\r\n"},
		"async lines":        {Faults{AsyncEvery: 1}, "exit\r", "r1#\r\n*Mar 12...%SYS-5-CONFIG_I:...\r\nexit\r\n"},
		"noise":              {Faults{Noise: true}, "show clock\rexit\r", "r1#show clock\r\n\a\x00\x1b[0m" + strings.Replace(clock, "\r\n", "\x1b[K\r\n", 1) + "r1#exit\r\n"},
		"lookalikes":         {Faults{Lookalike: true}, "show clock\rexit\r", "r1#show clock\r\nbanner motd ^C\r\nr1#\r\nWelcome to core-sw1>\r\n^C\r\n" + clock + "r1#exit\r\n"},
		"hang up":            {Faults{HangupOn: "show version"}, "terminal length 0\rshow version\r", "r1#terminal length 0\r\nr1#show version\r\n" + version[:200] + "..."},
		"interrupt":          {Faults{HangOn: "show clock"}, "show clock\r\x03exit\r", "r1#show clock\r\n" + clock[:len(clock)/2-1] + "...r1#exit\r\n"},
		"interrupt by ^^":    {Faults{HangOn: "show clock"}, "show clock\r\x1eexit\r", "r1#show clock\r\n" + clock[:len(clock)/2-1] + "...r1#exit\r\n"},
		"endless":            {Faults{EndlessOn: "show clock"}, "show clock\r\x03exit\r", "r1#show clock\r\n...r1#exit\r\n"},
		"closed shell":       {Faults{CloseAfter: 1}, "show clock\rshow clock\r", "r1#show clock\r\n" + clock},
		"slow echo":          {Faults{EchoDelay: time.Millisecond}, "show clock\rexit\r", "r1#show clock\r\n" + clock + "r1#exit\r\n"},
		"rekeying":           {Faults{RekeyBytes: 1024}, "terminal length 0\rshow version\rexit\r", "r1#terminal length 0\r\nr1#show version\r\n" + version + "r1#exit\r\n"},
		"line ends":          {Faults{}, "show clock\nshow clock\r\nexit\n", "r1#show clock\r\n" + clock + "r1#show clock\r\n" + clock + "r1#exit\r\n"},
		"editing":            {Faults{}, "shoe\b clock\rgarbage\x15exit\r", "r1#shoe\b \b clock\r\n" + clock + "r1#garbage" + strings.Repeat("\b \b", 7) + "exit\r\n"},
		"slow ping": {Faults{PingTakes: 10 * time.Millisecond}, "ping 203.0.113.99 repeat 1\rexit\r",
			"r1#ping 203.0.113.99 repeat 1\r\n...Success rate is 0 percent (0/1)\r\nr1#exit\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := plainSpec()
			spec.Boot, spec.Faults = DemoTime, c.f
			if name != "async lines" {
				spec = plainSpec()
				spec.Faults = c.f
			}
			s := serve(t, Options{Devices: []*Device{newDevice(t, spec)}})
			term := dial(t, s, "r1")
			head, tail, cut := strings.Cut(c.typed, "\x03")
			interrupt := "\x03"
			if !cut {
				head, tail, cut = strings.Cut(c.typed, "\x1e")
				interrupt = "\x1e"
			}
			term.typed(head)
			if cut {
				term.reads("show clock\r\n")
				term.typed(interrupt + tail)
			}
			got := strings.TrimPrefix(term.rest(), "\r\n")
			if !matches(got, c.want) {
				t.Errorf("got %q\nwant %q", shorten(got), shorten(c.want))
			}
		})
	}
}

func shorten(s string) string {
	if len(s) > 600 {
		return s[:300] + " ~~~ " + s[len(s)-300:]
	}
	return s
}

// matches compares with a text in which "..." stands for anything.
func matches(got, want string) bool {
	parts := strings.Split(want, "...")
	if len(parts) == 1 {
		return got == want
	}
	rest, ok := strings.CutPrefix(got, parts[0])
	if !ok || !strings.HasSuffix(rest, parts[len(parts)-1]) {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return true
}

// reads waits until the text has been seen and keeps it.
func (term *terminal) reads(text string) {
	term.t.Helper()
	buf := make([]byte, 256)
	for !strings.Contains(term.seen.String(), text) {
		n, err := term.out.Read(buf)
		term.seen.Write(buf[:n])
		if err != nil {
			term.t.Fatalf("waiting for %q: %v", text, err)
		}
	}
}

func TestPager(t *testing.T) {
	d := newDevice(t, plainSpec())
	want := crlf(d.Run("show version"))
	s := serve(t, Options{Devices: []*Device{d}})
	term := dial(t, s, "r1")
	term.typed("show version\r")
	got := strings.TrimPrefix(term.until(more), "\r\nr1#show version\r\n")
	if n := strings.Count(got, "\r\n"); n != 23 {
		t.Errorf("the first screen has %d lines of 24 rows", n)
	}
	for range 40 {
		term.typed(" ")
		term.seen.Reset()
		term.reads("r1")
		if !strings.HasSuffix(term.seen.String(), more) {
			break
		}
	}
	term.typed("q\rexit\r")
	if text := got + term.rest(); !strings.Contains(text, "\b") || strings.Contains(want, "\b") {
		t.Errorf("the pager did not erase itself: %q", text)
	}
}

func TestAsyncLinesAndTypeAhead(t *testing.T) {
	term := dial(t, faulty(t, Faults{AsyncOutput: true, TypeAhead: 4}), "r1")
	term.typed("terminal length 0\r")
	term.until("r1#terminal length 0\r\nr1#")
	term.typed("show version\r")
	if got := term.until("r1#"); !strings.Contains(got, "\r\n*Mar") || !strings.Contains(got, "%SYS-5-CONFIG_I") {
		t.Errorf("no log line in the output: %q", got)
	}

	term = dial(t, faulty(t, Faults{HangOn: "show clock", TypeAhead: 4}), "r1")
	term.typed("show clock\r")
	term.reads("show clock\r\n")
	term.typed("show users\r")
	term.typed("\x03")
	term.reads("r1#")
	term.typed("exit\r")
	if got := term.rest(); strings.Contains(got, "show users") {
		t.Errorf("the interrupt kept what was typed before it: %q", got)
	}
}

func TestExitMayLeaveTheConnectionOpen(t *testing.T) {
	s := faulty(t, Faults{StayOpen: true})
	term := dial(t, s, "r1")
	term.typed("exit\r")
	term.rest()
	if _, _, err := term.conn.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		t.Errorf("the connection is gone: %v", err)
	}
}

func TestOneSessionPerConnection(t *testing.T) {
	s := faulty(t, Faults{})
	term := dial(t, s, "r1")
	if _, err := term.conn.NewSession(); err == nil {
		t.Error("a second session was opened")
	}
	s = faulty(t, Faults{RejectShell: true})
	c, err := ssh.Dial("tcp", s.Addr("r1"), clientConfig(s))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sess, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := sess.Shell(); err == nil {
		t.Error("a shell was given")
	}
}
