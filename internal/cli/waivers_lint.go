package cli

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/history"
	"slpdoctor/internal/report"
	"slpdoctor/internal/waiver"
)

// waiverFormats are the formats of waivers list and lint, the default first.
var waiverFormats = []string{"table", "json"}

const waiverOutputHelp = "`FORMAT[=PATH]`, repeatable: table or json (default table)"

func newWaivers(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "waivers",
		Short: "Look after waiver files: findings that are accepted for a while; nothing is contacted",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newWaiversList(a), newWaiversLint(a))
	return c
}

// waiverList is the JSON document of waivers list, kind "waivers", schema 1.
type waiverList struct {
	Schema  int         `json:"schema"`
	Kind    string      `json:"kind"`
	Tool    diag.Tool   `json:"tool"`
	AsOf    time.Time   `json:"as_of"` // the time at which days are counted
	Waivers []waiverRow `json:"waivers"`
}

type waiverRow struct {
	Check    string       `json:"check"`
	Match    waiver.Match `json:"match"`
	Reason   string       `json:"reason"`
	Owner    string       `json:"owner"`
	Expires  string       `json:"expires"`   // the last day it holds, to its end in UTC
	Ticket   string       `json:"ticket"`    // "" when there is none
	DaysLeft int          `json:"days_left"` // 0 on the last day, negative when it is over
	Source   string       `json:"source"`    // file:line
}

func waiverListSchema() (*jsonschema.Schema, error) { return jsonschema.For[waiverList](nil) }

func newWaiversList(a *app) *cobra.Command {
	var specs []string
	c := &cobra.Command{
		Use:   "list FILE...",
		Short: "List the waivers of files, and how many days each has left",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			forms, err := parseForms(specs, waiverFormats...)
			if err != nil {
				return err
			}
			set, problems := readWaivers(files)
			if len(problems) > 0 {
				return usage(problems, "")
			}
			d := listWaivers(set, a.Now().UTC())
			return a.emit(forms, func(w io.Writer, format string) error {
				if format == "json" {
					return encode(w, d, "  ")
				}
				return d.table(w)
			})
		},
	}
	c.Flags().StringArrayVarP(&specs, "output", "o", nil, waiverOutputHelp)
	return c
}

func listWaivers(set waiver.Set, now time.Time) waiverList {
	d := waiverList{Schema: diag.SchemaVersion, Kind: "waivers", Tool: diag.Tool{Name: "slpdoctor", Version: version()},
		AsOf: now, Waivers: []waiverRow{}}
	for i := range set {
		e := &set[i]
		d.Waivers = append(d.Waivers, waiverRow{e.Check, e.Match, e.Reason, e.Owner, e.LastDay(), e.Ticket, e.DaysLeft(now), e.Source()})
	}
	return d
}

func (d waiverList) table(w io.Writer) error {
	var rows [][]string
	for _, e := range d.Waivers {
		left := fmt.Sprintf("%dd", e.DaysLeft)
		if e.DaysLeft < 0 {
			left = "expired"
		}
		rows = append(rows, []string{e.Expires, left, e.Check, e.Match.String(), e.Owner, e.Ticket, e.Reason})
	}
	if err := columns(w, "EXPIRES\tLEFT\tCHECK\tDEVICES\tOWNER\tTICKET\tREASON", rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, plural(len(d.Waivers), "waiver"))
	return err
}

// waiverLint is the JSON document of waivers lint, kind "waivers-lint", schema 1.
type waiverLint struct {
	Schema   int             `json:"schema"`
	Kind     string          `json:"kind"`
	Tool     diag.Tool       `json:"tool"`
	AsOf     time.Time       `json:"as_of"`
	Waivers  int             `json:"waivers"` // those that could be read
	Devices  *int            `json:"devices"` // of the inventory; null: none was given
	Runs     *string         `json:"runs"`    // where it was looked for what waivers cover, in words; null: nowhere
	Problems waiver.Problems `json:"problems"`
}

func waiverLintSchema() (*jsonschema.Schema, error) { return jsonschema.For[waiverLint](nil) }

type waiversLint struct {
	archive
	specs, sources, in []string
	runs               int
}

func newWaiversLint(a *app) *cobra.Command {
	var o waiversLint
	c := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Find waivers that are wrong, too broad, expired, about to expire, covered by another one, or no longer needed",
		Long: "Check waiver files: what keeps a run from starting, unknown checks, waivers for more than one can have meant,\n" +
			"expired ones and those that expire within 14 days, those that another one covers, and those that nothing\n" +
			"needs any more. The last is looked up in the last runs of the history, or in the runs of --in; how many\n" +
			"devices a waiver is for, in the inventory of -i.\n\n" +
			"Exit status:\n    0  no problem\n    1  problems\n    2  usage error, or a file that cannot be read\n",
		Example: "  slpdoctor waivers lint waivers.yaml -i inventory.yaml\n" +
			"  slpdoctor waivers lint waivers.yaml --in monday/ --in tuesday/run.json",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error { return o.run(a, files) },
	}
	f := c.Flags()
	f.StringArrayVarP(&o.specs, "output", "o", nil, waiverOutputHelp)
	f.StringArrayVarP(&o.sources, "inventory", "i", nil, "inventory `SRC`: tells how many devices a waiver is for")
	f.StringArrayVar(&o.in, "in", nil, "look at this run instead of the history, a bundle or run JSON `PATH`, repeatable")
	f.IntVar(&o.runs, "runs", 10, "how many of the last runs of each job in the history to look at; 0: none")
	o.whereFlag(c, "look at the history in `WHERE`: sqlite (default, if there is one), postgres, postgres://USER@HOST/DB, or off")
	return c
}

func (o *waiversLint) run(a *app, files []string) error {
	forms, err := parseForms(o.specs, waiverFormats...)
	if err != nil {
		return err
	}
	world := waiver.World{Now: a.Now(), Checks: checks.All()}
	declared, err := (&checkCommand{sources: o.sources}).declared(a)
	if err != nil {
		return err
	}
	world.Inventory = slices.Collect(maps.Values(declared))
	done, err := o.look(a, &world)
	if err != nil {
		return err
	}
	defer done()
	set, problems := readWaivers(files)
	found, err := set.Lint(world)
	if err != nil {
		return err
	}
	d := waiverLint{Schema: diag.SchemaVersion, Kind: "waivers-lint", Tool: diag.Tool{Name: "slpdoctor", Version: version()},
		AsOf: world.Now.UTC(), Waivers: len(set), Problems: append(append(waiver.Problems{}, problems...), found...)}
	if declared != nil {
		d.Devices = new(len(declared))
	}
	if world.Seen != nil {
		d.Runs = &world.Runs
	}
	d.Problems.Sort(files)
	err = a.emit(forms, func(w io.Writer, format string) error {
		if format == "json" {
			return encode(w, d, "  ")
		}
		return d.table(w)
	})
	unreadable := func(p waiver.Problem) bool { return p.Rule == waiver.Unreadable }
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(d.Problems, unreadable):
		return status(engine.ExitUsage)
	case len(d.Problems) > 0:
		return status(engine.ExitFindings)
	}
	return nil
}

// look finds the runs that tell what waivers cover: those of --in, or the last ones of the history.
func (o *waiversLint) look(a *app, w *waiver.World) (done func(), err error) {
	done = func() {}
	if len(o.in) > 0 {
		w.Seen, w.Runs = a.sightings(o.in), "in "+plural(len(o.in), "run")
		return done, nil
	}
	if o.runs < 0 {
		return nil, usage(fmt.Errorf("--runs is %d: want a number of runs, or 0", o.runs), "")
	}
	where, err := o.locate(a, "sqlite")
	switch {
	case err != nil:
		return nil, err
	case where == nil || o.runs == 0:
		return done, nil
	case o.where == "" && !exists(where.SQLite):
		a.hint("no run was looked at: there is no history; --in names runs")
		return done, nil
	case where.SQLite != "" && !exists(where.SQLite):
		return nil, noHistory(where.SQLite)
	}
	store, err := opened(a, *where)
	if err != nil {
		return nil, err
	}
	jobs, err := store.Jobs(a.Context, w.Now, 0)
	if err != nil {
		store.Close()
		return nil, usage(err, hintOf(err))
	}
	most := 0
	for _, j := range jobs {
		most = max(most, min(j.Runs, o.runs))
	}
	if most > 0 {
		w.Seen, w.Runs = recordedSightings(store.Bad(a.Context, o.runs)), lastRuns(most, len(jobs))
	}
	return func() { store.Close() }, nil
}

func lastRuns(runs, jobs int) string {
	text := "in the last run"
	if runs > 1 {
		text = fmt.Sprintf("in the last %d runs", runs)
	}
	if jobs > 1 {
		text += fmt.Sprintf(" of each of %d jobs", jobs)
	}
	return text
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func recordedSightings(bad iter.Seq2[history.Sighting, error]) iter.Seq2[waiver.Sighting, error] {
	return func(yield func(waiver.Sighting, error) bool) {
		for s, err := range bad {
			if err != nil {
				err = usage(err, hintOf(err))
			}
			if !yield(waiver.Sighting{Device: &s.Device, Check: s.Result.Check}, err) {
				return
			}
		}
	}
}

// sightings are the failures and warnings of runs.
func (a *app) sightings(paths []string) iter.Seq2[waiver.Sighting, error] {
	return func(yield func(waiver.Sighting, error) bool) {
		for _, path := range paths {
			s, err := a.side(path)
			if err != nil {
				yield(waiver.Sighting{}, err)
				return
			}
			for i := range s.Devices {
				d := &s.Devices[i]
				for _, r := range d.Results {
					if (r.Status == diag.Fail || r.Status == diag.Warn) && !yield(waiver.Sighting{Device: d, Check: r.Check}, nil) {
						return
					}
				}
			}
		}
	}
}

func (d waiverLint) table(w io.Writer) error {
	for _, p := range d.Problems {
		if _, err := fmt.Fprintf(w, "%s: %s\n", p.Rule, report.Clean(p.Error())); err != nil {
			return err
		}
	}
	verdict := "no problem"
	if n := len(d.Problems); n > 0 {
		verdict = plural(n, "problem")
	}
	_, err := fmt.Fprintf(w, "%s, %s\n", plural(d.Waivers, "waiver"), verdict)
	return err
}
