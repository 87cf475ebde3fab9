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
	Trustpoints []Trustpoint `json:"trustpoints,omitempty"`
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
	Certificates []Certificate `json:"certificates,omitempty"`
	// NoTrustpoint is true when the device says that it has no such trustpoint.
	NoTrustpoint diag.Value[bool] `json:"no_trustpoint,omitzero"`
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
	Certificates []PoolCertificate `json:"certificates,omitempty"`
}

// PoolCertificate is one certificate of the trustpool.
type PoolCertificate struct {
	At    diag.Source                 `json:"-"`
	Names []string                    `json:"names,omitempty"` // the common names of issuer and subject, in this order
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
var ShowTrustpoints = query("show crypto pki trustpoints status", "trustpoints and their state", mostly(parseTrustpoints))

// ShowSLACertificate asks for the certificates of the licensing trustpoint.
var ShowSLACertificate = query("show crypto pki certificates SLA-TrustPoint", "certificate of the licensing trustpoint", mostly(parseCertificates))

// ShowTrustpool asks for the names and end dates of the trusted roots.
var ShowTrustpool = query("show crypto pki trustpool | include cn=|end   date", "root certificates of the device", mostly(parseTrustpool), mayBeEmpty)

func parseTrustpoints(t *text, p *Trustpoints) {
	var tp *Trustpoint
	block := "" // the heading of two blanks that the row stands under
	for r := range t.open() {
		name, isTitle := strings.CutPrefix(r.key, "Trustpoint ")
		leader, value, isState := strings.Cut(r.text, " ..")
		switch {
		case isTitle && r.colon:
			p.Trustpoints = append(p.Trustpoints, Trustpoint{At: t.use(r), Name: name})
			tp, block = &p.Trustpoints[len(p.Trustpoints)-1], ""
		case tp == nil:
		case isState:
			tp.state(t, r, leader, strings.TrimLeft(value, ". "))
		case r.colon && strings.HasSuffix(r.key, " certificate configured") &&
			(strings.HasPrefix(r.key, "Issuing CA") || strings.HasPrefix(r.key, "Router ")):
			block = r.key
			t.use(r)
		case r.key == "Last enrollment status":
			put(&tp.Enrollment, t, r, r.value, verbatim)
		case r.key == "Fingerprint SHA1" && strings.HasPrefix(block, "Issuing CA"):
			put(&tp.CAFingerprint, t, r, r.value, verbatim)
		case attribute(r.text):
			tp.subject(t, r, block)
		}
	}
	t.drop("Subject Name:", "Fingerprint ", "State:", "Subject:", "Serial Number (hex):", "Certificate configured.",
		"Persistent self-signed certificate", "Using key label")
}

// state reads one of the lines with dots: "Issuing CA authenticated ....... Yes".
func (tp *Trustpoint) state(t *text, r *row, label, value string) {
	word, _ := firstWord(value)
	switch strings.TrimSpace(label) {
	case "Issuing CA authenticated":
		put(&tp.CAAuthenticated, t, r, word, onOff)
	case "Keys generated":
		put(&tp.KeysGenerated, t, r, word, onOff)
	case "Certificate request(s)":
		t.use(r)
	}
}

// subject adds a line of a subject name, which may be one line or one line for each attribute. Without
// `status` the command prints the subject of the CA alone, under no heading.
func (tp *Trustpoint) subject(t *text, r *row, block string) {
	if strings.HasPrefix(block, "Router") {
		join(&tp.RouterSubject, t, r)
	} else {
		join(&tp.CASubject, t, r)
	}
}

// attribute reports one attribute of a distinguished name: "o=Cisco", "serialNumber=PID:...".
func attribute(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && name != "" && len(name) < 30 && !strings.ContainsAny(name, " .:")
}

// join appends the row to a name of several lines.
func join(f *diag.Value[string], t *text, r *row) {
	have, ok := f.Peek()
	at := f.Source()
	if !ok {
		at = t.at(r)
	}
	t.use(r)
	if have != "" {
		have += ","
	}
	*f = diag.Present(have+r.text, at)
}

func parseCertificates(t *text, p *PKICertificates) {
	var c *Certificate
	block := "" // the heading whose values stand below it
	for r := range t.open() {
		switch {
		case c == nil && unknownTrustpoint(r.text):
			p.NoTrustpoint = diag.Present(true, t.use(r))
		case certificateTitle(r.text):
			p.Certificates = append(p.Certificates, Certificate{At: t.use(r), Kind: r.text})
			c, block = &p.Certificates[len(p.Certificates)-1], ""
		case c == nil:
		case certificateFields.set(c, t, r):
			block = ""
		case certificateBlocks[r.key] && r.colon:
			block = r.key
			t.use(r)
		case block == "Issuer" && attribute(r.text):
			join(&c.Issuer, t, r)
		case block == "Subject" && attribute(r.text):
			join(&c.Subject, t, r)
		case block == "CRL Distribution Points" && strings.Contains(r.text, "://") && !strings.Contains(r.text, " "),
			(block == "Issuer" || block == "Subject") && !strings.ContainsAny(r.text, ":="): // a name's further words
			t.use(r)
		}
	}
	t.drop("Certificate Usage:", "Storage:", "Trustpool:", "Key Label:", "Key storage device:", "Cert install time:",
		"Name:", "Serial Number:")
}

// unknownTrustpoint reports "% Trustpoint SLA-TrustPoint not found." and its like; no sample shows the words.
func unknownTrustpoint(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, "%") && strings.Contains(s, "trustpoint") &&
		(strings.Contains(s, "not found") || strings.Contains(s, "not exist") || strings.Contains(s, "not configured"))
}

// certificateTitle reports "Certificate", "CA Certificate", "Router Self-Signed Certificate" and the like.
func certificateTitle(s string) bool {
	const letters = " -ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return strings.HasSuffix(s, "Certificate") && strings.Trim(s, letters) == ""
}

// certificateBlocks are the headings whose values stand below them.
var certificateBlocks = map[string]bool{"Issuer": true, "Subject": true, "CRL Distribution Points": true, "Validity Date": true}

var certificateFields = fields[Certificate]{
	"Status":                          words(func(c *Certificate) *diag.Value[string] { return &c.Status }),
	"Certificate Serial Number (hex)": words(func(c *Certificate) *diag.Value[string] { return &c.Serial }),
	"start date":                      moment(func(c *Certificate) *diag.Value[diag.DeviceTime] { return &c.Start }),
	"end   date":                      moment(func(c *Certificate) *diag.Value[diag.DeviceTime] { return &c.End }),
	"end date":                        moment(func(c *Certificate) *diag.Value[diag.DeviceTime] { return &c.End }),
	"Associated Trustpoints": func(c *Certificate, t *text, r *row) bool {
		return put(&c.Trustpoints, t, r, r.value, wordList)
	},
}

func parseTrustpool(t *text, p *Trustpool) {
	var whole PKICertificates
	parseCertificates(t, &whole)
	for _, c := range whole.Certificates {
		pc := PoolCertificate{At: c.At, End: c.End}
		for _, name := range []diag.Value[string]{c.Issuer, c.Subject} {
			dn, _ := name.Peek()
			if _, cn, ok := strings.Cut(","+dn, ",cn="); ok {
				cn, _, _ = strings.Cut(cn, ",")
				pc.Names = append(pc.Names, cn)
			}
		}
		p.Certificates = append(p.Certificates, pc)
	}
	var c *PoolCertificate // of the filtered form: nil between an end date and the next name
	for r := range t.open() {
		name, isName := strings.CutPrefix(r.text, "cn=")
		switch {
		case isName:
			if c == nil {
				p.Certificates = append(p.Certificates, PoolCertificate{At: t.at(r)})
				c = &p.Certificates[len(p.Certificates)-1]
			}
			c.Names = append(c.Names, name)
			t.use(r)
		case c != nil && strings.Join(strings.Fields(r.key), " ") == "end date":
			put(&c.End, t, r, r.value, diag.ParseDeviceTime)
			c = nil
		}
	}
}
