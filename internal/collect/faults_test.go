package collect

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"slpdoctor/internal/diag"
)

func say(text string) func(net.Conn) bool {
	return func(c net.Conn) bool { io.WriteString(c, text); return false }
}

// sayThenHang says text and then swallows everything until the connection ends.
func sayThenHang(text string) func(net.Conn) bool {
	return func(c net.Conn) bool { io.WriteString(c, text); io.Copy(io.Discard, c); return false }
}

// reset drops the connection once the client has spoken.
func reset(c net.Conn) bool { c.Read(make([]byte, 4)); c.(*net.TCPConn).SetLinger(0); return false }

func questions(ask ...string) func(*ssh.ServerConfig) {
	return func(c *ssh.ServerConfig) {
		c.PasswordCallback = nil
		c.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, challenge ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			echo := make([]bool, len(ask))
			for i, q := range ask {
				echo[i] = strings.HasPrefix(q, "Token")
			}
			answers, err := challenge("", "", ask, echo)
			if err != nil || len(answers) != 1 {
				return nil, errors.New("no answer")
			}
			return nil, nil
		}
	}
}

func hurry(o *Options, _ *Target) {
	o.ConnectTimeout, o.HandshakeTimeout, o.PromptTimeout = 300*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond
}

// TestLoginFaults drives every fault of a login that one device can show into its class.
func TestLoginFaults(t *testing.T) {
	for _, test := range []struct {
		name     string
		fake     *fake
		change   func(*Options, *Target)
		class    Class
		stage    Stage
		state    diag.State
		attempts int
		retry    bool
		says     string // part of the message or the tail
	}{
		{name: "closed before ident", fake: &fake{accept: say("")},
			class: ClosedEarly, stage: StageIdent, state: diag.Unreachable, retry: true},
		{name: "reset before ident", fake: &fake{accept: reset},
			class: ClosedEarly, stage: StageIdent, state: diag.Unreachable, retry: true},
		{name: "lines in use", fake: &fake{accept: say("% All lines are in use\r\n")},
			class: VTYBusy, stage: StageIdent, state: diag.Unreachable, retry: true, says: "in use"},
		{name: "text instead of ident", fake: &fake{accept: say("Connection closed by policy\r\n")},
			class: ClosedEarly, stage: StageIdent, state: diag.Unreachable, retry: true, says: "Connection closed by policy"},
		{name: "silent before ident", fake: &fake{accept: sayThenHang("")}, change: hurry,
			class: HandshakeTimeout, stage: StageIdent, state: diag.Unreachable, retry: true},
		{name: "silent after ident", fake: &fake{accept: sayThenHang("SSH-2.0-Cisco-1.25\r\n")}, change: hurry,
			class: HandshakeTimeout, stage: StageKex, state: diag.Unreachable, retry: true},
		{name: "closed in key exchange", fake: &fake{accept: say("SSH-2.0-Cisco-1.25\r\n")},
			class: HandshakeClosed, stage: StageKex, state: diag.Unreachable, retry: true},
		{name: "version 1 only", fake: &fake{accept: sayThenHang("SSH-1.5-Cisco-1.25\r\n")},
			class: SSHv1Only, stage: StageIdent, state: diag.Unreachable},
		{name: "not SSH", fake: &fake{accept: sayThenHang(strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 4000))},
			class: HandshakeFailed, stage: StageIdent, state: diag.Unreachable},
		{name: "old ciphers only", fake: &fake{config: func(c *ssh.ServerConfig) { c.Ciphers = []string{ssh.InsecureCipherAES128CBC} }},
			class: AlgorithmMismatch, stage: StageKex, state: diag.Unreachable, says: "aes128-cbc"},
		{name: "wrong password", fake: &fake{password: "other"},
			class: AuthRejected, stage: StageAuth, state: diag.AuthRejected, attempts: 1},
		{name: "no method that we have", fake: &fake{}, change: func(_ *Options, t *Target) { t.Auth.Password = nil },
			class: Credential, stage: StageAuth, state: diag.Failed},
		{name: "keyboard-interactive change", fake: &fake{config: questions("Enter new password: ", "Re-enter new password: ")},
			class: PasswordChangeRequired, stage: StageAuth, state: diag.AuthRejected, says: "new password"},
		{name: "keyboard-interactive token", fake: &fake{config: questions("Token code: ")},
			class: ChallengeUnsupported, stage: StageAuth, state: diag.AuthRejected, says: "Token code"},
		{name: "keyboard-interactive twice", fake: &fake{config: questions("Password: ", "Password: ")},
			class: ChallengeUnsupported, stage: StageAuth, state: diag.AuthRejected},
		{name: "session refused", fake: &fake{refuse: map[string]bool{"session": true}},
			class: VTYBusy, stage: StageSession, state: diag.Unreachable, retry: true},
		{name: "shell refused", fake: &fake{refuse: map[string]bool{"shell": true}},
			class: VTYBusy, stage: StageSession, state: diag.Unreachable, retry: true},
		{name: "exec not authorized", fake: &fake{shell: func(v *vty) { v.send("% Authorization failed.\n") }},
			class: ExecDenied, stage: StagePrompt, state: diag.AuthRejected, says: "% Authorization failed."},
		{name: "shell ends at once", fake: &fake{shell: func(*vty) {}},
			class: SessionLost, stage: StagePrompt, state: diag.Failed},
		{name: "no prompt", fake: &fake{shell: func(v *vty) { v.send("Welcome\n"); v.line(true) }}, change: hurry,
			class: PromptNotFound, stage: StagePrompt, state: diag.Failed, says: "Welcome"},
		{name: "host key unknown", fake: &fake{}, change: func(o *Options, _ *Target) { o.KnownHosts = nil },
			class: HostKeyUnknown, stage: StageKex, state: diag.HostKey, says: "SHA256:"},
		{name: "password without host key", fake: &fake{}, change: func(o *Options, _ *Target) { o.HostKey = Off },
			class: Credential, stage: StageAuth, state: diag.Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.fake.start(t)
			_, err := f.open(t, t.Context(), func(o *Options, target *Target) {
				if test.change != nil {
					test.change(o, target)
				}
			})
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("Open: %v, want an *Error", err)
			}
			if e.Class != test.class || e.Stage != test.stage || e.Attempts != test.attempts || e.Retryable() != test.retry {
				t.Errorf("class %s, stage %s, %d attempts, retry %v; want %s, %s, %d, %v\n%v",
					e.Class, e.Stage, e.Attempts, e.Retryable(), test.class, test.stage, test.attempts, test.retry, e)
			}
			if got := StateOf(err, 0); got != test.state {
				t.Errorf("state %s, want %s", got, test.state)
			}
			if !strings.Contains(e.Error(), test.says) || e.Hop != f.addr || e.Hint == "" && test.state != diag.NotReached {
				t.Errorf("error %q at %q with hint %q; want %q in it, at %q, and a hint", e, e.Hop, e.Hint, test.says, f.addr)
			}
			if strings.Contains(e.Error(), "correct horse") {
				t.Errorf("the password is in the error: %v", e)
			}
			if n := f.passwords.Load(); n > 1 {
				t.Errorf("%d password attempts, want at most one", n)
			}
		})
	}
}

// TestClosedAfterTheCredential: whatever ends a login once a credential was sent, it is not tried again.
func TestClosedAfterTheCredential(t *testing.T) {
	f := &fake{}
	f.config = func(c *ssh.ServerConfig) {
		c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
			f.hangUp()
			return nil, errors.New("gone")
		}
	}
	f.start(t)
	_, err := f.open(t, t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != AuthRejected || e.Attempts != 1 || e.Retryable() {
		t.Errorf("Open: %v, want %s after one attempt", err, AuthRejected)
	}
}

func TestSlowAuthenticationIsNotRetried(t *testing.T) {
	f := &fake{}
	stop := make(chan struct{})
	f.config = func(c *ssh.ServerConfig) {
		c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { <-stop; return nil, errors.New("late") }
	}
	f.start(t)
	_, err := f.open(t, t.Context(), hurry)
	close(stop)
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != HandshakeTimeout || e.Stage != StageAuth || e.Attempts != 1 || e.Retryable() {
		t.Errorf("Open: %v, want %s after one attempt, without a retry", err, HandshakeTimeout)
	}
}

// TestPasswordChangeRequest: the library does not know SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, but names it.
func TestPasswordChangeRequest(t *testing.T) {
	w := newWatch(t.Context(), time.Minute)
	defer w.close()
	w.move(StageAuth)
	e := w.handshakeError(errors.New("ssh: handshake failed: ssh: unexpected message type 60 (expected 52)"), &preface{}, &authentication{})
	if e.Class != PasswordChangeRequired {
		t.Errorf("%v, want %s", e, PasswordChangeRequired)
	}
}
