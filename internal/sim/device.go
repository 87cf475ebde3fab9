package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Spec says what a device is when it boots. PID, Serial, Release and Boot are
// required; everything else has a use when zero.
type Spec struct {
	Name     string            // name in the inventory; "" uses the host name
	Story    string            // one line: what is wrong with it, or that nothing is
	Tags     map[string]string // inventory tags
	Topology string            // topology id to declare in the inventory; "" declares none
	PID      string
	Serial   string
	Members  []Member // further members of a stack or HA pair, the standby first
	Release  string   // 17.9.4a
	Config   string   // start-up configuration, as typed after "configure terminal"
	World    *World   // nil: nothing answers
	Boot     time.Time
	Skew     time.Duration // how far the clock is off until NTP corrects it
	Licences []Licence     // nil: what the platform uses by default

	Unplugged  []string // interfaces without link
	Trustpool  []string // root CAs of the built-in pool; nil: those of the release
	NoSLA      bool     // SLA-TrustPoint has been deleted
	Controller bool     // Controller-Managed (SD-WAN)
	Collector  string   // address of a CSLU or On-Prem that pulls daily; "" nobody does

	Faults Faults // how its SSH server misbehaves
	Down   bool   // nothing listens on its port
}

// Member is one chassis or supervisor of an HA system.
type Member struct {
	Role string // Standby, Member
	PID  string
	SN   string
}

// Device is one simulated device. Its methods may be called from several
// goroutines. The zero value is not usable; NewDevice makes one.
type Device struct {
	Name     string
	Story    string
	Tags     map[string]string
	Topology string
	Faults   Faults
	Down     bool

	spec      Spec
	rel       release
	lay       layout
	plat      platform
	world     *World
	unplugged []string
	members   []Member // the active one first
	manager   *manager // of a vManage, which has nothing else but names, faults and the time

	mu    sync.Mutex
	cfg   config
	now   time.Time // true time, UTC
	skew  time.Duration
	clock clockState
	agent agent
	log   []logEntry
	cache map[string]string
}

// NewDevice boots a device. It fails when the release, the product or a line of
// the configuration is unknown.
func NewDevice(s Spec) (*Device, error) {
	rel, err := parseRelease(s.Release)
	if err != nil {
		return nil, err
	}
	plat, err := platformOf(s.PID)
	if err != nil {
		return nil, err
	}
	d := &Device{
		Story: s.Story, Tags: s.Tags, Topology: s.Topology, Faults: s.Faults, Down: s.Down,
		spec: s, rel: rel, lay: rel.layout(), plat: plat, world: cmp.Or(s.World, &World{}),
		unplugged: slices.Clone(s.Unplugged), now: s.Boot, skew: s.Skew, cache: map[string]string{},
		members: append([]Member{{Role: "Active", PID: s.PID, SN: s.Serial}}, s.Members...),
	}
	base := fmt.Sprintf("version %d.%d\nservice timestamps debug datetime msec\nservice timestamps log datetime msec\n"+
		"hostname %s\nlicense udi pid %s sn %s\n", rel.num[0], rel.num[1], cmp.Or(s.Name, "Switch"), s.PID, s.Serial)
	if !s.NoSLA {
		base += "crypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl\n" +
			"crypto pki certificate chain SLA-TrustPoint\n certificate ca 01\n"
	}
	if err := d.enter(base, s.Config); err != nil {
		return nil, fmt.Errorf("booting %s: %w", s.Name, err)
	}
	d.Name = cmp.Or(s.Name, d.hostname())
	d.boot()
	return d, nil
}

// Configure interprets lines as if typed after "configure terminal". An unknown
// line is an error; the lines before it stay applied, as on a device. The
// licensing agent reacts when time passes (Settle).
func (d *Device) Configure(lines ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	if err := d.enter(lines...); err != nil {
		return fmt.Errorf("configuring %s: %w", d.Name, err)
	}
	d.logf("SYS-5-CONFIG_I", "Configured from console by admin on vty0 (192.0.2.250)")
	return nil
}

// enter interprets configuration lines and what they do at once. A certificate chain goes with its
// trustpoint.
func (d *Device) enter(lines ...string) error {
	err := d.cfg.configure(lines...)
	d.cfg.lines = slices.DeleteFunc(d.cfg.lines, func(l *line) bool {
		return l.rule.enter == inChain && d.trustpoint(l.args["name"]) == nil
	})
	for _, l := range d.cfg.acts {
		if l.rule.literal == "crypto pki authenticate" {
			err = errors.Join(err, d.authenticate(l.args["name"]))
		} else {
			d.importRoots()
		}
	}
	d.cfg.acts = nil
	return err
}

// World is what surrounds the device. Changing it changes it for every device that shares it.
func (d *Device) World() *World { return d.world }

// Settle lets time pass: reports are measured, and the agent makes the attempts
// it would have made, against the configuration and the world as they are now.
func (d *Device) Settle(span time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.manager != nil {
		d.now = d.now.Add(span)
		return
	}
	clear(d.cache)
	d.settle(d.now.Add(span))
}

// Unplug takes interfaces down as if their cables were pulled.
func (d *Device) Unplug(names ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	for _, n := range names {
		d.unplugged = append(d.unplugged, n)
		d.logf("LINEPROTO-5-UPDOWN", "Line protocol on Interface %s, changed state to down", n)
	}
}

// ImportTrustpool plays "crypto pki trustpool import": the built-in pool now
// holds exactly these root CAs.
func (d *Device) ImportTrustpool(roots ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.spec.Trustpool = roots
}

// Hostname is the configured host name.
func (d *Device) Hostname() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.manager != nil {
		return d.manager.spec.Name
	}
	return d.hostname()
}

func (d *Device) hostname() string { return arg(d.cfg.lines, "hostname", "name") }

// Now is the true time on the device's site, UTC; its clock may differ.
func (d *Device) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// Run answers one exec command at privilege 15: the output as a terminal would
// show it, lines ended by \n, without echo and prompt. What the device does not
// know is answered with IOS XE's error text.
func (d *Device) Run(command string) string {
	if d.manager != nil {
		return d.manager.exec(command, d.Now().Add(d.skew))
	}
	return d.run(command, 15)
}

func (d *Device) run(command string, privilege int) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := fmt.Sprint(privilege, " ", strings.TrimSpace(command))
	if out, ok := d.cache[key]; ok {
		return out
	}
	out := d.exec(command, privilege)
	d.cache[key] = out
	return out
}
