package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// License Usage in its three shapes: by handle (tech support), by name (all, usage) and as a table (summary).

// useField is a field of the licence read last, nil when there is none.
func useField[V any](f func(*LicenseUse) *diag.Value[V]) func(*licensing) *diag.Value[V] {
	return func(p *licensing) *diag.Value[V] {
		if !p.open {
			return nil
		}
		return f(p.licences.last())
	}
}

var licenceRules = rules{
	"Handle":                      handle,
	"License":                     words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Name })),
	"Entitlement Tag":             words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Entitlement })),
	"Description":                 words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Description })),
	"Count":                       count(useField(func(u *LicenseUse) *diag.Value[int] { return &u.Count })),
	"Version":                     words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Version })),
	"Status":                      useStatus,
	"Status time":                 moment(useField(func(u *LicenseUse) *diag.Value[diag.DeviceTime] { return &u.StatusTime })),
	"Request Time":                moment(useField(func(u *LicenseUse) *diag.Value[diag.DeviceTime] { return &u.RequestTime })),
	"Export status":               words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.ExportStatus })),
	"Feature Name":                words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.FeatureName })),
	"Feature Description":         words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.FeatureDescription })),
	"Enforcement type":            words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Enforcement })),
	"License type":                words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Type })),
	"Subscription ID":             words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.SubscriptionID })),
	"Measurements":                skip[licensing],
	"ENTITLEMENT":                 skip[licensing],
	"Interval":                    words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Interval })),
	"Current Value":               count(useField(func(u *LicenseUse) *diag.Value[int] { return &u.CurrentValue })),
	"Current Report":              currentReport,
	"Soft Enforced":               flag(useField(func(u *LicenseUse) *diag.Value[bool] { return &u.SoftEnforced })),
	"Application HA Info":         skip[licensing],
	"Application Name":            words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Application.Name })),
	"Application Id":              words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Application.ID })),
	"Application Role":            words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.Application.Role })),
	"Evaluation Period Remaining": words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.EvalRemaining })),
}

// complianceRules are the counters of agent 6.3.7. Where exactly they stand is not known, but their names
// mean one thing only.
var complianceRules = rules{
	"Authorized Count":        count(useField(func(u *LicenseUse) *diag.Value[int] { return &u.Authorized })),
	"Out-Of-Compliance Count": count(useField(func(u *LicenseUse) *diag.Value[int] { return &u.OutOfCompliance })),
	"Insufficient Count":      count(useField(func(u *LicenseUse) *diag.Value[int] { return &u.Insufficient })),
	"No license":              words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.NoLicense })),
	"Day-0 Verification":      words(useField(func(u *LicenseUse) *diag.Value[string] { return &u.DayZero })),
}

func beginLicences(p *licensing, r *row) bool {
	p.licences.expect(p.t.use(r), 4)
	return true
}

func handle(p *licensing, t *text, r *row) bool {
	n, ok := leadingInt(r.value)
	if !ok {
		return false
	}
	at := t.use(r)
	p.licences.add(at, LicenseUse{Handle: diag.Present(n, at)})
	p.unit, p.open = r.indent, true
	return true
}

// useStatus reads "IN USE(15)" and "IN USE".
func useStatus(p *licensing, t *text, r *row) bool {
	if !p.open {
		return false
	}
	u, word := p.licences.last(), r.value
	if i := strings.IndexByte(word, '('); i > 0 {
		if n, ok := leadingInt(word[i+1:]); ok {
			u.StatusCode = diag.Present(n, t.at(r))
			word = word[:i]
		}
	}
	return put(&u.Status, t, r, word, verbatim)
}

// currentReport reads "1745297635       Previous: 0".
func currentReport(p *licensing, t *text, r *row) bool {
	if !p.open {
		return false
	}
	u := p.licences.last()
	if _, previous, found := strings.Cut(r.value, "Previous: "); found {
		put(&u.PreviousReport, t, r, previous, leadingInt)
	}
	return put(&u.CurrentReport, t, r, r.value, leadingInt)
}

var summaryColumns = []string{"License", "Entitlement Tag", "Count", "Status"}

// licenceRow reads "network-advantage (C9300-24 Network Advantage):", the table of summary and the words for
// an empty section.
func licenceRow(p *licensing, r *row) bool {
	if name, tag, ok := nameAndTag(r); ok {
		at := p.t.use(r)
		u := p.licences.add(at, LicenseUse{})
		put(&u.Name, p.t, r, name, verbatim)
		put(&u.Tag, p.t, r, tag, verbatim)
		p.unit, p.open = r.indent, true
		return true
	}
	switch {
	case r.colon:
		return false
	case strings.HasPrefix(r.text, "No licenses in use"):
		p.licences.begin(p.t.use(r))
		return true
	case strings.HasPrefix(r.text, "License ") && strings.HasSuffix(r.text, "Status"):
		p.t.use(r)
		return true
	}
	return p.licences.at.Command != "" && summaryRow(p, r)
}

// nameAndTag splits the heading of a licence. The name may be empty.
func nameAndTag(r *row) (name, tag string, ok bool) {
	body, ok := strings.CutSuffix(r.text, "):")
	if !ok {
		return "", "", false
	}
	name, tag, ok = strings.Cut(body, "(")
	return strings.TrimRight(name, " "), tag, ok
}

// summaryRow reads a row as the name up to the parenthesis, what stands in it, a number and the status.
func summaryRow(p *licensing, r *row) bool {
	open, end := strings.IndexByte(r.text, '('), strings.LastIndexByte(r.text, ')')
	if open < 0 || end < open {
		return false
	}
	number, status := firstWord(strings.TrimSpace(r.text[end+1:]))
	n, ok := leadingInt(number)
	if !ok || status == "" {
		return false
	}
	name, tag := strings.TrimSpace(r.text[:open]), r.text[open+1:end]
	at := p.t.table(r, summaryColumns, name, r.text[open:end+1], number, status)
	u := p.licences.add(at, LicenseUse{Count: diag.Present(n, at), Status: diag.Present(status, at)})
	put(&u.Name, p.t, r, name, verbatim)
	put(&u.Tag, p.t, r, tag, verbatim)
	p.open = false
	return true
}

// usageHeader reads a licence below License Authorization, where show license usage has no other heading.
func usageHeader(p *licensing, r *row) bool {
	if _, _, ok := nameAndTag(r); !ok {
		return false
	}
	p.leave(usageSection)
	return licenceRow(p, r)
}

// usageSection is License Usage where it has no heading.
var usageSection = &section{
	fields: licenceRules, distinct: complianceRules, row: licenceRow, flat: true,
	spoil: func(p *licensing) { p.licences.spoil = true },
	cut:   func(p *licensing) { p.licences = listOf[LicenseUse]{} },
}
