package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/cssm"
	"slpdoctor/internal/reconcile/vmanage"
	"slpdoctor/inventory"
)

// portals are the portals that are read over HTTPS. Their credentials are no flags: see pair.
type portals struct {
	vmanage  []string // one at most, as of smart: see alone
	cssm     []string
	tokenURL string
	smart    []string
	virtual  []string
	caFile   string
}

func (p *portals) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&p.vmanage, "vmanage-url", nil, "ask the vManage at `URL`")
	f.StringArrayVar(&p.cssm, "cssm-url", nil, "ask CSSM's API at `URL`, repeatable: .../services/api/smart-accounts-and-licensing has licences, .../software/apis product instances")
	f.StringVar(&p.tokenURL, "cssm-token-url", "", "where CSSM's API gives tokens, `URL` (default Cisco's, for APIs at cisco.com)")
	f.StringArrayVar(&p.smart, "smart-account", nil, "`DOMAIN` of the Smart Account to ask CSSM for (default the only one)")
	f.StringArrayVar(&p.virtual, "virtual-account", nil, "`NAME` of a Virtual Account to ask CSSM for, repeatable (default all)")
	f.StringVar(&p.caFile, "ca-file", "", "trust the certificates in `FILE` (PEM) beside those of the system")
}

// alone is the error for a flag that has no portal to be about, and for one that cannot be about two.
func (p *portals) alone() error {
	switch {
	case len(p.vmanage) > 1:
		return errors.New("--vmanage-url is given more than once, and one vManage is asked: give exports of the others with --vmanage")
	case len(p.smart) > 1:
		return errors.New("--smart-account is given more than once, and one Smart Account is asked for: run once for each")
	}
	for _, f := range []struct {
		name   string
		given  bool
		portal string
		named  bool
	}{
		{"--cssm-token-url", p.tokenURL != "", "--cssm-url", len(p.cssm) > 0},
		{"--smart-account", len(p.smart) > 0, "--cssm-url", len(p.cssm) > 0},
		{"--virtual-account", len(p.virtual) > 0, "--cssm-url", len(p.cssm) > 0},
		{"--ca-file", p.caFile != "", "--vmanage-url or --cssm-url", p.asked()},
	} {
		if f.given && !f.named {
			return fmt.Errorf("%s says how to ask a portal, and none is named: give %s", f.name, f.portal)
		}
	}
	return nil
}

// asked reports whether a portal was named.
func (p *portals) asked() bool { return len(p.vmanage) > 0 || len(p.cssm) > 0 }

// read reads what was asked for into the data. Nothing is contacted before all credentials are there.
func (p *portals) read(ctx context.Context, a *app, into *reconcile.Data) error {
	ca, err := authorities(p.caFile)
	if err != nil {
		return err
	}
	resolver := a.secrets(nil, nil)
	agent := "slpdoctor/" + version()
	vm := vmanage.Options{CA: ca, Agent: agent, Now: a.Now}
	if len(p.vmanage) > 0 {
		if vm.Username, vm.Password, err = a.pair(ctx, resolver, "--vmanage-url", "SLPDOCTOR_VMANAGE_USERNAME", "SLPDOCTOR_VMANAGE_PASSWORD"); err != nil {
			return err
		}
	}
	cs := cssm.Options{TokenURL: p.tokenURL, Smart: strings.Join(p.smart, ""), Virtual: p.virtual, CA: ca, Agent: agent, Now: a.Now}
	if len(p.cssm) > 0 {
		if cs.ClientID, cs.ClientSecret, err = a.pair(ctx, resolver, "--cssm-url", "SLPDOCTOR_CSSM_CLIENT_ID", "SLPDOCTOR_CSSM_CLIENT_SECRET"); err != nil {
			return err
		}
	}
	for _, vm.URL = range p.vmanage {
		if err := vmanage.Read(ctx, vm, into); err != nil {
			return err
		}
	}
	for _, cs.URL = range p.cssm {
		if err := cssm.Read(ctx, cs, into); err != nil {
			return err
		}
	}
	return nil
}

// pair fetches the two secrets that a flag needs: from the variables, or with _FILE or _COMMAND from where those say.
func (a *app) pair(ctx context.Context, r *inventory.Resolver, flag string, names ...string) (first, second inventory.Secret, err error) {
	var secrets [2]inventory.Secret
	for i, name := range names {
		ref, err := inventory.FromVariables(name, a.Getenv)
		if err == nil && ref == nil {
			err = fmt.Errorf("%s needs the variable %s, or %[2]s_FILE or %[2]s_COMMAND", flag, name)
		}
		if err == nil {
			secrets[i], err = r.Fetch(ctx, flag, *ref)
		}
		if err != nil {
			return first, second, err
		}
	}
	return secrets[0], secrets[1], nil
}

// authorities are those of the system and those of the file; nil, which is the system's, without a file.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading --ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any: the file stands alone
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading --ca-file %s: there is no certificate in PEM form in it", path)
	}
	return pool, nil
}
