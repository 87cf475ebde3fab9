package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"slpdoctor/internal/mask"
)

var (
	errPacked = errors.New("the file is compressed: unpack it first")
	errBinary = errors.New("the file is not text")
)

// decode turns the bytes of a file into masked text as a screen would show it, line by line: each line of
// the result is the line of the same number in the file. Byte order marks and UTF-16 (what PowerShell
// writes) are understood.
func decode(data []byte) (string, error) {
	for _, magic := range []string{"\x1f\x8b", "PK\x03\x04", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(data, []byte(magic)) {
			return "", errPacked
		}
	}
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		data = fromUTF16(data[2:], binary.BigEndian)
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	}
	if garbage(data) {
		return "", errBinary
	}
	return mask.Text(onScreen(strings.ToValidUTF8(string(data), "\uFFFD"))), nil
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// garbage reports whether the beginning of data holds more than a tenth of bytes that no terminal log
// holds. Text in an old Asian encoding passes.
func garbage(data []byte) bool {
	data = data[:min(len(data), 64<<10)]
	bad := 0
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1 && (i+1 >= len(data) || data[i+1] < 0x40):
			bad++
		case r < ' ' && !strings.ContainsRune("\t\n\r\a\b\f\v\x1b", r):
			bad++
		}
		i += n
	}
	return bad*10 > len(data)
}

// onScreen applies what is not text: line ends, carriage returns, backspaces, ANSI sequences, and the rests
// of a pager.
func onScreen(s string) string {
	if !strings.Contains(s, "\n") {
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	if strings.IndexFunc(s, isControl) < 0 && !strings.Contains(s, "More") {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for line := range strings.Lines(s) {
		text, end := strings.CutSuffix(line, "\n")
		out.WriteString(unpaged(drawn(strings.TrimRight(text, "\r"))))
		if end {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

// drawn is what a line looks like on a screen.
func drawn(line string) string {
	if strings.IndexFunc(line, isControl) < 0 {
		return line
	}
	out := make([]byte, 0, len(line))
	col, erased := 0, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == 0x1b:
			n, final := escape(line[i:])
			i += n - 1
			if final == 'K' {
				out = out[:col]
			}
		case c == '\b':
			col, erased = max(col-1, 0), true
		case c == '\r':
			col, erased = 0, true
		case isControl(rune(c)):
		case col < len(out):
			out[col] = c
			col++
		default:
			out = append(out, c)
			col++
		}
	}
	text := strings.ToValidUTF8(string(out), "\uFFFD")
	if erased {
		text = strings.TrimRight(text, " ")
	}
	return text
}

// escape is the length of the escape sequence at the beginning of s and its last byte.
func escape(s string) (int, byte) {
	if len(s) < 2 {
		return len(s), 0
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1, s[i]
			}
		}
		return len(s), 0
	case ']':
		for i := 2; i < len(s); i++ {
			if s[i] == '\a' {
				return i + 1, 0
			}
			if s[i] == 0x1b {
				return i, 0
			}
		}
		return len(s), 0
	case '(', ')':
		return min(3, len(s)), 0
	}
	return 2, 0
}

// pager is what "--More--" leaves where its backspaces were lost: itself and eight blanks that erase it.
var pager = regexp.MustCompile(`^ ?-- ?More ?-- ?(?: {8})?`)

func unpaged(line string) string {
	if strings.Contains(line, "More") {
		return pager.ReplaceAllString(line, "")
	}
	return line
}
