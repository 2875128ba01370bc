package payment

import (
	"context"
	"net/http"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// Receive takes a notification: it verifies it, stores the raw message, compares it with the order, books what it says,
// and only then returns the institution's success answer. Whatever else happens is answered so that the institution
// sends it again. What is for no account of ours is NotFound and leaves no trace; what does not verify is counted and
// sampled.
func (s *Service) Receive(ctx context.Context, institution gateway.Institution, accountID string,
	m gateway.RawNotification) gateway.Acknowledgement {
	g, err := s.merchants.Gateway(institution)
	if err != nil {
		return gateway.Acknowledgement{Status: http.StatusNotFound, ContentType: "text/plain",
			Body: []byte("unknown institution")}
	}
	account, err := s.addressee(ctx, g, accountID)
	if fault.Is(err, fault.NotFound) {
		return gateway.Acknowledgement{Status: http.StatusNotFound, ContentType: "text/plain",
			Body: []byte("unknown account")}
	}
	if err != nil {
		s.cfg.Log.Error("a notification could not be verified and was refused", "institution", institution, "account",
			accountID, "err", err)
		return g.Acknowledge(err)
	}
	n, b, err := s.verify(ctx, g, account, m, s.now())
	if err != nil {
		return s.rejectUnauthentic(ctx, g, account, m, b, err)
	}
	c, err := s.keep(ctx, institution, accountID, notificationID(institution, accountID, m), m)
	if err != nil {
		s.cfg.Log.Error("a notification could not be stored and was refused", "institution", institution, "err", err)
		return g.Acknowledge(err)
	}
	b, err = s.act(ctx, g, account, n, b)
	if err != nil {
		s.cfg.Log.Warn("a notification was not accepted", "institution", institution, "callback", c.ID, "order",
			b.order, "err", err)
	}
	s.record(ctx, c, b, err)
	return g.Acknowledge(err)
}

// addressee is the merchant account that a notification came in for, or a NotFound fault.
func (s *Service) addressee(ctx context.Context, g gateway.Gateway, accountID string) (gateway.Account, error) {
	account, err := s.merchants.Get(ctx, accountID)
	if err == nil && account.Institution != g.Institution() {
		err = fault.New(fault.NotFound, "商户号不存在。", "There is no such merchant account.")
	}
	return account, err
}

// Replay works a kept message once more, as of the time it came in, and returns what became of it. It is for messages
// that failed after the institution gave up repeating them. Whoever looks after some communities alone (none is all)
// replays what came for their orders. What it books it books once; the request under way (WithRequest) is written down
// after that, so that a crash in between leaves nothing undone. A message that is not theirs is NotFound. What the
// message fails by is written down with it and is no error.
func (s *Service) Replay(ctx context.Context, company string, communities []string, id string) (*Notification, error) {
	c, err := s.Notification(ctx, company, communities, id)
	if err != nil {
		return nil, err
	}
	g, err := s.merchants.Gateway(c.Institution)
	if err != nil {
		return nil, err
	}
	became, err := s.work(ctx, g, c.Account, gateway.RawNotification{Header: c.Header, Body: c.Body}, c.ReceivedAt)
	s.record(ctx, c, became, err)
	return s.messages.Update(ctx, id, func(c *Notification) error {
		c.Replayed = withRequest(ctx, c.Replayed)
		return nil
	})
}

// outcome is what became of a message.
type outcome struct {
	outcome        Outcome
	company, order string
}

// work verifies a message and does what it says. The error is nil exactly when the institution may be told success.
func (s *Service) work(ctx context.Context, g gateway.Gateway, accountID string, m gateway.RawNotification,
	at time.Time) (outcome, error) {
	account, err := s.addressee(ctx, g, accountID)
	if fault.Is(err, fault.NotFound) {
		return outcome{outcome: OutcomeRejected}, rejected("no such merchant account").Because(err)
	}
	if err != nil {
		return outcome{outcome: OutcomeFailed}, err
	}
	n, b, err := s.verify(ctx, g, account, m, at)
	if err != nil {
		return b, err
	}
	return s.act(ctx, g, account, n, b)
}

// verify reads what a message says as of a moment, if it is the institution's.
func (s *Service) verify(ctx context.Context, g gateway.Gateway, account gateway.Account, m gateway.RawNotification,
	at time.Time) (gateway.Notification, outcome, error) {
	n, err := g.Verify(ctx, account, m, at)
	b := outcome{outcome: OutcomeRejected, company: account.Company}
	if err != nil {
		return n, b, rejected("does not verify").Because(err)
	}
	return n, b, nil
}

// act does what a verified message says.
func (s *Service) act(ctx context.Context, g gateway.Gateway, account gateway.Account, n gateway.Notification,
	b outcome) (outcome, error) {
	var err error
	switch n.Kind {
	case gateway.NotifyTrade:
		b.outcome, b.order, err = s.bookTradeNotification(ctx, g, account, n.Report)
	case gateway.NotifyRefund:
		b.outcome, b.order, err = s.bookRefundNotification(ctx, g, account, n.Refund)
	default:
		b.outcome = OutcomeNoted
	}
	return b, err
}

// bookTradeNotification books what a verified message says of a trade.
func (s *Service) bookTradeNotification(ctx context.Context, g gateway.Gateway, account gateway.Account,
	r gateway.Report) (outcome Outcome, order string, err error) {
	o, no, err := s.match(ctx, account, r.OutTradeNo)
	if fault.Is(err, fault.NotFound) && r.State == gateway.TradePaid {
		return s.unmatched(ctx, g, account, r)
	}
	if fault.Is(err, fault.NotFound) {
		return OutcomeNoted, "", nil
	}
	if err != nil {
		return OutcomeFailed, "", err
	}
	if r.State != gateway.TradePaid {
		return OutcomeNoted, o.ID, nil // the query loop hears of it; a message never closes anything
	}
	a := o.Attempt(no)
	switch {
	case a.State == AttemptSucceeded && a.isOf(r) && r.Returned != gateway.ReturnedNothing: // it tells of a refund
		return s.bookReturn(ctx, o, no, r)
	case r.Amount != a.Amount || r.Currency != gateway.CNY:
		return s.queryMismatch(ctx, o, no)
	case a.State == AttemptEnded || a.State == AttemptFailed:
		return s.bookLatePayment(ctx, g, account, o, no)
	case a.Reversing && a.watched():
		return s.bookAfterReversal(ctx, g, account, o, no)
	}
	return s.booked(ctx, o, no, 0, r)
}

// bookReturn takes a verified message that money of a booked payment went back. Where it does not tell how much, the
// institution is asked: it may say more.
func (s *Service) bookReturn(ctx context.Context, o *Order, no int, r gateway.Report) (Outcome, string, error) {
	id, err := o.ID, error(nil)
	if o.underWay(no) {
		o, err = s.driveRefunds(ctx, o, true)
	}
	if err == nil && r.Returned == gateway.ReturnedSome && r.ReturnedAmount == 0 {
		o, err = s.recheck(ctx, o, no)
	}
	waits := false // a sum proves nothing while a refund of ours is under way, which may have begun this moment
	if err == nil {
		o, err = s.change(ctx, o, func(o *Order) bool {
			_, _, news := o.newsOf(no, r)
			waits = news && o.underWay(no)
			return o.bookReturned(no, r, s.now())
		})
	}
	if err == nil {
		_, err = s.deliverOutbox(ctx, o)
	}
	if err == nil && waits {
		err = gateway.TryAgain(nil)
	}
	if err != nil {
		return OutcomeFailed, id, err
	}
	return OutcomeBooked, id, nil
}

func (s *Service) booked(ctx context.Context, o *Order, no, answered int, r gateway.Report) (Outcome, string,
	error) {
	if _, err := s.book(ctx, o, no, answered, r); err != nil {
		return OutcomeFailed, o.ID, err
	}
	return OutcomeBooked, o.ID, nil
}

// bookLatePayment answers a message of a payment for an attempt that was seen to have ended: either may be older, so
// what the institution says now counts.
func (s *Service) bookLatePayment(ctx context.Context, g gateway.Gateway, account gateway.Account, o *Order,
	no int) (Outcome, string, error) {
	r, err := s.confirm(ctx, g, account, o.Attempt(no).trade())
	if err != nil {
		return OutcomeFailed, o.ID, err
	}
	if r = o.Attempt(no).read(r); r.State != gateway.TradePaid {
		return OutcomeNoted, o.ID, nil
	}
	return s.booked(ctx, o, no, afterEnd, r)
}

// bookAfterReversal answers a message of a payment that is being reversed: the reversal's end counts, and until then
// the institution shall send it again.
func (s *Service) bookAfterReversal(ctx context.Context, g gateway.Gateway, account gateway.Account, o *Order,
	no int) (Outcome, string, error) {
	latest, err := s.poll(ctx, o, no, true)
	switch {
	case err != nil:
		return OutcomeFailed, o.ID, err
	case latest.Attempt(no).watched():
		return OutcomeFailed, o.ID, gateway.TryAgain(errReversing)
	case latest.Attempt(no).State == AttemptSucceeded:
		return OutcomeBooked, o.ID, nil
	}
	return s.bookLatePayment(ctx, g, account, latest, no)
}

// confirm asks the institution what it says of a trade now.
func (s *Service) confirm(ctx context.Context, g gateway.Gateway, account gateway.Account,
	t gateway.Trade) (gateway.Report, error) {
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	return g.Query(upstream, account, t)
}

// match finds the attempt that an institution's number speaks of, within the merchant account that it speaks for;
// otherwise a NotFound fault.
func (s *Service) match(ctx context.Context, account gateway.Account, number string) (*Order, int, error) {
	unknown := fault.New(fault.NotFound, "没有对应的订单。", "No order of this merchant account has that number.")
	id, no, ok := gateway.SplitOutTradeNo(number)
	if !ok {
		return nil, 0, unknown
	}
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	a := o.Attempt(no)
	if a == nil || a.Account != account.ID || o.Company != account.Company {
		return nil, 0, unknown
	}
	return o, no, nil
}

// queryMismatch answers a genuine message with another amount than asked: it changes nothing, but the institution is
// asked at once, and what it then says counts.
func (s *Service) queryMismatch(ctx context.Context, o *Order, no int) (Outcome, string, error) {
	var err error
	if o.Attempt(no).State != AttemptSucceeded {
		_, err = s.poll(ctx, o, no, false)
	}
	return OutcomeRejected, o.ID, rejected("another amount or currency than asked").Because(err)
}

// bookRefundNotification takes a verified message about a refund as a reason to ask what became of it. It is
// acknowledged once the refund has its end here.
func (s *Service) bookRefundNotification(ctx context.Context, g gateway.Gateway, account gateway.Account,
	r gateway.RefundReport) (Outcome, string, error) {
	id, no, ok := gateway.SplitOutRefundNo(r.OutRefundNo)
	if !ok {
		return s.foreignRefund(ctx, g, account, r)
	}
	o, err := s.refundOf(ctx, id, no)
	if fault.Is(err, fault.NotFound) {
		return s.foreignRefund(ctx, g, account, r)
	}
	if err != nil {
		return OutcomeFailed, "", err
	}
	if o.Company != account.Company || o.Attempt(o.Refund(no).Attempt).Account != account.ID {
		return OutcomeRejected, "", rejected("the refund belongs to another merchant account")
	}
	if over := o.Refund(no); r.State == gateway.RefundDone && over.settledOtherwise() {
		r.OutTradeNo = o.Attempt(over.Attempt).OutTradeNo
		return s.foreignRefund(ctx, g, account, r) // a person had given it up, or the money by other means
	}
	if r.Total > 0 {
		attempt := o.Refund(no).Attempt
		o, err = s.change(ctx, o, func(o *Order) bool {
			heard := o.observeRefundTotal(attempt, r, s.now())
			return o.bookReturns(attempt, s.now()) || heard
		})
		if err != nil {
			return OutcomeFailed, id, err
		}
	}
	if o.asksFor(o.Refund(no)) {
		if o, err = s.pollRefund(ctx, o, no); err != nil {
			return OutcomeFailed, id, err
		}
	}
	if o, err = s.deliverOutbox(ctx, o); err != nil {
		return OutcomeFailed, id, err
	}
	if o.Refund(no).Status == RefundPending {
		return OutcomeFailed, id,
			fault.New(fault.UpstreamUnknown, "支付渠道暂未确认，请稍后重试。",
				"The institution does not confirm the refund's end yet.")
	}
	return OutcomeBooked, id, nil
}

func rejected(why string) *fault.Error {
	return fault.New(fault.Forbidden, "通知未通过校验。", "The notification was not accepted: "+why+".")
}
