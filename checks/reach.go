package checks

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
)

// transportFaults are the checks of the transport's configuration: with a wrong one, what the network
// shows is to be looked at again after the correction (knowledge D4).
var transportFaults = slices.Concat(typeFault, diag.By(TransportLegacyPath, TransportURLVsType, TransportSmartURL,
	CallhomeService, CallhomeProfileActive, CallhomeReportingData, CallhomeTransportMethod, CallhomeDestination,
	TransportCallhomeURL, OnpremURL, CSLUURL, TransportProxy))

// sourceFault is the source interface where one was chosen or is expected; that none is set explains nothing.
var sourceFault = diag.ByWhen(func(f *diag.Facts) bool {
	_, set := exits.Of(f).name.Peek()
	return set || f.Device.Expect.SourceInterface != ""
}, HTTPClientSourceInterface)

// nameFaults are the checks of name resolution in the order of knowledge D6, pathFaults those of the way to
// the peer in the order of D7.
var (
	nameFaults = under(unresolved, diag.By(DNSLookup, DNSServer, DNSDomain, DNSVRF, DNSResolve, CSLUDNS))
	pathFaults = slices.Concat(diag.By(ReachInterface), sourceFault, diag.By(TransportVRF, ReachRoute))
)

// unresolved: nothing shows that the target's name became an address just now.
func unresolved(f *diag.Facts) bool {
	answer, ok := pinged(f)
	return !ok || !answer.Address.Known()
}

var (
	fixNoShutdown = saved(diag.Fix{
		Summary: "bring the interface up",
		Config:  []string{"interface <interface>", "no shutdown"},
		Verify:  []string{"show ip interface brief"},
		Affects: "the interface and what is reached through it",
	})
	fixInterface = diag.Fix{
		Summary: "find out why the interface is down",
		Verify:  []string{"show ip interface brief"},
		Manual:  []string{"check cable, optics and the port at the other end; for a virtual interface, that a member port is up"},
		Affects: "nothing: it only looks",
	}
	fixAddress = saved(diag.Fix{
		Summary: "give the interface an address",
		Config:  []string{"interface <interface>", "ip address <ip> <mask>"},
		Verify:  []string{"show ip interface brief"},
		Affects: "the interface and what is reached through it",
	})
	fixRoute = saved(diag.Fix{
		Summary: "add a route to the licensing server",
		Config:  []string{"ip route <prefix> <mask> <next-hop>"},
		Verify:  []string{"show ip route <ip>", "ping <host>"},
		Affects: "the routing table",
	})
	fixRouteVRF = saved(diag.Fix{
		Summary: "add a route to the licensing server in the VRF of the licensing traffic",
		Config:  []string{"ip route vrf <vrf> <prefix> <mask> <next-hop>"},
		Verify:  []string{"show ip route vrf <vrf> <ip>", "ping vrf <vrf> <host>"},
		Affects: "the routing table of the VRF",
	})
)

// ReachInterface asks whether traffic can leave at all.
var ReachInterface = &diag.Check{
	ID:       "reach-interface",
	Title:    "The source interface is up and has an address",
	Why:      "An interface that is down or has no address explains every other network fault.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(exitReads, []*diag.Command{&iosxe.ShowIPInterfaceBrief.Command}),
	Seed:     "knowledge B.10; S1:241-243",
	Judge:    judgeReachInterface,
	Remedies: []diag.Fix{fixNoShutdown, fixInterface, fixAddress},
}

func judgeReachInterface(e *diag.Exam) diag.Verdict {
	brief := iosxe.ShowIPInterfaceBrief.Of(e.Facts)
	all := diag.Must(e, brief)
	source := exits.Of(e.Facts).name
	if name, set := source.Peek(); set {
		if i, ok := all.Find(name); ok {
			return judgeInterface(e, i)
		}
	}
	for _, i := range all.Interfaces {
		if i.Up() && carries(i) {
			diag.Need(e, source)
			return e.Pass("some", "{interface} is up with the address {address}.", interfaceArgs(i)).At(i.At)
		}
	}
	for _, i := range all.Interfaces {
		if i.Status == "administratively down" && carries(i) {
			return e.Fail("all-down", "No interface with an address is up; {interface} is shut down.", interfaceArgs(i)).
				At(i.At, brief.Source()).About(i.Name + " " + i.Status).Mend(fixNoShutdown.With(interfaceParam(i.Name)))
		}
	}
	return e.Fail("none-up", "No interface is up with an address.").At(brief.Source()).Mend(fixInterface, fixAddress)
}

// carries reports an interface with an address that traffic to another host can leave by.
func carries(i iosxe.Interface) bool {
	_, has := i.Address.Peek()
	return has && !iosxe.SameInterface(i.Name, "Loopback"+digits(i.Name)) && !iosxe.SameInterface(i.Name, "Null"+digits(i.Name))
}

// digits is the number of an interface.
func digits(name string) string {
	i := 0
	for i < len(name) && (name[i] < '0' || name[i] > '9') {
		i++
	}
	return name[i:]
}

func judgeInterface(e *diag.Exam, i iosxe.Interface) diag.Verdict {
	args, param := interfaceArgs(i), interfaceParam(i.Name)
	_, addressed := diag.Need(e, i.Address)
	switch {
	case i.Status == "administratively down":
		return e.Fail("shutdown", "Source interface {interface} is shut down.", args).At(i.At).About(i.Name + " " + i.Status).Mend(fixNoShutdown.With(param))
	case !i.Up():
		return e.Fail("down", "Source interface {interface} is down.", args).At(i.At).About(i.Name + " " + i.Status).Mend(fixInterface)
	case !addressed:
		return e.Fail("unassigned", "Source interface {interface} has no address.", args).At(i.At).About(i.Name + " unassigned").Mend(fixAddress.With(param))
	}
	if line, ok := oddMask(e.Facts, i); ok {
		return e.Warn("mask", "Source interface {interface} is up, but its address does not fit its mask: {line}.", args, diag.Args{"line": line.Text}).
			At(i.At, line).About(i.Name).Mend(fixAddress.With(param))
	}
	return e.Pass("up", "Source interface {interface} is up with the address {address}.", args).At(i.At)
}

// oddMask is the address line of an interface whose address is that of its own subnet or the broadcast, or
// whose mask leaves no room for a neighbour (S1:243). Only a whole configuration has the line.
func oddMask(f *diag.Facts, i iosxe.Interface) (diag.Source, bool) {
	config, _ := iosxe.RunningServices.Partial(f)
	if config == nil {
		return diag.Source{}, false
	}
	for _, section := range config.Lines("interface") {
		if !iosxe.SameInterface(section.After("interface"), i.Name) {
			continue
		}
		line, _ := section.First("ip address")
		words := strings.Fields(line.After("ip address"))
		if len(words) < 2 {
			return diag.Source{}, false
		}
		address, err := netip.ParseAddr(words[0])
		mask, err2 := netip.ParseAddr(words[1])
		if err != nil || err2 != nil || !address.Is4() || !mask.Is4() {
			return diag.Source{}, false
		}
		host := binary.BigEndian.Uint32(address.AsSlice()) &^ binary.BigEndian.Uint32(mask.AsSlice())
		room := ^binary.BigEndian.Uint32(mask.AsSlice())
		return line.At, room == 0 && carries(i) || room > 1 && (host == 0 || host == room)
	}
	return diag.Source{}, false
}

func interfaceArgs(i iosxe.Interface) diag.Args {
	address, _ := i.Address.Peek()
	return diag.Args{"interface": i.Name, "address": address, "status": i.Status}
}

// ReachRoute asks for a route to the peer.
var ReachRoute = &diag.Check{
	ID:       "reach-route",
	Title:    "There is a route to the licensing server",
	Why:      "Without a route no packet leaves.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command, &iosxe.ShowIPRoute.Command, &iosxe.ShowIPDefaultRoute.Command}),
	Causes:   slices.Concat(diag.By(ReachInterface), sourceFault, diag.By(TransportVRF), transportFaults),
	Seed:     "knowledge B.10; S1:249",
	Judge:    judgeReachRoute,
	Remedies: []diag.Fix{fixRoute, fixRouteVRF, fixGateway, fixInstall},
}

func judgeReachRoute(e *diag.Exam) diag.Verdict {
	t := reachable(e)
	vrf, _ := exits.Of(e.Facts).vrf.Peek()
	args := diag.Args{"host": t.host, "vrf": vrf}
	fix := inVRF(vrf, fixRoute, fixRouteVRF).With(hostParam(t.host), vrfParam(vrf))
	if answer, ok := pinged(e.Facts); ok {
		if problem, _ := answer.Problem.Peek(); problem == iosxe.PingNoRoute {
			return e.Fail("no-valid-route", "The device has no route to {host}.", args).At(answer.Problem.Source()).About(inTable(vrf, t.host)).Mend(fix)
		}
		if n, _ := answer.Received.Peek(); n > 0 {
			return e.Pass("proven", "{host} answers, so there is a route to it.", args).At(answer.Received.Source()).About(t.host)
		}
	}
	return judgeTable(e, t, vrf, args, fix)
}

// judgeTable judges by the routing table: the route to the target, else the default route.
func judgeTable(e *diag.Exam, t target, vrf string, args diag.Args, fix diag.Fix) diag.Verdict {
	own, fallback := iosxe.ShowIPRoute.Of(e.Facts), iosxe.ShowIPDefaultRoute.Of(e.Facts)
	if answer, _ := pinged(e.Facts); answer != nil {
		if a, _ := answer.Address.Peek(); strings.Contains(t.host+a, ":") {
			e.GiveUp(own.Why(), "") // the routing table of IPv6 is not asked for
		}
	}
	at := []diag.Source{}
	for _, v := range []diag.Value[*iosxe.Route]{own, fallback} {
		r, ok := v.Peek()
		if !ok {
			continue
		}
		if found, _ := r.Found.Peek(); found {
			args["prefix"], _ = r.Prefix.Peek()
			return e.Pass("found", "{host} is reached by the route {prefix}.", args).At(r.Found.Source(), r.Prefix.Source()).About(t.host)
		}
		if gone, _ := r.NoVRF.Peek(); gone {
			return e.Fail("no-vrf", "VRF {vrf} does not exist.", args).At(r.NoVRF.Source()).About(vrf)
		}
		if gateway, set := r.Gateway.Peek(); set {
			args["gateway"] = gateway
			return e.Pass("gateway", "The device does not route and sends to its default gateway {gateway}.", args).At(r.Gateway.Source())
		}
		if r.Gateway.IsNone() {
			return e.Fail("no-gateway", "The device does not route and has no default gateway.", args).At(r.Gateway.Source()).Mend(fixGateway)
		}
		diag.Must(e, r.Found)
		at = append(at, r.Found.Source())
	}
	gateway, ignored := idleGateway(e.Facts)
	if len(at) < 2 { // one answer alone does not exclude the other route
		if ignored {
			return e.Warn("gateway-ignored", "ip default-gateway is set, but the device routes and ignores it; no default route is configured.", args).
				At(gateway).About(t.host).Mend(fix)
		}
		why := own.Why()
		if why == "" {
			why = fallback.Why()
		}
		e.GiveUp(why, "")
	}
	if line, ok := staticDefault(e.Facts, vrf); ok {
		return e.Fail("not-installed", "The device has no route to {host}: its default route is configured, but is not in the routing table.", args).
			At(append(at, line)...).About(inTable(vrf, t.host+" 0.0.0.0/0")).Mend(fixInstall)
	}
	return e.Fail("none", "The device has no route to {host}, and no default route.", args).At(append(at, gateway)...).About(inTable(vrf, t.host)).Mend(fix)
}

// fixInstall finds out what keeps a static route out of the table.
var fixInstall = diag.Fix{
	Summary: "make the next hop of the default route reachable",
	Verify:  []string{"show ip interface brief"},
	Manual:  []string{"a static route is in the table only while the interface to its next hop is up: look at that interface, and at the address of the next hop"},
	Affects: "the routing table",
}

var fixGateway = saved(diag.Fix{
	Summary: "set the default gateway of a device that does not route",
	Config:  []string{"ip default-gateway <gateway-ip>"},
	Verify:  []string{"ping <host>"},
	Affects: "all traffic of the device itself",
})

// idleGateway is a default gateway that has no effect, because the device routes and has no default route.
func idleGateway(f *diag.Facts) (diag.Source, bool) {
	c, ok := iosxe.RunningServices.Of(f).Peek()
	if !ok || c.Has("no ip routing") {
		return diag.Source{}, false
	}
	line, set := c.First("ip default-gateway")
	_, routed := staticDefault(f, "")
	return line.At, set && !routed
}

// staticDefault is the configured default route of a VRF.
func staticDefault(f *diag.Facts, vrf string) (diag.Source, bool) {
	c, _ := iosxe.RunningServices.Partial(f)
	if c == nil {
		return diag.Source{}, false
	}
	for _, l := range c.Lines("ip route") {
		in, words := cutVRF(l.After("ip route"))
		if in == vrf && len(words) > 2 && words[0] == "0.0.0.0" && words[1] == "0.0.0.0" {
			return l.At, true
		}
	}
	return diag.Source{}, false
}
