package inventory

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/spelling"
)

func (y *yamlReader) credential(name string, pos Position, n *yaml.Node) {
	c := Credential{Name: name, Source: pos}
	secret := func(key string, field **Reference) func(*yaml.Node) {
		return func(n *yaml.Node) { *field = y.reference(n, key+" of credential "+strconv.Quote(name)) }
	}
	y.mapping(n, c.label(), yamlKeys{
		"password":   secret("password", &c.Password),
		"enable":     secret("enable", &c.Enable),
		"passphrase": secret("passphrase", &c.Passphrase),
		"private_key": func(n *yaml.Node) {
			if v, ok := y.text(n, "private_key"); ok {
				c.PrivateKey = y.path(y.doc.dir, v.value)
			}
		},
	})
	if c.Passphrase != nil && c.PrivateKey == "" {
		y.fail(pos, "add private_key, or remove passphrase", "%s has a passphrase but no private_key", c.label())
	}
	y.source.credentials = append(y.source.credentials, c)
}

// reference reads {source: ...}. Nothing in its problems repeats a value: it may be the secret.
func (y *yamlReader) reference(n *yaml.Node, what string) *Reference {
	if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
		y.fail(y.pos(n), "say where it is kept, for example {env: NAME}, or write {plain: ...} if it must stand here",
			"%s: a literal secret is refused", what)
		return nil
	}
	r := &Reference{Pos: y.pos(n)}
	word := func(source Source, check func(string) string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			v, ok := y.text(n, string(source)+" in "+what)
			if !ok {
				return
			}
			if wrong := check(v.value); wrong != "" {
				y.fail(v.pos, "", "%s in %s %s", source, what, wrong)
			}
			r.Source, r.Name = source, v.value
		}
	}
	keys := yamlKeys{
		"env": word(FromEnv, func(s string) string {
			if !isVariable(s) {
				return "must be the name of a variable: letters, digits and _, without $"
			}
			return ""
		}),
		"file": func(n *yaml.Node) {
			word(FromFile, func(s string) string {
				if strings.Contains(s, "://") {
					return "must be a path, no URL"
				}
				return ""
			})(n)
			r.Name = y.path(y.doc.dir, r.Name)
		},
		"keyring": word(FromKeyring, func(s string) string {
			if i := strings.LastIndex(s, "/"); i < 1 || i == len(s)-1 {
				return "must be service/user"
			}
			return ""
		}),
		"systemd": word(FromSystemd, func(s string) string {
			if s != filepath.Base(s) || s == "." || s == ".." {
				return "must be a name without /"
			}
			return ""
		}),
		"command": func(n *yaml.Node) { y.command(r, n, what) },
		"prompt":  func(n *yaml.Node) { y.prompt(r, n, what) },
		"plain": func(n *yaml.Node) {
			if v, ok := y.text(n, "plain in "+what); ok {
				r.Source, r.plain = FromPlain, NewSecret(v.value)
				y.warn(v.pos, "", "%s stands in plain text in this file", what)
			}
		},
	}
	known := slices.Sorted(maps.Keys(keys))
	ok := y.pairs(n, what, func(key, value *yaml.Node) {
		if read := keys[key.Value]; read != nil {
			read(value)
			return
		}
		y.fail(y.pos(key), spelling.OrList(key.Value, known), "unknown source of %s", what)
	})
	if ok && len(n.Content) != 2 {
		y.fail(y.pos(n), "known: "+strings.Join(known, ", "), "%s must name exactly one source, found %d", what, len(n.Content)/2)
	}
	if r.Source == "" {
		return nil
	}
	return r
}

// isVariable reports whether a text can be the name of an environment variable. What can not may be the secret itself,
// written where its name belongs, and a name is shown.
func isVariable(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && (s[0] < '0' || s[0] > '9')
}

func (y *yamlReader) command(r *Reference, n *yaml.Node, what string) {
	if y.doc.unsafe != "" {
		hint := "chmod go-w " + y.doc.name + ", and own it"
		if y.doc.dir == "" {
			hint = "read it from a file"
		}
		y.fail(y.pos(n), hint, "command in %s is refused in %s", what, y.doc.unsafe)
		return
	}
	if n.Kind == yaml.ScalarNode {
		y.fail(y.pos(n), "write [program, argument, ...]; no shell runs it", "command in %s must be a list", what)
		return
	}
	for _, v := range y.texts(n, "command in "+what) {
		r.Argv = append(r.Argv, v.value)
	}
	if len(r.Argv) == 0 {
		y.fail(y.pos(n), "", "command in %s names no program", what)
		return
	}
	r.Source = FromCommand
	// A program named by a relative path is relative to the inventory; a bare name is looked up in PATH.
	if program := r.Argv[0]; strings.Contains(program, "/") {
		r.Argv[0] = y.path(y.doc.dir, program)
		if abs, err := filepath.Abs(r.Argv[0]); err == nil {
			r.Argv[0] = abs
		}
	}
}

func (y *yamlReader) prompt(r *Reference, n *yaml.Node, what string) {
	v, ok := y.text(n, "prompt")
	switch {
	case !ok:
	case v.value == "false":
		y.fail(v.pos, "write {prompt: true}, or the question", "prompt must be true or the question to ask")
	default:
		r.Source = FromPrompt
		r.Name = strings.ToUpper(what[:1]) + what[1:] + ": "
		if v.value != "true" {
			r.Name = strings.TrimSpace(v.value) + " "
		}
	}
}
