package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"golang.org/x/term"

	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

// playVariable makes this test binary play a device from a folder of text files.
const playVariable = "SLPDOCTOR_TEST_PLAY"

// playDevice is what an SSH server that nobody here wrote starts as its forced command: an IOS XE session on
// the terminal the server gave it. The answers are files named after their commands; dir names the device.
func playDevice(dir string) int {
	old, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		fmt.Println("% No terminal")
		return 1
	}
	defer term.Restore(int(os.Stdin.Fd()), old)
	prompt := filepath.Base(dir) + "#"
	say := func(s string) { io.WriteString(os.Stdout, strings.ReplaceAll(s, "\n", "\r\n")) }
	say("\nThis is a lab.\n\n" + prompt)
	var line []byte
	for in := make([]byte, 1); ; {
		if _, err := os.Stdin.Read(in); err != nil {
			return 0
		}
		switch k := in[0]; {
		case k >= ' ':
			line = append(line, k)
			say(string(k))
		case k == '\r':
			typed := string(line)
			line = nil
			say("\n")
			if typed == "exit" {
				return 0
			}
			say(playAnswer(dir, typed) + prompt)
		}
	}
}

func playAnswer(dir, typed string) string {
	if typed == "" || strings.HasPrefix(typed, "terminal ") {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(dir, bundle.Slug(typed)))
	if err != nil {
		return "     ^\n% Invalid input detected at '^' marker.\n\n"
	}
	return string(text)
}

// sshd finds OpenSSH's server, or skips the test; with SLPDOCTOR_REQUIRE_PEERS=1 it must be there.
func sshd(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if os.Getenv("SLPDOCTOR_REQUIRE_PEERS") == "1" {
		t.Fatal("sshd is not installed, and SLPDOCTOR_REQUIRE_PEERS is set")
	}
	t.Skip("sshd is not installed")
	return ""
}

// newKey writes a private key and returns its public half.
func (w *world) newKey(name string) ssh.PublicKey {
	w.t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, string(pem.EncodeToMemory(block)))
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		w.t.Fatal(err)
	}
	return signer.PublicKey()
}

// startSSHD serves the devices with OpenSSH, each on a port of its own, and returns an inventory of them.
func (w *world) startSSHD(devices []*sim.Device) (inventory string) {
	w.t.Helper()
	program := sshd(w.t)
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		w.t.Fatal(err)
	}
	if me.Uid == "0" { // for privilege separation; a package's service makes it
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	host, public := w.newKey("sshd/host"), w.newKey("sshd/id")
	w.write("sshd/authorized", string(ssh.MarshalAuthorizedKey(public)))
	var ports, matches, hosts strings.Builder
	inventory = fmt.Sprintf("version: 1\ndefaults: {username: %s, credential: key}\ncredentials: {key: {private_key: sshd/id}}\ndevices:\n", me.Username)
	addresses := freePorts(w.t, len(devices))
	for i, d := range devices {
		dir := filepath.Join(w.dir, "play", d.Name)
		lines, text := answers(d)
		for _, l := range lines {
			w.write(filepath.Join(dir, bundle.Slug(l)), text[l])
		}
		_, port, _ := net.SplitHostPort(addresses[i])
		fmt.Fprintf(&ports, "Port %s\n", port)
		fmt.Fprintf(&matches, "Match LocalPort %s\n  ForceCommand %s=%s exec %s\n", port, playVariable, dir, self)
		hosts.WriteString(knownhosts.Line(addresses[i:i+1], host) + "\n")
		inventory += fmt.Sprintf("  - {name: %s, address: 127.0.0.1, port: %s}\n", d.Name, port)
	}
	w.write("known_hosts", hosts.String())
	config := w.write("sshd/config", ports.String()+"ListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUsePAM no\nPrintMotd no\n"+
		"PermitRootLogin yes\nKbdInteractiveAuthentication no\nHostKey "+filepath.Join(w.dir, "sshd/host")+
		"\nAuthorizedKeysFile "+filepath.Join(w.dir, "sshd/authorized")+"\n"+matches.String())
	w.background(addresses, program, "-D", "-e", "-f", filepath.Join(w.dir, config))
	return inventory
}

func freePorts(t *testing.T, n int) (addresses []string) {
	t.Helper()
	for range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		addresses = append(addresses, ln.Addr().String())
	}
	return addresses
}

// background runs a server for the rest of the test, from the moment it listens.
func (w *world) background(addresses []string, name string, args ...string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	var said lockedBuffer
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		cancel()
		cmd.Wait()
		if w.t.Failed() {
			w.t.Logf("%s said:\n%s", name, said.String())
		}
	})
	for _, a := range addresses {
		for late := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			c, err := net.Dial("tcp", a)
			if err == nil {
				c.Close()
				break
			}
			if time.Now().After(late) {
				w.t.Fatalf("%s does not listen: %v", name, err)
			}
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestRunAgainstOpenSSHD compares what the whole program says of devices behind OpenSSH with what it says of
// the same answers in a folder.
func TestRunAgainstOpenSSHD(t *testing.T) {
	w := newWorld(t)
	fleet := devices(t, "tyo-acc-1", "fra-acc-3", "syd-vault-1")
	w.write("inventory.yaml", w.startSSHD(fleet))
	for _, d := range fleet {
		lines, text := answers(d)
		for _, l := range lines {
			w.write(filepath.Join("offline", d.Name, bundle.Slug(l)+".txt"), text[l])
		}
	}
	doc := w.document(w.want(1, live("run", "--passive", "--save", "kept", "-o", "json")...).out)
	offline := w.document(w.want(1, "check", "offline", "-o", "json").out)
	for _, d := range fleet {
		got := device(t, doc, d.Name)
		if got.State != diag.Examined || got.Error != nil || got.Platform == nil || got.Platform.Hostname != d.Hostname() {
			t.Errorf("%s: state %s, error %+v, platform %+v", d.Name, got.State, got.Error, got.Platform)
		}
		if diff := cmp.Diff(fails(device(t, offline, d.Name)), fails(got)); diff != "" {
			t.Errorf("%s: findings (-folder +run):\n%s", d.Name, diff)
		}
	}
	if f := fails(device(t, doc, "tyo-acc-1")); !cmp.Equal(f, []string{"dns-server"}) {
		t.Errorf("tyo-acc-1 fails %v", f)
	}
	same(t, doc, w.document(w.want(1, "check", "kept", "-o", "json").out))

	w.newKey("sshd/id") // another one: a login that OpenSSH rejects
	doc = w.document(w.want(3, live("run", "-o", "json")...).out)
	if n := doc.Summary.Devices; n.AuthRejected != 3 {
		t.Errorf("%+v", n)
	}
}
