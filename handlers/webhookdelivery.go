package handlers

import (
	"context"
	"time"

	"linlipay/fault"
	"linlipay/webhook"
)

// deliveryView is one event's way to an endpoint.
type deliveryView struct {
	Event  string                `json:"event"` // its id, which is also the webhook-id
	Type   webhook.EventType     `json:"type"`
	Object string                `json:"object"` // what it is about, as kind:id
	At     time.Time             `json:"at"`     // when it happened
	State  webhook.DeliveryState `json:"state"`
	Failed int                   `json:"consecutive_failures"`      // tries in a row that failed
	NextAt *time.Time            `json:"next_attempt_at,omitempty"` // when it is sent next, while it is pending
	Tries  []tryView             `json:"attempts"`                  // the last of them, oldest first
}

// tryView is one request to an endpoint.
type tryView struct {
	At      time.Time       `json:"at"`
	TookMS  int64           `json:"duration_ms"`
	Status  int             `json:"status,omitempty"` // HTTP, where it answered
	Problem webhook.Problem `json:"error,omitempty"`  // why it does not count; none is a success
}

func deliveryOf(d *webhook.Delivery) deliveryView {
	v := deliveryView{Event: d.Event, Type: d.Type, Object: d.Object, At: d.At, State: d.State, Failed: d.Failed,
		Tries: make([]tryView, 0, len(d.Tries))}
	if d.State == webhook.Pending {
		v.NextAt = given(d.Due)
	}
	for _, t := range d.Tries {
		v.Tries = append(v.Tries, tryView{t.At, t.Took, t.Status, t.Problem})
	}
	return v
}

type deliveriesQuery struct {
	ID    string                `path:"id" json:"-"`
	State webhook.DeliveryState `query:"state" json:"-"` // "" is any
	Type  webhook.EventType     `query:"type" json:"-"`  // "" is any
	From  time.Time             `query:"from" json:"-"`  // of when it happened, inclusive
	To    time.Time             `query:"to" json:"-"`    // exclusive
	pageQuery
}

func (s *Server) listDeliveries(ctx context.Context, c *call, in deliveriesQuery) (list[deliveryView], error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return list[deliveryView]{}, err
	}
	of := webhook.DeliveryFilter{State: in.State, Type: in.Type, From: in.From, To: in.To}
	page, next, err := s.Webhooks.Deliveries(ctx, c.Company, in.ID, of, !in.Sort.Desc(), in.Cursor, in.Limit)
	views := make([]deliveryView, 0, len(page))
	for i := range page {
		views = append(views, deliveryOf(&page[i]))
	}
	return list[deliveryView]{views, next}, err
}

func (s *Server) testEndpoint(ctx context.Context, c *call, in idInput) (deliveryView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return deliveryView{}, err
	}
	d, err := s.Webhooks.Test(ctx, c.Company, in.ID, testEventView{in.ID})
	if err != nil {
		return deliveryView{}, err
	}
	return deliveryOf(d), nil
}

type replayInput struct {
	ID    string `path:"id" json:"-"`
	Event string `path:"event" json:"-"`
}

func (s *Server) replayDelivery(ctx context.Context, c *call, in replayInput) (deliveryView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return deliveryView{}, err
	}
	d, err := s.Webhooks.Resend(ctx, c.Company, in.Event+"/"+in.ID)
	if err != nil {
		return deliveryView{}, err
	}
	return deliveryOf(d), nil
}

type spanInput struct {
	ID   string    `path:"id" json:"-"`
	From time.Time `json:"from"`        // inclusive
	To   time.Time `json:"to,omitzero"` // exclusive; none is now
}

type replayedView struct {
	Events int `json:"events"` // that are on their way
}

func (s *Server) replayEvents(ctx context.Context, c *call, in spanInput) (replayedView, error) {
	if _, err := s.endpoint(ctx, c, in.ID); err != nil {
		return replayedView{}, err
	}
	if in.From.IsZero() {
		return replayedView{}, fault.New(fault.Invalid, "请填写 from。", "from is required.").With("field", "from")
	}
	if in.To.IsZero() {
		if in.To = s.Now().Add(time.Second); !in.To.After(in.From) {
			return replayedView{}, fault.New(fault.Invalid, "from 不能晚于现在。", "from is later than now.").
				With("field", "from")
		}
	}
	n, err := s.Webhooks.Replay(ctx, c.Company, in.ID, in.From, in.To)
	return replayedView{n}, err
}
