package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"slpdoctor/checks"
	"slpdoctor/internal/bundle"
	"slpdoctor/internal/collect"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/fleet"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/report"
	"slpdoctor/inventory"
)

var errMaxTime = &collect.Error{Class: collect.MaxTime, Message: "--max-time was over", Hint: collect.PolicyOf(collect.MaxTime).Hint}

// choice is which checks run.
type choice struct{ only, skip []string }

func (k *choice) flags(c *cobra.Command) {
	c.Flags().StringSliceVar(&k.only, "checks", nil, "only these check `IDS` or globs, and what explains them")
	c.Flags().StringSliceVar(&k.skip, "skip", nil, "not these check `IDS` or globs")
}

func (k *choice) catalogue() (engine.Catalogue, error) {
	c, err := checks.Catalogue().Select(k.only, k.skip)
	return c, usage(err, "slpdoctor explain lists every check")
}

type runCommand struct {
	selection
	connection
	choice
	output
	notifying
	cron
	archive
	save     string
	dryRun   bool
	baseline string
	allow    []string
}

func newRun(a *app) *cobra.Command {
	var o runCommand
	c := &cobra.Command{
		Use:   "run [HOST...]",
		Short: "Connect to devices, collect, check and report: the main job",
		Long: "Connect to the devices of an inventory (-i) or to HOSTs ([user@]name[:port]), collect what the checks\n" +
			"need, find the root causes and print what to fix first. Nothing it sends can change a device.\n\n" +
			exitHelp(),
		Example: "  slpdoctor run -i inventory.yaml\n  slpdoctor run -u netops --ask-pass 192.0.2.21 r2.example.net:2222\n" +
			"  slpdoctor run -i inventory.yaml -l tag:site=tokyo -o table -o json=run.json --save evidence/",
		RunE: func(_ *cobra.Command, hosts []string) error { return o.run(a, hosts, "run") },
	}
	o.selection.flags(c)
	o.connection.flags(c)
	o.choice.flags(c)
	o.output.flags(c)
	c.Flags().StringVar(&o.save, "save", "", "keep the evidence in a bundle `DIR`")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "print devices and commands; contact nothing")
	o.gateFlags(c)
	o.cron.flags(c)
	o.notifying.flags(c)
	o.archive.flags(c)
	return c
}

func newCollect(a *app) *cobra.Command {
	var o runCommand
	c := &cobra.Command{
		Use:   "collect --save DIR [HOST...]",
		Short: "Connect to devices and save a bundle of the full plan, without checks",
		RunE: func(_ *cobra.Command, hosts []string) error {
			if o.save == "" && !o.dryRun {
				return usage(errors.New("collect needs --save DIR"), "")
			}
			o.failOn = string(diag.Critical)
			return o.run(a, hosts, "collect")
		},
	}
	o.selection.flags(c)
	o.connection.flags(c)
	c.Flags().StringVar(&o.save, "save", "", "the bundle `DIR` to make")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "print devices and commands; contact nothing")
	return c
}

func (o *runCommand) run(a *app, hosts []string, mode string) error {
	if err := o.cron.settle(a, o); err != nil {
		return err
	}
	then, err := o.gate(a, len(hosts) > 0)
	if err != nil {
		return err
	}
	if err := errors.Join(o.output.check(), o.connection.check()); err != nil {
		return err
	}
	if err := o.output.reachable(o.save); err != nil {
		return err
	}
	if err := o.notifying.check(a, o.cron.on); err != nil {
		return err
	}
	cat, err := o.choice.catalogue()
	if err != nil {
		return err
	}
	inv, devices, err := o.selection.load(a, hosts)
	if err != nil {
		return err
	}
	asLocalUser(devices, a.Getenv("USER"))
	if o.dryRun {
		return a.write("", func(w io.Writer) error { return o.dry(w, devices, cat, mode) })
	}
	plan, ofManager := platforms[0].plan(cat, mode), platformOf(diag.PlatformVManage).plan(cat, mode)
	if mode == "collect" {
		cat = engine.Catalogue{}
	}
	w := work{app: a, mode: mode, output: &o.output, connection: &o.connection, plan: plan, checks: cat, save: o.save, choice: o.choice,
		now: a.Now, synced: o.synced(), then: then}
	targets, done, err := o.connection.targets(a, inv, devices)
	if err != nil {
		return err
	}
	defer done()
	for i, d := range devices {
		if isVManage(d) {
			targets[i].Plan = ofManager
		}
	}
	w.targets = targets
	var release func()
	if o.cron.on {
		w.then, release, err = o.cron.begin(a, o, o.job(hosts))
	} else {
		w.record, release, err = o.archive.recording(a, &o.output, o.job(hosts))
	}
	if err != nil {
		return err
	}
	defer release()
	return w.do()
}

// targets is the way in to every device. The returned function ends what they share.
func (n *connection) targets(a *app, inv *inventory.Inventory, devices []inventory.Device) ([]fleet.Target, func(), error) {
	resolver := a.secrets(inv.Credentials, n.prompt)
	if err := resolver.AskFirst(a.Context, devices); err != nil {
		return nil, nil, usage(err, "")
	}
	dialers, err := n.dialers(a)
	if err != nil {
		return nil, nil, usage(err, "")
	}
	keys := &keyring{}
	var out []fleet.Target
	for _, d := range devices {
		out = append(out, fleet.Target{Device: d.Declared(), Credential: credentialKey(d), Timeout: d.Timeout,
			Open: func(ctx context.Context) (fleet.Session, error) {
				return open(ctx, dialers[d.Declared().Platform], resolver, keys, d)
			}})
	}
	return out, dialers.close, nil
}

// secrets fetches secrets in this program's world. Prompt asks for one; nil asks on the terminal.
func (a *app) secrets(credentials map[string]inventory.Credential, prompt func(context.Context, string) (inventory.Secret, error)) *inventory.Resolver {
	return inventory.NewResolver(credentials, inventory.Seams{Getenv: a.lookup, Prompt: prompt, Warn: func(p inventory.Problem) { a.hint("warning: %v", p) }})
}

// asLocalUser fills in the local user where nothing names one, as ssh does.
func asLocalUser(devices []inventory.Device, user string) {
	for i := range devices {
		d := &devices[i]
		d.Username = cmp.Or(d.Username, user)
		d.Jump = slices.Clone(d.Jump)
		for j := range d.Jump {
			d.Jump[j].Username = cmp.Or(d.Jump[j].Username, user)
		}
	}
}

func (o *runCommand) dry(w io.Writer, devices []inventory.Device, cat engine.Catalogue, mode string) error {
	if err := listDevices(w, devices); err != nil {
		return err
	}
	return o.dryPlan(w, devices, cat, mode)
}

// skipped is what the flags leave out.
func (n *connection) skipped() map[*diag.Command]diag.NotSent {
	if !n.passive {
		return nil
	}
	return map[*diag.Command]diag.NotSent{&iosxe.Ping.Command: {Reason: diag.NotCollected, Detail: "--passive"}}
}

func (n *connection) dialers(a *app) (dialers, error) {
	files := n.knownHosts
	if len(files) == 0 {
		files = []string{filepath.Join(a.Getenv("HOME"), ".ssh", "known_hosts")}
	}
	known, err := collect.LoadKnownHosts(files...)
	if err != nil {
		return nil, fmt.Errorf("reading host keys: %w", err)
	}
	for _, p := range known.Problems() {
		a.hint("warning: %s", p)
	}
	return newDialers(collect.Options{KnownHosts: known,
		HostKey: collect.HostKeyMode(n.hostKey), InsecurePassword: n.insecure, Profile: collect.Profile(n.profile),
		AgentSocket: agentSocket(a), ConnectTimeout: n.connectTimeout, CommandTimeout: n.commandTimeout}), nil
}

func agentSocket(a *app) string {
	if s := a.Getenv("SSH_AUTH_SOCK"); s != "" {
		return s
	}
	return "none"
}

// credentialKey names the secrets of a device for the canary and the breaker: the credential and the user.
func credentialKey(d inventory.Device) string { return d.Username + " with credential " + d.Credential }

// keyring parses every private key once per run: deciphering takes long on purpose.
type keyring struct {
	mu   sync.Mutex
	keys map[string]func() (ssh.Signer, error)
}

func (k *keyring) signers(keys []inventory.PrivateKey) ([]ssh.Signer, error) {
	var out []ssh.Signer
	for _, key := range keys {
		k.mu.Lock()
		if k.keys == nil {
			k.keys = map[string]func() (ssh.Signer, error){}
		}
		parse := k.keys[key.Path]
		if parse == nil {
			parse = sync.OnceValues(func() (ssh.Signer, error) {
				return collect.ParseKey(key.Path, []byte(key.PEM.Reveal()), secret(key.Passphrase))
			})
			k.keys[key.Path] = parse
		}
		k.mu.Unlock()
		s, err := parse()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func secret(s inventory.Secret) collect.Secret {
	if !s.IsSet() {
		return nil
	}
	return s.Reveal
}

// open logs in to one device with the secrets of its credential.
func open(ctx context.Context, dialer *collect.Dialer, r *inventory.Resolver, keys *keyring, d inventory.Device) (fleet.Session, error) {
	s, err := r.ResolveDevice(ctx, d)
	if err != nil {
		return nil, credentialError(ctx, err)
	}
	signers, err := keys.signers(s.Keys)
	if err != nil {
		return nil, err
	}
	t := collect.Target{Hop: collect.Hop{Address: d.Address, Port: d.Port,
		Auth:    collect.Auth{User: d.Username, Password: secret(s.Password), Signers: signers, Agent: true},
		HostKey: collect.HostKeyMode(d.HostKey), Profile: collect.Profile(d.SSHProfile)}}
	if d.Enable && !isVManage(d) { // which has no enable
		t.Enable = secret(s.Enable)
	}
	for _, j := range d.Jump {
		js, err := r.ResolveJump(ctx, j)
		if err != nil {
			return nil, credentialError(ctx, err)
		}
		js2, err := keys.signers(js.Keys)
		if err != nil {
			return nil, err
		}
		t.Jump = append(t.Jump, collect.Hop{Address: j.Address, Port: j.Port,
			Auth: collect.Auth{User: j.Username, Password: secret(js.Password), Signers: js2, Agent: true}})
	}
	session, err := dialer.Open(ctx, t)
	if err != nil {
		return nil, err
	}
	return session, nil
}

// credentialError is why there are no secrets to log in with: the run has ended, or they can not be had.
func credentialError(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*collect.Error](context.Cause(ctx)); ok {
		early := *e
		early.Stage = collect.StageCredential
		return &early
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return &collect.Error{Class: collect.Interrupted, Stage: collect.StageCredential,
			Message: "interrupted while its secrets were fetched", Err: ctx.Err()}
	}
	return &collect.Error{Class: collect.Credential, Stage: collect.StageCredential, Message: err.Error(),
		Hint: collect.PolicyOf(collect.Credential).Hint, Err: err}
}

// work is one run over targets, live or simulated: collect, judge, save, report.
type work struct {
	app        *app
	mode       string
	id         string // of the run; "" means a new one
	output     *output
	connection *connection
	plan       []*diag.Command
	checks     engine.Catalogue
	targets    []fleet.Target
	choice     choice
	save       string
	now        func() time.Time
	synced     bool
	record     func(*diag.Report) error // records the run before it is reported; nil: nobody does
	then       func(*diag.Report) error // makes the exit status once the reports are written; nil: the report's gate does
}

func (w *work) do() error {
	ctx, cancel := w.connection.bound(w.app.Context)
	defer cancel()
	head := diag.Run{ID: cmp.Or(w.id, newID()), Started: w.now().UTC(), Mode: w.mode, HostKey: w.connection.hostKey, Passive: w.connection.passive}
	tool := diag.Tool{Name: "slpdoctor", Version: version()}
	var saver *bundle.Writer
	if w.save != "" {
		var planned []diag.Device
		for _, t := range w.targets {
			planned = append(planned, t.Device)
		}
		var err error
		saver, err = bundle.Create(w.save, bundle.Manifest{Tool: tool, Run: head, Devices: planned,
			Options: bundle.Options{Checks: w.choice.only, Skip: w.choice.skip, RunnerClock: w.connection.runnerClock}})
		if err != nil {
			return usage(err, "give --save a folder that does not exist or is empty")
		}
	}
	s := w.sink(saver, tool, head)
	watch, stop := w.app.watch(len(w.targets))
	fleet.Run(ctx, w.targets, fleet.Options{Sessions: w.connection.sessions, Logins: w.connection.logins,
		Timeout: w.connection.timeout, Plan: w.plan, Skip: w.connection.skipped(), Checks: w.checks,
		ClockSynced: w.synced, Now: w.now, Progress: watch}, s.done)
	stop()
	head.Finished = w.now().UTC()
	head.Interrupted = w.app.Context.Err() != nil
	return s.finish(head)
}

// sink takes the results of a run: into memory, into the bundle, and as ndjson at once.
type sink struct {
	*work
	saver   *bundle.Writer
	tool    diag.Tool
	started time.Time
	results []diag.DeviceResult
	stream  *report.Stream
	broken  error // the first failure to save or to stream
}

func (w *work) sink(saver *bundle.Writer, tool diag.Tool, head diag.Run) *sink {
	s := &sink{work: w, saver: saver, tool: tool, started: head.Started, results: make([]diag.DeviceResult, len(w.targets))}
	for _, t := range w.output.targets {
		if t.Format == "ndjson" && t.Path == "" {
			s.stream = &report.Stream{W: w.app.Out}
			s.fail(s.stream.Begin(tool, head))
		}
	}
	return s
}

func (s *sink) done(i int, r diag.DeviceResult, captures []diag.Capture) {
	s.output.waivers.apply(&r, s.started)
	s.results[i] = r
	s.output.ticket(i, r, captures)
	s.app.log("device", slog.String("name", r.Name), slog.String("state", string(r.State)), slog.Int64("elapsed_ms", r.ElapsedMS))
	if s.stream != nil {
		s.fail(s.stream.Device(r))
	}
	if s.saver != nil {
		s.fail(s.saver.Save(bundle.Evidence{Device: s.targets[i].Device, State: r.State, Fault: r.Error,
			Elapsed: time.Duration(r.ElapsedMS) * time.Millisecond, Captures: captures}))
	}
}

// fail keeps the first error; the run goes on, because what is collected is still worth reporting.
func (s *sink) fail(err error) {
	if err != nil && s.broken == nil {
		s.broken = err
		s.app.hint("error: %v; the run goes on", err)
	}
}

func (s *sink) finish(head diag.Run) error {
	r := summarise(s.tool, head, s.results)
	if s.saver != nil {
		s.fail(s.saver.Finish(head, func(w io.Writer) error { return report.JSON(w, r) }))
	}
	if s.record != nil {
		s.fail(s.record(r))
	}
	out := *s.output
	if s.stream != nil {
		s.fail(s.stream.End(head, r.Summary))
		out.targets = slices.DeleteFunc(slices.Clone(out.targets), func(t report.Target) bool { return t.Format == "ndjson" && t.Path == "" })
	}
	if s.mode == "collect" {
		out.targets = []report.Target{{Format: "collect", Write: s.collected}}
	}
	err := s.app.deliver(&out, r)
	if s.broken != nil {
		err = &exit{engine.ExitInternal, fmt.Errorf("keeping the results: %w", s.broken), cmp.Or(hintOf(s.broken), "what was written before is complete")}
	}
	if s.then == nil {
		return err
	}
	told := s.then(r)
	if _, written := errors.AsType[status](err); written || err == nil {
		return told
	}
	if _, said := errors.AsType[status](told); said || told == nil {
		return err
	}
	return &exit{engine.ExitInternal, errors.Join(err, told), ""}
}

// collected says in a few lines what collect has done.
func (s *sink) collected(w io.Writer, r *diag.Report, _ report.Options) error {
	d, c := r.Summary.Devices, r.Summary.Coverage.Commands
	fmt.Fprintf(w, "%d of %d devices collected into %s; %d of %d commands answered\n",
		d.Examined+d.Partial, d.Total, s.save, c.OK, c.Planned)
	for _, res := range s.results {
		if res.Error != nil {
			fmt.Fprintf(w, "  %s: %s: %s\n", report.Clean(res.Name), res.Error.Class, report.Clean(res.Error.Message))
		}
	}
	return nil
}

// summarise folds results into a report.
func summarise(tool diag.Tool, head diag.Run, results []diag.DeviceResult) *diag.Report {
	fold := engine.Fold{Outlasts: outlasts}
	for _, r := range results {
		fold.Add(r)
	}
	return &diag.Report{Tool: tool, Run: head, Summary: fold.Summary(), Devices: report.Slice(results)}
}

func newID() string { return strings.ToLower(rand.Text()) }

// log says what happens, for -v.
func (a *app) log(message string, attrs ...any) {
	if a.verbose == 0 || a.quiet {
		return
	}
	var h slog.Handler = slog.NewTextHandler(a.Err, nil)
	if a.logFormat == "json" {
		h = slog.NewJSONHandler(a.Err, nil)
	}
	slog.New(h).Info(message, attrs...)
}
