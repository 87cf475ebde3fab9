package sim

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Cloud endpoints of Cisco that a World usually holds.
const (
	cssmName     = "smartreceiver.cisco.com"
	callhomeName = "tools.cisco.com"
	cssmURL      = "https://" + cssmName + "/licservice/license"
	callhomeURL  = "https://" + callhomeName + "/its/service/oddce/services/DDCEService"
	zeroTouch    = "cslu-local"
)

// identrust is the root that signs Cisco's cloud servers (field notice on the
// QuoVadis decommission); licensingRoot signs CSLU's and On-Prem's answers.
const (
	identrust     = "IdenTrust Commercial Root CA 1"
	licensingRoot = "Cisco Licensing Root CA"
)

// World is what surrounds devices: hosts, their DNS zones and TCP services.
// Devices may share one World, which is how a fleet shares a cause. The zero
// value is an empty world in which nothing answers.
type World struct {
	Hosts []*Host
}

// Host is a machine that devices can reach. The zero value answers pings and
// serves nothing.
type Host struct {
	Addr     string            // IPv4 address
	Down     bool              // packets to it are lost
	Since    time.Time         // with Down: from this moment on; zero means always
	NoPing   bool              // filters ICMP echo
	VRFs     []string          // tables it is reachable in; nil: global only ("" names the global table)
	Zone     map[string]string // when not nil it is a name server: name to address
	Stratum  int               // when > 0 it serves NTP at this stratum
	Services map[int]*Service  // by TCP port
}

// Service is a licensing back end behind a TCP port.
type Service struct {
	Kind    string // "cssm", "callhome", "cslu", "onprem", "controller" (Catalyst Center), "proxy"
	TLSName string // name in its certificate; "" accepts any
	Root    string // root CA a device needs in its trustpool; "" for plain HTTP
	Tenant  string // the tenant its URL must name (onprem)
	Account Account
	Policy  *Policy // delivered with the next ACK; nil: none
	Trust   bool    // delivers trust codes with an ACK (agents from 17.7.1)

	ClientCert bool      // wants the HTTP client bound to SLA-TrustPoint
	DownRev    bool      // On-Prem older than 8-202102
	NotFound   bool      // answers 404 to everything
	NoACK      bool      // takes reports but never answers with an ACK (not synchronised with CSSM) ...
	Since      time.Time // ... from this moment on; zero means always
	Forgets    bool      // no longer knows the product instances
}

// Account is where a device's licences are counted.
type Account struct {
	Smart, Virtual string
}

// Host returns the host with the address; nil when there is none.
func (w *World) Host(addr string) *Host {
	for _, h := range w.Hosts {
		if h.Addr == addr {
			return h
		}
	}
	return nil
}

func (h *Host) up(at time.Time) bool { return !h.Down || at.Before(h.Since) }

// in reports that the host can be reached in a VRF at all.
func (h *Host) in(vrf string) bool {
	if h.VRFs == nil {
		return vrf == ""
	}
	return slices.Contains(h.VRFs, vrf)
}

// query answers a DNS question as the host; unqualified names are completed
// with each domain in turn.
func (h *Host) query(name string, domains []string) (addr string, ok bool) {
	if addr, ok = h.Zone[name]; ok {
		return addr, true
	}
	if strings.Contains(name, ".") {
		return "", false
	}
	for _, d := range domains {
		if addr, ok = h.Zone[name+"."+d]; ok {
			return addr, true
		}
	}
	return "", false
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}
