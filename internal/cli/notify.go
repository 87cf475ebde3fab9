package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/notify"
	"slpdoctor/internal/report"
	"slpdoctor/internal/transition"
)

// notifying is who is told what a scheduled run has found. The zero value tells nobody.
type notifying struct {
	path      string // --notify
	receivers *notify.Config
}

func (n *notifying) flags(c *cobra.Command) {
	c.Flags().StringVar(&n.path, "notify", "", "with --cron, tell the receivers of `FILE` what is new, worse or resolved (slpdoctor notify check FILE)")
}

// check reads the receivers and fetches their secrets, before the first device is contacted. Scheduled says that the
// run is compared with the one before it: another run has no transitions to tell.
func (n *notifying) check(a *app, scheduled bool) error {
	if n.path == "" {
		return nil
	}
	if !scheduled {
		return usage(errors.New("--notify needs --cron"), "only a scheduled run knows what has changed since the one before; slpdoctor notify test FILE tries the receivers")
	}
	c, err := a.receivers(n.path)
	if err != nil {
		return err
	}
	n.receivers = c
	return a.ready(c)
}

// deliver tells the receivers, and first what waits for them in the state folder. Nothing that goes wrong ends the run.
func (n *notifying) deliver(a *app, doc *transition.Document, state string) {
	if n.receivers == nil {
		return
	}
	spool := notify.Spool{Dir: filepath.Join(state, "outbox"), Now: a.Now}
	n.receivers.Deliver(a.Context, doc, spool, func(line string) {
		fmt.Fprintf(a.Err, "slpdoctor: notify: %s\n", cleanLines(line))
	})
}

// receivers reads the file.
func (a *app) receivers(path string) (*notify.Config, error) {
	c, warnings, err := notify.Load(path)
	for _, w := range warnings {
		a.hint("warning: %v", w)
	}
	return c, usage(err, "docs/notifications.md has a file to begin with")
}

// ready fetches the secrets of the receivers.
func (a *app) ready(c *notify.Config) error {
	return usage(c.Check(a.Context, a.secrets(nil, nil)), "")
}

func newNotify(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "notify",
		Short: "Check and try the receivers of `run --cron --notify FILE`",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var only string
	test := &cobra.Command{
		Use:   "test FILE",
		Short: "Send a message that is marked as a test to every receiver, and say what became of it",
		Long: "Send a message that is marked as a test to every receiver of FILE, whatever its filters say, and say what\n" +
			"became of it. No device is contacted, nothing is repeated and nothing is kept for later.\n\n" +
			"Exit status:\n" +
			"    0  every receiver took the message\n" +
			"    1  at least one did not\n" +
			"    2  usage error, FILE is wrong, or a secret can not be had; nothing was sent\n",
		Example: "  slpdoctor notify test notify.yaml\n  slpdoctor notify test notify.yaml --only noc-chat",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.testReceivers(args[0], only) },
	}
	test.Flags().StringVar(&only, "only", "", "only the receiver `NAME`")
	check := &cobra.Command{
		Use:   "check FILE",
		Short: "Say what a file of receivers means, and everything that is wrong with it; fetch and send nothing",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.receivers(args[0])
			if err != nil {
				return err
			}
			return a.write("", func(w io.Writer) error {
				for _, r := range c.Receivers {
					if _, err := fmt.Fprintf(w, "%s: %s\n", r.Name, report.Clean(r.Describe())); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.AddCommand(test, check)
	return c
}

func (a *app) testReceivers(path, only string) error {
	c, err := a.receivers(path)
	if err != nil {
		return err
	}
	if only != "" && !c.Only(only) {
		return usage(fmt.Errorf("%s names no receiver %q", path, only), "it names "+strings.Join(c.Names(), ", "))
	}
	if err := a.ready(c); err != nil {
		return err
	}
	now := a.Now().UTC()
	failed := false
	err = a.write("", func(w io.Writer) error {
		c.Test(a.Context, diag.Run{ID: newID(), Started: now, Finished: now, Mode: "run"}, diag.Tool{Name: "slpdoctor", Version: version()},
			func(r *notify.Receiver, where string, err error) {
				if err != nil {
					failed = true
					fmt.Fprintf(w, "%s: NOT delivered to %s: %s\n", r.Name, report.Clean(where), report.Clean(err.Error()))
					return
				}
				fmt.Fprintf(w, "%s: delivered to %s\n", r.Name, report.Clean(where))
			})
		return nil
	})
	if err == nil && failed {
		return status(engine.ExitFindings)
	}
	return err
}

func notificationSchema() (*jsonschema.Schema, error) { return jsonschema.For[notify.Message](nil) }
