package sim

import (
	"strings"
	"testing"
	"time"
)

// TestReplacement: nothing of the old chassis is left, on the supervisors of a modular one either.
func TestReplacement(t *testing.T) {
	old, err := NewDevice(Spec{Name: "r1", PID: "C9407R", Serial: "SIM0000R001", Release: "17.9.5", Boot: DemoTime.Add(-240 * time.Hour),
		Config: "hostname r1\n", Members: []Member{{"Standby", "C9407R", "SIM0000R001"}, {"Member", "C9300-24P", "SIM0000R003"}}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := old.Replacement("SIM0000R009")
	if err != nil {
		t.Fatal(err)
	}
	got := d.Run("show license udi")
	if strings.Contains(got, "SIM0000R001") || strings.Count(got, "SIM0000R009") < 2 || !strings.Contains(got, "SIM0000R003") {
		t.Error(got)
	}
	if !strings.Contains(old.Run("show license udi"), "SIM0000R001") {
		t.Error("the old one has changed")
	}
}
