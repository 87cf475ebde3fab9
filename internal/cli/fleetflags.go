package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/inventory"
)

// selection is which devices a command is about.
type selection struct {
	sources   []string
	format    string
	limit     []string
	exclude   []string
	username  string
	jump      string
	sshConfig string
	topology  string
	askPass   bool
	askEnable bool
	key       string
}

func (s *selection) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&s.sources, "inventory", "i", nil, "inventory `SRC`, repeatable: YAML, CSV, a plain list, or - for stdin")
	f.StringVar(&s.format, "inventory-format", "", "yaml, csv or list (default: detected)")
	f.StringArrayVarP(&s.limit, "limit", "l", nil, "only devices that match `EXPR`: name=glob, tag:key=value, addr=CIDR, group=name, @file")
	f.StringArrayVar(&s.exclude, "exclude", nil, "no devices that match `EXPR`")
	f.StringVarP(&s.username, "username", "u", "", "`USER` to log in as, where the inventory names none")
	f.StringVarP(&s.jump, "jump", "J", "", "jump hosts `USER@HOST:PORT,...`, the nearest first; none keeps ssh_config from adding one")
	f.StringVar(&s.sshConfig, "ssh-config", "", "OpenSSH client configuration `FILE`, or none (default ~/.ssh/config)")
	f.StringVar(&s.topology, "topology", "", "declare the topology `ID` instead of inferring it")
	f.BoolVar(&s.askPass, "ask-pass", false, "ask for the password")
	f.BoolVar(&s.askEnable, "ask-enable", false, "ask for the enable secret")
	f.StringVar(&s.key, "key", "", "private key `FILE` to log in with")
}

// knownTopology is the usage error of a --topology that names none; "" declares nothing.
func knownTopology(id string) error {
	if id == "" || diag.TopologyID(id).Valid() {
		return nil
	}
	return usage(fmt.Errorf("--topology %q is not a topology", id), fmt.Sprintf("there are %v", diag.TopologyIDs()))
}

// load reads the inventory, or takes the HOST arguments as they are, and picks the devices. All its errors
// are usage errors: nothing was contacted.
func (s *selection) load(a *app, hosts []string) (*inventory.Inventory, []inventory.Device, error) {
	if err := knownTopology(s.topology); err != nil {
		return nil, nil, err
	}
	format, err := inventory.ParseFormat(s.format)
	if err != nil {
		return nil, nil, usage(err, "")
	}
	cred, err := inventory.DefaultCredential(inventory.CommandLine{AskPass: s.askPass, AskEnable: s.askEnable, Key: s.key}, a.Getenv)
	if err != nil {
		return nil, nil, usage(err, "")
	}
	o := inventory.Options{Format: format, Stdin: a.In, Home: a.Getenv("HOME"), SSHConfig: s.sshConfig, Username: s.username,
		Jump: s.jump, Topology: diag.TopologyID(s.topology), Default: cred}
	var inv *inventory.Inventory
	switch {
	case len(s.sources) > 0:
		inv, err = inventory.Load(s.sources, o)
	case len(hosts) > 0:
		inv, err = inventory.FromHosts(hosts, o)
		hosts = nil
	default:
		return nil, nil, usage(errors.New("no device given"), "name HOSTs, or an inventory with -i; slpdoctor inventory example prints one")
	}
	if err != nil {
		return nil, nil, usage(err, "")
	}
	for _, w := range inv.Warnings {
		a.hint("warning: %v", w)
	}
	found, err := inv.Select(inventory.Query{Hosts: hosts, Limit: s.limit, Exclude: s.exclude})
	if err != nil {
		return nil, nil, usage(err, "")
	}
	for _, u := range found.Unmatched {
		a.hint("warning: %s matches no device", u)
	}
	if n := len(found.Disabled); n > 0 {
		a.hint("%d disabled in the inventory, not contacted", n)
	}
	if len(found.Devices) == 0 {
		return nil, nil, usage(errors.New("no device is left after the filters"), "slpdoctor inventory list shows what there is")
	}
	if s.topology != "" {
		for i := range found.Devices {
			found.Devices[i].Topology = diag.TopologyID(s.topology)
		}
	}
	return inv, found.Devices, nil
}

// connection is how devices are reached.
type connection struct {
	sessions       int
	logins         int
	timeout        time.Duration
	connectTimeout time.Duration
	commandTimeout time.Duration
	maxTime        time.Duration
	hostKey        string
	knownHosts     []string
	profile        string
	insecure       bool
	passive        bool
	runnerClock    string
	prompt         func(context.Context, string) (inventory.Secret, error) // instead of the terminal; nil is the terminal
}

func (n *connection) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVarP(&n.sessions, "concurrency", "c", 100, "sessions at once")
	f.IntVar(&n.logins, "handshakes", 20, "logins at once")
	f.DurationVar(&n.timeout, "timeout", 5*time.Minute, "time limit per device")
	f.DurationVar(&n.connectTimeout, "connect-timeout", 10*time.Second, "time limit of a TCP connection")
	f.DurationVar(&n.commandTimeout, "command-timeout", 2*time.Minute, "time limit of one command")
	f.DurationVar(&n.maxTime, "max-time", 0, "time limit of the whole run; what is not reached is reported as not-run")
	f.StringVar(&n.hostKey, "host-key", "strict", "strict, accept-new or off")
	f.StringArrayVar(&n.knownHosts, "known-hosts", nil, "known_hosts `FILE`, repeatable (default ~/.ssh/known_hosts)")
	f.StringVar(&n.profile, "ssh-profile", "default", "SSH algorithms: default, legacy or strict")
	f.BoolVar(&n.insecure, "insecure-password", false, "with --host-key off, send passwords to hosts whose key nobody checked")
	f.BoolVar(&n.passive, "passive", false, "send no ping")
	f.StringVar(&n.runnerClock, "runner-clock", "auto", "whether this machine's clock may judge the devices' clocks: auto, synced or unsynced")
}

func (n *connection) check() error {
	for _, w := range []struct {
		flag, value string
		words       []string
	}{
		{"--host-key", n.hostKey, []string{"strict", "accept-new", "off"}},
		{"--ssh-profile", n.profile, []string{"default", "legacy", "strict"}},
		{"--runner-clock", n.runnerClock, []string{"auto", "synced", "unsynced"}},
	} {
		if !slices.Contains(w.words, w.value) {
			return usage(fmt.Errorf("%s is %q: want one of %v", w.flag, w.value, w.words), "")
		}
	}
	if n.sessions < 1 || n.logins < 1 {
		return usage(errors.New("--concurrency and --handshakes must be at least 1"), "")
	}
	if n.timeout <= 0 || n.connectTimeout <= 0 || n.commandTimeout <= 0 || n.maxTime < 0 {
		return usage(errors.New("time limits must be positive"), "")
	}
	return nil
}

// synced reports whether the runner's clock may judge.
func (n *connection) synced() bool {
	switch n.runnerClock {
	case "synced":
		return true
	case "unsynced":
		return false
	}
	return kernelSynced()
}

// bound bounds a context by --max-time, with the cause that reports show.
func (n *connection) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if n.maxTime == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, n.maxTime, errMaxTime)
}
