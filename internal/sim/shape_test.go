package sim

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// corpus returns the folder of real outputs, or skips the test.
func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SLPDOCTOR_CORPUS")
	if dir == "" {
		t.Skip("SLPDOCTOR_CORPUS is not set: real outputs are not compared")
	}
	if _, err := os.Stat(filepath.Join(dir, "FIELDS.tsv")); err != nil {
		t.Fatalf("SLPDOCTOR_CORPUS names no corpus: %v", err)
	}
	return dir
}

// unconfirmedCommands have no sample at all in the corpus (GAPS.md A and C):
// their whole layout is the simulator's best knowledge.
var unconfirmedCommands = map[string]string{
	"show clock detail":                              "GAPS A",
	"show ip http client all":                        "GAPS A",
	"show ip http client secure status":              "GAPS A",
	"show ip http server session-module":             "GAPS A: inferred from the section of show ip http server all",
	"show crypto pki trustpool":                      "GAPS A: layout of show crypto pki certificates",
	"show ip dns view":                               "GAPS C",
	"show ip interface brief":                        "not in the corpus",
	"show ip route 0.0.0.0":                          "not in the corpus",
	"show ip route 192.0.2.53":                       "not in the corpus",
	"show vrf":                                       "not in the corpus",
	"show platform software yang-management process": "not in the corpus",
	"show redundancy states":                         "not in the corpus",
	"show switch":                                    "not in the corpus",
	"show processes cpu sorted":                      "not in the corpus",
	"show processes memory sorted":                   "not in the corpus",
	"show platform hardware throughput level":        "not in the corpus",
	"show platform hardware throughput crypto":       "not in the corpus",
	"show users":                                     "not in the corpus",
	"show running-config":                            "the corpus holds one filtered line; the configuration is the interpreter's own",
	"show running-config all":                        "as show running-config",
}

// unconfirmedShapes are lines that no sample confirms, by command ("" for any),
// with the reason. A key is an anchored regular expression over what the test
// prints.
var unconfirmedShapes = map[string]map[string]string{
	"": {
		`\d+ \^`: "GAPS B6: the caret line of an unknown command",
		`0 (Load for five secs:|Time source is NTP, .*)`: "VARIATIONS 1.5: printed before any command",
		`0 % Invalid input detected at '\^' marker\.`:    "GAPS B6",
	},
	"show license status": {
		`Utility \|   (Utility report:|Customer Information:|  (Last success|Last attempt|Next attempt|Id): .*)`: "GAPS B1: no sample of utility mode",
		`\(before first section\) \| Time source is NTP, .*`:                                                     "VARIATIONS 1.5: another time than the samples'",
		`Trust Code Installed \|     (Attributes: .*|INSTALLED on .*|Expired on .*|Trust Code Type: .*)`:         "agent 6.3 is sampled in tech support only (g18)",
	},
	"show license all": {
		`Utility \|   (Utility report:|Customer Information:|  (Last success|Last attempt|Next attempt|Id): .*)`:                                                                                                                                                  "GAPS B1: no sample of utility mode",
		`License Authorizations \| ( *(Authorizations|Router US Export Lic\. for DNA \(DNA_HSEC\)|Term information|Description|Total available count|Enforcement type|Authorization type|License type|Term Count):| {4,6}Last return code:|      Active: PID:).*`: "GAPS B2: the long form has no sample; its indentation is unknown",
		`\(before first section\) \| Time source is NTP, .*`:                                             "VARIATIONS 1.5: another time than the samples'",
		`Trust Code Installed \|     (Attributes: .*|INSTALLED on .*|Expired on .*|Trust Code Type: .*)`: "agent 6.3 is sampled in tech support only (g18)",
		`License Authorizations \| (Device Enforcement State:|NOT APPLICABLE)`:                           "VARIATIONS 3.10: agent 6.3, the sample is not in the folder",
		`Usage Report Summary \| (Product Analytics|Not Available Reason|Total current Product).*`:       "VARIATIONS 3.11: agent 6.3, the sample is not in the folder",
		`Registration \|   Virtual Account: .*`:                                                          "VARIATIONS 2: the sample lost the indentation of this line",
	},
	"show license tech support": {
		`Utility \|   (Utility report:|Customer Information:|  (Last success|Last attempt|Next attempt|Id): .*)`: "GAPS B1: no sample of utility mode",
		`\(before first section\) \| Time source is NTP, .*`:                                                     "VARIATIONS 1.5: another time than the samples'",
		`Smart Licensing Status \| (Registration:|License Authorization: |  .*)`:                                 "no tech support of the classic model in the corpus",
		`License Usage \| No licenses in use`:                                                                    "as above",
	},
	"show version": {
		`[05] (\* )?# # # # # INSTALL`:                                             "samples show BUNDLE mode only",
		`0 Cisco IOS Software \[\w+\], .* Software # Version # RELEASE SOFTWARE #`: "other trains than the samples'",
	},
	"show clock":                  {`0 \*?# [A-Z]+ .*`: "another zone than the samples'"},
	"show ntp status":             {`0 (Clock is synchronized|loopfilter state is 'CTRL').*`: "samples are synchronised to .LOCL. only"},
	"show ntp associations":       {`0 # \.GNSS\. # # # # # # #`: "another reference than the samples'"},
	"show hosts":                  {`0 Name/address lookup uses static mappings`: "VARIATIONS 6: known from the old layout (xe315)"},
	"show call-home":              {`4 Mail-server:`: "the sample is shifted by one (VARIATIONS 1.9)"},
	"show license authorization":  {`(0 Authorizations|2 Router US Export Lic\. for DNA \(DNA_HSEC\)|4 Term information|4 Description|4 Total available count|4 Enforcement type|[46] Last (return|Confirmation) code|8 Authorization type|8 License type|10 Term Count|6 Active):`: "GAPS B2"},
	"show crypto pki trustpoints": {`(0 Trustpoint DNAC-CA:|4 cn=DNAC-CA)`: "another trustpoint than the samples'"},
	"show crypto pki trustpoints status": {
		`(0 Trustpoint DNAC-CA:|5 cn=DNAC-CA,o=Cisco)`: "as above",
	},
	"show license usage":   {`0 (# #|CUBE_T_STD .*|# \(DNA_HSEC\):)`: "licences of other platforms"},
	"show license summary": {`2 .*# IN USE`: "licences of other platforms"},
	"show crypto pki certificates SLA-TrustPoint": {
		`4 cn=Cisco Licensing Root CA`:              "samples show other CAs",
		`0 % Trustpoint SLA-TrustPoint not found\.`: "no sample of an absent trustpoint",
	},
}

// exceptions counts how often an entry of unconfirmedShapes was needed.
type exceptions map[string]int

// cover reports that an entry covers the line.
func (e exceptions) cover(command, line string) bool {
	for _, c := range []string{"", command} {
		for expr := range unconfirmedShapes[c] {
			if regexp.MustCompile(`^(?:` + expr + `)$`).MatchString(line) {
				e[c+"|"+expr]++
				return true
			}
		}
	}
	return false
}

// stale lists the entries for the commands that no line needed.
func (e exceptions) stale(mine func(command string) bool) []string {
	var out []string
	for c, list := range unconfirmedShapes {
		for expr := range list {
			if mine(c) && e[c+"|"+expr] == 0 {
				out = append(out, c+": "+expr)
			}
		}
	}
	return out
}

// fields is FIELDS.tsv: command, section, indentation, field.
type fields struct {
	rows     map[[4]string]bool
	sections map[string]map[string]string // command, heading text: section
}

func readFields(t *testing.T, dir string) fields {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "FIELDS.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	f := fields{rows: map[[4]string]bool{}, sections: map[string]map[string]string{}}
	for _, row := range strings.Split(string(data), "\n")[1:] {
		c := strings.Split(row, "\t")
		if len(c) < 4 {
			continue
		}
		name := strings.TrimSpace(c[3])
		f.rows[[4]string{c[0], c[1], c[2], name}] = true
		if f.sections[c[0]] == nil {
			f.sections[c[0]] = map[string]string{}
		}
		if h, ok := strings.CutPrefix(name, "[heading] "); ok {
			f.sections[c[0]][strings.TrimSuffix(h, ":")] = c[1]
		} else if name == c[1] && c[2] == "0" {
			f.sections[c[0]][name] = c[1]
		}
	}
	return f
}

var (
	stampShape   = regexp.MustCompile(`[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \d{4} [A-Za-z]+`)
	licenceShape = regexp.MustCompile(`^\S+ \(.*\):$`)
	trustShape   = regexp.MustCompile(`^P:[^,]+,S:[^:]+:`)
	tableShape   = regexp.MustCompile(`^\S+: Total licenses found`)
)

// names are the ways FIELDS.tsv may write a line down.
func names(line string) []string {
	text := strings.TrimSpace(line)
	key, _, _ := strings.Cut(text, ":")
	out := []string{strings.TrimSpace(key), "[heading] " + text, "[sub-heading] " + text, "[line] " + stampShape.ReplaceAllString(text, "<TS>")}
	switch {
	case text == "<none>":
		out = append(out, "[prompt line] <prompt>")
	case licenceShape.MatchString(text):
		out = append(out, "<licence name> (<tag or description>)")
	case trustShape.MatchString(text):
		out = append(out, "P:<P>,S:<S>")
	case tableShape.MatchString(text):
		out = append(out, "<PID>")
	}
	return out
}

// unknown returns the lines of an output whose section, indentation and name do
// not occur in the file.
func (f fields) unknown(command, output string) []string {
	var out []string
	section := "(before first section)"
	for line := range strings.SplitSeq(output, "\n") {
		if strings.Trim(line, " =") == "" {
			continue
		}
		text := strings.TrimSpace(line)
		indent := itoa(len(line) - len(strings.TrimLeft(line, " ")))
		key, _, _ := strings.Cut(text, ":")
		sub := f.rows[[4]string{command, section, "0", "[sub-heading] " + text}]
		if s, ok := f.sections[command][key]; ok && indent == "0" && !sub && (strings.HasSuffix(text, ":") || text == key || key == s && strings.HasPrefix(key, "Trust Code")) {
			section = s
		}
		known := false
		for _, n := range names(line) {
			known = known || f.rows[[4]string{command, section, indent, n}]
		}
		if !known {
			out = append(out, section+" | "+line)
		}
	}
	return out
}

// licenceCommands are the commands FIELDS.tsv describes, with its names for them.
var licenceCommands = map[string]string{"show license status": "status", "show license all": "all", "show license tech support": "tech"}

// everyLayout is a device of every release family with every transport, alone
// and as a stack, with trust and without.
func everyLayout(t *testing.T) []*Device {
	var out []*Device
	for _, l := range layouts {
		for i, c := range []string{smart, callHome, toCSLU(cslu), toOnPrem("https://ssm.example.net/cslu/v1/pi/Campus-1"), "license smart transport off",
			smart + "\nlicense smart proxy address 192.0.2.128\nlicense smart proxy port 8080", "license smart privacy all\nlicense smart vrf Mgmt-vrf"} {
			s := Spec{Name: "m", PID: "C9300-24P", Serial: "SIM0000M001", Release: release{num: l.since}.String(), Boot: DemoTime.Add(-40 * day),
				World: contactWorld(), Config: tokyo.base(9, "Vlan10") + "\n" + c, Trustpool: []string{identrust}}
			if i%2 == 0 {
				s.Members = []Member{{"Standby", "C9300-24P", "SIM0000M002"}, {"Member", "C9300-24P", "SIM0000M003"}}
			}
			bare, trusted := newDevice(t, s), newDevice(t, s)
			trusted.EstablishTrust()
			for _, d := range []*Device{bare, trusted} {
				d.Settle(40 * day)
				out = append(out, d)
			}
		}
	}
	return out
}

func TestLicenceOutputsHaveConfirmedShapes(t *testing.T) {
	f, fleet, needed := readFields(t, corpus(t)), append(DemoFleet(), everyLayout(t)...), exceptions{}
	for command, short := range licenceCommands {
		seen := map[string]bool{}
		for _, d := range fleet {
			for _, line := range f.unknown(short, d.Run(command)) {
				if !seen[line] && !needed.cover(command, line) {
					seen[line] = true
					t.Errorf("%s: %s (%s): %q is no known shape", d.Name, command, d.rel, line)
				}
			}
		}
	}
	for _, e := range needed.stale(func(c string) bool { return licenceCommands[c] != "" }) {
		t.Errorf("no output needs the exception %q", e)
	}
}

// samples maps the supporting commands to the folders of their real outputs.
var samples = map[string][]string{
	"show version":                                {"show-version"},
	"show clock":                                  {"show-clock"},
	"show license udi":                            {"show-license-udi", "show-license-all"},
	"show license summary":                        {"show-license-summary"},
	"show license usage":                          {"show-license-usage", "show-license-all"},
	"show license authorization":                  {"show-license-authorization", "show-license-all"},
	"show license history message":                {"show-license-history-message"},
	"show license rum id all":                     {"show-license-rum"},
	"show license eventlog 2":                     {"show-license-eventlog"},
	"show ntp status":                             {"show-ntp-status"},
	"show ntp associations":                       {"show-ntp-associations"},
	"show hosts":                                  {"show-hosts"},
	"show call-home":                              {"show-call-home"},
	"show call-home smart-licensing":              {"show-call-home-smart-licensing"},
	"show call-home profile all":                  {"show-call-home-profile-all"},
	"show ip http server all":                     {"show-ip-http-server-all", "show-ip-http-server-status"},
	"show ip http server status":                  {"show-ip-http-server-status"},
	"show ip http server secure status":           {"show-ip-http-server-status"},
	"show crypto pki trustpoints":                 {"show-crypto-pki-trustpoints"},
	"show crypto pki trustpoints status":          {"show-crypto-pki-trustpoints-status"},
	"show crypto pki certificates SLA-TrustPoint": {"show-crypto-pki-certificates"},
	"show logging":                                {"show-logging"},
	"ping 192.0.2.53":                             {"ping"},
	"ping 203.0.113.53":                           {"ping"},
}

var (
	value   = regexp.MustCompile(`\S*(\d|\w\.\w|-(advantage|premier)\b)\S*|\b(CLOSED|ACK|UNACK)\b|\b[A-Z][a-z]{2}( [A-Z][a-z]{2})? +#`)
	uptimes = regexp.MustCompile(`( is) \d+ (year|week|day|hour|minute)s?,?.*`)
)

// shape is what stays of a line when its values are taken away: indentation and
// key, or the words without digits.
func shape(line string) string {
	line = strings.TrimRight(line, " \r")
	indent := len(line) - len(strings.TrimLeft(line, " "))
	text := strings.TrimSpace(line)
	if key, _, ok := strings.Cut(text, ":"); ok && !strings.HasPrefix(text, "*") {
		text = key + ":"
	}
	text = uptimes.ReplaceAllString(text, "$1 #")
	text = value.ReplaceAllString(text, "#")
	return itoa(indent) + " " + strings.Join(strings.Fields(text), " ")
}

func TestSupportingOutputsHaveConfirmedShapes(t *testing.T) {
	dir, fleet, needed := corpus(t), DemoFleet(), exceptions{}
	for command, folders := range samples {
		known := map[string]bool{}
		for _, folder := range folders {
			files, _ := filepath.Glob(filepath.Join(dir, "outputs", folder, "*.txt"))
			if len(files) == 0 {
				t.Fatalf("the corpus has no sample in %s", folder)
			}
			for _, name := range files {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.SplitSeq(string(data), "\n") {
					known[shape(line)] = true
				}
			}
		}
		seen := map[string]bool{}
		for _, d := range fleet {
			out, _, _ := strings.Cut(d.Run(command), "Log Buffer") // messages are free text
			for line := range strings.SplitSeq(out, "\n") {
				s := shape(line)
				if !known[s] && !seen[s] && s != "0 " && !needed.cover(command, s) {
					seen[s] = true
					t.Errorf("%s: %s: %q is no known shape", d.Name, command, s)
				}
			}
		}
	}
	for _, e := range needed.stale(func(c string) bool { return licenceCommands[c] == "" }) {
		t.Errorf("no output needs the exception %q", e)
	}
}

func TestEveryCommandIsConfirmedOrListed(t *testing.T) {
	for _, c := range demoCommands {
		_, listed := unconfirmedCommands[c]
		_, sampled := samples[c]
		if !listed && !sampled && licenceCommands[c] == "" {
			t.Errorf("%s is neither compared with samples nor listed as unconfirmed", c)
		}
	}
}

// demoCommands are all show commands of the simulator with an example of each
// parameter, and the two pings.
var demoCommands = func() []string {
	out := []string{"ping 192.0.2.53", "ping 203.0.113.53"}
	for _, c := range execCommands() {
		s := c.syntax
		if !strings.HasPrefix(s, "show ") || s == "show privilege" || strings.Contains(s, "trustpoints <name>") {
			continue
		}
		s = strings.NewReplacer("[<days:int>]", "2", "[vrf <vrf>] <addr:ip>", "192.0.2.53", "<name>", "SLA-TrustPoint").Replace(s)
		out = append(out, s)
	}
	return out
}()
