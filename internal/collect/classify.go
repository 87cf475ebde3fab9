package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// watch bounds one login: the caller's context, a limit for the whole and a limit for the stage it is in.
// It knows the stage, and so what an error means.
type watch struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	deadline time.Time
	known    []knownKey // the host keys known of the hop

	mu    sync.Mutex
	stage Stage
	hop   string
}

func newWatch(ctx context.Context, limit time.Duration) *watch {
	w := &watch{deadline: time.Now().Add(limit)}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(limit, func() {
		w.cancel(fmt.Errorf("waiting longer than allowed: %w", context.DeadlineExceeded))
	})
	return w
}

// close ends the watch: what it bounded is over.
func (w *watch) close() {
	w.timer.Stop()
	w.cancel(nil)
}

// enter begins a stage with a limit of its own.
func (w *watch) enter(s Stage, hop string, limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stage, w.hop = s, hop
	w.timer.Reset(min(limit, time.Until(w.deadline)))
}

// move begins a stage within the limit of the one before.
func (w *watch) move(s Stage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stage = s
}

// advance moves from one stage to the next, and does nothing in any other: keys are exchanged again later.
func (w *watch) advance(from, to Stage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stage == from {
		w.stage = to
	}
}

func (w *watch) where() (Stage, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stage, w.hop
}

// timeoutOf is the class of a stage that took too long.
var timeoutOf = map[Stage]Class{
	StageBastion: BastionUnreachable, StageDial: ConnectTimeout, StageIdent: HandshakeTimeout, StageKex: HandshakeTimeout, StageAuth: HandshakeTimeout,
	StageSession: HandshakeTimeout, StagePrompt: PromptNotFound, StageEnable: PromptNotFound,
}

// silenceIn says what nothing came after.
var silenceIn = map[Stage]string{
	StageBastion: "the jump host did not let us in in time",
	StageDial:    "no answer to the TCP connection",
	StageIdent:   "connected, but the SSH identification did not come",
	StageKex:     "silence during key exchange",
	StageAuth:    "no answer to the authentication",
	StageSession: "authenticated, but no shell was opened",
	StagePrompt:  "no prompt came",
	StageEnable:  "no answer to enable",
}

// over is the error of a watch whose context is done.
func (w *watch) over() *Error {
	stage, hop := w.where()
	return ended(w.ctx, timeoutOf[stage], stage, hop, silenceIn[stage])
}

// classify makes an *Error of what dialling and opening a shell can fail with.
func (w *watch) classify(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if w.ctx.Err() != nil {
		return w.over()
	}
	stage, hop := w.where()
	class, message := Internal, err.Error()
	if stage == StageDial {
		class, message = dialClass(err)
	}
	return newError(class, stage, hop, message, err)
}

func dialClass(err error) (Class, string) {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return NameNotResolved, "the name " + dns.Name + " does not resolve"
	}
	if open, ok := errors.AsType[*ssh.OpenChannelError](err); ok {
		return forwardClass(open)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return ConnectTimeout, silenceIn[StageDial]
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(err.Error(), "refused"):
		return Refused, "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return ClosedEarly, "connection reset"
	}
	return ConnectUnreachable, "the device cannot be reached: " + lastCause(err)
}

// forwardClass reads the jump host's reason for not reaching the device.
func forwardClass(open *ssh.OpenChannelError) (Class, string) {
	said := strings.ToLower(open.Message)
	switch {
	case open.Reason == ssh.Prohibited:
		return BastionForwarding, "the jump host does not allow the connection to the device"
	case strings.Contains(said, "refused"):
		return Refused, "connection refused, as seen from the jump host"
	case strings.Contains(said, "timed out"):
		return ConnectTimeout, "no answer to the TCP connection, as seen from the jump host"
	case strings.Contains(said, "resol"), strings.Contains(said, "not known"), strings.Contains(said, "unknown host"):
		return NameNotResolved, "the name does not resolve on the jump host"
	}
	return ConnectUnreachable, "the jump host cannot reach the device: " + printable(open.Message)
}

func lastCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// handshakeError makes an *Error of what ended a handshake.
func (w *watch) handshakeError(err error, head *preface, auth *authentication) *Error {
	e := w.handshakeClass(err, head, auth)
	stage, hop := w.where()
	if e.Stage == "" {
		e.Stage = stage
	}
	if e.Hop == "" {
		e.Hop = hop
	}
	e.Attempts = int(auth.attempts.Load())
	if before, _ := head.said(); e.Tail == "" && stage == StageIdent {
		e.Tail = printable(before, auth.secrets()...)
	}
	return e
}

func (w *watch) handshakeClass(err error, head *preface, auth *authentication) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		own := *e
		return &own
	}
	if w.ctx.Err() != nil {
		return w.over()
	}
	stage, hop := w.where()
	fail := func(c Class, message string) *Error { return newError(c, stage, hop, message, err) }
	if negotiation, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); ok {
		return w.noCommonAlgorithm(negotiation)
	}
	closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "ssh: disconnect")
	switch {
	case stage == StageIdent && head.onlySSH1():
		return fail(SSHv1Only, "the device speaks SSH version 1 only")
	case stage == StageIdent && head.busy():
		return fail(VTYBusy, "all VTY lines are in use")
	case stage == StageIdent && closed:
		return fail(ClosedEarly, "the connection was closed before the SSH identification")
	case stage == StageIdent:
		return fail(HandshakeFailed, "this is not an SSH server: "+lastCause(err))
	case stage == StageAuth:
		return w.authError(err, closed, auth)
	case strings.Contains(err.Error(), "keys are insecure"):
		return fail(HostKeyWeak, "the host key is too short: "+lastCause(err))
	case closed:
		return fail(HandshakeClosed, "the connection was closed during key exchange")
	}
	return fail(HandshakeFailed, "the key exchange went wrong: "+lastCause(err))
}

func (w *watch) authError(err error, closed bool, auth *authentication) *Error {
	stage, hop := w.where()
	fail := func(c Class, message string) *Error { return newError(c, stage, hop, message, err) }
	switch {
	case strings.Contains(err.Error(), "unexpected message type 60"): // SSH_MSG_USERAUTH_PASSWD_CHANGEREQ, RFC 4252 section 8
		return fail(PasswordChangeRequired, "the device demands a password change")
	case auth.attempts.Load() > 0 && closed:
		return fail(AuthRejected, "the device closed the connection after the credential")
	case auth.attempts.Load() > 0:
		return fail(AuthRejected, "the device rejected the credential of user "+auth.auth.User)
	case auth.agentErr != nil:
		return newError(Credential, stage, hop, auth.agentErr.Error(), auth.agentErr)
	case closed:
		return fail(HandshakeClosed, "the connection was closed before a credential was sent")
	}
	return fail(Credential, "no credential of a kind that the device accepts: "+strings.TrimPrefix(lastCause(err), "ssh: "))
}

// noCommonAlgorithm tells a device that dropped the kind of host key we know from one that is too old.
func (w *watch) noCommonAlgorithm(n *ssh.AlgorithmNegotiationError) *Error {
	stage, hop := w.where()
	offers := strings.Join(n.RequestedAlgorithms, " ")
	own := ownKeys(w.known)
	kept := slices.ContainsFunc(own, func(k knownKey) bool {
		return slices.ContainsFunc(signaturesOf(k.key.Type(), ProfileDefault), func(a string) bool {
			return slices.Contains(n.RequestedAlgorithms, a)
		})
	})
	if n.What == "host key" && len(own) > 0 && !kept {
		return newError(HostKeyChanged, stage, hop,
			"the device no longer has a host key of the kind in known_hosts: it offers "+offers+", known is "+describeAll(own), n)
	}
	return newError(AlgorithmMismatch, stage, hop, "no common algorithm for "+n.What+": the device offers "+offers, n)
}
