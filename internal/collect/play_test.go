package collect

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"golang.org/x/term"
)

// terminal is standard input and output as one stream.
type terminal struct{}

func (terminal) Read(b []byte) (int, error)  { return os.Stdin.Read(b) }
func (terminal) Write(b []byte) (int, error) { return os.Stdout.Write(b) }

// playDevice is what the test binary does when somebody else's SSH server starts it as forced command: it
// plays an IOS XE session from a folder of text files, one for each line, on the terminal the server gave it.
func playDevice(dir string) int {
	if dir == "listen" {
		return playServer()
	}
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

const benchAnswer = 2240

// playServer is a fake device as a process: it prints its known_hosts line and runs until its input ends.
func playServer() int {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 1
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return 1
	}
	answer := answerOf(benchAnswer)
	f := &fake{signer: signer, answers: answers(tech, func(v *vty) { v.send(answer) })}
	stop, err := f.listen()
	if err != nil {
		return 1
	}
	fmt.Println(knownhosts.Line([]string{f.addr}, signer.PublicKey()))
	io.Copy(io.Discard, os.Stdin)
	stop()
	return 0
}

// answerOf is an answer of n bytes in lines of a usual length.
func answerOf(n int) string {
	line := "  Communication Statistics: total 12, success 11, fail 1, last success Feb 10 01:00:00 2024 PDT\n"
	return strings.Repeat(line, n/len(line)+1)[:n-1] + "\n"
}
