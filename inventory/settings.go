package inventory

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/spelling"
)

// The closed sets of values of some keys.
var (
	platforms   = []string{"iosxe", diag.PlatformVManage}
	sshProfiles = []string{"default", "legacy", "strict"}
	hostKeys    = []string{"strict", "accept-new", "off"}
)

func topologyNames() []string {
	var names []string
	for _, id := range diag.TopologyIDs() {
		names = append(names, string(id))
	}
	return names
}

// given is a value that may have been written, and where.
type given[T any] struct {
	value T
	pos   Position
	set   bool
}

func (g given[T]) or(lower given[T]) given[T] {
	if g.set {
		return g
	}
	return lower
}

// settings are the keys that a device, a group and the defaults share: one layer.
type settings struct {
	address, username, credential given[string]
	port                          given[int]
	enable, disabled              given[bool]
	jump                          given[[]given[string]]
	tags                          map[string]string
	topology                      given[string]
	expect                        diag.Expect // a nil list is not given, an empty one is
	platform, sshProfile, hostKey given[string]
	timeout                       given[time.Duration]
}

// over lays s over a lower layer: tags and expectations merge key by key, everything else replaces.
func (s settings) over(lower settings) settings {
	tags := maps.Clone(lower.tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, s.tags)
	return settings{
		address:    s.address.or(lower.address),
		username:   s.username.or(lower.username),
		credential: s.credential.or(lower.credential),
		port:       s.port.or(lower.port),
		enable:     s.enable.or(lower.enable),
		disabled:   s.disabled.or(lower.disabled),
		jump:       s.jump.or(lower.jump),
		tags:       tags,
		topology:   s.topology.or(lower.topology),
		expect:     expectOver(s.expect, lower.expect),
		platform:   s.platform.or(lower.platform),
		sshProfile: s.sshProfile.or(lower.sshProfile),
		hostKey:    s.hostKey.or(lower.hostKey),
		timeout:    s.timeout.or(lower.timeout),
	}
}

// textKeys are the shared keys whose value is one text, and how it is checked. YAML and CSV use them alike.
var textKeys = map[string]func(*notes, *settings, given[string]){
	"address": func(n *notes, s *settings, v given[string]) {
		address, err := parseAddress(v.value)
		if err != nil {
			n.fail(v.pos, "", "address: %v", err)
		}
		s.address = given[string]{address, v.pos, true}
	},
	"port": func(n *notes, s *settings, v given[string]) {
		port, err := parsePort(v.value)
		if err != nil {
			n.fail(v.pos, "", "port %v", err)
		}
		s.port = given[int]{port, v.pos, true}
	},
	"username": func(n *notes, s *settings, v given[string]) {
		if err := checkUsername(v.value); err != nil {
			n.fail(v.pos, "", "username %v", err)
		}
		s.username = v
	},
	"credential":  func(_ *notes, s *settings, v given[string]) { s.credential = v },
	"topology":    oneOf("topology", topologyNames(), func(s *settings) *given[string] { return &s.topology }),
	"platform":    oneOf("platform", platforms, func(s *settings) *given[string] { return &s.platform }),
	"ssh_profile": oneOf("ssh_profile", sshProfiles, func(s *settings) *given[string] { return &s.sshProfile }),
	"host_key":    oneOf("host_key", hostKeys, func(s *settings) *given[string] { return &s.hostKey }),
	"enable":      trueFalse("enable", func(s *settings) *given[bool] { return &s.enable }),
	"disabled":    trueFalse("disabled", func(s *settings) *given[bool] { return &s.disabled }),
	"timeout": func(n *notes, s *settings, v given[string]) {
		d, err := time.ParseDuration(v.value)
		if err != nil || d <= 0 {
			n.fail(v.pos, "write a number and a unit: 90s, 5m, 1h", "timeout %q is not a duration above zero", v.value)
		}
		s.timeout = given[time.Duration]{d, v.pos, true}
	},
}

func oneOf(key string, known []string, field func(*settings) *given[string]) func(*notes, *settings, given[string]) {
	return func(n *notes, s *settings, v given[string]) {
		if !slices.Contains(known, v.value) {
			n.fail(v.pos, spelling.OrList(v.value, known), "unknown %s %q", key, v.value)
		}
		*field(s) = v
	}
}

func trueFalse(key string, field func(*settings) *given[bool]) func(*notes, *settings, given[string]) {
	return func(n *notes, s *settings, v given[string]) {
		if v.value != "true" && v.value != "false" {
			n.fail(v.pos, "write true or false", "%s must be true or false, found %q", key, v.value)
		}
		*field(s) = given[bool]{v.value == "true", v.pos, true}
	}
}

func expectOver(e, lower diag.Expect) diag.Expect {
	text := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	list := func(a, b []string) []string {
		if a != nil {
			return a
		}
		return b
	}
	merged := diag.Expect{
		URL:              text(e.URL, lower.URL),
		VRF:              text(e.VRF, lower.VRF),
		SourceInterface:  text(e.SourceInterface, lower.SourceInterface),
		NameServers:      list(e.NameServers, lower.NameServers),
		NTPServers:       list(e.NTPServers, lower.NTPServers),
		SmartAccount:     text(e.SmartAccount, lower.SmartAccount),
		VirtualAccount:   text(e.VirtualAccount, lower.VirtualAccount),
		Policy:           text(e.Policy, lower.Policy),
		PushIntervalDays: e.PushIntervalDays,
	}
	if merged.PushIntervalDays == 0 {
		merged.PushIntervalDays = lower.PushIntervalDays
	}
	return merged
}

// deviceWord is what a VRF and an interface may look like: the guard's class for parameters of commands
// (product contract, section 10).
var deviceWord = regexp.MustCompile(`^[A-Za-z0-9._/:-]{1,64}$`)

// checkURL says what is wrong with an expected URL, or "". It never repeats the URL: it may hold a password.
func checkURL(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "is not a URL"
	case u.User != nil:
		return "holds a user or a password"
	case (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return "must begin with http:// or https:// and a host"
	}
	return ""
}

func isIP(s string) bool { _, err := netip.ParseAddr(s); return err == nil }

var squeeze = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

// secretKey reports whether a tag or a column is named like a secret. Tags are printed everywhere.
func secretKey(name string) bool {
	squeezed := squeeze.Replace(strings.ToLower(name))
	return slices.ContainsFunc([]string{"password", "passwd", "passphrase", "secret"}, func(word string) bool {
		return strings.Contains(squeezed, word)
	}) || squeezed == "pass" || squeezed == "pwd" || squeezed == "enable"
}
