package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"slpdoctor/internal/reconcile/portal"
	"slpdoctor/inventory"
)

var (
	things = &Endpoint{Method: http.MethodGet, Path: "v1/{}/things", Query: []string{"offset"}, Read: true}
	enter  = &Endpoint{Method: http.MethodPost, Path: "enter"}
)

// start is a client of a server that answers {"n": 1} to whatever reaches it, and the pauses the client made.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) (*portal.Server, *Client, *[]time.Duration) {
	t.Helper()
	s, err := portal.Start(portal.Body("application/json", `{"n": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var pauses []time.Duration
	c, err := New(Options{Base: s.URL + "/api/", Endpoints: []*Endpoint{things, enter}, CA: s.CA, Agent: "slpdoctor/test",
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			pauses = append(pauses, d)
			return ctx.Err()
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c, &pauses
}

func TestOnlyListedRequestsLeave(t *testing.T) {
	s, c, _ := start(t)
	if a, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"example.com"}, Query: url.Values{"offset": {"1"}}}); err != nil || a.Fail() != nil {
		t.Fatalf("the listed request does not work: %v", err)
	}
	if want := []string{"GET /api/v1/example.com/things"}; !slices.Equal(s.Requests(), want) {
		t.Fatalf("requests %q, want %q", s.Requests(), want)
	}
	host := strings.TrimPrefix(s.URL, "https://")
	for _, r := range []struct{ method, url, host, header string }{
		{method: "DELETE", url: "/api/v1/a/things"},
		{method: "POST", url: "/api/v1/a/things"},
		{method: "get", url: "/api/v1/a/things"},
		{url: "/api/v1/a/things/"},
		{url: "/api//v1/a/things"},
		{url: "/api/v1/a/things/assign"},
		{url: "/api/v1/../things"},
		{url: "/api/v1/%2e%2e/things"},
		{url: "/api/v1/a%2F..%2Fb/things"},
		{url: "/api/v1/a%00/things"},
		{url: "/api/v1/a;b/things"},
		{url: "/api/v1//things"},
		{url: "/api/../api/v1/a/things"},
		{url: "/apiv1/a/things"},
		{url: "/v1/a/things"},
		{url: "/api/v1/a/things?remove=1"},
		{url: "/api/v1/a/things?offset=1&offset=2"},
		{url: "/api/v1/a/things?offset=1;remove=1"},
		{url: "/api/v1/a/things?%zz"},
		{url: "/api/v1/a/things#x"},
		{url: "http://" + host + "/api/v1/a/things"},
		{url: "https://user:pw@" + host + "/api/v1/a/things"},
		{url: "https://evil.example/api/v1/a/things"},
		{url: "/api/v1/a/things", host: "evil.example"},
		{url: "/api/v1/a/things", header: "X-Http-Method-Override"},
	} {
		target := r.url
		if target[0] == '/' {
			target = s.URL + target
		}
		method := r.method
		if method == "" {
			method = http.MethodGet
		}
		req, err := http.NewRequest(method, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = r.host
		if r.header != "" {
			req.Header.Set(r.header, "DELETE")
		}
		if resp, err := c.http.Do(req); !errors.Is(err, errRefused) {
			t.Errorf("%s %s (host %q) got out: %v, %v", method, r.url, r.host, resp, err)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "a%2fb", "a?b", "a#b", "a b", "a;b", "a\x00", "a..b", "ä", strings.Repeat("a", 300)} {
		if _, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{name}}); err == nil {
			t.Errorf("the name %q went into a path", name)
		}
	}
	if _, err := c.Do(t.Context(), Call{Endpoint: &Endpoint{Method: http.MethodDelete, Path: "v1/a/things"}}); !errors.Is(err, errRefused) {
		t.Errorf("an endpoint that is not in the list got out: %v", err)
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests reached the server, want 1: %q", n, s.Requests())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	s, c, _ := start(t)
	other, _, _ := start(t)
	for _, target := range []string{other.URL + "/api/v1/a/things?token=very-secret", "/api/enter;jsessionid=very-secret", "http://127.0.0.1/"} {
		s.Fail("/things", portal.Status(http.StatusFound, "Location", target))
		a, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"a"}})
		if err == nil {
			err = a.Fail()
		}
		if err == nil || !strings.Contains(err.Error(), "not followed") || strings.Contains(err.Error(), "very-secret") {
			t.Errorf("redirect to %s: %v", target, err)
		}
	}
	if n := len(other.Requests()); n > 0 {
		t.Errorf("%d requests reached the other host", n)
	}
}

func TestBases(t *testing.T) {
	for base, want := range map[string]string{
		"https://host.example":               "",
		"https://host.example:8443/a/b/":     "",
		"http://host.example":                "https",
		"host.example":                       "not a URL",
		"":                                   "not a URL",
		"https://":                           "not a URL",
		"https://admin:hunter2@host.example": "credentials",
		"https://admin:hunter2@host:port":    "not a URL",
		"https://host.example/?key=hunter2":  "query",
		"https://host.example/#hunter2":      "fragment",
	} {
		_, err := New(Options{Base: base})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", base, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q in it", base, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error repeats the password: %v", base, err)
		}
	}
}

func TestRepeats(t *testing.T) {
	busy := portal.Status(http.StatusServiceUnavailable)
	limit := func(after string) http.HandlerFunc {
		return portal.Status(http.StatusTooManyRequests, "Retry-After", after)
	}
	tests := []struct {
		name   string
		faults []http.HandlerFunc
		pauses []time.Duration // the least; a quarter more is allowed
		err    string
	}{
		{name: "503 then ok", faults: []http.HandlerFunc{busy}, pauses: []time.Duration{time.Second}},
		{name: "503 for good", faults: []http.HandlerFunc{busy, busy, busy, busy, busy},
			pauses: []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, err: "503 Service Unavailable"},
		{name: "429 with seconds", faults: []http.HandlerFunc{limit("7")}, pauses: []time.Duration{7 * time.Second}},
		{name: "429 with a date", faults: []http.HandlerFunc{limit("Sun, 01 Mar 2026 12:00:30 GMT")}, pauses: []time.Duration{30 * time.Second}},
		{name: "429 with a date gone by", faults: []http.HandlerFunc{limit("Sun, 01 Mar 2026 11:00:00 GMT")}, pauses: []time.Duration{0}},
		{name: "429 with nonsense", faults: []http.HandlerFunc{limit("-1")}, pauses: []time.Duration{time.Second}},
		{name: "429 for longer than there are numbers", faults: []http.HandlerFunc{limit("99999999999999999999")}, err: "wait 596523h14m7s"},
		{name: "429 until the end of days", faults: []http.HandlerFunc{limit("Fri, 31 Dec 9999 23:59:59 GMT")}, err: "wait 2562047h47m16s"},
		{name: "429 for an hour", faults: []http.HandlerFunc{limit("3600")}, err: "wait 1h0m0s"},
		{name: "cut body then ok", faults: []http.HandlerFunc{portal.Cut()}, pauses: []time.Duration{time.Second}},
		{name: "cut body for good", faults: []http.HandlerFunc{portal.Cut(), portal.Cut(), portal.Cut(), portal.Cut()},
			pauses: []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, err: "ended early"},
		{name: "404", faults: []http.HandlerFunc{portal.Status(http.StatusNotFound)}, err: "404 Not Found"},
		{name: "501", faults: []http.HandlerFunc{portal.Status(http.StatusNotImplemented)}, err: "501"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, c, pauses := start(t)
			s.Fail("/things", tt.faults...)
			var got struct{ N int }
			a, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"a"}})
			if err == nil {
				err = a.JSON(&got)
			}
			if tt.err == "" && (err != nil || got.N != 1) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if len(*pauses) != len(tt.pauses) {
				t.Fatalf("pauses %v, want %v", *pauses, tt.pauses)
			}
			for i, p := range *pauses {
				if p < tt.pauses[i] || p > tt.pauses[i]*5/4 {
					t.Errorf("pause %d is %s, want about %s", i, p, tt.pauses[i])
				}
			}
		})
	}
}

func TestLoginIsSentOnce(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"503": portal.Status(http.StatusServiceUnavailable), "cut": portal.Cut(),
		"429": portal.Status(http.StatusTooManyRequests, "Retry-After", "1")} {
		s, c, pauses := start(t)
		s.Fail("/enter", fault)
		a, err := c.Do(t.Context(), Call{Endpoint: enter})
		if err == nil && a.Fail() == nil {
			t.Errorf("%s: no error", name)
		}
		if n := len(s.Requests()); n != 1 || len(*pauses) > 0 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
}

func TestTheContextEndsIt(t *testing.T) {
	s, c, pauses := start(t)
	s.Fail("/things", portal.Hang())
	cause := errors.New("--max-time is over")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, cause)
	defer cancel()
	if _, err := c.Do(ctx, Call{Endpoint: things, Segments: []string{"a"}}); !errors.Is(err, cause) || len(*pauses) > 0 {
		t.Errorf("error %v, want %v; pauses %v", err, cause, *pauses)
	}
	// a wait that the context does not outlast is not begun
	s.Fail("/things", portal.Status(http.StatusTooManyRequests, "Retry-After", "60"))
	c.now = time.Now
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	a, err := c.Do(ctx, Call{Endpoint: things, Segments: []string{"a"}})
	if err != nil || a.Status != http.StatusTooManyRequests || len(*pauses) > 0 {
		t.Errorf("waited %v although the time is up before: %v", *pauses, err)
	}
}

func TestCertificates(t *testing.T) {
	s, _, _ := start(t)
	other, _, _ := start(t)
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"another authority": {Options{Base: s.URL, CA: other.CA}, "--ca-file"},
		"system only":       {Options{Base: s.URL}, "--ca-file"},
		"another name":      {Options{Base: "https://cssm.example", CA: s.CA}, "not cssm.example"},
		"no TLS":            {Options{Base: plain(t), CA: s.CA}, "does not speak TLS"},
	} {
		slept := false
		tt.o.Endpoints, tt.o.Now = []*Endpoint{things}, time.Now
		tt.o.Sleep = func(context.Context, time.Duration) error { slept = true; return nil }
		c, err := New(tt.o)
		if err != nil {
			t.Fatal(err)
		}
		if name == "another name" {
			c.http.Transport.(guard).next.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(s.URL, "https://"))
			}
		}
		_, err = c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"a"}})
		if err == nil || !strings.Contains(err.Error(), tt.want) || slept {
			t.Errorf("%s: %v (repeated: %v), want %q", name, err, slept, tt.want)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests reached a server whose certificate is not trusted", n)
	}
}

// plain is the address of a server without TLS.
func plain(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Second}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return "https://" + l.Addr().String()
}

func TestJSON(t *testing.T) {
	var v struct {
		N    Number `json:"n"`
		List []struct {
			Count Number `json:"count"`
		} `json:"list"`
	}
	for _, tt := range []struct{ media, body, want string }{
		{"application/json", `{"n": 1, "list": [{"count": "2"}]}`, ""},
		{"application/problem+json", `{"n": "-", "list": [{"count": null}, {"count": ""}]}`, ""},
		{"text/plain", `{}`, `"text/plain" instead of JSON`},
		{"", `{}`, `"" instead of JSON`},
		{"text/html", `<html>`, "web page"},
		{"application/json", "\n <!DOCTYPE html>", "web page"},
		{"application/json", `{"n": 1, "list": [{"coun`, "ends early"},
		{"application/json", ``, "ends early"},
		{"application/json", `{"n": 1} {"n": 2}`, "no JSON"},
		{"application/json", `{"n": many}`, "no JSON"},
		{"application/json", `{"n": "many"}`, `"n" is of type string`},
		{"application/json", `{"n": 1.5}`, `"n" is of type number, not whole`},
		{"application/json", `{"n": 9223372036854775808}`, `"n" is of type number, not whole or too large`},
		{"application/json", `{"list": [{"count": 1}, {"count": true}]}`, `"list.count" is of type bool`},
		{"application/json", `{"list": {"count": 1}}`, `"list" is of type object`},
		{"application/json", `[]`, "is of type array"},
	} {
		a := &Answer{Status: http.StatusOK, Media: tt.media, Header: http.Header{"Content-Type": {tt.media}}, Body: []byte(tt.body), where: "GET https://h/p", say: (&Client{}).Say}
		err := a.JSON(&v)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "GET https://h/p")) {
			t.Errorf("%s %s: %v, want %q", tt.media, tt.body, err, tt.want)
		}
	}
	if err := json.Unmarshal([]byte(`{"n": " 12 "}`), &v); err != nil || v.N.N == nil || *v.N.N != 12 {
		t.Errorf("12 as a text is %v (%v)", v.N.N, err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	s, c, pauses := start(t)
	chunk := []byte(strings.Repeat(" ", 1<<20))
	s.Fail("/things", func(w http.ResponseWriter, _ *http.Request) {
		for range maxAnswer>>20 + 1 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if _, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"a"}}); !errors.Is(err, errTooLarge) || len(*pauses) > 0 {
		t.Errorf("error %v, want %v", err, errTooLarge)
	}
}

func TestCloseClosesConnections(t *testing.T) {
	_, c, _ := start(t)
	var conns []net.Conn
	c.http.Transport.(guard).next.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		conns = append(conns, conn)
		return conn, err
	}
	if _, err := c.Do(t.Context(), Call{Endpoint: things, Segments: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if len(conns) != 1 || !errors.Is(conns[0].SetDeadline(time.Time{}), net.ErrClosed) {
		t.Errorf("%d connections, and one is open", len(conns))
	}
}

func TestSayHidesSecrets(t *testing.T) {
	c := &Client{}
	c.Hide(inventory.NewSecret("hunter2"))
	c.Hide(inventory.Secret{})
	if got, want := c.Say("user\x1b[31m\n\tsaid hunter2 "+strings.Repeat("x", 300)), "user [31m said *** "+strings.Repeat("x", 181)+"..."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
