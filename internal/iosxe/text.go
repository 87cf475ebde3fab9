package iosxe

import (
	"slices"
	"strings"
	"sync"

	"slpdoctor/internal/diag"
)

// row is one non-blank line of an answer.
type row struct {
	text   string // the device's words, without the blanks around them
	key    string // before the first ": " or before a trailing ":"; all of text when there is neither
	value  string // after the colon; "" when there is none
	num    int    // 1-based line of the stored capture
	indent int    // blanks before text, in bytes
	colon  bool   // whether key was ended by a colon
	state  rowState
}

type rowState uint8

const (
	unread rowState = iota
	read            // a rule of the parser consumed it
	noise           // known, not used: echo, preamble, underline, pager
)

// heading reports whether the row is a key with nothing after its colon.
func (r *row) heading() bool { return r.colon && r.value == "" }

// raw is the text with its indentation as blanks, so that positions are those of the line.
func (r *row) raw() string { return strings.Repeat(" ", r.indent) + r.text }

// text is an answer, read once: stage one of every parser.
type text struct {
	line  string // the command as sent
	rows  []row  // what the parser reads: all, without a last line that was cut in the middle
	stamp *row   // the "Time source" line of the preamble, nil when there is none

	all     []row
	pooled  *[]row
	ended   bool // whether the answer ends with a line end
	problem diag.Reason
	cells   map[int][]diag.Node // the cells of table rows by line number
}

// rowPool keeps the rows of answers that are read: nothing points at a row once its parser has returned.
var rowPool = sync.Pool{New: func() any { return new([]row) }}

// free gives the rows back. The text is of no use after it.
func (t *text) free() {
	clear(t.all)
	*t.pooled = t.all[:0]
	rowPool.Put(t.pooled)
}

// scan splits an answer into rows. It is linear and copies no text.
func scan(line, answer string) *text {
	pooled := rowPool.Get().(*[]row)
	t := &text{line: line, pooled: pooled, ended: strings.HasSuffix(answer, "\n"),
		all: slices.Grow(*pooled, min(strings.Count(answer, "\n")+1, 1<<14))} // most lines may be blank
	for n := 1; answer != ""; n++ {
		var s string
		if i := strings.IndexByte(answer, '\n'); i >= 0 {
			s, answer = answer[:i], answer[i+1:]
		} else {
			s, answer = answer, ""
		}
		end := len(s)
		for end > 0 && blank(s[end-1]) {
			end--
		}
		start := 0
		for start < end && blank(s[start]) {
			start++
		}
		if start == end {
			continue
		}
		r := row{text: s[start:end], num: n, indent: start}
		r.split()
		t.all = append(t.all, r)
	}
	t.rows = t.all
	t.quieten()
	return t
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func (r *row) split() {
	s := r.text
	r.key = s
	for i := 0; ; i++ {
		j := strings.IndexByte(s[i:], ':')
		if j < 0 {
			return
		}
		i += j
		if i+1 == len(s) || blank(s[i+1]) {
			from := i + 1
			for from < len(s) && blank(s[from]) {
				from++
			}
			for i > 0 && blank(s[i-1]) {
				i--
			}
			r.key, r.value, r.colon = s[:i], s[from:], true
			return
		}
	}
}

// quieten marks what surrounds every answer: the echo, the preamble of "terminal exec prompt timestamp",
// underlines, rests of the pager and the prompt at the end.
func (t *text) quieten() {
	for i := range t.rows {
		r := &t.rows[i]
		switch c := r.text[0]; {
		case i == 0 && echo(r.text, t.line):
			r.state = noise
		case (c == '=' || c == '-') && underline(r.text):
			r.state = noise
		case c == '-' && strings.HasPrefix(r.text, "--More--"):
			r.state = noise
		case c == 'L' && strings.HasPrefix(r.text, "Load for five secs:"):
			r.state = noise
		case (c == 'T' || c == 'N') && t.stamp == nil && i < 3 &&
			(strings.HasPrefix(r.text, "Time source is ") || strings.HasPrefix(r.text, "No time source")):
			r.state, t.stamp = noise, r
		}
	}
	if n := len(t.rows); n > 0 && prompt(t.rows[n-1].text) {
		t.rows[n-1].state = noise
	}
}

// echo reports whether s is the typed command as the terminal showed it, with or without its prompt, in any
// abbreviation, or scrolled left when it was longer than the screen.
func echo(s, line string) bool {
	if s[0] == '$' {
		return true
	}
	if i := strings.IndexAny(s, "#> "); i > 0 && s[i] != ' ' && s[0] != '<' {
		return true
	}
	typed := strings.Fields(s)
	return len(typed) > 1 && abbreviates(typed, strings.Fields(line))
}

// abbreviates reports whether every typed word is the beginning of the word in its place.
func abbreviates(typed, full []string) bool {
	if len(typed) > len(full) {
		return false
	}
	for i, w := range typed {
		if !strings.HasPrefix(full[i], w) {
			return false
		}
	}
	return true
}

func prompt(s string) bool {
	last := s[len(s)-1]
	return len(s) > 1 && (last == '#' || last == '>') && s[0] != '<' && !strings.ContainsAny(s, " \t:=")
}

func underline(s string) bool {
	return len(s) > 2 && strings.Trim(s, "=-+ \t") == ""
}

// refusals are what the command line says in place of an answer.
var refusals = []string{"% Invalid input", "% Incomplete command", "% Ambiguous command", "% Unknown command",
	"% Authorization failed", "Command authorization failed"}

// refused reports an answer that is only the command line's complaint.
func (t *text) refused() bool {
	for i := range t.rows {
		r := &t.rows[i]
		if r.state == noise {
			continue
		}
		if r.text != "^" {
			return slices.ContainsFunc(refusals, func(s string) bool { return strings.HasPrefix(r.text, s) })
		}
	}
	return false
}

// has reports whether some row has the key.
func (t *text) has(key string) bool {
	for i := range t.rows {
		if t.rows[i].key == key {
			return true
		}
	}
	return false
}

// logLine reports a syslog message that the terminal printed into the answer.
func logLine(r *row) bool {
	_, tail, found := strings.Cut(r.text, "%")
	if !found {
		return false
	}
	facility, _, found := strings.Cut(tail, ":")
	parts := strings.Split(facility, "-")
	return found && len(parts) >= 3 && len(parts[len(parts)-2]) == 1 && !strings.ContainsAny(facility, " \t") &&
		(r.text[0] == '%' || r.text[0] == '*' || r.text[0] == '.' || r.text[0] >= '0' && r.text[0] <= '9' || r.text[0] >= 'A' && r.text[0] <= 'Z')
}

// use marks a row as consumed and tells where it stands.
func (t *text) use(r *row) diag.Source {
	r.state = read
	return t.at(r)
}

// at is the source of a fact on row r.
func (t *text) at(r *row) diag.Source { return diag.Source{Command: t.line, Line: r.num, Text: r.text} }

// cut says that the answer ends in the middle: its facts count only as a part. A parser that sees it before
// it reads is not shown a last line without an end, which may be half a value.
func (t *text) cut() {
	if t.problem == "" && !t.ended && len(t.rows) > 0 {
		t.rows = t.rows[:len(t.rows)-1]
	}
	t.problem = diag.Cut
}

// strange says that this is not an answer to the command: it yields no facts.
func (t *text) strange() { t.problem = diag.Unparsed }

// table names the cells of a table row for the tree, in the order of the columns, and consumes it. Cells
// beyond the columns are kept under an empty key.
func (t *text) table(r *row, columns []string, cells ...string) diag.Source {
	nodes := make([]diag.Node, len(cells))
	for i, c := range cells {
		nodes[i] = diag.Node{Line: r.num, Value: c}
		if i < len(columns) {
			nodes[i].Key = columns[i]
		}
	}
	if t.cells == nil {
		t.cells = map[int][]diag.Node{}
	}
	t.cells[r.num] = nodes
	return t.use(r)
}

// under splits a row at the positions of the titles in its header row: a word belongs to the last column
// that begins at or left of it. Words left of all columns go to the first. The titles must be in the order of the header.
func under(header, r *row, titles []string) []string {
	starts := make([]int, len(titles))
	from := 0
	for i, title := range titles {
		if j := strings.Index(header.text[from:], title); j >= 0 {
			starts[i] = header.indent + from + j
			from += j + len(title)
		}
	}
	cells := make([]string, len(titles))
	line := r.raw()
	for i := range titles {
		lo, hi := min(starts[i], len(line)), len(line)
		if i == 0 {
			lo = 0
		}
		if i+1 < len(titles) {
			hi = min(starts[i+1], len(line))
		}
		// a word that straddles a border belongs to the column it begins in
		if i > 0 {
			for lo > 0 && lo < len(line) && !blank(line[lo-1]) && !blank(line[lo]) {
				lo++
			}
		}
		for hi > 0 && hi < len(line) && !blank(line[hi-1]) && !blank(line[hi]) {
			hi++
		}
		if lo < hi {
			cells[i] = strings.TrimSpace(line[lo:hi])
		}
	}
	return cells
}

// layout makes the lossless layout tree of an answer: a row is the child of the nearest row above it that is
// indented less, the cells of a table row are its children.
func layout(line, answer string, cells map[int][]diag.Node) []diag.Node {
	t := scan(line, answer)
	defer t.free()
	t.cells = cells
	i := 0
	return t.branch(&i, -1)
}

// branch collects the rows from *i on that are indented deeper than floor.
func (t *text) branch(i *int, floor int) []diag.Node {
	nodes := []diag.Node{}
	for *i < len(t.all) && min(t.all[*i].indent, deepest) > floor {
		r := &t.all[*i]
		*i++
		n := diag.Node{Line: r.num, Key: r.key, Value: r.value, Children: []diag.Node{}}
		for _, c := range t.cells[r.num] {
			c.Children = []diag.Node{}
			n.Children = append(n.Children, c)
		}
		n.Children = append(n.Children, t.branch(i, min(r.indent, deepest))...)
		nodes = append(nodes, n)
	}
	return nodes
}

// deepest bounds the indentation that makes a child, and so the depth of the tree and of its recursion.
const deepest = 256

// unparsed lists the rows that no rule consumed.
func (t *text) unparsed() []diag.Line {
	var out []diag.Line
	for i := range t.all {
		if r := &t.all[i]; r.state == unread {
			out = append(out, diag.Line{Number: r.num, Text: r.text})
		}
	}
	return out
}

// consumed reports whether the parser recognised anything.
func (t *text) consumed() bool {
	for i := range t.all {
		if t.all[i].state == read {
			return true
		}
	}
	return false
}

// option adjusts a command of the catalogue.
type option func(*reading)

type reading struct {
	command  *diag.Command
	emptyToo bool
}

// mayBeEmpty is for filtered commands: no line at all is an answer, its result is the zero T.
func mayBeEmpty(r *reading) { r.emptyToo = true }

// entry sets the remaining fields of the catalogue entry: plan, wave, needs, limits.
func entry(set func(*diag.Command)) option { return func(r *reading) { set(r.command) } }

// query makes the catalogue entry of a command whose answer is a T. parse fills it from the rows, marking
// what it consumes; an answer of which it consumes nothing yields no facts.
func query[T any](template, purpose string, parse func(*text, *T), options ...option) *diag.Query[T] {
	q := &diag.Query[T]{Command: diag.Command{Template: diag.NewTemplate(template), Purpose: purpose}}
	r := reading{command: &q.Command}
	for _, o := range options {
		o(&r)
	}
	q.Parse = func(c diag.Capture) diag.Parsed {
		line := c.Line
		if line == "" {
			line = template
		}
		t := scan(line, c.Text)
		defer t.free()
		var v *T
		switch {
		case t.refused():
			t.problem = diag.Refused
		default:
			if c.Outcome == diag.WasCut || c.Outcome == diag.WasTimedOut {
				t.cut()
			}
			v = new(T)
			parse(t, v)
		}
		cells := t.cells
		p := diag.Parsed{Unparsed: t.unparsed(), Problem: t.problem}
		p.Tree = func() []diag.Node { return layout(line, c.Text, cells) }
		switch {
		case p.Problem == diag.Refused, p.Problem == diag.Unparsed:
		case t.consumed(), r.emptyToo && len(p.Unparsed) == 0:
			p.Facts = v
		default:
			p.Problem = diag.Unparsed
		}
		return p
	}
	return q
}
