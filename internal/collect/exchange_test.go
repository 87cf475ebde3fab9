package collect

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// plug logs in to a fake over a pipe instead of SSH: everything above it is the real thing, and inside a
// synctest bubble the clock is the test's.
func (f *fake) plug(t testing.TB, change ...func(*Options, *Target)) (*Session, error) {
	t.Helper()
	if f.hostname == "" {
		f.hostname = "R1"
	}
	options, target := Options{Commands: testCatalogue, AgentSocket: "none"}, Target{Hop: Hop{Address: "192.0.2.1"}}
	for _, c := range change {
		c(&options, &target)
	}
	d := NewDialer(options)
	t.Cleanup(d.Close)
	d.shell = func(*watch, Target) (io.ReadWriter, func(), error) {
		ours, theirs := net.Pipe()
		go func() {
			newVTY(f, theirs).run()
			theirs.Close()
		}()
		return ours, func() { ours.Close() }, nil
	}
	s, err := d.Open(t.Context(), target)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

func (f *fake) mustPlug(t testing.TB, change ...func(*Options, *Target)) *Session {
	t.Helper()
	s, err := f.plug(t, change...)
	if err != nil {
		t.Fatalf("logging in: %v", err)
	}
	return s
}

func answers(line string, play func(*vty)) map[string]func(*vty) {
	return map[string]func(*vty){line: play}
}

// bytewise sends every byte in a write of its own.
func (v *vty) bytewise(s string) {
	for i := range len(s) {
		v.raw(s[i : i+1])
	}
}

const (
	syslog = "*Mar  1 00:02:11.005: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi1/0/1, changed state to up\n"
	tech   = "show license tech support"
)

// TestAnswers plays one command against everything a terminal can do to its answer.
func TestAnswers(t *testing.T) {
	long := answerOf(20000)
	paged := &fake{page: 7, denyPager: true, answers: answers(tech, func(v *vty) { v.out(long) })}
	for _, test := range []struct {
		name    string
		fake    *fake
		want    string
		outcome diag.Outcome
	}{
		{"nothing", &fake{answers: answers(tech, func(*vty) {})}, "", diag.OK},
		{"one line", &fake{answers: answers(tech, func(v *vty) { v.send("one\n") })}, "one\n", diag.OK},
		{"byte by byte", &fake{answers: answers(tech, func(v *vty) { v.bytewise("one\r\n two \r\n") })}, "one\n two \n", diag.OK},
		{"blank lines kept", &fake{answers: answers(tech, func(v *vty) { v.send("\n\none\n\n") })}, "\n\none\n\n", diag.OK},
		{"pager that cannot be switched off", paged, long, diag.OK},
		{"colours", &fake{answers: answers(tech, func(v *vty) { v.bytewise("\x1b[1mone\x1b[0m\r\n") })}, "one\n", diag.OK},
		{"prompt of another device", &fake{answers: answers(tech, func(v *vty) { v.send("R2#\n"); v.sleep(time.Second); v.send("two\n") })},
			"R2#\ntwo\n", diag.OK},
		{"own prompt inside a line", &fake{answers: answers(tech, func(v *vty) { v.send("x R1#"); v.sleep(time.Second); v.send("\ntwo\n") })},
			"x R1#\ntwo\n", diag.OK},
		{"own prompt on a line", &fake{answers: answers(tech, func(v *vty) { v.send("R1#\ntwo\n") })}, "R1#\ntwo\n", diag.OK},
		{"own prompt and more on a line", &fake{answers: answers(tech, func(v *vty) { v.bytewise("banner motd ^C\nR1(x)#"); v.send("two\n") })},
			"banner motd ^C\nR1(x)#two\n", diag.OK},
		{"message in the answer", &fake{answers: answers(tech, func(v *vty) { v.send("one\n" + syslog + "two\n") })},
			"one\n" + syslog + "two\n", diag.OK},
		{"message after the prompt", &fake{answers: answers(tech, func(v *vty) { v.send("one\n" + v.prompt() + "\n" + syslog); v.line(true) })},
			"one\n", diag.OK},
		{"message and the prompt again", &fake{answers: answers(tech, func(v *vty) { v.send("one\n" + v.prompt() + "\n" + syslog) })},
			"one\n", diag.OK},
		{"log that ends like that", &fake{answers: answers(tech, func(v *vty) { v.send(syslog + v.prompt() + "\n" + syslog) })},
			syslog + "R1#\n" + syslog, diag.OK},
		{"not known", &fake{}, "   ^\n% Invalid input detected at '^' marker.\n\n", diag.WasRefused},
		{"not authorized", &fake{answers: answers(tech, func(v *vty) { v.send("Command authorization failed.\n\n") })},
			"Command authorization failed.\n\n", diag.WasRefused},
		{"incomplete", &fake{answers: answers(tech, func(v *vty) { v.send("% Incomplete command.\n\n") })}, "% Incomplete command.\n\n", diag.WasRefused},
		{"refusal quoted in a log", &fake{answers: answers(tech, func(v *vty) { v.send("a\nb\nc\n% Invalid input detected\n") })},
			"a\nb\nc\n% Invalid input detected\n", diag.OK},
		{"slow with pauses", &fake{answers: answers(tech, func(v *vty) {
			for i := range 4 {
				v.sleep(20 * time.Second)
				v.send(fmt.Sprintln(i))
			}
		})}, "0\n1\n2\n3\n", diag.OK},
		{"prompt with a blank", &fake{hostname: "R1", shell: blankPrompt}, "one\n", diag.OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := test.fake.mustPlug(t)
				for range 2 {
					r := s.Run(t.Context(), showLicense, tech)
					if diff := cmp.Diff(test.want, r.Text); diff != "" || r.Outcome != test.outcome || r.Err != nil {
						t.Fatalf("outcome %s, %v (-want +got):\n%s", r.Outcome, r.Err, diff)
					}
				}
			})
		})
	}
}

func blankPrompt(v *vty) {
	for {
		v.raw("sw1 # ")
		line, ok := v.line(true)
		if !ok || line == lineExit {
			return
		}
		if line == tech {
			v.send("one\n")
		}
	}
}

// TestEchoes disturbs the echo of a command.
func TestEchoes(t *testing.T) {
	for name, disturb := range map[string]func(v *vty, line string){
		"message before":              func(v *vty, line string) { v.send("\n" + syslog); v.raw(line) },
		"message and prompt before":   func(v *vty, line string) { v.send("\n" + syslog + v.prompt()); v.raw(line) },
		"message inside":              func(v *vty, line string) { v.raw(line[:7]); v.send(syslog); v.raw(line[7:]) },
		"message inside on its line":  func(v *vty, line string) { v.raw(line[:7]); v.send("\n" + syslog); v.raw(line[7:]) },
		"message inside, typed again": func(v *vty, line string) { v.raw(line[:7]); v.send("\n" + syslog + v.prompt()); v.raw(line) },
		"broadcast":                   func(v *vty, line string) { v.send("\n***\n*** --- SHUTDOWN in 0:05:00 ---\n***\n"); v.raw(line) },
		"redrawn":                     func(v *vty, line string) { v.raw(line[:9] + "\b\b\b" + line[6:]) },
		"scrolled":                    func(v *vty, line string) { v.raw("$" + line[6:]) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{shell: func(v *vty) { echoWith(v, disturb) }}
				s := f.mustPlug(t)
				r := s.Run(t.Context(), showLicense, tech)
				if r.Text != "one\n" || r.Outcome != diag.OK {
					t.Errorf("outcome %s, %v, text %q, want the one line", r.Outcome, r.Err, r.Text)
				}
				s.Close()
				if r.Outcome != diag.OK {
					t.Errorf("after Close: outcome %s, %v", r.Outcome, r.Err)
				}
			})
		})
	}
}

// echoWith is a shell that echoes the tech support command through disturb, once it is typed completely.
func echoWith(v *vty, disturb func(*vty, string)) {
	for {
		v.raw(v.prompt())
		var line string
		for k := range v.keys {
			if k == '\r' {
				break
			}
			line += string(k)
		}
		switch line {
		case "", lineExit:
			v.send(line + "\n")
			if line == lineExit {
				return
			}
		case tech:
			disturb(v, line)
			v.send("\none\n")
		default:
			v.send(line + "\n")
		}
	}
}

// TestTimeouts lets commands hang: the session comes back or is dead, and no answer lands at the wrong one.
func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answers: map[string]func(*vty){
			"ping 192.0.2.9 repeat 5 timeout 2": func(v *vty) {
				v.send("Sending 5, 100-byte ICMP Echos\n")
				v.sleep(time.Hour)
				v.send("....\nSuccess rate is 0 percent (0/5)\n")
			},
			"show logging": func(v *vty) {
				v.send("first\n")
				for range v.keys { // does not listen
				}
			},
		}}
		s := f.mustPlug(t)
		hung := *ping
		hung.Idle = 5 * time.Second
		r := s.Run(t.Context(), &hung, "ping 192.0.2.9 repeat 5 timeout 2")
		want := "Sending 5, 100-byte ICMP Echos\n....\nSuccess rate is 0 percent (0/5)\n"
		if r.Outcome != diag.WasTimedOut || ClassOf(r.Err) != CommandTimeout || r.Text != want {
			t.Errorf("the hanging command: outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
		}
		r = s.Run(t.Context(), showVersion, "show version")
		if r.Outcome != diag.OK || !strings.HasPrefix(r.Text, "Cisco IOS XE Software") {
			t.Errorf("the next command: outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
		}
		r = s.Run(t.Context(), showLogging, "show logging")
		if r.Outcome != diag.WasTimedOut || r.Text != "first\n" || s.Err() == nil {
			t.Errorf("the command that never ends: outcome %s, %v, text %q, session %v", r.Outcome, r.Err, r.Text, s.Err())
		}
		r = s.Run(t.Context(), showVersion, "show version")
		if r.Outcome != diag.NotRun || ClassOf(r.Err) != CommandTimeout || !r.Sent.IsZero() {
			t.Errorf("the command after it: outcome %s, %v, want not run", r.Outcome, r.Err)
		}
	})
}

// TestLateOutput is the machine that gives late output to the next command: an aborted command goes on to
// print, even what looks like the next command and its answer.
func TestLateOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answers: answers("show logging", func(v *vty) {
			v.send("first\n")
			v.sleep(time.Hour)
			go func() {
				time.Sleep(10 * time.Second)
				v.send("late\nR1#show version\nfalse\nR1#")
			}()
		})}
		s := f.mustPlug(t)
		r := s.Run(t.Context(), showLogging, "show logging")
		if r.Outcome != diag.WasTimedOut || r.Text != "first\n" {
			t.Fatalf("outcome %s, text %q, want a timeout", r.Outcome, r.Text)
		}
		time.Sleep(20 * time.Second)
		r = s.Run(t.Context(), showVersion, "show version")
		if r.Outcome != diag.OK || !strings.HasPrefix(r.Text, "Cisco IOS XE") {
			t.Errorf("outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
		}
	})
}

// TestAnswerThatPausesAtItsOwnPrompt: the one case in which an answer seems complete and is not. The next
// echo finds out, and so does Close.
func TestAnswerThatPausesAtItsOwnPrompt(t *testing.T) {
	play := answers("show logging", func(v *vty) {
		v.raw("first\r\nR1#")
		time.Sleep(30 * time.Millisecond)
		v.send("\nsecond\n")
	})
	next := map[string]func(*Session){
		"next command": func(s *Session) {
			r := s.Run(context.Background(), showVersion, "show version")
			if r.Outcome != diag.OK || strings.Contains(r.Text, "second") {
				panic(fmt.Sprintf("outcome %s, text %q", r.Outcome, r.Text))
			}
		},
		"close": func(s *Session) { s.Close() },
	}
	for name, act := range next {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := (&fake{answers: play}).mustPlug(t)
				r := s.Run(t.Context(), showLogging, "show logging")
				act(s)
				if r.Outcome != diag.WasCut || r.Err == nil || r.Text != "first\n" {
					t.Errorf("outcome %s, %v, text %q; want cut", r.Outcome, r.Err, r.Text)
				}
			})
		})
	}
}

func TestSessionLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answers = answers("show logging", func(v *vty) { v.send("first\nsec"); v.over = true; v.ch.(net.Conn).Close() })
		s := f.mustPlug(t)
		r := s.Run(t.Context(), showLogging, "show logging")
		if r.Outcome != diag.WasCut || ClassOf(r.Err) != SessionLost || r.Text != "first\nsec" {
			t.Errorf("outcome %s, %v, text %q; want cut with the partial text", r.Outcome, r.Err, r.Text)
		}
		if PolicyOf(r.Err.Class).Retry != Reconnect || StateOf(r.Err, 1) != diag.Partial || StateOf(r.Err, 0) != diag.Failed {
			t.Errorf("a lost session must be reconnected once, partial after an answer and an error before")
		}
	})
}

func TestOutputLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answers: answers("show logging", func(v *vty) {
			for range 1000 {
				v.send(answerOf(1000))
			}
		})}
		s := f.mustPlug(t, func(o *Options, _ *Target) { o.OutputLimit = 100_000 })
		r := s.Run(t.Context(), showLogging, "show logging")
		if r.Outcome != diag.WasCut || ClassOf(r.Err) != OutputLimit || len(r.Text) < 90_000 || len(r.Text) > 110_000 {
			t.Errorf("outcome %s, %v, %d bytes; want cut at the limit", r.Outcome, r.Err, len(r.Text))
		}
		if s.Err() == nil {
			t.Error("the session goes on after the limit")
		}
	})
}

// TestPieces sends an answer full of what looks like prompts, echoes, pagers and messages, cut at random
// places with random pauses between them. Every byte comes back, or the answer is not called complete.
func TestPieces(t *testing.T) {
	lines := []string{
		"R1#x\n", " R1#\n", "R1\n", "R1>\n", "R2#\n", "\n", "--More--x\n", "x --More--\n", "% Invalid input\n",
		syslog, "interface Gi1/0/1\n", "  description to R1#\n", "show license tech support\n", "R1#show version\n", "#\n",
	}
	complete, all := 0, 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			want := "first line\nsecond\nthird\n"
			for range random.IntN(40) {
				want += lines[random.IntN(len(lines))]
			}
			f := &fake{answers: answers(tech, func(v *vty) {
				wire := strings.ReplaceAll(want, "\n", "\r\n")
				for len(wire) > 0 {
					n := min(1+random.IntN(30), len(wire))
					v.raw(wire[:n])
					wire = wire[n:]
					if v.sleep(time.Duration(random.IntN(900)) * time.Millisecond) {
						return
					}
				}
			})}
			s := f.mustPlug(t, func(o *Options, _ *Target) { o.CommandTimeout = time.Hour })
			var results []*Result
			for range 5 {
				results = append(results, s.Run(t.Context(), showLicense, tech))
			}
			s.Close()
			for _, r := range results {
				all++
				if r.Outcome != diag.OK {
					continue
				}
				complete++
				if diff := cmp.Diff(want, r.Text); diff != "" {
					t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
				}
			}
		})
	}
	t.Logf("%d of %d answers complete", complete, all)
	if complete < all/2 {
		t.Errorf("%d of %d answers complete, want half of them", complete, all)
	}
}

// TestSwallowedInput: a device that loses some of what is typed gives no answer, never a wrong one. What it
// echoes wrongly is sent once more.
func TestSwallowedInput(t *testing.T) {
	for name, lose := range map[string]func(string) string{
		"the first letters": func(s string) string { return s[3:] },
		"the last letters":  func(s string) string { return s[:len(s)-3] },
		"the middle":        func(s string) string { return s[:5] + s[8:] },
		"everything":        func(string) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{shell: func(v *vty) { loseOnce(v, lose) }, answers: answers(tech, func(v *vty) { v.send("one\n") })}
				s := f.mustPlug(t)
				r := s.Run(t.Context(), showLicense, tech)
				if silent := lose(tech) == ""; silent && (r.Outcome != diag.WasTimedOut || r.Text != "") ||
					!silent && (r.Outcome != diag.OK || r.Text != "one\n") {
					t.Errorf("outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
				}
				r = s.Run(t.Context(), showVersion, "show version")
				if r.Outcome != diag.OK || !strings.HasPrefix(r.Text, "Cisco IOS XE") {
					t.Errorf("the next command: outcome %s, %v, text %q", r.Outcome, r.Err, r.Text)
				}
			})
		})
	}
}

// loseOnce is a shell that loses part of the tech support command.
func loseOnce(v *vty, lose func(string) string) {
	for lost := false; !v.over; {
		v.raw(v.prompt())
		line, ok := "", false
		for k := range v.keys {
			if ok = k == '\r' || k == keyCtrlC; ok {
				break
			}
			if k >= ' ' {
				line += string(k)
			}
		}
		if !ok {
			return
		}
		if line == tech && !lost {
			line, lost = lose(line), true
		}
		v.send(line + "\n")
		v.do(line)
	}
}
