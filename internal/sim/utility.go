package sim

import "time"

// Timers of utility mode (knowledge E.4).
const (
	utilityReminder = 7 * 24 * time.Hour
	utilityACK      = 30 * 24 * time.Hour
)

// utility is what the agent keeps of utility mode; zero while it is off.
type utility struct {
	since     time.Time // enabled, device time
	transport string    // judged last
	started   bool      // reports are sent
}

func (d *Device) utilityOn() bool {
	return !d.lay.classic && !d.spec.Controller && get(d.cfg.lines, "license smart utility") != nil
}

// watchUtility notices that utility mode or the transport has changed.
func (d *Device) watchUtility() {
	a := &d.agent
	u := &a.utility
	switch on := d.utilityOn(); {
	case !on && !u.since.IsZero():
		if u.started {
			d.logf("SMART_LIC-6-UTILITY_STOPPED", "Smart Agent for Licensing Utility has stopped sending usage reports")
		}
		*u = utility{}
		delete(a.jobs, jobUtility)
		delete(a.jobs, jobOverdue)
	case on && u.transport != d.transport():
		if u.since.IsZero() {
			u.since = d.time()
			a.jobs[jobOverdue] = d.now.Add(utilityACK)
		}
		u.transport = d.transport()
		a.jobs[jobUtility] = d.now
	}
}

// remindUtility says every week what keeps utility reports from leaving.
func (d *Device) remindUtility() {
	d.agent.jobs[jobUtility] = d.now.Add(utilityReminder)
	switch {
	case !d.carriesUtility():
		d.logf("SMART_LIC-4-UTILITY_TRANSPORT_NOT_CONFIG", "To support utility mode the transport must be set to 'smart transport' or 'cslu'.")
	case d.transport() == "smart" && !d.trusted():
		d.logf("SMART_LIC-4-UTILITY_TRUST_CODE", "Trust establishment with an ID TOKEN is required before utility usage reporting can start.")
	}
}

// carriesUtility reports that the transport may carry utility reports.
func (d *Device) carriesUtility() bool {
	t := d.transport()
	return t == "smart" || t == "cslu" || t == "off"
}

// overdueUtility complains every 30 days without an acknowledgement.
func (d *Device) overdueUtility() {
	a := &d.agent
	from := a.utility.since
	if a.lastACK.After(from) {
		from = a.lastACK
	}
	waited := d.time().Sub(from)
	if waited < utilityACK {
		a.jobs[jobOverdue] = d.now.Add(utilityACK - waited)
		return
	}
	a.jobs[jobOverdue] = d.now.Add(utilityACK)
	d.logf("SMART_LIC-4-UTILITY_NO_ACK", "A Usage report acknowledgement has not been received in the last %d days. "+
		"An Acknowledgement is required every 30 days.", int(waited.Hours()/24))
}

// utilitySent books that usage has left the device in utility mode.
func (d *Device) utilitySent() {
	if u := &d.agent.utility; d.utilityOn() && d.carriesUtility() && !u.started {
		u.started = true
		d.logf("SMART_LIC-6-UTILITY_STARTED", "Smart Agent for Licensing Utility has started sending usage reports")
	}
}

func (d *Device) utilityBlock(b *text) {
	if !d.utilityOn() {
		b.line("Utility:\n  Status: DISABLED\n")
		return
	}
	a := d.agent
	last, success := "<none>", time.Time{}
	if c := a.channels[usageReporting]; c.total > 0 && c.overall == 0 {
		last, success = "SUCCEEDED on "+d.stamp(c.lastAt), c.lastSuccess
	} else if c.total > 0 {
		last, success = "FAILED on "+d.stamp(c.lastAt), c.lastSuccess
	}
	b.line("Utility:\n  Status: ENABLED\n  Utility report:\n    Last success: %s\n    Last attempt: %s\n    Next attempt: %s", d.stamp(success), last, d.stamp(a.nextPush))
	title := true
	for _, f := range [][2]string{{"id", "Id"}, {"name", "Name"}, {"street", "Street"}, {"city", "City"}, {"state", "State"},
		{"country", "Country"}, {"postalcode", "Postal Code"}} {
		value := arg(d.cfg.lines, "license smart utility customer_info "+f[0], "text")
		if value == "" {
			continue
		}
		if title {
			b.line("  Customer Information:")
			title = false
		}
		b.line("    %s: %s", f[1], value)
	}
	b.line("")
}
