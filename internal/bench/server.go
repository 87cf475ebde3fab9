package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"time"

	"slpdoctor/internal/sim"
)

const (
	user     = "bench"
	password = "bench-password"
)

// fleetWorld is what a client needs to know, handed over as JSON.
type fleetWorld struct {
	KnownHosts string   `json:"known_hosts"`
	Devices    []device `json:"devices"`
}

// device is where a device listens and what it prints to every line of the plan.
type device struct {
	Name    string   `json:"name"`
	Host    string   `json:"host"`
	Port    int      `json:"port"`
	Answers []answer `json:"answers"`
}

// answer is a line and the digests of what the device prints to it: as it is, and with secrets masked.
type answer struct {
	Line   string `json:"line"`
	Raw    string `json:"raw"`
	Masked string `json:"masked"`
}

// digest stands for a text whatever blanks end its lines: the rival trims them.
func digest(text string) string {
	lines := make([]byte, 0, len(text)+1)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.TrimRight(line, " \t\r\n")...)
		lines = append(lines, '\n')
	}
	sum := sha256.Sum256(lines)
	return hex.EncodeToString(sum[:12])
}

// serve runs the fleet until ctx ends; its description is one line of JSON on stdout.
func serve(ctx context.Context, n int, rtt, think time.Duration) error {
	var fleet []*sim.Device
	for i := 0; len(fleet) < n; i++ {
		for _, d := range sim.DemoFleet() {
			if !d.Down && reflect.DeepEqual(d.Faults, sim.Faults{}) && len(fleet) < n {
				d.Name = fmt.Sprintf("%s-%d", d.Name, i)
				fleet = append(fleet, d)
			}
		}
	}
	srv, err := sim.Serve(ctx, sim.Options{Devices: fleet, Username: user, Password: password, RTT: rtt, Think: think})
	if err != nil {
		return err
	}
	defer srv.Close()
	w := fleetWorld{KnownHosts: string(srv.KnownHosts())}
	for _, d := range fleet {
		host, port, err := net.SplitHostPort(srv.Addr(d.Name))
		if err != nil {
			return err
		}
		p, _ := strconv.Atoi(port)
		w.Devices = append(w.Devices, device{Name: d.Name, Host: host, Port: p, Answers: rehearse(ctx, d)})
	}
	if err := json.NewEncoder(os.Stdout).Encode(w); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// running is a served fleet in a process of its own.
type running struct {
	world []byte
	stop  func()
}

func startFleet(ctx context.Context, devices int, rtt, think time.Duration) (*running, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-role", "serve", "-devices", fmt.Sprint(devices), "-role-rtt", rtt.String(), "-think", think.String())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReaderSize(out, 1<<20).ReadBytes('\n')
	if err != nil {
		stop()
		return nil, fmt.Errorf("starting the fleet: %w", err)
	}
	return &running{world: bytes.TrimSpace(line), stop: stop}, nil
}
