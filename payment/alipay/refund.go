package alipay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-pay/gopay"

	"linlipay/money"
	"linlipay/payment"
)

// Refund asks to give money back (alipay.trade.refund). fund_change Y says that it has gone back now; N is also what a repeat is told, and then
// only refund_status of a query decides. The institution notifies at the payment's notify_url, not at the request's.
//
// A refusal counts only when the institution also knows no such refund: a repeat may be refused although the first was taken.
func (g *Gateway) Refund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, refused("应用配置有误", err)
	}
	done, err := cl.refund(ctx, r)
	var no *payment.GatewayError
	isRefusal := errors.As(err, &no) && no.Kind == payment.Refused && no.Signed
	if !isRefusal && (err != nil || done.State == payment.RefundDone) {
		return done, err
	}
	found, query := cl.queryRefund(ctx, r)
	switch {
	case query == nil:
		return found, nil
	case !absent(query):
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: what became of refund %s is not known: %w", r.OutRefundNo, errors.Join(err, query)))
	}
	return done, err
}

// absent reports whether the institution says, with its signature, that it knows no such refund.
func absent(err error) bool {
	var failed *payment.GatewayError
	return errors.As(err, &failed) && failed.Kind == payment.Absent && failed.Signed
}

// refund reports what was taken as done or processing: a query that follows at once may come too early to see it (the institution advises ten
// seconds), so that its not knowing the refund proves nothing then.
func (c *client) refund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	bm := numbers(r).Set("refund_amount", r.Amount.Yuan()).Set("out_request_no", r.OutRefundNo)
	if r.Reason != "" {
		bm.Set("refund_reason", r.Reason)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.TradeRefund(ctx, bm)
	if err := judge(refunding, v, err); err != nil {
		return payment.RefundReport{}, err
	}
	t := rsp.Response
	if t.OutTradeNo != r.Trade.OutTradeNo {
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: refund of %s, answered for %s", r.Trade.OutTradeNo, t.OutTradeNo))
	}
	done := payment.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, State: payment.RefundProcessing, Amount: r.Amount, Raw: "fund_change " + t.FundChange,
	}
	if t.FundChange != "Y" {
		return done, nil
	}
	if total, err := money.ParseYuan(t.RefundFee); err != nil || total < r.Amount { // refund_fee is all that has gone back of the trade
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: refund %s of %s yuan, but refund_fee is %q: %w", r.OutRefundNo, r.Amount.Yuan(), t.RefundFee, err))
	}
	done.State, done.DoneAt = payment.RefundDone, moment(t.GmtRefundPay)
	return done, nil
}

// QueryRefund asks by out-refund number (alipay.trade.fastpay.refund.query). An answer without refund_status says that no such refund was taken,
// or that it failed: Absent, and it may be asked for again under the same number.
func (g *Gateway) QueryRefund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, unknown(err)
	}
	return cl.queryRefund(ctx, r)
}

func (c *client) queryRefund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	bm := numbers(r).Set("out_request_no", r.OutRefundNo).Set("query_options", []string{"gmt_refund_pay"})
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.TradeFastPayRefundQuery(ctx, bm)
	if err := judge(refunding, v, err); err != nil {
		return payment.RefundReport{}, err
	}
	t := rsp.Response
	if t.RefundStatus == "" {
		return payment.RefundReport{}, &payment.GatewayError{Kind: payment.Absent, Signed: true, Code: t.Code, Message: t.Msg}
	}
	if t.RefundStatus != "REFUND_SUCCESS" {
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: unknown refund_status %q", t.RefundStatus))
	}
	if t.OutTradeNo != r.Trade.OutTradeNo || t.OutRequestNo != r.OutRefundNo {
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: asked for refund %s of %s, answered for %s of %s",
			r.OutRefundNo, r.Trade.OutTradeNo, t.OutRequestNo, t.OutTradeNo))
	}
	amount, err := money.ParseYuan(t.RefundAmount)
	if err != nil || amount != r.Amount {
		return payment.RefundReport{}, unknown(fmt.Errorf("alipay: refund %s is of %q yuan, not of %s: %w", r.OutRefundNo, t.RefundAmount, r.Amount.Yuan(), err))
	}
	return payment.RefundReport{
		OutTradeNo: t.OutTradeNo, OutRefundNo: t.OutRequestNo, State: payment.RefundDone, Amount: amount, DoneAt: moment(t.GmtRefundPay), Raw: t.RefundStatus,
	}, nil
}

// numbers name the payment that a refund is of; the institution prefers its own.
func numbers(r payment.RefundRequest) gopay.BodyMap {
	bm := gopay.BodyMap{"out_trade_no": r.Trade.OutTradeNo}
	if r.Trade.TransactionID != "" {
		bm.Set("trade_no", r.Trade.TransactionID)
	}
	return bm
}

// moment reads a time of the institution's, in Shanghai; zero for none or another form.
func moment(s string) time.Time {
	at, err := time.ParseInLocation(time.DateTime, s, payment.Shanghai())
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
