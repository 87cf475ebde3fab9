package checks

import (
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// Thresholds of the clock (knowledge E.5).
const (
	skewGood      = time.Minute
	skewTolerable = 15 * time.Minute
	skewRefused   = time.Hour      // CSSM wants less
	zoneReach     = 15 * time.Hour // no zone is further from UTC
	firstSLPYear  = 2020           // 17.3.2, the first release with SLP
)

// clockFaults are the checks of the clock in the order of knowledge D1. That other servers are configured than
// expected makes no clock wrong by itself.
var clockFaults = slices.Concat(diag.ByWhen(noNTP, ClockNTPConfigured), diag.By(ClockNTPSync, ClockAuthoritative, ClockSkew))

// noNTP: no NTP server is configured, as far as known.
func noNTP(f *diag.Facts) bool {
	servers, _, _ := ntpServers(f)
	return len(servers) == 0
}

// ClockNTPConfigured asks for a time source in the configuration.
var ClockNTPConfigured = &diag.Check{
	ID:       "clock-ntp-configured",
	Title:    "NTP servers are configured",
	Why:      "Signatures, certificates and trust codes are checked against the clock, and only NTP keeps it right.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.RunningNames.Command, &iosxe.ShowNTPAssociations.Command},
	Seed:     "knowledge B.3; S1:101-105",
	Judge:    judgeNTPConfigured,
	Remedies: []diag.Fix{fixNTP},
}

func judgeNTPConfigured(e *diag.Exam) diag.Verdict {
	servers, at, why := ntpServers(e.Facts)
	if why != "" {
		e.GiveUp(why, "")
	}
	wanted := e.Device.Expect.NTPServers
	missing := slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return slices.Contains(servers, s) })
	fix := fixNTP
	if len(missing) > 0 {
		fix = fixNTP.With(diag.Param{Name: "ntp-ip", Value: missing[0], Class: diag.ClassHost})
		if config := iosxe.RunningNames.Of(e.Facts); len(servers) > 0 && !config.Known() {
			e.GiveUp(config.Why(), "") // the associations have addresses where the configuration may have names
		}
	}
	names := diag.Args{"servers": servers, "count": len(servers), "missing": missing}
	switch {
	case len(servers) > 0 && len(missing) > 0 && len(missing) == len(wanted):
		return e.Fail("other", "The NTP servers are {servers}; the inventory expects {missing}.", names).
			At(at...).About(strings.Join(missing, ",")).Mend(fix)
	case len(servers) > 0 && len(missing) > 0:
		return e.Warn("expected", "The inventory also expects the NTP server {missing}, which is not configured.", names).
			At(at...).About(strings.Join(missing, ",")).Mend(fix)
	case len(servers) > 1:
		return e.Pass("configured", "{count} NTP servers are configured: {servers}.", names).At(at...)
	case len(servers) == 1:
		return e.Warn("single", "Only one NTP server is configured, {servers}: when it fails, the clock drifts.", names).At(at...).Mend(fix)
	}
	if c, _ := iosxe.RunningNames.Partial(e.Facts); c != nil {
		if l, ok := c.First("ntp master"); ok {
			return e.Warn("master-only", "The device is its own NTP master and follows no server.").At(l.At).Mend(fix)
		}
	}
	return e.Fail("none", "No NTP server is configured.").At(at...).About(strings.Join(missing, ",")).Mend(fix)
}

// ntpServers lists the configured NTP servers, from the configuration or, where it is not known or names
// none, from the associations, with the lines that say so. why is set when neither is known.
func ntpServers(f *diag.Facts) (servers []string, at []diag.Source, why diag.Reason) {
	config := iosxe.RunningNames.Of(f)
	if c, ok := config.Peek(); ok {
		for _, prefix := range []string{"ntp server", "ntp peer", "sntp server"} {
			for _, l := range c.Lines(prefix) {
				if s := ntpServer(l.After(prefix)); s != "" && !slices.Contains(servers, s) {
					servers, at = append(servers, s), append(at, l.At)
				}
			}
		}
	}
	associations := iosxe.ShowNTPAssociations.Of(f)
	if a, ok := associations.Peek(); ok && len(servers) == 0 {
		for _, p := range a.Peers {
			if p.Configured && !p.IsLocal() && !slices.Contains(servers, p.Address) {
				servers, at = append(servers, p.Address), append(at, p.At)
			}
		}
	}
	switch {
	case len(servers) > 0:
		return servers, at, ""
	case config.Known():
		return nil, []diag.Source{config.Source()}, ""
	}
	return nil, nil, config.Why()
}

// ntpServer is the server of "vrf Mgmt 192.0.2.1 prefer", "ip ntp.example.net" or "192.0.2.1".
func ntpServer(rest string) string {
	words := strings.Fields(rest)
	if len(words) > 2 && words[0] == "vrf" {
		words = words[2:]
	}
	if len(words) > 1 && (words[0] == "ip" || words[0] == "ipv6") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// ClockNTPSync asks whether the clock follows its reference.
var ClockNTPSync = &diag.Check{
	ID:       "clock-ntp-sync",
	Title:    "Clock is synchronised",
	Why:      "An unsynchronised clock makes signatures and timestamps fail, in both directions.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads: []*diag.Command{&iosxe.ShowNTPStatus.Command, &iosxe.ShowNTPAssociations.Command, &iosxe.RunningNames.Command,
		&iosxe.ShowLogging.Command},
	Causes:   slices.Concat(diag.ByWhen(noNTP, ClockNTPConfigured), under(ntpSilent, diag.By(ReachInterface, ReachRoute))),
	Seed:     "knowledge B.3; S1:101,164,421",
	Judge:    judgeNTPSync,
	Remedies: []diag.Fix{fixNTP, fixNTPPath},
}

func judgeNTPSync(e *diag.Exam) diag.Verdict {
	synced := read(e.Facts, iosxe.ShowNTPStatus, func(s *iosxe.NTPStatus) diag.Value[bool] {
		if on, ok := s.Enabled.Peek(); ok && !on {
			return s.Enabled
		}
		return s.Synchronised
	}).Or(licence(e.Facts).ClockSynced)
	reference := read(e.Facts, iosxe.ShowNTPStatus, func(s *iosxe.NTPStatus) diag.Value[string] { return s.Reference })
	if diag.Must(e, synced) {
		if ref, _ := reference.Peek(); ref == ".LOCL." {
			return e.Warn("own-clock", "The clock follows itself: it is its own NTP reference.").At(synced.Source()).Mend(fixNTP)
		}
		return e.Pass("synchronised", "The clock is synchronised.").At(synced.Source())
	}
	fix, silent := fixNTP, []diag.Source(nil)
	servers, _, _ := ntpServers(e.Facts)
	if len(servers) > 0 {
		fix, silent = fixNTPPath, silentPeers(e.Facts)
	}
	key := strings.Join(servers, ", ")
	if text, harm, ok := clockHarm(e.Facts); ok {
		return e.Fail("unsynchronised-harm", "The clock is not synchronised, and licensing fails as it does with a wrong time.",
			diag.Args{"text": text}).At(synced.Source(), harm).At(silent...).About(key).Mend(fix)
	}
	return e.Warn("unsynchronised", "The clock is not synchronised; nothing in licensing fails on it yet.").At(synced.Source()).At(silent...).About(key).Mend(fix)
}

// silentPeers are the rows of NTP servers that never answered (knowledge B.3: reach 0).
func silentPeers(f *diag.Facts) (at []diag.Source) {
	if a, _ := iosxe.ShowNTPAssociations.Partial(f); a != nil {
		for _, p := range a.Peers {
			if reach, ok := p.Reach.Peek(); ok && reach == 0 && p.Configured {
				at = append(at, p.At)
			}
		}
	}
	return at
}

// ntpSilent: some configured NTP server never answered.
func ntpSilent(f *diag.Facts) bool { return len(silentPeers(f)) > 0 }

// ClockAuthoritative asks whether the clock was ever set since the start.
var ClockAuthoritative = &diag.Check{
	ID:       "clock-authoritative",
	Title:    "Clock has been set since the start",
	Why:      "A clock that was never set makes every certificate and signature look expired or not yet valid.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command, &iosxe.ShowLogging.Command},
	Causes:   slices.Concat(diag.ByWhen(noNTP, ClockNTPConfigured), diag.By(ClockNTPSync)),
	Seed:     "knowledge B.3; field practice for the meaning of the marks",
	Judge:    judgeClockAuthoritative,
	Remedies: []diag.Fix{fixNTP, fixClockSet},
}

// fixClockSet bridges the time until NTP works.
var fixClockSet = diag.Fix{
	Summary: "set the clock by hand until NTP works",
	Exec:    []string{"clock set <hh:mm:ss> <day> <month> <year>"},
	Verify:  []string{"show clock"},
	Affects: "the device's clock",
}

func judgeClockAuthoritative(e *diag.Exam) diag.Verdict {
	mark := read(e.Facts, iosxe.ShowClock, func(s *iosxe.Stamp) diag.Value[string] { return s.Mark })
	when := read(e.Facts, iosxe.ShowClock, func(s *iosxe.Stamp) diag.Value[diag.DeviceTime] { return s.Time })
	if stamp := licence(e.Facts).Stamp; !mark.Known() && stamp.Mark.Known() {
		mark, when = stamp.Mark, stamp.Time
	}
	sign, marked := diag.Need(e, mark)
	switch {
	case !marked:
		return e.Pass("good", "The clock is authoritative.").At(mark.Source())
	case sign == ".":
		return e.Warn("lost", "The clock was synchronised once and has lost its reference.").At(mark.Source()).Mend(fixNTP)
	}
	t, _ := when.Peek()
	text, harm, harmed := clockHarm(e.Facts)
	switch {
	case !t.IsZero() && t.Year() < firstSLPYear:
		return e.Fail("old", "The clock was never set: it shows {year}, before this licensing model existed.",
			diag.Args{"year": t.Year()}).At(mark.Source()).Mend(fixNTP, fixClockSet)
	case harmed:
		return e.Fail("harm", "The clock was never set, and licensing fails as it does with a wrong time.", diag.Args{"text": text}).
			At(mark.Source(), harm).Mend(fixNTP, fixClockSet)
	}
	return e.Warn("never-set", "The clock was not set by any source since the start.").At(mark.Source()).Mend(fixNTP, fixClockSet)
}

// ClockSkew compares the device's clock with the runner's.
var ClockSkew = &diag.Check{
	ID:       "clock-skew",
	Title:    "Device time agrees with a trusted clock",
	Why:      "CSSM accepts less than an hour of difference.",
	Severity: diag.High,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowClock.Command, &iosxe.RunningNames.Command},
	Causes:   slices.Concat(diag.ByWhen(noNTP, ClockNTPConfigured), diag.By(ClockNTPSync, ClockAuthoritative)),
	Seed:     "knowledge B.3, E.5",
	Judge:    judgeClockSkew,
	Remedies: []diag.Fix{fixNTP},
}

func judgeClockSkew(e *diag.Exam) diag.Verdict {
	v := read(e.Facts, iosxe.ShowClock, func(s *iosxe.Stamp) diag.Value[diag.DeviceTime] { return s.Time })
	t := diag.Must(e, v)
	c, _ := e.Capture(&iosxe.ShowClock.Command)
	if c.Received.IsZero() {
		return e.Unknown(diag.NotCollected, "no-time", "The capture does not say when it was taken, so the clock cannot be compared.").At(v.Source())
	}
	if !c.ClockSynced {
		return e.Unknown(diag.NotCollected, "no-reference", "The runner's clock is not known to be right, so the device's clock cannot be compared.").At(v.Source())
	}
	skew, exact, _ := skewOf(e.Facts)
	args := diag.Args{"skew": age(skew.Abs()), "device": t.Text, "runner": c.Received.UTC().Format(time.DateTime)}
	switch a := skew.Abs(); {
	case a <= skewGood && !exact:
		return e.Pass("agrees-but-zone", "The clock agrees with the runner's within {skew}, whole half-hours aside: the time zone is not known.", args).At(v.Source())
	case a <= skewGood:
		return e.Pass("agrees", "The clock agrees with the runner's within {skew}.", args).At(v.Source())
	case a <= skewTolerable:
		return e.Warn("off", "The clock is {skew} off: the device says {device}, it is {runner} UTC.", args).At(v.Source()).Mend(fixNTP)
	case a <= skewRefused:
		return e.Fail("wrong", "The clock is {skew} off: the device says {device}, it is {runner} UTC.", args).At(v.Source()).Mend(fixNTP)
	}
	return e.Fail("refused", "The clock is {skew} off, more than CSSM accepts: the device says {device}, it is {runner} UTC.", args).
		At(v.Source()).Mend(fixNTP)
}

// skewOf is how far the device's clock is from the runner's; known is false when one of them is not known or
// not to be trusted. Where the zone is not known, whole half-hours are taken for it, and exact is false.
func skewOf(f *diag.Facts) (skew time.Duration, exact, known bool) {
	clock := read(f, iosxe.ShowClock, func(s *iosxe.Stamp) diag.Value[diag.DeviceTime] { return s.Time })
	t, ok := clock.Peek()
	c, _ := f.Capture(&iosxe.ShowClock.Command)
	if !ok || c.Received.IsZero() || !c.ClockSynced {
		return 0, false, false
	}
	skew = t.Wall().Sub(c.Received.UTC())
	offset, summer, zoned := utcOffset(f, t.Zone)
	switch {
	case zoned:
		return nearest(skew-offset, summer), true, true
	case skew.Abs() <= zoneReach:
		return skew - skew.Round(30*time.Minute), false, true
	}
	return skew, true, true
}

// clockProven: the clock was compared and is right, or it could not be compared and follows NTP.
func clockProven(f *diag.Facts) bool {
	if skew, exact, known := skewOf(f); known && (exact || skew.Abs() > skewTolerable) {
		return skew.Abs() <= skewTolerable
	}
	synced := read(f, iosxe.ShowNTPStatus, func(s *iosxe.NTPStatus) diag.Value[bool] { return s.Synchronised }).Or(licence(f).ClockSynced)
	on, _ := synced.Peek()
	return on
}

// utcOffset is the offset from UTC of a time that carries the label, by the configuration, and the hour by
// which summer time may add to it where the label does not tell; false when the configuration is not known.
// Without a line the clock runs in UTC.
func utcOffset(f *diag.Facts, label string) (offset, summer time.Duration, known bool) {
	c, ok := iosxe.RunningNames.Of(f).Peek()
	if !ok {
		return 0, 0, false
	}
	standard := "UTC"
	if l, ok := c.First("clock timezone"); ok {
		if standard, offset, ok = timezone(l.After("clock timezone")); !ok {
			return 0, 0, false
		}
	}
	l, saves := c.First("clock summer-time")
	words := append(strings.Fields(l.After("clock summer-time")), "")
	switch {
	case !saves, label == standard && label != words[0]:
		return offset, 0, true
	case label == words[0] && label != standard:
		return offset + time.Hour, 0, true
	}
	return offset, time.Hour, true
}

// timezone reads "CET 1 0": the label, the hours and the minutes from UTC.
func timezone(text string) (label string, offset time.Duration, ok bool) {
	words := append(strings.Fields(text), "0")
	if len(words) < 3 {
		return "", 0, false
	}
	hours, err := time.ParseDuration(words[1] + "h")
	minutes, err2 := time.ParseDuration(words[2] + "m")
	if strings.HasPrefix(words[1], "-") {
		minutes = -minutes
	}
	return words[0], hours + minutes, err == nil && err2 == nil
}

// nearest is skew, or skew less the summer hour when that is smaller.
func nearest(skew, summer time.Duration) time.Duration {
	if s := skew - summer; s.Abs() < skew.Abs() {
		return s
	}
	return skew
}

// ClockJumpEvents asks whether the clock moved around a failure.
var ClockJumpEvents = &diag.Check{
	ID:       "clock-jump-events",
	Title:    "Clock did not jump around a failure",
	Why:      "A step of the clock right before an installation failed is its likely cause.",
	Severity: diag.Low,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLogging.Command, &iosxe.ShowClock.Command},
	Causes:   slices.Concat(diag.ByWhen(noNTP, ClockNTPConfigured), diag.By(ClockNTPSync)),
	Seed:     "knowledge B.3",
	Judge:    judgeClockJump,
	Remedies: []diag.Fix{fixNTP},
}

func judgeClockJump(e *diag.Exam) diag.Verdict {
	v := iosxe.ShowLogging.Of(e.Facts)
	log := diag.Must(e, v).Events
	jump, at := lastEvent(log, "SMART_LIC-SYSTEM_CLOCK_CHANGED")
	if at < 0 {
		return e.Inform("none", "The log has no step of the clock.").At(v.Source())
	}
	now, _ := iosxe.Now(e.Facts).Peek()
	moved, dated := jump.Stamp.At(now)
	for _, x := range log {
		if x.Facility != "SMART_LIC" || !strings.HasSuffix(x.Mnemonic, "_INSTALL_FAILED") {
			continue
		}
		failed, ok := x.Stamp.At(now)
		if dated && ok && failed.Sub(moved).Abs() <= 24*time.Hour {
			return e.Warn("jumped", "The clock was changed within a day of a failed installation: {text}", diag.Args{"text": x.Text}).
				At(logSource(e.Facts, jump), logSource(e.Facts, x)).Mend(fixNTP)
		}
	}
	return e.Inform("harmless", "The clock was changed, with no failed installation near it.").At(logSource(e.Facts, jump))
}

// ClockTimezone shows the configured zone.
var ClockTimezone = &diag.Check{
	ID:       "clock-timezone",
	Title:    "Time zone label",
	Why:      "Timestamps carry the configured label, which says nothing about whether UTC is right.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.RunningNames.Command},
	Seed:     "knowledge B.3",
	Judge: func(e *diag.Exam) diag.Verdict {
		c, whole := configuration(e, iosxe.RunningNames)
		zone, ok := c.First("clock timezone")
		summer, _ := c.First("clock summer-time")
		if !ok {
			return e.Inform("utc", "No time zone is configured: timestamps are UTC.").At(whole)
		}
		return e.Inform("zone", "The time zone is configured as {zone}.", diag.Args{"zone": zone.After("clock timezone")}).At(zone.At, summer.At)
	},
}

var clockChecks = []*diag.Check{ClockNTPConfigured, ClockNTPSync, ClockAuthoritative, ClockSkew, ClockJumpEvents, ClockTimezone}
