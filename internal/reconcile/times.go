package reconcile

import (
	"fmt"
	"slices"
	"time"
)

// beforeIsNewer says why the export that is said to be the earlier one is not: by when vManage last assigned the
// licences, which is in the export, else by the times of the inputs.
func (l *ledger) beforeIsNewer() string {
	latest := func(all []Count) (at time.Time) {
		for _, c := range all {
			if c.Assigned != nil && c.Assigned.After(at) {
				at = *c.Assigned
			}
		}
		return at
	}
	before, now := latest(l.Data.Before), latest(l.Data.VManage)
	by := "Last Assigned On"
	if before.IsZero() || now.IsZero() || before.Equal(now) {
		by = "the times of the files"
		b, _ := l.times(Before)
		n, _ := l.times(VManage)
		if len(b) == 0 || len(n) == 0 {
			return l.beforeIsNow()
		}
		_, before = span(b)
		now, _ = span(n)
		now = now.Add(time.Minute) // files that were copied together are of one moment
	}
	if same := l.beforeIsNow(); same != "" || !before.After(now) {
		return same
	}
	l.newer = by
	return fmt.Sprintf("the export given as the earlier one is newer (%s) than the one given as now (%s), by %s: it is not used",
		before.Format("2006-01-02 15:04"), now.Format("2006-01-02 15:04"), by)
}

// beforeIsNow says why the earlier export tells nothing: row for row it is the one given as now, and its time does not
// show that it is earlier.
func (l *ledger) beforeIsNow() string {
	rows := func(all []Count) []string {
		var out []string
		for _, c := range all {
			out = append(out, l.Names.key(c.License)+"|"+c.Virtual+"|"+c.numbers())
		}
		slices.Sort(out)
		return out
	}
	b, _ := l.times(Before)
	n, _ := l.times(VManage)
	_, before := span(b)
	now, _ := span(n)
	if len(l.Data.Before) == 0 || !slices.Equal(rows(l.Data.Before), rows(l.Data.VManage)) || len(b) > 0 && len(n) > 0 && now.Sub(before) >= time.Hour {
		return ""
	}
	return "the export given as the earlier one is the one given as now: it is not used"
}

// times of the inputs of some kinds, and those whose time is not known.
func (l *ledger) times(kinds ...Kind) (known []Input, unknown []Input) {
	for _, in := range l.Inputs {
		switch {
		case !slices.Contains(kinds, in.Kind):
		case in.Time == nil:
			unknown = append(unknown, in)
		default:
			known = append(known, in)
		}
	}
	return known, unknown
}

// compared are the kinds of inputs whose numbers are set against each other.
var compared = []Kind{VManage, CSSM, Instances}

// weighTimes finds why numbers must not be compared with certainty.
func (l *ledger) weighTimes() {
	if l.newer != "" {
		l.doubts = append(l.doubts, "vManage's export of now is older than the one from before")
	}
	known, unknown := l.times(compared...)
	if first, last := span(known); last.Sub(first) > Wait {
		l.doubts = append(l.doubts, fmt.Sprintf("the inputs are %s apart", apart(last.Sub(first))))
	}
	if len(unknown) > 0 && len(known)+len(unknown) > 1 {
		l.doubts = append(l.doubts, fmt.Sprintf("when %s was made is not known", unknown[0].Path))
	}
}

func span(in []Input) (first, last time.Time) {
	for i, x := range in {
		if i == 0 || x.Time.Before(first) {
			first = *x.Time
		}
		if i == 0 || x.Time.After(last) {
			last = *x.Time
		}
	}
	return first, last
}

// apart is a duration in the words of people.
func apart(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}

// moment is when the inputs of some kinds were true, by the newest; else now.
func (l *ledger) moment(kinds ...Kind) time.Time {
	if known, _ := l.times(kinds...); len(known) > 0 {
		_, last := span(known)
		return last
	}
	return l.Now
}
