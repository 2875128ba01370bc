package lakala

import (
	"context"
	"errors"

	"linlipay/payment"
)

// unmapped finds a signed refusal whose code is not public.
func unmapped(err error) (*payment.GatewayError, bool) {
	var no *payment.GatewayError
	ok := errors.As(err, &no) && no.Kind == payment.Unknown && no.Signed
	return no, ok
}

// settleOpen tells what a refused order means by what the institution says of the trade. Where it says nothing of it
// but no, the order was refused: nobody was given anything that could be paid.
func (c *client) settleOpen(ctx context.Context, t payment.Trade, err error) error {
	no, ok := unmapped(err)
	if !ok {
		return err
	}
	said := *no
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == payment.TradePaid:
		said.Kind = payment.AlreadyPaidUpstream
	case found == nil && r.State != payment.TradeUnpaid:
		said.Kind = payment.AlreadyClosedUpstream
	case signedFailure(found) && !busy(found):
		said.Kind = payment.Refused
	}
	return &said
}

// settleClose tells in the same way what a refused close means.
func (c *client) settleClose(ctx context.Context, t payment.Trade, err error) error {
	no, ok := unmapped(err)
	if !ok {
		return err
	}
	said := *no
	var missing *payment.GatewayError
	switch r, found := c.query(ctx, t); {
	case found == nil && r.State == payment.TradePaid:
		said.Kind = payment.AlreadyPaidUpstream
	case found == nil && r.State != payment.TradeUnpaid:
		said.Kind = payment.AlreadyClosedUpstream
	case errors.As(found, &missing) && missing.Kind == payment.Absent:
		return missing
	}
	return &said
}

func busy(err error) bool {
	var failed *payment.GatewayError
	return errors.As(err, &failed) && failed.Kind == payment.Busy
}
