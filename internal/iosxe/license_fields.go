package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// The fields of a licence answer whose row is more than a key and a plain value.

func enabled(on bool) func(*licensing, *row) bool {
	return func(p *licensing, r *row) bool {
		p.Enabled = diag.Present(on, p.t.use(r))
		return true
	}
}

// smartAccount splits "<name> As of <time>"; the name may itself contain " As of ".
func smartAccount(p *licensing, t *text, r *row) bool {
	name := r.value
	if i := strings.LastIndex(name, " As of "); i >= 0 {
		if when, ok := diag.ParseDeviceTime(name[i+len(" As of "):]); ok {
			p.Account.SmartAsOf = diag.Present(when, t.at(r))
			name = name[:i]
		}
	}
	return put(&p.Account.Smart, t, r, name, verbatim)
}

// proxyRow reads "Proxy:"; what it says stands in the rows below.
func proxyRow(p *licensing, t *text, r *row) bool {
	p.proxy, p.vrf = true, false
	if r.value == "" {
		t.use(r)
		return true
	}
	return none(r.value) && noProxy(p, r)
}

func noProxy(p *licensing, r *row) bool {
	at := p.t.use(r)
	p.Transport.Proxy = Proxy{Address: diag.None[string](at), Port: diag.None[int](at), Username: diag.None[string](at)}
	return true
}

// vrfRow reads "VRF: <empty>" and "VRF:", which has its value in the row below.
func vrfRow(p *licensing, t *text, r *row) bool {
	p.proxy, p.vrf = false, r.value == ""
	if p.vrf {
		t.use(r)
		return true
	}
	return put(&p.Transport.VRF, t, r, r.value, verbatim)
}

// notConfigured reads the row below "Proxy:" or "VRF:".
func notConfigured(p *licensing, r *row) bool {
	switch {
	case r.colon:
		return false
	case p.proxy && none(r.text):
		p.proxy = false
		return noProxy(p, r)
	case p.vrf:
		p.vrf = false
		return put(&p.Transport.VRF, p.t, r, r.text, verbatim)
	}
	return false
}

// policyInUse reads "Merged from multiple sources." and "Installed On <time>".
func policyInUse(p *licensing, t *text, r *row) bool {
	if !put(&p.Policy.InUse, t, r, r.value, verbatim) {
		return false
	}
	p.Policy.Installed = diag.None[diag.DeviceTime](t.at(r))
	if rest, ok := strings.CutPrefix(r.value, "Installed On "); ok {
		p.Policy.Installed = diag.Value[diag.DeviceTime]{}
		put(&p.Policy.Installed, t, r, rest, diag.ParseDeviceTime)
	}
	return true
}

// ackRequired reads "yes (CISCO default)".
func ackRequired(p *licensing, t *text, r *row) bool {
	word, origin := firstWord(r.value)
	if !put(&p.Policy.AckRequired, t, r, word, onOff) {
		return false
	}
	if origin, ok := bracketed(origin); ok {
		p.Policy.AckOrigin = diag.Present(origin, t.at(r))
	}
	return true
}

// bracketed is what stands between the parentheses around s.
func bracketed(s string) (string, bool) {
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// group is the rule of a heading within the policy: the rows below are about its licences.
func group(of func(*Policy) *PolicyAttributes) rule[licensing] {
	return func(p *licensing, t *text, r *row) bool {
		p.group, p.unit = of(&p.Policy), r.indent
		t.use(r)
		return true
	}
}

// policyDays is the rule of "365 (CISCO default)" in the current group.
func policyDays(of func(*PolicyAttributes) *diag.Value[PolicyDays]) rule[licensing] {
	return func(p *licensing, t *text, r *row) bool {
		return p.group != nil && put(of(p.group), t, r, r.value, func(s string) (PolicyDays, bool) {
			number, origin := firstWord(s)
			n, ok := leadingInt(number)
			origin, _ = bracketed(origin)
			return PolicyDays{Days: n, Origin: origin}, ok
		})
	}
}

// pushInterval reads "30  days State(4) InPolicy(90)", "30  days" and "0 (no reporting)".
func pushInterval(p *licensing, t *text, r *row) bool {
	if !put(&p.Usage.PushIntervalDays, t, r, r.value, leadingInt) {
		return false
	}
	p.Usage.State, p.Usage.InPolicyDays = numberIn(t, r, " State("), numberIn(t, r, " InPolicy(")
	return true
}

// numberIn is the number that follows a word within the value.
func numberIn(t *text, r *row, word string) (v diag.Value[int]) {
	if _, rest, found := strings.Cut(r.value, word); found {
		if n, ok := leadingInt(rest); ok {
			v = diag.Present(n, t.at(r))
		}
	}
	return v
}

// counters reads a line of Usage Report Summary: "Total: 703,  Purged: 390(390)". The names are looked up
// one by one; separators vary.
func counters(p *licensing, t *text, r *row) bool {
	read := false
	for s := r.text; ; {
		name, rest, found := strings.Cut(s, ": ")
		if !found {
			break
		}
		f, ok := counterFields[strings.TrimLeft(name, " ,")]
		n, digits := leadingInt(rest)
		if !ok || !digits {
			break
		}
		*f.plain(&p.Reports) = diag.Present(n, t.use(r))
		read = true
		s = strings.TrimLeft(rest, "0123456789")
		if inner, ok := strings.CutPrefix(s, "("); ok {
			if m, digits := leadingInt(inner); digits && f.all != nil {
				*f.all(&p.Reports) = diag.Present(m, t.at(r))
			}
			_, s, _ = strings.Cut(inner, ")")
		}
	}
	return read
}

type counterField struct {
	plain, all func(*Reports) *diag.Value[int] // the number, and the one in parentheses
}

var counterFields = map[string]counterField{
	"Total":                       {plain: func(c *Reports) *diag.Value[int] { return &c.Total }},
	"Purged":                      {plain: func(c *Reports) *diag.Value[int] { return &c.Purged }, all: func(c *Reports) *diag.Value[int] { return &c.PurgedAll }},
	"Total Acknowledged Received": {plain: func(c *Reports) *diag.Value[int] { return &c.Acknowledged }},
	"Waiting for Ack":             {plain: func(c *Reports) *diag.Value[int] { return &c.Waiting }, all: func(c *Reports) *diag.Value[int] { return &c.WaitingAll }},
	"Available to Report":         {plain: func(c *Reports) *diag.Value[int] { return &c.Available }},
	"Collecting Data":             {plain: func(c *Reports) *diag.Value[int] { return &c.Collecting }},
	"Maximum Display":             {plain: func(c *Reports) *diag.Value[int] { return &c.MaxDisplay }},
	"In Storage":                  {plain: func(c *Reports) *diag.Value[int] { return &c.InStorage }},
	"MIA":                         {plain: func(c *Reports) *diag.Value[int] { return &c.Missing }, all: func(c *Reports) *diag.Value[int] { return &c.MissingAll }},
}

// registration is the heading of the classic model: it proves that the policy model is not in use.
func registration(p *licensing, r *row) bool {
	if r.value != "" {
		return false
	}
	p.SLP = diag.Present(false, p.t.use(r))
	return true
}

// attempt is the rule of "FAILED on <time>", below which the reason of the failure may stand.
func attempt(of func(*licensing) (text, why *diag.Value[string])) rule[licensing] {
	return func(p *licensing, t *text, r *row) bool {
		text, why := of(p)
		p.attempt = why
		return put(text, t, r, r.value, verbatim)
	}
}

// enforcementState reads the heading, with or without its value, and the row below it.
func enforcementState(p *licensing, r *row) bool {
	switch {
	case r.key == "Device Enforcement State" && r.value == "":
		p.t.use(r)
		return true
	case r.key == "Device Enforcement State":
		return put(&p.Enforcement, p.t, r, r.value, verbatim)
	case r.colon, p.Enforcement.Known():
		return false
	}
	return put(&p.Enforcement, p.t, r, r.text, verbatim)
}

func certificateText(p *licensing, r *row) bool {
	return !r.colon && !p.Certificates.Text.Known() && put(&p.Certificates.Text, p.t, r, r.text, verbatim)
}

// purchased reads the one line known of Purchased Licenses.
func purchased(p *licensing, r *row) bool {
	return strings.HasPrefix(r.text, "No Purchase Information Available") &&
		put(&p.Purchased, p.t, r, "No Purchase Information Available", verbatim)
}

// chapter is a heading whose sections have the names of another chapter's.
func chapter(p *licensing, r *row) bool {
	p.chapter = r.key
	p.t.use(r)
	return true
}

// specifiedRow takes the rows below Specified license reservations as they are: their form is not known.
func specifiedRow(p *licensing, r *row) bool {
	return !p.atMargin(r) && !logLine(r) && note(p, &p.specified, r, r.text)
}

// note adds words to a list.
func note(p *licensing, l *listOf[Text], r *row, s string) bool {
	at := p.t.use(r)
	if none(s) {
		l.add(at, diag.None[string](at))
	} else {
		l.add(at, diag.Present(s, at))
	}
	return true
}

// exportKey reads "Features Authorized:" and what stands below it.
func exportKey(p *licensing, r *row) bool {
	switch {
	case r.key == "Features Authorized" && r.colon:
		p.exportKeys.begin(p.t.use(r))
		return true
	case p.exportKeys.at.Command == "", p.atMargin(r), logLine(r):
		return false
	case none(r.text):
		p.ExportKeys = diag.None[[]Text](p.t.use(r))
		return true
	}
	return note(p, &p.exportKeys, r, r.text)
}
