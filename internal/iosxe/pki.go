package iosxe

import (
	"slices"
	"strings"

	"slpdoctor/internal/diag"
)

// SLATrustpoint is the trustpoint that the licence agent creates and uses.
const SLATrustpoint = "SLA-TrustPoint"

// Trustpoints is the answer to `show crypto pki trustpoints status`.
type Trustpoints struct {
	Trustpoints []Trustpoint `json:"trustpoints"`
}

// Trustpoint is the state of one trustpoint.
type Trustpoint struct {
	At              diag.Source        `json:"-"`
	Name            string             `json:"name"`
	CASubject       diag.Value[string] `json:"ca_subject,omitzero"` // "cn=Cisco Licensing Root CA,o=Cisco"
	CAFingerprint   diag.Value[string] `json:"ca_sha1,omitzero"`    // SHA1 in groups of eight digits, as printed
	CAAuthenticated diag.Value[bool]   `json:"ca_authenticated,omitzero"`
	KeysGenerated   diag.Value[bool]   `json:"keys_generated,omitzero"`
	RouterSubject   diag.Value[string] `json:"router_subject,omitzero"` // of the device's own certificate
	Enrollment      diag.Value[string] `json:"last_enrollment,omitzero"`
}

// Find is the trustpoint of that name.
func (t *Trustpoints) Find(name string) (Trustpoint, bool) {
	for _, p := range t.Trustpoints {
		if p.Name == name {
			return p, true
		}
	}
	return Trustpoint{}, false
}

// PKICertificates is the answer to `show crypto pki certificates SLA-TrustPoint`, and of the same command
// without a name.
type PKICertificates struct {
	Certificates []Certificate `json:"certificates"`
}

// Certificate is one certificate of a trustpoint or of the trustpool.
type Certificate struct {
	At          diag.Source                 `json:"-"`
	Kind        string                      `json:"kind"` // "Certificate", "CA Certificate", "Router Self-Signed Certificate"
	Status      diag.Value[string]          `json:"status,omitzero"`
	Serial      diag.Value[string]          `json:"serial,omitzero"`  // hexadecimal, as printed
	Issuer      diag.Value[string]          `json:"issuer,omitzero"`  // attributes joined by ","
	Subject     diag.Value[string]          `json:"subject,omitzero"` // attributes joined by ","
	Start       diag.Value[diag.DeviceTime] `json:"start,omitzero"`
	End         diag.Value[diag.DeviceTime] `json:"end,omitzero"`
	Trustpoints diag.Value[[]string]        `json:"trustpoints,omitzero"`
}

// Of lists the certificates that belong to a trustpoint. Without any "Associated Trustpoints" line in the
// answer all belong to it: the command named it.
func (c *PKICertificates) Of(trustpoint string) []Certificate {
	var out []Certificate
	for _, cert := range c.Certificates {
		if names, ok := cert.Trustpoints.Peek(); !ok || slices.Contains(names, trustpoint) {
			out = append(out, cert)
		}
	}
	return out
}

// Trustpool is the answer to `show crypto pki trustpool`, whole or filtered for names and end dates.
type Trustpool struct {
	Certificates []PoolCertificate `json:"certificates"`
}

// PoolCertificate is one certificate of the trustpool.
type PoolCertificate struct {
	At    diag.Source                 `json:"-"`
	Names []string                    `json:"names"` // the common names of issuer and subject, in this order
	End   diag.Value[diag.DeviceTime] `json:"end,omitzero"`
}

// Find is the first certificate one of whose common names contains name.
func (t *Trustpool) Find(name string) (PoolCertificate, bool) {
	for _, c := range t.Certificates {
		for _, n := range c.Names {
			if strings.Contains(n, name) {
				return c, true
			}
		}
	}
	return PoolCertificate{}, false
}

// ShowTrustpoints asks for the trustpoints and their state.
var ShowTrustpoints = query("show crypto pki trustpoints status", "trustpoints and their state", parseTrustpoints)

// ShowSLACertificate asks for the certificates of the licensing trustpoint.
var ShowSLACertificate = query("show crypto pki certificates SLA-TrustPoint", "certificate of the licensing trustpoint", parseCertificates)

// ShowTrustpool asks for the names and end dates of the trusted roots.
var ShowTrustpool = query("show crypto pki trustpool | include cn=|end   date", "root certificates of the device", parseTrustpool, mayBeEmpty)

func parseTrustpoints(*text, *Trustpoints) {}

func parseCertificates(*text, *PKICertificates) {}

func parseTrustpool(*text, *Trustpool) {}
