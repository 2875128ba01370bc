package ruiyinxin

import (
	"context"
	"errors"
	"fmt"

	"linlipay/payment/gateway"
)

// Query asks by our number (006). A card payment is not found so: only the statement tells of it.
func (g *Gateway) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	if t.Method == gateway.CardPresent {
		return gateway.Report{}, gateway.AsIndeterminate(
			errors.New("ruiyinxin: only the statement tells of a card payment"),
		)
	}
	return cl.query(ctx, t)
}

func (c *client) query(ctx context.Context, trade gateway.Trade) (gateway.Report, error) {
	t, err := c.lookUp(ctx, c.asking(trade))
	if err != nil {
		return gateway.Report{}, err
	}
	return c.report(t, trade)
}

// lookUp asks what became of a request of ours, a payment or a refund.
func (c *client) lookUp(ctx context.Context, a asked) (text, error) {
	t, underWay, err := c.ask(ctx, question{lookUp, newNumber(), "", map[string]string{"oriReqMsgId": a.number}})
	if err != nil {
		return t, err
	}
	if underWay {
		return t, t.underWay()
	}
	if err := c.about(t, a); err != nil {
		return t, gateway.AsIndeterminate(err)
	}
	return t, nil
}

// underWay is that the institution is still at it (respType R).
func (t text) underWay() error {
	return &gateway.Error{Kind: gateway.TryLater, Signed: true, Code: t.head["respCode"],
		Message: gateway.Cut(t.head["respMsg"])}
}

// notFound is that the institution knows no such request of ours.
func (t text) notFound() error {
	return &gateway.Error{Kind: gateway.NotFound, Signed: true, Code: gateway.Cut(t.get("oriRespCode")),
		Message: gateway.Cut(t.get("oriRespMsg"))}
}

// report translates what 006 says of a payment. respType is how the question went, oriRespType how the payment did:
// S, E, or R while the payer may still pay. isClearOrCancel 1 (清算撤销标识) says that it was cancelled: a payment that was
// made went back whole, by our own cancellation or by one at the institution. Of a refund nothing in it speaks.
func (c *client) report(t text, trade gateway.Trade) (gateway.Report, error) {
	r := gateway.Report{
		OutTradeNo: trade.OutTradeNo, Currency: gateway.CNY, Merchant: c.settings.merchantCode,
		PayerID: t.get("buyerId"), Wallet: c.settings.wallet(t.get("payWay")),
		Raw: gateway.Cut(t.get("oriRespType") + " " + t.get("oriRespCode")),
	}
	m, _ := c.settings.means(t.get("oriRespCode"))
	switch kind := t.get("oriRespType"); {
	case kind == "E" && m.Kind == gateway.NotFound:
		return r, t.notFound()
	case t.get("isClearOrCancel") == "1":
		return c.cancelled(t, r, trade, kind == "S"), nil
	case kind == "E" && m.Kind == gateway.AlreadyClosedUpstream:
		return c.cancelled(t, r, trade, false), nil
	case kind == "S" && (m.Kind == done || t.get("oriRespCode") == ""):
		return c.paid(t, r)
	case kind == "R", kind == "E" && m.Kind == paying:
		r.State = gateway.TradeUnpaid
	case kind == "E" && m.Kind != done:
		r.State = gateway.TradeFailed
	default:
		return r, gateway.AsIndeterminate(fmt.Errorf("ruiyinxin: unknown oriRespType %q with oriRespCode %q", kind,
			t.get("oriRespCode")))
	}
	return r, nil
}

// cancelled is a trade that was cancelled, paid before by the institution's word or by what we have booked. Where
// neither says what was paid, nothing was kept of it, which is all that is known.
func (c *client) cancelled(t text, r gateway.Report, trade gateway.Trade, paid bool) gateway.Report {
	r.State = gateway.TradeClosed
	if whole, err := c.paid(t, r); paid && err == nil {
		whole.Returned = gateway.ReturnedAll
		return whole
	}
	if !trade.PaidAt.IsZero() && trade.TransactionID != "" {
		r.State, r.Returned = gateway.TradePaid, gateway.ReturnedAll
		r.TransactionID, r.Amount, r.PaidAt = trade.TransactionID, trade.Amount, trade.PaidAt
	}
	return r
}

// paid fills in what a payment must have. One of which the institution tells no time is a payment all the same.
func (c *client) paid(t text, r gateway.Report) (gateway.Report, error) {
	r.State, r.TransactionID = gateway.TradePaid, t.get(c.settings.transactionField)
	if r.TransactionID == "" {
		return r, gateway.AsIndeterminate(fmt.Errorf("ruiyinxin: a paid trade without %s", c.settings.transactionField))
	}
	var err error
	if r.Amount, err = t.amount("totalAmount"); err != nil {
		return r, gateway.AsIndeterminate(err)
	}
	r.PaidAt = t.moment("payTime")
	return r, nil
}

// wallet is whose payWay it is; "" is nobody's.
func (s settings) wallet(payWay string) gateway.Wallet {
	for wallet, way := range s.payWays {
		if way == payWay && way != "" {
			return wallet
		}
	}
	return ""
}
