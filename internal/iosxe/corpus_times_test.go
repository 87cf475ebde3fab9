package iosxe

import (
	"strings"
	"testing"
	"time"

	"slpdoctor/internal/diag"
)

// TestCorpusTimes holds the arithmetic of deadlines (knowledge E.2) against every real tech support: the
// deadline is the last ACK plus the days in policy, those are the smallest that a licence in use asks for,
// and the next push follows the last by the interval, unless a manual sync has just moved it.
func TestCorpusTimes(t *testing.T) {
	const day = 24 * time.Hour
	deadlines, pushes, windows := 0, 0, 0
	for _, s := range corpus(t) {
		if s.command != &ShowLicenseTechSupport.Command {
			continue
		}
		l, ok := s.parse().Facts.(*License)
		if !ok {
			continue
		}
		u := l.Usage
		ack, acked := u.LastAck.Peek()
		due, required := u.NextAckDeadline.Peek()
		window, stated := u.InPolicyDays.Peek()
		if acked && required && stated && window > 0 {
			deadlines++
			if got, want := due.Sub(ack), time.Duration(window)*day; (got - want).Abs() > time.Second {
				t.Errorf("%s: the deadline is %v after the ACK, the policy says %v", s.name, got, want)
			}
		}
		last, pushed := u.LastReportPush.Peek()
		next, planned := u.NextReportPush.Peek()
		interval, set := u.PushIntervalDays.Peek()
		now, dated := l.CurrentTime.Peek()
		if pushed && planned && set && dated && interval > 0 && next.Sub(now).Abs() > 4*time.Hour {
			pushes++
			if got, want := next.Sub(last), time.Duration(interval)*day; (got - want).Abs() > time.Second {
				t.Errorf("%s: the next push is %v after the last, the interval is %v", s.name, got, want)
			}
		}
		if want := window; stated && want > 0 {
			if got, known := windowOf(l); known {
				windows++
				if got != want {
					t.Errorf("%s: the licences in use ask for %d days, the policy window is %d", s.name, got, want)
				}
			}
		}
	}
	if deadlines < 5 || pushes < 3 || windows < 5 {
		t.Errorf("only %d deadlines, %d pushes and %d windows were computed", deadlines, pushes, windows)
	}
}

// windowOf is the smallest number of days that a licence in use asks for: of the first report while State is
// 2, of the reporting frequency afterwards; 0 days ask for nothing.
func windowOf(l *License) (int, bool) {
	state, ok := l.Usage.State.Peek()
	uses, listed := l.Licenses.Peek()
	if !ok || !listed {
		return 0, false
	}
	least := 0
	for _, use := range uses {
		status, _ := use.Status.Peek()
		kind, _ := use.Type.Peek()
		if status != "IN USE" {
			continue
		}
		group := l.Policy.UnenforcedPerpetual
		if strings.EqualFold(kind, "Subscription") {
			group = l.Policy.UnenforcedSubscription
		}
		field := map[int]diag.Value[PolicyDays]{2: group.FirstReport, 4: group.Frequency}[state]
		if days, ok := field.Peek(); ok && days.Days > 0 && (least == 0 || days.Days < least) {
			least = days.Days
		}
	}
	return least, least > 0
}
