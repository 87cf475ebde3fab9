package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/history"
	"slpdoctor/internal/sim"
)

// TestOverdueByAMinute: a job that is some seconds late is not called overdue.
func TestOverdueByAMinute(t *testing.T) {
	for seconds, want := range map[int64]bool{0: false, 59: false, 60: true} {
		var b bytes.Buffer
		d := &historyDocument{View: "list", Jobs: []history.Job{{Every: 3600, Next: new(time.Unix(0, 0)), Overdue: seconds}}}
		if err := (&app{}).historyTable(&b, d); err != nil || strings.Contains(b.String(), "OVERDUE by 1m") != want || strings.Contains(b.String(), "OVERDUE") != want {
			t.Errorf("%d seconds: %v\n%s", seconds, err, &b)
		}
	}
}

func TestHistoryKeepsItsSchema(t *testing.T) {
	w := newWorld(t)
	s := w.schema("history")
	w.serve(sim.Options{Devices: devices(t, "tyo-core-1", "tyo-acc-1", "lab-acc-1")})
	record := live("run", "--state-dir", "state", "--history", "sqlite", "-o", "json=run.json")
	w.want(1, record...)
	w.want(1, record...)
	for _, ask := range [][]string{{"list"}, {"show"}, {"show", "1"}, {"device", "tyo-acc-1"}, {"device", "lab-acc-1"}, {"check", "dns-server"}} {
		o := w.want(0, append(append([]string{"history"}, ask...), "--state-dir", "state", "-o", "json")...)
		valid(t, s, o.out)
	}
}
