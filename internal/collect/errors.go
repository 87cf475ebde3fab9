package collect

import (
	"context"
	"errors"
	"strings"

	"slpdoctor/internal/diag"
)

// Class says what went wrong, in one word of a closed set (the fault catalogue of the session design and
// the state table of the product contract, section 4).
type Class string

// The classes.
const (
	NameNotResolved    Class = "name_not_resolved"
	ConnectTimeout     Class = "connect_timeout"
	ConnectUnreachable Class = "connect_unreachable"
	Refused            Class = "refused"
	ClosedEarly        Class = "closed_early"
	VTYBusy            Class = "vty_busy"
	HandshakeTimeout   Class = "handshake_timeout"
	HandshakeClosed    Class = "handshake_closed"
	HandshakeFailed    Class = "handshake_failed"
	AlgorithmMismatch  Class = "algorithm_mismatch"
	SSHv1Only          Class = "ssh_v1_only"

	HostKeyUnknown Class = "host_key_unknown"
	HostKeyChanged Class = "host_key_changed"
	HostKeyWeak    Class = "host_key_weak"

	AuthRejected           Class = "auth_rejected"
	PasswordChangeRequired Class = "password_change_required"
	ChallengeUnsupported   Class = "challenge_unsupported"
	ExecDenied             Class = "exec_denied"

	BastionUnreachable  Class = "bastion_unreachable"
	BastionAuthRejected Class = "bastion_auth_rejected"
	BastionHostKey      Class = "bastion_host_key"
	BastionForwarding   Class = "bastion_forwarding_denied"

	PromptNotFound   Class = "prompt_not_found"
	SessionLost      Class = "session_lost"
	CommandTimeout   Class = "command_timeout"
	OutputLimit      Class = "output_limit"
	EnableFailed     Class = "enable_failed"
	PrivInsufficient Class = "priv_insufficient"
	NotAllowed       Class = "not_allowed"

	Credential          Class = "credential"
	UnsupportedPlatform Class = "unsupported_platform"
	Interrupted         Class = "interrupted"
	MaxTime             Class = "max_time"
	Breaker             Class = "breaker"
	Disk                Class = "disk"
	Internal            Class = "internal"
)

// Retry is what may be tried again after an error of a class.
type Retry string

// The policies. PreAuth means: up to two more times, after a jittered pause, and only when no credential
// was sent (Error.Retryable knows). Reconnect means: one new login for the commands that are left.
const (
	Never     Retry = "never"
	PreAuth   Retry = "pre-auth"
	Reconnect Retry = "reconnect"
)

// Policy is what one class means for the device it happened to.
type Policy struct {
	State diag.State // of the device; session errors count as Partial only after an answer (StateOf)
	Retry Retry
	Hint  string // what a network engineer can type or look at; "" when there is nothing to do
}

const (
	hintBlocked = "is the SSH server enabled (ip ssh version 2, crypto key generate rsa modulus 2048)? check the VTY " +
		"access-class; after wrong passwords 'show login' tells whether quiet mode (login block-for) refuses all but its access-class"
	hintVTY     = "no free VTY line: 'show users', 'line vty 0 15' with exec-timeout; fewer logins at once"
	hintBastion = "the devices behind it were not tried; log in to the jump host by hand: ssh -v"
)

// policies is the whole table: class to state, retry and hint.
var policies = map[Class]Policy{
	NameNotResolved:    {diag.Unreachable, Never, "check the name and the resolver of this machine, or give an address"},
	ConnectTimeout:     {diag.Unreachable, PreAuth, "no answer on the SSH port: routing, firewall or VTY access-class; 'ping' and 'telnet HOST 22' from here"},
	ConnectUnreachable: {diag.Unreachable, PreAuth, "no route to the device from here"},
	Refused:            {diag.Unreachable, PreAuth, hintBlocked},
	ClosedEarly:        {diag.Unreachable, PreAuth, "closed before SSH began: VTY lines full ('show users'), login quiet mode ('show login'), or too many logins at once: lower --handshakes"},
	VTYBusy:            {diag.Unreachable, PreAuth, hintVTY},
	HandshakeTimeout:   {diag.Unreachable, PreAuth, "connected, then silence: a busy or old device (raise --connect-timeout), slow AAA, or a path that drops big packets: check MTU, 'ip tcp adjust-mss'"},
	HandshakeClosed:    {diag.Unreachable, PreAuth, "closed during key exchange: 'show crypto key mypubkey rsa' (the key is lost when the host name changes), 'show ip ssh'"},
	HandshakeFailed:    {diag.Unreachable, Never, "not an SSH server that we understand; 'ssh -v' from here shows the exchange"},
	AlgorithmMismatch:  {diag.Unreachable, Never, "try --ssh-profile legacy, or on the device 'ip ssh server algorithm encryption aes256-ctr aes128-ctr' and the like"},
	SSHv1Only:          {diag.Unreachable, Never, "on the device: 'ip ssh version 2'"},

	HostKeyUnknown: {diag.HostKey, Never, "compare the fingerprint with 'show crypto key mypubkey rsa' or the console, then add it: ssh-keyscan HOST >> known_hosts, or --host-key accept-new"},
	HostKeyChanged: {diag.HostKey, Never, "replaced hardware, a new key, or somebody in between; find out which, then ssh-keygen -R HOST"},
	HostKeyWeak:    {diag.HostKey, Never, "on the device: 'crypto key generate rsa modulus 2048'"},

	AuthRejected:           {diag.AuthRejected, Never, "one attempt was made and none will follow; check user, password or key, and AAA on the device ('show aaa servers')"},
	PasswordChangeRequired: {diag.AuthRejected, Never, "log in by hand and set a new password"},
	ChallengeUnsupported:   {diag.AuthRejected, Never, "the device asks for more than a password (one-time code?); use a key or an account without the second factor"},
	ExecDenied:             {diag.AuthRejected, Never, "the login is good but no shell is allowed: 'aaa authorization exec', the TACACS+ shell profile of this user"},

	BastionUnreachable:  {diag.NotReached, Never, hintBastion},
	BastionAuthRejected: {diag.NotReached, Never, "the jump host rejected its own credential; " + hintBastion},
	BastionHostKey:      {diag.NotReached, Never, "verify the jump host's key and add it to known_hosts; " + hintBastion},
	BastionForwarding:   {diag.NotReached, Never, "on the jump host: AllowTcpForwarding yes, PermitOpen"},

	PromptNotFound:   {diag.Failed, Never, "logged in, but no prompt ending in # or > appeared; log in by hand and look at the last line"},
	SessionLost:      {diag.Partial, Reconnect, "the device or the path ended the session: reload, switchover, exec-timeout, clear line"},
	CommandTimeout:   {diag.Partial, Never, "raise --command-timeout, or run the command by hand"},
	OutputLimit:      {diag.Partial, Never, "the answer is bigger than any licence output should be; run the command by hand"},
	EnableFailed:     {diag.Examined, Never, "one attempt was made; check the enable secret and 'aaa authentication enable'"},
	PrivInsufficient: {diag.Examined, Never, "'show privilege'; a user with privilege 15, or the enable secret, sees more"},
	NotAllowed:       {diag.Failed, Never, "only lines of 'slpdoctor commands' are ever sent"},

	Credential:          {diag.Failed, Never, "give a password, a key or an agent for this device"},
	UnsupportedPlatform: {diag.Failed, Never, "only IOS XE is examined"},
	Interrupted:         {diag.NotReached, Never, ""},
	MaxTime:             {diag.NotReached, Never, "raise --max-time, or examine fewer devices"},
	Breaker:             {diag.NotReached, Never, "this credential was rejected on the devices tried before; nothing else is tried with it, to avoid lock-outs"},
	Disk:                {diag.Failed, Never, "check free space and permissions"},
	Internal:            {diag.Failed, Never, "this is a defect of slpdoctor"},
}

// PolicyOf is the row of a class; a class that is not in the table is treated as Internal.
func PolicyOf(c Class) Policy {
	if p, ok := policies[c]; ok {
		return p
	}
	return policies[Internal]
}

// Stage says how far a login or a session had come.
type Stage string

// The stages, in order.
const (
	StageCredential Stage = "credential"
	StageBastion    Stage = "bastion" // waiting for a jump host
	StageDial       Stage = "dial"
	StageIdent      Stage = "ident" // TCP is up, the peer has not said SSH-
	StageKex        Stage = "kex"
	StageAuth       Stage = "auth"
	StageSession    Stage = "session" // channel, terminal, shell
	StagePrompt     Stage = "prompt"  // first prompt, its proof, terminal settings
	StageEnable     Stage = "enable"
	StageCommand    Stage = "command"
)

// Error is a classified failure. No field holds a secret: Tail is device text from before the prompt, with
// every credential of the login blotted out.
type Error struct {
	Class    Class
	Stage    Stage
	Hop      string // host:port where it happened: the device or a jump host
	Message  string // one line for people
	Hint     string // what to do; from the table unless the case knows better
	Attempts int    // credentials that the peer was given and did not accept; 0 means that a retry cannot lock anybody out
	Tail     string // at most 160 bytes of what the peer said last, printable; "" when it said nothing
	Err      error  // the cause, for errors.Is
}

const maxTail = 160

// Error is class, place and message, without the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Hop != "" {
		b.WriteString(" (" + e.Hop + ")")
	}
	if e.Tail != "" {
		b.WriteString(": it said: " + e.Tail)
	}
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable reports whether the same login may be tried again.
func (e *Error) Retryable() bool {
	return PolicyOf(e.Class).Retry == PreAuth && e.Attempts == 0
}

// StateOf is the state of a device whose examination ended with err after the given number of answers. A
// nil err is Examined. What ended a session before any answer leaves the device in error, not partial.
func StateOf(err error, answers int) diag.State {
	if err == nil {
		return diag.Examined
	}
	state := PolicyOf(ClassOf(err)).State
	if answers == 0 && (state == diag.Partial || state == diag.Examined) {
		return diag.Failed
	}
	return state
}

// ClassOf is the class of err: Internal when it is not an *Error, "" when it is nil, also as a nil *Error.
func ClassOf(err error) Class {
	e, ok := errors.AsType[*Error](err)
	switch {
	case ok && e != nil:
		return e.Class
	case ok || err == nil:
		return ""
	}
	return Internal
}

// Fault is the error as reports show it.
func (e *Error) Fault() *diag.Fault {
	message := e.Message
	if e.Tail != "" {
		message += ": it said: " + e.Tail
	}
	return &diag.Fault{Class: string(e.Class), Stage: string(e.Stage), Message: message, Hint: e.Hint}
}

func newError(c Class, s Stage, hop, message string, cause error) *Error {
	return &Error{Class: c, Stage: s, Hop: hop, Message: message, Hint: PolicyOf(c).Hint, Err: cause}
}

// ended makes an error of a context that is done: its cause when that is one of ours (the caller's
// max-time), a timeout of the given class, or an interruption.
func ended(ctx context.Context, onTimeout Class, s Stage, hop, message string) *Error {
	cause := context.Cause(ctx)
	if e, ok := errors.AsType[*Error](cause); ok {
		own := *e
		if own.Stage == "" {
			own.Stage = s
		}
		if own.Hint == "" {
			own.Hint = PolicyOf(own.Class).Hint
		}
		return &own
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return newError(onTimeout, s, hop, message, cause)
	}
	return newError(Interrupted, s, hop, "interrupted", cause)
}

// printable is the end of text as one line of printable ASCII, at most maxTail bytes, without the secrets.
func printable(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }), " ")
	if len(line) > maxTail {
		line = line[len(line)-maxTail:]
	}
	return line
}
