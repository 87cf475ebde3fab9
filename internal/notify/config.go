package notify

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
	"slpdoctor/inventory"
)

// maxConfig bounds the file.
const maxConfig = 1 << 20

const (
	defaultTimeout = 5 * time.Second
	maxTimeout     = time.Minute
)

// Load reads the file. The error is inventory.Problems when the content is wrong: all of it, with its lines. Nothing
// is fetched and nothing is contacted. Warnings are not an error.
func Load(path string) (*Config, inventory.Problems, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the receivers: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the receivers: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("reading the receivers: %w", err)
	case len(text) > maxConfig:
		return nil, nil, fmt.Errorf("reading the receivers: %s is larger than %d bytes", path, maxConfig)
	}
	l := &loader{path: path}
	c := &Config{path: abs, pace: usual}
	l.document(text, c)
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b inventory.Problem) int { return a.Pos.Line - b.Pos.Line })
		return nil, l.warnings, l.problems
	}
	return c, l.warnings, nil
}

// loader walks the nodes of the file instead of decoding into structs, so that every error has its line and all are
// found. No problem repeats a value that could be a secret.
type loader struct {
	path               string
	problems, warnings inventory.Problems
}

func (l *loader) fail(line int, hint, format string, args ...any) {
	l.problems = append(l.problems, inventory.Problem{Pos: inventory.Position{File: l.path, Line: line}, Text: fmt.Sprintf(format, args...), Hint: hint})
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

func (l *loader) document(text []byte, c *Config) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	err := decoder.Decode(&root)
	if err == nil {
		if err = decoder.Decode(&more); err == nil {
			l.fail(more.Line, "keep one", "a second YAML document")
			return
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	} else if errors.Is(err, io.EOF) {
		l.fail(0, "", "the file names no receivers")
		return
	}
	if err != nil {
		m := yamlLine.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(m[1])
		what := err.Error()[len(m[0]):]
		if strings.HasPrefix(what, "unknown anchor") { // the name could be an unquoted secret that begins with *
			what = "an alias (*name) without its anchor (&name)"
		}
		l.fail(line, "look at the indentation and the quotes in this line and in the block that begins with it", "this is not YAML: %s", what)
		return
	}
	version, receivers := false, false
	l.mapping(root.Content[0], "the file", map[string]func(*yaml.Node){
		"version": func(n *yaml.Node) {
			version = true
			if v, ok := l.text(n, "version"); ok && v != "1" {
				l.fail(n.Line, "write version: 1", "unknown version %q", v)
			}
		},
		"receivers": func(n *yaml.Node) {
			receivers = true
			lines := map[string]int{}
			if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
				l.fail(n.Line, "add one", "the list of receivers is empty")
			}
			l.list(n, "receivers", func(n *yaml.Node) { l.receiver(n, c, lines) })
		},
	})
	if !version {
		l.fail(0, `begin it with "version: 1"`, "the key version is missing")
	}
	if !receivers {
		l.fail(0, "add receivers: and a list", "the file names no receivers")
	}
}

// receiverName is what a name may be: it is printed, and compared with what is kept in the state folder.
var receiverName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (l *loader) receiver(n *yaml.Node, c *Config, lines map[string]int) {
	r := &Receiver{Timeout: defaultTimeout}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 { // problems name it, wherever its name stands
		if n.Content[i].Value == "name" {
			r.Name = n.Content[i+1].Value
		}
	}
	label := fmt.Sprintf("receiver %q", r.Name)
	if !receiverName.MatchString(r.Name) {
		l.fail(n.Line, "give it a name of letters, digits and . _ -, at most 64", "a receiver without a usable name")
		label = "the receiver"
	} else if before := lines[r.Name]; before > 0 {
		l.fail(n.Line, "give each its own", "the name %q stands already in line %d", r.Name, before)
	}
	lines[r.Name] = n.Line
	var kinds []string
	keys := map[string]func(*yaml.Node){
		"name":     func(*yaml.Node) {},
		"severity": func(n *yaml.Node) { r.Severity = oneOf(l, n, "severity", diag.Severities) },
		"events": func(n *yaml.Node) {
			r.Events = []transition.Kind{}
			l.list(n, "events", func(n *yaml.Node) { r.Events = append(r.Events, oneOf(l, n, "events", transition.Kinds)) })
			if len(r.Events) == 0 {
				l.fail(n.Line, "leave the key out to be told everything", "events of %s names none", label)
			}
		},
		"timeout": func(n *yaml.Node) { r.Timeout = l.duration(n, "timeout", r.Timeout) },
	}
	for kind, read := range channels {
		keys[kind] = func(n *yaml.Node) { kinds, r.channel = append(kinds, kind), read(l, n, label) }
	}
	if !l.mapping(n, label, keys) {
		return
	}
	if len(kinds) != 1 {
		l.fail(n.Line, "give one of webhook, email, syslog, exec", "%s has %d ways to be told", label, len(kinds))
	}
	c.Receivers = append(c.Receivers, r)
}

// channels reads the settings of each way to tell; what goes wrong is noted.
var channels = map[string]func(l *loader, n *yaml.Node, label string) channel{
	"webhook": readWebhook,
	"email":   readEmail,
	"syslog":  readSyslog,
	"exec":    readExec,
}

// mapping hands each value to its key and notes keys that are unknown or repeated.
func (l *loader) mapping(n *yaml.Node, what string, keys map[string]func(*yaml.Node)) bool {
	return l.pairs(n, what, func(key, value *yaml.Node) {
		if read := keys[key.Value]; read != nil {
			read(value)
			return
		}
		l.fail(key.Line, "known: "+strings.Join(slices.Sorted(maps.Keys(keys)), ", "), "unknown key%s in %s", shown(key), what)
	})
}

// keyWord is what a key looks like. Anything else could be the secret itself, where its key has been forgotten.
var keyWord = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{0,30}$`)

// shown is a key as a problem names it: with a blank in front, or not at all.
func shown(key *yaml.Node) string {
	if !keyWord.MatchString(key.Value) {
		return ""
	}
	return fmt.Sprintf(" %q", key.Value)
}

func (l *loader) pairs(n *yaml.Node, what string, read func(key, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		l.fail(n.Line, "", "%s must be a mapping (key: value)", what)
		return false
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			l.fail(key.Line, "", "a key of %s must be text", what)
		case seen[key.Value] > 0:
			l.fail(key.Line, "", "the key%s of %s stands already in line %d", shown(key), what, seen[key.Value])
		case value.Kind == yaml.AliasNode || value.Anchor != "":
			l.fail(value.Line, "write the value itself; a text that begins with * or & needs quotes", "anchors and aliases are not read here")
		default:
			seen[key.Value] = key.Line
			read(key, value)
		}
	}
	return true
}

func (l *loader) list(n *yaml.Node, what string, read func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		l.fail(n.Line, "write ["+"...]", "%s must be a list", what)
		return
	}
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			l.fail(item.Line, "write the value itself", "anchors and aliases are not read here")
			continue
		}
		read(item)
	}
}

// text is a scalar on one line.
func (l *loader) text(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		l.fail(n.Line, "", "%s must be a single value", what)
	case n.ShortTag() == "!!null" || strings.TrimSpace(n.Value) == "":
		l.fail(n.Line, "", "%s has no value", what)
	case strings.ContainsFunc(n.Value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		l.fail(n.Line, "", "%s holds a line break or a control character", what)
	default:
		return n.Value, true
	}
	return "", false
}

// set reads a text into a field.
func (l *loader) set(field *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) { *field, _ = l.text(n, what) }
}

func oneOf[T ~string](l *loader, n *yaml.Node, what string, known []T) T {
	v, ok := l.text(n, what)
	if ok && !slices.Contains(known, T(v)) {
		var words []string
		for _, k := range known {
			words = append(words, string(k))
		}
		l.fail(n.Line, "known: "+strings.Join(words, ", "), "%s: unknown %q", what, v)
	}
	return T(v)
}

func (l *loader) duration(n *yaml.Node, what string, otherwise time.Duration) time.Duration {
	v, ok := l.text(n, what)
	if !ok {
		return otherwise
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 100*time.Millisecond || d > maxTimeout {
		l.fail(n.Line, "write it like 5s", "%s is %q: want a time from 100ms to %s", what, v, maxTimeout)
		return otherwise
	}
	return d
}

// secret reads a reference by the rules of an inventory. There is nobody to ask when a message is due.
func (l *loader) secret(field **inventory.Reference, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		ref, warnings, err := inventory.ParseReference(l.path, n, what)
		l.warnings = append(l.warnings, warnings...)
		var problems inventory.Problems
		switch {
		case errors.As(err, &problems):
			l.problems = append(l.problems, problems...)
		case err != nil:
			l.fail(n.Line, "", "%s: %v", what, err)
		case ref != nil && ref.Source == inventory.FromPrompt:
			l.fail(n.Line, "use env, file, command, keyring or systemd", "%s: nobody can be asked when a message is due", what)
		default:
			*field = ref
		}
	}
}

// authorities reads the certificates of a file; they replace those of the system.
func (l *loader) authorities(field **x509.CertPool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		path, ok := l.text(n, "ca_file")
		if !ok {
			return
		}
		path = l.file(path)
		pem, err := os.ReadFile(path)
		if err != nil {
			l.fail(n.Line, "", "ca_file: %v", err)
			return
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			l.fail(n.Line, "it takes certificates in PEM form", "ca_file: %s holds no certificate", path)
			return
		}
		*field = pool
	}
}

// file is a path relative to the folder of the configuration; ~/ is the home.
func (l *loader) file(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(l.path), path)
}

// endpoint checks a host:port.
func (l *loader) endpoint(field *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, ok := l.text(n, what)
		if !ok {
			return
		}
		host, port, err := net.SplitHostPort(v)
		if number, bad := strconv.Atoi(port); err != nil || bad != nil || host == "" || number < 1 || number > 65535 {
			if strings.Contains(v, "@") { // an URL with a login
				v = "user@host"
			}
			l.fail(n.Line, "write it like relay.example.net:587", "%s is %q: want host:port", what, v)
			return
		}
		*field = v
	}
}

// missing notes every required key that has no value. A key whose value was wrong is noted already.
func (l *loader) missing(n *yaml.Node, label string, required ...string) {
	for _, key := range required {
		if !hasKey(n, key) {
			l.fail(n.Line, "add "+key, "%s has no %s", label, key)
		}
	}
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// loopback reports whether a host can only be this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
