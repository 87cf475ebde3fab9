package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/internal/diag"
	"slpdoctor/internal/transition"
	"slpdoctor/inventory"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	if dir := os.Getenv(keepVariable); dir != "" {
		keepForever(dir)
	}
	os.Exit(m.Run())
}

// authority is a certificate authority of the test's own.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // its certificate, for ca_file
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, key: key, cert: cert, file: filepath.Join(t.TempDir(), "ca.pem")}
	write(t, a.file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return a
}

// issue makes a server's certificate for 127.0.0.1 and the names.
func (a *authority) issue(names ...string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "test server"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// configured is a configuration that is ready, with little patience. The text is the list of receivers.
func configured(t *testing.T, receivers string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify.yaml")
	write(t, path, "version: 1\nreceivers:\n"+receivers)
	c, _, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(t.Context(), inventory.NewResolver(nil, inventory.Seams{})); err != nil {
		t.Fatal(err)
	}
	c.pace = pace{waits: []time.Duration{time.Millisecond, time.Millisecond}, total: 5 * time.Second}
	return c
}

// spooled is a spool of its own, at a time shortly after the sample's run.
func spooled(t *testing.T) Spool {
	return Spool{Dir: filepath.Join(t.TempDir(), "state", "outbox"), Now: func() time.Time { return finished.Add(time.Minute) }}
}

// deliver runs Deliver and returns what it reports.
func deliver(t *testing.T, c *Config, s Spool, doc *transition.Document) []string {
	t.Helper()
	var said []string
	c.Deliver(t.Context(), doc, s, func(line string) { said = append(said, line) })
	return said
}

// kept lists the messages on disk.
func kept(t *testing.T, s Spool) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if waitingName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

func wantSaid(t *testing.T, said []string, want ...string) {
	t.Helper()
	if len(said) != len(want) {
		t.Fatalf("said %d lines, want %d:\n%s", len(said), len(want), strings.Join(said, "\n"))
	}
	for i := range want {
		if !strings.Contains(said[i], want[i]) {
			t.Errorf("said %q, want %q", said[i], want[i])
		}
	}
}

var finished = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// sample is what a night could tell.
func sample() *transition.Document {
	since := time.Date(2025, 12, 24, 3, 0, 0, 0, time.UTC)
	next := finished.AddDate(0, 0, 1)
	was, cause := "tyo-acc-07", "dns-server"
	fix := diag.Fix{Summary: "Configure a name server that answers", Config: []string{"ip name-server 192.0.2.53"}, Exec: []string{}, Verify: []string{"show hosts"},
		Manual: []string{}, Affects: "name resolution of the device"}
	event := func(kind transition.Kind, device, check string, severity diag.Severity, before, after, summary string) transition.Event {
		return transition.Event{Kind: kind, Device: device, UDI: "PID:C9300-24UX,SN:FOC1", Subject: "check", Check: check, Severity: severity, Before: before, After: after,
			Summary: summary, Fixes: []diag.Fix{}}
	}
	lost := event(transition.Worse, "osa-edge-1", "", "", "examined", "unreachable", "Nothing answers on 192.0.2.9 port 22.")
	lost.Subject = "state"
	dns1 := event(transition.New, "tyo-core-1", "dns-server", diag.High, "pass", "fail", "No name server answers.")
	dns1.Consequences, dns1.Fixes = 4, []diag.Fix{fix}
	dns2 := dns1
	dns2.Device = "tyo-core-2"
	renamed := event(transition.New, "tyo-acc-7", "report-ack-deadline", diag.Critical, "pass", "fail", "The next required ACK is overdue by 3 days.")
	renamed.Was, renamed.CausedBy = &was, &cause
	flap := event(transition.Flapping, "kyo-acc-2", "reach-ping", diag.Medium, "pass", "fail", "ping to the transport's host fails now and then.")
	flap.Changes, flap.Since = 5, &since
	return &transition.Document{Schema: 1, Kind: "transitions", Tool: diag.Tool{Name: "slpdoctor", Version: "v1.0.0"}, Job: "-i fleet.yaml -l tag:site=tyo",
		Run:   diag.Run{ID: "run2", Started: finished.Add(-4 * time.Minute), Finished: finished, Mode: "run", HostKey: "strict"},
		Since: &diag.Run{ID: "run1", Started: finished.AddDate(0, 0, -1), Finished: finished.AddDate(0, 0, -1), Mode: "run", HostKey: "strict"},
		Next:  &next, Devices: 128, Examined: 127, Open: 6, Waived: 2, Quieted: 2, Notes: []string{"The clock of kyo-acc-2 jumped."},
		Events: []transition.Event{lost, renamed, dns1, dns2, event(transition.Resolved, "tyo-acc-3", "clock-ntp-sync", diag.Medium, "fail", "pass", "The clock is synchronised."), flap}}
}

// nothing is a night without events.
func nothing() *transition.Document {
	d := sample()
	d.Run.ID, d.Events = "run3", nil
	return d
}

// night is a run of its own with one event.
func night(n int) *transition.Document {
	d := sample()
	d.Run.ID, d.Run.Finished = fmt.Sprintf("night%03d", n), finished.Add(time.Duration(n)*time.Second)
	d.Events = d.Events[:1]
	return d
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s; -update rewrites it (-want +got):\n%s", path, d)
	}
}
