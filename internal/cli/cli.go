// Package cli is the command line: cobra commands as options structs with a run function, settings
// through viper, and the one place where errors become exit statuses. Only cmd imports it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"slpdoctor/internal/engine"
	"slpdoctor/internal/report"
)

// Env is the world around the process, so that tests can bring their own.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	OutTTY   bool // stdout is a terminal
	ErrTTY   bool // stderr is a terminal
	Width    int  // of the terminal on stdout, else of COLUMNS; 0 when neither is known
	Getenv   func(string) string
	Now      func() time.Time
	Context  context.Context // ends when the user interrupts
}

// lookup is Getenv for what has to tell an empty variable from none: it takes both for none.
func (e Env) lookup(name string) (string, bool) {
	v := e.Getenv(name)
	return v, v != ""
}

// System is the real world. SIGINT and SIGTERM end its context; a second one ends the process.
func System() Env {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
		<-signals
		os.Exit(engine.ExitInterrupt)
	}()
	e := Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Context: ctx,
		OutTTY: term.IsTerminal(int(os.Stdout.Fd())), ErrTTY: term.IsTerminal(int(os.Stderr.Fd()))}
	if e.OutTTY {
		e.Width, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	if e.Width == 0 {
		e.Width, _ = strconv.Atoi(os.Getenv("COLUMNS"))
	}
	return e
}

var errInterrupted = errors.New("interrupted")

// exit is an error with the exit status it stands for and a hint what to do.
type exit struct {
	code int
	err  error
	hint string
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

// usage is a usage, settings or inventory error: nothing was contacted.
func usage(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &exit{engine.ExitUsage, err, hint}
}

// status is a finished run with findings or gaps: nothing more to say.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Main runs the command line and returns the exit status.
func Main(args []string, env Env) int {
	root := newRoot(&app{Env: env})
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	return exitOf(env.Err, root.ExecuteContext(env.Context))
}

func exitOf(w io.Writer, err error) int {
	var s status
	var e *exit
	switch {
	case err == nil:
		return engine.ExitOK
	case errors.As(err, &s):
		return int(s)
	case errors.As(err, &e):
	default:
		e = &exit{code: engine.ExitInternal, err: err}
	}
	fmt.Fprintf(w, "slpdoctor: error: %s\n", cleanLines(e.Error()))
	if e.hint != "" {
		fmt.Fprintf(w, "slpdoctor: hint: %s\n", cleanLines(e.hint))
	}
	return e.code
}

// cleanLines makes a message safe for a terminal: names of files and devices may hold anything.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = report.Clean(l)
	}
	return strings.Join(lines, "\n")
}

// app is what every command shares: the world and the global flags.
type app struct {
	Env
	config    string
	color     string
	verbose   int
	quiet     bool
	logFormat string
	stateDir  string
}

func newRoot(a *app) *cobra.Command {
	cobra.EnableTraverseRunHooks = true
	root := &cobra.Command{
		Use:   "slpdoctor",
		Short: "Find out why Smart Licensing Using Policy does not work on IOS XE, and how to fix it",
		Long: "slpdoctor connects to Cisco IOS XE devices over SSH (or reads what was collected before), walks the\n" +
			"whole guide for Smart Licensing Using Policy, finds the root cause and prints the exact fix.\n" +
			"It only reads: nothing it sends can change a device.\n\n" +
			"First time here? `slpdoctor demo` audits a simulated fleet on this machine.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if _, own := c.Annotations[ownWorld]; own {
				return nil
			}
			return a.settle(c)
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.config, "config", "", "settings `FILE` (default ./slpdoctor.yaml, then $XDG_CONFIG_HOME/slpdoctor/config.yaml)")
	f.StringVar(&a.color, "color", "auto", "colour: auto, always or never (NO_COLOR is honoured)")
	f.CountVarP(&a.verbose, "verbose", "v", "log more to stderr; repeat for still more")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no hints on stderr")
	f.StringVar(&a.logFormat, "log-format", "text", "log lines on stderr: text or json")
	f.StringVar(&a.stateDir, "state-dir", "", "state `DIR` (default $STATE_DIRECTORY, then $XDG_STATE_HOME/slpdoctor)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err, fmt.Sprintf("%s --help lists the flags", c.CommandPath()))
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newRun(a), newCollect(a), newCheck(a), newDiff(a), newReport(a), newExplain(a), newLogs(a), newAuthcode(a), newReconcile(a),
		newParse(a), newCommands(a),
		newInventory(a), newWaivers(a), newHistory(a), newDemo(a), newSim(a), newCronExample(a), newNotify(a), newSchema(a), newMan(a), newVersion(a))
	wrapArgs(root)
	return root
}

// wrapArgs turns cobra's argument errors into usage errors, for commands and their children.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			return usage(check(c, args), fmt.Sprintf("usage: %s", c.UseLine()))
		}
	}
	for _, child := range c.Commands() {
		wrapArgs(child)
	}
}

// version is the module's version, or what the build recorded of the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
