package sim

import (
	"fmt"
	"slices"
	"time"
)

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
	if o.ok() && !d.validates() {
		o = outcome{response: "INVALID STATUS CODE", reason: wrongSignature, service: o.service}
		d.refuseTrust()
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
	d.utilitySent()
}

// ImportACK plays "license smart import" of the ACK for the file written by
// SaveUsage.
func (d *Device) ImportACK(acc Account, p *Policy) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.ack(&Service{Account: acc, Policy: p})
}

// FactoryReset plays "license smart factory reset": the agent forgets policy, trust, codes, reports and its
// account.
func (d *Device) FactoryReset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	if d.agent.policy != nil {
		d.logf("SMART_LIC-3-POLICY_REMOVED", "The licensing policy has been removed.")
	}
	d.dropCodes()
	d.begin()
}

// Plug puts the cables of interfaces back in.
func (d *Device) Plug(names ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.unplugged = slices.DeleteFunc(d.unplugged, func(n string) bool { return slices.Contains(names, n) })
}

// Upgrade plays the installation of another release and the reload: the configuration stays, and so does
// what the agent keeps in its trusted store. An agent of classic licensing begins anew.
func (d *Device) Upgrade(release string) error {
	rel, err := parseRelease(release)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	classic := d.lay.classic
	d.rel, d.lay, d.log = rel, rel.layout(), nil
	d.logf("SYS-5-RESTART", "System restarted --")
	if classic && !d.lay.classic {
		d.boot()
	}
	return d.enter(fmt.Sprintf("version %d.%d", rel.num[0], rel.num[1]))
}

// Sync plays "license smart sync all": the report and the exchange of trust data are due now.
func (d *Device) Sync() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.schedule()
	if d.transport() == "off" || d.lay.classic || d.spec.Controller {
		return
	}
	d.agent.jobs[jobPush] = d.now
	if d.direct() && d.trusted() {
		d.agent.jobs[jobSync] = d.now
	}
}

// Log writes a message into the log buffer, of something that the simulated agent does not do by itself. id
// is facility, severity and mnemonic: "SMART_LIC-3-POLICY_INSTALL_FAILED".
func (d *Device) Log(id, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.cache)
	d.logf(id, "%s", text)
}
