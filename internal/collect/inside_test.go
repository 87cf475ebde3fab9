package collect

import (
	"slices"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/sim"
)

var (
	showStatus  = command("show system status")
	listLogs    = inShell("ls -l /var/log/nms/vmanage-server*")
	grepLog     = inShell("grep -A 3 SmartLicens /var/log/nms/vmanage-server.log | tail -n 400 | cut -c 1-1000")
	managerSent = []*diag.Command{showVersion, showStatus, listLogs, grepLog}
)

func inShell(line string) *diag.Command {
	c := command(line)
	c.Inside = "vshell"
	return c
}

// manage starts one simulated vManage and logs in to it.
func manage(t *testing.T, spec sim.ManagerSpec, change ...func(*Options)) (*Session, *sim.Server) {
	t.Helper()
	spec.Name, spec.Release, spec.Now = "dc1.vmanage-01", "20.12.3", sim.DemoTime
	server, hosts := serveSim(t, sim.Options{Devices: []*sim.Device{sim.NewManager(spec)}, Username: "netops", Password: simPassword})
	o := Options{Commands: managerSent, Prepare: []string{"paginate false"}, KnownHosts: hosts, AgentSocket: "none",
		IdleTimeout: 2 * time.Second, CommandTimeout: 20 * time.Second}
	for _, c := range change {
		c(&o)
	}
	s, err := simOpen(t, o, Target{Hop: Hop{Address: "127.0.0.1", Port: portOf(server.Addr(spec.Name)), Auth: Auth{User: "netops", Password: hidden(simPassword)}}})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

func reports(lines int) *sim.ServerLog {
	return &sim.ServerLog{From: sim.DemoTime.Add(-time.Duration(lines) * 4 * time.Hour), To: sim.DemoTime}
}

// TestInside walks from vManage's own command line into its shell and back, and leaves it as a person would. The last exit,
// when nothing is left to prove, is not waited for: the device may see the line go before it reads it.
func TestInside(t *testing.T) {
	s, server := manage(t, sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{MOTD: "\n*** authorised users only, says vmanage# ***\n"}})
	if s.Prompt() != "dc1.vmanage-01# " {
		t.Errorf("prompt %q", s.Prompt())
	}
	for _, step := range []struct {
		cmd  *diag.Command
		want string
	}{
		{showVersion, "20.12.3\n"}, {grepLog, "SmartLicensingManager"}, {listLogs, "vmanage-server.log\n"}, {showStatus, "Personality:             vmanage"}, {grepLog, "collected\n"},
	} {
		if r := s.Run(t.Context(), step.cmd, step.cmd.String()); r.Outcome != diag.OK || !strings.Contains(r.Text, step.want) || strings.Contains(r.Text, "$") {
			t.Errorf("%s: outcome %s, %v, text %q", step.cmd, r.Outcome, r.Err, r.Text)
		}
	}
	s.Close()
	want := []string{"paginate false", "show version", "vshell", grepLog.String(), listLogs.String(), "exit", "show system status", "vshell", grepLog.String(), "exit"}
	if got := server.Typed("dc1.vmanage-01"); !slices.Equal(got, want) && !slices.Equal(got, append(want, "exit")) {
		t.Errorf("typed %q\nwant %q", got, want)
	}
}

// TestInsideFaults: whatever vshell does, what was read before stays, and nothing is typed that is not of the catalogue.
func TestInsideFaults(t *testing.T) {
	for name, test := range map[string]struct {
		spec    sim.ManagerSpec
		outcome diag.Outcome // of the line in the shell
		class   Class
		text    string
	}{
		"not permitted":    {sim.ManagerSpec{Log: reports(3), NoShell: true}, diag.WasRefused, "", "syntax error: unknown argument"},
		"not readable":     {sim.ManagerSpec{Log: reports(3), NoRead: true}, diag.OK, "", "Permission denied"},
		"no log":           {sim.ManagerSpec{}, diag.OK, "", "No such file or directory"},
		"shell of root":    {sim.ManagerSpec{Log: reports(3), Root: true}, diag.WasCut, PromptNotFound, ""},
		"cut at vshell":    {sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{HangupOn: "vshell"}}, diag.WasCut, SessionLost, ""},
		"cut in vshell":    {sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{HangupOn: "grep"}}, diag.WasCut, SessionLost, "SmartLicensingManager"},
		"silent at vshell": {sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{HangOn: "vshell"}}, diag.WasTimedOut, CommandTimeout, ""},
		"silent in vshell": {sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{HangOn: "grep"}}, diag.WasTimedOut, CommandTimeout, "SmartLicensingManager"},
		"without end":      {sim.ManagerSpec{Log: reports(3), Faults: sim.Faults{EndlessOn: "grep"}}, diag.WasCut, OutputLimit, "Slot 1"},
		"very long log":    {sim.ManagerSpec{Log: &sim.ServerLog{From: reports(900).From, To: sim.DemoTime, Ballast: 5000}}, diag.OK, "", "collected"},
	} {
		t.Run(name, func(t *testing.T) {
			s, server := manage(t, test.spec, func(o *Options) { o.OutputLimit = 1 << 20 })
			if r := s.Run(t.Context(), showVersion, "show version"); r.Outcome != diag.OK {
				t.Fatalf("show version: %s, %v", r.Outcome, r.Err)
			}
			r := s.Run(t.Context(), grepLog, grepLog.String())
			if r.Outcome != test.outcome || ClassOf(r.Err) != test.class || !strings.Contains(r.Text, test.text) {
				t.Errorf("outcome %s, %v, text %.200q", r.Outcome, r.Err, r.Text)
			}
			if n := strings.Count(r.Text, "\n"); test.class == "" && (n > 400 || len(r.Text) > 400*1001) {
				t.Errorf("%d lines of %d bytes", n, len(r.Text))
			}
			if test.outcome == diag.WasRefused {
				if again := s.Run(t.Context(), listLogs, listLogs.String()); again.Outcome != diag.WasRefused || again.Text != r.Text {
					t.Errorf("the second line of the shell: %s, %q", again.Outcome, again.Text)
				}
				if own := s.Run(t.Context(), showStatus, "show system status"); own.Outcome != diag.OK {
					t.Errorf("after it: %s, %v", own.Outcome, own.Err)
				}
			}
			s.Close()
			asked := 0
			for _, line := range server.Typed("dc1.vmanage-01") {
				switch {
				case line == "vshell":
					asked++
				case !slices.Contains([]string{"paginate false", "show version", "show system status", "exit", grepLog.String()}, line):
					t.Errorf("typed %q", line)
				}
			}
			if asked != 1 {
				t.Errorf("vshell was asked for %d times", asked)
			}
		})
	}
}

// TestGuardInside tries to get lines of one kind of device to another, and of one shell to the other.
func TestGuardInside(t *testing.T) {
	manager, iosxe := newCatalogue(managerSent), newCatalogue(testCatalogue)
	manager.prepare = []string{"paginate false"}
	const own, shell = "vmanage# ", "vmanage:~$ "
	type step struct {
		write, prompt string
		ok            bool
	}
	line := grepLog.String() + "\r"
	for name, test := range map[string]struct {
		catalogue *catalogue
		steps     []step
	}{
		"lines of vManage to a router": {iosxe, []step{{"paginate false\r", "R1#", false}, {"vshell\r", "R1#", false}, {line, "R1#", false},
			{line, "R1:~$ ", false}, {"show system status\r", "R1#", false}}},
		"lines of a router to vManage": {manager, []step{{"terminal length 0\r", own, false}, {"show license all\r", own, false}, {"enable\r", own, false},
			{"ping 192.0.2.1 repeat 5 timeout 2\r", own, false}, {"show system status\r", own, true}}},
		"in the shell only its lines": {manager, []step{{"vshell\r", own, true}, {line, shell, true}, {"show system status\r", shell, false}, {"paginate false\r", shell, false},
			{"vshell\r", shell, false}, {"rm -rf /var/log/nms\r", shell, false},
			{"grep -A 3 root /etc/shadow\r", shell, false}, {"ls -l /var/log/nms/vmanage-server.log\r", shell, false}, {line[:len(line)-1] + "; reboot\r", shell, false}, {line[:len(line)-1], shell, false},
			{"sudo " + line, shell, false}, {"exit\r", shell, true}, {"show system status\r", own, true}, {line, own, false}, {"exit\r", own, true}, {"show version\r", own, false}}},
		"its lines only in the shell": {manager, []step{{line, own, false}, {line, shell, false}, {"vshell\r", "", false}, {line, shell, false}}},
		"nothing to a shell of root": {manager, []step{{"vshell\r", own, true}, {line, "vmanage:~# ", false}, {"show version\r", "vmanage:~# ", false},
			{"exit\r", "vmanage:~# ", false}}},
		"nothing while it is not clear": {manager, []step{{"vshell\r", own, true}, {line, "", false}, {"show version\r", "", false}, {"exit\r", "", false}, {"\x03", "", true}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := guard{catalogue: test.catalogue}
			for i, s := range test.steps {
				err := g.admit([]byte(s.write), screen{line: []byte(s.prompt), prompt: []byte(s.prompt)})
				if (err == nil) != s.ok {
					t.Fatalf("step %d, %q at %q: %v, want allowed %v", i+1, s.write, s.prompt, err, s.ok)
				}
			}
		})
	}
}

// TestGuardShellSlips: a line of a shell that does more than read is not sent although it is in the catalogue.
func TestGuardShellSlips(t *testing.T) {
	for _, line := range []string{"rm /var/log/nms/x", "grep x /var/log/nms/y > z", "grep x y; reboot", "grep $(reboot) y", "tail -n 1 y | sh", "cut -c 1-2 y && reboot",
		"grep `reboot` y", "ls\nreboot", "head -n 1 " + strings.Repeat("a", 200), "timeout 60 sh", "lsof -n"} {
		c := &catalogue{shells: map[string]map[string]bool{"vshell": {line: true}}}
		if c.allowsInside("vshell", line) {
			t.Errorf("%q is allowed because it is in the catalogue", line)
		}
	}
	for _, cmd := range managerSent[2:] {
		if !newCatalogue(managerSent).allowsInside("vshell", cmd.String()) {
			t.Errorf("%q is not allowed", cmd)
		}
	}
}
