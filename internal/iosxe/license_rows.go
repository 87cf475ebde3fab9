package iosxe

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// The lists of a licence answer: what opens an entry, and what fills it.

// trustHeading reads the heading of Trust Code Installed: nothing, <none>, the date of a standalone device,
// or the type that agent 6.3 prints there.
func trustHeading(p *licensing, r *row) bool {
	installed, valid, _ := strings.Cut(r.value, " Valid on ")
	switch when, ok := diag.ParseDeviceTime(installed); {
	case r.value == "":
		p.trust.begin(p.t.use(r))
	case none(r.value):
		p.TrustCodes = diag.None[[]TrustCode](p.t.use(r))
	case ok:
		at := p.t.use(r)
		c := p.trust.add(at, TrustCode{Installed: diag.Present(when, at)})
		if from, ok := diag.ParseDeviceTime(valid); ok {
			c.ValidFrom = diag.Present(from, at)
		}
		p.open = true
	case strings.HasPrefix(r.value, "Trust Code Type: "):
		p.trust.begin(p.t.use(r))
	default:
		return false
	}
	return true
}

// trustRow reads a unit, and the rows about it that have no key.
func trustRow(p *licensing, r *row) bool {
	if role, udi, _, _, ok := unitOf(r.text); ok {
		at := p.t.use(r)
		p.trust.add(at, TrustCode{Role: diag.Present(role, at), UDI: diag.Present(udi, at)})
		p.unit, p.open = r.indent, true
		return true
	}
	if !p.open || r.colon {
		return false
	}
	c := p.trust.last()
	if r.text == "NOT INSTALLED" {
		c.Installed = diag.None[diag.DeviceTime](p.t.use(r))
		return true
	}
	if expired, ok := strings.CutPrefix(r.text, "Expired on "); ok {
		return put(&c.Expires, p.t, r, expired, diag.ParseDeviceTime)
	}
	installed, ok := strings.CutPrefix(r.text, "INSTALLED on ")
	if !ok {
		return false
	}
	installed, valid, both := strings.Cut(installed, "Valid on ")
	if both {
		put(&c.ValidFrom, p.t, r, valid, diag.ParseDeviceTime)
	}
	return put(&c.Installed, p.t, r, installed, diag.ParseDeviceTime)
}

// trustField is a field of the unit read last, nil when there is none.
func trustField(p *licensing, f func(*TrustCode) *diag.Value[string]) *diag.Value[string] {
	if !p.open {
		return nil
	}
	return f(p.trust.last())
}

// trustAttributes reads the attributes of a unit; those above the first unit are known and not used.
func trustAttributes(p *licensing, t *text, r *row) bool {
	if !p.open {
		t.use(r)
		return true
	}
	return put(&p.trust.last().Attributes, t, r, r.value, verbatim)
}

// ownUDI reads "UDI: PID:C9300-24UX,SN:FCW2303D16Y".
func ownUDI(p *licensing, t *text, r *row) bool {
	_, _, pid, sn, ok := unitOf(r.value)
	if ok {
		at := t.use(r)
		p.Device = UDI{PID: diag.Present(pid, at), SN: diag.Present(sn, at)}
	}
	return ok
}

func haHeading(p *licensing, t *text, r *row) bool {
	p.members.begin(t.use(r))
	return r.value == ""
}

// udiColumns is the table of show license udi before smart licensing.
var udiColumns = []string{"SlotID", "PID", "SN", "UDI"}

// haMember reads "Active:PID:C9300-24UX,SN:FCW2303D16Y", or a row of the old table.
func haMember(p *licensing, r *row) bool {
	if role, _, pid, sn, ok := unitOf(r.text); ok && role != "" && p.members.at.Command != "" {
		at := p.t.use(r)
		p.members.add(at, HAUDI{Role: diag.Present(role, at), UDI: UDI{PID: diag.Present(pid, at), SN: diag.Present(sn, at)}})
		return true
	}
	words := strings.Fields(r.text)
	if len(words) == 4 && words[0] == udiColumns[0] && words[3] == udiColumns[3] {
		p.chapter = udiColumns[0]
		p.t.use(r)
		return true
	}
	if p.chapter != udiColumns[0] || len(words) < 3 || words[len(words)-1] != words[len(words)-3]+":"+words[len(words)-2] {
		return false
	}
	if len(words) == 3 {
		words = append([]string{""}, words...)
	}
	at := p.t.table(r, udiColumns, words...)
	if u := (UDI{PID: diag.Present(words[1], at), SN: diag.Present(words[2], at)}); words[0] == "*" || !p.Device.PID.Known() {
		p.Device = u
	}
	return true
}

// jobRow reads "<job>: <time> (<remaining>)" and the jobs that are not scheduled.
func jobRow(p *licensing, r *row) bool {
	if !r.colon {
		return false
	}
	j, at := Job{}, p.t.at(r)
	when, state, found := strings.Cut(r.value, " (")
	switch next, ok := diag.ParseDeviceTime(when); {
	case found && ok && strings.HasSuffix(state, ")"):
		j.Next, j.State = diag.Present(next, at), diag.Present(strings.TrimSuffix(state, ")"), at)
	case r.value == "Expired Not Rescheduled", r.value == "Not Available":
		j.Next, j.State = diag.None[diag.DeviceTime](at), diag.Present(r.value, at)
	default:
		return false
	}
	j.Name = diag.Present(r.key, p.t.use(r))
	p.jobs.add(at, j)
	return true
}

var channelRules = rules{
	"Communication Level Allowed": words(func(p *licensing) *diag.Value[string] { return &p.Communication.Level }),
	"Overall State":               words(func(p *licensing) *diag.Value[string] { return &p.Communication.State }),
	"Attempts":                    attempts,
	"Last Response":               lastResponse,
	"Failure Reason": words(func(p *licensing) *diag.Value[string] {
		return channelField(p, func(c *Channel) *diag.Value[string] { return &c.FailureReason })
	}),
	"Last Success Time": moment(func(p *licensing) *diag.Value[diag.DeviceTime] {
		return channelField(p, func(c *Channel) *diag.Value[diag.DeviceTime] { return &c.LastSuccess })
	}),
	"Last Failure Time": moment(func(p *licensing) *diag.Value[diag.DeviceTime] {
		return channelField(p, func(c *Channel) *diag.Value[diag.DeviceTime] { return &c.LastFailure })
	}),
}

func channelField[V any](p *licensing, f func(*Channel) *diag.Value[V]) *diag.Value[V] {
	if !p.open {
		return nil
	}
	return f(p.channels.last())
}

// channelNames are the channels known so far; a new one is known by what stands below its name.
var channelNames = []string{"Trust Establishment", "Trust Acknowledgement", "Usage Reporting", "Result Polling",
	"Authorization Request", "Authorization Confirmation", "Authorization Return", "Trust Sync", "Hello Message", "Telemetry Reporting"}

// channelRow reads the name of a channel. Usage Reporting is also the name of a section: what stands below
// tells, and the order of the sections.
func channelRow(p *licensing, r *row) bool {
	if !r.heading() || !slices.Contains(channelNames, r.key) && !(p.next != nil && p.next.key == "Attempts") {
		return false
	}
	at := p.t.use(r)
	p.channels.add(at, Channel{Name: diag.Present(r.key, at)})
	p.unit, p.open = r.indent, true
	return true
}

// attempts reads "Total=2, Success=0, Fail=2  Ongoing Failure: Overall=2 Communication=0"; spacing varies.
func attempts(p *licensing, t *text, r *row) bool {
	if !p.open {
		return false
	}
	c, read := p.channels.last(), false
	for s := r.value; ; {
		name, rest, found := strings.Cut(s, "=")
		if !found {
			return read
		}
		n, ok := leadingInt(rest)
		name = name[strings.LastIndexAny(name, ", ")+1:]
		if f := c.counter(name); f != nil && ok {
			*f = diag.Present(n, t.use(r))
			read = true
		}
		s = rest
	}
}

func (c *Channel) counter(name string) *diag.Value[int] {
	switch name {
	case "Total":
		return &c.Total
	case "Success":
		return &c.Success
	case "Fail":
		return &c.Fail
	case "Overall":
		return &c.OngoingOverall
	case "Communication":
		return &c.OngoingCommunication
	}
	return nil
}

// lastResponse reads "OK on <time>" and the answers without a time.
func lastResponse(p *licensing, t *text, r *row) bool {
	if !p.open {
		return false
	}
	c, word := p.channels.last(), r.value
	if i := strings.LastIndex(word, " on "); i >= 0 {
		if when, ok := diag.ParseDeviceTime(word[i+len(" on "):]); ok {
			c.LastResponseTime = diag.Present(when, t.at(r))
			word = word[:i]
		}
	}
	return put(&c.LastResponse, t, r, word, verbatim)
}

// trustLine reads "P:<pid>,S:<sn>: P:<pid>,S:<sn>, state[2], Trust Data INSTALLED  TrustId:693" and "Local
// Device: No Trust Data".
func trustLine(p *licensing, r *row) bool {
	pid, sn, ok := platformUDI(r.key)
	if !r.colon || !ok && r.key != "Local Device" {
		return false
	}
	at := p.t.use(r)
	d := TrustData{Device: diag.Present(r.key, at)}
	words := r.value
	if first, rest, found := strings.Cut(words, ", "); found {
		if p, s, isUDI := platformUDI(first); isUDI {
			pid, sn, ok, words = p, s, true, rest
		}
	}
	if ok {
		d.PID, d.SN = diag.Present(pid, at), diag.Present(sn, at)
	}
	if state, rest, found := strings.Cut(words, ", "); found && strings.HasPrefix(state, "state[") {
		if n, ok := leadingInt(state[len("state["):]); ok {
			d.State = diag.Present(n, at)
		}
		words = rest
	}
	words, id, found := strings.Cut(words, "TrustId:")
	if n, ok := leadingInt(id); found && ok {
		d.TrustID = diag.Present(n, at)
	}
	words = strings.TrimSpace(words)
	d.Text = diag.Present(words, at)
	switch words {
	case "Trust Data INSTALLED":
		d.Installed = diag.Present(true, at)
	case "No Trust Data", "NOT INSTALLED", "Trust Data NOT INSTALLED":
		d.Installed = diag.Present(false, at)
	}
	p.trustData.add(at, d)
	return true
}

// platformUDI reads "P:C9300-24UX,S:FCW2134L00C".
func platformUDI(s string) (pid, sn string, ok bool) {
	s, ok = strings.CutPrefix(s, "P:")
	if !ok {
		return "", "", false
	}
	pid, sn, ok = strings.Cut(s, ",S:")
	return pid, sn, ok && pid != "" && sn != ""
}

// mapping reads "C9500-32QC: Total licenses found: 221".
func mapping(p *licensing, r *row) bool {
	number, ok := strings.CutPrefix(r.value, "Total licenses found: ")
	n, digits := leadingInt(number)
	if !ok || !digits {
		return false
	}
	at := p.t.use(r)
	p.Platform.PID, p.Platform.Licenses = diag.Present(r.key, at), diag.Present(n, at)
	return true
}

// enforcedSection is Enforced Licenses.
var enforcedSection = &section{
	row: enforcedRow, enter: enforcedHeading,
	spoil: func(p *licensing) { p.enforced.spoil = true },
	cut:   func(p *licensing) { p.enforced = listOf[EnforcedOn]{} },
}

func enforcedHeading(p *licensing, r *row) bool {
	p.enforced.begin(p.t.use(r))
	return true
}

// enforcedRow reads a unit, and below it "No PD enforced licenses" or "hseck9: regid.... (3)".
func enforcedRow(p *licensing, r *row) bool {
	pid, sn, ok := platformUDI(r.key)
	if r.heading() && (ok || r.key == "Local Device") {
		at := p.t.use(r)
		e := p.enforced.add(at, EnforcedOn{})
		if ok {
			e.UDI = UDI{PID: diag.Present(pid, at), SN: diag.Present(sn, at)}
		}
		p.unit, p.open = r.indent, true
		return true
	}
	if !p.open {
		return false
	}
	e := p.enforced.last()
	if r.text == "No PD enforced licenses" {
		e.None = diag.Present(true, p.t.use(r))
		return true
	}
	i := strings.LastIndexByte(r.value, '(')
	if i < 0 {
		return false
	}
	mode, digits := leadingInt(r.value[i+1:])
	if !digits {
		return false
	}
	at := p.t.use(r)
	l := EnforcedLicense{Name: diag.Present(r.key, at), Mode: diag.Present(mode, at)}
	put(&l.Entitlement, p.t, r, strings.TrimSpace(r.value[:i]), verbatim)
	e.None = diag.Present(false, at)
	all, _ := e.Licenses.Peek()
	e.Licenses = diag.Present(append(all, l), at)
	return true
}
