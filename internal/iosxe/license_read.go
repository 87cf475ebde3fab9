package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// licensing reads a licence answer row by row into a License. It never relies on blank lines, on the
// width of an indentation or on the order of sections: a section begins with its name at the left margin.
type licensing struct {
	*License
	t       *text
	margin  int      // indentation of the whole answer
	section *section // nil in a part whose heading is not known
	chapter string   // key of the last underlined heading that tells sections of one name apart
	hole    int      // indentation of an unknown heading inside the section: what is deeper is not read; -1: none
	next    *row

	// what the rows below belong to; dropped when the section changes or an unknown heading stands above
	group      *PolicyAttributes
	proxy, vrf bool
	attempt    *diag.Value[string] // the failure reason below belongs to it
	unit       int                 // indentation of the UDI row that opened the last list entry; -1: none
	open       bool                // whether the last entry of the section's list takes fields
	outer      *section            // the section this one is nested in, nil when it stands at the margin

	trust      listOf[TrustCode]
	members    listOf[HAUDI]
	licences   listOf[LicenseUse]
	codes      listOf[Authorization]
	authorized listOf[AuthorizedLicense]
	jobs       listOf[Job]
	channels   listOf[Channel]
	reserved   listOf[Reserved]
	specified  listOf[Text]
	trustData  listOf[TrustData]
	enforced   listOf[EnforcedOn]
	derived    listOf[Text]
	spared     listOf[Text]
	exportKeys listOf[Text]
}

// listOf gathers a list whose section was seen at a place.
type listOf[E any] struct {
	at    diag.Source
	items []E
	spoil bool // a row of the section was not understood, or the answer ends in it
}

// begin notes that the section of the list was printed.
func (l *listOf[E]) begin(at diag.Source) {
	if l.at.Command == "" {
		l.at = at
	}
}

// expect begins a list that usually has n entries.
func (l *listOf[E]) expect(at diag.Source, n int) {
	if l.begin(at); l.items == nil {
		l.items = make([]E, 0, n)
	}
}

// add appends an entry and returns it for filling.
func (l *listOf[E]) add(at diag.Source, e E) *E {
	l.begin(at)
	l.items = append(l.items, e)
	return &l.items[len(l.items)-1]
}

// last is the entry that was added last, nil when there is none.
func (l *listOf[E]) last() *E {
	if len(l.items) == 0 {
		return nil
	}
	return &l.items[len(l.items)-1]
}

// value is the list: absent when its section was not printed, or when nothing in it was understood.
func (l *listOf[E]) value(f *diag.Value[[]E]) {
	switch {
	case l.at.Command == "", f.Known():
	case l.spoil && len(l.items) == 0:
		*f = diag.Missing[[]E](diag.Unparsed)
	default:
		if l.items == nil {
			l.items = []E{}
		}
		*f = diag.Present(l.items, l.at)
	}
}

// section is a part of a licence answer below its heading.
type section struct {
	fields fields[licensing]
	// distinct are fields whose names mean one thing only, so that they count below an unknown heading too.
	distinct fields[licensing]
	enter    func(*licensing, *row) bool // reads the heading's own row; nil: the heading says nothing
	row      func(*licensing, *row) bool // a row that is not a field: list entries, plain words
	spoil    func(*licensing)            // called when a row below is not understood or the answer is cut here
	cut      func(*licensing)            // drops the list the answer is cut in
	flat     bool                        // fields stand at the margin, where other sections have their names
}

// readLicense reads all rows, beginning in the named section for commands that print it without heading.
func readLicense(t *text, l *License, begin string) {
	p := &licensing{License: l, t: t, hole: -1, unit: -1, margin: margin(t), section: licenseSections[begin]}
	for i := range t.rows {
		r := &t.rows[i]
		if r.state == noise {
			continue
		}
		p.next = nil
		if i+1 < len(t.rows) {
			p.next = &t.rows[i+1]
		}
		p.read(r)
	}
	if t.problem == diag.Cut && p.section != nil && p.section.cut != nil {
		p.section.cut(p)
	}
	p.finish()
}

// margin is the smallest indentation of what is not noise.
func margin(t *text) int {
	m := -1
	for i := range t.rows {
		if r := &t.rows[i]; r.state != noise && (m < 0 || r.indent < m) {
			m = r.indent
			if m == 0 {
				break
			}
		}
	}
	return m
}

func (p *licensing) read(r *row) {
	if r.indent > p.margin {
		p.below(r)
		return
	}
	p.hole = -1
	if s := p.section; s != nil && s.flat && p.member(s, r) {
		return
	}
	if s := licenseSections[r.key]; s != nil && p.begins(s, r) {
		return
	}
	if s := p.section; s != nil && !s.flat && p.member(s, r) {
		return
	}
	if logLine(r) {
		r.state = noise
		return
	}
	p.spoiled()
	if p.section != nil && p.section.flat && !p.heads(r) {
		p.forget()
	} else {
		p.leave(nil)
	}
}

// heads reports whether an unknown row at the margin is the heading of something: underlined, or a key
// without value above indented rows.
func (p *licensing) heads(r *row) bool {
	return p.next != nil && (underline(p.next.text) || r.heading() && p.next.indent > r.indent)
}

// atMargin reports a heading that does not belong to the section above it.
func (p *licensing) atMargin(r *row) bool { return r.heading() && r.indent <= p.margin }

// begins enters a section whose name is the key of r, if the row is a heading of it.
func (p *licensing) begins(s *section, r *row) bool {
	p.leave(s)
	if s.enter == nil {
		if r.value != "" {
			return true // the name of a section with words nobody knows: unparsed, but what follows is its
		}
		p.t.use(r)
		return true
	}
	if !s.enter(p, r) {
		p.spoiled()
	}
	return true
}

func (p *licensing) leave(to *section) {
	p.section, p.outer = to, nil
	p.forget()
}

// forget drops what the rows below would belong to.
func (p *licensing) forget() {
	p.group, p.attempt, p.proxy, p.vrf, p.unit, p.open = nil, nil, false, false, -1, false
}

func (p *licensing) member(s *section, r *row) bool {
	return s.fields.set(p, p.t, r) || s.distinct.set(p, p.t, r) || s.row != nil && s.row(p, r)
}

// below reads a row that is indented in its section.
func (p *licensing) below(r *row) {
	if p.section == nil {
		return
	}
	if p.hole >= 0 && r.indent > p.hole {
		p.section.distinct.set(p, p.t, r)
		return
	}
	p.hole = -1
	if p.member(p.section, r) {
		return
	}
	if logLine(r) {
		r.state = noise
		return
	}
	p.spoiled()
	if r.heading() {
		p.hole = r.indent
	}
	if r.indent <= p.unit || p.unit < 0 {
		p.forget()
	}
}

func (p *licensing) spoiled() {
	if p.section != nil && p.section.spoil != nil {
		p.section.spoil(p)
	}
}

func (p *licensing) finish() {
	p.trust.value(&p.TrustCodes)
	p.members.value(&p.HAUDIs)
	p.licences.value(&p.Licenses)
	p.codes.value(&p.Authorizations)
	p.authorized.value(&p.Authorized)
	p.jobs.value(&p.Jobs)
	p.channels.value(&p.Communication.Channels)
	p.reserved.value(&p.Reservation.Units)
	p.specified.value(&p.Reservation.Specified)
	p.trustData.value(&p.TrustData)
	p.enforced.value(&p.Platform.Enforced)
	p.derived.value(&p.Derived)
	p.spared.value(&p.NotRequired)
	p.exportKeys.value(&p.ExportKeys)
	p.Stamp = stampOf(p.t, p.t.stamp)
}

// The readers of the commands: where they begin, and what the answer must hold to be one, and a complete one.

func readTechSupport(t *text, l *License) {
	if !t.has("Platform Provided Mapping Table") && !t.has("Clock sync-ed with NTP") && !classic(t, "Agent Version") {
		t.cut()
	}
	readLicense(t, l, "")
	recognise(t, l.Transport.Type.Known() || l.Enabled.Known() || l.Jobs.Known())
}

func readAll(t *text, l *License) {
	if !t.has("License Authorizations") && !classic(t, "Agent Version") {
		t.cut()
	}
	readLicense(t, l, "")
	recognise(t, l.Enabled.Known() || l.Device.PID.Known() && l.Transport.Type.Known())
}

func readStatus(t *text, l *License) {
	if !t.has("Trust Code Installed") && !classic(t, "License Authorization") {
		t.cut()
	}
	readLicense(t, l, "")
	recognise(t, l.Transport.Type.Known() || l.Registration.Status.Known() || l.SLP.Known() || l.Enabled.Known())
}

func readSummary(t *text, l *License) {
	readLicense(t, l, "")
	if !l.Licenses.Known() && l.Account.Smart.Known() {
		t.cut()
	}
	recognise(t, l.Licenses.Known() || l.Account.Smart.Known() || l.Registration.Status.Known())
}

func readUsage(t *text, l *License) {
	readLicense(t, l, "License Usage")
	all, _ := l.Licenses.Peek()
	recognise(t, l.Classic.Status.Known() || len(all) > 0 && all[0].Count.Known())
}

func readUDI(t *text, l *License) {
	readLicense(t, l, "Product Information")
	recognise(t, l.Device.PID.Known())
}

func readAuthorization(t *text, l *License) {
	readLicense(t, l, "License Authorizations")
	recognise(t, l.Authorizations.Known())
}

// classic reports a complete answer of the model with registration, whose last section is known, and of a
// device without smart licensing.
func classic(t *text, last string) bool {
	return t.has("Registration") && t.has(last) || t.has("Smart Licensing is DISABLED")
}

// recognise drops an answer without the fields that make it one of the command.
func recognise(t *text, ok bool) {
	if !ok {
		t.strange()
	}
}

// unitOf reads "Active: PID:C9300-24UX,SN:FCW2303D16Y", with or without the blank, and the same without role.
func unitOf(s string) (role, udi, pid, sn string, ok bool) {
	i := strings.Index(s, "PID:")
	if i < 0 {
		return "", "", "", "", false
	}
	role = strings.TrimSpace(s[:i])
	if role != "" {
		if role, ok = strings.CutSuffix(role, ":"); !ok || strings.ContainsAny(role, ": ") {
			return "", "", "", "", false
		}
	}
	udi = s[i:]
	pid, sn, ok = strings.Cut(udi[len("PID:"):], ",SN:")
	return role, udi, pid, sn, ok && pid != "" && sn != ""
}
