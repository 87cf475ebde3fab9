package history

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// fleet is many devices of which some change every night.
type fleet struct {
	rng     *rand.Rand
	devices []diag.DeviceResult
	down    map[int]diag.DeviceResult // devices that do not answer, as they were
}

const (
	fleetSize   = 10_000
	fleetChecks = 130
)

func newFleet(size int) *fleet {
	f := &fleet{rng: rand.New(rand.NewPCG(1, 2)), down: map[int]diag.DeviceResult{}}
	for i := range size {
		name := fmt.Sprintf("acc-%05d.example.net", i)
		d := device(name)
		d.Address = fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		d.Tags = map[string]string{"site": fmt.Sprintf("site-%03d", i/50), "role": "access"}
		d.Topology = &diag.Topology{ID: "cslu-push", Confidence: "high", Rule: "transport type cslu with a URL"}
		udi := "PID:C9300-24UX,SN:SIM" + name
		d.Facts = &diag.Holdings{UDIs: []string{udi}, Trust: []string{udi}, Licenses: []string{"dna-advantage", "network-advantage"},
			Counts: map[string]int{"dna-advantage": 1, "network-advantage": 1}}
		for c := range fleetChecks {
			r := pass(fmt.Sprintf("group-check-%03d", c))
			switch {
			case c%5 < 2:
				r.Status, r.Reason, r.Message.ID = diag.NotApplicable, new(diag.Reason("topology")), r.Check+".topology"
			case c > 126:
				r.Status, r.Reason = diag.Unknown, new(diag.Manual)
			case f.rng.IntN(100) < 3:
				r.Status = diag.Fail
			case c < 20: // in words of this device alone, as one verdict of ten is
				r.Summary = fmt.Sprintf("The interface of %s that %s is about is up, with the address %s.", name, r.Check, d.Address)
				r.Message.Args = diag.Args{"device": name, "address": d.Address}
			}
			d.Results = append(d.Results, r)
		}
		f.devices = append(f.devices, d)
	}
	return f
}

// night is the next one: what moves by itself moves, and some of the devices change.
func (f *fleet) night(n int) *diag.Report {
	at := start.AddDate(0, 0, n)
	clock, ack := at.Format("Jan 2 15:04:05 2006 UTC"), at.AddDate(0, 0, -n%30).Format("Jan 2 15:04:05 2006 UTC")
	next := at.AddDate(0, 0, 90-n%30).Format("Jan 2 15:04:05 2006 UTC")
	for i := range f.devices {
		d := &f.devices[i]
		if was, ok := f.down[i]; ok {
			*d = was
			delete(f.down, i)
		}
		d.ElapsedMS = int64(f.rng.IntN(30000))
		if d.Facts != nil {
			h := *d.Facts
			h.Clock, h.LastACK = &clock, &ack
			d.Facts = &h
		}
		d.Deadline = &diag.Deadline{State: "due", NextACK: &next, AsOf: &clock, DaysLeft: new(90 - n%30)}
		for c := range 6 {
			r := &d.Results[c*5+2]
			r.Summary = fmt.Sprintf("The next acknowledgement is required in %d days, on %s; %d reports wait.", 90-n%30, next, f.rng.IntN(9))
			r.Message.Args = diag.Args{"days": 90 - n%30, "deadline": next, "now": clock}
		}
		if f.rng.IntN(1000) < 15 {
			f.change(i)
		}
	}
	return night(n, f.devices...)
}

// change breaks, heals or moves something on a device.
func (f *fleet) change(i int) {
	d := &f.devices[i]
	d.Results = append([]diag.Result{}, d.Results...)
	switch kind := f.rng.IntN(10); {
	case kind == 0:
		f.down[i] = *d
		*d = unreachable(d.Name)
		d.Address, d.Tags = f.down[i].Address, f.down[i].Tags
		d.Results = make([]diag.Result, 0)
	case kind == 1:
		p := *d.Platform
		p.Release = fmt.Sprintf("17.12.%d", f.rng.IntN(9))
		d.Platform = &p
	default:
		for range 1 + f.rng.IntN(4) { // a root and what follows from it
			r := &d.Results[f.rng.IntN(126)]
			if r.Status == diag.Fail {
				r.Status = diag.Pass
			} else {
				r.Status, r.Key = diag.Fail, ""
			}
			r.Summary = fmt.Sprintf("%s is %s on %s since its change %d.", r.Check, r.Status, d.Name, f.rng.IntN(1000))
		}
	}
}

// BenchmarkYear records a year of nights of a large fleet, and asks. It takes three quarters of an hour:
//
//	go test ./internal/history -run '^$' -bench Year -benchtime 1x -timeout 2h
//
// SLPDOCTOR_BENCH_NIGHTS=30 is a shorter year, SLPDOCTOR_BENCH_DIR=DIR keeps the history,
// SLPDOCTOR_BENCH_DSN=postgres://... is one in PostgreSQL, an empty one.
func BenchmarkYear(b *testing.B) {
	if b.N > 1 {
		b.Skip("one year is enough: -benchtime 1x")
	}
	ctx := context.Background()
	nights := 365
	if s := os.Getenv("SLPDOCTOR_BENCH_NIGHTS"); s != "" {
		fmt.Sscan(s, &nights)
	}
	path := filepath.Join(cmp.Or(os.Getenv("SLPDOCTOR_BENCH_DIR"), b.TempDir()), "history.db")
	where := Where{SQLite: path}
	if dsn := os.Getenv("SLPDOCTOR_BENCH_DSN"); dsn != "" {
		where = Where{Postgres: dsn}
	}
	s, err := Open(ctx, where)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	size := func(unit string) {
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, unit)
		}
	}
	timed := func(name string, f func() error) time.Duration {
		at := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		took := time.Since(at)
		b.ReportMetric(took.Seconds(), "s-"+name)
		return took
	}
	f := newFleet(fleetSize)
	for n := range nights {
		r := f.night(n)
		record := func() error {
			return s.Record(ctx, Recording{Job: "nightly", Every: 24 * time.Hour, Report: r})
		}
		switch n {
		case 0:
			timed("first", record)
			size("MB-first")
		case nights - 1:
			runtime.GC()
			before := resident(true)
			timed("record", record)
			b.ReportMetric(float64(resident(false)-before)/1e6, "MB-memory-record")
		default:
			if err := record(); err != nil {
				b.Fatal(err)
			}
		}
	}
	size("MB")
	const name, check = "acc-00042.example.net", "group-check-042"
	f = nil
	runtime.GC()
	timed("last", func() error { _, err := s.Last(ctx, "nightly"); return err })
	timed("changes", func() error { _, err := s.Changes(ctx, "nightly", 14); return err })
	timed("opened", func() error { // as for the reminders of a night that reaches no device
		for i := range fleetSize {
			if _, _, err := s.Opened(ctx, "nightly", fmt.Sprintf("acc-%05d.example.net", i), checkPart+check); err != nil {
				return err
			}
		}
		return nil
	})
	timed("lost", func() error { _, err := s.Lost(ctx, "nightly"); return err })
	timed("list", func() error { _, err := s.Jobs(ctx, start, 10); return err })
	timed("show", func() error { _, err := s.Show(ctx, "", never, notAnswered); return err })
	timed("device", func() error { _, err := s.Device(ctx, name); return err })
	timed("check", func() error { _, err := s.Check(ctx, check); return err })
	timed("retain", func() error { return s.Retain(ctx, time.Duration(nights/2)*24*time.Hour) })
	b.ReportMetric(0, "ns/op")
}

// resident is the memory of this process at its highest, in bytes; 0 where the system does not say. Reset begins
// anew.
func resident(reset bool) int {
	if reset {
		os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	}
	text, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	var kb int
	fmt.Sscan(rest, &kb)
	return kb << 10
}
