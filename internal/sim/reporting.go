package sim

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// trusted reports that trust codes are installed.
func (d *Device) trusted() bool { return d.agent.trust != nil }

// interval is the push interval in days: the configured one, at most the
// policy's frequency.
func (d *Device) interval() int {
	n, err := strconv.Atoi(arg(d.cfg.lines, "license smart usage interval", "days"))
	if err != nil {
		n = 30
	}
	if p := d.inPolicy(); p > 0 && p < n {
		return p
	}
	return n
}

// reporting reports that a usage report will ever be due.
func (d *Device) reporting() bool { return d.inPolicy() > 0 || !d.agent.reported }

// inPolicy is the smallest requirement of the policy that the licences in use
// fall under: the first report's until one is acknowledged, the frequency after.
func (d *Device) inPolicy() int {
	p := cmp.Or(d.agent.policy, &defaultPolicy)
	column, least := 0, 0
	if d.agent.reported {
		column = 1
	}
	for _, l := range d.licences() {
		group := 0
		switch {
		case strings.HasPrefix(l.Unit, "EXPORT"):
			group = 3
		case l.Unit == "ENFORCED":
			group = 2
		case l.Type == "Subscription":
			group = 1
		}
		if n := p.Groups[group][column]; n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// deadline is the Next ACK deadline.
func (d *Device) deadline() time.Time {
	from := cmp.Or(d.agent.lastACK, d.agent.firstUse)
	if n := d.inPolicy(); n > 0 {
		return from.Add(time.Duration(n) * 24 * time.Hour)
	}
	return from.Add(365 * 24 * time.Hour)
}

// push sends the usage report that is due. A direct transport does not try
// without trust, and CSLU must have answered the hello.
func (d *Device) push() {
	a := &d.agent
	if d.direct() && !d.trusted() || a.collected {
		return
	}
	hello := a.channels[helloMessage]
	if d.transport() == "cslu" && (hello.total == 0 || hello.overall > 0) {
		a.jobs[jobPush] = d.now.Add(time.Hour)
		return
	}
	o := d.contact()
	d.record(usageReporting, "OK_POLL", o)
	if !o.ok() {
		if a.failing.IsZero() && d.utilityOn() {
			d.logf("SMART_LIC-3-UTILITY_REPORT_FAILED", "Smart Agent for Licensing Utility has failed to send usage Report.")
		}
		a.failing = cmp.Or(a.failing, d.time())
		retry := 15 * time.Minute
		if d.time().Sub(a.failing) < 4*time.Hour {
			retry = 30 * time.Minute
		}
		a.jobs[jobPush] = d.now.Add(retry)
		return
	}
	d.answered(o.service)
	d.utilitySent()
	a.failing = time.Time{}
	a.lastPush = d.time()
	a.reports.waiting += a.reports.available
	a.reports.available = 0
	a.nextPoll = d.time().Add(5 * time.Minute)
	a.jobs[jobPoll] = d.now.Add(5 * time.Minute)
	d.plan()
}

// plan schedules the next report.
func (d *Device) plan() {
	a := &d.agent
	a.nextPush = time.Time{}
	delete(a.jobs, jobPush)
	if days := d.interval(); d.reporting() {
		a.nextPush = a.lastPush.Add(time.Duration(days) * 24 * time.Hour)
		a.jobs[jobPush] = d.now.Add(a.nextPush.Sub(d.time()))
	}
}

func (d *Device) answered(s *Service) {
	d.agent.back = map[string]string{"cssm": "SSM", "callhome": "SSM", "cslu": "CSLU_V1", "onprem": "CSLU_V1"}[s.Kind]
}

// poll fetches the ACK of the report sent last.
func (d *Device) poll() {
	a := &d.agent
	o := d.contact()
	if o.ok() && o.service.NoACK && !d.now.Before(o.service.Since) {
		o = outcome{response: "NO REPLY", network: true, detail: noAnswer.detail, service: o.service}
	}
	if o.ok() && o.service.DownRev {
		a.jobs[jobPoll] = d.now.Add(24 * time.Hour)
		d.logf("SMART_LIC-4-REPORTING_NOT_SUPPORTED", "The CSSM OnPrem that this product instance is connected to is down rev "+
			"and does not support the enhanced policy and usage reporting mode.")
		o = outcome{response: "INVALID STATUS CODE", reason: "The requested operation is not supported", service: o.service}
	}
	d.record(resultPolling, "OK", o)
	if !o.ok() {
		a.nextPoll = d.time().Add(24 * time.Hour)
		a.jobs[jobPoll] = d.now.Add(24 * time.Hour)
		return
	}
	a.nextPoll = time.Time{}
	d.ack(o.service)
	if !a.lastPush.IsZero() {
		d.plan()
	}
}

// ack installs an acknowledgement with what it carries.
func (d *Device) ack(s *Service) {
	a := &d.agent
	a.lastACK, a.reported = d.time(), true
	a.reports.acked += a.reports.waiting
	a.reports.waiting = 0
	d.adopt(s.Account, s.Policy)
	switch {
	case !s.Trust || d.trusted() || !d.rel.atLeast(17, 7, 1):
	case d.validates():
		d.installTrust()
	default:
		d.refuseTrust()
	}
}

func (d *Device) adopt(acc Account, p *Policy) {
	a := &d.agent
	a.account, a.accountAt = acc, d.time()
	switch {
	case p == nil || a.policy != nil && *a.policy == *p:
	case !d.validates():
		d.logf("SMART_LIC-3-POLICY_INSTALL_FAILED", "The installation of a new licensing policy has failed: %s.", wrongSignature)
	default:
		a.policy, a.policyAt = p, d.time()
		d.logf("SMART_LIC-6-POLICY_INSTALL_SUCCESS", "A new licensing policy was successfully installed.")
	}
}

func (d *Device) refuseTrust() {
	for _, m := range d.members {
		d.logf("SMART_LIC-3-TRUST_CODE_INSTALL_FAILED", "The install of a new licensing trust code has failed on %s: %s.", m.udi(), wrongSignature)
	}
}

func (d *Device) installTrust() {
	a := &d.agent
	a.trust = nil
	for i, m := range d.members {
		a.trust = append(a.trust, d.time().Add(time.Duration(i)*time.Second))
		d.logf("SMART_LIC-6-TRUST_CODE_INSTALL_SUCCESS", "A new licensing trust code was successfully installed on P:%s,S:%s.", m.PID, m.SN)
	}
	a.trustID = 300 + len(d.spec.Serial)*37 + int(d.spec.Serial[len(d.spec.Serial)-1])
	if d.transport() == "smart" || d.transport() == "callhome" {
		a.jobs[jobSync] = d.now.Add(9 * time.Minute)
		c := a.channels[authRequest]
		c.total, c.success, c.last, c.lastAt = c.total+1, c.success+1, "NO DATA TO PROCESS", time.Time{}
	}
}

// hello looks for CSLU: once a day while it answers, about once an hour while it
// does not.
func (d *Device) hello() {
	o := d.contact()
	d.record(helloMessage, "OK", o)
	next := 24 * time.Hour
	if !o.ok() {
		next = time.Hour + 9*time.Second
	} else {
		d.answered(o.service)
	}
	d.agent.jobs[jobHello] = d.now.Add(next)
}

// sync is the periodic exchange of trust and account data.
func (d *Device) sync() {
	if !d.trusted() || !d.direct() {
		return
	}
	o := d.contact()
	d.record(trustSync, "OK", o)
	next := 24 * time.Hour
	if o.ok() {
		d.adopt(o.service.Account, o.service.Policy)
	} else {
		next = time.Hour
	}
	d.agent.jobs[jobSync] = d.now.Add(next)
}

// closeReports ends the day's measurements: one report per licence.
func (d *Device) closeReports() {
	r := &d.agent.reports
	n := len(d.licences())
	r.total += n
	r.available += n
	if over := r.available - 1000; over > 0 {
		r.available -= over
		r.purged += over
	}
	d.agent.jobs[jobClose] = d.now.Add(24 * time.Hour)
}

// notify tells how many days are left for the ACK.
func (d *Device) notify() {
	left := int(d.deadline().Sub(d.time()).Hours() / 24)
	next := 7 * 24 * time.Hour
	if left < 14 {
		next = 24 * time.Hour
	}
	if left >= 0 {
		d.logf("SMART_LIC-6-REPORTING_REQUIRED", "A Usage report acknowledgement will be required in %d days.", left)
	}
	d.agent.jobs[jobNotify] = d.now.Add(next)
}

// pull is a collector fetching the reports and installing the ACK.
func (d *Device) pull() {
	a := &d.agent
	a.jobs[jobPull] = d.now.Add(24 * time.Hour)
	h := d.reach("", d.spec.Collector, "")
	if h == nil {
		return
	}
	web := d.slHTTP() && d.httpAuth() != "enable"
	for _, s := range h.Services {
		switch {
		case web && (s.Kind == "cslu" || s.Kind == "onprem"):
			a.visited = true
		case s.Kind == "controller" && get(d.cfg.lines, "netconf-yang") != nil:
		default:
			continue
		}
		a.collected = true
		d.utilitySent()
		a.reports.waiting += a.reports.available
		a.reports.available = 0
		d.ack(s)
		a.nextPush = a.lastACK.Add(time.Duration(d.interval()) * 24 * time.Hour)
		return
	}
}
