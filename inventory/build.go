package inventory

import (
	"maps"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/spelling"
)

// builder merges sources and resolves every reference between them.
type builder struct {
	*loader
	inv      *Inventory
	groups   map[string]groupEntry
	names    map[string]Position // of devices
	ssh      *sshConfig
	targets  map[string]Device // by address and way
	groupIDs []string
	jumpIDs  []string
	credIDs  []string
}

func (l *loader) build(parsed []*source, order []string) (*Inventory, error) {
	b := &builder{
		loader:  l,
		inv:     &Inventory{Jumps: map[string]Jump{}, Credentials: map[string]Credential{}},
		groups:  map[string]groupEntry{},
		names:   map[string]Position{},
		targets: map[string]Device{},
	}
	var err error
	if b.ssh, err = l.openSSHConfig(); err != nil {
		l.fail(Position{File: l.options.SSHConfig}, "--ssh-config none goes on without one", "%v", err)
	}
	if !l.options.Default.zero() {
		b.inv.Credentials[""] = l.options.Default
	}
	b.collect(parsed)
	lowest := b.lowest()
	for _, s := range parsed {
		layer := lowest
		if d := b.defaultsOf(s, parsed); d != nil {
			layer = d.over(lowest)
		}
		for _, d := range s.devices {
			b.device(d, layer)
		}
	}
	for name, j := range b.inv.Jumps {
		b.inv.Jumps[name] = b.ssh.jump(j)
	}
	if len(b.inv.Devices) == 0 && len(l.problems) == 0 {
		l.fail(Position{File: strings.Join(order, ", ")}, "", "no devices")
	}
	if err := l.err(order); err != nil {
		return nil, err
	}
	b.inv.Groups, b.inv.Warnings = b.groupIDs, l.warnings
	return b.inv, nil
}

// lowest is the layer below all sources: the command line.
func (b *builder) lowest() settings {
	s := settings{topology: given[string]{string(b.options.Topology), commandLine, b.options.Topology != ""}}
	if b.options.Username != "" {
		s.username = given[string]{b.options.Username, commandLine, true}
	}
	if b.options.Topology != "" && !b.options.Topology.Valid() {
		b.fail(commandLine, spelling.OrList(string(b.options.Topology), topologyNames()), "unknown topology %q", b.options.Topology)
	}
	if b.options.Jump == "" {
		return s
	}
	hops, err := ParseJumps(b.options.Jump)
	if err != nil {
		b.fail(commandLine, "", "%v", err)
	}
	s.jump.set = true
	for _, hop := range hops {
		s.jump.value = append(s.jump.value, given[string]{hop, commandLine, true})
	}
	return s
}

// collect registers what has a name, and notes names that are given twice.
func (b *builder) collect(parsed []*source) {
	places := map[string]Position{}
	fresh := func(kind, name string, pos Position) bool {
		key := kind + "\x00" + name
		if before, known := places[key]; known {
			b.fail(pos, "", "the %s %q is defined already at %s", kind, name, before)
			return false
		}
		places[key] = pos
		return true
	}
	for _, s := range parsed {
		for _, c := range s.credentials {
			if fresh("credential", c.Name, c.Source) {
				b.inv.Credentials[c.Name] = c
			}
		}
		for _, g := range s.groups {
			if fresh("group", g.name, g.pos) {
				b.groups[g.name] = g
			}
		}
	}
	b.groupIDs = slices.Sorted(maps.Keys(b.groups))
	b.credIDs = slices.DeleteFunc(slices.Sorted(maps.Keys(b.inv.Credentials)), func(name string) bool { return name == "" })
	for _, s := range parsed {
		for _, j := range s.jumps {
			if fresh("jump host", j.name, j.pos) {
				b.checkCredential(j.credential)
				b.inv.Jumps[j.name] = Jump{
					Name: j.name, Address: j.address.value, Port: j.port.value,
					Username: j.username.value, Credential: j.credential.value, Source: j.pos,
				}
			}
		}
	}
	b.jumpIDs = slices.Sorted(maps.Keys(b.inv.Jumps))
	for _, name := range b.groupIDs {
		b.checkReferences(b.groups[name].settings)
	}
	for _, s := range parsed {
		if s.defaults != nil {
			b.checkReferences(*s.defaults)
		}
	}
}

// defaultsOf are a source's own defaults. A source that cannot hold any takes those of the other sources,
// if it is clear which.
func (b *builder) defaultsOf(s *source, parsed []*source) *settings {
	if s.defaults != nil || !s.inherits {
		return s.defaults
	}
	var from *source
	for _, other := range parsed {
		if other.defaults == nil {
			continue
		}
		if from != nil {
			b.fail(Position{File: s.name}, "move the settings into groups, or load the sources one at a time",
				"which defaults apply? %s and %s both have some", from.defaultsPos, other.defaultsPos)
			return nil
		}
		from = other
	}
	if from == nil {
		return nil
	}
	return from.defaults
}

func (b *builder) checkReferences(s settings) {
	b.checkCredential(s.credential)
	for _, hop := range s.jump.value {
		b.hop(hop)
	}
}

func (b *builder) checkCredential(name given[string]) {
	if _, known := b.inv.Credentials[name.value]; name.set && !known {
		b.fail(name.pos, spelling.OrList(name.value, b.credIDs), "unknown credential %q", name.value)
	}
}

// hop finds a jump host by name; user@host[:port] needs none.
func (b *builder) hop(text given[string]) (Jump, bool) {
	if j, known := b.inv.Jumps[text.value]; known {
		return j, true
	}
	if text.pos != commandLine && !strings.Contains(text.value, "@") {
		hint := spelling.OrList(text.value, b.jumpIDs)
		if hint == "" {
			hint = "define it under jumps, or write user@host:port"
		}
		b.fail(text.pos, hint, "unknown jump host %q", text.value)
		return Jump{}, false
	}
	h, err := ParseHost(text.value)
	if err != nil {
		b.fail(text.pos, "", "jump host: %v", err)
		return Jump{}, false
	}
	return Jump{Name: text.value, Address: h.Address, Port: h.Port, Username: h.Username, Source: text.pos}, true
}

func (b *builder) device(entry deviceEntry, defaults settings) {
	if before, known := b.names[entry.name]; known {
		b.fail(entry.pos, "", "the device %q is defined already at %s", entry.name, before)
		return
	}
	b.names[entry.name] = entry.pos
	b.checkReferences(entry.settings)
	layers, groups := b.layers(entry)
	s := defaults
	for _, layer := range slices.Backward(layers) {
		s = layer.over(s)
	}
	if !s.address.set {
		if !entry.broken {
			b.fail(entry.pos, "add address: an IP address or a host name", "the device %q has no address", entry.name)
		}
		return
	}
	d := Device{
		Name: entry.name, Address: s.address.value, Port: s.port.value, Username: s.username.value,
		Credential: s.credential.value, Enable: b.enable(entry, s), Tags: s.tags, Groups: groups,
		Topology: diag.TopologyID(s.topology.value), Expect: s.expect,
		Platform: s.platform.value, SSHProfile: s.sshProfile.value, HostKey: s.hostKey.value,
		Timeout: s.timeout.value, Disabled: s.disabled.value, Source: entry.pos,
	}
	if d.Platform == "" {
		d.Platform = platforms[0]
	}
	if len(b.problems) > 0 {
		return // there will be no inventory, and references have been noted where they are written
	}
	for _, hop := range s.jump.value {
		if j, ok := b.hop(hop); ok {
			d.Jump = append(d.Jump, j)
		}
	}
	d = b.ssh.complete(d, s.jump.set)
	if !d.Disabled {
		b.warnSameTarget(d)
	}
	b.inv.Devices = append(b.inv.Devices, d)
}

// layers are the device's own settings and its groups' in the order it names them, highest first.
func (b *builder) layers(entry deviceEntry) ([]settings, []string) {
	layers := []settings{entry.settings}
	var groups []string
	for _, g := range entry.groups {
		group, known := b.groups[g.value]
		switch {
		case !known:
			b.fail(g.pos, spelling.OrList(g.value, b.groupIDs), "unknown group %q", g.value)
		case slices.Contains(groups, g.value):
			b.fail(g.pos, "", "the group %q stands twice", g.value)
		default:
			layers, groups = append(layers, group.settings), append(groups, g.value)
		}
	}
	return layers, groups
}

// enable settles whether the enable secret is used. Devices of the default credential use it if there is
// one: whoever gives --ask-enable means it.
func (b *builder) enable(entry deviceEntry, s settings) bool {
	c := b.inv.Credentials[s.credential.value]
	if !s.enable.set {
		return !s.credential.set && c.Enable != nil
	}
	if s.enable.value && s.credential.set && c.Name != "" && c.Enable == nil {
		b.fail(entry.pos, "add enable to the credential, or remove it from the device", "the device %q uses enable, but the credential %q has no enable secret",
			entry.name, s.credential.value)
	}
	return s.enable.value
}

// warnSameTarget notes two names for one address, which would be logged in to twice.
func (b *builder) warnSameTarget(d Device) {
	way := []string{hostPort(d.Address, d.Port)}
	for _, j := range d.Jump {
		way = append(way, hostPort(j.Address, j.Port))
	}
	key := strings.Join(way, " ")
	if first, taken := b.targets[key]; taken {
		b.warn(d.Source, "", "the device %q has the address and port of %q (%s)", d.Name, first.Name, first.Source)
		return
	}
	b.targets[key] = d
}
