package lakala

import (
	"context"

	"linlipay/payment/gateway"
)

// settleOpen tells what a refused order means by what the institution says of the trade. Where it says nothing of it
// but no, the order was refused: nobody was given anything that could be paid.
func (c *client) settleOpen(ctx context.Context, t gateway.Trade, err error) error {
	no, ok := gateway.Unmapped(err)
	if !ok {
		return err
	}
	said := *no
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == gateway.TradePaid:
		said.Kind = gateway.AlreadyPaidUpstream
	case found == nil && r.State != gateway.TradeUnpaid:
		said.Kind = gateway.AlreadyClosedUpstream
	case gateway.Signed(found) && gateway.KindOf(found) != gateway.TryLater:
		said.Kind = gateway.Declined
	}
	return &said
}

// settleClose tells in the same way what a refused close means.
func (c *client) settleClose(ctx context.Context, t gateway.Trade, err error) error {
	no, ok := gateway.Unmapped(err)
	if !ok {
		return err
	}
	said := *no
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == gateway.TradePaid:
		said.Kind = gateway.AlreadyPaidUpstream
	case found == nil && r.State != gateway.TradeUnpaid:
		said.Kind = gateway.AlreadyClosedUpstream
	case gateway.KindOf(found) == gateway.NotFound:
		return found
	}
	return &said
}
