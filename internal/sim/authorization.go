package sim

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// The words the agent gives for a refused code (knowledge C.3).
const (
	wrongSignature = "Signature Verification failed"
	wrongUnit      = "Product Instance identifier failed to match"
)

// hsec is the licence in use while the feature is configured on a platform that enforces it.
var hsec = Licence{Name: "hseck9", Title: "DNA_HSEC", Type: "Perpetual", Count: 1, Unit: "EXPORT RESTRICTED"}

// authorised reports that authorization codes are installed.
func (d *Device) authorised() bool { return d.agent.codes != nil }

// validates reports that signatures and time stamps are accepted: the clock is not far off.
func (d *Device) validates() bool { return d.skew.Abs() <= clockTolerance }

// ImportAuthorization plays "license smart import" of a file of authorization codes for these units; without
// units it was made for exactly this device. It is refused when a unit of the file is none of the device's,
// when one of the device's is missing in it, and when the clock is wrong.
func (d *Device) ImportAuthorization(units ...Member) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	why := ""
	switch {
	case units != nil && !d.named(units):
		why = wrongUnit
	case !d.validates():
		why = wrongSignature
	}
	a := &d.agent
	a.channels[authConfirmation].reason = why
	if why != "" {
		for _, m := range d.members {
			d.logf("SMART_LIC-3-AUTHORIZATION_INSTALL_FAILED", "The install of a new licensing authorization code has failed on %s: %s.", m.udi(), why)
		}
		return
	}
	a.codes = nil
	for _, m := range d.members {
		a.codes = append(a.codes, d.time())
		d.logf("SMART_LIC-6-AUTHORIZATION_INSTALL_SUCCESS", "A new licensing authorization code was successfully installed on: %s.", m.udi())
	}
}

// named reports that a file for these units names exactly those of the device.
func (d *Device) named(units []Member) bool {
	udis := func(ms []Member) (out []string) {
		for _, m := range ms {
			out = append(out, m.udi())
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(udis(units), udis(d.members))
}

// ReturnAuthorization plays "license smart authorization return": the codes go, and a return code is left that
// must be entered in CSSM.
func (d *Device) ReturnAuthorization() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.agent.returned = d.agent.returned || d.authorised()
	d.dropCodes()
}

func (d *Device) dropCodes() {
	for i := range d.agent.codes {
		d.logf("SMART_LIC-6-AUTHORIZATION_REMOVED", "A licensing authorization code has been removed from %s", d.members[i].udi())
	}
	d.agent.codes = nil
}

// codeState is what a unit prints of its code: its status, and the codes for CSSM, "<none>" without one.
func (d *Device) codeState(i int) (status, confirmation, returned string) {
	status, confirmation, returned = "NOT INSTALLED", "<none>", "<none>"
	sum := crc32.ChecksumIEEE([]byte(d.members[i].udi()))
	switch {
	case d.authorised():
		status, confirmation = "SMART AUTHORIZATION INSTALLED on "+d.stamp(d.agent.codes[i]), fmt.Sprintf("%08x", sum)
	case d.agent.returned:
		returned = fmt.Sprintf("SIMULA-T%05d-%06d", sum%100000, sum%1000000)
	}
	return status, confirmation, returned
}

func (d *Device) authorizationBlock(b *text) {
	b.line("Overall status:")
	for i, m := range d.members {
		status, confirmation, returned := d.codeState(i)
		b.line("  %s: %s\n%sStatus: %s", m.Role, m.udi(), d.lay.indent, status)
		if confirmation != "<none>" {
			b.line("%sLast Confirmation code: %s", d.lay.indent, confirmation)
		}
		if returned != "<none>" {
			b.line("%sLast return code: %s", d.lay.indent, returned)
		}
	}
	if d.authorised() {
		b.line("\nAuthorizations:\n  Router US Export Lic. for DNA (DNA_HSEC):")
		b.line("    Description: U.S. Export Restriction Compliance license for DNA based Routers\n    Total available count: %d", len(d.members))
		b.line("    Enforcement type: EXPORT RESTRICTED\n    Term information:")
		for _, m := range d.members {
			b.line("      %s: %s\n        Authorization type: SMART AUTHORIZATION INSTALLED\n        License type: PERPETUAL\n          Term Count: 1", m.Role, m.udi())
		}
	}
	b.line("\nPurchased Licenses:\n  No Purchase Information Available")
}

// export is the Export status of a licence.
func (d *Device) export(l Licence) string {
	switch {
	case !strings.HasPrefix(l.Unit, "EXPORT"):
		return "NOT RESTRICTED"
	case d.authorised():
		return "RESTRICTED - ALLOWED"
	}
	return "RESTRICTED - NOT ALLOWED"
}
