package ruiyinxin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linlipay/payment/gateway"
)

// CloseReverses marks that 005 gives a paid trade back as it closes an unpaid one.
func (g *Gateway) CloseReverses() {}

// Close ends an unpaid trade by a cancellation (005), the one request of the protocol that ends anything. It is assumed
// that the same request gives a paid trade back, so the trade is looked up just before: one that is paid is not
// cancelled here. A payer who pays between the two questions gets the money back at once.
func (g *Gateway) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	if t.Method == gateway.CardPresent {
		return gateway.AsIndeterminate(errors.New("ruiyinxin: a card payment ends on the device"))
	}
	switch r, err := cl.query(ctx, t); {
	case err != nil:
		return err
	case r.State == gateway.TradePaid:
		return &gateway.Error{Kind: gateway.AlreadyPaidUpstream, Signed: true, Code: r.Raw}
	case r.State != gateway.TradeUnpaid:
		return &gateway.Error{Kind: gateway.AlreadyClosedUpstream, Signed: true, Code: r.Raw}
	}
	return cl.undo(ctx, t)
}

// Reverse undoes a charge by payment code (005): it is assumed that an unpaid one cannot be paid any more and a paid
// one is given back whole.
func (g *Gateway) Reverse(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	return cl.undo(ctx, t)
}

// undo cancels. A no of unknown meaning counts as done when the trade then has ended: a repeat may be refused because
// the first did it. So does a yes that does not name the trade within what is signed: it may be another's.
func (c *client) undo(ctx context.Context, trade gateway.Trade) error {
	number := trade.OutTradeNo
	t, underWay, err := c.ask(ctx,
		question{undo, newNumber(), "",
			map[string]string{"oriReqMsgId": number, "merchantCode": c.settings.merchantCode}})
	if no, ok := gateway.Unmapped(err); ok {
		return c.undone(ctx, trade, no)
	}
	switch told := t.get("oriReqMsgId"); {
	case err != nil:
		return err
	case underWay:
		return t.underWay()
	case told != "" && told != number:
		return gateway.AsIndeterminate(
			fmt.Errorf("ruiyinxin: cancelled %s, answered for %q", number, gateway.Cut(told)),
		)
	case told == "":
		return c.undone(ctx, trade, &gateway.Error{
			Kind: gateway.Indeterminate, Signed: true, Code: t.head["respCode"], Message: "撤销应答未注明原流水号",
		})
	}
	return nil
}

// ended are the states in which nothing can be paid any more.
var ended = []gateway.TradeState{gateway.TradeClosed, gateway.TradeFailed}

// undone tells by a look what a cancellation came to that was answered with no, or without saying of what.
func (c *client) undone(ctx context.Context, trade gateway.Trade, no *gateway.Error) error {
	r, err := c.query(ctx, trade)
	switch {
	case err == nil && (r.Returned == gateway.ReturnedAll || slices.Contains(ended, r.State)):
		return nil
	case gateway.UnknownThere(err):
		return err
	case err == nil:
		said := *no
		said.Kind = gateway.TryLater
		return &said
	}
	return no
}
