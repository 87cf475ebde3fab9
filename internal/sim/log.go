package sim

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

// logEntry is one message of the log buffer.
type logEntry struct {
	at   time.Time // device time
	mark string    // the clock's trust at that moment
	text string    // %FACILITY-SEVERITY-MNEMONIC: text
}

func (d *Device) logf(id, format string, args ...any) {
	e := logEntry{at: d.time(), mark: d.mark(), text: "%" + id + ": " + fmt.Sprintf(format, args...)}
	e.at = e.at.Add(time.Duration(crc32.ChecksumIEEE([]byte(e.at.String()))%1000) * time.Millisecond)
	d.log = append(d.log, e)
	if len(d.log) > 4000 {
		d.log = append(d.log[:0:0], d.log[len(d.log)-2000:]...)
	}
}

// print renders an entry as "service timestamps log" says.
func (d *Device) print(e logEntry) string {
	form := arg(d.cfg.lines, "service timestamps log", "form")
	switch {
	case form == "":
		return e.text
	case strings.HasPrefix(form, "uptime"):
		up := e.at.Sub(d.spec.Boot)
		return fmt.Sprintf("%dw%dd: %s", int(up.Hours())/168, int(up.Hours())/24%7, e.text)
	}
	stamp := "Jan _2 15:04:05"
	if strings.Contains(form, "msec") {
		stamp += ".000"
	}
	zone := time.UTC
	if strings.Contains(form, "localtime") {
		zone = d.zone()
	}
	if strings.Contains(form, "show-timezone") {
		stamp += " MST"
	}
	return e.mark + e.at.In(zone).Format(stamp) + ": " + e.text
}

func (d *Device) showLogging(map[string]string) string {
	size := 4096
	if l := get(d.cfg.lines, "logging buffered"); l != nil {
		size, _ = strconv.Atoi(l.args["size"])
	}
	console := "level debugging, 0 messages logged, xml disabled,\n                     filtering disabled"
	if off(d.cfg.lines, "logging console") {
		console = "disabled"
	}
	var b text
	b.line("Syslog logging: enabled (0 messages dropped, 4 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)")
	b.line("\nNo Active Message Discriminator.\n\n\n\nNo Inactive Message Discriminator.\n\n")
	b.line("    Console logging: %s", console)
	b.line("    Monitor logging: level debugging, 0 messages logged, xml disabled,\n                     filtering disabled")
	b.line("    Buffer logging:  level debugging, %d messages logged, xml disabled,\n                    filtering disabled", len(d.log))
	b.line("    Exception Logging: size (4096 bytes)")
	b.line("    Count and timestamp logging messages: disabled")
	b.line("    File logging: disabled")
	b.line("    Persistent logging: disabled\n\nNo active filter modules.\n")
	b.line("    Trap logging: level informational, %d message lines logged", len(d.log))
	for _, l := range each(d.cfg.lines, "logging host") {
		b.line("        Logging to %s  (udp port 514, audit disabled,", l.args["host"])
		b.line("              link up),")
	}
	b.line("        Logging Source-Interface:       VRF Name:")
	b.line("    TLS Profiles: \n")
	b.line("Log Buffer (%d bytes):", size)
	b.WriteString(d.tail(size))
	return b.String()
}

// tail is the newest part of the log that fits the buffer; the oldest line may
// be cut, as on a device.
func (d *Device) tail(size int) string {
	var b strings.Builder
	b.WriteByte('\n')
	for _, e := range d.log {
		b.WriteString(d.print(e) + "\n")
	}
	all := b.String()
	if len(all) > size {
		return all[len(all)-size:]
	}
	return all
}
