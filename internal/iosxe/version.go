package iosxe

import "slpdoctor/internal/diag"

// ShowVersion is what the device runs (P01).
var ShowVersion = query("show version", "operating system, release, product id, uptime", readVersion)

// Version is show version.
type Version struct {
	OS         diag.Value[string]   `json:"os,omitzero"`      // IOS XE, IOS, NX-OS, IOS XR, ASA
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
