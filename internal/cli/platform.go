package cli

import (
	"fmt"
	"io"
	"slices"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/viptela"
	"slpdoctor/inventory"
)

// platform is one kind of device: its name for people and every line that may be sent to it.
type platform struct {
	id      string // as diag.Device.Platform
	name    string
	session []string // the lines of the session itself
	prepare []string // of these, those that are typed after the login; nil is what IOS XE needs
	lines   func() []*diag.Command
}

// platforms are the kinds of devices, IOS XE first.
var platforms = []platform{
	{"", "IOS XE", sessionLines(), nil, iosxe.Catalogue},
	{diag.PlatformVManage, "vManage", append(slices.Clone(viptela.Prepare), viptela.Shell, "exit"), viptela.Prepare, viptela.Catalogue},
}

// platformOf is the kind of a device.
func platformOf(id string) platform {
	if i := slices.IndexFunc(platforms, func(p platform) bool { return p.id == id }); i >= 0 {
		return platforms[i]
	}
	return platforms[0]
}

// isVManage reports a device whose commands are not those of IOS XE.
func isVManage(d inventory.Device) bool { return d.Platform == diag.PlatformVManage }

// plan is what is sent to devices of a platform: for checks, or everything to collect.
func (p platform) plan(cat engine.Catalogue, mode string) []*diag.Command {
	if mode == "collect" {
		return p.lines()
	}
	return engine.PlanFor(p.id, cat)
}

// dialers are the ways in, one for each kind of device, so that a line of one can not reach another.
type dialers map[string]*collect.Dialer

func newDialers(o collect.Options) dialers {
	out := dialers{}
	for _, p := range platforms {
		o.Commands, o.Prepare = p.lines(), p.prepare
		out[p.id] = collect.NewDialer(o)
	}
	return out
}

func (d dialers) close() {
	for _, one := range d {
		one.Close()
	}
}

// dryPlan prints what would be sent to the devices of every platform that is among them.
func (n *connection) dryPlan(w io.Writer, devices []inventory.Device, cat engine.Catalogue, mode string) error {
	for _, p := range platforms {
		if !slices.ContainsFunc(devices, func(d inventory.Device) bool { return d.Declared().Platform == p.id }) {
			continue
		}
		head := "Commands, each once per device:"
		if slices.ContainsFunc(devices, isVManage) {
			head = "Commands for " + p.name + ", each once per device:"
		}
		fmt.Fprintf(w, "\n%s\n", head)
		for _, c := range p.plan(cat, mode) {
			note := ""
			switch _, skipped := n.skipped()[c]; {
			case skipped:
				note = "   (not sent: --passive)"
			case c.Plan != nil && c.Inside == "":
				note = "   (when what was read before gives the values)"
			case c.Plan != nil:
				note = "   (in " + c.Inside + ", when what was read before asks for it)"
			case c.Inside != "":
				note = "   (in " + c.Inside + ")"
			}
			if _, err := fmt.Fprintf(w, "  %s%s\n", shown(c), note); err != nil {
				return err
			}
		}
	}
	return nil
}
