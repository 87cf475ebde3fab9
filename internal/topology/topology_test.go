package topology

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// device reads a whole device of our own captures, with edits: OLD => NEW in every answer.
func device(t *testing.T, name string, edits ...string) *diag.Facts {
	t.Helper()
	src, err := bundle.Open(filepath.Join("..", "..", "testdata", "captures", name), os.Stdin, iosxe.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range src.Devices() {
		if err != nil {
			t.Fatal(err)
		}
		f := diag.NewFacts(diag.Device{Name: name})
		used := make([]bool, len(edits))
		for _, c := range ev.Captures {
			for i, e := range edits {
				old, replacement, _ := strings.Cut(e, " => ")
				used[i] = used[i] || strings.Contains(c.Text, old)
				c.Text = strings.ReplaceAll(c.Text, old, replacement)
			}
			f.Add(c)
		}
		for i, ok := range used {
			if !ok {
				t.Fatalf("%s has no %q", name, edits[i])
			}
		}
		return f
	}
	t.Fatalf("no device in %s", name)
	return nil
}

// refused makes the device refuse commands.
func refused(f *diag.Facts, commands ...*diag.Command) *diag.Facts {
	for _, c := range commands {
		f.Add(diag.Capture{Command: c, Line: c.String(), Outcome: diag.WasRefused})
	}
	return f
}

// What was not seen makes the rest no more certain than it is.
func TestInferFromLess(t *testing.T) {
	for name, c := range map[string]struct {
		facts *diag.Facts
		want  diag.TopologyID
	}{
		"no destination of call home": {refused(device(t, "direct-callhome"), &iosxe.ShowCallHomeSmartLicensing.Command), diag.DirectCallhome},
		"no line of the URL":          {device(t, "direct-smart", "URL: https => Address: https"), diag.DirectSmart},
		"a push and its ACK, no more": {refused(device(t, "cslu-zero-touch"), &iosxe.RunningServices.Command), diag.CSLUZeroTouch},
	} {
		if got, _ := Infer(c.facts); got.ID != c.want || got.Confidence != "medium" {
			t.Errorf("%s: %+v, want %s (medium)", name, got, c.want)
		}
	}
}

func TestInfer(t *testing.T) {
	const cssm = "https://smartreceiver.cisco.com/licservice/license"
	for _, c := range []struct {
		device string
		edits  []string
		want   diag.TopologyID
		how    string
	}{
		{"direct-smart", nil, diag.DirectSmart, "certain"},
		{"direct-smart", []string{"smartreceiver.cisco.com => smartreceiver-stage.cisco.com"}, diag.DirectSmart, "certain"},
		{"direct-smart", []string{cssm + " => https://ssm.example.net/SmartTransport"}, diag.SmartCustom, "certain"},
		{"direct-smart", []string{cssm + " => https://smartreceiver.cisco.com.example.net/licservice/license"}, diag.SmartCustom, "certain"},
		{"direct-smart", []string{cssm + " => <empty>"}, diag.DirectSmart, "medium"},
		{"direct-callhome", nil, diag.DirectCallhome, "certain"},
		{"direct-callhome", []string{"https://tools.cisco.com/its/service/oddce/services/DDCEService => https://ssm.example.net/Transportgateway/services/DeviceRequestHandler"}, diag.CallhomeOnpremLegacy, "certain"},
		{"cslu-push", nil, diag.CSLUPush, "high"},
		{"onprem-push", nil, diag.OnpremPush, "high"},
		{"cslu-zero-touch", nil, diag.CSLUZeroTouch, "medium"},
		{"unconfigured", nil, diag.DefaultUnconfigured, "high"},
		{"pull", nil, diag.Pull, "medium"},
		{"offline", nil, diag.Offline, "certain"},
		{"controller", nil, diag.ControllerVManage, "certain"},
		{"classic", nil, diag.ClassicSL, "certain"},
		{"nxos", nil, diag.UnsupportedOS, "certain"},
	} {
		got, _ := Infer(device(t, c.device, c.edits...))
		if got.ID != c.want || got.Confidence != c.how || got.Declared || got.Rule == "" {
			t.Errorf("%s %q: %+v, want %s (%s)", c.device, c.edits, got, c.want, c.how)
		}
	}
}

func TestDeclared(t *testing.T) {
	for _, c := range []struct {
		device         string
		declared, want diag.TopologyID
		says           string
	}{
		{"pull", diag.PullOnprem, diag.PullOnprem, "the device looks like pull"},
		{"cslu-push", diag.CSLUPushDisconnected, diag.CSLUPushDisconnected, "the device looks like cslu-push"},
		{"offline", diag.Offline, diag.Offline, "declared by the operator"},
		{"classic", diag.DirectSmart, diag.ClassicSL, "Registration"},   // what it certainly is
		{"nxos", diag.DirectSmart, diag.UnsupportedOS, "does not name"}, // cannot be declared away
	} {
		f := device(t, c.device)
		f.Device.Topology = c.declared
		got, _ := Infer(f)
		if got.ID != c.want || !strings.Contains(got.Rule, c.says) || got.Declared != (c.want == c.declared) {
			t.Errorf("%s declared %s: %+v, want %s with %q", c.device, c.declared, got, c.want, c.says)
		}
	}
}

// Where no rule matches, nothing is inferred, and it is said why: unknown is never a topology.
func TestNothingIsInferredFromNothing(t *testing.T) {
	for name, c := range map[string]struct {
		facts *diag.Facts
		why   diag.Reason
	}{
		"no answer":                                 {diag.NewFacts(diag.Device{}), diag.NotCollected},
		"a transport unheard":                       {device(t, "direct-smart", "Type: Smart => Type: Carrier Pigeon"), diag.Unparsed},
		"the agent chooses":                         {device(t, "cslu-zero-touch", "Type: cslu => Type: Automatic"), diag.Manual},
		"no line of the URL":                        {device(t, "cslu-zero-touch", "Cslu address: <empty> => "), diag.Absent},
		"no line of the ACK":                        {device(t, "cslu-zero-touch", "Last ACK received => Final ACK"), diag.Absent},
		"ACKs without a push, and no configuration": {refused(device(t, "pull"), &iosxe.RunningServices.Command), diag.Refused},
	} {
		if got, why := Infer(c.facts); got != (diag.Topology{}) || why != c.why {
			t.Errorf("%s: %+v because %q, want %q", name, got, why, c.why)
		}
	}
}
