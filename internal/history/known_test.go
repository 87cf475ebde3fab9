package history

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
)

// TestKnown: a device that is out of reach is known as it was the last time it answered.
func TestKnown(t *testing.T) {
	engines(t, func(w *world) {
		d := device("r1", pass("a"), fail("b"))
		w.record(d)
		w.record(unreachable("r1"))
		w.record(unreachable("r1"))
		last, err := w.store.Last(w.Context(), "nightly")
		w.ok(err)
		if diff := cmp.Diff([]diag.DeviceResult{unreachable("r1")}, last.Devices); diff != "" {
			t.Error(diff)
		}
		known, err := w.store.Known(w.Context(), "nightly")
		w.ok(err)
		want := d
		want.State, want.Error = diag.Unreachable, unreachable("r1").Error
		if diff := cmp.Diff([]diag.DeviceResult{want}, known.Devices); diff != "" {
			t.Error(diff)
		}
	})
}
