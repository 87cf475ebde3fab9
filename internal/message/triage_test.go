package message

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	failedLine   = "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain name"
	timeoutLine  = "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : Connection timed out"
	restoredLine = "%SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart License Utility (CSLU) restored."
)

// stands is how every group stands behind a log of lines.
func stands(lines ...string) map[string]string {
	var t Triage
	for _, e := range Read(strings.Join(lines, "\n")) {
		t.Add("r1", "f", e)
	}
	out := map[string]string{}
	for _, l := range t.Logs() {
		for _, g := range l.Groups {
			out[strings.TrimSpace(g.ID+" "+g.Subject)] = fmt.Sprintf("%s x%d", g.Status, g.Count)
		}
	}
	return out
}

func TestTriageStatus(t *testing.T) {
	trust := func(what, udi string) string {
		if what == "failed" {
			return "%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install of a new licensing trust code has failed on " + udi + ": x."
		}
		return "%SMART_LIC-6-TRUST_CODE_INSTALL_SUCCESS: A new licensing trust code was successfully installed on " + udi + "."
	}
	tests := map[string]struct {
		lines []string
		want  map[string]string
	}{
		"open": {[]string{failedLine, failedLine}, map[string]string{"SMART_LIC-COMM_FAILED": "open x2"}},
		"recovered": {[]string{failedLine, restoredLine},
			map[string]string{"SMART_LIC-COMM_FAILED": "recovered x1", "SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"open again": {[]string{failedLine, restoredLine, failedLine},
			map[string]string{"SMART_LIC-COMM_FAILED": "open x2", "SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"position counts, not time": {[]string{"Mar  2 00:00:00: " + failedLine, "Mar  1 00:00:00: " + restoredLine},
			map[string]string{"SMART_LIC-COMM_FAILED": "recovered x1", "SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"another member's success ends nothing": {[]string{trust("failed", "PID:A,SN:1"), trust("failed", "PID:A,SN:2"), trust("ok", "PID:A,SN:2")},
			map[string]string{
				"SMART_LIC-TRUST_CODE_INSTALL_FAILED PID:A,SN:1":  "open x1",
				"SMART_LIC-TRUST_CODE_INSTALL_FAILED PID:A,SN:2":  "recovered x1",
				"SMART_LIC-TRUST_CODE_INSTALL_SUCCESS PID:A,SN:2": "recovery x1"}},
		"call home's failure ends with communication": {[]string{
			"%CALL_HOME-5-SL_MESSAGE_FAILED: Fail to send out Smart Licensing message to: https://x/y (ERR 207 : Connection time out)", restoredLine},
			map[string]string{"CALL_HOME-SL_MESSAGE_FAILED": "recovered x1", "SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"utility mode went off": {[]string{
			"%SMART_LIC-4-UTILITY_SUBSCRIPTION_LICENSE: Utility mode is in use with a license that does not have a subscription id: a",
			"%SMART_LIC-6-UTILITY_STOPPED: Smart Agent for Licensing Utility has stopped sending usage reports"},
			map[string]string{"SMART_LIC-UTILITY_SUBSCRIPTION_LICENSE a": "recovered x1", "SMART_LIC-UTILITY_STOPPED": "notice x1"}},
		"a restored connection does not upgrade SSM On-Prem": {[]string{
			"%SMART_LIC-4-REPORTING_NOT_SUPPORTED: Smart Agent for Licensing CSSM OnPrem is down rev and does not support the enhanced policy and usage reporting mode.",
			restoredLine},
			map[string]string{"SMART_LIC-REPORTING_NOT_SUPPORTED": "open x1", "SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"an error nobody knows": {[]string{"%SMART_LIC-3-OUT_OF_NOWHERE: x", "%SMART_LIC-6-SOMETHING: y", "%CALL_HOME-3-OTHER: z", restoredLine},
			map[string]string{"SMART_LIC-OUT_OF_NOWHERE": "open x1", "SMART_LIC-SOMETHING": "notice x1", "CALL_HOME-OTHER": "notice x1",
				"SMART_LIC-COMM_RESTORED": "recovery x1"}},
		"revocation lists":                   {[]string{"%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint LAB failed"}, map[string]string{"PKI-CRL_FETCH_FAIL": "notice x1"}},
		"nothing about licensing":            {[]string{"%LINK-3-UPDOWN: x", "%PKI-4-OTHER: y", "%SYS-5-RESTART: z"}, map[string]string{}},
		"a restart beside licensing is told": {[]string{"%SYS-5-RESTART: z", failedLine}, map[string]string{"SYS-RESTART": "notice x1", "SMART_LIC-COMM_FAILED": "open x1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(test.want, stands(test.lines...)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestTriageEdges(t *testing.T) {
	var tr Triage
	for _, e := range Read("Mar  1 00:00:00: " + failedLine + "\nMar  2 00:00:00: " + restoredLine +
		"\nMar  3 00:00:00: " + failedLine + "\nMar  4 00:00:00: " + timeoutLine + "\n") {
		tr.Add("r1", "f", e)
	}
	g := tr.Logs()[0].Groups[0]
	at := func(day string, line int) Mark {
		return Mark{Stamp: "Mar  " + day + " 00:00:00", File: "f", Line: line}
	}
	if g.First != at("1", 1) || g.Since != at("3", 3) || g.Last != at("4", 4) || g.Ended != (Mark{}) {
		t.Errorf("first %v, since %v, last %v, ended %v", g.First, g.Since, g.Last, g.Ended)
	}
	if want := map[Class]int{DNS: 2, Path: 1}; !maps.Equal(g.Classes, want) || g.Failure.Class != Path {
		t.Errorf("classes %v, newest %s; want %v", g.Classes, g.Failure.Class, want)
	}
	if g.Vars["detail"] != "Connection timed out" {
		t.Errorf("variables %v", g.Vars)
	}
}

// TestTriageIsBounded feeds a log that tries to make the triage large.
func TestTriageIsBounded(t *testing.T) {
	var tr Triage
	for _, e := range Read(failedLine) {
		tr.Add("r1", "f", e)
	}
	for i := range 3 * maxPerDevice {
		for _, e := range Read(fmt.Sprintf("%%SMART_LIC-6-M%d: %s", i, strings.Repeat("x", 10*maxKept))) {
			tr.Add("r1", "f", e)
		}
	}
	if g := tr.Logs()[0].Groups[0]; g.Status != Open {
		t.Errorf("the first is %s", g.Status)
	}
	for _, e := range Read(restoredLine) {
		tr.Add("r1", "f", e)
	}
	if g := tr.Logs()[0].Groups[0]; g.Status != Recovered {
		t.Errorf("an end that found no room ends nothing: the first is %s", g.Status)
	}
	for i := range maxGroups + 1000 {
		tr.Add(fmt.Sprint("device", i), "f", Event{Facility: "SMART_LIC", Mnemonic: "COMM_FAILED"})
	}
	groups := 0
	for _, l := range tr.Logs() {
		groups += len(l.Groups)
		for _, g := range l.Groups {
			if len(g.Text) > maxKept+3 {
				t.Fatalf("a text of %d bytes is kept", len(g.Text))
			}
		}
	}
	if groups != maxGroups || tr.Dropped != 2*maxPerDevice+2+1000+maxPerDevice {
		t.Errorf("%d groups kept, %d messages dropped", groups, tr.Dropped)
	}
}

// TestSome reads only what is wanted, and the same as when everything is read.
func TestSome(t *testing.T) {
	log := "Mar  1 00:00:00: " + failedLine + "\nMar  1 00:00:01: %LINK-3-UPDOWN: a\nrest of it\n" +
		"%SYS-5-CONFIG_I: b Mar  1 00:00:02 edge1: *Mar  1 00:00:02: " + restoredLine + " %LINK-3-UPDOWN: c\n"
	asked := 0
	lines := func(yield func(int, string) bool) {
		n := 0
		for s := range strings.Lines(log) {
			if n++; !yield(n, s) {
				return
			}
		}
	}
	got := slices.Collect(Some(lines, func(facility, mnemonic string) bool { asked++; return Wanted(facility, mnemonic) }))
	want := slices.DeleteFunc(Read(log), func(e Event) bool { return e.Facility != "SMART_LIC" })
	if d := cmp.Diff(want, got, cmp.AllowUnexported(Event{}, Stamp{})); d != "" || len(got) != 2 {
		t.Errorf("%d messages (-want +got):\n%s", len(got), d)
	}
	if asked != 5 {
		t.Errorf("asked for %d messages, there are 5", asked)
	}
}

func TestCausesFor(t *testing.T) {
	m, _ := Lookup("SMART_LIC", "TRUST_CODE_INSTALL_FAILED")
	causes, pointed := m.CausesFor(Classify("Signature Verification failed"))
	if pointed != 2 || len(causes) != len(m.Causes) || !strings.Contains(causes[0].Text, "clock") {
		t.Errorf("%d of %v", pointed, causes)
	}
	if causes, pointed := m.CausesFor(Failure{}); pointed != 0 || !slices.EqualFunc(causes, m.Causes, func(a, b Cause) bool { return a.Text == b.Text }) {
		t.Errorf("without a failure the order changes: %v", causes)
	}
}
