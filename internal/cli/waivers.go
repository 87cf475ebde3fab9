package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/rundiff"
	"slpdoctor/internal/waiver"
)

// waivers are the files of --waivers.
type waivers struct {
	files []string
	set   waiver.Set
}

func (w *waivers) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&w.files, "waivers", nil, "waiver `FILE`, repeatable: findings that are accepted for a while; they are shown and do not count")
}

// load reads the files, before anything is contacted.
func (w *waivers) load() error {
	set, problems := readWaivers(w.files)
	if len(problems) > 0 {
		return usage(problems, "nothing was contacted; slpdoctor waivers lint FILE checks waivers alone")
	}
	w.set = set
	return nil
}

// apply marks what is waived at a time. Without --waivers the marks of a saved run stay.
func (w *waivers) apply(d *diag.DeviceResult, at time.Time) {
	if len(w.files) > 0 {
		w.set.Apply(d, at)
	}
}

// waived is a saved run with the marks of these waivers as they hold now, in place of those it was saved with.
func (a *app) waived(w *waivers, r *diag.Report) (*diag.Report, error) {
	if len(w.files) == 0 {
		return r, nil
	}
	var results []diag.DeviceResult
	now := a.Now()
	for d, err := range r.Devices {
		if err != nil {
			return nil, err
		}
		w.apply(&d, now)
		results = append(results, d)
	}
	return summarise(r.Tool, r.Run, results), nil
}

// side marks one side of a comparison. Both sides are held against the same waivers at the same time: an exception
// that has come or gone is no change of the network.
func (w *waivers) side(s *rundiff.Side, at time.Time) {
	for i := range s.Devices {
		w.apply(&s.Devices[i], at)
	}
}

// readWaivers reads files; what can not be opened is a problem like any other.
func readWaivers(names []string) (waiver.Set, waiver.Problems) {
	var files []waiver.File
	var problems waiver.Problems
	for _, name := range names {
		text, err := readBounded(name, waiver.MaxFile+1)
		if err != nil {
			if e, ok := errors.AsType[*fs.PathError](err); ok {
				err = e.Err
			}
			problems = append(problems, waiver.Problem{Rule: waiver.Unreadable, File: name, Text: err.Error()})
			continue
		}
		files = append(files, waiver.File{Name: name, Text: text})
	}
	set, more := waiver.Read(checks.All(), files...)
	problems = append(problems, more...)
	problems.Sort(names)
	return set, problems
}

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
