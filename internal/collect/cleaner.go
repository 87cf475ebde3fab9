package collect

import "bytes"

// cleaner turns what a terminal receives into text: it drops carriage returns, bells, NULs and escape
// sequences, applies backspaces, and removes the pager's line together with the way it is wiped. Its state
// survives the borders of reads. The zero value is ready.
type cleaner struct {
	escape  escapeState
	wiping  bool // the pager asked, and its line is still to be wiped
	mark    int  // where that line begins
	carried bool // a carriage return was seen while wiping
}

type escapeState byte

const (
	plain     escapeState = iota
	escaped               // after ESC
	control               // in ESC [ ... final byte
	oscommand             // in ESC ] ... BEL or ESC \
	charset               // one more byte after ESC ( and the like
)

// feed appends the clean form of in to text.
func (c *cleaner) feed(text, in []byte) []byte {
	for len(in) > 0 {
		if c.escape == plain && !c.wiping {
			n := textRun(in)
			text, in = append(text, in[:n]...), in[n:]
			if len(in) == 0 {
				break
			}
		}
		b := in[0]
		in = in[1:]
		if c.escape != plain || b == 0x1b {
			c.skip(b)
			continue
		}
		if c.wiping {
			var done bool
			if text, done = c.wipe(text, b); done {
				continue
			}
		}
		switch {
		case b == '\b' || b == 0x7f:
			if n := len(text); n > 0 && text[n-1] != '\n' {
				text = text[:n-1]
			}
		case b >= ' ' || b == '\n' || b == '\t':
			text = append(text, b)
		}
	}
	return text
}

// textRun is how many bytes at the beginning of in are text: nearly all of what a device sends.
func textRun(in []byte) int {
	for i, b := range in {
		if b < ' ' && b != '\n' && b != '\t' || b == 0x7f {
			return i
		}
	}
	return len(in)
}

func (c *cleaner) skip(b byte) {
	switch c.escape {
	case plain:
		c.escape = escaped
	case escaped:
		switch b {
		case '[':
			c.escape = control
		case ']':
			c.escape = oscommand
		case '(', ')', '#', '%':
			c.escape = charset
		default:
			c.escape = plain
		}
	case control:
		if b >= 0x40 && b <= 0x7e {
			c.escape = plain
		}
	case oscommand:
		if b == 0x07 {
			c.escape = plain
		} else if b == 0x1b {
			c.escape = escaped
		}
	case charset:
		c.escape = plain
	}
}

// wipe handles one byte after the pager was answered: backspaces or a carriage return, blanks over its text,
// and the way back. Only that shows that it was a pager, and takes its text away; blanks that nothing goes
// back over belong to the answer. It reports whether the byte is dealt with.
func (c *cleaner) wipe(text []byte, b byte) ([]byte, bool) {
	if c.carried && b != '\n' {
		text = text[:min(c.mark, len(text))]
	}
	c.carried = b == '\r'
	switch b {
	case ' ':
		return append(text, b), true
	case '\b':
		return text[:min(c.mark, len(text))], true
	case '\r', 0, 0x07:
		return text, true
	}
	c.wiping = false
	return text, false
}

// The questions of pagers, without the blanks around them: IOS XE, and firewalls.
const (
	pagerIOS = "--More--"
	pagerASA = "<--- More --->"
)

// pager reports whether text ends in the pager's question, which was not there before.
func (c *cleaner) pager(text []byte) bool {
	if c.wiping {
		return false
	}
	last := lastLine(text)
	if line := bytes.TrimSpace(last); string(line) != pagerIOS && string(line) != pagerASA {
		return false
	}
	c.wiping, c.mark, c.carried = true, len(text)-len(last), false
	return true
}

// restart forgets positions in a text that is thrown away; an escape sequence in progress goes on.
func (c *cleaner) restart() { c.wiping, c.carried = false, false }
