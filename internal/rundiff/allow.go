package rundiff

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Allow is what the user expects to change: a kind of fact, check:GLOB or device:GLOB.
type Allow []*allowance

type allowance struct {
	text, kind, glob string
	used             bool
}

// ParseAllow reads the values of --allow. A kind that does not exist or a glob that cannot be read is an error.
func ParseAllow(specs []string) (Allow, error) {
	var out Allow
	for _, s := range specs {
		kind, glob, ok := strings.Cut(s, ":")
		switch {
		case ok && kind != "check" && kind != "device":
			return nil, fmt.Errorf("reading --allow %q: want check:GLOB, device:GLOB or one of %s", s, strings.Join(kinds(), ", "))
		case ok && glob == "":
			return nil, fmt.Errorf("reading --allow %q: nothing stands after the colon", s)
		case !ok && !IsKind(s):
			return nil, fmt.Errorf("reading --allow %q: there are %s, check:GLOB and device:GLOB", s, strings.Join(kinds(), ", "))
		}
		if _, err := path.Match(glob, ""); err != nil {
			return nil, fmt.Errorf("reading --allow %q: %w", s, err)
		}
		out = append(out, &allowance{text: s, kind: kind, glob: glob})
	}
	return out, nil
}

// IsKind reports whether a kind of change is one of Kinds, which --allow takes by name.
func IsKind(kind string) bool { return slices.Contains(kinds(), kind) }

func kinds() []string {
	var out []string
	for _, k := range Kinds {
		out = append(out, k.Name)
	}
	return out
}

// mark says of every change whether it is expected. What follows an expected change is expected with it.
func (o Allow) mark(d *Device) {
	with := map[string]*string{}
	for i := range d.Changes {
		ch := &d.Changes[i]
		for _, a := range o {
			if !a.covers(d, *ch) {
				continue
			}
			a.used = true
			if ch.AllowedWith == nil {
				ch.AllowedWith = &a.text
				with[subject(*ch)] = ch.AllowedWith
			}
		}
	}
	for i := range d.Changes {
		if ch := &d.Changes[i]; ch.AllowedWith == nil && ch.Follows {
			ch.AllowedWith = with[*ch.CausedBy]
		}
	}
}

func (a *allowance) covers(d *Device, ch Change) bool {
	if ch.Improves() {
		return false
	}
	match := func(name string) bool { ok, _ := path.Match(a.glob, name); return ok }
	switch a.kind {
	case "device":
		return match(d.Name) || d.Was != nil && match(*d.Was)
	case "check":
		return ch.Kind == "check" && match(ch.Check)
	}
	return ch.Kind == a.kind
}

// unused are the values that matched nothing.
func (o Allow) unused() []string {
	var out []string
	for _, a := range o {
		if !a.used {
			out = append(out, a.text)
		}
	}
	return out
}
