package diag

import "testing"

// words is a command whose answer is read as it is.
func words(line string) *Query[string] {
	return &Query[string]{Command{Template: NewTemplate(line), Parse: func(c Capture) Parsed {
		if c.Text == "" {
			return Parsed{}
		}
		return Parsed{Facts: &c.Text}
	}}}
}

func TestDerivedFactsAreForgottenWithWhatTheyWereReadFrom(t *testing.T) {
	a, b := words("show a"), words("show b")
	computed := 0
	inner := Derive(func(f *Facts) string {
		computed++
		s, _ := a.Partial(f)
		if s == nil {
			return "nothing"
		}
		return *s
	})
	outer := Derive(func(f *Facts) string { return "outer " + inner.Of(f) })
	f := NewFacts(Device{})
	want := func(s string, times int) {
		t.Helper()
		if got := outer.Of(f); got != s || computed != times {
			t.Errorf("%q after %d computations, want %q after %d", got, computed, s, times)
		}
	}
	want("outer nothing", 1)
	want("outer nothing", 1)
	f.Add(Capture{Command: &b.Command, Text: "b", Outcome: OK})
	want("outer nothing", 1) // b was not read
	f.Add(Capture{Command: &a.Command, Text: "a", Outcome: OK})
	want("outer a", 2) // its absence was
	f.Add(Capture{Command: &a.Command, Text: "a2", Outcome: OK})
	want("outer a2", 3)
}

func TestAnAnswerThatIsNotCompleteIsMissing(t *testing.T) {
	q := words("show a")
	for outcome, want := range map[Outcome]Reason{OK: "", WasRefused: Refused, WasTimedOut: TimedOut, WasCut: Cut, NotRun: NotCollected} {
		f := NewFacts(Device{}, Capture{Command: &q.Command, Text: "x", Outcome: outcome})
		v := q.Of(f)
		if got := v.Why(); got != want {
			t.Errorf("%s: %q, want %q", outcome, got, want)
		}
	}
	if got := q.Of(NewFacts(Device{})).Why(); got != NotCollected {
		t.Errorf("no capture: %q", got)
	}
	if got := q.Of(NewFacts(Device{}, Capture{Command: &q.Command, Outcome: OK})).Why(); got != Unparsed {
		t.Errorf("an answer nobody understands: %q", got)
	}
}
