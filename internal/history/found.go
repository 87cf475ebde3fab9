package history

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

// ErrNone means that the history does not hold what was asked for.
var ErrNone = errors.New("the history holds nothing of it")

// Found is what a run found.
type Found struct {
	Run        Run       `json:"run"`
	Findings   []Finding `json:"findings"`     // with warnings and what is waived; the gravest first
	Follows    int       `json:"consequences"` // faults and warnings that follow from another one: not listed
	Unexamined []Unseen  `json:"not_examined"` // by name
	Undecided  []Blank   `json:"undecided"`    // by name
}

// Finding is a fault or a warning that some devices share.
type Finding struct {
	Check    string        `json:"check"`
	Key      string        `json:"key"`
	Status   diag.Status   `json:"status"`
	Severity diag.Severity `json:"severity"`
	Waived   bool          `json:"waived"`
	Summary  string        `json:"summary"` // on the first device, when it began
	Devices  []Since       `json:"devices"` // by name
}

// Since is a device and since when it has a fault.
type Since struct {
	Device string    `json:"device"`
	Since  time.Time `json:"since"`
	Seen   bool      `json:"seen"` // false: the run did not see the device, its last known verdict stands
}

// Unseen is a device that a run did not examine to its end.
type Unseen struct {
	Device string    `json:"device"`
	State  string    `json:"state"`
	Since  time.Time `json:"since"` // the first run that did not examine it, without a break since
}

// Blank is a device that a run examined without being able to decide every check.
type Blank struct {
	Device string `json:"device"`
	Checks int    `json:"checks"` // that are unknown because of what the device answered
}

// lens reads spans: the names of their parts, the times of their runs, their details.
type lens struct {
	tx
	parts map[int64]string
	ids   map[string]int64
	times map[int64]time.Time
	known *details
}

func (t tx) lens(job int64) (*lens, error) {
	l := &lens{tx: t, ids: map[string]int64{}, times: map[int64]time.Time{}, known: newDetails(t)}
	var err error
	if l.parts, err = t.partNames(); err != nil {
		return nil, err
	}
	for id, name := range l.parts {
		l.ids[name] = id
	}
	runs, err := t.runs(job, 0)
	for _, r := range runs {
		l.times[r.id] = r.at
	}
	return l, err
}

// Show is what a run found: the one of a number or an id, or with "" the last one of all. A fault that follows from
// another one is only counted, unless it outlasts its cause. Gap reports whether a check is unknown because of what the
// device answered. ErrNone when there is no such run.
func (s *Store) Show(ctx context.Context, which string, outlasts func(check string) bool, gap func(diag.Result) bool) (*Found, error) {
	var out *Found
	err := s.read(ctx, "reading", func(t tx) error {
		runs, err := t.allRuns("")
		if err != nil {
			return err
		}
		number, err := strconv.ParseInt(which, 10, 64)
		if err != nil {
			number = 0
		}
		for _, r := range runs {
			if which == "" || r.Number == number || r.ID == which {
				out = &Found{Run: r, Findings: []Finding{}, Unexamined: []Unseen{}, Undecided: []Blank{}}
			}
		}
		if out == nil {
			return nil
		}
		l, err := t.lens(out.Run.job)
		if err != nil {
			return err
		}
		return l.show(out, outlasts, gap)
	})
	if err == nil && out == nil {
		err = ErrNone
	}
	return out, err
}

// show fills in what was found by a run.
func (l *lens) show(f *Found, outlasts func(check string) bool, gap func(diag.Result) bool) error {
	job, run := f.Run.job, f.Run.Number
	spans, err := l.spans("(rank > 0 or part = $1) and first <= $2 and device in (select id from device where job = $3)", l.ids["name"], run, job)
	if err != nil {
		return err
	}
	for i := range spans { // what came later is not known yet
		if spans[i].until > run {
			spans[i].until = 0
		}
	}
	if err := l.known.load(spans, true); err != nil {
		return err
	}
	names, unseen := map[int64]string{}, map[int64]bool{}
	for _, s := range spans {
		switch {
		case s.until != 0:
		case s.part == l.ids["name"]:
			names[s.device] = words("name", l.known.body[s.value])
		case s.part == l.ids["state"]:
			unseen[s.device] = !seen(s.rank, l.known.body[s.value])
		}
	}
	blank := map[string]int{}
	var found grouped
	for some := range bySpan(spans) {
		if some[0].part == l.ids["name"] {
			continue
		}
		part := l.parts[some[0].part]
		if last := some[len(some)-1]; part != "state" && last.until == 0 && last.rank == unknown && !unseen[last.device] {
			v, err := l.known.verdict(last.value)
			if err != nil {
				return err
			}
			if gap(v.result("", wording{})) {
				blank[names[last.device]]++
			}
		}
		all, err := episodes(part, some, l.known)
		if err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].until != 0 {
			continue
		}
		e, device := all[len(all)-1], names[some[0].device]
		since := l.times[e.first]
		if part == "state" {
			f.Unexamined = append(f.Unexamined, Unseen{device, words(part, l.known.body[e.last.value]), since})
			continue
		}
		v, err := l.known.verdict(e.last.value)
		if err != nil {
			return err
		}
		check := strings.TrimPrefix(part, checkPart)
		if v.CausedBy != nil && (v.Status != diag.Fail || !outlasts(check)) {
			f.Follows++
			continue
		}
		w, err := l.known.wording(e.last.summary)
		if err != nil {
			return err
		}
		found.add(Finding{Check: check, Key: v.Key, Status: v.Status, Severity: v.Severity, Waived: v.Waived != nil,
			Summary: w.Summary}, Since{device, since, !unseen[some[0].device]})
	}
	f.Findings = append(f.Findings, found.sorted()...)
	for _, name := range slices.Sorted(maps.Keys(blank)) {
		f.Undecided = append(f.Undecided, Blank{name, blank[name]})
	}
	slices.SortFunc(f.Unexamined, func(a, b Unseen) int { return strings.Compare(a.Device, b.Device) })
	return nil
}

// bySpan yields the spans of one part of one device after the other.
func bySpan(spans []span) func(yield func([]span) bool) {
	return func(yield func([]span) bool) {
		for len(spans) > 0 {
			n := 1
			for n < len(spans) && spans[n].device == spans[0].device && spans[n].part == spans[0].part {
				n++
			}
			if !yield(spans[:n]) {
				return
			}
			spans = spans[n:]
		}
	}
}

// grouped are findings by what they have in common.
type grouped struct {
	at  map[shared]int
	all []Finding
}

// shared is what devices with one finding have in common.
type shared struct {
	check, key string
	status     diag.Status
	severity   diag.Severity
	waived     bool
}

func (g *grouped) add(f Finding, on Since) {
	if g.at == nil {
		g.at = map[shared]int{}
	}
	k := shared{f.Check, f.Key, f.Status, f.Severity, f.Waived}
	i, ok := g.at[k]
	if !ok {
		i = len(g.all)
		g.at[k] = i
		g.all = append(g.all, f)
	}
	g.all[i].Devices = append(g.all[i].Devices, on)
}

func (g *grouped) sorted() []Finding {
	for _, f := range g.all {
		slices.SortFunc(f.Devices, func(a, b Since) int { return strings.Compare(a.Device, b.Device) })
	}
	grave := func(f Finding) int {
		if f.Status == diag.Warn {
			return len(diag.Severities) + 1
		}
		return f.Severity.Rank()
	}
	slices.SortFunc(g.all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(grave(a), grave(b)), cmp.Compare(len(b.Devices), len(a.Devices)), strings.Compare(a.Check, b.Check), strings.Compare(a.Key, b.Key))
	})
	return g.all
}
