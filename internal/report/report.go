// Package report renders a run: one file per output format. It is the only importer of tablewriter; the
// command line uses it and nothing below it does.
package report

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// Options is what the terminal, or the lack of one, asks of a format for people.
type Options struct {
	Width int  // columns; 0 means 100
	Color bool // colour may be used
	// Outlasts reports whether a failing verdict of the check counts although another explains it.
	Outlasts func(check string) bool
	Schedule Schedule // of the job, for metrics
}

// Write renders a whole report.
type Write func(w io.Writer, r *diag.Report, o Options) error

// format is a way to render a report.
type format struct {
	name  string
	write Write
	mode  fs.FileMode // of a file in it
}

// formats in the order in which they are documented. Metrics are read by a collector that is another user.
var formats = []format{
	{"table", writeTable, 0o600},
	{"json", writeJSON, 0o600},
	{"ndjson", writeNDJSON, 0o600},
	{"yaml", writeYAML, 0o600},
	{"prometheus", writePrometheus, 0o644},
}

// Formats lists the names of the formats.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Target is one -o: a format and where it goes. An empty Path is standard output.
type Target struct {
	Format string
	Path   string
	Mode   fs.FileMode // of the file at Path
	Write  Write
}

// ParseTargets reads the -o values; none means the table. An unknown format, a path that is given
// twice, or more than one format for standard output is an error.
func ParseTargets(specs []string) ([]Target, error) {
	if len(specs) == 0 {
		specs = []string{"table"}
	}
	var out []Target
	for _, s := range specs {
		name, path, hasPath := strings.Cut(s, "=")
		if hasPath && path == "" {
			return nil, fmt.Errorf("reading -o %s: the path after = is empty", s)
		}
		i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
		if i < 0 {
			return nil, fmt.Errorf("reading -o %s: no format %q; there are %s", s, name, strings.Join(Formats(), ", "))
		}
		if slices.ContainsFunc(out, func(t Target) bool { return t.Path == path }) {
			where := "standard output"
			if path != "" {
				where = path
			}
			return nil, fmt.Errorf("reading -o %s: %s already takes another format", s, where)
		}
		out = append(out, Target{Format: name, Path: path, Mode: formats[i].mode, Write: formats[i].write})
	}
	return out, nil
}
