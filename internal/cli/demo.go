package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fleet"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/sim"
	"slpdoctor/inventory"
)

// What the simulated devices accept. It guards nothing: they exist on loopback only.
const (
	simUser        = "demo"
	simPassword    = "practice"
	simPasswordEnv = "SLPDOCTOR_SIM_PASSWORD"
)

// ownWorld marks commands that read no settings of the user.
const ownWorld = "own-world"

func newDemo(a *app) *cobra.Command {
	var o runCommand
	c := &cobra.Command{
		Use:   "demo [NAME...]",
		Short: "Audit the embedded simulated fleet over real SSH on loopback: the first thing to run",
		Long: "Start a simulated fleet on 127.0.0.1, healthy and broken devices of every topology, and audit it like\n" +
			"run does. It shows the same fleet on the same date every time, touches no agent, known_hosts or settings\n" +
			"of yours, and exits 0: findings are its purpose.",
		Annotations: map[string]string{ownWorld: ""},
		RunE:        func(_ *cobra.Command, names []string) error { return o.demo(a, names) },
	}
	f := c.Flags()
	f.StringArrayVarP(&o.limit, "limit", "l", nil, "only devices that match `EXPR`: name=glob, tag:key=value, addr=CIDR, group=name, @file")
	f.StringArrayVar(&o.exclude, "exclude", nil, "no devices that match `EXPR`")
	f.BoolVar(&o.passive, "passive", false, "send no ping")
	f.StringVar(&o.save, "save", "", "keep the evidence in a bundle `DIR`")
	o.choice.flags(c)
	o.output.flags(c)
	c.AddCommand(newDemoReconcile(a))
	return c
}

func (o *runCommand) demo(a *app, names []string) error {
	o.connection = connection{sessions: 20, logins: 20, timeout: time.Minute, connectTimeout: 10 * time.Second,
		commandTimeout: time.Minute, hostKey: "strict", profile: "default", runnerClock: "synced", passive: o.passive}
	o.exitZero = true
	if err := o.output.check(); err != nil {
		return err
	}
	cat, err := o.choice.catalogue()
	if err != nil {
		return err
	}
	srv, err := sim.Serve(a.Context, sim.Options{Devices: sim.DemoFleet(), Username: simUser, Password: simPassword})
	if err != nil {
		return fmt.Errorf("starting the simulated fleet: %w", err)
	}
	defer srv.Close()
	inv, err := inventory.Load([]string{"-"}, inventory.Options{Stdin: bytes.NewReader(srv.Inventory()), SSHConfig: "none"})
	if err != nil {
		return fmt.Errorf("reading the simulated fleet's inventory: %w", err)
	}
	found, err := inv.Select(inventory.Query{Hosts: names, Limit: o.limit, Exclude: o.exclude})
	if err != nil {
		return usage(err, "")
	}
	if len(found.Devices) == 0 {
		return usage(errors.New("no device is left after the filters"), "")
	}
	known, err := knownHosts(srv.KnownHosts())
	if err != nil {
		return err
	}
	dialer := collect.NewDialer(collect.Options{Commands: iosxe.Catalogue(), KnownHosts: known, AgentSocket: "none"})
	defer dialer.Close()
	resolver := inventory.NewResolver(inv.Credentials, inventory.Seams{
		Getenv: func(name string) (string, bool) { return simPassword, name == simPasswordEnv }})
	w := work{app: a, mode: "demo", id: "demo", output: &o.output, connection: &o.connection, plan: engine.Plan(cat), checks: cat, save: o.save,
		choice: o.choice, now: func() time.Time { return sim.DemoTime }, synced: true}
	keys := &keyring{}
	for _, d := range found.Devices {
		w.targets = append(w.targets, fleet.Target{Device: d.Declared(), Credential: credentialKey(d),
			Open: func(ctx context.Context) (fleet.Session, error) { return open(ctx, dialer, resolver, keys, d) }})
	}
	return w.do()
}

// knownHosts reads host keys that were just made; the reader wants a file.
func knownHosts(text []byte) (*collect.KnownHosts, error) {
	dir, err := os.MkdirTemp("", "slpdoctor-demo-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	return collect.LoadKnownHosts(path)
}

// simFleets are the fleets that sim serves.
var simFleets = map[string]func(time.Time) []*sim.Device{"demo": sim.DemoFleetAt, "sdwan": sim.SDWANFleetAt}

func newSim(a *app) *cobra.Command {
	var dir, fleet string
	var rtt, think time.Duration
	var port int
	c := &cobra.Command{
		Use:   "sim --dir DIR",
		Short: "Serve the simulated fleet on 127.0.0.1 until interrupted, for practice and for tests of other tools",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if dir == "" {
				return usage(errors.New("sim needs --dir DIR"), "it writes an inventory and the host keys there")
			}
			build, ok := simFleets[fleet]
			if !ok {
				return usage(fmt.Errorf("--fleet %q: want demo or sdwan", fleet), "")
			}
			srv, err := sim.Serve(a.Context, sim.Options{Devices: build(a.Now().UTC().Truncate(time.Second)),
				BasePort: port, Username: simUser, Password: simPassword, RTT: rtt, Think: think, Live: true})
			if err != nil {
				return fmt.Errorf("starting the simulated fleet: %w", err)
			}
			defer srv.Close()
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return usage(err, "")
			}
			inventoryFile, hostsFile := filepath.Join(dir, "inventory.yaml"), filepath.Join(dir, "known_hosts")
			for path, text := range map[string][]byte{inventoryFile: srv.Inventory(), hostsFile: srv.KnownHosts()} {
				if err := a.write(path, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
					return usage(fmt.Errorf("writing %s: %w", path, err), "")
				}
			}
			fmt.Fprintf(a.Out, "The simulated fleet listens on 127.0.0.1. In another terminal:\n\n"+
				"  export %s=%s\n  slpdoctor run -i %s --known-hosts %s\n\nCtrl-C ends it.\n",
				simPasswordEnv, simPassword, inventoryFile, hostsFile)
			<-a.Context.Done()
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "", "where to write inventory.yaml and known_hosts")
	f.StringVar(&fleet, "fleet", "demo", "what to serve: demo, or sdwan (vManages and what stands beside them)")
	f.IntVar(&port, "base-port", 0, "the first device's port, the next ones follow (default: any free ports)")
	f.DurationVar(&rtt, "rtt", 0, "round-trip time of every connection")
	f.DurationVar(&think, "think", 0, "how long every command takes")
	return c
}
