package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// NewRefund asks to give back money that an order keeps.
type NewRefund struct {
	Items          []RefundItem // what goes back; all that is left of every item is a full refund
	Reason         string       // for the payer
	IdempotencyKey string       // Idempotency-Key; "" is none
	By             string       // the maker
}

// made reports whether r is what n asks for, by which a repeat under its key is known. A refund keeps what it was asked
// for, so that no hash is needed.
func (n NewRefund) made(r Refund) bool { return r.Reason == n.Reason && slices.Equal(r.Items, n.Items) }

// askedBy is a request's signature before it is numbered and dated.
func askedBy(by string) approval.Signatures { return approval.Signatures{RequestedBy: by} }

// RequestRefund asks for a refund (退款申请). It waits for another person's approval, or, while what the order gave back
// without one stays within the company's limit, is on its way at once. Of what was paid ahead as much goes back as was
// not used: more is WrongState. The same request under the same key again gives the first refund and hit; another
// request under it is KeyReused. It returns the order and the refund's number. While the institution says that some of
// the payment went back, and nobody knows how much, it is a WrongState fault. Without a reason it is Invalid.
func (s *Service) RequestRefund(ctx context.Context, id string, n NewRefund) (o *Order, no int, hit bool, err error) {
	if n.Reason == "" {
		return nil, 0, false, fault.New(fault.Invalid, "请填写退款原因。", "A reason is required.")
	}
	o, err = s.update(ctx, id, func(o *Order) error {
		if r := o.refundBy(n.IdempotencyKey); r != nil {
			if !n.made(*r) {
				return keyReused()
			}
			no, hit = r.No, true
			return store.ErrUnchanged
		}
		if key := n.IdempotencyKey; o.madeBy(key) || o.attemptOf(key) != nil || o.answeredBy(key) != nil {
			return keyReused()
		}
		hit = false
		amount, err := o.checkRefund(n.Items)
		if err != nil {
			return err
		}
		r := Refund{Attempt: o.PaidBy, Amount: amount, Items: n.Items, Reason: n.Reason, Signatures: askedBy(n.By),
			Key: n.IdempotencyKey}
		settled, err := s.settings(ctx, o.Company)
		if err != nil {
			return err
		}
		no = o.giveBack(r, o.needsNobody(amount, settled.RefundLimit), s.now()).No
		o.withhold(no, s.now())
		return nil
	})
	if err != nil {
		return nil, 0, false, err
	}
	if o.Refund(no).Withholding {
		if o, err = s.deliverOutbox(ctx, o); err == nil && !o.Refund(no).alive() {
			err = usedAhead()
		}
		if err != nil {
			return nil, 0, false, err
		}
	}
	o, err = s.driveRefunds(ctx, o, false)
	return o, no, hit, err
}

// DecideRefund approves or rejects a requested refund (审批). The checker must be another person than the maker, and
// one whom the company lets decide so much there: see Config.Authority. A declared amount that the institution has told
// by itself meanwhile cannot be approved: WrongState. Who may not decide is Forbidden, a rejection without a note
// Invalid; a refund that is decided, of more than is left, or to be explained first, is WrongState, and one that is not
// there NotFound.
func (s *Service) DecideRefund(ctx context.Context, id string, no int, approve bool, by, note string) (*Order, error) {
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return nil, err
	}
	decidedFor, err := s.refundDecider(ctx, o, o.Refund(no), by)
	if err != nil {
		return nil, err
	}
	if err := approval.NeedNote(approve, note); err != nil {
		return nil, err
	}
	o, err = s.update(ctx, id, func(o *Order) error {
		r := o.Refund(no)
		if approve && r.Amount > o.LeftUpstream(r.Attempt) {
			return lessIsLeft()
		}
		if err := o.explainFirst(r.Attempt); approve && !r.Foreign && err != nil {
			return err
		}
		if approve && r.Foreign && o.toldSince(r) {
			return fault.New(fault.WrongState, "支付渠道已告知实际退款，请驳回该登记。",
				"The institution has told what went back by itself; reject what was declared.")
		}
		if !o.decided(no, approve, by, decidedFor, note, s.now()) {
			return refundNotNow(r)
		}
		o.answer(ctx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.driveRefunds(ctx, o, false)
}

// refundDecider is for whom a person decides a refund, or the Forbidden fault of one who may not.
func (s *Service) refundDecider(ctx context.Context, o *Order, r *Refund, by string) (decidedFor string, err error) {
	if s.cfg.Authority == nil {
		return "", RefundMatter().AnotherPerson(r.Signatures, by)
	}
	return s.cfg.Authority.MayDecide(ctx, o.RefundCase(r), by)
}

// RetryRefund sends an abnormal refund on its way again under the same number, so that it can only go back once. A void
// goes through the institution now, once it has said that it knows of none. Until the institution has said what became
// of a void, it is UpstreamUnknown. A refund that is not abnormal, or of a payment to be explained first, is
// WrongState, and one that is not there NotFound.
func (s *Service) RetryRefund(ctx context.Context, id string, no int, by string) (*Order, error) {
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return nil, err
	}
	if r := o.Refund(no); r.Status == RefundAbnormal && r.Void && !o.nothingWent(r) {
		if o, err = s.pollRefund(ctx, o, no); err != nil {
			return nil, err
		}
		switch r = o.Refund(no); {
		case r.Status == RefundSucceeded:
			return s.deliverOutbox(ctx, o)
		case !o.nothingWent(r):
			return nil, fault.New(fault.UpstreamUnknown, "支付渠道尚未确认该笔撤销是否成功，请稍后重试。",
				"The institution has not said whether the void was done; please try again later.")
		}
	}
	if r := o.Refund(no); r.Status == RefundAbnormal {
		if err := o.explainFirst(r.Attempt); err != nil {
			return nil, err
		}
	}
	o, err = s.moveRefund(ctx, id, no, func(o *Order) bool {
		r := o.Refund(no)
		free := !r.Sending.underWay(s.flight(), s.now()) && o.explainFirst(r.Attempt) == nil
		return free && o.refundAgain(no, by, s.now())
	})
	if err != nil {
		return nil, err
	}
	return s.driveRefunds(ctx, o, false)
}

// SettleRefund ends an abnormal refund that cannot go back through the institution: byHand says that the money was
// given to the payer by other means, as the note tells; otherwise it stays. Either way the institution is asked first,
// and only its signed word that nothing went back allows it. Until then it is UpstreamUnknown; without a note it is
// Invalid. What the institution has given back meanwhile is WrongState.
func (s *Service) SettleRefund(ctx context.Context, id string, no int, byHand bool, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写处理说明。", "Say what was done.")
	}
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return nil, err
	}
	if r := o.Refund(no); r.Status == RefundAbnormal && !o.nothingWent(r) {
		if o, err = s.pollRefund(ctx, o, no); err != nil {
			return nil, err
		}
	}
	r := o.Refund(no)
	if byHand && r.Status == RefundAbnormal && r.Amount > o.LeftUpstream(r.Attempt) {
		return nil, lessIsLeft()
	}
	if err := o.explainFirst(r.Attempt); byHand && r.Status == RefundAbnormal && err != nil {
		return nil, err
	}
	if r.Status == RefundAbnormal && !o.nothingWent(r) && !(byHand && r.Heard == gateway.RefundAbnormal) {
		return nil, fault.New(fault.UpstreamUnknown, "支付渠道尚未确认该退款未退出，暂不能人工处理。",
			"The institution has not confirmed that nothing went back; this cannot be settled by hand yet.")
	}
	o, err = s.moveRefund(ctx, id, no, func(o *Order) bool {
		r := o.Refund(no)
		if r.Provisional {
			return byHand && r.Doubt != "" && o.voidConfirmed(no, RefundArrived, by, note, s.now())
		}
		more := byHand && (r.Amount > o.LeftUpstream(r.Attempt) || o.explainFirst(r.Attempt) != nil)
		if r.Status != RefundAbnormal || r.Sending.underWay(s.flight(), s.now()) || more {
			return false
		}
		if !byHand {
			return o.refundFailed(no, by, note, s.now())
		}
		r.ByHand, r.DoneBy, r.Note = true, by, note
		return o.refundDone(no, r.OutRefundNo, s.now(), s.now())
	})
	if err != nil {
		return nil, err
	}
	return s.deliverOutbox(ctx, o)
}

// refundOf returns the order with that refund, or NotFound.
func (s *Service) refundOf(ctx context.Context, id string, no int) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if o.Refund(no) == nil {
		return nil, fault.New(fault.NotFound, "退款不存在。", "There is no such refund.")
	}
	return o, nil
}

// moveRefund applies a move of a refund; one that does not apply is a WrongState fault that says how the refund stands.
func (s *Service) moveRefund(ctx context.Context, id string, no int, move func(*Order) bool) (*Order, error) {
	return s.update(ctx, id, func(o *Order) error {
		if r := o.Refund(no); r == nil {
			return fault.New(fault.NotFound, "退款不存在。", "There is no such refund.")
		} else if !move(o) {
			return refundNotNow(r)
		}
		o.answer(ctx)
		return nil
	})
}

// lessIsLeft says that money of a payment went back already, so that a refund cannot.
func lessIsLeft() *fault.Error {
	return fault.New(fault.WrongState, "该笔支付的余额已不足本次退款：其余款项已退回。",
		"Less is left of the payment than this refund: the rest went back.")
}

func refundNotNow(r *Refund) *fault.Error {
	return fault.New(fault.WrongState, "该退款当前状态不能进行此操作。", "This refund cannot do that now.").With(
		"refund_status", string(r.Status))
}

// driveRefunds asks the institutions about the refunds whose next question is due, or about all of them now.
func (s *Service) driveRefunds(ctx context.Context, o *Order, now bool) (*Order, error) {
	o, failed := s.endVoids(ctx, o)
	for _, r := range o.Refunds {
		if !o.asksFor(&r) || !now && s.now().Before(r.nextQuestion()) {
			continue
		}
		latest, err := s.pollRefund(ctx, o, r.No)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		o = latest
	}
	if failed != nil {
		return o, failed
	}
	return s.deliverOutbox(ctx, o)
}

// pollRefund asks for a refund, or what became of one that was asked for, and writes down the answer.
func (s *Service) pollRefund(ctx context.Context, o *Order, no int) (*Order, error) {
	r := o.Refund(no)
	a := o.Attempt(r.Attempt)
	g, err := s.merchants.Gateway(a.Institution)
	if err != nil {
		return o, err
	}
	refunder, ok := g.(gateway.Refunder)
	if !ok {
		none := &gateway.Error{Kind: gateway.Declined, Signed: true, Message: "该渠道不支持退款"}
		return s.recordRefundAnswer(ctx, o, *r, 0, gateway.RefundReport{}, none)
	}
	account, err := s.merchants.Get(ctx, a.Account)
	if err != nil {
		return o, err
	}
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	request := gateway.RefundRequest{
		Trade: a.trade(), OutRefundNo: r.OutRefundNo, Amount: r.Amount, Total: a.Received, Reason: r.Reason,
		NotifyURL: s.notifyURL(a.Institution, account.ID), RequestedAt: r.RequestedAt, Void: r.Void,
	}
	var rep gateway.RefundReport
	about := *r
	asked := !r.AskedAt.IsZero() || r.Sending.No > 0 || r.Void
	if asked {
		rep, err = refunder.QueryRefund(upstream, account, request)
	}
	claim := 0
	if r.Status == RefundPending && !r.Void && (!asked || gateway.UnknownThere(err)) {
		o, err = s.change(upstream, o, func(o *Order) bool {
			claim = o.sendRefund(no, s.flight(), s.now())
			return claim > 0
		})
		if err != nil || claim == 0 { // somebody else is asking, or it has moved on
			return o, err
		}
		rep, err = refunder.Refund(upstream, account, request)
	}
	return s.recordRefundAnswer(upstream, o, about, claim, rep, err)
}

// recordRefundAnswer writes down what an institution said of a refund, to a request to give back (its claim) or to a
// question (0), when the refund was as about says. Only its signed word ends one, and that nothing went back counts
// only while no other request is under way, nor was sent since it was asked.
func (s *Service) recordRefundAnswer(ctx context.Context, o *Order, about Refund, claim int, rep gateway.RefundReport,
	err error) (*Order, error) {
	no := about.No
	if err != nil {
		s.cfg.Log.Info("an institution did not give money back yet", "order", o.ID, "refund", no, "err", err)
	}
	return s.change(ctx, o, func(o *Order) bool {
		now, r := s.now(), o.Refund(no)
		if gateway.KindOf(err) != gateway.Indeterminate {
			r.Sending.answered(claim)
		}
		older := claim == 0 && (r.Void != about.Void || r.Sending.No != about.Sending.No)
		if err == nil {
			o.observeRefundTotal(r.Attempt, rep, now)
		}
		switch {
		case !r.pollable(), err != nil && older:
			// a no to a question that was put before the last request says nothing of it
			return false
		case err == nil && rep.Amount != r.Amount && rep.Amount != 0: // 0 is not told: it is what was asked for
			o.refundChecked(no, gateway.RefundProcessing, "", now)
			o.refundStuck(no, fmt.Sprintf("the institution gives back %s, not %s", rep.Amount.Yuan(), r.Amount.Yuan()),
				"", now)
		case err == nil && rep.State == gateway.RefundDone:
			return o.refundDone(no, rep.RefundID, rep.DoneAt, now)
		case err == nil && rep.State == gateway.RefundClosed:
			return o.refundFailed(no, "", rep.Raw, now)
		case err == nil:
			o.refundChecked(no, rep.State, rep.Raw, now)
			if rep.State == gateway.RefundAbnormal {
				o.refundStuck(no, rep.Raw, "", now)
			}
		case o.askBeforeMissed(r) && gateway.UnknownThere(err):
			o.voidMissed(r, now)
		case o.askBeforeMissed(r):
			r.AskedAt, r.Checks = now, r.Checks+1
			o.schedule(now)
		case r.Void && r.Status == RefundAbnormal && gateway.UnknownThere(err): // it has had an hour to hear of it
			o.refundChecked(no, gateway.RefundNotFound, reason(err), now)
		case r.Void: // the institution may not have heard of it yet
			o.refundChecked(no, "", reason(err), now)
		case gateway.Signed(err) &&
			(gateway.KindOf(err) == gateway.Declined || gateway.KindOf(err) == gateway.NotFound) &&
			r.Sending.settled(s.flight(), now):
			o.refundNone(no, reason(err), whyOf(err), now)
		default:
			o.refundChecked(no, "", reason(err), now)
		}
		return true
	})
}
