package inventory

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/spelling"
)

// maxNodes bounds how many values aliases may add to those a file spells out.
const maxNodes = 1_000_000

// yamlReader walks the nodes of a document instead of decoding into structs: so that every error has its
// line, all errors are found, and a port 010 or a name 007 stays what was written.
type yamlReader struct {
	*loader
	doc    document
	source *source
	nodes  int // seen so far, aliases followed
}

// yamlKeys says what each key of a mapping does with its value.
type yamlKeys map[string]func(*yaml.Node)

func (l *loader) parseYAML(doc document, s *source) {
	decoder := yaml.NewDecoder(bytes.NewReader(doc.data))
	var root, more yaml.Node
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file holds nothing but comments")
		}
		l.failYAML(doc, err)
		return
	}
	if err := decoder.Decode(&more); err == nil {
		l.fail(Position{doc.name, more.Line}, "give them as two files", "a second YAML document")
	} else if !errors.Is(err, io.EOF) {
		l.failYAML(doc, err)
		return
	}
	y := &yamlReader{loader: l, doc: doc, source: s}
	y.file(root.Content[0])
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// failYAML notes a syntax error. The name of an unknown anchor is left out: it is what becomes of an
// unquoted password that begins with an asterisk.
func (l *loader) failYAML(doc document, err error) {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	line, _ := strconv.Atoi(m[1])
	text, hint := text[len(m[0]):], "look at the indentation and the quotes in this line and in the block that begins with it"
	if strings.HasPrefix(text, "unknown anchor") {
		text, hint = "an alias (*name) without its anchor (&name)", "a text that begins with * needs quotes"
	}
	l.fail(Position{doc.name, line}, hint, "this is not YAML: %s", text)
}

func (y *yamlReader) pos(n *yaml.Node) Position { return Position{y.doc.name, n.Line} }

func (y *yamlReader) file(root *yaml.Node) {
	if root = y.follow(root); root.Kind == yaml.MappingNode && !hasKey(root, "version") {
		hint := `begin it with "version: 1"`
		for _, foreign := range []string{"all", "_meta", "ungrouped"} {
			if hasKey(root, foreign) {
				hint = "it looks like an Ansible inventory, which this version does not read; " + hint
				break
			}
		}
		y.fail(y.pos(root), hint, "this is not an inventory: the key version is missing")
		if !hasKey(root, "devices") {
			return
		}
	}
	y.mapping(root, "the inventory", yamlKeys{
		"version": func(n *yaml.Node) {
			if v, ok := y.text(n, "version"); ok && v.value != "1" {
				y.fail(v.pos, "write version: 1", "unknown inventory version %q", v.value)
			}
		},
		"defaults": func(n *yaml.Node) {
			s := y.settings(n, "the defaults", nil)
			y.source.defaults, y.source.defaultsPos = &s, y.pos(n)
		},
		"credentials": func(n *yaml.Node) { y.named(n, "credentials", y.credential) },
		"jumps":       func(n *yaml.Node) { y.named(n, "jumps", y.jump) },
		"groups": func(n *yaml.Node) {
			y.named(n, "groups", func(name string, pos Position, n *yaml.Node) {
				y.source.groups = append(y.source.groups, groupEntry{name, y.settings(n, "the group "+strconv.Quote(name), nil), pos})
			})
		},
		"devices": func(n *yaml.Node) {
			if n.Kind == yaml.MappingNode {
				y.fail(y.pos(n), `write "- name: ..." for each`, "devices must be a list, so that names keep their dots and capitals")
				return
			}
			y.list(n, "devices", y.device)
		},
	})
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func (y *yamlReader) device(n *yaml.Node) {
	d := deviceEntry{pos: y.pos(n)}
	before := len(y.problems)
	d.settings = y.settings(n, "a device", yamlKeys{
		"name": func(n *yaml.Node) {
			v, ok := y.text(n, "name")
			if !ok {
				return
			}
			if err := checkName(v.value); err != nil {
				y.fail(v.pos, "", "name %v", err)
			}
			d.name, d.pos = v.value, v.pos
		},
		"groups": func(n *yaml.Node) { d.groups = y.texts(n, "groups") },
	})
	d.broken = len(y.problems) > before
	if d.name == "" && !d.broken {
		y.fail(d.pos, "add name", "a device without a name")
	}
	if d.name != "" {
		y.source.devices = append(y.source.devices, d)
	}
}

// settings reads the keys that devices, groups and defaults share, and extra ones.
func (y *yamlReader) settings(n *yaml.Node, what string, extra yamlKeys) settings {
	var s settings
	keys := yamlKeys{
		"jump":   func(n *yaml.Node) { s.jump = given[[]given[string]]{y.texts(n, "jump"), y.pos(n), true} },
		"tags":   func(n *yaml.Node) { s.tags = y.tags(n) },
		"expect": func(n *yaml.Node) { s.expect = y.expect(n) },
	}
	for key, read := range textKeys {
		keys[key] = func(n *yaml.Node) {
			if v, ok := y.text(n, key); ok {
				read(y.notes, &s, v)
			}
		}
	}
	maps.Copy(keys, extra)
	y.mapping(n, what, keys)
	return s
}

func (y *yamlReader) tags(n *yaml.Node) map[string]string {
	tags := map[string]string{}
	y.named(n, "tags", func(name string, pos Position, n *yaml.Node) {
		if secretKey(name) {
			y.fail(pos, "use a credential", "the tag %q is refused: tags are printed", name)
			return
		}
		if v, ok := y.text(n, "the tag "+strconv.Quote(name)); ok {
			tags[name] = v.value
		}
	})
	return tags
}

func (y *yamlReader) expect(n *yaml.Node) diag.Expect {
	var e diag.Expect
	text := func(key string, field *string, wrong func(string) string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			v, ok := y.text(n, key)
			if !ok {
				return
			}
			if text := wrong(v.value); text != "" {
				y.fail(v.pos, "", "%s %s", key, text)
			}
			*field = v.value
		}
	}
	list := func(key string, field *[]string, valid func(string) bool, want string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			*field = []string{}
			for _, v := range y.texts(n, key) {
				if !valid(v.value) {
					y.fail(v.pos, "", "%s: %q is not %s", key, v.value, want)
				}
				*field = append(*field, v.value)
			}
		}
	}
	anything := func(string) string { return "" }
	word := func(s string) string {
		if deviceWord.MatchString(s) {
			return ""
		}
		return "must be letters, digits and . _ / : - only, at most 64 characters"
	}
	host := func(s string) bool { _, err := parseAddress(s); return err == nil }
	y.mapping(n, "expect", yamlKeys{
		"url":              text("url", &e.URL, checkURL),
		"vrf":              text("vrf", &e.VRF, word),
		"source_interface": text("source_interface", &e.SourceInterface, word),
		"name_servers":     list("name_servers", &e.NameServers, isIP, "an IP address"),
		"ntp_servers":      list("ntp_servers", &e.NTPServers, host, "an IP address or a host name"),
		"smart_account":    text("smart_account", &e.SmartAccount, anything),
		"virtual_account":  text("virtual_account", &e.VirtualAccount, anything),
		"policy":           text("policy", &e.Policy, anything),
		"push_interval_days": func(n *yaml.Node) {
			v, ok := y.text(n, "push_interval_days")
			days, err := strconv.Atoi(v.value)
			if ok && (err != nil || days < 1 || days > 365) {
				y.fail(v.pos, "", "push_interval_days must be a number from 1 to 365, found %q", v.value)
			}
			e.PushIntervalDays = days
		},
	})
	return e
}

func (y *yamlReader) jump(name string, pos Position, n *yaml.Node) {
	var s settings
	keys := yamlKeys{}
	for _, key := range []string{"address", "port", "username", "credential"} {
		keys[key] = func(n *yaml.Node) {
			if v, ok := y.text(n, key); ok {
				textKeys[key](y.notes, &s, v)
			}
		}
	}
	if y.mapping(n, "the jump host "+strconv.Quote(name), keys) && !hasKey(n, "address") {
		y.fail(pos, "", "the jump host %q has no address", name)
	}
	y.source.jumps = append(y.source.jumps, jumpEntry{name, s.address, s.username, s.credential, s.port, pos})
}

// follow replaces an alias by what it stands for.
func (y *yamlReader) follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// spend counts nodes; false when the file has grown too large to go on.
func (y *yamlReader) spend(n *yaml.Node) bool {
	before := y.nodes
	y.nodes += 1 + len(n.Content)
	limit := maxNodes + len(y.doc.data)
	if before <= limit && y.nodes > limit {
		y.fail(y.pos(n), "write shared settings once, as a group", "the aliases of this file stand for more than %d values", maxNodes)
	}
	return y.nodes <= limit
}

// mapping hands each value to its key and notes keys that are unknown or repeated.
func (y *yamlReader) mapping(n *yaml.Node, what string, keys yamlKeys) bool {
	names := slices.Sorted(maps.Keys(keys))
	return y.pairs(n, what, func(key, value *yaml.Node) {
		if read := keys[key.Value]; read != nil {
			read(value)
			return
		}
		hint := spelling.OrList(key.Value, names)
		switch {
		case key.Value == "<<":
			hint = "write shared settings as a group"
		case secretKey(key.Value):
			hint = "a secret is part of a credential"
		case slices.Contains(slices.Collect(maps.Keys(textKeys)), key.Value):
			hint = "it belongs to a device, a group or the defaults"
		}
		y.fail(y.pos(key), hint, "unknown key %q in %s", key.Value, what)
	})
}

// named hands over each entry of a mapping whose keys are names.
func (y *yamlReader) named(n *yaml.Node, what string, read func(name string, pos Position, n *yaml.Node)) {
	y.pairs(n, what, func(key, value *yaml.Node) {
		if err := checkName(key.Value); err != nil {
			y.fail(y.pos(key), "", "a name in %s %v", what, err)
			return
		}
		read(key.Value, y.pos(key), value)
	})
}

func (y *yamlReader) pairs(n *yaml.Node, what string, read func(key, value *yaml.Node)) bool {
	if !y.spend(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		y.fail(y.pos(n), "", "%s must be a mapping (key: value), found %s", what, kind(n))
		return false
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := y.follow(n.Content[i]), y.follow(n.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			y.fail(y.pos(key), "", "a key of %s must be text, found %s", what, kind(key))
			continue
		}
		if line := seen[key.Value]; line != 0 {
			y.fail(y.pos(key), "", "the key %q of %s stands already in line %d", key.Value, what, line)
			continue
		}
		seen[key.Value] = n.Content[i].Line
		read(key, value)
	}
	return true
}

func (y *yamlReader) list(n *yaml.Node, what string, read func(*yaml.Node)) {
	if !y.spend(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		y.fail(y.pos(n), "write ["+"...]", "%s must be a list, found %s", what, kind(n))
		return
	}
	for _, item := range n.Content {
		read(y.follow(item))
	}
}

func (y *yamlReader) texts(n *yaml.Node, what string) []given[string] {
	items := []given[string]{}
	y.list(n, what, func(n *yaml.Node) {
		if v, ok := y.text(n, "an item of "+what); ok {
			items = append(items, v)
		}
	})
	return items
}

// text is a scalar as written. Its problems never repeat the value.
func (y *yamlReader) text(n *yaml.Node, what string) (given[string], bool) {
	if !y.spend(n) {
		return given[string]{}, false
	}
	switch tag := n.ShortTag(); {
	case n.Kind != yaml.ScalarNode:
		y.fail(y.pos(n), "", "%s must be a single value, found %s", what, kind(n))
	case tag == "!!null" || strings.TrimSpace(n.Value) == "":
		y.fail(y.pos(n), "", "%s has no value", what)
	case !strings.HasPrefix(tag, "!!"):
		y.fail(y.pos(n), "", "%s has the tag %s, which means nothing here", what, tag)
	case strings.ContainsFunc(n.Value, unprintable):
		y.fail(y.pos(n), "", "%s holds a line break or a control character", what)
	default:
		return given[string]{n.Value, y.pos(n), true}, true
	}
	return given[string]{}, false
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.ShortTag() == "!!null" {
			return "nothing"
		}
		return "a single value"
	default:
		return "something else"
	}
}
