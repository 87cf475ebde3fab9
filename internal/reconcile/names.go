package reconcile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Names brings licence names together that differ between the portals. The zero Names only folds them.
type Names struct{ same map[string]string }

// ParseNames reads a mapping file: one "NAME = NAME" per line for two names of the same licence, # begins a comment.
// Errors name the line.
func ParseNames(text string) (Names, error) {
	n := Names{same: map[string]string{}}
	at := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		from, to, ok := strings.Cut(line, "=")
		from, to = Fold(from), Fold(to)
		if !ok || from == "" || to == "" || strings.Contains(to, "=") {
			return Names{}, fmt.Errorf("reading line %d: want NAME = NAME, the same licence in two portals", i+1)
		}
		if other, twice := n.same[from]; twice && other != to {
			return Names{}, fmt.Errorf("reading line %d: line %d gives %q another name", i+1, at[from], from)
		}
		n.same[from], at[from] = to, i+1
	}
	for _, from := range slices.Sorted(maps.Keys(n.same)) {
		to := n.same[from]
		if next, chained := n.same[to]; chained && to != next {
			return Names{}, fmt.Errorf("reading line %d: %q leads to %q, which line %d leads further", at[from], from, to, at[to])
		}
	}
	return n, nil
}

// key is the name under which a licence is compared.
func (n Names) key(name string) string {
	k := Fold(name)
	if to, ok := n.same[k]; ok {
		return to
	}
	return k
}

// Fold is a name as it is compared: without case, blanks around it and doubled ones, trademark signs, and with the
// plain character for every dash.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII:
		case strings.ContainsRune("\u2122\u00ae\u00a9\u2120", r):
			return -1
		case r == '\u2212' || unicode.Is(unicode.Pd, r): // minus, and what is called a dash
			return '-'
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

var tierName = regexp.MustCompile(`^(.*?)[\s:,-]*\btier\s*(\d+)$`)

// tier is the family of a licence and its level; ok is false for names without a tier.
func tier(key string) (family string, level int, ok bool) {
	m := tierName.FindStringSubmatch(key)
	if m == nil {
		return "", 0, false
	}
	level, err := strconv.Atoi(m[2])
	return m[1], level, err == nil
}

// sameFamily reports two tiers of one licence.
func sameFamily(a, b string) bool {
	fa, la, ok := tier(a)
	fb, lb, also := tier(b)
	return ok && also && fa == fb && la != lb
}

// account is a virtual account as it is compared; "" is not known.
type account struct{ smart, virtual string }

func accountOf(smart, virtual string) account { return account{Fold(smart), Fold(virtual)} }

// fits reports that two accounts may be the same.
func (a account) fits(b account) bool {
	return (a.smart == b.smart || a.smart == "" || b.smart == "") && (a.virtual == b.virtual || a.virtual == "" || b.virtual == "")
}

// accountName is an account for people.
func accountName(smart, virtual string) string {
	switch {
	case smart == "" && virtual == "":
		return "an account that the input does not name"
	case smart == "":
		return virtual
	}
	return smart + " / " + virtual
}

// udi is the identity of a product instance; serials are compared in upper case.
type udi struct{ pid, serial string }

// udiOf reads "PID:C9300-24UX,SN:FCW2303D16Y".
func udiOf(s string) udi {
	var u udi
	for part := range strings.SplitSeq(strings.ToUpper(s), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), ":")
		switch strings.TrimSpace(name) {
		case "PID":
			u.pid = strings.TrimSpace(value)
		case "SN":
			u.serial = strings.TrimSpace(value)
		}
	}
	return u
}

// chassis reads what vManage calls the UUID of a device: "<PID>-<serial>" of hardware, or a UUID, of virtual devices with
// a word before it that is no PID.
func chassis(uuid string) udi {
	s := strings.ToUpper(strings.TrimSpace(uuid))
	if _, rest, ok := strings.Cut(s, "-"); ok && isUUID(rest) {
		return udi{serial: rest}
	}
	i := strings.LastIndexByte(s, '-')
	if i <= 0 || isUUID(s) {
		return udi{serial: s}
	}
	return udi{s[:i], s[i+1:]}
}

var uuidForm = regexp.MustCompile(`^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`)

func isUUID(s string) bool { return uuidForm.MatchString(strings.ToUpper(s)) }

// hostName is the display name of a product instance as a host name without its domain; "" when it is a UDI or a
// serial number.
func hostName(i Instance) string {
	name := strings.ToLower(strings.TrimSpace(i.Name))
	if name == "" || strings.ContainsAny(name, ":; ,=") || strings.EqualFold(name, i.Serial) || isUUID(name) ||
		i.Serial != "" && strings.Contains(name, strings.ToLower(i.Serial)) {
		return ""
	}
	return short(name)
}

// short is a host name without its domain, in lower case; an address stays whole.
func short(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	head, _, _ := strings.Cut(name, ".")
	if strings.Trim(head, "0123456789") == "" {
		return name
	}
	return head
}
