package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Callback is a raw message from outside, kept with what became of it.
type Callback struct {
	ID          string          `json:"id"` // hash of where it came in and of its bytes
	Version     int64           `json:"-"`
	Institution Institution     `json:"institution"`
	Account     string          `json:"account"`
	Header      http.Header     `json:"header"`
	Body        []byte          `json:"body"`
	Outcome     CallbackOutcome `json:"outcome"`
	Order       string          `json:"order,omitempty"`
	Note        string          `json:"note,omitempty"`
	Seen        int             `json:"seen"` // how often these very bytes came
	ReceivedAt  time.Time       `json:"received_at"`
}

// CallbackOutcome says what became of a message.
type CallbackOutcome string

// The outcomes.
const (
	CallbackReceived CallbackOutcome = "received" // stored, not worked through: a crash came between, the institution sends it again
	CallbackBooked   CallbackOutcome = "booked"   // the order durably says what became of the money
	CallbackNoted    CallbackOutcome = "noted"    // genuine, of no consequence
	CallbackRejected CallbackOutcome = "rejected" // not believed: changed nothing
	CallbackFailed   CallbackOutcome = "failed"   // genuine, but could not be booked yet
)

var callbacks = store.Kind[Callback]{
	Schema: store.Schema{
		Name: "callbacks",
		Fields: []store.Field{
			{Name: "outcome", Type: store.String}, {Name: "order", Type: store.String}, {Name: "received", Type: store.Int},
		},
		Indexes: []store.Index{
			{Name: "by_outcome", Fields: []string{"outcome", "received"}},
			{Name: "by_order", Fields: []string{"order", "received"}},
		},
	},
	ID:      func(c *Callback) string { return c.ID },
	Version: func(c *Callback) *int64 { return &c.Version },
	Keys: func(c *Callback) store.Keys {
		keys := store.Keys{"outcome": {string(c.Outcome)}, "received": {c.ReceivedAt.UnixMilli()}}
		if c.Order != "" {
			keys["order"] = []any{c.Order}
		}
		return keys
	},
}

// callbackHeaders are the headers worth keeping: those that institutions sign or identify themselves with.
var callbackHeaders = []string{
	"Content-Type", "User-Agent", "Request-Id",
	"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Signature-Type",
}

// Receive takes a notification: it stores the raw message, verifies it, compares it with the order, books what it says, and only then returns
// the institution's success answer. Whatever else happens is answered so that the institution sends it again.
func (s *Service) Receive(ctx context.Context, institution Institution, accountID string, m Message) Answer {
	g, err := s.gateway(institution)
	if err != nil {
		return Answer{Status: http.StatusNotFound, ContentType: "text/plain", Body: []byte("unknown institution")}
	}
	c, err := s.keep(ctx, institution, accountID, m)
	if err != nil {
		s.cfg.Log.Error("a notification could not be stored and was refused", "institution", institution, "err", err)
		return g.Answer(err)
	}
	outcome, order, err := s.work(ctx, g, accountID, m)
	if err != nil {
		s.cfg.Log.Warn("a notification was not accepted", "institution", institution, "callback", c.ID, "order", order, "err", err)
	}
	s.record(ctx, c, outcome, order, err)
	return g.Answer(err)
}

// keep stores a raw message, once for the same bytes.
func (s *Service) keep(ctx context.Context, institution Institution, account string, m Message) (*Callback, error) {
	c := &Callback{
		ID: callbackID(institution, account, m), Institution: institution, Account: account, Header: http.Header{}, Body: m.Body,
		Outcome: CallbackReceived, Seen: 1, ReceivedAt: s.now(),
	}
	for _, name := range callbackHeaders {
		if v := m.Header.Get(name); v != "" {
			c.Header.Set(name, v)
		}
	}
	err := s.messages.Insert(ctx, c)
	if fault.Is(err, fault.AlreadyExists) {
		return s.messages.Update(ctx, c.ID, func(c *Callback) error { c.Seen++; return nil })
	}
	return c, err
}

func callbackID(institution Institution, account string, m Message) string {
	h := sha256.New()
	for _, part := range []string{string(institution), account, m.Header.Get("Wechatpay-Signature"), string(m.Body)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// work verifies a message and does what it says. The error is nil exactly when the institution may be told success.
func (s *Service) work(ctx context.Context, g Gateway, accountID string, m Message) (outcome CallbackOutcome, order string, err error) {
	account, err := s.cfg.Accounts.Get(ctx, accountID)
	if err != nil || account.Institution != g.Institution() {
		return CallbackRejected, "", rejected("no such merchant account").Because(err)
	}
	n, err := g.Parse(ctx, account, m, s.now())
	if err != nil {
		return CallbackRejected, "", rejected("does not verify").Because(err)
	}
	if n.Kind != NotifyTrade {
		return CallbackNoted, "", nil
	}
	o, no, err := s.match(ctx, account, n.Report)
	if err != nil {
		return CallbackFailed, "", err
	}
	if n.Report.State != TradePaid {
		return CallbackNoted, o.ID, nil // the query loop hears of it; a message never closes anything
	}
	if a := o.Attempt(no); n.Report.Amount != a.Amount || n.Report.Currency != CNY {
		return s.doubt(ctx, o.ID, no)
	}
	if _, err := s.book(ctx, o.ID, no, n.Report); err != nil {
		return CallbackFailed, o.ID, err
	}
	return CallbackBooked, o.ID, nil
}

// match finds the attempt that a report speaks of. A report for an unknown number or for another merchant's trade is an error.
func (s *Service) match(ctx context.Context, account Account, r Report) (*Order, int, error) {
	id, no, ok := SplitOutTradeNo(r.OutTradeNo)
	if !ok {
		return nil, 0, rejected("not one of our out-trade numbers")
	}
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	a := o.Attempt(no)
	if a == nil || a.Account != account.ID || o.Company != account.Company {
		return nil, 0, rejected("the trade belongs to another merchant account")
	}
	return o, no, nil
}

// doubt answers a genuine message with another amount than asked: it changes nothing, but the institution is asked at once, and what
// it then says counts.
func (s *Service) doubt(ctx context.Context, id string, no int) (CallbackOutcome, string, error) {
	o, err := s.orders.Get(ctx, id)
	if err == nil && o.Attempt(no).watched() {
		_, err = s.ask(ctx, o, no, false)
	}
	return CallbackRejected, id, rejected("another amount or currency than asked").Because(err)
}

func rejected(why string) *fault.Error {
	return fault.New(fault.Forbidden, "通知未通过校验。", "The notification was not accepted: "+why+".")
}

// record writes what became of a message. A failure leaves it CallbackReceived, which is true.
func (s *Service) record(ctx context.Context, c *Callback, outcome CallbackOutcome, order string, why error) {
	if c.Outcome == outcome || c.Outcome == CallbackBooked {
		return
	}
	_, err := s.messages.Update(ctx, c.ID, func(c *Callback) error {
		c.Outcome, c.Order, c.Note = outcome, order, ""
		if why != nil {
			c.Note = why.Error()
		}
		return nil
	})
	if err != nil {
		s.cfg.Log.Error("what became of a notification could not be recorded", "callback", c.ID, "outcome", outcome, "err", err)
	}
}
