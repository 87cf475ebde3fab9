package bundle

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"slpdoctor/internal/diag"
)

// ErrNotEmpty is the error of Create for a folder that has something in it.
var ErrNotEmpty = errors.New("the folder is not empty")

// Writer keeps the evidence of a run in a folder, device by device. Whatever happens, also to the power,
// what exists under its final name is complete. Its methods may be called from several goroutines.
type Writer struct {
	dir      string
	manifest Manifest
	folders  map[string]string // device name -> folder name
	create   func(path string) (syncer, error)
}

type syncer interface {
	io.WriteCloser
	Sync() error
}

// Create starts a bundle in dir, which must be empty or not exist, and writes its manifest. The error is
// ErrNotEmpty when dir is in use, also by another run that starts at the same moment.
func Create(dir string, m Manifest) (*Writer, error) {
	w := &Writer{dir: dir, manifest: m, folders: map[string]string{}, create: createFile}
	names := make([]string, len(m.Devices))
	for i, d := range m.Devices {
		names[i] = d.Name
	}
	for i, folder := range FolderNames(names) {
		if _, twice := w.folders[names[i]]; twice {
			return nil, fmt.Errorf("saving to %q: the device %q is planned twice", dir, names[i])
		}
		w.folders[names[i]] = folder
	}
	if err := w.claim(); err != nil {
		return nil, fmt.Errorf("saving to %q: %w", dir, err)
	}
	return w, w.writeManifest()
}

// claim makes the folders; making the inner one is what two runs can not both do.
func (w *Writer) claim() error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return ErrNotEmpty
	}
	if err := os.Chmod(w.dir, 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(w.dir, devicesDir), 0o700); err != nil {
		if errors.Is(err, os.ErrExist) {
			return ErrNotEmpty
		}
		return err
	}
	return nil
}

func (w *Writer) writeManifest() error {
	m := manifestJSON{diag.SchemaVersion, bundleKind, w.manifest.Tool, w.manifest.Run, w.manifest.Options, []deviceJSON{}}
	for _, d := range w.manifest.Devices {
		m.Devices = append(m.Devices, deviceJSON(d))
	}
	return w.replace(manifestFile, func(out io.Writer) error { return encode(out, m) })
}

// Save keeps the evidence of one planned device. It may be called once per device; an error leaves
// nothing of the device and everything else as it was.
func (w *Writer) Save(e Evidence) error {
	folder, planned := w.folders[e.Device.Name]
	if !planned {
		return fmt.Errorf("saving %q: the device was not planned", e.Device.Name)
	}
	devices := filepath.Join(w.dir, devicesDir)
	half := filepath.Join(devices, temporary+folder)
	err := w.fill(half, e)
	if err == nil {
		err = os.Rename(half, filepath.Join(devices, folder))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("saving %q: %w", e.Device.Name, err), os.RemoveAll(half))
	}
	return syncDir(devices)
}

// fill writes the folder of a device.
func (w *Writer) fill(dir string, e Evidence) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	r := recordJSON{Schema: diag.SchemaVersion, deviceJSON: deviceJSON(e.Device), State: e.State, Error: e.Fault,
		ElapsedMS: e.Elapsed.Milliseconds(), Commands: []answerJSON{}}
	taken := map[string]int{}
	for _, c := range e.Captures {
		a := answerJSON{Command: c.Command.String(), Line: c.Line, Outcome: c.Outcome, Reason: c.NotSent.Reason,
			Detail: c.NotSent.Detail, Sent: c.Sent.UTC(), Received: c.Received.UTC(), ClockSynced: c.ClockSynced}
		if c.Outcome != diag.NotRun {
			slug := Slug(c.Line)
			if taken[slug]++; taken[slug] > 1 {
				slug = fmt.Sprintf("%s~%d", slug, taken[slug])
			}
			a.File, a.Length, a.SHA256 = slug+".txt", len(c.Text), sum(c.Text)
			if err := w.write(filepath.Join(dir, a.File), func(out io.Writer) error {
				_, err := io.WriteString(out, c.Text)
				return err
			}); err != nil {
				return err
			}
		}
		r.Commands = append(r.Commands, a)
	}
	if err := w.write(filepath.Join(dir, deviceFile), func(out io.Writer) error { return encode(out, r) }); err != nil {
		return err
	}
	return syncDir(dir)
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// Finish ends the bundle: the report of the run, written by report (nil for a run without one), then
// the manifest with the end of the run.
func (w *Writer) Finish(run diag.Run, report func(io.Writer) error) error {
	if report != nil {
		if err := w.replace(runFile, report); err != nil {
			return err
		}
	}
	w.manifest.Run = run
	return w.writeManifest()
}

// replace writes a file of the bundle under another name and gives it its own in one step.
func (w *Writer) replace(name string, content func(io.Writer) error) error {
	half := filepath.Join(w.dir, temporary+name)
	err := w.write(half, content)
	if err == nil {
		err = os.Rename(half, filepath.Join(w.dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("saving %q: %w", filepath.Join(w.dir, name), err), os.RemoveAll(half))
	}
	return syncDir(w.dir)
}

// write makes a new file that is on the disk when it returns.
func (w *Writer) write(path string, content func(io.Writer) error) (err error) {
	f, err := w.create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	if err = content(out); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

func createFile(path string) (syncer, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// syncDir makes the names in a folder durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func encode(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(v)
}
