package sim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// endpoint is where the agent's messages go.
type endpoint struct {
	peer string // as log messages name it
	url  string
}

const (
	peerCSSM = "Cisco Smart Software Manager (CSSM)"
	peerCSLU = "Cisco Smart License Utility (CSLU)"
)

// transport is the effective transport type.
func (d *Device) transport() string {
	if d.lay.classic {
		return "callhome"
	}
	if t := arg(d.cfg.lines, "license smart transport", "type"); t != "" {
		return t
	}
	return "cslu"
}

// direct reports that the agent talks to CSSM itself and so needs trust.
func (d *Device) direct() bool { return d.transport() == "smart" || d.transport() == "callhome" }

func (d *Device) smartURL() string {
	if u := arg(d.cfg.lines, "license smart url smart", "url"); u != "" {
		return u
	}
	return cssmURL
}

// csluURL is the configured CSLU or On-Prem address; "" means zero touch.
func (d *Device) csluURL() string {
	if u := arg(d.cfg.lines, "license smart url cslu", "url"); u != "" {
		return u
	}
	return arg(d.cfg.lines, "license smart url", "url")
}

// profile is the call-home profile that carries licensing: its configuration,
// and whether it is active. Without configuration it is the built-in CiscoTAC-1.
type profile struct {
	name      string
	active    bool
	licensing bool
	methods   []string
	url       string
}

func (d *Device) profiles() []profile {
	ch := get(d.cfg.lines, "call-home")
	var out []profile
	if ch != nil {
		for _, l := range each(ch.body, "profile") {
			p := profile{name: strings.Trim(l.args["name"], `"`), active: get(l.body, "active") != nil,
				licensing: !off(l.body, "reporting smart-licensing-data"), url: callhomeURL}
			for _, m := range each(l.body, "destination transport-method") {
				p.methods = append(p.methods, m.args["method"])
			}
			for _, a := range each(l.body, "destination address http") {
				p.url = a.args["url"]
			}
			if p.methods == nil {
				p.methods = []string{"email"}
			}
			out = append(out, p)
		}
	}
	if !slices.ContainsFunc(out, func(p profile) bool { return p.name == "CiscoTAC-1" }) {
		out = append([]profile{{name: "CiscoTAC-1", licensing: true, methods: []string{"http"}, url: callhomeURL}}, out...)
	}
	return out
}

// licensing is the profile licensing messages use: the active one that carries
// them, else the first.
func (d *Device) licensing() profile {
	ps := d.profiles()
	for _, p := range ps {
		if p.active && p.licensing {
			return p
		}
	}
	return ps[0]
}

func (d *Device) callHomeOn() bool { return get(d.cfg.lines, "service call-home") != nil }

func (d *Device) endpoint() endpoint {
	switch d.transport() {
	case "smart":
		return endpoint{peerCSSM, d.smartURL()}
	case "callhome":
		return endpoint{peerCSSM, d.licensing().url}
	}
	if u := d.csluURL(); u != "" {
		return endpoint{peerCSLU, u}
	}
	return endpoint{peerCSLU, "http://" + zeroTouch + ":8182/cslu/v1/pi"}
}

// licenceVRF and licenceSource say through which table and interface the agent
// sends.
func (d *Device) licenceVRF() string {
	if d.transport() == "callhome" {
		if ch := get(d.cfg.lines, "call-home"); ch != nil {
			return arg(ch.body, "vrf", "vrf")
		}
		return ""
	}
	if v := arg(d.cfg.lines, "license smart vrf", "vrf"); v != "" {
		return v
	}
	i, _ := d.iface(d.licenceSource())
	return i.vrf
}

func (d *Device) licenceSource() string {
	if ch := get(d.cfg.lines, "call-home"); ch != nil && d.transport() == "callhome" {
		if s := arg(ch.body, "source-interface", "if"); s != "" {
			return s
		}
	}
	return arg(d.cfg.lines, "ip http client source-interface", "if")
}

// outcome is what one attempt to reach the back end met.
type outcome struct {
	response string // as Last Response prints it, without the date; "" on success
	network  bool   // counts as a communication failure
	reason   string // Failure Reason
	detail   string // variable part of COMM_FAILED
	callhome string // error of SL_MESSAGE_FAILED, for Call Home
	service  *Service
}

func (o outcome) ok() bool { return o.response == "" }

// The failures an attempt can meet. The details for DNS and empty answers are
// known from field logs; the others are worded as the knowledge base expects
// them (B.20) and have no sample.
var (
	noName    = outcome{response: "NO REPLY", network: true, detail: "Unable to resolve server hostname/domain name", callhome: "(ERR 205 : Request Aborted)"}
	noPath    = outcome{response: "NO REPLY", network: true, detail: "No detailed information given", callhome: "(ERR 207 : Connection time out)"}
	noTLS     = outcome{response: "NO REPLY", network: true, detail: "TLS/SSL handshake failed: certificate verification error", callhome: "(ERR 205 : Request Aborted)"}
	noClient  = outcome{response: "NO REPLY", network: true, detail: "TLS/SSL handshake failed: client certificate is missing", callhome: "(ERR 205 : Request Aborted)"}
	noPage    = outcome{response: "NO REPLY", network: true, detail: "HTTP 404 host not found", callhome: "(ERR 205 : Request Aborted)"}
	noAnswer  = outcome{response: "NO REPLY", network: true, detail: "Received empty response from server", callhome: "(ERR 205 : Request Aborted)"}
	noProfile = outcome{response: "NO REPLY", network: true, detail: "smart license transport is disabled in call-home"}
)

// contact makes one attempt: the message's way through configuration, name
// resolution, routing, TCP, TLS and HTTP to the back end.
func (d *Device) contact() outcome {
	callhome := d.transport() == "callhome"
	if p := d.licensing(); callhome && (!d.callHomeOn() || !p.active || !p.licensing || !slices.Contains(p.methods, "http")) {
		return noProfile
	}
	u, err := url.Parse(d.endpoint().url)
	if err != nil || u.Hostname() == "" {
		return noName
	}
	host, port := u.Hostname(), portOf(u)
	o := d.connect(host, port)
	if o.ok() && o.service.Kind == "proxy" {
		o = d.world.through(host, port, d.now)
	}
	if !o.ok() {
		return o.worded(callhome)
	}
	return d.talk(u, o.service).worded(callhome)
}

// worded replaces the detail by the one Call Home gives for any failed message.
func (o outcome) worded(callhome bool) outcome {
	if callhome && o.detail != "" && o.detail != noName.detail {
		o.detail = "Fail to send out Call Home HTTP message."
	}
	return o
}

func portOf(u *url.URL) int {
	if p, err := strconv.Atoi(u.Port()); err == nil {
		return p
	}
	if u.Scheme == "https" {
		return 443
	}
	return 80
}

// connect opens the TCP connection, to the proxy when one is configured.
func (d *Device) connect(host string, port int) outcome {
	if p := arg(d.cfg.lines, "license smart proxy address", "address"); p != "" && d.transport() != "callhome" {
		host, port = p, 80
		if n, err := strconv.Atoi(arg(d.cfg.lines, "license smart proxy port", "port")); err == nil {
			port = n
		}
	}
	vrf, source := d.licenceVRF(), d.licenceSource()
	l := d.resolve(vrf, host)
	if l.addr == "" {
		return noName
	}
	h := d.reach(vrf, l.addr, source)
	if h == nil || h.Services[port] == nil {
		return noPath
	}
	return outcome{service: h.Services[port]}
}

// through is a proxy's view: any name of the world, no routing.
func (w *World) through(host string, port int, at time.Time) outcome {
	for _, h := range w.Hosts {
		if addr, ok := h.Zone[host]; ok {
			host = addr
		}
	}
	if h := w.Host(host); h != nil && h.up(at) && h.Services[port] != nil {
		return outcome{service: h.Services[port]}
	}
	return noPath
}

// talk is TLS and HTTP with the service behind the connection.
func (d *Device) talk(u *url.URL, s *Service) outcome {
	if (u.Scheme == "https") != (s.Root != "") {
		return noAnswer
	}
	if u.Scheme == "https" && !d.trusts(u.Hostname(), s) {
		return noTLS
	}
	if s.ClientCert && arg(d.cfg.lines, "ip http client secure-trustpoint", "name") != "SLA-TrustPoint" {
		return noClient
	}
	want := map[string]string{"cssm": "/licservice/license", "callhome": "/its/service/oddce/services/DDCEService",
		"cslu": "/cslu/v1/pi", "onprem": "/cslu/v1/pi/" + s.Tenant}[s.Kind]
	switch {
	case s.NotFound:
		return noPage
	case strings.TrimSuffix(u.Path, "/") != want:
		return noAnswer
	case s.Forgets:
		return outcome{response: "INVALID STATUS CODE", service: s, detail: "The identity for the instance is not valid",
			reason: `{"product_instance_identifier":["The identity for the instance ` + uuid(d.spec.Serial) +
				` is not valid.Please re-register the instance."]}`}
	}
	return outcome{service: s}
}

// trusts reports that the device accepts the server's certificate.
func (d *Device) trusts(host string, s *Service) bool {
	sla := d.trustpoint("SLA-TrustPoint")
	if sla == nil || d.authority("SLA-TrustPoint") == "" || d.time().Year() < 2014 || d.time().Year() >= 2034 { // the roots' validity
		return false
	}
	if s.Root == licensingRoot {
		// The CRL of On-Prem's certificate can not be fetched from where On-Prem is.
		if arg(sla.body, "revocation-check", "methods") == "crl" {
			return false
		}
	} else if !slices.Contains(d.trustpool(), s.Root) {
		return false
	}
	check := !off(d.cfg.lines, "license smart server-identity-check")
	return !check || s.TLSName == "" || s.TLSName == host
}

// trustpool is the list of root CAs in the built-in pool.
func (d *Device) trustpool() []string {
	if d.spec.Trustpool != nil {
		return d.spec.Trustpool
	}
	roots := []string{"Cisco Root CA 2048", "Cisco Root CA M2", "Cisco Licensing Root CA", "QuoVadis Root CA 2"}
	if d.rel.hasIdenTrust() {
		roots = append(roots, identrust)
	}
	return roots
}

func (d *Device) trustpoint(name string) *line {
	return get(d.cfg.lines, "crypto pki trustpoint "+name)
}
