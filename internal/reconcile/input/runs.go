package input

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/reconcile"
)

// runs reads devices: the JSON of runs, and what check reads.
func (r *reader) runs(path string) error {
	in := r.begin(reconcile.Runs, path)
	made(&r.data.Devices)
	from := len(r.data.Devices) + r.asked
	err := r.devices(in, path)
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case err != nil:
		if e, ok := errors.AsType[*Error](err); ok {
			return e
		}
		return &Error{Path: path, Err: err, Hint: "--runs takes bundles, the JSON of runs and what slpdoctor check reads"}
	case len(r.data.Devices)+r.asked == from:
		return &Error{Path: path, Err: errors.New("there is no device in it"), Hint: "--runs takes bundles, the JSON of runs and what slpdoctor check reads"}
	}
	r.newest(in)
	r.describe(in, r.data.Devices)
	return nil
}

func (r *reader) devices(in int, path string) error {
	if info, err := os.Stat(path); path != "-" && err == nil && info.IsDir() {
		if whole := bundle.Around(path); whole != "" {
			return &Error{Path: path, Err: errors.New("this is a part of a bundle: without the rest it is not known what its devices are and when they were asked"),
				Hint: "give the whole bundle: --runs " + whole}
		}
		return r.collected(in, path, nil)
	}
	f, err := r.open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	raw := bufio.NewReaderSize(f, headSize)
	t, err := text(raw)
	if err != nil {
		return err
	}
	head, err := peek(t, 512)
	if err != nil {
		return err
	}
	if start := bytes.TrimLeft(head, " \t\r\n"); bytes.HasPrefix(start, []byte("{")) {
		return r.recorded(in, json.NewDecoder(t))
	}
	if s := foreign(head); s.name != "" && s.kind != reconcile.Runs {
		if s.kind != reconcile.Log || bytes.HasPrefix(head, []byte(gzipMagic)) || isTar(head) {
			return s.instead(Source{reconcile.Runs, path})
		}
	}
	first, _ := firstRows(newCSV(bytes.NewReader(head), separator(head, reconcile.Runs)))
	if _, h := find(first, reconcile.Runs); h.shape != nil && h.whole {
		return stranger{name: h.shape.what, kind: h.shape.kinds[0]}.instead(Source{reconcile.Runs, path})
	}
	return r.collected(in, path, t)
}

// collected reads what check reads. Stream is standard input, of which the beginning was looked at.
func (r *reader) collected(in int, path string, stream io.Reader) error {
	src, err := bundle.Open(path, stream, iosxe.Catalogue())
	if err != nil {
		return err
	}
	asked := time.Time{}
	if src.Manifest != nil {
		asked = src.Manifest.Run.Started
		r.ran(in, src.Manifest.Run)
	}
	row, heard, unused := 0, false, slices.Clone(src.Unused)
	for ev, err := range src.Devices() {
		if err != nil {
			return err
		}
		unused = append(unused, ev.Unused...)
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		row++
		d := engine.Unexamined(ev.Device)
		if slices.ContainsFunc(ev.Captures, func(c diag.Capture) bool { return c.Outcome != diag.NotRun }) {
			heard = true
			d = engine.Catalogue{}.Examine(diag.NewFacts(ev.Device, ev.Captures...), nil)
		}
		at := asked
		for _, c := range ev.Captures {
			if at = c.Sent; !at.IsZero() {
				break
			}
		}
		r.device(in, row, d, cmp.Or(at, asked))
	}
	if src.Manifest == nil && !heard {
		return errors.New("there is no answer of a device in it")
	}
	r.unused(in, unused)
	return nil
}

// unused tells of the files that nothing was read from.
func (r *reader) unused(in int, notes []bundle.Note) {
	files := slices.DeleteFunc(notes, func(n bundle.Note) bool { return n.Line > 0 })
	switch n := len(files); {
	case n == 1:
		r.note(in, "not used: %s: %s", files[0].Path, files[0].Text)
	case n > 1:
		r.note(in, "not used: %d files, the first of them %s: %s", n, files[0].Path, files[0].Text)
	}
}

// ran takes in the header of a run.
func (r *reader) ran(in int, run diag.Run) {
	if !run.Started.IsZero() && run.Mode != "check" {
		at := run.Started.UTC()
		r.data.Inputs[in].Time = &at
	}
	if run.Interrupted {
		r.note(in, "the run was interrupted: devices are missing in it")
	}
	if run.Mode == "demo" {
		r.note(in, "the devices are those of the demo")
	}
}

// kept is what a document is read for, in json and as a line of ndjson.
type kept struct {
	schema int
	kind   string
	run    *diag.Run
	device diag.DeviceResult
}

// recorded streams the JSON or ndjson of a run: one device is in memory at a time.
func (r *reader) recorded(in int, dec *json.Decoder) error {
	found := false
	var run *diag.Run
	row := 0
	for {
		k := kept{}
		devices := func(d diag.DeviceResult) {
			row++
			r.device(in, row, d, asked(cmp.Or(k.run, run)))
		}
		err := k.read(dec, devices)
		switch {
		case errors.Is(err, io.EOF) && found:
			return nil
		case r.ctx.Err() != nil:
			return r.ctx.Err()
		case err != nil:
			return fmt.Errorf("the JSON of a run ends or breaks: %w", err)
		case k.schema != diag.SchemaVersion || k.kind != "run" && k.kind != "device" && k.kind != "summary":
			return fmt.Errorf("the document is of kind %.40q with schema %d, and not a run", k.kind, k.schema)
		case k.kind == "run":
			found = true
			run = k.run
			if run != nil {
				r.ran(in, *run)
			}
		case !found:
			return errors.New("the beginning of the run is missing")
		case k.kind == "device":
			devices(k.device)
		}
	}
}

// asked is when the devices of a run were asked; zero when they were read from files.
func asked(run *diag.Run) time.Time {
	if run == nil || run.Mode == "check" {
		return time.Time{}
	}
	return run.Started
}

// read reads one document, its devices one by one.
func (k *kept) read(dec *json.Decoder, device func(diag.DeviceResult)) error {
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("it is no object")
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return unexpected(err)
		}
		var into any = new(skipped)
		switch t {
		case "schema":
			into = &k.schema
		case "kind":
			into = &k.kind
		case "run":
			into = &k.run
		case "name":
			into = &k.device.Name
		case "platform":
			into = &k.device.Platform
		case "topology":
			into = &k.device.Topology
		case "traits":
			into = &k.device.Traits
		case "facts":
			into = &k.device.Facts
		case "report_log":
			into = &k.device.Reports
		case "devices":
			if err := each(dec, device); err != nil {
				return unexpected(err)
			}
			continue
		}
		if err := dec.Decode(into); err != nil {
			return unexpected(err)
		}
	}
	_, err := dec.Token()
	return unexpected(err)
}

// skipped is a value that is passed over.
type skipped struct{}

// UnmarshalJSON keeps nothing.
func (*skipped) UnmarshalJSON([]byte) error { return nil }

// slim is a device without the results, which are most of it.
type slim struct {
	Name     string            `json:"name"`
	Platform *diag.Platform    `json:"platform"`
	Topology *diag.Topology    `json:"topology"`
	Traits   map[string]string `json:"traits"`
	Facts    *diag.Holdings    `json:"facts"`
	Reports  *diag.ReportLog   `json:"report_log"`
}

func each(dec *json.Decoder, device func(diag.DeviceResult)) error {
	if t, err := dec.Token(); err != nil {
		return err
	} else if t == nil {
		return nil
	} else if t != json.Delim('[') {
		return errors.New("the devices are no list")
	}
	for dec.More() {
		var d slim
		if err := dec.Decode(&d); err != nil {
			return err
		}
		device(diag.DeviceResult{Name: d.Name, Platform: d.Platform, Topology: d.Topology, Traits: d.Traits, Facts: d.Facts, Reports: d.Reports})
	}
	_, err := dec.Token()
	return err
}

// unexpected is the end inside a document.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// device adds a device.
func (r *reader) device(in, row int, d diag.DeviceResult, at time.Time) {
	if d.Platform != nil && d.Platform.OS == "vManage" {
		r.manager(in, row, d)
		return
	}
	out := reconcile.Device{Place: reconcile.Place{Input: in, Row: row}, Name: d.Name, Smart: account(d.Traits["smart account"]), Virtual: account(d.Traits["virtual account"])}
	if d.Topology != nil {
		out.Topology = r.tables.intern(string(d.Topology.ID))
	}
	if !at.IsZero() {
		at = at.UTC()
		out.At = &at
	}
	if d.Facts != nil {
		out.UDIs = d.Facts.UDIs
		if d.Facts.Licenses != nil {
			out.Uses = []reconcile.Use{}
		}
		for _, words := range d.Facts.Licenses {
			out.Uses = append(out.Uses, r.use(words, d.Facts.Counts))
		}
	}
	if p := d.Platform; len(out.UDIs) == 0 && p.UDI() != "" && p.PID != "" {
		out.UDIs = []string{p.UDI()}
	}
	r.data.Devices = append(r.data.Devices, out)
}

// account is the name of an account; a device prints that it has none.
func account(s string) string {
	if none(s) || strings.HasPrefix(s, "<") {
		return ""
	}
	return s
}

// use is a licence as a run writes it, "network-advantage (C9300-24 Network Advantage)", with its units. One that has
// no count has one unit: it is in use.
func (r *reader) use(words string, counts map[string]int) reconcile.Use {
	u := reconcile.Use{License: words, Units: 1}
	if n, ok := counts[words]; ok {
		u.Units = int64(n)
	}
	if name, rest, ok := strings.Cut(words, " ("); ok && strings.HasSuffix(rest, ")") {
		u.License, u.Tag = name, strings.TrimSuffix(rest, ")")
	}
	u.License, u.Tag = r.tables.intern(u.License), r.tables.intern(u.Tag)
	return u
}

// newest leaves of a device that is in several runs what it said last, unless its units changed: a device of the same
// name with another UDI is another one.
func (r *reader) newest(in int) {
	at := map[string]int{}
	keyOf := func(d reconcile.Device) string { return d.Name + "\x00" + strings.Join(d.UDIs, "\x00") }
	out := r.data.Devices[:0]
	older := 0
	for _, d := range r.data.Devices {
		i, known := at[keyOf(d)]
		if !known {
			at[keyOf(d)] = len(out)
			out = append(out, d)
			continue
		}
		older++
		if later(d, out[i]) {
			out[i] = d
		}
	}
	r.data.Devices = out
	if older > 0 {
		r.note(in, "%s in an earlier input or twice in this one: what was said last is taken", count(older, "device is", "devices are"))
	}
}

// later prefers what is known to be newer, and what has licences to what has none.
func later(a, b reconcile.Device) bool {
	switch {
	case (a.Uses == nil) != (b.Uses == nil):
		return a.Uses != nil
	case a.At == nil || b.At == nil:
		return a.At != nil
	}
	return a.At.After(*b.At)
}

// describe says what the devices of an input do not say.
func (r *reader) describe(in int, all []reconcile.Device) {
	silent, undated := 0, 0
	for _, d := range all {
		if d.Input != in {
			continue
		}
		if d.Uses == nil {
			silent++
		}
		if d.At == nil {
			undated++
		}
	}
	if silent > 0 {
		r.note(in, "%s not say which licences are in use", count(silent, "device does", "devices do"))
	}
	if undated > 0 {
		r.note(in, "of %s it is not known when it was asked", count(undated, "device", "devices"))
	}
}
