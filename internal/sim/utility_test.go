package sim

import (
	"strings"
	"testing"
)

// logged counts the messages with a mnemonic.
func logged(d *Device, mnemonic string) int {
	return strings.Count(d.Run("show logging"), "-"+mnemonic+":")
}

func TestUtilityModeFollowsTheConfiguration(t *testing.T) {
	d := newDevice(t, Spec{Name: "u", PID: "C9300-24P", Serial: "SIM0000U001", Release: "17.9.5", Boot: DemoTime.Add(-200 * day), World: contactWorld(),
		Config: tokyo.base(9, "Vlan10") + "\n" + callHome + "\nlogging buffered 900000"})
	step := func(days int, lines ...string) {
		t.Helper()
		if err := d.Configure(lines...); err != nil {
			t.Fatal(err)
		}
		for range days {
			d.Settle(day)
		}
	}
	want := func(mnemonic string, n int) {
		t.Helper()
		if got := logged(d, mnemonic); got != n {
			t.Errorf("%s was logged %d times, want %d", mnemonic, got, n)
		}
	}
	d.EstablishTrust()
	step(20, "license smart utility")
	want("UTILITY_TRANSPORT_NOT_CONFIG", 3) // at once and every week
	want("UTILITY_STARTED", 0)
	step(20, "license smart transport automatic")
	want("UTILITY_TRANSPORT_NOT_CONFIG", 6) // at once on the change
	step(35, "license smart transport off")
	want("UTILITY_TRANSPORT_NOT_CONFIG", 6)
	want("UTILITY_NO_ACK", 2) // every 30 days
	d.SaveUsage()
	want("UTILITY_STARTED", 1)
	d.ImportACK(demoAccount, nil)
	step(29)
	want("UTILITY_NO_ACK", 2)
	step(2)
	want("UTILITY_NO_ACK", 3)
	step(1, "no license smart utility")
	want("UTILITY_STOPPED", 1)
	step(40)
	want("UTILITY_NO_ACK", 3)
	if out := d.Run("show license status"); !strings.Contains(out, "Utility:\n  Status: DISABLED\n") {
		t.Errorf("utility mode is still shown:\n%s", out)
	}
}

func TestUtilityNeedsTrustTowardsCSSM(t *testing.T) {
	d := newDevice(t, Spec{Name: "u", PID: "C9300-24P", Serial: "SIM0000U001", Release: "17.9.5", Boot: DemoTime.Add(-60 * day), World: contactWorld(),
		Config: tokyo.base(9, "Vlan10") + "\n" + smart + "\nlogging buffered 900000\nlicense smart utility\nlicense smart utility customer_info name Example Networks"})
	d.Settle(8 * day)
	if n := logged(d, "UTILITY_TRUST_CODE"); n != 2 {
		t.Errorf("the missing trust code was logged %d times in eight days", n)
	}
	d.EstablishTrust()
	d.Settle(20 * day)
	if n := logged(d, "UTILITY_TRUST_CODE"); n != 2 || logged(d, "UTILITY_STARTED") != 1 {
		t.Errorf("with trust: %d complaints, %d starts", n, logged(d, "UTILITY_STARTED"))
	}
	d.World().Host(cssm).Down = true
	d.Settle(12 * day)
	if n := logged(d, "UTILITY_REPORT_FAILED"); n != 1 {
		t.Errorf("the failing report was logged %d times", n)
	}
	out := d.Run("show license all")
	for _, l := range []string{"    Last attempt: FAILED on ", "  Customer Information:\n    Name: Example Networks\n"} {
		if !strings.Contains(out, l) {
			t.Errorf("show license all does not say %q", l)
		}
	}
}
