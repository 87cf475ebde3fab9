// Package notify tells people and programs what a scheduled run has found to be new, worse or resolved: by webhook
// (JSON, Slack, Teams), by mail, by syslog and through programs of the operator. What can not be delivered is kept in
// the state folder and delivered by a later run; nothing here ends a run or changes its exit status. Only the command
// line imports it.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
	"slpdoctor/inventory"
)

// Config is the receivers of a file, in its order. Load makes it, Check makes it ready.
type Config struct {
	Receivers []*Receiver

	path    string   // of the file, absolute: whose messages are whose in a shared state folder
	secrets []string // what Check has fetched, so that no statement holds it
	pace    pace
}

// Receiver is one who is told.
type Receiver struct {
	Name     string
	Severity diag.Severity     // the lowest that is told; "" for all. What has no severity, like a device out of reach, is always told
	Events   []transition.Kind // the kinds that are told; nil for all
	Timeout  time.Duration     // of one attempt

	channel channel
}

// channel is one way to tell. Its methods are used by one goroutine at a time.
type channel interface {
	// describe says what it is, without secrets: "webhook (slack)".
	describe() string
	// check fetches its secrets with fetch.
	check(fetch fetcher) error
	// where names the other end after check, without secrets: "https://hooks.example.net/…".
	where() string
	// send delivers once. A *failure says what to do about it; any other error is worth another attempt.
	send(ctx context.Context, m *Message) error
}

// fetcher fetches a secret; what names it in errors.
type fetcher func(what string, ref inventory.Reference) (string, error)

// failure is an attempt that did not deliver.
type failure struct {
	why     string
	refused bool          // the same message gets the same answer: no other attempt in this run
	after   time.Duration // the receiver asks to wait that long; 0 when it does not say
}

func (f *failure) Error() string { return f.why }

func refusal(format string, args ...any) *failure {
	return &failure{why: fmt.Sprintf(format, args...), refused: true}
}

// Describe says in a few words what the receiver is and what it is told.
func (r *Receiver) Describe() string {
	var told []string
	if len(r.Events) > 0 {
		var kinds []string
		for _, k := range r.Events {
			kinds = append(kinds, string(k))
		}
		told = append(told, strings.Join(kinds, ", "))
	} else {
		told = append(told, "all events")
	}
	if r.Severity != "" {
		told = append(told, "severity "+string(r.Severity)+" and above")
	}
	return r.channel.describe() + "; " + strings.Join(told, "; ")
}

// Check fetches every secret, so that a missing one is known before the first device is contacted. The error names
// every receiver that is not ready.
func (c *Config) Check(ctx context.Context, secrets *inventory.Resolver) error {
	var failed []error
	for _, r := range c.Receivers {
		err := r.channel.check(func(what string, ref inventory.Reference) (string, error) {
			s, err := secrets.Fetch(ctx, fmt.Sprintf("%s of receiver %q", what, r.Name), ref)
			if err != nil {
				return "", err
			}
			c.secrets = append(c.secrets, s.Reveal())
			if u, err := url.Parse(s.Reveal()); err == nil && len(u.Path) > 1 {
				c.secrets = append(c.secrets, u.RequestURI(), u.Path)
			}
			return s.Reveal(), nil
		})
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// clean takes every secret out of a statement. Errors are built without them; this is the second lock.
func (c *Config) clean(text string) string {
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, s, "[redacted]")
	}
	return text
}

// Only leaves the named receiver; false when there is none.
func (c *Config) Only(name string) bool {
	for _, r := range c.Receivers {
		if r.Name == name {
			c.Receivers = []*Receiver{r}
			return true
		}
	}
	return false
}

// Names lists the receivers.
func (c *Config) Names() []string {
	var names []string
	for _, r := range c.Receivers {
		names = append(names, r.Name)
	}
	return names
}
