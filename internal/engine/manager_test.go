package engine

import (
	"strings"
	"testing"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/viptela"
)

// TestForeignManager: a device that the inventory calls vManage is one when it says so, and none when it says otherwise
// or when neither answer shows it; an answer that is still to come decides nothing.
func TestForeignManager(t *testing.T) {
	refused, personality := "% Invalid input detected", func(p string) string { return "Personality:             " + p + "\n" }
	for name, c := range map[string]struct {
		version, status string
		want            string // part of the fault, "" for none
	}{
		"vManage":                      {"20.12.3\n", personality("vmanage"), ""},
		"before the second answer":     {refused, "", ""},
		"a user without show version":  {refused, personality("vmanage"), ""},
		"a user without its status":    {"20.12.3\n", refused, ""},
		"IOS XE":                       {"Cisco IOS XE Software, Version 17.09.04a\n", "", "the device runs IOS XE"},
		"vSmart":                       {"20.12.3\n", personality("vsmart"), "the device is a vsmart"},
		"a router that refuses both":   {refused, refused, "nothing in the device's answers"},
		"a system that nobody knows":   {"Linux x 5.10\n", refused, "nothing in the device's answers"},
		"its status, cut in the midst": {refused, "\x00", ""},
	} {
		caps := []diag.Capture{answer(&viptela.ShowVersion.Command, c.version)}
		if c.status != "" {
			caps = append(caps, answer(&viptela.ShowSystemStatus.Command, c.status))
		}
		fault := Foreign(diag.NewFacts(diag.Device{Platform: diag.PlatformVManage}, caps...))
		if c.want == "" && fault != nil || c.want != "" && (fault == nil || !strings.Contains(fault.Message, c.want)) {
			t.Errorf("%s: %+v, want %q", name, fault, c.want)
		}
	}
}

func answer(cmd *diag.Command, text string) diag.Capture {
	c := diag.Capture{Command: cmd, Line: cmd.String(), Text: text, Outcome: diag.OK}
	switch {
	case strings.HasPrefix(text, "%"):
		c.Outcome = diag.WasRefused
	case text == "\x00":
		c.Outcome = diag.WasCut
	}
	return c
}
