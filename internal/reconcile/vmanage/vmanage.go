// Package vmanage reads from vManage (SD-WAN Manager) which licences it counts and to which devices it assigned them
// (knowledge section F.2, item 5). It makes the requests of Endpoints and no others; none changes anything but its own
// session. The command line uses it.
package vmanage

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/rest"
	"slpdoctor/inventory"
)

// The requests that are made. Where two answer the same question, the second is the one of older releases or the one
// that is documented when the first is not there.
var (
	sessionLogin  = &rest.Endpoint{Method: http.MethodPost, Path: "j_security_check"}
	xsrfToken     = &rest.Endpoint{Method: http.MethodGet, Path: "dataservice/client/token", Read: true}
	jwtLogin      = &rest.Endpoint{Method: http.MethodPost, Path: "jwt/login"} // 20.18.1 and newer
	logout        = &rest.Endpoint{Method: http.MethodPost, Path: "logout"}    // 20.12 and newer
	logoutOld     = &rest.Endpoint{Method: http.MethodGet, Path: "logout"}
	devices       = &rest.Endpoint{Method: http.MethodGet, Path: "dataservice/v1/licensing/devices", Read: true}
	devicesOld    = &rest.Endpoint{Method: http.MethodGet, Path: "dataservice/msla/devices", Read: true}
	overviewTable = &rest.Endpoint{Method: http.MethodGet, Path: "dataservice/msla/devices/licenseanddeviceoverviewtable", Read: true}
	distribution  = &rest.Endpoint{Method: http.MethodGet, Path: "dataservice/msla/monitoring/licensedDistributionDetails", Read: true}
)

// Endpoints are all requests this package can make.
func Endpoints() []*rest.Endpoint {
	return []*rest.Endpoint{sessionLogin, xsrfToken, jwtLogin, logout, logoutOld, devices, devicesOld, overviewTable, distribution}
}

// Options say which vManage to read and as whom. A user with the right to read License Management is enough.
type Options struct {
	URL      string // https://HOST[:PORT]
	Username inventory.Secret
	Password inventory.Secret
	CA       *x509.CertPool // nil for those of the system
	Agent    string         // User-Agent
	Now      func() time.Time

	sleep func(context.Context, time.Duration) error
}

// Read logs in once, reads the overview and the devices, logs out, and adds one input to the data: its counts, its
// assignments, and notes where the two do not agree or one is missing. On an error nothing is added. A rejected login
// is never tried again, so that no account is locked.
func Read(ctx context.Context, o Options, into *reconcile.Data) error {
	if !o.Username.IsSet() || !o.Password.IsSet() {
		return errors.New("vManage needs a user name and a password")
	}
	client, err := rest.New(rest.Options{Base: o.URL, Endpoints: Endpoints(), CA: o.CA, Agent: o.Agent, Cookies: true,
		Now: o.Now, Sleep: o.sleep})
	if err != nil {
		return fmt.Errorf("reading the address of vManage: %w", err)
	}
	defer client.Close()
	client.Hide(o.Password)
	s := &session{client: client, header: http.Header{}}
	if err := s.login(ctx, o.Username, o.Password); err != nil {
		return fmt.Errorf("logging in to vManage: %w", err)
	}
	at := o.Now().UTC()
	l, err := s.licenses(ctx)
	if lost := s.logout(ctx); lost != nil {
		l.notes = append(l.notes, "the session could not be ended and will run out by itself: "+lost.Error())
	}
	if err != nil {
		return fmt.Errorf("reading vManage: %w", err)
	}
	l.add(into, reconcile.Input{Kind: reconcile.VManage, Path: client.Base(), Time: &at, Notes: l.notes})
	return nil
}

// add appends what was read as one more input.
func (l *licenses) add(into *reconcile.Data, in reconcile.Input) {
	n := len(into.Inputs)
	into.Inputs = append(into.Inputs, in)
	if into.VManage == nil {
		into.VManage = []reconcile.Count{}
	}
	for i, c := range l.counts {
		c.Place = reconcile.Place{Input: n, Row: i + 1}
		into.VManage = append(into.VManage, c)
	}
	if l.assigned == nil {
		return
	}
	if into.Assigned == nil {
		into.Assigned = []reconcile.Assignment{}
	}
	for _, a := range l.assigned {
		a.Input = n
		into.Assigned = append(into.Assigned, a)
	}
}
