package cli

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/checks"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
)

type logsCommand struct {
	current
	specs    []string
	device   string
	exitZero bool
}

func newLogs(a *app) *cobra.Command {
	var o logsCommand
	c := &cobra.Command{
		Use:   "logs [FILE...]",
		Short: "Triage syslog text of many devices: what is open, what recovered, what to do",
		Long: "Read syslog text of any number of devices (files, gz files, or standard input), group it by device and\n" +
			"message, and say what is open, since when, what recovered and what to do. Position decides about before and\n" +
			"after; rotated files are read oldest first. With --from or -i it also says whether each open message is\n" +
			"still true now.\n\n" +
			"Exit status:\n" +
			"    0  nothing is open\n" +
			"    1  trouble is open\n" +
			"    2  usage error, or no syslog message was found\n" +
			"    3  nothing is open in what could be read, but not everything could\n",
		Example: "  slpdoctor logs /var/log/network.log.2.gz /var/log/network.log.1 /var/log/network.log\n" +
			"  ssh r1 'show logging' | slpdoctor logs --device r1\n" +
			"  slpdoctor logs -o json=logs.json -o table --from evidence/ network.log",
		RunE: func(_ *cobra.Command, paths []string) error { return o.run(a, paths) },
	}
	f := c.Flags()
	f.StringVar(&o.device, "device", "", "`NAME` of the device whose lines name none, as in a buffer (default: the file's name)")
	f.StringArrayVarP(&o.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: table, json, ndjson (default table)")
	f.BoolVar(&o.exitZero, "exit-zero", false, "what is open does not set the exit status")
	o.current.flags(c)
	return c
}

func (o *logsCommand) run(a *app, args []string) error {
	forms, err := parseForms(o.specs, "table", "json", "ndjson")
	if err != nil {
		return err
	}
	paths, err := logPaths(args, o.device)
	if err != nil {
		return err
	}
	if err := o.current.check(slices.ContainsFunc(paths, func(p logPath) bool { return p.path == "-" })); err != nil {
		return err
	}
	set, err := a.readLogs(paths)
	if err != nil {
		return err
	}
	cat := checks.Catalogue()
	now, err := o.devices(a, cat, engine.Plan(cat))
	if err != nil {
		return err
	}
	family := diag.Family(0)
	if o.topology != "" {
		family = diag.TopologyID(o.topology).Family()
	}
	d := set.document(now, len(o.sources) > 0, family)
	err = a.emit(forms, func(w io.Writer, format string) error { return d.write(w, format, a.lines()) })
	switch {
	case err != nil:
		return err
	case o.exitZero:
		return nil
	case d.Summary.Open > d.Summary.Over:
		return status(engine.ExitFindings)
	case d.Summary.Incomplete:
		return status(engine.ExitIncomplete)
	}
	return nil
}

// readLogs reads every file. A file that can not be opened, and files without any message, are usage errors:
// nothing would be said about the logs that were meant.
func (a *app) readLogs(paths []logPath) (*logSet, error) {
	set := &logSet{}
	messages := 0
	for _, p := range paths {
		if err := a.readLog(set, p); err != nil {
			return nil, err
		}
		f := set.files[len(set.files)-1]
		messages += f.Messages
		switch {
		case f.Problem != nil:
			a.hint("warning: %s: %s", p.path, *f.Problem)
		case f.Lines == 0:
			a.hint("warning: %s is empty", p.path)
		case f.Messages == 0:
			a.hint("warning: %s: no syslog message in it", p.path)
		}
	}
	if messages == 0 {
		return nil, usage(errors.New("no syslog message was found"), "a message looks like %SMART_LIC-3-COMM_FAILED: text")
	}
	return set, nil
}

func (a *app) readLog(set *logSet, p logPath) error {
	in := a.In
	if p.path != "-" {
		f, err := os.Open(p.path)
		if err != nil {
			return usage(err, "")
		}
		defer f.Close()
		in = f
	}
	if err := set.read(a.Context, in, p.path, p.device); err != nil {
		return status(engine.ExitInterrupt)
	}
	return nil
}

func logsSchema() (*jsonschema.Schema, error) { return jsonschema.For[logsDocument](nil) }
