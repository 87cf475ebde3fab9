package collect

import (
	"strings"
	"testing"

	"slpdoctor/internal/diag"
)

// answer is an output of n bytes in lines of a usual length.
func answerOf(n int) string {
	line := "  Communication Statistics: total 12, success 11, fail 1, last success Feb 10 01:00:00 2024 PDT\n"
	return strings.Repeat(line, n/len(line)+1)[:n-1] + "\n"
}

// BenchmarkSession is one device: login, sixteen commands with 35 KB of answers, exit. The device runs in
// this process too, so that the figure is for both sides.
func BenchmarkSession(b *testing.B) {
	answer := answerOf(2240)
	f := (&fake{answers: map[string]func(*vty){
		"show license tech support": func(v *vty) { v.send(answer) },
	}}).start(b)
	d := NewDialer(f.options())
	defer d.Close()
	b.ReportAllocs()
	for b.Loop() {
		s, err := d.Open(b.Context(), f.target())
		if err != nil {
			b.Fatal(err)
		}
		for range 16 {
			r := s.Run(b.Context(), showLicense, "show license tech support")
			if r.Outcome != diag.OK || len(r.Text) != len(answer) {
				b.Fatalf("outcome %s, %d bytes: %v", r.Outcome, len(r.Text), r.Err)
			}
		}
		s.Close()
	}
}
