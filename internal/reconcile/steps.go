package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The menus of the portals (seed 000, lines 84-141; knowledge F.4).
const (
	licencesPath   = "software.cisco.com > Smart Software Manager > Manage licenses > (Smart Account, Virtual Account) > Inventory > Licenses > (the licence)"
	instancesPath  = licencesPath + " > Product Instances"
	removePath     = instancesPath + " > UDI_PID: Cisco_vManage > Actions > Remove..."
	syncPath       = "Administration > License Management > Sync Licenses & Refresh Devices (in recent releases)"
	rightsToClean  = "a CSSM user who may remove product instances of this virtual account; without these rights the Cisco Licensing team does it (M25)"
	rightsToManage = "a vManage user who may manage licences"
	riskOfRemoval  = "Until the next report arrives CSSM shows nothing in use. Forwarding is not affected, only compliance views."
)

// steps fills in what to do, case by case.
func (l *ledger) steps(v *Verdict, works, twice bool) {
	if v.Case == FSync {
		l.syncSteps(v)
		return
	}
	l.waitSteps(v)
	l.countSteps(v, works)
	if s := remedies[StaleInstance]; twice && len(l.instancesOf(StaleInstance, FCount)) == 0 {
		s.Do = "SD-WAN Manager is registered twice: remove the older product instance, after its Last Contact shows that it is not the one in use"
		for _, i := range l.managersSeen() {
			s.Instances = append(s.Instances, i.label())
		}
		v.step(s)
	}
	l.shortageSteps(v)
	l.undecidedSteps(v)
	l.explainedSteps(v)
}

// step adds a step; where it is about one licence, its menus name it.
func (v *Verdict) step(s Step) {
	if len(s.Licenses) == 1 {
		name := s.Licenses[0]
		if i := strings.LastIndex(name, " in "); i >= 0 {
			s.Path = strings.Replace(s.Path, "(Smart Account, Virtual Account)", name[i+len(" in "):], 1)
			name = name[:i]
		}
		s.Path = strings.Replace(s.Path, "(the licence)", name, 1)
	}
	if s.Licenses == nil {
		s.Licenses = []string{}
	}
	if s.Instances == nil {
		s.Instances = []string{}
	}
	v.Steps = append(v.Steps, s)
}

func (l *ledger) syncSteps(v *Verdict) {
	v.step(Step{Where: "vManage", Do: "make an admin-tech: it holds var/log/nms/vmanage-server.log", Path: "Tools > Operational Commands > Generate Admin Tech",
		Rights: "a vManage user who may make an admin-tech"})
	v.step(Step{ID: "M22", Where: "Cisco TAC", Do: "open a case with the admin-tech and ask for the workaround of the defects CSCwj27435 and CSCwm39910",
		Rights: "a support contract"})
	v.step(Step{Where: "CSSM", Do: "do not clean up before the case is solved: the counts would diverge again with the next report",
		Licenses: l.of(func(e *entry) bool { return e.Case == FCount || e.Case == Waiting })})
	v.step(Step{ID: "M21", Where: "everywhere", Do: "when reports arrive again, wait 24 hours, export both portals and run this again: what is wrong then is only the counts"})
}

func (l *ledger) waitSteps(v *Verdict) {
	var until time.Time
	list := l.of(func(e *entry) bool {
		at, ok := l.waiting(e)
		if ok && e.Case == Waiting && at.Add(Wait).After(until) {
			until = at.Add(Wait)
		}
		return e.Case == Waiting
	})
	if len(list) == 0 {
		return
	}
	until = until.UTC()
	v.NotBefore = &until
	v.step(Step{ID: "M21", Where: "everywhere", Do: fmt.Sprintf("wait until %s; do not remove anything a second time before", until.Format("2006-01-02 15:04 UTC")), Licenses: list})
	undone := func(e *entry) bool { return e.Case == Waiting && (e.Delta == nil || *e.Delta > 0 || e.cancels()) }
	const once = "only if the clean-up that was recommended has not been done at all: do it once, now, and then count the 24 hours from there"
	for _, c := range cleanable {
		if list := l.of(func(e *entry) bool { return undone(e) && e.actionable(c) }); len(list) > 0 {
			s := remedies[c]
			s.Do, s.Licenses, s.Instances = once+": "+s.Do, list, l.instancesOf(c, Waiting)
			v.step(s)
		}
	}
	if others := l.of(func(e *entry) bool { return undone(e) && !slices.ContainsFunc(cleanable, e.actionable) }); len(others) > 0 {
		v.step(Step{ID: "M19", Where: "CSSM", Do: once, Path: instancesPath, Rights: rightsToClean, Licenses: others})
	}
	v.step(checkAgain(list))
}

func checkAgain(list []string) Step {
	return Step{Where: "here", Do: "export both portals again and run this once more: right is U = V with a balance that is not below zero", Licenses: list}
}

// countSteps put CSSM right, class by class. Where nothing shows that reporting works, that comes first.
func (l *ledger) countSteps(v *Verdict, works bool) {
	counted := func(e *entry) bool { return e.Case == FCount }
	if len(l.of(counted)) == 0 {
		return
	}
	if !works {
		v.step(Step{Where: "CSSM and vManage", Do: "make sure that reporting itself works, for a clean-up does not last without it: Last Contact on the page of the Cisco_vManage " +
			"product instance is recent, and vmanage-server.log has no \"Failed to report license usage\" (--cssm-instances and --log check both)", Path: instancesPath})
	}
	removing := l.of(func(e *entry) bool { return e.cleans() })
	for _, c := range Classes {
		list := l.of(func(e *entry) bool { return counted(e) && e.due(c.Class) })
		if s, ok := remedies[c.Class]; ok && len(list) > 0 {
			s.Licenses, s.Instances = list, l.instancesOf(c.Class, FCount)
			v.step(s)
		}
	}
	if len(removing) > 0 {
		l.afterRemoval(v, removing)
	}
	all := l.of(counted)
	v.step(checkAgain(all))
	if residue := l.of(func(e *entry) bool { return counted(e) && *e.Unexplained != 0 }); len(residue) > 0 {
		v.step(Step{Where: "here", Do: "units are left unexplained: " + l.wanted(), Licenses: residue})
	}
	for _, c := range l.Cleanups {
		if slices.ContainsFunc(l.entries, func(e *entry) bool { return e.cleans() && e.key == c.License }) {
			v.step(Step{ID: "M22", Where: "Cisco TAC", Do: fmt.Sprintf("if the clean-up recommended on %s was done, the counts have diverged again: reporting is broken, "+
				"open a case naming CSCwj27435 and CSCwm39910 instead of a second clean-up", c.At.UTC().Format("2006-01-02 15:04 UTC"))})
			break
		}
	}
}

func (l *ledger) afterRemoval(v *Verdict, list []string) {
	if slices.ContainsFunc(l.entries, func(e *entry) bool { return e.Case == FCount && e.due(DoubleReported) }) {
		v.step(Step{Where: "CSSM", Do: "look: In Use is 0 for the instance, and its licences are available", Path: licencesPath, Licenses: list})
	}
	v.step(Step{ID: "M20", Where: "vManage", Do: "synchronise the licences", Path: syncPath, Rights: rightsToManage, Licenses: list})
	until := l.Now.Add(Wait).UTC().Truncate(time.Second)
	v.NotBefore = &until
	v.step(Step{ID: "M21", Where: "everywhere", Do: fmt.Sprintf("wait at least 24 hours, not before %s; no second clean-up in between", until.Format("2006-01-02 15:04 UTC")),
		Licenses: list})
}

// remedies is what each class needs.
var remedies = map[Class]Step{
	DoubleReported: {ID: "M19", Where: "CSSM", Do: "remove the licence usage that is booked on the SD-WAN Manager instance", Path: removePath, Rights: rightsToClean, Risk: riskOfRemoval},
	DeletedUnreleased: {ID: "M19", Where: "CSSM", Do: "remove the product instances of the deleted devices, after their Last Contact shows that they are not in use; where none are listed, the usage on the SD-WAN Manager instance",
		Path: instancesPath + " > (the instance) > Actions > Remove...", Rights: rightsToClean,
		Risk: "A device that does exist is registered anew with its next report. Forwarding is not affected."},
	StaleInstance: {ID: "M19", Where: "CSSM", Do: "remove the product instances that were replaced, after their Last Contact shows that they are not the ones in use",
		Path: instancesPath + " > (the instance) > Actions > Remove...", Rights: rightsToClean, Risk: "The instance in use must stay: it would be registered anew with its next report."},
	WrongAccount: {Where: "CSSM or vManage", Do: "bring both to one virtual account: transfer the product instance, or assign the licence from the account it is booked in",
		Path: instancesPath + " > (the instance) > Actions > Transfer...", Rights: "a CSSM user of both virtual accounts", Risk: "Licences must be free in the account it goes to."},
	SelfReporting: {Where: "the device or vManage", Do: "let one of them report: leave licensing of the device to vManage, or take its licence off in vManage; then remove the instance that stays behind; a device that vManage does not manage and that is meant to report by itself is counted rightly and stays",
		Path: "vManage: Administration > License Management", Rights: rightsToManage},
	Unassigned: {Where: "vManage", Do: "assign the licence to the device, or stop the use on the device", Path: "Administration > License Management > Devices", Rights: rightsToManage},
}

// instancesOf are the product instances of a class to act on, of the licences of a case.
func (l *ledger) instancesOf(c Class, of Case) []string {
	out := []string{}
	for _, e := range l.entries {
		for i, a := range e.Attribution {
			if a.Class == c && e.found[i] != Low && a.Why != onItsOwn && e.Case == of {
				out = append(out, a.Instances...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *ledger) shortageSteps(v *Verdict) {
	list := l.of(func(e *entry) bool { return e.Case == Shortage })
	if len(list) == 0 {
		return
	}
	v.step(Step{Where: "your team", Do: "licences are missing: buy them, move some from another virtual account, or take some off in vManage",
		Path: licencesPath, Rights: "whoever orders licences", Licenses: list})
}

func (l *ledger) explainedSteps(v *Verdict) {
	list := l.of(func(e *entry) bool { return e.Case == Explained })
	if len(list) > 0 {
		v.step(Step{Where: "your team", Do: "nothing to clean up: members of a stack need a licence each, upper tiers cover lower ones, and what vManage does not manage reports by itself; order what is missing of these", Licenses: list})
	}
}

func (l *ledger) undecidedSteps(v *Verdict) {
	if list := l.of(func(e *entry) bool { return e.foreign != "" }); len(list) > 0 {
		v.step(Step{Where: "vManage and CSSM", Do: "the exports are of different virtual accounts and are not compared: export the account that vManage takes its licences from" + l.tellAccount(),
			Path: "CSSM: Manage licenses > (Virtual Account) > Inventory > Licenses > Export to CSV", Licenses: list})
	}
	if list := l.of(func(e *entry) bool { return e.unnamed }); len(list) > 0 {
		v.step(Step{Where: "here", Do: "two exports of CSSM have other numbers, and no virtual account is named in them: give only that of the account which vManage takes its licences " +
			"from, or write a line \"Virtual Account: NAME\" above the headings of each", Licenses: list})
	}
	if list := l.of(func(e *entry) bool { return e.broken != "" && !e.unnamed }); len(list) > 0 {
		v.step(Step{Where: "vManage and CSSM", Do: "the numbers contradict each other: export again, and give the files unedited", Licenses: list})
	}
	if l.newer != "" {
		v.step(Step{Where: "here", Do: fmt.Sprintf("--vmanage and --vmanage-before seem to be exchanged, by %s: give the newer export to --vmanage (a file that was saved again has lost "+
			"its time), and run this again; clean nothing up before", l.newer)})
	} else if len(l.doubts) > 0 {
		v.step(Step{Where: "vManage and CSSM", Do: fmt.Sprintf("%s: export both within a few hours and run this again; clean nothing up before", strings.Join(l.doubts, "; "))})
	}
	if list := l.of(func(e *entry) bool { return len(e.doubts) > 0 && e.broken == "" && e.foreign == "" }); len(list) > 0 {
		v.step(Step{Where: "vManage and CSSM", Do: "rows were repeated or added up: give every export once, and look whether a --names file makes one licence of two", Licenses: list})
	}
	if list := l.of(func(e *entry) bool { return e.blank() != "" }); len(list) > 0 {
		v.step(Step{Where: "vManage and CSSM", Do: "the licence is listed without the number that is compared: export it again with all columns, or fill in the empty cell", Licenses: list})
	}
	if list := l.of(l.nameless); len(list) > 0 {
		v.step(Step{Where: "here", Do: "CSSM has no licence of this name: when it calls it otherwise, say so with a line NAME = NAME in a --names file" + l.candidates(), Licenses: list})
	}
	if list := l.of(func(e *entry) bool { return e.Case == Undecided && e.short }); len(list) > 0 {
		v.step(Step{Where: "vManage", Do: "the list of devices has fewer with the licence than the overview counts: export both again, the list without a filter and with all its pages", Licenses: list})
	}
	mixed := func(e *entry) bool { return e.Case == Undecided && value(e.Unexplained) > 0 && e.several() }
	if list := l.of(mixed); len(list) > 0 {
		v.step(Step{Where: "CSSM", Do: "more than one SD-WAN Manager has reported the licence: look what each of them uses, and which one vManage's export is of; the others are other " +
			"SD-WAN Managers, or older registrations of this one", Path: instancesPath, Licenses: list})
	}
	open := func(e *entry) bool {
		return e.Case == Undecided && !l.nameless(e) && e.blank() == "" && e.broken == "" && e.foreign == "" && len(e.doubts) == 0 && !e.short && !mixed(e)
	}
	if list := l.of(func(e *entry) bool { return open(e) && value(e.Unexplained) < 0 }); len(list) > 0 && len(l.doubts) == 0 {
		v.step(Step{ID: "M20", Where: "vManage", Do: "CSSM has fewer in use than vManage has licensed, as when devices were licensed after the last report or a report did not arrive: " +
			"synchronise the licences, wait a day (M21), export both portals again and run this once more", Path: syncPath, Rights: rightsToManage, Licenses: list})
	}
	if list := l.of(open); len(list) > 0 && len(l.doubts) == 0 || len(l.entries) == 0 {
		v.step(Step{Where: "here", Do: l.wanted(), Licenses: list})
	}
}

// tellAccount is how vManage's account is told, where its export names none.
func (l *ledger) tellAccount() string {
	if !slices.ContainsFunc(l.entries, func(e *entry) bool { return e.foreign != "" && e.V != nil && e.acct.virtual == "" }) {
		return ""
	}
	return ", and only that; vManage's export names no account, but CSSM's product instances with their accounts (--cssm-instances) show in which one SD-WAN Manager is"
}

// candidates are licences of CSSM that vManage does not list: some of them may be its own under another name.
func (l *ledger) candidates() string {
	var out []string
	for _, e := range l.entries {
		if l.lacks(e) && e.U != nil && !slices.Contains(out, e.Name) {
			out = append(out, e.Name)
		}
	}
	const most = 5
	if n := len(out) - most; n > 0 {
		out = append(out[:most], fmt.Sprintf("%d more", n))
	}
	if len(out) == 0 {
		return ""
	}
	return "; CSSM has what vManage does not list: " + strings.Join(out, ", ")
}

// nameless reports a licence of vManage that the inventory of CSSM does not list.
func (l *ledger) nameless(e *entry) bool {
	return len(l.Balances) > 0 && len(e.balances) == 0 && value(e.V) > 0 && e.U == nil && e.broken == "" && e.foreign == ""
}

// wanted names the inputs that would tell more.
func (l *ledger) wanted() string {
	var out []string
	for _, k := range []struct {
		missing bool
		say     string
	}{
		{len(l.VManage)+len(l.Assigned) == 0, "what vManage has licensed (--vmanage: License & Devices > Export)"},
		{len(l.Balances) == 0, "the licences of CSSM (--cssm: Inventory > Licenses > Export)"},
		{len(l.Data.Before) == 0, "an earlier export of vManage (--vmanage-before)"},
		{len(l.Instances) == 0, "the product instances of CSSM (--cssm-instances: Inventory > Product Instances > Export)"},
		{l.Assigned == nil, "vManage's devices with their licences (--vmanage-url)"},
		{l.Devices == nil, "a run over the devices (--runs)"},
		{l.Reports == nil, "vmanage-server.log (--log)"},
	} {
		if k.missing {
			out = append(out, k.say)
		}
	}
	if len(out) == 0 {
		return "every kind of input was given; compare the product instances in CSSM with the devices in vManage by hand, and ask Cisco Licensing (M25)"
	}
	return "give more: " + strings.Join(out, "; ")
}
