package vmanage

import (
	"context"
	"errors"
	"fmt"
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
	tier1    = "Routing DNA Advantage: Tier 1"
	password = "correct horse battery staple"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fleet is a vManage with n devices that hold the licence in the named accounts in turn.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func fleet(n int, virtual ...string) *portal.VManage {
	v := &portal.VManage{User: "reader", Password: password,
		Overview: []portal.OverviewRow{{Name: tier1, Licensed: int64(n), Total: 300, Last: "18 Jul 2025 12:44:23 PM"}}}
	for i := range n {
		v.Devices = append(v.Devices, portal.Device{UUID: fmt.Sprintf("C8300-1N1S-4T2X-FDO%08d", i), Host: fmt.Sprintf("edge%d", i),
			Model: "vedge-C8300-1N1S-4T2X", SystemIP: fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255),
			Licenses: []portal.Assigned{{Name: tier1, Tag: "regid.example.DSTACK_T1_A", Smart: "example.com", Virtual: virtual[i%len(virtual)], Units: 1}}})
	}
	return v
}

func start(t *testing.T, v *portal.VManage) (*portal.Server, Options) {
	t.Helper()
	s, err := portal.Start(v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, Options{URL: s.URL, Username: inventory.NewSecret(v.User), Password: inventory.NewSecret(v.Password), CA: s.CA, Agent: "slpdoctor/test",
		Now: func() time.Time { return now }, sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func count(license, smart, virtual string, row int, licensed int64, total *int64, last string) reconcile.Count {
	return reconcile.Count{Place: reconcile.Place{Row: row}, License: license, Smart: smart, Virtual: virtual, Licensed: &licensed, Total: total, LastAssigned: last}
}

func TestRead(t *testing.T) {
	drift := portal.Body("application/json", `{"data": [{"licence": "x", "devices": 3}]}`)
	tests := []struct {
		name   string
		v      *portal.VManage
		faults map[string]http.HandlerFunc
		change func(*portal.VManage)
		counts []reconcile.Count
		units  int64    // assigned
		notes  []string // a part of each
	}{
		{name: "a current release", v: fleet(298, "SDWAN"), units: 298,
			counts: []reconcile.Count{count(tier1, "example.com", "SDWAN", 1, 298, new(int64(300)), "18 Jul 2025 12:44:23 PM")}},
		{name: "an old release", v: fleet(3, "SDWAN"), change: func(v *portal.VManage) { v.Old = true }, units: 3,
			counts: []reconcile.Count{count(tier1, "example.com", "SDWAN", 1, 3, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{"v1/licensing/devices: answered 404"}},
		{name: "only tokens", v: fleet(3, "SDWAN"), change: func(v *portal.VManage) { v.OnlyJWT = true }, units: 3,
			faults: map[string]http.HandlerFunc{"/j_security_check": portal.Status(http.StatusNotFound)},
			counts: []reconcile.Count{count(tier1, "example.com", "SDWAN", 1, 3, new(int64(300)), "18 Jul 2025 12:44:23 PM")}},
		{name: "several accounts", v: fleet(5, "A", "B"), units: 5,
			counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 3, nil, ""), count(tier1, "example.com", "B", 2, 2, nil, "")},
			notes:  []string{"held in 2 accounts"}},
		{name: "several accounts that do not add up", v: fleet(5, "A", "B"), change: func(v *portal.VManage) { v.Overview[0].Licensed = 7 }, units: 5,
			counts: []reconcile.Count{count(tier1, "", "", 1, 7, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{"the overview counts 7 licensed devices, the list of devices has 5 with 5 units"}},
		{name: "units instead of devices", v: fleet(2, "A"), change: func(v *portal.VManage) {
			v.Devices[0].Licenses[0].Units, v.Overview[0].Licensed = 4, 5
		}, units: 5, counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 5, new(int64(300)), "18 Jul 2025 12:44:23 PM")}},
		{name: "no overview", v: fleet(4, "A"), units: 4,
			faults: map[string]http.HandlerFunc{"overviewtable": portal.Status(http.StatusForbidden), "DistributionDetails": portal.Status(http.StatusNotFound)},
			counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 4, nil, "")},
			notes:  []string{"counted from the devices", "DistributionDetails: answered 404", "overviewtable: this login has no right"}},
		{name: "another overview", v: fleet(4, "A"), units: 4, faults: map[string]http.HandlerFunc{"overviewtable": drift},
			counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{`record 1 does not say the name of the licence, only ["devices" "licence"]`}},
		{name: "no devices", v: fleet(4, "A"),
			faults: map[string]http.HandlerFunc{"licensing/devices": drift, "msla/devices": portal.Body("application/json", `{"data": {}}`)},
			counts: []reconcile.Count{count(tier1, "", "", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{"has no list of devices", `"Data" is of type object`, "which devices hold the licences is not known"}},
		{name: "pages of devices", v: fleet(4, "A"),
			faults: map[string]http.HandlerFunc{"licensing/devices": portal.Body("application/json", `{"devices": [], "pageInfo": {"moreEntries": true}}`),
				"msla/devices": portal.Body("application/json", `{"data": [], "pageInfo": {"hasMoreData": true, "scrollId": "x"}}`)},
			counts: []reconcile.Count{count(tier1, "", "", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{"msla/devices: holds only a page", "v1/licensing/devices: holds only a page", "which devices hold the licences is not known"}},
		{name: "nothing licensed", v: &portal.VManage{User: "reader", Password: password, Overview: []portal.OverviewRow{}, Devices: []portal.Device{}},
			counts: []reconcile.Count{}},
		{name: "rows and devices listed twice", v: fleet(4, "A"), units: 4, change: func(v *portal.VManage) {
			v.Overview = append(v.Overview, v.Overview[0])
			v.Devices = append(v.Devices, v.Devices[1])
		}, counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes: []string{"1 devices are listed more than once and counted once, the first is C8300-1N1S-4T2X-FDO00000001"}},
		{name: "a licence that the overview lacks", v: fleet(4, "A"), units: 4, change: func(v *portal.VManage) {
			v.Devices[2].Licenses[0].Name = "HSEC"
			v.Overview[0].Licensed = 3
		}, counts: []reconcile.Count{count("HSEC", "example.com", "A", 1, 1, nil, ""), count(tier1, "example.com", "A", 2, 3, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes: []string{`"HSEC" is assigned to devices and not in the overview`}},
		{name: "busy for a moment", v: fleet(4, "A"), units: 4,
			faults: map[string]http.HandlerFunc{"overviewtable": portal.Status(http.StatusTooManyRequests), "licensing/devices": portal.Cut(), "client/token": portal.Status(http.StatusBadGateway)},
			counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")}},
		{name: "a session that stays", v: fleet(4, "A"), units: 4, faults: map[string]http.HandlerFunc{"/logout": portal.Status(http.StatusForbidden)},
			counts: []reconcile.Count{count(tier1, "example.com", "A", 1, 4, new(int64(300)), "18 Jul 2025 12:44:23 PM")},
			notes:  []string{"the session could not be ended"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(tt.v)
			}
			s, o := start(t, tt.v)
			for path, fault := range tt.faults {
				s.Fail(path, fault)
			}
			var d reconcile.Data
			if err := Read(t.Context(), o, &d); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.counts, d.VManage); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			var units int64
			for _, a := range d.Assigned {
				units += a.Units
			}
			if units != tt.units {
				t.Errorf("%d units assigned, want %d", units, tt.units)
			}
			in := d.Inputs[0]
			if len(d.Inputs) != 1 || in.Kind != reconcile.VManage || in.Path != s.URL || !in.Time.Equal(now) {
				t.Errorf("inputs %+v", d.Inputs)
			}
			for i, want := range tt.notes {
				if len(in.Notes) != len(tt.notes) || !strings.Contains(strings.Join(in.Notes, "\n"), want) {
					t.Fatalf("notes %q, want %d with %q (%d)", in.Notes, len(tt.notes), want, i)
				}
			}
			if len(tt.notes) == 0 && len(in.Notes) > 0 {
				t.Errorf("notes %q, want none", in.Notes)
			}
			if n := tt.v.Open(); n != 0 && tt.name != "a session that stays" {
				t.Errorf("%d sessions were left open", n)
			}
			noSecrets(t, tt.v, fmt.Sprintf("%#v %+v", d, in.Notes))
		})
	}
}

func noSecrets(t *testing.T, v *portal.VManage, text string) {
	t.Helper()
	for _, s := range append(v.Secrets(), "correct+horse") {
		if strings.Contains(text, s) {
			t.Errorf("the secret %q is in %s", s, text)
		}
	}
}

func TestAssignment(t *testing.T) {
	_, o := start(t, fleet(2, "SDWAN"))
	d := reconcile.Data{Inputs: []reconcile.Input{{Kind: reconcile.Log}}}
	if err := Read(t.Context(), o, &d); err != nil {
		t.Fatal(err)
	}
	want := reconcile.Assignment{Place: reconcile.Place{Input: 1, Row: 2}, UUID: "C8300-1N1S-4T2X-FDO00000001", Host: "edge1", Model: "vedge-C8300-1N1S-4T2X",
		SystemIP: "10.0.0.1", License: tier1, Tag: "regid.example.DSTACK_T1_A", Smart: "example.com", Virtual: "SDWAN", Units: 1}
	if diff := cmp.Diff(want, d.Assigned[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.VManage[0].Input != 1 {
		t.Errorf("the count belongs to input %d, want 1", d.VManage[0].Input)
	}
}

// TestFailures are readings that end without data; logins counts how often the password was sent.
func TestFailures(t *testing.T) {
	gone := []http.HandlerFunc{portal.Status(http.StatusNotFound)}
	wrong := func(o *Options) { o.Password = inventory.NewSecret("wrong") }
	tests := []struct {
		name   string
		faults map[string][]http.HandlerFunc
		change func(*Options)
		logins int
		want   string
	}{
		{name: "wrong password", change: wrong, logins: 1, want: "user name or password rejected"},
		{name: "login refused", faults: map[string][]http.HandlerFunc{"/j_security_check": {portal.Status(http.StatusUnauthorized)}}, logins: 1, want: "rejected"},
		{name: "login broken", faults: map[string][]http.HandlerFunc{"/j_security_check": {portal.Status(http.StatusServiceUnavailable)}}, logins: 1, want: "503"},
		{name: "login without a session", faults: map[string][]http.HandlerFunc{"/j_security_check": {portal.Status(http.StatusOK)}}, logins: 1, want: "no session was opened"},
		{name: "single sign-on", faults: map[string][]http.HandlerFunc{"/j_security_check": {portal.Status(http.StatusFound, "Location", "https://idp.example/sso?SAMLRequest=abc")}},
			logins: 1, want: "redirected to https://idp.example/sso, which is not followed; where vManage uses single sign-on"},
		{name: "expired password", faults: map[string][]http.HandlerFunc{"/j_security_check": {portal.Status(http.StatusFound, "Location", "/passwordReset.html")}},
			logins: 1, want: "must be changed"},
		{name: "no way in", faults: map[string][]http.HandlerFunc{"/j_security_check": gone, "/jwt/login": gone}, logins: 2, want: "no known way to log in"},
		{name: "token refused", change: wrong, faults: map[string][]http.HandlerFunc{"/j_security_check": gone}, logins: 2, want: "rejected"},
		{name: "token of another form", faults: map[string][]http.HandlerFunc{"/j_security_check": gone, "/jwt/login": {portal.Body("application/json", `{"token": "a\r\nb"}`)}},
			logins: 2, want: "without token or csrf"},
		{name: "token page", faults: map[string][]http.HandlerFunc{"/j_security_check": gone, "/jwt/login": {portal.Page()}}, logins: 2, want: "web page"},
		{name: "rejected late", faults: map[string][]http.HandlerFunc{"client/token": {portal.Page()}}, logins: 1, want: "rejected"},
		{name: "no XSRF token", faults: map[string][]http.HandlerFunc{"client/token": {portal.Body("text/plain", "a b")}}, logins: 1, want: "no token"},
		{name: "session ended, page", faults: map[string][]http.HandlerFunc{"licensing/devices": {portal.Page()}}, logins: 1, want: "session ended"},
		{name: "session ended, 401", faults: map[string][]http.HandlerFunc{"overviewtable": {portal.Status(http.StatusUnauthorized)}}, logins: 1, want: "session ended"},
		{name: "session ended, redirect", faults: map[string][]http.HandlerFunc{"overviewtable": {portal.Status(http.StatusFound, "Location", "/welcome.html")}}, logins: 1, want: "session ended"},
		{name: "no right", faults: map[string][]http.HandlerFunc{"overviewtable": {portal.Status(http.StatusForbidden)}, "DistributionDetails": {portal.Status(http.StatusForbidden)},
			"licensing/devices": {portal.Status(http.StatusForbidden)}, "msla/devices": {portal.Status(http.StatusForbidden)}}, logins: 1, want: "no right to read it"},
		{name: "another authority", change: func(o *Options) { o.CA = nil }, want: "--ca-file"},
		{name: "no password", change: func(o *Options) { o.Password = inventory.Secret{} }, want: "needs a user name and a password"},
		{name: "http", change: func(o *Options) { o.URL = "http" + strings.TrimPrefix(o.URL, "https") }, want: "want https"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := fleet(3, "A")
			s, o := start(t, v)
			v.OnlyJWT = tt.logins == 2
			for path, faults := range tt.faults {
				s.Fail(path, faults...)
			}
			if tt.change != nil {
				tt.change(&o)
			}
			var d reconcile.Data
			err := Read(t.Context(), o, &d)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if diff := cmp.Diff(reconcile.Data{}, d); diff != "" {
				t.Errorf("data were added: %s", diff)
			}
			sent := slices.DeleteFunc(s.Requests(), func(r string) bool {
				return !strings.HasSuffix(r, "j_security_check") && !strings.HasSuffix(r, "login")
			})
			if len(sent) != tt.logins {
				t.Errorf("the password was sent %d times, want %d: %q", len(sent), tt.logins, sent)
			}
			noSecrets(t, v, err.Error())
		})
	}
}

func TestInterruptedReadingLogsOut(t *testing.T) {
	v := fleet(3, "A")
	s, o := start(t, v)
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.Fail("licensing/devices", func(w http.ResponseWriter, r *http.Request) {
		cancel(cause)
		portal.Hang()(w, r)
	})
	if err := Read(ctx, o, &reconcile.Data{}); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
	if v.Open() != 0 {
		t.Error("the session was left open")
	}
}

// TestNothingChangesState holds the list against what may be in it: reads, and the two ways in and out.
func TestNothingChangesState(t *testing.T) {
	allowed := []string{"POST /j_security_check", "POST /jwt/login", "POST /logout", "GET /logout"}
	for _, e := range Endpoints() {
		if e.Method != http.MethodGet && !slices.Contains(allowed, e.String()) {
			t.Errorf("%s is in the list", e)
		}
		if login := slices.Contains(allowed, e.String()); e.Read == login || len(e.Query) > 0 || strings.Contains(e.Path, "{}") {
			t.Errorf("%s: %+v", e, e)
		}
	}
}

func TestTenThousandDevices(t *testing.T) {
	v := fleet(10_000, "A", "B", "C")
	_, o := start(t, v)
	var d reconcile.Data
	if err := Read(t.Context(), o, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Assigned) != 10_000 || len(d.VManage) != 3 || *d.VManage[0].Licensed != 3334 {
		t.Errorf("%d assignments, counts %+v", len(d.Assigned), d.VManage)
	}
}
