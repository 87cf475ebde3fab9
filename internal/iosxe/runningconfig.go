package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// Config is configuration text: the answer to one of the filtered forms of `show running-config`, or the
// whole of it. A Config without lines is an answer too: nothing matched the filter. `username` lines are
// reduced to the name and the privilege.
type Config struct {
	Top []ConfigLine `json:"lines"` // the lines of the top level, in order
}

// ConfigLine is one line of configuration and the lines below it.
type ConfigLine struct {
	At       diag.Source  `json:"-"`
	Number   int          `json:"line"`
	Text     string       `json:"text"` // without indentation
	Children []ConfigLine `json:"children,omitempty"`
}

// Lines lists the top-level lines that begin with the words of prefix: "ntp server" finds
// "ntp server vrf M 192.0.2.1" but not "ntp server-group". Negated lines are found by "no ntp server".
func (c *Config) Lines(prefix string) []ConfigLine { return matching(c.Top, prefix) }

// First is the first top-level line that begins with the words of prefix.
func (c *Config) First(prefix string) (ConfigLine, bool) { return first(c.Top, prefix) }

// Has reports whether a top-level line begins with the words of prefix.
func (c *Config) Has(prefix string) bool { _, ok := c.First(prefix); return ok }

// Lines lists the lines directly below that begin with the words of prefix.
func (l ConfigLine) Lines(prefix string) []ConfigLine { return matching(l.Children, prefix) }

// First is the first line directly below that begins with the words of prefix.
func (l ConfigLine) First(prefix string) (ConfigLine, bool) { return first(l.Children, prefix) }

// Has reports whether a line directly below begins with the words of prefix.
func (l ConfigLine) Has(prefix string) bool { _, ok := l.First(prefix); return ok }

// After is the rest of the line behind the words of prefix, "" when it does not begin with them or ends
// there.
func (l ConfigLine) After(prefix string) string {
	if !begins(l.Text, prefix) {
		return ""
	}
	return strings.TrimSpace(l.Text[len(prefix):])
}

// Words are the words of the line; a quoted word keeps its quotes.
func (l ConfigLine) Words() []string { return strings.Fields(l.Text) }

func begins(text, prefix string) bool {
	return strings.HasPrefix(text, prefix) && (len(text) == len(prefix) || text[len(prefix)] == ' ')
}

func matching(lines []ConfigLine, prefix string) []ConfigLine {
	var out []ConfigLine
	for _, l := range lines {
		if begins(l.Text, prefix) {
			out = append(out, l)
		}
	}
	return out
}

func first(lines []ConfigLine, prefix string) (ConfigLine, bool) {
	for _, l := range lines {
		if begins(l.Text, prefix) {
			return l, true
		}
	}
	return ConfigLine{}, false
}

// RunningServices asks for the configuration of licensing, HTTP, users and routes.
var RunningServices = query("show running-config | include ^license|^no license|^ip http|^no ip http|^netconf|^restconf|^aaa|^username|^hostname|^ip route|^ip default|^no ip routing", "licensing, HTTP, users and routes in the configuration", parseConfig, mayBeEmpty)

// RunningNames asks for the configuration of DNS, NTP, clock and logging.
var RunningNames = query("show running-config | include ^ip name-server|^ip domain|^no ip domain|^ip host|^ntp|^sntp|^clock|^no clock|^logging host|^service timestamps", "DNS, NTP, clock and logging in the configuration", parseConfig, mayBeEmpty)

// RunningCallHome asks whether call home is on and which trustpoints are configured.
var RunningCallHome = query("show running-config | include ^service call-home|^no service call-home|^call-home|^crypto pki trustpoint", "call home and trustpoints in the configuration", parseConfig, mayBeEmpty)

// RunningCallHomeSection asks for the call-home section.
var RunningCallHomeSection = query("show running-config | section ^call-home", "call-home section of the configuration", parseConfig, mayBeEmpty)

// RunningSLATrustpoint asks for the configuration of the licensing trustpoint.
var RunningSLATrustpoint = query("show running-config | section ^crypto pki trustpoint SLA-TrustPoint", "licensing trustpoint in the configuration", parseConfig, mayBeEmpty)

// RunningDefaults asks for the licensing and HTTP client configuration with its defaults.
var RunningDefaults = query("show running-config all | include ^license smart|^ip http client", "licensing and HTTP client with defaults", parseConfig, mayBeEmpty)

func parseConfig(*text, *Config) {}
