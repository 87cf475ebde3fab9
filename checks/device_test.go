package checks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// alwaysCollected is asked of every device, whatever checks are selected (product contract, section 3),
// with what the topology is told from.
var alwaysCollected = append([]*diag.Command{&iosxe.ShowVersion.Command, &iosxe.ShowClock.Command, &iosxe.ShowLicenseStatus.Command,
	&iosxe.ShowLicenseAll.Command, &iosxe.ShowLicenseUDI.Command, &iosxe.ShowLicenseTechSupport.Command}, topology.Needs...)

// commands is everything that a run would ask.
var commands = engine.Catalogue{Checks: append(checks.All(), &diag.Check{Reads: alwaysCollected})}.Reads()

// device is a whole device as files of text, and what a case does to it.
type device struct {
	diag.Device
	files    map[string]string       // by slug
	lines    map[string]string       // of files whose command has parameters: the line that was sent
	outcomes map[string]diag.Outcome // of files; OK when it is not there
	received time.Time
	synced   bool
	answers  map[string]string // by the line that was sent
}

func load(t *testing.T, name string) *device {
	t.Helper()
	dir := filepath.Join(capturesDir, name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{Device: diag.Device{Name: name}, files: map[string]string{}, lines: map[string]string{}, outcomes: map[string]diag.Outcome{}}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		slug := strings.TrimSuffix(e.Name(), ".txt")
		first, _, _ := strings.Cut(string(text), "\n")
		_, d.lines[slug], _ = strings.Cut(first, "#")
		d.files[slug] = string(text)
	}
	return d
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func slugOf(line string) string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(line), "-"), "-")
}

const anyConfig = "show-running-config"

// asks lists the commands that a file answers: all filtered forms of show running-config for the whole
// configuration, else the one whose line it is.
func asks(slug string) (found []*diag.Command) {
	for _, c := range commands {
		own := slugOf(c.Template.String())
		fixed, _, _ := strings.Cut(strings.ReplaceAll(c.Template.String(), "[", "{"), "{")
		toDefault := strings.HasSuffix(c.Template.String(), " 0.0.0.0") // of two commands that begin alike
		switch {
		case slug == anyConfig && strings.HasPrefix(own, anyConfig),
			c.Template.Fixed() && slug == own,
			!c.Template.Fixed() && strings.HasPrefix(slug+"-", slugOf(fixed)+"-") && toDefault == strings.HasSuffix(slug, "-0-0-0-0"):
			found = append(found, c)
		}
	}
	return found
}

// slugs are the captures that the beginning of a name means: one, or none that was there.
func (d *device) slug(t *testing.T, name string) string {
	t.Helper()
	if _, ok := d.files[name]; ok {
		return name
	}
	var found []string
	for slug := range d.files {
		if strings.HasPrefix(slug, name) {
			found = append(found, slug)
		}
	}
	for _, c := range commands {
		if own := slugOf(c.Template.String()); len(found) == 0 && c.Template.Fixed() && strings.HasPrefix(own, name) {
			found = append(found, own)
			break
		}
	}
	if len(found) == 0 && len(asks(name)) > 0 {
		return name // a line with parameters that was not there
	}
	if len(found) != 1 {
		t.Fatalf("%q means %q", name, found)
	}
	return found[0]
}

func (d *device) set(t *testing.T, name, text string) {
	t.Helper()
	if len(asks(name)) == 0 {
		name = d.slug(t, name)
	}
	if len(asks(name)) == 0 {
		t.Fatalf("no check reads %q", name)
	}
	d.files[name] = text
}

// run applies directives (see cases_test.go).
func (d *device) run(t *testing.T, script []string) {
	t.Helper()
	for _, line := range script {
		word, rest, _ := strings.Cut(line, " ")
		head, tail, _ := strings.Cut(rest, ":")
		tail = strings.ReplaceAll(strings.TrimPrefix(tail, " "), `\n`, "\n")
		switch word {
		case "device":
		case "topology":
			d.Topology = diag.TopologyID(rest)
		case "expect":
			d.expect(t, rest)
		case "edit":
			d.edit(t, d.slug(t, head), tail)
		case "add":
			slug := d.slug(t, head)
			d.set(t, slug, d.files[slug]+tail+"\n")
		case "only":
			d.set(t, d.slug(t, head), tail+"\n")
		case "channel":
			d.channel(t, head, tail)
		case "drop":
			if rest == "*" {
				clear(d.files)
				continue
			}
			for name := range strings.FieldsSeq(rest) {
				delete(d.files, d.slug(t, name))
			}
		case "refuse":
			for name := range strings.FieldsSeq(rest) {
				slug := d.slug(t, name)
				d.files[slug], d.outcomes[slug] = "      ^\n% Invalid input detected at '^' marker.\n", diag.WasRefused
			}
		case "timeout":
			for name := range strings.FieldsSeq(rest) {
				slug := d.slug(t, name)
				d.files[slug], d.outcomes[slug] = "", diag.WasTimedOut
			}
		case "cut":
			slug := d.slug(t, head)
			before, _, ok := strings.Cut(d.files[slug], tail)
			if !ok {
				t.Fatalf("%s does not hold %q", slug, tail)
			}
			d.files[slug], d.outcomes[slug] = before, diag.WasCut
		case "received":
			when, synced, _ := strings.Cut(rest, " ")
			at, err := time.Parse(time.RFC3339, when)
			if err != nil {
				t.Fatal(err)
			}
			d.received, d.synced = at, synced == "synced"
		default:
			t.Fatalf("unknown directive %q", line)
		}
	}
}

func (d *device) edit(t *testing.T, slug, change string) {
	t.Helper()
	old, new, ok := strings.Cut(change, "=>")
	old, new = strings.TrimSuffix(old, " "), strings.TrimPrefix(new, " ")
	if !ok || !strings.Contains(d.files[slug], old) {
		t.Fatalf("%s does not hold %q", slug, old)
	}
	d.files[slug] = strings.ReplaceAll(d.files[slug], old, new)
}

func (d *device) expect(t *testing.T, text string) {
	t.Helper()
	key, value, _ := strings.Cut(text, " ")
	list := strings.Split(value, ", ")
	switch key {
	case "url":
		d.Expect.URL = value
	case "vrf":
		d.Expect.VRF = value
	case "source_interface":
		d.Expect.SourceInterface = value
	case "name_servers":
		d.Expect.NameServers = list
	case "ntp_servers":
		d.Expect.NTPServers = list
	case "smart_account":
		d.Expect.SmartAccount = value
	case "virtual_account":
		d.Expect.VirtualAccount = value
	case "policy":
		d.Expect.Policy = value
	case "push_interval_days":
		days, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		d.Expect.PushIntervalDays = days
	default:
		t.Fatalf("unknown expectation %q", key)
	}
}

const (
	techSupport = "show-license-tech-support"
	hourBefore  = "Mar 10 11:00:05 2026 UTC" // what the devices' clocks show is Mar 10 12:00:05 2026 UTC
	dayBefore   = "Mar 09 12:00:05 2026 UTC"
)

// channel writes the block of a channel into tech support: "12/9/3 3/3 NO REPLY; reason".
func (d *device) channel(t *testing.T, name, state string) {
	t.Helper()
	var total, success, fail, overall, comm int
	counters, words, ok := strings.Cut(state, " ")
	ongoing, response, ok2 := strings.Cut(words, " ")
	_, err := fmt.Sscanf(counters+" "+ongoing, "%d/%d/%d %d/%d", &total, &success, &fail, &overall, &comm)
	if !ok || !ok2 || err != nil {
		t.Fatalf("channel %q: %v", state, err)
	}
	response, reason, found := strings.Cut(response, "; ")
	if !found {
		reason = "<none>"
	}
	when := func(n int, time string) string {
		if n == 0 {
			return "<none>"
		}
		return time
	}
	last := when(fail, hourBefore)
	if overall == 0 {
		last = when(fail, dayBefore)
	}
	block := fmt.Sprintf("%s:\n  Attempts: Total=%d, Success=%d, Fail=%d  Ongoing Failure: Overall=%d Communication=%d\n"+
		"  Last Response: %s on %s\n    Failure Reason: %s\n  Last Success Time: %s\n  Last Failure Time: %s\n",
		name, total, success, fail, overall, comm, response, hourBefore, reason, when(success, dayBefore), last)
	text := d.files[techSupport]
	statistics := strings.Index(text, "Communication Statistics:")
	begin := strings.Index(text[max(statistics, 0):], "\n"+name+":\n")
	if statistics < 0 || begin < 0 {
		t.Fatalf("%s has no channel %q", techSupport, name)
	}
	begin += statistics + 1
	end := begin + len(name) + 2
	for strings.HasPrefix(text[end:], " ") {
		end += strings.IndexByte(text[end:], '\n') + 1
	}
	d.files[techSupport] = text[:begin] + block + text[end:]
}

// facts is everything the device answered, with its topology.
func (d *device) facts(t *testing.T) *diag.Facts {
	t.Helper()
	f := d.factsOf(t, commands)
	f.Topology, f.NoTopology = topology.Infer(f)
	return f
}

// factsOf is what the device answered to these commands.
func (d *device) factsOf(t *testing.T, wanted []*diag.Command) *diag.Facts {
	t.Helper()
	f := diag.NewFacts(d.Device)
	d.answers = map[string]string{}
	for slug, text := range d.files {
		for _, c := range asks(slug) {
			capture := diag.Capture{Command: c, Line: c.Template.String(), Text: text, Outcome: diag.OK}
			if !c.Template.Fixed() {
				first, _, _ := strings.Cut(text, "\n")
				if _, capture.Line, _ = strings.Cut(first, "#"); !c.Template.Match(capture.Line) {
					capture.Line = d.lines[slug]
				}
				if !c.Template.Match(capture.Line) {
					t.Fatalf("%s does not begin with its command: %q", slug, first)
				}
			}
			if o, ok := d.outcomes[slug]; ok {
				capture.Outcome = o
			}
			if c == &iosxe.ShowClock.Command && !d.received.IsZero() {
				capture.Sent, capture.Received, capture.ClockSynced = d.received, d.received, d.synced
			}
			d.answers[capture.Line] = text
			if slices.Contains(wanted, c) {
				f.Add(capture)
			}
		}
	}
	return f
}
