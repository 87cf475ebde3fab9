package iosxe

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// catalogue is every command this program knows, in the order in which answers are listed.
var catalogue = []*diag.Command{
	&ShowVersion.Command,
	&ShowClock.Command,
	&ShowLicenseTechSupport.Command,
	&ShowLicenseStatus.Command,
	&ShowLicenseAll.Command,
	&ShowLicenseUDI.Command,
	&ShowLicenseSummary.Command,
	&ShowLicenseUsage.Command,
	&ShowLicenseAuthorization.Command,
	&ShowLicenseHistory.Command,
	&ShowLicenseRUM.Command,
	&ShowLicenseRUMOne.Command,
	&ShowLicenseEventLog.Command,
	&ShowLicense.Command,
	&RunningServices.Command,
	&RunningNames.Command,
	&RunningCallHome.Command,
	&RunningCallHomeSection.Command,
	&RunningSLATrustpoint.Command,
	&RunningDefaults.Command,
	&ShowClockDetail.Command,
	&ShowNTPStatus.Command,
	&ShowNTPAssociations.Command,
	&ShowHosts.Command,
	&ShowIPDNSView.Command,
	&ShowCallHome.Command,
	&ShowCallHomeSmartLicensing.Command,
	&ShowCallHomeProfiles.Command,
	&ShowHTTPClient.Command,
	&ShowHTTPClientSecure.Command,
	&ShowHTTPServer.Command,
	&ShowHTTPServerModules.Command,
	&ShowHTTPServerSecure.Command,
	&ShowTrustpoints.Command,
	&ShowSLACertificate.Command,
	&ShowTrustpool.Command,
	&ShowIPInterfaceBrief.Command,
	&ShowIPDefaultRoute.Command, // before the one for any address: the first that matches is the line's
	&ShowIPRoute.Command,
	&ShowVRF.Command,
	&ShowLogging.Command,
	&ShowYangProcesses.Command,
	&ShowRedundancy.Command,
	&ShowSwitch.Command,
	&ShowProcessesCPU.Command,
	&ShowProcessesMemory.Command,
	&ShowThroughputLevel.Command,
	&ShowThroughputCrypto.Command,
	&Ping.Command,
}

// Catalogue lists every command, always in the same order. The caller may change the slice.
func Catalogue() []*diag.Command { return slices.Clone(catalogue) }

// Always are the commands that are collected whatever the checks need (product contract, section 3).
var Always = []*diag.Command{
	&ShowVersion.Command,
	&ShowClock.Command,
	&ShowLicenseStatus.Command,
	&ShowLicenseAll.Command,
	&ShowLicenseUDI.Command,
	&ShowLicenseTechSupport.Command,
}

// forms are lines that are not in the catalogue and whose answers a command of it reads: wider or narrower
// forms that people paste.
var forms = map[string]*diag.Command{
	"show call-home detail":                                        &ShowCallHome.Command,
	"show hosts summary":                                           &ShowHosts.Command,
	"show ip http server status":                                   &ShowHTTPServer.Command,
	"show crypto pki certificates":                                 &ShowSLACertificate.Command,
	"show crypto pki trustpoints":                                  &ShowTrustpoints.Command,
	"show license rum id {number}":                                 &ShowLicenseRUMOne.Command,
	"show license eventlog":                                        &ShowLicenseEventLog.Command,
	"show running-config":                                          &RunningServices.Command,
	"ping[ vrf {vrf}] {host} repeat {number}[ source {interface}]": &Ping.Command,
}

// Find resolves a line as a person types it: exact, abbreviated as far as it stays unique, or with a pipe
// that filters the answer of a command. It reports false for a line that is unknown or ambiguous.
func Find(line string) (*diag.Command, bool) {
	for _, c := range catalogue {
		if c.Template.Match(line) {
			return c, true
		}
	}
	typed, filter, piped := cutPipe(line)
	if len(typed) == 0 {
		return nil, false
	}
	best, bestRank, unique := (*diag.Command)(nil), 0, false
	consider := func(p pattern, c *diag.Command) {
		rank := p.rank(typed, filter, piped)
		switch {
		case rank > bestRank:
			best, bestRank, unique = c, rank, true
		case rank > 0 && rank == bestRank && c != best:
			unique = false
		}
	}
	for _, k := range known {
		consider(k.pattern, k.command)
	}
	return best, unique
}

// cutPipe splits a line into its words and the text of its filter with the filter's verb written out.
func cutPipe(line string) (words []string, filter string, piped bool) {
	head, tail, piped := strings.Cut(line, "|")
	words = strings.Fields(head)
	verb, text := firstWord(strings.TrimSpace(tail))
	for _, full := range []string{"include", "section", "exclude", "begin"} {
		if verb != "" && strings.HasPrefix(full, strings.ToLower(verb)) {
			verb = full
		}
	}
	return words, strings.TrimSpace(verb + " " + text), piped
}

// pattern is one spelling of a catalogue line: an optional part of its template is in it or not.
type pattern struct {
	words  []string
	filter string
	piped  bool
}

type knownPattern struct {
	pattern
	command *diag.Command
}

var known = func() []knownPattern {
	var out []knownPattern
	add := func(line string, c *diag.Command) {
		for _, spelling := range spellings(line) {
			words, filter, piped := cutPipe(spelling)
			out = append(out, knownPattern{pattern{words, filter, piped}, c})
		}
	}
	for _, c := range catalogue {
		add(c.String(), c)
	}
	for line, c := range forms {
		add(line, c)
	}
	return out
}()

// spellings writes a template with and without each of its optional parts.
func spellings(line string) []string {
	head, rest, found := strings.Cut(line, "[")
	if !found {
		return []string{line}
	}
	part, tail, _ := strings.Cut(rest, "]")
	var out []string
	for _, t := range spellings(tail) {
		out = append(out, head+part+t, head+t)
	}
	return out
}

// rank says how well typed words fit: 0 not at all. Words that are written out count before abbreviations,
// a line with all words before one that stops early, the same filter before another one.
func (p pattern) rank(typed []string, filter string, piped bool) int {
	if len(typed) > len(p.words) || len(typed) < 2 {
		return 0
	}
	rank := 1
	if len(typed) == len(p.words) {
		rank += 1000
	}
	switch {
	case piped && p.piped && filter == p.filter, !piped && !p.piped:
		rank += 100
	case strings.HasPrefix(p.words[1], "running"):
		return 0 // the configuration is asked for in parts, and one part says nothing of another
	}
	for i, w := range typed {
		switch full := p.words[i]; {
		case full[0] == '{':
			if !diag.Class(strings.Trim(full, "{}")).Holds(w) {
				return 0
			}
		case strings.EqualFold(full, w):
			rank += 10
		case len(w) > len(full) || !strings.EqualFold(full[:len(w)], w):
			return 0
		}
	}
	return rank
}
