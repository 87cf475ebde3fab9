package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"os"
	"path/filepath"
)

func faulty(t *testing.T, f Faults, change ...func(*Options)) *Server {
	t.Helper()
	spec := plainSpec()
	spec.Faults = f
	o := Options{Devices: []*Device{newDevice(t, spec)}, Username: "netops", Password: testSecret}
	for _, c := range change {
		c(&o)
	}
	return serve(t, o)
}

// greet connects and reads what the server says first.
func greet(t *testing.T, s *Server) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr("r1"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	buf := make([]byte, 256)
	n, err := c.Read(buf)
	return string(buf[:n]), err
}

func TestFaultsBeforeTheLogin(t *testing.T) {
	for name, c := range map[string]struct {
		f    Faults
		want string
		err  error
	}{
		"healthy":            {Faults{}, ident + "\r\n", nil},
		"stall before ident": {Faults{StallBeforeIdent: true}, "", os.ErrDeadlineExceeded},
		"drop every second":  {Faults{DropEvery: 1}, "", io.EOF},
		"old protocol":       {Faults{Greeting: "SSH-1.5-Cisco-1.25\n"}, "SSH-1.5-Cisco-1.25\n", nil},
	} {
		if got, err := greet(t, faulty(t, c.f)); got != c.want || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, f := range map[string]Faults{"stall after ident": {StallAfterIdent: true}, "close after ident": {CloseAfterIdent: true}} {
		s := faulty(t, f)
		cfg := clientConfig(s)
		c, err := net.Dial("tcp", s.Addr("r1"))
		if err != nil {
			t.Fatal(err)
		}
		stuck := time.AfterFunc(300*time.Millisecond, func() { c.Close() })
		if _, _, _, err := ssh.NewClientConn(c, "r1", cfg); err == nil {
			t.Errorf("%s: the handshake succeeded", name)
		}
		if fired := !stuck.Stop(); fired != f.StallAfterIdent {
			t.Errorf("%s: hung %v", name, fired)
		}
		c.Close()
	}
}

func TestKeysAndAlgorithms(t *testing.T) {
	if err := login(t, faulty(t, Faults{ForeignKey: true})); err == nil {
		t.Error("a foreign host key was accepted")
	}
	var mismatch *ssh.AlgorithmNegotiationError
	if err := login(t, faulty(t, Faults{Ciphers: []string{"aes128-cbc"}})); !errors.As(err, &mismatch) {
		t.Errorf("CBC only: %v", err)
	}
}

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

func TestBusyLinesAreClosedAtOnce(t *testing.T) {
	s := faulty(t, Faults{MaxSessions: 1})
	term := dial(t, s, "r1")
	term.until("r1#")
	if _, err := ssh.Dial("tcp", s.Addr("r1"), clientConfig(s)); err == nil {
		t.Error("a second connection was served")
	}
	term.typed("exit\r")
	term.rest()
}

func login(t *testing.T, s *Server, auth ...ssh.AuthMethod) error {
	t.Helper()
	cfg := clientConfig(s)
	if auth != nil {
		cfg.Auth = auth
	}
	c, err := ssh.Dial("tcp", s.Addr("r1"), cfg)
	if err == nil {
		c.Close()
	}
	return err
}

func TestLogins(t *testing.T) {
	key, err := hostKey(false)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(answers ...string) ssh.AuthMethod {
		return ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			if len(questions) > len(answers) {
				return nil, errors.New("too many questions")
			}
			return answers[:len(questions)], nil
		})
	}
	keyed := func(o *Options) { o.AuthorizedKeys = []ssh.PublicKey{key.PublicKey()} }
	for name, c := range map[string]struct {
		f      Faults
		change func(*Options)
		auth   ssh.AuthMethod
		ok     bool
	}{
		"password":              {auth: ssh.Password(testSecret), ok: true},
		"wrong password":        {auth: ssh.Password("nope")},
		"keyboard":              {auth: ask(testSecret), ok: true},
		"wrong at the keyboard": {auth: ask("nope")},
		"key":                   {change: keyed, auth: ssh.PublicKeys(key), ok: true},
		"unknown key":           {auth: ssh.PublicKeys(key)},
		"another password":      {f: Faults{Password: "x"}, auth: ssh.Password(testSecret)},
		"keyboard only":         {f: Faults{KeyboardOnly: true}, auth: ask(testSecret), ok: true},
		"no password method":    {f: Faults{KeyboardOnly: true}, auth: ssh.Password(testSecret)},
		"password change":       {f: Faults{PasswordChange: true}, auth: ask(testSecret)},
		"challenge":             {f: Faults{Challenge: "Enter PASSCODE: "}, auth: ask(testSecret)},
		"slow AAA":              {f: Faults{AuthDelay: 20 * time.Millisecond}, auth: ssh.Password(testSecret), ok: true},
		"overloaded AAA":        {f: Faults{RejectEvery: 1}, auth: ssh.Password(testSecret)},
	} {
		t.Run(name, func(t *testing.T) {
			change := func(*Options) {}
			if c.change != nil {
				change = c.change
			}
			if err := login(t, faulty(t, c.f, change), c.auth); (err == nil) != c.ok {
				t.Errorf("login: %v", err)
			}
		})
	}
	s := faulty(t, Faults{BlockAfter: 2})
	for range 2 {
		login(t, s, ssh.Password("nope"))
	}
	if err := login(t, s); err == nil {
		t.Error("a login during the quiet period was served")
	}
	if got := s.Counts("r1"); got != (Counts{Accepted: 3, Logins: 2, Rejected: 2}) {
		t.Errorf("counts: %+v", got)
	}
}

func TestPrivileges(t *testing.T) {
	const secret = "enable-me"
	for name, c := range map[string]struct {
		f     Faults
		unset bool
		type_ string
		want  string
	}{
		"the right secret": {Faults{Privilege: 1}, false, "enable\r" + secret + "\r", "r1>enable\r\nPassword: \r\nr1#"},
		"wrong three times": {Faults{Privilege: 1}, false, "enable\ra\rb\rc\r",
			"r1>enable\r\nPassword: \r\nPassword: \r\nPassword: \r\n% Bad secrets\r\n\r\nr1>"},
		"AAA error":       {Faults{Privilege: 1, EnableError: true}, false, "enable\ra\r", "r1>enable\r\nPassword: \r\n% Error in authentication.\r\n\r\nr1>"},
		"none set":        {Faults{Privilege: 1}, true, "enable\r", "r1>enable\r\n% No password set\r\nr1>"},
		"refused":         {Faults{Privilege: 1}, false, "show logging\r", "r1>show logging\r\n        ^\r\n% Invalid input detected at '^' marker.\r\n\r\nr1>"},
		"a level between": {Faults{Privilege: 7}, false, "show privilege\r", "r1>show privilege\r\nCurrent privilege level is 7\r\nr1>"},
	} {
		t.Run(name, func(t *testing.T) {
			s := faulty(t, c.f, func(o *Options) {
				if !c.unset {
					o.EnableSecret = secret
				}
			})
			term := dial(t, s, "r1")
			term.typed(c.type_ + "exit\r")
			if got := strings.TrimPrefix(term.rest(), "\r\n"); got != c.want+"exit\r\n" {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if typed := strings.Join(s.Typed("r1"), " "); strings.Contains(typed, secret) {
				t.Errorf("the secret is among the typed lines: %s", typed)
			}
		})
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

func TestServeRefusesAndDescribes(t *testing.T) {
	d := newDevice(t, plainSpec())
	for name, o := range map[string]Options{
		"not loopback": {Devices: []*Device{d}, Listen: "0.0.0.0", Username: "u", Password: "p"},
		"a name":       {Devices: []*Device{d}, Listen: "localhost", Username: "u", Password: "p"},
		"no password":  {Devices: []*Device{d}, Username: "u"},
		"twice":        {Devices: []*Device{d, d}, Username: "u", Password: "p"},
	} {
		if s, err := Serve(context.Background(), o); err == nil {
			s.Close()
			t.Errorf("%s: served", name)
		}
	}
	fleet := DemoFleet()
	s := serve(t, Options{Devices: fleet, RSA: true})
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, s.KnownHosts(), 0o600); err != nil {
		t.Fatal(err)
	}
	check, err := knownhosts.New(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg := clientConfig(s)
	cfg.HostKeyCallback = check
	c, err := ssh.Dial("tcp", s.Addr("tyo-core-1"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := net.Dial("tcp", s.Addr("lab-acc-1")); err == nil {
		t.Error("the device that is down answers")
	}
	inventory := string(s.Inventory())
	for _, want := range []string{"version: 1\n", "{env: SLPDOCTOR_SIM_PASSWORD}", "{name: tyo-core-1, address: 127.0.0.1, port: ",
		"topology: onprem-push, tags: {role: branch, site: chicago}}"} {
		if !strings.Contains(inventory, want) {
			t.Errorf("the inventory lacks %q:\n%s", want, inventory)
		}
	}
	if strings.Contains(inventory, testSecret) {
		t.Error("the password is in the inventory")
	}
}

func TestContextEndsTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Serve(ctx, Options{Devices: []*Device{newDevice(t, plainSpec())}, Username: "netops", Password: testSecret})
	if err != nil {
		t.Fatal(err)
	}
	term := dial(t, s, "r1")
	term.until("r1#")
	cancel()
	term.rest()
	s.Close()
}
