package sim

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// topologies are the ids of the contract. unsupported-os is none of them: every simulated device runs IOS XE.
var topologies = strings.Fields(`direct-smart smart-custom direct-callhome callhome-onprem-legacy cslu-push cslu-zero-touch
onprem-push pull offline controller-vmanage classic-sl default-unconfigured
cslu-push-disconnected pull-cslu pull-onprem pull-catalyst-center`)

// declaredOnly are those that a device's outputs cannot tell from another one.
var declaredOnly = []string{"cslu-push-disconnected", "pull-cslu", "pull-onprem", "pull-catalyst-center"}

// messages are the mnemonics the demo's log buffers hold, at least one of each family.
var messages = map[string][]string{
	"POLICY":        {"POLICY_INSTALL_SUCCESS", "POLICY_INSTALL_FAILED", "POLICY_REMOVED"},
	"AUTHORIZATION": {"AUTHORIZATION_INSTALL_SUCCESS", "AUTHORIZATION_INSTALL_FAILED", "AUTHORIZATION_REMOVED"},
	"COMM":          {"COMM_FAILED", "COMM_RESTORED"},
	"TRUST_CODE":    {"TRUST_CODE_INSTALL_SUCCESS", "TRUST_CODE_INSTALL_FAILED"},
	"REPORTING":     {"REPORTING_REQUIRED", "REPORTING_NOT_SUPPORTED"},
	"UTILITY":       {"UTILITY_STARTED", "UTILITY_NO_ACK", "UTILITY_TRUST_CODE", "UTILITY_TRANSPORT_NOT_CONFIG"},
}

// field is the value of a field of an output; "" without it.
func field(out, name string) string {
	for l := range strings.Lines(out) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(l), name+": "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// shown is the topology that a device's outputs show (knowledge A.3).
func shown(d *Device) string {
	status, config := d.Run("show license status"), d.Run("show running-config")
	kind, url := field(status, "Type"), field(status, "URL")
	address := strings.TrimPrefix(field(status, "Cslu address"), "<empty>")
	_, path, _ := strings.Cut(address, "/cslu/v1/pi")
	switch {
	case strings.Contains(status, "Registration:\n"):
		return "classic-sl"
	case strings.Contains(d.Run("show version"), "Router operating mode: Controller-Managed"):
		return "controller-vmanage"
	case kind == "Transport Off":
		return "offline"
	case kind == "Smart" && strings.HasPrefix(url, "https://smartreceiver.cisco.com/"):
		return "direct-smart"
	case kind == "Smart":
		return "smart-custom"
	case kind == "Callhome" && strings.Contains(d.Run("show call-home smart-licensing"), "/Transportgateway/"):
		return "callhome-onprem-legacy"
	case kind == "Callhome":
		return "direct-callhome"
	case strings.Trim(path, "/") != "":
		return "onprem-push"
	case address != "":
		return "cslu-push"
	case field(status, "Last ACK received") != "<none>" && field(status, "Last report push") == "<none>" && strings.Contains(config, "\nnetconf-yang\n"):
		return "pull"
	case !strings.Contains(config, "\nip name-server ") && !strings.Contains(config, "\nip domain name "):
		return "default-unconfigured"
	}
	return "cslu-zero-touch"
}

func TestDemoShowsEveryTopology(t *testing.T) {
	names := map[string][]string{}
	for _, d := range DemoFleet() {
		id := shown(d)
		if slices.Contains(declaredOnly, d.Topology) {
			if id != "pull" && id != "cslu-push" {
				t.Errorf("%s is declared as %s and shows %s", d.Name, d.Topology, id)
			}
			id = d.Topology
		}
		names[id] = append(names[id], d.Name)
	}
	for _, id := range topologies {
		t.Logf("%-22s %s", id, strings.Join(names[id], " "))
		if names[id] == nil {
			t.Errorf("no device shows %s", id)
		}
	}
	for id := range names {
		if !slices.Contains(topologies, id) {
			t.Errorf("%v show %s, which is no topology", names[id], id)
		}
	}
}

var mnemonic = regexp.MustCompile(`%SMART_LIC-\d-([A-Z_]+):`)

func TestDemoShowsEveryMessageFamily(t *testing.T) {
	names := map[string][]string{}
	for _, d := range DemoFleet() {
		for _, m := range mnemonic.FindAllStringSubmatch(d.Run("show logging"), -1) {
			if !slices.Contains(names[m[1]], d.Name) {
				names[m[1]] = append(names[m[1]], d.Name)
			}
		}
	}
	for _, family := range slices.Sorted(maps.Keys(messages)) {
		for _, m := range messages[family] {
			t.Logf("%-30s %s", m, strings.Join(names[m], " "))
			if names[m] == nil {
				t.Errorf("no device logs %s", m)
			}
		}
	}
}
