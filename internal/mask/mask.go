package mask

import (
	"cmp"
	"slices"
	"strings"
)

// Mark stands where a secret was.
const Mark = "<masked>"

// span is a piece of a text, from byte start up to byte end.
type span struct{ start, end int }

// Text is the answer of a device with Mark in place of every secret. Lines are neither added nor
// removed, what is masked stays masked, and the time is linear in the length whatever the bytes are.
// Names, privileges and addresses on the same line stay, so that parsers still read it.
func Text(s string) string {
	spans := privateKeys(s)
	for at := 0; at < len(s); {
		i := triggers.next(s, at)
		if i < 0 {
			break
		}
		line := lineAt(s, i)
		lower := lowerASCII(s[line.start:line.end])
		for _, r := range rules {
			if strings.Contains(lower, r.trigger) {
				spans = r.find(spans, lower, line.start)
			}
		}
		at = line.end
	}
	return replace(s, spans)
}

// lowerASCII keeps byte positions, which strings.ToLower does not.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// lineAt is the line around byte i, without its end.
func lineAt(s string, i int) span {
	end := strings.IndexByte(s[i:], '\n')
	if end < 0 {
		end = len(s) - i
	}
	return span{strings.LastIndexByte(s[:i], '\n') + 1, i + end}
}

// replace puts one Mark for every run of touching spans: two Marks side by side would read as one secret
// the next time.
func replace(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	out.Grow(len(s))
	done := 0
	for i := 0; i < len(spans); {
		run := spans[i]
		for i++; i < len(spans) && spans[i].start <= run.end; i++ {
			run.end = max(run.end, spans[i].end)
		}
		out.WriteString(s[done:run.start])
		out.WriteString(Mark)
		done = run.end
	}
	out.WriteString(s[done:])
	return out.String()
}

// finder finds triggers by their first two bytes: almost every line of a device holds none, and every
// answer of every device comes through here.
type finder struct {
	list  [1 << 16]uint8 // first two bytes, as printed -> index in words
	words [][]string     // triggers that begin alike; words[0] is empty
}

var triggers = newFinder(rules)

func newFinder(rules []rule) *finder {
	f := &finder{words: [][]string{nil}}
	for _, r := range rules {
		head := r.trigger[:2]
		upper := strings.ToUpper(head)
		k := f.list[pair(head, 0)]
		if k == 0 {
			k = uint8(len(f.words))
			f.words = append(f.words, nil)
			for _, p := range []string{head, upper, head[:1] + upper[1:], upper[:1] + head[1:]} {
				f.list[pair(p, 0)] = k
			}
		}
		if !slices.Contains(f.words[k], r.trigger) {
			f.words[k] = append(f.words[k], r.trigger)
		}
	}
	return f
}

func pair(s string, i int) uint16 { return uint16(s[i])<<8 | uint16(s[i+1]) }

// next is where the first trigger at or behind byte at begins, -1 if there is none.
func (f *finder) next(s string, at int) int {
	for i := at; i+1 < len(s); i++ {
		for _, w := range f.words[f.list[pair(s, i)]] {
			if i+len(w) <= len(s) && strings.EqualFold(s[i:i+len(w)], w) {
				return i
			}
		}
	}
	return -1
}
