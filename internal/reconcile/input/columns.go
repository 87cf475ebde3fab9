package input

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"slpdoctor/internal/reconcile"
)

// field is what a column holds.
type field int

// The fields of all exports.
const (
	license field = iota
	smart
	virtual
	licensed
	total
	lastAssigned
	billing
	available
	inUse
	substituted
	balance
	alerts
	name
	pid
	serial
	uuid
	productType
	description
	family
	managedBy
	registered
	lastContact
	used
	authorized
	host
	model
	systemIP
	tag
	units
	fieldCount
)

// column is a field under the headings it has been seen or may be expected with, the usual one first: of two that
// stand in one file the earlier is taken. Headings are compared by their letters and digits alone.
type column struct {
	field  field
	needed bool
	names  []string
}

// shape is a kind of export by its columns. What a heading row must have to be of this shape is needed.
type shape struct {
	what    string // as an error calls it
	kinds   []reconcile.Kind
	columns []column
	row     func(*tables, *record) error
	devices bool // its rows are devices, not licences
}

var (
	smartColumn   = column{smart, false, []string{"Smart Account", "Smart Account Name", "SA", "SA Name"}}
	virtualColumn = column{virtual, false, []string{"Virtual Account", "Virtual Account Name", "Local Virtual Account", "VA", "VA Name"}}
)

// shapes are tried in this order. The headings are screen labels and what clients of the programs call them: no real
// export has been seen (open question 35).
var shapes = []shape{
	{"a License & Devices overview of vManage", []reconcile.Kind{reconcile.VManage, reconcile.Before}, []column{
		{license, true, []string{"Name", "License", "License Name", "License Type", "Display Name"}},
		{licensed, true, []string{"Number of Licensed Devices", "Licensed Devices", "No. of Licensed Devices", "Licensed Device Count"}},
		{total, true, []string{"Number of Total Licenses", "Total Licenses", "Total Number of Licenses", "No. of Total Licenses", "Total License Count"}},
		{lastAssigned, false, []string{"Last Assigned On", "Last Assigned", "Last Assigned Date"}},
		smartColumn, virtualColumn,
	}, (*tables).overview, false},
	{"a list of devices and their licences from vManage", []reconcile.Kind{reconcile.VManage}, []column{
		{host, true, []string{"Hostname", "Host Name", "Device Name", "Device", "Device Host Name"}},
		{license, true, []string{"License", "License Name", "Licenses", "License Assigned", "Assigned License", "Assigned Licenses", "Display Name"}},
		{uuid, true, []string{"UUID", "Device UUID", "Chassis Number", "Chassis ID", "Chassis Number/ID", "Chassis Number/UUID"}},
		{model, false, []string{"Device Model", "Model", "Chassis Model"}},
		{systemIP, false, []string{"System IP", "Configured System IP", "Device IP"}},
		{tag, false, []string{"Tag", "License Tag", "Entitlement Tag"}},
		{units, false, []string{"Assigned Licenses Count", "Number of Assigned Licenses", "No0fAssignedLicenses", "NoOfAssignedLicenses", "License Count", "Quantity", "Count"}},
		smartColumn, virtualColumn,
	}, (*tables).assignment, true},
	{"a licence inventory of CSSM", []reconcile.Kind{reconcile.CSSM}, []column{
		{license, true, []string{"License", "License Name", "Name"}},
		{available, true, []string{"Available to Use", "Purchased", "Available", "Quantity", "Purchased Quantity", "Available Quantity", "Total Available"}},
		{inUse, true, []string{"In Use", "Used", "Quantity In Use", "In Use Quantity", "Licenses In Use"}},
		{balance, true, []string{"Balance", "Surplus/Shortage", "Surplus (+) / Shortage (-)"}},
		{substituted, false, []string{"Substitution", "Substitutions", "Substituted", "Fulfilled By Upper Tiers", "Fulfilled By Upper Tier", "Substituted Quantity"}},
		{billing, false, []string{"Billing", "Billing Type", "Billing Model"}},
		{alerts, false, []string{"Alerts", "Alert", "License Alerts"}},
		smartColumn, virtualColumn,
	}, (*tables).inventory, false},
	{"a list of product instances of CSSM", []reconcile.Kind{reconcile.Instances}, []column{
		{name, true, []string{"Product Instance", "Product Instance Name", "Name", "Instance Name", "Instance", "Device Name", "Host Identifier"}},
		{productType, true, []string{"Product Type", "Product"}},
		{license, false, []string{"License", "License Name", "Licenses"}},
		{used, false, []string{"Licenses Used", "Licences In Use", "Required", "In Use", "License Count", "Quantity Used", "Used", "Count"}},
		{authorized, false, []string{"Authorized", "Authorised", "Authorized Quantity"}},
		{lastContact, false, []string{"Last Contact", "Last Contact Date", "Last Contacted"}},
		{registered, false, []string{"Registration Date", "Registered", "Registered On", "Date Registered"}},
		{pid, false, []string{"PID", "UDI_PID", "Product ID", "Product Identifier"}},
		{serial, false, []string{"Serial Number", "UDI_SN", "Serial", "SN"}},
		{uuid, false, []string{"UUID", "Instance UUID"}},
		{description, false, []string{"Product Description", "Description"}},
		{family, false, []string{"Product Family", "Family"}},
		{managedBy, false, []string{"Managed By"}},
		smartColumn, virtualColumn,
	}, (*tables).instance, false},
	{"the licence usage of one product instance of CSSM", []reconcile.Kind{reconcile.Instances}, []column{
		{license, true, []string{"License", "License Name"}},
		{authorized, true, []string{"Authorized", "Authorised"}},
		{used, true, []string{"Required"}},
		// What the page says above its table.
		{name, false, []string{"Product Instance", "Product Instance Name", "Host Identifier", "Name"}},
		{pid, false, []string{"PID", "UDI_PID"}},
		{serial, false, []string{"Serial Number", "UDI_SN"}},
		{uuid, false, []string{"UUID"}},
		{productType, false, []string{"Product Type"}},
		{description, false, []string{"Product Description"}},
		{family, false, []string{"Product Family"}},
		{lastContact, false, []string{"Last Contact"}},
		{registered, false, []string{"Registration Date"}},
		smartColumn, virtualColumn,
	}, (*tables).instance, false},
}

// takes reports whether the flag takes files of this shape.
func (s *shape) takes(k reconcile.Kind) bool { return slices.Contains(s.kinds, k) }

// plain is a heading by which it is compared: letters and digits, in lower case, British spelling as American.
func plain(heading string) string {
	if len(heading) > 200 {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	return strings.ReplaceAll(s, "licence", "license")
}

// heading is a row that names columns.
type heading struct {
	shape *shape
	row   int // index into the rows that were looked at
	at    [fieldCount]int
	names [fieldCount]string // of the columns, as written
	found int                // how many columns are known
	whole bool               // all that are needed are there
	twice string             // a known column that stands twice
}

// match reads a row as the heading of a shape.
func (s *shape) match(cells []string) heading {
	h := heading{shape: s, whole: true}
	words := make([]string, len(cells))
	for i, c := range cells {
		words[i] = plain(c)
	}
	for i := range h.at {
		h.at[i] = -1
	}
	for _, c := range s.columns {
		for _, n := range c.names {
			i := slices.Index(words, plain(n))
			if i < 0 || slices.Contains(h.at[:], i) {
				continue
			}
			h.at[c.field], h.names[c.field] = i, strings.TrimSpace(cells[i])
			if slices.Contains(words[i+1:], words[i]) {
				h.twice = h.names[c.field]
			}
			h.found++
			break
		}
		h.whole = h.whole && (!c.needed || h.at[c.field] >= 0)
	}
	return h
}

// better prefers the heading with all that is needed, then the one with more known columns.
func (h heading) better(than heading) bool {
	if h.whole != than.whole {
		return h.whole
	}
	return h.found > than.found
}

// find looks for the heading in the first rows: the best one of a shape that the flag takes, and the best of all
// others. A zero heading has no shape.
func find(rows []row, kind reconcile.Kind) (wanted, other heading) {
	for i, r := range rows {
		for j := range shapes {
			h := shapes[j].match(r.cells)
			h.row = i
			best := &other
			if shapes[j].takes(kind) {
				best = &wanted
			}
			if h.found > 0 && h.better(*best) {
				*best = h
			}
		}
	}
	return wanted, other
}

// wants says which columns a flag asks for, every one with its other names.
func wants(kind reconcile.Kind) string {
	var out []string
	for i := range shapes {
		if !shapes[i].takes(kind) {
			continue
		}
		var need []string
		for _, c := range shapes[i].columns {
			if c.needed {
				need = append(need, orNames(c.names))
			}
		}
		out = append(out, fmt.Sprintf("%s has %s", shapes[i].what, strings.Join(need, "; ")))
	}
	return strings.Join(out, " -- or: ")
}

// orNames is a heading with its synonyms.
func orNames(names []string) string {
	s := fmt.Sprintf("%q", names[0])
	if len(names) > 1 {
		s += " (or " + strings.Join(names[1:], ", ") + ")"
	}
	return s
}

// lacks are the headings that a row needs and has not.
func (h *heading) lacks() []string {
	var out []string
	for _, c := range h.shape.columns {
		if c.needed && h.at[c.field] < 0 {
			out = append(out, orNames(c.names))
		}
	}
	return out
}
