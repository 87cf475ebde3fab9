package bundle

import (
	"regexp"
	"strings"
)

// contents tells answers by what only they say: the first that matches counts. Sources are the outputs
// themselves; what is shared by two commands stands with the one that holds more, further up.
var contents = []struct {
	line string
	sign *regexp.Regexp
}{
	{"show running-config", regexp.MustCompile(`(?m)^(?:Building configuration\.\.\.|Current configuration : )`)},
	{"show license tech support", regexp.MustCompile(`(?m)^(?:Smart Licensing Tech Support info|Communication Statistics:)`)},
	{"show license all", regexp.MustCompile(`(?m)^Smart Licensing Status *\n=+ *$`)},
	{"show license summary", regexp.MustCompile(`(?m)^ *License +Entitlement [Tt]ag +Count +Status`)},
	{"show license status", regexp.MustCompile(`(?m)^Utility: *$`)},
	{"show license usage", regexp.MustCompile(`(?m)^License Authorization: *$`)},
	{"show license authorization", regexp.MustCompile(`(?m)^Overall status: *$`)},
	{"show license history message", regexp.MustCompile(`(?m)^Message History \(oldest to newest\):`)},
	{"show license rum id all", regexp.MustCompile(`(?m)^Smart Licensing Usage Report: *$`)},
	{"show license eventlog", regexp.MustCompile(`(?m)^\*+ Event Log \*+ *$`)},
	{"show license udi", regexp.MustCompile(`(?m)^(?:UDI: PID:|SlotID +PID)`)},
	{"show version", regexp.MustCompile(`(?m)^Cisco IOS(?:[ -]XE)? Software`)},
	{"show logging", regexp.MustCompile(`(?m)^Syslog logging: `)},
	{"show ntp status", regexp.MustCompile(`(?m)^ *Clock is (?:un)?synchronized, stratum`)},
	{"show ntp associations", regexp.MustCompile(`(?m)^ *address +ref clock +st`)},
	{"show call-home", regexp.MustCompile(`(?m)^ *call home feature :`)},
	{"show call-home smart-licensing", regexp.MustCompile(`(?m)^ *Current smart-licensing transport settings`)},
	{"show call-home profile all", regexp.MustCompile(`(?m)^ *Profile Name:`)},
	{"show ip http server all", regexp.MustCompile(`(?m)^HTTP server status:`)},
	{"show ip http server session-module", regexp.MustCompile(`(?m)^HTTP server application session modules`)},
	{"show ip http server secure status", regexp.MustCompile(`(?m)^HTTP secure server status:`)},
	{"show ip dns view", regexp.MustCompile(`(?m)^DNS View `)},
	{"show hosts", regexp.MustCompile(`(?m)^(?:Default domain is|Name servers are) `)},
	{"show crypto pki trustpoints status", regexp.MustCompile(`(?m)^Trustpoint \S+: *\n +(?:Issuing CA|State:)`)},
	{"show crypto pki certificates SLA-TrustPoint", regexp.MustCompile(`(?m)^ *Associated Trustpoints: .*SLA-TrustPoint`)},
	{"show ip interface brief", regexp.MustCompile(`(?m)^Interface +IP-Address +OK\?`)},
	{"show redundancy states", regexp.MustCompile(`(?m)^ *my state = `)},
	{"show switch", regexp.MustCompile(`(?m)^Switch/Stack Mac Address`)},
	{"show vrf", regexp.MustCompile(`(?m)^ *Name +Default RD +Protocols`)},
	{"ping", regexp.MustCompile(`(?m)^(?:Sending \d+, \d+-byte ICMP Echos|Success rate is )`)},
	{"show clock", regexp.MustCompile(`(?m)\A\s*(?:Load for .*\n|.*[Tt]ime source.*\n|\s)*[*.]?\d{1,2}:\d\d:\d\d\.\d+ \S+ [A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d{4}\s*\z`)},
}

// signed is how far into a text its sign is looked for.
const signed = 64 << 10

// identify finds what a text without an echo answers.
func (l *lexicon) identify(text string) []target {
	text = text[:min(len(text), signed)]
	for _, c := range contents {
		if c.sign.MatchString(text) {
			return l.find(c.line).answers()
		}
	}
	return nil
}

// nameIn is the host name that a text without a prompt gives, in "show version" or in a configuration; ""
// if it gives none.
func nameIn(text string) string {
	if i := strings.Index(text, " uptime is "); i >= 0 {
		if name := text[strings.LastIndexByte(text[:i], '\n')+1 : i]; hostName(name) {
			return name
		}
	}
	if _, after, found := strings.Cut("\n"+text, "\nhostname "); found {
		name, _, _ := strings.Cut(after, "\n")
		if name = strings.TrimSpace(name); hostName(name) {
			return name
		}
	}
	return ""
}

// refused reports an answer that is the command line's complaint, in its first lines.
func refused(text string) bool {
	seen := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line == "^" || strings.HasPrefix(line, "Load for ") || strings.Contains(line, "ime source"):
			continue
		case complaint.MatchString(line):
			return true
		}
		if seen++; seen == 2 {
			break
		}
	}
	return false
}

var complaint = regexp.MustCompile(`^(?:% ?(?:Invalid (?:input|command)|Incomplete command|Ambiguous command|Un(?:known|recognized) command|Authorization failed|Permission denied)|Command authorization failed)`)
