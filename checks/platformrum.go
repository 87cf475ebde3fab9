package checks

import (
	"fmt"
	"slices"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// rumDefects are the releases that a report backlog drives into high CPU and memory, in all their rebuilds
// (FN72578; CSCvv72609, CSCwa85525, CSCwa85199).
var rumDefects = []string{"17.3.2", "17.3.3", "17.3.4", "17.3.5", "17.3.6", "17.4.1", "17.5.1", "17.6.1", "17.6.2", "17.6.3", "17.6.4", "17.7.1"}

var fixRUMDefect = diag.Fix{
	Summary: "upgrade to a release without the defects of the report store",
	Verify:  []string{"show version", "show license tech support"},
	Manual: []string{
		"upgrade to 17.3.7, 17.6.5, 17.9.1 or later; plan the reload",
		"until then keep reporting working, or carry the usage file to CSSM by hand; " + stepUploadRUM,
		"last resort, and with TAC: license smart factory reset and a reload; they remove policy, trust and authorization codes too, and CSCwa34749 reports an unexpected reload",
	},
	Affects: "the whole device: it reloads",
}

// PlatformRUMDefectRelease finds the releases on which a backlog does harm.
var PlatformRUMDefectRelease = &diag.Check{
	ID:       "platform-rum-defect-release",
	Title:    "Release is free of the report store's defects",
	Why:      "On some releases a reporting outage becomes an outage of CPU and memory.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowVersion.Command, &iosxe.ShowProcessesCPU.Command, &iosxe.ShowProcessesMemory.Command},
	Seed:     "knowledge B.1, A.5; FN72578",
	Judge:    judgeRUMDefect,
	Remedies: []diag.Fix{fixRUMDefect},
}

func judgeRUMDefect(e *diag.Exam) diag.Verdict {
	running := release(e.Facts)
	r := diag.Must(e, running)
	args := diag.Args{"release": r.String()}
	if !slices.Contains(rumDefects, fmt.Sprintf("%d.%d.%d", r.Train, r.Minor, r.Patch)) {
		return e.Pass("free", "Release {release} is not among those with defects of the report store.", args).At(running.Source())
	}
	b := backlogs.Of(e.Facts)
	state, _ := b.state()
	cpu, _ := busiest(e.Facts)
	memory, share, _ := blocks(e.Facts)
	percent, _ := share.Peek()
	var symptom diag.Source
	switch {
	case cpu.OneMinute >= cpuWarn:
		symptom = cpu.At
	case percent > memoryWarn:
		symptom = memory.At
	case state == diag.Fail || state == diag.Warn:
		symptom = b.available.Source()
	default:
		return e.Warn("no-symptom", "Release {release} has defects that turn a backlog of reports into high CPU and memory; no sign of it was seen.", args).
			At(running.Source()).About(r.String()).Mend(fixRUMDefect)
	}
	return e.Fail("symptom", "Release {release} has defects that turn a backlog of reports into high CPU and memory, and the signs are there.", args).
		At(running.Source(), symptom).About(r.String()).Mend(fixRUMDefect)
}

var platformRUMChecks = []*diag.Check{PlatformRUMDefectRelease}
