package collect

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/scrapli/scrapligo/driver/opoptions"

	"slpdoctor/internal/diag"
)

// TestGuard asks the guard for everything that somebody might try to get past it, on a screen that waits for
// a line.
func TestGuard(t *testing.T) {
	catalogue := newCatalogue(append(testCatalogue,
		command("show running-config | include ^ntp|^license"), command("show ip route[ vrf {vrf}] {ip}")))
	for line, allowed := range map[string]bool{
		"show version\r":                                    true,
		"ping 192.0.2.1 repeat 5 timeout 2\r":               true,
		"ping vrf Mgmt-vrf cslu-local repeat 5 timeout 2\r": true,
		"show running-config | include ^ntp|^license\r":     true,
		"show ip route vrf A 192.0.2.1\r":                   true,
		"terminal length 0\r":                               true,
		"terminal length 0\rterminal width 511\r":           true,
		"\r":                                true,
		"exit\r":                            true,
		"\x03":                              true,
		"\x1e":                              true,
		"":                                  false,
		" ":                                 false, // no pager is there
		"show version":                      false, // half a line
		"show version\n":                    false,
		"show version\r\n":                  false,
		"show version\rreload\r":            false,
		"show version\rshow version\r":      false, // one command in flight
		"terminal length 0\rreload\r":       false,
		"terminal length 0\r\r":             false,
		"show  version\r":                   false,
		" show version\r":                   false,
		"show version \r":                   false,
		"SHOW VERSION\r":                    false,
		"sh ver\r":                          false,
		"show version?\r":                   false,
		"show version\x00\r":                false,
		"show\tversion\r":                   false,
		"show version\x1b[A\r":              false,
		"show vers\bion\r":                  false,
		"show version;reload\r":             false,
		"show version | redirect flash:x\r": false,
		"show version | tee flash:x\r":      false,
		"show version | append flash:x\r":   false,
		"show version > flash:x\r":          false,
		"show running-config | include ^ntp|^license | redirect\r": false,
		"show running-config\r":    false,
		"show versi\u043en\r":      false, // a Cyrillic o
		"show\u00a0version\r":      false,
		"configure terminal\r":     false,
		"conf t\r":                 false,
		"reload\r":                 false,
		"license smart sync all\r": false,
		"enable\r":                 false, // no secret is configured
		"enable 7\r":               false,
		"disable\r":                false,
		"terminal length 24\r":     false,
		"terminal monitor\r":       false,
		"ping\r":                   false, // would ask for more
		"ping 192.0.2.1\r":         false,
		"ping vrf x\nconf t 192.0.2.1 repeat 5 timeout 2\r":          false,
		"ping vrf x\rconf t\r 192.0.2.1 repeat 5 timeout 2\r":        false,
		"ping vrf a b 192.0.2.1 repeat 5 timeout 2\r":                false,
		"ping 192.0.2.1;reload repeat 5 timeout 2\r":                 false,
		"ping host? repeat 5 timeout 2\r":                            false,
		"ping " + strings.Repeat("a", 200) + " repeat 5 timeout 2\r": false, // over 200 characters
		"\x03\x03":  false,
		"\x03\r":    false,
		"\x1a":      false, // Ctrl-Z
		"\x1ex":     false, // the escape character's commands
		"exit\rx\r": false,
	} {
		g := guard{catalogue: catalogue}
		err := g.admit([]byte(line), screen{})
		if (err == nil) != allowed {
			t.Errorf("%q: %v, want allowed %v", line, err, allowed)
		}
		if err != nil && (ClassOf(err) != NotAllowed || line != "" && len(line) > 4 && strings.Contains(err.Error(), strings.TrimSpace(line))) {
			t.Errorf("%q: error %v of class %s, want %s without the line", line, err, ClassOf(err), NotAllowed)
		}
	}
}

func TestGuardCatalogueSlips(t *testing.T) {
	slips := newCatalogue([]*diag.Command{
		command("show version | redirect flash:x"), command("show version ?"), command("show\nreload"),
		command("show version | include a | append b"),
	})
	for line := range slips.fixed {
		if slips.allows(line) {
			t.Errorf("%q is allowed because it is in the catalogue", line)
		}
	}
}

// TestGuardRemembers walks through what may be sent once, and only when the device asks for it.
func TestGuardRemembers(t *testing.T) {
	type step struct {
		write string
		line  string // what the device shows
		page  bool
		ok    bool
	}
	atPrompt, atQuestion := "R1>", "Password: "
	for name, steps := range map[string][]step{
		"enable once":               {{write: "enable\r", line: atPrompt, ok: true}, {write: "enable\r", line: atPrompt}},
		"secret before enable":      {{write: "s3cret\r", line: atPrompt}, {write: "s3cret\r", line: atQuestion}},
		"secret without a question": {{write: "enable\r", line: atPrompt, ok: true}, {write: "s3cret\r", line: "R1#"}},
		"secret once": {{write: "enable\r", line: atPrompt, ok: true}, {write: "s3cret\r", line: atQuestion, ok: true},
			{write: "s3cret\r", line: atQuestion}, {write: "s3cret\r", line: atPrompt}, {write: "\x03", line: atQuestion, ok: true}},
		"another secret": {{write: "enable\r", line: atPrompt, ok: true}, {write: "guess\r", line: atQuestion},
			{write: "s3cret", line: atQuestion}, {write: "s3cret\r\r", line: atQuestion}, {write: "\r", line: atQuestion},
			{write: "show version\r", line: atQuestion}, {write: "s3cret\r", line: "enable PASSCODE:", ok: true}},
		"pager": {{write: "show version\r", page: true}, {write: "\r", page: true}, {write: "q", page: true},
			{write: " ", page: true, ok: true}, {write: "\x03", page: true, ok: true}},
		"nothing after exit": {{write: "exit\r", line: atPrompt, ok: true}, {write: "show version\r", line: atPrompt},
			{write: "\r"}, {write: "\x03"}, {write: " ", page: true}},
	} {
		g := guard{catalogue: newCatalogue(testCatalogue), enable: hidden("s3cret")}
		for i, s := range steps {
			err := g.admit([]byte(s.write), screen{line: []byte(s.line), paging: s.page})
			if (err == nil) != s.ok {
				t.Errorf("%s, step %d, %q at %q: %v, want allowed %v", name, i+1, s.write, s.line, err, s.ok)
			}
		}
	}
	g := guard{catalogue: newCatalogue(nil), enable: hidden("x\rreload"), asked: true}
	if g.admit([]byte("x\rreload\r"), screen{line: []byte(atQuestion)}) == nil {
		t.Error("a secret with a return in it was allowed")
	}
}

// TestNothingPassesTheGuard writes through every layer that a session has and looks at what the device got.
func TestNothingPassesTheGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var typed strings.Builder
		f := &fake{shell: func(v *vty) {
			v.raw(v.prompt())
			for k := range v.keys {
				mu.Lock()
				typed.WriteByte(k)
				mu.Unlock()
				if k == '\r' {
					v.raw("\r\n" + v.prompt())
				} else {
					v.raw(string(k))
				}
			}
		}}
		s := f.mustPlug(t, withEnable("s3cret"))
		synctest.Wait()
		before := typed.Len()
		tries := map[string]func() error{
			"transport": func() error { return s.t.Write([]byte("reload\r")) },
			"in pieces": func() error { return errors.Join(s.t.Write([]byte("rel")), s.t.Write([]byte("oad\r"))) },
			"channel":   func() error { return s.driver.Channel.WriteAndReturn([]byte("reload"), false) },
			"send command": func() error {
				_, err := s.driver.SendCommand("show version", opoptions.WithTimeoutOps(1))
				return err
			},
			"send config":       func() error { _, err := s.driver.SendConfig("hostname X"); return err },
			"send interactive":  func() error { return s.driver.Channel.WriteAndReturn([]byte("s3cret"), true) },
			"scrapligo's level": func() error { return s.driver.AcquirePriv("configuration") },
			"run a line that the template does not allow": func() error { return notRun(s.Run(t.Context(), showVersion, "reload")) },
			"run a command that is not in the catalogue":  func() error { return notRun(s.Run(t.Context(), command("reload"), "reload")) },
		}
		for name, try := range tries {
			if try() == nil {
				t.Errorf("%s: no error", name)
			}
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if got := strings.Trim(typed.String()[before:], "\r"); got != "" {
			t.Errorf("the device got %q", got)
		}
	})
}

func notRun(r *Result) error {
	if r.Outcome != diag.NotRun || ClassOf(r.Err) != NotAllowed {
		return nil
	}
	return r.Err
}
