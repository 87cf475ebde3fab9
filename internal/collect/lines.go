package collect

import "slices"

// SessionLines are the lines that a session sends beside the catalogue: terminal settings, enable and the
// farewell. For authorization lists.
func SessionLines() []string { return append(slices.Clone(sessionLines), "enable", "exit") }
