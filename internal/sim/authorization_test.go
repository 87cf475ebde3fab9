package sim

import (
	"strings"
	"testing"
)

func TestAuthorizationFilesMustNameTheDevice(t *testing.T) {
	active, standby := Member{PID: "C9407R", SN: "SIM0000A001"}, Member{Role: "Standby", PID: "C9407R", SN: "SIM0000A002"}
	pair := func(s Spec) *Device {
		s.Name, s.PID, s.Serial, s.Release, s.Boot = "a", active.PID, active.SN, "17.9.5", DemoTime
		s.Members, s.World = []Member{standby}, contactWorld()
		s.Config = tokyo.base(9, "Vlan10") + "\nlicense smart transport off\nlicense feature hseck9\n" + s.Config
		return newDevice(t, s)
	}
	for name, c := range map[string]struct {
		spec    Spec
		units   []Member
		refusal string
	}{
		"made for it":      {},
		"both units":       {units: []Member{standby, active}},
		"a unit missing":   {units: []Member{active}, refusal: wrongUnit},
		"a foreign unit":   {units: []Member{active, {PID: "C9407R", SN: "SIM0000A003"}}, refusal: wrongUnit},
		"the clock is off": {spec: Spec{Skew: -26 * clockTolerance, Config: "no ntp server"}, refusal: wrongSignature},
	} {
		t.Run(name, func(t *testing.T) {
			d := pair(c.spec)
			d.ImportAuthorization(c.units...)
			all, log := d.Run("show license all"), d.Run("show logging")
			if c.refusal != "" {
				if d.authorised() || !strings.Contains(log, "AUTHORIZATION_INSTALL_FAILED") || !strings.Contains(d.Run(tech), "Failure Reason: "+c.refusal) ||
					!strings.Contains(all, "Export status: RESTRICTED - NOT ALLOWED") {
					t.Errorf("the refusal does not show:\n%s%s", log, all)
				}
				return
			}
			if strings.Count(all, "Status: SMART AUTHORIZATION INSTALLED on ") != 2 || !strings.Contains(all, "Export status: RESTRICTED - ALLOWED") {
				t.Errorf("the codes do not show:\n%s", all)
			}
			d.ReturnAuthorization()
			if all, log = d.Run("show license all"), d.Run("show logging"); strings.Count(all, "Last return code: SIMULA-") != 2 || strings.Count(log, "AUTHORIZATION_REMOVED") != 2 {
				t.Errorf("the return does not show:\n%s%s", log, all)
			}
		})
	}
}

func TestFactoryResetForgets(t *testing.T) {
	d := newDevice(t, Spec{Name: "f", PID: "C9300-24P", Serial: "SIM0000F001", Release: "17.9.5", Boot: DemoTime.Add(-20 * day), World: demoWorld(DemoTime),
		Config: tokyo.base(9, "Vlan10") + "\n" + smart})
	d.EstablishTrust()
	d.Settle(10 * day)
	before := d.Run("show license status")
	d.FactoryReset()
	after := d.Run("show license status")
	for _, l := range []string{"Policy in use: Merged", "Trust Code Installed: <none>", "Last ACK received: <none>", "Smart Account: <none>"} {
		if strings.Contains(before, l) || !strings.Contains(after, l) {
			t.Errorf("%q before or not after the reset", l)
		}
	}
	if logged(d, "POLICY_REMOVED") != 1 {
		t.Error("the removal of the policy was not logged")
	}
	d.EstablishTrust()
	if strings.Contains(d.Run("show license status"), "Policy in use: Merged") {
		t.Error("the policy did not come back with the trust code")
	}
}
