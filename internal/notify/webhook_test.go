package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slpdoctor/inventory"
)

// posted is one request that a receiver got.
type posted struct {
	Path, Key, Authorization, Agent string
	Message                         Message
}

// hookServer is a receiver of webhooks that answers one request after the other with the given functions, the last of
// them for ever.
type hookServer struct {
	*httptest.Server
	mu  sync.Mutex
	got []posted
}

func newHookServer(t *testing.T, cert tls.Certificate, answers ...http.HandlerFunc) *hookServer {
	s := &hookServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p := posted{r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("User-Agent"), Message{}}
		if err := json.Unmarshal(body, &p.Message); err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.got = append(s.got, p)
		n := min(len(s.got), len(answers)) - 1
		s.mu.Unlock()
		answers[n](w, r)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *hookServer) requests() []posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func answer(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		if code >= 400 {
			io.WriteString(w, "invalid_token")
		}
	}
}

func drop(w http.ResponseWriter, _ *http.Request) {
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		c.Close()
	}
}

// hook is a receiver of the server, with a secret path.
func (s *hookServer) hook(t *testing.T, ca *authority) string {
	t.Setenv("NOC_URL", s.URL+"/services/T000SECRETPATH?sig=SECRETQUERY")
	t.Setenv("NOC_TOKEN", "Bearer SECRETHEADER")
	return "- {name: noc, timeout: 2s, webhook: {url: {env: NOC_URL}, headers: {authorization: {env: NOC_TOKEN}}, ca_file: " + ca.file + "}}\n"
}

func TestWebhookDelivers(t *testing.T) {
	ca := newAuthority(t)
	s := newHookServer(t, ca.issue(), answer(204))
	c, spool := configured(t, s.hook(t, ca)), spooled(t)
	wantSaid(t, deliver(t, c, spool, sample()))
	got := s.requests()
	if len(got) != 1 {
		t.Fatalf("%d requests", len(got))
	}
	want := posted{"/services/T000SECRETPATH?sig=SECRETQUERY", got[0].Message.ID, "Bearer SECRETHEADER", "slpdoctor/v1.0.0", *newMessage("noc", sample())}
	if d := cmp.Diff(want, got[0]); d != "" || got[0].Key == "" {
		t.Error(d)
	}
	wantSaid(t, deliver(t, c, spool, nothing()))
	if len(s.requests()) != 1 || kept(t, spool) != nil {
		t.Errorf("a night without events: %d requests, kept %q", len(s.requests()), kept(t, spool))
	}
}

// TestWebhookAnswers sends to every kind of receiver that does not take the message at once.
func TestWebhookAnswers(t *testing.T) {
	ca := newAuthority(t)
	elsewhere := newHookServer(t, ca.issue(), answer(200))
	for name, c := range map[string]struct {
		answers  []http.HandlerFunc
		requests int
		kept     int
		said     []string
	}{
		"late": {[]http.HandlerFunc{answer(500), drop, answer(200)}, 3, 0, nil},
		"down": {[]http.HandlerFunc{answer(500)}, 3, 1, []string{
			`receiver "noc": the message of 2026-01-02 03:04 UTC is not delivered to https://127.0.0.1:`, `1 message kept for the next run`}},
		"busy":          {[]http.HandlerFunc{answer(429, "Retry-After", "0"), answer(200)}, 2, 0, nil},
		"busy for long": {[]http.HandlerFunc{answer(429, "Retry-After", "120")}, 1, 1, []string{"it answered 429 Too Many Requests (invalid_token), and asks to wait 2m0s", "kept"}},
		"drops":         {[]http.HandlerFunc{drop}, 3, 1, []string{"EOF (3 attempts)", "kept"}},
		"no such token": {[]http.HandlerFunc{answer(401)}, 1, 1, []string{"it answered 401 Unauthorized (invalid_token)", "kept"}},
		"gone":          {[]http.HandlerFunc{answer(404)}, 1, 1, []string{"it answered 404 Not Found", "kept"}},
		"wrong shape":   {[]http.HandlerFunc{answer(400)}, 1, 1, []string{"it answered 400 Bad Request", "kept"}},
		"moved":         {[]http.HandlerFunc{answer(307, "Location", elsewhere.URL+"/x")}, 1, 1, []string{"it answered 307 Temporary Redirect: a redirection is not followed", "kept"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newHookServer(t, ca.issue(), c.answers...)
			conf, spool := configured(t, s.hook(t, ca)), spooled(t)
			wantSaid(t, deliver(t, conf, spool, sample()), c.said...)
			if got := s.requests(); len(got) != c.requests {
				t.Errorf("%d requests, want %d", len(got), c.requests)
			}
			for _, p := range s.requests() {
				if p.Key != s.requests()[0].Key {
					t.Error("another id for the same message")
				}
			}
			if n := len(kept(t, spool)); n != c.kept {
				t.Errorf("%d kept, want %d", n, c.kept)
			}
		})
	}
	if got := elsewhere.requests(); len(got) > 0 {
		t.Errorf("a redirection was followed: %+v", got)
	}
}

func TestWebhookThatIsSlow(t *testing.T) {
	ca := newAuthority(t)
	release := make(chan struct{})
	s := newHookServer(t, ca.issue(), func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	c := configured(t, strings.Replace(s.hook(t, ca), "timeout: 2s", "timeout: 100ms", 1))
	wantSaid(t, deliver(t, c, spooled(t), sample()), "no answer within 100ms (3 attempts)", "kept")
}

func TestWebhookTrustsNobodyElse(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	s := newHookServer(t, other.issue(), answer(200))
	wantSaid(t, deliver(t, configured(t, s.hook(t, ca)), spooled(t), sample()), "its certificate is not trusted", "kept")
	if len(s.requests()) > 0 {
		t.Error("it was told all the same")
	}
}

// TestWebhookThroughAProxy sends through a proxy of the environment, by name: what is on the wire is a tunnel.
func TestWebhookThroughAProxy(t *testing.T) {
	ca := newAuthority(t)
	s := newHookServer(t, ca.issue("hooks.example.net"), answer(200))
	var mu sync.Mutex
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		out, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer out.Close()
		in, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer in.Close()
		fmt.Fprint(in, "HTTP/1.1 200 OK\r\n\r\n")
		go io.Copy(out, in)
		io.Copy(in, out)
	}))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", strings.Replace(proxy.URL, "http://", "http://user:PROXYSECRET@", 1))
	t.Setenv("NO_PROXY", "")
	receivers := s.hook(t, ca)
	t.Setenv("NOC_URL", "https://hooks.example.net/SECRET")
	c := configured(t, receivers)
	wantSaid(t, deliver(t, c, spooled(t), sample()))
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff([]string{"CONNECT hooks.example.net:443 Basic dXNlcjpQUk9YWVNFQ1JFVA=="}, asked); d != "" || len(s.requests()) != 1 {
		t.Errorf("%d requests; %s", len(s.requests()), d)
	}
	for _, broken := range []string{"user:PROXYSECRET@pro xy", "http://user:PROXYSECRET@127.0.0.1:1", "http://user:PROXYSECRET@[::1"} {
		t.Setenv("HTTPS_PROXY", broken)
		said := deliver(t, configured(t, receivers), spooled(t), sample())
		wantSaid(t, said, "is not delivered to https://hooks.example.net/…", "kept")
		if strings.Contains(strings.Join(said, ""), "SECRET") {
			t.Errorf("%q", said)
		}
	}
}

func TestWebhookAddresses(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://hooks.example.net/SECRET": true, "http://127.0.0.1:8080/SECRET": true, "http://localhost/SECRET": true, "http://[::1]/SECRET": true,
		"http://hooks.example.net/SECRET": false, "hooks.example.net/SECRET": false, "file:///SECRET": false, "https:///SECRET": false, "https://%zz/SECRET": false,
		"http://localhost.example.net/SECRET": false,
	} {
		t.Setenv("NOC_URL", text)
		w := &webhook{url: &inventory.Reference{Source: inventory.FromEnv, Name: "NOC_URL"}}
		err := w.check(func(string, inventory.Reference) (string, error) { return text, nil })
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, at.Add(time.Minute).Format(http.TimeFormat): time.Minute,
		at.Add(-time.Minute).Format(http.TimeFormat): 0, "99999999999999999999": 0} {
		if got := retryAfter(http.Header{"Retry-After": {text}, "Date": {at.Format(http.TimeFormat)}}); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestInterrupted keeps what there was no time for.
func TestInterrupted(t *testing.T) {
	ca := newAuthority(t)
	s := newHookServer(t, ca.issue(), answer(200))
	c, spool := configured(t, s.hook(t, ca)), spooled(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	var said []string
	c.Deliver(ctx, sample(), spool, func(line string) { said = append(said, line) })
	wantSaid(t, said, "interrupted", "1 message kept")
	if len(kept(t, spool)) != 1 || len(s.requests()) != 0 {
		t.Errorf("kept %q, %d requests", kept(t, spool), len(s.requests()))
	}
	wantSaid(t, deliver(t, c, spool, nothing()), "1 message of earlier runs delivered")
}
