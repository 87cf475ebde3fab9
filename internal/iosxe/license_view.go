package iosxe

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// LicenseView is the licensing state of a device merged field by field from tech support, all, status,
// summary, usage, udi and authorization, in this order; every value remembers its command. An absent field
// says why: a source that carries it was refused, cut or timed out; or every complete answer lacks it
// (absent); or no command that carries it was collected. It is never nil.
var LicenseView = diag.Derive(func(f *diag.Facts) *License {
	view := &License{}
	for i, s := range licenseSources {
		part, why := s.query.Partial(f)
		if i > 0 && why == diag.NotCollected {
			continue // the view says so already
		}
		if part == nil {
			part = &License{}
			if why == "" {
				why = diag.Unparsed
			}
		}
		if why == "" {
			why = diag.Absent
		}
		m := merger{why: why, first: i == 0}
		to, from := reflect.ValueOf(view).Elem(), reflect.ValueOf(part).Elem()
		for _, slot := range licenseSlots {
			m.field(to.FieldByIndex(slot.path).Addr().Interface(), from.FieldByIndex(slot.path).Addr().Interface(), slot.carriers[i])
		}
	}
	return view
})

// licenseSources is the order in which the view asks, with the names used in the tag "in".
var licenseSources = []struct {
	name  string
	query *diag.Query[License]
}{
	{"tech", ShowLicenseTechSupport},
	{"all", ShowLicenseAll},
	{"status", ShowLicenseStatus},
	{"summary", ShowLicenseSummary},
	{"usage", ShowLicenseUsage},
	{"udi", ShowLicenseUDI},
	{"authorization", ShowLicenseAuthorization},
}

// licenseSlot is a Value somewhere in a License, and which of the sources print it.
type licenseSlot struct {
	path     []int
	carriers []bool
}

var licenseSlots = slotsOf(reflect.TypeFor[License](), nil, "")

// slotsOf lists the values of a struct; in is the tag of the struct around it.
func slotsOf(t reflect.Type, path []int, in string) []licenseSlot {
	var out []licenseSlot
	for i := range t.NumField() {
		f, in, path := t.Field(i), in, append(slices.Clip(path), i)
		if tag, ok := f.Tag.Lookup("in"); ok {
			in = tag
		}
		if !f.Type.Implements(reflect.TypeFor[interface{ Known() bool }]()) {
			out = append(out, slotsOf(f.Type, path, in)...)
			continue
		}
		slot := licenseSlot{path: path}
		for _, s := range licenseSources {
			slot.carriers = append(slot.carriers, slices.Contains(strings.Fields(in), s.name))
		}
		out = append(out, slot)
	}
	return out
}

// merger takes one source into the view.
type merger struct {
	why   diag.Reason // why a field that the source carries is not in it
	first bool        // whether the view is still empty
}

// field takes one value. carried says whether the source is one that prints it.
func (m merger) field(view, p any, carried bool) {
	switch v := view.(type) {
	case *diag.Value[string]:
		take(m, v, p, carried)
	case *diag.Value[int]:
		take(m, v, p, carried)
	case *diag.Value[bool]:
		take(m, v, p, carried)
	case *diag.Value[diag.DeviceTime]:
		take(m, v, p, carried)
	case *diag.Value[PolicyDays]:
		take(m, v, p, carried)
	case *diag.Value[[]string]:
		take(m, v, p, carried)
	case *diag.Value[[]Text]:
		take(m, v, p, carried)
	case *diag.Value[[]TrustCode]:
		take(m, v, p, carried)
	case *diag.Value[[]HAUDI]:
		take(m, v, p, carried)
	case *diag.Value[[]LicenseUse]:
		take(m, v, p, carried)
	case *diag.Value[[]Authorization]:
		take(m, v, p, carried)
	case *diag.Value[[]AuthorizedLicense]:
		take(m, v, p, carried)
	case *diag.Value[[]Job]:
		take(m, v, p, carried)
	case *diag.Value[[]Channel]:
		take(m, v, p, carried)
	case *diag.Value[[]Reserved]:
		take(m, v, p, carried)
	case *diag.Value[[]TrustData]:
		take(m, v, p, carried)
	case *diag.Value[[]EnforcedOn]:
		take(m, v, p, carried)
	default:
		panic(fmt.Sprintf("iosxe: the view cannot merge %T", view))
	}
}

// take gives the view the source's value, or what the source's silence means. A value counts even where
// the source is not known to carry the field, its absence does not.
func take[T any](m merger, view *diag.Value[T], part any, carried bool) {
	p, why := part.(*diag.Value[T]), m.why
	if p.Why() != diag.Absent {
		why = p.Why() // the parser knows better than the answer as a whole
	}
	switch {
	case view.Known():
	case p.Known():
		*view = *p
	case m.first && !carried:
		*view = diag.Missing[T](diag.NotCollected)
	case m.first:
		*view = diag.Missing[T](why)
	case carried:
		*view = view.Or(diag.Missing[T](why))
	}
}
