// Command bench measures this program's client beside a plain scrapligo client, written the way its
// examples show, on the same simulated fleet in the same run. The simulator and every client are processes
// of their own, so that CPU and memory are the operating system's account of each. Clients take turns, every
// output is compared with the expected text, and medians and ratios are printed: only ratios mean anything
// on a machine that others use too.
//
//	go run ./internal/bench [-devices 500] [-concurrency 50] [-rtt 0,20ms] [-think 0] [-runs 3]
//
// With -parse it measures reading and judging alone: the parsers beside a naive line scanner and beside
// gotextfsm, on the corpus that SLPDOCTOR_CORPUS names or on the captures of this repository.
//
//	go run ./internal/bench -parse [-runs 5]
//
// With -reconcile it measures the readers of reconcile on a million rows and on logs of 5 GB, beside encoding/csv
// and bufio.Scanner alone.
//
//	go run ./internal/bench -reconcile [-runs 3]
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	devices := flag.Int("devices", 500, "simulated devices")
	concurrency := flag.Int("concurrency", 50, "sessions at once")
	rtts := flag.String("rtt", "0,20ms", "round-trip times, comma separated")
	think := flag.Duration("think", 0, "how long a device takes for every command")
	runs := flag.Int("runs", 3, "counted runs of each client per round-trip time")
	role := flag.String("role", "", "internal: serve, or the name of a client")
	rtt := flag.Duration("role-rtt", 0, "internal: round-trip time of the served fleet")
	parse := flag.Bool("parse", false, "measure reading and judging alone, without sessions")
	reconcile := flag.Bool("reconcile", false, "measure reading the files of reconcile")
	profile := flag.String("cpuprofile", "", "write a CPU profile of this program's client to `FILE`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *parse:
		err = profiled(*profile, func() error { return parsing(os.Stdout, *runs) })
	case *reconcile:
		err = reconciling(ctx, os.Stdout, *runs)
	case strings.HasPrefix(*role, "reconcile-"):
		err = profiled(*profile, func() error { return readingRole(ctx, *role) })
	case *role == "":
		profileTo = *profile
		err = compare(ctx, os.Stdout, *devices, *concurrency, *rtts, *think, *runs)
	case *role == "serve":
		err = serve(ctx, *devices, *rtt, *think)
	default:
		err = profiled(*profile, func() error { return client(ctx, *role, *concurrency) })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profileTo is -cpuprofile.
var profileTo string

// profiled does the work under the CPU profiler when a file is named.
func profiled(file string, work func() error) error {
	if file == "" {
		return work()
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return work()
}

// figures are what one run of one client took.
type figures struct {
	wall, cpu time.Duration
	rss       int64 // bytes
	outcome   outcome
}

// outcome is what a client counts itself.
type outcome struct {
	Devices int `json:"devices"` // that were reached
	Outputs int `json:"outputs"`
	Wrong   int `json:"wrong"` // outputs that differ from what the device printed
	Missing int `json:"missing"`
}

func compare(ctx context.Context, out *os.File, devices, concurrency int, rtts string, think time.Duration, runs int) error {
	fmt.Fprintf(out, "%d devices, %d at once, think %v, medians of %d runs; every output is compared\n\n", devices, concurrency, think, runs)
	fmt.Fprintf(out, "%-6s %-10s %9s %9s %14s %9s %8s %6s %8s\n", "RTT", "client", "wall s", "dev/s", "CPU ms/device", "peak MB", "outputs", "wrong", "missing")
	for text := range strings.SplitSeq(rtts, ",") {
		rtt, err := time.ParseDuration(text)
		if text == "0" {
			rtt, err = 0, nil
		}
		if err != nil {
			return fmt.Errorf("reading -rtt: %w", err)
		}
		if err := compareAt(ctx, out, devices, concurrency, rtt, think, runs); err != nil {
			return err
		}
	}
	return nil
}

func compareAt(ctx context.Context, out *os.File, devices, concurrency int, rtt, think time.Duration, runs int) error {
	srv, err := startFleet(ctx, devices, rtt, think)
	if err != nil {
		return err
	}
	defer srv.stop()
	measured := map[string][]figures{}
	for range runs {
		for _, name := range clientNames {
			f, err := runClient(ctx, name, concurrency, srv.world)
			if err != nil {
				return fmt.Errorf("running %s: %w", name, err)
			}
			measured[name] = append(measured[name], f)
		}
	}
	var base figures
	for i, name := range slices.Backward(clientNames) { // the rival is last, and the base of the ratios

		m := middle(measured[name])
		n := float64(max(1, m.outcome.Devices))
		fmt.Fprintf(out, "%-6v %-10s %9.2f %9.1f %14.2f %9.0f %8d %6d %8d\n", rtt, name, m.wall.Seconds(), n/m.wall.Seconds(),
			m.cpu.Seconds()*1000/n, float64(m.rss)/(1<<20), m.outcome.Outputs, m.outcome.Wrong, m.outcome.Missing)
		if i == len(clientNames)-1 {
			base = m
			continue
		}
		fmt.Fprintf(out, "%-6v ratio      %8.2fx faster, %.2f of its CPU, %.2f of its memory\n\n", rtt,
			base.wall.Seconds()/m.wall.Seconds(), m.cpu.Seconds()/base.cpu.Seconds(), float64(m.rss)/float64(base.rss))
	}
	return nil
}

// middle is the median of every figure, and the worst of the counts.
func middle(all []figures) figures {
	pick := func(get func(figures) int64) int64 {
		var v []int64
		for _, f := range all {
			v = append(v, get(f))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	m := figures{wall: time.Duration(pick(func(f figures) int64 { return int64(f.wall) })),
		cpu: time.Duration(pick(func(f figures) int64 { return int64(f.cpu) })), rss: pick(func(f figures) int64 { return f.rss })}
	m.outcome = all[0].outcome
	for _, f := range all {
		m.outcome.Devices = min(m.outcome.Devices, f.outcome.Devices)
		m.outcome.Outputs = min(m.outcome.Outputs, f.outcome.Outputs)
		m.outcome.Wrong = max(m.outcome.Wrong, f.outcome.Wrong)
		m.outcome.Missing = max(m.outcome.Missing, f.outcome.Missing)
	}
	return m
}

// runClient runs one client as a process and reads the system's account of it.
func runClient(ctx context.Context, name string, concurrency int, world []byte) (figures, error) {
	self, err := os.Executable()
	if err != nil {
		return figures{}, err
	}
	args := []string{"-role", name, "-concurrency", fmt.Sprint(concurrency)}
	if name == clientNames[0] && profileTo != "" {
		args = append(args, "-cpuprofile", profileTo)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stdin = bytes.NewReader(world)
	cmd.Stderr = os.Stderr
	start := time.Now()
	text, err := cmd.Output()
	if err != nil {
		return figures{}, err
	}
	f := figures{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: maxRSS(cmd.ProcessState)}
	return f, json.Unmarshal(text, &f.outcome)
}
