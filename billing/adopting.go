package billing

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// oldPrepayment is how a prepayment was kept before it could be used: a document for each of an order's unapplied
// funds. What a store has of them is adopted.
type oldPrepayment struct {
	ID        string    `json:"id"` // the order and the number of its unapplied funds
	Version   int64     `json:"-"`
	Community string    `json:"community"`
	Unit      string    `json:"unit"`
	Order     string    `json:"order"`
	Amount    money.Fen `json:"amount"`
	At        time.Time `json:"at"`
}

var oldPrepayments = store.Kind[oldPrepayment]{
	Schema: store.Schema{
		Name: "prepayments",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "unit", Type: store.String}, {Name: "at", Type: store.Int},
			{Name: "amount", Type: store.Int},
		},
		Indexes: []store.Index{{Name: "by_unit", Fields: []string{"unit", "at"}}},
		Shard:   "community",
	},
	ID:      func(p *oldPrepayment) string { return p.ID },
	Version: func(p *oldPrepayment) *int64 { return &p.Version },
	Keys: func(p *oldPrepayment) store.Keys {
		return store.Keys{"community": {p.Community}, "unit": {p.Unit}, "at": {p.At.UnixMilli()},
			"amount": {int64(p.Amount)}}
	},
}

// adoptPrepayments makes credits of what was kept the old way, each once, and returns how many there were.
func (s *Service) adoptPrepayments(ctx context.Context) (n int, err error) {
	var found []oldPrepayment
	var unread error
	err = s.old.Each(ctx, store.Query{Index: "by_unit"}, func(p *oldPrepayment, unreadable error) error {
		if unread = errors.Join(unread, unreadable); unreadable == nil {
			found = append(found, *p)
		}
		return nil
	})
	err = errors.Join(err, unread)
	for _, p := range found {
		if failed := s.adopt(ctx, &p); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		n++
	}
	return n, err
}

func (s *Service) adopt(ctx context.Context, old *oldPrepayment) error {
	o, err := s.payments.Get(ctx, old.Order)
	if err != nil {
		return err
	}
	no, err := strconv.Atoi(strings.TrimPrefix(old.ID, old.Order+"-"))
	if err != nil {
		return fault.New(fault.Internal, "系统错误，请联系管理员。", "Prepayment "+old.ID+" does not name its funds.")
	}
	err = s.addCredit(ctx, paidBy(o, prepaymentID(old.Unit, o.Payer.Tenure, o.EntityID())),
		Credit{Source: Source{Order: old.Order, Unapplied: no}, Amount: old.Amount, At: old.At})
	if err == nil {
		err = s.old.Delete(ctx, old)
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Stale) { // another process was faster
		return nil
	}
	return err
}
