package cssm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slpdoctor/internal/reconcile/rest"
)

// outcome is what CSSM says of a request beside the HTTP status.
type outcome struct {
	Status        string
	StatusMessage string
	MessageCode   string `json:"message_code"`
	Message       string
}

// check is the error of an answer that came with status 200 and says that it is none.
func (o outcome) check(s *session, a *rest.Answer) error {
	switch strings.ToUpper(o.Status) {
	case "", "COMPLETE", "COMPLETED", "SUCCESS", "OK":
		return nil
	}
	return a.Errorf("CSSM says %q: %s", s.client.Say(o.Status), s.client.Say(o.StatusMessage+" "+o.Message))
}

// empty reports whether CSSM says that there is nothing, which it does instead of an empty list.
func (o outcome) empty() bool {
	return strings.EqualFold(o.MessageCode, "NO DATA FOUND") || strings.EqualFold(o.StatusMessage, "NO DATA FOUND")
}

// list reads the names of accounts. The newer API pages; the classic one answers all at once, without a total.
func (s *session) list(ctx context.Context, e *rest.Endpoint, segments []string, name func(*rest.Answer, json.RawMessage) (string, error)) ([]string, error) {
	records, last, err := s.pages(func(offset int) (page, error) {
		var query url.Values
		if len(e.Query) > 0 {
			query = url.Values{"startIdx": {strconv.Itoa(offset)}, "rowsPerPage": {"100"}}
		}
		a, err := s.do(ctx, rest.Call{Endpoint: e, Segments: segments, Query: query})
		if err != nil {
			return page{}, err
		}
		var body struct {
			outcome
			Accounts, VirtualAccounts, Data []json.RawMessage
			TotalRows                       rest.Number
		}
		if err := a.JSON(&body); err != nil {
			return page{}, err
		}
		if err := body.check(s, a); err != nil {
			return page{}, err
		}
		p := page{total: body.TotalRows.N, records: slices.Concat(body.Accounts, body.VirtualAccounts, body.Data), answer: a}
		if len(e.Query) == 0 {
			p.total = new(int64(len(p.records)))
		}
		return p, nil
	})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range records {
		n, err := name(last, r)
		if err != nil {
			return nil, err
		}
		if n == "" {
			return nil, last.Errorf("lists an account without a name: not the format this program knows")
		}
		names = append(names, n)
	}
	return names, nil
}

// smart is the Smart Account to read, as CSSM spells it.
func (s *session) smart(ctx context.Context, wanted string) (string, error) {
	domains, err := s.list(ctx, s.api.accounts, nil, func(a *rest.Answer, raw json.RawMessage) (string, error) {
		var r struct{ AccountDomain, DomainIdentifier string }
		err := a.Decode(raw, &r)
		return cmp.Or(r.AccountDomain, r.DomainIdentifier), err
	})
	if err != nil {
		return "", err
	}
	if wanted == "" && len(domains) == 1 {
		return domains[0], nil
	}
	return pick(domains, wanted, "Smart Account")
}

// virtual are the Virtual Accounts to read, as CSSM spells them.
func (s *session) virtual(ctx context.Context, smart string, wanted []string) ([]string, error) {
	names, err := s.list(ctx, s.api.virtual, []string{smart}, func(a *rest.Answer, raw json.RawMessage) (string, error) {
		var r struct{ Name, VirtualAccountName string }
		err := a.Decode(raw, &r)
		return cmp.Or(r.Name, r.VirtualAccountName), err
	})
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 {
		return names, nil
	}
	var picked []string
	for _, w := range wanted {
		n, err := pick(names, w, "Virtual Account")
		if err != nil {
			return nil, err
		}
		if !slices.Contains(picked, n) {
			picked = append(picked, n)
		}
	}
	return picked, nil
}

// pick finds a name as the user wrote it.
func pick(names []string, wanted, what string) (string, error) {
	for _, n := range names {
		if strings.EqualFold(n, wanted) {
			return n, nil
		}
	}
	shown := names[:min(len(names), 20)]
	switch {
	case len(names) == 0:
		return "", fmt.Errorf("this login sees no %s", what)
	case wanted == "":
		return "", fmt.Errorf("name the %s; this login sees %q", what, shown)
	}
	return "", fmt.Errorf("there is no %s %q; this login sees %q", what, wanted, shown)
}
