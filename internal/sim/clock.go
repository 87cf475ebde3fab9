package sim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// clockTolerance is how far the clock may be off for signed data to be accepted.
const clockTolerance = time.Hour

// clockState is what the clock has lived through.
type clockState struct {
	ever   bool      // has been synchronised since boot
	synced bool      // is synchronised now
	source string    // address of the selected server, when synced
	since  time.Time // last synchronisation, device time
}

// syncClock lets NTP do its work: the first server that answers is selected and
// the clock follows it.
func (d *Device) syncClock() {
	d.clock.synced = false
	for _, s := range d.ntpServers() {
		h := d.reach(s.vrf, s.addr, arg(d.cfg.lines, "ntp source", "if"))
		if s.addr == "" || h == nil || h.Stratum == 0 {
			continue
		}
		if d.skew.Abs() > time.Minute {
			d.logf("SMART_LIC-5-SYSTEM_CLOCK_CHANGED", "Smart Agent for Licensing System clock has been changed")
		}
		d.skew = 0
		if !d.clock.ever {
			d.logf("PKI-6-AUTHORITATIVE_CLOCK", "The system clock has been set.")
		}
		d.clock = clockState{ever: true, synced: true, source: s.addr, since: d.time()}
		return
	}
}

// ntpServer is a configured server and its address as the device sees it.
type ntpServer struct {
	vrf, name, addr string
}

func (d *Device) ntpServers() []ntpServer {
	var out []ntpServer
	for _, key := range []string{"ntp server", "ntp peer", "sntp server"} {
		for _, l := range each(d.cfg.lines, key) {
			s := ntpServer{vrf: l.args["vrf"], name: l.args["server"]}
			s.addr = d.resolve(s.vrf, s.name).addr
			out = append(out, s)
		}
	}
	return out
}

// time is what the device's clock shows, without its zone.
func (d *Device) time() time.Time { return d.now.Add(d.skew) }

// zone is the configured time zone.
func (d *Device) zone() *time.Location {
	l := get(d.cfg.lines, "clock timezone")
	if l == nil {
		return time.UTC
	}
	h, _ := strconv.Atoi(l.args["hours"])
	m, _ := strconv.Atoi(l.args["minutes"])
	return time.FixedZone(l.args["zone"], h*3600+m*60)
}

// stamp prints a time as licence fields do; "<none>" for the zero time.
func (d *Device) stamp(t time.Time) string {
	if t.IsZero() {
		return "<none>"
	}
	return t.In(d.zone()).Format("Jan 02 15:04:05 2006 MST")
}

// mark is the character before an untrusted time: "*" never set, "." lost.
func (d *Device) mark() string {
	switch {
	case d.clock.synced:
		return ""
	case d.clock.ever:
		return "."
	}
	return "*"
}

func (d *Device) clockLine() string {
	return d.mark() + d.time().In(d.zone()).Format("15:04:05.000 MST Mon Jan 2 2006")
}

func (d *Device) showClock(map[string]string) string { return d.clockLine() + "\n" }

func (d *Device) showClockDetail(map[string]string) string {
	source := "Time source is user configuration"
	switch {
	case d.clock.ever:
		source = "Time source is NTP"
	case d.skew != 0:
		source = "No time source"
	}
	return d.clockLine() + "\n" + source + "\n"
}

func (d *Device) showNTPStatus(map[string]string) string {
	if len(d.ntpServers()) == 0 && each(d.cfg.lines, "ntp master") == nil {
		return "%NTP is not enabled.\n"
	}
	uptime := int64(d.now.Sub(d.spec.Boot).Seconds()) * 100
	var b text
	if d.clock.synced {
		b.line("Clock is synchronized, stratum %d, reference is %-15s", d.world.Host(d.clock.source).Stratum+1, d.clock.source)
	} else {
		b.line("Clock is unsynchronized, stratum 16, no reference clock")
	}
	b.line("nominal freq is 250.0000 Hz, actual freq is 249.9972 Hz, precision is 2**10")
	if d.clock.ever {
		b.line("ntp uptime is %d (1/100 of seconds), resolution is 4016", uptime)
	}
	b.line("reference time is %s", d.ntpReference())
	offset, loop := "0.3174", "'CTRL' (Normal Controlled Loop)"
	if !d.clock.synced {
		offset, loop = "0.0000", "'SPIK' (Spike)"
	}
	b.line("clock offset is %s msec, root delay is 2.11 msec", offset)
	b.line("root dispersion is 9.46 msec, peer dispersion is 1.95 msec")
	if d.clock.ever { // a clock never set has neither loop filter nor poll line
		b.line("loopfilter state is %s, drift is 0.000011274 s/s", loop)
		b.line("system poll interval is 64, last update was %d sec ago.", int(d.time().Sub(d.clock.since).Seconds())+17)
	}
	return b.String()
}

func (d *Device) ntpReference() string {
	t := d.clock.since
	if t.IsZero() {
		return "00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)"
	}
	ntp := uint32(t.Unix() + 2208988800)
	return fmt.Sprintf("%08X.%08X (%s)", ntp, uint32(t.Nanosecond())<<2, t.In(d.zone()).Format("15:04:05.000 MST Mon Jan 2 2006"))
}

func (d *Device) showNTPAssociations(map[string]string) string {
	servers := d.ntpServers()
	if len(servers) == 0 {
		return "%NTP is not enabled.\n"
	}
	var b text
	b.line("")
	b.line("  address         ref clock       st   when   poll reach  delay  offset   disp")
	for _, s := range servers {
		addr := cmp.Or(s.addr, s.name)
		if h := d.reach(s.vrf, s.addr, arg(d.cfg.lines, "ntp source", "if")); h != nil && h.Stratum > 0 {
			flag := "+~"
			if s.addr == d.clock.source && d.clock.synced {
				flag = "*~"
			}
			b.line("%s%-15s  %-14s %3d %6d %6d %5o %6.3f %7.3f %6.3f", flag, addr, ".GNSS.", h.Stratum, 417, 1024, 0o377, 2.114, 0.317, 1.951)
			continue
		}
		b.line(" ~%-15s  %-14s %3d %6s %6d %5o %6.3f %7.3f %6s", addr, ".INIT.", 16, "-", 64, 0, 0.0, 0.0, "15937.")
	}
	b.line(" * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured")
	return b.String()
}

// text builds an output line by line.
type text struct{ strings.Builder }

func (b *text) line(format string, args ...any) {
	fmt.Fprintf(&b.Builder, format, args...)
	b.WriteByte('\n')
}
