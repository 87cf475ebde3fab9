package sim

import (
	"slices"
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
	collected  bool        // a collector has pulled ...
	visited    bool        // ... through the HTTP server
	codes      []time.Time // authorization codes per member; nil: none
	returned   bool        // codes were given back
	utility    utility
	registered time.Time
}

// reports are the counters of the Usage Report Summary.
type reports struct {
	total, purged, acked, waiting, available int
}

// channel is one block of the communication statistics.
type channel struct {
	total, success, fail     int
	overall, communication   int
	last                     string
	lastAt                   time.Time
	reason                   string
	lastSuccess, lastFailure time.Time
}

// The channels in the order they are printed.
const (
	trustEstablishment = "Trust Establishment"
	usageReporting     = "Usage Reporting"
	resultPolling      = "Result Polling"
	authRequest        = "Authorization Request"
	authConfirmation   = "Authorization Confirmation"
	trustSync          = "Trust Sync"
	helloMessage       = "Hello Message"
)

var channelNames = []string{trustEstablishment, "Trust Acknowledgement", usageReporting, resultPolling, authRequest,
	authConfirmation, "Authorization Return", trustSync, helloMessage, "Telemetry Reporting"}

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
	jobPush    = "push"
	jobPoll    = "poll"
	jobHello   = "hello"
	jobSync    = "sync"
	jobClose   = "close"
	jobNotify  = "notify"
	jobPull    = "pull"
	jobUtility = "utility"
	jobOverdue = "unacknowledged" // after a poll of the same moment
	jobClock   = "clock"
)

// boot starts the agent.
func (d *Device) boot() {
	d.logf("SYS-5-RESTART", "System restarted --")
	d.logf("SMART_LIC-6-AGENT_READY", "Smart Agent for Licensing is initialized")
	d.logf("SMART_LIC-6-AGENT_ENABLED", "Smart Agent for Licensing is enabled")
	d.logf("SMART_LIC-6-EXPORT_CONTROLLED", "Usage of export controlled features is not allowed")
	if !d.spec.NoSLA {
		d.logf("PKI-6-TRUSTPOINT_CREATE", "Trustpoint: SLA-TrustPoint created succesfully")
	}
	d.now = d.now.Add(3 * time.Minute)
	d.syncClock()
	d.begin()
}

// begin starts an agent that knows nothing.
func (d *Device) begin() {
	a := &d.agent
	*a = agent{channels: map[string]*channel{}, jobs: map[string]time.Time{}, firstUse: d.time()}
	for _, n := range channelNames {
		a.channels[n] = &channel{}
	}
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
	d.watchUtility()
}

// licences are the licences in use; a stack uses one of each per member.
func (d *Device) licences() []Licence {
	if d.spec.Licences != nil {
		return d.spec.Licences
	}
	out := slices.Clone(d.plat.licences)
	if d.plat.hsec && get(d.cfg.lines, "license feature hseck9") != nil {
		out = append(out, hsec)
	}
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
	d.watchUtility()
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
	case jobUtility:
		d.remindUtility()
	case jobOverdue:
		d.overdueUtility()
	case jobClock:
		d.syncClock()
		d.agent.jobs[jobClock] = d.now.Add(6 * time.Hour)
	}
}

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
	c.last, c.reason, c.lastFailure = o.response, o.reason, d.time()
	if o.callhome != "" && d.transport() == "callhome" {
		d.logf("CALL_HOME-5-SL_MESSAGE_FAILED", "Fail to send out Smart Licensing message to: %s %s", d.endpoint().url, o.callhome)
	}
	if o.network {
		d.agent.lost = true
		d.logf("SMART_LIC-3-COMM_FAILED", "Communications failure with the %s : %s ", d.endpoint().peer, o.detail)
	}
}
