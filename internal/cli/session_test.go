package cli

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

func TestThreeRejectionsRestTheCredential(t *testing.T) {
	w := newWorld(t)
	fleet := devices(t, "tyo-core-1", "tyo-acc-1", "tyo-acc-2", "tyo-acc-3", "sel-core-1", "sel-edge-1")
	srv := w.serve(sim.Options{Devices: fleet})
	t.Setenv(simPasswordEnv, "wrong")
	doc := w.document(w.want(3, live("run", "-o", "json")...).out)
	if n := doc.Summary.Devices; n.AuthRejected != 3 || n.NotRun != 3 {
		t.Errorf("%+v", n)
	}
	logins := 0
	for _, d := range fleet {
		n := srv.Counts(d.Name)
		if logins += n.Logins; n.Logins > 1 {
			t.Errorf("%s saw %d logins", d.Name, n.Logins)
		}
	}
	if logins != 3 {
		t.Errorf("%d logins in all, want 3", logins)
	}
}

func TestDryRunContactsNothing(t *testing.T) {
	w := newWorld(t)
	fleet := devices(t, "tyo-core-1", "tyo-acc-1")
	srv := w.serve(sim.Options{Devices: fleet})
	for _, command := range []string{"run", "collect"} {
		w.want(0, live(command, "--dry-run", "--save", "kept")...)
	}
	w.want(0, "inventory", "list", "-i", "inventory.yaml")
	w.want(2, live("run", "--checks", "nothing-like-this")...)
	w.want(2, live("run", "-o", "xml")...)
	for _, d := range fleet {
		if n := srv.Counts(d.Name); n.Accepted != 0 {
			t.Errorf("%s saw %d connections", d.Name, n.Accepted)
		}
	}
	if _, err := os.Stat("kept"); err == nil {
		t.Error("a dry run made the folder of the bundle")
	}
}

// TestInterruptInTheMiddleOfACommand ends a run that waits for an answer.
func TestInterruptInTheMiddleOfACommand(t *testing.T) {
	w := newWorld(t)
	srv := w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1"), Think: time.Hour})
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	w.ctx = ctx
	go func() {
		for len(srv.Typed("tyo-core-1")) == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		interrupt(errInterrupted)
	}()
	o := w.want(130, live("run", "-c", "1", "-o", "json=run.json", "-o", "table", "--save", "kept")...)
	if !strings.Contains(o.out, "Interrupted: what was collected") {
		t.Errorf("the table:\n%s", o.out)
	}
	doc := w.document(w.read("run.json"))
	if !doc.Run.Interrupted {
		t.Error("the run is not marked as interrupted")
	}
	for _, d := range doc.Devices {
		if d.State != diag.NotReached || d.Error.Class != "interrupted" || d.Error.Stage == "" || d.Error.Message == "" {
			t.Errorf("%s: state %s, %+v", d.Name, d.State, d.Error)
		}
	}
	w.ctx = nil
	same(t, doc, w.document(w.want(3, "check", "kept", "-o", "json").out))
}

// TestACommandThatHangs costs its own answer, not the device.
func TestACommandThatHangs(t *testing.T) {
	w := newWorld(t)
	hung := devices(t, "tyo-acc-1")
	hung[0].Faults.HangOn = "show license tech support"
	w.serve(sim.Options{Devices: hung})
	doc := w.document(w.want(1, live("run", "--command-timeout", "500ms", "--save", "kept", "-o", "json")...).out)
	d := doc.Devices[0]
	if n := doc.Summary.Coverage.Commands; n.TimedOut != 1 || n.OK < 20 {
		t.Errorf("state %s, %+v, %+v", d.State, d.Error, n)
	}
	if f := fails(d); !slices.Contains(f, "dns-server") {
		t.Errorf("only %v fail", f)
	}
	same(t, doc, w.document(w.want(1, "check", "kept", "-o", "json").out))
}

func TestJumpHost(t *testing.T) {
	w := newWorld(t)
	fleet := devices(t, "tyo-acc-1", "tyo-core-1")
	srv := w.serve(sim.Options{Devices: fleet})
	bastion, err := sim.ServeBastion(context.Background(), sim.BastionOptions{Username: "ops", Password: "over there"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bastion.Close)
	w.write("known_hosts", string(srv.KnownHosts())+string(bastion.KnownHosts()))
	host, port, _ := net.SplitHostPort(bastion.Addr())
	inventory := strings.Replace(w.read("inventory.yaml"), "credential: sim}", "credential: sim, jump: [gate]}", 1)
	inventory = strings.Replace(inventory, "devices:\n", "  ops: {password: {env: GATE_PASSWORD}}\n"+
		"jumps:\n  gate: {address: "+host+", port: "+port+", username: ops, credential: ops}\ndevices:\n", 1)
	w.write("inventory.yaml", inventory)

	t.Setenv("GATE_PASSWORD", "over there")
	doc := w.document(w.want(1, live("run", "-o", "json")...).out)
	if n := doc.Summary.Devices; n.Examined != 2 || bastion.Forwarded() != 2 {
		t.Errorf("%+v, %d connections through the jump host", n, bastion.Forwarded())
	}
	for name, change := range map[string]func(){
		"bastion_auth_rejected":     func() { t.Setenv("GATE_PASSWORD", "wrong") },
		"bastion_forwarding_denied": func() { t.Setenv("GATE_PASSWORD", "over there"); bastion.Reject.Store(true) },
		"bastion_host_key":          func() { w.write("known_hosts", string(srv.KnownHosts())) },
	} {
		change()
		doc := w.document(w.want(3, live("run", "-o", "json", "-l", "tyo-core-1")...).out)
		if d := doc.Devices[0]; d.State != diag.NotReached || d.Error.Class != name || d.Error.Hint == "" {
			t.Errorf("%s: state %s, %+v", name, d.State, d.Error)
		}
		bastion.Reject.Store(false)
		t.Setenv("GATE_PASSWORD", "over there")
		w.write("known_hosts", string(srv.KnownHosts())+string(bastion.KnownHosts()))
	}
	if strings.Contains(w.want(1, live("run")...).out, "over there") {
		t.Error("a password is in the report")
	}
}

func TestIPv6(t *testing.T) {
	if ln, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skipf("no IPv6 on loopback: %v", err)
	} else {
		ln.Close()
	}
	w := newWorld(t)
	srv := w.serve(sim.Options{Devices: devices(t, "tyo-core-1"), Listen: "::1"})
	o := w.want(0, live("run")...)
	if !strings.Contains(o.out, "1 of 1 examined") {
		t.Error(o.out)
	}
	t.Setenv("SLPDOCTOR_PASSWORD", simPassword)
	o = w.want(0, "run", "--known-hosts", "known_hosts", "--runner-clock", "unsynced", simUser+"@"+srv.Addr("tyo-core-1"), "-o", "json")
	if d := w.document(o.out).Devices[0]; d.Address != "::1" || d.State != diag.Examined {
		t.Errorf("address %s, state %s, %+v", d.Address, d.State, d.Error)
	}
}

// TestDemoTouchesNothingOfTheUser gives it an agent that notices, and a home it must not write to.
func TestDemoTouchesNothingOfTheUser(t *testing.T) {
	w := newWorld(t)
	agent, err := net.Listen("unix", filepath.Join(w.dir, "agent"))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan bool, 1)
	go func() {
		c, err := agent.Accept()
		if err == nil {
			c.Close()
		}
		asked <- err == nil
	}()
	t.Setenv("SSH_AUTH_SOCK", agent.Addr().String())
	t.Setenv("HOME", w.write("home", "this is no folder"))
	t.Setenv("SLPDOCTOR_HOST_KEY", "off")
	o := w.want(0, "demo", "tyo-core-1", "-o", "json")
	if d := w.document(o.out); d.Run.HostKey != "strict" || d.Summary.Devices.Examined != 1 {
		t.Errorf("%+v", d.Run)
	}
	agent.Close()
	if <-asked {
		t.Error("the demo asked the user's agent")
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 1 {
		t.Errorf("the demo left %v behind, %v", entries, err)
	}
}

// TestProgressIsForTerminals draws on a terminal, and says nothing on a pipe or when told to be quiet.
func TestProgressIsForTerminals(t *testing.T) {
	w := newWorld(t)
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "sel-core-1"), Think: 20 * time.Millisecond})
	if o := w.want(0, live("run")...); o.err != "" {
		t.Errorf("on a pipe: %q", o.err)
	}
	if s := w.onTerminal(live("run")...); !strings.Contains(s, "/2 devices") || !strings.Contains(s, "in flight") {
		t.Errorf("on a terminal: %q", s)
	}
	if s := w.onTerminal(live("run", "--quiet")...); s != "" {
		t.Errorf("on a terminal, quiet: %q", s)
	}
}

// onTerminal runs the program with a terminal as stderr and returns what was shown there.
func (w *world) onTerminal(args ...string) string {
	w.t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		w.t.Skipf("no terminal to be had: %v", err)
	}
	defer screen.Close()
	if err := pty.Setsize(screen, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		w.t.Fatal(err)
	}
	var shown bytes.Buffer
	read := make(chan struct{})
	go func() { // ends when the last user of the terminal is gone
		bufio.NewReader(screen).WriteTo(&shown)
		close(read)
	}()
	w.tty = tty
	w.want(0, args...)
	w.tty = nil
	tty.Close()
	<-read
	return shown.String()
}
