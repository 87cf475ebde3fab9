package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// Thresholds of load (EJ; FN72578 shows 77 and 22 percent, and 1.2 of 1.35 GB).
const (
	cpuWarn    = 5.0  // percent in the last minute
	cpuFail    = 20.0 // percent in the last minute
	memoryWarn = 50   // percent of the pool
)

// agentProcesses are those that go through the store of reports, smallBlocks is what they allocate in.
var agentProcesses = []string{"SAGetRUMIds", "SAUtilRepSave"}

const smallBlocks = "MallocLite"

// fixLoad takes the load away at its source.
var fixLoad = diag.Fix{
	Summary: "empty the report store",
	Exec:    fixBacklog.Exec,
	Verify:  []string{"show processes cpu sorted | include SAGetRUMIds|SAUtilRepSave", "show processes memory sorted | include MallocLite"},
	Manual:  slices.Concat([]string{"make reporting work again; the load ends when the reports are acknowledged"}, fixBacklog.Manual),
	Affects: "nothing but licensing data",
}

// busiest is the busiest process of the agent; false when none has run lately, or nothing is known.
func busiest(f *diag.Facts) (p iosxe.CPUProcess, found bool) {
	answer, _ := iosxe.ShowProcessesCPU.Partial(f)
	if answer == nil {
		return p, false
	}
	for _, x := range answer.Processes {
		if slices.Contains(agentProcesses, x.Name) && (!found || x.OneMinute > p.OneMinute) {
			p, found = x, true
		}
	}
	return p, found
}

// blocks is what small allocations hold, in percent of the pool; share is absent when the size of the
// pool is not known.
func blocks(f *diag.Facts) (p iosxe.MemoryProcess, share diag.Value[int], found bool) {
	answer, why := iosxe.ShowProcessesMemory.Partial(f)
	if answer == nil {
		return p, diag.Missing[int](why), false
	}
	i := slices.IndexFunc(answer.Processes, func(x iosxe.MemoryProcess) bool { return strings.Contains(x.Name, smallBlocks) })
	if i < 0 {
		return p, diag.Missing[int](why), false
	}
	p = answer.Processes[i]
	total, ok := answer.PoolTotal.Peek()
	if !ok || total <= 0 {
		return p, diag.Missing[int](answer.PoolTotal.Why()), true
	}
	return p, diag.Present(int(p.Holding*100/total), p.At), true
}

// PerfCPU asks whether the agent keeps the CPU busy.
var PerfCPU = &diag.Check{
	ID:       "perf-cpu",
	Title:    "The licence agent does not load the CPU",
	Why:      "An agent that goes through too many reports takes CPU from everything else.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowProcessesCPU.Command},
	Causes:   diag.By(ReportBacklog, PlatformRUMDefectRelease),
	Seed:     "knowledge B.21; FN72578",
	Judge: func(e *diag.Exam) diag.Verdict {
		p, found := busiest(e.Facts)
		args := diag.Args{"process": p.Name, "percent": p.OneMinute}
		switch {
		case p.OneMinute >= cpuFail:
			return e.Fail("high", "The agent's process {process} takes {percent} percent of the CPU.", args).At(p.At).Mend(fixLoad)
		case p.OneMinute >= cpuWarn:
			return e.Warn("raised", "The agent's process {process} takes {percent} percent of the CPU.", args).At(p.At).Mend(fixLoad)
		}
		answer := iosxe.ShowProcessesCPU.Of(e.Facts)
		diag.Must(e, answer)
		if !found {
			return e.Pass("idle", "The agent's processes take no CPU.").At(answer.Source())
		}
		return e.Pass("low", "The agent's process {process} takes {percent} percent of the CPU.", args).At(p.At)
	},
	Remedies: []diag.Fix{fixLoad},
}

// PerfMemory asks whether small allocations eat the memory.
var PerfMemory = &diag.Check{
	ID:       "perf-memory",
	Title:    "The licence agent does not eat the memory",
	Why:      "Reports that pile up hold memory until the device runs out of it.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowProcessesMemory.Command},
	Causes:   diag.By(ReportBacklog, PlatformRUMDefectRelease),
	Seed:     "knowledge B.21; FN72578",
	Judge: func(e *diag.Exam) diag.Verdict {
		p, share, found := blocks(e.Facts)
		if !found {
			answer := iosxe.ShowProcessesMemory.Of(e.Facts)
			diag.Must(e, answer)
			return e.Pass("none", "Small allocations hold no memory worth listing.").At(answer.Source())
		}
		args := diag.Args{"share": diag.Must(e, share), "mb": p.Holding / 1_000_000}
		if diag.Must(e, share) > memoryWarn {
			return e.Warn("high", "Small allocations hold {mb} MB, {share} percent of the processor pool.", args).At(p.At).Mend(fixLoad)
		}
		return e.Pass("low", "Small allocations hold {mb} MB, {share} percent of the processor pool.", args).At(p.At)
	},
	Remedies: []diag.Fix{fixLoad},
}

var perfChecks = []*diag.Check{PerfCPU, PerfMemory}
