package sim

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// command is one exec command: its syntax, the privilege it needs and its
// answer. Commands of the session (terminal, enable, exit) are answered by the
// shell and stand here only to be recognised.
type command struct {
	syntax    string
	privilege int
	answer    func(*Device, map[string]string) string
	only      func(*Device) bool // devices that know it; nil: all
	pattern   pattern
}

func execCommands() []*command {
	quiet := func(*Device, map[string]string) string { return "" }
	slp := func(d *Device) bool { return !d.lay.classic }
	rum := func(d *Device) bool { return !d.lay.classic && d.rel.atLeast(17, 9, 0) }
	stackable := func(d *Device) bool { return d.plat.stack }
	routes := func(d *Device) bool { return d.plat.controller }
	cs := []*command{
		{syntax: "show version", answer: (*Device).showVersion},
		{syntax: "show clock", answer: (*Device).showClock},
		{syntax: "show clock detail", answer: (*Device).showClockDetail},
		{syntax: "show license status", answer: (*Device).showLicenseStatus},
		{syntax: "show license all", answer: (*Device).showLicenseAll},
		{syntax: "show license udi", answer: (*Device).showLicenseUDI},
		{syntax: "show license summary", answer: (*Device).showLicenseSummary},
		{syntax: "show license usage", answer: (*Device).showLicenseUsage},
		{syntax: "show license authorization", answer: (*Device).showLicenseAuthorization, only: slp},
		{syntax: "show license tech support", answer: (*Device).showLicenseTech},
		{syntax: "show license history message", answer: (*Device).showLicenseHistory},
		{syntax: "show license rum id all", answer: (*Device).showLicenseRUM, only: rum},
		{syntax: "show license eventlog [<days:int>]", answer: (*Device).showLicenseEventlog},
		{syntax: "show running-config", privilege: 15, answer: (*Device).showRunning},
		{syntax: "show running-config all", privilege: 15, answer: (*Device).showRunningAll},
		{syntax: "show ntp status", answer: (*Device).showNTPStatus},
		{syntax: "show ntp associations", answer: (*Device).showNTPAssociations},
		{syntax: "show hosts", answer: (*Device).showHosts},
		{syntax: "show ip dns view", privilege: 15, answer: (*Device).showDNSView},
		{syntax: "show call-home", answer: (*Device).showCallHome},
		{syntax: "show call-home smart-licensing", answer: (*Device).showCallHomeLicensing},
		{syntax: "show call-home profile all", answer: (*Device).showCallHomeProfiles},
		{syntax: "show ip http client all", answer: (*Device).showHTTPClient},
		{syntax: "show ip http client secure status", answer: (*Device).showHTTPClientSecure},
		{syntax: "show ip http server all", answer: (*Device).showHTTPServerAll},
		{syntax: "show ip http server status", answer: (*Device).showHTTPServerStatus},
		{syntax: "show ip http server session-module", answer: (*Device).showHTTPModules},
		{syntax: "show ip http server secure status", answer: (*Device).showHTTPSecureStatus},
		{syntax: "show crypto pki trustpoints", privilege: 15, answer: (*Device).showTrustpoints},
		{syntax: "show crypto pki trustpoints status", privilege: 15, answer: (*Device).showTrustpointsStatus},
		{syntax: "show crypto pki trustpoints <name> status", privilege: 15, answer: (*Device).showTrustpointsStatus},
		{syntax: "show crypto pki certificates <name>", privilege: 15, answer: (*Device).showCertificates},
		{syntax: "show crypto pki trustpool", privilege: 15, answer: (*Device).showTrustpool},
		{syntax: "show ip interface brief", answer: (*Device).showInterfaces},
		{syntax: "show ip route [vrf <vrf>] <addr:ip>", answer: (*Device).showRoute},
		{syntax: "show vrf", answer: (*Device).showVRF},
		{syntax: "show logging", privilege: 15, answer: (*Device).showLogging},
		{syntax: "show platform software yang-management process", privilege: 15, answer: (*Device).showYang},
		{syntax: "show redundancy states", answer: (*Device).showRedundancy},
		{syntax: "show switch", answer: (*Device).showSwitch, only: stackable},
		{syntax: "show processes cpu sorted", answer: (*Device).showCPU},
		{syntax: "show processes memory sorted", answer: (*Device).showMemory},
		{syntax: "show platform hardware throughput level", answer: (*Device).showThroughputLevel, only: routes},
		{syntax: "show platform hardware throughput crypto", answer: (*Device).showThroughputCrypto, only: routes},
		{syntax: "show users", answer: (*Device).showUsers},
		{syntax: "show privilege", answer: quiet},
		{syntax: "ping [vrf <vrf>] <host> [repeat <repeat:int>] [timeout <timeout:int>] [source <source>]", answer: (*Device).ping},
		{syntax: "terminal length <n:int>", answer: quiet},
		{syntax: "terminal width <n:int>", answer: quiet},
		{syntax: "terminal monitor", answer: quiet},
		{syntax: "terminal no monitor", answer: quiet},
		{syntax: "enable", answer: quiet},
		{syntax: "disable", answer: quiet},
		{syntax: "exit", answer: quiet},
		{syntax: "logout", answer: quiet},
		{syntax: "quit", answer: quiet},
	}
	for _, c := range cs {
		c.pattern = compile(c.syntax)
	}
	return cs
}

var commands = sync.OnceValue(execCommands)

// Error texts of the command line.
const (
	invalidInput = "% Invalid input detected at '^' marker.\n\n"
	incomplete   = "% Incomplete command.\n\n"
	denied       = "Command authorization failed.\n\n"
)

// parsed is a command line resolved against the table.
type parsed struct {
	cmd  *command
	args map[string]string
	how  string // output modifier, "" for none
	expr string
	err  string // what the command line answers instead
}

// parseLine resolves abbreviations and the output modifier. column is where the
// typed text begins on the terminal line, for the caret.
func parseLine(typed string, privilege, column int) parsed {
	body, modifier, piped := strings.Cut(typed, "|")
	p := resolveWords(body, privilege, column)
	if !piped || p.err != "" {
		return p
	}
	modifier = strings.TrimLeft(modifier, " ")
	how, expr, _ := strings.Cut(modifier, " ")
	for _, h := range []string{"begin", "count", "exclude", "include", "section"} {
		if how != "" && strings.HasPrefix(h, how) {
			p.how, p.expr = h, strings.TrimRight(expr, " ")
		}
	}
	switch {
	case modifier == "" || p.how != "" && p.expr == "":
		p.err = incomplete
	case p.how == "":
		p.err = strings.Repeat(" ", column+strings.Index(typed, modifier)) + "^\n" + invalidInput
	}
	return p
}

// candidate is a syntax that still fits the words read so far.
type candidate struct {
	cmd  *command
	toks []token
	args map[string]string
}

func resolveWords(body string, privilege, column int) parsed {
	var open []candidate
	for _, c := range commands() {
		if c.privilege > privilege {
			continue
		}
		for _, alt := range c.pattern.alternatives {
			open = append(open, candidate{c, alt, map[string]string{}})
		}
	}
	words := strings.Fields(body)
	at := 0
	for i, w := range words {
		at += strings.Index(body[at:], w)
		next, ambiguous := narrow(open, i, w)
		if ambiguous {
			return parsed{err: "% Ambiguous command:  \"" + strings.TrimSpace(body) + "\"\n"}
		}
		if len(next) == 0 {
			return parsed{err: strings.Repeat(" ", column+at) + "^\n" + invalidInput}
		}
		open, at = next, at+len(w)
	}
	for _, c := range open {
		if len(c.toks) == len(words) {
			return parsed{cmd: c.cmd, args: c.args}
		}
	}
	return parsed{err: incomplete}
}

// narrow keeps the candidates whose i-th token accepts the word: an exact
// keyword wins over abbreviations, these over parameters.
func narrow(open []candidate, i int, word string) (next []candidate, ambiguous bool) {
	var exact, abbreviated, params []candidate
	var keywords []string
	for _, c := range open {
		if i >= len(c.toks) {
			continue
		}
		t := c.toks[i]
		full, ok := t.accepts(word, true)
		if !ok {
			continue
		}
		if t.literal == "" {
			args := maps.Clone(c.args)
			args[t.name] = full
			params = append(params, candidate{c.cmd, c.toks, args})
			continue
		}
		if strings.EqualFold(t.literal, word) {
			exact = append(exact, c)
		}
		abbreviated = append(abbreviated, c)
		if !slices.Contains(keywords, t.literal) {
			keywords = append(keywords, t.literal)
		}
	}
	switch {
	case exact != nil:
		return exact, false
	case len(keywords) > 1:
		return nil, true
	case abbreviated != nil:
		return abbreviated, false
	}
	return params, false
}

// exec answers a command line without a terminal.
func (d *Device) exec(typed string, privilege int) string {
	column := len(d.hostname()) + 1
	p := parseLine(typed, privilege, column)
	switch {
	case p.err != "":
		return p.err
	case p.cmd.only != nil && !p.cmd.only(d):
		body, _, _ := strings.Cut(typed, "|")
		body = strings.TrimRight(body, " ")
		return strings.Repeat(" ", column+strings.LastIndex(body, " ")+1) + "^\n" + invalidInput
	}
	return d.answer(p, privilege)
}

func (d *Device) answer(p parsed, privilege int) string {
	if p.cmd.syntax == "show privilege" {
		return "Current privilege level is " + itoa(privilege) + "\n"
	}
	out := p.cmd.answer(d, p.args)
	if p.how != "" {
		if lines := filter(strings.Split(strings.TrimSuffix(out, "\n"), "\n"), p.how, p.expr); len(lines) > 0 {
			out = strings.Join(lines, "\n") + "\n"
		} else {
			out = ""
		}
	}
	if strings.HasPrefix(p.cmd.syntax, "show ") {
		return d.preamble() + out
	}
	return out
}

// preamble is what "exec prompt timestamp" prints before an output.
func (d *Device) preamble() string {
	for _, l := range each(d.cfg.lines, "line") {
		if get(l.body, "exec prompt timestamp") != nil {
			source := "Time source is NTP"
			if !d.clock.ever {
				source = "No time source"
			}
			return "Load for five secs: 1%/0%; one minute: 2%; five minutes: 1%\n" + source + ", " + d.clockLine() + "\n\n"
		}
	}
	return ""
}
