package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// agent is the state of the smart agent. Times are device times.
type agent struct {
	channels   map[string]*channel
	trust      []time.Time // per member; nil: none
	trustID    int
	policy     *Policy // installed from CSSM; nil: Cisco default
	policyAt   time.Time
	account    Account
	accountAt  time.Time
	lastACK    time.Time
	reported   bool // a usage report has been acknowledged: State(4)
	firstUse   time.Time
	lastPush   time.Time
	nextPush   time.Time
	nextPoll   time.Time
	fileWrite  time.Time
	failing    time.Time // begin of the failed attempts of the scheduled report
	lost       bool      // a COMM_FAILED without COMM_RESTORED
	back       string    // connect_info.name of the back end that answered last
	reports    reports
	target     string // transport and URL the jobs were scheduled for
	jobs       map[string]time.Time
	collected  bool // a collector has pulled
	saved      int  // reports in the file written last
	registered time.Time
}

// reports are the counters of the Usage Report Summary.
type reports struct {
	total, purged, acked, waiting, available int
}

// channel is one block of the communication statistics.
type channel struct {
	total, success, fail      int
	overall, communication    int
	last                      string
	lastAt                    time.Time
	reason                    string
	lastSuccess, lastFailures time.Time
}

// The channels in the order they are printed.
const (
	trustEstablishment = "Trust Establishment"
	usageReporting     = "Usage Reporting"
	resultPolling      = "Result Polling"
	authRequest        = "Authorization Request"
	trustSync          = "Trust Sync"
	helloMessage       = "Hello Message"
)

var channelNames = []string{trustEstablishment, "Trust Acknowledgement", usageReporting, resultPolling, authRequest,
	"Authorization Confirmation", "Authorization Return", trustSync, helloMessage, "Telemetry Reporting"}

// Policy is a reporting policy: first report, frequency and change in days for
// unenforced perpetual, unenforced subscription, enforced and export licences.
type Policy struct {
	Name   string
	Groups [4][3]int
}

var defaultPolicy = Policy{Groups: [4][3]int{{365, 0, 90}, {90, 90, 90}, {}, {}}}

// The agent's jobs. Each runs at the time in agent.jobs; a job without time is
// not scheduled.
const (
	jobPush   = "push"
	jobPoll   = "poll"
	jobHello  = "hello"
	jobSync   = "sync"
	jobClose  = "close"
	jobNotify = "notify"
	jobPull   = "pull"
	jobClock  = "clock"
)

// boot starts the agent.
func (d *Device) boot() {
	a := &d.agent
	a.channels = map[string]*channel{}
	for _, n := range channelNames {
		a.channels[n] = &channel{}
	}
	a.jobs = map[string]time.Time{}
	d.logf("SYS-5-RESTART", "System restarted --")
	d.logf("SMART_LIC-6-AGENT_READY", "Smart Agent for Licensing is initialized")
	d.logf("SMART_LIC-6-AGENT_ENABLED", "Smart Agent for Licensing is enabled")
	d.logf("SMART_LIC-6-EXPORT_CONTROLLED", "Usage of export controlled features is not allowed")
	if !d.spec.NoSLA {
		d.logf("PKI-6-TRUSTPOINT_CREATE", "Trustpoint: SLA-TrustPoint created succesfully")
	}
	d.now = d.now.Add(3 * time.Minute)
	d.syncClock()
	a.firstUse = d.time()
	a.reports = reports{total: len(d.licences()), available: len(d.licences())}
	a.jobs[jobClose] = d.now.Add(24 * time.Hour)
	a.jobs[jobClock] = d.now.Add(6 * time.Hour)
	if !d.lay.classic && !d.spec.Controller {
		a.jobs[jobNotify] = d.now.Add(time.Minute)
		a.nextPush = d.time().Add(2 * time.Minute)
	}
	if d.spec.Collector != "" {
		a.jobs[jobPull] = d.now.Add(10 * time.Minute)
	}
	d.schedule()
}

// licences are the licences in use; a stack uses one of each per member.
func (d *Device) licences() []Licence {
	if d.spec.Licences != nil {
		return d.spec.Licences
	}
	out := slices.Clone(d.plat.licences)
	for i := range out {
		if out[i].Count == 1 {
			out[i].Count = len(d.members)
		}
	}
	return out
}

// schedule starts the transport's jobs anew when the transport has changed.
func (d *Device) schedule() {
	a := &d.agent
	target := d.transport() + " " + d.endpoint().url
	if a.target == target || d.lay.classic || d.spec.Controller {
		return
	}
	a.target = target
	for _, j := range []string{jobPush, jobHello, jobSync} {
		delete(a.jobs, j)
	}
	a.failing = time.Time{}
	if d.transport() == "off" {
		return
	}
	a.jobs[jobPush] = d.now.Add(2 * time.Minute)
	if due := a.nextPush.Sub(d.time()); due > 0 && !a.lastPush.IsZero() {
		a.jobs[jobPush] = d.now.Add(due)
	}
	if d.transport() == "cslu" && d.spec.Collector == "" {
		a.jobs[jobHello] = d.now.Add(time.Minute)
	}
}

func (d *Device) settle(until time.Time) {
	d.syncClock()
	d.schedule()
	for {
		job, at := "", until
		for j, t := range d.agent.jobs {
			if t.Before(at) || t.Equal(at) && j < job {
				job, at = j, t
			}
		}
		if job == "" {
			break
		}
		d.now = at
		delete(d.agent.jobs, job)
		d.perform(job)
	}
	d.now = until
	d.syncClock()
}

func (d *Device) perform(job string) {
	switch job {
	case jobPush:
		d.push()
	case jobPoll:
		d.poll()
	case jobHello:
		d.hello()
	case jobSync:
		d.sync()
	case jobClose:
		d.closeReports()
	case jobNotify:
		d.notify()
	case jobPull:
		d.pull()
	case jobClock:
		d.syncClock()
		d.agent.jobs[jobClock] = d.now.Add(6 * time.Hour)
	}
}

// trusted reports that trust codes are installed.
func (d *Device) trusted() bool { return d.agent.trust != nil }

// record books an attempt on a channel and writes the log line it causes.
func (d *Device) record(name, good string, o outcome) {
	c := d.agent.channels[name]
	c.total++
	c.lastAt = d.time()
	if o.ok() {
		c.success++
		c.overall, c.communication, c.reason = 0, 0, ""
		c.last, c.lastSuccess = good, d.time()
		if d.agent.lost {
			d.agent.lost = false
			d.logf("SMART_LIC-5-COMM_RESTORED", "Communications with %s restored", d.endpoint().peer)
		}
		return
	}
	c.fail++
	c.overall++
	if o.network {
		c.communication++
	}
	c.last, c.reason, c.lastFailures = o.response, o.reason, d.time()
	if o.callhome != "" && d.transport() == "callhome" {
		d.logf("CALL_HOME-5-SL_MESSAGE_FAILED", "Fail to send out Smart Licensing message to: %s %s", d.endpoint().url, o.callhome)
	}
	if o.network {
		d.agent.lost = true
		d.logf("SMART_LIC-3-COMM_FAILED", "Communications failure with the %s : %s ", d.endpoint().peer, o.detail)
	}
}

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
		a.failing = cmp.Or(a.failing, d.time())
		retry := 15 * time.Minute
		if d.time().Sub(a.failing) < 4*time.Hour {
			retry = 30 * time.Minute
		}
		a.jobs[jobPush] = d.now.Add(retry)
		return
	}
	d.answered(o.service)
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
	if o.ok() && o.service.NoACK {
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
	if s.Trust && !d.trusted() && d.rel.atLeast(17, 7, 1) {
		d.installTrust()
	}
}

func (d *Device) adopt(acc Account, p *Policy) {
	a := &d.agent
	a.account, a.accountAt = acc, d.time()
	if p != nil && (a.policy == nil || *a.policy != *p) {
		a.policy, a.policyAt = p, d.time()
		d.logf("SMART_LIC-6-POLICY_INSTALL_SUCCESS", "A new licensing policy was successfully installed.")
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
	if h == nil || !d.slHTTP() || d.httpAuth() == "enable" {
		return
	}
	for _, s := range h.Services {
		if s.Kind != "cslu" && s.Kind != "onprem" {
			continue
		}
		a.collected = true
		a.reports.waiting += a.reports.available
		a.reports.available = 0
		d.ack(s)
		a.nextPush = a.lastACK.Add(time.Duration(d.interval()) * 24 * time.Hour)
		return
	}
}

// EstablishTrust plays "license smart trust idtoken": the device asks CSSM for
// trust codes. It fails as it would in the field when the back end cannot be
// reached or the clock is wrong.
func (d *Device) EstablishTrust() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.schedule()
	if d.lay.classic {
		d.agent.registered = d.time()
		d.agent.account = d.accountOf()
		return
	}
	o := d.contact()
	if o.ok() && (d.skew.Abs() > time.Hour) {
		o = outcome{response: "INVALID STATUS CODE", reason: "Signature Verification failed", service: o.service}
		for _, m := range d.members {
			d.logf("SMART_LIC-3-TRUST_CODE_INSTALL_FAILED",
				"The install of a new licensing trust code has failed on PID:%s,SN:%s: Signature Verification failed.", m.PID, m.SN)
		}
	}
	d.record(trustEstablishment, "OK", o)
	if !o.ok() {
		return
	}
	d.answered(o.service)
	d.installTrust()
	d.adopt(o.service.Account, o.service.Policy)
	d.agent.lastACK = d.time()
	if d.agent.jobs[jobPush].IsZero() {
		d.agent.jobs[jobPush] = d.now.Add(2 * time.Minute)
		d.agent.nextPush = d.time().Add(2 * time.Minute)
	}
}

func (d *Device) accountOf() Account {
	for _, h := range d.world.Hosts {
		for _, s := range h.Services {
			if s.Kind == "callhome" {
				return s.Account
			}
		}
	}
	return Account{}
}

// SaveUsage plays "license smart save usage": the reports go into a file that
// somebody carries to CSSM.
func (d *Device) SaveUsage() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	a := &d.agent
	a.fileWrite = d.time()
	a.reports.waiting += a.reports.available
	a.reports.available = 0
}

// ImportACK plays "license smart import" of the ACK for the file written by
// SaveUsage.
func (d *Device) ImportACK(acc Account, p *Policy) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.ack(&Service{Account: acc, Policy: p})
}
