package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Callback is a raw message from outside, kept with what became of it.
type Callback struct {
	ID          string              `json:"id"` // hash of where it came in and of its bytes
	Version     int64               `json:"-"`
	Institution gateway.Institution `json:"institution"`
	Account     string              `json:"account"`
	// of the order, or of the merchant account that it verified for; never taken from the request
	Company   string          `json:"company,omitempty"`
	Community string          `json:"community,omitempty"` // of the order
	Header    http.Header     `json:"header"`
	Body      []byte          `json:"body"`
	Outcome   CallbackOutcome `json:"outcome"`
	Order     string          `json:"order,omitempty"`
	Note      string          `json:"note,omitempty"`
	Seen      int             `json:"seen"` // how often these very bytes came
	// how many more that did not verify came after it and were not kept
	Unkept     int       `json:"unkept,omitempty"`
	ReceivedAt time.Time `json:"received_at"`
}

// CallbackOutcome says what became of a message.
type CallbackOutcome string

// The outcomes.
const (
	// stored, not worked through: a crash came between; the institution sends it again, or a person replays it
	CallbackReceived CallbackOutcome = "received"
	CallbackBooked   CallbackOutcome = "booked"   // the order durably says what became of the money
	CallbackNoted    CallbackOutcome = "noted"    // genuine, of no consequence
	CallbackRejected CallbackOutcome = "rejected" // not believed: changed nothing
	CallbackFailed   CallbackOutcome = "failed"   // genuine, but could not be booked yet
)

// CallbackOutcomes lists all outcomes.
func CallbackOutcomes() []CallbackOutcome {
	return []CallbackOutcome{CallbackReceived, CallbackBooked, CallbackNoted, CallbackRejected, CallbackFailed}
}

var callbacks = store.Kind[Callback]{
	Schema: store.Schema{
		Name: "callbacks",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "outcome", Type: store.String},
			{Name: "order", Type: store.String}, {Name: "received", Type: store.Int},
			{Name: "community", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: "by_outcome", Fields: []string{"company", "outcome", "received"}},
			{Name: "by_company", Fields: []string{"company", "received"}},
			{Name: "by_community", Fields: []string{"company", "community", "received"}},
			{Name: "by_community_outcome", Fields: []string{"company", "outcome", "community", "received"}},
			{Name: "by_age", Fields: []string{"outcome", "received"}},
			{Name: "by_order", Fields: []string{"order", "received"}},
		},
		Personal: []string{"body"}, // it names the payer's wallet
	},
	ID:      func(c *Callback) string { return c.ID },
	Version: func(c *Callback) *int64 { return &c.Version },
	Keys: func(c *Callback) store.Keys {
		keys := store.Keys{"outcome": {string(c.Outcome)}, "received": {c.ReceivedAt.UnixMilli()}}
		if c.Order != "" {
			keys["order"] = []any{c.Order}
		}
		if c.Company != "" {
			keys["company"] = []any{c.Company}
		}
		if c.Community != "" {
			keys["community"] = []any{c.Community}
		}
		return keys
	},
	Copy: func(c *Callback) *Callback { next := *c; return &next },
}

// callbackHeaders are the headers worth keeping: those that institutions sign or identify themselves with.
var callbackHeaders = []string{
	"Content-Type", "User-Agent", "Request-Id",
	"Authorization", // Lakala's signature
	"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Signature-Type",
}

// Receive takes a notification: it verifies it, stores the raw message, compares it with the order, books what it says,
// and only then returns the institution's success answer. Whatever else happens is answered so that the institution
// sends it again. What is for no account of ours is NotFound and leaves no trace; what does not verify is counted and
// sampled.
func (s *Service) Receive(ctx context.Context, institution gateway.Institution, accountID string,
	m gateway.Message) gateway.Answer {
	g, err := s.merchants.Gateway(institution)
	if err != nil {
		return gateway.Answer{Status: http.StatusNotFound, ContentType: "text/plain",
			Body: []byte("unknown institution")}
	}
	account, err := s.addressee(ctx, g, accountID)
	if fault.Is(err, fault.NotFound) {
		return gateway.Answer{Status: http.StatusNotFound, ContentType: "text/plain", Body: []byte("unknown account")}
	}
	if err != nil {
		s.cfg.Log.Error("a notification could not be verified and was refused", "institution", institution, "account",
			accountID, "err", err)
		return g.Answer(err)
	}
	n, b, err := s.verify(ctx, g, account, m, s.now())
	if err != nil {
		return s.unbelieved(ctx, g, account, m, b, err)
	}
	c, err := s.keep(ctx, institution, accountID, callbackID(institution, accountID, m), m)
	if err != nil {
		s.cfg.Log.Error("a notification could not be stored and was refused", "institution", institution, "err", err)
		return g.Answer(err)
	}
	b, err = s.act(ctx, g, account, n, b)
	if err != nil {
		s.cfg.Log.Warn("a notification was not accepted", "institution", institution, "callback", c.ID, "order",
			b.order, "err", err)
	}
	s.record(ctx, c, b, err)
	return g.Answer(err)
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
// replays what came for their orders.
func (s *Service) Replay(ctx context.Context, company string, communities []string, id string) (*Callback, error) {
	c, err := s.Message(ctx, company, communities, id)
	if err != nil {
		return nil, err
	}
	g, err := s.merchants.Gateway(c.Institution)
	if err != nil {
		return nil, err
	}
	became, err := s.work(ctx, g, c.Account, gateway.Message{Header: c.Header, Body: c.Body}, c.ReceivedAt)
	s.record(ctx, c, became, err)
	return s.messages.Get(ctx, id)
}

// Message returns a kept message of a company, or with communities of one of those; any other is NotFound.
func (s *Service) Message(ctx context.Context, company string, communities []string, id string) (*Callback, error) {
	c, err := s.messages.Get(ctx, id)
	if err == nil && (c.Company != company || len(communities) > 0 && !slices.Contains(communities, c.Community)) {
		err = fault.New(fault.NotFound, "消息不存在。", "There is no such message.")
	}
	return c, err
}

// Messages lists a company's kept messages with an outcome ("" is any), newest first: those for orders of some
// communities, or with none all, also of orders that nobody knows.
func (s *Service) Messages(ctx context.Context, company string, communities []string, outcome CallbackOutcome,
	cursor string, limit int) (some []Callback, next string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{company}, Desc: true, Cursor: cursor, Limit: limit}
	if outcome != "" {
		q.Index, q.Equal = "by_outcome", []any{company, string(outcome)}
	}
	if len(communities) > 0 {
		q.Index = map[bool]string{true: "by_community", false: "by_community_outcome"}[outcome == ""]
		for _, c := range communities {
			q.In = append(q.In, c)
		}
	}
	return s.messages.Find(ctx, q)
}

// keep stores a raw message, once for the same bytes. One that holds a full card number is worked all the same, but its
// body is not kept.
func (s *Service) keep(ctx context.Context, institution gateway.Institution, account, id string,
	m gateway.Message) (*Callback, error) {
	body := m.Body
	if card.HasCardNumber(string(body)) {
		body = []byte("[消息含完整银行卡号，未予保存 not kept: it holds a full card number]")
	}
	c := &Callback{
		ID: id, Institution: institution, Account: account, Header: keptHeaders(m.Header), Body: body,
		Outcome: CallbackReceived, Seen: 1, ReceivedAt: s.now(),
	}
	err := s.messages.Insert(ctx, c)
	if fault.Is(err, fault.AlreadyExists) {
		return s.messages.Update(ctx, c.ID, func(c *Callback) error { c.Seen++; return nil })
	}
	return c, err
}

func callbackID(institution gateway.Institution, account string, m gateway.Message) string {
	h := sha256.New()
	for _, part := range []string{string(institution), account, m.Header.Get("Wechatpay-Signature"),
		m.Header.Get("Authorization"), string(m.Body)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// became is what became of a message.
type became struct {
	outcome        CallbackOutcome
	company, order string
}

// work verifies a message and does what it says. The error is nil exactly when the institution may be told success.
func (s *Service) work(ctx context.Context, g gateway.Gateway, accountID string, m gateway.Message,
	at time.Time) (became, error) {
	account, err := s.addressee(ctx, g, accountID)
	if fault.Is(err, fault.NotFound) {
		return became{outcome: CallbackRejected}, rejected("no such merchant account").Because(err)
	}
	if err != nil {
		return became{outcome: CallbackFailed}, err
	}
	n, b, err := s.verify(ctx, g, account, m, at)
	if err != nil {
		return b, err
	}
	return s.act(ctx, g, account, n, b)
}

// verify reads what a message says as of a moment, if it is the institution's.
func (s *Service) verify(ctx context.Context, g gateway.Gateway, account gateway.Account, m gateway.Message,
	at time.Time) (gateway.Notification, became, error) {
	n, err := g.Parse(ctx, account, m, at)
	b := became{outcome: CallbackRejected, company: account.Company}
	if err != nil {
		return n, b, rejected("does not verify").Because(err)
	}
	return n, b, nil
}

// act does what a verified message says.
func (s *Service) act(ctx context.Context, g gateway.Gateway, account gateway.Account, n gateway.Notification,
	b became) (became, error) {
	var err error
	switch n.Kind {
	case gateway.NotifyTrade:
		b.outcome, b.order, err = s.trade(ctx, g, account, n.Report)
	case gateway.NotifyRefund:
		b.outcome, b.order, err = s.refundNews(ctx, g, account, n.Refund)
	default:
		b.outcome = CallbackNoted
	}
	return b, err
}

// trade books what a verified message says of a trade.
func (s *Service) trade(ctx context.Context, g gateway.Gateway, account gateway.Account,
	r gateway.Report) (outcome CallbackOutcome, order string, err error) {
	o, no, err := s.match(ctx, account, r.OutTradeNo)
	if fault.Is(err, fault.NotFound) && r.State == gateway.TradePaid {
		return s.stray(ctx, g, account, r)
	}
	if fault.Is(err, fault.NotFound) {
		return CallbackNoted, "", nil
	}
	if err != nil {
		return CallbackFailed, "", err
	}
	if r.State != gateway.TradePaid {
		return CallbackNoted, o.ID, nil // the query loop hears of it; a message never closes anything
	}
	a := o.Attempt(no)
	switch {
	case a.State == AttemptSucceeded && a.isOf(r) && r.Returned != gateway.ReturnedNothing: // it tells of a refund
		return s.returnTold(ctx, o, no, r)
	case r.Amount != a.Amount || r.Currency != gateway.CNY:
		return s.doubt(ctx, o, no)
	case a.State == AttemptEnded || a.State == AttemptFailed:
		return s.late(ctx, g, account, o, no)
	case a.Reversing && a.watched():
		return s.overtaken(ctx, g, account, o, no)
	}
	return s.booked(ctx, o, no, 0, r)
}

// returnTold takes a verified message that money of a booked payment went back. Where it does not tell how much, the
// institution is asked: it may say more.
func (s *Service) returnTold(ctx context.Context, o *Order, no int, r gateway.Report) (CallbackOutcome, string, error) {
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
			return o.toldReturned(no, r, s.now())
		})
	}
	if err == nil {
		_, err = s.carryOut(ctx, o)
	}
	if err == nil && waits {
		err = gateway.TryAgain(nil)
	}
	if err != nil {
		return CallbackFailed, id, err
	}
	return CallbackBooked, id, nil
}

func (s *Service) booked(ctx context.Context, o *Order, no, answered int, r gateway.Report) (CallbackOutcome, string,
	error) {
	if _, err := s.book(ctx, o, no, answered, r); err != nil {
		return CallbackFailed, o.ID, err
	}
	return CallbackBooked, o.ID, nil
}

// late answers a message of a payment for an attempt that was seen to have ended: either may be older, so what the
// institution says now counts.
func (s *Service) late(ctx context.Context, g gateway.Gateway, account gateway.Account, o *Order,
	no int) (CallbackOutcome, string, error) {
	r, err := s.confirm(ctx, g, account, o.Attempt(no).trade())
	if err != nil {
		return CallbackFailed, o.ID, err
	}
	if r = o.Attempt(no).read(r); r.State != gateway.TradePaid {
		return CallbackNoted, o.ID, nil
	}
	return s.booked(ctx, o, no, afterEnd, r)
}

// overtaken answers a message of a payment that is being reversed: the reversal's end counts, and until then the
// institution shall send it again.
func (s *Service) overtaken(ctx context.Context, g gateway.Gateway, account gateway.Account, o *Order,
	no int) (CallbackOutcome, string, error) {
	latest, err := s.ask(ctx, o, no, true)
	switch {
	case err != nil:
		return CallbackFailed, o.ID, err
	case latest.Attempt(no).watched():
		return CallbackFailed, o.ID, gateway.TryAgain(errReversing)
	case latest.Attempt(no).State == AttemptSucceeded:
		return CallbackBooked, o.ID, nil
	}
	return s.late(ctx, g, account, latest, no)
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
	id, no, ok := SplitOutTradeNo(number)
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

// doubt answers a genuine message with another amount than asked: it changes nothing, but the institution is asked at
// once, and what it then says counts.
func (s *Service) doubt(ctx context.Context, o *Order, no int) (CallbackOutcome, string, error) {
	var err error
	if o.Attempt(no).State != AttemptSucceeded {
		_, err = s.ask(ctx, o, no, false)
	}
	return CallbackRejected, o.ID, rejected("another amount or currency than asked").Because(err)
}

// refundNews takes a verified message about a refund as a reason to ask what became of it. It is acknowledged once the
// refund has its end here.
func (s *Service) refundNews(ctx context.Context, g gateway.Gateway, account gateway.Account,
	r gateway.RefundReport) (CallbackOutcome, string, error) {
	id, no, ok := SplitOutRefundNo(r.OutRefundNo)
	if !ok {
		return s.foreignRefund(ctx, g, account, r)
	}
	o, err := s.refundOf(ctx, id, no)
	if fault.Is(err, fault.NotFound) {
		return s.foreignRefund(ctx, g, account, r)
	}
	if err != nil {
		return CallbackFailed, "", err
	}
	if o.Company != account.Company || o.Attempt(o.Refund(no).Attempt).Account != account.ID {
		return CallbackRejected, "", rejected("the refund belongs to another merchant account")
	}
	if over := o.Refund(no); r.State == gateway.RefundDone && over.settledOtherwise() {
		r.OutTradeNo = o.Attempt(over.Attempt).OutTradeNo
		return s.foreignRefund(ctx, g, account, r) // a person had given it up, or the money by other means
	}
	if r.Total > 0 {
		attempt := o.Refund(no).Attempt
		o, err = s.change(ctx, o, func(o *Order) bool {
			heard := o.heardTotal(attempt, r, s.now())
			return o.bookReturns(attempt, s.now()) || heard
		})
		if err != nil {
			return CallbackFailed, id, err
		}
	}
	if o.asksFor(o.Refund(no)) {
		if o, err = s.askRefund(ctx, o, no); err != nil {
			return CallbackFailed, id, err
		}
	}
	if o, err = s.carryOut(ctx, o); err != nil {
		return CallbackFailed, id, err
	}
	if o.Refund(no).Status == RefundPending {
		return CallbackFailed, id,
			fault.New(fault.UpstreamUnknown, "支付渠道暂未确认，请稍后重试。",
				"The institution does not confirm the refund's end yet.")
	}
	return CallbackBooked, id, nil
}

func rejected(why string) *fault.Error {
	return fault.New(fault.Forbidden, "通知未通过校验。", "The notification was not accepted: "+why+".")
}

// record writes what became of a message. A failure leaves it CallbackReceived, which is true.
func (s *Service) record(ctx context.Context, c *Callback, b became, why error) {
	if c.Outcome == b.outcome || c.Outcome == CallbackBooked {
		return
	}
	community := s.communityOf(ctx, b.order)
	_, err := s.messages.UpdateFrom(ctx, c, func(c *Callback) error {
		if c.Outcome == CallbackBooked {
			return store.ErrUnchanged
		}
		c.Outcome, c.Company, c.Community, c.Order, c.Note = b.outcome, b.company, community, b.order, ""
		if why != nil {
			c.Note = why.Error()
		}
		return nil
	})
	if err != nil {
		s.cfg.Log.Error("what became of a notification could not be recorded", "callback", c.ID, "outcome", b.outcome,
			"err", err)
	}
}

// communityOf is the community of an order; "" is of none, or not known now: then only staff of the whole company see
// it.
func (s *Service) communityOf(ctx context.Context, order string) string {
	if order == "" {
		return ""
	}
	o, err := s.orders.Get(ctx, order)
	if err != nil {
		s.cfg.Log.Warn("the community of a notification's order is not known", "order", order, "err", err)
		return ""
	}
	return o.Community
}

// CountMessages counts the messages with an outcome that a company's staff may see, as Messages lists them.
func (s *Service) CountMessages(ctx context.Context, company string, communities []string,
	outcome CallbackOutcome) (n int64, err error) {
	if len(communities) == 0 {
		return s.messages.Count(ctx, store.Query{Index: "by_outcome", Equal: []any{company, string(outcome)}})
	}
	q := store.Query{Index: "by_community_outcome", Equal: []any{company, string(outcome)}}
	for _, c := range communities {
		q.In = append(q.In, c)
	}
	return s.messages.Count(ctx, q)
}
