package collect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Secret gives a secret when it is needed; nil means that there is none. It is a function so that printing
// or encoding what holds it shows an address, never the value.
type Secret func() string

// Auth is how to log in to one host. The zero value logs in to nothing.
type Auth struct {
	User     string
	Password Secret       // sent at most once per login
	Signers  []ssh.Signer // private keys, tried in order before the password; made by ParseKey
	Agent    bool         // offer the keys of Options.AgentSocket, after Signers; the agent is never forwarded
}

// maxKeys bounds the keys offered in one login: servers count every one as a failure, OpenSSH ends at six.
const maxKeys = 5

// ParseKey reads a private key in PEM or OpenSSH format. An encrypted one needs its passphrase; deciphering
// takes long on purpose, so a key is parsed once and shared. The error is an *Error of class Credential.
func ParseKey(name string, pem []byte, passphrase Secret) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(pem)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		if passphrase == nil {
			e := newError(Credential, StageCredential, "", "the private key "+name+" is encrypted and has no passphrase", err)
			e.Hint = "give its passphrase, or load it into an agent: ssh-add " + name
			return nil, e
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(passphrase()))
	}
	if err != nil {
		e := newError(Credential, StageCredential, "", "the private key "+name+" cannot be read", err)
		e.Hint = "wrong passphrase, or not a private key in PEM or OpenSSH format: ssh-keygen -y -f " + name
		return nil, e
	}
	return signer, nil
}

var (
	asksPassword = regexp.MustCompile(`(?i)pass(word|code|phrase)`)
	saysExpired  = regexp.MustCompile(`(?i)\bexpired\b|\bmust (be )?change`)
	asksChange   = regexp.MustCompile(`(?i)\b(new|old|current|re-?enter|re-?type|repeat|expired?|change)\b`)
)

// authentication chooses the method of every step of one login and remembers what happened.
type authentication struct {
	auth        Auth
	agentSocket string
	ctx         context.Context // ends the agent's answers
	passwordBan string          // why the password must not be sent, "" when it may

	attempts atomic.Int32 // credentials given to the peer; read while a handshake that was given up still runs
	sent     bool         // the password was one of them
	verdict  error        // *Error: a question told us to stop
	askAgent bool         // offer the agent's keys too: there is no password to send instead
	agentErr error
	agent    net.Conn
}

// method is an ssh.ClientAuthCallback. (nil, nil) ends the login with the library's own error.
func (a *authentication) method(x *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	can := func(m string) bool { return slices.Contains(x.AllowedMethods, m) }
	tried := slices.Concat(x.TriedMethods, x.PartialSuccessMethods)
	switch {
	case a.verdict != nil:
		return nil, a.verdict
	case a.sent:
		return nil, nil
	}
	password := a.auth.Password != nil && (can("password") || can("keyboard-interactive"))
	// Every key of an agent is a failed attempt; three of them end a login on IOS XE before its password.
	a.askAgent = a.auth.Agent && !password
	switch {
	case can("publickey") && !slices.Contains(tried, "publickey") && (len(a.auth.Signers) > 0 || a.askAgent):
		return ssh.PublicKeysCallback(a.signers), nil
	case !password:
		return nil, nil
	case a.passwordBan != "":
		return nil, newError(Credential, StageAuth, "", a.passwordBan, nil)
	case can("password"):
		a.sent = true
		a.attempts.Add(1)
		return ssh.Password(a.auth.Password()), nil
	}
	return ssh.KeyboardInteractive(a.answer), nil
}

// answer gives the password to exactly one hidden password question and to nothing else.
func (a *authentication) answer(name, instruction string, questions []string, echo []bool) ([]string, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	asked := strings.Join(questions, " ")
	stop := func(c Class, message string) ([]string, error) {
		e := newError(c, StageAuth, "", message, nil)
		e.Tail = printable(name+" "+instruction+" "+asked, a.secrets()...)
		a.verdict = e
		return nil, e
	}
	switch {
	case asksChange.MatchString(asked), saysExpired.MatchString(name + " " + instruction):
		return stop(PasswordChangeRequired, "the device demands a password change")
	case a.sent && asksPassword.MatchString(asked):
		return stop(AuthRejected, "the device asked again after the password")
	case a.sent, len(questions) != 1 || echo[0] || !asksPassword.MatchString(questions[0]):
		return stop(ChallengeUnsupported, "the device asks for something other than one password")
	}
	a.sent = true
	a.attempts.Add(1)
	return []string{a.auth.Password()}, nil
}

func (a *authentication) signers() ([]ssh.Signer, error) {
	signers := slices.Clone(a.auth.Signers)
	if a.askAgent {
		keys, err := a.agentKeys()
		if err != nil {
			a.agentErr = fmt.Errorf("asking the SSH agent: %w", err)
		}
		signers = append(signers, keys...)
	}
	signers = signers[:min(len(signers), maxKeys)]
	a.attempts.Add(int32(len(signers)))
	return signers, nil
}

// agentKeys uses a connection of its own, so that a login that is given up can end the agent's question to
// its user too.
func (a *authentication) agentKeys() ([]ssh.Signer, error) {
	if a.agentSocket == "" {
		return nil, errors.New("SSH_AUTH_SOCK is not set")
	}
	var d net.Dialer
	conn, err := d.DialContext(a.ctx, "unix", a.agentSocket)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(a.ctx, func() { conn.Close() })
	a.agent = conn
	return agent.NewClient(conn).Signers()
}

func (a *authentication) close() {
	if a.agent != nil {
		a.agent.Close()
	}
}

// secrets are the values that must not appear in an error.
func (a *authentication) secrets() []string {
	if a.auth.Password == nil {
		return nil
	}
	return []string{a.auth.Password()}
}
