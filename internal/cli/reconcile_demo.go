package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/input"
)

// walkthrough is the name under which the seed's case is played from its first symptom to the clean state.
const walkthrough = "walkthrough"

func newDemoReconcile(a *app) *cobra.Command {
	var dir string
	var specs []string
	var situations []string
	for _, s := range reconcile.Practice() {
		situations = append(situations, s.Name)
	}
	situations = append(situations, walkthrough)
	c := &cobra.Command{
		Use:   "reconcile [SITUATION]",
		Short: "Practise reconcile: exports of made-up portals, and what is made of them",
		Long: "Play situations in which vManage and CSSM differ, or do not: all of them in short, or one in full. They are made\n" +
			"into files and read like yours. walkthrough plays the doubled report from the first symptom over the clean-up and\n" +
			"the wait to the clean state. --dir keeps the files, to replay them with slpdoctor reconcile by hand.\n\n" +
			"Situations: " + strings.Join(situations, ", "),
		Annotations:       map[string]string{ownWorld: ""},
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(situations, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.practise(strings.Join(args, ""), dir, specs)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "keep the files in `DIR`, a folder per situation")
	c.Flags().StringArrayVarP(&specs, "output", "o", nil, "`FORMAT[=PATH]` of one situation, repeatable: "+strings.Join(reconcileFormats, ", ")+" (default table)")
	return c
}

func (a *app) practise(name, dir string, specs []string) error {
	forms, err := parseForms(specs, reconcileFormats...)
	if err != nil {
		return err
	}
	all := reconcile.Practice()
	i := slices.IndexFunc(all, func(s reconcile.Situation) bool { return s.Name == name })
	if i < 0 && len(specs) > 0 {
		return usage(errors.New("-o is for one situation"), "slpdoctor demo reconcile double-report -o json")
	}
	kept := dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "slpdoctor-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	switch {
	case name == walkthrough:
		return a.walk(dir, kept)
	case name == "":
		return a.survey(all, dir, kept)
	case i < 0:
		return usage(fmt.Errorf("no situation %q", name), "slpdoctor demo reconcile lists them")
	}
	s := all[i]
	d, err := a.play(filepath.Join(dir, s.Name), s.Files, reconcile.Options{Now: reconcile.PracticeTime})
	if err != nil {
		return err
	}
	if err := a.emit(forms, func(w io.Writer, format string) error {
		if format == "table" {
			l := a.lines()
			l.para("", s.Story)
			l.plain("")
			if err := l.flush(w); err != nil {
				return err
			}
		}
		return a.reconciled(w, format, d)
	}); err != nil {
		return err
	}
	if kept != "" {
		a.hint("replay it: %s", replay(kept, s.Name, s.Name, s.Files))
	}
	return nil
}

// play writes the files of a situation, reads them as reconcile does, and compares.
func (a *app) play(dir string, files []reconcile.PracticeFile, o reconcile.Options) (*reconcile.Document, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, usage(err, "")
	}
	var sources []input.Source
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := a.write(path, func(w io.Writer) error { _, err := io.WriteString(w, f.Text); return err }); err != nil {
			return nil, usage(err, "")
		}
		at := o.Now.Add(-f.Age)
		if err := os.Chtimes(path, at, at); err != nil {
			return nil, usage(err, "")
		}
		sources = append(sources, input.Source{Kind: f.Kind, Path: path})
	}
	data := &reconcile.Data{}
	if err := input.Read(a.Context, data, sources, input.Options{}); err != nil {
		return nil, a.unread(err)
	}
	for i := range data.Inputs { // the folder may be a temporary one: the same is printed every time
		data.Inputs[i].Path = filepath.Base(data.Inputs[i].Path)
	}
	d := reconcile.Reconcile(data, o)
	d.Tool = diag.Tool{Name: "slpdoctor", Version: version()}
	return d, nil
}

// replay is the command that reads the same files. Every situation has a state folder of its own, for it is a world of
// its own.
func replay(kept, folder, situation string, files []reconcile.PracticeFile) string {
	words := []string{"slpdoctor reconcile --state-dir", filepath.Join(kept, situation, "state")}
	for _, f := range files {
		words = append(words, "--"+string(f.Kind), filepath.Join(kept, folder, f.Name))
	}
	return strings.Join(words, " ")
}

// survey plays every situation and tells the verdicts.
func (a *app) survey(all []reconcile.Situation, dir, kept string) error {
	l := a.lines()
	for _, s := range all {
		d, err := a.play(filepath.Join(dir, s.Name), s.Files, reconcile.Options{Now: reconcile.PracticeTime})
		if err != nil {
			return err
		}
		l.plain("%s", s.Name)
		l.para("  ", s.Story)
		l.para("  -> ", fmt.Sprintf("%s (%s): %s", d.Verdict.Case, d.Verdict.Confidence, d.Verdict.Summary))
		if kept != "" {
			l.plain("  %s", replay(kept, s.Name, s.Name, s.Files))
		}
	}
	l.plain("%s\n  The first one, from the symptom over the clean-up and the wait to the clean state.", walkthrough)
	l.plain("\nOne in full: slpdoctor demo reconcile %s", all[0].Name)
	return a.write("", l.flush)
}

// walk plays the walkthrough: the clean-up that its first step recommends is remembered in the next ones.
func (a *app) walk(dir, kept string) error {
	var remembered []reconcile.Cleanup
	l := a.lines()
	for i, s := range reconcile.Walkthrough() {
		folder := filepath.Join(walkthrough, fmt.Sprintf("step-%d", i+1))
		o := reconcile.Options{Now: reconcile.PracticeTime.Add(s.After), Cleanups: remembered}
		d, err := a.play(filepath.Join(dir, folder), s.Files, o)
		if err != nil {
			return err
		}
		remembered = d.Cleanups(o)
		if i > 0 {
			l.plain("")
		}
		l.plain("=== %s ===", after(s.After))
		l.para("", s.Story)
		l.plain("")
		reconcileTable(l, d)
		if kept != "" {
			l.plain("\nReplay: %s", replay(kept, folder, walkthrough, s.Files))
		}
	}
	return a.write("", l.flush)
}

func after(d time.Duration) string {
	if d == 0 {
		return "The first symptom"
	}
	return fmt.Sprintf("%d hours later", int(d.Hours()))
}
