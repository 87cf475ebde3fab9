package collect

import (
	"bytes"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// The single keys that may be sent at any time: they abort, they never do anything.
const (
	keyCtrlC     = 0x03
	keyCtrlCaret = 0x1e // Ctrl-^ ends ping, traceroute and name lookups
)

const (
	enter      = "\r"
	lineEnable = "enable"
	lineExit   = "exit"
)

// sessionLines prepare the terminal of this one session; they change nothing on the device.
var sessionLines = []string{"terminal length 0", "terminal width 511", "terminal no monitor"}

// SessionLines are the lines that are sent beside the catalogue whatever the checks need: they prepare the
// terminal of the session and end it. enable, with its secret, and the keys that abort come on top.
func SessionLines() []string { return append(slices.Clone(sessionLines), lineExit) }

// catalogue is the closed set of lines, made once and shared by all guards.
type catalogue struct {
	fixed     map[string]bool
	templates []diag.Template
}

func newCatalogue(commands []*diag.Command) *catalogue {
	c := &catalogue{fixed: map[string]bool{}}
	for _, cmd := range commands {
		if cmd.Template.Fixed() {
			c.fixed[cmd.Template.String()] = true
		} else {
			c.templates = append(c.templates, cmd.Template)
		}
	}
	return c
}

// allows reports whether line is in the catalogue and has a harmless shape. The shape is checked although
// the catalogue is program text, so that a slip there stays a slip.
func (c *catalogue) allows(line string) bool {
	if !harmless(line) {
		return false
	}
	if c.fixed[line] {
		return true
	}
	for _, t := range c.templates {
		if t.Match(line) {
			return true
		}
	}
	return false
}

// harmless: printable ASCII, no help key, and no pipe but one to include or section.
func harmless(line string) bool {
	if line == "" || len(line) > diag.MaxLine || strings.Contains(line, "?") || strings.TrimSpace(line) != line {
		return false
	}
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' {
			return false
		}
	}
	_, filter, piped := strings.Cut(line, "|")
	if !piped {
		return true
	}
	return (strings.HasPrefix(filter, " include ") || strings.HasPrefix(filter, " section ")) &&
		!strings.Contains(filter, " |") && !strings.Contains(filter, "| ")
}

// guard decides what may leave for one device (product contract, section 10). It sees every write as a
// whole, together with what the device shows at that moment, and remembers what may be sent only once.
type guard struct {
	catalogue *catalogue
	enable    Secret // nil: enable is never sent

	asked bool // enable was sent
	told  bool // the secret was sent
	left  bool // exit was sent
}

// screen is what the device shows while it waits for input.
type screen struct {
	line   []byte // the unfinished last line
	paging bool   // the pager waits for a key
}

// admit returns nil if b may be written now, and an *Error of class NotAllowed otherwise. The error does not
// repeat b, which may be a secret.
func (g *guard) admit(b []byte, s screen) error {
	deny := func(why string) error {
		return newError(NotAllowed, StageCommand, "", "refusing to send "+why, nil)
	}
	switch {
	case g.left:
		return deny("anything after exit")
	case len(b) == 1 && (b[0] == keyCtrlC || b[0] == keyCtrlCaret):
		return nil
	case s.paging:
		if string(b) == " " {
			return nil
		}
		return deny("anything but a space to the pager")
	case asksForPassword(s.line):
		return g.admitSecret(b, deny)
	}
	text, complete := strings.CutSuffix(string(b), enter)
	switch {
	case !complete:
		return deny("part of a line")
	case text == "":
		return nil
	case text == lineExit:
		g.left = true
		return nil
	case text == lineEnable && g.enable != nil && !g.asked:
		g.asked = true
		return nil
	case onlySessionLines(text), g.catalogue.allows(text):
		return nil
	}
	return deny("a line that is not in the catalogue")
}

func (g *guard) admitSecret(b []byte, deny func(string) error) error {
	switch {
	case !g.asked || g.enable == nil:
		return deny("an answer to a password question that nobody expected")
	case g.told:
		return deny("the enable secret a second time")
	}
	secret := []byte(g.enable())
	if len(secret) == 0 || bytes.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return deny("an enable secret that is empty or has control characters")
	}
	if !bytes.Equal(b, append(secret, enter...)) {
		return deny("anything but the enable secret to a password question")
	}
	g.told = true
	return nil
}

func onlySessionLines(text string) bool {
	for line := range strings.SplitSeq(text, enter) {
		if line != sessionLines[0] && line != sessionLines[1] && line != sessionLines[2] {
			return false
		}
	}
	return true
}

// asksForPassword reports whether an unfinished line is a password question: "Password: ", "PASSCODE:".
func asksForPassword(line []byte) bool {
	line = bytes.TrimRight(line, " ")
	return len(line) <= 80 && bytes.HasSuffix(line, []byte(":")) && asksPassword.Match(line)
}
