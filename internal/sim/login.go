package sim

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

var errRejected = errors.New("rejecting login")

// releaseKeyExchanges are what IOS XE 17 offers by default; it knows no post-quantum exchange.
var releaseKeyExchanges = []string{"curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
	"ecdh-sha2-nistp521", "diffie-hellman-group14-sha256"}

// serverConfig is how the device authenticates: password, keyboard-interactive
// and public key, or what its faults make of them.
func (st *station) serverConfig() (*ssh.ServerConfig, error) {
	f := &st.dev.Faults
	c := &ssh.ServerConfig{ServerVersion: ident, MaxAuthTries: 3}
	c.RekeyThreshold = f.RekeyBytes
	c.KeyExchanges, c.Ciphers, c.MACs = f.KeyExchanges, f.Ciphers, f.MACs
	if c.KeyExchanges == nil {
		c.KeyExchanges = releaseKeyExchanges
	}
	signer := st.srv.signer
	if f.ForeignKey {
		var err error
		if signer, err = hostKey(false); err != nil {
			return nil, fmt.Errorf("generating host key: %w", err)
		}
	}
	c.AddHostKey(signer)
	if !f.KeyboardOnly && f.Challenge == "" && !f.PasswordChange {
		c.PasswordCallback = func(m ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			return nil, st.judge(m.User(), string(p))
		}
	}
	c.KeyboardInteractiveCallback = func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		return nil, st.interrogate(m.User(), ask)
	}
	if keys := st.srv.opts.AuthorizedKeys; len(keys) > 0 {
		c.PublicKeyCallback = func(m ssh.ConnMetadata, k ssh.PublicKey) (*ssh.Permissions, error) {
			return nil, matchKey(keys, st.srv.opts.Username, m, k)
		}
	}
	if banner := st.dev.banner("login"); banner != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return banner + "\n" }
	}
	return c, nil
}

func matchKey(accepted []ssh.PublicKey, user string, m ssh.ConnMetadata, k ssh.PublicKey) error {
	for _, want := range accepted {
		if m.User() == user && bytes.Equal(want.Marshal(), k.Marshal()) {
			return nil
		}
	}
	return errRejected
}

// judge decides one attempt with a password.
func (st *station) judge(user, password string) error {
	f := &st.dev.Faults
	n := int(st.counts.logins.Add(1))
	if f.AuthDelay > 0 {
		select {
		case <-time.After(f.AuthDelay):
		case <-st.srv.ctx.Done():
		}
	}
	want := st.srv.opts.Password
	if f.Password != "" {
		want = f.Password
	}
	if user != st.srv.opts.Username || want == "" || password != want || f.RejectEvery > 0 && n%f.RejectEvery == 0 {
		st.counts.rejected.Add(1)
		return errRejected
	}
	return nil
}

func (st *station) interrogate(user string, ask ssh.KeyboardInteractiveChallenge) error {
	f := &st.dev.Faults
	answers, err := ask("", "", []string{"Password: "}, []bool{false})
	if err != nil || len(answers) != 1 {
		return errRejected
	}
	if err := st.judge(user, answers[0]); err != nil {
		return err
	}
	switch {
	case f.PasswordChange:
		_, err = ask("", "Your password has expired.", []string{"Enter new password: ", "Retype new password: "}, []bool{false, false})
	case f.Challenge != "":
		_, err = ask("", "", []string{f.Challenge}, []bool{true})
	default:
		return nil
	}
	st.counts.rejected.Add(1)
	return errors.Join(errRejected, err)
}

// banner is a configured banner without its delimiters.
func (d *Device) banner(kind string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.manager != nil {
		return d.manager.banner(kind)
	}
	text := arg(d.cfg.lines, "banner "+kind, "text")
	text = strings.ReplaceAll(text, "^C", "")
	return strings.TrimSpace(strings.ReplaceAll(text, `\n`, "\n"))
}

func quoteIf(host string) string {
	if strings.Contains(host, ":") {
		return `"` + host + `"`
	}
	return host
}

func sortedTags(tags map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, fmt.Sprintf("%s: %s", k, tags[k]))
	}
	return out
}
