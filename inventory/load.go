package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"slpdoctor/internal/diag"
)

// Format is the format of an inventory source.
type Format string

// The formats. Detect, the zero value, tells them apart by the file's extension and its first line.
const (
	Detect Format = ""
	YAML   Format = "yaml"
	CSV    Format = "csv"
	List   Format = "list"
)

// ParseFormat reads the value of --inventory-format; "" is Detect.
func ParseFormat(s string) (Format, error) {
	if f := Format(s); slices.Contains([]Format{Detect, YAML, CSV, List}, f) {
		return f, nil
	}
	return Detect, fmt.Errorf("unknown inventory format %q; known: yaml, csv, list", s)
}

// Options say how sources are read and what holds where they are silent.
type Options struct {
	Format Format    // Detect unless --inventory-format is given
	Stdin  io.Reader // what the source "-" reads; nil is the process's standard input
	Home   string    // for ~/ in paths; "" is the user's home
	// SSHConfig is a file, "none", or "" for ~/.ssh/config if there is one.
	SSHConfig string

	// The lowest layer, from the command line: it fills in what the inventory leaves open.
	Username string
	Jump     string // a chain as ParseJumps reads it; "none" keeps ssh_config from adding one
	Topology diag.TopologyID
	Default  Credential // of devices that name none; if it has an enable secret, they use it
}

// maxSource bounds a source: 64 MiB are some 500,000 devices.
const maxSource = 64 << 20

// Load reads and merges sources: paths, or "-" for standard input. It checks every reference and
// resolves no secret, so it is also what validates an inventory. If anything is wrong the error is
// Problems, all that could be found, and there is no inventory.
func Load(sources []string, o Options) (*Inventory, error) {
	var n notes
	l := loader{notes: &n, options: o}
	names := make([]string, 0, len(sources))
	var parsed []*source
	for i, name := range sources {
		if slices.Contains(sources[:i], name) {
			n.fail(Position{File: name}, "", "given twice")
			continue
		}
		s, shown := l.read(name)
		names = append(names, shown)
		if s != nil {
			parsed = append(parsed, s)
		}
	}
	if len(sources) == 0 {
		n.fail(Position{File: "inventory"}, "", "no source given")
	}
	return l.build(parsed, names)
}

// FromHosts makes an inventory of HOST arguments, to be contacted as given. A HOST that is repeated
// counts once. Errors are Problems, as in Load.
func FromHosts(hosts []string, o Options) (*Inventory, error) {
	var n notes
	l := loader{notes: &n, options: o}
	s := &source{name: "arguments"}
	var names []string
	for i, text := range hosts {
		if slices.Contains(hosts[:i], text) {
			continue
		}
		pos := Position{File: fmt.Sprintf("argument %d", i+1)}
		names = append(names, pos.File)
		l.addHost(s, text, pos)
	}
	return l.build([]*source{s}, names)
}

// loader reads sources into their written form.
type loader struct {
	*notes
	options Options
}

// source is one source as written.
type source struct {
	name        string
	inherits    bool // it cannot hold defaults of its own: CSV and plain lists
	defaults    *settings
	defaultsPos Position
	credentials []Credential
	jumps       []jumpEntry
	groups      []groupEntry
	devices     []deviceEntry
}

type jumpEntry struct {
	name                          string
	address, username, credential given[string]
	port                          given[int]
	pos                           Position
}

type groupEntry struct {
	name     string
	settings settings
	pos      Position
}

type deviceEntry struct {
	name     string
	groups   []given[string]
	settings settings
	pos      Position
	broken   bool // problems with its own keys have been noted
}

// document is the text of a source and what is to be known of the file around it.
type document struct {
	name string // as it is shown
	dir  string // what relative paths are relative to
	data []byte
	// unsafe says why commands in it are refused; "" when they are not.
	unsafe string
}

// read returns the source, or nil after a problem, and the name under which its problems are noted.
func (l *loader) read(name string) (*source, string) {
	doc, err := l.open(name)
	if err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err
		}
		l.fail(Position{File: doc.name}, "", "%v", err)
		return nil, doc.name
	}
	return l.parse(doc), doc.name
}

func (l *loader) open(name string) (document, error) {
	if name == "-" {
		doc := document{name: "standard input", unsafe: "an inventory read from standard input"}
		in := l.options.Stdin
		if in == nil {
			in = os.Stdin
		}
		var err error
		doc.data, err = readBounded(in)
		return doc, err
	}
	doc := document{name: name, dir: filepath.Dir(name)}
	f, err := os.Open(name)
	if err != nil {
		return doc, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return doc, err
	}
	if info.IsDir() {
		return doc, errors.New("this is a directory; name the inventory file in it")
	}
	doc.unsafe = writableByOthers(info)
	doc.data, err = readBounded(f)
	return doc, err
}

func readBounded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSource+1))
	if err == nil && len(data) > maxSource {
		err = fmt.Errorf("larger than %d MiB; this is not an inventory", maxSource>>20)
	}
	return data, err
}

// parse reads a document; nil after a problem that leaves nothing to go on with.
func (l *loader) parse(doc document) *source {
	if !l.checkText(&doc) {
		return nil
	}
	s := &source{name: doc.name}
	format := l.options.Format
	if format == Detect {
		format = detect(doc)
	}
	switch format {
	case YAML:
		l.parseYAML(doc, s)
	case CSV:
		s.inherits = true
		l.parseCSV(doc, s)
	default:
		s.inherits = true
		l.parseList(doc, s)
	}
	return s
}

// checkText strips a byte order mark and refuses what is empty or not UTF-8 text.
func (l *loader) checkText(doc *document) bool {
	pos := Position{File: doc.name}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(doc.data, []byte(mark)) {
			l.fail(pos, "save it as UTF-8", "this is UTF-16 text")
			return false
		}
	}
	doc.data = bytes.TrimPrefix(doc.data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(doc.data)) == 0 {
		l.fail(pos, "", "the file is empty")
		return false
	}
	for i, rest := 0, doc.data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == 0 || r == utf8.RuneError && size == 1 {
			pos.Line = 1 + bytes.Count(doc.data[:i], []byte("\n"))
			hint := "save it as UTF-8"
			if r == 0 {
				hint = ""
			}
			l.fail(pos, hint, "this is not text: byte 0x%02x at offset %d", rest[0], i)
			return false
		}
		i, rest = i+size, rest[size:]
	}
	return true
}

// detect goes by the extension, then by the first line that is neither blank nor a comment.
func detect(doc document) Format {
	switch strings.ToLower(filepath.Ext(doc.name)) {
	case ".yaml", ".yml", ".json":
		return YAML
	case ".csv":
		return CSV
	}
	for line := range strings.Lines(string(doc.data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, rest, colon := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "%YAML"), strings.HasPrefix(line, "{"),
			strings.HasPrefix(line, "- "),
			colon && !strings.ContainsAny(key, ", ") && (rest == "" || rest[0] == ' '):
			return YAML
		case strings.Contains(line, ","), strings.Contains(line, ";"), slices.Contains(csvReserved, strings.ToLower(line)):
			return CSV
		}
		return List
	}
	return YAML
}

// path makes a path of the inventory usable: ~/ is the home, the rest is relative to dir.
func (l *loader) path(dir, name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		return filepath.Join(l.home(), rest)
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

func (l *loader) home() string {
	if l.options.Home != "" {
		return l.options.Home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "~"
	}
	return home
}
