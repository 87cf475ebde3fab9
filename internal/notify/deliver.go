package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
)

// pace is how long a run may be held up by a receiver that does not answer.
type pace struct {
	waits []time.Duration // before the second and the third attempt
	total time.Duration   // of one receiver with all its messages; at least one attempt of its own timeout fits in
}

var usual = pace{waits: []time.Duration{time.Second, 3 * time.Second}, total: 15 * time.Second}

// maxRefusals in a row end the deliveries to a receiver in this run.
const maxRefusals = 3

// Deliver tells every receiver what waits for it from earlier runs and then what this run has to tell; without events
// nothing new is told. Receivers are told side by side. What can not be delivered is kept in the spool. Every failure
// is reported, one line each, in the order of the configuration; none of them is an error of the run.
func (c *Config) Deliver(ctx context.Context, doc *transition.Document, spool Spool, report func(string)) {
	say := func(format string, args ...any) { report(c.clean(fmt.Sprintf(format, args...))) }
	box := spool.open(c, say)
	defer box.close()
	said := make([][]string, len(c.Receivers))
	var wg sync.WaitGroup
	for i, r := range c.Receivers {
		wg.Go(func() {
			said[i] = c.pace.deliver(ctx, r, box, doc)
		})
	}
	wg.Wait()
	for i, r := range c.Receivers {
		for _, line := range said[i] {
			say("receiver %q: %s", r.Name, line)
		}
	}
}

// deliver works off the queue of one receiver, in order: behind a message that could not be delivered nothing is sent,
// unless the receiver refused that very message.
func (p pace) deliver(ctx context.Context, r *Receiver, box *outbox, doc *transition.Document) (said []string) {
	queue := box.queues[r.Name]
	late := len(queue)
	if m := r.message(doc); m != nil {
		w := &waiting{Created: doc.Run.Finished, Message: m}
		_ = box.keep(w) // first of all: the process can end while it sends. Where that is not possible, hold says so
		queue = append(queue[:late:late], w)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, max(p.total, r.Timeout), errors.New("it took too long"))
	defer cancel()
	delivered, refused, blocked := 0, 0, false
	for i, w := range queue {
		if !blocked {
			err := p.try(ctx, r, w.Message)
			if err == nil {
				box.remove(w)
				if i < late {
					delivered++
				}
				refused = 0
				continue
			}
			said = append(said, fmt.Sprintf("the message of %s is not delivered to %s: %v", stamp(w.Created), r.channel.where(), err))
			refused++
			f, known := errors.AsType[*failure](err)
			blocked = !known || !f.refused || refused == maxRefusals
		}
		if i == late {
			said = append(said, box.hold(w)...)
		}
	}
	if delivered > 0 {
		said = append(said, count(delivered, "message")+" of earlier runs delivered")
	}
	if n := len(onDisk(queue)); n > 0 {
		said = append(said, count(n, "message")+" kept for the next run")
	}
	return said
}

// try makes up to three attempts, within what is left of the time of ctx.
func (p pace) try(ctx context.Context, r *Receiver, m *Message) error {
	for n := 0; ; n++ {
		err := r.attempt(ctx, m)
		if err == nil {
			return nil
		}
		f, known := errors.AsType[*failure](err)
		if known && f.refused {
			return err
		}
		if n == len(p.waits) {
			return fmt.Errorf("%w (%d attempts)", err, n+1)
		}
		wait := p.waits[n]
		if known && f.after > wait {
			wait = f.after
		}
		end, _ := ctx.Deadline()
		if time.Until(end) <= wait || ctx.Err() != nil {
			if known && f.after > 0 {
				return fmt.Errorf("%w, and asks to wait %s", err, f.after)
			}
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// attempt sends once, within the receiver's time limit.
func (r *Receiver) attempt(ctx context.Context, m *Message) error {
	ctx, cancel := context.WithTimeoutCause(ctx, r.Timeout, fmt.Errorf("no answer within %s", r.Timeout))
	defer cancel()
	return r.channel.send(ctx, m)
}

// Test sends every receiver a message that is marked as a test, once, whatever its filters say. Nothing is kept. Each
// outcome is told in the order of the configuration.
func (c *Config) Test(ctx context.Context, run diag.Run, tool diag.Tool, told func(r *Receiver, where string, err error)) {
	doc := &transition.Document{Schema: diag.SchemaVersion, Kind: "transitions", Tool: tool, Job: "a test of the receivers", Run: run, Notes: []string{},
		Events: []transition.Event{{Kind: transition.New, Device: "example-device", Subject: "check", Check: "example-check", Severity: diag.Info,
			Summary: "This is a test of the receiver. Nothing has happened.", Fixes: []diag.Fix{}}}}
	failed := make([]error, len(c.Receivers))
	var wg sync.WaitGroup
	for i, r := range c.Receivers {
		wg.Go(func() {
			m := newMessage(r.Name, doc)
			m.Test = true
			m.Subject = "slpdoctor: test message"
			failed[i] = r.attempt(ctx, m)
		})
	}
	wg.Wait()
	for i, r := range c.Receivers {
		if err := failed[i]; err != nil {
			told(r, r.channel.where(), errors.New(c.clean(err.Error())))
			continue
		}
		told(r, r.channel.where(), nil)
	}
}
