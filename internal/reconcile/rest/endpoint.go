// Package rest is the HTTPS that the readers of vManage and CSSM share: a closed list of requests, verified
// certificates, bounded answers, bounded repetition, and errors without secrets. internal/reconcile/vmanage and
// internal/reconcile/cssm use it.
package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Endpoint is a request that a Client may make. Whatever is not in its list cannot leave the Client: the list is
// checked where a request meets the network, so neither a redirect nor a name with a path in it gets around it.
type Endpoint struct {
	Method string
	Path   string   // below the base URL, without a leading slash; "{}" stands for one segment, "" for the base itself
	Query  []string // the keys it may have, each once
	// Read says that it asks for data and changes nothing, so that it may be sent again when the answer is lost. A
	// login is no Read: sending one twice locks accounts.
	Read bool
}

// String is the endpoint as the manual lists it.
func (e *Endpoint) String() string { return e.Method + " /" + e.Path }

// segment is what a "{}" may hold: names of domains. Nothing in it can end the segment, climb out of the path or be
// decoded into something else on the way.
var segment = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func validSegment(s string) bool {
	return len(s) <= 255 && segment.MatchString(s) && !strings.Contains(s, "..")
}

// fill is the path with its segments.
func (e *Endpoint) fill(segments []string) (string, error) {
	if strings.Count(e.Path, "{}") != len(segments) {
		return "", fmt.Errorf("%s takes %d names, not %d", e, strings.Count(e.Path, "{}"), len(segments))
	}
	path := e.Path
	for _, s := range segments {
		if !validSegment(s) {
			return "", fmt.Errorf("%q cannot stand in a URL path: want letters, digits, dots, - and _", s)
		}
		path = strings.Replace(path, "{}", s, 1)
	}
	return path, nil
}

// matches reports whether the escaped path below the base is one of the endpoint's.
func (e *Endpoint) matches(path string) bool {
	want, have := strings.Split(e.Path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == h || w == "{}" && validSegment(h) })
}

// errRefused is a request that is not in the list.
var errRefused = errors.New("the request is not in the list of those that may be made")

// guard lets only the listed requests to the base through.
type guard struct {
	base      *url.URL
	endpoints []*Endpoint
	next      http.RoundTripper
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.allows(r) {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, errRefused
	}
	return g.next.RoundTrip(r)
}

// CloseIdleConnections is what http.Client looks for to close them.
func (g guard) CloseIdleConnections() { (&http.Client{Transport: g.next}).CloseIdleConnections() }

func (g guard) allows(r *http.Request) bool {
	u := r.URL
	if u.Scheme != "https" || u.Host != g.base.Host || u.User != nil || u.Opaque != "" || u.Fragment != "" ||
		r.Host != "" && r.Host != g.base.Host {
		return false
	}
	for name := range r.Header {
		if strings.Contains(strings.ToLower(name), "method") { // X-HTTP-Method-Override and its kin
			return false
		}
	}
	path, below := strings.CutPrefix(u.EscapedPath(), g.base.EscapedPath())
	if !below || path != "" && path[0] != '/' {
		return false
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(g.endpoints, func(e *Endpoint) bool {
		if e.Method != r.Method || !e.matches(strings.TrimPrefix(path, "/")) {
			return false
		}
		for key, values := range query {
			if len(values) != 1 || !slices.Contains(e.Query, key) {
				return false
			}
		}
		return true
	})
}
