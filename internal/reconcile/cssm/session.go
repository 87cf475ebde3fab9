package cssm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slpdoctor/internal/reconcile/rest"
	"slpdoctor/inventory"
)

// session is the client with its token.
type session struct {
	api    api
	client *rest.Client
	issuer *rest.Client
	now    func() time.Time
	notes  []string

	id, secret inventory.Secret
	token      inventory.Secret
	until      time.Time // when the token is renewed
}

func (s *session) close() {
	s.client.Close()
	s.issuer.Close()
}

// note notes something once.
func (s *session) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.notes, text) {
		s.notes = append(s.notes, text)
	}
}

// early is how long before its end a token is renewed.
const early = time.Minute

// oauthErrors are what a token server may say (RFC 6749, section 5.2), and what it means here.
var oauthErrors = map[string]string{
	"invalid_client":         "client id or client secret rejected",
	"invalid_grant":          "client id or client secret rejected",
	"unauthorized_client":    "this client may not log in with client credentials",
	"unsupported_grant_type": "the token server does not know client credentials",
	"invalid_scope":          "the token server wants a scope",
	"invalid_request":        "the token server does not understand the request",
}

// authorize returns a token that is valid now. A rejection is not tried again.
func (s *session) authorize(ctx context.Context) (inventory.Secret, error) {
	if s.token.IsSet() && s.now().Before(s.until) {
		return s.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.id.Reveal()}, "client_secret": {s.secret.Reveal()}}
	a, err := s.issuer.Do(ctx, rest.Call{Endpoint: token, Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode())})
	if err != nil {
		return inventory.Secret{}, err
	}
	if a.Status == http.StatusBadRequest || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden {
		var refusal struct{ Error string }
		_ = json.Unmarshal(a.Body, &refusal) // a refusal without a reason is one all the same
		why, known := oauthErrors[refusal.Error]
		if !known {
			why = "client id or client secret rejected"
		}
		return inventory.Secret{}, a.Errorf("%s (%d)", why, a.Status)
	}
	var answer struct {
		AccessToken string      `json:"access_token"`
		TokenType   string      `json:"token_type"`
		ExpiresIn   rest.Number `json:"expires_in"`
	}
	if err := a.JSON(&answer); err != nil {
		return inventory.Secret{}, err
	}
	if !rest.Token(answer.AccessToken) || answer.TokenType != "" && !strings.EqualFold(answer.TokenType, "bearer") {
		return inventory.Secret{}, a.Errorf("answered without a bearer token")
	}
	s.token = inventory.NewSecret(answer.AccessToken)
	s.client.Hide(s.token)
	s.until = s.now()
	if n := answer.ExpiresIn.N; n != nil && *n > 0 && *n < 1<<31 {
		s.until = s.until.Add(max(time.Duration(*n)*time.Second-early, 0))
	}
	return s.token, nil
}

// do makes a request with a token; when the token is refused, once more with a new one.
func (s *session) do(ctx context.Context, call rest.Call) (*rest.Answer, error) {
	for renewed := false; ; renewed = true {
		token, err := s.authorize(ctx)
		if err != nil {
			return nil, fmt.Errorf("getting a token: %w", err)
		}
		call.Header = http.Header{"Authorization": {"Bearer " + token.Reveal()}}
		a, err := s.client.Do(ctx, call)
		if err != nil || a.Status != http.StatusUnauthorized || renewed {
			return a, err
		}
		s.token = inventory.Secret{}
	}
}

// page is a page of a list.
type page struct {
	total   *int64
	records []json.RawMessage
	answer  *rest.Answer
}

// maxRecords bounds a list: a total beyond it is no count of licences or devices.
const maxRecords = 1_000_000

// pages reads a list to its end. Lists change while they are read: when the total does, or a record comes twice, it is
// read once more from the start.
func (s *session) pages(get func(offset int) (page, error)) ([]json.RawMessage, *rest.Answer, error) {
	for range 2 {
		all, last, err := onePass(get)
		if !errors.Is(err, errChanged) {
			return all, last, err
		}
		s.note("a list changed while it was read and was read again")
	}
	return nil, nil, errors.New("the list keeps changing while it is read, or its pages repeat: try again when nobody works on the account")
}

var errChanged = errors.New("the list changed")

func onePass(get func(offset int) (page, error)) ([]json.RawMessage, *rest.Answer, error) {
	var all []json.RawMessage
	var total int64
	seen := map[string]bool{}
	for {
		p, err := get(len(all))
		switch {
		case err != nil:
			return nil, nil, err
		case p.total == nil || *p.total < 0 || *p.total > maxRecords:
			return nil, nil, p.answer.Errorf("does not say how many records there are: not the format this program knows")
		case len(all) > 0 && *p.total != total:
			return nil, nil, errChanged
		}
		total = *p.total
		here := map[string]bool{}
		for _, r := range p.records {
			switch {
			case here[string(r)]: // no change moves a record within a page
				return nil, nil, p.answer.Errorf("has the same record twice: not the format this program knows")
			case seen[string(r)]:
				return nil, nil, errChanged
			}
			here[string(r)] = true
		}
		maps.Copy(seen, here)
		all = append(all, p.records...)
		switch {
		case int64(len(all)) == total:
			return all, p.answer, nil
		case int64(len(all)) > total:
			return nil, nil, p.answer.Errorf("has %d records where it says there are %d", len(all), total)
		case len(p.records) == 0:
			return nil, nil, p.answer.Errorf("ends after %d of %d records", len(all), total)
		}
	}
}
