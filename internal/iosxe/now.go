package iosxe

import "slpdoctor/internal/diag"

var now = diag.Derive(func(f *diag.Facts) diag.Value[diag.DeviceTime] {
	t := LicenseView.Of(f).CurrentTime
	if clock, _ := ShowClock.Partial(f); clock != nil {
		t = t.Or(clock.Time)
	}
	return t
})

// Now is the device's own time: Current time of tech support, the reference of every deadline in the same
// answer, else show clock.
func Now(f *diag.Facts) diag.Value[diag.DeviceTime] { return now.Of(f) }
