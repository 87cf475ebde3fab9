// Package cssm reads from CSSM's API what is bought and in use per virtual account, and which product instances there
// are (knowledge section F.2, item 6). It makes the requests of Endpoints and of the token server and no others; none
// changes anything. The command line uses it.
package cssm

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/rest"
	"slpdoctor/inventory"
)

// api is what a base URL offers. The endpoints it lacks are nil.
type api struct {
	accounts, virtual, licenses, instances *rest.Endpoint
}

var (
	// classic is .../services/api/smart-accounts-and-licensing.
	classic = api{
		accounts: &rest.Endpoint{Method: http.MethodGet, Path: "v2/accounts", Read: true},
		virtual:  &rest.Endpoint{Method: http.MethodGet, Path: "v1/accounts/{}/customer/virtual-accounts", Read: true},
		// POST only because the question is in the body
		licenses: &rest.Endpoint{Method: http.MethodPost, Path: "v1/accounts/{}/licenses", Read: true},
	}
	// software is .../v1/software/apis, which knows the product instances.
	software = api{
		accounts:  &rest.Endpoint{Method: http.MethodGet, Path: "pnp/v2/accounts", Query: []string{"startIdx", "rowsPerPage"}, Read: true},
		virtual:   &rest.Endpoint{Method: http.MethodGet, Path: "pnp/v2/accounts/{}/virtual-accounts", Query: []string{"startIdx", "rowsPerPage"}, Read: true},
		instances: &rest.Endpoint{Method: http.MethodGet, Path: "licensing/v2/accounts/{}/devices", Query: []string{"virtualAccountName", "limit", "offset"}, Read: true},
	}
	token = &rest.Endpoint{Method: http.MethodPost, Read: true}
)

func (p api) endpoints() []*rest.Endpoint {
	var all []*rest.Endpoint
	for _, e := range []*rest.Endpoint{p.accounts, p.virtual, p.licenses, p.instances} {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}

// Endpoints are all requests this package can make below its base URL.
func Endpoints() []*rest.Endpoint { return append(classic.endpoints(), software.endpoints()...) }

// Options say which accounts to read and as whom.
type Options struct {
	URL          string // base of the API: .../smart-accounts-and-licensing, or .../software/apis for product instances
	TokenURL     string // "" for Cisco's, which only goes with an API at cisco.com
	ClientID     inventory.Secret
	ClientSecret inventory.Secret
	Smart        string         // domain of the Smart Account; "" when the login sees just one
	Virtual      []string       // names of Virtual Accounts; none for all
	CA           *x509.CertPool // nil for those of the system
	Agent        string         // User-Agent
	Now          func() time.Time

	sleep func(context.Context, time.Duration) error
}

// DefaultTokenURL is the token server that goes with an API of Cisco, "" for other hosts: a client secret goes
// nowhere unasked.
func DefaultTokenURL(base string) string {
	u, err := url.Parse(base)
	if err != nil || !strings.HasSuffix(u.Hostname(), ".cisco.com") {
		return ""
	}
	if newer(base) {
		return "https://id.cisco.com/oauth2/default/v1/token"
	}
	return "https://cloudsso.cisco.com/as/token.oauth2"
}

// newer reports whether the base is the one that has product instances.
func newer(base string) bool {
	return strings.HasSuffix(strings.TrimRight(base, "/"), "/software/apis")
}

// Read reads the virtual accounts and adds one input to the data, with its balances or its product instances,
// whichever the API at this base has. What is incomplete, of another account or of another format is an error, and
// nothing is added; a field that is missing leaves its number unknown, with a note.
func Read(ctx context.Context, o Options, into *reconcile.Data) error {
	s, err := open(o)
	if err != nil {
		return err
	}
	defer s.close()
	at := o.Now().UTC()
	smart, err := s.smart(ctx, o.Smart)
	if err != nil {
		return fmt.Errorf("reading the Smart Accounts of CSSM: %w", err)
	}
	virtual, err := s.virtual(ctx, smart, o.Virtual)
	if err != nil {
		return fmt.Errorf("reading the Virtual Accounts of %s: %w", smart, err)
	}
	in := reconcile.Input{Kind: reconcile.CSSM, Path: s.client.Base(), Time: &at}
	balances, instances := []reconcile.Balance{}, []reconcile.Instance{}
	for _, va := range virtual {
		if s.api.licenses != nil {
			b, err := s.balances(ctx, smart, va)
			if err != nil {
				return fmt.Errorf("reading the licences of Virtual Account %q: %w", va, err)
			}
			balances = append(balances, b...)
			continue
		}
		i, err := s.instances(ctx, smart, va)
		if err != nil {
			return fmt.Errorf("reading the product instances of Virtual Account %q: %w", va, err)
		}
		instances = append(instances, i...)
	}
	if s.api.licenses == nil {
		in.Kind = reconcile.Instances
		s.note("this API lists product instances without the licences they use, and no licence inventory")
	}
	in.Notes = s.notes
	n := len(into.Inputs)
	into.Inputs = append(into.Inputs, in)
	if s.api.licenses != nil && into.Balances == nil {
		into.Balances = []reconcile.Balance{}
	}
	if s.api.instances != nil && into.Instances == nil {
		into.Instances = []reconcile.Instance{}
	}
	for i, b := range balances {
		b.Place = reconcile.Place{Input: n, Row: i + 1}
		into.Balances = append(into.Balances, b)
	}
	for i, p := range instances {
		p.Place = reconcile.Place{Input: n, Row: i + 1}
		into.Instances = append(into.Instances, p)
	}
	return nil
}

// open checks the options; nothing is contacted.
func open(o Options) (*session, error) {
	if !o.ClientID.IsSet() || !o.ClientSecret.IsSet() {
		return nil, errors.New("CSSM needs a client id and a client secret")
	}
	tokenURL := o.TokenURL
	if tokenURL == "" {
		tokenURL = DefaultTokenURL(o.URL)
	}
	if tokenURL == "" {
		return nil, errors.New("the API is not at cisco.com: give the address of its token server (--cssm-token-url)")
	}
	s := &session{api: classic, now: o.Now, id: o.ClientID, secret: o.ClientSecret}
	if newer(o.URL) {
		s.api = software
	}
	var err error
	if s.client, err = rest.New(rest.Options{Base: o.URL, Endpoints: s.api.endpoints(), CA: o.CA, Agent: o.Agent, Now: o.Now, Sleep: o.sleep}); err != nil {
		return nil, fmt.Errorf("reading the address of CSSM's API: %w", err)
	}
	if s.issuer, err = rest.New(rest.Options{Base: tokenURL, Endpoints: []*rest.Endpoint{token}, CA: o.CA, Agent: o.Agent, Now: o.Now, Sleep: o.sleep}); err != nil {
		return nil, fmt.Errorf("reading the address of the token server: %w", err)
	}
	for _, c := range []*rest.Client{s.client, s.issuer} {
		c.Hide(o.ClientSecret)
		c.Hide(o.ClientID)
	}
	return s, nil
}
