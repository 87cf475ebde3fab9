package checks

import (
	"slices"

	"slpdoctor/internal/diag"
)

var (
	fixHTTPServer = saved(diag.Fix{
		Summary: "enable the HTTPS server",
		Config:  []string{"ip http server", "ip http secure-server"},
		Verify:  []string{"show ip http server all"},
		Manual:  []string{stepBrowse},
		Affects: "the device can be reached over HTTP and HTTPS: restrict it with an access class",
	})
	fixHTTPModule = saved(diag.Fix{
		Summary: "activate the licence server of the HTTP server",
		Config:  []string{"ip http server", "ip http secure-server", "ip http active-session-modules all", "ip http secure-active-session-modules all"},
		Verify:  []string{"show ip http server session-module"},
		Manual:  []string{stepBrowse},
		Affects: "every module of the HTTP server is active",
	})
	fixHTTPAuth = saved(diag.Fix{
		Summary: "let the collector log in with a local user",
		Config:  []string{"ip http authentication local"},
		Verify:  []string{"show ip http server all"},
		Manual:  []string{"the collector's user needs privilege 15; with AAA instead: ip http authentication aaa", stepBrowse},
		Affects: "how users of the HTTP server log in",
	})
	fixHTTPPort = saved(diag.Fix{
		Summary: "use the standard HTTPS port, or tell it the collector",
		Config:  []string{"no ip http secure-port"},
		Verify:  []string{"show ip http server all"},
		Affects: "every client of the HTTPS server",
	})
)

// webNeeds are the checks of what a collector needs, in the order of knowledge D9.
var webNeeds = []*diag.Check{HTTPServerEnabled, HTTPServerSecure, HTTPServerTLSIdentity, HTTPServerSessionModules, HTTPServerSLHTTP,
	HTTPServerAuth, HTTPServerUser, HTTPServerNETCONF}

// CSLUPull asks what CSLU needs to collect reports.
var CSLUPull = &diag.Check{
	ID:       "cslu-pull",
	Title:    "A collector can log in and collect",
	Why:      "A collector that cannot log in to the device's HTTP server gets no report.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    pullReads(),
	Causes:   diag.By(webNeeds...),
	Seed:     "knowledge B.6, B.12; S1:283-287",
	Judge: func(e *diag.Exam) diag.Verdict {
		if e.Topology.ID == diag.PullOnprem || e.Topology.ID == diag.PullCatalystCenter {
			return e.NotApplicable("collector", "The collector is not CSLU.")
		}
		return judgePull(e)
	},
	Remedies: pullRemedies(),
}

// OnpremPullHTTP asks what SSM On-Prem needs to collect reports.
var OnpremPullHTTP = &diag.Check{
	ID:       "onprem-pull-http",
	Title:    "SSM On-Prem can log in and collect",
	Why:      "A server that cannot log in to the device's HTTP server gets no report.",
	Severity: diag.High,
	Applies:  diag.PL,
	Reads:    pullReads(),
	Causes:   diag.By(webNeeds...),
	Seed:     "knowledge B.7, B.12; S1:307-309",
	Judge: func(e *diag.Exam) diag.Verdict {
		if v := otherCollector(e); v != nil {
			return *v
		}
		return judgePull(e)
	},
	Remedies: pullRemedies(),
}

func pullReads() (all []*diag.Command) {
	for _, k := range webNeeds {
		for _, c := range k.Reads {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

func pullRemedies() (all []diag.Fix) {
	for _, k := range webNeeds {
		all = append(all, k.Remedies...)
	}
	return all
}

// judgePull sums up by the rules of the checks of the HTTP server: the first that fails decides, else the
// first that warns of more than hygiene.
func judgePull(e *diag.Exam) diag.Verdict {
	sum := e.Pass("ready", "The device is ready for a collector.")
	for _, k := range webNeeds {
		switch v := k.Judge(e); {
		case v.Status == diag.Fail:
			return v
		case v.Status == diag.Warn && v.Severity != diag.Low && sum.Status == diag.Pass:
			sum = v
		case v.Status == diag.Pass && sum.Status == diag.Pass:
			sum = sum.At(v.Evidence...)
		}
	}
	return sum
}
