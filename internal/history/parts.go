package history

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// partKind is one thing about a device whose changes are kept. Take moves its value out of a device, leaving what moves
// by itself behind; give puts it back.
type partKind struct {
	name string
	seen bool // only a device that answered tells it
	take func(*diag.DeviceResult) any
	give func(*diag.DeviceResult, []byte) error
}

// parts are those of every device; its checks come on top, as "check:ID".
var parts = []partKind{
	whole("name", false, func(d *diag.DeviceResult) *string { return &d.Name }),
	whole("address", false, func(d *diag.DeviceResult) *string { return &d.Address }),
	whole("tags", false, func(d *diag.DeviceResult) *map[string]string { return &d.Tags }),
	whole("groups", false, func(d *diag.DeviceResult) *[]string { return &d.Groups }),
	{"state", false, takeState, giveState},
	{"udi", true, takeUnit, giveUnit},
	{"platform", true, takePlatform, givePlatform},
	whole("topology", true, func(d *diag.DeviceResult) **diag.Topology { return &d.Topology }),
	whole("traits", true, func(d *diag.DeviceResult) *map[string]string { return &d.Traits }),
	{"holdings", true, takeHoldings, giveHoldings},
	{"deadline", true, takeDeadline, giveDeadline},
}

// whole is a part that is a field.
func whole[T any](name string, seen bool, field func(*diag.DeviceResult) *T) partKind {
	return partKind{name, seen,
		func(d *diag.DeviceResult) any {
			var zero T
			v := *field(d)
			*field(d) = zero
			return v
		},
		func(d *diag.DeviceResult, body []byte) error { return json.Unmarshal(body, field(d)) }}
}

// condition is the value of the part state.
type condition struct {
	State diag.State `json:"state"`
	Class string     `json:"class"`
}

func takeState(d *diag.DeviceResult) any {
	c := condition{State: d.State}
	d.State = ""
	if d.Error != nil {
		rest := *d.Error
		c.Class, rest.Class = rest.Class, ""
		d.Error = &rest
	}
	return c
}

func giveState(d *diag.DeviceResult, body []byte) error {
	var c condition
	err := json.Unmarshal(body, &c)
	d.State = c.State
	if d.Error != nil {
		d.Error.Class = c.Class
	}
	return err
}

// unit is the value of the part udi: a device that was replaced has another one.
type unit struct {
	PID    string `json:"pid"`
	Serial string `json:"serial"`
}

func unitOf(d *diag.DeviceResult) unit {
	if d.Platform == nil {
		return unit{}
	}
	return unit{d.Platform.PID, d.Platform.Serial}
}

func takeUnit(d *diag.DeviceResult) any {
	u := unitOf(d)
	if d.Platform != nil {
		rest := *d.Platform
		rest.PID, rest.Serial = "", ""
		d.Platform = &rest
	}
	return u
}

func giveUnit(d *diag.DeviceResult, body []byte) error {
	var u unit
	err := json.Unmarshal(body, &u)
	if u != (unit{}) {
		d.Platform = &diag.Platform{PID: u.PID, Serial: u.Serial}
	}
	return err
}

func takePlatform(d *diag.DeviceResult) any {
	p := d.Platform
	d.Platform = nil
	return p
}

func givePlatform(d *diag.DeviceResult, body []byte) error {
	var u unit
	if d.Platform != nil {
		u = unitOf(d)
	}
	err := json.Unmarshal(body, &d.Platform)
	if d.Platform != nil {
		d.Platform.PID, d.Platform.Serial = u.PID, u.Serial
	}
	return err
}

func takeHoldings(d *diag.DeviceResult) any {
	if d.Facts == nil {
		return nil
	}
	h := *d.Facts
	d.Facts = &diag.Holdings{Clock: h.Clock, LastACK: h.LastACK}
	h.Clock, h.LastACK = nil, nil
	return h
}

func giveHoldings(d *diag.DeviceResult, body []byte) error {
	var rest diag.Holdings
	if d.Facts != nil {
		rest = *d.Facts
	}
	err := json.Unmarshal(body, &d.Facts)
	if d.Facts != nil {
		d.Facts.Clock, d.Facts.LastACK = rest.Clock, rest.LastACK
	}
	return err
}

// takeDeadline takes whether a deadline is due or passed: when it is moves with every acknowledgement.
func takeDeadline(d *diag.DeviceResult) any {
	if d.Deadline == nil {
		return nil
	}
	rest := *d.Deadline
	rest.State = ""
	state := d.Deadline.State
	d.Deadline = &rest
	return state
}

func giveDeadline(d *diag.DeviceResult, body []byte) error {
	var state *string
	err := json.Unmarshal(body, &state)
	switch {
	case state == nil:
		d.Deadline = nil
	case d.Deadline == nil:
		d.Deadline = &diag.Deadline{State: *state}
	default:
		d.Deadline.State = *state
	}
	return err
}

// checkPart is the part of a check.
const checkPart = "check:"

// verdict is the value of the part of a check.
type verdict struct {
	Status   diag.Status   `json:"status"`
	Reason   *diag.Reason  `json:"reason"`
	Severity diag.Severity `json:"severity"`
	Key      string        `json:"key"`
	CausedBy *string       `json:"caused_by"`
	Waived   *string       `json:"waived"`
}

// wording is how a verdict was put into words: counters in it move by themselves.
type wording struct {
	Summary string       `json:"summary"`
	Message diag.Message `json:"message"`
	Waiver  *diag.Waiver `json:"waiver,omitempty"`
}

func verdictOf(r *diag.Result) (verdict, wording) {
	return verdict{r.Status, r.Reason, r.Severity, r.Key, r.CausedBy, r.Waived}, wording{r.Summary, r.Message, r.Waiver}
}

func (v verdict) result(check string, w wording) diag.Result {
	return diag.Result{Check: check, Status: v.Status, Reason: v.Reason, Severity: v.Severity, Key: v.Key, CausedBy: v.CausedBy,
		Waived: v.Waived, Summary: w.Summary, Message: w.Message, Waiver: w.Waiver}
}

// Ranks of a value: how much it is worth telling.
const (
	fine = iota
	unknown
	warning
	fault
)

func rankOf(r *diag.Result) int {
	switch r.Status {
	case diag.Unknown:
		return unknown
	case diag.Warn:
		return warning
	case diag.Fail:
		return fault
	}
	return fine
}

// piece is a part of a device with its value, ready to be kept.
type piece struct {
	part    string
	rank    int
	value   detail
	summary detail // hash 0: none
}

// detail is a text that is kept once, as JSON, however many spans have it.
type detail struct {
	hash  int64
	value any
}

// named names a value by 63 bits of the SHA-256 of what makes it: among a million values two are the same by chance
// once in ten million histories.
func named(value any, of []byte) detail {
	sum := sha256.Sum256(of)
	return detail{int64(binary.BigEndian.Uint64(sum[:8]) >> 1), value}
}

func detailOf(value any) (detail, error) {
	body, err := json.Marshal(value)
	return named(value, body), err
}

// field adds a text to what makes a value; nil is another one than "".
func field(b []byte, text *string) []byte {
	if text == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(*text))+1)
	return append(b, *text...)
}

// detail of a verdict: a fleet has a million of them every night, so they are not made JSON to be compared.
func (v verdict) detail() detail {
	b := field(nil, (*string)(&v.Status))
	b = field(b, (*string)(v.Reason))
	b = field(b, (*string)(&v.Severity))
	b = field(b, &v.Key)
	b = field(b, v.CausedBy)
	return named(v, field(b, v.Waived))
}

func (w wording) detail() (detail, error) {
	b := field(field(nil, &w.Summary), &w.Message.ID)
	if len(w.Message.Args) > 0 || w.Waiver != nil {
		more, err := json.Marshal([]any{w.Message.Args, w.Waiver})
		if err != nil {
			return detail{}, err
		}
		b = append(b, more...)
	} else if w.Message.Args != nil {
		b = append(b, 1)
	}
	return named(w, b), nil
}

// moving is what is kept of the last run only: the rest of a device when its parts are taken out, and the wording of
// verdicts where it is no longer that of their beginning.
type moving struct {
	Device  diag.DeviceResult  `json:"device"`
	Wording map[string]wording `json:"wording,omitempty"` // by check
}

// split takes a device into pieces and leaves the rest.
func split(d diag.DeviceResult) (pieces []piece, rest diag.DeviceResult, err error) {
	seen := d.State.Answered()
	results := d.Results
	d.Commands = nil
	if seen {
		d.Results = nil
	} else {
		d.Results = slim(results)
	}
	for _, p := range parts {
		if p.seen && !seen {
			continue
		}
		rank := fine
		if p.name == "state" && d.State != diag.Examined {
			rank = unknown
		}
		v, err := detailOf(p.take(&d))
		if err != nil {
			return nil, d, err
		}
		pieces = append(pieces, piece{part: p.name, rank: rank, value: v})
	}
	if !seen {
		return pieces, d, nil
	}
	for i := range results {
		v, w := verdictOf(&results[i])
		summary, err := w.detail()
		if err != nil {
			return nil, d, err
		}
		pieces = append(pieces, piece{checkPart + results[i].Check, rankOf(&results[i]), v.detail(), summary})
	}
	return pieces, d, nil
}

// slim are results without what only the report of a run shows.
func slim(results []diag.Result) []diag.Result {
	out := slices.Clone(results)
	for i := range out {
		out[i].Evidence, out[i].Fixes = nil, nil
	}
	return out
}

// words is a value for people, as a comparison words it.
func words(part string, body []byte) string {
	switch {
	case strings.HasPrefix(part, checkPart):
		var v verdict
		if json.Unmarshal(body, &v) != nil {
			return string(body)
		}
		return v.result("", wording{}).Words()
	case part == "state":
		var c condition
		if json.Unmarshal(body, &c) != nil {
			return string(body)
		}
		return c.State.Words(&diag.Fault{Class: c.Class})
	case part == "udi":
		var u unit
		if json.Unmarshal(body, &u) != nil {
			return string(body)
		}
		return (&diag.Platform{PID: u.PID, Serial: u.Serial}).UDI()
	}
	var v any
	if json.Unmarshal(body, &v) != nil {
		return string(body)
	}
	return strings.Join(leaves("", v), ", ")
}

// leaves are the values of a JSON document, each behind its name. What is empty is left out.
func leaves(name string, v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case map[string]any:
		var out []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, leaves(strings.TrimSpace(name+" "+key), v[key])...)
		}
		return out
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, leaves(name, e)...)
		}
		return out
	}
	text := fmt.Sprint(v)
	switch {
	case text == "":
		return nil
	case name == "":
		return []string{text}
	}
	return []string{name + " " + text}
}
