package sim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// line is one line of the running configuration with what stands under it.
type line struct {
	text string            // canonical, without indentation
	key  string            // lines of one rule with equal keys replace each other
	args map[string]string // parameters by name
	rule *rule
	rank int  // the rule's place in the grammar
	off  bool // the "no" form of a line that is on by default
	body []*line
}

// config is a running configuration. The zero value is empty.
type config struct {
	lines []*line
	acts  []*line // lines that act at once and have not yet
}

var rules = sync.OnceValue(grammar)

// configure interprets lines as if typed after "configure terminal": a line is
// tried in the current mode and then in the modes around it. Indentation,
// blanks, comments, "configure terminal", "exit" and "end" are understood. The
// first unknown line is an error; what came before it stays applied, as on a
// device.
func (c *config) configure(lines ...string) error {
	path := []*line{}
	for _, raw := range lines {
		for text := range strings.SplitSeq(raw, "\n") {
			text = strings.TrimSpace(text)
			switch {
			case text == "" || strings.HasPrefix(text, "!") || text == "configure terminal":
			case text == "end":
				path = nil
			case text == "exit" || text == "exit-address-family":
				if len(path) > 0 {
					path = path[:len(path)-1]
				}
			default:
				for _, one := range unroll(text) {
					var err error
					if path, err = c.apply(path, one); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// unroll splits the one line that may hold several values, name servers, into
// one line each.
func unroll(text string) []string {
	words := strings.Fields(text)
	first := slices.Index(words, "name-server") + 1
	if first == 0 || len(words) == first {
		return []string{text}
	}
	if words[first] == "vrf" {
		first += 2
	}
	if first >= len(words) {
		return []string{text}
	}
	var out []string
	for _, server := range words[first:] {
		out = append(out, strings.Join(words[:first], " ")+" "+server)
	}
	return out
}

// apply enters one line and returns the mode path after it.
func (c *config) apply(path []*line, text string) ([]*line, error) {
	body, negated := strings.CutPrefix(text, "no ")
	words := strings.Fields(respell(body))
	for depth := len(path); depth >= 0; depth-- {
		in, list := global, &c.lines
		if depth > 0 {
			in, list = path[depth-1].rule.enter, &path[depth-1].body
		}
		if negated {
			if remove(list, in, strings.Join(words, " ")) {
				return path[:depth], nil
			}
			continue
		}
		if l := interpret(in, words); l != nil {
			if l.rule.acts {
				c.acts = append(c.acts, l)
				return path[:depth], nil
			}
			l = insert(list, l)
			if l.rule.enter == "" {
				return path[:depth], nil
			}
			return append(slices.Clone(path[:depth]), l), nil
		}
	}
	return path, fmt.Errorf("interpreting configuration line %q: no such command", text)
}

// respell turns an older or shorter spelling into the one the configuration
// shows.
func respell(body string) string {
	for _, s := range spellings {
		if rest, ok := strings.CutPrefix(body, s[0]); ok && (rest == "" || rest[0] == ' ') {
			body = s[1] + rest
			break
		}
	}
	if name, ok := strings.CutPrefix(body, "profile "); ok {
		body = `profile "` + strings.Trim(name, `"`) + `"`
	}
	return body
}

// interpret finds the rule of a line in a mode; nil when there is none.
func interpret(in mode, words []string) *line {
	for rank, r := range rules() {
		if r.mode != in {
			continue
		}
		if args, text, key, ok := r.pattern.match(words); ok {
			return &line{text: text, key: key, args: args, rule: r, rank: rank}
		}
	}
	return nil
}

// insert puts a line in its place and returns the line that is now there: a
// line that opens a mode and exists already is kept with its body.
func insert(list *[]*line, l *line) *line {
	plain := l.rule.on && !l.off && l.text == l.rule.syntax // the default needs no line
	for i, old := range *list {
		if old.key != l.key {
			continue
		}
		switch {
		case plain:
			*list = slices.Delete(*list, i, i+1)
		case old.text == l.text:
			return old
		default:
			(*list)[i] = l
		}
		return l
	}
	if plain {
		return l
	}
	at := len(*list)
	for at > 0 && (*list)[at-1].rank > l.rank {
		at--
	}
	*list = slices.Insert(*list, at, l)
	return l
}

// remove applies "no <prefix>" in a mode: a line that is on by default is
// switched off, other lines that begin with the words go. It reports whether
// the mode has such a command.
func remove(list *[]*line, in mode, prefix string) bool {
	known := false
	for rank, r := range rules() {
		if r.mode != in {
			continue
		}
		if r.on && prefix == r.literal {
			insert(list, &line{text: "no " + prefix, key: prefix, rule: r, rank: rank, off: true})
			return true
		}
		known = known || prefix == r.literal || strings.HasPrefix(prefix, r.literal+" ")
	}
	if known {
		*list = slices.DeleteFunc(*list, func(l *line) bool { return l.text == prefix || strings.HasPrefix(l.text, prefix+" ") })
	}
	return known
}

// get returns the line with exactly this key (for a line without value: its
// text), nil when it is not configured or switched off.
func get(list []*line, key string) *line {
	for _, l := range list {
		if l.key == key && !l.off {
			return l
		}
	}
	return nil
}

// arg returns a parameter of the line with the key; "" without one.
func arg(list []*line, key, name string) string {
	if l := get(list, key); l != nil {
		return l.args[name]
	}
	return ""
}

// each returns the lines that begin with the words.
func each(list []*line, words string) []*line {
	var out []*line
	for _, l := range list {
		if rest, ok := strings.CutPrefix(l.text, words); ok && !l.off && (rest == "" || rest[0] == ' ') {
			out = append(out, l)
		}
	}
	return out
}

// off reports that a line which is on by default has been switched off.
func off(list []*line, key string) bool {
	return slices.ContainsFunc(list, func(l *line) bool { return l.off && l.key == key })
}

// render prints the lines with IOS XE's separators; all adds the lines that are
// in effect by default.
func (c *config) render(all bool) []string {
	lines := c.lines
	if all {
		lines = slices.Clone(lines)
		for rank, r := range rules() {
			text := r.builtin
			if r.on {
				text = r.syntax
			}
			if r.mode != global || text == "" || strings.Contains(text, "<") {
				continue
			}
			if l := interpret(global, strings.Fields(text)); l != nil && get(lines, l.key) == nil && !off(lines, l.key) {
				l.rank = rank
				lines = append(lines, l)
			}
		}
		slices.SortStableFunc(lines, func(a, b *line) int { return a.rank - b.rank })
	}
	var out []string
	group := ""
	for _, l := range lines {
		if g := strings.Fields(strings.TrimPrefix(l.text, "no "))[0]; g != group || l.rule.enter != "" {
			out = append(out, "!")
			group = g
		}
		out = appendLine(out, l, "", all)
	}
	return append(out, "!", "end")
}

func appendLine(out []string, l *line, indent string, all bool) []string {
	out = append(out, indent+l.text)
	if l.text == "call-home" {
		out = append(out,
			" ! If contact email address in call-home is configured as sch-smart-licensing@cisco.com",
			" ! the email address configured in Cisco Smart License Portal will be used as contact email address to send SCH notifications.")
	}
	for _, sub := range l.body {
		out = appendLine(out, sub, indent+" ", all)
	}
	if l.rule.enter == inFamily {
		out = append(out, indent+"exit-address-family")
	}
	return out
}

// filter applies an output modifier with IOS semantics to the lines of an
// output: include, exclude, begin, count, section (a matching line with what is
// indented under it).
func filter(lines []string, how, expr string) []string {
	re, err := regexp.Compile(expr)
	if err != nil {
		return []string{"% Failed to compile regular expression."}
	}
	var out []string
	n, section := 0, -1
	for i, l := range lines {
		hit := re.MatchString(l)
		switch how {
		case "include":
			if hit {
				out = append(out, l)
			}
		case "exclude":
			if !hit {
				out = append(out, l)
			}
		case "begin":
			if hit {
				return lines[i:]
			}
		case "count":
			if hit {
				n++
			}
		case "section":
			indent := len(l) - len(strings.TrimLeft(l, " "))
			if section >= 0 && indent <= section {
				section = -1
			}
			if section < 0 && hit {
				section = indent
			}
			if section >= 0 {
				out = append(out, l)
			}
		}
	}
	if how == "count" {
		return []string{fmt.Sprintf("Number of lines which match regexp = %d", n)}
	}
	return out
}
