package bundle

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"slpdoctor/internal/diag"
)

// Source is evidence that was opened for reading.
type Source struct {
	Manifest *Manifest // of a bundle; nil for everything else
	Unused   []Note    // what belongs to no device
	devices  func() iter.Seq2[Evidence, error]
}

// Devices yields the devices: those of a bundle in the order of its run, folders by name, those of a log
// as they come in it. Trouble with one device is in its Evidence; an error ends the sequence. It may be
// called more than once.
func (s *Source) Devices() iter.Seq2[Evidence, error] { return s.devices() }

// Open recognises what path is (product contract, section 9): a bundle, a folder of devices, a folder of
// answers, a folder of pasted logs, a pasted log or tech-support file, or "-" for stdin. Lines are resolved
// against the catalogue; texts come out masked. Errors name the path.
func Open(path string, stdin io.Reader, catalogue []*diag.Command) (*Source, error) {
	l := newLexicon(catalogue)
	if path == "-" {
		return l.openLog("stdin", path, stdin)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return l.openLog(deviceName(path), path, f)
	}
	if _, err := os.Lstat(filepath.Join(path, manifestFile)); err == nil {
		return openBundle(path, catalogue)
	}
	return l.openFolder(path)
}

// Around is the bundle that holds a folder of its devices, or of one of them; "" when path is neither.
func Around(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	for _, devices := range []string{abs, filepath.Dir(abs)} {
		root := filepath.Dir(devices)
		if _, err := os.Lstat(filepath.Join(root, manifestFile)); err == nil && filepath.Base(devices) == devicesDir {
			return root
		}
	}
	return ""
}

// deviceName is the name of a device that only a file names.
func deviceName(path string) string {
	name, _ := textFile(filepath.Base(path))
	return name
}

// textFile is the name of a file without the extension of a text, and whether it is named like one.
func textFile(name string) (string, bool) {
	switch ext := filepath.Ext(name); ext {
	case ".txt", ".log":
		return strings.TrimSuffix(name, ext), true
	case "":
		return name, true
	}
	return name, false
}

// openLog reads one pasted log. A log that can not be read at all is an error.
func (l *lexicon) openLog(name, path string, in io.Reader) (*Source, error) {
	b := l.newBook()
	if err := b.add(name, path, in); err != nil {
		return nil, fmt.Errorf("reading %q: %w", path, err)
	}
	return &Source{devices: b.devices}, nil
}

// book gathers the devices of pasted logs, in the order in which they appear.
type book struct {
	lexicon  *lexicon
	readings []*reading
	byName   map[string]*reading
}

func (l *lexicon) newBook() *book { return &book{lexicon: l, byName: map[string]*reading{}} }

func (b *book) add(fallback, path string, in io.Reader) error {
	text, err := readLog(in)
	if err != nil {
		return err
	}
	b.lexicon.log(text, path, nil, func(name string) *reading { return b.device(name, fallback) })
	return nil
}

func (b *book) device(name, fallback string) *reading {
	if name == "" {
		name = fallback
	}
	r, known := b.byName[name]
	if !known {
		r = b.lexicon.newReading(name)
		b.byName[name] = r
		b.readings = append(b.readings, r)
	}
	return r
}

func (b *book) devices() iter.Seq2[Evidence, error] {
	return func(yield func(Evidence, error) bool) {
		for _, r := range b.readings {
			if !yield(r.evidence(), nil) {
				return
			}
		}
	}
}

func readLog(in io.Reader) (string, error) {
	data, err := readLimited(in)
	if err != nil {
		return "", err
	}
	return decode(data)
}

// openFolder reads a folder without a manifest: of devices if it has sub-folders, of one device if every
// file is named like a command, else of logs.
func (l *lexicon) openFolder(path string) (*Source, error) {
	folders, files, err := list(path)
	switch {
	case err != nil:
		return nil, err
	case len(folders) > 0:
		s := &Source{devices: l.folders(path, folders)}
		for _, f := range files {
			s.Unused = append(s.Unused, Note{Path: filepath.Join(path, f), Text: "stands beside the folders of the devices"})
		}
		return s, nil
	case len(files) == 0:
		return nil, fmt.Errorf("reading %q: the folder is empty", path)
	case oneDevice(files):
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		return &Source{devices: l.folders(filepath.Dir(abs), []string{filepath.Base(abs)})}, nil
	}
	b := l.newBook()
	for _, f := range files {
		full := filepath.Join(path, f)
		if err := b.addFile(full); err != nil {
			r := b.device("", deviceName(full))
			r.trouble = append(r.trouble, full+": "+reason(err))
		}
	}
	return &Source{devices: b.devices}, nil
}

func (b *book) addFile(path string) error {
	f, err := openRegular(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return b.add(deviceName(path), path, f)
}

// list names the folders and the other entries of a folder, in order, links followed, hidden ones left out.
func list(path string) (folders, files []string, err error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(path, e.Name())); err == nil && info.IsDir() {
			folders = append(folders, e.Name())
		} else {
			files = append(files, e.Name())
		}
	}
	return folders, files, nil
}

// openRegular opens a file that is one: a pipe in a folder would never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a plain file")
	}
	return os.Open(path)
}

// oneDevice reports whether the texts among the files of a folder are all named like commands.
func oneDevice(files []string) bool {
	texts := 0
	for _, f := range files {
		name, text := textFile(f)
		if !text {
			continue
		}
		texts++
		if verb, _, _ := strings.Cut(Slug(name), "-"); verb != "show" && verb != "ping" {
			return false
		}
	}
	return texts > 0
}

// folders reads the folder of one device after the other.
func (l *lexicon) folders(parent string, names []string) func() iter.Seq2[Evidence, error] {
	return func() iter.Seq2[Evidence, error] {
		return func(yield func(Evidence, error) bool) {
			for _, name := range names {
				if !yield(l.folder(parent, name).evidence(), nil) {
					return
				}
			}
		}
	}
}

// folder reads the answers of one device.
func (l *lexicon) folder(parent, name string) *reading {
	r := l.newReading(name)
	path := filepath.Join(parent, name)
	folders, files, err := list(path)
	if err != nil {
		r.trouble = append(r.trouble, path+": "+reason(err))
	}
	for _, f := range folders {
		r.note(filepath.Join(path, f), 0, "a folder inside the folder of a device")
	}
	for _, f := range files {
		r.file(filepath.Join(path, f))
	}
	return r
}

// file reads a file that is named like the command it answers.
func (r *reading) file(path string) {
	name, text := textFile(filepath.Base(path))
	slug := Slug(name)
	targets := r.lexicon.file(slug)
	if !text || targets == nil && !strings.HasPrefix(slug, "show-tech-support") {
		r.note(path, 0, "its name is no command this tool reads")
		return
	}
	answer, err := r.open(path)
	if err != nil {
		r.trouble = append(r.trouble, path+": "+reason(err))
		for _, t := range targets {
			if _, found := r.answers[t.command]; !found {
				r.answers[t.command] = diag.Capture{Command: t.command, Line: t.line, Outcome: diag.WasCut, Path: path, FirstLine: 1}
			}
		}
		return
	}
	if blank(answer) {
		r.take(targets, answer, path, 1)
		return
	}
	r.lexicon.log(answer, path, targets, func(string) *reading { return r })
}

func (r *reading) open(path string) (string, error) {
	f, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return readLog(f)
}
