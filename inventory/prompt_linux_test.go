package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// TestMain lets the test binary play the program that asks.
func TestMain(m *testing.M) {
	switch os.Getenv("SLPDOCTOR_TEST_ASK") {
	case "answer":
		s, err := TerminalPrompt(context.Background(), "Password: ")
		fmt.Println("length", len(s.Reveal()), err)
	case "cancel":
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(50*time.Millisecond, func() { cancel(errors.New("interrupted")) })
		_, err := TerminalPrompt(ctx, "Password: ")
		fmt.Println(err)
	default:
		os.Exit(m.Run())
	}
}

// openTerminal opens a pseudo terminal: our end and the end of the program.
func openTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no pseudo terminal here: %v", err)
	}
	ours = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { ours.Close() })
	var unlock, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Fatal(errno)
		}
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	return ours, theirs
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	var state syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state))); errno != 0 {
		t.Fatal(errno)
	}
	return state.Lflag&syscall.ECHO != 0
}

// asker runs this test binary as a program that asks on the terminal.
func asker(t *testing.T, mode string, terminal *os.File) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "SLPDOCTOR_TEST_ASK="+mode)
	var out strings.Builder
	cmd.Stdout = &out // not the terminal: the document of a run goes here
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if terminal != nil {
		cmd.ExtraFiles = []*os.File{terminal}
		cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = true, 3
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

// readUntil reads what the terminal shows.
func readUntil(t *testing.T, terminal *os.File, text string) string {
	t.Helper()
	var shown []byte
	buffer := make([]byte, 256)
	for !strings.Contains(string(shown), text) {
		n, err := terminal.Read(buffer)
		if err != nil {
			t.Fatalf("the terminal shows %q, then %v", shown, err)
		}
		shown = append(shown, buffer[:n]...)
	}
	return string(shown)
}

func TestTerminalPrompt(t *testing.T) {
	ours, theirs := openTerminal(t)
	cmd, out := asker(t, "answer", theirs)
	shown := readUntil(t, ours, "Password: ")
	for echoes(t, theirs) { // the question comes just before the echo goes
		time.Sleep(time.Millisecond)
	}
	if _, err := ours.WriteString("tiger\n"); err != nil {
		t.Fatal(err)
	}
	shown += readUntil(t, ours, "\n")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "length 5 <nil>\n" {
		t.Errorf("the program says %q", got)
	}
	if strings.Contains(shown, "tiger") {
		t.Errorf("the terminal shows the password: %q", shown)
	}
	if !echoes(t, theirs) {
		t.Error("the terminal does not echo any more")
	}
}

func TestTerminalPromptCancelled(t *testing.T) {
	ours, theirs := openTerminal(t)
	cmd, out := asker(t, "cancel", theirs)
	readUntil(t, ours, "Password: ")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "interrupted\n" {
		t.Errorf("the program says %q", got)
	}
	if !echoes(t, theirs) {
		t.Error("the terminal does not echo any more")
	}
}

func TestNoTerminal(t *testing.T) {
	cmd, out := asker(t, "answer", nil)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "length 0 there is no terminal to ask on; use env, file or command\n" {
		t.Errorf("the program says %q", got)
	}
}
