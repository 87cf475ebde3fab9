package waiver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/spelling"
)

// File is the text of a waiver file under the name that messages show.
type File struct {
	Name string
	Text []byte
}

// MaxFile bounds a file: 1 MiB are some 5,000 waivers.
const MaxFile = 1 << 20

// Read reads waiver files. Checks are those there are, in the order in which they are shown. If there is any
// problem no run may use the set; it then holds the entries that are sound, for Lint.
func Read(checks []*diag.Check, files ...File) (Set, Problems) {
	var set Set
	var problems Problems
	for i, f := range files {
		r := reader{checks: checks, file: f.Name}
		if slices.ContainsFunc(files[:i], func(o File) bool { return o.Name == f.Name }) {
			r.fail(Unreadable, 0, "", "given twice")
		} else {
			r.read(f.Text)
		}
		r.problems.Sort(nil)
		set, problems = append(set, r.set...), append(problems, r.problems...)
	}
	return set, problems
}

// reader walks the nodes of one file, so that every problem has its line and all are found.
type reader struct {
	checks   []*diag.Check
	file     string
	set      Set
	problems Problems
}

func (r *reader) fail(rule Rule, line int, hint, format string, args ...any) {
	r.problems = append(r.problems, Problem{rule, r.file, line, fmt.Sprintf(format, args...), hint})
}

func (r *reader) wrong(n *yaml.Node, hint, format string, args ...any) {
	r.fail(Malformed, n.Line, hint, format, args...)
}

const beginning = `begin it with "version: 1", then "waivers:" and a list`

func (r *reader) read(text []byte) {
	switch {
	case len(text) > MaxFile:
		r.fail(Unreadable, 0, "", "larger than %d MiB; this is not a waiver file", MaxFile>>20)
		return
	case !utf8.Valid(text):
		r.fail(Unreadable, 0, "save it as UTF-8", "this is not UTF-8 text")
		return
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		r.fail(Unreadable, 0, beginning, "the file holds nothing but comments")
		return
	case err != nil:
		r.notYAML(text, err)
		return
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		r.fail(Unreadable, more.Line, "give them as two files", "a second YAML document")
		return
	case !errors.Is(err, io.EOF):
		r.notYAML(text, err)
		return
	}
	top := root.Content[0]
	if top.Kind != yaml.MappingNode || !has(top, "version") {
		r.fail(Unreadable, top.Line, beginning, "this is not a waiver file: the key version is missing")
		return
	}
	r.mapping(top, "the file", keys{
		"version": func(n *yaml.Node) {
			if v, ok := r.text(n, "version"); ok && v != "1" {
				r.fail(Unreadable, n.Line, "write version: 1", "unknown version %q of waiver files", v)
			}
		},
		"waivers": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				r.wrong(n, `write "- check: ..." for each, or [] for none`, "waivers must be a list, found %s", kind(n))
				return
			}
			for _, item := range n.Content {
				r.entry(item)
			}
		},
	}, "version", "waivers")
}

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	noAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

const (
	starHint  = "a pattern that begins with * needs quotes"
	blockHint = "look at the indentation and the quotes in this line and in the block that begins with it"
)

func (r *reader) notYAML(text []byte, err error) {
	m := yamlLine.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(m[1])
	what, hint := err.Error()[len(m[0]):], blockHint
	if anchor := noAnchor.FindStringSubmatch(what); anchor != nil {
		before, _, _ := bytes.Cut(text, []byte("*"+anchor[1]))
		line, what, hint = 1+bytes.Count(before, []byte("\n")), "an alias (*name) without its anchor (&name)", starHint
	}
	if strings.Contains(what, "alphabetic or numeric character") { // a star alone
		hint = starHint
	}
	r.fail(Unreadable, line, hint, "this is not YAML: %s", what)
}

// entry reads one waiver; it joins the set when nothing is wrong with it.
func (r *reader) entry(n *yaml.Node) {
	before := len(r.problems)
	w := Waiver{File: r.file, Line: n.Line}
	text := func(key string, field *string) func(*yaml.Node) {
		return func(n *yaml.Node) { *field, _ = r.text(n, key) }
	}
	r.mapping(n, "a waiver", keys{
		"check":   func(n *yaml.Node) { r.check(n, &w) },
		"match":   func(n *yaml.Node) { r.match(n, &w.Match) },
		"reason":  text("reason", &w.Reason),
		"owner":   text("owner", &w.Owner),
		"expires": func(n *yaml.Node) { r.expires(n, &w) },
		"ticket":  text("ticket", &w.Ticket),
	}, "check", "match", "reason", "owner", "expires")
	if len(r.problems) > before {
		return
	}
	if w.everyCheck(r.checks) && w.Match.everyDevice() {
		r.fail(Everything, w.Line, "name the checks, or the devices", "this waives every check on every device")
		return
	}
	r.set = append(r.set, w)
}

// check reads the id or glob, and finds out what it covers.
func (r *reader) check(n *yaml.Node, w *Waiver) {
	id, ok := r.text(n, "check")
	if !ok {
		return
	}
	if !r.pattern(n, "check", id) {
		return
	}
	w.Check, w.checks = id, map[string]bool{}
	var own []string
	for _, k := range r.checks {
		switch {
		case !glob(id, k.ID):
		case k.Outlasts && k.ID != id:
			own = append(own, k.ID)
		default:
			w.checks[k.ID] = true
		}
	}
	switch {
	case len(w.checks) > 0:
	case len(own) > 0:
		r.wrong(n, "give it an entry of its own, with its id", "%q is for %s alone, which no pattern waives: time runs out whatever the cause", id, strings.Join(own, " and "))
	default:
		r.fail(UnknownCheck, n.Line, r.suggest(id), "no check matches %q", id)
	}
}

// everyCheck reports whether a waiver leaves out no check but those that need an entry of their own.
func (w *Waiver) everyCheck(checks []*diag.Check) bool {
	return !slices.ContainsFunc(checks, func(k *diag.Check) bool { return !k.Outlasts && !w.checks[k.ID] })
}

var tagForm = regexp.MustCompile(`^[^=]+=.+$`)

func (r *reader) match(n *yaml.Node, m *Match) {
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		r.wrong(n, "give name, tag, release or group", "match is empty")
		return
	}
	globbed := func(key string, field *string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			if v, ok := r.text(n, key); ok && r.pattern(n, key, v) {
				*field = v
			}
		}
	}
	r.mapping(n, "match", keys{
		"name":    globbed("name", &m.Name),
		"release": globbed("release", &m.Release),
		"tag": func(n *yaml.Node) {
			v, ok := r.text(n, "tag")
			switch {
			case !ok:
			case !tagForm.MatchString(v):
				r.wrong(n, "write tag: site=tokyo; site=* is any value", "tag is %q: want key=value", v)
			case r.pattern(n, "tag", v[strings.Index(v, "=")+1:]):
				m.Tag = v
			}
		},
		"group": func(n *yaml.Node) { m.Group, _ = r.text(n, "group") },
	})
}

func (r *reader) pattern(n *yaml.Node, key, v string) bool {
	if _, err := path.Match(strings.ReplaceAll(v, "/", notSlash), ""); err != nil {
		r.wrong(n, "", "%s: the pattern %q has a [ without its ], or ends in a backslash", key, v)
		return false
	}
	return true
}

func (r *reader) expires(n *yaml.Node, w *Waiver) {
	v, ok := r.text(n, "expires")
	if !ok {
		return
	}
	day, err := time.Parse(time.DateOnly, v)
	if err != nil {
		r.wrong(n, "write the last day it holds, like 2026-06-30", "expires is %q: want a date, year-month-day", v)
		return
	}
	w.Expires = day
}

// keys says what each key of a mapping does with its value.
type keys map[string]func(*yaml.Node)

// mapping hands each value to its key, and notes keys that are unknown, repeated or missing.
func (r *reader) mapping(n *yaml.Node, what string, known keys, required ...string) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "", "%s must be a mapping (key: value), found %s", what, kind(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read := known[key.Value]
		switch {
		case seen[key.Value] > 0:
			r.wrong(key, "", "the key %q of %s stands already in line %d", key.Value, what, seen[key.Value])
		case read == nil:
			r.wrong(key, spelling.OrList(key.Value, slices.Sorted(maps.Keys(known))), "unknown key %q in %s", key.Value, what)
		default:
			read(value)
		}
		seen[key.Value] = key.Line
	}
	for _, key := range required {
		if seen[key] == 0 {
			r.wrong(n, missing[key], "%s without %s", what, key)
		}
	}
}

// missing says what to write for a key that is missing.
var missing = map[string]string{
	"waivers": "add waivers: and a list, or [] for none",
	"check":   "add check: and the id of a check; slpdoctor explain lists them",
	"match":   "add match: with name, tag, release or group",
	"reason":  "add reason: why it is accepted",
	"owner":   "add owner: who answers for it",
	"expires": "add expires: and the last day it holds, like 2026-06-30",
}

// text is a value on one line. Line breaks of a folded text become spaces.
func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	v := strings.Join(strings.FieldsFunc(n.Value, func(c rune) bool { return c == '\n' || c == '\r' }), " ")
	v = strings.TrimSpace(v)
	switch {
	case n.Kind == yaml.AliasNode:
		r.wrong(n, "write it out; "+starHint, "%s is an alias (*name)", what)
	case n.Kind != yaml.ScalarNode:
		r.wrong(n, "", "%s must be a single value, found %s", what, kind(n))
	case n.ShortTag() == "!!null" || v == "":
		r.wrong(n, missing[what], "%s has no value", what)
	case strings.ContainsFunc(v, unprintable):
		r.wrong(n, "", "%s holds a control character", what)
	default:
		return v, true
	}
	return "", false
}

func unprintable(c rune) bool {
	return unicode.IsControl(c) || c == utf8.RuneError || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029'
}

func has(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if n.ShortTag() == "!!null" {
		return "nothing"
	}
	return "a single value"
}

// suggest names the check that a mistyped id may stand for, or the group's.
func (r *reader) suggest(id string) string {
	var all, group []string
	prefix, _, _ := strings.Cut(id, "-")
	for _, k := range r.checks {
		all = append(all, k.ID)
		if strings.HasPrefix(k.ID, prefix+"-") {
			group = append(group, k.ID)
		}
	}
	if hint := spelling.DidYouMean(id, all); hint != "" {
		return hint
	}
	if len(group) > 0 {
		return "the group " + prefix + " has " + strings.Join(group, ", ")
	}
	return "slpdoctor explain lists every check"
}
