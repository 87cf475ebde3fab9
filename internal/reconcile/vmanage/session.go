package vmanage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"slpdoctor/internal/reconcile/rest"
	"slpdoctor/inventory"
)

// session is a login: its cookie is in the client, its tokens are in the header.
type session struct {
	client *rest.Client
	header http.Header
}

var (
	errRejected = errors.New("user name or password rejected; it is not tried again, so that the account is not locked")
	errEnded    = errors.New("the session ended while reading")
)

// get makes a request of the session.
func (s *session) get(ctx context.Context, e *rest.Endpoint) (*rest.Answer, error) {
	return s.client.Do(ctx, rest.Call{Endpoint: e, Header: s.header})
}

// login opens a session with a cookie, which every release offers, or, only where that is not offered, with a JSON
// web token. In this order a rejection is unmistakable: an older release answers a request for a token with its login
// page, which could as well be a rejection, and asking again would count as a second wrong password.
func (s *session) login(ctx context.Context, user, password inventory.Secret) error {
	form := url.Values{"j_username": {user.Reveal()}, "j_password": {password.Reveal()}}
	a, err := s.client.Do(ctx, rest.Call{Endpoint: sessionLogin, Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
	switch {
	case err != nil:
		return err
	case notOffered(a):
		return s.loginJWT(ctx, user, password)
	case rejected(a), a.Status == http.StatusOK && a.HTML():
		return a.Errorf("%w", errRejected)
	case strings.Contains(a.Header.Get("Location"), "passwordReset"):
		return a.Errorf("the password of this user must be changed before it can log in")
	case a.Status >= 300 && a.Status < 400:
		return fmt.Errorf("%w; where vManage uses single sign-on, give a local user", a.Fail())
	case a.Status != http.StatusOK:
		return a.Fail()
	case len(bytes.TrimSpace(a.Body)) > 0 || !s.client.Cookie("JSESSIONID"):
		return a.Errorf("no session was opened, and no reason given: is this a vManage?")
	}
	return s.xsrf(ctx)
}

// notOffered reports whether the server does not know the way to log in.
func notOffered(a *rest.Answer) bool {
	return a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed || a.Status == http.StatusGone ||
		a.Status == http.StatusNotImplemented
}

func rejected(a *rest.Answer) bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden || a.Status == http.StatusBadRequest
}

// xsrf fetches the token that the session's requests carry. Releases before 19.2 have none.
func (s *session) xsrf(ctx context.Context) error {
	a, err := s.get(ctx, xsrfToken)
	switch {
	case err != nil:
		return err
	case notOffered(a):
		return nil
	case a.Status == http.StatusOK && a.HTML():
		return a.Errorf("%w", errRejected)
	case a.Status != http.StatusOK:
		return a.Fail()
	}
	token := string(bytes.TrimSpace(a.Body))
	if !rest.Token(token) {
		return a.Errorf("answered with something that is no token")
	}
	s.client.Hide(inventory.NewSecret(token))
	s.header.Set("X-XSRF-TOKEN", token)
	return nil
}

func (s *session) loginJWT(ctx context.Context, user, password inventory.Secret) error {
	body, err := json.Marshal(map[string]string{"username": user.Reveal(), "password": password.Reveal()})
	if err != nil {
		return errors.New("user name or password is not text")
	}
	a, err := s.client.Do(ctx, rest.Call{Endpoint: jwtLogin, Type: "application/json", Body: body})
	switch {
	case err != nil:
		return err
	case notOffered(a):
		return a.Errorf("the server offers no known way to log in: is this a vManage?")
	case rejected(a):
		return a.Errorf("%w", errRejected)
	}
	var jwt struct{ Token, CSRF string }
	if err := a.JSON(&jwt); err != nil {
		return err
	}
	if !rest.Token(jwt.Token) || !rest.Token(jwt.CSRF) {
		return a.Errorf("answered without token or csrf")
	}
	s.client.Hide(inventory.NewSecret(jwt.Token))
	s.client.Hide(inventory.NewSecret(jwt.CSRF))
	s.header.Set("Authorization", "Bearer "+jwt.Token)
	s.header.Set("X-XSRF-TOKEN", jwt.CSRF)
	return nil
}

// logout ends the session, also when reading was interrupted: a vManage holds 250 of them, each for half an hour.
func (s *session) logout(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var errs []error
	for _, e := range []*rest.Endpoint{logout, logoutOld} {
		a, err := s.get(ctx, e)
		if err == nil && a.Status < 400 {
			return nil
		}
		if err == nil {
			err = a.Fail()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
