package simulate

import (
	"bytes"
	"context"
	"fmt"

	"linlipay/payment/gateway"
	"linlipay/store"
)

func refundMutations() []Mutation {
	type (
		account = gateway.Account
		request = gateway.RefundRequest
		report  = gateway.RefundReport
	)
	return []Mutation{
		retell("refund-renumbered", "a refund that is asked for again goes under a fresh number",
			func(_ *world, b bank, t *teller) {
				n := 0
				t.refund = func(ctx context.Context, a account, r request) (report, error) {
					n++
					fresh := r
					fresh.OutRefundNo = fmt.Sprintf("%sx%d", r.OutRefundNo, n)
					rep, err := b.Refund(ctx, a, fresh)
					rep.OutRefundNo = r.OutRefundNo
					return rep, err
				}
			}),
		spoil("small-refunds-unsummed", "each small refund of an order is held against the limit alone", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			if c == "orders" {
				d.Body = bytes.ReplaceAll(d.Body, []byte(`"requested_by":"staff:maker"`),
					[]byte(`"requested_by":"staff:maker","decided_by":"staff:maker"`))
			}
			return write(d)
		}),
		retell("refund-presumed", "a refund that failed counts as done", func(w *world, b bank, t *teller) {
			t.refund = func(ctx context.Context, a account, r request) (report, error) {
				rep, err := b.Refund(ctx, a, r)
				if kind, _ := kindOf(err); kind == gateway.Declined {
					return report{OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, State: gateway.RefundDone,
						Amount: r.Amount, DoneAt: w.instant()}, nil
				}
				return rep, err
			}
		}),
		retell("refund-hasty", "a refund that is accepted counts as done", func(_ *world, b bank, t *teller) {
			t.refund = func(ctx context.Context, a account, r request) (report, error) {
				rep, err := b.Refund(ctx, a, r)
				if rep.State == gateway.RefundProcessing {
					rep.State = gateway.RefundDone
				}
				return rep, err
			}
		}),
		retell("refund-given-up", "a time-out of a refund counts as: nothing went back",
			func(_ *world, b bank, t *teller) {
				t.refund = func(ctx context.Context, a account, r request) (report, error) {
					rep, err := b.Refund(ctx, a, r)
					if kind, _ := kindOf(err); kind == gateway.Indeterminate {
						return report{OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo,
							State: gateway.RefundClosed, Amount: r.Amount}, nil
					}
					return rep, err
				}
			}),
	}
}
