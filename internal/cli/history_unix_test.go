//go:build unix

package cli

import (
	"strings"
	"testing"

	"slpdoctor/internal/history/pgtest"
	"slpdoctor/internal/sim"
)

// TestScheduleOnPostgresPeer: scheduled runs keep their history on a server, whose address comes by reference. One that
// is gone stops the next run before anything is contacted.
func TestScheduleOnPostgresPeer(t *testing.T) {
	server := pgtest.Start(t)
	w := newWorld(t)
	srv := w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1")})
	run := append(live("run"), "--cron", "--state-dir", "state", "--history", "postgres")

	t.Setenv(dsnVariable+"_FILE", w.write("dsn", server("postgres")+"\n"))
	if o := w.want(1, run...); !strings.HasPrefix(o.out, "First run of this job") || o.err != "" {
		t.Errorf("the first run: %s%s", o.out, o.err)
	}
	if o := w.want(0, run...); o.out+o.err != "" {
		t.Errorf("a quiet night: %s%s", o.out, o.err)
	}
	if o := w.want(0, "history", "check", "dns-server", "--history", "postgres"); !strings.Contains(o.out, "tyo-acc-1  fail (high)") {
		t.Errorf("the history: %s", o.out)
	}

	before := srv.Counts("tyo-core-1")
	w.write("dsn", server("gone"))
	if o := w.want(2, run...); !strings.Contains(o.err, "gone") || srv.Counts("tyo-core-1") != before {
		t.Errorf("a database that is not there: %s", o.err)
	}
	if o := w.want(2, append(run, "--history", "postgres://bob:tr0ub4dor@127.0.0.1/slp")...); strings.Contains(o.err, "tr0ub4dor") {
		t.Errorf("a password on the command line is repeated: %s", o.err)
	}
}
