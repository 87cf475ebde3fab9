package fixplan

import (
	"regexp"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// rollback is what undoes configuration lines. Gaps say what it does not undo, and why.
type rollback struct {
	Lines []string
	Gaps  []string
}

// settings are the beginnings of lines of which there is one at a time: a new one replaces the old. All
// other lines stand beside each other.
var settings = []string{
	"hostname", "clock timezone", "service timestamps log", "logging buffered", "ip domain name", "ip default-gateway",
	"license smart transport", "license smart url cslu", "license smart url smart", "license smart vrf",
	"license smart proxy address", "license smart proxy port", "license smart usage interval",
	"ip http authentication", "ip http secure-port", "ip http access-class", "ip http max-connections",
	"ip http active-session-modules", "ip http secure-active-session-modules", "ip http secure-trustpoint",
	"ip http client source-interface", "ip http client secure-trustpoint", "ip http client tls-version",
	"ip http client secure-ciphersuite", "ip http client connection timeout", "ip http client response timeout",
	"ip http client connection retry",
	"contact-email-addr", "source-interface", "http-proxy", "vrf", "enrollment", "revocation-check", "ip address",
}

// builtin are lines that are in force without being shown: only their no form is.
var builtin = []string{"ip domain lookup", "ip routing", "license smart server-identity-check", "http secure server-identity-check",
	"reporting smart-licensing-data"}

// modes are the beginnings of lines that open a mode of their own.
var modes = []string{"call-home", "profile", "interface", "crypto pki trustpoint", "line", "redundancy"}

// authenticate asks for a certificate.
const authenticate = "crypto pki authenticate"

// acts are the beginnings of lines that act at once and leave no line that could be taken back.
var acts = []string{authenticate, "crypto pki trustpool"}

// undo makes the rollback of the lines of a fix, the last line first, from what is known of the
// configuration before.
func undo(fix []string, was before) rollback {
	var r rollback
	var path []string // the modes that the lines are in
	var made string   // the mode that the fix itself makes: it goes as a whole
	type step struct {
		path []string
		line string
	}
	var steps []step
	for _, line := range fix {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line == "end":
			path, made = nil, ""
		case line == "exit":
			path = path[:max(len(path)-1, 0)]
			made = ""
		case startsWith(acts, line):
			// What a trustpoint holds goes with the trustpoint.
			name, _ := strings.CutPrefix(line, authenticate+" ")
			if !slices.ContainsFunc(steps, func(s step) bool { return s.line == "no crypto pki trustpoint "+name }) {
				r.Gaps = append(r.Gaps, "no line takes back: "+line)
			}
			path, made = nil, ""
		case startsWith(modes, line):
			if !begins(line, "profile") {
				path = nil
			}
			path = append(slices.Clone(path), line)
			if there, known := was.lines(nil, line); begins(line, "crypto pki trustpoint") && known && len(there) == 0 {
				made = line
				steps = append(steps, step{nil, "no " + line})
			}
		case made != "":
		default:
			lines, gap := undoLine(path, line, was)
			for _, l := range lines {
				steps = append(steps, step{path, l})
			}
			if gap != "" {
				r.Gaps = append(r.Gaps, gap)
			}
		}
	}
	var at []string
	for _, s := range slices.Backward(steps) {
		if !slices.Equal(s.path, at) {
			if len(at) > 0 {
				r.Lines = append(r.Lines, slices.Repeat([]string{"exit"}, len(at))...)
			}
			r.Lines = append(r.Lines, s.path...)
			at = s.path
		}
		r.Lines = append(r.Lines, s.line)
	}
	return r
}

// undoLine is what takes one line back, the last first, and what is not known about it.
func undoLine(path []string, line string, was before) (lines []string, gap string) {
	if gone, ok := strings.CutPrefix(line, "no "); ok {
		old, known := was.lines(path, gone)
		if !known {
			return nil, "what was there before is not known: " + line
		}
		for _, l := range slices.Backward(old) {
			l, ok := pasteable(l)
			if !ok {
				gap = "the line before has characters that are not safe to paste; take <previous-value> from the device's configuration"
			}
			lines = append(lines, l)
		}
		return lines, gap
	}
	key := settingOf(line)
	if key == "" {
		if i := placeholder.FindStringIndex(line); i != nil {
			if like, known := was.lines(path, strings.TrimSpace(line[:i[0]])); known && len(like) == 0 {
				return []string{"no " + line}, ""
			}
			return []string{"no " + line}, "leave this out if the line was there before with the same value: no " + line
		}
		same, known := was.lines(path, line)
		off, _ := was.lines(path, "no "+line)
		switch {
		case slices.Contains(same, line), known && len(off) == 0 && slices.Contains(builtin, line):
			return nil, ""
		case len(off) > 0 || known:
			return []string{"no " + line}, ""
		case slices.Contains(builtin, line):
			return nil, "this is on unless it was switched off; if it was, enter: no " + line
		}
		return []string{"no " + line}, "leave this out if the line was there before: no " + line
	}
	old, known := was.lines(path, key)
	old = slices.DeleteFunc(old, func(l string) bool { return settingOf(l) != key })
	switch {
	case len(old) > 0 && old[len(old)-1] == line:
		return nil, ""
	case len(old) > 0:
		l, ok := pasteable(old[len(old)-1])
		if !ok {
			gap = "the line before has characters that are not safe to paste; take <previous-value> from the device's configuration"
		}
		return []string{l}, gap
	case known:
		return []string{"no " + line}, ""
	}
	return []string{"no " + line}, "if another value was set before, enter that instead of: no " + line
}

// settingOf is the beginning that a line of which there is one at a time shares with what it replaces, the
// VRF included; "" for a line that stands beside others.
func settingOf(line string) string {
	key := ""
	for _, s := range settings {
		if len(s) > len(key) && begins(line, s) {
			key = s
		}
	}
	if key == "" || key == "vrf" {
		return key
	}
	if rest, ok := strings.CutPrefix(line, key+" vrf "); ok {
		vrf, _, _ := strings.Cut(rest, " ")
		return key + " vrf " + vrf
	}
	return key
}

// pasteable is a line of the device for a line to type: a word that is in no character class of product
// contract section 10 becomes <previous-value>.
func pasteable(line string) (safe string, ok bool) {
	words, ok := strings.Fields(line), true
	for i, w := range words {
		// A path is names with slashes between.
		for name := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(w, `"`), `"`), "/") {
			if name != "" && !diag.ClassHost.Holds(name) {
				words[i], ok = "<previous-value>", false
			}
		}
	}
	return strings.Join(words, " "), ok
}

func begins(line, words string) bool {
	rest, ok := strings.CutPrefix(line, words)
	return ok && (rest == "" || rest[0] == ' ')
}

func startsWith(beginnings []string, line string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return begins(line, b) })
}

// before is what is known of a device's configuration: the complete answers to forms of show running-config.
// The zero before knows nothing.
type before struct {
	parts []part
	down  map[string]bool // interfaces that show ip interface brief calls administratively down
}

// part is one answer and the filter it passed.
type part struct {
	config *iosxe.Config
	filter *regexp.Regexp // nil: everything passes
	bodies bool           // what stands under a line is shown with it
}

const running = "show running-config"

// beforeOf reads the captures of a device.
func beforeOf(captures []diag.Capture) before {
	b := before{down: map[string]bool{}}
	for _, c := range captures {
		if c.Outcome != diag.OK || c.Command == nil || c.Command.Parse == nil {
			continue
		}
		line, filter, _ := strings.Cut(c.Line, " | ")
		parsed := c.Command.Parse(c)
		if parsed.Problem != "" {
			continue
		}
		switch facts := parsed.Facts.(type) {
		case *iosxe.Config:
			how, expression, _ := strings.Cut(filter, " ")
			re, err := regexp.Compile(expression)
			if line != running || err != nil || filter != "" && how != "include" && how != "section" {
				continue
			}
			p := part{config: facts, filter: re, bodies: how != "include"}
			if filter == "" {
				p.filter = nil
			}
			b.parts = append(b.parts, p)
		case *iosxe.Interfaces:
			for _, i := range facts.Interfaces {
				b.down[i.Name] = i.Status == "administratively down"
			}
		}
	}
	return b
}

// lines are the lines in a mode that begin with the words, and whether they would have been seen.
func (b before) lines(path []string, words string) (found []string, known bool) {
	for _, p := range b.parts {
		top := words
		if len(path) > 0 {
			top = path[0]
		}
		if p.filter != nil && !p.filter.MatchString(top) || len(path) > 0 && !p.bodies {
			continue
		}
		at := p.config.Top
		for _, mode := range path {
			i := slices.IndexFunc(at, func(l iosxe.ConfigLine) bool { return unquoted(l.Text) == unquoted(mode) })
			if i < 0 {
				at = nil
				break
			}
			at = at[i].Children
		}
		known, found = true, nil
		for _, l := range at {
			if begins(l.Text, words) {
				found = append(found, l.Text)
			}
		}
		if len(found) > 0 {
			return found, true
		}
	}
	if name, ok := strings.CutPrefix(strings.Join(path, "\n"), "interface "); ok && words == "shutdown" && !known {
		for have, down := range b.down {
			if iosxe.SameInterface(have, name) {
				if down {
					found = []string{"shutdown"}
				}
				return found, true
			}
		}
	}
	return found, known
}

func unquoted(s string) string { return strings.ReplaceAll(s, `"`, "") }
