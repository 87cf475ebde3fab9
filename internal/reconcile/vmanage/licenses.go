package vmanage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/rest"
)

// licenses are what vManage says.
type licenses struct {
	counts   []reconcile.Count      // nil when no overview could be read
	assigned []reconcile.Assignment // nil when no list of devices could be read
	notes    []string
}

// licenses reads the overview and the devices. One of them is enough; the other's absence is noted.
func (s *session) licenses(ctx context.Context) (*licenses, error) {
	l := &licenses{}
	var why []error
	for _, e := range []*rest.Endpoint{overviewTable, distribution} {
		if l.counts != nil {
			break
		}
		err := s.read(ctx, e, func(a *rest.Answer) (err error) {
			l.counts, err = decodeOverview(a)
			return err
		})
		if err := l.missed(ctx, err, &why); err != nil {
			return l, err
		}
	}
	for _, from := range []struct {
		*rest.Endpoint
		decode func(*rest.Answer) ([]reconcile.Assignment, []string, error)
	}{{devices, decodeDevices}, {devicesOld, decodeDevicesOld}} {
		if l.assigned != nil {
			break
		}
		err := s.read(ctx, from.Endpoint, func(a *rest.Answer) error {
			assigned, notes, err := from.decode(a)
			if err == nil {
				l.assigned, l.notes = assigned, append(l.notes, notes...)
			}
			return err
		})
		if err := l.missed(ctx, err, &why); err != nil {
			return l, err
		}
	}
	if l.counts == nil && l.assigned == nil {
		return l, fmt.Errorf("neither the overview nor the devices' licences could be read: %w", errors.Join(why...))
	}
	l.compare()
	return l, nil
}

// read makes a request and hands the answer to be decoded.
func (s *session) read(ctx context.Context, e *rest.Endpoint, decode func(*rest.Answer) error) error {
	a, err := s.get(ctx, e)
	switch {
	case err != nil:
		return err
	case a.Status == http.StatusUnauthorized || a.Status >= 300 && a.Status < 400 || a.Status == http.StatusOK && a.HTML():
		return a.Errorf("%w", errEnded)
	case a.Status != http.StatusOK:
		return a.Fail()
	}
	return decode(a)
}

// missed notes that something could not be read; it returns the error only when no other request can do better.
func (l *licenses) missed(ctx context.Context, err error, why *[]error) error {
	if err == nil || errors.Is(err, errEnded) || ctx.Err() != nil {
		return err
	}
	*why = append(*why, err)
	l.notes = append(l.notes, "not read: "+err.Error())
	return nil
}

// account is where licences are held.
type account struct{ smart, virtual string }

// tally is how often a licence is assigned.
type tally struct{ devices, units int64 }

// assignments counts what is assigned, by licence and account; names maps the folded licence to its first spelling.
func assignments(assigned []reconcile.Assignment) (by map[string]map[account]tally, names map[string]string) {
	by, names = map[string]map[account]tally{}, map[string]string{}
	for _, a := range assigned {
		if a.Units == 0 {
			continue
		}
		key, at := reconcile.Fold(a.License), account{a.Smart, a.Virtual}
		if by[key] == nil {
			by[key], names[key] = map[account]tally{}, a.License
		}
		t := by[key][at]
		by[key][at] = tally{t.devices + 1, t.units + a.Units}
	}
	return by, names
}

// compare holds the overview against the devices. The overview has no accounts: it gets those of its devices, and is
// split by account only where the two agree. Where they do not, both stay as they are and a note says so.
func (l *licenses) compare() {
	if l.assigned == nil {
		l.notes = append(l.notes, "which devices hold the licences is not known, nor their accounts")
		return
	}
	by, names := assignments(l.assigned)
	if l.counts == nil {
		l.notes = append(l.notes, "the numbers of licensed devices are counted from the devices; the numbers of total licences are not known")
	}
	listed := map[string]bool{}
	var counts []reconcile.Count
	for _, c := range l.counts {
		key := reconcile.Fold(c.License)
		listed[key] = true
		counts = append(counts, l.place(c, by[key])...)
	}
	for key, name := range names {
		if listed[key] {
			continue
		}
		if l.counts != nil {
			l.notes = append(l.notes, fmt.Sprintf("%q is assigned to devices and not in the overview: counted from the devices", name))
		}
		counts = append(counts, split(name, by[key])...)
	}
	slices.SortStableFunc(counts, func(a, b reconcile.Count) int {
		return cmp.Or(cmp.Compare(a.License, b.License), cmp.Compare(a.Smart, b.Smart), cmp.Compare(a.Virtual, b.Virtual))
	})
	slices.Sort(l.notes)
	l.counts = counts
}

// place gives a count its account.
func (l *licenses) place(c reconcile.Count, by map[account]tally) []reconcile.Count {
	var sum tally
	for _, t := range by {
		sum = tally{sum.devices + t.devices, sum.units + t.units}
	}
	agree := c.Licensed != nil && (*c.Licensed == sum.devices || *c.Licensed == sum.units)
	if c.Licensed != nil && !agree {
		l.notes = append(l.notes, fmt.Sprintf("%q: the overview counts %d licensed devices, the list of devices has %d with %d units",
			c.License, *c.Licensed, sum.devices, sum.units))
	}
	if len(by) == 1 {
		for at := range by {
			c.Smart, c.Virtual = at.smart, at.virtual
		}
	}
	if len(by) < 2 || !agree {
		return []reconcile.Count{c}
	}
	l.notes = append(l.notes, fmt.Sprintf("%q is held in %d accounts: split by its devices, its number of total licences is not", c.License, len(by)))
	return split(c.License, by)
}

// split is the counts of a licence by account: licensed devices as the overview counts them.
func split(name string, by map[account]tally) []reconcile.Count {
	var counts []reconcile.Count
	for at, t := range by {
		counts = append(counts, reconcile.Count{License: name, Smart: at.smart, Virtual: at.virtual, Licensed: new(t.devices)})
	}
	return counts
}
