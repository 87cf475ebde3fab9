package fixplan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotEmpty is the error of Claim and Write for a folder that has something in it.
var ErrNotEmpty = errors.New("the folder is not empty")

// Claim says whether dir may take a plan: it does not exist, or it is an empty folder. It changes nothing.
func Claim(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("writing a fix plan to %q: %w", dir, ErrNotEmpty)
	}
	return nil
}

// Write makes the plan's folder: 0700, its files 0600. The files are written aside and moved at the end,
// README.md last: a folder that has it is complete. After an error nothing of the plan is left.
func Write(dir string, files []File) (err error) {
	if err := Claim(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(dir, ".partial-")
	if err != nil {
		return err
	}
	var moved []string
	defer func() {
		os.RemoveAll(aside)
		if err != nil {
			for _, m := range moved {
				os.RemoveAll(m)
			}
		}
	}()
	var tops []string
	for _, f := range files {
		if top, _, _ := strings.Cut(f.Path, "/"); len(tops) == 0 || tops[len(tops)-1] != top {
			tops = append(tops, top)
		}
		if err := writeFile(filepath.Join(aside, filepath.FromSlash(f.Path)), f.Text); err != nil {
			return err
		}
	}
	for _, top := range tops {
		to := filepath.Join(dir, top)
		if err := os.Rename(filepath.Join(aside, top), to); err != nil {
			return err
		}
		moved = append(moved, to)
	}
	return nil
}

func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}
