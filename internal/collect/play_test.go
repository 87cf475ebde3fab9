package collect

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"
)

// terminal is standard input and output as one stream.
type terminal struct{}

func (terminal) Read(b []byte) (int, error)  { return os.Stdin.Read(b) }
func (terminal) Write(b []byte) (int, error) { return os.Stdout.Write(b) }

// playDevice is what the test binary does when somebody else's SSH server starts it as forced command: it
// plays an IOS XE session from a folder of text files, one for each line, on the terminal the server gave it.
func playDevice(dir string) int {
	old, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		fmt.Println("% No terminal")
		return 1
	}
	defer term.Restore(int(os.Stdin.Fd()), old)
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		fmt.Print("% Nothing to play\r\n")
		return 1
	}
	f := &fake{hostname: "sshd-1", page: 22, banner: "\nThis is FOO#\n", answers: map[string]func(*vty){}}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return 1
		}
		f.answers[strings.TrimSuffix(filepath.Base(name), ".txt")] = func(v *vty) { v.out(string(text)) }
	}
	newVTY(f, terminal{}).run()
	return 0
}
