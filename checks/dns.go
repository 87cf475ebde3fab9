package checks

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/iosxe"
	"slpdoctor/internal/message"
)

// cloudHosts are Cisco's servers; their addresses change, so a static entry for them grows stale
// (knowledge A.6).
var cloudHosts = []string{"smartreceiver.cisco.com", "tools.cisco.com"}

// nameReads is what shows the target and how its name is resolved.
var nameReads = slices.Concat(targetReads, []*diag.Command{&iosxe.RunningNames.Command, &iosxe.ShowHosts.Command, &iosxe.ShowIPDNSView.Command})

var (
	fixNameServer = saved(diag.Fix{
		Summary: "configure a name server",
		Config:  []string{"ip name-server <dns-ip>"},
		Verify:  []string{"show hosts", "ping <host>"},
		Affects: "name resolution of the device",
	})
	fixNameServerVRF = saved(diag.Fix{
		Summary: "configure a name server in the VRF of the licensing traffic",
		Config:  []string{"ip name-server vrf <vrf> <dns-ip>"},
		Verify:  []string{"show ip dns view", "ping vrf <vrf> <host>"},
		Affects: "name resolution in the VRF",
	})
	fixLookup = saved(diag.Fix{
		Summary: "enable name lookup",
		Config:  []string{"ip domain lookup"},
		Verify:  []string{"show hosts", "ping <host>"},
		Affects: "name resolution of the device; a mistyped command is looked up as a host name again",
	})
	fixLookupVRF = saved(diag.Fix{
		Summary: "enable name lookup in the VRF of the licensing traffic",
		Config:  []string{"ip domain lookup vrf <vrf>"},
		Verify:  []string{"show ip dns view", "ping vrf <vrf> <host>"},
		Affects: "name resolution in the VRF",
	})
	fixDomain = saved(diag.Fix{
		Summary: "set the domain in which cslu-local is looked up",
		Config:  []string{"ip domain name <domain>"},
		Verify:  []string{"ping cslu-local"},
		Manual:  []string{"DNS server: add an A record cslu-local.<domain> with the address of the CSLU host"},
		Affects: "names without a domain are completed with it",
	})
	fixStaticHost = saved(diag.Fix{
		Summary: "remove the static address of a Cisco server",
		Config:  []string{"no ip host <host> <ip>"},
		Verify:  []string{"ping <host>"},
		Affects: "the name is resolved by DNS again",
	})
	fixStaticHostVRF = saved(diag.Fix{
		Summary: fixStaticHost.Summary,
		Config:  []string{"no ip host vrf <vrf> <host> <ip>"},
		Verify:  []string{"ping vrf <vrf> <host>"},
		Affects: fixStaticHost.Affects,
	})
	fixResolve = diag.Fix{
		Summary: "find out why the name is not resolved",
		Verify:  []string{"ping <host>"},
		Manual: []string{
			"ask the configured name server for the name from a workstation: does it answer, and does it forward public names?",
			"check that UDP and TCP port 53 are open between the device and the name server",
			"look for a route to the name server with show ip route and its address; without one, add it or the default route",
		},
		Affects: "nothing: it only looks",
	}
)

// DNSLookup finds the lookup that a hardening template has switched off.
var DNSLookup = &diag.Check{
	ID:       "dns-lookup",
	Title:    "Name lookup is enabled",
	Why:      "Hardening templates often disable lookup; then no name is ever asked for.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads),
	Causes:   under(noTarget, transportFaults),
	Seed:     "knowledge B.9",
	Judge:    judgeDNSLookup,
	Remedies: []diag.Fix{fixLookup, fixLookupVRF, fixNameServer, fixNameServerVRF},
}

func judgeDNSLookup(e *diag.Exam) diag.Verdict {
	t, skip := namedTarget(e)
	if skip != nil {
		return *skip
	}
	table := resolvingTable(e)
	r := resolvers.Of(e.Facts)
	enabled := r.enabled(table)
	on := diag.Must(e, enabled)
	fixes := []diag.Fix{inVRF(table, fixLookup, fixLookupVRF).With(hostParam(t.host), vrfParam(table))}
	if r.config.Known() && len(r.servers) == 0 {
		fixes = append(fixes, nameServerFix(e, table, t.host))
	}
	args := diag.Args{"host": t.host, "vrf": table}
	if static, ok := r.static(t.host, table); ok && !on {
		return e.Warn("static", "Name lookup is disabled. {host} has a static entry, every other name fails.", args).
			At(enabled.Source(), static.at).Mend(fixes...)
	}
	switch {
	case !on && table == "":
		return e.Fail("off", "Name lookup is disabled, so {host} is never resolved.", args).At(enabled.Source()).Mend(fixes...)
	case !on:
		return e.Fail("off-vrf", "Name lookup is disabled in VRF {vrf}, so {host} is never resolved.", args).
			At(enabled.Source()).About(table).Mend(fixes...)
	}
	global := r.enabled("")
	if on, known := global.Peek(); table != "" && known && !on {
		return e.Warn("off-global", "Name lookup is disabled in the global table; whether VRF {vrf} still looks up names depends on the release.", args).
			At(global.Source()).About(table).Mend(fixes...)
	}
	return e.Pass("on", "Name lookup is enabled.").At(enabled.Source())
}

// DNSServer wants a name server to ask.
var DNSServer = &diag.Check{
	ID:       "dns-server",
	Title:    "A name server is configured",
	Why:      "Without a name server the licensing host is not resolved.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads),
	Causes:   slices.Concat(diag.By(DNSLookup), under(noTarget, transportFaults)),
	Seed:     "knowledge B.9; S1:243,261-268",
	Judge:    judgeDNSServer,
	Remedies: []diag.Fix{fixNameServer, fixNameServerVRF},
}

func judgeDNSServer(e *diag.Exam) diag.Verdict {
	t, skip := namedTarget(e)
	if skip != nil {
		return *skip
	}
	r := resolvers.Of(e.Facts)
	table, _ := exits.Of(e.Facts).vrf.Peek() // words the fix; without it the global form stands
	fix := nameServerFix(e, table, t.host)
	if len(r.servers) > 0 {
		return judgeNameServers(e, r, fix)
	}
	if why := r.gap("", printsServers); why != "" {
		e.GiveUp(why, "")
	}
	args := diag.Args{"host": t.host}
	if static, ok := r.static(t.host, table); ok {
		return e.Warn("static", "No name server is configured; only the static entry for {host} stands in.", args).
			At(static.at).At(r.answers()...).Mend(fix)
	}
	return e.Fail("none", "No name server is configured, but licensing goes to the name {host}.", args).
		At(t.at).At(r.answers()...).About(inTable(table, strings.Join(e.Device.Expect.NameServers, ","))).Mend(fix)
}

// judgeNameServers compares the name servers with those the inventory expects.
func judgeNameServers(e *diag.Exam, r resolver, fix diag.Fix) diag.Verdict {
	var have, missing []string
	var at []diag.Source
	for _, s := range r.servers {
		if have = append(have, s.text); !slices.Contains(at, s.at) {
			at = append(at, s.at)
		}
	}
	for _, want := range e.Device.Expect.NameServers {
		if !slices.Contains(have, want) {
			missing = append(missing, want)
		}
	}
	args := diag.Args{"servers": have, "missing": missing}
	if len(missing) > 0 && !r.config.Known() && !r.views.Known() {
		e.GiveUp(r.config.Why(), "") // it may stand where the answer was cut, or in a VRF
	}
	switch {
	case len(missing) == 0:
		return e.Pass("set", "Names are resolved by {servers}.", args).At(at...)
	case len(missing) == len(e.Device.Expect.NameServers):
		return e.Fail("other", "Names are resolved by {servers}; the inventory expects {missing}.", args).
			At(at...).About(strings.Join(missing, ",")).Mend(fix)
	}
	return e.Warn("some", "The inventory also expects the name server {missing}, which is not configured.", args).
		At(at...).About(strings.Join(missing, ",")).Mend(fix)
}

// DNSDomain matters where the device completes a bare name.
var DNSDomain = &diag.Check{
	ID:       "dns-domain",
	Title:    "A domain name is set",
	Why:      "Zero-touch discovery looks up cslu-local in the device's own domain.",
	Severity: diag.Medium,
	Applies:  diag.CP,
	Reads:    slices.Concat(nameReads, exitReads),
	Causes:   slices.Concat(diag.By(DNSLookup, DNSServer), transportFaults),
	Seed:     "knowledge B.9; S1:261-267",
	Judge:    judgeDNSDomain,
	Remedies: []diag.Fix{fixDomain},
}

func judgeDNSDomain(e *diag.Exam) diag.Verdict {
	t, skip := namedTarget(e)
	if skip != nil {
		return *skip
	}
	if t.host != csluName {
		return e.NotApplicable("full-name", "{host} is asked for as it is, without a domain.", diag.Args{"host": t.host})
	}
	r, table := resolvers.Of(e.Facts), resolvingTable(e)
	if _, ok := r.static(csluName, table); ok {
		return e.NotApplicable("static", "cslu-local has a static entry and needs no domain.")
	}
	for _, d := range r.domains {
		if d.vrf == table {
			return e.Pass("set", "cslu-local is looked up in {domain}.", diag.Args{"domain": d.text}).At(d.at)
		}
	}
	if why := r.gap(table, printsDomain); why != "" {
		e.GiveUp(why, "")
	}
	return e.Fail("none", "No domain name is set, so cslu-local is not completed to a name that DNS knows.").
		At(r.answers()...).Mend(fixDomain)
}

// DNSVRF wants the name servers in the table the traffic uses.
var DNSVRF = &diag.Check{
	ID:       "dns-vrf",
	Title:    "Name servers are in the VRF of the licensing traffic",
	Why:      "A name server of another table is never asked.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command}),
	Causes:   slices.Concat(diag.By(DNSLookup, DNSServer, TransportVRF), under(noTarget, transportFaults)),
	Seed:     "knowledge B.9",
	Judge:    judgeDNSVRF,
	Remedies: []diag.Fix{fixNameServerVRF, fixNameServer},
}

func judgeDNSVRF(e *diag.Exam) diag.Verdict {
	t, skip := namedTarget(e)
	if skip != nil {
		return *skip
	}
	traffic := exits.Of(e.Facts).vrf
	vrf, set := diag.Need(e, traffic)
	if !set {
		return e.NotApplicable("global", "Licensing traffic uses the global table.")
	}
	r, table := resolvers.Of(e.Facts), resolvingTable(e)
	args := diag.Args{"host": t.host, "vrf": vrf}
	if servers := r.in(table); len(servers) > 0 {
		args["server"] = servers[0].text
		return e.Pass("served", "{server} resolves names for the licensing traffic of VRF {vrf}.", args).At(servers[0].at)
	}
	if static, ok := r.static(t.host, table); ok {
		return e.Pass("static", "{host} has a static entry for the licensing traffic of VRF {vrf}.", args).At(static.at)
	}
	if why := r.gap(table, printsServers); why != "" {
		e.GiveUp(why, "")
	}
	fix := nameServerFix(e, table, t.host)
	if answer, ok := pinged(e.Facts); ok && answer.Address.Known() {
		return e.Warn("resolves", "No name server is set for VRF {vrf}, yet {host} was resolved just now.", args).
			At(traffic.Source(), answer.Address.Source()).About(vrf).Mend(fix)
	}
	if table == "" {
		return e.Fail("no-global", "Call home sends in VRF {vrf} but resolves names in the global table, where no name server is set.", args).
			At(traffic.Source()).At(r.answers()...).About(t.host).Mend(fix)
	}
	return e.Fail("none", "Licensing traffic leaves in VRF {vrf}, where no name server is set.", args).
		At(traffic.Source()).At(r.answers()...).About(vrf).Mend(fix)
}

// DNSStaticHost finds static entries that beat DNS.
var DNSStaticHost = &diag.Check{
	ID:       "dns-static-host",
	Title:    "No static entry overrides DNS",
	Why:      "Cisco's addresses change; a static entry does not.",
	Severity: diag.Medium,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, []*diag.Command{&iosxe.Ping.Command}),
	Seed:     "knowledge B.9",
	Judge:    judgeDNSStaticHost,
	Remedies: []diag.Fix{fixStaticHost, fixStaticHostVRF},
}

func judgeDNSStaticHost(e *diag.Exam) diag.Verdict {
	r := resolvers.Of(e.Facts)
	for _, h := range r.statics {
		name := strings.ToLower(h.name)
		if !slices.Contains(cloudHosts, name) {
			continue
		}
		args := diag.Args{"host": h.name, "addresses": h.addresses}
		fix := inVRF(h.vrf, fixStaticHost, fixStaticHostVRF).
			With(hostParam(h.name), vrfParam(h.vrf), diag.Param{Name: "ip", Value: h.addresses[0], Class: diag.ClassIP})
		return e.Warn("cloud", "{host} has the static address {addresses}, and Cisco's addresses change.", args).
			At(h.at).About(inTable(h.vrf, name+" "+h.addresses[0])).Mend(fix)
	}
	diag.Must(e, r.config)
	return e.Pass("none", "No Cisco server has a static entry.").At(r.config.Source())
}

// DNSResolve asks whether the name becomes an address, end to end.
var DNSResolve = &diag.Check{
	ID:       "dns-resolve",
	Title:    "The licensing host resolves",
	Why:      "It proves name resolution from the configuration to the server's answer.",
	Severity: diag.High,
	Applies:  diag.Push,
	Reads:    slices.Concat(nameReads, exitReads, []*diag.Command{&iosxe.Ping.Command, &iosxe.ShowLogging.Command}),
	Causes:   slices.Concat(diag.By(DNSLookup, DNSServer, DNSDomain, DNSVRF), pathFaults, transportFaults),
	Seed:     "knowledge B.9; S1:206,231-239",
	Judge:    judgeDNSResolve,
	Remedies: []diag.Fix{fixResolve, fixNameServer, fixNameServerVRF},
}

func judgeDNSResolve(e *diag.Exam) diag.Verdict {
	t, skip := namedTarget(e)
	if skip != nil {
		return *skip
	}
	if t.host == csluName {
		return e.NotApplicable("zero-touch", "No URL names a host; cslu-dns judges the name cslu-local.")
	}
	return judgeResolved(e, t)
}

// judgeResolved says whether the name of the target becomes an address, as far as anything shows it.
func judgeResolved(e *diag.Exam, t target) diag.Verdict {
	args := diag.Args{"host": t.host}
	fix := fixResolve.With(hostParam(t.host))
	if answer, ok := pinged(e.Facts); ok {
		if address, resolved := answer.Address.Peek(); resolved {
			args["address"] = address
			return e.Pass("resolved", "{host} is {address}.", args).At(answer.Address.Source()).About(t.host)
		}
		if problem, _ := answer.Problem.Peek(); problem == iosxe.PingNoName {
			if servers := resolvers.Of(e.Facts).asked(resolvingTable(e)); len(servers) > 0 {
				args["servers"] = servers
				shared := strings.Join(servers, ", ") // who fails for public names; the name itself when it is ours to publish
				if t.host == csluName {
					shared = t.host
				}
				return e.Fail("no-answer", "The device cannot resolve {host}: it asks {servers} and gets no address.", args).
					At(answer.Problem.Source()).About(shared).Mend(fix, nameServerFix(e, resolvingTable(e), t.host))
			}
			return e.Fail("unknown-name", "The device cannot resolve {host}.", args).
				At(answer.Problem.Source()).About(t.host).Mend(fix)
		}
	}
	table := resolvingTable(e)
	if static, ok := resolvers.Of(e.Facts).static(t.host, table); ok {
		return e.Pass("static", "{host} has a static entry.", args).At(static.at).About(t.host)
	}
	if x := exchanges.Of(e.Facts); x.failed != nil && x.current() && !x.fromOther {
		if _, detail := commFailed(*x.failed); failureOf(detail).Class == message.DNS {
			return e.Fail("log", "The log says that {host} is not resolved.", args).
				At(logSource(e.Facts, *x.failed)).About(t.host).Mend(fix)
		}
	}
	why := iosxe.Ping.Of(e.Facts).Why()
	if why == "" {
		why = diag.Blocked // it was pinged, and something before the name stopped it
	}
	return e.Unknown(why, "not-asked", "Whether {host} resolves was not tried.", args).About(t.host).Mend(fix)
}

// noTarget: the transport's configuration names no host, so nothing about names can be judged.
func noTarget(f *diag.Facts) bool { return targets.Of(f).why != "" }

// namedTarget is the target when DNS must know it; else the verdict that it need not.
func namedTarget(e *diag.Exam) (target, *diag.Verdict) {
	t := targets.Of(e.Facts)
	if t.why != "" {
		e.GiveUp(t.why, "")
	}
	if t.named() {
		return t, nil
	}
	v := e.NotApplicable("address", "{host} is an address: no name is looked up.", diag.Args{"host": t.host})
	return t, &v
}

// resolvingTable is the VRF in which the target's name is resolved: that of the traffic, except that call
// home sends in its VRF and resolves in the global table (knowledge B.5).
func resolvingTable(e *diag.Exam) string {
	if e.Topology.ID.Family() == diag.DC {
		return ""
	}
	vrf, _ := diag.Need(e, exits.Of(e.Facts).vrf)
	return vrf
}

// nameServerFix configures a name server: the first one that the inventory expects and the table lacks.
func nameServerFix(e *diag.Exam, table, host string) diag.Fix {
	server := diag.Param{Name: "dns-ip", Class: diag.ClassIP}
	have := resolvers.Of(e.Facts).in(table)
	for _, want := range e.Device.Expect.NameServers {
		if !slices.ContainsFunc(have, func(s scoped) bool { return s.text == want }) {
			server.Value = want
			break
		}
	}
	return inVRF(table, fixNameServer, fixNameServerVRF).With(server, vrfParam(table), hostParam(host))
}

var dnsChecks = []*diag.Check{DNSServer, DNSLookup, DNSDomain, DNSVRF, DNSStaticHost, DNSResolve}
