package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

func reconcileSchema() (*jsonschema.Schema, error) { return jsonschema.For[reconcile.Document](nil) }

// reconcileFormats are the formats of reconcile, the default first.
var reconcileFormats = []string{"table", "json", "csv", "markdown"}

type reconcileCommand struct {
	files     map[reconcile.Kind]*[]string
	names     string
	portals   portals
	specs     []string
	failOn    string
	warnFails bool
	exitZero  bool
}

// reconcileInputs are the flags that name files, in the order in which they are read.
var reconcileInputs = []struct {
	kind  reconcile.Kind
	usage string
}{
	{reconcile.VManage, "what vManage has licensed now, `FILE`: License & Devices > Export, or its devices with their licences"},
	{reconcile.Before, "the License & Devices overview from before the last report, `FILE`"},
	{reconcile.CSSM, "licences of a virtual account in CSSM, `FILE`: Inventory > Licenses > Export"},
	{reconcile.Instances, "product instances of CSSM, `FILE`: Inventory > Product Instances > Export"},
	{reconcile.Log, "vmanage-server.log, `FILE`: plain, rotated, gz, or an admin-tech archive"},
	{reconcile.Runs, "what devices use: a run's JSON, a bundle or anything else that check reads, `PATH`"},
}

func newReconcile(a *app) *cobra.Command {
	o := reconcileCommand{files: map[reconcile.Kind]*[]string{}}
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Compare what vManage has licensed with what CSSM has in use and what devices report",
		Long: "Say for every licence how many units differ between vManage (SD-WAN Manager) and CSSM, of which kind they are,\n" +
			"which product instances, and what to do. Any subset of the inputs will do; more of them say more. Files are\n" +
			"exports of the portals as CSV or .xlsx, - is standard input. Nothing is changed anywhere.\n\n" +
			"The portals are asked over HTTPS with --vmanage-url (SLPDOCTOR_VMANAGE_USERNAME, SLPDOCTOR_VMANAGE_PASSWORD) and\n" +
			"--cssm-url (SLPDOCTOR_CSSM_CLIENT_ID, SLPDOCTOR_CSSM_CLIENT_SECRET); each of these variables may also end in _FILE or\n" +
			"_COMMAND. A clean-up that was recommended is remembered in the state folder, so that none is recommended again\n" +
			"within 24 hours.\n\n" +
			"Exit status:\n    0  vManage and CSSM agree, or differ for a known reason\n    1  findings at or above --fail-on\n" +
			"    2  usage error, or an input cannot be read\n    3  not decided: inputs are missing or not of one moment, or a clean-up has not settled yet\n",
		Example: "  slpdoctor reconcile --vmanage now.csv --vmanage-before july.csv --cssm licenses.csv --log admin-tech.tar.gz\n" +
			"  slpdoctor reconcile --vmanage-url https://vmanage.example.net --cssm licenses.csv --runs run.json\n" +
			"  slpdoctor demo reconcile",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(a) },
	}
	f := c.Flags()
	for _, in := range reconcileInputs {
		o.files[in.kind] = f.StringArray(string(in.kind), nil, in.usage+"; repeatable")
	}
	o.portals.flags(c)
	f.StringVar(&o.names, "names", "", "`FILE` with a line NAME = NAME for each licence that the portals call differently")
	f.StringArrayVarP(&o.specs, "output", "o", nil, "`FORMAT[=PATH]`, repeatable: "+strings.Join(reconcileFormats, ", ")+" (default table)")
	f.StringVar(&o.failOn, "fail-on", "medium", "lowest `SEVERITY` of a finding that makes exit status 1: critical, high, medium, low or info")
	f.BoolVar(&o.warnFails, "warn-fails", false, "warnings count like findings, a real shortage too")
	f.BoolVar(&o.exitZero, "exit-zero", false, "neither findings nor an open verdict set the exit status")
	return c
}

func (o *reconcileCommand) run(a *app) error {
	forms, err := parseForms(o.specs, reconcileFormats...)
	if err != nil {
		return err
	}
	if !slices.Contains(diag.Severities, diag.Severity(o.failOn)) {
		return usage(fmt.Errorf("--fail-on is %q: want critical, high, medium, low or info", o.failOn), "")
	}
	if err := o.portals.alone(); err != nil {
		return usage(err, "")
	}
	names, err := readNames(o.names)
	if err != nil {
		return usage(err, "")
	}
	state, err := a.openCleanups()
	if err != nil {
		return err
	}
	data, err := o.read(a)
	if err != nil {
		return err
	}
	options := reconcile.Options{Now: a.Now(), Names: names, Cleanups: state.Cleanups}
	d := reconcile.Reconcile(data, options)
	d.Tool = diag.Tool{Name: "slpdoctor", Version: version()}
	told := false
	err = a.emit(forms, func(w io.Writer, format string) error {
		err := a.reconciled(w, format, d)
		told = told || err == nil
		return err
	})
	if told { // what somebody may have read, though another document could not be written
		if err := state.keep(a, d.Cleanups(options)); err != nil {
			a.hint("warning: the wait after a clean-up is not remembered: %v", err)
		}
	}
	if err != nil {
		return err
	}
	return o.gate(a, d)
}

// readNames reads the mapping file, if there is one.
func readNames(path string) (reconcile.Names, error) {
	if path == "" {
		return reconcile.Names{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return reconcile.Names{}, err
	}
	n, err := reconcile.ParseNames(string(text))
	if err != nil {
		return reconcile.Names{}, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// read reads every input that was named.
func (o *reconcileCommand) read(a *app) (*reconcile.Data, error) {
	var sources []input.Source
	for _, in := range reconcileInputs {
		for _, path := range *o.files[in.kind] {
			sources = append(sources, input.Source{Kind: in.kind, Path: path})
		}
	}
	if len(sources) == 0 && !o.portals.asked() {
		return nil, usage(errors.New("there is nothing to compare"), "give --vmanage and --cssm; slpdoctor demo reconcile shows how it looks")
	}
	data := &reconcile.Data{}
	if err := input.Read(a.Context, data, sources, input.Options{Stdin: a.In}); err != nil {
		return nil, a.unread(err)
	}
	if !o.portals.asked() {
		return data, nil
	}
	if err := o.portals.read(a.Context, a, data); err != nil {
		return nil, a.unread(err)
	}
	return data, nil
}

// unread is an input that cannot be read, or the end that the user made.
func (a *app) unread(err error) error {
	if a.Context.Err() != nil {
		return status(engine.ExitInterrupt)
	}
	if e, ok := errors.AsType[*input.Error](err); ok {
		return usage(e, e.Hint)
	}
	return usage(err, "")
}

// gate is the exit status: findings win over an open verdict.
func (o *reconcileCommand) gate(a *app, d *reconcile.Document) error {
	g := engine.Gate{FailOn: diag.Severity(o.failOn), WarnFails: o.warnFails, ExitZero: o.exitZero}
	fold := engine.Fold{}
	all := [][]diag.Result{d.Results}
	for _, x := range d.Licenses {
		if x.Case == reconcile.NotCompared {
			continue
		}
		all = append(all, x.Results)
	}
	for _, results := range all {
		g.Add(diag.DeviceResult{State: diag.Examined, Results: results}, &fold)
	}
	if a.Context.Err() != nil {
		return status(engine.ExitInterrupt)
	}
	open := d.Verdict.Case == reconcile.Undecided || slices.ContainsFunc(d.Licenses, func(x reconcile.Licence) bool {
		return x.Case == reconcile.Undecided || x.Case == reconcile.Waiting
	})
	sync := d.Verdict.Case == reconcile.FSync && diag.High.Rank() <= g.FailOn.Rank() // a finding, though a contact alone only warns
	switch n := g.Status(); {
	case sync && !o.exitZero:
		return status(engine.ExitFindings)
	case n != engine.ExitOK:
		return status(n)
	case open && !o.exitZero:
		return status(engine.ExitIncomplete)
	}
	return nil
}

// reconciled writes the document in one format.
func (a *app) reconciled(w io.Writer, format string, d *reconcile.Document) error {
	switch format {
	case "json":
		return encode(w, d, "  ")
	case "csv":
		return reconcileCSV(w, d)
	case "markdown":
		return reconcileMarkdown(w, d)
	}
	l := a.lines()
	reconcileTable(l, d)
	return l.flush(w)
}
