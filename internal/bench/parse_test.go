package main

import (
	"os"
	"strings"
	"testing"

	"github.com/sirikothe/gotextfsm"

	"slpdoctor/internal/iosxe"
)

// TestTemplates holds that what gotextfsm is measured with reads what it is for.
func TestTemplates(t *testing.T) {
	for slug, want := range map[string]map[string]any{
		"show-license-all": {"TRANSPORT_URL": "https://smartreceiver.cisco.com/licservice/license", "LICENSE_COUNT": 2,
			"LICENSE_TYPE": 2, "REPORT_ON_CHANGE_DAYS": 4, "NEXT_ACK_DEADLINE": "Apr 24 09:35:03 2026 UTC", "REPORTS_TOTAL": "8"},
		"show-license-tech-support": {"SMART_ACCOUNT": "Example Networks", "LICENSE_HANDLE": 2, "CHANNEL": 10, "CHANNEL_TOTAL": 10,
			"CHANNEL_LAST_FAILURE": 10, "JOB": 12, "OVERALL_TRUST": "INSTALLED (2)", "CLOCK_SYNCED": "True"},
	} {
		text, err := os.ReadFile("../../" + capturesDir + "/direct-smart/" + slug + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		cmd, ok := iosxe.Find(strings.ReplaceAll(slug, "-", " "))
		if !ok {
			t.Fatalf("no command %s", slug)
		}
		fsm, err := compile(cmd)
		if err != nil {
			t.Fatal(err)
		}
		var p gotextfsm.ParserOutput
		if err := p.ParseTextString(string(text), fsm, true); err != nil || len(p.Dict) != 1 {
			t.Fatalf("%s: %d records, %v", slug, len(p.Dict), err)
		}
		for name, value := range want {
			got := p.Dict[0][name]
			if list, ok := got.([]string); ok {
				got = len(list)
			}
			if got != value {
				t.Errorf("%s: %s is %v, want %v", slug, name, got, value)
			}
		}
	}
}
