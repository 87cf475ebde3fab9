package sim

import (
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	d := newDevice(t, plainSpec())
	same := func(a, b string) {
		t.Helper()
		if x, y := d.Run(a), d.Run(b); x != y || strings.HasPrefix(x, "%") {
			t.Errorf("%q answers %q, %q answers %q", a, x, b, y)
		}
	}
	same("sh lic stat", "show license status")
	same("sh ver | i uptime", "show version | include uptime")
	same("show license tech sup", "show license tech support")
	for typed, want := range map[string]string{
		"show klock":            "        ^\n% Invalid input detected at '^' marker.\n\n",
		"show version detail x": "                ^\n% Invalid input detected at '^' marker.\n\n",
		"show license":          "% Incomplete command.\n\n",
		"show":                  "% Incomplete command.\n\n",
		"show cl |":             "% Incomplete command.\n\n",
		"show clock | sideways": "                ^\n% Invalid input detected at '^' marker.\n\n",
		"show l":                "% Ambiguous command:  \"show l\"\n",
		"show switch":           "        ^\n% Invalid input detected at '^' marker.\n\n",
	} {
		if got := d.Run(typed); got != want {
			t.Errorf("%q answers %q, want %q", typed, got, want)
		}
	}
	if err := d.Configure("line vty 0 4", "exec prompt timestamp"); err != nil {
		t.Fatal(err)
	}
	want := "Load for five secs: 1%/0%; one minute: 2%; five minutes: 1%\nTime source is NTP, " + d.clockLine() + "\n\n" + d.clockLine() + "\n"
	if got := d.Run("show clock"); got != want {
		t.Errorf("with timestamps: %q, want %q", got, want)
	}
	if got := d.run("show running-config", 1); !strings.Contains(got, "% Invalid input") {
		t.Errorf("privilege 1 sees the configuration: %q", got)
	}
	if got := d.run("show privilege", 1); !strings.HasSuffix(got, "Current privilege level is 1\n") {
		t.Errorf("show privilege: %q", got)
	}
}

// Nobody's typing stops a device.
func FuzzTyping(f *testing.F) {
	for _, c := range []string{"show clock", "show run | i (", "ping 192.0.2.53 repeat 99999999", "ping 192.0.2.53 repeat -1", "sh ip route 1.2.3.4 |", " | include", "show\tclock", "ping vrf", "\x00?"} {
		f.Add(c)
	}
	s := plainSpec()
	d, err := NewDevice(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		d.Run(typed)
		parseLine(typed, 1, 3)
		c := &config{}
		if c.configure("interface Vlan1", typed) == nil {
			c.render(true)
		}
	})
}
