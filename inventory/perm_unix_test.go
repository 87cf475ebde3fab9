//go:build unix

package inventory

import (
	"os"
	"testing"
)

// What comes through a pipe may come from anybody.
func TestPipesAreNotTrusted(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	info, err := r.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := writableByOthers(info), "an inventory that is not a regular file"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if readableByOthers(info) {
		t.Error("a pipe is readable by others")
	}
}
