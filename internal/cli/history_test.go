package cli

import (
	"testing"

	"slpdoctor/internal/sim"
)

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
