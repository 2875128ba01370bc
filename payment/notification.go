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

// Institutions' messages as they are kept; receiving.go does what they say.

// Notification is a raw message from outside, kept with what became of it.
type Notification struct {
	ID          string              `json:"id"` // hash of where it came in and of its bytes
	Version     int64               `json:"-"`
	Institution gateway.Institution `json:"institution"`
	Account     string              `json:"account"`
	// of the order, or of the merchant account that it verified for; never taken from the request
	Company   string      `json:"company,omitempty"`
	Community string      `json:"community,omitempty"` // of the order
	Header    http.Header `json:"header"`
	Body      []byte      `json:"body"`
	Outcome   Outcome     `json:"outcome"`
	Order     string      `json:"order,omitempty"`
	Note      string      `json:"note,omitempty"`
	Seen      int         `json:"seen"` // how often these very bytes came
	// how many more that did not verify came after it and were not kept
	Unkept     int               `json:"unkept,omitempty"`
	Replayed   []AnsweredRequest `json:"replayed,omitempty"` // by whom it was worked once more
	ReceivedAt time.Time         `json:"received_at"`
}

// Outcome says what became of a message.
type Outcome string

// The outcomes.
const (
	// stored, not worked through: a crash came between; the institution sends it again, or a person replays it
	OutcomeReceived Outcome = "received"
	OutcomeBooked   Outcome = "booked"   // the order durably says what became of the money
	OutcomeNoted    Outcome = "ignored"  // genuine, of no consequence
	OutcomeRejected Outcome = "rejected" // not believed: changed nothing
	OutcomeFailed   Outcome = "failed"   // genuine, but could not be booked yet
)

// Outcomes lists all outcomes.
func Outcomes() []Outcome {
	return []Outcome{OutcomeReceived, OutcomeBooked, OutcomeNoted, OutcomeRejected, OutcomeFailed}
}

var notifications = store.Kind[Notification]{
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
		Personal: []string{"body", "note"}, // it names the payer's wallet, and an error may say what it holds
	},
	ID:      func(c *Notification) string { return c.ID },
	Version: func(c *Notification) *int64 { return &c.Version },
	Keys: func(c *Notification) store.Keys {
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
	// Replayed is only ever replaced
	Copy: func(c *Notification) *Notification { next := *c; return &next },
}

// notificationHeaders are the headers worth keeping: those that institutions sign or identify themselves with.
var notificationHeaders = []string{
	"Content-Type", "User-Agent", "Request-Id",
	"Authorization", // Lakala's signature
	"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Signature-Type",
}

// Notification returns a kept message of a company, or with communities of one of those; any other is NotFound.
func (s *Service) Notification(ctx context.Context, company string, communities []string, id string) (*Notification,
	error) {
	c, err := s.messages.Get(ctx, id)
	if err == nil && (c.Company != company || len(communities) > 0 && !slices.Contains(communities, c.Community)) {
		err = fault.New(fault.NotFound, "消息不存在。", "There is no such message.")
	}
	return c, err
}

// NotificationFilter selects a company's kept messages.
type NotificationFilter struct {
	Company     string
	Communities []string // messages for orders of these; none is all, also those of orders that nobody knows
	Outcome     Outcome  // "" is any
	Oldest      bool     // first; else the newest
	Cursor      string
	Limit       int // messages of a page, as store.Query has it
}

// Notifications is a page of kept messages, and the cursor of the next, "" on the last.
func (s *Service) Notifications(ctx context.Context, f NotificationFilter) (notifications []Notification,
	next string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{f.Company}, Desc: !f.Oldest, Cursor: f.Cursor, Limit: f.Limit}
	if f.Outcome != "" {
		q.Index, q.Equal = "by_outcome", []any{f.Company, string(f.Outcome)}
	}
	if len(f.Communities) > 0 {
		q.Index = map[bool]string{true: "by_community", false: "by_community_outcome"}[f.Outcome == ""]
		for _, c := range f.Communities {
			q.In = append(q.In, c)
		}
	}
	return s.messages.Find(ctx, q)
}

// CountNotifications counts the messages with an outcome that a company's staff may see, as Messages lists them.
func (s *Service) CountNotifications(ctx context.Context, company string, communities []string,
	outcome Outcome) (n int64, err error) {
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
	m gateway.RawNotification) (*Notification, error) {
	body := m.Body
	if card.HasCardNumber(string(body)) {
		body = []byte("[消息含完整银行卡号，未予保存 not kept: it holds a full card number]")
	}
	c := &Notification{
		ID: id, Institution: institution, Account: account, Header: keptHeaders(m.Header), Body: body,
		Outcome: OutcomeReceived, Seen: 1, ReceivedAt: s.now(),
	}
	err := s.messages.Insert(ctx, c)
	if fault.Is(err, fault.AlreadyExists) {
		return s.messages.Update(ctx, c.ID, func(c *Notification) error { c.Seen++; return nil })
	}
	return c, err
}

func notificationID(institution gateway.Institution, account string, m gateway.RawNotification) string {
	h := sha256.New()
	for _, part := range []string{string(institution), account, m.Header.Get("Wechatpay-Signature"),
		m.Header.Get("Authorization"), string(m.Body)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// record writes what became of a message. A failure leaves it OutcomeReceived, which is true.
func (s *Service) record(ctx context.Context, c *Notification, b outcome, why error) {
	if c.Outcome == b.outcome || c.Outcome == OutcomeBooked {
		return
	}
	community := s.communityOf(ctx, b.order)
	_, err := s.messages.UpdateFrom(ctx, c, func(c *Notification) error {
		if c.Outcome == OutcomeBooked {
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
