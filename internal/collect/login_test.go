package collect

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slpdoctor/internal/diag"
)

func hidden(s string) Secret { return func() string { return s } }

func withEnable(secret string) func(*Options, *Target) {
	return func(_ *Options, t *Target) { t.Enable = hidden(secret) }
}

// TestPrompts logs in to devices that make it hard to see where their prompt is.
func TestPrompts(t *testing.T) {
	for _, test := range []struct {
		name   string
		fake   *fake
		prompt string
	}{
		{"user level", &fake{user: true}, "R1>"},
		{"banner with prompt-like lines", &fake{banner: "FOO#\n***********\n* authorised only >\nR9>\n"}, "R1#"},
		{"parentheses and dots", &fake{hostname: "sw1.site-b(boot)"}, "sw1.site-b(boot)#"},
		{"standby", &fake{hostname: "C9500-stby"}, "C9500-stby#"},
		{"blank at the end", &fake{shell: blankPrompt}, "sw1 # "},
		{"one letter", &fake{hostname: "R"}, "R#"},
		{"slow", &fake{shell: func(v *vty) { v.sleep(20 * time.Second); v.lines() }}, "R1#"},
		{"waits for a return", &fake{shell: func(v *vty) {
			v.send("\nR1 con0 is now available\n\nPress RETURN to get started.\n")
			v.line(false)
			v.lines()
		}}, "R1#"},
		{"banner that stops at a prompt", &fake{shell: func(v *vty) { v.raw("FOO#"); v.sleep(time.Second); v.send(" is not the prompt\n"); v.lines() }}, "R1#"},
		{"message during the login", &fake{shell: func(v *vty) { v.raw("\r\nR1#"); v.sleep(time.Millisecond); v.send("\n" + syslog); v.lines() }}, "R1#"},
		{"echo at once", &fake{shell: echoAtOnce}, "R1#"},
		{"terminal lines refused", &fake{answers: map[string]func(*vty){
			"terminal length 0": denied, "terminal width 511": denied, "terminal no monitor": denied,
		}}, "R1#"},
		{"slow authorization of every line", &fake{answers: map[string]func(*vty){
			"terminal length 0": slowly, "terminal width 511": slowly, "terminal no monitor": slowly,
		}}, "R1#"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := test.fake.mustPlug(t)
				if s.Prompt() != test.prompt {
					t.Errorf("prompt %q, want %q", s.Prompt(), test.prompt)
				}
				if strings.Contains(test.prompt, ">") == s.Privileged() {
					t.Errorf("privileged %v with prompt %q", s.Privileged(), s.Prompt())
				}
				r := s.Run(t.Context(), showVersion, "show version")
				if test.fake.shell == nil && (r.Outcome != diag.OK || !strings.HasPrefix(r.Text, "Cisco IOS XE")) {
					t.Errorf("show version: outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
				}
			})
		})
	}
}

// lines is the usual editor, for shells that begin differently.
func (v *vty) lines() {
	for !v.over {
		v.raw(v.prompt())
		if line, ok := v.line(true); ok {
			v.do(strings.TrimSpace(line))
		}
	}
}

func denied(v *vty) { v.send("Command authorization failed.\n\n") }
func slowly(v *vty) { v.sleep(4 * time.Second) }

// echoAtOnce echoes like a Unix terminal: when a byte arrives, not when it is read.
func echoAtOnce(v *vty) {
	v.raw("R1#")
	for k := range v.keys {
		if k == '\r' {
			time.Sleep(time.Millisecond)
			v.raw("\r\n")
			for len(v.keys) > 0 {
				if k := <-v.keys; k == '\r' {
					v.raw("\r\nR1#")
				} else {
					v.raw(string(k))
				}
			}
			v.raw("R1#")
			continue
		}
		v.raw(string(k))
	}
}

// TestQuestionsInTheShell: after a login the device may ask for a new password. Nothing is typed into that.
func TestQuestionsInTheShell(t *testing.T) {
	for asked, class := range map[string]Class{
		"Your password has expired.\r\nEnter new password: ": PasswordChangeRequired,
		"Old Password: ":              PasswordChangeRequired,
		"PASSCODE:":                   PasswordChangeRequired,
		"Accept the terms? [yes/no]:": ChallengeUnsupported,
	} {
		synctest.Test(t, func(t *testing.T) {
			typed := ""
			f := &fake{shell: func(v *vty) {
				v.raw(asked)
				for k := range v.keys {
					typed += string(k)
				}
			}}
			_, err := f.plug(t)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Class != class || e.Tail == "" {
				t.Errorf("%q: %v, want %s", asked, err, class)
			}
			synctest.Wait()
			if typed != "" {
				t.Errorf("%q: typed %q into it", asked, typed)
			}
		})
	}
}

func TestEnable(t *testing.T) {
	for _, test := range []struct {
		name    string
		fake    *fake
		secret  string
		raised  bool
		failed  string // part of the notice, "" for none
		enables int32
	}{
		{"right secret", &fake{user: true, secret: "s3cret"}, "s3cret", true, "", 1},
		{"wrong secret", &fake{user: true, secret: "s3cret"}, "wrong", false, "again", 1},
		{"no secret on the device", &fake{user: true}, "s3cret", false, "% No password set", 0},
		{"error in authentication", &fake{user: true, answers: answers("enable", func(v *vty) { v.send("% Error in authentication.\n\n") })},
			"s3cret", false, "% Error in authentication.", 0},
		{"no question", &fake{user: true, answers: answers("enable", func(v *vty) { v.user = false })}, "s3cret", true, "", 0},
		{"question of an AAA server", &fake{user: true, answers: answers("enable", func(v *vty) {
			v.raw("PASSCODE: ")
			given, _ := v.line(false)
			v.user = given != "s3cret"
		})}, "s3cret", true, "", 0},
		{"denied after the secret", &fake{user: true, answers: answers("enable", func(v *vty) {
			v.raw("Password: ")
			v.line(false)
			v.send("% Access denied\n\n")
		})}, "s3cret", false, "% Access denied", 0},
		{"already privileged", &fake{secret: "s3cret"}, "s3cret", true, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := test.fake.mustPlug(t, withEnable(test.secret))
				if s.Privileged() != test.raised {
					t.Errorf("prompt %q, want privileged %v", s.Prompt(), test.raised)
				}
				if n := test.fake.enables.Load(); n != test.enables {
					t.Errorf("%d secrets sent, want %d", n, test.enables)
				}
				checkNotice(t, s, test.failed)
				r := s.Run(t.Context(), showVersion, "show version")
				if r.Outcome != diag.OK || !strings.HasPrefix(r.Text, "Cisco IOS XE") {
					t.Errorf("show version: outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
				}
			})
		})
	}
}

func checkNotice(t *testing.T, s *Session, want string) {
	t.Helper()
	if want == "" {
		if len(s.Notices()) > 0 {
			t.Errorf("notices %v, want none", s.Notices())
		}
		return
	}
	if len(s.Notices()) != 1 || s.Notices()[0].Class != EnableFailed || !strings.Contains(s.Notices()[0].Error(), want) {
		t.Errorf("notices %v, want one that says %q", s.Notices(), want)
	}
	if strings.Contains(s.Notices()[0].Error(), "s3cret") {
		t.Errorf("the secret is in %v", s.Notices()[0])
	}
}
