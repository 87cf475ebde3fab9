package collect

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func authorized(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func writeHosts(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestKnownHosts(t *testing.T) {
	a, b, c := newSigner(t).PublicKey(), newSigner(t).PublicKey(), newSigner(t).PublicKey()
	name := writeHosts(t,
		"# a comment", "",
		"192.0.2.1,r1.example.net "+authorized(a),
		"old.example.net 1024 35 1234567890", // SSH 1
		"[192.0.2.1]:2222 "+authorized(b),
		knownhosts.HashHostname("hashed.example.net")+" "+authorized(b),
		knownhosts.HashHostname("[hashed.example.net]:8022")+" "+authorized(c),
		"*.lab.example.net,!bad.lab.example.net "+authorized(c),
		"[2001:db8::1]:830 "+authorized(a),
		"2001:db8::1 "+authorized(b),
		"@revoked * "+authorized(c),
		"@nonsense * "+authorized(c),
		"broken.example.net ssh-ed25519 AAAA",
	)
	k, err := LoadKnownHosts(name, name+".missing")
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string][]ssh.PublicKey{
		"192.0.2.1:22":            {a},
		"R1.Example.NET:22":       {a},
		"192.0.2.1:2222":          {b},
		"192.0.2.1:2223":          nil,
		"hashed.example.net:22":   {b},
		"hashed.example.net:8022": {c},
		"x.lab.example.net:22":    {c},
		"bad.lab.example.net:22":  nil,
		"[2001:db8::1]:830":       {a},
		"[2001:db8::1]:22":        {b},
		"old.example.net:22":      nil,
		"broken.example.net:22":   nil,
	} {
		var got []string
		for _, known := range k.lookup(addr) {
			got = append(got, authorized(known.key))
		}
		var wanted []string
		for _, key := range want {
			wanted = append(wanted, authorized(key))
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", addr, diff)
		}
	}
	if where, bad := k.revokedAt(c); !bad || where != name+":11" {
		t.Errorf("revoked at %q, %v, want line 11", where, bad)
	}
	var places []string
	for _, p := range k.Problems() {
		place, _, _ := strings.Cut(p, ": ")
		places = append(places, place)
	}
	if diff := cmp.Diff([]string{name + ":4", name + ":12", name + ":13", name + ".missing"}, places); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestAcceptNew learns hosts from many logins at once, in a file that another process writes to as well.
func TestAcceptNew(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new", "known_hosts")
	k, err := LoadKnownHosts(name)
	if err != nil {
		t.Fatal(err)
	}
	other, err := LoadKnownHosts(name)
	if err != nil {
		t.Fatal(err)
	}
	key := newSigner(t).PublicKey()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			from := k
			if i%2 == 0 {
				from = other
			}
			addr := string(rune('a'+i%25)) + ".example.net:22" // every host twice
			if err := hostKeyCheck(from, from.lookup(addr), AcceptNew)(addr, nil, key); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != 25 {
		t.Errorf("%d lines in the file, want one for each of 25 hosts:\n%s", n, text)
	}
	again, err := LoadKnownHosts(name)
	if err != nil || len(again.Problems()) > 0 {
		t.Fatalf("reading it again: %v, %v", err, again.Problems())
	}
	for i := range 25 {
		if addr := string(rune('a'+i)) + ".example.net:22"; len(again.lookup(addr)) != 1 {
			t.Errorf("%s is not in the file exactly once", addr)
		}
	}
}

func TestAcceptNewKeepsTheLastLine(t *testing.T) {
	key := newSigner(t).PublicKey()
	name := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(name, []byte("192.0.2.1 "+authorized(key)), 0o600); err != nil { // no newline
		t.Fatal(err)
	}
	k, err := LoadKnownHosts(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.learn("192.0.2.2:22", key); err != nil {
		t.Fatal(err)
	}
	again, err := LoadKnownHosts(name)
	if err != nil || len(again.Problems()) > 0 || len(again.lookup("192.0.2.1:22")) != 1 || len(again.lookup("192.0.2.2:22")) != 1 {
		t.Errorf("read again: %v, problems %v", err, again.Problems())
	}
}

func TestHostKeyCheck(t *testing.T) {
	host, changed, authority := newSigner(t), newSigner(t).PublicKey(), newSigner(t)
	cert := certificateFor(t, host.PublicKey(), authority, "r2.example.net")
	k, err := LoadKnownHosts(writeHosts(t,
		"r1.example.net "+authorized(host.PublicKey()),
		"@cert-authority *.example.net "+authorized(authority.PublicKey()),
	))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		addr string
		key  ssh.PublicKey
		mode HostKeyMode
		want Class
	}{
		{"r1.example.net:22", host.PublicKey(), Strict, ""},
		{"r1.example.net:22", changed, Strict, HostKeyChanged},
		{"r1.example.net:22", changed, AcceptNew, HostKeyChanged},
		{"r1.example.net:22", changed, Off, ""},
		{"r3.example.org:22", changed, Strict, HostKeyUnknown},
		{"r3.example.org:22", changed, "", HostKeyUnknown},
		{"r2.example.net:22", cert, Strict, ""},
		{"r4.example.net:22", cert, Strict, HostKeyUnknown}, // the certificate is for another host
		{"r2.example.org:22", cert, Strict, HostKeyUnknown}, // no authority for it
	} {
		err := hostKeyCheck(k, k.lookup(test.addr), test.mode)(test.addr, nil, test.key)
		if ClassOf(err) != test.want {
			t.Errorf("%s, %s: %v, want %q", test.addr, test.mode, err, test.want)
		}
		if err != nil && !strings.Contains(err.Error(), ssh.FingerprintSHA256(test.key)) {
			t.Errorf("%s: no fingerprint in %v", test.addr, err)
		}
	}
	if got := hostKeyAlgorithms(k.lookup("r1.example.net:22"), ProfileDefault); !cmp.Equal(got[len(got)-1:], []string{"ssh-ed25519"}) ||
		!strings.Contains(got[0], "cert") {
		t.Errorf("algorithms for r1: %v, want certificates and then ssh-ed25519 alone", got)
	}
}

func certificateFor(t *testing.T, key ssh.PublicKey, authority ssh.Signer, host string) *ssh.Certificate {
	t.Helper()
	cert := &ssh.Certificate{
		Key: key, CertType: ssh.HostCert, ValidPrincipals: []string{host}, ValidBefore: ssh.CertTimeInfinity,
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	return cert
}
