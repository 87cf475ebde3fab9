package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/history"
	"slpdoctor/internal/report"
)

// historyDocument is the JSON document of the history commands, kind "history", schema 1. One of Jobs, Run, Devices
// and Check is set, as View says.
type historyDocument struct {
	Schema  int                `json:"schema"`
	Kind    string             `json:"kind"`
	Tool    diag.Tool          `json:"tool"`
	Asked   time.Time          `json:"asked"` // by the clock that says what is overdue
	View    string             `json:"view"`  // list, show, device or check
	Jobs    []history.Job      `json:"jobs,omitempty"`
	Run     *history.Found     `json:"found,omitempty"`
	Devices []history.Timeline `json:"devices,omitempty"`
	Check   []history.Trouble  `json:"check,omitempty"`
}

func historySchema() (*jsonschema.Schema, error) { return jsonschema.For[historyDocument](nil) }

var historyFormats = []string{"table", "json"}

func newHistory(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "history",
		Short: "What recorded runs found: since when, how often, for how long (run --history, run --cron)",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newHistoryList(a),
		newQuestion(a, "show [RUN]", "What a run found: the last one, or that of a number or an id of history list", cobra.MaximumNArgs(1),
			func(s *history.Store, d *historyDocument, args []string) (err error) {
				d.View = "show"
				d.Run, err = s.Show(a.Context, append(args, "")[0], outlasts, engine.IsGap)
				return notThere(err, "there is no run "+append(args, "yet")[0], "slpdoctor history list has the numbers")
			}),
		newQuestion(a, "device NAME", "The life of a device by its name, an earlier one, its UDI or its serial number", cobra.ExactArgs(1),
			func(s *history.Store, d *historyDocument, args []string) (err error) {
				d.View = "device"
				d.Devices, err = s.Device(a.Context, args[0])
				return notThere(err, "no recorded run has the device "+args[0], "names, UDIs like PID:C9300-24UX,SN:FCW2303D16Y and serial numbers are compared whole")
			}),
		newQuestion(a, "check ID", "The devices on which a check failed or warned: since when, how often, for how long", cobra.ExactArgs(1),
			func(s *history.Store, d *historyDocument, args []string) (err error) {
				d.View = "check"
				d.Check, err = s.Check(a.Context, args[0])
				return notThere(err, "no recorded run has the check "+args[0], "slpdoctor explain lists the checks")
			}),
		newHistoryExport(a), newHistoryPrune(a))
	return c
}

// notThere words the error of a question about something that is not recorded.
func notThere(err error, what, hint string) error {
	if errors.Is(err, history.ErrNone) {
		return usage(errors.New(what), hint)
	}
	return unreadable(err)
}

// unreadable is an error of the database in the middle of an answer.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &exit{engine.ExitInternal, err, hintOf(err)}
}

// newQuestion makes a command that answers one question in every format.
func newQuestion(a *app, use, short string, args cobra.PositionalArgs, ask func(*history.Store, *historyDocument, []string) error) *cobra.Command {
	var q asked
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  args,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := q.ask(a, historyFormats...)
			if err != nil {
				return err
			}
			defer s.Close()
			d := &historyDocument{Schema: diag.SchemaVersion, Kind: "history", Tool: diag.Tool{Name: "slpdoctor", Version: version()}, Asked: a.Now().UTC()}
			if err := ask(s, d, args); err != nil {
				return err
			}
			return a.emit(q.forms, func(w io.Writer, format string) error {
				if format == "json" {
					return encode(w, d, "  ")
				}
				return a.historyTable(w, d)
			})
		},
	}
	q.askFlags(c, historyFormats...)
	return c
}

func newHistoryList(a *app) *cobra.Command {
	var last int
	c := newQuestion(a, "list", "Jobs and their last runs, and which scheduled job is overdue", cobra.NoArgs,
		func(s *history.Store, d *historyDocument, _ []string) (err error) {
			d.View = "list"
			if d.Jobs, err = s.Jobs(a.Context, d.Asked, last); err != nil {
				return unreadable(err)
			}
			if len(d.Jobs) == 0 {
				return usage(errors.New("no run is recorded yet"), "run --cron and run --history sqlite record one")
			}
			return nil
		})
	c.Flags().IntVarP(&last, "last", "n", 10, "of each job the last `N` runs; 0 for all")
	return c
}

func newHistoryExport(a *app) *cobra.Command {
	var q asked
	c := &cobra.Command{
		Use:   "export",
		Short: "Print everything that is kept, one JSON object a line",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := q.ask(a)
			if err != nil {
				return err
			}
			defer s.Close()
			return unreadable(a.write("", func(w io.Writer) error {
				return s.Export(a.Context, func(l history.Line) error { return encode(w, l, "") })
			}))
		},
	}
	q.askFlags(c)
	return c
}

func newHistoryPrune(a *app) *cobra.Command {
	var q asked
	var before, job string
	c := &cobra.Command{
		Use:   "prune --before WHEN | --job JOB",
		Short: "Forget what was over before a day or an age, or a job that is not run any more",
		Long: "Forget what was over before a day (2026-01-31) or an age (400d), and jobs that have not run since. What is\n" +
			"still so is kept however long it has been so. run --history-keep does the same after each recorded run.\n" +
			"With --job, forget that job and all its runs: one whose flags were changed goes on as another job, and the\n" +
			"old one would be overdue for ever.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if (before == "") == (job == "") {
				return usage(errors.New("prune needs either --before WHEN or --job JOB"), "a day like 2026-01-31, an age like 400d, or a job as history list names it")
			}
			limit, err := a.before(before)
			if err != nil {
				return err
			}
			s, err := q.ask(a)
			if err != nil {
				return err
			}
			defer s.Close()
			var n int64
			said := fmt.Sprintf("that were over before %s", moment(limit))
			if job != "" {
				said = "of the job " + report.Clean(job)
				n, err = s.Forget(a.Context, job)
			} else {
				n, err = s.Prune(a.Context, limit)
			}
			if err == nil {
				err = s.Shrink(a.Context)
			}
			if err != nil {
				return notThere(err, "there is no job "+job, "slpdoctor history list names the jobs")
			}
			return a.write("", func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "Forgotten: %d values %s.\n", n, said)
				return err
			})
		},
	}
	q.askFlags(c)
	c.Flags().StringVar(&before, "before", "", "a day like 2026-01-31, or an age like 400d: `WHEN`")
	c.Flags().StringVar(&job, "job", "", "the `JOB` to forget, as history list names it")
	return c
}

// before reads a day or an age; "" is the zero time.
func (a *app) before(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if day.After(a.Now()) {
			return time.Time{}, usage(fmt.Errorf("--before %s lies ahead: nothing would be left", text), "")
		}
		return day, nil
	}
	var old age
	if old.Set(text) != nil || old == 0 {
		return time.Time{}, usage(fmt.Errorf("reading --before %q: want a day like 2026-01-31, or an age like 400d", text), "")
	}
	return a.Now().UTC().Add(-time.Duration(old)), nil
}
