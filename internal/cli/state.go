package cli

import (
	"errors"
	"path/filepath"
)

// stateFolder is where runs leave what later runs need; it need not exist yet. Of $STATE_DIRECTORY, which systemd
// makes of StateDirectory=, the first one counts.
func (a *app) stateFolder() (string, error) {
	if a.stateDir != "" {
		return a.stateDir, nil
	}
	if all := filepath.SplitList(a.Getenv("STATE_DIRECTORY")); len(all) > 0 && all[0] != "" {
		return all[0], nil
	}
	if dir := a.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "slpdoctor"), nil
	}
	if home := a.Getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "slpdoctor"), nil
	}
	return "", usage(errors.New("no state folder is known"), "give --state-dir")
}
