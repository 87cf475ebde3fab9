package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"slpdoctor/internal/cli"
	"slpdoctor/internal/sim"
)

// TestNights plays scheduled runs night by night against a simulated fleet that lives on between them. Beside what
// TestScript has, a script has
//
//	night [STATUS] [FLAG...]   a night passes, then run --cron; what it prints is stdout and stderr
//	quiet N                    N nights that must print nothing and exit 0
//	device NAME LINE...        configuration lines of one device
//	unreachable NAME / reachable NAME
//	privilege NAME LEVEL       what the login may do from now on
//	host down ADDRESS / host up ADDRESS   a server in the world of the devices
//	join NAME / leave NAME     a device comes into the inventory, or out of it
//	rename NAME NEW
//	replace NAME               the chassis is exchanged: another serial number, the same configuration
func TestNights(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/nights",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			f, err := newNights(e.WorkDir)
			e.Values["nights"] = f
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"night": func(ts *testscript.TestScript, _ bool, args []string) {
				want := "0"
				if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
					want, args = args[0], args[1:]
				}
				got, out, errs := fleetOf(ts).night(ts, args)
				fmt.Fprint(ts.Stdout(), out)
				fmt.Fprint(ts.Stderr(), errs)
				if fmt.Sprint(got) != want {
					ts.Fatalf("exit status %d, want %s", got, want)
				}
			},
			"quiet": func(ts *testscript.TestScript, _ bool, args []string) {
				var n int
				if _, err := fmt.Sscan(args[0], &n); err != nil || n < 1 {
					ts.Fatalf("usage: quiet N")
				}
				for i := range n {
					if got, out, errs := fleetOf(ts).night(ts, nil); got != 0 || out+errs != "" {
						ts.Fatalf("night %d of %d: exit status %d\n%s%s", i+1, n, got, out, errs)
					}
				}
			},
			"device": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(fleetOf(ts).device(ts, args[0]).Configure(args[1:]...))
			},
			"unreachable": func(ts *testscript.TestScript, _ bool, args []string) { fleetOf(ts).device(ts, args[0]).Down = true },
			"reachable":   func(ts *testscript.TestScript, _ bool, args []string) { fleetOf(ts).device(ts, args[0]).Down = false },
			"privilege": func(ts *testscript.TestScript, _ bool, args []string) {
				if _, err := fmt.Sscan(args[1], &fleetOf(ts).device(ts, args[0]).Faults.Privilege); err != nil {
					ts.Fatalf("usage: privilege NAME LEVEL")
				}
			},
			"host": func(ts *testscript.TestScript, _ bool, args []string) {
				f := fleetOf(ts)
				h := f.world.Host(args[1])
				if h == nil || args[0] != "up" && args[0] != "down" {
					ts.Fatalf("usage: host up|down ADDRESS")
				}
				h.Down, h.Since = args[0] == "down", f.now
			},
			"join": func(ts *testscript.TestScript, _ bool, args []string) {
				f := fleetOf(ts)
				f.in = append(f.in, args[0])
				f.device(ts, args[0])
			},
			"leave": func(ts *testscript.TestScript, _ bool, args []string) {
				f := fleetOf(ts)
				f.in = slices.DeleteFunc(f.in, func(name string) bool { return name == args[0] })
			},
			"rename": func(ts *testscript.TestScript, _ bool, args []string) {
				f := fleetOf(ts)
				d := f.device(ts, args[0])
				ts.Check(d.Configure("hostname " + args[1]))
				d.Name = args[1]
				f.in[slices.Index(f.in, args[0])] = args[1]
			},
			"replace": func(ts *testscript.TestScript, _ bool, args []string) { fleetOf(ts).replace(ts, args[0]) },
		},
	})
}

// nights is a fleet in the memory of the test: its time goes on with the nights only.
type nights struct {
	dir     string
	now     time.Time
	world   *sim.World
	devices []*sim.Device
	in      []string // names in the inventory
	spares  int
}

// inventoried are the devices of the first night; the others can join.
var inventoried = []string{"tyo-core-1", "sel-core-1", "fra-core-1", "fra-acc-2", "chi-br-1", "chi-acc-1"}

func newNights(dir string) (*nights, error) {
	f := &nights{dir: dir, now: sim.DemoTime, devices: sim.DemoFleet(), in: slices.Clone(inventoried)}
	f.world = f.devices[0].World()
	return f, os.MkdirAll(dir+"/home", 0o700)
}

func fleetOf(ts *testscript.TestScript) *nights { return ts.Value("nights").(*nights) }

func (f *nights) device(ts *testscript.TestScript, name string) *sim.Device {
	i := slices.IndexFunc(f.devices, func(d *sim.Device) bool { return d.Name == name })
	if i < 0 {
		ts.Fatalf("there is no device %q", name)
	}
	return f.devices[i]
}

// replace puts another chassis in the place of a device: with the same configuration, and trusted again.
func (f *nights) replace(ts *testscript.TestScript, name string) {
	old := f.device(ts, name)
	f.spares++
	d, err := old.Replacement(fmt.Sprintf("SIM2599Z%03d", f.spares))
	ts.Check(err)
	d.Settle(time.Hour)
	d.EstablishTrust()
	f.devices[slices.Index(f.devices, old)] = d
}

// wrapped is where the line that ends a night breaks: that depends on the length of the folder's name.
var wrapped = regexp.MustCompile(`UTC\.\s+Job:\s+-i\s+`)

// night lets a day pass and runs the job once.
func (f *nights) night(ts *testscript.TestScript, args []string) (status int, stdout, stderr string) {
	f.now = f.now.Add(24 * time.Hour)
	var fleet []*sim.Device
	for _, d := range f.devices {
		d.Settle(f.now.Sub(d.Now()))
		if slices.Contains(f.in, d.Name) {
			fleet = append(fleet, d)
		}
	}
	srv, err := sim.Serve(context.Background(), sim.Options{Devices: fleet, Username: "demo", Password: "practice"})
	ts.Check(err)
	defer srv.Close()
	ts.Check(os.WriteFile(f.dir+"/inventory.yaml", srv.Inventory(), 0o600))
	ts.Check(os.WriteFile(f.dir+"/known_hosts", srv.KnownHosts(), 0o600))
	var out, errs bytes.Buffer
	env := map[string]string{"HOME": f.dir + "/home", "SLPDOCTOR_SIM_PASSWORD": "practice", "SLPDOCTOR_RUNNER_CLOCK": "synced", "STATE_DIRECTORY": f.dir + "/state"}
	args = append([]string{"run", "--cron", "-i", f.dir + "/inventory.yaml", "--known-hosts", f.dir + "/known_hosts"}, args...)
	status = cli.Main(args, cli.Env{In: strings.NewReader(""), Out: &out, Err: &errs, Context: context.Background(),
		Getenv: func(name string) string { return env[name] }, Now: func() time.Time { return f.now }})
	clean := func(b bytes.Buffer) string {
		text := wrapped.ReplaceAllString(b.String(), "UTC. Job: -i ")
		return strings.ReplaceAll(text, f.dir+"/", "")
	}
	return status, clean(out), clean(errs)
}
