package collect

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// startAgent serves an SSH agent with these keys and returns its socket.
func startAgent(t testing.TB, keys ...ed25519.PrivateKey) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, k := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: k}); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(t.TempDir(), "agent")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { agent.ServeAgent(ring, c); c.Close() }()
		}
	}()
	return socket
}

func newKey(t testing.TB) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, signer
}

func TestParseKey(t *testing.T) {
	key, signer := newKey(t)
	open, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		pem        []byte
		passphrase Secret
		ok         bool
	}{
		{"plain", pem.EncodeToMemory(open), nil, true},
		{"encrypted", pem.EncodeToMemory(locked), hidden("open sesame"), true},
		{"encrypted, no passphrase", pem.EncodeToMemory(locked), nil, false},
		{"encrypted, wrong passphrase", pem.EncodeToMemory(locked), hidden("wrong"), false},
		{"not a key", []byte("hello"), nil, false},
	} {
		got, err := ParseKey("id_test", test.pem, test.passphrase)
		if test.ok && (err != nil || !sameKey(got.PublicKey(), signer.PublicKey())) {
			t.Errorf("%s: %v", test.name, err)
		}
		if e, is := errors.AsType[*Error](err); !test.ok && (!is || e.Class != Credential || e.Hint == "" || strings.Contains(fmt.Sprintf("%v %+v", e, e.Err), "sesame")) {
			t.Errorf("%s: %v, want a credential error without the passphrase", test.name, err)
		}
	}
}

// TestAuthentication logs in by every method and counts what the device was given.
func TestAuthentication(t *testing.T) {
	key, signer := newKey(t)
	other, otherSigner := newKey(t)
	both := func(keys ...ssh.Signer) func(*Options, *Target) {
		return func(_ *Options, t *Target) { t.Auth.Signers = keys }
	}
	withAgent := func(socket string) func(*Options, *Target) {
		return func(o *Options, t *Target) { o.AgentSocket, t.Auth.Agent, t.Auth.Password = socket, true, nil }
	}
	for _, test := range []struct {
		name      string
		fake      *fake
		change    func(*Options, *Target)
		class     Class
		passwords int32
	}{
		{"password", &fake{password: "correct horse"}, nil, "", 1},
		{"keyboard-interactive", &fake{config: questions("Password: ")}, nil, "", 0},
		{"keyboard-interactive of a TACACS server", &fake{config: questions("TACACS Password: ")}, nil, "", 0},
		{"both offered, wrong password", &fake{password: "x", config: func(c *ssh.ServerConfig) {
			password := c.PasswordCallback
			questions("Password: ")(c)
			c.PasswordCallback = password
		}}, nil, AuthRejected, 1},
		{"key", &fake{key: signer.PublicKey()}, both(signer), "", 0},
		{"second key", &fake{key: signer.PublicKey()}, both(otherSigner, signer), "", 0},
		{"wrong key, then password", &fake{key: signer.PublicKey(), password: "correct horse"}, both(otherSigner), "", 1},
		{"agent", &fake{key: signer.PublicKey()}, withAgent(startAgent(t, other, key)), "", 0},
		{"agent without the key", &fake{key: signer.PublicKey()}, withAgent(startAgent(t, other)), AuthRejected, 0},
		{"empty agent", &fake{key: signer.PublicKey()}, withAgent(startAgent(t)), Credential, 0},
		{"agent beside a password", &fake{key: signer.PublicKey(), password: "correct horse"}, func(o *Options, target *Target) {
			o.AgentSocket, target.Auth.Agent = startAgent(t, other, key), true
		}, "", 1},
		{"agent beside a password that is not asked for", &fake{key: signer.PublicKey(), config: func(c *ssh.ServerConfig) { c.PasswordCallback = nil }},
			func(o *Options, target *Target) { o.AgentSocket, target.Auth.Agent = startAgent(t, other, key), true }, "", 0},
		{"no agent", &fake{key: signer.PublicKey()}, withAgent(filepath.Join(t.TempDir(), "nobody")), Credential, 0},
		{"host key not checked, key", &fake{key: signer.PublicKey()}, func(o *Options, t *Target) {
			o.HostKey, o.KnownHosts, t.Auth.Signers = Off, nil, []ssh.Signer{signer}
		}, "", 0},
		{"host key not checked, password insisted on", &fake{}, func(o *Options, t *Target) {
			o.HostKey, o.KnownHosts, o.InsecurePassword = Off, nil, true
		}, "", 1},
		{"new host key accepted", &fake{}, func(o *Options, target *Target) {
			hosts, err := LoadKnownHosts(filepath.Join(t.TempDir(), "known_hosts"))
			if err != nil {
				t.Fatal(err)
			}
			o.KnownHosts, target.HostKey = hosts, AcceptNew
		}, "", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.fake.start(t)
			_, err := f.open(t, t.Context(), func(o *Options, target *Target) {
				if test.change != nil {
					test.change(o, target)
				}
			})
			if ClassOf(err) != test.class {
				t.Errorf("Open: %v, want class %q", err, test.class)
			}
			if n := f.passwords.Load(); n != test.passwords {
				t.Errorf("the device got %d passwords, want %d", n, test.passwords)
			}
		})
	}
}

// TestProfiles meets servers that can do only some algorithms.
func TestProfiles(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaSigner, err := ssh.NewSignerFromKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	sha1Only, err := ssh.NewSignerWithAlgorithms(rsaSigner.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecdsaSigner, err := ssh.NewSignerFromKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	old := func(c *ssh.ServerConfig) {
		c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
		c.Ciphers = []string{ssh.InsecureCipherTripleDESCBC}
		c.MACs = []string{ssh.HMACSHA1}
	}
	sha1 := func(c *ssh.ServerConfig) { c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH14SHA1} }
	for _, test := range []struct {
		name    string
		fake    *fake
		profile Profile
		class   Class
	}{
		{"modern, default", &fake{}, ProfileDefault, ""},
		{"modern, strict", &fake{}, ProfileStrict, ""},
		{"group14-sha1, default", &fake{config: sha1}, ProfileDefault, ""},
		{"group14-sha1, strict", &fake{config: sha1}, ProfileStrict, AlgorithmMismatch},
		{"3des and group1, default", &fake{config: old}, ProfileDefault, AlgorithmMismatch},
		{"3des and group1, legacy", &fake{config: old}, ProfileLegacy, ""},
		{"ssh-rsa signatures, default", &fake{signer: sha1Only}, ProfileDefault, ""},
		{"ssh-rsa signatures, strict", &fake{signer: sha1Only}, ProfileStrict, AlgorithmMismatch},
		{"RSA, strict", &fake{signer: rsaSigner}, ProfileStrict, ""},
		{"two keys, the second is known", &fake{signer: ecdsaSigner, config: func(c *ssh.ServerConfig) { c.AddHostKey(newSigner(t)) }}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.fake.start(t)
			_, err := f.open(t, t.Context(), func(o *Options, target *Target) { target.Profile = test.profile })
			if ClassOf(err) != test.class {
				t.Errorf("Open: %v, want class %q", err, test.class)
			}
		})
	}
	t.Run("the kind of key changed", func(t *testing.T) {
		f := (&fake{signer: rsaSigner}).start(t)
		_, err := f.open(t, t.Context(), func(o *Options, _ *Target) {
			o.KnownHosts = knownHostsOf(t, f.addr, ecdsaSigner.PublicKey())
		})
		if ClassOf(err) != HostKeyChanged || !strings.Contains(err.Error(), ssh.FingerprintSHA256(ecdsaSigner.PublicKey())) {
			t.Errorf("Open: %v, want %s with the known fingerprint", err, HostKeyChanged)
		}
	})
}

func TestSecretsArePrintedAsAddresses(t *testing.T) {
	target := Target{Hop: Hop{Auth: Auth{User: "u", Password: hidden("s3cret")}}, Enable: hidden("s3cret")}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(format, target); strings.Contains(text, "s3cret") {
			t.Errorf("%s prints the secret: %s", format, text)
		}
	}
}

// shortKey signs with an RSA key that is too short for Go to make or to trust, as old devices have it.
type shortKey struct{ n, d *big.Int }

func newShortKey(t *testing.T) shortKey {
	t.Helper()
	one := big.NewInt(1)
	for {
		p, err := rand.Prime(rand.Reader, 384)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, 384)
		if err != nil {
			t.Fatal(err)
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(p.Sub(p, one), q.Sub(q, one))
		if d := new(big.Int).ModInverse(big.NewInt(65537), phi); d != nil && n.BitLen() == 768 {
			return shortKey{n, d}
		}
	}
}

func (k shortKey) PublicKey() ssh.PublicKey {
	key, err := ssh.NewPublicKey(&rsa.PublicKey{N: k.n, E: 65537})
	if err != nil {
		panic(err)
	}
	return key
}

// Sign is ssh-rsa: PKCS #1 v1.5 with SHA-1.
func (k shortKey) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	sum := sha1.Sum(data)
	digest := append([]byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}, sum[:]...)
	padded := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 768/8-len(digest)-3)...)
	padded = append(append(padded, 0), digest...)
	m := new(big.Int).Exp(new(big.Int).SetBytes(padded), k.d, k.n)
	return &ssh.Signature{Format: ssh.KeyAlgoRSA, Blob: m.FillBytes(make([]byte, 768/8))}, nil
}

func TestShortHostKey(t *testing.T) {
	f := (&fake{signer: newShortKey(t)}).start(t)
	_, err := f.open(t, t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Class != HostKeyWeak || !strings.Contains(e.Message, "768") {
		t.Errorf("Open: %v, want %s", err, HostKeyWeak)
	}
}
