package cssm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/portal"
	"slpdoctor/inventory"
)

const (
	tier1  = "Routing DNA Advantage: Tier 1"
	secret = "client-secret-Zx9"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// account is CSSM with one Smart Account.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func account(virtual ...portal.VirtualAccount) *portal.CSSM {
	return &portal.CSSM{ClientID: "client-id", ClientSecret: secret, Smart: []portal.SmartAccount{{Domain: "example.com", Virtual: virtual}}}
}

// doubled is the account of the walkthrough: 298 devices that were added to the 300 of the report before.
func doubled() *portal.CSSM {
	return account(portal.VirtualAccount{Name: "SDWAN 01", Licenses: []portal.License{
		{Name: tier1, Quantity: 300, InUse: 598, Available: -298, Status: "Out of Compliance", Billing: "PREPAID"}}})
}

// many is a Virtual Account with n licences and n product instances.
func many(n int) *portal.CSSM {
	va := portal.VirtualAccount{Name: "SDWAN 01"}
	for i := range n {
		va.Licenses = append(va.Licenses, portal.License{Name: fmt.Sprintf("License %d", i), Quantity: 5, InUse: 3, Available: 2, Status: "In Compliance", Billing: "USAGE"})
		serial := fmt.Sprintf("FDO%08d", i)
		va.Instances = append(va.Instances, portal.Instance{Name: "UDI_PID:C8300-1N1S-4T2X; UDI_SN:" + serial + "; ", Tag: "regid.example.C8300",
			UDI: portal.UDI{PID: "C8300-1N1S-4T2X", Serial: serial}})
	}
	return account(va)
}

func start(t *testing.T, c *portal.CSSM, api string) (*portal.Server, Options, *[]time.Duration) {
	t.Helper()
	s, err := portal.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var pauses []time.Duration
	return s, Options{URL: s.URL + api, TokenURL: s.URL + portal.TokenServer, ClientID: inventory.NewSecret(c.ClientID), ClientSecret: inventory.NewSecret(c.ClientSecret),
		CA: s.CA, Agent: "slpdoctor/test", Now: func() time.Time { return now },
		sleep: func(ctx context.Context, d time.Duration) error { pauses = append(pauses, d); return ctx.Err() }}, &pauses
}

func TestBalances(t *testing.T) {
	c := account(
		portal.VirtualAccount{Name: "SDWAN 01", Licenses: []portal.License{
			{Name: tier1, Quantity: 300, InUse: 598, Available: -298, Status: "Out of Compliance", Billing: "PREPAID"},
			{Name: "Tier 2", Quantity: 300, InUse: 315, Available: -7, Status: "In Compliance", Billing: "USAGE",
				Substitutions: []portal.Substitution{{License: "Tier 2", By: "Tier 3", Quantity: 6}, {License: "Tier 2", By: "Tier 4", Quantity: 2}}},
			{Name: "Tier 3", Quantity: 20, InUse: 4, Available: 10, Status: "In Compliance", Billing: "OTHER",
				Substitutions: []portal.Substitution{{License: "Tier 2", By: "Tier 3", Quantity: 6}}},
			{Name: "HSEC", Quantity: 1, InUse: 3, Available: 0, Status: "In Compliance",
				Substitutions: []portal.Substitution{{License: "HSEC", By: "", Quantity: 7}}},
		}},
		portal.VirtualAccount{Name: "Empty"},
	)
	_, o, _ := start(t, c, portal.ClassicAPI)
	d := reconcile.Data{Inputs: []reconcile.Input{{Kind: reconcile.Log}}}
	if err := Read(t.Context(), o, &d); err != nil {
		t.Fatal(err)
	}
	n := func(v int64) *int64 { return &v }
	at := func(row int) reconcile.Place { return reconcile.Place{Input: 1, Row: row} }
	want := []reconcile.Balance{
		{Place: at(1), License: tier1, Smart: "example.com", Virtual: "SDWAN 01", Billing: "Prepaid", Available: n(300), InUse: n(598), Substituted: n(0), Balance: n(-298), Alerts: "Out of Compliance"},
		{Place: at(2), License: "Tier 2", Smart: "example.com", Virtual: "SDWAN 01", Billing: "By Usage", Available: n(300), InUse: n(315), Substituted: n(8), Balance: n(-7)},
		{Place: at(3), License: "Tier 3", Smart: "example.com", Virtual: "SDWAN 01", Billing: "OTHER", Available: n(20), InUse: n(4), Substituted: n(-6), Balance: n(10)},
		{Place: at(4), License: "HSEC", Smart: "example.com", Virtual: "SDWAN 01", Available: n(1), InUse: n(3)},
	}
	if diff := cmp.Diff(want, d.Balances); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in := d.Inputs[1]
	if in.Kind != reconcile.CSSM || in.Path != o.URL || !in.Time.Equal(now) || d.Instances != nil {
		t.Errorf("input %+v, instances %v", in, d.Instances)
	}
	if notes := []string{`"HSEC": available is 0, which is not quantity 1 less in use 3 with 7 substituted: not taken as the balance`}; !slices.Equal(in.Notes, notes) {
		t.Errorf("notes %q, want %q", in.Notes, notes)
	}
}

func TestInstances(t *testing.T) {
	c := many(130)
	c.Smart[0].Virtual[0].Instances[7] = portal.Instance{Name: "UDI_PID:Cisco_vManage; UDI_SN:0a1b2c3d"}
	s, o, _ := start(t, c, portal.SoftwareAPI)
	var d reconcile.Data
	if err := Read(t.Context(), o, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Instances) != 130 || d.Balances != nil || d.Inputs[0].Kind != reconcile.Instances {
		t.Fatalf("%d instances, balances %v, inputs %+v", len(d.Instances), d.Balances, d.Inputs)
	}
	want := reconcile.Instance{Place: reconcile.Place{Row: 8}, Name: "UDI_PID:Cisco_vManage; UDI_SN:0a1b2c3d", PID: "Cisco_vManage", Serial: "0a1b2c3d", Smart: "example.com", Virtual: "SDWAN 01"}
	if diff := cmp.Diff(want, d.Instances[7]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.Instances[129].Serial != "FDO00000129" {
		t.Errorf("the last is %+v", d.Instances[129])
	}
	if sent := s.Requests(); len(sent) != 1+1+1+3 {
		t.Errorf("requests %q", sent)
	}
}

func TestAccounts(t *testing.T) {
	c := account(portal.VirtualAccount{Name: "DEFAULT", Licenses: []portal.License{{Name: "a", Quantity: 1, Available: 1}}},
		portal.VirtualAccount{Name: "SDWAN 01", Licenses: []portal.License{{Name: "b", Quantity: 1, Available: 1}}})
	for _, tt := range []struct {
		smart    string
		virtual  []string
		second   bool // the login sees another Smart Account
		licenses []string
		err      string
	}{
		{licenses: []string{"a", "b"}},
		{smart: "EXAMPLE.com", virtual: []string{"sdwan 01", "SDWAN 01"}, licenses: []string{"b"}},
		{smart: "other.example", err: `there is no Smart Account "other.example"; this login sees ["example.com"]`},
		{virtual: []string{"SDWAN 02"}, err: `there is no Virtual Account "SDWAN 02"; this login sees ["DEFAULT" "SDWAN 01"]`},
		{second: true, err: `name the Smart Account; this login sees ["example.com" "second.example"]`},
		{second: true, smart: "second.example"},
	} {
		c.Smart = c.Smart[:1]
		if tt.second {
			c.Smart = append(c.Smart, portal.SmartAccount{Domain: "second.example"})
		}
		_, o, _ := start(t, c, portal.ClassicAPI)
		o.Smart, o.Virtual = tt.smart, tt.virtual
		var d reconcile.Data
		err := Read(t.Context(), o, &d)
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%+v: %v", tt, err)
		}
		var got []string
		for _, b := range d.Balances {
			got = append(got, b.License)
		}
		if !slices.Equal(got, tt.licenses) {
			t.Errorf("%+v: licences %q", tt, got)
		}
	}
}

// records answers a page of licences.
func records(total string, licenses ...string) http.HandlerFunc {
	return portal.Body("application/json", `{"status": "COMPLETE", "totalRecords": `+total+`, "licenses": [`+strings.Join(licenses, ",")+`]}`)
}

func record(name string) string {
	return `{"license": "` + name + `", "quantity": 5, "inUse": 3, "available": 2, "status": "In Compliance"}`
}

// TestDrift are answers that are not what is documented: an error, or an unknown with a note, never a wrong number.
func TestDrift(t *testing.T) {
	missing := func(name, field string) string {
		return strings.Replace(record(name), `"`+field+`"`, `"`+field+`New"`, 1)
	}
	tests := []struct {
		name     string
		answers  []http.HandlerFunc
		err      string
		note     string
		licenses int
	}{
		{name: "a page is shorter than asked for", answers: []http.HandlerFunc{records("2", record("a")), records("2", record("b"))}, licenses: 2},
		{name: "numbers as text", answers: []http.HandlerFunc{records(`"1"`, strings.Replace(record("a"), "5", `"5"`, 1))}, licenses: 1},
		{name: "nothing, said in words", answers: []http.HandlerFunc{portal.Body("application/json", `{"status": "COMPLETE", "message_code": "NO DATA FOUND"}`)}},
		{name: "half of the records", answers: []http.HandlerFunc{records("2", record("a")), records("2")}, err: "ends after 1 of 2 records"},
		{name: "too many records", answers: []http.HandlerFunc{records("1", record("a"), record("b"))}, err: "has 2 records where it says there are 1"},
		{name: "no total", answers: []http.HandlerFunc{records("null", record("a"))}, err: "does not say how many records there are"},
		{name: "an absurd total", answers: []http.HandlerFunc{records("9000000000", record("a"))}, err: "does not say how many records there are"},
		{name: "total of another type", answers: []http.HandlerFunc{records("[1]", record("a"))}, err: `"TotalRecords" is of type array`},
		{name: "the total changes once", answers: []http.HandlerFunc{records("3", record("a")), records("2", record("b")), records("2", record("a"), record("c"))},
			licenses: 2, note: "changed while it was read"},
		{name: "the total keeps changing", answers: []http.HandlerFunc{records("3", record("a")), records("2", record("b")), records("3", record("a")), records("4", record("b"))},
			err: "keeps changing"},
		{name: "pages overlap", answers: []http.HandlerFunc{records("3", record("a"), record("b")), records("3", record("b")), records("3", record("a"), record("b"), record("c"))},
			licenses: 3, note: "changed while it was read"},
		{name: "a record twice on one page", answers: []http.HandlerFunc{records("2", record("a"), record("a"))}, err: "has the same record twice"},
		{name: "the same page again and again", answers: slices.Repeat([]http.HandlerFunc{records("4", record("a"), record("b"))}, 4), err: "or its pages repeat"},
		{name: "no number in use", answers: []http.HandlerFunc{records("1", missing("a", "inUse"))}, licenses: 1, note: `"a" does not say "inUse": unknown`},
		{name: "no quantity", answers: []http.HandlerFunc{records("1", missing("a", "quantity"))}, licenses: 1, note: `"a" does not say "quantity": unknown`},
		{name: "in use of another type", answers: []http.HandlerFunc{records("1", strings.Replace(record("a"), "3", "{}", 1))}, err: `"InUse" is of type object`},
		{name: "in use in words", answers: []http.HandlerFunc{records("1", strings.Replace(record("a"), "3", `"three"`, 1))}, err: `"InUse" is of type string`},
		{name: "negative in use", answers: []http.HandlerFunc{records("1", strings.Replace(record("a"), "3", "-3", 1))}, err: `"inUse" of "a" is negative`},
		{name: "no name", answers: []http.HandlerFunc{records("1", missing("a", "license"))}, err: "licence without a name"},
		{name: "another account", answers: []http.HandlerFunc{records("1", strings.Replace(record("a"), "{", `{"virtualAccount": "Lab", `, 1))}, err: `licences of another Virtual Account, "Lab"`},
		{name: "an error with status 200", answers: []http.HandlerFunc{portal.Body("application/json", `{"status": "ERROR", "statusMessage": "user not authorized", "totalRecords": 0, "licenses": []}`)},
			err: `CSSM says "ERROR": user not authorized`},
		{name: "half a page", answers: []http.HandlerFunc{portal.Body("application/json", `{"totalRecords": 2, "licenses": [{"lic`)}, err: "the JSON ends early"},
		{name: "a login page", answers: []http.HandlerFunc{portal.Page()}, err: "web page instead of data"},
		{name: "text", answers: []http.HandlerFunc{portal.Body("text/plain", "ok")}, err: `"text/plain" instead of JSON`},
		{name: "a list", answers: []http.HandlerFunc{portal.Body("application/json", `[]`)}, err: "is of type array"},
		{name: "redirect", answers: []http.HandlerFunc{portal.Status(http.StatusTemporaryRedirect, "Location", "https://elsewhere.example/x?token=abc")}, err: "redirected to https://elsewhere.example/x, which"},
		{name: "no right", answers: []http.HandlerFunc{portal.Status(http.StatusForbidden)}, err: "no right to read it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := many(1)
			s, o, _ := start(t, c, portal.ClassicAPI)
			s.Fail("/licenses", tt.answers...)
			var d reconcile.Data
			err := Read(t.Context(), o, &d)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), "SDWAN 01") {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				if diff := cmp.Diff(reconcile.Data{}, d); diff != "" {
					t.Errorf("data were added: %s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			notes := strings.Join(d.Inputs[0].Notes, "\n")
			if len(d.Balances) != tt.licenses || d.Balances == nil || (tt.note == "") != (notes == "") || !strings.Contains(notes, tt.note) {
				t.Errorf("%d licences with notes %q, want %d with %q", len(d.Balances), notes, tt.licenses, tt.note)
			}
			for _, b := range d.Balances {
				if strings.Contains(tt.note, "inUse") && b.InUse != nil || strings.Contains(tt.note, "quantity") && b.Available != nil {
					t.Errorf("a number that is not there became %+v", b)
				}
			}
		})
	}
}

func TestTransport(t *testing.T) {
	tests := []struct {
		name   string
		path   string
		faults []http.HandlerFunc
		tokens int             // that were asked for
		pauses []time.Duration // at least
		err    string
	}{
		{name: "undisturbed", tokens: 1},
		{name: "busy", path: "/licenses", faults: []http.HandlerFunc{nil, portal.Status(http.StatusTooManyRequests, "Retry-After", "9")}, tokens: 1, pauses: []time.Duration{9 * time.Second}},
		{name: "out of order", path: "/licenses", faults: []http.HandlerFunc{nil, nil, portal.Status(http.StatusServiceUnavailable)}, tokens: 1, pauses: []time.Duration{time.Second}},
		{name: "cut", path: "/licenses", faults: []http.HandlerFunc{nil, portal.Cut()}, tokens: 1, pauses: []time.Duration{time.Second}},
		{name: "token refused in the middle", path: "/licenses", faults: []http.HandlerFunc{nil, nil, portal.Status(http.StatusUnauthorized)}, tokens: 2},
		{name: "token refused twice", path: "/licenses", faults: []http.HandlerFunc{nil, portal.Status(http.StatusUnauthorized), portal.Status(http.StatusUnauthorized)}, tokens: 2, err: "not logged in"},
		{name: "token server busy", path: "/token.oauth2", faults: []http.HandlerFunc{portal.Status(http.StatusServiceUnavailable, "Retry-After", "3")}, tokens: 2, pauses: []time.Duration{3 * time.Second}},
		{name: "client refused", path: "/token.oauth2", faults: []http.HandlerFunc{portal.Status(http.StatusUnauthorized)}, tokens: 1, err: "client id or client secret rejected (401)"},
		{name: "no token", path: "/token.oauth2", faults: []http.HandlerFunc{portal.Body("application/json", `{"access_token": ""}`)}, tokens: 1, err: "without a bearer token"},
		{name: "token of another type", path: "/token.oauth2", faults: []http.HandlerFunc{portal.Body("application/json", `{"access_token": "abc", "token_type": "mac"}`)}, tokens: 1, err: "without a bearer token"},
		{name: "token page", path: "/token.oauth2", faults: []http.HandlerFunc{portal.Page()}, tokens: 1, err: "web page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := many(250)
			s, o, pauses := start(t, c, portal.ClassicAPI)
			s.Fail(tt.path, tt.faults...)
			var d reconcile.Data
			err := Read(t.Context(), o, &d)
			if tt.err == "" && (err != nil || len(d.Balances) != 250) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%d licences, error %v, want %q", len(d.Balances), err, tt.err)
			}
			asked := len(slices.DeleteFunc(s.Requests(), func(r string) bool { return !strings.HasSuffix(r, portal.TokenServer) }))
			if asked != tt.tokens {
				t.Errorf("%d tokens were asked for, want %d", asked, tt.tokens)
			}
			if len(*pauses) != len(tt.pauses) || len(tt.pauses) > 0 && (*pauses)[0] < tt.pauses[0] {
				t.Errorf("pauses %v, want %v", *pauses, tt.pauses)
			}
		})
	}
}

// TestTokenLife: a token is kept until a minute before its end, and one without an end is renewed when it is refused.
func TestTokenLife(t *testing.T) {
	c := many(200)
	s, o, _ := start(t, c, portal.ClassicAPI)
	clock := now
	o.Now = func() time.Time { clock = clock.Add(20 * time.Minute); return clock }
	if err := Read(t.Context(), o, &reconcile.Data{}); err != nil {
		t.Fatal(err)
	}
	if asked := len(slices.DeleteFunc(s.Requests(), func(r string) bool { return !strings.HasSuffix(r, portal.TokenServer) })); asked != 2 {
		t.Errorf("%d tokens of an hour in 6 requests every 20 minutes, want 2", asked)
	}
	c = many(200)
	c.TokenUses = 2
	_, o, _ = start(t, c, portal.ClassicAPI)
	var d reconcile.Data
	if err := Read(t.Context(), o, &d); err != nil || len(d.Balances) != 200 {
		t.Errorf("tokens that are good for two requests: %d licences, %v", len(d.Balances), err)
	}
}

func TestSlowServer(t *testing.T) {
	s, o, _ := start(t, doubled(), portal.ClassicAPI)
	s.Fail("/licenses", portal.Hang())
	cause := errors.New("--max-time is over")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, cause)
	defer cancel()
	var d reconcile.Data
	if err := Read(ctx, o, &d); !errors.Is(err, cause) || d.Inputs != nil {
		t.Errorf("error %v, want %v; inputs %v", err, cause, d.Inputs)
	}
}

func TestOptions(t *testing.T) {
	_, good, _ := start(t, doubled(), portal.ClassicAPI)
	for name, tt := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"no secret":             {func(o *Options) { o.ClientSecret = inventory.Secret{} }, "needs a client id and a client secret"},
		"no token server":       {func(o *Options) { o.TokenURL = "" }, "give the address of its token server (--cssm-token-url)"},
		"token server by http":  {func(o *Options) { o.TokenURL = "http://token.example/" }, "token server: its scheme"},
		"secret in the address": {func(o *Options) { o.URL = "https://u:" + secret + "@h.example/" }, "credentials come from the environment"},
		"another authority":     {func(o *Options) { o.CA = nil }, "--ca-file"},
	} {
		o := good
		tt.change(&o)
		if err := Read(t.Context(), o, &reconcile.Data{}); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	for base, want := range map[string]string{
		"https://swapi.cisco.com/services/api/smart-accounts-and-licensing": "https://cloudsso.cisco.com/as/token.oauth2",
		"https://apx.cisco.com/v1/software/apis/":                           "https://id.cisco.com/oauth2/default/v1/token",
		"https://cisco.com.evil.example/v1/software/apis":                   "",
		"https://evilcisco.com/":                                            "",
		"::":                                                                "",
	} {
		if got := DefaultTokenURL(base); got != want {
			t.Errorf("token server of %s is %q, want %q", base, got, want)
		}
	}
}

// TestNoSecretsInErrors breaks every request in every way, against a token server that repeats the secret, and looks
// for secrets in all that comes back.
func TestNoSecretsInErrors(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := string(body) + r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status": %q, "statusMessage": %q, "message": %q}`, text, text, text)
	}
	refuse := func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest); echo(w, r) }
	leak := func(w http.ResponseWriter, r *http.Request) {
		portal.Status(http.StatusFound, "Location", "https://elsewhere.example/?s="+secret)(w, r)
	}
	wrong := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "x/"+secret)
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}
	for _, api := range []string{portal.ClassicAPI, portal.SoftwareAPI} {
		for _, path := range []string{portal.TokenServer, "v2/accounts", "virtual-accounts", "/licenses", "/devices"} {
			for name, fault := range map[string]http.HandlerFunc{"echo": echo, "refuse": refuse, "leak": leak, "wrong": wrong, "page": portal.Page(), "401": portal.Status(http.StatusUnauthorized)} {
				c := doubled()
				s, o, _ := start(t, c, api)
				s.Fail(path, fault, fault)
				var d reconcile.Data
				err := Read(t.Context(), o, &d)
				reached := slices.ContainsFunc(s.Requests(), func(r string) bool { return strings.HasSuffix(r, path) })
				if reached && err == nil {
					t.Errorf("%s %s: no error", path, name)
				}
				for _, hidden := range c.Secrets() {
					if text := fmt.Sprintf("%v %+v %#v %#v", err, err, o, d); strings.Contains(text, hidden) {
						t.Errorf("%s %s: %q is in %s", path, name, hidden, text)
					}
				}
			}
		}
	}
}

// TestNothingChangesState holds the list against what may be in it: questions.
func TestNothingChangesState(t *testing.T) {
	for _, e := range Endpoints() {
		if e.Method != http.MethodGet && e.String() != "POST /v1/accounts/{}/licenses" || !e.Read {
			t.Errorf("%s is in the list", e)
		}
	}
}

func TestTenThousandDevices(t *testing.T) {
	c := many(10_000)
	c.MaxPage = 100
	s, o, _ := start(t, c, portal.SoftwareAPI)
	var d reconcile.Data
	if err := Read(t.Context(), o, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Instances) != 10_000 || d.Instances[9999].Serial != "FDO00009999" || len(s.Requests()) != 103 {
		t.Errorf("%d instances in %d requests", len(d.Instances), len(s.Requests()))
	}
}

// TestAccountsUnderTwoNames: an account that is named in the words of both APIs is one account.
func TestAccountsUnderTwoNames(t *testing.T) {
	s, o, _ := start(t, doubled(), portal.ClassicAPI)
	s.Fail("/v2/accounts", portal.Body("application/json", `{"accounts": [{"accountDomain": "example.com", "domainIdentifier": "example.com"}]}`))
	s.Fail("/virtual-accounts", portal.Body("application/json", `{"virtualAccounts": [{"name": "SDWAN", "virtualAccountName": "SDWAN"}]}`))
	s.Fail("/licenses", records("1", record("a")))
	o.Smart, o.Virtual = "", nil
	var d reconcile.Data
	if err := Read(t.Context(), o, &d); err != nil || len(d.Balances) != 1 || d.Balances[0].Virtual != "SDWAN" || d.Balances[0].Smart != "example.com" {
		t.Errorf("%+v, %v", d.Balances, err)
	}
}
