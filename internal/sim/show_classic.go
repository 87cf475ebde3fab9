package sim

import "time"

// classicRegistration prints the two blocks of the register-with-idtoken model.
func (d *Device) classicRegistration(b *text) {
	a := d.agent
	if a.registered.IsZero() {
		b.line("Registration:\n  Status: UNREGISTERED\n  Export-Controlled Functionality: NOT ALLOWED\n")
		b.line("License Authorization: \n  Status: No Licenses in Use\n")
		return
	}
	day := 24 * time.Hour
	last := a.registered.Add(d.time().Sub(a.registered).Truncate(30 * day))
	b.line("Registration:\n  Status: REGISTERED\n  Smart Account: %s\n  Virtual Account: %s", a.account.Smart, a.account.Virtual)
	b.line("  Export-Controlled Functionality: ALLOWED\n  Initial Registration: SUCCEEDED on %s", d.stamp(a.registered))
	b.line("  Last Renewal Attempt: None\n  Next Renewal Attempt: %s", d.stamp(a.registered.Add(180*day)))
	b.line("  Registration Expires: %s\n", d.stamp(a.registered.Add(365*day)))
	b.line("License Authorization: \n  Status: AUTHORIZED on %s", d.stamp(last))
	b.line("  Last Communication Attempt: SUCCEEDED on %s", d.stamp(last))
	b.line("  Next Communication Attempt: %s", d.stamp(last.Add(30*day)))
	b.line("  Communication Deadline: %s\n", d.stamp(last.Add(90*day)))
}

func (d *Device) classicStatus() string {
	var b text
	b.line("Smart Licensing is ENABLED\n")
	b.line("Utility:\n  Status: DISABLED\n")
	d.privacyBlock(&b)
	b.line("Transport:\n  Type: Callhome\n")
	d.classicRegistration(&b)
	b.line("Export Authorization Key:\n  Features Authorized:\n    <none>\n")
	b.line("Miscellaneous:\n  Custom Id: <empty>")
	return b.String()
}

func (d *Device) classicAll() string {
	var b text
	d.classicCommon(&b)
	d.productBlock(&b)
	head(&b, "Reservation Info")
	b.line("License reservation: DISABLED\n")
	return b.String()
}

func (d *Device) classicCommon(b *text) {
	head(b, "Smart Licensing Status")
	b.line("\nSmart Licensing is ENABLED\n")
	d.classicRegistration(b)
	b.line("Export Authorization Key:\n  Features Authorized:\n    <none>\n")
	b.line("Utility:\n  Status: DISABLED\n")
	d.privacyBlock(b)
	b.line("Transport:\n  Type: Callhome\n")
	b.line("License Usage\n==============\n\nNo licenses in use\n")
}

// classicTech is the tech support of the old model; no sample of it exists, so
// it prints only what show license all prints.
func (d *Device) classicTech() string {
	var b text
	b.line("Smart Licensing Tech Support info\n")
	d.classicCommon(&b)
	d.productBlock(&b)
	head(&b, "Reservation Info")
	b.line("License reservation: DISABLED\n")
	return b.String()
}
