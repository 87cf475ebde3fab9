package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"

	"slpdoctor/checks"
	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fleet"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/sim"
)

// clientNames lists the clients; the last is what the others are compared with.
var clientNames = []string{"slpdoctor", "scrapligo"}

// client reads the fleet from stdin, does the whole work and prints what it counted.
func client(ctx context.Context, name string, concurrency int) error {
	var w fleetWorld
	if err := json.NewDecoder(os.Stdin).Decode(&w); err != nil {
		return err
	}
	var o outcome
	var err error
	switch name {
	case "slpdoctor":
		o, err = ours(ctx, w, concurrency)
	case "scrapligo":
		o = plain(w, concurrency)
	default:
		err = fmt.Errorf("no client %q", name)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

// plan is what a run with every check collects.
func plan() []*diag.Command { return engine.Plan(checks.Catalogue()) }

func limits(concurrency int, plan []*diag.Command, cat engine.Catalogue) fleet.Options {
	return fleet.Options{Sessions: concurrency, Logins: concurrency, Timeout: 5 * time.Minute, Plan: plan, Checks: cat,
		ClockSynced: true, Now: func() time.Time { return sim.DemoTime }}
}

// ours is the work of `run`: sessions, parsing and every check.
func ours(ctx context.Context, w fleetWorld, concurrency int) (outcome, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(file, []byte(w.KnownHosts), 0o600); err != nil {
		return outcome{}, err
	}
	known, err := collect.LoadKnownHosts(file)
	if err != nil {
		return outcome{}, err
	}
	dialer := collect.NewDialer(collect.Options{Commands: iosxe.Catalogue(), KnownHosts: known, AgentSocket: "none"})
	defer dialer.Close()
	targets := make([]fleet.Target, len(w.Devices))
	for i, d := range w.Devices {
		targets[i] = fleet.Target{Device: diag.Device{Name: d.Name}, Credential: "bench", Open: func(ctx context.Context) (fleet.Session, error) {
			return dialer.Open(ctx, collect.Target{Hop: collect.Hop{Address: d.Host, Port: d.Port,
				Auth: collect.Auth{User: user, Password: func() string { return password }}}})
		}}
	}
	var o outcome
	fleet.Run(ctx, targets, limits(concurrency, plan(), checks.Catalogue()), func(i int, r diag.DeviceResult, captures []diag.Capture) {
		if r.State == diag.Examined {
			o.Devices++
		}
		got := map[string]string{}
		for _, c := range captures {
			if c.Outcome != diag.NotRun {
				got[c.Line] = digest(c.Text)
			}
		}
		o.compare(w.Devices[i], got, func(a answer) string { return a.Masked })
	})
	return o, nil
}

// compare counts outputs that are missing or not what the device printed.
func (o *outcome) compare(d device, got map[string]string, want func(answer) string) {
	for _, a := range d.Answers {
		switch sum, ok := got[a.Line]; {
		case !ok:
			o.Missing++
		case sum != want(a):
			o.Wrong++
			o.Outputs++
		default:
			o.Outputs++
		}
	}
}

// plain sends the same lines with scrapligo alone, as its README does: platform, network driver,
// SendCommand. It neither parses nor checks, and it does not verify host keys.
func plain(w fleetWorld, concurrency int) outcome {
	var o outcome
	var mu sync.Mutex
	var wg sync.WaitGroup
	var next atomic.Int64
	for range concurrency {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(w.Devices) {
					return
				}
				got, ok := plainDevice(w.Devices[i])
				mu.Lock()
				if ok {
					o.Devices++
				}
				o.compare(w.Devices[i], got, func(a answer) string { return a.Raw })
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return o
}

func plainDevice(d device) (map[string]string, bool) {
	got := map[string]string{}
	p, err := platform.NewPlatform("cisco_iosxe", d.Host, options.WithPort(d.Port), options.WithTransportType("standard"),
		options.WithAuthNoStrictKey(), options.WithAuthUsername(user), options.WithAuthPassword(password))
	if err != nil {
		return got, false
	}
	driver, err := p.GetNetworkDriver()
	if err != nil {
		return got, false
	}
	if err := driver.Open(); err != nil {
		return got, false
	}
	defer func() { _ = driver.Close() }()
	for _, a := range d.Answers {
		r, err := driver.SendCommand(a.Line)
		if err != nil {
			return got, false
		}
		got[a.Line] = digest(r.Result)
	}
	return got, true
}

// rehearse asks a device, without SSH, everything a run would ask it.
func rehearse(ctx context.Context, d *sim.Device) []answer {
	var out []answer
	raw := map[string]string{}
	target := fleet.Target{Device: diag.Device{Name: d.Name}, Open: func(context.Context) (fleet.Session, error) { return rehearsal{d, raw}, nil }}
	fleet.Run(ctx, []fleet.Target{target}, limits(1, plan(), engine.Catalogue{}), func(_ int, _ diag.DeviceResult, captures []diag.Capture) {
		for _, c := range captures {
			if c.Outcome != diag.NotRun {
				out = append(out, answer{c.Line, raw[c.Line], digest(c.Text)})
			}
		}
	})
	return out
}

// rehearsal is a session with a device in this process; it keeps the digests of what the device prints.
type rehearsal struct {
	d   *sim.Device
	raw map[string]string
}

func (r rehearsal) Run(_ context.Context, cmd *diag.Command, line string) *collect.Result {
	text := r.d.Run(line)
	r.raw[line] = digest(text)
	return &collect.Result{Command: cmd, Line: line, Text: text, Outcome: diag.OK}
}
func (r rehearsal) Err() error                { return nil }
func (r rehearsal) Notices() []*collect.Error { return nil }
func (r rehearsal) Close()                    {}
