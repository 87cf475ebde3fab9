package inventory

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"path"
	"slices"
	"strings"

	"slpdoctor/internal/spelling"
)

// Query says which devices of an inventory are wanted. The zero Query wants all.
type Query struct {
	Hosts   []string // HOST arguments: names of the inventory
	Limit   []string // --limit expressions; a device must match one of them
	Exclude []string // --exclude expressions; a device must match none of them

	ReadFile func(path string) ([]byte, error) // reads @file; nil is os.ReadFile
}

// Selection is what a Query finds, in the order of the inventory.
type Selection struct {
	Devices   []Device // to be contacted
	Disabled  []Device // wanted, but disabled in the inventory
	Unmatched []string // expressions, and names in an @file, that no device matches
}

// Select finds the devices of a query. A HOST is a name, or user@name:port to log in differently this
// once; a name the inventory does not know, and an expression that cannot be read, are Problems.
func (inv *Inventory) Select(q Query) (Selection, error) {
	if q.ReadFile == nil {
		q.ReadFile = os.ReadFile
	}
	var n notes
	devices := inv.byHost(q.Hosts, &n)
	limit := inv.filter("--limit", q.Limit, q.ReadFile, &n)
	exclude := inv.filter("--exclude", q.Exclude, q.ReadFile, &n)
	if err := n.err(nil); err != nil {
		return Selection{}, err
	}
	var s Selection
	for _, d := range devices {
		// Both are asked about every device, so that each expression knows whether it matched anything.
		wanted, unwanted := limit.match(d), exclude.match(d)
		switch {
		case len(q.Limit) > 0 && !wanted, unwanted:
		case d.Disabled:
			s.Disabled = append(s.Disabled, d)
		default:
			s.Devices = append(s.Devices, d)
		}
	}
	s.Unmatched = slices.Concat(limit.unmatched(inv), exclude.unmatched(inv))
	return s, nil
}

// byHost is every device, or those the arguments name.
func (inv *Inventory) byHost(hosts []string, n *notes) []Device {
	if len(hosts) == 0 {
		return inv.Devices
	}
	index := map[string]int{}
	for i, d := range inv.Devices {
		index[d.Name] = i
	}
	chosen := map[int]Device{}
	for i, text := range hosts {
		pos := Position{File: fmt.Sprintf("argument %d", i+1)}
		at, known := index[text]
		var h Host
		if !known {
			h = splitName(text)
			at, known = index[h.Address]
		}
		if h.Username != "" && checkUsername(h.Username) != nil || strings.Contains(h.Username, ":") {
			n.fail(pos, "write [user@]name[:port]; a password never", "the user before @%s is not one", h.Address)
			continue
		}
		if !known {
			n.fail(pos, inv.suggest(h.Address), "no device %q in the inventory", h.Address)
			continue
		}
		d := inv.Devices[at]
		d.Username, d.Port = cmp.Or(h.Username, d.Username), cmp.Or(h.Port, d.Port)
		chosen[at] = d
	}
	var devices []Device
	for i := range inv.Devices {
		if d, ok := chosen[i]; ok {
			devices = append(devices, d)
		}
	}
	return devices
}

// splitName takes user@name:port apart, where name may be any name, not only an address.
func splitName(text string) Host {
	if h, err := ParseHost(text); err == nil {
		return h
	}
	var h Host
	at := strings.LastIndex(text, "@")
	if at >= 0 {
		h.Username = text[:at]
	}
	h.Address = text[at+1:]
	if name, port, found := strings.Cut(h.Address, ":"); found {
		if p, err := parsePort(port); err == nil {
			h.Address, h.Port = name, p
		}
	}
	return h
}

func (inv *Inventory) suggest(name string) string {
	var names []string
	for _, d := range inv.Devices {
		if d.Address == name {
			return fmt.Sprintf("the device with this address is called %q", d.Name)
		}
		names = append(names, d.Name)
	}
	return cmp.Or(spelling.DidYouMean(name, names), "inventory list shows the names")
}

// filter is the expressions of one flag; a device matches if it matches any.
type filter []*expression

// expression is one EXPR: all its terms must hold.
type expression struct {
	text    string // with its flag, as messages show it
	terms   []func(*Device) bool
	names   []given[string] // of its @files
	matched bool
}

func (f filter) match(d Device) bool {
	found := false
	for _, e := range f {
		if !slices.ContainsFunc(e.terms, func(term func(*Device) bool) bool { return !term(&d) }) {
			e.matched, found = true, true
		}
	}
	return found
}

func (f filter) unmatched(inv *Inventory) []string {
	var texts []string
	for _, e := range f {
		if !e.matched {
			texts = append(texts, e.text)
		}
		for _, name := range e.names {
			if !slices.ContainsFunc(inv.Devices, func(d Device) bool { return d.Name == name.value }) {
				texts = append(texts, fmt.Sprintf("%s: %s", name.pos, name.value))
			}
		}
	}
	return texts
}

func (inv *Inventory) filter(flag string, exprs []string, readFile func(string) ([]byte, error), n *notes) filter {
	var f filter
	for _, expr := range exprs {
		e := &expression{text: fmt.Sprintf("%s %q", flag, expr)}
		pos := Position{File: e.text}
		for part := range strings.SplitSeq(expr, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				n.fail(pos, "commas stand between conditions that must all hold", "an empty condition")
				continue
			}
			term, hint, err := inv.term(part, e, readFile)
			if err != nil {
				n.fail(pos, hint, "%v", err)
				continue
			}
			e.terms = append(e.terms, term)
		}
		f = append(f, e)
	}
	return f
}

// term reads one condition.
func (inv *Inventory) term(part string, e *expression, readFile func(string) ([]byte, error)) (term func(*Device) bool, hint string, err error) {
	if file, found := strings.CutPrefix(part, "@"); found {
		return fileTerm(file, e, readFile)
	}
	key, value, found := strings.Cut(part, "=")
	if !found {
		key, value = "name", part
	}
	if value == "" {
		return nil, "", fmt.Errorf("%q has nothing after the equals sign", part)
	}
	tag, isTag := strings.CutPrefix(key, "tag:")
	switch {
	case isTag && tag == "":
		return nil, "write tag:key=value", fmt.Errorf("%q names no tag", part)
	case isTag:
		glob, err := newGlob(value)
		return func(d *Device) bool { return hasTag(d.Tags, tag, glob) }, "", err
	case !found && strings.HasPrefix(value, "tag:"):
		return nil, "write tag:key=value; tag:key=* matches any value", fmt.Errorf("%q has no value", part)
	case key == "name":
		glob, err := newGlob(value)
		return func(d *Device) bool { return glob(d.Name) }, "", err
	case key == "addr":
		prefix, err := parseCIDR(value)
		return func(d *Device) bool {
			a, err := netip.ParseAddr(d.Address)
			return err == nil && prefix.Contains(a.Unmap().WithZone(""))
		}, "", err
	case key == "group":
		if !slices.Contains(inv.Groups, value) {
			return nil, spelling.OrList(value, inv.Groups), fmt.Errorf("no group %q in the inventory", value)
		}
		return func(d *Device) bool { return d.inGroup(value) }, "", nil
	}
	known := []string{"name", "addr", "group"}
	hint = spelling.DidYouMean(key, known)
	if hint == "" {
		hint = fmt.Sprintf("known: name, tag:KEY, addr, group and @FILE; for a tag write tag:%s=%s", key, value)
	}
	return nil, hint, fmt.Errorf("unknown key %q in %q", key, part)
}

// fileTerm reads names, one a line.
func fileTerm(file string, e *expression, readFile func(string) ([]byte, error)) (func(*Device) bool, string, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, "after @ stands a file with one name a line", fmt.Errorf("reading names: %w", err)
	}
	names := map[string]bool{}
	line := 0
	for text := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line++
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		names[text] = true
		e.names = append(e.names, given[string]{text, Position{file, line}, true})
	}
	if len(names) == 0 {
		return nil, "", fmt.Errorf("the file %q holds no names", file)
	}
	return func(d *Device) bool { return names[d.Name] }, "", nil
}

func hasTag(tags map[string]string, key string, glob func(string) bool) bool {
	for k, v := range tags {
		if strings.EqualFold(k, key) && glob(v) {
			return true
		}
	}
	return false
}

// newGlob understands * ? [a-z] and \ as path.Match does, but * and ? also match a slash: names of
// interfaces and tag values hold some.
func newGlob(pattern string) (func(string) bool, error) {
	const notSlash = "\x00"
	pattern = strings.ReplaceAll(pattern, "/", notSlash)
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("the pattern %q has a [ without its ]", strings.ReplaceAll(pattern, notSlash, "/"))
	}
	return func(s string) bool {
		ok, _ := path.Match(pattern, strings.ReplaceAll(s, "/", notSlash))
		return ok
	}, nil
}

// parseCIDR reads a network, or an address as a network of one.
func parseCIDR(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither a network like 192.0.2.0/24 nor an address", s)
	}
	return p, nil
}
