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

// sessionLines prepare the terminal of a session with IOS XE; they change nothing on the device.
var sessionLines = []string{"terminal length 0", "terminal width 511", "terminal no monitor"}

// SessionLines are the lines that are sent beside the catalogue whatever the checks need: they prepare the
// terminal of the session and end it. enable, with its secret, and the keys that abort come on top.
func SessionLines() []string { return append(slices.Clone(sessionLines), lineExit) }

// catalogue is the closed set of lines of one kind of device, made once and shared by all guards.
type catalogue struct {
	prepare   []string // the terminal of a session
	fixed     map[string]bool
	templates []diag.Template
	shells    map[string]map[string]bool // what is typed in a shell, exactly, by the line that opens it
}

func newCatalogue(commands []*diag.Command) *catalogue {
	c := &catalogue{prepare: sessionLines, fixed: map[string]bool{}, shells: map[string]map[string]bool{}}
	for _, cmd := range commands {
		if cmd.Inside != "" {
			if c.shells[cmd.Inside] == nil {
				c.shells[cmd.Inside] = map[string]bool{}
			}
			c.shells[cmd.Inside][cmd.Template.String()] = true
		} else if cmd.Template.Fixed() {
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

// shellReaders are the programs of a shell that a line may call: they read, and write nothing but their output.
var shellReaders = []string{"ls", "head", "tail", "grep", "timeout 60 zgrep", "cut"}

// allowsInside reports whether line may be typed in the shell that opener opens: it is in the catalogue, and it is
// nothing but readers in a pipe. The shape is checked for the same reason as in allows.
func (c *catalogue) allowsInside(opener, line string) bool {
	if !c.shells[opener][line] || len(line) > diag.MaxLine || strings.ContainsAny(line, "?;&<>`$(){}\\\"'~!#") {
		return false
	}
	for part := range strings.SplitSeq(line, "|") {
		part = strings.TrimSpace(part)
		if !slices.ContainsFunc(shellReaders, func(r string) bool { return strings.HasPrefix(part, r+" ") }) {
			return false
		}
	}
	return !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' })
}

// guard decides what may leave for one device (product contract, section 10). It sees every write as a
// whole, together with what the device shows at that moment, and remembers what may be sent only once.
type guard struct {
	catalogue *catalogue
	enable    Secret // nil: enable is never sent

	asked bool // enable was sent
	told  bool // the secret was sent
	left  bool // exit was sent

	opened string // the line that opened a shell, "" when none was sent
	outer  string // the prompt at which it was sent
}

// screen is what the device shows while it waits for input.
type screen struct {
	line   []byte // the unfinished last line
	paging bool   // the pager waits for a key
	prompt []byte // the last line that was shown, also when it belongs to an answer that is done with
}

// reader is who would read a line now: "" for the device's own command line, or the line that opened the shell. False
// means that the screen does not tell, as after a shell was asked for and did not answer, or in a shell of root.
func (g *guard) reader(prompt []byte) (string, bool) {
	switch shown := strings.TrimSpace(string(prompt)); {
	case g.opened == "", shown != "" && shown == g.outer:
		return "", true
	case looksLikeShell(prompt):
		return g.opened, true
	}
	return "", false
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
	inside, known := g.reader(s.prompt)
	switch {
	case !complete:
		return deny("part of a line")
	case text == "":
		return nil
	case !known:
		return deny("a line while it is not clear what would read it")
	case text == lineExit:
		g.left = inside == ""
		return nil
	case inside != "":
		if g.catalogue.allowsInside(inside, text) {
			return nil
		}
		return deny("a line that is not in the catalogue of this shell")
	case g.catalogue.shells[text] != nil:
		g.opened, g.outer = text, strings.TrimSpace(string(s.prompt))
		if !looksLikePrompt(s.prompt) {
			g.opened = ""
			return deny("the request for a shell without a prompt")
		}
		return nil
	case text == lineEnable && g.enable != nil && !g.asked:
		g.asked = true
		return nil
	case g.catalogue.onlyPrepares(text), g.catalogue.allows(text):
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

func (c *catalogue) onlyPrepares(text string) bool {
	for line := range strings.SplitSeq(text, enter) {
		if !slices.Contains(c.prepare, line) {
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
