package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// TestStates holds the table against the one in the product contract, section 4.
func TestStates(t *testing.T) {
	want := map[diag.State][]Class{
		diag.Partial: {SessionLost, CommandTimeout, OutputLimit},
		diag.Unreachable: {NameNotResolved, ConnectTimeout, ConnectUnreachable, Refused, ClosedEarly, VTYBusy,
			HandshakeTimeout, HandshakeClosed, HandshakeFailed, AlgorithmMismatch, SSHv1Only},
		diag.HostKey:      {HostKeyUnknown, HostKeyChanged, HostKeyWeak},
		diag.AuthRejected: {AuthRejected, PasswordChangeRequired, ChallengeUnsupported, ExecDenied},
		diag.NotReached:   {BastionUnreachable, BastionAuthRejected, BastionHostKey, BastionForwarding, Breaker, MaxTime, Interrupted},
		diag.Examined:     {EnableFailed, PrivInsufficient},
		diag.Failed:       {Credential, Disk, Internal, UnsupportedPlatform, PromptNotFound, NotAllowed},
	}
	count := 0
	for state, classes := range want {
		count += len(classes)
		for _, c := range classes {
			err := fmt.Errorf("examining: %w", newError(c, StageCommand, "", "", nil))
			if got := StateOf(err, 1); got != state {
				t.Errorf("%s: state %s, want %s", c, got, state)
			}
			if p := policies[c]; p.Hint == "" && c != Interrupted {
				t.Errorf("%s has no hint", c)
			}
		}
	}
	if count != len(policies) {
		t.Errorf("%d classes in the table, %d in this test", len(policies), count)
	}
	if StateOf(nil, 0) != diag.Examined || StateOf(errors.New("odd"), 1) != diag.Failed {
		t.Error("no error must be examined, and an unknown one an error")
	}
}

func TestOnlyHarmlessFaultsAreRetried(t *testing.T) {
	var retried []string
	for c := range policies {
		if (&Error{Class: c}).Retryable() {
			retried = append(retried, string(c))
		}
		if (&Error{Class: c, Attempts: 1}).Retryable() {
			t.Errorf("%s would be retried after a credential was sent", c)
		}
	}
	slices.Sort(retried)
	want := "closed_early connect_timeout connect_unreachable handshake_closed handshake_timeout refused vty_busy"
	if got := strings.Join(retried, " "); got != want {
		t.Errorf("retried: %s\nwant: %s", got, want)
	}
}

// TestEnded reads contexts that ended for different reasons.
func TestEnded(t *testing.T) {
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-late.Done()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	ours, end := context.WithCancelCause(t.Context())
	end(&Error{Class: MaxTime, Message: "the time of the run is over"})
	type row struct {
		Class Class
		Stage Stage
		Hint  bool
	}
	got := map[string]row{}
	for name, ctx := range map[string]context.Context{"late": late, "stopped": stopped, "ours": ours} {
		e := ended(ctx, HandshakeTimeout, StageKex, "h", "m")
		got[name] = row{e.Class, e.Stage, e.Hint != ""}
	}
	want := map[string]row{
		"late": {HandshakeTimeout, StageKex, true}, "stopped": {Interrupted, StageKex, false}, "ours": {MaxTime, StageKex, true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "",
		"\r\n% Bad  secrets\r\n\x1b]0;x\a":   "% Bad secrets ]0;x",
		"the password is s3cret, and s3cret": "the password is ***, and ***",
		"caf\u00e9 \u202egnp.exe":            "caf gnp.exe",
		strings.Repeat("0123456789", 30):     strings.Repeat("0123456789", 16),
	} {
		if got := printable(in, "s3cret", ""); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestDeadlineOverTheWholeLogin: no stage alone is too long, all together are.
func TestDeadlineOverTheWholeLogin(t *testing.T) {
	f := (&fake{shell: func(v *vty) { v.sleep(time.Hour) }}).start(t)
	_, err := f.open(t, t.Context(), func(o *Options, _ *Target) { o.LoginTimeout = 300 * time.Millisecond })
	if ClassOf(err) != PromptNotFound || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open: %v, want %s", err, PromptNotFound)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := f.open(t, ctx); ClassOf(err) != PromptNotFound || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open with a deadline of the caller: %v, want %s", err, PromptNotFound)
	}
}

func ExampleError() {
	err := newError(Refused, StageDial, "192.0.2.1:22", "connection refused", nil)
	fmt.Println(err)
	fmt.Println(err.Class, StateOf(err, 0), err.Retryable())
	// Output:
	// connection refused (192.0.2.1:22)
	// refused unreachable true
}
