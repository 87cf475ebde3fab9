package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// layout is how the smart agent of a release family prints its state. The
// differences are those the corpus documents (VARIATIONS section 8).
type layout struct {
	since         [3]int // first release of the family
	agent         string // "Smart Agent for Licensing"
	classic       bool   // register-with-idtoken model, no SLP
	account       bool   // Account Information, VRF, Usage Report Summary, Current Report
	vrfNested     bool   // "VRF:" and "Not Configured" on two lines in show license status
	telemetry     string // heading of the telemetry summary; "" when there is none
	statusTail    bool   // show license status ends with the telemetry summary
	telemetryStat bool   // Telemetry Reporting in the communication statistics
	conversion    int    // lines of License Conversion
	indent        string // of the fields under a UDI in authorisations and reservations
	trustInTech   int    // 0 absent, 1 before Other Info, 2 after Usage Reporting
	mode          bool   // Reporting Mode
	ipMode        bool   // IP Mode, Trust Point
	trustType     bool   // trust codes with type, validity and attributes; enforcement state
	renewalJob    bool   // Authorization Renewal among the jobs
}

var layouts = []layout{
	{since: [3]int{17, 1, 0}, agent: "4.9.6_rel/23", classic: true},
	{since: [3]int{17, 3, 2}, agent: "5.1.26_rel/120", indent: "      ", renewalJob: true},
	{since: [3]int{17, 6, 0}, agent: "5.3.16_rel/55", account: true, vrfNested: true, indent: "      ", renewalJob: true},
	{since: [3]int{17, 9, 0}, agent: "5.8.3_rel/7", account: true, telemetry: telemetryDevice, telemetryStat: true, indent: "      "},
	{since: [3]int{17, 12, 0}, agent: "5.10.3_rel/9", account: true, telemetry: telemetryDevice, statusTail: true,
		telemetryStat: true, conversion: 3, indent: "    ", trustInTech: 2},
	{since: [3]int{17, 13, 0}, agent: "5.11.4_rel/20", account: true, telemetry: telemetryDevice, statusTail: true,
		telemetryStat: true, conversion: 3, indent: "    ", trustInTech: 2, mode: true},
	{since: [3]int{17, 15, 0}, agent: "6.0.1_rel/4", account: true, telemetry: telemetryDevice, statusTail: true,
		telemetryStat: true, conversion: 3, indent: "    ", trustInTech: 2, mode: true, ipMode: true},
	{since: [3]int{17, 17, 0}, agent: "6.3.10/58086906e", account: true, telemetry: telemetryProduct,
		telemetryStat: true, conversion: 3, indent: "    ", trustInTech: 2, mode: true, ipMode: true, trustType: true},
}

const (
	telemetryDevice  = "Device Telemetry Report Summary"
	telemetryProduct = "Product Analytics Report Summary"
)

// release is an IOS XE version such as 17.9.4a.
type release struct {
	num    [3]int
	suffix string
}

func parseRelease(text string) (release, error) {
	var r release
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return r, fmt.Errorf("parsing release %q: want three parts", text)
	}
	digits := strings.TrimRight(parts[2], "abcdefghijklmnopqrstuvwxyz")
	r.suffix, parts[2] = parts[2][len(digits):], digits
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil {
			return r, fmt.Errorf("parsing release %q: %w", text, err)
		}
		r.num[i] = n
	}
	return r, nil
}

func (r release) String() string {
	return fmt.Sprintf("%d.%d.%d%s", r.num[0], r.num[1], r.num[2], r.suffix)
}

// padded is the form of the first line of show version: 17.09.04a.
func (r release) padded() string {
	return fmt.Sprintf("%02d.%02d.%02d%s", r.num[0], r.num[1], r.num[2], r.suffix)
}

func (r release) atLeast(a, b, c int) bool {
	return slices.Compare(r.num[:], []int{a, b, c}) >= 0
}

func (r release) layout() layout {
	out := layouts[0]
	for _, l := range layouts {
		if slices.Compare(r.num[:], l.since[:]) >= 0 {
			out = l
		}
	}
	return out
}

func (r release) codename() string {
	names := []struct {
		upTo int
		name string
	}{{3, "Amsterdam"}, {6, "Bengaluru"}, {9, "Cupertino"}, {12, "Dublin"}}
	for _, n := range names {
		if r.num[1] <= n.upTo {
			return n.name
		}
	}
	return "IOSXE"
}

// hasIdenTrust reports that the built-in trustpool of the release holds the root
// of Cisco's cloud servers (knowledge A.5).
func (r release) hasIdenTrust() bool {
	fixed := map[int]int{3: 4, 4: 2}
	return r.num[2] >= cmp.Or(fixed[r.num[1]], 0)
}
