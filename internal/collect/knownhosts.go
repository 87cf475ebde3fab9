package collect

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// KnownHosts is a database of host keys in OpenSSH's known_hosts format: plain, hashed and wildcard names,
// @cert-authority and @revoked. It is parsed once and shared by all logins of a process; its methods are
// safe for concurrent use. The zero value knows no host and cannot learn any.
type KnownHosts struct {
	mu       sync.RWMutex
	files    []string
	read     int64 // bytes of files[0] that are in the database
	lines    int   // and the lines in them
	exact    map[string][]knownKey
	patterns []hostPattern
	hashed   []hashedHost
	revoked  map[string]string // key blob to where it is written
	problems []string
}

type knownKey struct {
	key   ssh.PublicKey
	ca    bool   // an authority for the host's certificates, not the host's own key
	where string // file:line
}

type hostPattern struct {
	globs []string // as written, "!" in front of a negated one
	knownKey
}

type hashedHost struct {
	salt, hash []byte
	knownKey
}

// LoadKnownHosts reads the files; the first one is where accept-new appends. A line that cannot be read is
// skipped and listed in Problems, as is a file that does not exist. Any other read error is returned.
func LoadKnownHosts(files ...string) (*KnownHosts, error) {
	k := &KnownHosts{files: files, exact: map[string][]knownKey{}, revoked: map[string]string{}}
	for i, name := range files {
		text, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			k.problems = append(k.problems, name+": does not exist")
			continue
		case err != nil:
			return nil, fmt.Errorf("reading known hosts: %w", err)
		}
		n := k.parse(text, name, 0)
		if i == 0 {
			k.read, k.lines = int64(len(text)), n
		}
	}
	return k, nil
}

// Problems lists what was skipped, one line each, with file and line number.
func (k *KnownHosts) Problems() []string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Clone(k.problems)
}

// parse reads the lines that follow line number of the file and returns the number of the last one.
func (k *KnownHosts) parse(text []byte, name string, number int) int {
	for line := range bytes.Lines(text) {
		number++
		where := fmt.Sprintf("%s:%d", name, number)
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
		if errors.Is(err, io.EOF) {
			continue // blank or comment
		}
		if err == nil {
			err = k.add(marker, hosts, key, where)
		}
		if err != nil {
			k.problems = append(k.problems, where+": "+strings.TrimPrefix(err.Error(), "ssh: "))
		}
	}
	return number
}

func (k *KnownHosts) add(marker string, hosts []string, key ssh.PublicKey, where string) error {
	entry := knownKey{key: key, ca: marker == "cert-authority", where: where}
	switch marker {
	case "revoked":
		k.revoked[string(key.Marshal())] = where
		return nil
	case "", "cert-authority":
	default:
		return fmt.Errorf("unknown marker @%s", marker)
	}
	if strings.HasPrefix(hosts[0], "|") {
		salt, hash, err := parseHashed(hosts[0])
		if err != nil {
			return err
		}
		k.hashed = append(k.hashed, hashedHost{salt, hash, entry})
		return nil
	}
	if strings.ContainsAny(strings.Join(hosts, ","), "*?!") {
		globs := make([]string, len(hosts))
		for i, h := range hosts {
			globs[i] = strings.ToLower(h)
		}
		k.patterns = append(k.patterns, hostPattern{globs, entry})
		return nil
	}
	for _, h := range hosts {
		h = strings.ToLower(h)
		k.exact[h] = append(k.exact[h], entry)
	}
	return nil
}

func parseHashed(s string) (salt, hash []byte, err error) {
	parts := strings.Split(s, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return nil, nil, errors.New("unknown hash of a host name")
	}
	if salt, err = base64.StdEncoding.DecodeString(parts[2]); err == nil {
		hash, err = base64.StdEncoding.DecodeString(parts[3])
	}
	return salt, hash, err
}

// lookup lists the keys known for host:port, in the order of the files' kinds: plain, wildcard, hashed.
func (k *KnownHosts) lookup(addr string) []knownKey {
	name := strings.ToLower(knownhosts.Normalize(addr))
	k.mu.RLock()
	defer k.mu.RUnlock()
	found := slices.Clone(k.exact[name])
	for _, p := range k.patterns {
		if p.match(name) {
			found = append(found, p.knownKey)
		}
	}
	for _, h := range k.hashed {
		mac := hmac.New(sha1.New, h.salt)
		mac.Write([]byte(name))
		if hmac.Equal(mac.Sum(nil), h.hash) {
			found = append(found, h.knownKey)
		}
	}
	return found
}

func (p hostPattern) match(name string) bool {
	matched := false
	for _, glob := range p.globs {
		negated := strings.HasPrefix(glob, "!")
		if globMatch(strings.TrimPrefix(glob, "!"), name) {
			if negated {
				return false
			}
			matched = true
		}
	}
	return matched
}

// globMatch knows * and ? only; brackets are literal, as in [192.0.2.1]:2222.
func globMatch(glob, name string) bool {
	escaped := strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`).Replace(glob)
	ok, err := path.Match(escaped, name)
	return err == nil && ok
}

func (k *KnownHosts) revokedAt(key ssh.PublicKey) (string, bool) {
	if cert, ok := key.(*ssh.Certificate); ok {
		if where, bad := k.revokedAt(cert.SignatureKey); bad {
			return where, true
		}
		key = cert.Key
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	where, bad := k.revoked[string(key.Marshal())]
	return where, bad
}

// learn appends a line for a host that is not known yet, in one write, under a lock on the file that other
// processes of ours respect. It reads first what they have added since, and leaves a host alone that became
// known meanwhile; the caller looks it up again.
func (k *KnownHosts) learn(addr string, key ssh.PublicKey) error {
	if len(k.files) == 0 {
		return errors.New("there is no known_hosts file to add it to")
	}
	name := k.files[0]
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("adding a host key: %w", err)
	}
	lock := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("locking known hosts: %w", err)
	}
	defer lock.Unlock()
	return k.append(name, addr, key)
}

func (k *KnownHosts) append(name, addr string, key ssh.PublicKey) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("adding a host key: %w", err)
	}
	defer f.Close()
	if err := k.catchUp(f, name); err != nil {
		return fmt.Errorf("reading known hosts: %w", err)
	}
	if len(k.lookup(addr)) > 0 {
		return nil
	}
	line := knownhosts.Line([]string{addr}, key) + "\n"
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.read > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, k.read-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := f.WriteString(line); err != nil {
		return fmt.Errorf("adding a host key: %w", err)
	}
	k.read, k.lines = k.read+int64(len(line)), k.lines+1
	return k.add("", []string{knownhosts.Normalize(addr)}, key, name)
}

// catchUp reads what others appended to the file.
func (k *KnownHosts) catchUp(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if info.Size() < k.read {
		k.read, k.lines = 0, 0 // rewritten: what is there now is read again, nothing known is forgotten
	}
	added := make([]byte, info.Size()-k.read)
	if _, err := f.ReadAt(added, k.read); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	k.lines = k.parse(added, name, k.lines)
	k.read = info.Size()
	return nil
}

// checkCertificate judges a host certificate by the @cert-authority lines.
func (k *KnownHosts) checkCertificate(addr string, remote net.Addr, cert *ssh.Certificate) error {
	checker := ssh.CertChecker{
		IsHostAuthority: func(authority ssh.PublicKey, addr string) bool {
			return slices.ContainsFunc(k.lookup(addr), func(known knownKey) bool {
				return known.ca && sameKey(known.key, authority)
			})
		},
		IsRevoked: func(cert *ssh.Certificate) bool { _, bad := k.revokedAt(cert); return bad },
	}
	return checker.CheckHostKey(addr, remote, cert)
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
