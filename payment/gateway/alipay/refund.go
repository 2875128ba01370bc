package alipay

import (
	"context"
	"fmt"

	"github.com/go-pay/gopay"

	"linlipay/payment/gateway"
)

// Refund asks to give money back (alipay.trade.refund). fund_change Y says that it has gone back now; N is also what a
// repeat is told, and then only refund_status of a query decides. The institution notifies at the payment's notify_url,
// not at the request's.
//
// A refusal counts only when the institution also knows no such refund: a repeat may be refused although the first was
// taken.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	done, err := cl.refund(ctx, r)
	declined := gateway.DeclinedThere(err)
	if !declined && (err != nil || done.State == gateway.RefundDone) {
		return done, err
	}
	found, query := cl.queryRefund(ctx, r)
	found.Total = done.Total
	if declined {
		return gateway.AfterDecline(err, found, query)
	}
	switch {
	case query == nil:
		return found, nil
	case gateway.UnknownThere(query):
		return done, nil
	}
	return gateway.RefundReport{}, gateway.AsIndeterminate(
		fmt.Errorf("alipay: what became of refund %s is not known: %w", r.OutRefundNo, query))
}

// refund reports what was taken as done or processing: a query that follows at once may come too early to see it (the
// institution advises ten seconds), so that its not knowing the refund proves nothing then.
func (c *client) refund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	f, err := c.ask(ctx, refunding, "alipay.trade.refund", refundOrder(r))
	if err != nil {
		return gateway.RefundReport{}, err
	}
	named(f, r.Trade.OutTradeNo)
	ofPayment(f, r)
	change := f.Text("fund_change")
	total, _ := f.Yuan("refund_fee") // all that has gone back of the trade
	if total != 0 && total < r.Amount {
		f.Fail("refund_fee", "less than was given back")
	}
	done := gateway.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, State: gateway.RefundProcessing, Amount: r.Amount,
		Total: total, Raw: "fund_change " + change,
	}
	if change == "Y" && total > 0 { // else a query tells
		done.State, done.DoneAt = gateway.RefundDone, moment(f.Text("gmt_refund_pay"))
	}
	if err := f.Err(); err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	return done, nil
}

// QueryRefund asks by out-refund number (alipay.trade.fastpay.refund.query), ours or that of a refund made on the
// institution's page. An answer without refund_status says that no such refund was taken, or that it failed: NotFound,
// and it may be asked for again under the same number.
func (g *Gateway) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	return cl.queryRefund(ctx, r)
}

func (c *client) queryRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	bm := numbers(r).Set("out_request_no", r.OutRefundNo).Set("query_options", []string{"gmt_refund_pay"})
	f, err := c.ask(ctx, refunding, "alipay.trade.fastpay.refund.query", bm)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	_, known := f.Yuan("refund_amount")
	if !f.Has("refund_status") && !known && f.Err() == nil {
		return gateway.RefundReport{}, &gateway.Error{
			Kind: gateway.NotFound, Signed: true, Code: f.Text("code"), Message: f.Text("msg"),
		}
	}
	return refundTold(f, r)
}

// refundTold reads what the institution says of a refund that it knows: ours is of the amount that was asked for, one
// made on its page of what it says, within what was paid.
func refundTold(f gateway.Fields, r gateway.RefundRequest) (gateway.RefundReport, error) {
	status := f.Text("refund_status")
	amount, _ := f.Yuan("refund_amount")
	wrong := amount != r.Amount
	if r.Foreign {
		wrong = amount <= 0 || amount > r.Total
	}
	if f.Has("out_trade_no") { // the refund's number tells whose it is, too
		named(f, r.Trade.OutTradeNo)
	}
	ofPayment(f, r)
	switch {
	case status != "REFUND_SUCCESS":
		f.Fail("refund_status", "none that goes with an amount")
	case f.Required("out_request_no") != r.OutRefundNo:
		f.Fail("out_request_no", "another than was asked for")
	case wrong:
		f.Fail("refund_amount", "not what was given back")
	}
	if err := f.Err(); err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	return gateway.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, State: gateway.RefundDone, Amount: amount,
		DoneAt: moment(f.Text("gmt_refund_pay")), Raw: status,
	}, nil
}

// ofPayment makes it a failure that an answer about a refund names another payment by the institution's number.
func ofPayment(f gateway.Fields, r gateway.RefundRequest) {
	if no := f.Text("trade_no"); no != "" && r.Trade.TransactionID != "" && no != r.Trade.TransactionID {
		f.Fail("trade_no", "another than the payment's")
	}
}

// refundOrder is what alipay.trade.refund is asked with.
func refundOrder(r gateway.RefundRequest) gopay.BodyMap {
	bm := numbers(r).Set("refund_amount", r.Amount.Yuan()).Set("out_request_no", r.OutRefundNo)
	if r.Reason != "" {
		bm.Set("refund_reason", fit(r.Reason))
	}
	return bm
}

// numbers name the payment that a refund is of; the institution prefers its own.
func numbers(r gateway.RefundRequest) gopay.BodyMap {
	bm := gopay.BodyMap{"out_trade_no": r.Trade.OutTradeNo}
	if r.Trade.TransactionID != "" {
		bm.Set("trade_no", r.Trade.TransactionID)
	}
	return bm
}
