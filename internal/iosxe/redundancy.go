package iosxe

import "slpdoctor/internal/diag"

// Redundancy is the answer to `show redundancy states`.
type Redundancy struct {
	Mine diag.Value[string] `json:"my_state,omitzero"`   // "ACTIVE"
	Peer diag.Value[string] `json:"peer_state,omitzero"` // "STANDBY HOT", "DISABLED"
	Mode diag.Value[string] `json:"mode,omitzero"`       // "Simplex", "Duplex"
	Unit diag.Value[string] `json:"unit,omitzero"`       // "Primary"
}

// SwitchStack is the answer to `show switch`.
type SwitchStack struct {
	Members []SwitchMember `json:"members"`
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
var ShowRedundancy = query("show redundancy states", "redundancy of supervisors and stacks", parseRedundancy)

// ShowSwitch asks for the members of a stack.
var ShowSwitch = query("show switch", "members of a stack", parseSwitch)

func parseRedundancy(*text, *Redundancy) {}

func parseSwitch(*text, *SwitchStack) {}
