package main

import (
	"errors"
	"flag"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite golden files of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"slpdoctor": main})
}

// TestScript runs terminal sessions against the real program. In a script, `exits N slpdoctor ...` runs a
// command and wants exit status N.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("COLUMNS", "100")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits N command...")
				}
				err := ts.Exec(args[1], args[2:]...)
				got := 0
				var e *exec.ExitError
				switch {
				case errors.As(err, &e):
					got = e.ExitCode()
				case err != nil:
					ts.Fatalf("%v", err)
				}
				if want, _ := strconv.Atoi(args[0]); got != want {
					ts.Fatalf("exit status %d, want %d", got, want)
				}
			},
		},
	})
}
