package checks

import (
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// jobMismatch is the job the agent schedules when members disagree about a reservation.
const jobMismatch = "Reservation configuration mismatch between nodes in HA mode"

var (
	fixMember = diag.Fix{
		Summary: "find out why a member is missing",
		Verify:  []string{"show license udi", "show switch", "show redundancy states"},
		Manual:  []string{"wait until every member is ready; a member that joined later appears after the agent has heard of it", stepTAC},
		Affects: "nothing: it only looks",
	}
	fixActive = diag.Fix{
		Summary: "collect from the active unit",
		Verify:  []string{"show redundancy states"},
		Manual:  []string{"connect to the address of the active unit: the standby shows other data"},
		Affects: "nothing on the device",
	}
)

// HAUDIList compares the members the agent knows with those of the chassis.
var HAUDIList = &diag.Check{
	ID:       "ha-udi-list",
	Title:    "The agent knows every member",
	Why:      "A member missing in the list gets neither trust nor authorization codes.",
	Severity: diag.Medium,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command, &iosxe.ShowLicenseUDI.Command, &iosxe.ShowSwitch.Command, &iosxe.ShowRedundancy.Command},
	Seed:     "knowledge B.18; S1:137-139,160",
	Judge:    judgeUDIList,
	Remedies: []diag.Fix{fixMember},
}

func judgeUDIList(e *diag.Exam) diag.Verdict {
	members, at, why := units(e.Facts)
	known, single := haMembers(e)
	args := diag.Args{"known": len(known), "members": members}
	switch {
	case members <= 1 && why == "" && single != nil:
		return *single
	case why != "" && single != nil:
		e.GiveUp(why, "")
	case why != "":
		return e.Unknown(why, "no-members", "The agent knows {known} members; how many there are is not known.", args).At(known[0].PID.Source())
	case single != nil:
		return e.Fail("missing-all", "The device has {members} members, but the agent knows only itself.", args).
			At(at, licence(e.Facts).Device.PID.Source()).Mend(fixMember)
	case len(known) < members:
		return e.Fail("missing", "The device has {members} members, but the agent knows {known}.", args).At(at, known[0].PID.Source()).Mend(fixMember)
	}
	seen := map[string]bool{}
	for _, m := range known {
		udi := m.UDI.String()
		if seen[udi] && stacked(e.Facts) {
			args["udi"] = udi
			return e.Warn("duplicate", "Two members of the stack have the same identity {udi}.", args).At(m.PID.Source()).Mend(fixMember)
		}
		seen[udi] = true
	}
	return e.Pass("complete", "The agent knows all {known} members.", args).At(at, known[0].PID.Source())
}

// haMembers is the HA UDI List, or the verdict that the device is alone.
func haMembers(e *diag.Exam) ([]iosxe.HAUDI, *diag.Verdict) {
	l := licence(e.Facts)
	list, ok := l.HAUDIs.Peek()
	if ok && len(list) > 1 {
		return list, nil
	}
	if !ok && l.HAUDIs.Why() != diag.Absent {
		diag.Must(e, l.HAUDIs)
	}
	diag.Must(e, l.Device.PID)
	v := e.NotApplicable("standalone", "The device has one member.").At(l.Device.PID.Source())
	return nil, &v
}

// units counts the members a stack or a pair of supervisors has, with the line that says so; why is set
// when nothing says it.
func units(f *diag.Facts) (n int, at diag.Source, why diag.Reason) {
	stack, pair := iosxe.ShowSwitch.Of(f), iosxe.ShowRedundancy.Of(f)
	if s, ok := stack.Peek(); ok && len(s.Members) > 0 {
		for _, m := range s.Members {
			if strings.EqualFold(m.State, "Ready") {
				n, at = n+1, m.At
			}
		}
		return n, at, ""
	}
	if p, ok := pair.Peek(); ok {
		peer, printed := p.Peer.Peek()
		switch {
		case strings.HasPrefix(strings.ToUpper(peer), "STANDBY"):
			return 2, p.Peer.Source(), ""
		case printed:
			return 1, p.Peer.Source(), ""
		}
	}
	return 0, diag.Source{}, pair.Or(diag.Missing[*iosxe.Redundancy](stack.Why())).Why()
}

// stacked reports a stack of several switches, where no two members share a serial number; supervisors of
// one chassis do.
func stacked(f *diag.Facts) bool {
	s, ok := iosxe.ShowSwitch.Of(f).Peek()
	return ok && len(s.Members) > 1
}

// HAActive asks whether the answers came from the active unit.
var HAActive = &diag.Check{
	ID:       "ha-active",
	Title:    "The answers come from the active unit",
	Why:      "A standby shows other data.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command},
	Seed:     "knowledge B.18",
	Judge:    judgeActive,
	Remedies: []diag.Fix{fixActive},
}

// standby is a role in which a unit shows other data.
var standby = words(`standby|member`)

func judgeActive(e *diag.Exam) diag.Verdict {
	ha := licence(e.Facts).HA
	diag.Must(e, ha.RPRole)
	for _, role := range []diag.Value[string]{ha.RPRole, ha.ChassisRole, ha.BehaviorRole} {
		if word, ok := role.Peek(); ok && standby.MatchString(word) {
			return e.Fail("standby", "The session is on a unit with the role {role}, which shows other data.", diag.Args{"role": word}).
				At(role.Source()).Mend(fixActive)
		}
	}
	if word := diag.Must(e, ha.RPRole); !strings.EqualFold(word, "Active") {
		return e.Unknown(diag.Unparsed, "unknown-role", "The role {role} is not known.", diag.Args{"role": word}).At(ha.RPRole.Source())
	}
	return e.Pass("active", "The session is on the active unit.").At(ha.RPRole.Source(), ha.ChassisRole.Source(), ha.BehaviorRole.Source())
}

// HAJobMismatch tells of members that disagree about a reservation.
var HAJobMismatch = &diag.Check{
	ID:       "ha-job-mismatch",
	Title:    "Members agree about reservations",
	Why:      "The job runs when members have different reservations.",
	Severity: diag.Low,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLicenseTechSupport.Command},
	Seed:     "knowledge B.18",
	Judge:    judgeMismatch,
}

func judgeMismatch(e *diag.Exam) diag.Verdict {
	l := licence(e.Facts)
	diag.Must(e, l.Jobs)
	job, ok := l.Job(jobMismatch)
	if !ok {
		e.GiveUp(diag.Absent, "")
	}
	if next, scheduled := job.Next.Peek(); scheduled {
		return e.Inform("scheduled", "The agent will look into different reservations of the members on {time}.", diag.Args{"time": next.Text}).At(job.Name.Source())
	}
	return e.Pass("idle", "The agent sees no different reservations.").At(job.Name.Source())
}

// HAApp tells of an application that is itself a pair.
var HAApp = &diag.Check{
	ID:       "ha-app",
	Title:    "Application redundancy",
	Why:      "Of a CUBE pair only the active box reports, and SSM On-Prem does not show such pairs.",
	Severity: diag.Info,
	Applies:  diag.AnySLP,
	Reads:    []*diag.Command{&iosxe.ShowLicenseAll.Command},
	Seed:     "knowledge B.18; CUBE guide",
	Judge:    judgeApp,
}

func judgeApp(e *diag.Exam) diag.Verdict {
	all := iosxe.ShowLicenseAll.Of(e.Facts)
	licenses := diag.Must(e, all).Licenses
	list, _ := licenses.Peek()
	for _, l := range list {
		role, ok := l.Application.Role.Peek()
		if !ok {
			continue
		}
		name, _ := l.Application.Name.Peek()
		args := diag.Args{"application": name, "role": role}
		if strings.EqualFold(role, "Active") {
			return e.Inform("active", "{application} is active here and reports for its pair.", args).At(l.Application.Role.Source())
		}
		return e.Inform("standby", "{application} is {role} here: the other box reports for the pair.", args).At(l.Application.Role.Source())
	}
	return e.Inform("none", "No application of the device is a pair.").At(all.Source())
}

var haChecks = []*diag.Check{HAUDIList, HAActive, HAJobMismatch, HAApp}
