package collect

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

const simPassword = "simulated password"

// simulate starts one simulated device with these faults.
func simulate(t *testing.T, f sim.Faults, change ...func(*sim.Options)) (*sim.Server, Options, Target) {
	t.Helper()
	device, err := sim.NewDevice(sim.Spec{
		Name: "r1", PID: "C8300-1N1S-6T", Serial: "SIM0000R001", Release: "17.9.4a", Boot: sim.DemoTime.Add(-240 * time.Hour),
		Config: "hostname r1\nlicense smart transport smart\n", Faults: f,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := sim.Options{Devices: []*sim.Device{device}, Username: "netops", Password: simPassword, EnableSecret: "simulated secret"}
	for _, c := range change {
		c(&o)
	}
	server, hosts := serveSim(t, o)
	options := Options{
		Commands: simCatalogue, KnownHosts: hosts, AgentSocket: "none", IdleTimeout: 2 * time.Second, CommandTimeout: 20 * time.Second,
	}
	target := Target{Hop: Hop{Address: "127.0.0.1", Port: portOf(server.Addr("r1")), Auth: Auth{User: "netops", Password: hidden(simPassword)}}}
	return server, options, target
}

// serveSim starts simulated devices and returns them with their host keys.
func serveSim(t *testing.T, o sim.Options) (*sim.Server, *KnownHosts) {
	t.Helper()
	server, err := sim.Serve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	name := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(name, server.KnownHosts(), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts, err := LoadKnownHosts(name)
	if err != nil {
		t.Fatal(err)
	}
	return server, hosts
}

var (
	showUDI      = command("show license udi")
	showConfig   = command("show running-config")
	simCatalogue = []*diag.Command{showVersion, showUDI, showConfig, showLicense}
)

func simOpen(t *testing.T, o Options, target Target) (*Session, error) {
	t.Helper()
	d := NewDialer(o)
	t.Cleanup(d.Close)
	s, err := d.Open(t.Context(), target)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

// TestSimulatedLoginFaults meets the login faults of the simulator, which others wrote from the same
// catalogue of faults.
func TestSimulatedLoginFaults(t *testing.T) {
	for name, test := range map[string]struct {
		faults sim.Faults
		class  Class
	}{
		"healthy":            {sim.Faults{}, ""},
		"stall before ident": {sim.Faults{StallBeforeIdent: true}, HandshakeTimeout},
		"stall after ident":  {sim.Faults{StallAfterIdent: true}, HandshakeTimeout},
		"close after ident":  {sim.Faults{CloseAfterIdent: true}, HandshakeClosed},
		"version 1":          {sim.Faults{Greeting: "SSH-1.5-Cisco-1.25\n"}, SSHv1Only},
		"dropped":            {sim.Faults{DropEvery: 1}, ClosedEarly},
		"foreign key":        {sim.Faults{ForeignKey: true}, HostKeyChanged},
		"old ciphers":        {sim.Faults{Ciphers: []string{"3des-cbc"}}, AlgorithmMismatch},
		"wrong password":     {sim.Faults{Password: "another"}, AuthRejected},
		"keyboard only":      {sim.Faults{KeyboardOnly: true}, ""},
		"one-time code":      {sim.Faults{Challenge: "Enter the code from your phone: "}, ChallengeUnsupported},
		"password expired":   {sim.Faults{PasswordChange: true}, PasswordChangeRequired},
		"exec denied":        {sim.Faults{ExecDenied: true}, ExecDenied},
		"no shell":           {sim.Faults{RejectShell: true}, VTYBusy},
		"frequent new keys":  {sim.Faults{RekeyBytes: 4096}, ""},
		"banner":             {sim.Faults{MOTD: "FOO#\nUnauthorised access is forbidden >\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, o, target := simulate(t, test.faults)
			o.ConnectTimeout, o.HandshakeTimeout = time.Second, time.Second
			_, err := simOpen(t, o, target)
			if ClassOf(err) != test.class {
				t.Errorf("Open: %v, want class %q", err, test.class)
			}
			if e, ok := errors.AsType[*Error](err); ok && (strings.Contains(e.Error(), simPassword) || e.Hint == "") {
				t.Errorf("error %q, hint %q", e, e.Hint)
			}
			if n := server.Counts("r1").Logins; n > 1 {
				t.Errorf("%d attempts, want at most 1", n)
			}
		})
	}
}

// TestSimulatedTerminal reads the same outputs through every disturbance the simulator knows, and wants what
// an undisturbed session gets.
func TestSimulatedTerminal(t *testing.T) {
	read := func(t *testing.T, f sim.Faults) map[string]string {
		_, o, target := simulate(t, f)
		s, err := simOpen(t, o, target)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		var all []*Result
		for range 3 {
			for _, cmd := range []*diag.Command{showUDI, showConfig} {
				all = append(all, s.Run(t.Context(), cmd, cmd.String()))
			}
		}
		s.Close()
		for _, r := range all {
			if r.Outcome != diag.OK || texts[r.Line] != "" && texts[r.Line] != r.Text {
				t.Fatalf("%s: outcome %s, %v, text %q", r.Line, r.Outcome, r.Err, r.Text)
			}
			texts[r.Line] = r.Text
		}
		return texts
	}
	clean := read(t, sim.Faults{})
	if len(clean["show running-config"]) < 100 || !strings.Contains(clean["show license udi"], "SIM0000R001") {
		t.Fatalf("undisturbed: %q", clean)
	}
	for name, f := range map[string]sim.Faults{
		"pager":               {DenyTerminal: true},
		"pager and noise":     {DenyTerminal: true, Noise: true},
		"noise":               {Noise: true},
		"slow echo":           {EchoDelay: time.Millisecond},
		"narrow":              {Columns: 40},
		"messages at prompts": {AsyncEvery: 2},
		"little type-ahead":   {TypeAhead: 60},
		"gaps":                {Gap: 300 * time.Millisecond},
		"new keys":            {RekeyBytes: 4096},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(clean, read(t, f)); diff != "" {
				t.Errorf("(-undisturbed +disturbed):\n%s", diff)
			}
		})
	}
}

// TestSimulatedCommandFaults breaks a session while it runs commands.
func TestSimulatedCommandFaults(t *testing.T) {
	for name, test := range map[string]struct {
		faults  sim.Faults
		outcome diag.Outcome
		class   Class
		next    diag.Outcome
	}{
		"hangs":              {sim.Faults{HangOn: "show license udi"}, diag.WasTimedOut, CommandTimeout, diag.OK},
		"hangs, deaf":        {sim.Faults{HangOn: "show license udi", Deaf: true}, diag.WasTimedOut, CommandTimeout, diag.NotRun},
		"hangs up":           {sim.Faults{HangupOn: "show license udi"}, diag.WasCut, SessionLost, diag.NotRun},
		"never ends":         {sim.Faults{EndlessOn: "show license udi"}, diag.WasCut, OutputLimit, diag.NotRun},
		"not authorized":     {sim.Faults{Deny: []string{"show license udi"}}, diag.WasRefused, "", diag.OK},
		"closes after some":  {sim.Faults{CloseAfter: 5}, diag.OK, "", diag.WasCut},
		"user level":         {sim.Faults{Privilege: 1}, diag.OK, "", diag.OK},
		"lookalikes":         {sim.Faults{Lookalike: true}, diag.OK, "", diag.OK},
		"messages in output": {sim.Faults{AsyncOutput: true}, diag.OK, "", diag.OK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, o, target := simulate(t, test.faults)
			o.OutputLimit = 1 << 20
			s, err := simOpen(t, o, target)
			if err != nil {
				t.Fatal(err)
			}
			first := s.Run(t.Context(), showUDI, "show license udi")
			second := s.Run(t.Context(), showVersion, "show version")
			s.Close()
			if first.Outcome != test.outcome || ClassOf(first.Err) != test.class || second.Outcome != test.next {
				t.Errorf("outcomes %s (%v) and %s (%v), want %s (%s) and %s", first.Outcome, first.Err, second.Outcome, second.Err,
					test.outcome, test.class, test.next)
			}
			if second.Outcome == diag.OK && (!strings.Contains(second.Text, "Cisco IOS XE Software, Version") || strings.Contains(second.Text, "SN:")) {
				t.Errorf("show version: %q", second.Text)
			}
		})
	}
}

func TestSimulatedEnable(t *testing.T) {
	for name, test := range map[string]struct {
		faults  sim.Faults
		secret  string
		raised  bool
		secrets int
	}{
		"right":     {sim.Faults{Privilege: 1}, "simulated secret", true, 1},
		"wrong":     {sim.Faults{Privilege: 1}, "another secret", false, 1},
		"unset":     {sim.Faults{Privilege: 1, EnableUnset: true}, "simulated secret", false, 0},
		"AAA error": {sim.Faults{Privilege: 1, EnableError: true}, "simulated secret", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server, o, target := simulate(t, test.faults)
			target.Enable = hidden(test.secret)
			s, err := simOpen(t, o, target)
			if err != nil {
				t.Fatal(err)
			}
			if s.Privileged() != test.raised || len(s.Notices()) == 0 != test.raised {
				t.Errorf("prompt %q, notices %v, want raised %v", s.Prompt(), s.Notices(), test.raised)
			}
			if r := s.Run(t.Context(), showVersion, "show version"); r.Outcome != diag.OK {
				t.Errorf("show version: outcome %s, %v", r.Outcome, r.Err)
			}
			if n := server.Counts("r1").Enables; n != test.secrets {
				t.Errorf("%d secrets typed, want %d", n, test.secrets)
			}
		})
	}
}
