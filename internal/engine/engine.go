// Package engine turns the facts of a device into verdicts, ties consequences to their root causes and
// folds devices into the summary of a run. It does no I/O and reads no clock; fleet, bundle readers and
// the command line use it, checks do not.
package engine

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/topology"
)

// Catalogue is the set of checks of a run. The zero Catalogue has none.
type Catalogue struct {
	Checks []*diag.Check // in the order of results
	// Order breaks ties between explainers: the sequence of the decision tree (knowledge section D).
	// Checks that it does not name come last, in the order of Checks.
	Order []*diag.Check
	// Manager are the checks of vManage, to which those of IOS XE do not apply at all.
	Manager []*diag.Check
}

// of are the checks of a platform, in the order of results.
func (c Catalogue) of(platform string) []*diag.Check {
	if platform == diag.PlatformVManage {
		return c.Manager
	}
	return c.Checks
}

// Everything is the checks of every platform.
func (c Catalogue) Everything() []*diag.Check { return slices.Concat(c.Checks, c.Manager) }

// Select keeps the checks that the patterns name (ids or globs; none means all), leaves out those of
// skip, and adds the explainers of what is kept. A pattern that matches nothing is an error.
func (c Catalogue) Select(only, skip []string) (Catalogue, error) {
	if err := c.known(append(slices.Clone(only), skip...)); err != nil {
		return Catalogue{}, err
	}
	keep := map[*diag.Check]bool{}
	var add func(*diag.Check)
	add = func(k *diag.Check) {
		if keep[k] || matches(skip, k.ID) {
			return
		}
		keep[k] = true
		for _, e := range k.Causes {
			add(e.Check)
		}
	}
	for _, k := range c.Everything() {
		if len(only) == 0 || matches(only, k.ID) {
			add(k)
		}
	}
	kept := func(checks []*diag.Check) []*diag.Check {
		return slices.DeleteFunc(slices.Clone(checks), func(k *diag.Check) bool { return !keep[k] })
	}
	return Catalogue{Checks: kept(c.Checks), Order: c.Order, Manager: kept(c.Manager)}, nil
}

func matches(patterns []string, id string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { ok, _ := path.Match(p, id); return ok })
}

func (c Catalogue) known(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("reading the check pattern %q: %w", p, err)
		}
		if !slices.ContainsFunc(c.Everything(), func(k *diag.Check) bool { return matches([]string{p}, k.ID) }) {
			return fmt.Errorf("no check matches %q%s", p, c.nearest(p))
		}
	}
	return nil
}

// nearest names checks of the same group as a mistyped id.
func (c Catalogue) nearest(p string) string {
	group, _, _ := strings.Cut(p, "-")
	var ids []string
	for _, k := range c.Everything() {
		if strings.HasPrefix(k.ID, group+"-") {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ": the group " + group + " has " + strings.Join(ids, ", ")
}

// Find is the check with this id, nil when there is none.
func (c Catalogue) Find(id string) *diag.Check {
	all := c.Everything()
	if i := slices.IndexFunc(all, func(k *diag.Check) bool { return k.ID == id }); i >= 0 {
		return all[i]
	}
	return nil
}

// Reads lists the commands the checks of IOS XE need, each once, with what those need to be planned.
func (c Catalogue) Reads() []*diag.Command { return reads(c.Checks) }

func reads(checks []*diag.Check) []*diag.Command {
	var out []*diag.Command
	var add func(*diag.Command)
	add = func(cmd *diag.Command) {
		if slices.Contains(out, cmd) {
			return
		}
		for _, n := range cmd.Needs {
			add(n)
		}
		out = append(out, cmd)
	}
	for _, k := range checks {
		for _, cmd := range k.Reads {
			add(cmd)
		}
	}
	return out
}

func (c Catalogue) rank(k *diag.Check) int {
	if i := slices.Index(c.Order, k); i >= 0 {
		return i
	}
	return len(c.Order) + slices.Index(c.Checks, k)
}

// Judge runs every check of the device's platform on the facts, one result each, and ties consequences to their causes.
func (c Catalogue) Judge(f *diag.Facts) []diag.Result {
	checks := c.of(f.Device.Platform)
	out := make([]diag.Result, len(checks))
	statuses := make(map[*diag.Check]diag.Status, len(checks))
	for i, k := range checks {
		out[i] = result(k, k.Run(f))
		statuses[k] = out[i].Status
	}
	for i, k := range checks {
		if cause := c.cause(f, k, statuses); cause != nil {
			out[i].CausedBy = &cause.ID
		}
	}
	return out
}

// cause is the nearest explainer: breadth first along the edges that hold, through checks that neither
// explain nor pass, ties by the decision tree.
func (c Catalogue) cause(f *diag.Facts, k *diag.Check, statuses map[*diag.Check]diag.Status) *diag.Check {
	consequence := statuses[k]
	if consequence == diag.Pass || consequence == diag.NotApplicable || f.Topology.ID.Family()&k.Applies == 0 {
		return nil // also where nobody knows whether the check applies: nothing that fails explains that
	}
	seen := map[*diag.Check]bool{k: true}
	for level := []*diag.Check{k}; len(level) > 0; {
		var next, found []*diag.Check
		for _, at := range level {
			for _, e := range at.Causes {
				if seen[e.Check] || e.When != nil && !e.When(f) {
					continue
				}
				seen[e.Check] = true
				status, ran := statuses[e.Check]
				switch {
				case ran && explains(status, consequence):
					found = append(found, e.Check)
				case !ran || status != diag.Pass:
					next = append(next, e.Check)
				}
			}
		}
		if len(found) > 0 {
			return slices.MinFunc(found, func(a, b *diag.Check) int { return c.rank(a) - c.rank(b) })
		}
		level = next
	}
	return nil
}

// explains reports whether a verdict of status a can be the cause of one of status b.
func explains(a, b diag.Status) bool {
	switch b {
	case diag.Fail:
		return a == diag.Fail
	case diag.Warn, diag.Unknown:
		return a == diag.Fail || a == diag.Warn
	}
	return false
}

func result(k *diag.Check, v diag.Verdict) diag.Result {
	r := diag.Result{Check: k.ID, Status: v.Status, Severity: v.Severity, Summary: v.Text, Key: v.Key,
		Message: diag.Message{ID: v.ID, Args: v.Args}, Evidence: make([]diag.Evidence, len(v.Evidence)), Fixes: v.Fixes}
	if reason := v.Reason; reason != "" {
		r.Reason = &reason
	}
	if r.Fixes == nil {
		r.Fixes = []diag.Fix{}
	}
	for i := range r.Fixes {
		for _, l := range []*[]string{&r.Fixes[i].Config, &r.Fixes[i].Exec, &r.Fixes[i].Verify, &r.Fixes[i].Manual} {
			if *l == nil {
				*l = []string{}
			}
		}
	}
	for i, s := range v.Evidence {
		r.Evidence[i] = diag.Evidence{Command: s.Command, Line: s.Line, Text: s.Text}
	}
	return r
}

// Plan is what is collected from IOS XE for a set of checks: the always-collected commands, what tells the topology,
// and what the checks read, each once, in this order.
func Plan(c Catalogue) []*diag.Command { return PlanFor("", c) }

// PlanFor is Plan for the devices of a platform.
func PlanFor(platform string, c Catalogue) []*diag.Command {
	plan, more := slices.Clone(iosxe.Always), topology.Needs
	if platform == diag.PlatformVManage {
		plan, more = slices.Clone(managerIdentity), nil
	}
	for _, cmd := range slices.Concat(more, reads(c.of(platform))) {
		if !slices.Contains(plan, cmd) {
			plan = append(plan, cmd)
		}
	}
	return plan
}
