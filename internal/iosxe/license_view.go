package iosxe

import (
	"reflect"
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
		if part == nil {
			part = &License{}
			if why == "" {
				why = diag.Unparsed
			}
		}
		if why == "" {
			why = diag.Absent
		}
		m := merger{source: s.name, why: why, first: i == 0}
		m.merge(reflect.ValueOf(view).Elem(), reflect.ValueOf(part).Elem(), false)
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

// merger takes one source into the view.
type merger struct {
	source string
	why    diag.Reason // why a field that the source carries is not in it
	first  bool        // whether the view is still empty
}

// merge walks the fields of a struct. carried says whether the source prints the struct around them.
func (m merger) merge(view, part reflect.Value, carried bool) {
	for i := range view.NumField() {
		carried := carried
		if in, ok := view.Type().Field(i).Tag.Lookup("in"); ok {
			carried = false
			for name := range strings.FieldsSeq(in) {
				carried = carried || name == m.source
			}
		}
		m.field(view.Field(i), part.Field(i), carried)
	}
}

func (m merger) field(view, part reflect.Value, carried bool) {
	p := part.Addr().Interface()
	switch v := view.Addr().Interface().(type) {
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
		m.merge(view, part, carried)
	}
}

// take gives the view the source's value, or what the source's silence means. A value counts even where
// the source is not known to carry the field, its absence does not.
func take[T any](m merger, view *diag.Value[T], part any, carried bool) {
	p := *part.(*diag.Value[T])
	if !p.Known() {
		p = diag.Missing[T](diag.NotCollected)
		if carried {
			p = diag.Missing[T](m.why)
		}
	}
	if m.first {
		*view = p
		return
	}
	*view = view.Or(p)
}
