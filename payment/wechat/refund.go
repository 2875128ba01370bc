package wechat

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/money"
	"linlipay/payment"
)

// reasonLength is the longest reason of a refund, in bytes.
const reasonLength = 80

// Refund asks to give money back (申请退款), amounts in fen. The institution answers a repeat under the same number with the one refund it has. A
// refusal counts only when the institution also knows no such refund: a repeat may be refused although the first was taken.
func (g *Gateway) Refund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, refused(err)
	}
	done, err := cl.refund(ctx, r)
	var no *payment.GatewayError
	if !errors.As(err, &no) || no.Kind != payment.Refused || !no.Signed {
		return done, err
	}
	done, found := cl.queryRefund(ctx, r)
	var missing *payment.GatewayError
	switch {
	case found == nil:
		return done, nil
	case errors.As(found, &missing) && missing.Kind == payment.Absent && missing.Signed:
		return payment.RefundReport{}, err
	}
	return payment.RefundReport{}, unknown(fmt.Errorf("wechat: refused (%w), but whether an earlier request was taken is not known: %w", err, found))
}

func (c *client) refund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	bm := gopay.BodyMap{}
	bm.Set("out_refund_no", r.OutRefundNo).SetBodyMap("amount", func(b gopay.BodyMap) {
		b.Set("refund", int64(r.Amount)).Set("total", int64(r.Total)).Set("currency", payment.CNY)
	})
	if r.Trade.TransactionID != "" {
		bm.Set("transaction_id", r.Trade.TransactionID)
	} else {
		bm.Set("out_trade_no", r.Trade.OutTradeNo)
	}
	if r.Reason != "" {
		bm.Set("reason", cut(r.Reason, reasonLength))
	}
	if r.NotifyURL != "" {
		bm.Set("notify_url", r.NotifyURL)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.V3Refund(ctx, bm)
	if err != nil {
		return payment.RefundReport{}, unanswered(err)
	}
	if err := judge(refunding, v, rsp.Code, rsp.ErrResponse); err != nil {
		return payment.RefundReport{}, err
	}
	t := rsp.Response
	return answered(r, t.Amount, refundOf{t.Status, t.OutTradeNo, t.OutRefundNo, t.RefundId, t.SuccessTime})
}

// QueryRefund asks by out-refund number (查询单笔退款).
func (g *Gateway) QueryRefund(ctx context.Context, a payment.Account, r payment.RefundRequest) (payment.RefundReport, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.RefundReport{}, unknown(err)
	}
	return cl.queryRefund(ctx, r)
}

func (c *client) queryRefund(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.V3RefundQuery(ctx, r.OutRefundNo, nil)
	if err != nil {
		return payment.RefundReport{}, unanswered(err)
	}
	if err := judge(refunding, v, rsp.Code, rsp.ErrResponse); err != nil {
		return payment.RefundReport{}, err
	}
	t := rsp.Response
	return answered(r, t.Amount, refundOf{t.Status, t.OutTradeNo, t.OutRefundNo, t.RefundId, t.SuccessTime})
}

// refundOf is a refund as an answer or a notification tells it.
type refundOf struct{ status, outTradeNo, outRefundNo, refundID, successTime string }

// answered translates an answer and compares it with what was asked.
func answered(r payment.RefundRequest, amount *gp.RefundOrderAmount, told refundOf) (payment.RefundReport, error) {
	if amount == nil || told.outRefundNo != r.OutRefundNo || told.outTradeNo != r.Trade.OutTradeNo {
		return payment.RefundReport{}, unknown(fmt.Errorf("wechat: asked for refund %s of %s, answered for %s of %s",
			r.OutRefundNo, r.Trade.OutTradeNo, told.outRefundNo, told.outTradeNo))
	}
	if money.Fen(amount.Refund) != r.Amount || money.Fen(amount.Total) != r.Total {
		return payment.RefundReport{}, unknown(fmt.Errorf("wechat: refund %s is of %d out of %d fen, not of %d out of %d",
			r.OutRefundNo, amount.Refund, amount.Total, r.Amount, r.Total))
	}
	return told.report(r.Amount)
}

// report translates; amount is in fen.
func (t refundOf) report(amount money.Fen) (payment.RefundReport, error) {
	r := payment.RefundReport{OutTradeNo: t.outTradeNo, OutRefundNo: t.outRefundNo, RefundID: t.refundID, Amount: amount, Raw: t.status}
	switch t.status {
	case "SUCCESS":
		r.State = payment.RefundDone
	case "PROCESSING":
		r.State = payment.RefundProcessing
	case "ABNORMAL":
		r.State = payment.RefundStuck
	case "CLOSED":
		r.State = payment.RefundShut
	default:
		return payment.RefundReport{}, unknown(fmt.Errorf("wechat: unknown state %q of a refund", t.status))
	}
	if at, err := time.Parse(time.RFC3339, t.successTime); err == nil && r.State == payment.RefundDone {
		r.DoneAt = at.UTC()
	}
	return r, nil
}

// cut shortens a text to at most n bytes, at the boundary of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
