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
	words  []string // the names as they are compared
}

func need(f field, names ...string) column {
	c := may(f, names...)
	c.needed = true
	return c
}

func may(f field, names ...string) column {
	c := column{field: f, names: names}
	for _, n := range names {
		c.words = append(c.words, plain(n))
	}
	return c
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
	smartColumn   = may(smart, "Smart Account", "Smart Account Name", "SA", "SA Name")
	virtualColumn = may(virtual, "Virtual Account", "Virtual Account Name", "Local Virtual Account", "VA", "VA Name")
)

// shapes are tried in this order. The headings are screen labels and what clients of the programs call them: no real
// export has been seen (open question 35).
var shapes = []shape{
	{"a License & Devices overview of vManage", []reconcile.Kind{reconcile.VManage, reconcile.Before}, []column{
		need(license, "Name", "License", "License Name", "License Type", "Display Name"),
		need(licensed, "Number of Licensed Devices", "Licensed Devices", "No. of Licensed Devices", "Licensed Device Count"),
		need(total, "Number of Total Licenses", "Total Licenses", "Total Number of Licenses", "No. of Total Licenses", "Total License Count"),
		may(lastAssigned, "Last Assigned On", "Last Assigned", "Last Assigned Date"),
		smartColumn, virtualColumn,
	}, (*tables).overview, false},
	{"a list of devices and their licences from vManage", []reconcile.Kind{reconcile.VManage}, []column{
		need(host, "Hostname", "Host Name", "Device Name", "Device", "Device Host Name"),
		need(license, "License", "License Name", "Licenses", "License Assigned", "Assigned License", "Assigned Licenses", "Display Name"),
		need(uuid, "UUID", "Device UUID", "Chassis Number", "Chassis ID", "Chassis Number/ID", "Chassis Number/UUID"),
		may(model, "Device Model", "Model", "Chassis Model"),
		may(systemIP, "System IP", "Configured System IP", "Device IP"),
		may(tag, "Tag", "License Tag", "Entitlement Tag"),
		may(units, "Assigned Licenses Count", "Number of Assigned Licenses", "No0fAssignedLicenses", "NoOfAssignedLicenses", "License Count", "Quantity", "Count"),
		smartColumn, virtualColumn,
	}, (*tables).assignment, true},
	{"a licence inventory of CSSM", []reconcile.Kind{reconcile.CSSM}, []column{
		need(license, "License", "License Name", "Name"),
		need(available, "Available to Use", "Purchased", "Available", "Quantity", "Purchased Quantity", "Available Quantity", "Total Available"),
		need(inUse, "In Use", "Used", "Quantity In Use", "In Use Quantity", "Licenses In Use"),
		need(balance, "Balance", "Surplus/Shortage", "Surplus (+) / Shortage (-)"),
		may(substituted, "Substitution", "Substitutions", "Substituted", "Fulfilled By Upper Tiers", "Fulfilled By Upper Tier", "Substituted Quantity"),
		may(billing, "Billing", "Billing Type", "Billing Model"),
		may(alerts, "Alerts", "Alert", "License Alerts"),
		smartColumn, virtualColumn,
	}, (*tables).inventory, false},
	{"a list of product instances of CSSM", []reconcile.Kind{reconcile.Instances}, []column{
		need(name, "Product Instance", "Product Instance Name", "Name", "Instance Name", "Instance", "Device Name", "Host Identifier"),
		need(productType, "Product Type", "Product"),
		may(license, "License", "License Name", "Licenses"),
		may(used, "Licenses Used", "Licences In Use", "Required", "In Use", "License Count", "Quantity Used", "Used", "Count"),
		may(authorized, "Authorized", "Authorised", "Authorized Quantity"),
		may(lastContact, "Last Contact", "Last Contact Date", "Last Contacted"),
		may(registered, "Registration Date", "Registered", "Registered On", "Date Registered"),
		may(pid, "PID", "UDI_PID", "Product ID", "Product Identifier"),
		may(serial, "Serial Number", "UDI_SN", "Serial", "SN"),
		may(uuid, "UUID", "Instance UUID"),
		may(description, "Product Description", "Description"),
		may(family, "Product Family", "Family"),
		may(managedBy, "Managed By"),
		smartColumn, virtualColumn,
	}, (*tables).instance, false},
	{"the licence usage of one product instance of CSSM", []reconcile.Kind{reconcile.Instances}, []column{
		need(license, "License", "License Name"),
		need(authorized, "Authorized", "Authorised"),
		need(used, "Required"),
		// What the page says above its table.
		may(name, "Product Instance", "Product Instance Name", "Host Identifier", "Name"),
		may(pid, "PID", "UDI_PID"),
		may(serial, "Serial Number", "UDI_SN"),
		may(uuid, "UUID"),
		may(productType, "Product Type"),
		may(description, "Product Description"),
		may(family, "Product Family"),
		may(lastContact, "Last Contact"),
		may(registered, "Registration Date"),
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

// match reads a row, with its cells as they are compared, as the heading of a shape.
func (s *shape) match(cells, words []string) heading {
	h := heading{shape: s, whole: true}
	for i := range h.at {
		h.at[i] = -1
	}
	for _, c := range s.columns {
		for _, n := range c.words {
			i := slices.Index(words, n)
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
		words := make([]string, min(len(r.cells), maxColumns))
		for j := range words {
			words[j] = plain(r.cells[j])
		}
		for j := range shapes {
			h := shapes[j].match(r.cells, words)
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
