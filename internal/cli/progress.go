package cli

import (
	"fmt"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"slpdoctor/internal/fleet"
)

// watch draws the progress of a run for people on a terminal; pipes get nothing. The returned function
// ends the drawing and must be called.
func (a *app) watch(total int) (func(fleet.Progress), func()) {
	if !a.ErrTTY || a.quiet || total == 0 {
		return nil, func() {}
	}
	var now atomic.Pointer[fleet.Progress]
	now.Store(&fleet.Progress{Total: total})
	p := mpb.New(mpb.WithOutput(a.Err), mpb.WithWidth(24))
	bar := p.New(int64(total), mpb.BarStyle().Rbound("]"),
		mpb.PrependDecorators(decor.CountersNoUnit("%d/%d devices ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			n := now.Load()
			return fmt.Sprintf(" %d in flight, %d failed, ", n.InFlight, n.Failed)
		}), decor.Name("about "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")),
		mpb.BarRemoveOnComplete())
	show := func(n fleet.Progress) {
		now.Store(&n)
		bar.SetCurrent(int64(n.Done))
	}
	return show, func() {
		bar.Abort(true)
		p.Wait()
	}
}
