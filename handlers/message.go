package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// messageRoutes are the routes of institutions' messages.
func (s *Server) messageRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/messages", who: staffWith(access.Finance, access.Operations),
			summary:  "Institutions' messages as they came, and what became of them",
			endpoint: handle(s, 200, s.findMessages)},
		{method: "POST", path: "/v1/messages/:id/replay", who: staffWith(access.Finance, access.Operations),
			summary: "Work a message once more", endpoint: handle(s, 200, s.replayMessage)},
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
	Seen        int                 `json:"seen"` // how often these very bytes came
	// how many more that did not verify came after it and were not kept
	Unkept     int       `json:"unkept,omitempty"`
	ReceivedAt time.Time `json:"received_at"`
}

func message(c *payment.Notification) messageView {
	return messageView{c.ID, c.Institution, c.Account, c.Outcome, c.Order, c.Note, c.Seen, c.Unkept, c.ReceivedAt}
}

func (s *Server) findMessages(ctx context.Context, c *call, in workQuery) (list[messageView], error) {
	outcome := payment.Outcome(in.State)
	if outcome != "" && !slices.Contains(payment.Outcomes(), outcome) {
		return list[messageView]{}, malformed("state 不正确。", "There is no such state.")
	}
	notifications, next, err := s.Payments.Notifications(ctx, c.Company, c.Communities, outcome, in.Cursor,
		min(in.Limit, pageMost))
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
