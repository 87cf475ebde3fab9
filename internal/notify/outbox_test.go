package notify

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// keepVariable makes this test binary keep messages in the folder it names until it is killed.
const keepVariable = "SLPDOCTOR_TEST_KEEP"

func keepForever(dir string) {
	box := &outbox{Spool: Spool{Dir: dir, Now: time.Now}, config: "notify.yaml"}
	for n := 0; ; n++ {
		d := hostileDocument(n % 40)
		d.Run.ID = fmt.Sprint("run", n)
		if err := box.keep(&waiting{Created: finished, Message: newMessage("noc", d)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(newMessage("noc", d).ID) // acknowledged
	}
}

// TestKilledWhileKeeping kills a process that keeps messages, at random moments: what it acknowledged is there, and what
// is there is whole.
func TestKilledWhileKeeping(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	acknowledged := map[string]bool{}
	for range 15 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), keepVariable+"="+dir)
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*time.Millisecond + rand.N(60*time.Millisecond))
		cmd.Process.Kill()
		cmd.Wait()
		for id := range strings.Lines(out.String()) {
			if strings.HasSuffix(id, "\n") {
				acknowledged[strings.TrimSpace(id)] = true
			}
		}
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was kept before the kill")
	}
	var said []string
	box := Spool{Dir: dir, Now: func() time.Time { return finished.Add(2 * strayAfter) }}.open(
		&Config{path: "notify.yaml", Receivers: []*Receiver{{Name: "noc"}}}, func(f string, args ...any) { said = append(said, fmt.Sprintf(f, args...)) })
	defer box.close()
	wantSaid(t, said)
	for _, w := range box.queues["noc"] {
		delete(acknowledged, w.Message.ID)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged messages are gone", len(acknowledged))
	}
}

// script is a receiver that appends the id of every message to a file, unless there is a file "down".
func script(t *testing.T) (receivers, dir string) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "hook.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncd "+dir+"\ncat > last.json\n[ -e down ] && exit 1\necho $SLPDOCTOR_MESSAGE_ID >> ids\necho noise; echo SECRETNOISE >&2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return "- {name: noc, exec: {command: [" + path + ", fixed argument, $HOME; false]}}\n", dir
}

func ids(t *testing.T, dir string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "ids"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

// TestAMessageIsKeptWhileItIsSent: a process that ends in the middle has lost nothing.
func TestAMessageIsKeptWhileItIsSent(t *testing.T) {
	spool, listing := spooled(t), filepath.Join(t.TempDir(), "listing")
	c := configured(t, fmt.Sprintf("- {name: noc, exec: {command: [/bin/sh, -c, \"ls '%s' > '%s'\"]}}\n", spool.Dir, listing))
	wantSaid(t, deliver(t, c, spool, night(0)))
	got, err := os.ReadFile(listing)
	if id := newMessage("noc", night(0)).ID; err != nil || !strings.Contains(string(got), id) {
		t.Errorf("%q: %v", got, err)
	}
	if left := kept(t, spool); left != nil {
		t.Errorf("%q", left)
	}
}

// TestWaitingIsDeliveredInOrder: what was not delivered in two nights comes first in the third.
func TestWaitingIsDeliveredInOrder(t *testing.T) {
	receivers, dir := script(t)
	c, spool := configured(t, receivers), spooled(t)
	down := filepath.Join(dir, "down")
	write(t, down, "")
	wantSaid(t, deliver(t, c, spool, night(0)), "exit status 1 (3 attempts)", "1 message kept")
	// Nothing is tried twice for a message behind one that can not be delivered.
	wantSaid(t, deliver(t, c, spool, night(1)), "the message of 2026-01-02 03:04 UTC is not delivered", "2 messages kept")
	os.Remove(down)
	wantSaid(t, deliver(t, c, spool, night(2)), "2 messages of earlier runs delivered")
	var want []string
	for n := range 3 {
		want = append(want, newMessage("noc", night(n)).ID)
	}
	if got := ids(t, dir); !slices.Equal(got, want) || kept(t, spool) != nil {
		t.Errorf("%q, want %q; kept %q", got, want, kept(t, spool))
	}
}

func TestKeptFiles(t *testing.T) {
	receivers, dir := script(t)
	c, spool := configured(t, receivers), spooled(t)
	write(t, filepath.Join(dir, "down"), "")
	deliver(t, c, spool, night(0))
	for path, want := range map[string]os.FileMode{spool.Dir: 0o700, filepath.Join(spool.Dir, kept(t, spool)[0]): 0o600, filepath.Dir(spool.Dir): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	// A link is not followed, half a file is not read, and what a killed process left is swept.
	outside := filepath.Join(t.TempDir(), "outside.json")
	write(t, outside, "{}")
	name := "20260101000000-00000000000000000000000000000000.json"
	if err := os.Symlink(outside, filepath.Join(spool.Dir, name)); err != nil {
		t.Fatal(err)
	}
	half := "20260101000000-00000000000000000000000000000001.json"
	write(t, filepath.Join(spool.Dir, half), `{"schema":1,"kind":"outbox","mess`)
	newer := "20260101000000-00000000000000000000000000000002.json"
	write(t, filepath.Join(spool.Dir, newer), `{"schema":2,"kind":"outbox","message":{}}`)
	stray := filepath.Join(spool.Dir, ".new-1")
	write(t, stray, "{")
	os.Chtimes(stray, finished, finished)
	spool.Now = func() time.Time { return finished.Add(2 * strayAfter) }
	os.Remove(filepath.Join(dir, "down"))
	wantSaid(t, deliver(t, c, spool, nothing()), "is not a plain file", "unexpected end of JSON input", `is of kind "outbox", schema 2`, "1 message of earlier runs delivered")
	if _, err := os.Stat(stray); err == nil {
		t.Error("a stray file stays for ever")
	}
	if _, err := os.Stat(filepath.Join(spool.Dir, strings.TrimSuffix(half, ".json")+".unreadable")); err != nil {
		t.Error("what can not be read is gone:", err)
	}
	wantSaid(t, deliver(t, c, spool, nothing()))
}

func TestDroppedWithAStatement(t *testing.T) {
	receivers, dir := script(t)
	write(t, filepath.Join(dir, "down"), "")
	c, spool := configured(t, receivers), spooled(t)
	c.pace.waits = nil
	deliver(t, c, spool, night(0))
	late := spool
	late.Now = func() time.Time { return finished.Add(keepFor - time.Second) }
	wantSaid(t, deliver(t, c, late, nothing()), "not delivered", "1 message kept")
	late.Now = func() time.Time { return finished.Add(keepFor + time.Second) }
	wantSaid(t, deliver(t, c, late, nothing()), `receiver "noc": the message of 2026-01-02 03:04 UTC is dropped: it could not be delivered for 7 days`)

	for n := range keepAtMost + 2 {
		said := deliver(t, c, spool, night(n))
		if n >= keepAtMost {
			wantSaid(t, said, "not delivered", "is dropped: more than 100 wait", "100 messages kept")
		}
	}
	if names := kept(t, spool); len(names) != keepAtMost || !strings.HasPrefix(names[0], "20260102030407-") {
		t.Errorf("%d kept, the first %q", len(names), names[0])
	}

	// The same state folder serves another configuration: its messages are its own.
	other := configured(t, strings.Replace(receivers, "noc", "other", 1))
	wantSaid(t, deliver(t, other, spool, nothing()))
	if n := len(kept(t, spool)); n != keepAtMost {
		t.Errorf("%d kept", n)
	}
	// The receiver left its configuration.
	c.Receivers[0].Name = "renamed"
	said := deliver(t, c, spool, nothing())
	if len(said) != keepAtMost || !strings.Contains(said[0], `receiver "noc": the message of 2026-01-02 03:04 UTC is dropped: the receiver is no longer in `) || kept(t, spool) != nil {
		t.Errorf("%d lines, the first %q; kept %q", len(said), said[0], kept(t, spool))
	}
}

// TestRefusedDoesNotBlock: what a receiver will not take does not hold up what it will.
func TestRefusedDoesNotBlock(t *testing.T) {
	ca := newAuthority(t)
	s := newHookServer(t, ca.issue(), answer(400), answer(400), answer(200), answer(401))
	c, spool := configured(t, s.hook(t, ca)), spooled(t)
	wantSaid(t, deliver(t, c, spool, night(0)), "400", "1 message kept")
	wantSaid(t, deliver(t, c, spool, night(1)), "400", "1 message kept") // night 0 again, refused; night 1 taken
	for n := range 4 {                                                   // all refused from now on: at most three are tried in one run
		deliver(t, c, spool, night(2+n))
	}
	before := len(s.requests())
	wantSaid(t, deliver(t, c, spool, nothing()), "401", "401", "401", "5 messages kept")
	if n := len(s.requests()) - before; n != maxRefusals {
		t.Errorf("%d requests in a run", n)
	}
}

// TestRefusalsInARow: only those count that no delivery comes between.
func TestRefusalsInARow(t *testing.T) {
	ca := newAuthority(t)
	answers := slices.Repeat([]http.HandlerFunc{answer(400)}, 1+2+3+3+3)
	s := newHookServer(t, ca.issue(), append(answers, answer(400), answer(200), answer(400), answer(400), answer(200))...)
	c, spool := configured(t, s.hook(t, ca)), spooled(t)
	for n := range 5 {
		deliver(t, c, spool, night(n))
	}
	wantSaid(t, deliver(t, c, spool, nothing()), "400", "400", "400", "2 messages of earlier runs delivered", "3 messages kept")
}

// TestWhatWaitsIsBounded: of a message that is too large for the disk the most urgent part waits, and says so.
func TestWhatWaitsIsBounded(t *testing.T) {
	receivers, dir := script(t)
	write(t, filepath.Join(dir, "down"), "")
	c, spool := configured(t, receivers), spooled(t)
	wantSaid(t, deliver(t, c, spool, hostileDocument(2000)), "not delivered", "1 message kept")
	os.Remove(filepath.Join(dir, "down"))
	wantSaid(t, deliver(t, c, spool, nothing()), "1 message of earlier runs delivered")
	b, err := os.ReadFile(filepath.Join(dir, "last.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := json.Unmarshal(b, &m); err != nil || m.Omitted < 1900 || m.Omitted+len(m.Told.Events) != 2000 {
		t.Errorf("%d events and %d left out, %v", len(m.Told.Events), m.Omitted, err)
	}
	if text := string(plainText(m.first(3))); !strings.Contains(text, "\nand 1997 more events\n") {
		t.Errorf("the mail does not say what is left out:\n%.2000s", text)
	}
}

// TestTwoRunsAtOnce: a second process leaves alone what the first is delivering, and its own message still waits safely.
func TestTwoRunsAtOnce(t *testing.T) {
	receivers, dir := script(t)
	write(t, filepath.Join(dir, "down"), "")
	c, spool := configured(t, receivers), spooled(t)
	deliver(t, c, spool, night(0))
	box := spool.open(c, func(string, ...any) {})
	wantSaid(t, deliver(t, c, spool, night(1)), "not delivered", "1 message kept")
	box.close()
	os.Remove(filepath.Join(dir, "down"))
	wantSaid(t, deliver(t, c, spool, nothing()), "2 messages of earlier runs delivered")
}

func TestSpoolThatCanNotBeWritten(t *testing.T) {
	receivers, dir := script(t)
	write(t, filepath.Join(dir, "down"), "")
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	c := configured(t, receivers)
	wantSaid(t, deliver(t, c, Spool{Dir: filepath.Join(file, "outbox"), Now: time.Now}, night(0)), "can not be read", "not delivered", "is lost: it can not be kept")
}

func TestExec(t *testing.T) {
	receivers, dir := script(t)
	t.Setenv("SLPDOCTOR_PASSWORD", "SECRETDEVICE")
	t.Setenv("CREDENTIALS_DIRECTORY", "/run/SECRETDEVICE")
	c := configured(t, receivers)
	wantSaid(t, deliver(t, c, spooled(t), sample()))
	b, err := os.ReadFile(filepath.Join(dir, "last.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if err := json.Unmarshal(b, &m); err != nil || len(m.Told.Events) != 6 || m.ID != ids(t, dir)[0] {
		t.Errorf("%+v, %v", m, err)
	}
	var seen []diag.Severity
	for _, e := range m.Told.Events {
		seen = append(seen, e.Severity)
	}
	if len(seen) != 6 || seen[1] != diag.Critical {
		t.Errorf("%q", seen)
	}

	path := filepath.Join(dir, "hook.sh")
	write(t, path, "#!/bin/sh\nsleep 3 &\n") // it ends well and leaves a child behind
	wantSaid(t, deliver(t, c, spooled(t), sample()))
	for text, want := range map[string]string{
		"env | grep SECRETDEVICE && exit 0; exit 3":                       "exit status 3 (3 attempts)",
		"echo SECRETNOISE >&2; exit 4":                                    "exit status 4; its 12 bytes on stderr are not shown",
		"exec sleep 60":                                                   "no answer within 200ms",
		"yes | head -c 20000000; yes | head -c 20000000 >&2; cat; exit 5": "exit status 5; its 20000000 bytes on stderr",
	} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		c.Receivers[0].Timeout = 5 * time.Second
		if strings.Contains(text, "sleep") {
			c.Receivers[0].Timeout = 200 * time.Millisecond
		}
		said := deliver(t, c, spooled(t), sample())
		wantSaid(t, said, want, "kept")
		if strings.Contains(strings.Join(said, ""), "SECRET") {
			t.Errorf("%q", said)
		}
	}
}
