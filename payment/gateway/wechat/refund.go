package wechat

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"github.com/go-pay/gopay"

	"linlipay/payment/gateway"
)

// Refund asks to give money back (申请退款), amounts in fen. The institution answers a repeat under the same number with
// the one refund it has. A refusal counts only when the institution also knows no such refund: a repeat may be refused
// although the first was taken.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	done, err := cl.refund(ctx, r)
	if !gateway.DeclinedThere(err) {
		return done, err
	}
	found, query := cl.queryRefund(ctx, r)
	return gateway.AfterDecline(err, found, query)
}

func (c *client) refund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	bm := gopay.BodyMap{}
	bm.Set("out_refund_no", r.OutRefundNo).SetBodyMap("amount", func(b gopay.BodyMap) {
		b.Set("refund", int64(r.Amount)).Set("total", int64(r.Total)).Set("currency", gateway.CNY)
	})
	nameTrade(bm, r.Trade)
	if r.Reason != "" {
		bm.Set("reason", fit(r.Reason, reasonBytes))
	}
	if r.NotifyURL != "" {
		bm.Set("notify_url", r.NotifyURL)
	}
	f, err := read(ctx, refunding, func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3Refund(ctx, bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return gateway.RefundReport{}, err
	}
	return answered(r, f)
}

// nameTrade names the payment that goes back: by one number, the institution's own where it is known.
func nameTrade(bm gopay.BodyMap, t gateway.Trade) {
	if t.TransactionID != "" {
		bm.Set("transaction_id", t.TransactionID)
	} else {
		bm.Set("out_trade_no", t.OutTradeNo)
	}
}

// QueryRefund asks by out-refund number (查询单笔退款). The numbers of refunds that were made on the merchant platform are
// asked about alike.
func (g *Gateway) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	return cl.queryRefund(ctx, r)
}

// queryRefund escapes the number: the institution's own may hold | and *, which are signed as they stand in the path.
func (c *client) queryRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	f, err := read(ctx, refunding, func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3RefundQuery(ctx, url.PathEscape(r.OutRefundNo), nil)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return gateway.RefundReport{}, err
	}
	return answered(r, f)
}

// answered translates an answer and compares it with what was asked. Of a refund that is not ours the amount is what
// the institution says.
func answered(r gateway.RefundRequest, f gateway.Fields) (gateway.RefundReport, error) {
	told, err := refundOf(f.Required("status"), f)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	amount := f.Object("amount")
	total, ok := amount.Fen("total")
	if !ok {
		total = r.Total
	}
	currency := cmp.Or(amount.Text("currency"), gateway.CNY)
	paid := cmp.Or(f.Text("transaction_id"), r.Trade.TransactionID)
	switch {
	case f.Err() != nil:
		return gateway.RefundReport{}, gateway.AsIndeterminate(f.Err())
	case told.OutRefundNo != r.OutRefundNo || told.OutTradeNo != r.Trade.OutTradeNo,
		r.Trade.TransactionID != "" && paid != r.Trade.TransactionID:
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("wechat: asked for refund %s of %s, answered for %s of %s",
				r.OutRefundNo, r.Trade.OutTradeNo, told.OutRefundNo, told.OutTradeNo),
		)
	case told.Amount != r.Amount && !r.Foreign, total != r.Total, told.Amount > total, currency != gateway.CNY:
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("wechat: refund %s is of %d out of %d fen in %s, not of %d out of %d",
				r.OutRefundNo, told.Amount, total, currency, r.Amount, r.Total))
	}
	return told, nil
}

// refundStates are the institution's words for a refund (status, refund_status).
func refundStates() map[string]gateway.RefundState {
	return map[string]gateway.RefundState{
		"SUCCESS": gateway.RefundDone, "PROCESSING": gateway.RefundProcessing, "ABNORMAL": gateway.RefundAbnormal,
		"CLOSED": gateway.RefundClosed,
	}
}

// refundOf translates a refund with a status as an answer or a decrypted notification tells it. See FieldRules for what
// may be left out.
func refundOf(status string, f gateway.Fields) (gateway.RefundReport, error) {
	amount, _ := f.Object("amount").Fen("refund")
	state := refundStates()[status]
	r := gateway.RefundReport{
		OutTradeNo: f.Required("out_trade_no"), OutRefundNo: f.Required("out_refund_no"), RefundID: f.Text("refund_id"),
		State: state, Amount: amount, Raw: status,
	}
	switch {
	case f.Err() != nil:
		return gateway.RefundReport{}, gateway.AsIndeterminate(f.Err())
	case state == "" || amount <= 0:
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			fmt.Errorf("wechat: a refund of %d fen in the state %q", amount, status),
		)
	case state == gateway.RefundDone:
		r.DoneAt = moment(f.Text("success_time"))
	}
	return r, nil
}
