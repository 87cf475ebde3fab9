package diag

import (
	"fmt"
	"strings"
)

// Fix is what a person can do: configuration lines, exec lines, how to verify, and manual steps where no
// command can do it. It is printed, never sent.
type Fix struct {
	Summary string   `json:"summary"`
	Config  []string `json:"config"`  // in configuration mode
	Exec    []string `json:"exec"`    // in privileged EXEC mode
	Verify  []string `json:"verify"`  // commands that show the effect
	Manual  []string `json:"manual"`  // steps outside the device, in order
	Affects string   `json:"affects"` // what the fix touches
}

// Param is a device's value for the placeholder <Name> of a fix line.
type Param struct {
	Name  string
	Value string
	Class Class
}

// With puts values into the lines. A value goes in only if it matches its class, because engineers paste
// these lines; otherwise the placeholder stays and a manual note says why. An empty value leaves the
// placeholder without a note.
func (f Fix) With(params ...Param) Fix {
	f.Manual = append([]string(nil), f.Manual...)
	for _, p := range params {
		hole := "<" + p.Name + ">"
		if p.Value == "" {
			continue
		}
		if !p.Class.Holds(p.Value) {
			if strings.Contains(strings.Join(append(append(append([]string{}, f.Config...), f.Exec...), f.Verify...), "\n"), hole) {
				f.Manual = append(f.Manual, fmt.Sprintf("fill in %s by hand: the device's own value has characters that are not safe to paste", hole))
			}
			continue
		}
		for _, lines := range []*[]string{&f.Config, &f.Exec, &f.Verify} {
			out := make([]string, len(*lines))
			for i, l := range *lines {
				out[i] = strings.ReplaceAll(l, hole, p.Value)
			}
			*lines = out
		}
	}
	return f
}
