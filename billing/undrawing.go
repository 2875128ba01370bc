package billing

import (
	"context"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// How a draw is undone: it is said to be undone in the prepayment, then the bill is owed again, then the prepayment has
// the money again. Whoever finds one half way goes on.

// ReturnDraw undoes a draw: its bill is owed again, and the prepayment has the money again. It may be repeated. A draw
// that is not there is NotFound, one that is under way WrongState, and one without a reason Invalid.
func (s *Service) ReturnDraw(ctx context.Context, id string, no int, by, reason string) (*Prepayment, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, wrong("reason", "请填写撤销原因。", "Say why it is undone.")
	}
	p, err := s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		switch d := p.Draw(no); {
		case d == nil:
			return fault.New(fault.NotFound, "没有这笔抵扣。", "There is no such draw.")
		case d.State == DrawReserved:
			return fault.New(fault.WrongState, "该笔抵扣正在处理，请稍后重试。", "The draw is under way; try again in a moment.")
		case d.State != DrawUsed:
			return store.ErrUnchanged
		default:
			d.State, d.ReturnedAt, d.ReturnedBy, d.Reason = DrawReturning, s.now().UTC(), by, reason
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	return s.resumeReturn(ctx, p, no)
}

// resumeReturn carries a draw that is to be undone to its end.
func (s *Service) resumeReturn(ctx context.Context, p *Prepayment, no int) (*Prepayment, error) {
	d, id := p.Draw(no), p.drawID(no)
	if d == nil || d.State != DrawReturning {
		return p, nil
	}
	b, err := s.update(ctx, d.Bill, func(b *Bill) error {
		paid := b.drawn(id)
		if paid == nil || paid.Net() == 0 {
			return store.ErrUnchanged
		}
		amount := paid.Net()
		paid.GivenBack = append(paid.GivenBack, Reopening{Amount: amount, At: d.ReturnedAt})
		b.Move(PrepaymentReturned, amount, d.ReturnedAt)
		b.Parts = max(b.Parts, 1) // an order may have paid the rest: what is owed now is another part
		b.Status, b.PaidBy, b.PaidAt = Unpaid, "", time.Time{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p, err = s.changeDraw(ctx, p.ID, no, DrawReturning, audit.PrepaymentReturned, func(p *Prepayment, d *Draw) {
		d.State = DrawReturned
	})
	if err == nil {
		_, _ = s.postMoves(ctx, b)
	}
	return p, err
}
