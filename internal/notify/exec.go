package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"slpdoctor/inventory"
)

// hook runs a program of the operator with the message on its standard input.
type hook struct {
	label string // of its receiver, for errors
	argv  []string
}

func readExec(l *loader, n *yaml.Node, label string) channel {
	h := &hook{label: label}
	// The rules are those of a command that gives a secret: a list, no shell, not where others may write the file.
	var ref *inventory.Reference
	if ok := l.mapping(n, "exec of "+label, map[string]func(*yaml.Node){
		"command": func(value *yaml.Node) {
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "command", Line: value.Line}
			l.secret(&ref, "exec of "+label)(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: value.Line, Content: []*yaml.Node{key, value}})
		},
	}); ok {
		l.missing(n, "exec of "+label, "command")
	}
	if ref != nil {
		h.argv = ref.Argv
	}
	return h
}

func (h *hook) describe() string { return fmt.Sprintf("exec of %q", h.argv[0]) }

func (h *hook) where() string { return fmt.Sprintf("%q", h.argv[0]) }

func (h *hook) check(fetcher) error {
	if _, err := exec.LookPath(h.argv[0]); err != nil {
		return fmt.Errorf("exec of %s: the program can not be run: %w", h.label, err)
	}
	return nil
}

// lingering is how long a child that the program leaves behind may hold its output open.
const lingering = time.Second

func (h *hook) send(ctx context.Context, m *Message) error {
	cmd := exec.CommandContext(ctx, h.argv[0], h.argv[1:]...)
	var complaint counter
	cmd.Stdin, cmd.Stderr, cmd.WaitDelay = bytes.NewReader(m.json()), &complaint, lingering
	cmd.Env = append(environment(os.Environ()), "SLPDOCTOR_MESSAGE_ID="+m.ID)
	err := cmd.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // it ended well, a child of it lives on
		return nil
	case ctx.Err() != nil:
		return &failure{why: context.Cause(ctx).Error()}
	case complaint > 0:
		return fmt.Errorf("%w; its %d bytes on stderr are not shown, they could hold a secret: run it by hand", err, complaint)
	}
	return err
}

// environment is ours without what is for slpdoctor alone: passwords of devices, and the credentials of its unit.
func environment(all []string) []string {
	var out []string
	for _, v := range all {
		if !strings.HasPrefix(v, "SLPDOCTOR_") && !strings.HasPrefix(v, "CREDENTIALS_DIRECTORY=") {
			out = append(out, v)
		}
	}
	return out
}

// counter drops what it is given and counts it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
