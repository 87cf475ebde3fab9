package main

import (
	"bufio"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite golden files of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"slpdoctor": main})
}

// TestScript runs terminal sessions against the real program. In a script, `exits N slpdoctor ...` runs a
// command and wants exit status N, and `sim FLAGS...` starts the simulated fleet for the rest of it.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("COLUMNS", "100")
			e.Setenv("SLPDOCTOR_SIM_PASSWORD", "practice")
			e.Setenv("SLPDOCTOR_RUNNER_CLOCK", "unsynced")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"sim": func(ts *testscript.TestScript, _ bool, args []string) {
				stop, err := startSim(ts.MkAbs("."), args...)
				ts.Check(err)
				ts.Defer(stop)
			},
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command...")
	}
	got, err := exitStatus(ts.Exec(args[1], args[2:]...))
	ts.Check(err)
	if want, _ := strconv.Atoi(args[0]); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// exitStatus takes the status out of the error of a finished command.
func exitStatus(err error) (int, error) {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode(), nil
	}
	return 0, err
}

// startSim runs the simulated fleet as a process of its own, from the moment it listens until stop is called.
func startSim(dir string, args ...string) (stop func(), err error) {
	cmd := program(dir, append([]string{"sim", "--dir", "fleet"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}
	for lines := bufio.NewScanner(out); ; {
		if !lines.Scan() {
			stop()
			return nil, errors.Join(errors.New("the simulated fleet does not listen"), lines.Err())
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			go io.Copy(io.Discard, out)
			return stop, nil
		}
	}
}

// program is the real program with an empty home.
func program(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("slpdoctor", args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir + "/home", "SLPDOCTOR_SIM_PASSWORD=practice", "SLPDOCTOR_RUNNER_CLOCK=unsynced"}
	return cmd
}
