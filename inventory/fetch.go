package inventory

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"
)

// waitDelay is how long the pipes of a helper may stay open after it ended or was killed: a helper may
// leave a child behind that holds them (gpg-agent, ssh-agent).
const waitDelay = 2 * time.Second

func runCommand(ctx context.Context, argv []string) ([]byte, error) {
	return runCommandWithin(ctx, argv, waitDelay)
}

// runCommandWithin returns what a helper prints. Its stderr may hold a secret, so only its size is told.
func runCommandWithin(ctx context.Context, argv []string, delay time.Duration) ([]byte, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var out, complaint limitedBuffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &complaint, delay
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrWaitDelay): // it ended well, a child of it lives on
	case errors.As(err, &exit) && complaint.total > 0:
		return nil, fmt.Errorf("%w; its %d bytes on stderr are not shown, they could hold a secret: run it by hand", exit, complaint.total)
	case err != nil:
		return nil, err
	}
	if out.total > len(out.kept) {
		return nil, fmt.Errorf("it printed %d bytes; a secret is one line", out.total)
	}
	return out.kept, nil
}

// limitedBuffer keeps the first 64 KiB and counts the rest.
type limitedBuffer struct {
	kept  []byte
	total int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	b.total += len(p)
	b.kept = append(b.kept, p[:min(len(p), 64<<10-len(b.kept))]...)
	return len(p), nil
}

func readSecretFile(name string) (data []byte, open bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if info.IsDir() {
		return nil, false, errors.New("it is a directory")
	}
	data, err = io.ReadAll(io.LimitReader(f, 64<<10))
	return data, readableByOthers(info), err
}

// TerminalPrompt asks on the terminal of the process, whatever its standard input and output are, without
// echo. It ends when ctx does and leaves the terminal as it was. Without a terminal it is an error.
func TerminalPrompt(ctx context.Context, question string) (Secret, error) {
	in, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		in, out = "CONIN$", "CONOUT$"
	}
	none := errors.New("there is no terminal to ask on; use env, file or command")
	tty, err := os.OpenFile(in, os.O_RDWR, 0)
	if err != nil {
		return Secret{}, none
	}
	screen, err := os.OpenFile(out, os.O_RDWR, 0)
	if err != nil {
		tty.Close()
		return Secret{}, none
	}
	defer screen.Close()
	fd := int(tty.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		tty.Close()
		return Secret{}, none
	}
	fmt.Fprint(screen, question)
	defer fmt.Fprintln(screen)
	type answer struct {
		text []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		tty.Close() // here and not earlier: until then the number of the descriptor must stay taken
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return Secret{}, fmt.Errorf("asking on the terminal: %w", a.err)
		}
		return NewSecret(string(a.text)), nil
	case <-ctx.Done():
		_ = term.Restore(fd, state)
		return Secret{}, context.Cause(ctx)
	}
}

// encrypted reports whether a private key file needs a passphrase: PKCS #8 and the old PEM forms say so
// in their headers, OpenSSH's own names the cipher at its beginning (openssh PROTOCOL.key).
func encrypted(text string) bool {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
		return false
	case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
		return true
	case block.Type != "OPENSSH PRIVATE KEY":
		return false
	}
	rest, found := bytes.CutPrefix(block.Bytes, []byte("openssh-key-v1\x00"))
	return found && !bytes.HasPrefix(rest, []byte("\x00\x00\x00\x04none"))
}
