package sim

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

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
		typed string
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
			term.typed(c.typed + "exit\r")
			if got := strings.TrimPrefix(term.rest(), "\r\n"); got != c.want+"exit\r\n" {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if typed := strings.Join(s.Typed("r1"), " "); strings.Contains(typed, secret) {
				t.Errorf("the secret is among the typed lines: %s", typed)
			}
		})
	}
}
