package lakala

import (
	"context"
	"errors"

	"linlipay/payment/gateway"
)

// unmapped finds a signed refusal whose code is not public.
func unmapped(err error) (*gateway.Error, bool) {
	var no *gateway.Error
	ok := errors.As(err, &no) && no.Kind == gateway.Indeterminate && no.Signed
	return no, ok
}

// settleOpen tells what a refused order means by what the institution says of the trade. Where it says nothing of it
// but no, the order was refused: nobody was given anything that could be paid.
func (c *client) settleOpen(ctx context.Context, t gateway.Trade, err error) error {
	no, ok := unmapped(err)
	if !ok {
		return err
	}
	said := *no
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == gateway.TradePaid:
		said.Kind = gateway.AlreadyPaidUpstream
	case found == nil && r.State != gateway.TradeUnpaid:
		said.Kind = gateway.AlreadyClosedUpstream
	case signedFailure(found) && !busy(found):
		said.Kind = gateway.Declined
	}
	return &said
}

// settleClose tells in the same way what a refused close means.
func (c *client) settleClose(ctx context.Context, t gateway.Trade, err error) error {
	no, ok := unmapped(err)
	if !ok {
		return err
	}
	said := *no
	var missing *gateway.Error
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == gateway.TradePaid:
		said.Kind = gateway.AlreadyPaidUpstream
	case found == nil && r.State != gateway.TradeUnpaid:
		said.Kind = gateway.AlreadyClosedUpstream
	case errors.As(found, &missing) && missing.Kind == gateway.NotFound:
		return missing
	}
	return &said
}

func busy(err error) bool {
	var failed *gateway.Error
	return errors.As(err, &failed) && failed.Kind == gateway.TryLater
}
