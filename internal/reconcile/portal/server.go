// Package portal is vManage and CSSM for tests: servers on loopback that speak their documented endpoints over TLS,
// with a certificate authority of their own, and fail on request. Only tests import it.
package portal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a portal that listens.
type Server struct {
	URL string         // https://127.0.0.1:PORT
	CA  *x509.CertPool // what its certificate is signed by
	PEM []byte         // the same for --ca-file

	handler http.Handler
	server  *http.Server
	mu      sync.Mutex
	faults  map[string][]http.HandlerFunc
	seen    []string
}

// Start starts a portal on a free port.
func Start(h http.Handler) (*Server, error) {
	ca, certificate, err := authority()
	if err != nil {
		return nil, fmt.Errorf("making certificates: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a portal: %w", err)
	}
	s := &Server{URL: "https://" + l.Addr().String(), CA: x509.NewCertPool(), handler: h, faults: map[string][]http.HandlerFunc{},
		PEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})}
	s.CA.AddCert(ca)
	s.server = &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}}
	go s.server.ServeTLS(l, "", "") //nolint:errcheck // it ends when the server is closed
	return s, nil
}

// Close stops the portal and cuts its connections.
func (s *Server) Close() error { return s.server.Close() }

// Fail answers the next requests whose path ends in the suffix by the faults, one each; a nil fault lets one through.
func (s *Server) Fail(suffix string, faults ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[suffix] = append(s.faults[suffix], faults...)
}

// Requests are method and path of all requests so far, without queries.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fault := s.next(r); fault != nil {
		fault(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}

func (s *Server) next(r *http.Request) http.HandlerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r.Method+" "+r.URL.EscapedPath())
	for suffix, queue := range s.faults {
		if strings.HasSuffix(r.URL.Path, suffix) && len(queue) > 0 {
			s.faults[suffix] = queue[1:]
			return queue[0]
		}
	}
	return nil
}

// Status fails with a status and headers, given as name and value in turn.
func Status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// Body answers 200 with a media type and a text.
func Body(media, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		fmt.Fprint(w, text)
	}
}

// Page answers with a login page.
func Page() http.HandlerFunc {
	return Body("text/html; charset=UTF-8", "<!DOCTYPE html>\n<html><head><title>Login</title></head><body></body></html>\n")
}

// Cut announces a long answer and breaks the connection in the middle of it.
func Cut() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, `{"totalRecords": 2, "licenses": [`)
		http.NewResponseController(w).Flush() //nolint:errcheck // the connection is about to break anyway
		panic(http.ErrAbortHandler)
	}
}

// Hang answers nothing until the client gives up.
func Hang() http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
}

// authority makes a certificate authority and a certificate for loopback.
func authority() (*x509.Certificate, tls.Certificate, error) {
	none := tls.Certificate{}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, none, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "portal test authority"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, none, err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, none, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, none, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "portal"},
		NotBefore: template.NotBefore, NotAfter: template.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}
	der, err = x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, none, err
	}
	return ca, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
