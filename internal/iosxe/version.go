package iosxe

import (
	"regexp"
	"strings"

	"slpdoctor/internal/diag"
)

// ShowVersion is what the device runs (P01).
var ShowVersion = query("show version", "operating system, release, product id, uptime", readVersion)

// Version is show version.
type Version struct {
	OS         diag.Value[string]   `json:"os,omitzero"`      // IOS XE, IOS, NX-OS, IOS XR, ASA, Viptela
	Version    diag.Value[string]   `json:"version,omitzero"` // as printed; a build label on engineering images
	Release    diag.Value[Release]  `json:"release,omitzero"` // absent when Version is a build label without a number
	Hostname   diag.Value[string]   `json:"hostname,omitzero"`
	Uptime     diag.Value[string]   `json:"uptime,omitzero"`         // "1 week, 2 days, 3 hours, 4 minutes"
	UptimeMins diag.Value[int]      `json:"uptime_minutes,omitzero"` // the same in minutes; a year counts 365 days
	Returned   diag.Value[string]   `json:"returned_to_rom,omitzero"`
	Reload     diag.Value[string]   `json:"last_reload_reason,omitzero"`
	Image      diag.Value[string]   `json:"image,omitzero"`
	PID        diag.Value[string]   `json:"pid,omitzero"`
	Serial     diag.Value[string]   `json:"serial,omitzero"`
	Mode       diag.Value[string]   `json:"operating_mode,omitzero"`         // Router operating mode: Autonomous, Controller-Managed; not printed by switches
	Licensing  diag.Value[string]   `json:"smart_licensing_status,omitzero"` // "Smart Licensing Using Policy", "REGISTERED/AUTHORIZED" ...
	Levels     diag.Value[[]string] `json:"license_levels,omitzero"`         // License Level: and the technology packages
	Stamp      Stamp                `json:"clock,omitzero"`
}

// operatingSystems are the first words of the banner, the more special before the more general.
var operatingSystems = []struct{ begins, holds, os string }{
	{"Cisco IOS XE Software", "", "IOS XE"},
	{"Cisco IOS XR Software", "", "IOS XR"},
	{"Cisco Nexus Operating System", "", "NX-OS"},
	{"Cisco Adaptive Security Appliance", "", "ASA"},
	{"Cisco IOS Software", "IOS-XE", "IOS XE"},
	{"Cisco IOS Software", "IOSXE", "IOS XE"},
	{"Cisco IOS Software", "Virtual XE", "IOS XE"},
	{"Cisco IOS Software", "", "IOS"},
	{"Cisco Internetwork Operating System", "", "IOS"},
	{"IOS (tm)", "", "IOS"},
}

var versionRules = fields[Version]{
	"Router operating mode":                  words(func(v *Version) *diag.Value[string] { return &v.Mode }),
	"Smart Licensing Status":                 words(func(v *Version) *diag.Value[string] { return &v.Licensing }),
	"Last reload reason":                     words(func(v *Version) *diag.Value[string] { return &v.Reload }),
	"License Level":                          licenseLevel,
	"Addon License Level":                    licenseLevel,
	"AIR License Level":                      licenseLevel,
	"License Type":                           skip[Version],
	"Addon License Type":                     skip[Version],
	"Next reload license Level":              skip[Version],
	"Next reload addon license Level":        skip[Version],
	"Next reload AIR license Level":          skip[Version],
	"ROM":                                    skip[Version],
	"BOOTLDR":                                skip[Version],
	"Technical Support":                      skip[Version],
	"Base Ethernet MAC Address":              skip[Version],
	"Motherboard Assembly Number":            skip[Version],
	"Motherboard Serial Number":              skip[Version],
	"Model Revision Number":                  skip[Version],
	"Motherboard Revision Number":            skip[Version],
	"Model Number":                           modelNumber,
	"System Serial Number":                   systemSerial,
	"CLEI Code Number":                       skip[Version],
	"Top Assembly Part Number":               skip[Version],
	"Top Assembly Revision Number":           skip[Version],
	"Version ID":                             skip[Version],
	"Switch Uptime":                          skip[Version],
	"Switch uptime":                          skip[Version],
	"License Information for 'WLC'":          skip[Version],
	"Technology Package License Information": skip[Version],
	"Suite License Information for Module":   skip[Version],
}

// versionNoise are the beginnings of the lines of show version that say nothing about licensing.
var versionNoise = []string{"Copyright (c)", "Compiled ", "Cisco IOS-XE software, Copyright", "All rights reserved",
	"licensed under the GNU", "software code licensed", "with ABSOLUTELY NO", "GPL code under", "documentation or",
	"or the applicable URL", "software.", "Uptime for this control processor", "This product contains cryptographic",
	"States and local country", "use. Delivery of Cisco", "third-party authority", "Importers, exporters",
	"compliance with U.S.", "agree to comply", "to comply with U.S.", "A summary of U.S.", "http://www.cisco.com/",
	"If you require further", "export@cisco.com", "Configuration register is", "Technology-package", "Technology Package", "Technology  ",
	"The current throughput level", "The current crypto throughput", "Restarted at", "System restarted at", "Current  "}

// readVersion reads the banner, the uptime, the image and the hardware lines.
func readVersion(t *text, v *Version) {
	for r := range t.open() {
		v.row(t, r)
	}
	t.drop(versionNoise...)
	v.Stamp = stampOf(t, t.stamp)
	recognise(t, v.OS.Known())
}

func (v *Version) row(t *text, r *row) {
	if versionRules.set(v, t, r) {
		return
	}
	switch s := r.text; {
	case r.indent == 0 && (strings.HasPrefix(s, "Cisco ") || strings.HasPrefix(s, "IOS (tm)")) && v.banner(t, r):
	case !r.colon && strings.Contains(s, " uptime is ") && !strings.HasPrefix(s, "Uptime for"):
		name, uptime, _ := strings.Cut(s, " uptime is ")
		v.uptime(t, r, name, uptime)
	case strings.HasPrefix(s, "System returned to ROM by "):
		v.Returned = diag.Present(strings.TrimPrefix(s, "System returned to ROM by "), t.use(r))
	case strings.HasPrefix(s, "System image file is "):
		v.Image = diag.Present(strings.Trim(strings.TrimPrefix(s, "System image file is "), `"`), t.use(r))
	case strings.HasPrefix(s, "Processor board ID "):
		if !v.Serial.Known() {
			v.Serial = diag.Present(strings.TrimPrefix(s, "Processor board ID "), t.at(r))
		}
		t.use(r)
	case strings.Contains(s, " processor") && strings.Contains(s, " bytes of memory"):
		if fields := strings.Fields(s); strings.EqualFold(fields[0], "cisco") && len(fields) > 1 {
			v.PID = diag.Present(fields[1], t.use(r))
		}
	case strings.Contains(s, "Smart License"): // the name stands first on a switch, fourth on a router
		if fields := strings.Fields(s); fields[0] != "Smart" {
			v.level(t, r, fields[0])
		} else if len(fields) > 3 {
			v.level(t, r, fields[3])
		}
	case strings.Contains(s, " bytes of ") || strings.HasSuffix(s, " interface") || strings.HasSuffix(s, " interfaces"):
		t.use(r)
	case strings.HasPrefix(s, "Switch Ports Model"):
		t.use(r)
	case len(s) > 0 && (s[0] == '*' || s[0] >= '0' && s[0] <= '9') && (strings.HasSuffix(s, "INSTALL") || strings.HasSuffix(s, "BUNDLE")):
		t.table(r, memberColumns, memberCells(s)...)
	case len(t.rows) == 1 && viptelaRelease.MatchString(s):
		v.OS, v.Version = diag.Present(Viptela, t.use(r)), diag.Present(s, t.at(r))
	}
}

// Viptela is Version.OS of vManage, vSmart and vEdge, which print nothing but their release.
const Viptela = "Viptela"

var viptelaRelease = regexp.MustCompile(`^\d{2}\.\d+\.\d[\d.]*(?:-\w+)?$`)

var memberColumns = []string{"", "Switch", "Ports", "Model", "SW Version", "SW Image", "Mode"}

// memberCells splits "*    1 41    C9300-24P  17.06.01  CAT9K_IOSXE  BUNDLE"; the mark is its own cell.
func memberCells(s string) []string {
	rest, active := strings.CutPrefix(s, "*")
	mark := ""
	if active {
		mark = "*"
	}
	return append([]string{mark}, strings.Fields(rest)...)
}

// banner reads the line with the operating system and its version. The first one counts, except that a
// build label gives way to the number on the second line.
func (v *Version) banner(t *text, r *row) bool {
	for _, o := range operatingSystems {
		if !strings.HasPrefix(r.text, o.begins) || !strings.Contains(r.text, o.holds) {
			continue
		}
		at := t.use(r)
		if !v.OS.Known() {
			v.OS = diag.Present(o.os, at)
		}
		_, version, found := strings.Cut(r.text, "ersion ")
		if !found {
			return true
		}
		version, _ = firstWord(version)
		version = strings.TrimRight(version, ",")
		if !v.Version.Known() {
			v.Version = diag.Present(version, at)
		}
		if release, ok := ParseRelease(version); ok && !v.Release.Known() {
			v.Release = diag.Present(release, at)
		}
		return true
	}
	return false
}

func (v *Version) uptime(t *text, r *row, name, uptime string) {
	at := t.use(r)
	v.Hostname, v.Uptime = diag.Present(name, at), diag.Present(uptime, at)
	total := 0
	for part := range strings.SplitSeq(uptime, ",") {
		number, unit := firstWord(strings.TrimSpace(part))
		n, ok := leadingInt(number)
		minutes := minutesIn[strings.TrimSuffix(unit, "s")]
		if !ok || minutes == 0 {
			return
		}
		total += min(n, 1000000) * minutes
	}
	v.UptimeMins = diag.Present(total, at)
}

var minutesIn = map[string]int{"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60, "year": 365 * 24 * 60}

func licenseLevel(v *Version, t *text, r *row) bool {
	if r.value == "" {
		t.use(r)
		return true
	}
	v.level(t, r, r.value)
	return true
}

func (v *Version) level(t *text, r *row, name string) {
	all, _ := v.Levels.Peek()
	v.Levels = diag.Present(append(all, name), t.use(r))
}

// modelNumber is the product id of a switch; the line of the processor says the same where there is one.
func modelNumber(v *Version, t *text, r *row) bool {
	if !v.PID.Known() {
		return put(&v.PID, t, r, r.value, verbatim)
	}
	t.use(r)
	return true
}

// systemSerial is the serial number of a switch; the first member's counts, and stands before the board's.
func systemSerial(v *Version, t *text, r *row) bool {
	if old := v.Serial.Source().Text; !v.Serial.Known() || strings.HasPrefix(old, "Processor board ID") {
		return put(&v.Serial, t, r, r.value, verbatim)
	}
	t.use(r)
	return true
}
