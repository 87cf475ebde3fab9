package transition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/rundiff"
)

// job plays night after night, and remembers what a history remembers of them.
type job struct {
	*testing.T
	now    time.Time
	in     Input // what is the same every night
	before *rundiff.Side
	series map[part]*Series
	opened map[part]time.Time
	lost   map[part]time.Time
	damped map[string]bool
	runs   int
}

func newJob(t *testing.T) *job {
	return &job{T: t, now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC), series: map[part]*Series{}, opened: map[part]time.Time{}, lost: map[part]time.Time{}, damped: map[string]bool{},
		in: Input{Job: "-i inventory.yaml", Zone: time.UTC, FailOn: diag.Medium}}
}

// night runs the job once, a day later than before.
func (j *job) night(devices ...diag.DeviceResult) Outcome {
	j.now = j.now.Add(24 * time.Hour)
	return j.run(devices...)
}

func (j *job) run(devices ...diag.DeviceResult) Outcome {
	j.runs++
	in := j.in
	in.Before = j.before
	in.After = rundiff.Side{Run: diag.Run{ID: fmt.Sprint(j.runs), Started: j.now, Finished: j.now.Add(time.Minute)}, Devices: devices}
	known := Known(j.before, devices)
	j.record(known)
	for _, s := range j.series {
		in.Series = append(in.Series, *s)
	}
	in.Opened = func(device, name string) *time.Time {
		if at, ok := j.opened[part{device, name}]; ok {
			return &at
		}
		return nil
	}
	in.Missing = func(device, name string) *time.Time {
		if at, ok := j.lost[part{device, name}]; ok {
			return &at
		}
		return nil
	}
	in.Damped = func(key string) bool { return j.damped[key] }
	out := Tell(in)
	for _, k := range out.Damp {
		j.damped[k] = true
	}
	for _, k := range out.Clear {
		delete(j.damped, k)
	}
	was := map[string]diag.DeviceResult{}
	if j.before != nil {
		for _, d := range j.before.Devices {
			was[d.Name] = d
		}
	}
	for i, d := range known { // as history.Known: what was known of a device that did not answer
		if len(d.Results) == 0 && d.State != diag.Examined {
			known[i].Results, known[i].Platform = was[d.Name].Results, was[d.Name].Platform
		}
	}
	j.before = &rundiff.Side{Run: in.After.Run, Devices: known}
	return out
}

// record adds the run to the series.
func (j *job) record(known []diag.DeviceResult) {
	here := map[string]bool{}
	for _, d := range known {
		here[d.Name] = true
		j.point(part{d.Name, "state"}, d.State.Words(d.Error), d.State != diag.Examined)
		for _, r := range d.Results {
			j.point(part{d.Name, "check:" + r.Check}, r.Words(), r.Status == diag.Fail || r.Status == diag.Warn)
		}
	}
	for p := range j.series {
		if !here[p.device] && p.name == "state" {
			j.point(p, "", false)
		}
	}
	for _, s := range j.series {
		for i := range s.Points {
			s.Points[i].Now = s.Points[i].At.Equal(j.now)
		}
	}
}

func (j *job) point(p part, value string, bad bool) {
	if j.series[p] == nil {
		j.series[p] = &Series{Device: p.device, Part: p.name}
	}
	points := j.series[p].Points
	if !strings.HasPrefix(value, "unknown") {
		delete(j.lost, p)
	} else if n := len(points); n > 0 && !strings.HasPrefix(points[n-1].Value, "unknown") {
		j.lost[p] = j.now
	}
	j.series[p].Points = append(j.series[p].Points, Point{At: j.now, Value: value})
	if _, open := j.opened[p]; bad && !open {
		j.opened[p] = j.now
	} else if !bad {
		delete(j.opened, p)
	}
}

func device(name string, results ...diag.Result) diag.DeviceResult {
	return diag.DeviceResult{Name: name, State: diag.Examined, Results: results,
		Platform: &diag.Platform{OS: "IOS XE", Release: "17.12.4", PID: "C9300-24UX", Serial: "SIM" + name}}
}

func gone(name string, state diag.State, class string) diag.DeviceResult {
	return diag.DeviceResult{Name: name, State: state, Error: &diag.Fault{Class: class, Message: "no answer", Hint: "is it up?"}}
}

func unreachable(name string) diag.DeviceResult {
	return gone(name, diag.Unreachable, "connect_timeout")
}

func result(check string, status diag.Status, severity diag.Severity) diag.Result {
	r := diag.Result{Check: check, Status: status, Severity: severity, Summary: check + " is " + string(status)}
	if status == diag.Unknown {
		r.Reason = new(diag.Refused)
	}
	if status == diag.Fail {
		r.Fixes = []diag.Fix{{Summary: "mend " + check}}
	}
	return r
}

func unknown(check string, why diag.Reason) diag.Result {
	r := result(check, diag.Unknown, diag.High)
	r.Reason = &why
	return r
}

func pass(check string) diag.Result { return result(check, diag.Pass, diag.High) }
func fail(check string) diag.Result { return result(check, diag.Fail, diag.High) }
func critical(check string) diag.Result {
	return result(check, diag.Fail, diag.Critical)
}

func waived(r diag.Result) diag.Result {
	r.Waived = new("waived by ops until tomorrow: we know")
	return r
}

func because(r diag.Result, of string) diag.Result {
	r.CausedBy = &of
	return r
}

// told is an outcome in lines: what is told, then what makes the exit status.
func told(o Outcome) string {
	var b strings.Builder
	for _, e := range o.Events {
		fmt.Fprintf(&b, "%s: %s %s", e.Kind, e.Device, cmp.Or(e.Check, e.Subject))
		if e.Before+e.After != "" {
			fmt.Fprintf(&b, ", %s -> %s", e.Before, e.After)
		}
		if e.Consequences > 0 {
			fmt.Fprintf(&b, ", %d more", e.Consequences)
		}
		if e.Changes > 0 {
			fmt.Fprintf(&b, ", %d changes", e.Changes)
		}
		if e.Since != nil {
			fmt.Fprintf(&b, ", since %s", e.Since.Format("01-02"))
		}
		b.WriteString("\n")
	}
	switch {
	case o.Worse > 0:
		b.WriteString("exit 1\n")
	case o.Lost > 0 || o.Cut > 0:
		b.WriteString("exit 3\n")
	}
	return b.String()
}

func (j *job) want(o Outcome, lines ...string) {
	j.Helper()
	if d := gocmp.Diff(strings.Join(append(lines, ""), "\n"), told(o)); d != "" {
		j.Errorf("run %d (-want +got):\n%s", j.runs, d)
	}
}

func TestTheFirstRunTellsEverything(t *testing.T) {
	j := newJob(t)
	o := j.night(device("r1", fail("dns-server"), because(fail("reach-ping"), "dns-server"), result("log-errors", diag.Warn, diag.Low)),
		device("r2", pass("dns-server")), unreachable("r3"))
	j.want(o, "worse: r3 state,  -> unreachable (connect_timeout)", "new: r1 dns-server,  -> fail (high), 1 more", "exit 1")
	if o.Since != nil || o.Open != 1 || o.Devices != 3 || o.Examined != 2 || o.Silent() {
		t.Errorf("%+v", o.Document)
	}
	if !slices.Contains(o.Notes, "1 warning is not listed here.") {
		t.Error(o.Notes)
	}
}

func TestUnchangedIsSilent(t *testing.T) {
	j := newJob(t)
	night := []diag.DeviceResult{device("r1", fail("a"), result("b", diag.Unknown, diag.High)), device("r2", pass("a"))}
	j.night(night...)
	if o := j.night(night...); !o.Silent() || o.Worse+o.Lost > 0 {
		t.Errorf("%+v", o.Document)
	}
}

// TestTransitions compares a night with the one before, whose devices are r1 and, where it says so, more.
func TestTransitions(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []diag.DeviceResult
		want          []string
	}{
		"new":                                {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", fail("a"))}, []string{"new: r1 a, pass -> fail (high)", "exit 1"}},
		"resolved":                           {[]diag.DeviceResult{device("r1", fail("a"))}, []diag.DeviceResult{device("r1", pass("a"))}, []string{"resolved: r1 a, fail (high) -> pass"}},
		"more severe":                        {[]diag.DeviceResult{device("r1", fail("a"))}, []diag.DeviceResult{device("r1", critical("a"))}, []string{"worse: r1 a, fail (high) -> fail (critical)", "exit 1"}},
		"less severe":                        {[]diag.DeviceResult{device("r1", critical("a"))}, []diag.DeviceResult{device("r1", fail("a"))}, []string{"better: r1 a, fail (critical) -> fail (high)"}},
		"low severity":                       {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", result("a", diag.Fail, diag.Low))}, []string{"new: r1 a, pass -> fail (low)"}},
		"a warning":                          {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", result("a", diag.Warn, diag.High))}, []string{"new: r1 a, pass -> warn"}},
		"unseen":                             {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", result("a", diag.Unknown, diag.High))}, []string{"worse: r1 a, pass -> unknown (refused)", "exit 3"}},
		"never to be seen":                   {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", unknown("a", diag.Manual))}, nil},
		"a fault that can no longer be seen": {[]diag.DeviceResult{device("r1", fail("a"))}, []diag.DeviceResult{device("r1", unknown("a", diag.Absent))}, []string{"worse: r1 a, fail (high) -> unknown (absent)"}},
		"seen again":                         {[]diag.DeviceResult{device("r1", unknown("a", diag.Cut))}, []diag.DeviceResult{device("r1", pass("a"))}, []string{"better: r1 a, unknown (cut) -> pass"}},
		"a flag":                             {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", unknown("a", diag.NotCollected))}, nil},
		"another cause of a consequence": {[]diag.DeviceResult{device("r1", fail("a"), fail("b"), because(fail("c"), "a"))},
			[]diag.DeviceResult{device("r1", fail("a"), fail("b"), because(fail("c"), "b"))}, nil},
		"one more consequence":      {[]diag.DeviceResult{device("r1", fail("a"), pass("b"))}, []diag.DeviceResult{device("r1", fail("a"), because(fail("b"), "a"))}, nil},
		"one consequence less":      {[]diag.DeviceResult{device("r1", fail("a"), because(fail("b"), "a"))}, []diag.DeviceResult{device("r1", fail("a"), pass("b"))}, nil},
		"blocked by what was there": {[]diag.DeviceResult{device("r1", fail("a"), pass("b"))}, []diag.DeviceResult{device("r1", fail("a"), because(unknown("b", diag.Blocked), "a"))}, nil},
		"a fault that is blocked by another one": {[]diag.DeviceResult{device("r1", fail("a"), fail("b"))}, []diag.DeviceResult{device("r1", fail("a"), because(unknown("b", diag.Blocked), "a"))},
			[]string{"worse: r1 b, fail (high) -> unknown (blocked)"}},
		"another object": {[]diag.DeviceResult{device("r1", fail("a"))}, []diag.DeviceResult{device("r1", func() diag.Result { r := fail("a"); r.Key = "192.0.2.1"; return r }())}, []string{"changed: r1 a, fail (high) -> fail (high)"}},
		"a fault with its consequences": {[]diag.DeviceResult{device("r1", pass("a"), pass("b"), pass("c"))},
			[]diag.DeviceResult{device("r1", fail("a"), because(fail("b"), "a"), because(fail("c"), "b"))}, []string{"new: r1 a, pass -> fail (high), 2 more", "exit 1"}},
		"a consequence that stays when its cause is gone is a finding": {[]diag.DeviceResult{device("r1", fail("a"), because(fail("b"), "a"))},
			[]diag.DeviceResult{device("r1", pass("a"), fail("b"))}, []string{"new: r1 b, fail (high) -> fail (high)", "resolved: r1 a, fail (high) -> pass", "exit 1"}},
		"a consequence that stays, if less severe, is a finding": {[]diag.DeviceResult{device("r1", fail("a"), because(critical("b"), "a"), because(fail("c"), "a"))},
			[]diag.DeviceResult{device("r1", pass("a"), fail("b"), pass("c"))}, []string{"new: r1 b, fail (critical) -> fail (high)", "resolved: r1 a, fail (high) -> pass, 1 more", "exit 1"}},
		"out of reach":         {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{unreachable("r1")}, []string{"worse: r1 state, examined -> unreachable (connect_timeout)", "exit 3"}},
		"another reason":       {[]diag.DeviceResult{unreachable("r1")}, []diag.DeviceResult{gone("r1", diag.Unreachable, "refused")}, nil},
		"another one is tried": {[]diag.DeviceResult{gone("r1", diag.AuthRejected, "auth_rejected")}, []diag.DeviceResult{gone("r1", diag.NotReached, "breaker")}, nil},
		"another state":        {[]diag.DeviceResult{unreachable("r1")}, []diag.DeviceResult{gone("r1", diag.AuthRejected, "auth_rejected")}, []string{"changed: r1 state, unreachable (connect_timeout) -> auth-rejected", "exit 3"}},
		"seen for once":        {[]diag.DeviceResult{unreachable("r1")}, []diag.DeviceResult{device("r1", fail("a"))}, []string{"new: r1 a,  -> fail (high)", "better: r1 state, unreachable (connect_timeout) -> examined", "exit 1"}},
		"seen for once, with what follows": {[]diag.DeviceResult{unreachable("r1")}, []diag.DeviceResult{device("r1", fail("a"), because(fail("b"), "a"), result("c", diag.Warn, diag.Low))},
			[]string{"new: r1 a,  -> fail (high), 1 more", "better: r1 state, unreachable (connect_timeout) -> examined", "exit 1"}},
		"seen for once, with gaps": {[]diag.DeviceResult{unreachable("r1")}, []diag.DeviceResult{device("r1", unknown("a", diag.Cut), unknown("b", diag.Manual), pass("c"))},
			[]string{"new: r1 coverage,  -> 1 check is unknown", "better: r1 state, unreachable (connect_timeout) -> examined", "exit 3"}},
		"joined with gaps": {[]diag.DeviceResult{device("r1")}, []diag.DeviceResult{device("r1"), device("r2", unknown("a", diag.Refused), result("b", diag.Unknown, diag.Low))},
			[]string{"new: r2 coverage,  -> 1 check is unknown", "appeared: r2 device,  -> examined", "exit 3"}},
		"left":                       {[]diag.DeviceResult{device("r1"), device("r2")}, []diag.DeviceResult{device("r1")}, []string{"vanished: r2 device, examined -> "}},
		"joined with a fault":        {[]diag.DeviceResult{device("r1")}, []diag.DeviceResult{device("r1"), device("r2", fail("a"))}, []string{"new: r2 a,  -> fail (high)", "appeared: r2 device,  -> examined", "exit 1"}},
		"renamed":                    {[]diag.DeviceResult{device("r1", fail("a"))}, []diag.DeviceResult{func() diag.DeviceResult { d := device("r1", fail("a")); d.Name = "r9"; return d }()}, []string{"changed: r9 name, r1 -> r9"}},
		"a check that was not there": {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", pass("a"), fail("b"))}, []string{"new: r1 b,  -> fail (high)", "exit 1"}},
		"a check that is gone":       {[]diag.DeviceResult{device("r1", fail("a"), pass("b"), because(fail("c"), "a"))}, []diag.DeviceResult{device("r1")}, []string{"changed: r1 a, fail (high) -> "}},
		"a waived fault begins":      {[]diag.DeviceResult{device("r1", pass("a"))}, []diag.DeviceResult{device("r1", waived(fail("a")))}, nil},
		"a waived fault gets graver": {[]diag.DeviceResult{device("r1", waived(fail("a")))}, []diag.DeviceResult{device("r1", waived(critical("a")))}, []string{"worse: r1 a, fail (high, waived) -> fail (critical, waived)"}},
		"a waived fault is mended":   {[]diag.DeviceResult{device("r1", waived(fail("a")))}, []diag.DeviceResult{device("r1", pass("a"))}, []string{"resolved: r1 a, fail (high, waived) -> pass"}},
		"a waived fault comes to light": {[]diag.DeviceResult{device("r1", result("a", diag.Unknown, diag.High))}, []diag.DeviceResult{device("r1", waived(fail("a")))},
			[]string{"new: r1 a, unknown (refused) -> fail (high, waived)"}},
		"time runs out behind a waived fault": {[]diag.DeviceResult{device("r1", waived(fail("a")), pass("deadline"))},
			[]diag.DeviceResult{device("r1", waived(fail("a")), because(result("deadline", diag.Warn, diag.High), "a"))}, []string{"new: r1 deadline, pass -> warn"}},
		"time runs out behind a known fault": {[]diag.DeviceResult{device("r1", fail("a"), pass("deadline"))},
			[]diag.DeviceResult{device("r1", fail("a"), because(result("deadline", diag.Warn, diag.High), "a"))}, nil},
		"a waiver that has expired": {[]diag.DeviceResult{device("r1", waived(fail("a")))}, []diag.DeviceResult{device("r1", fail("a"))},
			[]string{"new: r1 a, fail (high, waived) -> fail (high)", "exit 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t)
			j.in.Outlasts = func(check string) bool { return check == "deadline" }
			j.night(c.before...)
			j.now = j.now.Add(-23 * time.Hour) // the same day: no reminder
			j.want(j.night(c.after...), c.want...)
		})
	}
}

func TestWarningsCanCount(t *testing.T) {
	j := newJob(t)
	j.in.WarnFails = true
	j.night(device("r1", pass("a")))
	j.want(j.night(device("r1", result("a", diag.Warn, diag.High))), "new: r1 a, pass -> warn", "exit 1")
}

// TestWhatWasKnownIsKept: a device that comes back with the faults it had has nothing new, however long it was away.
func TestWhatWasKnownIsKept(t *testing.T) {
	j := newJob(t)
	j.night(device("r1", critical("a"), pass("b")))
	o := j.night(unreachable("r1"))
	j.want(o, "worse: r1 state, examined -> unreachable (connect_timeout)", "reminder: r1 a,  -> fail (critical), since 03-02", "exit 3")
	if o.Open != 1 {
		t.Errorf("%d open", o.Open)
	}
	j.want(j.night(unreachable("r1")), "reminder: r1 state,  -> unreachable (connect_timeout), since 03-03", "reminder: r1 a,  -> fail (critical), since 03-02", "exit 3")
	j.want(j.night(device("r1", critical("a"), pass("b"))), "better: r1 state, unreachable (connect_timeout) -> examined", "reminder: r1 a,  -> fail (critical), since 03-02")
	j.want(j.night(device("r1", pass("a"), fail("b"))), "new: r1 b, pass -> fail (high)", "resolved: r1 a, fail (critical) -> pass", "exit 1")
}

// TestACutRunHidesNothing: what a run did not reach is neither resolved nor gone, and the next run compares with what
// was known.
func TestACutRunHidesNothing(t *testing.T) {
	for _, class := range []string{maxTime, interrupted} {
		t.Run(class, func(t *testing.T) {
			j := newJob(t)
			j.night(device("r1", fail("a"), pass("b")), device("r2", fail("a")), device("r3", pass("a")))
			half := gone("r1", diag.Partial, class)
			half.Results = []diag.Result{result("a", diag.Unknown, diag.High), fail("b")}
			o := j.night(half, gone("r2", diag.NotReached, class), device("r3", fail("a")))
			j.want(o, "new: r3 a, pass -> fail (high)", "exit 1")
			if o.Cut != 2 || o.Silent() || o.Open != 3 {
				t.Errorf("%+v", o.Document)
			}
			j.want(j.night(gone("r1", diag.NotReached, class), gone("r2", diag.NotReached, class), device("r3", fail("a"))), "exit 3")
			j.want(j.night(device("r1", fail("a"), pass("b")), device("r2", pass("a")), device("r3", fail("a"))), "resolved: r2 a, fail (high) -> pass")
		})
	}
}

// TestTheClockOfACutRun: what a clock said in an earlier run is not compared with what it says now.
func TestTheClockOfACutRun(t *testing.T) {
	j := newJob(t)
	at := func() diag.DeviceResult {
		d := device("r1", pass("a"))
		d.Facts = &diag.Holdings{Clock: new(j.now.Add(24 * time.Hour).Format("Jan 02 15:04:05 2006 UTC"))}
		return d
	}
	j.night(at())
	for _, o := range []Outcome{j.night(gone("r1", diag.NotReached, maxTime)), j.night(at()), j.night(at())} {
		for _, n := range o.Notes {
			if strings.Contains(n, "clock") {
				t.Error(n)
			}
		}
	}
	d := at()
	d.Facts.Clock = new("Jan 02 15:04:05 2036 UTC")
	if o := j.night(d); len(o.Notes) != 1 || !strings.Contains(o.Notes[0], "The clock of r1 jumped") {
		t.Error(o.Notes)
	}
}

func TestTheFirstRunCanBeCut(t *testing.T) {
	j := newJob(t)
	j.want(j.night(device("r1", pass("a")), gone("r2", diag.NotReached, maxTime)), "worse: r2 state,  -> not-run (max_time)", "exit 3")
	j.want(j.night(device("r1", pass("a")), device("r2", fail("a"))), "new: r2 a,  -> fail (high)", "better: r2 state, not-run (max_time) -> examined", "exit 1")
}

func TestOneReminderADay(t *testing.T) {
	j := newJob(t)
	night := []diag.DeviceResult{device("r1", critical("a"), fail("b"))}
	reminder := "reminder: r1 a,  -> fail (critical), since 03-02"
	j.night(night...)
	for _, step := range []struct {
		after time.Duration
		want  []string
	}{
		{time.Hour, nil}, {20*time.Hour + 59*time.Minute, nil}, // the first run was at 02:00
		{time.Minute, []string{reminder}}, {time.Hour, nil},
		{-48 * time.Hour, []string{reminder}}, {time.Hour, nil}, // the clock jumps
		{365 * 24 * time.Hour, []string{reminder}}, {time.Hour, nil},
		{-365 * 24 * time.Hour, []string{reminder}},
	} {
		j.now = j.now.Add(step.after)
		j.want(j.run(night...), step.want...)
	}
	j.now = j.now.Add(24 * time.Hour)
	if o := j.run(night...); len(o.Events) != 1 || len(o.Events[0].Fixes) != 1 {
		t.Errorf("a reminder without its fix: %+v", o.Events)
	}
}

// TestOneReminderADayOfDaylightSaving: an hourly job reminds at midnight where the runner is, through the hour that
// comes twice and the one that is left out.
func TestOneReminderADayOfDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("this system knows no time zones: ", err)
	}
	night := []diag.DeviceResult{device("r1", critical("a"))}
	for _, eve := range []time.Time{time.Date(2026, 3, 28, 12, 30, 0, 0, berlin), time.Date(2026, 10, 24, 12, 30, 0, 0, berlin)} {
		j := newJob(t)
		j.now, j.in.Zone = eve, berlin
		j.run(night...)
		var got []string
		for range 50 {
			j.now = j.now.Add(time.Hour)
			if o := j.run(night...); len(o.Events) > 0 {
				got = append(got, j.now.In(berlin).Format("2 15:04"))
			}
		}
		day := eve.Day()
		if want := []string{fmt.Sprint(day+1, " 00:30"), fmt.Sprint(day+2, " 00:30")}; !slices.Equal(got, want) {
			t.Errorf("reminders at %q, want %q", got, want)
		}
	}
}

// TestLostVerdictsAreRemindedOf, in one line per device; those that were never known, or that nobody counts, are not.
func TestLostVerdictsAreRemindedOf(t *testing.T) {
	j := newJob(t)
	low := result("d", diag.Unknown, diag.Low)
	never := unknown("c", diag.Refused)
	j.night(device("r1", pass("a"), fail("b"), never, result("d", diag.Pass, diag.Low)))
	j.want(j.night(device("r1", unknown("a", diag.Refused), fail("b"), never, low)), "worse: r1 a, pass -> unknown (refused)", "worse: r1 d, pass -> unknown (refused)", "exit 3")
	o := j.night(device("r1", unknown("a", diag.Refused), unknown("b", diag.Cut), never, low))
	j.want(o, "worse: r1 b, fail (high) -> unknown (cut)", "reminder: r1 coverage,  -> 1 check is unknown, since 03-03", "exit 3")
	o = j.night(device("r1", unknown("a", diag.Refused), unknown("b", diag.Cut), never, low))
	j.want(o, "reminder: r1 coverage,  -> 2 checks are unknown, since 03-03")
	if got := o.Events[0].Summary; got != "Known before: a (refused), b (cut)." {
		t.Error(got)
	}
	j.want(j.run(device("r1", unknown("a", diag.Refused), unknown("b", diag.Cut), never, low)))
	j.want(j.night(unreachable("r1")), "worse: r1 state, examined -> unreachable (connect_timeout)", "exit 3")
}

// TestWhatWasBlockedAndIsRefusedNow: the fault in front of a check is mended, and what is behind it cannot be seen.
func TestWhatWasBlockedAndIsRefusedNow(t *testing.T) {
	j := newJob(t)
	blocked, open := because(unknown("b", diag.Blocked), "a"), pass("a")
	j.night(device("r1", open, pass("b"), unknown("c", diag.Blocked)))
	j.want(j.night(device("r1", fail("a"), blocked, unknown("c", diag.Blocked))), "new: r1 a, pass -> fail (high), 1 more", "exit 1")
	j.want(j.night(device("r1", open, unknown("b", diag.Refused), unknown("c", diag.Refused))),
		"worse: r1 b, unknown (blocked) -> unknown (refused)", "resolved: r1 a, fail (high) -> pass", "exit 3")
	j.want(j.run(device("r1", open, unknown("b", diag.Refused), unknown("c", diag.Refused))))
}

func TestTheDayIsThatOfTheRunner(t *testing.T) {
	j := newJob(t)
	j.in.Zone = time.FixedZone("JST", 9*60*60)
	night := []diag.DeviceResult{device("r1", critical("a"))}
	j.now = time.Date(2026, 3, 1, 14, 59, 0, 0, time.UTC) // 23:59 there
	j.run(night...)
	j.now = j.now.Add(time.Minute)
	j.want(j.run(night...), "reminder: r1 a,  -> fail (critical), since 03-01")
	j.now = j.now.Add(23 * time.Hour)
	j.want(j.run(night...))
}

// play runs a night per letter: g good, b bad, ? out of reach; and returns what each told, without reminders.
func play(t *testing.T, nights string) []string {
	j := newJob(t)
	var out []string
	for _, n := range nights {
		d := device("r1", pass("a"))
		switch n {
		case 'b':
			d = device("r1", critical("a"))
		case '?':
			d = gone("r1", diag.NotReached, maxTime)
		}
		o := j.night(d)
		text := ""
		for _, e := range o.Events {
			if e.Kind != Reminder {
				text += fmt.Sprintf("%s %d ", e.Kind, e.Changes)
			}
		}
		if o.Quieted > 0 {
			text += fmt.Sprintf("quieted %d ", o.Quieted)
		}
		if o.Worse > 0 {
			text += "exit 1 "
		}
		out = append(out, strings.TrimSpace(text))
	}
	return out
}

func TestFlapping(t *testing.T) {
	const up, down, flap, quiet, settled3 = "resolved 0", "new 0 exit 1", "flap suppressed 3", "quieted 1", "settled 3"
	for nights, want := range map[string][]string{
		"gbgbbbbb":       {"", down, up, flap, "", "", settled3, ""},
		"gbgbgbggggg":    {"", down, up, flap, quiet, quiet, quiet, "", "", "settled 6", ""},
		"gbggggggbb":     {"", down, up, "", "", "", "", "", down, ""},                           // three changes, but not within seven runs
		"gbgggggb":       {"", down, up, "", "", "", "", flap},                                   // within seven runs
		"gbgbggbggggg":   {"", down, up, flap, quiet, "", quiet, quiet, "", "", "settled 6", ""}, // two still nights are not still
		"gbgbbb?bb":      {"", down, up, flap, "", "", "", settled3, ""},                         // a night that does not see it tells nothing of it
		"gbgbbbbgbg":     {"", down, up, flap, "", "", settled3, up, down, flap},                 // counting begins anew
		"ggggggggggbbbb": {"", "", "", "", "", "", "", "", "", "", down, "", "", ""},
	} {
		if d := gocmp.Diff(want, play(t, nights)); d != "" {
			t.Errorf("%s (-want +got):\n%s", nights, d)
		}
	}
}

// TestAFlappingCriticalIsRemindedOf: damping hides changes, not what is open.
func TestAFlappingCriticalIsRemindedOf(t *testing.T) {
	j := newJob(t)
	good, bad := device("r1", pass("a")), device("r1", critical("a"))
	j.night(good)
	j.night(bad)
	j.night(good)
	j.want(j.night(bad), "flap suppressed: r1 a, pass -> fail (critical), 3 changes, since 03-03")
	j.want(j.night(bad), "reminder: r1 a,  -> fail (critical), since 03-05")
	j.want(j.night(good))
	o := j.night(bad)
	j.want(o, "reminder: r1 a,  -> fail (critical), since 03-08")
	if o.Quieted != 1 || o.Open != 1 {
		t.Errorf("%+v", o.Document)
	}
}

// TestAFlapThatIsForgotten: a device that is away for longer than FlapMemory has nobody told that it is still. When
// it flaps again, that is told again.
func TestAFlapThatIsForgotten(t *testing.T) {
	j := newJob(t)
	good, bad := device("r1", pass("a")), device("r1", fail("a"))
	j.night(good)
	j.night(bad)
	j.night(good)
	j.want(j.night(bad), "flap suppressed: r1 a, pass -> fail (high), 3 changes, since 03-03")
	j.series = map[part]*Series{}
	j.night(bad)
	j.want(j.night(good), "resolved: r1 a, fail (high) -> pass")
	j.want(j.night(bad), "new: r1 a, pass -> fail (high)", "exit 1")
	j.want(j.night(good), "flap suppressed: r1 a, fail (high) -> pass, 3 changes, since 03-07")
}

// TestTheConsequencesOfAFlapAreDampedWithIt: only the root of what changes together is told of.
func TestTheConsequencesOfAFlapAreDampedWithIt(t *testing.T) {
	j := newJob(t)
	good, bad := device("r1", pass("a"), pass("b")), device("r1", fail("a"), because(fail("b"), "a"))
	j.night(good)
	j.night(bad)
	j.night(good)
	j.want(j.night(bad), "flap suppressed: r1 a, pass -> fail (high), 1 more, 3 changes, since 03-03")
	if o := j.night(good); o.Quieted != 2 || len(o.Events) != 0 {
		t.Errorf("%+v", o.Document)
	}
	j.night(good)
	j.night(good)
	j.want(j.night(good), "settled: r1 a,  -> pass, 4 changes, since 03-03")
}

func TestADeviceThatComesAndGoes(t *testing.T) {
	j := newJob(t)
	r2 := device("r2")
	j.night(device("r1"), r2)
	j.night(r2)
	j.night(device("r1"), r2)
	j.want(j.night(r2), "flap suppressed: r1 device, examined -> , 3 changes, since 03-03")
	j.want(j.night(device("r1"), r2))
	j.night(device("r1"), r2)
	j.night(device("r1"), r2)
	j.want(j.night(device("r1"), r2), "settled: r1 state,  -> examined, 4 changes, since 03-03")
}

// TestAFaultThatLeavesTheInventory is not told as mended, but not passed over either.
func TestAFaultThatLeavesTheInventory(t *testing.T) {
	j := newJob(t)
	j.night(device("r1"), device("r2", fail("a"), because(fail("b"), "a"), critical("c")))
	o := j.night(device("r1"))
	j.want(o, "vanished: r2 device, examined -> ")
	if got := o.Events[0].Summary; got != "The device is no longer in the inventory, with 2 findings open." || o.Open != 0 {
		t.Errorf("%q, %d open", got, o.Open)
	}
}

// TestANightThatSawNothing is told with its status, however often that happens.
func TestANightThatSawNothing(t *testing.T) {
	j := newJob(t)
	r1, r2 := device("r1"), device("r2")
	dark := []diag.DeviceResult{gone("r1", diag.NotReached, "bastion_unreachable"), gone("r2", diag.NotReached, "bastion_unreachable")}
	j.night(r1, r2)
	for range 4 {
		o := j.night(dark...)
		if o.Lost != 2 || len(Groups(o.Events)) != 1 || o.Events[0].Kind != Worse {
			t.Errorf("run %d: %s", j.runs, told(o))
		}
		j.night(r1, r2)
	}
	if o := j.night(unreachable("r1"), r2); o.Lost != 0 || o.Quieted != 1 {
		t.Errorf("one device that flaps is told: %s", told(o))
	}
}

// TestNightsThatSeeNothing: when that stays so, each day says it with its status, once.
func TestNightsThatSeeNothing(t *testing.T) {
	j := newJob(t)
	j.night(device("r1"))
	j.want(j.night(unreachable("r1")), "worse: r1 state, examined -> unreachable (connect_timeout)", "exit 3")
	for range 3 {
		j.want(j.night(unreachable("r1")), "reminder: r1 state,  -> unreachable (connect_timeout), since 03-03", "exit 3")
		j.now = j.now.Add(time.Hour)
		j.want(j.run(unreachable("r1")))
		j.now = j.now.Add(-time.Hour)
	}
	j.want(j.night(gone("r1", diag.AuthRejected, "auth_rejected")), "changed: r1 state, unreachable (connect_timeout) -> auth-rejected", "exit 3")
	half := device("r1")
	half.State, half.Error = diag.Partial, &diag.Fault{Class: "session_lost"}
	j.night(half)
	if o := j.night(half); o.Lost > 0 {
		t.Errorf("what answers in part is not nothing: %s", told(o))
	}
}

// TestTheWaiversOfWhatIsOutOfReach: what is reminded of and counted while a device is away is what is waived today.
func TestTheWaiversOfWhatIsOutOfReach(t *testing.T) {
	accepted := false
	j := newJob(t)
	j.in.Waive = func(d *diag.DeviceResult) {
		for i, r := range d.Results {
			if d.Results[i].Waived = nil; accepted && r.Status == diag.Fail {
				d.Results[i] = waived(r)
			}
		}
	}
	j.night(device("r1", critical("a")), device("r2"))
	j.night(unreachable("r1"), device("r2"))
	o := j.night(unreachable("r1"), device("r2"))
	j.want(o, "reminder: r1 state,  -> unreachable (connect_timeout), since 03-03", "reminder: r1 a,  -> fail (critical), since 03-02")
	accepted = true
	o = j.night(unreachable("r1"), device("r2"))
	j.want(o, "reminder: r1 state,  -> unreachable (connect_timeout), since 03-03")
	if o.Open != 0 || o.Waived != 1 {
		t.Errorf("%d open, %d waived", o.Open, o.Waived)
	}
	j.want(j.night(device("r1", waived(critical("a"))), device("r2")), "better: r1 state, unreachable (connect_timeout) -> examined", "better: r1 a, fail (critical) -> fail (critical, waived)")
}

func TestCountsInWords(t *testing.T) {
	if got := Reminder.Count(1) + ", " + Reminder.Count(2) + ", " + Flapping.Count(2); got != "1 reminder, 2 reminders, 2 flap suppressed" {
		t.Error(got)
	}
}

// TestOneCauseIsOneGroup: what one cause does to four hundred devices is one thing to read.
func TestOneCauseIsOneGroup(t *testing.T) {
	j := newJob(t)
	var good, bad []diag.DeviceResult
	for i := range 400 {
		name := fmt.Sprintf("r%d", i)
		good = append(good, device(name, pass("a"), pass("b")))
		r := fail("a")
		r.Key = "192.0.2.80"
		bad = append(bad, device(name, r, because(fail("b"), "a")))
	}
	bad[7].Results[0].Key = "192.0.2.81"
	j.night(good...)
	o := j.night(bad...)
	groups := Groups(o.Events)
	if len(o.Events) != 400 || o.Worse != 400 || len(groups) != 2 {
		t.Fatalf("%d events, %d groups", len(o.Events), len(groups))
	}
	if g := groups[0]; len(g.Devices) != 399 || g.Consequences != 399 || g.Key != "192.0.2.80" || g.Various {
		t.Errorf("%+v", g)
	}
	if g := groups[1]; !slices.Equal(g.Devices, []string{"r7"}) {
		t.Errorf("%+v", g)
	}
	if groups := Groups(j.night(good...).Events); len(groups) != 1 || len(groups[0].Devices) != 400 {
		t.Errorf("resolved in %d groups", len(groups))
	}
}

func TestARunThatWasNotTold(t *testing.T) {
	j := newJob(t)
	j.night(device("r1", pass("a")))
	j.in.Untold = true
	if o := j.night(device("r1", pass("a"))); o.Silent() || o.Missed == nil || len(o.Notes) != 1 || o.Worse+o.Lost > 0 {
		t.Errorf("%+v", o.Document)
	}
}

// BenchmarkTell compares two nights of 10,000 devices with 130 checks each, of which one in a hundred has changed.
func BenchmarkTell(b *testing.B) {
	fleet := func(changed int) (out []diag.DeviceResult) {
		for i := range 10_000 {
			var results []diag.Result
			for k := range 130 {
				r := pass(fmt.Sprintf("check-%d", k))
				if k == 7 && i%100 < changed {
					r = fail(r.Check)
				}
				results = append(results, r)
			}
			out = append(out, device(fmt.Sprintf("r%d", i), results...))
		}
		return out
	}
	in := Input{Zone: time.UTC, FailOn: diag.Medium, Before: &rundiff.Side{Devices: fleet(0)}, After: rundiff.Side{Devices: fleet(1)},
		Opened: func(string, string) *time.Time { return nil }, Damped: func(string) bool { return false }}
	for b.Loop() {
		if o := Tell(in); len(o.Events) != 100 {
			b.Fatal(len(o.Events))
		}
	}
}
