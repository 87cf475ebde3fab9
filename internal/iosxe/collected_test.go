package iosxe

import (
	"testing"

	"slpdoctor/internal/diag"
)

// TestCollectedPlan: only a device whose reports may be collected is asked about its HTTP server, and one
// without NETCONF and RESTCONF not about their processes.
func TestCollectedPlan(t *testing.T) {
	empty := status(cslu+"<empty>\n"+proxyUnset, "<none>", "<none>")
	const (
		netconf    = "netconf-yang\n"
		controller = "Cisco IOS XE Software, Version 17.12.4\nRouter operating mode: Controller-Managed\n"
		table      = "HTTP server application session modules:\n Session module Name  Handle Status   Secure-status     Description\nSL_HTTP               2      Active   Active         HTTP REST IOS-XE Smart License Server\n"
	)
	type answers map[*diag.Command]string
	tests := map[string]struct {
		declared              diag.TopologyID
		answers               answers
		server, modules, yang bool // what is asked
	}{
		"cslu without an address": {answers: answers{&ShowLicenseStatus.Command: empty, &RunningServices.Command: netconf},
			server: true, modules: true, yang: true},
		"without NETCONF": {answers: answers{&ShowLicenseStatus.Command: empty, &RunningServices.Command: "hostname r1\n"},
			server: true, modules: true},
		"with RESTCONF": {answers: answers{&ShowLicenseStatus.Command: empty, &RunningServices.Command: "restconf\n"},
			server: true, modules: true, yang: true},
		"the modules are known": {answers: answers{&ShowLicenseStatus.Command: empty, &RunningServices.Command: "hostname r1\n", &ShowHTTPServer.Command: table},
			server: true},
		"cslu with an address": {answers: answers{&ShowLicenseStatus.Command: status(cslu+"http://192.0.2.10:8182/cslu/v1/pi\n"+proxyUnset, "<none>", "<none>"),
			&RunningServices.Command: netconf}},
		"smart": {answers: answers{&ShowLicenseStatus.Command: status(smart+proxyUnset, "<none>", "<none>"), &RunningServices.Command: netconf}},
		"smart, declared pull": {declared: diag.PullCSLU, answers: answers{&ShowLicenseStatus.Command: status(smart+proxyUnset, "<none>", "<none>")},
			server: true, modules: true, yang: true},
		"cslu without an address, declared push": {declared: diag.CSLUPush, answers: answers{&ShowLicenseStatus.Command: empty}},
		"controller": {answers: answers{&ShowVersion.Command: controller, &RunningServices.Command: netconf,
			&ShowLicenseStatus.Command: status(smart+proxyUnset, "<none>", "<none>")}, yang: true},
		"declared controller": {declared: diag.ControllerVManage, answers: answers{&RunningServices.Command: netconf}, yang: true},
		"nothing is known":    {server: true, modules: true, yang: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			facts := diag.NewFacts(diag.Device{Topology: test.declared})
			for c, text := range test.answers {
				facts.Add(diag.Capture{Command: c, Line: c.String(), Text: text, Outcome: diag.OK})
			}
			for command, want := range map[*diag.Command]bool{&ShowHTTPServer.Command: test.server,
				&ShowHTTPServerModules.Command: test.modules, &ShowYangProcesses.Command: test.yang} {
				line, why := command.Plan(facts)
				switch {
				case (line != "") == (why.Reason != ""):
					t.Errorf("%s: line %q beside %+v", command, line, why)
				case (line != "") != want:
					t.Errorf("%s: asked is %v (%s), want %v", command, line != "", why.Detail, want)
				case line != "" && !command.Template.Match(line):
					t.Errorf("%s: %q is not of the template", command, line)
				}
			}
		})
	}
}
