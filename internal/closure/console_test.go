package closure

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/sim"
)

// collect asks a device for the plan, wave by wave as a session does, without SSH.
func collect(t *testing.T, d *sim.Device, plan []*diag.Command, declared diag.Device) []diag.Capture {
	t.Helper()
	f := diag.NewFacts(declared)
	var out []diag.Capture
	left := slices.Clone(plan)
	slices.SortStableFunc(left, func(a, b *diag.Command) int { return a.Wave - b.Wave })
	for _, cmd := range left {
		c := diag.Capture{Command: cmd, Line: cmd.String(), Outcome: diag.OK, Sent: d.Now(), Received: d.Now(), ClockSynced: true}
		if cmd.Plan != nil {
			if c.Line, c.NotSent = cmd.Plan(f); c.NotSent != (diag.NotSent{}) {
				c.Line, c.Outcome = cmd.String(), diag.NotRun
			}
		}
		if c.Outcome == diag.OK {
			if !cmd.Template.Match(c.Line) {
				t.Fatalf("%s: %q is not in the catalogue", d.Name, c.Line)
			}
			c.Text = d.Run(c.Line)
			if strings.Contains(c.Text, "% Invalid input") || strings.Contains(c.Text, "% Incomplete command") {
				c.Outcome = diag.WasRefused
			}
		}
		f.Add(c)
		out = append(out, c)
	}
	return out
}

// examine is a run on one device: its result and what it was judged by.
func examine(t *testing.T, d *sim.Device, declared diag.Device) (diag.DeviceResult, []diag.Capture) {
	t.Helper()
	cat := checks.Catalogue()
	plan := engine.Plan(cat)
	captures := collect(t, d, plan, declared)
	return cat.Examine(diag.NewFacts(declared, captures...), plan), captures
}

const day = 24 * time.Hour
