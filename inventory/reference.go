package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// FromVariables is a secret that the environment gives: the variable itself, or with _FILE where it is kept, or
// with _COMMAND what prints it; in this order, and nil when none is set. An empty variable counts as not set.
// Nothing is fetched here.
func FromVariables(name string, getenv func(string) string) (*Reference, error) {
	if getenv(name) != "" {
		return &Reference{Source: FromEnv, Name: name}, nil
	}
	if path := getenv(name + "_FILE"); path != "" {
		return &Reference{Source: FromFile, Name: path}, nil
	}
	line := getenv(name + "_COMMAND")
	if line == "" {
		return nil, nil
	}
	argv, err := splitCommand(line)
	if err != nil {
		return nil, fmt.Errorf("reading %s_COMMAND: %w", name, err)
	}
	return &Reference{Source: FromCommand, Argv: argv}, nil
}

// ParseReference reads a reference to a secret that stands in another file than an inventory, by the same rules: no
// literal secret, no command where others may write the file. What names the secret in messages, like "url of
// receiver noc". The error is Problems; warnings are not an error.
func ParseReference(path string, n *yaml.Node, what string) (ref *Reference, warnings Problems, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	y := yamlReader{loader: &loader{notes: &notes{}}, doc: document{name: path, dir: filepath.Dir(path), unsafe: writableByOthers(info)}}
	ref = y.reference(n, what)
	if len(y.problems) > 0 {
		return nil, nil, y.problems
	}
	return ref, y.warnings, nil
}

// Fetch fetches one secret that belongs to no credential. Errors name what it is for and where it is kept, never its
// value.
func (r *Resolver) Fetch(ctx context.Context, what string, ref Reference) (Secret, error) {
	return r.secret(ctx, what, &ref)
}
