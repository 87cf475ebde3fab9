package iosxe

import (
	"math"
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
)

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
	Peers []NTPPeer `json:"peers,omitempty"` // in the device's order; the same address may occur twice (two VRFs)
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
func (p NTPPeer) IsLocal() bool { return strings.HasPrefix(p.Address, "127.127.") }

// ShowNTPStatus asks whether the clock follows a reference.
var ShowNTPStatus = query("show ntp status", "whether NTP is synchronised", mostly(parseNTPStatus))

// ShowNTPAssociations asks for the NTP peers and their reachability.
var ShowNTPAssociations = query("show ntp associations", "NTP servers and whether they answer", mostly(parseNTPAssociations))

func parseNTPStatus(t *text, s *NTPStatus) {
	for r := range t.open() {
		whole := true
		for part := range strings.SplitSeq(r.text, ", ") {
			whole = ntpPhrase(s, t, r, part) && whole
		}
		if whole {
			t.use(r)
		} else {
			r.state = unread // a phrase of it is new
		}
	}
}

func ntpPhrase(s *NTPStatus, t *text, r *row, part string) bool {
	for begin, read := range ntpPhrases {
		if rest, ok := strings.CutPrefix(part, begin); ok {
			return read(s, t, r, strings.TrimSpace(rest))
		}
	}
	return false
}

// ntpPhrases are the parts of the answer, which stand several on a line with commas between them.
var ntpPhrases = map[string]func(*NTPStatus, *text, *row, string) bool{
	"Clock is ": func(s *NTPStatus, t *text, r *row, v string) bool {
		// "unsynchronized" contains "synchronized": only the whole word counts
		if v != "synchronized" && v != "unsynchronized" {
			return false
		}
		s.Enabled = diag.Present(true, t.at(r))
		s.Synchronised = diag.Present(v == "synchronized", t.at(r))
		return true
	},
	"%NTP is not enabled":  ntpOff,
	"% NTP is not enabled": ntpOff,
	"stratum ": func(s *NTPStatus, t *text, r *row, v string) bool {
		return put(&s.Stratum, t, r, v, leadingInt)
	},
	"reference is ": func(s *NTPStatus, t *text, r *row, v string) bool {
		return put(&s.Reference, t, r, v, verbatim)
	},
	"no reference clock": func(s *NTPStatus, t *text, r *row, _ string) bool {
		s.Reference = diag.None[string](t.at(r))
		return true
	},
	"reference time is ": func(s *NTPStatus, t *text, r *row, v string) bool {
		if strings.HasPrefix(v, "00000000.00000000") {
			v = ""
		} else if when, ok := between(v, "(", ")"); ok {
			v = when
		}
		return put(&s.ReferenceTime, t, r, v, diag.ParseDeviceTime)
	},
	"clock offset is ": func(s *NTPStatus, t *text, r *row, v string) bool {
		return put(&s.OffsetMillis, t, r, v, leadingFloat)
	},
	"loopfilter state is ": func(s *NTPStatus, t *text, r *row, v string) bool {
		state, ok := between(v, "'", "'")
		return ok && put(&s.Loopfilter, t, r, state, verbatim)
	},
	"last update was ": func(s *NTPStatus, t *text, r *row, v string) bool {
		return put(&s.LastUpdateSeconds, t, r, v, leadingInt)
	},
	"nominal freq is ":         ntpUnused,
	"actual freq is ":          ntpUnused,
	"precision is ":            ntpUnused,
	"ntp uptime is ":           ntpUnused,
	"resolution is ":           ntpUnused,
	"root delay is ":           ntpUnused,
	"root dispersion is ":      ntpUnused,
	"peer dispersion is ":      ntpUnused,
	"drift is ":                ntpUnused,
	"system poll interval is ": ntpUnused,
	"never updated": func(s *NTPStatus, t *text, r *row, _ string) bool {
		s.LastUpdateSeconds = diag.None[int](t.at(r))
		return true
	},
}

func ntpUnused(*NTPStatus, *text, *row, string) bool { return true }

func ntpOff(s *NTPStatus, t *text, r *row, _ string) bool {
	s.Enabled = diag.Present(false, t.at(r))
	s.Synchronised = diag.Present(false, t.at(r))
	return true
}

// leadingFloat reads the first word of s as a number.
func leadingFloat(s string) (float64, bool) {
	word, _ := firstWord(s)
	f, err := strconv.ParseFloat(word, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

func parseNTPAssociations(t *text, a *NTPAssociations) {
	var wrapped *row // an address so long that its cells stand on the next line
	for r := range t.open() {
		cells := strings.Fields(r.text)
		switch {
		case strings.HasPrefix(r.text, "address") && strings.Contains(r.text, "ref clock"),
			strings.HasPrefix(r.text, "* sys.peer"), strings.HasPrefix(r.text, "* master (synced)"),
			strings.HasPrefix(r.text, "%NTP is not enabled"), strings.HasPrefix(r.text, "% NTP is not enabled"):
			t.use(r)
			continue
		case len(cells) == 1 && strings.ContainsAny(cells[0], ".:"):
			wrapped = r
			continue
		case len(cells) == len(ntpColumns)-1 && wrapped != nil:
			cells = append([]string{wrapped.text}, cells...)
		}
		p, ok := ntpPeer(t, r, cells)
		if !ok {
			continue
		}
		if wrapped != nil && cells[0] == wrapped.text {
			t.use(wrapped)
		}
		wrapped = nil
		t.table(r, ntpColumns, cells...)
		a.Peers = append(a.Peers, p)
	}
}

var ntpColumns = []string{"address", "ref clock", "st", "when", "poll", "reach", "delay", "offset", "disp"}

func ntpPeer(t *text, r *row, cells []string) (p NTPPeer, ok bool) {
	if len(cells) != len(ntpColumns) {
		return p, false
	}
	p = NTPPeer{At: t.at(r), RefID: cells[1]}
	p.Address = strings.TrimLeft(cells[0], "*#+-x~")
	for _, flag := range cells[0][:len(cells[0])-len(p.Address)] {
		if flag == '~' {
			p.Configured = true
		} else {
			p.Mark = string(flag)
		}
	}
	p.Selected = p.Mark == "*"
	ok = strings.ContainsAny(p.Address, ".:") &&
		put(&p.Stratum, t, r, cells[2], wholeInt) &&
		put(&p.WhenSeconds, t, r, strings.TrimPrefix(cells[3], "-"), ntpAge) &&
		put(&p.PollSeconds, t, r, cells[4], wholeInt) &&
		put(&p.Reach, t, r, cells[5], octal) &&
		put(&p.DelayMillis, t, r, cells[6], leadingFloat) &&
		put(&p.OffsetMillis, t, r, cells[7], leadingFloat)
	if !ok {
		r.state = unread
	}
	return p, ok
}

func wholeInt(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func octal(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 8, 16)
	return int(n), err == nil
}

// ntpAge reads seconds, or a number with m, h or d behind it.
func ntpAge(s string) (int, bool) {
	n, ok := leadingInt(s)
	unit := map[string]int{"": 1, "m": 60, "h": 3600, "d": 86400}[strings.TrimLeft(s, "0123456789")]
	return n * unit, ok && unit > 0
}
