package iosxe

import (
	"testing"

	"slpdoctor/internal/diag"
)

func TestFind(t *testing.T) {
	for line, want := range map[string]*diag.Command{
		"show license tech support":              &ShowLicenseTechSupport.Command,
		"show license tech":                      &ShowLicenseTechSupport.Command,
		"sh lic tech":                            &ShowLicenseTechSupport.Command,
		"SHOW LICENSE STATUS":                    &ShowLicenseStatus.Command,
		"sh lic stat | i ACK":                    &ShowLicenseStatus.Command,
		"show license status | include ACK|push": &ShowLicenseStatus.Command,
		"show license":                           &ShowLicense.Command,
		"sh lic":                                 &ShowLicense.Command,
		"show license rum id all":                &ShowLicenseRUM.Command,
		"show license rum id 1634211151 detail":  &ShowLicenseRUMOne.Command,
		"sh license eventlog 2":                  &ShowLicenseEventLog.Command,
		"show clock":                             &ShowClock.Command,
		"sh clock det":                           &ShowClockDetail.Command,
		"show ver":                               &ShowVersion.Command,
		"show logging":                           &ShowLogging.Command,
		"sh log | inc SMART_LIC":                 &ShowLogging.Command,
		"show call-home":                         &ShowCallHome.Command,
		"show call-home detail":                  &ShowCallHome.Command,
		"show crypto pki trustpool":              &ShowTrustpool.Command,
		"show run | sec ^call-home":              &RunningCallHomeSection.Command,
		"show running-config all | i ^license smart|^ip http client": &RunningDefaults.Command,
		"show ip route vrf Mgmt-vrf 192.0.2.1":                       &ShowIPRoute.Command,
		"show ip route 192.0.2.1":                                    &ShowIPRoute.Command,
		"show ip route 0.0.0.0":                                      &ShowIPDefaultRoute.Command,
		"show ip route vrf Mgmt-vrf 0.0.0.0":                         &ShowIPDefaultRoute.Command,
		"sh ip ro 0.0.0.0":                                           &ShowIPDefaultRoute.Command,
		"ping tools.example.net":                                     &Ping.Command,
		"ping vrf Mgmt-vrf 192.0.2.1 repeat 5 timeout 2":             &Ping.Command,
		"ping 192.0.2.1 repeat 100":                                  &Ping.Command,
		"show ip http server status":                                 &ShowHTTPServer.Command,
	} {
		if got, ok := Find(line); !ok || got != want {
			t.Errorf("%q is %v (%v), want %s", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "show", "sh", "sh lic s", "show license nonsense", "show i", "conf t", "show ip route 192.0.2.1 longer",
		"show running-config | include hostname", "show license tech support now", "ping", "show ip http client", "reload", "|", "| include x"} {
		if got, ok := Find(line); ok {
			t.Errorf("%q is taken for %s", line, got)
		}
	}
}

// TestCatalogue holds what the guard and the planner rely on.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Catalogue() {
		line := c.String()
		if seen[line] {
			t.Errorf("%s stands twice", line)
		}
		seen[line] = true
		if c.Purpose == "" || c.Parse == nil {
			t.Errorf("%s has no purpose or no parser", line)
		}
		if c.Template.Fixed() && (len(line) > diag.MaxLine || !c.Template.Match(line)) {
			t.Errorf("%s does not match itself", line)
		}
		if !c.Template.Fixed() && c.Plan == nil {
			t.Errorf("%s has parameters and no plan", line)
		}
		if got, ok := Find(line); c.Template.Fixed() && (!ok || got != c) {
			t.Errorf("%s does not find itself", line)
		}
	}
	if len(Always) != 6 {
		t.Errorf("%d commands are always collected", len(Always))
	}
	for _, c := range Always {
		if !seen[c.String()] {
			t.Errorf("%s is not in the catalogue", c)
		}
	}
}

func TestRelease(t *testing.T) {
	ordered := []string{"03.16.05.S", "16.9", "16.12.5", "16.12.5b", "17.3.1", "17.03.01a", "17.3.2a", "17.3.3", "17.9.4", "17.9.4a", "17.12.1", "17.15.2"}
	for i, s := range ordered {
		r, ok := ParseRelease(s)
		if !ok {
			t.Errorf("%q is not read", s)
		}
		for j, o := range ordered {
			if got := r.Before(o); got != (i < j) {
				t.Errorf("%s before %s: %v", s, o, got)
			}
		}
	}
	if r, _ := ParseRelease("17.09.04a"); r.String() != "17.9.4a" {
		t.Errorf("17.09.04a is written %s", r)
	}
	for _, s := range []string{"", "17", "BLD_POLARIS_DEV", "a.b", "999999999.1"} {
		if r, ok := ParseRelease(s); ok {
			t.Errorf("%q is read as %s", s, r)
		}
	}
}
