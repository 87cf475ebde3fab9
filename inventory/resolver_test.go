package inventory

import (
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"
)

const (
	openKey   = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	lockedKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
)

// world is a faked outside: what there is, and what was asked of it.
type world struct {
	env     map[string]string
	output  string
	files   map[string]string
	open    map[string]bool // files others may read
	keyring func(service, user string) (string, error)
	answer  string

	mu    sync.Mutex
	asked []string
	warn  []Problem
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

func (w *world) seams() Seams {
	return Seams{
		Getenv: func(name string) (string, bool) {
			w.note("env " + name)
			v, ok := w.env[name]
			return v, ok
		},
		Run: func(_ context.Context, argv []string) ([]byte, error) {
			w.note("run " + strings.Join(argv, " "))
			if w.output == "" {
				return nil, errors.New("exit status 1")
			}
			return []byte(w.output), nil
		},
		Keyring: func(service, user string) (string, error) {
			w.note("keyring " + service + " " + user)
			return w.keyring(service, user)
		},
		Prompt: func(_ context.Context, question string) (Secret, error) {
			w.note("prompt " + question)
			return NewSecret(w.answer), nil
		},
		Read: func(name string) ([]byte, bool, error) {
			w.note("read " + name)
			text, ok := w.files[name]
			if !ok {
				return nil, false, &os.PathError{Op: "open", Path: name, Err: errors.New("no such file or directory")}
			}
			return []byte(text), w.open[name], nil
		},
		Warn: func(p Problem) { w.warn = append(w.warn, p) },
	}
}

func passwordFrom(r Reference) map[string]Credential {
	r.Pos = Position{"fleet.yaml", 5}
	return map[string]Credential{"lab": {Name: "lab", Password: &r}}
}

func TestSources(t *testing.T) {
	found := func(string, string) (string, error) { return "ringed", nil }
	for _, tt := range []struct {
		name  string
		ref   Reference
		world *world
		want  string // the secret, or the error
	}{
		{"env", Reference{Source: FromEnv, Name: "P"}, &world{env: map[string]string{"P": " a b "}}, " a b "},
		{"env, not set", Reference{Source: FromEnv, Name: "P"}, &world{},
			`credential "lab": password: the environment variable P is not set, or empty (fleet.yaml:5)`},
		{"file", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "filed\n"}}, "filed"},
		{"file from Windows", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "filed\r\n"}}, "filed"},
		{"file without newline", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "filed"}}, "filed"},
		{"file, missing", Reference{Source: FromFile, Name: "/s/p"}, &world{},
			`credential "lab": password: reading /s/p: no such file or directory (fleet.yaml:5)`},
		{"file, empty", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "\n"}},
			`credential "lab": password: file "/s/p" is empty (fleet.yaml:5)`},
		{"file, only one newline goes", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "filed\n\n"}},
			`credential "lab": password: file "/s/p" has 2 lines; a secret has one (fleet.yaml:5)`},
		{"file, binary", Reference{Source: FromFile, Name: "/s/p"}, &world{files: map[string]string{"/s/p": "a\x00b"}},
			`credential "lab": password: file "/s/p" holds a control character or is not UTF-8 (fleet.yaml:5)`},
		{"command", Reference{Source: FromCommand, Argv: []string{"pass", "show", "x y"}}, &world{output: "printed\n"}, "printed"},
		{"command, failing", Reference{Source: FromCommand, Argv: []string{"pass", "token=tiger"}}, &world{},
			`credential "lab": password: the command "pass" failed: exit status 1 (fleet.yaml:5)`},
		{"command, several lines", Reference{Source: FromCommand, Argv: []string{"pass"}}, &world{output: "tiger\nuser: x\n"},
			`credential "lab": password: the output of command "pass" has 2 lines; a secret has one (fleet.yaml:5)`},
		{"systemd", Reference{Source: FromSystemd, Name: "lab"},
			&world{env: map[string]string{"CREDENTIALS_DIRECTORY": "/run/c"}, files: map[string]string{"/run/c/lab": "loaded"}}, "loaded"},
		{"systemd, not its child", Reference{Source: FromSystemd, Name: "lab"}, &world{},
			`credential "lab": password: the systemd credential "lab" is not there: CREDENTIALS_DIRECTORY is not set, so systemd did not start this process with LoadCredential= (fleet.yaml:5)`},
		{"keyring", Reference{Source: FromKeyring, Name: "https://vault/x/me"}, &world{keyring: found}, "ringed"},
		{"keyring, not in it", Reference{Source: FromKeyring, Name: "s/u"},
			&world{keyring: func(string, string) (string, error) { return "", keyring.ErrNotFound }},
			`credential "lab": password: keyring "s/u" is not in the keyring (fleet.yaml:5)`},
		{"keyring, none", Reference{Source: FromKeyring, Name: "s/u"},
			&world{keyring: func(string, string) (string, error) { return "", errors.New("no dbus") }},
			`credential "lab": password: no keyring can be reached here (no dbus); use env, file or command (fleet.yaml:5)`},
		{"prompt", Reference{Source: FromPrompt, Name: "? "}, &world{answer: "typed"}, "typed"},
		{"prompt, nothing typed", Reference{Source: FromPrompt, Name: "? "}, &world{},
			`credential "lab": password: the answer is empty (fleet.yaml:5)`},
		{"plain", Reference{Source: FromPlain, plain: NewSecret("written")}, &world{}, "written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewResolver(passwordFrom(tt.ref), tt.world.seams()).Resolve(t.Context(), "lab")
			got := s.Password.Reveal()
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if err != nil && strings.Contains(err.Error(), "tiger") {
				t.Errorf("the error gives a secret away: %v", err)
			}
		})
	}
}

func TestKeyringArguments(t *testing.T) {
	w := world{keyring: func(string, string) (string, error) { return "x", nil }}
	if _, err := NewResolver(passwordFrom(Reference{Source: FromKeyring, Name: "https://vault/x/me"}), w.seams()).Resolve(t.Context(), "lab"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"keyring https://vault/x me"}, w.asked); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A hundred devices at once fetch each secret once, failures included; credentials that share a reference
// share its value, but not the answer to a question.
func TestFetchedOnce(t *testing.T) {
	command := &Reference{Source: FromCommand, Argv: []string{"pass"}}
	credentials := map[string]Credential{
		"a":   {Name: "a", Password: command, Enable: &Reference{Source: FromPrompt, Name: "Secret? "}},
		"b":   {Name: "b", Password: command, Enable: &Reference{Source: FromPrompt, Name: "Secret? "}},
		"bad": {Name: "bad", Password: &Reference{Source: FromFile, Name: "/missing"}},
	}
	w := world{output: "printed", answer: "typed"}
	r := NewResolver(credentials, w.seams())
	var group sync.WaitGroup
	var failed atomic.Int32
	for i := range 100 {
		group.Go(func() {
			name := []string{"a", "b", "bad"}[i%3]
			s, err := r.Resolve(t.Context(), name)
			switch {
			case name == "bad" && err != nil:
				failed.Add(1)
			case err != nil || s.Password.Reveal() != "printed" || s.Enable.Reveal() != "typed":
				t.Errorf("%s: %v, %v", name, s, err)
			}
		})
	}
	group.Wait()
	if failed.Load() != 33 {
		t.Errorf("%d of 33 failed", failed.Load())
	}
	counts := map[string]int{}
	for _, what := range w.asked {
		counts[what]++
	}
	if diff := cmp.Diff(map[string]int{"run pass": 1, "prompt Secret? ": 2, "read /missing": 1}, counts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Questions come one at a time, and the terminal is free again when a device has given up waiting.
func TestQuestionsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		credentials := map[string]Credential{}
		for _, name := range []string{"a", "b", "c"} {
			credentials[name] = Credential{Name: name, Password: &Reference{Source: FromPrompt, Name: name}}
		}
		var open, most atomic.Int32
		r := NewResolver(credentials, Seams{Prompt: func(ctx context.Context, question string) (Secret, error) {
			if now := open.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer open.Add(-1)
			select {
			case <-time.After(time.Hour):
				return NewSecret("typed " + question), nil
			case <-ctx.Done():
				return Secret{}, ctx.Err()
			}
		}})
		var group sync.WaitGroup
		for name := range credentials {
			group.Go(func() {
				s, err := r.Resolve(t.Context(), name)
				if err != nil || s.Password.Reveal() != "typed "+name {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		group.Wait()
		if most.Load() != 1 {
			t.Errorf("%d questions at once", most.Load())
		}
	})
}

// A device that runs out of time does not take the secret from the others; when nobody waits any more the
// fetch is cancelled, and whoever comes later starts a new one.
func TestWaitersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started, cancelled atomic.Int32
		r := NewResolver(passwordFrom(Reference{Source: FromCommand, Argv: []string{"slow"}}), Seams{
			Run: func(ctx context.Context, _ []string) ([]byte, error) {
				started.Add(1)
				select {
				case <-time.After(10 * time.Second):
					return []byte("printed"), nil
				case <-ctx.Done():
					cancelled.Add(1)
					return nil, ctx.Err()
				}
			},
		})
		hasty := func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := r.Resolve(ctx, "lab"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the hasty one got %v", err)
			}
		}
		var group sync.WaitGroup
		group.Go(hasty)
		group.Go(hasty)
		group.Wait()
		synctest.Wait()
		if started.Load() != 1 || cancelled.Load() != 1 {
			t.Errorf("started %d, cancelled %d", started.Load(), cancelled.Load())
		}
		group.Go(hasty)
		group.Go(func() {
			if s, err := r.Resolve(t.Context(), "lab"); err != nil || s.Password.Reveal() != "printed" {
				t.Errorf("the patient one got %v", err)
			}
		})
		group.Wait()
		if started.Load() != 2 || cancelled.Load() != 1 {
			t.Errorf("started %d, cancelled %d", started.Load(), cancelled.Load())
		}
	})
}

func TestFetchTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r := NewResolver(passwordFrom(Reference{Source: FromKeyring, Name: "s/u"}), Seams{
			Keyring: func(string, string) (string, error) { // deaf to any context
				time.Sleep(time.Hour)
				return "late", nil
			},
		})
		_, err := r.Resolve(t.Context(), "lab")
		want := `credential "lab": password: the keyring "s/u" gave no answer within 30s (fleet.yaml:5)`
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if waited := time.Since(begin); waited != 30*time.Second {
			t.Errorf("waited %s", waited)
		}
		time.Sleep(time.Hour) // until the deaf one is through
	})
}

func TestResolveDevice(t *testing.T) {
	env := func(name string) *Reference { return &Reference{Source: FromEnv, Name: name} }
	credentials := map[string]Credential{
		"":       {Password: env("P")},
		"both":   {Name: "both", Password: env("P"), Enable: env("E")},
		"key":    {Name: "key", PrivateKey: "/k/open", Passphrase: env("F")},
		"locked": {Name: "locked", PrivateKey: "/k/locked", Passphrase: env("F")},
		"shut":   {Name: "shut", PrivateKey: "/k/locked"},
		"pub":    {Name: "pub", PrivateKey: "/k/pub"},
		"gone":   {Name: "gone", PrivateKey: "/k/gone"},
	}
	key := func(path, text, passphrase string) []PrivateKey {
		return []PrivateKey{{Path: path, PEM: NewSecret(text), Passphrase: NewSecret(passphrase)}}
	}
	for _, tt := range []struct {
		name   string
		device Device
		want   Secrets
		asked  string
		err    string
	}{
		{"default", Device{}, Secrets{Password: NewSecret("p")}, "env P", ""},
		{"enable not used", Device{Credential: "both"}, Secrets{Password: NewSecret("p")}, "env P", ""},
		{"enable used", Device{Credential: "both", Enable: true}, Secrets{Password: NewSecret("p"), Enable: NewSecret("e")}, "env P, env E", ""},
		{"enable missing", Device{Enable: true}, Secrets{}, "env P", "default credential has no enable secret, but the device uses enable"},
		{"key in the clear: no passphrase is fetched", Device{Credential: "key"}, Secrets{Keys: key("/k/open", openKey, "")}, "read /k/open", ""},
		{"encrypted key", Device{Credential: "locked"}, Secrets{Keys: key("/k/locked", lockedKey, "f")}, "read /k/locked, env F", ""},
		{"encrypted key without passphrase", Device{Credential: "shut"}, Secrets{}, "read /k/locked",
			`credential "shut": the private key /k/locked is encrypted and no passphrase is given`},
		{"public key", Device{Credential: "pub"}, Secrets{}, "read /k/pub", `credential "pub": private key: /k/pub is not a private key in PEM form`},
		{"no key", Device{Credential: "gone"}, Secrets{}, "read /k/gone", `credential "gone": private key: reading /k/gone: no such file or directory`},
		{"identity files", Device{IdentityFiles: []string{"/k/gone", "/k/pub", "/k/locked", "/k/open"}},
			Secrets{Password: NewSecret("p"), Keys: key("/k/open", openKey, "")}, "env P, read /k/gone, read /k/pub, read /k/locked, read /k/open", ""},
		{"own key over identity files", Device{Credential: "key", IdentityFiles: []string{"/k/locked"}}, Secrets{Keys: key("/k/open", openKey, "")}, "read /k/open", ""},
		{"unknown", Device{Credential: "nobody"}, Secrets{}, "", `unknown credential "nobody"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world{
				env:   map[string]string{"P": "p", "E": "e", "F": "f"},
				files: map[string]string{"/k/open": openKey, "/k/locked": lockedKey, "/k/pub": "ssh-ed25519 AAAA me"},
			}
			got, err := NewResolver(credentials, w.seams()).ResolveDevice(t.Context(), tt.device)
			if got, want := fmt.Sprint(err), stdcmp.Or(tt.err, "<nil>"); got != want {
				t.Errorf("error %v, want %s", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if asked := strings.Join(w.asked, ", "); asked != tt.asked {
				t.Errorf("asked %s, want %s", asked, tt.asked)
			}
		})
	}
}

// A jump host never sees a device's credential, nor the default one.
func TestResolveJump(t *testing.T) {
	credentials := map[string]Credential{
		"":        {Password: &Reference{Source: FromEnv, Name: "P"}},
		"bastion": {Name: "bastion", Password: &Reference{Source: FromEnv, Name: "B"}},
	}
	w := world{env: map[string]string{"P": "p", "B": "b"}, files: map[string]string{"/k/open": openKey}}
	r := NewResolver(credentials, w.seams())
	for _, tt := range []struct {
		jump Jump
		want Secrets
	}{
		{Jump{Name: "bare"}, Secrets{}},
		{Jump{Name: "own", Credential: "bastion"}, Secrets{Password: NewSecret("b")}},
		{Jump{Name: "ssh", IdentityFiles: []string{"/k/open"}}, Secrets{Keys: []PrivateKey{{Path: "/k/open", PEM: NewSecret(openKey)}}}},
	} {
		got, err := r.ResolveJump(t.Context(), tt.jump)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.jump.Name, diff)
		}
	}
	if diff := cmp.Diff([]string{"env B", "read /k/open"}, w.asked); diff != "" {
		t.Errorf("asked: -want +got\n%s", diff)
	}
}

func TestAskFirst(t *testing.T) {
	prompt := func(q string) *Reference { return &Reference{Source: FromPrompt, Name: q} }
	credentials := map[string]Credential{
		"":       {Password: prompt("default?")},
		"lab":    {Name: "lab", Password: prompt("lab?"), Enable: prompt("enable?")},
		"env":    {Name: "env", Password: &Reference{Source: FromEnv, Name: "P"}},
		"key":    {Name: "key", PrivateKey: "/k/open", Passphrase: prompt("passphrase?")},
		"unused": {Name: "unused", Password: prompt("unused?")},
		"jump":   {Name: "jump", Password: prompt("jump?"), Enable: prompt("never?")},
	}
	w := world{answer: "typed", files: map[string]string{"/k/open": openKey}}
	r := NewResolver(credentials, w.seams())
	devices := []Device{
		{Credential: "lab", Jump: []Jump{{Credential: "jump"}, {}}},
		{Credential: "lab"},
		{Credential: "env"},
		{Credential: "key"},
		{},
	}
	if err := r.AskFirst(t.Context(), devices); err != nil {
		t.Fatal(err)
	}
	want := []string{"prompt jump?", "prompt lab?", "read /k/open", "prompt default?"}
	if diff := cmp.Diff(want, w.asked); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSecretFileOthersMayRead(t *testing.T) {
	w := world{files: map[string]string{"/s/p": "filed"}, open: map[string]bool{"/s/p": true}}
	r := NewResolver(passwordFrom(Reference{Source: FromFile, Name: "/s/p"}), w.seams())
	for range 2 {
		if _, err := r.Resolve(t.Context(), "lab"); err != nil {
			t.Fatal(err)
		}
	}
	want := []Problem{{Position{"fleet.yaml", 5}, "the secret file /s/p can be read by others", "chmod go-rwx /s/p"}}
	if diff := cmp.Diff(want, w.warn); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	t.Chdir(t.TempDir())
	for mode, open := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true} {
		os.Remove("p")
		write(t, "p", "x", mode)
		if _, got, err := readSecretFile("p"); err != nil || got != open {
			t.Errorf("%04o: read by others %v, %v", mode, got, err)
		}
	}
	if _, _, err := readSecretFile("."); err == nil {
		t.Error("a directory is a secret file")
	}
}

func TestRunCommand(t *testing.T) {
	run := func(script string) (string, error) {
		out, err := runCommandWithin(t.Context(), []string{"/bin/sh", "-c", script}, 50*time.Millisecond)
		return string(out), err
	}
	if out, err := run("echo tiger; echo noise >&2"); err != nil || out != "tiger\n" {
		t.Errorf("got %q, %v", out, err)
	}
	// A child that keeps the pipe open does not hold up the answer.
	if out, err := run("sleep 60 & echo $!"); err != nil || strings.TrimSpace(out) == "" {
		t.Errorf("with a child left behind: %q, %v", out, err)
	}
	_, err := run("echo the token tiger is wrong >&2; exit 3")
	want := "exit status 3; its 25 bytes on stderr are not shown, they could hold a secret: run it by hand"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := run("yes tiger | head -c 100000"); err == nil || strings.Contains(err.Error(), "tiger") {
		t.Errorf("100,000 bytes: %v", err)
	}
	if _, err := runCommand(t.Context(), []string{filepath.Join(t.TempDir(), "missing")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program: %v", err)
	}
	// No shell looks at the arguments.
	if out, err := runCommand(t.Context(), []string{"echo", "$HOME; *"}); err != nil || string(out) != "$HOME; *\n" {
		t.Errorf("got %q, %v", out, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	if _, err := runCommand(ctx, []string{"sleep", "60"}); err == nil || err.Error() != "interrupted" {
		t.Errorf("cancelled: %v", err)
	}
}

func TestEncryptedKeys(t *testing.T) {
	openssh := func(head string) string {
		return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + head + "\n-----END OPENSSH PRIVATE KEY-----\n"
	}
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"pkcs8":             {openKey, false},
		"pkcs8 encrypted":   {lockedKey, true},
		"pem":               {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", false},
		"pem encrypted":     {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", true},
		"openssh":           {openssh("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ=="), false},
		"openssh encrypted": {openssh("b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI="), true},
		"openssh, cut":      {openssh("b3BlbnNzaA=="), false},
		"something else":    {"hello", false},
	} {
		if got := encrypted(tt.text); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestDefaultCredential(t *testing.T) {
	all := map[string]string{
		"SLPDOCTOR_PASSWORD": "tiger", "SLPDOCTOR_PASSWORD_FILE": "/s/p", "SLPDOCTOR_PASSWORD_COMMAND": "pass 'a b'",
		"SLPDOCTOR_ENABLE_FILE": "/s/e", "SLPDOCTOR_ENABLE_COMMAND": "pass e", "SLPDOCTOR_PASSPHRASE_COMMAND": `get "my key" \$x`,
	}
	for _, tt := range []struct {
		name                         string
		flags                        CommandLine
		without                      []string
		password, enable, passphrase string
	}{
		{"flags first", CommandLine{AskPass: true, AskEnable: true}, nil, "prompt", "prompt", "<nil>"},
		{"then the variable", CommandLine{}, nil, "environment variable SLPDOCTOR_PASSWORD", `file "/s/e"`, "<nil>"},
		{"then the file", CommandLine{}, []string{"PASSWORD"}, `file "/s/p"`, `file "/s/e"`, "<nil>"},
		{"then the command", CommandLine{Key: "k"}, []string{"PASSWORD", "PASSWORD_FILE", "ENABLE_FILE"}, `command "pass"`, `command "pass"`, `command "get"`},
		{"a key asks for its passphrase", CommandLine{Key: "k"},
			[]string{"PASSWORD", "PASSWORD_FILE", "PASSWORD_COMMAND", "ENABLE_FILE", "ENABLE_COMMAND", "PASSPHRASE_COMMAND"}, "<nil>", "<nil>", "prompt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{}
			maps.Copy(env, all)
			for _, k := range tt.without {
				env["SLPDOCTOR_"+k] = "" // an empty variable counts as none
			}
			c, err := DefaultCredential(tt.flags, func(name string) string { return env[name] })
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%v, %v, %v, %s", c.Password, c.Enable, c.Passphrase, c.PrivateKey)
			want := fmt.Sprintf("%s, %s, %s, %s", tt.password, tt.enable, tt.passphrase, tt.flags.Key)
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	c, err := DefaultCredential(CommandLine{}, func(string) string { return "" })
	if err != nil || !c.zero() {
		t.Errorf("out of nothing: %v, %v", c, err)
	}
	_, err = DefaultCredential(CommandLine{}, func(name string) string {
		return map[string]string{"SLPDOCTOR_PASSWORD_COMMAND": "pass 'tiger"}[name]
	})
	if err == nil || err.Error() != "reading SLPDOCTOR_PASSWORD_COMMAND: a quote or a backslash at the end is not closed" {
		t.Errorf("an open quote: %v", err)
	}
}

func TestSplitCommand(t *testing.T) {
	for line, want := range map[string][]string{
		"pass show lab/x":         {"pass", "show", "lab/x"},
		" a\t b\n":                {"a", "b"},
		`op read "op://Net/my x"`: {"op", "read", "op://Net/my x"},
		`a 'b "c" \d' e\ f`:       {"a", `b "c" \d`, "e f"},
		`a "b \"c\" \n \\"`:       {"a", `b "c" \n \`},
		`a '' "" b`:               {"a", "", "", "b"},
		`x=$HOME *;|`:             {"x=$HOME", "*;|"},
	} {
		got, err := splitCommand(line)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v, -want +got\n%s", line, err, diff)
		}
	}
	for _, line := range []string{"", "  ", `''`, `a "b`, `a 'b`, `a\`} {
		if got, err := splitCommand(line); err == nil {
			t.Errorf("%q is accepted: %q", line, got)
		}
	}
}
