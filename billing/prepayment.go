package billing

import (
	"context"
	"fmt"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// Prepayment (预存款) is money that a unit's payer paid without a bill that it could be for.
type Prepayment struct {
	ID        string    `json:"id"` // the order and the number of its unapplied funds
	Version   int64     `json:"-"`
	Company   string    `json:"company"`
	Community string    `json:"community"`
	Unit      string    `json:"unit"`
	Order     string    `json:"order"`
	Amount    money.Fen `json:"amount"`
	At        time.Time `json:"at"`
}

var prepayments = store.Kind[Prepayment]{
	Schema: store.Schema{
		Name: "prepayments",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "unit", Type: store.String}, {Name: "at", Type: store.Int},
			{Name: "amount", Type: store.Int},
		},
		Indexes: []store.Index{{Name: "by_unit", Fields: []string{"unit", "at"}}},
		Shard:   "community",
	},
	ID:      func(p *Prepayment) string { return p.ID },
	Version: func(p *Prepayment) *int64 { return &p.Version },
	Keys: func(p *Prepayment) store.Keys {
		return store.Keys{"community": {p.Community}, "unit": {p.Unit}, "at": {p.At.UnixMilli()},
			"amount": {int64(p.Amount)}}
	},
}

// KeepPrepayment keeps unapplied funds of an order for its unit, once however often it is called.
func (s *Books) KeepPrepayment(ctx context.Context, o *payment.Order, e *payment.UnappliedFunds) error {
	err := s.prepayments.Insert(ctx, &Prepayment{
		ID: fmt.Sprintf("%s-%d", o.ID, e.No), Company: o.Company, Community: o.Community, Unit: o.Payer.Unit,
		Order: o.ID, Amount: e.Amount, At: s.now().UTC(),
	})
	if fault.Is(err, fault.AlreadyExists) {
		return nil
	}
	return err
}

// Prepaid is what a unit has in prepayments, in fen.
func (s *Service) Prepaid(ctx context.Context, unit string) (money.Fen, error) {
	groups, err := s.prepayments.Sum(ctx, store.Query{Index: "by_unit", Equal: []any{unit}}, nil, []string{"amount"})
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	return money.Fen(groups[0].Sums[0]), nil
}
