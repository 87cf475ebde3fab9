package input

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// most is the largest count that is believed: sums of counts stay far from the end of an int64.
const most = 1_000_000_000_000

// none is what exports write where there is no value.
func none(s string) bool {
	if len(s) > 4 {
		return false
	}
	switch strings.ToLower(s) {
	case "", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null":
		return true
	}
	return false
}

var (
	errNumber   = errors.New("is no whole number")
	errNegative = errors.New("is negative, and this count never is")
	errLarge    = fmt.Errorf("is larger than %d, which no count of licences is", most)
)

// number reads a count as spreadsheets and portals write it: "298", "1,234", "1.234", "1 234", "1'234", "298.00",
// "(7)" and "-7" for what is owed. Nil is no value.
func number(s string, signed bool) (*int64, error) {
	s = strings.TrimSpace(s)
	if none(s) {
		return nil, nil
	}
	digits, negative := s, false
	if in, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(in, ")") {
		digits, negative = strings.TrimSuffix(in, ")"), true
	} else if rest, ok := cutSign(s); ok {
		digits, negative = rest, !strings.HasPrefix(s, "+")
	}
	plain, err := ungroup(digits)
	if err != nil {
		return nil, err
	}
	if len(plain) > 18 {
		plain = strings.TrimLeft(plain, "0")
	}
	n, err := strconv.ParseInt("0"+plain, 10, 64)
	switch {
	case err != nil || n > most:
		return nil, errLarge
	case negative && n != 0 && !signed:
		return nil, errNegative
	case negative:
		n = -n
	}
	return &n, nil
}

// cutSign cuts a sign off; minus has a character of its own.
func cutSign(s string) (string, bool) {
	for _, sign := range []string{"-", "+", "\u2212", "\u2013"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return strings.TrimLeft(rest, " \u00a0"), true
		}
	}
	return s, false
}

// ungroup is a number without its thousands separators and without a fraction of zeros.
func ungroup(s string) (string, error) {
	if strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0 && s != "" {
		return s, nil
	}
	if s == "" || s[0] < '0' || s[0] > '9' || len(s) > 64 {
		return "", errNumber
	}
	var groups []string // of digits
	var separators []rune
	begin := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			continue
		case unicode.IsSpace(r) || strings.ContainsRune(",.'\u2019\u202f\u2009", r):
			groups, separators = append(groups, s[begin:i]), append(separators, r)
			begin = i + len(string(r))
		default:
			return exponent(s)
		}
	}
	groups = append(groups, s[begin:])
	// A fraction: the last separator is a point or comma, alone of its kind, and no group of three follows.
	if last := len(separators) - 1; len(groups[last+1]) != 3 && (separators[last] == '.' || separators[last] == ',') && (last == 0 || separators[last] != separators[0]) {
		if strings.Trim(groups[last+1], "0") != "" {
			return "", errNumber
		}
		groups, separators = groups[:last+1], separators[:last]
	}
	for i, g := range groups {
		switch {
		case i == 0 && len(groups) > 1 && len(g) > 3, i > 0 && i == len(groups)-1 && len(g) != 3, i > 0 && len(g) != 3 && len(g) != 2,
			i > 1 && separators[i-1] != separators[0]:
			return "", errNumber
		}
	}
	return strings.Join(groups, ""), nil
}

// exponent reads the way in which spreadsheets keep large numbers.
func exponent(s string) (string, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "xX_") || !strings.ContainsAny(s, "eE") || f > most || f != float64(int64(f)) {
		return "", errNumber
	}
	return strconv.FormatInt(int64(f), 10), nil
}

// layouts are the times of portals. A layout with PM reads 13:44 PM too.
var layouts = []string{
	"2006-Jan-02 15:04:05", "2006-Jan-02 15:04", "2006-Jan-02",
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02",
	"2 Jan 2006 15:04:05 PM", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04 PM", "2 Jan 2006 15:04", "2 Jan 2006",
	"2 January 2006 15:04:05", "2 January 2006",
	"Jan 2, 2006 15:04:05 PM", "Jan 2, 2006, 15:04:05 PM", "Jan 2, 2006 15:04:05", "Jan 2, 2006 15:04 PM", "Jan 2, 2006 15:04", "Jan 2, 2006", "Jan 2 2006 15:04:05", "Jan 2 2006",
	"January 2, 2006 15:04:05", "January 2, 2006",
	"2-Jan-2006 15:04:05", "2-Jan-2006 15:04", "2-Jan-2006", "02-Jan-06",
	"Mon Jan 2 15:04:05 2006", "Mon, 2 Jan 2006 15:04:05", "Mon Jan 2 2006 15:04:05",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

// zones are the ways to say that a time is UTC.
var zones = []string{" UTC", " GMT", "Z", " Z", "+00:00", "+0000"}

// instant reads a time, and says whether it names its zone: one that does not is taken for UTC.
func instant(s string) (t time.Time, zoned, ok bool) {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, "\u202f", " ")), " ")
	if len(s) < 8 || len(s) > 60 {
		return t, false, false
	}
	for _, z := range zones {
		if rest, cut := strings.CutSuffix(s, z); cut && len(rest) > 0 && rest[len(rest)-1] >= '0' {
			if t, _, ok := instant(rest); ok {
				return t, true, true
			}
		}
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil && believable(t) {
			return t, false, true
		}
	}
	for _, l := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07:00", time.RFC1123Z, "Mon Jan 2 2006 15:04:05 GMT-0700"} {
		if t, err := time.Parse(l, s); err == nil && believable(t) {
			return t.UTC(), true, true
		}
	}
	return slashed(s)
}

// slashed reads 08/21/2025 and 21/08/2025 where only one of them is a date.
func slashed(s string) (t time.Time, zoned, ok bool) {
	var hits []time.Time
	for _, date := range []string{"1/2/2006", "2/1/2006"} {
		for _, clock := range []string{"", " 15:04", " 15:04:05", " 15:04 PM", " 15:04:05 PM", ", 15:04:05 PM"} {
			if t, err := time.Parse(date+clock, s); err == nil && believable(t) {
				hits = append(hits, t)
			}
		}
	}
	if len(hits) == 0 || !hits[len(hits)-1].Equal(hits[0]) {
		return t, false, false
	}
	return hits[0], false, true
}

func believable(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }
