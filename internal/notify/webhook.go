package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/http/httpproxy"

	"slpdoctor/inventory"
)

// shapes are the forms of a body.
var shapes = map[string]func(*Message) []byte{"json": (*Message).json, "slack": slack, "teams": teams}

// webhook posts to a URL, which is a secret: who knows it can write there.
type webhook struct {
	url     *inventory.Reference
	headers map[string]*inventory.Reference
	shape   string
	roots   *x509.CertPool // nil: those of the system

	target *url.URL // after check, as are the others
	header http.Header
	client *http.Client
}

// ownHeaders are set here and nowhere else.
var ownHeaders = []string{"Host", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Te", "Upgrade", "Idempotency-Key"}

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

func readWebhook(l *loader, n *yaml.Node, label string) channel {
	w := &webhook{shape: "json", headers: map[string]*inventory.Reference{}}
	ok := l.mapping(n, "webhook of "+label, map[string]func(*yaml.Node){
		"url":     l.secret(&w.url, "url of "+label),
		"shape":   func(n *yaml.Node) { w.shape = oneOf(l, n, "shape", slices.Sorted(maps.Keys(shapes))) },
		"ca_file": l.authorities(&w.roots),
		"headers": func(n *yaml.Node) {
			l.pairs(n, "headers of "+label, func(key, value *yaml.Node) {
				name := http.CanonicalHeaderKey(key.Value)
				var ref *inventory.Reference
				switch {
				case !headerName.MatchString(name):
					l.fail(key.Line, "write {Authorization: {env: TOKEN}}", "headers of %s: a key is no name of a header", label)
				case slices.Contains(ownHeaders, name):
					l.fail(key.Line, "leave it out", "the header %s is set by slpdoctor", name)
				case w.headers[name] != nil:
					l.fail(key.Line, "", "the header %s is given twice", name)
				default:
					l.secret(&ref, "header "+name+" of "+label)(value)
					w.headers[name] = ref
				}
			})
		},
	})
	if ok {
		l.missing(n, "webhook of "+label, "url")
	}
	return w
}

func (w *webhook) describe() string { return "webhook (" + w.shape + "), url from " + w.url.String() }

func (w *webhook) where() string { return w.target.Scheme + "://" + w.target.Host + "/…" }

func (w *webhook) check(fetch fetcher) error {
	text, err := fetch("url", *w.url)
	if err != nil {
		return err
	}
	// The parser's own error holds the text.
	w.target, err = url.Parse(text)
	if err != nil || w.target.Host == "" || w.target.Scheme != "https" && !(w.target.Scheme == "http" && loopback(w.target.Hostname())) {
		return fmt.Errorf("%s: what %s gives for the url is no https:// address", w.url.Pos, w.url)
	}
	w.header = http.Header{}
	for _, name := range slices.Sorted(maps.Keys(w.headers)) {
		value, err := fetch("header "+name, *w.headers[name])
		if err != nil {
			return err
		}
		w.header.Set(name, value)
	}
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	w.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: w.roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true,
			ForceAttemptHTTP2: true,
			Proxy:             func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		},
	}
	return nil
}

// serviceWord is how Slack says what is wrong, like invalid_token. Any other answer may repeat what was sent.
var serviceWord = regexp.MustCompile(`^[a-z]+(_[a-z]+){0,5}$`)

func (w *webhook) send(ctx context.Context, m *Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.target.String(), bytes.NewReader(shapes[w.shape](m)))
	if err != nil {
		return refusal("the url can not be used")
	}
	req.Header = w.header.Clone()
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Idempotency-Key", m.ID)
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "slpdoctor/"+m.Told.Tool.Version)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return plainly(ctx, err)
	}
	defer resp.Body.Close()
	word, _ := io.ReadAll(io.LimitReader(resp.Body, 64))
	answer := fmt.Sprintf("it answered %d", resp.StatusCode)
	if text := http.StatusText(resp.StatusCode); text != "" {
		answer += " " + text
	}
	if s := strings.TrimSpace(string(word)); serviceWord.MatchString(s) {
		answer += " (" + s + ")"
	}
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return refusal("%s: a redirection is not followed; give the final address", answer)
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code >= 500:
		return &failure{why: answer, after: retryAfter(resp.Header)}
	}
	return refusal("%s", answer)
}

// retryAfter is how long a service asks to be left alone, in seconds or until a date; 0 when it does not say.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date")) // by the same clock
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}

// plainly is a transport's error without the address it was for: an URL is a secret.
func plainly(ctx context.Context, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if cause := context.Cause(ctx); cause != nil {
		return &failure{why: cause.Error()}
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return refusal("its certificate is not trusted: %v", bad.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		return &failure{why: fmt.Sprintf("%s %s: %v", op.Op, op.Addr, op.Err)}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return &failure{why: "the name " + dns.Name + " can not be resolved: " + dns.Err}
	}
	return &failure{why: err.Error()}
}
