package iosxe

import "slpdoctor/internal/diag"

// PingProblem is why a device could not even send.
type PingProblem string

// The problems; each is a line that the device prints instead of a success rate.
const (
	PingNoName   PingProblem = "name-not-resolved" // % Unrecognized host or address, or protocol not running.
	PingNoRoute  PingProblem = "no-route"          // % No valid route for destination
	PingNoVRF    PingProblem = "no-vrf"            // % VRF ... does not exist
	PingNoSource PingProblem = "invalid-source"    // % Invalid source ...
)

// PingResult is the answer to `ping`.
type PingResult struct {
	// Name is the name the device looked up: of the "Translating" line, or of "Sending" when it printed a
	// name there.
	Name diag.Value[string] `json:"name,omitzero"`
	// DomainServer is the name server that was asked; none when the device printed that there is none to
	// ask (255.255.255.255 is its word for that).
	DomainServer diag.Value[string] `json:"domain_server,omitzero"`
	// Address is what was pinged, printed even when no echo came back: the name resolved.
	Address  diag.Value[string]      `json:"address,omitzero"`
	Source   diag.Value[string]      `json:"source,omitzero"` // "Packet sent with a source address of"
	Marks    diag.Value[string]      `json:"marks,omitzero"`  // "!!.U!"
	Sent     diag.Value[int]         `json:"sent,omitzero"`
	Received diag.Value[int]         `json:"received,omitzero"`
	AvgMs    diag.Value[int]         `json:"avg_ms,omitzero"` // absent at 0 percent
	Problem  diag.Value[PingProblem] `json:"problem,omitzero"`
}

// Ping sends five echos to the licensing peer.
var Ping = query("ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]", "reachability of the licensing peer", parsePing)

func parsePing(*text, *PingResult) {}
