package iosxe

import (
	"net/netip"
	"strings"
	"time"

	"slpdoctor/internal/diag"
)

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

// Ping sends five echos to the licensing peer: one target for each device, found by Target.
var Ping = query("ping[ vrf {vrf}] {host} repeat 5 timeout 2[ source {interface}]", "reachability of the licensing peer",
	mostly(parsePing), entry(func(c *diag.Command) {
		c.Wave, c.Needs = 1, targetNeeds
		c.Total = 30 * time.Second
		c.Idle = c.Total // a lookup that nobody answers is silent for long
		c.Plan = func(f *diag.Facts) (string, diag.NotSent) {
			target, why := Target(f)
			if why.Reason != "" {
				return "", why
			}
			return fillLine(c, target, target.Host)
		}
	}))

func parsePing(t *text, p *PingResult) {
	sending := false
	for r := range t.open() {
		if problem, ok := pingProblem(r.text); ok {
			p.Problem = diag.Present(problem, t.use(r))
			continue
		}
		begin, rest, _ := strings.Cut(r.text, " ")
		switch {
		case begin == "Translating":
			p.translating(t, r)
		case begin == "Sending":
			sending = true
			p.sending(t, r)
		case begin == "Success":
			p.success(t, r)
		case strings.HasPrefix(rest, "sent with a source address of "):
			source := strings.TrimPrefix(rest, "sent with a source address of ")
			source, _, _ = strings.Cut(source, "%") // "1700::1%vpn-101" names the VRF too
			put(&p.Source, t, r, source, verbatim)
		case sending && !p.Sent.Known() && strings.Trim(r.text, "!.UQMB?&NCITHRA") == "":
			have, _ := p.Marks.Peek()
			p.Marks = diag.Present(have+r.text, t.use(r))
		}
	}
	t.drop("Type escape sequence", "Packet sent with the DF bit", "Reply data will be validated")
	if !p.Sent.Known() && !p.Problem.Known() {
		t.cut()
	}
}

func pingProblem(s string) (PingProblem, bool) {
	switch {
	case strings.HasPrefix(s, "% Unrecognized host or address"):
		return PingNoName, true
	case strings.HasPrefix(s, "% No valid route for destination"):
		return PingNoRoute, true
	case strings.HasPrefix(s, "% VRF ") && strings.HasSuffix(s, "does not exist"):
		return PingNoVRF, true
	case strings.HasPrefix(s, "% Invalid source"):
		return PingNoSource, true
	}
	return "", false
}

// translating reads `Translating "name"...domain server (192.0.2.53) [OK]`; the servers that were asked in
// vain stand before the one that answered, and without a lookup there is none.
func (p *PingResult) translating(t *text, r *row) {
	name, ok := between(r.text, "\"", "\"")
	if !ok {
		return
	}
	put(&p.Name, t, r, name, verbatim)
	if i := strings.LastIndexByte(r.text, '('); i >= 0 {
		server, _, _ := strings.Cut(r.text[i+1:], ")")
		put(&p.DomainServer, t, r, nameServers(server), verbatim)
	}
}

// sending reads "Sending 5, 100-byte ICMP Echos to 192.0.2.1, timeout is 2 seconds:".
func (p *PingResult) sending(t *text, r *row) {
	target, ok := between(r.text, " Echos to ", ",")
	if !ok {
		return
	}
	if _, err := netip.ParseAddr(target); err == nil {
		put(&p.Address, t, r, target, verbatim)
	} else if !p.Name.Known() {
		put(&p.Name, t, r, target, verbatim)
	}
	t.use(r)
}

// success reads "Success rate is 80 percent (4/5), round-trip min/avg/max = 1/2/10 ms".
func (p *PingResult) success(t *text, r *row) {
	counts, ok := between(r.text, " percent (", ")")
	received, sent, split := strings.Cut(counts, "/")
	n, okN := wholeInt(received)
	m, okM := wholeInt(sent)
	if !ok || !split || !okN || !okM {
		return
	}
	p.Received, p.Sent = diag.Present(n, t.use(r)), diag.Present(m, t.at(r))
	if times, ok := between(r.text, "min/avg/max = ", " ms"); ok {
		if parts := strings.Split(times, "/"); len(parts) == 3 {
			put(&p.AvgMs, t, r, parts[1], wholeInt)
		}
	}
}
