package webhook

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// EventType says what happened: the object that the event is one of, a dot, and what became of it.
type EventType string

// The types.
const (
	OrderPaid       EventType = "order.paid"            // 订单已支付
	OrderClosed     EventType = "order.closed"          // 订单已关闭: nothing was paid
	OrderRefunded   EventType = "order.refunded"        // 退款成功: money of the order went back
	RefundFailed    EventType = "order.refund_failed"   // 退款失败: nothing went back and nothing will
	FundsUnapplied  EventType = "order.funds_unapplied" // 异常款: money came that the order cannot keep
	BillSettled     EventType = "bill.settled"          // 账单已结清: nothing is owed
	BillReopened    EventType = "bill.reopened"         // 账单重新待缴: more is owed than before
	BillCorrected   EventType = "bill.corrected"        // 账单已更正: it is of another amount, or cancelled
	TerminalOffline EventType = "terminal.offline"      // 终端离线
	TerminalOnline  EventType = "terminal.online"       // 终端恢复在线
	EndpointTest    EventType = "endpoint.test"         // 测试: a person asked for it
)

// EventTypes is the one list.
func EventTypes() []EventType {
	return []EventType{OrderPaid, OrderClosed, OrderRefunded, RefundFailed, FundsUnapplied, BillSettled, BillReopened,
		BillCorrected, TerminalOffline, TerminalOnline, EndpointTest}
}

// Noun is the kind of object that events of the type are about: what stands before the dot.
func (t EventType) Noun() string {
	noun, _, _ := strings.Cut(string(t), ".")
	return noun
}

// OfRefund reports whether Event.Part is the number of a refund.
func (t EventType) OfRefund() bool { return t == OrderRefunded || t == RefundFailed }

// Event is one thing that happened. Its data is how the object stood when the event was published, moments later; it
// stays that, whatever becomes of the object since.
type Event struct {
	ID        string          `json:"id"` // deterministic: from the object and the sequence; also the webhook-id
	Version   int64           `json:"-"`
	Type      EventType       `json:"type"`
	At        time.Time       `json:"timestamp"` // UTC, when it happened
	Company   string          `json:"company"`
	Community string          `json:"community,omitempty"` // "" is a thing of the whole company
	Object    string          `json:"object"`              // kind:id, such as "order:20261124…"
	Sequence  int64           `json:"sequence"`            // counts the object's events from 1, without gaps
	Part      int             `json:"part,omitempty"`      // number of the order's refund or unapplied funds
	Data      json.RawMessage `json:"data,omitempty"`
}

// keptFor is how long an event, and what was tried to deliver it, can be seen and sent again.
const keptFor = 30 * 24 * time.Hour

var events = store.Kind[Event]{
	Schema: store.Schema{
		Name: "webhook_events",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "at", Type: store.Int}, {Name: "object", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: byTime, Fields: []string{"company", "at"}},
			{Name: byAge, Fields: []string{"at"}},
		},
	},
	ID:      func(e *Event) string { return e.ID },
	Version: func(e *Event) *int64 { return &e.Version },
	Keys: func(e *Event) store.Keys {
		return store.Keys{"company": {e.Company}, "at": {e.At.UnixMilli()}, "object": {e.Object}}
	},
}

// Index names.
const (
	byTime      = "by_time"
	byAge       = "by_age"
	byCompany   = "by_company"
	byDue       = "by_due"
	byPlace     = "by_place"
	byType      = "by_type"
	byTypeState = "by_type_state"
	byState     = "by_state"
)

// keep keeps an event that endpoints asked for, also one that is off, so that it can be replayed, and owes it to those
// that want it; when it returns nil that is durable. It may be called again for the same event, by any process.
func (s *Service) keep(ctx context.Context, e Event, covering []Endpoint) error {
	wanting := slices.DeleteFunc(covering, func(at Endpoint) bool { return !at.wants(&e) })
	if err := s.events.Insert(ctx, &e); err != nil && !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	_, err := s.deliveries.InsertMany(ctx, s.owed(&e, wanting))
	return err
}

// Test sends an endpoint a test event, and returns its delivery. One that is not sent to is a WrongState fault.
func (s *Service) Test(ctx context.Context, company, id string, data any) (*Delivery, error) {
	if _, err := s.Endpoint(ctx, company, id); err != nil {
		return nil, err
	}
	at, err := s.endpoints.Update(ctx, id, func(e *Endpoint) error {
		if e.State != Enabled {
			return fault.New(fault.WrongState, "该回调地址未启用。", "That endpoint is not sent to.")
		}
		e.Tests++
		return nil
	})
	if err != nil {
		return nil, err
	}
	owed := Owed{Sequence: at.Tests - 1}
	owed.Owe(Event{Type: EndpointTest, At: s.now(), Company: company, Object: "endpoint:" + id})
	e := owed.Events[0]
	if e.Data, err = json.Marshal(data); err != nil {
		return nil, err
	}
	if err := s.events.Insert(ctx, &e); err != nil {
		return nil, err
	}
	due := s.owed(&e, []Endpoint{*at})
	if _, err = s.deliveries.InsertMany(ctx, due); err != nil {
		return nil, err
	}
	return &due[0], nil
}

// covering are the endpoints, on or off, that asked for what an event is of.
func (s *Service) covering(ctx context.Context, e *Event) ([]Endpoint, error) {
	var list []Endpoint
	q := store.Query{Index: byCompany, Equal: []any{e.Company}, Limit: store.MaxLimit}
	err := s.endpoints.All(ctx, q, func(at Endpoint) error {
		if at.covers(e) {
			list = append(list, at)
		}
		return nil
	})
	return list, err
}

func (s *Service) owed(e *Event, to []Endpoint) []Delivery {
	list := make([]Delivery, len(to))
	for i := range to {
		list[i] = Delivery{
			ID: e.ID + "/" + to[i].ID, Company: e.Company, Endpoint: to[i].ID, Event: e.ID, Type: e.Type,
			Object: e.Object, At: e.At, State: Pending, Due: s.now(),
		}
	}
	return list
}

// Replay owes an endpoint now what happened within a span, from inclusive, to exclusive, and that it wants and did not
// take: what it was not sent, what waits for its next try, and what was given up. It is for a receiver that was away
// for an hour, or an endpoint that was off. It returns how many events that was. A span that ends before it begins is
// Invalid.
func (s *Service) Replay(ctx context.Context, company, endpoint string, from, to time.Time) (n int, err error) {
	at, err := s.Endpoint(ctx, company, endpoint)
	if err != nil {
		return 0, err
	}
	if !to.After(from) {
		return 0, fault.New(fault.Invalid, "结束时间须晚于开始时间。", "The span ends before it begins.").With("field", "to")
	}
	for _, state := range []DeliveryState{Pending, GivenUp} {
		of := DeliveryFilter{State: state, From: from, To: to}.query(endpoint)
		some, err := s.hurry(ctx, of)
		if n += some; err != nil {
			return n, err
		}
	}
	q := store.Query{Index: byTime, Equal: []any{company}, From: from.UnixMilli(), To: to.UnixMilli(), Limit: 500}
	for {
		page, next, err := s.events.Find(ctx, q)
		if err != nil {
			return n, err
		}
		page = slices.DeleteFunc(page, func(e Event) bool { return !at.covers(&e) })
		owed := make([]Delivery, 0, len(page))
		for i := range page {
			owed = append(owed, s.owed(&page[i], []Endpoint{*at})...)
		}
		taken, err := s.deliveries.InsertMany(ctx, owed)
		if n += len(owed) - len(taken); err != nil || next == "" {
			return n, err
		}
		q.Cursor = next
	}
}
