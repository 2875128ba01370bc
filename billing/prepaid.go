package billing

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/property"
	"linlipay/store"
)

// What prepayments there are, whose they are, and what they are for.

// LimitPrepayment lets a prepayment pay for some fees alone, or for all where none is named. A fee that is none, and
// more than twenty, are Invalid; a deposit, which pays no bills, is WrongState.
func (s *Service) LimitPrepayment(ctx context.Context, id string, fees []string) (*Prepayment, error) {
	var named []string
	for _, fee := range fees {
		fee = strings.TrimSpace(fee)
		if fee == "" || length(fee) > titleLength {
			return nil, wrong("fees", "费用项目须为 1 至 40 个字。", "A fee is 1 to 40 characters.")
		}
		if !slices.Contains(named, fee) {
			named = append(named, fee)
		}
	}
	if len(named) > limitFees {
		return nil, wrong("fees", "最多选择 20 个费用项目。", "Name 20 fees at most.")
	}
	return s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		if p.Deposit != nil {
			return paysNoBills()
		}
		if slices.Equal(p.Fees, named) {
			return store.ErrUnchanged
		}
		before := strings.Join(p.Fees, "、")
		p.Fees, p.SearchAt = named, s.now().UTC()
		p.OwesAudit.Owe(ctx, "prepaid/"+p.ID, p.Version, audit.Event{
			At: s.now(), Verb: audit.PrepaymentLimited, Object: "prepayment:" + p.ID, Company: p.Company,
			Communities: []string{p.Community}, Before: audit.State{"fees": before},
			After: audit.State{"fees": strings.Join(named, "、")},
		})
		return nil
	})
}

// limitFees is the most fees that one prepayment is limited to. Ours.
const limitFees = 20

// Prepayment returns a prepayment, or NotFound.
func (s *Service) Prepayment(ctx context.Context, id string) (*Prepayment, error) {
	return s.prepaid.Get(ctx, id)
}

// Prepayments are those of a unit that may pay bills, the present owner's first.
func (s *Service) Prepayments(ctx context.Context, unit string) ([]Prepayment, error) {
	found, err := s.paidAhead(ctx, unit)
	found = slices.DeleteFunc(found, func(p Prepayment) bool { return p.Deposit != nil })
	slices.SortStableFunc(found, func(a, b Prepayment) int {
		return cmp.Or(b.Tenure-a.Tenure, strings.Compare(a.Entity, b.Entity))
	})
	return found, err
}

// paidAhead are the prepayments and the deposits of a unit.
func (s *Service) paidAhead(ctx context.Context, unit string) (found []Prepayment, err error) {
	err = s.prepaid.All(ctx, store.Query{Index: "by_unit", Equal: []any{unit}}, func(p Prepayment) error {
		found = append(found, p)
		return nil
	})
	return found, err
}

// Prepaid is what the owner on record of a unit may use of their prepayments, in fen.
func (s *Service) Prepaid(ctx context.Context, u *property.Unit) (sum money.Fen, err error) {
	all, err := s.Prepayments(ctx, u.ID)
	for i := range all {
		if u.Ownerships()[0].Has(all[i].Tenure) && err == nil {
			sum, err = sum.Add(all[i].Available())
		}
	}
	return sum, err
}

// ownershipOf is the time of the owner whose the prepayment is, over all tenures of theirs.
func (s *Service) ownershipOf(ctx context.Context, p *Prepayment) (property.Ownership, error) {
	u, err := s.property.Unit(ctx, p.Unit)
	if err != nil {
		return property.Ownership{}, err
	}
	return ownership(u, p.Tenure), nil
}

// ownership is the one of a unit that has a tenure.
func ownership(u *property.Unit, tenure int) property.Ownership {
	for _, o := range u.Ownerships() {
		if o.Has(tenure) {
			return o
		}
	}
	return property.Ownership{First: tenure, Last: tenure}
}
