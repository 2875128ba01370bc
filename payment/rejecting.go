package payment

import (
	"context"
	"slices"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// What is read and written of results that could not be taken; rejected.go has the rules.

// keepUntaken keeps a word that cannot be taken, as why says for staff. It is there for good when the error is nil.
func (s *Service) keepUntaken(ctx context.Context, o *Order, attempt, refund int, word DeviceReport,
	why string) (Delivered, error) {
	o, err := s.change(ctx, o, func(o *Order) bool { return o.keepUntaken(attempt, refund, word, why, s.now()) })
	if err != nil {
		return Delivered{}, err
	}
	return s.surely(o, attempt, refund, word)
}

// surely returns what became of a word, TooMany where the order had no room to keep it as it should have.
func (s *Service) surely(o *Order, attempt, refund int, word DeviceReport) (Delivered, error) {
	if o.untaken(attempt, refund, word) == nil {
		return Delivered{}, fault.New(fault.TooMany, "该订单未采信的终端结果过多，请先由财务处理。",
			"Too many results of this order wait for finance.")
	}
	return delivered(o, attempt, refund, word), nil
}

// SettleResult ends a result that was not taken, when a person has found out what became of the money: the note says
// it. Nothing is booked by that: what the institution has taken arrives by its own word, and what is to go back is a
// refund. A result that the order does not have is NotFound, one that has its end already WrongState; without a note it
// is Invalid.
func (s *Service) SettleResult(ctx context.Context, id string, no int, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写核实说明。", "Say how it was found out.")
	}
	return s.update(ctx, id, func(o *Order) error {
		i := slices.IndexFunc(o.RejectedReports, func(u RejectedReport) bool { return u.No == no })
		if i < 0 {
			return fault.New(fault.NotFound, "终端结果不存在。", "There is no such result.")
		}
		if !o.endUntaken(&o.RejectedReports[i], by, note, s.now()) {
			return fault.New(fault.WrongState, "该终端结果已有定论。", "This result has its end already.")
		}
		return nil
	})
}

// askUntaken asks the institution once more about card payments that ended before a terminal told of them; nobody
// else would. It may not answer.
func (s *Service) askUntaken(ctx context.Context, o *Order) *Order {
	for _, a := range o.Attempts {
		if a.watched() || a.State == AttemptSucceeded || a.Confirmation != gateway.ByQuery || !o.waitsForPeople(a.No) {
			continue
		}
		if latest, err := s.poll(ctx, o, a.No, false); err == nil {
			o = latest
		}
	}
	return o
}
