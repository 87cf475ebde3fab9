package message

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	for n := 1; n <= 27; n++ {
		id := "M" + strconv.Itoa(100 + n)[1:]
		found := FindSteps(strings.ToLower(id))
		want := 1
		if id == "M07" {
			want = 2
		}
		if len(found) != want {
			t.Errorf("%s finds %d steps", id, len(found))
		}
		for _, s := range found {
			if s.Where == "" || s.Do == "" || s.Source == "" || Manual(s.ID) != s.String() || !slices.Equal(StepIDs(s.String())[len(StepIDs(s.String()))-1:], []string{s.ID}) {
				t.Errorf("%s is not complete: %+v", id, s)
			}
		}
	}
	if len(Steps()) != 28 || FindSteps("M28") != nil || FindSteps("M") != nil || Manual("m01") != "" {
		t.Errorf("%d steps; M28 is %v, M is %v", len(Steps()), FindSteps("M28"), FindSteps("M"))
	}
}

// TestActionsNameSteps holds every step id in the catalogue against the list of steps.
func TestActionsNameSteps(t *testing.T) {
	for _, m := range All() {
		for _, a := range m.Actions {
			for _, s := range a.Steps {
				if s == "" {
					t.Errorf("%s has an empty step", m.ID())
				}
				for _, id := range StepIDs(s) {
					if FindSteps(id) == nil {
						t.Errorf("%s names %s, which does not exist", m.ID(), id)
					}
				}
			}
		}
	}
}
