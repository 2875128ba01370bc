package simulate

import (
	"context"
	"fmt"
	"time"

	"linlipay/payment/gateway"
)

// returnMutations are defects of what goes back at an institution, and of what it leaves out.
func returnMutations() []Mutation {
	return []Mutation{
		retell("returned-ignored",
			"what an institution says went back is not read, and its word for it counts as paid", ignoreReturned),
		retell("reversed-is-paid", "a charge that was reversed and is called refunded counts as paid", keepReversed),
		retell("foreign-renumbered", "a refund that an institution tells of again counts as another", renumberForeign),
		retell("returned-twice", "all that went back, ours included, counts as given back without us", doubleReturned),
		{
			Name: "omitted-is-zero", Literal: true,
			Why: "a currency that an institution leaves out is taken for another one",
		},
	}
}

// withoutReturned is a report that says of no money that it went back.
func withoutReturned(r gateway.Report) gateway.Report {
	r.Returned, r.ReturnedAmount = gateway.ReturnedNothing, 0
	return r
}

// ofAnother reports whether a notification tells of a refund under a number that is not ours.
func ofAnother(n gateway.Notification) bool {
	_, _, ours := gateway.SplitOutRefundNo(n.Refund.OutRefundNo)
	return n.Kind == gateway.NotifyRefund && !ours
}

func ignoreReturned(_ *world, b bank, t *teller) {
	t.query = func(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
		r, err := b.Query(ctx, a, of)
		if of.Method == gateway.CodePresented {
			return r, err
		}
		return withoutReturned(r), err
	}
	t.parse = func(
		ctx context.Context, a gateway.Account, m gateway.RawNotification, now time.Time,
	) (gateway.Notification, error) {
		n, err := b.Verify(ctx, a, m, now)
		if ofAnother(n) {
			n.Kind = gateway.NotifyOther
		}
		n.Report = withoutReturned(n.Report)
		return n, err
	}
}

func keepReversed(w *world, b bank, t *teller) {
	t.query = func(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
		r, err := b.Query(ctx, a, of)
		if charged := w.bank(b.Institution()).trades[of.OutTradeNo]; charged != nil && charged.revoked {
			r = withoutReturned(r)
		}
		return r, err
	}
}

func renumberForeign(_ *world, b bank, t *teller) {
	first := map[string]string{} // its number, by the fresh one
	t.parse = func(
		ctx context.Context, a gateway.Account, m gateway.RawNotification, now time.Time,
	) (gateway.Notification, error) {
		told, err := b.Verify(ctx, a, m, now)
		if ofAnother(told) {
			fresh := fmt.Sprintf("%s-%d", told.Refund.OutRefundNo, len(first)+1)
			first[fresh], told.Refund.OutRefundNo = told.Refund.OutRefundNo, fresh
		}
		return told, err
	}
	t.queryRefund = func(
		ctx context.Context, a gateway.Account, r gateway.RefundRequest,
	) (gateway.RefundReport, error) {
		if no, ok := first[r.OutRefundNo]; ok {
			r.OutRefundNo = no
		}
		told, err := b.QueryRefund(ctx, a, r)
		told.RefundID = ""
		return told, err
	}
}

func doubleReturned(_ *world, b bank, t *teller) {
	t.query = func(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
		r, err := b.Query(ctx, a, of)
		if r.Returned == gateway.ReturnedSome && r.ReturnedAmount > 0 {
			r.ReturnedAmount *= 2
		}
		return r, err
	}
}
