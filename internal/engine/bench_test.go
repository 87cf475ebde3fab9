package engine_test

import (
	"testing"

	"slpdoctor/checks"
	"slpdoctor/internal/bundle"
	"slpdoctor/internal/diag"
	"slpdoctor/internal/engine"
	"slpdoctor/internal/iosxe"
)

// BenchmarkEvaluate judges one device by every check: with its answers read before, and read too.
func BenchmarkEvaluate(b *testing.B) {
	src, err := bundle.Open("../../testdata/captures/direct-smart", nil, iosxe.Catalogue())
	if err != nil {
		b.Fatal(err)
	}
	var device bundle.Evidence
	for d, err := range src.Devices() {
		if err != nil {
			b.Fatal(err)
		}
		device = d
	}
	cat := checks.Catalogue()
	plan := engine.Plan(cat)
	for name, before := range map[string]bool{"judging": true, "reading and judging": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if before {
					b.StopTimer()
				}
				f := diag.NewFacts(device.Device, device.Captures...)
				if before {
					for _, c := range device.Captures {
						f.Parsed(c.Command)
					}
					b.StartTimer()
				}
				if r := cat.Examine(f, plan); len(r.Results) != len(cat.Checks) || r.Topology == nil {
					b.Fatalf("%d results, topology %v", len(r.Results), r.Topology)
				}
			}
		})
	}
}
