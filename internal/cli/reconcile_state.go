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
// it; one that is not there holds nothing, and nor does a state folder that is not known.
func (a *app) openCleanups() (*cleanups, error) {
	c := &cleanups{Schema: 1, Kind: "reconcile-state", Cleanups: []reconcile.Cleanup{}}
	dir, _ := a.stateFolder() // a comparison needs none; keep says when it would have
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

// keep writes what is to be remembered, if that has changed.
func (c *cleanups) keep(a *app, now []reconcile.Cleanup) error {
	if slices.Equal(c.Cleanups, now) {
		return nil
	}
	if c.path == "" {
		_, err := a.stateFolder()
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	c.Cleanups = now
	return a.writeFile(c.path, 0o600, func(w io.Writer) error { return encode(w, c, "  ") })
}
