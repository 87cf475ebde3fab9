package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/rundiff"
)

// gateFlags are the flags by which a run is compared with an earlier one.
func (o *runCommand) gateFlags(c *cobra.Command) {
	c.Flags().StringVar(&o.baseline, "baseline", "", "compare with an earlier run, a bundle or run JSON `PATH`: stdout and the exit status are those of diff; "+
		"-o "+strings.Join(diffFormats, "|")+" is the comparison, -o FORMAT=PATH the run")
	c.Flags().StringSliceVar(&o.allow, "allow", nil, "with --baseline, "+allowHelp)
}

// gate reads the baseline, before anything is contacted, and returns what compares the run with it; nil without
// --baseline. The -o without a path are then those of the comparison. Named says that only some devices are asked for.
func (o *runCommand) gate(a *app, named bool) (func(*diag.Report) error, error) {
	if o.baseline == "" {
		if len(o.allow) > 0 {
			return nil, usage(errors.New("--allow needs --baseline"), "slpdoctor diff compares two runs that are saved")
		}
		return nil, nil
	}
	forms, err := o.giveWay(diffFormats)
	if err != nil {
		return nil, err
	}
	expected, err := rundiff.ParseAllow(o.allow)
	if err != nil {
		return nil, usage(err, "")
	}
	if o.baseline == "-" && slices.Contains(o.sources, "-") {
		return nil, usage(errors.New("standard input can be read once"), "name a file instead of one of the -")
	}
	before, err := a.side(o.baseline)
	if err != nil {
		return nil, err
	}
	subset := named || len(o.limit)+len(o.exclude) > 0
	return func(r *diag.Report) error {
		o.waivers.side(&before, r.Run.Started)
		after, err := reported("this run", r)
		if err != nil {
			return err
		}
		err = a.compare(forms, before, after, rundiff.Options{Allow: expected, Subset: subset, Outlasts: outlasts})
		if o.exitZero && (errors.Is(err, status(engine.ExitFindings)) || errors.Is(err, status(engine.ExitIncomplete))) {
			return nil
		}
		return err
	}, nil
}
