package bundle

import (
	"strings"

	"slpdoctor/internal/diag"
)

// catalogue is what these tests read: the lines of the product's catalogue that differ in kind. An answer is
// cut when it says so.
var catalogue = func() []*diag.Command {
	var out []*diag.Command
	for _, line := range []string{
		"show version", "show clock", "show clock detail", "show license", "show license status", "show license all", "show license udi",
		"show license summary", "show license usage", "show license tech support", "show license rum id all", "show license rum id {number} detail", "show license eventlog {number}",
		"show running-config | include ^license|^ip http|^hostname", "show running-config | include ^ntp|^clock",
		"show running-config | section ^call-home", "show running-config all | include ^license smart",
		"show logging | include SMART_LIC|CALL_HOME", "show ntp status", "show ntp associations", "show ip http server all", "show ip http server session-module",
		"show ip http client all", "show crypto pki trustpoints status", "show ip interface brief", "show vrf",
		"ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]", "show ip route[ vrf {vrf}] 0.0.0.0",
		"show ip route[ vrf {vrf}] {ip}",
	} {
		out = append(out, &diag.Command{Template: diag.NewTemplate(line), Parse: func(c diag.Capture) diag.Parsed {
			if strings.Contains(c.Text, "(cut)") {
				return diag.Parsed{Problem: diag.Cut}
			}
			return diag.Parsed{}
		}})
	}
	return out
}()

func command(line string) *diag.Command {
	for _, c := range catalogue {
		if c.String() == line {
			return c
		}
	}
	panic("no such command: " + line)
}
