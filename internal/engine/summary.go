package engine

import (
	"cmp"
	"slices"

	"slpdoctor/internal/diag"
)

// Fold gathers the summary of a run, device by device in inventory order. The zero Fold is empty.
type Fold struct {
	// Outlasts reports whether a failing verdict of the check stays a finding although it is explained.
	Outlasts func(check string) bool

	sum    diag.Summary
	causes map[causeKey]*diag.Cause
	waived map[waivedKey]*diag.Cause
	votes  votes
}

type causeKey struct {
	check, key string
	status     diag.Status // a fault on one device is not the same as a warning on four hundred
}

type waivedKey struct {
	causeKey
	waiver diag.Waiver
}

func keyOf(r diag.Result) causeKey { return causeKey{r.Check, r.Key, r.Status} }

// Add takes in one device.
func (f *Fold) Add(d diag.DeviceResult) {
	if f.sum.Findings == nil {
		f.sum.Findings = map[diag.Severity]int{diag.Critical: 0, diag.High: 0, diag.Medium: 0, diag.Low: 0}
		f.causes, f.waived = map[causeKey]*diag.Cause{}, map[waivedKey]*diag.Cause{}
		f.votes = votes{}
	}
	f.votes.add(d)
	if ahead, ok := deadlineAhead(d); ok {
		f.sum.Radar = append(f.sum.Radar, ahead)
	}
	n := &f.sum.Devices
	n.Total++
	for state, count := range map[diag.State]*int{diag.Examined: &n.Examined, diag.Partial: &n.Partial,
		diag.Unreachable: &n.Unreachable, diag.AuthRejected: &n.AuthRejected, diag.HostKey: &n.HostKey,
		diag.Failed: &n.Error, diag.NotReached: &n.NotRun} {
		if d.State == state {
			*count++
		}
	}
	c := &f.sum.Coverage
	for _, cmd := range d.Commands {
		c.Commands.Planned++
		c.UnparsedLines += cmd.UnparsedLines
		switch cmd.Outcome {
		case diag.OK:
			c.Commands.OK++
		case diag.WasRefused:
			c.Commands.Refused++
		case diag.WasTimedOut:
			c.Commands.TimedOut++
		case diag.WasCut:
			c.Commands.Cut++
		case diag.NotRun:
			c.Commands.NotRun++
		}
	}
	for i, r := range d.Results {
		switch r.Status {
		case diag.Unknown:
			c.Checks.Unknown++
		case diag.Pass, diag.Warn, diag.Fail:
			c.Checks.Decided++
		}
		if r.Status == diag.Warn && r.Waived == nil {
			f.sum.Warnings++
		}
		if f.IsWaived(r) {
			f.sum.Waived++
		}
		if _, counted := f.sum.Findings[r.Severity]; counted && f.IsFinding(r) {
			f.sum.Findings[r.Severity]++
		}
		if r.Status == diag.Fail || r.Status == diag.Warn || r.Status == diag.Unknown {
			f.addCause(d, d.Results[i])
		}
	}
}

// IsFinding reports whether a result counts: it fails, nothing explains it (or it outlasts its cause)
// and no waiver covers it.
func (f *Fold) IsFinding(r diag.Result) bool {
	return r.Status == diag.Fail && r.Waived == nil && f.weighs(r)
}

// IsWarning reports whether one of a device's results warns by itself: nothing explains it, or what does is waived
// and it outlasts that; and no waiver covers it.
func (f *Fold) IsWarning(results []diag.Result, r diag.Result) bool {
	return r.Status == diag.Warn && r.Waived == nil && (r.CausedBy == nil || f.outlasts(r) && Root(results, r).Waived != nil)
}

// IsWaived reports whether a result would be a finding or a warning without its waiver.
func (f *Fold) IsWaived(r diag.Result) bool { return r.Waived != nil && f.weighs(r) }

// weighs reports whether a result is a finding or a warning, were there no waivers.
func (f *Fold) weighs(r diag.Result) bool {
	return r.Status == diag.Warn || r.Status == diag.Fail && (r.CausedBy == nil || f.outlasts(r))
}

func (f *Fold) outlasts(r diag.Result) bool { return f.Outlasts != nil && f.Outlasts(r.Check) }

// addCause counts a root, or a consequence under its root; and either under its waiver. What outlasts its
// cause becomes a root of its own where a waiver takes the cause away.
func (f *Fold) addCause(d diag.DeviceResult, r diag.Result) {
	root := Root(d.Results, r)
	if r.Waiver != nil && f.weighs(r) {
		put(f.waived, waivedKey{keyOf(r), *r.Waiver}, d, r, r)
	}
	if root.Waiver != nil && root.Check != r.Check {
		put(f.waived, waivedKey{keyOf(root), *root.Waiver}, d, root, r)
	}
	if root.Waived != nil && root.Check != r.Check && (f.IsFinding(r) || f.IsWarning(d.Results, r)) {
		root = r
	}
	if root.Waived == nil && (root.Status == diag.Fail || root.Status == diag.Warn) {
		put(f.causes, keyOf(root), d, root, r)
	}
}

// put counts a result under its root: as one of its devices, or as a consequence.
func put[K comparable](causes map[K]*diag.Cause, k K, d diag.DeviceResult, root, r diag.Result) {
	c := causes[k]
	if c == nil {
		c = &diag.Cause{Check: root.Check, Key: root.Key, Status: root.Status, Severity: root.Severity,
			Summary: root.Summary, Devices: []string{}, Fixes: root.Fixes}
		causes[k] = c
	}
	if root.Check != r.Check {
		c.Consequences++
		return
	}
	if root.Severity.Rank() < c.Severity.Rank() {
		c.Severity, c.Summary, c.Fixes = root.Severity, root.Summary, root.Fixes
	}
	c.Devices = append(c.Devices, d.Name)
}

// Root follows caused_by to its end.
func Root(results []diag.Result, r diag.Result) diag.Result {
	for range results {
		if r.CausedBy == nil {
			break
		}
		i := slices.IndexFunc(results, func(x diag.Result) bool { return x.Check == *r.CausedBy })
		if i < 0 {
			break
		}
		r = results[i]
	}
	return r
}

// Summary is what was folded so far; causes by severity, number of devices, check id and key.
func (f *Fold) Summary() diag.Summary {
	s := f.sum
	if s.Findings == nil {
		s.Findings = map[diag.Severity]int{diag.Critical: 0, diag.High: 0, diag.Medium: 0, diag.Low: 0}
	}
	s.Causes = []diag.Cause{}
	s.Radar = append([]diag.DeadlineAhead{}, f.sum.Radar...)
	slices.SortStableFunc(s.Radar, func(a, b diag.DeadlineAhead) int { return a.DaysLeft - b.DaysLeft })
	s.Outliers = f.votes.outliers()
	for _, c := range f.causes {
		s.Causes = append(s.Causes, *c)
	}
	slices.SortFunc(s.Causes, byWeight)
	s.Waivers = []diag.WaivedCause{}
	for k, c := range f.waived {
		s.Waivers = append(s.Waivers, diag.WaivedCause{Cause: *c, Waiver: k.waiver})
	}
	slices.SortFunc(s.Waivers, func(a, b diag.WaivedCause) int {
		return cmp.Or(byWeight(a.Cause, b.Cause), cmp.Compare(a.Waiver.Expires, b.Waiver.Expires), cmp.Compare(a.Waiver.Source, b.Waiver.Source))
	})
	return s
}

func byWeight(a, b diag.Cause) int {
	return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(len(b.Devices), len(a.Devices)),
		cmp.Compare(a.Check, b.Check), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Status, b.Status))
}

// Exit statuses of a finished run (product contract, section 5).
const (
	ExitOK         = 0
	ExitFindings   = 1
	ExitUsage      = 2
	ExitIncomplete = 3
	ExitInternal   = 4
	ExitInterrupt  = 130
)

// Gate decides the exit status of a run.
type Gate struct {
	FailOn    diag.Severity // lowest severity that counts
	WarnFails bool          // warnings without a cause count like findings
	ExitZero  bool          // findings and incompleteness do not set the status

	findings, gaps bool
}

// Add takes in one device, whose results f weighs.
func (g *Gate) Add(d diag.DeviceResult, f *Fold) {
	if d.State != diag.Examined {
		g.gaps = true
	}
	for _, r := range d.Results {
		if r.Severity.Rank() > g.FailOn.Rank() {
			continue
		}
		if f.IsFinding(r) || g.WarnFails && f.IsWarning(d.Results, r) {
			g.findings = true
		}
		if IsGap(r) {
			g.gaps = true
		}
	}
}

// IsGap reports a check that is unknown because the device did not answer as it should.
func IsGap(r diag.Result) bool {
	return r.Status == diag.Unknown && r.Reason != nil &&
		slices.Contains([]diag.Reason{diag.Refused, diag.TimedOut, diag.Cut, diag.Unparsed}, *r.Reason)
}

// Status is the exit status: findings win over incompleteness.
func (g *Gate) Status() int {
	switch {
	case g.ExitZero:
		return ExitOK
	case g.findings:
		return ExitFindings
	case g.gaps:
		return ExitIncomplete
	}
	return ExitOK
}
