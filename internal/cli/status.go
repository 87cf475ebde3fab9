package cli

import (
	"fmt"
	"strings"

	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

// exitStatuses is the table of the manual and of the help texts.
var exitStatuses = []struct {
	code int
	when string
}{
	{engine.ExitOK, "ran; no finding at or above `--fail-on`, coverage complete"},
	{engine.ExitFindings, "findings at or above `--fail-on`; for `diff` and `--baseline`: regressions; for `--cron`: such findings that are new or worse"},
	{engine.ExitUsage, "usage, settings, inventory or waiver error; nothing was contacted"},
	{engine.ExitIncomplete, "incomplete: no such finding, but a device is not examined, or a check of that severity is unknown because a command was refused, timed out, cut or not understood; for `diff` and `--baseline`: no device was examined in both runs; for `--cron`: less can be seen than before, the run was cut short, or another run holds the lock"},
	{engine.ExitInternal, "internal error, or a report or bundle could not be written"},
	{engine.ExitInterrupt, "interrupted; partial results were written"},
}

// exitHelp is the table for a help text.
func exitHelp() string {
	var b strings.Builder
	b.WriteString("Exit status:\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(&b, "  %3d  %s\n", s.code, strings.ReplaceAll(s.when, "`", ""))
	}
	return b.String()
}

// sessionLines are the lines a session sends beside the catalogue.
func sessionLines() []string { return collect.SessionLines() }

// shown is a catalogue line for people: optional parts stand apart.
func shown(c *diag.Command) string { return strings.ReplaceAll(c.String(), "[ ", " [") }
