package message

import (
	"iter"
	"slices"
	"strings"
)

// Events reads the messages out of log lines, given with their numbers, in the order of the log: position
// decides about before and after, not time. Lines may carry any timestamp, a host or a relay before it, be
// wrapped, hold the rest of a pager, or stand in the middle of other output. What is not a message, and not
// the rest of one, is passed over.
func Events(lines iter.Seq2[int, string]) iter.Seq[Event] { return Some(lines, nil) }

// Some is Events of the messages that are wanted alone: of the others only the name is read, which makes it
// fast on logs that are mostly about something else. wants is asked once for every message; nil wants all.
func Some(lines iter.Seq2[int, string], wants func(facility, mnemonic string) bool) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		r := reader{wants: wants}
		for n, s := range lines {
			for _, e := range r.line(n, s) {
				if !yield(e) {
					return
				}
			}
		}
		if e, ok := r.finish(); ok {
			yield(e)
		}
	}
}

// Read is Events of a whole text.
func Read(text string) []Event {
	return slices.Collect(Events(func(yield func(int, string) bool) {
		n := 0
		for s := range strings.Lines(text) {
			if n++; !yield(n, s) {
				return
			}
		}
	}))
}

const (
	maxLines = 12   // of one message: what comes behind is other output
	maxText  = 4000 // bytes
)

// reader holds the message that may still go on in the next line.
type reader struct {
	wants func(facility, mnemonic string) bool
	open  Event
	isOn  bool
	width int // of the last line as it was captured; 0 when the message can not go on
	last  int // number of the last line
	words map[string]wording
}

// line takes the next line and gives the messages that ended.
func (r *reader) line(n int, s string) []Event {
	if !r.isOn && strings.IndexByte(s, '%') < 0 {
		return nil
	}
	s = strings.TrimRight(s, "\r\n")
	gap := s == "" || n > r.last+1
	r.last = n
	if gap {
		r.width = 0
	}
	if s = withoutPager(s); strings.TrimSpace(s) == "" {
		return nil
	}
	heads := findHeads(s, r.wants)
	if len(heads) == 0 && r.goesOn(s) {
		r.join(n, s)
		return nil
	}
	var done []Event
	if e, ok := r.finish(); ok {
		done = append(done, e)
	}
	for i, h := range heads {
		if !h.wanted {
			continue
		}
		end := len(s)
		if i+1 < len(heads) {
			end = heads[i+1].begin
		}
		r.open = Event{Line: n, EndLine: n, Host: h.host, Stamp: h.stamp, Facility: h.facility, Severity: h.severity,
			Mnemonic: h.mnemonic, Text: clip(s[h.text:end]), raw: clip(strings.TrimSpace(s))}
		r.isOn, r.width = true, len(s)
		if i+1 < len(heads) {
			e, _ := r.finish()
			done = append(done, e)
		}
	}
	return done
}

// goesOn reports whether s is the rest of the open message: the line before was broken, the message is not
// complete, and s is neither a log line nor a prompt.
func (r *reader) goesOn(s string) bool {
	e := r.open
	if !r.isOn || r.width == 0 || e.EndLine-e.Line >= maxLines || len(e.Text) > maxText {
		return false
	}
	ended, begun := progress(e)
	s = strings.TrimSpace(s)
	first, _, _ := strings.Cut(s, " ")
	byTerminal := broken(r.width) || broken(r.width+1) // a blank at the end may be lost
	byEditor := r.width < 80 && (r.width+1+len(first) > 80 || begun && r.width >= 60)
	if ended || !byTerminal && !byEditor || strings.ContainsAny(first, "#>") {
		return false
	}
	stamp, _, begin := readPrefix(s)
	return stamp.IsZero() || begin > 0
}

// join appends a line. A terminal breaks lines at its width, in the middle of a word; an editor at a blank.
func (r *reader) join(n int, s string) {
	if !broken(r.width) {
		r.open.Text += " "
	}
	r.open.Text += s
	r.open.EndLine = n
	r.width = len(s)
}

// broken reports whether a line is as long as a terminal is wide.
func broken(width int) bool { return slices.Contains(terminalWidths, width) }

var terminalWidths = []int{80, 100, 120, 132, 160, 200, 250, 256, 511, 512}

// finish closes the open message: blanks folded, variables read.
func (r *reader) finish() (Event, bool) {
	if !r.isOn {
		return Event{}, false
	}
	r.isOn = false
	e := r.open
	wording := r.word(e.ID(), e.Text)
	e.Text, e.Vars, e.Cut = wording.text, wording.vars, wording.cut
	return e, true
}

// wording is what the text of a message says.
type wording struct {
	text string
	vars map[string]string
	cut  bool
}

// Wordings that are remembered: a failure is logged over and over in the same words.
const (
	maxWordings = 256
	maxWords    = 500 // bytes
)

// word reads the text of a message.
func (r *reader) word(id, wide string) wording {
	m, known := byID()[id]
	if !known || len(m.patterns) == 0 {
		return wording{text: fold(wide)}
	}
	key := id + wide
	if w, ok := r.words[key]; ok {
		return w
	}
	w := wording{text: fold(wide)}
	var whole bool
	if w.vars, whole = m.match(w.text); !whole {
		w.cut = true
		// other output that begins in the middle of the message stands behind a run of blanks
		if before, _, found := strings.Cut(strings.TrimSpace(wide), "   "); found {
			w.text = fold(before)
		}
	}
	if len(key) <= maxWords {
		if r.words == nil || len(r.words) >= maxWordings {
			r.words = map[string]wording{}
		}
		r.words[key] = w
	}
	return w
}

// progress says of a catalogued message whether its text has all the words that its template ends in, and
// whether it is not yet of the template's shape.
func progress(e Event) (ended, begun bool) {
	m, ok := byID()[e.ID()]
	if !ok || len(m.patterns) == 0 {
		return false, false
	}
	text := fold(e.Text)
	_, whole := m.match(text)
	return m.ends(text), !whole
}

func clip(s string) string { return s[:min(len(s), maxText)] }

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// withoutPager drops " --More-- " and the backspaces and blanks that wipe it from the screen.
func withoutPager(s string) string {
	if before, after, ok := strings.Cut(s, "--More--"); ok && strings.Trim(before, wiping) == "" {
		return strings.TrimLeft(after, wiping)
	}
	if rest := strings.TrimLeft(s, wiping); strings.Contains(s[:len(s)-len(rest)], "\b") {
		return rest
	}
	return s
}

const wiping = " \b\r"

// head is the beginning of a message in a line.
type head struct {
	begin    int // of its prefix
	text     int // of its text
	stamp    Stamp
	host     string
	facility string
	severity int
	mnemonic string
	wanted   bool
}

// findHeads finds every "%FACILITY-SEVERITY-MNEMONIC:" in a line. The prefix of what nobody wants is read
// only where it ends another message.
func findHeads(s string, wants func(facility, mnemonic string) bool) []head {
	var out []head
	from := 0
	for {
		i := strings.IndexByte(s[from:], '%')
		if i < 0 {
			return out
		}
		i += from
		h, ok := readHead(s, i)
		if !ok {
			from = i + 1
			continue
		}
		from = h.text
		h.wanted = wants == nil || wants(h.facility, h.mnemonic)
		if !h.wanted && len(out) == 0 {
			out = append(out, h)
			continue
		}
		start := 0
		if len(out) > 0 {
			start = out[len(out)-1].text
		}
		stamp, host, begin := readPrefix(s[start:i])
		h.stamp, h.host, h.begin = stamp, host, start+begin
		if stamp.IsZero() && start > 0 {
			h.begin = i
		}
		out = append(out, h)
	}
}

// readHead reads the head whose "%" stands at i.
func readHead(s string, i int) (head, bool) {
	end := i + 1
	for end < len(s) && headChar(s[end]) {
		end++
	}
	name := s[i+1 : end]
	for end < len(s) && s[end] == ' ' {
		end++
	}
	if end >= len(s) || s[end] != ':' {
		return head{}, false
	}
	dash := strings.LastIndexByte(name, '-')
	if dash < 2 || name[dash-2] != '-' || name[dash-1] < '0' || name[dash-1] > '7' || dash+1 == len(name) || dash == 2 {
		return head{}, false
	}
	facility := name[:dash-2]
	if short, ok := strings.CutPrefix(facility, "LICENSE-"); ok {
		facility = short
	}
	return head{text: end + 1, facility: facility, severity: int(name[dash-1] - '0'), mnemonic: name[dash+1:]}, true
}

func headChar(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}
