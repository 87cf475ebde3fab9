package iosxe

import (
	"strconv"
	"strings"

	"slpdoctor/internal/diag"
)

// Redundancy is the answer to `show redundancy states`.
type Redundancy struct {
	Mine diag.Value[string] `json:"my_state,omitzero"`   // "ACTIVE"
	Peer diag.Value[string] `json:"peer_state,omitzero"` // "STANDBY HOT", "DISABLED"
	Mode diag.Value[string] `json:"mode,omitzero"`       // "Simplex", "Duplex"
	Unit diag.Value[string] `json:"unit,omitzero"`       // "Primary"
}

// SwitchStack is the answer to `show switch`.
type SwitchStack struct {
	Members []SwitchMember `json:"members,omitempty"`
}

// SwitchMember is one member of a stack.
type SwitchMember struct {
	At     diag.Source `json:"-"`
	Number int         `json:"number"`
	This   bool        `json:"this"`  // marked "*": the session runs on it
	Role   string      `json:"role"`  // "Active", "Standby", "Member"
	State  string      `json:"state"` // "Ready", "Removed", "Provisioned", "V-Mismatch", ...
}

// ShowRedundancy asks for the redundancy state.
var ShowRedundancy = query("show redundancy states", "redundancy of supervisors and stacks", mostly(parseRedundancy))

// ShowSwitch asks for the members of a stack.
var ShowSwitch = query("show switch", "members of a stack", mostly(parseSwitch))

func parseRedundancy(t *text, v *Redundancy) {
	for r := range t.open() {
		label, value, _ := strings.Cut(r.text, "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(label) {
		case "my state":
			put(&v.Mine, t, r, stateName(value), verbatim)
		case "peer state":
			put(&v.Peer, t, r, stateName(value), verbatim)
		case "Mode":
			put(&v.Mode, t, r, value, verbatim)
		case "Unit":
			put(&v.Unit, t, r, value, verbatim)
		}
	}
	t.drop("Unit ID", "Redundancy Mode", "Redundancy State", "Maintenance Mode", "Manual Swact", "Communications",
		"client count", "client_notification_TMR", "RF debug mask", "keep_alive", "Split Mode", "Primary Slot")
}

// stateName is the word of "13 -ACTIVE".
func stateName(s string) string {
	if _, name, ok := strings.Cut(s, "-"); ok {
		return name
	}
	return s
}

func parseSwitch(t *text, s *SwitchStack) {
	for r := range t.open() {
		cells := strings.Fields(r.text)
		if len(cells) < 5 {
			continue
		}
		number, err := strconv.Atoi(strings.TrimPrefix(cells[0], "*"))
		if err != nil || strings.Count(cells[2], ".") != 2 {
			continue
		}
		version, state := "", cells[4:]
		if v := strings.TrimPrefix(state[0], "V"); len(state) > 1 && strings.Trim(v, "0123456789") == "" {
			version, state = state[0], state[1:]
		}
		status := strings.Join(state, " ")
		at := t.table(r, []string{"Switch#", "Role", "Mac Address", "Priority", "Version", "State"},
			cells[0], cells[1], cells[2], cells[3], version, status)
		s.Members = append(s.Members, SwitchMember{At: at, Number: number, This: cells[0][0] == '*', Role: cells[1], State: status})
	}
	t.drop("Switch/Stack Mac Address", "Mac persistency wait time", "H/W ", "Switch#")
}
