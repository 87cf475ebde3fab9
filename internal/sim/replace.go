package sim

import "slices"

// Replacement plays the exchange of the chassis (RMA): a device with another serial number that boots now with the
// configuration this one booted with. Its agent knows nothing; what was configured later is not on it.
func (d *Device) Replacement(serial string) (*Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.spec
	s.Members = slices.Clone(s.Members)
	for i, m := range s.Members {
		if m.SN == s.Serial { // the supervisors of a modular chassis carry its number
			s.Members[i].SN = serial
		}
	}
	s.Serial, s.Boot = serial, d.now
	return NewDevice(s)
}
