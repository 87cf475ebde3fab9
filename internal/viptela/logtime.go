package viptela

import (
	"bytes"
	"strings"
	"time"
)

// lineTime is the time at the beginning of a line of a log, as written, and the name of its zone; with an offset it is
// in a zone of that offset, otherwise in UTC. It reads "17-Jul-2025 09:11:12,123 UTC", "17-July-2025 09:11:12,123 EDT",
// "2025-07-17T09:11:12.123Z" and "2025-07-17 09:11:12,123 +0900", also in brackets.
func lineTime(line []byte) (t time.Time, zone string, ok bool) {
	s := rest(line[:min(len(line), 64)])
	if len(s) > 0 && s[0] == '[' {
		s = s[1:]
	}
	var year, day int
	var month time.Month
	if first, n := s.digits(4); n == 4 {
		m, d := 0, 0
		if !s.skip("-") || !s.two(&m) || !s.skip("-") || !s.two(&d) {
			return t, "", false
		}
		year, month, day = first, time.Month(m), d
	} else {
		var n2 int
		day = first
		if n == 0 || n > 2 || !s.skip("-") || !s.month(&month) || !s.skip("-") {
			return t, "", false
		}
		if year, n2 = s.digits(4); n2 != 4 {
			return t, "", false
		}
	}
	var h, m, sec int
	if !s.skip(" ") && !s.skip("T") || !s.two(&h) || !s.skip(":") || !s.two(&m) || !s.skip(":") || !s.two(&sec) {
		return t, "", false
	}
	nanos := 0
	if s.skip(",") || s.skip(".") {
		f, n := s.digits(9)
		for ; n < 9; n++ {
			f *= 10
		}
		nanos = f
	}
	t = time.Date(year, month, day, h, m, sec, nanos, time.UTC)
	if t.Day() != day || t.Month() != month || h > 23 || m > 59 || sec > 59 || year < 2000 || year > 2099 {
		return time.Time{}, "", false
	}
	s.skip(" ")
	if len(s) > 4 && (s[0] == '+' || s[0] == '-') {
		east := 60
		if s[0] == '-' {
			east = -60
		}
		s = s[1:]
		if s.two(&h) {
			s.skip(":")
			if s.two(&m) {
				in := time.FixedZone("", east*(60*h+m))
				return time.Date(year, month, day, t.Hour(), t.Minute(), sec, nanos, in), "UTC", true
			}
		}
		return t, "", true
	}
	return t, s.zone(), true
}

// IsLogLine reports whether a line begins as those of the log do: a time, and fields in brackets or between bars.
func IsLogLine(line []byte) bool {
	_, _, ok := lineTime(line)
	return ok && bytes.ContainsAny(line, "[|")
}

// rest is what of a line is still to be read.
type rest []byte

// digits reads up to so many digits.
func (s *rest) digits(most int) (value, n int) {
	for n < most && n < len(*s) && (*s)[n] >= '0' && (*s)[n] <= '9' {
		value = value*10 + int((*s)[n]-'0')
		n++
	}
	*s = (*s)[n:]
	return value, n
}

func (s *rest) two(v *int) bool {
	var n int
	*v, n = s.digits(2)
	return n == 2
}

func (s *rest) skip(what string) bool {
	if len(*s) < len(what) || string((*s)[:len(what)]) != what {
		return false
	}
	*s = (*s)[len(what):]
	return true
}

// month reads a name, short or long.
func (s *rest) month(m *time.Month) bool {
	word := s.letters()
	if len(word) < 3 {
		return false
	}
	for i := time.January; i <= time.December; i++ {
		if name := i.String(); strings.EqualFold(word, name) || strings.EqualFold(word, name[:3]) || word == "Sept" && i == time.September {
			*m = i
			return true
		}
	}
	return false
}

func (s *rest) letters() string {
	n := 0
	for n < len(*s) && ((*s)[n]|0x20) >= 'a' && ((*s)[n]|0x20) <= 'z' {
		n++
	}
	word := (*s)[:n]
	*s = (*s)[n:]
	return string(word)
}

// zone reads the name of a zone; a level such as INFO is none.
func (s *rest) zone() string {
	switch word := s.letters(); {
	case word == "Z" || word == "UTC" || word == "GMT":
		return "UTC"
	case len(word) < 2 || len(word) > 5 || word != strings.ToUpper(word) || level[word]:
		return ""
	default:
		return word
	}
}

var level = map[string]bool{"INFO": true, "WARN": true, "ERROR": true, "DEBUG": true, "TRACE": true, "FATAL": true}
