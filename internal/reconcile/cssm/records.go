package cssm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"slpdoctor/internal/reconcile"
	"slpdoctor/internal/reconcile/rest"
)

// pageSize is how many records are asked for at once; the server may answer fewer.
const pageSize = 100

// license is a licence of a virtual account.
type license struct {
	License, VirtualAccount, Status, BillingType string
	Quantity, InUse, Available                   rest.Number
	LicenseSubstitutions                         []struct{ SubstitutedQuantity rest.Number }
}

// balances reads the licence inventory of a virtual account.
func (s *session) balances(ctx context.Context, smart, virtual string) ([]reconcile.Balance, error) {
	records, last, err := s.pages(func(offset int) (page, error) {
		body, err := json.Marshal(map[string]any{"virtualAccounts": []string{virtual}, "limit": pageSize, "offset": offset})
		if err != nil {
			return page{}, fmt.Errorf("asking for %q: %w", virtual, err)
		}
		a, err := s.do(ctx, rest.Call{Endpoint: s.api.licenses, Segments: []string{smart}, Type: "application/json", Body: body})
		if err != nil {
			return page{}, err
		}
		var answer struct {
			outcome
			TotalRecords rest.Number
			Licenses     []json.RawMessage
		}
		return s.page(a, &answer, &answer.outcome, &answer.TotalRecords, &answer.Licenses)
	})
	if err != nil {
		return nil, err
	}
	balances := make([]reconcile.Balance, 0, len(records))
	for _, r := range records {
		var l license
		if err := last.Decode(r, &l); err != nil {
			return nil, err
		}
		b, err := s.balance(last, l, virtual)
		if err != nil {
			return nil, err
		}
		b.Smart = smart
		balances = append(balances, b)
	}
	return balances, nil
}

// page decodes a page of records.
func (s *session) page(a *rest.Answer, into any, o *outcome, total *rest.Number, records *[]json.RawMessage) (page, error) {
	if err := a.JSON(into); err != nil {
		return page{}, err
	}
	if err := o.check(s, a); err != nil {
		return page{}, err
	}
	if total.N == nil && *records == nil && o.empty() {
		total.N = new(int64(0))
	}
	return page{total: total.N, records: *records, answer: a}, nil
}

// billing is CSSM's word in the user interface for one of the API.
var billing = map[string]string{"PREPAID": "Prepaid", "USAGE": "By Usage"}

// balance is a licence in our words. A number that is missing stays unknown; one that cannot be is an error.
func (s *session) balance(a *rest.Answer, l license, virtual string) (reconcile.Balance, error) {
	b := reconcile.Balance{License: l.License, Virtual: virtual, Billing: l.BillingType, Available: l.Quantity.N, InUse: l.InUse.N}
	if l.License == "" {
		return b, a.Errorf("has a licence without a name: not the format this program knows")
	}
	if l.VirtualAccount != "" && !strings.EqualFold(l.VirtualAccount, virtual) {
		return b, a.Errorf("has licences of another Virtual Account, %q", s.client.Say(l.VirtualAccount))
	}
	for _, f := range []struct {
		name string
		n    *int64
	}{{"quantity", b.Available}, {"inUse", b.InUse}} {
		switch {
		case f.n == nil:
			s.note("%q does not say %q: unknown", l.License, f.name)
		case *f.n < 0:
			return b, a.Errorf("%q of %q is negative: %d", f.name, s.client.Say(l.License), *f.n)
		}
	}
	if word, ok := billing[strings.ToUpper(l.BillingType)]; ok {
		b.Billing = word
	}
	if !strings.EqualFold(l.Status, "In Compliance") {
		b.Alerts = l.Status
	}
	s.substitution(&b, l)
	return b, nil
}

// substitution fills what upper tiers fulfil and the balance. The API does not say which way a substitution goes, but
// its numbers do: available is quantity and what was received, or without what was given away, less what is in use.
// Where neither holds, both stay unknown.
func (s *session) substitution(b *reconcile.Balance, l license) {
	var sum int64
	for _, sub := range l.LicenseSubstitutions {
		if sub.SubstitutedQuantity.N == nil {
			s.note("%q has a substitution without a quantity: unknown", l.License)
			return
		}
		sum += *sub.SubstitutedQuantity.N
	}
	if sum == 0 {
		b.Substituted = &sum
	}
	if b.Available == nil || b.InUse == nil || l.Available.N == nil {
		return
	}
	switch plain := *b.Available - *b.InUse; *l.Available.N {
	case plain + sum:
		b.Substituted, b.Balance = &sum, l.Available.N
	case plain - sum:
		b.Substituted, b.Balance = new(-sum), l.Available.N
	default:
		s.note("%q: available is %d, which is not quantity %d less in use %d with %d substituted: not taken as the balance",
			l.License, *l.Available.N, *b.Available, *b.InUse, sum)
	}
}

// udi finds product and serial in the name of an instance.
var udi = regexp.MustCompile(`UDI_PID:\s*([^;\s]+)\s*;\s*UDI_SN:\s*([^;\s]+)`)

// instances reads the product instances of a virtual account.
func (s *session) instances(ctx context.Context, smart, virtual string) ([]reconcile.Instance, error) {
	records, last, err := s.pages(func(offset int) (page, error) {
		a, err := s.do(ctx, rest.Call{Endpoint: s.api.instances, Segments: []string{smart},
			Query: url.Values{"virtualAccountName": {virtual}, "limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}})
		if err != nil {
			return page{}, err
		}
		var answer struct {
			outcome
			TotalRecords rest.Number
			Devices      []json.RawMessage
		}
		return s.page(a, &answer, &answer.outcome, &answer.TotalRecords, &answer.Devices)
	})
	if err != nil {
		return nil, err
	}
	instances := make([]reconcile.Instance, 0, len(records))
	for _, r := range records {
		var d struct {
			InstanceName, ProductTagName string
			Sudi                         struct{ UDIPid, UDISerialNumber, UUID string }
		}
		if err := last.Decode(r, &d); err != nil {
			return nil, err
		}
		i := reconcile.Instance{Name: strings.TrimSpace(d.InstanceName), PID: d.Sudi.UDIPid, Serial: d.Sudi.UDISerialNumber,
			UUID: d.Sudi.UUID, Type: d.ProductTagName, Smart: smart, Virtual: virtual}
		if m := udi.FindStringSubmatch(i.Name); m != nil && i.PID == "" && i.Serial == "" {
			i.PID, i.Serial = m[1], m[2]
		}
		if i.Name == "" && i.Serial == "" {
			return nil, last.Errorf("has a product instance without name and serial number: not the format this program knows")
		}
		instances = append(instances, i)
	}
	return instances, nil
}
