package collect

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"slpdoctor/internal/diag"
)

func knownHostsOf(t testing.TB, addr string, keys ...ssh.PublicKey) *KnownHosts {
	t.Helper()
	name := filepath.Join(t.TempDir(), "known_hosts")
	var text string
	for _, k := range keys {
		text += knownhosts.Line([]string{addr}, k) + "\n"
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts, err := LoadKnownHosts(name)
	if err != nil {
		t.Fatal(err)
	}
	return hosts
}

func command(template string) *diag.Command {
	return &diag.Command{Template: diag.NewTemplate(template)}
}

var (
	showVersion = command("show version")
	showClock   = command("show clock")
	showLicense = command("show license tech support")
	showLogging = command("show logging")
	ping        = command("ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]")
)

var testCatalogue = []*diag.Command{showVersion, showClock, showLicense, showLogging, ping}

func (f *fake) options() Options {
	return Options{Commands: testCatalogue, KnownHosts: f.hosts, AgentSocket: "none"}
}

func (f *fake) target() Target {
	return Target{Hop: Hop{Address: "127.0.0.1", Port: f.port(), Auth: Auth{
		User: "netops", Password: func() string { return "correct horse" },
	}}}
}

// open logs in to the fake with the given changes to options and target.
func (f *fake) open(t testing.TB, ctx context.Context, change ...func(*Options, *Target)) (*Session, error) {
	t.Helper()
	options, target := f.options(), f.target()
	for _, c := range change {
		c(&options, &target)
	}
	d := NewDialer(options)
	t.Cleanup(d.Close)
	s, err := d.Open(ctx, target)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

func (f *fake) mustOpen(t testing.TB, change ...func(*Options, *Target)) *Session {
	t.Helper()
	s, err := f.open(t, t.Context(), change...)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func TestSessionRunsCommands(t *testing.T) {
	f := (&fake{hostname: "c9300-1.lab"}).start(t)
	s := f.mustOpen(t)
	if s.Prompt() != "c9300-1.lab#" || s.Hostname() != "c9300-1.lab" || !s.Privileged() {
		t.Errorf("prompt %q, host name %q, privileged %v", s.Prompt(), s.Hostname(), s.Privileged())
	}
	for range 3 {
		r := s.Run(t.Context(), showVersion, "show version")
		want := "Cisco IOS XE Software, Version 17.09.04a\nc9300-1.lab uptime is 1 week\n"
		if diff := cmp.Diff(want, r.Text); diff != "" || r.Outcome != diag.OK || r.Err != nil {
			t.Fatalf("outcome %s, error %v, text (-want +got):\n%s", r.Outcome, r.Err, diff)
		}
	}
	r := s.Run(t.Context(), showClock, "show clock")
	if r.Outcome != diag.WasRefused || r.Err != nil {
		t.Errorf("show clock: outcome %s, error %v, want refused without an error", r.Outcome, r.Err)
	}
}
