package vmanage

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/rest"
)

// object is a JSON object whose keys are reduced to lower-case letters and digits: the overview has no documented
// schema, and its relatives write total_devices, totalDevices and "Total Devices".
type object map[string]json.RawMessage

// The columns of the overview, and what its relatives in the documented API call them.
var (
	keysLicense  = []string{"displayname", "name", "licensename", "license"}
	keysLicensed = []string{"numberoflicenseddevices", "nooflicenseddevices", "licenseddevices", "totaldevices", "licenseddevicecount", "devicecount"}
	keysTotal    = []string{"numberoftotallicenses", "nooftotallicenses", "totallicenses", "totallicense"}
	keysLast     = []string{"lastassignedon", "lastassigned", "lastupdated"}
)

func (o object) find(keys []string) json.RawMessage {
	for _, k := range keys {
		if v, ok := o[k]; ok {
			return v
		}
	}
	return nil
}

// page is what an answer says that has not all records.
type page struct {
	PageInfo struct{ MoreEntries, HasMoreData bool }
}

// whole is the error of an answer that is only a page: a device that is on another one would pass for a deleted one.
func (p page) whole(a *rest.Answer) error {
	if p.PageInfo.MoreEntries || p.PageInfo.HasMoreData {
		return a.Errorf("holds only a page of the records: not the format this program knows")
	}
	return nil
}

// objects are the records of an answer: a list, or an object that holds one as data, result or devices.
func objects(a *rest.Answer) ([]object, error) {
	var whole json.RawMessage
	if err := a.JSON(&whole); err != nil {
		return nil, err
	}
	records := whole
	if whole[0] == '{' {
		var o map[string]json.RawMessage
		if err := a.Decode(whole, &o); err != nil {
			return nil, err
		}
		var p page
		if err := a.Decode(whole, &p); err != nil {
			return nil, err
		}
		if err := p.whole(a); err != nil {
			return nil, err
		}
		records = nil
		for _, key := range []string{"data", "result", "devices"} {
			if v, ok := o[key]; ok {
				records = v
				break
			}
		}
		if records == nil {
			return nil, a.Errorf("has no list of records, only %s: not the format this program knows", keyList(o))
		}
		if records[0] == '{' {
			records = slices.Concat(json.RawMessage("["), records, json.RawMessage("]"))
		}
	}
	var raw []map[string]json.RawMessage
	if err := a.Decode(records, &raw); err != nil {
		return nil, err
	}
	reduced := make([]object, len(raw))
	for i, r := range raw {
		reduced[i] = object{}
		for k, v := range r {
			reduced[i][reduce(k)] = v
		}
	}
	return reduced, nil
}

func reduce(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(key))
}

func keyList[M ~map[string]json.RawMessage](m M) string {
	return fmt.Sprintf("%q", slices.Sorted(maps.Keys(m)))
}

// decodeOverview reads "License & Devices Overview". Equal rows are one; a licence on several rows is added up, which
// the comparison with the devices then confirms or not.
func decodeOverview(a *rest.Answer) ([]reconcile.Count, error) {
	rows, err := objects(a)
	if err != nil {
		return nil, err
	}
	counts := []reconcile.Count{}
	index := map[string]int{}
	seen := map[string]bool{}
	for i, row := range rows {
		var name string
		var licensed, total rest.Number
		for _, f := range []struct {
			what string
			keys []string
			into any
		}{{"the name of the licence", keysLicense, &name}, {"the number of licensed devices", keysLicensed, &licensed}, {"", keysTotal, &total}} {
			switch v := row.find(f.keys); {
			case v != nil:
				if err := a.Decode(v, f.into); err != nil {
					return nil, fmt.Errorf("record %d: %w", i+1, err)
				}
			case f.what != "":
				return nil, a.Errorf("record %d does not say %s, only %s: not the format this program knows", i+1, f.what, keyList(row))
			}
		}
		last := strings.Trim(string(row.find(keysLast)), `"`)
		if last == "null" {
			last = ""
		}
		if name == "" || licensed.N == nil || *licensed.N < 0 || total.N != nil && *total.N < 0 {
			return nil, a.Errorf("record %d (%q) has no usable numbers", i+1, name)
		}
		same := fmt.Sprint(reconcile.Fold(name), *licensed.N, last, total.N != nil, deref(total.N))
		if seen[same] {
			continue
		}
		seen[same] = true
		if n, again := index[reconcile.Fold(name)]; again {
			counts[n].Licensed = new(*counts[n].Licensed + *licensed.N)
			if total.N != nil && counts[n].Total != nil {
				total.N = new(*counts[n].Total + *total.N)
			} else {
				total.N = nil
			}
			counts[n].Total = total.N
			continue
		}
		index[reconcile.Fold(name)] = len(counts)
		counts = append(counts, reconcile.Count{License: name, Licensed: licensed.N, Total: total.N, LastAssigned: last})
	}
	return counts, nil
}

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// device is a device of licensing/devices.
type device struct {
	UUID, HostName, DeviceModel, ConfiguredSystemIP string
	Licenses                                        []struct {
		DisplayName, Tag, SaName, VaName string
		Assigned                         rest.Number `json:"no0fAssignedLicenses"` // spelled with a zero
		AssignedToo                      rest.Number `json:"noOfAssignedLicenses"`
	}
}

// decodeDevices reads licensing/devices. A licence that does not say how often it is assigned counts once.
func decodeDevices(a *rest.Answer) ([]reconcile.Assignment, []string, error) {
	var answer struct {
		page
		Devices *[]device
	}
	if err := a.JSON(&answer); err != nil {
		return nil, nil, err
	}
	if err := answer.whole(a); err != nil {
		return nil, nil, err
	}
	if answer.Devices == nil {
		return nil, nil, a.Errorf("has no list of devices: not the format this program knows")
	}
	assigned := []reconcile.Assignment{}
	var uncounted int
	list := listing{}
	for i, d := range *answer.Devices {
		if list.repeats(d.UUID) {
			continue
		}
		for _, license := range d.Licenses {
			units := license.Assigned.N
			if units == nil {
				units = license.AssignedToo.N
			}
			if units == nil {
				units, uncounted = new(int64(1)), uncounted+1
			}
			if d.UUID == "" || license.DisplayName == "" || *units < 0 {
				return nil, nil, a.Errorf("device %d (%q) has a licence without name, number or device: not the format this program knows", i+1, d.UUID)
			}
			assigned = append(assigned, reconcile.Assignment{Place: reconcile.Place{Row: i + 1}, UUID: d.UUID, Host: d.HostName,
				Model: d.DeviceModel, SystemIP: d.ConfiguredSystemIP, License: license.DisplayName, Tag: license.Tag,
				Smart: license.SaName, Virtual: license.VaName, Units: *units})
		}
		if len(d.Licenses) == 0 {
			assigned = append(assigned, reconcile.Assignment{Place: reconcile.Place{Row: i + 1}, UUID: d.UUID, Host: d.HostName,
				Model: d.DeviceModel, SystemIP: d.ConfiguredSystemIP})
		}
	}
	notes := list.notes()
	if uncounted > 0 {
		notes = append(notes, fmt.Sprintf("%d assigned licences do not say how many units they are: taken as one each", uncounted))
	}
	return assigned, notes, nil
}

// deviceOld is a device of msla/devices: names without units. saNamme is spelled like this.
type deviceOld struct {
	UUID, HostName, DeviceModel, ConfiguredSystemIP string
	SaName                                          texts
	SaNamme                                         texts
	VaName                                          texts
	Licenses                                        texts
}

func decodeDevicesOld(a *rest.Answer) ([]reconcile.Assignment, []string, error) {
	var answer struct {
		page
		Data *[]deviceOld
	}
	if err := a.JSON(&answer); err != nil {
		return nil, nil, err
	}
	if err := answer.whole(a); err != nil {
		return nil, nil, err
	}
	if answer.Data == nil {
		return nil, nil, a.Errorf("has no list of devices: not the format this program knows")
	}
	assigned := []reconcile.Assignment{}
	list := listing{}
	for i, d := range *answer.Data {
		if list.repeats(d.UUID) {
			continue
		}
		for _, name := range d.Licenses {
			if name == "" || d.UUID == "" {
				return nil, nil, a.Errorf("device %d (%q) has a licence without name or device: not the format this program knows", i+1, d.UUID)
			}
			assigned = append(assigned, reconcile.Assignment{Place: reconcile.Place{Row: i + 1}, UUID: d.UUID, Host: d.HostName,
				Model: d.DeviceModel, SystemIP: d.ConfiguredSystemIP, License: name,
				Smart: append(d.SaName, d.SaNamme...).only(), Virtual: d.VaName.only(), Units: 1})
		}
		if len(d.Licenses) == 0 {
			assigned = append(assigned, reconcile.Assignment{Place: reconcile.Place{Row: i + 1}, UUID: d.UUID, Host: d.HostName,
				Model: d.DeviceModel, SystemIP: d.ConfiguredSystemIP})
		}
	}
	return assigned, list.notes(), nil
}

// listing finds devices that are listed twice: counting them twice is the very error this program looks for.
type listing map[string]int

func (l listing) repeats(uuid string) bool {
	if uuid == "" {
		return false
	}
	l[uuid]++
	return l[uuid] > 1
}

func (l listing) notes() []string {
	var twice []string
	for uuid, n := range l {
		if n > 1 {
			twice = append(twice, uuid)
		}
	}
	if twice == nil {
		return nil
	}
	slices.Sort(twice)
	return []string{fmt.Sprintf("%d devices are listed more than once and counted once, the first is %s", len(twice), twice[0])}
}

// texts is a text or a list of them.
type texts []string

// UnmarshalJSON reads both forms; null is none.
func (t *texts) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*[]string)(t))
	}
	*t = texts{""}
	return json.Unmarshal(data, &(*t)[0])
}

// only is the one text, "" when there are none or several.
func (t texts) only() string {
	if len(t) != 1 {
		return ""
	}
	return t[0]
}
