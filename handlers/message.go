package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// messageRoutes are the routes of institutions' messages.
func (s *Server) messageRoutes() []route {
	return []route{
		{id: "listNotifications", method: "GET", path: "/v1/notifications",
			who:      staffWith(access.Finance, access.Operations),
			summary:  "Institutions' messages as they came, and what became of them",
			endpoint: listed(s, store.SortsBy("-received_at"), s.findMessages)},
		{id: "replayNotification", method: "POST", path: "/v1/notifications/:id/replays",
			who: staffWith(access.Finance, access.Operations), keyed: true,
			summary:  "Work a message once more, which may book money",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.replayMessage)},
	}
}

// messageView is a kept notification; its body stays on the server.
type messageView struct {
	ID          string              `json:"id"`
	Institution gateway.Institution `json:"institution"`
	Account     string              `json:"account"`
	Outcome     payment.Outcome     `json:"outcome"`
	Order       string              `json:"order,omitempty"`
	Note        string              `json:"note,omitempty"`
	Seen        int                 `json:"received_count"` // how often these very bytes came
	// how many more that did not verify came after it and were not kept
	Unkept     int       `json:"discarded_count,omitempty"`
	ReceivedAt time.Time `json:"received_at"`
}

func message(c *payment.Notification) messageView {
	return messageView{c.ID, c.Institution, c.Account, c.Outcome, c.Order, c.Note, c.Seen, c.Unkept, c.ReceivedAt}
}

type notificationsQuery struct {
	State     payment.Outcome `query:"state" json:"-"`     // what became of it
	Community string          `query:"community" json:"-"` // of the order; "" is all within reach
	pageQuery
}

func (s *Server) findMessages(ctx context.Context, c *call, in notificationsQuery) (list[messageView], error) {
	where, err := s.among(ctx, c, in.Community)
	if err != nil {
		return list[messageView]{}, err
	}
	notifications, next, err := s.Payments.Notifications(ctx, payment.NotificationFilter{Company: c.Company,
		Communities: where, Outcome: in.State, Oldest: !in.Sort.Desc(), Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return list[messageView]{}, err
	}
	views := make([]messageView, 0, len(notifications))
	for i := range notifications {
		views = append(views, message(&notifications[i]))
	}
	return list[messageView]{views, next}, nil
}

func (s *Server) replayMessage(ctx context.Context, c *call, in idInput) (messageView, error) {
	m, err := s.Payments.Notification(ctx, c.Company, c.Communities, in.ID)
	if err != nil {
		return messageView{}, err
	}
	if hit, err := m.HasAnswered(c.Key, c.KeyHash); err != nil || hit {
		c.hit(hit)
		return message(m), err
	}
	e := audit.Event{Verb: audit.MessageReplayed, Object: "message:" + m.ID, Company: m.Company,
		Before: audit.State{"outcome": string(m.Outcome)}}
	if m.Order != "" {
		e.Of = "order:" + m.Order
	}
	if m.Community != "" {
		e.Communities = []string{m.Community}
	}
	if err := s.Audit.Record(ctx, e); err != nil { // before it is done: it may book money
		return messageView{}, err
	}
	m, err = s.Payments.Replay(ctx, c.Company, c.Communities, in.ID)
	if err != nil {
		return messageView{}, err
	}
	return message(m), nil
}
