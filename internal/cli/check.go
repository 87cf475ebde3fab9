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
	"slpdoctor/internal/report"
	"slpdoctor/inventory"
)

type checkCommand struct {
	choice
	output
	sources  []string
	topology string
}

func newCheck(a *app) *cobra.Command {
	var o checkCommand
	c := &cobra.Command{
		Use:   "check PATH...",
		Short: "The same checks offline: bundles, folders of text, pasted terminal logs, show tech-support files",
		Long: "Check what was collected before. PATH is a bundle of run --save or collect, a folder with one folder of\n" +
			"text files per device, a folder of text files named after their commands, a pasted terminal log, a\n" +
			"show tech-support file, or - for standard input. Nothing is contacted.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, paths []string) error { return o.run(a, paths) },
	}
	f := c.Flags()
	f.StringArrayVarP(&o.sources, "inventory", "i", nil, "inventory `SRC` for tags, topology and expectations, by device name")
	f.StringVar(&o.topology, "topology", "", "declare the topology `ID` instead of inferring it")
	o.choice.flags(c)
	o.output.flags(c)
	return c
}

func (o *checkCommand) run(a *app, paths []string) error {
	if err := o.output.check(); err != nil {
		return err
	}
	if err := knownTopology(o.topology); err != nil {
		return err
	}
	cat, err := o.choice.catalogue()
	if err != nil {
		return err
	}
	declared, err := o.declared(a)
	if err != nil {
		return err
	}
	head := diag.Run{ID: newID(), Started: a.Now().UTC(), Mode: "check"}
	results, err := o.judge(a, &head, paths, cat, declared)
	if err != nil {
		return err
	}
	head.Finished = a.Now().UTC()
	head.Interrupted = a.Context.Err() != nil
	return a.deliver(&o.output, summarise(diag.Tool{Name: "slpdoctor", Version: version()}, head, results))
}

// declared is what an inventory says of devices, by name.
func (o *checkCommand) declared(a *app) (map[string]diag.Device, error) {
	if len(o.sources) == 0 {
		return nil, nil
	}
	inv, err := inventory.Load(o.sources, inventory.Options{Stdin: a.In, Home: a.Getenv("HOME"), SSHConfig: "none"})
	if err != nil {
		return nil, usage(err, "")
	}
	out := map[string]diag.Device{}
	for _, d := range inv.Devices {
		out[d.Name] = d.Declared()
	}
	return out, nil
}

func (o *checkCommand) judge(a *app, head *diag.Run, paths []string, cat engine.Catalogue, declared map[string]diag.Device) ([]diag.DeviceResult, error) {
	results := []diag.DeviceResult{}
	at := map[string]string{}
	for _, path := range paths {
		src, err := bundle.Open(path, a.In, iosxe.Catalogue())
		if err != nil {
			return nil, usage(err, "")
		}
		if m := src.Manifest; m != nil {
			head.HostKey, head.Passive = m.Run.HostKey, m.Run.Passive
			head.Interrupted = m.Run.Interrupted
		}
		for _, n := range src.Unused {
			a.hint("%s", unused(n))
		}
		for ev, err := range src.Devices() {
			if err != nil {
				return nil, usage(err, "")
			}
			if a.Context.Err() != nil {
				break
			}
			for _, n := range ev.Unused {
				a.hint("%s", unused(n))
			}
			if other, twice := at[ev.Device.Name]; twice {
				return nil, usage(fmt.Errorf("%s: the device %q is also in %s", path, ev.Device.Name, other), "check one of them at a time")
			}
			at[ev.Device.Name] = path
			r := o.device(ev, cat, declared)
			o.waivers.apply(&r, head.Started)
			o.output.ticket(len(results), r, ev.Captures)
			results = append(results, r)
		}
	}
	if len(results) == 0 {
		return nil, usage(errors.New("no device output was found"), "see slpdoctor check --help for what can be read")
	}
	return results, nil
}

func unused(n bundle.Note) string {
	where := n.Path
	if n.Line > 0 {
		where = fmt.Sprintf("%s:%d", n.Path, n.Line)
	}
	return report.Clean(where + ": not used: " + n.Text)
}

// device judges the evidence of one device.
func (o *checkCommand) device(ev bundle.Evidence, cat engine.Catalogue, declared map[string]diag.Device) diag.DeviceResult {
	dev := ev.Device
	if d, ok := declared[dev.Name]; ok {
		dev = d
		dev.Platform = ev.Device.Platform // the answers are what they are
	}
	if o.topology != "" {
		dev.Topology = diag.TopologyID(o.topology)
	}
	d := engine.Unexamined(dev)
	if fleet.Heard(ev.Captures) {
		d = cat.Examine(diag.NewFacts(dev, ev.Captures...), planOrder(dev.Platform, cat))
	}
	locate(d.Results, ev.Captures)
	d.ElapsedMS = ev.Elapsed.Milliseconds()
	if d.Error == nil {
		d.State, d.Error = ev.State, ev.Fault
	}
	if d.State == diag.Examined && dev.Platform == "" && !slices.ContainsFunc(ev.Captures, aboutLicensing) {
		d.State = diag.Partial
		d.Error = &diag.Fault{Class: "no_licence_output", Stage: "read", Message: "show license tech support, all or status is not among what was given",
			Hint: "add the output of show license tech support, or of show license all"}
	}
	return d
}

// aboutLicensing reports an answer, or the refusal of one, without which nothing can be said of licensing.
func aboutLicensing(c diag.Capture) bool {
	return c.Outcome != diag.NotRun && (c.Command == &iosxe.ShowLicenseTechSupport.Command ||
		c.Command == &iosxe.ShowLicenseAll.Command || c.Command == &iosxe.ShowLicenseStatus.Command)
}

// locate says where in a pasted log the evidence stands.
func locate(results []diag.Result, captures []diag.Capture) {
	for _, c := range captures {
		if c.Path == "" {
			continue
		}
		for _, r := range results {
			for i := range r.Evidence {
				if e := &r.Evidence[i]; e.Command == c.Line && e.Line > 0 {
					e.Source = &diag.Place{Path: c.Path, Line: c.FirstLine + e.Line - 1}
				}
			}
		}
	}
}

// planOrder is every command of a platform's catalogue, those that a run would send first and in its order.
func planOrder(platform string, cat engine.Catalogue) []*diag.Command {
	order := engine.PlanFor(platform, cat)
	for _, c := range platformOf(platform).lines() {
		if !slices.Contains(order, c) {
			order = append(order, c)
		}
	}
	return order
}
