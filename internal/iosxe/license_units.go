package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// Overall status: per unit the authorization code (show license all and authorization) or the reservation
// (tech support). Both have return and confirmation codes under the same names.

var unitRules = rules{
	"Reservation status":             words(reservedField(func(u *Reserved) *diag.Value[string] { return &u.Status })),
	"Request code":                   words(reservedField(func(u *Reserved) *diag.Value[string] { return &u.RequestCode })),
	"Reservation authorization code": words(reservedField(func(u *Reserved) *diag.Value[string] { return &u.AuthorizationCode })),
	"Last return code": words(func(p *licensing) *diag.Value[string] {
		return either(p, func(u *Reserved) *diag.Value[string] { return &u.LastReturn }, func(a *Authorization) *diag.Value[string] { return &a.LastReturn })
	}),
	"Last Confirmation code": words(func(p *licensing) *diag.Value[string] {
		return either(p, func(u *Reserved) *diag.Value[string] { return &u.LastConfirmation }, func(a *Authorization) *diag.Value[string] { return &a.LastConfirmation })
	}),
	"Status":                authorizationStatus,
	"Authorizations":        skip[licensing],
	"Term information":      skip[licensing],
	"Total available count": count(codeField(func(c *AuthorizedCode) *diag.Value[int] { return &c.Available })),
	"Authorization type":    words(codeField(func(c *AuthorizedCode) *diag.Value[string] { return &c.Type })),
	"Term Count":            count(codeField(func(c *AuthorizedCode) *diag.Value[int] { return &c.TermCount })),
}

func (p *licensing) reserving() bool { return p.chapter == "Reservation Info" }

func reservedField(f func(*Reserved) *diag.Value[string]) func(*licensing) *diag.Value[string] {
	return func(p *licensing) *diag.Value[string] {
		if !p.open || !p.reserving() {
			return nil
		}
		return f(p.reserved.last())
	}
}

func either(p *licensing, r func(*Reserved) *diag.Value[string], a func(*Authorization) *diag.Value[string]) *diag.Value[string] {
	switch {
	case !p.open:
		return nil
	case p.reserving():
		return r(p.reserved.last())
	}
	return a(p.codes.last())
}

// codeField is a field of the licence named last under Authorizations.
func codeField[V any](f func(*AuthorizedCode) *diag.Value[V]) func(*licensing) *diag.Value[V] {
	return func(p *licensing) *diag.Value[V] {
		if !p.open || p.reserving() {
			return nil
		}
		codes, _ := p.codes.last().Codes.Peek()
		if len(codes) == 0 {
			return nil
		}
		return f(&codes[len(codes)-1])
	}
}

// authorizationStatus reads "NOT INSTALLED" and "SMART AUTHORIZATION INSTALLED on <time>".
func authorizationStatus(p *licensing, t *text, r *row) bool {
	if !p.open || p.reserving() {
		return false
	}
	a := p.codes.last()
	if i := strings.LastIndex(r.value, " on "); i >= 0 {
		put(&a.Installed, t, r, r.value[i+len(" on "):], diag.ParseDeviceTime)
	}
	return put(&a.Status, t, r, r.value, verbatim)
}

func overallStatus(p *licensing, r *row) bool {
	at := p.t.use(r)
	if p.reserving() {
		p.reserved.begin(at)
	} else {
		p.codes.begin(at)
	}
	return true
}

// unitRow reads a unit, and the licences its code covers.
func unitRow(p *licensing, r *row) bool {
	if role, udi, _, _, ok := unitOf(r.text); ok {
		at := p.t.use(r)
		switch {
		case p.open && r.indent > p.unit: // under Term information: the unit again
		case p.reserving():
			p.reserved.add(at, Reserved{Role: diag.Present(role, at), UDI: diag.Present(udi, at)})
			p.unit, p.open = r.indent, true
		default:
			p.codes.add(at, Authorization{Role: diag.Present(role, at), UDI: diag.Present(udi, at)})
			p.unit, p.open = r.indent, true
		}
		return true
	}
	name, tag, ok := nameAndTag(r)
	if !ok || !p.open || p.reserving() {
		return false
	}
	at := p.t.use(r)
	a := p.codes.last()
	codes, _ := a.Codes.Peek()
	a.Codes = diag.Present(append(codes, AuthorizedCode{Name: diag.Present(name, at), Tag: diag.Present(tag, at)}), at)
	return true
}
