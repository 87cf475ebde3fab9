package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"slpdoctor/internal/collect"
)

// The limits of a credential, to keep accounts from being locked out.
const (
	unprovenLimit = 3  // rejections without a success, and logins under way while nothing is proven
	provenLimit   = 5  // rejections of a credential that works elsewhere ...
	provenShare   = 20 // ... that also are more than one in so many of its logins
)

// patience is how long a canary goes alone before a second unproven login may start beside it: a dead
// device must not hold up a fleet.
const patience = 2 * time.Second

// credential decides who may log in with one set of secrets. Until it is proven by a success, a canary
// goes first and at most as many unproven logins are under way as rejections are left.
type credential struct {
	mu       sync.Mutex
	wake     chan struct{} // closed and replaced whenever something changed
	proven   bool
	under    int       // unproven logins under way
	last     time.Time // when the last of them began
	rejected int
	accepted int
}

func newCredential() *credential { return &credential{wake: make(chan struct{})} }

type outcome int

const (
	undecided outcome = iota // ended before the credential was judged
	accepted
	rejected
)

// admit waits for permission to log in. The returned function must be called once with what came of it.
func (c *credential) admit(ctx context.Context) (func(outcome), error) {
	for {
		ok, wake, wait := c.ask()
		if ok {
			return c.settle, nil
		}
		if wake == nil {
			return nil, c.broken()
		}
		var later <-chan time.Time
		if wait > 0 {
			later = time.After(wait)
		}
		select {
		case <-wake:
		case <-later:
		case <-ctx.Done():
			return nil, cause(ctx)
		}
	}
}

// ask grants a login now, or says what to wait for; a nil channel means never.
func (c *credential) ask() (granted bool, wake <-chan struct{}, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.tripped():
		return false, nil, 0
	case c.proven:
		return true, nil, 0
	}
	if c.under > 0 {
		if c.under+c.rejected >= unprovenLimit {
			return false, c.wake, 0
		}
		if wait := patience - time.Since(c.last); wait > 0 {
			return false, c.wake, wait
		}
	}
	c.under++
	c.last = time.Now()
	return true, nil, 0
}

func (c *credential) tripped() bool {
	if c.accepted == 0 {
		return c.rejected >= unprovenLimit
	}
	return c.rejected >= provenLimit && c.rejected*provenShare > c.rejected+c.accepted
}

func (c *credential) settle(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.proven && c.under > 0 {
		c.under--
	}
	switch o {
	case accepted:
		c.accepted++
		c.proven = true
		c.under = 0
	case rejected:
		c.rejected++
	}
	close(c.wake)
	c.wake = make(chan struct{})
}

// broken is why nothing is tried with this credential any more.
func (c *credential) broken() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &collect.Error{Class: collect.Breaker, Stage: collect.StageCredential,
		Message: fmt.Sprintf("not tried: its credential was rejected on %d of %d devices before", c.rejected, c.rejected+c.accepted),
		Hint:    collect.PolicyOf(collect.Breaker).Hint}
}
