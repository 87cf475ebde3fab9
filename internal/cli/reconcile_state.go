package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"slpdoctor/internal/reconcile"
)

// cleanups is the file in the state folder that remembers which clean-ups were recommended.
type cleanups struct {
	Schema   int                 `json:"schema"`
	Kind     string              `json:"kind"`
	Cleanups []reconcile.Cleanup `json:"cleanups"`

	path string
}

// openCleanups reads the file. One that cannot be read is an error, for a second clean-up would be recommended without
// it; one that is not there holds nothing.
func (a *app) openCleanups() (*cleanups, error) {
	c := &cleanups{Schema: 1, Kind: "reconcile-state", Cleanups: []reconcile.Cleanup{}}
	dir := a.reconcileState()
	if dir == "" {
		return c, nil
	}
	c.path = filepath.Join(dir, "reconcile.json")
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		if err = json.Unmarshal(text, c); err == nil && (c.Schema != 1 || c.Kind != "reconcile-state") {
			err = errors.New("it is not of this program, or of a newer one")
		}
	}
	if err != nil {
		return nil, usage(fmt.Errorf("reading %s: %w", c.path, err), "it says when clean-ups were recommended; move it away to begin without")
	}
	return c, nil
}

// reconcileState is the state folder, "" when none is known.
func (a *app) reconcileState() string {
	for _, dir := range []string{a.stateDir, a.Getenv("STATE_DIRECTORY")} {
		if dir != "" {
			return dir
		}
	}
	if dir := a.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "slpdoctor")
	}
	if home := a.Getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "slpdoctor")
	}
	return ""
}

// keep writes what is to be remembered, if that has changed.
func (c *cleanups) keep(a *app, now []reconcile.Cleanup) error {
	if slices.Equal(c.Cleanups, now) {
		return nil
	}
	if c.path == "" {
		return errors.New("no state folder is known: give --state-dir")
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	c.Cleanups = now
	return a.writeFile(c.path, 0o600, func(w io.Writer) error { return encode(w, c, "  ") })
}
