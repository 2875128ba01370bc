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

// Institutions' messages as they are kept; receive.go does what they say.

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
