package sim

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// value finds "key: value" in an output; section limits it to what follows a
// heading, "" to nothing.
func fieldOf(t *testing.T, out, section, key string) string {
	t.Helper()
	if section != "" {
		_, after, ok := strings.Cut("\n"+out, "\n"+section)
		if !ok {
			t.Fatalf("no section %q", section)
		}
		out = after
	}
	m := regexp.MustCompile(`(?m)^ *` + regexp.QuoteMeta(key) + `: *(.*)$`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no field %q in section %q", key, section)
	}
	return strings.TrimSpace(m[1])
}

const tech = "show license tech support"

func TestOutputsAgreeWithEachOther(t *testing.T) {
	for _, d := range DemoFleet() {
		if d.lay.classic {
			continue
		}
		status, all, support := d.Run("show license status"), d.Run("show license all"), d.Run(tech)
		for _, key := range []string{"Last ACK received", "Next ACK deadline", "Next report push", "Last report push", "Next ACK push check", "Policy in use"} {
			want := fieldOf(t, status, "", key)
			if a, s := fieldOf(t, all, "", key), fieldOf(t, support, "", key); a != want || s != want {
				t.Errorf("%s: %s is %q in status, %q in all, %q in tech support", d.Name, key, want, a, s)
			}
		}
		if a, u := fieldOf(t, all, "Product Information", "UDI"), fieldOf(t, d.Run("show license udi"), "", "UDI"); a != u {
			t.Errorf("%s: UDI %q and %q", d.Name, a, u)
		}
		clock := d.Run("show clock")
		synced := !strings.ContainsAny(clock[:1], "*.")
		if got := fieldOf(t, support, "Other Info", "Clock sync-ed with NTP"); got != truth(synced) {
			t.Errorf("%s: the clock shows %q, the agent says %s", d.Name, clock, got)
		}
	}
}

// When a fix is typed, the next attempts succeed, counters recover and the log
// says so.
func TestFixesTakeEffect(t *testing.T) {
	for name, fix := range map[string]struct {
		channel string
		lines   []string
		trust   bool
	}{
		"tyo-acc-1":  {channel: trustSync, lines: []string{"ip name-server " + goodDNS}},
		"tyo-acc-2":  {channel: trustSync, lines: []string{"ip name-server " + goodDNS, "no ip name-server " + deadDNS}},
		"tyo-edge-1": {channel: trustSync, lines: []string{"ip http client secure-trustpoint SLA-TrustPoint"}},
		"sel-edge-1": {channel: trustEstablishment, trust: true},
		"sel-edge-2": {channel: usageReporting, lines: []string{"ip domain lookup"}},
		"sel-br-1":   {channel: trustEstablishment, lines: []string{"ntp server " + ntpHost}, trust: true},
		"sel-br-2":   {channel: trustSync, lines: []string{"interface Loopback0", "no shutdown"}},
		"fra-acc-1":  {channel: trustSync, lines: []string{"call-home", ` profile "CiscoTAC-1"`, "  active"}},
		"fra-acc-3":  {channel: helloMessage, lines: []string{"license smart url cslu http://192.0.2.80:8182/cslu/v1/pi"}},
		"fra-lab-1":  {channel: helloMessage, lines: []string{"ip host cslu-local 192.0.2.80"}},
		"chi-br-2":   {channel: helloMessage, lines: []string{"license smart url cslu https://ssm.example.net/cslu/v1/pi/Campus-1"}},
		"chi-br-3": {channel: helloMessage, lines: []string{"crypto pki trustpoint SLA-TrustPoint", "enrollment terminal", "revocation-check none", "exit",
			"crypto pki authenticate SLA-TrustPoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := demoDevice(t, name)
			c := d.agent.channels[fix.channel]
			if c.total > 0 && c.overall == 0 {
				t.Fatalf("%s is not failing before the fix", fix.channel)
			}
			if err := d.Configure(fix.lines...); err != nil {
				t.Fatal(err)
			}
			d.Settle(10 * time.Minute)
			if fix.trust {
				d.EstablishTrust()
			}
			d.Settle(35 * 24 * time.Hour)
			if got := fieldOf(t, d.Run(tech), fix.channel, "Attempts"); c.success == 0 || !strings.HasSuffix(got, "Overall=0 Communication=0") {
				t.Errorf("%s after the fix: %s", fix.channel, got)
			}
			if d.agent.lost {
				t.Error("communication has not been restored")
			}
			if ack := d.agent.lastACK; ack.Before(DemoTime) {
				t.Errorf("no ACK since the fix: %v", ack)
			}
		})
	}
}

func demoDevice(t *testing.T, name string) *Device {
	t.Helper()
	for i, story := range tales() {
		if story.spec.Name == name {
			d, err := story.play(DemoTime, demoWorld(DemoTime), i+11)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	}
	t.Fatalf("no demo device %q", name)
	return nil
}

func TestArithmeticOfReports(t *testing.T) {
	d := newDevice(t, plainSpec())
	d.Settle(time.Hour)
	first := d.agent.firstUse
	if got := d.deadline(); got != first.Add(90*24*time.Hour) {
		t.Errorf("deadline before any ACK: %v after first use", got.Sub(first))
	}
	d.EstablishTrust()
	if got := d.deadline(); got != d.agent.lastACK.Add(30*24*time.Hour) || d.agent.reported {
		t.Errorf("deadline in the first phase of the policy: %v after the ACK", got.Sub(d.agent.lastACK))
	}
	d.Settle(time.Hour)
	if !d.agent.reported || d.agent.nextPush != d.agent.lastPush.Add(30*24*time.Hour) {
		t.Errorf("next push %v after the last", d.agent.nextPush.Sub(d.agent.lastPush))
	}
	if err := d.Configure("license smart usage interval 7"); err != nil {
		t.Fatal(err)
	}
	pushed := d.agent.channels[usageReporting].success
	d.Settle(60 * 24 * time.Hour)
	if got := d.agent.channels[usageReporting].success - pushed; got < 4 || got > 8 {
		t.Errorf("%d reports in 60 days, the first due in 30, then every 7", got)
	}
	r := d.agent.reports
	if r.total != r.acked+r.waiting+r.available+r.purged {
		t.Errorf("counters do not add up: %+v", r)
	}
}

// A scheduled report that fails is retried for four hours, then every fifteen
// minutes; each failure is one log line.
func TestRetriesAreLogged(t *testing.T) {
	d := demoDevice(t, "sel-edge-2")
	var at []time.Time
	for _, e := range d.log {
		if strings.Contains(e.text, "COMM_FAILED") {
			at = append(at, e.at)
		}
	}
	n := d.agent.channels[usageReporting].fail + d.agent.channels[trustSync].fail
	if len(at) != n {
		t.Errorf("%d failures, %d log lines", n, len(at))
	}
	if gap := at[len(at)-1].Sub(at[len(at)-2]); gap > 16*time.Minute {
		t.Errorf("last attempts are %v apart", gap)
	}
}
