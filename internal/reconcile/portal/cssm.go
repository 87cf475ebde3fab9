package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Where the portal has CSSM's APIs and its token server.
const (
	ClassicAPI  = "/services/api/smart-accounts-and-licensing"
	SoftwareAPI = "/v1/software/apis"
	TokenServer = "/as/token.oauth2"
)

// CSSM is CSSM with its token server.
type CSSM struct {
	ClientID, ClientSecret string
	Smart                  []SmartAccount
	MaxPage                int // records of a page however many are asked for; 0 for 50
	TokenUses              int // requests a token is good for; 0 for any number

	mu     sync.Mutex
	issued int
	used   int
}

// SmartAccount is a Smart Account with its Virtual Accounts.
type SmartAccount struct {
	Domain  string
	Virtual []VirtualAccount
}

// VirtualAccount is a Virtual Account with what it holds.
type VirtualAccount struct {
	Name      string
	Licenses  []License
	Instances []Instance
}

// License is a licence of a Virtual Account.
type License struct {
	Name          string         `json:"license"`
	Virtual       string         `json:"virtualAccount"` // filled by the portal
	Quantity      int64          `json:"quantity"`
	InUse         int64          `json:"inUse"`
	Available     int64          `json:"available"`
	Status        string         `json:"status"`
	Billing       string         `json:"billingType"`
	Substitutions []Substitution `json:"licenseSubstitutions"`
}

// Substitution is what a licence has from an upper tier.
type Substitution struct {
	License  string `json:"licenseName"`
	By       string `json:"substitutedLicense"`
	Quantity int64  `json:"substitutedQuantity"`
}

// Instance is a product instance.
type Instance struct {
	Name string `json:"instanceName"`
	Tag  string `json:"productTagName"`
	UDI  UDI    `json:"sudi"`
}

// UDI is product and serial number of an instance.
type UDI struct {
	PID    string `json:"udiPid"`
	Serial string `json:"udiSerialNumber"`
}

func bearer(n int) string { return fmt.Sprintf("bearer-token-%d-0123456789abcdef", n) }

// Secrets are what must never show up outside the requests.
func (c *CSSM) Secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []string{c.ClientSecret}
	for n := range c.issued {
		all = append(all, bearer(n+1))
	}
	return all
}

func (c *CSSM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if r.Method == http.MethodPost && path == TokenServer {
		c.token(w, r)
		return
	}
	if !c.authorized(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if below, ok := strings.CutPrefix(path, ClassicAPI); ok {
		c.classic(w, r, strings.Split(below, "/")[1:])
		return
	}
	if below, ok := strings.CutPrefix(path, SoftwareAPI); ok {
		c.software(w, r, strings.Split(below, "/")[1:])
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

func (c *CSSM) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_id") != c.ClientID || r.PostFormValue("client_secret") != c.ClientSecret {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		// a server that repeats what it was sent, as some do
		fmt.Fprintf(w, `{"error": "invalid_client", "error_description": "%s is wrong"}`, r.PostFormValue("client_secret"))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issued++
	c.used = 0
	answer(w, map[string]any{"access_token": bearer(c.issued), "token_type": "Bearer", "expires_in": "3599"})
}

func (c *CSSM) authorized(r *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used++
	return c.issued > 0 && r.Header.Get("Authorization") == "Bearer "+bearer(c.issued) && (c.TokenUses == 0 || c.used <= c.TokenUses)
}

func (c *CSSM) classic(w http.ResponseWriter, r *http.Request, path []string) {
	switch route := r.Method + " " + strings.Join(path, "/"); {
	case route == "GET v2/accounts":
		var list []map[string]any
		for _, s := range c.Smart {
			list = append(list, map[string]any{"accountName": s.Domain, "accountDomain": s.Domain, "accountType": "CUSTOMER", "accountStatus": "ACTIVE"})
		}
		answer(w, map[string]any{"accounts": list, "status": "COMPLETE"})
	case len(path) == 5 && route == "GET v1/accounts/"+path[2]+"/customer/virtual-accounts":
		var list []map[string]any
		for _, v := range c.account(path[2]).Virtual {
			list = append(list, map[string]any{"name": v.Name, "isDefault": "false", "commerceAccessLevel": "Public"})
		}
		answer(w, map[string]any{"virtualAccounts": list, "status": "COMPLETE"})
	case len(path) == 4 && route == "POST v1/accounts/"+path[2]+"/licenses":
		var ask struct {
			VirtualAccounts []string
			Limit, Offset   int
		}
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || len(ask.VirtualAccounts) != 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		all := slices.Clone(c.account(path[2]).virtual(ask.VirtualAccounts[0]).Licenses)
		for i := range all {
			all[i].Virtual = ask.VirtualAccounts[0]
		}
		answer(w, map[string]any{"totalRecords": len(all), "licenses": slice(all, ask.Offset, c.limit(ask.Limit)), "status": "COMPLETE"})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *CSSM) software(w http.ResponseWriter, r *http.Request, path []string) {
	number := func(key string) int {
		n, _ := strconv.Atoi(r.FormValue(key)) // 0 when it is not given
		return n
	}
	switch route := r.Method + " " + strings.Join(path, "/"); {
	case route == "GET pnp/v2/accounts":
		var list []map[string]any
		for i, s := range c.Smart {
			list = append(list, map[string]any{"companyName": s.Domain, "domainIdentifier": s.Domain, "accountIdentifier": 100 + i})
		}
		answer(w, map[string]any{"data": slice(list, number("startIdx"), c.limit(number("rowsPerPage"))), "totalRows": len(list)})
	case len(path) == 5 && route == "GET pnp/v2/accounts/"+path[3]+"/virtual-accounts":
		var list []map[string]any
		for i, v := range c.account(path[3]).Virtual {
			list = append(list, map[string]any{"virtualAccountName": v.Name, "virtualAccountId": 200 + i, "default": "false"})
		}
		answer(w, map[string]any{"data": slice(list, number("startIdx"), c.limit(number("rowsPerPage"))), "totalRows": len(list)})
	case len(path) == 5 && route == "GET licensing/v2/accounts/"+path[3]+"/devices":
		all := c.account(path[3]).virtual(r.FormValue("virtualAccountName")).Instances
		answer(w, map[string]any{"status": "SUCCESS", "totalRecords": len(all), "devices": slice(all, number("offset"), c.limit(number("limit")))})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *CSSM) limit(asked int) int {
	most := c.MaxPage
	if most == 0 {
		most = 50
	}
	return min(asked, most)
}

func (c *CSSM) account(domain string) SmartAccount {
	for _, s := range c.Smart {
		if s.Domain == domain {
			return s
		}
	}
	return SmartAccount{}
}

func (s SmartAccount) virtual(name string) VirtualAccount {
	for _, v := range s.Virtual {
		if v.Name == name {
			return v
		}
	}
	return VirtualAccount{}
}

// slice is a page of a list.
func slice[T any](all []T, offset, limit int) []T {
	offset = min(max(offset, 0), len(all))
	return all[offset:min(offset+limit, len(all))]
}
