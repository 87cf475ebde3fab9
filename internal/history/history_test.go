package history

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

func TestLast(t *testing.T) {
	engines(t, func(w *world) {
		d := device("r1", pass("a"), fail("b"))
		w.record(d, unreachable("r2"))
		got, err := w.store.Last(w.Context(), "nightly")
		w.ok(err)
		if diff := cmp.Diff([]diag.DeviceResult{d, unreachable("r2")}, got.Devices); diff != "" {
			t.Error(diff)
		}
	})
}
func TestPostgresPeer(t *testing.T) {
	dsn := postgres(t)
	w := newWorld(t, Where{Postgres: dsn("postgres")})
	d := device("r1", pass("a"), fail("b"))
	w.record(d, unreachable("r2"))
	w.record(d, unreachable("r2"))
	got, err := w.store.Last(w.Context(), "nightly")
	w.ok(err)
	if diff := cmp.Diff([]diag.DeviceResult{d, unreachable("r2")}, got.Devices); diff != "" {
		t.Error(diff)
	}
}
