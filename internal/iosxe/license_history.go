package iosxe

import (
	"strings"

	"slpdoctor/internal/diag"
)

// readHistory reads the headings of the channels and takes what stands below each as its history.
func readHistory(t *text, h *LicenseHistory) {
	var list *diag.Value[[]HistoryChannel]
	var all []HistoryChannel
	for i := range t.rows {
		r := &t.rows[i]
		if r.state == noise {
			continue
		}
		switch {
		case strings.HasPrefix(r.key, "Message History"):
			list, all = &h.Channels, []HistoryChannel{}
			*list = diag.Present(all, t.use(r))
		case strings.HasPrefix(r.key, "Import Message History"):
			list, all = &h.Imports, []HistoryChannel{}
			*list = diag.Present(all, t.use(r))
		case list == nil:
		case r.indent == 0 && r.heading():
			at := t.use(r)
			all = append(all, HistoryChannel{Name: diag.Present(r.key, at)})
			*list = diag.Present(all, list.Source())
		case len(all) > 0:
			c := &all[len(all)-1]
			at := t.use(r)
			if strings.HasPrefix(r.text, "No past ") {
				c.Entries = diag.None[[]Text](at)
				continue
			}
			entries, _ := c.Entries.Peek()
			c.Entries = diag.Present(append(entries, diag.Present(r.text, at)), at)
		}
	}
	recognise(t, h.Channels.Known() || h.Imports.Known())
}

var rumColumns = []string{"Report Id", "State", "Flag", "Feature Name"}

// readRUM reads the table below its header. The header has commas, the rows have none.
func readRUM(t *text, out *RUMReports) {
	var reports []RUMReport
	for i := range t.rows {
		r := &t.rows[i]
		switch {
		case r.state == noise:
		case r.key == "Smart Licensing Usage Report":
			t.use(r)
		case strings.HasPrefix(r.text, "Report Id,"):
			reports = []RUMReport{}
			out.Reports = diag.Present(reports, t.use(r))
		case reports != nil:
			words := strings.Fields(r.text)
			if len(words) < 3 {
				continue
			}
			n, ok := leadingInt(words[0])
			if !ok {
				continue
			}
			feature := strings.Join(words[3:], " ")
			at := t.table(r, rumColumns, words[0], words[1], words[2], feature)
			row := RUMReport{ID: diag.Present(n, at), State: diag.Present(words[1], at), Flag: diag.Present(words[2], at)}
			put(&row.Feature, t, r, feature, verbatim)
			reports = append(reports, row)
			out.Reports = diag.Present(reports, out.Reports.Source())
		}
	}
	recognise(t, out.Reports.Known())
}

var rumRules = fields[RUMDetail]{
	"Smart Licensing Usage Report Detail": skip[RUMDetail],
	"Report Id":                           count(func(d *RUMDetail) *diag.Value[int] { return &d.ID }),
	"Metric Name":                         words(func(d *RUMDetail) *diag.Value[string] { return &d.Metric }),
	"Feature Name":                        words(func(d *RUMDetail) *diag.Value[string] { return &d.Feature }),
	"Metric Value":                        words(func(d *RUMDetail) *diag.Value[string] { return &d.MetricValue }),
	"UDI": func(d *RUMDetail, t *text, r *row) bool {
		_, _, pid, sn, ok := unitOf(r.value)
		if ok {
			at := t.use(r)
			d.Device = UDI{PID: diag.Present(pid, at), SN: diag.Present(sn, at)}
		}
		return ok
	},
	"Previous Report Id": two(count(func(d *RUMDetail) *diag.Value[int] { return &d.Previous }), "Next Report Id",
		count(func(d *RUMDetail) *diag.Value[int] { return &d.Next })),
	"State": two(words(func(d *RUMDetail) *diag.Value[string] { return &d.State }), "State Change Reason",
		words(func(d *RUMDetail) *diag.Value[string] { return &d.StateReason })),
	"Start Time": two(moment(func(d *RUMDetail) *diag.Value[diag.DeviceTime] { return &d.Start }), "End Time",
		moment(func(d *RUMDetail) *diag.Value[diag.DeviceTime] { return &d.End })),
	"Storage State":       words(func(d *RUMDetail) *diag.Value[string] { return &d.StorageState }),
	"Transaction ID":      count(func(d *RUMDetail) *diag.Value[int] { return &d.Transaction }),
	"Transaction Message": words(func(d *RUMDetail) *diag.Value[string] { return &d.Message }),
}

// two is the rule of a row with two fields: "State: ACK,      State Change Reason: ACKED".
func two[T any](first rule[T], name string, second rule[T]) rule[T] {
	return func(v *T, t *text, r *row) bool {
		head, tail, found := strings.Cut(r.value, name+": ")
		if !found {
			return first(v, t, r)
		}
		a, b := *r, *r
		a.value, b.value = strings.TrimRight(head, ", "), strings.TrimSpace(tail)
		if !first(v, t, &a) || !second(v, t, &b) {
			return false
		}
		t.use(r)
		return true
	}
}

func readRUMDetail(t *text, d *RUMDetail) {
	for i := range t.rows {
		if r := &t.rows[i]; r.state != noise {
			rumRules.set(d, t, r)
		}
	}
	recognise(t, d.ID.Known())
}

// readEventLog reads `2021-11-17 03:31:32.920 UTC SAEVT_NAME key="value" key="value"`.
func readEventLog(t *text, l *LicenseEventLog) {
	var events []LicenseEvent
	for i := range t.rows {
		r := &t.rows[i]
		switch {
		case r.state == noise:
		case strings.HasPrefix(r.text, "**** Event Log"):
			events = []LicenseEvent{}
			l.Events = diag.Present(events, t.use(r))
		default:
			if e, ok := event(t, r); ok {
				events = append(events, e)
			}
		}
	}
	if events != nil {
		at := l.Events.Source()
		if at.Command == "" {
			at = diag.Source{Command: t.line}
		}
		l.Events = diag.Present(events, at)
	}
	recognise(t, l.Events.Known())
}

func event(t *text, r *row) (LicenseEvent, bool) {
	i := strings.Index(r.text, " SAEVT_")
	if i < 0 || r.text[0] < '0' || r.text[0] > '9' {
		return LicenseEvent{}, false
	}
	at := t.use(r)
	name, rest := firstWord(r.text[i+1:])
	e := LicenseEvent{Time: diag.Present(r.text[:i], at), Name: diag.Present(name, at), Fields: map[string]string{}}
	for {
		key, value, found := strings.Cut(rest, `="`)
		if !found {
			return e, true
		}
		value, rest, _ = strings.Cut(value, `"`)
		e.Fields[strings.TrimSpace(key)] = value
	}
}

var pakRules = fields[PAKLicense]{
	"Period left":      words(func(l *PAKLicense) *diag.Value[string] { return &l.PeriodLeft }),
	"Period Used":      words(func(l *PAKLicense) *diag.Value[string] { return &l.PeriodUsed }),
	"License Type":     words(func(l *PAKLicense) *diag.Value[string] { return &l.Type }),
	"License State":    words(func(l *PAKLicense) *diag.Value[string] { return &l.State }),
	"License Count":    words(func(l *PAKLicense) *diag.Value[string] { return &l.Count }),
	"License Priority": words(func(l *PAKLicense) *diag.Value[string] { return &l.Priority }),
}

// readPAK reads "Index 1 Feature: appxk9" and the fields below it.
func readPAK(t *text, out *PAKLicenses) {
	var all []PAKLicense
	var first diag.Source
	for i := range t.rows {
		r := &t.rows[i]
		if r.state == noise {
			continue
		}
		if index, ok := strings.CutPrefix(r.key, "Index "); ok && strings.HasSuffix(r.key, "Feature") {
			n, ok := leadingInt(index)
			if !ok {
				continue
			}
			at := t.use(r)
			if len(all) == 0 {
				first = at
			}
			l := PAKLicense{Index: diag.Present(n, at)}
			put(&l.Feature, t, r, r.value, verbatim)
			all = append(all, l)
			continue
		}
		if len(all) > 0 {
			pakRules.set(&all[len(all)-1], t, r)
		}
	}
	if len(all) > 0 {
		out.Licenses = diag.Present(all, first)
	}
	recognise(t, len(all) > 0)
}
