package payment

import (
	"context"

	"linlipay/fault"
)

// PrintReceipt records that the receipt of an order's payment (0) or of a refund is printed: the paper is the Printed
// one in its row. A receipt that the order does not have is NotFound, one more print than may be TooMany.
func (s *Service) PrintReceipt(ctx context.Context, id string, refund int, by string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if o.receipt(refund) == "" {
		return nil, fault.New(fault.NotFound, "订单没有这张凭证。", "The order has no such receipt.")
	}
	full := false
	o, err = s.change(ctx, o, func(o *Order) bool {
		if full = len(o.Prints) >= receiptPrints; full {
			return false
		}
		now := s.now()
		o.Prints = append(o.Prints, ReceiptPrint{refund, now})
		o.note(now, ReceiptPrinted, 0, by, o.receipt(refund))
		o.answer(ctx)
		return true
	})
	if full {
		return nil, fault.New(fault.TooMany, "该订单的凭证打印次数已达上限。", "Receipts of this order were printed too often.")
	}
	return o, err
}
