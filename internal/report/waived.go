package report

import (
	"fmt"
	"slices"

	"slpdoctor/internal/diag"
)

// waived lists what does not count because somebody has accepted it, and what counts again.
func (p *pen) waived(all []diag.WaivedCause) {
	p.waivers("WAIVED (accepted for a while; it does not count)", all, false)
	p.waivers("EXPIRED WAIVERS (what they covered counts again)", all, true)
}

func (p *pen) waivers(heading string, all []diag.WaivedCause, expired bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(w diag.WaivedCause) bool { return w.Waiver.Expired != expired })
	if len(all) > 0 {
		p.heading(heading)
	}
	for _, w := range all {
		explains := ""
		if w.Consequences > 0 {
			explains = " (explains " + count(w.Consequences, "other result") + ")"
		}
		text := fmt.Sprintf("%s on %s%s, by %s until %s: %s", w.Check, some(w.Devices), explains, w.Waiver.Owner, w.Waiver.Expires, reason(w.Waiver))
		p.para("  "+p.severity(w.Severity)+" ", "    ", text)
	}
}

// expired says of a cause that it was waived once.
func (p *pen) expired(c diag.Cause, all []diag.WaivedCause) {
	for _, w := range all {
		if w.Waiver.Expired && w.Check == c.Check && w.Key == c.Key && w.Status == c.Status {
			p.para("    ", "    ", fmt.Sprintf("A waiver by %s expired on %s: %s", w.Waiver.Owner, w.Waiver.Expires, reason(w.Waiver)))
		}
	}
}

func reason(w diag.Waiver) string {
	if w.Ticket == "" {
		return w.Reason
	}
	return w.Reason + " (" + w.Ticket + ")"
}
