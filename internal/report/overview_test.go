package report

import (
	"bytes"
	"strings"
	"testing"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

func table(t *testing.T, devices ...diag.DeviceResult) string {
	t.Helper()
	fold := engine.Fold{}
	for _, d := range devices {
		fold.Add(d)
	}
	var b bytes.Buffer
	if err := writeTable(&b, &diag.Report{Summary: fold.Summary(), Devices: Slice(devices)}, Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestNotExaminedIsToldOnceAndWhole groups devices by what went wrong, and cuts nothing that must be compared.
func TestNotExaminedIsToldOnceAndWhole(t *testing.T) {
	key := "the host key ssh-ed25519 SHA256:0123456789abcdefghijABCDEFGHIJ0123456789abc of 192.0.2.1:22 is not known"
	failed := func(name string, state diag.State, class, message string) diag.DeviceResult {
		return diag.DeviceResult{Name: name, State: state, Error: &diag.Fault{Class: class, Stage: "dial", Message: message, Hint: "what to do about " + class}}
	}
	got := table(t, failed("r1", diag.Unreachable, "refused", "connection refused"), failed("r2", diag.HostKey, "host_key_unknown", key),
		failed("r3", diag.Unreachable, "refused", "connection refused"), failed("r4", diag.Unreachable, "refused", "refused by the jump host"))
	for _, want := range []string{"No device could be examined", "SHA256:0123456789abcdefghijABCDEFGHIJ0123456789abc",
		"  unreachable (refused)\n    r1, r3: connection refused\n    r4: refused by the jump host\n    Try: what to do about refused\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "what to do about refused"); n != 1 {
		t.Errorf("the advice stands there %d times", n)
	}
}

func TestADeviceOfWhichLittleIsKnownIsNotHealthy(t *testing.T) {
	known := func(name string, passes, missing int) diag.DeviceResult {
		d := diag.DeviceResult{Name: name, State: diag.Examined}
		for range passes {
			d.Results = append(d.Results, diag.Result{Check: "a", Status: diag.Pass, Severity: diag.High})
		}
		for range missing {
			d.Results = append(d.Results, diag.Result{Check: "b", Status: diag.Unknown, Reason: new(diag.NotCollected), Severity: diag.High})
		}
		return d
	}
	got := table(t, known("r1", 3, 2), known("r2", 2, 3), known("r3", 0, 9))
	if !strings.Contains(got, "1 device healthy: r1\n") || !strings.Contains(got, "3 checks unknown: their com") ||
		!strings.Contains(got, "Nothing fails in the little that is known") {
		t.Error(got)
	}
}

// TestCausesAfterTheFirstNameTheirDevice tells two causes with the same text apart.
func TestCausesAfterTheFirstNameTheirDevice(t *testing.T) {
	fails := func(name, check, key string) diag.DeviceResult {
		return diag.DeviceResult{Name: name, State: diag.Examined,
			Results: []diag.Result{{Check: check, Key: key, Status: diag.Fail, Severity: diag.High, Summary: "it does not answer"}}}
	}
	var devices []diag.DeviceResult
	for _, check := range []string{"a", "b", "c", "d", "e"} {
		devices = append(devices, fails("r1", check, ""), fails("r2", check, ""), fails("r3", check, ""))
	}
	devices = append(devices, fails("r4", "f", "192.0.2.1"), fails("r5", "f", "192.0.2.2"), fails("r6", "f", "192.0.2.3"), fails("r7", "f", "192.0.2.3"))
	got := table(t, devices...)
	for _, want := range []string{"And 3 more causes", "HIGH f (2 devices): it", "HIGH f (r4): it", "HIGH f (r5): it"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
