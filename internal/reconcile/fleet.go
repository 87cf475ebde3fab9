package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// fleet knows devices by every identity under which an input may name them.
type fleet struct {
	managed map[string]*managed // of vManage, by serial number or UUID
	byHost  map[string]*managed // the same by host name; nil where two share one
	runs    map[string]*Device  // of our own runs, by serial number of any member
	hosts   map[string]*Device
	seen    map[string][]*Instance // product instances of CSSM by serial number and UUID
	named   map[string][]*Instance // the same by host name
	gone    []*Instance            // product instances that vManage does not know and that are silent, where none tells how many units it uses
	listed  bool                   // vManage's devices are known at all
	virtual bool                   // vManage knows some of them by a UUID alone
}

// managed is a device that vManage knows.
type managed struct {
	udi
	host     string
	licences []Assignment // with a licence
}

func newFleet(l *ledger) fleet {
	f := fleet{managed: map[string]*managed{}, byHost: map[string]*managed{}, runs: map[string]*Device{}, hosts: map[string]*Device{},
		seen: map[string][]*Instance{}, named: map[string][]*Instance{}, listed: l.Assigned != nil}
	for _, a := range l.Assigned {
		u := chassis(a.UUID)
		m := f.managed[u.serial]
		if m == nil || u.serial == "" {
			m = &managed{udi: u, host: short(a.Host)}
			f.managed[u.serial] = m
			if other, taken := f.byHost[m.host]; taken && other != m {
				f.byHost[m.host] = nil
			} else if m.host != "" {
				f.byHost[m.host] = m
			}
		}
		f.virtual = f.virtual || isUUID(u.serial)
		if a.License != "" {
			m.licences = append(m.licences, a)
		}
	}
	delete(f.managed, "")
	for i := range l.Devices {
		d := &l.Devices[i]
		for _, u := range d.UDIs {
			f.runs[udiOf(u).serial] = d
		}
		f.hosts[short(d.Name)] = d
	}
	delete(f.runs, "")
	for i := range l.Instances {
		p := &l.Instances[i]
		for _, id := range []string{strings.ToUpper(p.Serial), chassis(p.UUID).serial} {
			if id != "" && (len(f.seen[id]) == 0 || f.seen[id][len(f.seen[id])-1] != p) {
				f.seen[id] = append(f.seen[id], p)
			}
		}
		if h := hostName(*p); h != "" && !isManager(*p) {
			f.named[h] = append(f.named[h], p)
		}
	}
	if f.listed && !slices.ContainsFunc(l.Instances, func(i Instance) bool { return i.License != "" && i.Used != nil }) {
		at := l.moment(Instances)
		for n, i := range l.Instances {
			silent, known := i.silent(at)
			if known && silent > contactDays && !isManager(i) && (hostName(i) != "" || i.Serial != "") && f.of(i) == nil && !f.shared(i) {
				f.gone = append(f.gone, &l.Instances[n])
			}
		}
	}
	return f
}

// of is the device of vManage that a product instance is: by serial number or UUID, else by its name.
func (f *fleet) of(i Instance) *managed {
	for _, id := range []string{strings.ToUpper(i.Serial), chassis(i.UUID).serial} {
		if m := f.managed[id]; m != nil && id != "" {
			return m
		}
	}
	return f.called(i)
}

// called is the device of vManage of this name, where nothing else can be compared: the product instance has no serial
// number, or vManage has only a UUID for the device, as for virtual ones. The older one of two of a name is none.
func (f *fleet) called(i Instance) *managed {
	host := hostName(i)
	m := f.byHost[host]
	if m == nil || f.newer(i, host) != nil {
		return nil
	}
	if virtual := isUUID(m.serial); virtual && isUUID(i.UUID) || !virtual && i.Serial != "" {
		return nil
	}
	return m
}

// shared reports a product instance that may be one of several devices of vManage, and that has nothing to tell which:
// its name is that of more than one, or it is a virtual device, which has a UUID in vManage and a serial number in CSSM, and
// has no name of its own.
func (f *fleet) shared(i Instance) bool {
	host := hostName(i)
	m, known := f.byHost[host]
	switch {
	case i.UUID != "":
		return false
	case f.virtual && isVirtual(i):
		return host == "" || known && m == nil
	}
	return known && m == nil && i.Serial == ""
}

// isVirtual reports a product instance of a router that is software.
func isVirtual(i Instance) bool {
	return slices.ContainsFunc([]string{"C8000V", "CSR1000V", "ISRV", "VEDGE-CLOUD"}, func(pid string) bool {
		return strings.HasPrefix(strings.ToUpper(i.PID), pid)
	})
}

// examined is the device of our runs that a product instance is.
func (f *fleet) examined(i Instance) *Device { return f.runs[strings.ToUpper(i.Serial)] }

// reportsItself reports a device whose reports do not go through vManage.
func (d *Device) reportsItself() bool {
	return !slices.Contains([]diag.TopologyID{"", diag.ControllerVManage, diag.DefaultUnconfigured, diag.ClassicSL, diag.UnsupportedOS},
		diag.TopologyID(d.Topology))
}

// isManager reports a product instance that is SD-WAN Manager itself. A name tells it only where the product is not said:
// a switch beside vManage may be named after it.
func isManager(i Instance) bool {
	for _, s := range []string{i.PID, i.Family, i.Description, cmp.Or(i.PID, i.Family, i.Description, i.Name)} {
		s = strings.ToLower(s)
		if strings.Contains(s, "vmanage") || strings.Contains(s, "sd-wan manager") {
			return true
		}
	}
	return false
}

// managerUses is how many units SD-WAN Manager has reported.
func managerUses(all []Instance) int64 {
	var n int64
	for _, i := range all {
		if isManager(i) {
			n += value(i.Used)
		}
	}
	return n
}

// label is a product instance for people.
func (i Instance) label() string {
	id := strings.TrimSpace(i.PID + " " + i.Serial)
	switch {
	case i.Name == "":
		return cmp.Or(id, i.UUID, i.Description, i.Family, "a product instance without a name")
	case i.Serial == "" || strings.Contains(strings.ToUpper(i.Name), strings.ToUpper(i.Serial)):
		return i.Name
	}
	return i.Name + " (" + id + ")"
}

// identity tells product instances apart: several rows of one instance share it.
func (i Instance) identity() string {
	return strings.ToUpper(cmp.Or(i.UUID, i.Serial, i.Name) + "|" + i.Virtual)
}

// replaced reports a product instance that another one has taken the place of, and how sure that is: another serial
// number under the same host name, or another product id with the same serial number.
func (f *fleet) replaced(i Instance) (why string, c Confidence, ok bool) {
	if m := f.of(i); m != nil {
		if m.pid == "" || i.PID == "" || m.pid == strings.ToUpper(i.PID) {
			return "", "", false
		}
		for _, other := range f.seen[strings.ToUpper(i.Serial)] {
			if strings.ToUpper(other.PID) == m.pid {
				return "the device is " + m.pid + " now, and that is a product instance too", High, true
			}
		}
		return "", "", false
	}
	host := hostName(i)
	if host == "" {
		return "", "", false
	}
	if other := f.newer(i, host); other != nil {
		return "its name belongs to " + other.label() + " now, which had contact later", High, true
	}
	serial := ""
	if m := f.byHost[host]; m != nil {
		serial = m.serial
	} else if d := f.hosts[host]; d != nil && len(d.UDIs) > 0 {
		serial = udiOf(d.UDIs[0]).serial
	}
	if serial == "" || strings.EqualFold(serial, i.Serial) || i.Serial == "" {
		return "", "", false
	}
	return "its name belongs to serial number " + serial + " now", Medium, true
}

// newer is a product instance of the same name that had contact after this one had its last.
func (f *fleet) newer(i Instance, host string) *Instance {
	for _, other := range f.named[host] {
		if !strings.EqualFold(other.Serial, i.Serial) && i.LastContact != nil && other.LastContact != nil &&
			other.LastContact.After(*i.LastContact) && (other.Registered == nil || !other.Registered.Before(i.LastContact.Add(-Wait))) {
			return other
		}
	}
	return nil
}

// silent is how long a product instance has had no contact; ok is false when that is not known.
func (i Instance) silent(at time.Time) (time.Duration, bool) {
	if i.LastContact == nil {
		return 0, false
	}
	return at.Sub(*i.LastContact), true
}
