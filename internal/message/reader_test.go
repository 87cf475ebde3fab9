package message

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"slpdoctor/internal/diag"
)

// seenAs is what a test wants to see of an event.
type seenAs struct {
	Lines, Host, Stamp, ID, Text string
	Vars                         map[string]string
	Cut                          bool
}

func see(text string) []seenAs {
	var out []seenAs
	for _, e := range Read(text) {
		lines := string(rune('0' + e.Line))
		if e.EndLine != e.Line {
			lines += "-" + string(rune('0'+e.EndLine))
		}
		out = append(out, seenAs{lines, e.Host, e.Stamp.Text, e.ID(), e.Text, e.Vars, e.Cut})
	}
	return out
}

var (
	failedText = "Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain name"
	failedVars = map[string]string{"peer": "Cisco Smart License Utility (CSLU)", "detail": "Unable to resolve server hostname/domain name"}
)

func TestRead(t *testing.T) {
	failed := func(lines, host, stamp string) []seenAs {
		return []seenAs{{Lines: lines, Host: host, Stamp: stamp, ID: "SMART_LIC-COMM_FAILED", Text: failedText, Vars: failedVars}}
	}
	tests := map[string]struct {
		log  string
		want []seenAs
	}{
		"device buffer": {"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: " + failedText + " ", failed("1", "", "*Nov 17 18:05:09.580")},
		"carriage returns": {"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: " + failedText + "\r\n",
			failed("1", "", "*Nov 17 18:05:09.580")},
		"zone":              {".Mar  1 08:00:00 CST: %SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", ".Mar  1 08:00:00")},
		"year":              {"Mar  1 2024 08:00:00.001 UTC: %SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", "Mar  1 2024 08:00:00.001")},
		"uptime":            {"1d02h: %SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", "1d02h")},
		"uptime in minutes": {"*00:00:46: %SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", "*00:00:46")},
		"no timestamp":      {"%SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", "")},
		"sequence number":   {"000123: *Mar  1 08:00:00.001: %SMART_LIC-3-COMM_FAILED: " + failedText, failed("1", "", "*Mar  1 08:00:00.001")},
		"severity, facility and colon of other releases": {
			"Mar  1 08:00:00: %LICENSE-SMART_LIC-5-COMM_FAILED : " + failedText, failed("1", "", "Mar  1 08:00:00")},
		"relay and origin": {"<187>Mar  1 08:00:02 192.0.2.200 1234: edge1: *Mar  1 08:00:00.001: %SMART_LIC-3-COMM_FAILED: " + failedText,
			failed("1", "edge1", "*Mar  1 08:00:00.001")},
		"collector's date only": {"Mar  1 08:00:02 edge1 1234: %SMART_LIC-3-COMM_FAILED: " + failedText,
			failed("1", "edge1", "Mar  1 08:00:02")},
		"ISO date": {"2024-03-01T08:00:02.123+01:00 edge1 77: %SMART_LIC-3-COMM_FAILED: " + failedText,
			failed("1", "edge1", "2024-03-01T08:00:02.123+01:00")},
		"process in between": {"RP/0/RP0/CPU0:Mar  1 08:00:00.001 UTC: smartlicserver[123]: %LICENSE-SMART_LIC-3-COMM_FAILED : " + failedText,
			failed("1", "RP/0/RP0/CPU0", "Mar  1 08:00:00.001")},
		"wrapped at 80 within a word": {
			"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: Communications failure with the\n" +
				"Cisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain na\nme\n" +
				"edge1#",
			failed("1-3", "", "*Nov 17 18:05:09.580")},
		"wrapped, with the pager in it": {
			"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: Communications failure with the \n --More-- \n" +
				"\b\b\b        \b\b\bCisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain na\nme\n",
			failed("1-4", "", "*Nov 17 18:05:09.580")},
		"pager before the message": {
			" --More-- \b\b\b\b          \b\b\b*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: " + failedText,
			failed("1", "", "*Nov 17 18:05:09.580")},
		"other output behind a complete message": {
			"*Mar  5 09:00:41.221: %SMART_LIC-6-TRUST_CODE_INSTALL_SUCCESS: A new licensing trust code was successfully installed on P:X,S:1.\nSmart Licensing is ENABLED\n",
			[]seenAs{{Lines: "1", Stamp: "*Mar  5 09:00:41.221", ID: "SMART_LIC-TRUST_CODE_INSTALL_SUCCESS",
				Text: "A new licensing trust code was successfully installed on P:X,S:1.", Vars: map[string]string{"udi": "P:X,S:1"}}}},
		"a line that had room for the next word was not broken": {
			"*Mar  5 09:00:41.221: %SMART_LIC-3-COMM_FAILED: Communications failure with the (CSSM) : x\n" +
				"*Mar  5 09:00:42: %PKI-6-OTHER: text of about seventy characters, no more\n User 'x' authenticated\n",
			[]seenAs{
				{Lines: "1", Stamp: "*Mar  5 09:00:41.221", ID: "SMART_LIC-COMM_FAILED", Text: "Communications failure with the (CSSM) : x",
					Vars: map[string]string{"peer": "(CSSM)", "detail": "x"}},
				{Lines: "2", Stamp: "*Mar  5 09:00:42", ID: "PKI-OTHER", Text: "text of about seventy characters, no more"}}},
		"wrapped by an editor": {
			"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: Communications failure\n" +
				"  with the Cisco Smart License Utility (CSLU) : Unable to resolve server\nhostname/domain name\n",
			failed("1-3", "", "*Nov 17 18:05:09.580")},
		"a blank line ends a message": {
			"*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: Communications failure with the \n\nSmart Licensing is ENABLED\n",
			[]seenAs{{Lines: "1", Stamp: "*Nov 17 18:05:09.580", ID: "SMART_LIC-COMM_FAILED", Text: "Communications failure with the", Cut: true}}},
		"a message in the middle of an output": {
			"edge1 uptime is 2 wee*Mar  1 08:00:00.001: %SMART_LIC-6-AGENT_READY: Smart Agent for Licensing is initialized\nks, 1 day\n",
			[]seenAs{{Lines: "1", Stamp: "*Mar  1 08:00:00.001", ID: "SMART_LIC-AGENT_READY", Text: "Smart Agent for Licensing is initialized"}}},
		"an output in the middle of a message": {
			"*Mar 24 20:17:03.508: %SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in    Layer 1 Status:\n        ACTIVE\n",
			[]seenAs{{Lines: "1", Stamp: "*Mar 24 20:17:03.508", ID: "SMART_LIC-REPORTING_REQUIRED",
				Text: "A Usage report acknowledgement will be required in", Cut: true}}},
		"two on one line": {
			"*Mar  1 08:00:00.001: %SMART_LIC-6-AGENT_ENABLED: Smart Agent for Licensing is enabled *Mar  1 08:00:01.001: %SYS-5-RESTART: System restarted --",
			[]seenAs{
				{Lines: "1", Stamp: "*Mar  1 08:00:00.001", ID: "SMART_LIC-AGENT_ENABLED", Text: "Smart Agent for Licensing is enabled"},
				{Lines: "1", Stamp: "*Mar  1 08:00:01.001", ID: "SYS-RESTART", Text: "System restarted --"}}},
		"order of the buffer, not of time": {
			"Mar  1 08:00:00: %SMART_LIC-5-SYSTEM_CLOCK_CHANGED: Smart Agent for Licensing System clock has been changed\n" +
				"Feb  1 08:00:00: %SYS-5-RESTART: x\n",
			[]seenAs{
				{Lines: "1", Stamp: "Mar  1 08:00:00", ID: "SMART_LIC-SYSTEM_CLOCK_CHANGED", Text: "Smart Agent for Licensing System clock has been changed"},
				{Lines: "2", Stamp: "Feb  1 08:00:00", ID: "SYS-RESTART", Text: "x"}}},
		"beginning of the buffer lost": {"erver hostname/domain name \n*Nov 17 18:05:09.580: %SMART_LIC-3-COMM_FAILED: " + failedText,
			failed("2", "", "*Nov 17 18:05:09.580")},
		"no messages": {"CPU is 10% busy: 5%-3-x\nset the URL to http://x/%20y:\n%-3-X: y\n%A-9-B: c\n", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, see(test.log), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestTemplates makes a message of every template and reads it back.
func TestTemplates(t *testing.T) {
	for _, m := range All() {
		for _, template := range m.Templates {
			want := map[string]string{}
			text := variable.ReplaceAllStringFunc(template, func(v string) string {
				name := strings.Trim(v, "{}")
				want[name] = "value-of-" + name
				return want[name]
			})
			e := Read("%" + m.Facility + "-4-" + m.Mnemonic + ": " + text)
			if len(e) != 1 || e[0].Cut || !cmp.Equal(e[0].Vars, want, cmpopts.EquateEmpty()) {
				t.Errorf("%s: %q reads as %+v, want %v", m.ID(), text, e, want)
			}
			for name := range want {
				if m.Variables[name] == "" {
					t.Errorf("%s: variable %s has no explanation", m.ID(), name)
				}
			}
		}
	}
}

func TestAt(t *testing.T) {
	now, _ := diag.ParseDeviceTime("Jan 02 10:00:00 2024 UTC")
	tests := map[string]struct {
		stamp string
		now   diag.DeviceTime
		want  time.Duration // before now
		ok    bool
	}{
		"the same year":         {"Jan  2 09:00:00.500", now, time.Hour, true},
		"the year before":       {"*Dec 31 10:00:00.001", now, 48 * time.Hour, true},
		"the clock a bit ahead": {"Jan  2 11:00:00", now, -time.Hour, true},
		"a year of its own":     {"Jan  2 2023 10:00:00", now, 365 * 24 * time.Hour, true},
		"ISO":                   {"2024-01-01T10:00:00Z", now, 24 * time.Hour, true},
		"uptime":                {"1d02h", now, 0, false},
		"no now":                {"Jan  2 09:00:00", diag.DeviceTime{}, 0, false},
		"no such day":           {"Feb 31 09:00:00", now, 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := Read(test.stamp + ": %SYS-5-RESTART: x")
			if len(e) != 1 || e[0].Stamp.IsZero() {
				t.Fatalf("no stamp in %+v", e)
			}
			at, ok := e[0].Stamp.At(test.now)
			if ok != test.ok || ok && test.now.Sub(at) != test.want {
				t.Errorf("At = %v (%v before now), %v; want %v before, %v", at, test.now.Sub(at), ok, test.want, test.ok)
			}
			if ok && at.Text != test.stamp {
				t.Errorf("text %q, want the device's own %q", at.Text, test.stamp)
			}
		})
	}
}

// TestHostile feeds text that is no log and expects an end.
func TestHostile(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("%A-1-B:", 50_000),
		strings.Repeat("%", 1<<18),
		strings.Repeat("*Mar  1 00:00:00: ", 20_000) + "%A-1-B: x",
		"%A-1-B: " + strings.Repeat("x", 80-8) + "\n" + strings.Repeat(strings.Repeat("y", 80)+"\n", 5_000),
		"\x00\xff%SMART_LIC-3-COMM_FAILED:\xfe\x00\n\x1b[2K",
	} {
		for _, e := range Read(s) {
			if e.EndLine-e.Line > maxLines {
				t.Errorf("an event of %d lines", e.EndLine-e.Line)
			}
		}
	}
}
