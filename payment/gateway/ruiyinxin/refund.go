package ruiyinxin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Refund asks to give money back (004) under our number of the refund. A no counts only when the institution also knows
// no such refund, or knows that it failed: a repeat may be refused although the first was taken. A card payment goes
// back on the device, or by hand: 004 names no card.
func (g *Gateway) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	if r.Trade.Method == gateway.CardPresent {
		return gateway.RefundReport{}, notOffered("a card payment is not given back by 004")
	}
	done, err := cl.refund(ctx, r)
	var no *gateway.Error
	if !errors.As(err, &no) || !no.Signed || no.Kind != gateway.Declined && no.Kind != gateway.Indeterminate {
		return done, err
	}
	found, told, missing := cl.queryRefund(ctx, r)
	if missing == nil && found.State != gateway.RefundClosed {
		if told {
			return found, nil
		}
		missing = fmt.Errorf("ruiyinxin: there is a refund %s, of an amount that the answer does not tell",
			r.OutRefundNo)
	}
	if missing == nil || gateway.UnknownThere(missing) {
		said := *no
		said.Kind = gateway.Declined
		return gateway.RefundReport{}, &said
	}
	return gateway.AfterDecline(err, gateway.RefundReport{}, missing)
}

func (c *client) refund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	t, underWay, err := c.ask(ctx, question{giveBack, r.OutRefundNo, r.NotifyURL, map[string]string{
		"oriReqMsgId": r.Trade.OutTradeNo, "merchantCode": c.settings.merchantCode, "refundAmount": r.Amount.Yuan(),
	}})
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if err := t.aboutRefund(r); err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	state := gateway.RefundDone
	if underWay {
		state = gateway.RefundProcessing
	}
	report, err := c.refundReport(t, r, state, t.head["respType"])
	if report.State == gateway.RefundDone && report.DoneAt.IsZero() {
		report.DoneAt = t.moment("respDate") // it was done as it was answered
	}
	return report, err
}

// aboutRefund checks that an answer to 004 names the payment or the refund, where it names any.
func (t text) aboutRefund(r gateway.RefundRequest) error {
	told := t.get("oriReqMsgId")
	if told == "" || told == r.Trade.OutTradeNo || told == r.OutRefundNo {
		return nil
	}
	return fmt.Errorf("ruiyinxin: refund %s of %s, answered for %q", r.OutRefundNo, r.Trade.OutTradeNo,
		gateway.Cut(told))
}

// QueryRefund asks by our number of the refund (006). That 006 answers for a refund as it does for a payment is an
// assumption.
func (g *Gateway) QueryRefund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	switch {
	case r.Void:
		return gateway.RefundReport{}, gateway.AsIndeterminate(
			errors.New("ruiyinxin: only the statement tells of a void"),
		)
	case r.Trade.Method == gateway.CardPresent: // none was ever asked for
		return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true, Message: "瑞银信不受理刷卡退款"}
	}
	report, _, err := cl.queryRefund(ctx, r)
	return report, err
}

// queryRefund also says whether the answer told an amount, so that it is known to be this refund's.
func (c *client) queryRefund(ctx context.Context, r gateway.RefundRequest) (report gateway.RefundReport, told bool,
	err error) {
	t, err := c.lookUp(ctx, asked{number: r.OutRefundNo})
	if err != nil {
		return gateway.RefundReport{}, false, err
	}
	report, err = c.refundState(t, r)
	return report, t.get("refundAmount") != "" || t.get("totalAmount") == r.Amount.Yuan(), err
}

// refundState translates an answer to 006 about a refund.
func (c *client) refundState(t text, r gateway.RefundRequest) (gateway.RefundReport, error) {
	code := t.get("oriRespCode")
	m, _ := c.settings.means(code)
	switch kind := t.get("oriRespType"); {
	case kind == "S" && (m.Kind == done || code == ""):
		return c.refundReport(t, r, gateway.RefundDone, kind)
	case kind == "R", kind == "E" && m.Kind == paying:
		return c.refundReport(t, r, gateway.RefundProcessing, kind)
	case kind == "E" && m.Kind == gateway.NotFound:
		return gateway.RefundReport{}, t.notFound()
	case kind == "E" && m.Kind != done:
		return c.refundReport(t, r, gateway.RefundClosed, kind+" "+gateway.Cut(code))
	}
	return gateway.RefundReport{},
		gateway.AsIndeterminate(
			fmt.Errorf("ruiyinxin: unknown state %q with oriRespCode %q of a refund", t.get("oriRespType"), code),
		)
}

// givenBack is the amount of a refund that was made at the institution, in fen: refundAmount, or totalAmount where
// that cannot be the payment's; 0 where neither says it.
func (t text) givenBack(total money.Fen) (money.Fen, error) {
	if t.get("refundAmount") != "" {
		return t.amount("refundAmount")
	}
	if t.get("totalAmount") == "" {
		return 0, nil
	}
	amount, err := t.amount("totalAmount")
	if amount == total {
		return 0, err
	}
	return amount, err
}

// refundReport translates, and compares the amount as far as the answer names one. Whether totalAmount is the refund's
// or the payment's is not public.
func (c *client) refundReport(t text, r gateway.RefundRequest, state gateway.RefundState,
	raw string) (gateway.RefundReport, error) {
	if r.Foreign {
		amount, err := t.givenBack(r.Total)
		if err != nil {
			return gateway.RefundReport{}, gateway.AsIndeterminate(err)
		}
		r.Amount = amount
	}
	if err := t.ofAmount(r); err != nil {
		return gateway.RefundReport{}, gateway.AsIndeterminate(err)
	}
	done := gateway.RefundReport{
		OutTradeNo: r.Trade.OutTradeNo, OutRefundNo: r.OutRefundNo, RefundID: t.get(c.settings.transactionField),
		State: state, Amount: r.Amount, Raw: raw,
	}
	if state == gateway.RefundDone {
		done.DoneAt = t.moment("payTime")
	}
	return done, nil
}

// ofAmount compares the amount of a refund as far as the answer names one.
func (t text) ofAmount(r gateway.RefundRequest) error {
	for name, right := range map[string][]money.Fen{"refundAmount": {r.Amount}, "totalAmount": {r.Amount, r.Total}} {
		if t.get(name) == "" {
			continue
		}
		if sum, err := t.amount(name); err != nil || !slices.Contains(right, sum) {
			return fmt.Errorf("ruiyinxin: refund %s of %s yuan, but %s is %q", r.OutRefundNo, r.Amount.Yuan(), name,
				gateway.Cut(t.get(name)))
		}
	}
	return nil
}
