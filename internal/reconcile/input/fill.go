package input

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"

	"slpdoctor/internal/reconcile"
)

// tables keeps the rows of all exports.
type tables struct {
	data  *reconcile.Data
	words map[string]string
	seed  maphash.Seed
	keys  map[uint64]int // index of the row with these words
	kind  reconcile.Kind // that is read

	scratch []byte
}

func newTables(data *reconcile.Data) tables {
	return tables{data: data, words: map[string]string{}, seed: maphash.MakeSeed(), keys: map[uint64]int{}}
}

const maxWords = 1 << 16 // that are kept once; further ones are kept as often as they come

// intern is one copy of a text, whatever row it comes from.
func (t *tables) intern(s string) string {
	if w, ok := t.words[s]; ok {
		return w
	}
	s = strings.Clone(s)
	if len(t.words) < maxWords {
		t.words[s] = s
	}
	return s
}

// open makes the slice of an export: it was read, even if it has no row.
func (t *tables) open(s *shape, kind reconcile.Kind) {
	t.kind = kind
	d := t.data
	switch {
	case s.devices:
		made(&d.Assigned)
	case kind == reconcile.VManage:
		made(&d.VManage)
	case kind == reconcile.Before:
		made(&d.Before)
	case kind == reconcile.CSSM:
		made(&d.Balances)
	case kind == reconcile.Instances:
		made(&d.Instances)
	}
}

func made[T any](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}

// key is a hash of the words by which rows are about the same thing.
func (t *tables) key(shape, input int, words ...string) uint64 {
	t.scratch = append(t.scratch[:0], t.kind...)
	t.scratch = append(t.scratch, byte(shape))
	t.scratch = binary.AppendVarint(t.scratch, int64(input))
	for _, w := range words {
		t.scratch = append(append(t.scratch, w...), 0)
	}
	return maphash.Bytes(t.seed, t.scratch)
}

// folded are names as reconcile compares them: a row that differs in their case is about the same thing.
func folded(names ...string) []string {
	for i, n := range names {
		names[i] = reconcile.Fold(n)
	}
	return names
}

// keep adds a row unless it was there: one that is like an earlier one is left out, one that contradicts it is an error.
// What names that about which the row is.
func keep[T any](t *tables, c *record, all *[]T, v *T, key uint64, what string, place func(*T) *reconcile.Place) error {
	at, known := t.keys[key]
	if !known || at >= len(*all) { // the latter only if two keys have one hash
		t.keys[key] = len(*all)
		if len(*all) == cap(*all) {
			*all = slices.Grow(*all, c.ahead(len(*all)))
		}
		*all = append(*all, *v)
		c.rows++
		return nil
	}
	old := (*all)[at]
	was := *place(&old)
	*place(&old) = *place(v)
	if reflect.DeepEqual(old, *v) {
		c.repeats = append(c.repeats, c.row.line)
		c.rows++
		return nil
	}
	where := fmt.Sprintf("line %d", was.Row)
	if was.Input != c.input {
		where = fmt.Sprintf("%s:%d", t.data.Inputs[was.Input].Path, was.Row)
	}
	e := c.fail(c.row.line, "the row contradicts %s, which is about the same %s", where, what)
	e.Hint = "export it again, or take the wrong one out"
	return e
}

func (t *tables) overview(c *record) error {
	v := reconcile.Count{Place: c.place(), Assigned: c.when(lastAssigned), License: c.need(c.title(license), license), Smart: c.title(smart), Virtual: c.title(virtual),
		Licensed: c.count(licensed, false), Total: c.count(total, false), LastAssigned: c.own(lastAssigned)}
	if c.err != nil {
		return c.err
	}
	all := &t.data.VManage
	if t.kind == reconcile.Before {
		all = &t.data.Before
	}
	// Two systems may have a licence in common: files are not compared.
	return keep(t, c, all, &v, t.key(0, c.input, folded(v.License, v.Smart, v.Virtual)...), "licence",
		func(v *reconcile.Count) *reconcile.Place { return &v.Place })
}

func (t *tables) inventory(c *record) error {
	v := reconcile.Balance{Place: c.place(), License: c.need(c.title(license), license), Smart: c.title(smart), Virtual: c.title(virtual),
		Billing: c.title(billing), Available: c.count(available, false), InUse: c.count(inUse, false),
		Substituted: c.count(substituted, true), Balance: c.count(balance, true), Alerts: c.title(alerts)}
	if c.err != nil {
		return c.err
	}
	return keep(t, c, &t.data.Balances, &v, t.key(0, across(c.input, v.Virtual), folded(v.License, v.Smart, v.Virtual, v.Billing)...), "licence",
		func(v *reconcile.Balance) *reconcile.Place { return &v.Place })
}

// across is the input in a key: rows that name their virtual account are the same in every file.
func across(input int, virtual string) int {
	if virtual != "" {
		return -1
	}
	return input
}

func (t *tables) instance(c *record) error {
	v := reconcile.Instance{Place: c.place(), Name: c.own(name), PID: c.word(pid), Serial: c.own(serial), UUID: c.own(uuid),
		Type: c.title(productType), Description: c.title(description), Family: c.title(family), ManagedBy: c.word(managedBy),
		Smart: c.title(smart), Virtual: c.title(virtual), Registered: c.time(registered), LastContact: c.time(lastContact),
		License: c.title(license), Used: c.count(used, false), Authorized: c.count(authorized, false)}
	if c.heading.at[name] >= 0 {
		c.need(v.Name, name)
	}
	if c.err != nil {
		return c.err
	}
	if strings.ContainsAny(v.Name, ":=") {
		t.udi(&v)
	}
	key := t.key(0, across(c.input, v.Virtual), v.Name, v.PID, v.Serial, v.UUID, v.Smart, v.Virtual, v.License, c.cell(registered), c.cell(lastContact))
	return keep(t, c, &t.data.Instances, &v, key, "product instance and licence", func(v *reconcile.Instance) *reconcile.Place { return &v.Place })
}

// udi takes a display name like "UDI_PID:C8300-1N1S; UDI_SN:FDO2511A0Q8;" apart, where no column says it.
func (t *tables) udi(v *reconcile.Instance) {
	for rest, part := v.Name, ""; rest != ""; {
		if i := strings.IndexAny(rest, ";,"); i >= 0 {
			part, rest = rest[:i], rest[i+1:]
		} else {
			part, rest = rest, ""
		}
		label, value, ok := strings.Cut(part, ":")
		if !ok {
			label, value, _ = strings.Cut(part, "=")
		}
		var to *string
		switch strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(label)), "UDI_") {
		case "PID":
			to = &v.PID
		case "SN", "SERIAL NUMBER":
			to = &v.Serial
		case "UUID":
			to = &v.UUID
		}
		if value = strings.TrimSpace(value); to != nil && *to == "" && !none(value) {
			*to = value // a part of the name, which is kept anyway
		}
	}
}

// assignment is a row of a device: with a licence in every line of the cell, or with none, which is kept too.
func (t *tables) assignment(c *record) error {
	base := reconcile.Assignment{Place: c.place(), UUID: c.own(uuid), Host: c.own(host), Model: c.word(model), SystemIP: c.own(systemIP),
		Tag: c.title(tag), Smart: c.title(smart), Virtual: c.title(virtual), Units: 1}
	c.need(base.UUID+base.Host, uuid)
	if n := c.count(units, false); n != nil {
		base.Units = *n
	}
	if c.err != nil {
		return c.err
	}
	c.rows++
	place := func(v *reconcile.Assignment) *reconcile.Place { return &v.Place }
	licensed := false
	for one := range strings.FieldsFuncSeq(c.cell(license), func(r rune) bool { return r == '\n' || r == '\r' || r == ';' }) {
		v := base
		if v.License = strings.Join(strings.Fields(one), " "); none(v.License) {
			continue
		}
		v.License = t.intern(v.License)
		key := t.key(1, c.input, v.UUID, v.Host, v.License, v.Tag, v.Smart, v.Virtual)
		if err := keep(t, c, &t.data.Assigned, &v, key, "device and licence", place); err != nil {
			return err
		}
		licensed = true
	}
	if licensed {
		return nil
	}
	base.Units = 0 // vManage knows the device: that it has no licence tells a use of one from a deleted device
	return keep(t, c, &t.data.Assigned, &base, t.key(1, c.input, base.UUID, base.Host, "", "", "", ""), "device", place)
}
