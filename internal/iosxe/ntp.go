package iosxe

import "slpdoctor/internal/diag"

// NTPStatus is the answer to `show ntp status`.
type NTPStatus struct {
	// Enabled is false only when the device says that NTP is not enabled.
	Enabled      diag.Value[bool] `json:"enabled,omitzero"`
	Synchronised diag.Value[bool] `json:"synchronised,omitzero"`
	Stratum      diag.Value[int]  `json:"stratum,omitzero"`
	// Reference is the address or name of the reference, ".LOCL." for the device's own clock; none for
	// "no reference clock".
	Reference diag.Value[string] `json:"reference,omitzero"`
	// ReferenceTime is when the clock was last set by the reference; none when it never was.
	ReferenceTime     diag.Value[diag.DeviceTime] `json:"reference_time,omitzero"`
	OffsetMillis      diag.Value[float64]         `json:"offset_ms,omitzero"`
	Loopfilter        diag.Value[string]          `json:"loopfilter,omitzero"` // 'CTRL', 'SPIK', 'FREQ', ...
	LastUpdateSeconds diag.Value[int]             `json:"last_update_seconds,omitzero"`
}

// NTPAssociations is the answer to `show ntp associations`.
type NTPAssociations struct {
	Peers []NTPPeer `json:"peers"` // in the device's order; the same address may occur twice (two VRFs)
}

// NTPPeer is one row of the associations.
type NTPPeer struct {
	At         diag.Source `json:"-"`
	Address    string      `json:"address"`
	Selected   bool        `json:"selected"`   // marked "*": the clock follows this peer
	Configured bool        `json:"configured"` // marked "~"
	// Mark is the selection character: "*", "#", "+", "-", "x" or "". All but "*" mean different things in
	// the legends of different releases.
	Mark         string              `json:"mark"`
	RefID        string              `json:"refid"` // ".INIT." and "0.0.0.0": never heard from
	Stratum      diag.Value[int]     `json:"stratum,omitzero"`
	WhenSeconds  diag.Value[int]     `json:"when_seconds,omitzero"` // none for "-": never
	PollSeconds  diag.Value[int]     `json:"poll_seconds,omitzero"`
	Reach        diag.Value[int]     `json:"reach,omitzero"` // the last eight polls as bits, printed in octal
	DelayMillis  diag.Value[float64] `json:"delay_ms,omitzero"`
	OffsetMillis diag.Value[float64] `json:"offset_ms,omitzero"`
}

// SelectedPeer is the peer the clock follows, if there is one.
func (a *NTPAssociations) SelectedPeer() (NTPPeer, bool) {
	for _, p := range a.Peers {
		if p.Selected {
			return p, true
		}
	}
	return NTPPeer{}, false
}

// IsLocal reports a peer that is the device's own clock (refclock 127.127.x.y).
func (p NTPPeer) IsLocal() bool { return len(p.Address) >= 8 && p.Address[:8] == "127.127." }

// ShowNTPStatus asks whether the clock follows a reference.
var ShowNTPStatus = query("show ntp status", "whether NTP is synchronised", parseNTPStatus)

// ShowNTPAssociations asks for the NTP peers and their reachability.
var ShowNTPAssociations = query("show ntp associations", "NTP servers and whether they answer", parseNTPAssociations)

func parseNTPStatus(*text, *NTPStatus) {}

func parseNTPAssociations(*text, *NTPAssociations) {}
