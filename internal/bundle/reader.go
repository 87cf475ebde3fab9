package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/mask"
	"slpdoctor/internal/viptela"
)

// maxFile is the longest file that is read, in bytes.
const maxFile = 64 << 20

var errTooLong = fmt.Errorf("the file is longer than %d MiB", maxFile>>20)

// kept is a bundle that is read.
type kept struct {
	dir       string
	catalogue []*diag.Command
	manifest  Manifest
	folders   []string // of manifest.Devices
}

// openBundle reads the manifest and looks what is in the folder beside it.
func openBundle(dir string, catalogue []*diag.Command) (*Source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var m manifestJSON
	if err := readJSON(root, manifestFile, &m); err != nil {
		return nil, fmt.Errorf("reading the manifest of %q: %w", dir, err)
	}
	if m.Kind != bundleKind || m.Schema != diag.SchemaVersion {
		return nil, fmt.Errorf("reading the manifest of %q: kind %q with schema %d is not a bundle this version reads", dir, m.Kind, m.Schema)
	}
	k := &kept{dir: dir, catalogue: catalogue, manifest: Manifest{Tool: m.Tool, Run: m.Run, Options: m.Options}}
	var names []string
	for _, d := range m.Devices {
		k.manifest.Devices = append(k.manifest.Devices, diag.Device(d))
		names = append(names, d.Name)
	}
	k.folders = FolderNames(names)
	return &Source{Manifest: &k.manifest, Unused: k.strays(root), devices: k.devices}, nil
}

// strays are the files and folders that no run puts into a bundle, or that a run left unfinished.
func (k *kept) strays(root *os.Root) []Note {
	var notes []Note
	note := func(name, text string) { notes = append(notes, Note{Path: filepath.Join(k.dir, name), Text: text}) }
	look := func(dir string, known func(string) bool) {
		entries, err := fs.ReadDir(root.FS(), dir)
		if err != nil {
			note(dir, "not readable: "+reason(err))
		}
		for _, e := range entries {
			switch name := e.Name(); {
			case known(name):
			case strings.HasPrefix(name, temporary):
				note(path.Join(dir, name), "left behind by a run that was interrupted while writing it")
			default:
				note(path.Join(dir, name), "does not belong to the bundle")
			}
		}
	}
	look(".", func(name string) bool { return name == manifestFile || name == runFile || name == devicesDir })
	look(devicesDir, func(name string) bool { return slices.Contains(k.folders, name) })
	return notes
}

// devices reads one device after the other, in the order of the run.
func (k *kept) devices() iter.Seq2[Evidence, error] {
	return func(yield func(Evidence, error) bool) {
		root, err := os.OpenRoot(k.dir)
		if err != nil {
			yield(Evidence{}, err)
			return
		}
		defer root.Close()
		for i, d := range k.manifest.Devices {
			if !yield(k.device(root, d, path.Join(devicesDir, k.folders[i])), nil) {
				return
			}
		}
	}
}

// device reads what is kept of a device. What is wrong with it is in the evidence.
func (k *kept) device(root *os.Root, d diag.Device, folder string) Evidence {
	damaged := func(why string) Evidence {
		return Evidence{Device: d, State: diag.Failed, Fault: &diag.Fault{Class: "bundle_damaged", Stage: "read",
			Message: fmt.Sprintf("%s: %s", filepath.Join(k.dir, folder), why), Hint: "collect this device again"}}
	}
	info, err := root.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist) && k.manifest.Run.Finished.IsZero():
		return Evidence{Device: d, State: diag.NotReached, Fault: &diag.Fault{Class: "interrupted", Stage: "run",
			Message: "the run ended before this device was saved", Hint: "collect this device again"}}
	case err != nil:
		return damaged(reason(err))
	case !info.IsDir():
		return damaged("not a folder")
	}
	var r recordJSON
	if err := readJSON(root, path.Join(folder, deviceFile), &r); err != nil {
		return damaged(err.Error())
	}
	if r.Name != d.Name || r.Schema != diag.SchemaVersion {
		return damaged(fmt.Sprintf("%s is of device %q with schema %d", deviceFile, r.Name, r.Schema))
	}
	catalogue := k.catalogue
	if r.Platform == diag.PlatformVManage {
		catalogue = viptela.Catalogue()
	}
	e := Evidence{Device: diag.Device(r.deviceJSON), State: r.State, Fault: r.Error, Elapsed: time.Duration(r.ElapsedMS) * time.Millisecond}
	listed := map[string]bool{deviceFile: true}
	for _, a := range r.Commands {
		listed[a.File] = true
		e.take(root, filepath.Join(k.dir, folder), folder, a, catalogue)
	}
	entries, _ := fs.ReadDir(root.FS(), folder)
	for _, f := range entries {
		if !listed[f.Name()] {
			e.note(filepath.Join(k.dir, folder, f.Name()), "does not belong to the bundle")
		}
	}
	return e
}

func (e *Evidence) note(path, text string) {
	e.Unused = append(e.Unused, Note{Path: path, Text: text})
}

// take adds the answer to one command. An answer that is not what was written counts as cut.
func (e *Evidence) take(root *os.Root, shown, folder string, a answerJSON, catalogue []*diag.Command) {
	i := slices.IndexFunc(catalogue, func(c *diag.Command) bool { return c.String() == a.Command })
	if i < 0 || !catalogue[i].Template.Match(a.Line) && a.Outcome != diag.NotRun {
		e.note(filepath.Join(shown, a.File), fmt.Sprintf("%q is not in the catalogue of this version", a.Line))
		return
	}
	c := diag.Capture{Command: catalogue[i], Line: a.Line, Outcome: a.Outcome, NotSent: diag.NotSent{Reason: a.Reason, Detail: a.Detail},
		Sent: a.Sent, Received: a.Received, ClockSynced: a.ClockSynced}
	if c.Outcome != diag.NotRun {
		text, err := readText(root, folder, a)
		if err != nil {
			e.note(filepath.Join(shown, a.File), reason(err))
			c.Outcome = diag.WasCut
		}
		c.Text = text
	}
	e.Captures = append(e.Captures, c)
}

var errChanged = errors.New("the file is not what the run wrote: its length or sum differs")

// readText is an answer as it is kept, with an error when it is not as it was written.
func readText(root *os.Root, folder string, a answerJSON) (string, error) {
	if a.File == "" || a.File != path.Base(a.File) {
		return "", fmt.Errorf("%q is not the name of a file", a.File)
	}
	data, err := readRegular(root, path.Join(folder, a.File))
	if err != nil {
		return "", err
	}
	text := string(data)
	if len(text) != a.Length || sum(text) != a.SHA256 {
		return mask.Text(text), errChanged
	}
	if !slices.Contains([]diag.Outcome{diag.OK, diag.WasRefused, diag.WasTimedOut, diag.WasCut}, a.Outcome) {
		return text, fmt.Errorf("%q is not an outcome", a.Outcome)
	}
	return text, nil
}

func readJSON(root *os.Root, name string, v any) error {
	data, err := readRegular(root, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("reading %s: %w", path.Base(name), err)
	}
	return nil
}

// readRegular reads a file of a bundle: no links, no devices, no pipes.
func readRegular(root *os.Root, name string) ([]byte, error) {
	before, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file, and links are not followed", path.Base(name))
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if after, err := f.Stat(); err != nil || !os.SameFile(before, after) {
		return nil, fmt.Errorf("%s changed while it was opened", path.Base(name))
	}
	return readLimited(f)
}

// readLimited reads up to maxFile bytes.
func readLimited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(data) > maxFile {
		return nil, errTooLong
	}
	return data, err
}

// reason is the cause of a file error without the path, which stands beside it.
func reason(err error) string {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
