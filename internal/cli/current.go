package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fleet"
	"slpdoctor/internal/iosxe"
	"slpdoctor/inventory"
)

// current is where a command that is about something else learns what devices say now: from what was
// collected before, or from the devices themselves, in the way run does.
type current struct {
	selection
	connection
	from []string
}

func (c *current) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.from, "from", nil, "what devices said before: a bundle or anything else that check reads, `PATH`, repeatable")
	c.selection.flags(cmd)
	c.connection.flags(cmd)
}

// given reports whether there are devices to compare with.
func (c *current) given() bool { return len(c.from)+len(c.sources) > 0 }

// check takes whether the command itself reads standard input.
func (c *current) check(stdin bool) error {
	if stdin && slices.Contains(slices.Concat(c.from, c.sources), "-") {
		return usage(errors.New("standard input can be read once"), "name a file instead of one of the -")
	}
	if len(c.from) > 0 && len(c.sources) > 0 {
		return usage(errors.New("--from and -i exclude each other"), "--from reads what was collected before, -i asks the devices now")
	}
	if err := knownTopology(c.topology); err != nil {
		return err
	}
	return c.connection.check()
}

// seen is one device as it is now.
type seen struct {
	diag.DeviceResult
	facts    *diag.Facts
	hostname string // in its prompt, "" when none was seen
}

// devices are the devices in the order of the bundle or inventory, with the verdicts of the checks. Live, the
// commands of plan are sent.
func (c *current) devices(a *app, checks engine.Catalogue, plan []*diag.Command) ([]seen, error) {
	switch {
	case len(c.sources) > 0:
		return c.live(a, checks, plan)
	case len(c.from) > 0:
		return c.collected(a, checks)
	}
	return nil, nil
}

func (c *current) collected(a *app, checks engine.Catalogue) ([]seen, error) {
	var out []seen
	at := map[string]string{}
	offline := checkCommand{topology: c.topology}
	for _, path := range c.from {
		src, err := bundle.Open(path, a.In, iosxe.Catalogue())
		if err != nil {
			return nil, usage(err, "--from takes what check takes: see slpdoctor check --help")
		}
		for ev, err := range src.Devices() {
			switch {
			case err != nil:
				return nil, usage(err, "")
			case a.Context.Err() != nil:
				return nil, status(engine.ExitInterrupt)
			case at[ev.Device.Name] != "":
				return nil, usage(fmt.Errorf("%s: the device %q is also in %s", path, ev.Device.Name, at[ev.Device.Name]), "give one of them")
			}
			at[ev.Device.Name] = path
			out = append(out, seen{offline.device(ev, checks, nil), diag.NewFacts(ev.Device, ev.Captures...), ev.Hostname})
		}
	}
	return c.limited(a, out)
}

// limited leaves the devices that --limit and --exclude want.
func (c *current) limited(a *app, all []seen) ([]seen, error) {
	inv := inventory.Inventory{}
	for _, d := range all {
		inv.Devices = append(inv.Devices, inventory.Device{Name: d.Name, Address: d.Address, Tags: d.Tags, Groups: d.facts.Device.Groups})
	}
	found, err := inv.Select(inventory.Query{Limit: c.limit, Exclude: c.exclude})
	if err != nil {
		return nil, usage(err, "")
	}
	for _, u := range found.Unmatched {
		a.hint("warning: %s matches no device", u)
	}
	wanted := map[string]bool{}
	for _, d := range found.Devices {
		wanted[d.Name] = true
	}
	out := slices.DeleteFunc(all, func(d seen) bool { return !wanted[d.Name] })
	if len(out) == 0 {
		return nil, usage(errors.New("no device is left to compare with"), "see slpdoctor check --help for what can be read")
	}
	return out, nil
}

func (c *current) live(a *app, checks engine.Catalogue, plan []*diag.Command) ([]seen, error) {
	inv, devices, err := c.selection.load(a, nil)
	if err != nil {
		return nil, err
	}
	asLocalUser(devices, a.Getenv("USER"))
	if n := len(devices); slices.ContainsFunc(devices, isVManage) {
		devices = slices.DeleteFunc(devices, isVManage)
		a.hint("%d left out: vManage says nothing that this compares with", n-len(devices))
	}
	targets, done, err := c.connection.targets(a, inv, devices)
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := c.bound(a.Context)
	defer cancel()
	out := make([]seen, len(targets))
	watch, stop := a.watch(len(targets))
	fleet.Run(ctx, targets, fleet.Options{Sessions: c.sessions, Logins: c.logins, Timeout: c.timeout, Plan: plan,
		Skip: c.skipped(), Checks: checks, ClockSynced: c.synced(), Now: a.Now, Progress: watch},
		func(i int, r diag.DeviceResult, captures []diag.Capture) {
			out[i] = seen{DeviceResult: r, facts: diag.NewFacts(targets[i].Device, captures...)}
		})
	stop()
	if a.Context.Err() != nil {
		return nil, status(engine.ExitInterrupt)
	}
	return out, nil
}
