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
	"Status": authorizationStatus,
	"Authorizations": func(p *licensing, _ *text, r *row) bool {
		outer := p.section
		p.leave(authorizedSection)
		p.outer = outer
		return authorizedHeading(p, r)
	},
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

// unitRow opens the entry of a unit.
func unitRow(p *licensing, r *row) bool {
	role, udi, _, _, ok := unitOf(r.text)
	if !ok {
		return false
	}
	at := p.t.use(r)
	if p.reserving() {
		p.reserved.add(at, Reserved{Role: diag.Present(role, at), UDI: diag.Present(udi, at)})
	} else {
		p.codes.add(at, Authorization{Role: diag.Present(role, at), UDI: diag.Present(udi, at)})
	}
	p.unit, p.open = r.indent, true
	return true
}

// overallSection is Overall status.
var overallSection = &section{
	fields: unitRules, enter: overallStatus, row: unitRow,
	spoil: func(p *licensing) { p.codes.spoil, p.reserved.spoil = true, true },
	cut:   func(p *licensing) { p.codes, p.reserved = listOf[Authorization]{}, listOf[Reserved]{} },
}

// authorizedSection is Authorizations: below Overall status, or below one of its units.
var authorizedSection = &section{
	fields: rules{
		"Description":           words(authorizedField(func(a *AuthorizedLicense) *diag.Value[string] { return &a.Description })),
		"Total available count": count(authorizedField(func(a *AuthorizedLicense) *diag.Value[int] { return &a.Available })),
		"Enforcement type":      words(authorizedField(func(a *AuthorizedLicense) *diag.Value[string] { return &a.Enforcement })),
		"Term information":      skip[licensing],
		"Authorization type":    words(termField(func(t *AuthorizedTerm) *diag.Value[string] { return &t.Type })),
		"License type":          words(termField(func(t *AuthorizedTerm) *diag.Value[string] { return &t.Kind })),
		"Term Count":            count(termField(func(t *AuthorizedTerm) *diag.Value[int] { return &t.Count })),
	},
	enter: authorizedHeading, row: authorizedRow,
	spoil: func(p *licensing) { p.authorized.spoil = true },
	cut:   func(p *licensing) { p.authorized = listOf[AuthorizedLicense]{} },
}

func authorizedHeading(p *licensing, r *row) bool {
	p.authorized.begin(p.t.use(r))
	return true
}

// authorizedRow opens the entry of a licence, or the term of a unit in it. A unit that is not indented
// deeper than the licence is the next one of Overall status.
func authorizedRow(p *licensing, r *row) bool {
	if name, tag, ok := nameAndTag(r); ok {
		at := p.t.use(r)
		p.authorized.add(at, AuthorizedLicense{Name: diag.Present(name, at), Tag: diag.Present(tag, at)})
		p.unit, p.open = r.indent, true
		return true
	}
	role, udi, _, _, ok := unitOf(r.text)
	switch {
	case ok && p.open && r.indent > p.unit:
	case ok && p.outer != nil:
		p.leave(p.outer)
		return unitRow(p, r)
	default:
		return false
	}
	at, a := p.t.use(r), p.authorized.last()
	terms, _ := a.Terms.Peek()
	a.Terms = diag.Present(append(terms, AuthorizedTerm{Role: diag.Present(role, at), UDI: diag.Present(udi, at)}), at)
	return true
}

func authorizedField[V any](f func(*AuthorizedLicense) *diag.Value[V]) func(*licensing) *diag.Value[V] {
	return func(p *licensing) *diag.Value[V] {
		if !p.open {
			return nil
		}
		return f(p.authorized.last())
	}
}

// termField is a field of the term read last, nil when there is none.
func termField[V any](f func(*AuthorizedTerm) *diag.Value[V]) func(*licensing) *diag.Value[V] {
	return func(p *licensing) *diag.Value[V] {
		if !p.open {
			return nil
		}
		terms, _ := p.authorized.last().Terms.Peek()
		if len(terms) == 0 {
			return nil
		}
		return f(&terms[len(terms)-1])
	}
}
