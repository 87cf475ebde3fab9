package inventory

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Host is a HOST argument, taken apart.
type Host struct {
	Username string // "" when not given
	Address  string // IP address or host name; IPv6 without brackets
	Port     int    // 0 when not given
}

// name is what a device that is given by HOST alone is called: its address, and its port where one is
// given, so that several devices behind one address stay apart.
func (h Host) name() string {
	switch {
	case h.Port == 0:
		return h.Address
	case strings.Contains(h.Address, ":"):
		return fmt.Sprintf("[%s]:%d", h.Address, h.Port)
	default:
		return fmt.Sprintf("%s:%d", h.Address, h.Port)
	}
}

// ParseHost reads [user@]host[:port], where an IPv6 address stands in brackets if a port follows and may
// stand bare if none does. The user ends at the last @. The error never repeats the user, because people
// write user:password@host.
func ParseHost(text string) (Host, error) {
	var h Host
	rest := strings.TrimSpace(text)
	if _, after, found := strings.Cut(rest, "://"); found {
		return Host{}, fmt.Errorf("a HOST is [user@]host[:port], not a URL; write %q", afterLast(after, "@"))
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		h.Username, rest = rest[:at], rest[at+1:]
		if strings.Contains(h.Username, ":") {
			return Host{}, errors.New("a password does not belong into HOST; leave it out and use a credential, --ask-pass or SLPDOCTOR_PASSWORD")
		}
		if err := checkUsername(h.Username); err != nil {
			return Host{}, fmt.Errorf("the user before @%s %w", rest, err)
		}
	}
	address, port, err := splitPort(rest)
	if err != nil {
		return Host{}, err
	}
	if h.Address, err = parseAddress(address); err != nil {
		return Host{}, err
	}
	if port != "" {
		if h.Port, err = parsePort(port); err != nil {
			return Host{}, fmt.Errorf("the port of %q %w", rest, err)
		}
	}
	return h, nil
}

func afterLast(s, sep string) string { return s[strings.LastIndex(s, sep)+1:] }

// splitPort takes "[v6]:port", "[v6]", "v6", "host:port" or "host" apart.
func splitPort(s string) (address, port string, err error) {
	if inner, found := strings.CutPrefix(s, "["); found {
		address, rest, closed := strings.Cut(inner, "]")
		if !closed {
			return "", "", fmt.Errorf("%q has no closing ]", s)
		}
		if a, err := netip.ParseAddr(address); err != nil || !a.Is6() {
			return "", "", fmt.Errorf("%q in brackets is not an IPv6 address", address)
		}
		if rest == "" {
			return address, "", nil
		}
		port, found := strings.CutPrefix(rest, ":")
		if !found || port == "" {
			return "", "", fmt.Errorf("after ] only :port may follow, found %q", rest)
		}
		return address, port, nil
	}
	if strings.Count(s, ":") != 1 {
		return s, "", nil
	}
	address, port, _ = strings.Cut(s, ":")
	if port == "" {
		return "", "", fmt.Errorf("the port after %q is missing", s)
	}
	return address, port, nil
}

var (
	hostName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$`)
	numbers  = regexp.MustCompile(`^[0-9.]+$`)
)

// parseAddress accepts an IP address, with or without brackets, or a host name.
func parseAddress(s string) (string, error) {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String(), nil
	}
	switch {
	case s == "":
		return "", errors.New("the address is missing")
	case strings.Contains(s, "/"):
		return "", fmt.Errorf("%q is a network, not a device; list its devices, and select them with addr=%s", s, s)
	case strings.Count(s, ":") == 1:
		return "", fmt.Errorf("%q holds a port; it has a key of its own", s)
	case strings.Contains(s, ":"):
		return "", fmt.Errorf("%q is neither an IPv6 address nor host:port; an IPv6 address with a port is written [addr]:port", s)
	case numbers.MatchString(s):
		return "", fmt.Errorf("%q is not an IPv4 address", s)
	case !hostName.MatchString(s):
		return "", fmt.Errorf("%q is neither an IP address nor a host name (letters, digits, dot, hyphen and underscore)", s)
	}
	return s, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("must be a number from 1 to 65535, found %q", s)
	}
	return n, nil
}

// checkName accepts every text that can be printed on one line: CJK, dots, capitals and spaces inside.
func checkName(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case s != strings.TrimSpace(s):
		return errors.New("begins or ends with a space")
	case strings.ContainsFunc(s, unprintable):
		return errors.New("holds a control character")
	case utf8.RuneCountInString(s) > 253:
		return errors.New("is longer than 253 characters")
	}
	return nil
}

func checkUsername(s string) error {
	if s == "" {
		return errors.New("is empty")
	}
	if strings.ContainsFunc(s, unprintable) || strings.ContainsFunc(s, unicode.IsSpace) {
		return errors.New("holds a space or a control character")
	}
	return nil
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
