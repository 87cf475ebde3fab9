package collect

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// HostKeyMode says what to do about host keys.
type HostKeyMode string

// The modes. A key that contradicts a known one is refused in both Strict and AcceptNew; Off compares
// nothing, and then a password is sent only if the operator insists (Options.InsecurePassword).
const (
	Strict    HostKeyMode = "strict"
	AcceptNew HostKeyMode = "accept-new"
	Off       HostKeyMode = "off"
)

// Profile is a set of algorithms to offer.
type Profile string

// The profiles: what the library offers by default, the same with old algorithms after the modern ones,
// or only algorithms without known weaknesses.
const (
	ProfileDefault Profile = "default"
	ProfileLegacy  Profile = "legacy"
	ProfileStrict  Profile = "strict"
)

// algorithms are the lists of a profile; nil is the default of the library.
type algorithms struct {
	kex, ciphers, macs []string
	hostKeys           []string // for hosts of which no key is known
}

var hostKeyOrder = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

func (p Profile) algorithms() algorithms {
	modern, old := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	switch p {
	case ProfileStrict:
		return algorithms{modern.KeyExchanges, modern.Ciphers, modern.MACs, hostKeyOrder}
	case ProfileLegacy:
		return algorithms{
			kex:      append(modern.KeyExchanges, old.KeyExchanges...),
			ciphers:  append(modern.Ciphers, ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC),
			macs:     append(modern.MACs, old.MACs...),
			hostKeys: append(slices.Clone(hostKeyOrder), ssh.KeyAlgoRSA, ssh.InsecureKeyAlgoDSA), //nolint:staticcheck // the profile for what knows nothing better
		}
	}
	return algorithms{hostKeys: append(slices.Clone(hostKeyOrder), ssh.KeyAlgoRSA)}
}

// certificateOf names the certificate algorithms of a plain host key algorithm.
var certificateOf = map[string]string{
	ssh.KeyAlgoED25519: ssh.CertAlgoED25519v01, ssh.KeyAlgoECDSA256: ssh.CertAlgoECDSA256v01,
	ssh.KeyAlgoECDSA384: ssh.CertAlgoECDSA384v01, ssh.KeyAlgoECDSA521: ssh.CertAlgoECDSA521v01,
	ssh.KeyAlgoRSASHA512: ssh.CertAlgoRSASHA512v01, ssh.KeyAlgoRSASHA256: ssh.CertAlgoRSASHA256v01,
}

// hostKeyAlgorithms lists what to offer to a host: the types of the keys that are known of it, so that a
// server with several keys shows the one that can be checked; everything when none is known. A known RSA
// key may sign with SHA-1 unless the profile is strict: the key itself is pinned, and old IOS can do no more.
func hostKeyAlgorithms(known []knownKey, p Profile) []string {
	all := p.algorithms().hostKeys
	var certs, plain []string
	for _, k := range known {
		if k.ca {
			for _, a := range all {
				if c, ok := certificateOf[a]; ok && !slices.Contains(certs, c) {
					certs = append(certs, c)
				}
			}
			continue
		}
		for _, a := range signaturesOf(k.key.Type(), p) {
			if !slices.Contains(plain, a) {
				plain = append(plain, a)
			}
		}
	}
	if len(certs)+len(plain) == 0 {
		return all
	}
	return append(certs, plain...)
}

func signaturesOf(keyType string, p Profile) []string {
	switch {
	case keyType != ssh.KeyAlgoRSA:
		return []string{keyType}
	case p == ProfileStrict:
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
}

// hostKeyCheck returns the callback for one login to a host of which these keys are known. Its errors are
// of type *Error.
func hostKeyCheck(k *KnownHosts, known []knownKey, mode HostKeyMode) ssh.HostKeyCallback {
	return func(addr string, remote net.Addr, key ssh.PublicKey) error {
		fail := func(c Class, format string, args ...any) error {
			return newError(c, StageKex, addr, fmt.Sprintf(format, args...), nil)
		}
		if mode == Off {
			return nil
		}
		shown := describe(key)
		if where, bad := k.revokedAt(key); bad {
			return fail(HostKeyChanged, "the host key %s is marked @revoked in %s", shown, where)
		}
		if cert, ok := key.(*ssh.Certificate); ok {
			if err := k.checkCertificate(addr, remote, cert); err != nil {
				return fail(HostKeyUnknown, "the host certificate %s is not acceptable: %v", shown, err)
			}
			return nil
		}
		own := ownKeys(known)
		if mode == AcceptNew && len(own) == 0 {
			if err := k.learn(addr, key); err != nil {
				return fail(HostKeyUnknown, "the host key %s is new and was not saved: %v", shown, err)
			}
			own = ownKeys(k.lookup(addr))
		}
		switch {
		case slices.ContainsFunc(own, func(o knownKey) bool { return sameKey(o.key, key) }):
			return nil
		case len(own) == 0:
			return fail(HostKeyUnknown, "the host key %s is not in known_hosts", shown)
		}
		return fail(HostKeyChanged, "the host key is %s, but known_hosts has %s", shown, describeAll(own))
	}
}

func ownKeys(known []knownKey) []knownKey {
	return slices.DeleteFunc(slices.Clone(known), func(k knownKey) bool { return k.ca })
}

func describe(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }

func describeAll(keys []knownKey) string {
	var out []string
	for _, k := range keys {
		out = append(out, describe(k.key)+" ("+k.where+")")
	}
	return strings.Join(out, ", ")
}
