package diag

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status of a check on a device.
type Status string

// The statuses (product contract, section 4).
const (
	Pass          Status = "pass"
	Warn          Status = "warn"
	Fail          Status = "fail"
	Unknown       Status = "unknown"
	NotApplicable Status = "not-applicable"
)

// Severity of a verdict.
type Severity string

// The severities, most severe first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities lists the severities, most severe first.
var Severities = []Severity{Critical, High, Medium, Low, Info}

// Rank is the position in Severities: the smaller, the more severe. An unknown word ranks last.
func (s Severity) Rank() int {
	if i := slices.Index(Severities, s); i >= 0 {
		return i
	}
	return len(Severities)
}

// Check is one step of the guide: a plain value. Adding one touches the file of its group and its case
// file, nothing else.
type Check struct {
	ID       string // kebab-case, <group>-<what>
	Title    string // what holds when it passes: "Clock is synchronised"
	Why      string // why it matters, one sentence
	Severity Severity
	Applies  Family     // the topologies it is for
	Reads    []*Command // what must be collected for it
	Causes   []Edge     // the checks whose failure explains this one
	Seed     string     // where the rule comes from: knowledge section, seed lines
	// Outlasts keeps a failing verdict a finding even when another check explains it, because time runs
	// out whatever the cause.
	Outlasts bool
	// Judge looks at the facts and says what holds. It is called only for topologies of Applies.
	Judge func(*Exam) Verdict
	// Remedies are the fixes the check can recommend, with their placeholders, for explain.
	Remedies []Fix
}

// Edge is "Check explains this one", under a condition on derived facts if When is not nil.
type Edge struct {
	Check *Check
	When  func(*Facts) bool
}

// By makes unconditional edges.
func By(checks ...*Check) []Edge {
	out := make([]Edge, len(checks))
	for i, c := range checks {
		out[i] = Edge{Check: c}
	}
	return out
}

// ByWhen makes edges that hold only when the predicate does.
func ByWhen(when func(*Facts) bool, checks ...*Check) []Edge {
	out := By(checks...)
	for i := range out {
		out[i].When = when
	}
	return out
}

// Exam is one check looking at one device.
type Exam struct {
	*Facts
	check *Check
}

// giveUp ends an exam as unknown; Run recovers it.
type giveUp struct {
	reason Reason
	detail string
}

// Need returns the value of a field and whether it is present; false means that the device printed it
// as empty. When the field is absent the exam ends at once, as FailNow ends a test, with the verdict
// unknown and the reason of the absence.
func Need[T any](e *Exam, v Value[T]) (T, bool) {
	if !v.Known() {
		panic(giveUp{reason: v.Why()})
	}
	return v.Peek()
}

// Must is Need for a field that can not be empty: a command's whole answer, a counter. An empty one ends
// the exam as unknown too.
func Must[T any](e *Exam, v Value[T]) T {
	t, ok := Need(e, v)
	if !ok {
		panic(giveUp{reason: Absent})
	}
	return t
}

// GiveUp ends the exam as unknown with a reason and a phrase for people.
func (e *Exam) GiveUp(why Reason, detail string) { panic(giveUp{why, detail}) }

// Args are the typed arguments of a message: numbers, strings, lists of strings.
type Args map[string]any

// Verdict is what a check says of a device.
type Verdict struct {
	Status   Status
	Reason   Reason // of unknown; for not-applicable the word that names the rule
	Severity Severity
	ID       string // message id: <check id>.<what>
	Text     string // the English sentence, arguments filled in
	Args     Args
	Key      string // the shared object the verdict is about (URL, server, VRF, release), "" when none
	Evidence []Source
	Fixes    []Fix
}

func (e *Exam) verdict(s Status, sev Severity, what, text string, args []Args) Verdict {
	all := Args{}
	for _, a := range args {
		maps.Copy(all, a)
	}
	return Verdict{Status: s, Severity: sev, ID: e.check.ID + "." + what, Text: fill(text, all), Args: all}
}

// fill replaces {name} in an English sentence by the argument, in one pass: what a device printed is
// never looked into for names.
func fill(text string, args Args) string {
	if strings.IndexByte(text, '{') < 0 {
		return text
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		j := strings.IndexByte(text, '}')
		if i < 0 || j < i {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		switch v := args[text[i+1:j]].(type) {
		case nil:
			b.WriteString(text[i : j+1])
		case []string:
			b.WriteString(strings.Join(v, ", "))
		default:
			fmt.Fprint(&b, v)
		}
		text = text[j+1:]
	}
}

// Pass says that evidence shows the condition to be good. what names the message within the check,
// text is the sentence with {name} for arguments.
func (e *Exam) Pass(what, text string, args ...Args) Verdict {
	return e.verdict(Pass, e.check.Severity, what, text, args)
}

// Inform passes with severity info: the answer of a check that only informs.
func (e *Exam) Inform(what, text string, args ...Args) Verdict {
	return e.verdict(Pass, Info, what, text, args)
}

// Warn says that it works or may work, but is fragile or close to a deadline.
func (e *Exam) Warn(what, text string, args ...Args) Verdict {
	return e.verdict(Warn, e.check.Severity, what, text, args)
}

// Fail says that evidence shows a fault.
func (e *Exam) Fail(what, text string, args ...Args) Verdict {
	return e.verdict(Fail, e.check.Severity, what, text, args)
}

// Unknown says that the evidence is missing, and why.
func (e *Exam) Unknown(why Reason, what, text string, args ...Args) Verdict {
	v := e.verdict(Unknown, e.check.Severity, what, text, args)
	v.Reason = why
	return v
}

// NotApplicable says which rule takes the check out of play.
func (e *Exam) NotApplicable(what, text string, args ...Args) Verdict {
	v := e.verdict(NotApplicable, e.check.Severity, what, text, args)
	v.Reason = Reason(what)
	return v
}

// At adds evidence; zero sources are left out.
func (v Verdict) At(sources ...Source) Verdict {
	for _, s := range sources {
		if s.Command != "" {
			v.Evidence = append(v.Evidence, s)
		}
	}
	return v
}

// About names the shared object, so that devices with the same cause become one entry.
func (v Verdict) About(key string) Verdict { v.Key = key; return v }

// As gives the verdict another severity than the check's.
func (v Verdict) As(s Severity) Verdict { v.Severity = s; return v }

// Mend adds fixes.
func (v Verdict) Mend(fixes ...Fix) Verdict { v.Fixes = append(v.Fixes, fixes...); return v }

// noTopology is the message of a check of which nobody knows whether it applies.
const noTopology = "no-topology"

// Run examines a device with one check. An absent field ends as unknown, a panic of the check as
// unknown with reason internal: one defect never takes the run down.
func (c *Check) Run(f *Facts) (v Verdict) {
	e := &Exam{Facts: f, check: c}
	switch {
	case f.Topology.ID.Family()&c.Applies != 0:
	case f.Topology.ID == "":
		return e.Unknown(cmp.Or(f.NoTopology, Unparsed), noTopology, "how the device reports is not known, so neither is whether this applies")
	default:
		return e.NotApplicable("topology", "not for topology {topology}", Args{"topology": string(f.Topology.ID)})
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case giveUp:
			v = e.Unknown(r.reason, "unknown-"+string(r.reason), reasonText[r.reason])
			if r.detail != "" {
				v.Text = r.detail
			}
			v = v.At(c.unanswered(f, r.reason)...)
		default:
			v = e.Unknown(Internal, "internal", "the check {check} met a defect of this program: {panic}",
				Args{"check": c.ID, "panic": fmt.Sprint(r)})
		}
	}()
	return c.Judge(e)
}

// unanswered are the commands of the check that ended for this reason, as evidence.
func (c *Check) unanswered(f *Facts, why Reason) (at []Source) {
	for _, cmd := range c.Reads {
		if a, ok := f.Capture(cmd); ok && a.Outcome != OK && a.Outcome != NotRun && a.Why() == why {
			at = append(at, Source{Command: a.Line})
		}
	}
	return at
}

var reasonText = map[Reason]string{
	Refused:      "the device refused a command this needs",
	TimedOut:     "the device did not answer in time",
	Cut:          "the answer is incomplete",
	Unparsed:     "the answer has a shape this program does not know",
	NotCollected: "not collected",
	Absent:       "this release does not print it",
	Manual:       "cannot be seen over SSH",
	Blocked:      "could not be asked because something before it failed",
	Internal:     "a defect of this program",
}
