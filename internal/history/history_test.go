package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// suite is what holds on every engine.
var suite = map[string]func(*world){
	"a run is given back in full":              givenBack,
	"only changes cost anything":               changesOnly,
	"a device that is not reached":             notReached,
	"renamed and replaced":                     renamed,
	"two devices with one UDI":                 twins,
	"vanished and back":                        vanished,
	"jobs are never mixed":                     jobsApart,
	"since when, how often, for how long":      openedAt,
	"changes for flap damping":                 flaps,
	"what was bad":                             bad,
	"what is known no more":                    lost,
	"notes":                                    notes,
	"pruning":                                  pruned,
	"retention does not trust one clock":       retained,
	"clocks that jump":                         clocks,
	"overdue":                                  overdue,
	"a run by its number, its id, or the last": shown,
	"two runs that meet":                       meet,
	"export":                                   exported,
}

func TestSQLite(t *testing.T) {
	for name, test := range suite {
		t.Run(name, func(t *testing.T) { engines(t, test) })
	}
}

// filled is a device with every field set, also those that are added to it one day.
func filled(t *testing.T) diag.DeviceResult {
	t.Helper()
	var d diag.DeviceResult
	fill(t, reflect.ValueOf(&d).Elem())
	d.State = diag.Partial
	d.Commands = nil
	for i := range d.Results {
		d.Results[i].Evidence, d.Results[i].Fixes = nil, nil
		d.Results[i].Message.Args = diag.Args{"days": 3.0, "servers": []any{"a", "b"}}
	}
	return d
}

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("some \"text\" <&>")
	case reflect.Int, reflect.Int64:
		v.SetInt(42)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		if v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(start))
			return
		}
		for _, field := range v.Fields() {
			fill(t, field)
		}
	default:
		t.Fatalf("a field of kind %v: teach this test to fill it", v.Kind())
	}
}

func givenBack(w *world) {
	if last, err := w.store.Last(w.Context(), "nightly"); err != nil || last != nil {
		w.Fatalf("before the first run: %v, %v", last, err)
	}
	full := filled(w.T)
	noLicence := device("r3", result("b", diag.Unknown, diag.High), pass("a"))
	noLicence.Platform.Serial, noLicence.Deadline = "", &diag.Deadline{State: "unknown"}
	noLicence.Facts = &diag.Holdings{UDIs: []string{}, LastACK: new("")}
	silent := device("r4")
	silent.Platform, silent.Traits, silent.Results = nil, nil, []diag.Result{}
	other := unreachable("r5")
	other.State, other.Platform, other.Results = diag.Failed, &diag.Platform{OS: "NX-OS"}, []diag.Result{result("a", diag.NotApplicable, diag.Low)}
	for range 2 {
		r := w.record(full, unreachable("r2"), noLicence, silent, other)
		last, err := w.store.Last(w.Context(), "nightly")
		w.ok(err)
		if diff := cmp.Diff([]diag.DeviceResult{full, unreachable("r2"), noLicence, silent, other}, last.Devices); diff != "" {
			w.Error(diff)
		}
		if diff := cmp.Diff(r.Run, last.Run); diff != "" || last.Job != "nightly" || last.Tool != r.Tool {
			w.Error(diff, last.Job, last.Tool)
		}
		// What moves by itself moves.
		full.ElapsedMS++
		full.Facts.Clock, full.Facts.LastACK = new("Mar 12 15:00:00 2025 JST"), new("Feb 25 13:14:16 2025 JST")
		full.Deadline.DaysLeft, full.Deadline.NextACK = new(1), new("Mar 14 15:00:00 2025 JST")
		full.Results[0].Summary = "due in 1 day"
		full.Results[0].Message.Args = diag.Args{"days": 1.0}
	}
}

func (w *world) count(query string) int {
	w.Helper()
	var n int
	w.ok(w.store.db.QueryRowContext(w.Context(), query).Scan(&n))
	return n
}

func changesOnly(w *world) {
	d := device("r1", pass("a"), fail("b"))
	w.record(d)
	spans, details := w.count("select count(*) from span"), w.count("select count(*) from detail")
	if spans != len(parts)+2 {
		w.Errorf("%d spans", spans)
	}
	d.ElapsedMS = 99
	d.Results[1].Summary = "b says fail for the 2nd time"
	w.record(d)
	w.record(d)
	if n, m := w.count("select count(*) from span"), w.count("select count(*) from detail"); n != spans || m != details {
		w.Errorf("nothing has changed, and there are %d spans for %d, %d details for %d", n, spans, m, details)
	}
	d.Results = []diag.Result{fail("a"), d.Results[1]}
	w.record(d)
	if n := w.count("select count(*) from span"); n != spans+1 {
		w.Errorf("one change makes %d spans of %d", n, spans)
	}
	// A check that is gone is gone, one that comes is there.
	d.Results = []diag.Result{fail("a"), pass("c")}
	w.record(d)
	last, err := w.store.Last(w.Context(), "nightly")
	w.ok(err)
	if diff := cmp.Diff(d.Results, last.Devices[0].Results); diff != "" {
		w.Error(diff)
	}
}

// notReached: an unreachable device keeps its verdicts as they were known, and its state says that nobody saw it.
func notReached(w *world) {
	w.record(device("r1", pass("a"), fail("b")))
	w.record(unreachable("r1"))
	w.record(unreachable("r1"))
	line := w.timeline("r1")
	if diff := cmp.Diff([]string{"2 state: examined -> unreachable (connect_timeout)"}, said(line)); diff != "" {
		w.Error(diff)
	}
	if line.State != "unreachable (connect_timeout)" || len(line.Open) != 2 {
		w.Errorf("%+v", line)
	}
	found, err := w.store.Show(w.Context(), "", never, notAnswered)
	w.ok(err)
	want := []Finding{{Check: "b", Status: diag.Fail, Severity: diag.High, Summary: "b says fail", Devices: []Since{{"r1", start, false}}}}
	if diff := cmp.Diff(want, found.Findings); diff != "" {
		w.Error(diff)
	}
	if diff := cmp.Diff([]Unseen{{"r1", "unreachable (connect_timeout)", start.AddDate(0, 0, 1)}}, found.Unexamined); diff != "" {
		w.Error(diff)
	}
	w.record(device("r1", pass("a"), pass("b")))
	want2 := []string{"2 state: examined -> unreachable (connect_timeout)", "4 state: unreachable (connect_timeout) -> examined", "4 check:b: fail (high) -> pass"}
	if diff := cmp.Diff(want2, said(w.timeline("r1"))); diff != "" {
		w.Error(diff)
	}
	// A session that broke: what was not answered is unknown now.
	d := device("r1", pass("a"), result("b", diag.Unknown, diag.High))
	d.State, d.Error = diag.Partial, &diag.Fault{Class: "session_lost"}
	w.record(d)
	if got := said(w.timeline("r1")); !slices.Contains(got, "5 check:b: pass -> unknown (timed-out)") {
		w.Error(got)
	}
}

// timeline is that of the only device of a name.
func (w *world) timeline(name string) Timeline {
	w.Helper()
	all, err := w.store.Device(w.Context(), name)
	w.ok(err)
	if len(all) != 1 {
		w.Fatalf("%d timelines of %s: %+v", len(all), name, all)
	}
	return all[0]
}

// said are the events of a timeline in short.
func said(t Timeline) []string {
	out := []string{}
	for _, e := range t.Events {
		out = append(out, fmt.Sprintf("%d %s: %s -> %s", e.Run, e.Part, e.Before, e.After))
	}
	return out
}

func renamed(w *world) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	w.record(device("old", fail("a")), device("r2", pass("a")))
	d := device("old", fail("a"))
	d.Name, d.Platform.Hostname = "new", "new"
	w.record(d, device("r2", pass("a")))
	for _, name := range []string{"old", "new", "PID:C9300-24UX,SN:SIMold", "SIMold"} {
		line := w.timeline(name)
		if diff := cmp.Diff([]Spell{{"old", day(0), new(day(1))}, {"new", day(1), nil}}, line.Names); diff != "" {
			w.Error(name, diff)
		}
		if line.Device != "new" || len(line.Open) != 1 || !line.Open[0].Since.Equal(day(0)) {
			w.Errorf("%s: %+v", name, line)
		}
	}
	// Another unit under the name of the first.
	d = device("spare", pass("a"))
	d.Name = "new"
	w.record(d, device("r2", pass("a")))
	line := w.timeline("SIMspare")
	want := []Spell{{"PID:C9300-24UX,SN:SIMold", day(0), new(day(2))}, {"PID:C9300-24UX,SN:SIMspare", day(2), nil}}
	if diff := cmp.Diff(want, line.Units); diff != "" || len(line.Names) != 2 {
		w.Error(diff, line.Names)
	}
	// Two that change names with each other are two that are renamed.
	a, b := device("spare", pass("a")), device("r2", pass("a"))
	a.Name, b.Name = "r2", "new"
	w.record(a, b)
	if got := w.timeline("SIMr2"); got.Device != "new" || len(got.Units) != 1 {
		w.Errorf("%+v", got)
	}
	if n := w.count("select count(*) from device"); n != 2 {
		w.Errorf("%d devices", n)
	}
	if _, err := w.store.Device(w.Context(), "nobody"); !errors.Is(err, ErrNone) {
		w.Error(err)
	}
}

func twins(w *world) {
	a, b := device("a", pass("x")), device("b", fail("x"))
	b.Platform = a.Platform
	w.record(a, b)
	w.record(b, a)
	for _, name := range []string{"a", "b"} {
		if line := w.timeline(name); len(line.Events) != 0 {
			w.Errorf("%s: %v", name, said(line))
		}
	}
	if all, err := w.store.Device(w.Context(), "SIMa"); err != nil || len(all) != 2 {
		w.Errorf("%v, %v", all, err)
	}
}

func vanished(w *world) {
	w.record(device("r1", fail("a")), device("r2", pass("a")))
	w.record(device("r2", pass("a")))
	line := w.timeline("r1")
	if diff := cmp.Diff([]string{"2 state: examined -> "}, said(line)); diff != "" || line.Present || len(line.Open) != 0 {
		w.Error(diff, line)
	}
	if n := w.count("select count(*) from span join device on device.id = span.device where device.name = 'r1' and until is null"); n != 0 {
		w.Errorf("%d spans of it are open", n)
	}
	w.record(device("r1", fail("a")), device("r2", pass("a")))
	line = w.timeline("r1")
	if diff := cmp.Diff([]string{"2 state: examined -> ", "3 state:  -> examined"}, said(line)); diff != "" || !line.Present {
		w.Error(diff, line)
	}
	if len(line.Open) != 1 || !line.Open[0].Since.Equal(start.AddDate(0, 0, 2)) || line.Open[0].Opened != 2 {
		w.Errorf("%+v", line.Open)
	}
}

func jobsApart(w *world) {
	ctx := w.Context()
	one, two := night(0, device("r1", pass("a"))), night(1, device("r2", fail("a")), device("r1", fail("a")))
	w.ok(w.store.Record(ctx, Recording{Job: "-i one.yaml", Report: one}))
	w.ok(w.store.Record(ctx, Recording{Job: "-i two.yaml", Every: time.Hour, Report: two}))
	last, err := w.store.Last(ctx, "-i one.yaml")
	w.ok(err)
	if last.Run.ID != "run-0" || len(last.Devices) != 1 || last.Devices[0].Results[0].Status != diag.Pass {
		w.Errorf("%+v", last)
	}
	jobs, err := w.store.Jobs(ctx, start, 0)
	w.ok(err)
	if len(jobs) != 2 || jobs[0].Every != 0 || jobs[0].Next != nil || jobs[1].Every != 3600 {
		w.Errorf("%+v", jobs)
	}
	if all, err := w.store.Device(ctx, "r1"); err != nil || len(all) != 2 {
		w.Errorf("%v, %v", all, err)
	}
}

func lost(w *world) {
	gone := func(check string) diag.Result { return result(check, diag.Unknown, diag.High) }
	cut := gone("a")
	cut.Reason = new(diag.Cut)
	w.record(device("r1", pass("a"), fail("b"), gone("c")), device("r2", gone("a")))
	w.record(device("r1", gone("a"), fail("b"), gone("c")), device("r2", pass("a")))
	w.record(device("r1", cut, gone("b"), gone("c")), device("r2", gone("a")))
	w.ok(w.store.Record(w.Context(), Recording{Job: "another", Report: night(9, device("r1", pass("c")))}))
	w.ok(w.store.Record(w.Context(), Recording{Job: "another", Report: night(10, device("r1", gone("c")))}))
	got, err := w.store.Lost(w.Context(), "nightly")
	w.ok(err)
	want := map[Sight]time.Time{{"r1", "check:a"}: start.AddDate(0, 0, 1), {"r1", "check:b"}: start.AddDate(0, 0, 2), {"r2", "check:a"}: start.AddDate(0, 0, 2)}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Error(diff)
	}
	w.record(device("r1", pass("a"), fail("b"), gone("c"))) // r2 is not in the inventory any more
	if got, err := w.store.Lost(w.Context(), "nightly"); err != nil || len(got) != 0 {
		w.Errorf("%v, %v", got, err)
	}
}

func openedAt(w *world) {
	critical := result("a", diag.Fail, diag.Critical)
	other := fail("a")
	other.Key = "another server"
	for _, r := range []diag.Result{pass("a"), fail("a"), other, result("a", diag.Unknown, diag.High), fail("a"), pass("a"), fail("a"), critical} {
		w.record(device("r1", r), device("r2", pass("a")))
	}
	since := func(part string) string {
		at, open, err := w.store.Opened(w.Context(), "nightly", "r1", part)
		w.ok(err)
		if !open {
			return "not open"
		}
		return at.Format("Jan 2")
	}
	if got := since("check:a"); got != "Mar 8" {
		w.Errorf("critical since %s", got)
	}
	w.record(unreachable("r1"), device("r2", pass("a")))
	if got, state := since("check:a"), since("state"); got != "Mar 8" || state != "Mar 9" {
		w.Errorf("critical since %s, unreachable since %s", got, state)
	}
	if got := since("check:nothing"); got != "not open" {
		w.Error(got)
	}
	day := 24 * 3600
	got, err := w.store.Check(w.Context(), "a")
	w.ok(err)
	// Mar 2 to 6, one of them unknown, and from Mar 7 to the last run, Mar 9.
	want := []Trouble{{Job: "nightly", Device: "r1", UDI: "PID:C9300-24UX,SN:SIMr1", Present: true, Now: "fail (critical)",
		Since: new(start.AddDate(0, 0, 7)), First: start.AddDate(0, 0, 1), Opened: 2, OpenS: int64((4 + 2) * day)}}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Error(diff)
	}
	if _, err := w.store.Check(w.Context(), "nothing"); !errors.Is(err, ErrNone) {
		w.Error(err)
	}
}

func flaps(w *world) {
	calm, down := device("r2", pass("a")), unreachable("r1")
	w.record(device("r1", fail("a")), calm) // before the window
	for _, d := range []diag.DeviceResult{device("r1", pass("a")), device("r1", fail("a")), down, device("r1", pass("a"))} {
		w.record(d, calm)
	}
	w.record(calm)
	got, err := w.store.Changes(w.Context(), "nightly", 5)
	w.ok(err)
	var lines []string
	for _, s := range got {
		line := s.Device + " " + s.Part + ":"
		for _, p := range s.Points {
			line += fmt.Sprintf(" %d=%s", p.Run, p.Value)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	want := []string{"r1 address: 0=192.0.2.1 1=192.0.2.1 2=192.0.2.1 3=192.0.2.1 4=", "r1 check:a: 0=pass 1=fail (high) 3=pass",
		"r1 groups: 0=campus 1=campus 2=campus 3=campus 4=", "r1 name: 0=r1 1=r1 2=r1 3=r1 4=",
		"r1 state: 0=examined 1=examined 2=unreachable (connect_timeout) 3=examined 4=",
		"r1 tags: 0=site tokyo 1=site tokyo 2=site tokyo 3=site tokyo 4="}
	if diff := cmp.Diff(want, lines); diff != "" {
		w.Error(diff)
	}
	if !got[0].Points[0].At.Equal(start.AddDate(0, 0, 1)) || got[0].UDI != "PID:C9300-24UX,SN:SIMr1" {
		w.Errorf("%+v", got[0])
	}
}

func bad(w *world) {
	waived := fail("c")
	waived.Waived, waived.Waiver = new("ops until 2026-06-30: known"), &diag.Waiver{Owner: "ops"}
	w.record(device("gone", fail("z")))
	w.record(device("r1", fail("a"), result("b", diag.Warn, diag.Low), waived, pass("d")))
	d := device("r1", pass("a"), result("b", diag.Warn, diag.Low), waived, fail("d"))
	d.Tags = map[string]string{"site": "seoul"}
	w.record(d)
	var got []string
	for s, err := range w.store.Bad(w.Context(), 2) {
		w.ok(err)
		got = append(got, fmt.Sprint(s.Device.Name, " ", s.Device.Tags["site"], " ", s.Device.Groups, " ", s.Device.Platform.Release, " ", s.Result.Check, " ",
			s.Result.Status, " ", s.Result.Waived != nil))
	}
	want := []string{"r1 seoul [campus] 17.12.4 a fail false", "r1 seoul [campus] 17.12.4 b warn false", "r1 seoul [campus] 17.12.4 c fail true",
		"r1 seoul [campus] 17.12.4 d fail false"}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Error(diff)
	}
}

func notes(w *world) {
	ctx := w.Context()
	if _, ok, err := w.store.Noted(ctx, "nightly", "reminder"); ok || err != nil {
		w.Error(ok, err)
	}
	for _, at := range []time.Time{start, start.Add(time.Hour)} {
		w.ok(w.store.Note(ctx, "nightly", "reminder", at))
		if got, ok, err := w.store.Noted(ctx, "nightly", "reminder"); !ok || err != nil || !got.Equal(at) {
			w.Error(got, ok, err)
		}
	}
	if all, err := w.store.Notes(ctx, "nightly"); len(all) != 1 || all["reminder"].IsZero() || err != nil {
		w.Error(all, err)
	}
	if _, ok, _ := w.store.Noted(ctx, "hourly", "reminder"); ok {
		w.Error("another job knows it")
	}
	w.record(device("r1"))
	w.ok(w.store.Record(ctx, Recording{Job: "nightly", Report: night(1)}))
}

func pruned(w *world) {
	ctx := w.Context()
	w.ok(w.store.Record(ctx, Recording{Job: "given up", Report: night(0, device("x1", fail("old")))}))
	w.ok(w.store.Note(ctx, "given up", "reminder", start))
	for n := range 10 {
		r := pass("a")
		if n == 2 || n == 3 {
			r = fail("a")
		}
		w.record(device("r1", r, fail("b")), device("r2", pass("a")))
	}
	before, err := w.store.Last(ctx, "nightly")
	w.ok(err)
	n, err := w.store.Prune(ctx, start.AddDate(0, 0, 5))
	w.ok(err)
	if want := 2 + len(parts) + 1; int(n) != want { // both values of a that are over, and the job that is
		w.Errorf("%d values forgotten, want %d", n, want)
	}
	after, err := w.store.Last(ctx, "nightly")
	w.ok(err)
	if diff := cmp.Diff(before, after); diff != "" {
		w.Error(diff)
	}
	if jobs, err := w.store.Jobs(ctx, start, 0); err != nil || len(jobs) != 1 {
		w.Errorf("%v, %v", jobs, err)
	}
	at, open, err := w.store.Opened(ctx, "nightly", "r1", "check:b")
	if err != nil || !open || !at.Equal(start) {
		w.Errorf("b is open since the first night: %v %v %v", at, open, err)
	}
	if n := w.count("select count(*) from detail where hash not in (select value from span) and hash not in (select summary from span where summary is not null)"); n != 0 {
		w.Errorf("%d details belong to nothing", n)
	}
	for _, q := range []string{
		"select count(*) from span where first not in (select id from run)",
		"select count(*) from span where until is not null and until not in (select id from run)",
		"select count(*) from span where value not in (select hash from detail) or summary is not null and summary not in (select hash from detail)",
		"select count(*) from note", "select count(*) from device where name = 'x1'"} {
		if n := w.count(q); n != 0 {
			w.Errorf("%d: %s", n, q)
		}
	}
	// Runs 2 and 4 are needed by nothing, run 3 neither: what began in run 5 and run 1 is still so.
	if diff := cmp.Diff([]int64{2, 6, 7, 8, 9, 10, 11}, w.numbers()); diff != "" {
		w.Error(diff)
	}
	w.ok(w.store.Shrink(ctx))
	w.record(device("r1", pass("a"), fail("b")))
	if _, err := w.store.Forget(ctx, "weekly"); !errors.Is(err, ErrNone) {
		w.Errorf("forgetting a job that is none: %v", err)
	}
	w.ok(w.store.Record(ctx, Recording{Job: "weekly", Report: night(0, device("r1", pass("a"), fail("b")))}))
	if n, err := w.store.Forget(ctx, "nightly"); err != nil || n == 0 {
		w.Errorf("%d values forgotten, %v", n, err)
	}
	jobs, err := w.store.Jobs(ctx, start, 0)
	if err != nil || len(jobs) != 1 || jobs[0].Name != "weekly" {
		w.Errorf("%v, %v", jobs, err)
	}
	if last, err := w.store.Last(ctx, "weekly"); err != nil || len(last.Devices) != 1 || len(last.Devices[0].Results) != 2 {
		w.Errorf("what two jobs had in common is lost with one of them: %+v, %v", last, err)
	}
	w.record(device("r1", pass("a"), fail("b"))) // and it may begin again
}

func (w *world) numbers() []int64 {
	w.Helper()
	jobs, err := w.store.Jobs(w.Context(), start, 0)
	w.ok(err)
	var out []int64
	for _, r := range jobs[0].Recorded {
		out = append(out, r.Number)
	}
	slices.Reverse(out)
	return out
}

func retained(w *world) {
	for n := range 12 {
		r := pass("a")
		if n == 3 {
			r = fail("a")
		}
		w.record(device("r1", r))
	}
	spans := w.count("select count(*) from span")
	// One night the clock says 2040: nothing is old because of that.
	jump := night(5000, device("r1", pass("a")))
	w.ok(w.store.Record(w.Context(), Recording{Job: "nightly", Report: jump}))
	w.ok(w.store.Retain(w.Context(), 30*24*time.Hour))
	if n := w.count("select count(*) from span"); n != spans {
		w.Errorf("%d spans of %d are left", n, spans)
	}
	for n := range 12 {
		w.ok(w.store.Record(w.Context(), Recording{Job: "nightly", Report: night(5001+n, device("r1", pass("a")))}))
	}
	w.ok(w.store.Retain(w.Context(), 30*24*time.Hour))
	if n := w.count("select count(*) from span"); n != spans-2 {
		w.Errorf("%d spans of %d are left", n, spans)
	}
}

func clocks(w *world) {
	ctx := w.Context()
	for _, n := range []int{10, 2, 11} {
		r := pass("a")
		if n == 2 {
			r = fail("a")
		}
		w.ok(w.store.Record(ctx, Recording{Job: "nightly", Every: 24 * time.Hour, Report: night(n, device("r1", r))}))
	}
	last, err := w.store.Last(ctx, "nightly")
	w.ok(err)
	if last.Run.ID != "run-11" {
		w.Errorf("the last run is %s: runs are in the order of recording", last.Run.ID)
	}
	jobs, err := w.store.Jobs(ctx, start, 0)
	w.ok(err)
	if r := jobs[0].Recorded; r[2].Back || !r[1].Back || r[0].Back || jobs[0].Ahead != 11*24*3600 {
		w.Errorf("%+v", jobs)
	}
	got, err := w.store.Check(ctx, "a")
	w.ok(err)
	if len(got) != 1 || got[0].Opened != 1 || got[0].OpenS != 9*24*3600 {
		w.Errorf("%+v", got)
	}
	line := w.timeline("r1")
	if diff := cmp.Diff([]string{"2 check:a: pass -> fail (high)", "3 check:a: fail (high) -> pass"}, said(line)); diff != "" {
		w.Error(diff)
	}
	if line.Events[0].Lasted != nil {
		w.Error("the clock went back: nothing can be said of how long it was so")
	}
}

func overdue(w *world) {
	w.record(device("r1"))
	w.record(unreachable("r1"))
	cut := night(2, device("r1"))
	cut.Run.Interrupted = true
	w.ok(w.store.Record(w.Context(), Recording{Job: "nightly", Every: 24 * time.Hour, Report: cut}))
	jobs, err := w.store.Jobs(w.Context(), start.AddDate(0, 0, 3), 1)
	w.ok(err)
	j := jobs[0]
	if !j.Success.Equal(start) || !j.Next.Equal(start.AddDate(0, 0, 1)) || j.Overdue != 2*24*3600 || j.Runs != 3 || len(j.Recorded) != 1 || !j.Recorded[0].Interrupted {
		w.Errorf("%+v", j)
	}
	if jobs, _ := w.store.Jobs(w.Context(), start.Add(time.Hour), 1); jobs[0].Overdue != 0 {
		w.Errorf("%+v", jobs[0])
	}
	byHand := night(3, device("r1"))
	w.ok(w.store.Record(w.Context(), Recording{Job: "nightly", Report: byHand}))
	if jobs, _ := w.store.Jobs(w.Context(), start.AddDate(0, 0, 3), 1); !jobs[0].Success.Equal(byHand.Run.Started) || jobs[0].Overdue != 2*24*3600 {
		w.Errorf("a run by hand stands in for the schedule: %+v", jobs[0])
	}
}

func never(string) bool { return false }

func notAnswered(r diag.Result) bool { return r.Reason != nil && *r.Reason == diag.Refused }

func shown(w *world) {
	follows := fail("c")
	follows.CausedBy = new("a")
	warn := result("b", diag.Warn, diag.Critical)
	w.record(device("r1", fail("a"), warn, follows), device("r2", pass("a"), warn))
	w.record(device("r1", pass("a"), pass("b")), device("r2", fail("a"), pass("b")))
	for _, which := range []string{"1", "run-0"} {
		f, err := w.store.Show(w.Context(), which, never, notAnswered)
		w.ok(err)
		want := []Finding{{Check: "a", Status: diag.Fail, Severity: diag.High, Summary: "a says fail", Devices: []Since{{"r1", start, true}}},
			{Check: "b", Status: diag.Warn, Severity: diag.Critical, Summary: "b says warn", Devices: []Since{{"r1", start, true}, {"r2", start, true}}}}
		if diff := cmp.Diff(want, f.Findings); diff != "" || f.Follows != 1 || len(f.Unexamined) != 0 {
			w.Errorf("%s %+v", diff, f)
		}
	}
	f, err := w.store.Show(w.Context(), "1", func(check string) bool { return check == "c" }, notAnswered)
	w.ok(err)
	if len(f.Findings) != 3 || f.Follows != 0 {
		w.Errorf("%+v", f)
	}
	f, err = w.store.Show(w.Context(), "", never, notAnswered)
	w.ok(err)
	if len(f.Findings) != 1 || f.Findings[0].Devices[0].Device != "r2" {
		w.Errorf("%+v", f)
	}
	blank := result("a", diag.Unknown, diag.High)
	blank.Reason = new(diag.Refused)
	w.record(device("r1", blank), device("r2", blank))
	w.record(device("r1", blank, pass("b")), unreachable("r2"))
	f, err = w.store.Show(w.Context(), "", never, notAnswered)
	w.ok(err)
	if diff := cmp.Diff([]Blank{{"r1", 1}}, f.Undecided); diff != "" {
		w.Error(diff)
	}
	if _, err := w.store.Show(w.Context(), "77", never, notAnswered); !errors.Is(err, ErrNone) {
		w.Error(err)
	}
}

// meet: runs that are recorded at the same time by different processes are all there, one after the other.
func meet(w *world) {
	const writers, each = 4, 5
	var all sync.WaitGroup
	for n := range writers {
		s, err := Open(w.Context(), w.where)
		w.ok(err)
		w.Cleanup(func() { s.Close() })
		all.Go(func() {
			for i := range each {
				r := fail("a")
				r.Key = fmt.Sprint(n, " ", i)
				job := fmt.Sprint("job ", n%2)
				if err := s.Record(context.Background(), Recording{Job: job, Report: night(n, device("r1", r, pass(fmt.Sprint("check-", n))), device(fmt.Sprint("of-", n)))}); err != nil {
					w.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := w.count("select count(*) from run"); n != writers*each {
		w.Errorf("%d runs", n)
	}
	if n := w.count("select max(id) from run"); n != writers*each {
		w.Errorf("numbers up to %d", n)
	}
	for _, q := range []string{"select count(*) from (select device, part from span where until is null group by device, part having count(*) > 1) as twice",
		"select count(*) from span where until <= first", "select count(*) from span where value not in (select hash from detail)"} {
		if n := w.count(q); n != 0 {
			w.Errorf("%d: %s", n, q)
		}
	}
}

func exported(w *world) {
	w.record(device("r1", pass("a")))
	w.record(device("r1", fail("a")))
	w.ok(w.store.Note(w.Context(), "nightly", "reminder", start))
	kinds := map[string]int{}
	var ended []string
	w.ok(w.store.Export(w.Context(), func(l Line) error {
		kinds[l.Kind]++
		text, err := json.Marshal(l)
		if l.Until != 0 {
			ended = append(ended, string(text))
		}
		return err
	}))
	if diff := cmp.Diff(map[string]int{"run": 2, "device": 1, "span": len(parts) + 2, "note": 1}, kinds); diff != "" {
		w.Error(diff)
	}
	want := `{"kind":"span","job":"nightly","device":1,"part":"check:a","first":1,"until":2,` +
		`"value":{"status":"pass","reason":null,"severity":"high","key":"","caused_by":null,"waived":null},` +
		`"wording":{"summary":"a says pass","message":{"id":"a.pass","args":{}}}}`
	if diff := cmp.Diff(want, strings.Join(ended, "\n")); diff != "" {
		w.Error(diff)
	}
}

// TestWordsOfParts: what several values have in common is not told as a change.
func TestWordsOfParts(t *testing.T) {
	was, is := `{"udis":["a","b"],"licenses":["x"],"counts":{"x":1},"clock":null}`, `{"udis":["a","c"],"licenses":["x"],"counts":{"x":2},"clock":null}`
	before, after := differ("holdings", []byte(was), []byte(is))
	if before != "counts x 1, udis b" || after != "counts x 2, udis c" {
		t.Errorf("%q, %q", before, after)
	}
	before, after = differ("check:a", []byte(`{"status":"unknown","reason":"manual","caused_by":null}`), []byte(`{"status":"unknown","reason":"manual","caused_by":"b"}`))
	if before != "unknown (manual)" || after != "unknown (manual), caused_by b" {
		t.Errorf("%q, %q", before, after)
	}
	before, after = differ("check:a", []byte(`{"status":"warn","severity":"high","waived":null}`), []byte(`{"status":"fail","severity":"high","waived":"waived by ops"}`))
	if before != "warn" || after != "fail (high, waived)" {
		t.Errorf("%q, %q", before, after)
	}
	if got := words("check:a", []byte(`{"status":"warn","waived":"waived by ops"}`)); got != "warn (waived)" {
		t.Error(got)
	}
	if got := words("tags", []byte("null")); got != "" {
		t.Error(got)
	}
}
