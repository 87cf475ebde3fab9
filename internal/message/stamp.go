package message

import (
	"regexp"
	"strings"
	"time"
)

const months = `Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec`

// stampRE finds the timestamps before a message, in the styles of `service timestamps` and of log
// collectors: date with or without year, milliseconds and zone; ISO 8601; time since the start. A zone
// counts only with the colon behind it, because a collector puts a host name there.
var stampRE = regexp.MustCompile(
	`([*.]?)((?:` + months + `) +\d{1,2}(?: \d{4})? \d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:(?: ([A-Za-z][\w+-]*))?:|\s)` +
		`|(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:?\d{2})?` +
		`|([*.]?)(\d+[ywdh]\d+[wdhm]|\b\d{1,3}:\d{2}:\d{2}):`)

// longestPrefix is how far before a message its prefix is looked at.
const longestPrefix = 300

// readPrefix takes apart what stands before a message: host and stamp. begin is where the prefix proper
// begins in s: behind other output on the same line that the message interrupted.
func readPrefix(s string) (stamp Stamp, host string, begin int) {
	skipped := max(0, len(s)-longestPrefix)
	all := stampRE.FindAllStringSubmatchIndex(s[skipped:], -1)
	if len(all) == 0 {
		return Stamp{}, hostIn(s[skipped:], 1), skipped
	}
	part := func(m []int, group int) string {
		if m[2*group] < 0 {
			return ""
		}
		return s[skipped+m[2*group] : skipped+m[2*group+1]]
	}
	last := all[len(all)-1]
	begin = skipped + last[0]
	switch {
	case part(last, 2) != "":
		stamp = Stamp{Text: part(last, 1) + part(last, 2), Mark: part(last, 1), Zone: part(last, 3)}
		stamp.wall, stamp.hasYear = wallClock(part(last, 2))
	case part(last, 4) != "":
		stamp = Stamp{Text: part(last, 4) + part(last, 5), Zone: part(last, 5), hasYear: true}
		stamp.wall, _ = time.Parse("2006-01-02T15:04:05", part(last, 4))
	default:
		stamp = Stamp{Text: part(last, 6) + part(last, 7), Mark: part(last, 6), Uptime: true}
	}
	// A collector's own date stands first, then the host; without the device's date the host stands behind.
	before, behind := s[skipped:begin], s[skipped+last[1]:]
	if len(all) > 1 {
		first := all[0]
		begin = skipped + first[0]
		host = hostIn(s[skipped+first[1]:skipped+last[0]], 2)
	} else if host = hostIn(behind, 1); host == "" {
		host = hostIn(before, 1)
	}
	return stamp, host, begin
}

// hostIn is the name of the device among the words of a prefix, the last of at most so many names: of a
// relay and the device, the device. Priorities and sequence numbers are no names; more names than that, or
// other characters, are no prefix.
func hostIn(s string, most int) string {
	host, names := "", 0
	for w := range strings.FieldsSeq(s) {
		if i := strings.IndexByte(w, '>'); i >= 0 && w[0] == '<' {
			w = w[i+1:]
		}
		if w = strings.Trim(w, ":"); strings.Trim(w, "0123456789-") == "" {
			continue
		}
		if names++; names > most || strings.Trim(w, hostChars) != "" {
			return ""
		}
		host = w
	}
	return host
}

const hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/"

// wallClock reads "Mar  7 23:36:42.697" and "Mar  7 2024 23:36:42.697"; the zero time when it is none.
func wallClock(s string) (wall time.Time, hasYear bool) {
	f := strings.Fields(s)
	year := "2000" // a leap year, so that 29 February is a day
	if len(f) == 4 {
		year, hasYear = f[2], true
	}
	clock, _, _ := strings.Cut(f[len(f)-1], ".")
	wall, err := time.Parse("Jan 2 15:04:05 2006", f[0]+" "+f[1]+" "+clock+" "+year)
	if err != nil {
		return time.Time{}, false
	}
	return wall, hasYear
}
