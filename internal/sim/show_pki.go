package sim

import (
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// selfSigned is the name of the HTTPS server's own trustpoint.
func (d *Device) selfSigned() string {
	return fmt.Sprintf("TP-self-signed-%d", crc32.ChecksumIEEE([]byte(d.spec.Serial)))
}

// trustpoints lists the trustpoints: the configured ones, the one of the
// manufacturer and the HTTPS server's own.
func (d *Device) trustpoints() []string {
	var names []string
	for _, l := range each(d.cfg.lines, "crypto pki trustpoint") {
		names = append(names, l.args["name"])
	}
	names = append(names, "CISCO_IDEVID_SUDI")
	if d.httpSecureOn() && get(d.cfg.lines, "ip http secure-trustpoint") == nil {
		names = append(names, d.selfSigned())
	}
	return names
}

// authority is the CA a trustpoint holds; "" when it holds none.
func (d *Device) authority(tp string) string {
	switch {
	case tp == "CISCO_IDEVID_SUDI":
		return "ACT2 SUDI CA"
	case tp == d.selfSigned():
		return "IOS-Self-Signed-Certificate-" + strings.TrimPrefix(tp, "TP-self-signed-")
	case get(d.cfg.lines, "crypto pki certificate chain "+tp) == nil:
		return ""
	case tp == "SLA-TrustPoint":
		return licensingRoot
	}
	return tp
}

// authenticate plays "crypto pki authenticate" with the right certificate pasted in.
func (d *Device) authenticate(trustpoint string) error {
	if d.trustpoint(trustpoint) == nil {
		return fmt.Errorf("authenticating trustpoint %q: it does not exist", trustpoint)
	}
	return d.cfg.configure("crypto pki certificate chain "+trustpoint, "certificate ca 01")
}

// importRoots plays "crypto pki trustpool import" of Cisco's current bundle.
func (d *Device) importRoots() {
	if roots := d.trustpool(); !slices.Contains(roots, identrust) {
		d.spec.Trustpool = append(slices.Clone(roots), identrust)
	}
}

func (d *Device) showTrustpoints(map[string]string) string {
	var b text
	for _, tp := range d.trustpoints() {
		b.line("Trustpoint %s:", tp)
		ca := d.authority(tp)
		switch {
		case ca == "":
		case tp == d.selfSigned():
			b.line("    Subject Name:\n    cn=%s\n          Serial Number (hex): 01\n    Persistent self-signed certificate trust point\n    Using key label %s", ca, tp)
		default:
			b.line("    Subject Name:\n    cn=%s\n    o=Cisco\n          Serial Number (hex): %s\n    Certificate configured.", ca, serialOf(ca))
		}
		b.line("\n")
	}
	return b.String()
}

func serialOf(ca string) string {
	if ca == licensingRoot {
		return "01"
	}
	return fmt.Sprintf("%X", sha256.Sum256([]byte(ca)))[:20]
}

// fingerprint prints n bytes derived from a text in groups of four.
func fingerprint(of string, n int) string {
	h := fmt.Sprintf("%X", sha256.Sum256([]byte(of)))[:2*n]
	var out strings.Builder
	for i := 0; i < len(h); i += 8 {
		out.WriteString(h[i:i+8] + " ")
	}
	return out.String()
}

func (d *Device) showTrustpointsStatus(args map[string]string) string {
	var b text
	for _, tp := range d.trustpoints() {
		if n := args["name"]; n != "" && n != tp {
			continue
		}
		ca := d.authority(tp)
		b.line("Trustpoint %s:", tp)
		if ca != "" {
			md5, sha := fingerprint(ca, 16), fingerprint(ca, 20)
			subject := "cn=" + ca
			if tp != d.selfSigned() {
				subject += ",o=Cisco"
			}
			if ca == licensingRoot { // public constants of the root (knowledge B.8)
				md5, sha = "1468DC18 250BDFCF 769C29DF E1F7E5A8 ", "5CA95FB6 E2980EC1 5AFB681B BB7E62B5 AD3FA8B8 "
			}
			b.line("  Issuing CA certificate configured:\n    Subject Name:\n     %s\n    Fingerprint MD5: %s\n    Fingerprint SHA1: %s", subject, md5, sha)
		}
		keys, auth, request := "No", "Yes", "None"
		if ca == "" {
			auth = "No"
		}
		if tp == "CISCO_IDEVID_SUDI" || tp == d.selfSigned() {
			keys, request = "Yes (General Purpose, non-exportable)", "Yes"
			b.line("  Router General Purpose certificate configured:\n    Subject Name:\n     cn=%s\n    Fingerprint MD5: %s\n    Fingerprint SHA1: %s",
				d.spec.PID, fingerprint(tp, 16), fingerprint(tp, 20))
		}
		b.line("  State:\n    Keys generated ............. %s\n    Issuing CA authenticated ....... %s\n    Certificate request(s) ..... %s\n\n", keys, auth, request)
	}
	if b.Len() == 0 {
		return "% Trustpoint " + args["name"] + " not found.\n"
	}
	return b.String()
}

func (d *Device) showCertificates(args map[string]string) string {
	tp := args["name"]
	ca := d.authority(tp)
	if ca == "" || tp == "SLA-TrustPoint" && d.trustpoint(tp) == nil {
		return "% Trustpoint " + tp + " not found.\n"
	}
	var b text
	b.line("CA Certificate\n  Status: Available\n  Certificate Serial Number (hex): %s\n  Certificate Usage: Signature", serialOf(ca))
	b.line("  Issuer: \n    cn=%s\n    o=Cisco\n  Subject: \n    cn=%s\n    o=Cisco", ca, ca)
	b.line("  Validity Date: \n    start date: 19:48:47 UTC May 30 2013\n    end   date: 19:48:47 UTC May 30 2038")
	b.line("  Associated Trustpoints: %s \n  Storage: nvram:%sCA.cer\n", tp, strings.ReplaceAll(ca, " ", "")[:10])
	return b.String()
}

func (d *Device) showTrustpool(map[string]string) string {
	var b text
	for _, ca := range d.trustpool() {
		org, serial, start, end := "Cisco", serialOf(ca), "20:17:12 UTC May 14 2004", "20:25:42 UTC May 14 2029"
		switch {
		case ca == identrust: // public constants of the root (field notice)
			org, serial, start, end = "IdenTrust", "0A0142800000014523C844B500000002", "18:12:23 UTC Jan 16 2014", "18:12:23 UTC Jan 16 2034"
		case strings.HasPrefix(ca, "QuoVadis"):
			org, start, end = "QuoVadis Limited", "18:27:00 UTC Nov 24 2006", "18:23:33 UTC Nov 24 2031"
		}
		b.line("CA Certificate\n  Status: Available\n  Certificate Serial Number (hex): %s\n  Certificate Usage: Signature", serial)
		b.line("  Issuer: \n    cn=%s\n    o=%s\n  Subject: \n    cn=%s\n    o=%s", ca, org, ca, org)
		b.line("  Validity Date: \n    start date: %s\n    end   date: %s\n  Associated Trustpoints: Trustpool\n", start, end)
	}
	return b.String()
}
